"""Links that restore what one sees, and files to take away."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from core.experiments import find
from dashboard.run import Run
from dashboard.visit import Visit


def show(visit: Visit, run: Run) -> None:
    """The three buttons in a page's corner: Share, Export, Present."""
    with st.popover("Share", icon=":material/link:"):
        _links(visit, run)
    with st.popover("Export", icon=":material/download:"):
        _files(run)
    _present()


def _links(visit: Visit, run: Run) -> None:
    here = (st.context.url or "").partition("?")[0]
    config = visit.config
    beside = visit.beside.watch_id if visit.beside else ""
    watch = urlencode(visit.query(config, run.watch_id, beside))
    steer = urlencode(visit.query(config, run.id, beside))
    st.markdown("**Watch this run** with me, live and back to its start")
    st.code(f"{here}?{watch}", language=None, wrap_lines=True)
    st.markdown("**Begin anew** with these settings")
    st.code(f"{here}?{urlencode(visit.query(config))}".rstrip("?"), language=None, wrap_lines=True)
    if not visit.watching:
        st.markdown("**Steer this run** together: whoever has this link may stop and change it")
        st.code(f"{here}?{steer}", language=None, wrap_lines=True)


def _files(run: Run) -> None:
    here = f"{base()}/glassbox/runs/{run.watch_id}"
    own = [(label, f"files/{name}") for name, label in find(run.experiment).files.items()]
    for label, name in (
        *own,
        ("The run, as one page that replays offline", "replay.html"),
        ("The scalars, as CSV (long runs: every few steps)", "scalars.csv"),
        ("The weights and settings, as safetensors", "weights.safetensors"),
    ):
        st.link_button(label, f"{here}/{name}", width="stretch")
    st.caption("A panel's corner saves it: PNG, of a run also SVG and, where flat, GIF.")


def _present() -> None:
    presenting = "present" in st.query_params

    def switch() -> None:
        if presenting:
            del st.query_params["present"]
        else:
            st.query_params["present"] = "1"

    label, icon = ("Close", "close_fullscreen") if presenting else ("Present", "open_in_full")
    st.button(label, icon=f":material/{icon}:", on_click=switch)


def base() -> str:
    """The path under which the server is mounted."""
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
