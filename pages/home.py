"""The map of chapters, with a picture of each page."""

import streamlit as st

from dashboard.catalog import CHAPTERS, HOME
from dashboard.theme import shade

st.title("Watch neural networks learn", anchor=False)
st.markdown(
    "Each page is a real PyTorch run, live. Stop it, step it, rewind it, change it "
    "while it runs, and hand it to somebody as a link."
)
st.markdown(f"##### {HOME.question}")
for chapter, entries in CHAPTERS.items():
    st.subheader(chapter, anchor=False)
    for column, entry in zip(st.columns(max(3, len(entries))), entries, strict=False):
        with column, st.container(border=True):
            st.image(entry.picture(shade()), alt=f"The stage of {entry.title}")
            st.page_link(entry.script, label=f"**{entry.title}**", icon=":material/arrow_forward:")
            st.caption(entry.question)
