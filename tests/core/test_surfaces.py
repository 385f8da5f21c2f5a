"""Analytic gradients equal autograd's, and minima are where they are said to be."""

from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core import surfaces
from core.config import ConfigError
from core.surfaces import SURFACES, drawn_height, floor, grid, including, own

STEADY = settings(derandomize=True, deadline=None)
COORDINATE = st.floats(-5, 5, allow_subnormal=False)
POINTS = st.lists(st.tuples(COORDINATE, COORDINATE), min_size=1, max_size=20)


def autograd(surface, points):
    leaf = points.clone().requires_grad_()
    return torch.autograd.grad(surface.value(leaf).sum(), leaf)[0]


@pytest.mark.parametrize("name", SURFACES)
@STEADY
@given(places=POINTS)
def test_analytic_gradient_equals_autograd(name, places):
    points = torch.tensor(places, dtype=torch.float64)
    points = points[points.norm(dim=-1) > 1e-9]  # autograd has no gradient of r at the origin
    surface = SURFACES[name]
    torch.testing.assert_close(
        surface.gradient(points), autograd(surface, points), rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize("name", SURFACES)
def test_finite_at_the_origin(name):
    origin = torch.zeros(2, dtype=torch.float64)
    assert SURFACES[name].value(origin).isfinite()
    assert SURFACES[name].gradient(origin).isfinite().all()


@pytest.mark.parametrize("name", SURFACES)
def test_minima(name):
    surface = SURFACES[name]
    minima = torch.tensor(surface.minima, dtype=torch.float64).reshape(-1, 2)
    assert surface.gradient(minima).abs().sum() < 1e-10
    if surface.minimum is None:
        assert not surface.minima
    else:
        assert (surface.value(minima) - surface.minimum).abs().max() < 1e-12
        assert (surface.value(grid(surface.extent, 60)) >= surface.minimum).all()


@pytest.mark.parametrize("name", SURFACES)
def test_any_batch_shape(name):
    points = torch.ones(3, 4, 2, dtype=torch.float64)
    assert SURFACES[name].value(points).shape == (3, 4)
    assert SURFACES[name].gradient(points).shape == (3, 4, 2)


def test_grid_starts_at_the_bottom_left():
    points = grid((-1.0, 2.0, 10.0, 20.0), 4)
    assert points.shape == (4, 4, 2)
    assert points[0, 0].tolist() == [-1, 10]
    assert points[0, 3].tolist() == [2, 10]
    assert points[3, 0].tolist() == [-1, 20]


def test_view_holds_the_point():
    assert including((-2.0, 2.0, -1.0, 3.0), -4.0, 5.0) == (-4, 2, -1, 5)
    assert including((-2.0, 2.0, -1.0, 3.0), 0.0, 0.0) == (-2, 2, -1, 3)


def test_drawn_height_keeps_order_and_floor():
    values = torch.linspace(-3, 900, 50, dtype=torch.float64)
    heights = drawn_height(values, floor=-3.0)
    assert heights[0] == 0
    assert (heights.diff() > 0).all()
    assert drawn_height(torch.tensor(-9.0), floor=-3.0) == 0


def test_floor_is_the_lowest_finite_value_where_no_minimum_is_known():
    values = torch.tensor([2.0, torch.nan, -torch.inf, -1.0], dtype=torch.float64)
    assert floor(SURFACES["saddle"], values) == -1
    assert floor(SURFACES["saddle"], values[1:3]) == 0
    assert floor(SURFACES["spiral"], values) == 0


def test_own_surface_equals_the_built_in_one():
    points = grid((-5.0, 5.0, -5.0, 5.0), 12)  # an even side: the origin is not among them
    mine = own("r**2 * (sin(6*theta + 2*r)**2 + 1)")
    spiral = SURFACES["spiral"]
    torch.testing.assert_close(mine.value(points), spiral.value(points))
    torch.testing.assert_close(mine.gradient(points), spiral.gradient(points))
    assert mine.gradient(torch.zeros(2, dtype=torch.float64)).tolist() == [0, 0]


def test_own_surface_without_a_height_is_refused():
    for expression in ("1/0", "log(-r)", "sqrt(-1)"):
        with pytest.raises(ConfigError, match="no finite height"):
            own(expression)


def test_own_constant_is_flat():
    assert own("3").gradient(torch.ones(4, 2, dtype=torch.float64)).abs().sum() == 0


def test_names_agree():
    names = get_args(surfaces.SurfaceName)
    assert names == (*SURFACES, "own") == tuple(surfaces.LABELS)
