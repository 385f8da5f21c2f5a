"""What every experiment promises, checked for all of them."""

import re
from collections.abc import Mapping

import numpy as np
import pytest
import torch

from core.config import Config, ConfigError
from core.experiment import Experiment
from core.experiments import every, find
from core.frames import DTYPES, decode_frame, encode_backdrop, shoot

ALL = list(every())
STEPS = 12


@pytest.fixture(params=ALL, ids=lambda kind: kind.name())
def kind(request) -> type[Experiment]:
    return request.param


def advance(experiment: Experiment, steps: int, watched: bool = False) -> list[Mapping]:
    scalars = []
    for _ in range(steps):
        if (made := experiment.step()) is None:
            break
        scalars.append({name: float(value) for name, value in made.items()})
        if watched:
            experiment.picture()
            experiment.words()
            experiment.backdrop()
    return scalars


def assert_same_state(a: Experiment, b: Experiment) -> None:
    mine, theirs = a.state_dict(), b.state_dict()
    assert mine.keys() == theirs.keys()
    for name in mine:
        assert torch.equal(mine[name].nan_to_num(7e7), theirs[name].nan_to_num(7e7)), name


def test_steps_advance_and_name_their_scalars_alike(kind):
    experiment = kind(kind.SMOKE)
    assert experiment.steps == 0
    initial = experiment.initial()
    scalars = advance(experiment, STEPS)
    assert experiment.steps == len(scalars) > 0
    assert initial.keys() in (set(), scalars[0].keys())
    assert all(row.keys() == scalars[0].keys() for row in scalars)


def test_runs_to_its_end_and_stays_there_and_its_words_hold_no_nan(kind):
    experiment = kind(kind.SMOKE)
    said = [experiment.words()]
    for _ in range(STEPS):
        advance(experiment, 1)
        said.append(experiment.words())
    advance(experiment, 5_000)
    said.append(experiment.words())
    assert not [words for words in said if re.search(r"\b(nan|inf)\b", words)]
    steps = experiment.steps
    assert experiment.step() is None
    assert experiment.steps == steps


def test_pictures_are_bounded_owned_and_of_constant_dtype(kind):
    experiment = kind(kind.SMOKE)
    dtypes: dict[str, np.dtype] = {}
    for _ in range(STEPS):
        for name, array in experiment.picture().items():
            assert array.dtype in DTYPES or array.dtype.kind == "U", name
            assert dtypes.setdefault(name, array.dtype).kind == array.dtype.kind, name
            if array.dtype.kind == "f":
                assert not np.isinf(array).any(), name
        if experiment.step() is None:
            break
    before = {name: array.copy() for name, array in experiment.picture().items()}
    kept = experiment.picture()
    advance(experiment, 3)
    for name, array in kept.items():
        np.testing.assert_array_equal(array, before[name], f"{name} is an alias of the state")
        if array.dtype.kind != "U":
            array[...] = 0
    state = experiment.state_dict()
    assert all(np.isfinite(v.numpy()).all() for v in state.values() if v.is_floating_point()) or (
        "diverged" in experiment.words().lower()
    )


def test_same_seed_same_run_watched_or_not(kind):
    alone, watched = kind(kind.SMOKE), kind(kind.SMOKE)
    a, b = advance(alone, STEPS), advance(watched, STEPS, watched=True)
    np.testing.assert_equal(a, b)
    assert_same_state(alone, watched)


def test_saved_and_loaded_goes_on_exactly(kind):
    through, first = kind(kind.SMOKE), kind(kind.SMOKE)
    rows = advance(through, STEPS)
    advance(first, len(rows) // 2)
    second = kind(kind.SMOKE)
    second.load_state_dict(first.state_dict())
    assert second.steps == first.steps
    np.testing.assert_equal(advance(second, len(rows) - len(rows) // 2), rows[len(rows) // 2 :])
    assert_same_state(through, second)
    for name, array in through.picture().items():
        np.testing.assert_array_equal(second.picture()[name], array, err_msg=name)


def test_frames_cross_the_wire(kind):
    experiment = kind(kind.SMOKE)
    advance(experiment, 1)
    frame = decode_frame(shoot(experiment, {"x": float("nan")}))
    assert frame.step == experiment.steps
    assert np.isnan(frame.scalars["x"])
    assert frame.words.replace("−", "-") == experiment.words().replace("−", "-") != ""
    for name, array in experiment.picture().items():
        np.testing.assert_array_equal(frame.arrays[name], array)
    assert encode_backdrop(experiment.backdrop(), experiment.provenance())
    assert "data" in experiment.provenance()


def test_nothing_is_left_hooked(kind):
    experiment = kind(kind.SMOKE)
    advance(experiment, 2, watched=True)
    for part in experiment.parts().values():
        if isinstance(part, torch.nn.Module):
            for module in part.modules():
                assert not module._forward_hooks
                assert not module._forward_pre_hooks
                assert not module._backward_hooks


def test_settings_outside_their_bounds_raise_a_clear_error(kind):
    for name in kind.Config.model_fields:
        low, high = kind.Config.bounds(name)
        bad = [high * 10 + 1] if high is not None else []
        bad += [low - 1] if low is not None else []
        bad += ["no such choice"] if kind.Config.options(name) else []
        for value in bad:
            value = (value,) if kind.Config.is_tuple(name) else value
            with pytest.raises(ConfigError, match=kind.Config.model_fields[name].title):
                kind.Config.parse({name: value})


def test_settings_survive_the_url(kind):
    config = kind.SMOKE
    assert kind.Config.read(config.query()) == (config, [])
    for name in kind.Config.model_fields:
        for option in kind.Config.options(name):
            value = (option,) if kind.Config.is_tuple(name) else option
            config = kind.SMOKE.variant(**{name: value})
            assert kind.Config.read(config.query()) == (config, []), (name, option)


def test_settings_are_documented(kind):
    for name, field in kind.Config.model_fields.items():
        assert field.title, name
        assert field.description, name
        for choice in kind.Config.options(name):
            assert choice in kind.Config.extra(name)["choices"] or isinstance(choice, int), name
    assert isinstance(kind.SMOKE, Config)


def test_found_by_name(kind):
    assert find(kind.name()) is kind


def test_unknown_names_are_answered_with_the_known_ones():
    with pytest.raises(KeyError, match="gradient_descent"):
        find("no such thing")
