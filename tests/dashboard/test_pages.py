"""What pages declare: presets and exercises that can be set up, panels whose arrays are there."""

from __future__ import annotations

import runpy
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.experiments import find
from dashboard import lesson
from dashboard.catalog import CHAPTERS
from dashboard.lesson import Lesson, Scene

# Keys of a declaration under which a text names an array.
ARRAYS = """
    grid extent points labels behind arrows background marks positions values images captions
    names rows classes target tokens weights chosen at value gradient progress active flow
    value_range framed path
    boxes image places
    states hears says wanted gates gate_names strength
"""
PATHS = [entry.path for entries in CHAPTERS.values() for entry in entries]


@cache
def lesson_of(path: str) -> Lesson:
    """The lesson that a page shows."""
    shown: list[Lesson] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lesson, "show", shown.append)
        entry = next(e for entries in CHAPTERS.values() for e in entries if e.path == path)
        runpy.run_path(str(entry.script))
    return shown[0]


SCENES = [(path, scene) for path in PATHS for scene in lesson_of(path).scenes]


def texts(declared: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a declaration, each with the key under which it stands."""
    if isinstance(declared, str):
        yield key, declared
    elif isinstance(declared, dict):
        for name, value in declared.items():
            yield from texts(value, name)
    elif isinstance(declared, list | tuple):
        for value in declared:  # names in a list are names, not arrays
            yield from texts(value, key if key == "band" else "")


@pytest.mark.parametrize("path", PATHS)
def test_exercises_can_be_set_up_and_answered(path):
    page = lesson_of(path)
    scenes = {scene.key: scene for scene in page.scenes}
    assert len(page.exercises) >= 3
    for exercise in page.exercises:
        settings = dict(exercise.query)
        scene = scenes[settings.pop("scene", page.scenes[0].key)]
        assert scene.settings.read(settings)[1] == [], exercise.predict
        assert exercise.right in exercise.answers
        assert len(set(exercise.answers)) == len(exercise.answers) > 1


def test_the_server_takes_what_uploaders_allow():
    most = tomllib.loads(Path(".streamlit/config.toml").read_text())["server"]["maxUploadSize"]
    assert most == max(own.megabytes for _, scene in SCENES for own in scene.own_data)


@pytest.mark.parametrize(("path", "scene"), SCENES, ids=[f"{p}-{s.key}" for p, s in SCENES])
def test_presets_hold_and_panels_name_what_there_is(path: str, scene: Scene):
    presets = [scene.settings.parse(preset.settings) for preset in scene.presets]
    assert len({preset.model_dump_json() for preset in presets}) == len(presets)
    declared = list(texts(scene.stage.to_json()))
    kind = find(scene.experiment)
    experiment = kind(kind.SMOKE)
    for _ in range(3):
        experiment.step()
    named = {text for key, text in declared if key in ARRAYS.split()}
    assert named <= {*experiment.backdrop(), *experiment.picture()}
