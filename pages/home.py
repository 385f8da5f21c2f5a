"""The map of chapters, with a picture of each page."""

import streamlit as st

from dashboard.catalog import CHAPTERS, HOME
from dashboard.theme import shade

CARD = 340  # pixels

st.title("Watch neural networks learn", anchor=False)
st.markdown(
    "Each page is a real run, live. Stop it, step it, rewind it, change it while it runs, "
    "and hand it to somebody as a link."
)
st.markdown(f"##### {HOME.question}")
for chapter, entries in CHAPTERS.items():
    st.subheader(chapter, anchor=False)
    cards = st.container(horizontal=True, key=f"cards-{chapter}")
    for entry in entries:
        with cards.container(border=True, width=CARD):
            st.image(entry.picture(shade()), alt=f"The stage of {entry.title}")
            st.page_link(entry.script, label=f"**{entry.title}**", icon=":material/arrow_forward:")
            st.caption(entry.question)
