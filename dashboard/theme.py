"""Layout and the text colours of roles; all other colours are in .streamlit/config.toml."""

import re

import streamlit as st

ROLES = {  # colour means one thing on all pages: (light, dark)
    "data": ("#0072B2", "#56B4E9"),
    "model": ("#B87A00", "#F0B73A"),
    "gradient": ("#A8508A", "#E39BC4"),
    "right": ("#00795A", "#3ECFA0"),
    "wrong": ("#C44601", "#FF8A4C"),
}

_LAYOUT = """
<style>
[data-testid="stMainBlockContainer"] { padding: 1.4rem 2rem 3rem; max-width: 1800px; }
[data-testid="stHeader"] { background: transparent; height: 2.4rem; }
[data-testid="stHeading"] h1 { padding: 0; }
/* Settings stand left of the stage; on a phone the stage comes first, as in the page's order. */
.st-key-work > [data-testid="stHorizontalBlock"] { flex-direction: row-reverse; gap: 1.25rem; }
@media (max-width: 800px) {
  [data-testid="stMainBlockContainer"] { padding: 2.6rem .8rem 2rem; }
  .st-key-work > [data-testid="stHorizontalBlock"] { flex-direction: column; }
}
.st-key-settings { font-size: .9rem; }
.st-key-settings [data-testid="stVerticalBlock"] { gap: .7rem; }
.st-key-top { align-items: baseline; }
.st-key-question p { font-size: 1.12rem; opacity: .72; margin-bottom: .2rem; max-width: 78ch; }
</style>
"""
_PRESENTING = """
<style>
[data-testid="stMainBlockContainer"] { max-width: none; padding: .8rem 1.6rem; }
[data-testid="stSidebar"], [data-testid="stSidebarCollapsedControl"] { display: none; }
[data-testid="stHeading"] h1 { font-size: 2.6rem; }
.st-key-question p { font-size: 1.6rem; max-width: none; }
</style>
"""


def coloured(maths: str) -> str:
    """Formulae with `\\data{...}`, `\\model{...}` and the other roles in the stage's colours."""
    shade = 1 if st.context.theme.type == "dark" else 0
    return re.sub(
        r"\\(data|model|gradient|right|wrong)\{",
        lambda match: rf"\textcolor{{{ROLES[match[1]][shade]}}}{{",
        maths,
    )


def apply(presenting: bool) -> None:
    """Lay the page out; presenting folds away what is not for the back row."""
    st.html(_LAYOUT + (_PRESENTING if presenting else ""))
