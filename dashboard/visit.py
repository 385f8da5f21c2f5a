"""A visit to a page: what the address says, what the session keeps, and the run they lead to.

The address carries the scene, the settings that differ from their defaults, and the run, so
that a reload or a shared link finds everything again. The session keeps the same, so that a
change of scene or page loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.config import Config
from core.data import own
from dashboard import controls
from dashboard.catalog import Entry
from dashboard.laboratory import laboratory
from dashboard.run import Run

if TYPE_CHECKING:
    from dashboard.lesson import Scene

RESERVED = ("scene", "run", "present", "show", "tab")
TABS = ("Maths", "Code", "Try this", "Sources")  # under the stage
# Of the address part `show`: bring the stage into view; and begin the run anew, and start it.
SHOW, PLAY = "stage", "play"


class Visit:
    """One run of a page's script, seen from the visitor's side."""

    def __init__(self, entry: Entry, scenes: Sequence[Scene]) -> None:
        self.entry, self.scenes = entry, {scene.key: scene for scene in scenes}
        self.first = scenes[0]
        self.problems: list[str] = []
        self.shown: str | None = None  # why the stage is to come into view, if it is
        if self._address() != st.session_state.get("address"):
            self._arrive()

    @property
    def scene(self) -> Scene:
        """The scene that is on stage."""
        key = st.session_state.get(f"{self.entry.path}.scene")
        return self.scenes.get(key, self.first) if key else self.first

    @property
    def prefix(self) -> str:
        """What this scene's things are called in the session."""
        return f"{self.entry.path}.{self.scene.key}"

    @property
    def tab(self) -> str:
        """What the open tab is called in the session."""
        return f"{self.entry.path}.tab"

    @property
    def config(self) -> Config:
        """The settings as they were when the script last ran."""
        kept = st.session_state.get(f"{self.prefix}.config")
        return kept if isinstance(kept, Config) else self.scene.settings()

    @property
    def run(self) -> tuple[Run, bool] | None:
        """This scene's run, and whether the visitor may steer it."""
        key = st.session_state.get(f"{self.prefix}.run")
        return laboratory().find(key) if key else None

    @property
    def watching(self) -> bool:
        """Whether somebody else steers."""
        return self.run is not None and not self.run[1]

    def choose_scene(self) -> None:
        """Let the visitor choose among the scenes."""
        if len(self.scenes) > 1:
            st.session_state.setdefault(f"{self.entry.path}.scene", self.first.key)
            st.segmented_control(
                "Scene",
                list(self.scenes),
                format_func=lambda key: self.scenes[key].name,
                key=f"{self.entry.path}.scene",
                required=True,
                label_visibility="collapsed",
            )

    def put(self, config: Config | None, play: bool = False) -> None:
        """Change the settings from outside the widgets; with `play` a run of them starts."""
        if config:
            st.session_state[f"{self.prefix}.play"] = play
            st.session_state[f"{self.prefix}.config"] = config
            controls.put(config, self.prefix)

    def leave(self) -> None:
        """Stop watching somebody's run and begin one's own, with the same settings."""
        del st.session_state[f"{self.prefix}.run"]

    def follow(self, config: Config) -> Run:
        """Have the run do what the settings say, and the address tell both."""
        st.session_state[f"{self.prefix}.config"] = config
        scene, found = self.scene, self.run
        card = {
            "title": self.entry.title,
            "question": self.entry.question,
            "stage": scene.stage.to_json(),
        }
        lab = laboratory()
        play = self.shown == PLAY or st.session_state.pop(f"{self.prefix}.play", False)
        if found is None:
            run = lab.on_loop(lab.open, visitor(), scene.experiment, config, scene.speed, card)
            st.session_state[f"{self.prefix}.run"] = run.id
            if play:
                lab.on_loop(lab.command, run, "start")
        else:
            run, may_steer = found
            if may_steer:
                lab.on_loop(lab.configure, run, scene.experiment, config, card, play)
        self._write_address(config)
        return run

    def query(self, config: Config) -> dict[str, str]:
        """The address of this scene with these settings, without a run."""
        scene = {"scene": self.scene.key} if self.scene is not self.first else {}
        return scene | config.query()

    def _arrive(self) -> None:
        """Take in an address that this session did not write itself."""
        query = st.query_params.to_dict()
        self.shown = query.get("show")
        scene = self.scenes.get(query.get("scene", self.first.key))
        if scene is None:
            scene = self.first
            self.problems.append("This page has no such scene; here is its first one.")
        found = laboratory().find(query.get("run", ""))
        if "run" in query and found is None:
            self.problems.append("That run is no longer here; this is a new one.")
        if found and found[0].experiment != scene.experiment:
            fitting = [s for s in self.scenes.values() if s.experiment == found[0].experiment]
            scene, found = (fitting[0], found) if fitting else (scene, None)
            if not fitting:
                self.problems.append("That run belongs to another page; this is a new one.")
        st.session_state[f"{self.entry.path}.scene"] = scene.key
        if query.get("tab") in TABS:
            st.session_state[self.tab] = query["tab"]
        if found:
            st.session_state[f"{self.prefix}.run"] = query["run"]
        elif self.shown and self.watching:
            self.leave()
        texts = {name: text for name, text in query.items() if name not in RESERVED}
        config, problems = scene.settings.read(texts)
        self.problems += problems
        if found and (not found[1] or not texts):
            config = found[0].config
        if not found or config != found[0].config:  # a run under way keeps its data in memory
            config = self._without_lost_data(config)
        if texts or found or f"{self.prefix}.config" not in st.session_state:
            self.put(config)

    def _without_lost_data(self, config: Config) -> Config:
        """With the page's own data in place of uploads that are no longer here."""
        names = [data.setting for data in self.scene.own_data]
        lost = [name for name in names if own.is_lost(getattr(config, name))]
        if not lost:
            return config
        self.problems.append("These own data are no longer here; upload the file again.")
        defaults = self.scene.settings()
        return config.variant(**{name: getattr(defaults, name) for name in lost})

    def _write_address(self, config: Config) -> None:
        query = self.query(config) | {"run": st.session_state[f"{self.prefix}.run"]}
        if "present" in st.query_params:
            query["present"] = st.query_params["present"]
        if (tab := st.session_state.get(self.tab, TABS[0])) != TABS[0]:
            query["tab"] = tab
        if query != st.query_params.to_dict():
            st.query_params.from_dict(query)
        st.session_state["address"] = self._address()

    def _address(self) -> dict[str, Any]:
        return {"page": self.entry.path, **st.query_params.to_dict()}


def visitor() -> str:
    """A browser, told apart by the random token in the cookie that Streamlit gives it."""
    token = unmasked(st.context.cookies.get("_streamlit_xsrf", ""))
    return hashlib.sha256(token or str(st.context.ip_address).encode()).hexdigest()[:16]


def unmasked(cookie: str) -> bytes:
    """The token of a cookie `2|mask|masked token|time`, which has a new mask for every answer."""
    try:
        _, mask, masked, _ = cookie.split("|")
        key = bytes.fromhex(mask)
        return bytes(b ^ key[i % len(key)] for i, b in enumerate(bytes.fromhex(masked)))
    except (ValueError, ZeroDivisionError):
        return b""
