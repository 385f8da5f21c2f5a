"""The map of basins: what each start reaches, and in how many steps."""

import numpy as np
import pytest
import torch

from core.experiments import find
from core.surfaces import SURFACES

Basins = find("basins")
GradientDescent = find("gradient_descent")


def settled(**settings):
    """A map that is done, and the scalars of its steps."""
    experiment = Basins(Basins.Config(**settings))
    return experiment, list(iter(experiment.step, None))


def test_four_basins():
    experiment, rows = settled(surface="himmelblau", side=20)
    picture = experiment.picture()
    assert rows[-1]["converged"] == 1
    assert rows[-1]["median"] < 1e-3
    assert set(picture["basin"].flatten()) == {0, 1, 2, 3}
    assert picture["minima"] == pytest.approx(np.array(SURFACES["himmelblau"].minima))
    # Row 0 is the lowest y: the corners lie in the basins of their quadrants.
    assert picture["basin"][[-1, -1, 0, 0], [-1, 0, 0, -1]].tolist() == [0, 1, 2, 3]
    assert np.nanmax(picture["steps"]) == experiment.steps
    assert "100.0 % of the starts have converged" in experiment.words()


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_equals_a_single_start(optimiser):
    experiment, _ = settled(surface="spiral", side=5, optimiser=optimiser, learning_rate=0.1)
    row, column = 1, 3  # y = -2.5, x = 2.5
    single = GradientDescent(
        GradientDescent.Config(
            optimisers=(optimiser,), start_x=2.5, start_y=-2.5, learning_rate=0.1
        )
    )
    while single.step():
        pass
    mine = experiment.walkers
    torch.testing.assert_close(mine.points[row, column], single.walkers.points[0])
    assert mine.settled_at[row, column] == single.walkers.settled_at[0]


def test_divergence_shows():
    experiment, rows = settled(surface="spiral", side=10, learning_rate=1.0)
    assert rows[-1] == {"converged": 0, "diverged": 1, "median": rows[-1]["median"]}
    assert (experiment.picture()["basin"] == -2).all()
    assert np.isnan(experiment.picture()["steps"]).all()
    assert experiment.words().endswith("100.0 % diverged.")


def test_saddle_has_no_basin():
    experiment, _ = settled(surface="saddle", side=4)
    assert (experiment.picture()["basin"] == -2).all()
    assert experiment.picture()["minima"].shape == (0, 2)


def test_own_minima_are_found_and_keep_their_numbers():
    experiment = Basins(
        Basins.Config(surface="own", expression="(x**2 - 4)**2 + y**2", side=8, learning_rate=0.005)
    )
    maps = []
    while experiment.step():
        maps.append(experiment.picture())
    last = maps[-1]
    assert sorted(last["minima"][:, 0]) == pytest.approx([-2, 2], abs=1e-3)
    assert len(np.unique(last["basin"][:, :4])) == len(np.unique(last["basin"][:, 4:])) == 1
    for earlier in maps:
        known = earlier["basin"] >= 0
        assert (earlier["basin"][known] == last["basin"][known]).all()


def test_not_yet():
    experiment, _ = settled(side=6, max_steps=1, learning_rate=1e-4)
    assert (experiment.picture()["basin"] == -1).all()
    assert np.isnan(experiment.picture()["steps"]).all()


def test_plain_is_at_rest_everywhere():
    experiment, rows = settled(surface="own", expression="3", side=20)
    picture = experiment.picture()
    assert not rows
    assert len(picture["minima"]) == 12
    assert sorted(set(picture["basin"].flatten())) == [-3, *range(12)]


def test_constants_of_optimisers_that_take_no_part_do_not_apply():
    constants = ("learning_rate", "momentum", "decay", "beta1", "weight_decay", "side")
    for optimiser, count in {"sgd": 2, "nesterov": 3, "rmsprop": 3, "adam": 3, "adamw": 4}.items():
        config = Basins.Config(optimiser=optimiser)
        assert sum(map(config.applies, constants)) == count, optimiser
