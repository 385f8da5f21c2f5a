"""A visit to a page: what the address says, what the session keeps, and the run they lead to.

The address carries the scene, the settings that differ from their defaults, the run and the one
beside it, so that a reload or a shared link finds everything again. The session keeps the same, so
that a change of scene or page loses nothing.
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

RESERVED = ("scene", "run", "beside", "present", "show", "tab")
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
    def beside(self) -> Run | None:
        """Another run of this scene's experiment that is shown beside this one."""
        found = laboratory().find(st.session_state.get(f"{self.prefix}.beside", ""))
        return found[0] if found else None

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
        self.part()
        del st.session_state[f"{self.prefix}.run"]

    def fork(self, step: int) -> None:
        """Put a run on stage that goes on from a step of this one, and this one beside it."""
        if self.run and not self.watching:
            lab, origin = laboratory(), self.run[0]
            run = lab.on_loop(lab.fork, origin, visitor(), step)
            if run is None:
                st.toast("This run cannot be forked as it stands.", icon=":material/info:")
                return
            st.session_state[f"{self.prefix}.run"] = run.id
            st.session_state[f"{self.prefix}.beside"] = origin.id
            self.put(run.config)

    def swap(self) -> None:
        """Put the run beside this one on stage, and this one beside it."""
        if beside := self.beside:
            run, other = f"{self.prefix}.run", f"{self.prefix}.beside"
            keys = st.session_state[other], st.session_state[run]
            st.session_state[run], st.session_state[other] = keys
            self.put(beside.config)

    def part(self) -> None:
        """Show this run alone again."""
        st.session_state.pop(f"{self.prefix}.beside", None)

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
            self.part()
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

    def query(self, config: Config, run: str = "", beside: str = "") -> dict[str, str]:
        """The address of this scene with these settings, and with runs of these ids, if any."""
        scene = {"scene": self.scene.key} if self.scene is not self.first else {}
        runs = {name: key for name, key in (("run", run), ("beside", beside)) if key}
        return scene | config.query() | runs

    def _arrive(self) -> None:
        """Take in an address that this session did not write itself."""
        query = st.query_params.to_dict()
        found = laboratory().find(query.get("run", ""))
        if found and self._is_elsewhere(found[0], query["run"]):
            query, found = {}, None
        self.shown = query.get("show")
        # The menu's links say nothing: then the scene is the one that was left.
        left = st.session_state.get(self._left, self.first.key)
        scene = self.scenes.get(query.get("scene", self.first.key) if query else left)
        if scene is None:
            scene = self.first
            self.problems.append("This page has no such scene; here is its first one.")
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
        if self.shown or texts or "run" in query:
            self.part()
        beside = laboratory().find(query.get("beside", ""))
        if found and beside and beside[0].experiment == scene.experiment and beside[0] != found[0]:
            st.session_state[f"{self.prefix}.beside"] = query["beside"]
        elif found and "beside" in query:
            self.problems.append("The run to be shown beside it is not, or no longer, here.")
        config, problems = scene.settings.read(texts)
        self.problems += problems
        if found and (not found[1] or not texts):
            config = found[0].config
        if not found or config != found[0].config:  # a run under way keeps its data in memory
            config = self._without_lost_data(config)
        if texts or found or f"{self.prefix}.config" not in st.session_state:
            self.put(config)

    def _is_elsewhere(self, run: Run, key: str) -> bool:
        """Whether a run is on another page of this session, and none of this page's.

        When pages change fast, the browser's history gets the address of the one under the name of
        the other: Streamlit then takes the query before the page's name.
        """
        shown = any(
            value == key
            for name, value in st.session_state.items()
            if str(name).endswith((".run", ".beside"))
        )
        return shown and all(s.experiment != run.experiment for s in self.scenes.values())

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
        beside = st.session_state[f"{self.prefix}.beside"] if self.beside else ""
        query = self.query(config, st.session_state[f"{self.prefix}.run"], beside)
        if "present" in st.query_params:
            query["present"] = st.query_params["present"]
        if (tab := st.session_state.get(self.tab, TABS[0])) != TABS[0]:
            query["tab"] = tab
        if query != st.query_params.to_dict():
            st.query_params.from_dict(query)
        st.session_state["address"] = self._address()
        st.session_state[self._left] = self.scene.key

    @property
    def _left(self) -> str:
        """What the scene is called in the session while another page is open.

        Streamlit forgets the choice itself, which is a widget's.
        """
        return f"{self.entry.path}.left"

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
