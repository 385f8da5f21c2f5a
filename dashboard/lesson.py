"""The frame that every page shares: question, settings, stage, maths, code, exercises, sources.

A page declares a `Lesson` and calls `show`. A lesson has one or more scenes, each an
experiment with its panels; every scene has a run of its own.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st

from core.config import Config, ConfigError
from core.experiments import find
from dashboard import controls, share, theme
from dashboard.catalog import ROOT, Entry
from dashboard.run import Run
from dashboard.stage import Stage
from dashboard.stage.component import stage_component
from dashboard.visit import PLAY, SHOW, TABS, Visit


@dataclass(frozen=True, kw_only=True)
class Preset:
    """Settings that belong together, such as those of a paper."""

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class HandOver:
    """A link to another scene that takes along what this one's run has learnt."""

    label: str
    scene: str
    setting: str  # of the other scene: gets this run's watch id
    carry: tuple[str, ...] = ()  # settings that both scenes have


@dataclass(frozen=True, kw_only=True)
class OwnData:
    """One's own file as data: `read` validates and keeps it, `setting` gets its key."""

    setting: str
    types: tuple[str, ...]
    help: str
    read: Callable[[bytes, str], str]
    label: str = "Your own data"
    megabytes: int = 5  # of the file, at most


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is written on a `Pad`: `read` checks and keeps the strokes, `setting` gets their key."""

    setting: str
    read: Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One experiment on the page."""

    key: str
    name: str
    experiment: str
    stage: Stage
    presets: tuple[Preset, ...]
    code: tuple[Any, ...]  # functions and classes whose source is shown
    speed: float | None = 30  # steps per second at first; None: as fast as it goes
    picks: tuple[str, str] | None = None  # settings that a click on a plot changes: x, y
    drawn: Drawn | None = None
    own_data: tuple[OwnData, ...] = ()
    hand_over: HandOver | None = None

    @property
    def settings(self) -> type[Config]:
        """The class of this scene's settings."""
        return find(self.experiment).Config


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """Predict first, then reveal. `query` is the address that sets the page up."""

    predict: str
    answers: tuple[str, ...]
    right: str
    reveal: str
    query: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A page. `maths` may colour terms as the panels do: `\\data{x_t}`, `\\model{...}`."""

    entry: Entry
    scenes: tuple[Scene, ...]
    maths: str
    exercises: tuple[Exercise, ...]
    sources: str
    figures: Callable[[], None] | None = None  # still drawings beside the maths


def show(lesson: Lesson) -> None:
    """Draw the page of a lesson."""
    visit = Visit(lesson.entry, lesson.scenes)
    presenting = "present" in st.query_params
    with st.container(horizontal=True, key="top", vertical_alignment="center"):
        st.title(lesson.entry.title, anchor=False)
        visit.choose_scene()
        st.space("stretch")
        corner = st.container(horizontal=True, width="content")
    with st.container(key="question"):
        st.markdown(lesson.entry.question)
    for problem in visit.problems:
        st.warning(theme.plain(problem), icon=":material/info:")
    scene = visit.scene
    with st.container(key="presented" if presenting else "work"):
        stage, config = st.container(key="stage"), visit.config
        if not presenting:
            with st.container(border=True, key="settings"):
                config = _settings(scene, visit)
            below = st.container(key="below")
    run = visit.follow(config)
    with stage:
        stage_component(scene, run, visit)
        _hand_over(lesson, scene, run)
    with corner:
        share.show(visit, run)
    if not presenting:
        with below:
            _below(lesson, visit, config)


def _settings(scene: Scene, visit: Visit) -> Config:
    locked = visit.watching
    if locked:
        st.info("You are watching somebody's run.", icon=":material/visibility:")
        st.button("Try it yourself", on_click=visit.leave, width="stretch")
    above = st.container()
    config = controls.show(visit.config, visit.prefix, locked)
    now = {p.name: scene.settings(**p.settings) for p in scene.presets}
    st.session_state[f"{visit.prefix}.preset"] = next(
        (name for name, settings in now.items() if settings == config), None
    )
    above.segmented_control(
        "Preset",
        list(now),
        key=f"{visit.prefix}.preset",
        on_change=lambda: visit.put(now.get(st.session_state[f"{visit.prefix}.preset"])),
        label_visibility="collapsed",
        disabled=locked,
        width="stretch",
    )
    for own in () if locked else scene.own_data:
        _own_data(own, visit)
    return config


def _own_data(own: OwnData, visit: Visit) -> None:
    key = f"{visit.prefix}.{own.setting}.file"
    default = type(visit.config).model_fields[own.setting].default

    def take() -> None:
        file = st.session_state[key]
        st.session_state[f"{key}.problem"] = ""
        try:
            value = own.read(file.getvalue(), file.name) if file else default
            visit.put(visit.config.variant(**{own.setting: value}))
        except ConfigError as error:
            st.session_state[f"{key}.problem"] = str(error)

    with st.expander(own.label):
        st.caption(own.help)
        st.file_uploader(
            own.label,
            type=own.types,
            max_upload_size=own.megabytes,
            key=key,
            on_change=take,
            label_visibility="collapsed",
        )
        if problem := st.session_state.get(f"{key}.problem"):
            st.error(theme.plain(problem), icon=":material/error:")
        if getattr(visit.config, own.setting) != default:
            original = visit.config.variant(**{own.setting: default})
            st.button(
                "Back to the page's data", key=f"{key}.back", on_click=visit.put, args=(original,)
            )


def _hand_over(lesson: Lesson, scene: Scene, run: Run) -> None:
    if link := scene.hand_over:
        carried = {k: v for k, v in run.config.query().items() if k in link.carry}
        st.page_link(
            lesson.entry.script,
            label=link.label,
            icon=":material/arrow_forward:",
            query_params={"scene": link.scene, link.setting: run.watch_id, **carried},
        )


def _below(lesson: Lesson, visit: Visit, config: Config) -> None:
    maths, code, exercises, sources = st.tabs(TABS, key=visit.tab, on_change="rerun")
    with maths:
        left, right = st.columns([3, 2]) if lesson.figures else (st.container(), None)
        with left:
            st.markdown(theme.coloured(lesson.maths))
        if lesson.figures and right:
            with right:
                lesson.figures()
    with code:
        for thing in visit.scene.code:
            _source(thing, config)
    with exercises:
        columns = st.columns(2)
        for number, exercise in enumerate(lesson.exercises):
            with columns[number % 2]:
                _exercise(lesson, exercise, f"{lesson.entry.path}.exercise.{number}")
    with sources:
        st.markdown(lesson.sources)


def _source(thing: Any, config: Config) -> None:
    """The very lines that run, and what the settings named in them are at the moment."""
    lines, first = inspect.getsourcelines(thing)
    path = Path(inspect.getfile(inspect.unwrap(thing))).relative_to(ROOT)
    source = textwrap.dedent("".join(lines))
    named = sorted(set(re.findall(r"config\.(\w+)", source)) & set(type(config).model_fields))
    now = " · ".join(f"`{name}` = {getattr(config, name)}" for name in named)
    st.caption(f"{path}, line {first}" + (f" · now {now}" if now else ""))
    st.code(source, language="python")


def _exercise(lesson: Lesson, exercise: Exercise, key: str) -> None:
    with st.container(border=True):
        st.markdown(exercise.predict)
        answer = st.pills(
            "Your prediction", exercise.answers, key=key, label_visibility="collapsed"
        )
        if answer is None:
            label, show = "Set it up", SHOW
            st.caption("Predict first: then you can watch, and the answer shows.")
        else:
            label, show = "Set it up and watch", PLAY
            verdict = ":green[Right.]" if answer == exercise.right else ":orange[Not quite.]"
            st.markdown(f"{verdict} {exercise.reveal}")
        st.page_link(
            lesson.entry.script,
            label=label,
            icon=":material/play_circle:",
            query_params={**exercise.query, "show": show},
        )
