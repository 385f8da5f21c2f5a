"""The stage as a Streamlit component. It lives on while scripts rerun, and never causes one."""

from __future__ import annotations

from functools import cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.config import Config, ConfigError
from dashboard import share, theme
from dashboard.run import Run
from dashboard.stage.bundle import version
from dashboard.stage.panels import Curves
from dashboard.visit import Visit

if TYPE_CHECKING:
    from dashboard.lesson import Scene

SPEEDS = (1, 5, 30, 100, 1000, None)  # steps per second; None: as fast as it goes

# The stage itself is a module of the server's own, so that a script's messages stay small.
_JS = """
const stages = new WeakMap();
export default function ({ parentElement, data, setTriggerValue }) {
  const options = {
    ...data,
    onPick: data.follows ? null : (panel, at) => setTriggerValue("pick", at),
    onFork: data.follows ? null : (step) => setTriggerValue("fork", step),
  };
  const root = parentElement.querySelector(".stage-root");
  const module = `${location.origin}${data.source.base}/glassbox/stage.js?${data.version}`;
  let gone = false;
  import(module).then(({ mount }) => {
    if (gone) return;
    if (stages.has(root)) stages.get(root).update(options);
    else stages.set(root, mount(root, options));
  });
  return () => {
    gone = true;
    stages.get(root)?.destroy();
    stages.delete(root);
  };
}
"""


@cache
def _component() -> Any:
    return st.components.v2.component(
        "glassbox_stage", html='<div class="stage-root"></div>', js=_JS
    )


def stage_component(scene: Scene, run: Run, visit: Visit) -> None:
    """Mount the stage of a scene on its run, and under it that of the run beside it, if any."""

    def picked() -> None:
        at = st.session_state[f"{visit.prefix}.stage"].pick
        if not at:
            return
        if scene.drawn and "strokes" in at:
            try:
                change = {scene.drawn.setting: scene.drawn.read(at["strokes"])}
                visit.put(visit.config.variant(**change), play=True)
            except ConfigError as error:
                st.toast(theme.plain(str(error)), icon=":material/error:")
            return
        if "settings" in at:
            changes = at["settings"]
        elif scene.picks:
            changes = {
                name: f"{at[axis]:.3g}" for name, axis in zip(scene.picks, "xy", strict=True)
            }
        else:
            return
        config, _ = type(visit.config).read(visit.config.query() | changes)
        visit.put(config)

    def forked() -> None:
        step = st.session_state[f"{visit.prefix}.stage"].fork
        if isinstance(step, int):
            visit.fork(step)

    beside = visit.beside
    data = {
        "panels": scene.stage.to_json(),
        "source": _source(run.watch_id if visit.watching else run.id),
        "speeds": SPEEDS,
        "present": "present" in st.query_params,
        "beside": beside and beside.watch_id,
        "shown": visit.shown and token_hex(4),  # a new one: come into view
        "version": version(),
    }
    _component()(
        data=data, key=f"{visit.prefix}.stage", on_pick_change=picked, on_fork_change=forked
    )
    if beside:
        _between(run, beside, visit, any(isinstance(p, Curves) for p in scene.stage.panels()))
        data |= {"source": _source(beside.watch_id), "follows": True, "shown": None}
        _component()(data=data, key=f"{visit.prefix}.stage.beside")


def _source(key: str) -> dict[str, str]:
    return {"kind": "live", "base": share.base(), "run": key}


def _between(run: Run, beside: Run, visit: Visit, has_curves: bool) -> None:
    """What the two runs differ in, and the ways out."""
    changed = [
        f"{field.title} {_words(beside.config, name)} → **{_words(run.config, name)}**"
        for name, field in type(run.config).model_fields.items()
        if not run.config.extra(name)["hidden"]
        and getattr(run.config, name) != getattr(beside.config, name)
    ]
    with st.container(horizontal=True, vertical_alignment="center", key="between"):
        now = " · ".join(changed) or "nothing yet; change a setting and play"
        pale = ", and pale among the curves" if has_curves else ""
        st.markdown(f"**B** above; **A** below{pale}. Different: {now}.")
        st.space("stretch")
        st.button("Swap", icon=":material/swap_vert:", on_click=visit.swap)
        st.button(
            "Close",
            icon=":material/close:",
            on_click=visit.part,
            help="Show only B; to keep A, swap first.",
        )


def _words(config: Config, name: str) -> str:
    value, names = getattr(config, name), config.extra(name)["choices"]
    values = value if isinstance(value, tuple) else (value,)
    return theme.plain(", ".join(str(names.get(each, each)) for each in values))
