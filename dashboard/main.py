"""Navigation and page chrome: what every visit runs first."""

import streamlit as st

from dashboard import theme
from dashboard.catalog import CHAPTERS, HOME, IMAGES

presenting = "present" in st.query_params
st.set_page_config(
    page_title="Glassbox",
    page_icon=IMAGES / "icon.png",
    layout="wide",
    initial_sidebar_state="collapsed" if presenting else 230,
)
st.logo(IMAGES / f"logo_{theme.shade()}.svg", size="large")
theme.apply(presenting)
home = st.Page(HOME.script, title=HOME.title, url_path="", default=True)
chapters = {
    chapter: [st.Page(entry.script, title=entry.title, url_path=entry.path) for entry in entries]
    for chapter, entries in CHAPTERS.items()
}
st.navigation({"": [home], **chapters}).run()
