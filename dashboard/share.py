"""Links that restore what one sees, and files to take away."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from dashboard.catalog import Entry
from dashboard.runs import Run
from dashboard.visit import Visit


def show(entry: Entry, visit: Visit, run: Run) -> None:
    """The three buttons in a page's corner: Share, Export, Present."""
    with st.popover("Share", icon=":material/link:"):
        _links(visit, run)
    with st.popover("Export", icon=":material/download:"):
        _files(run)
    _present(entry)


def _links(visit: Visit, run: Run) -> None:
    here = (st.context.url or "").partition("?")[0]
    settings = visit.query(visit.config)
    st.markdown("**Watch this run** with me, live and back to its start")
    st.code(f"{here}?{urlencode(settings | {'run': run.watch_id})}", language=None)
    st.markdown("**Begin anew** with these settings")
    st.code(f"{here}?{urlencode(settings)}", language=None)
    if not visit.watching:
        st.markdown("**Steer this run** together: whoever has this link may stop and change it")
        st.code(f"{here}?{urlencode(settings | {'run': run.id})}", language=None)


def _files(run: Run) -> None:
    here = f"{base()}/glassbox/runs/{run.watch_id}"
    for label, name in (
        ("The run, as one page that replays offline", "replay.html"),
        ("The scalars of every step, as CSV", "scalars.csv"),
        ("The weights and settings, as safetensors", "weights.safetensors"),
    ):
        st.link_button(label, f"{here}/{name}", width="stretch")
    st.caption("Each panel has its own PNG and SVG in its corner.")


def _present(entry: Entry) -> None:
    presenting = "present" in st.query_params
    query = {key: value for key, value in st.query_params.items() if key != "present"}
    if not presenting:
        query["present"] = "1"
    st.page_link(
        entry.script,
        label="Back to the page" if presenting else "Present",
        icon=":material/close_fullscreen:" if presenting else ":material/open_in_full:",
        query_params=query,
    )


def base() -> str:
    """The path under which the server is mounted."""
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""
