"""Layout and the text colours of roles; all other colours are in .streamlit/config.toml."""

import re

import streamlit as st

ROLES = {  # text in the stage's colours, darkened where paper needs it: (light, dark)
    "data": ("#0072B2", "#56B4E9"),
    "model": ("#A86F00", "#F0B73A"),
    "gradient": ("#A8508A", "#E39BC4"),
    "right": ("#00795A", "#3ECFA0"),
    "wrong": ("#C44601", "#FF8A4C"),
}

_LAYOUT = """
<style>
[data-testid="stMainBlockContainer"] { padding: 1.5rem 2rem 3rem; max-width: 1800px; }
/* A click on the page's ground gives it the focus: no frame around all for that. */
[data-testid="stMain"]:focus-visible { outline: none; }
[data-testid="stMain"]:focus-visible::before { box-shadow: none !important; }
/* Stacking contexts: Chromium keeps their painting when a number on the stage is painted anew. */
[data-testid="stTabs"] [data-testid="stMarkdown"] { isolation: isolate; }
[data-testid="stHeader"] { background: transparent; height: 2.4rem; }
.st-key-top { align-items: center; }
.st-key-top h1 { padding: 0; white-space: nowrap; }
.st-key-question { margin-top: -.6rem; }
.st-key-question p { font-size: 1.12rem; opacity: .72; max-width: 78ch; }
/* Settings stand left of the stage and of the text; on a phone all is in the page's order. */
@media (min-width: 801px) {
  .st-key-work { display: grid; grid-template-columns: clamp(220px, 20.5%, 340px) minmax(0, 1fr);
    grid-template-rows: auto 1fr; align-items: start; gap: 1rem 1.25rem; }
  .st-key-work > :has(> .st-key-settings) { grid-area: 1 / 1 / span 2; }
  .st-key-work > :not(:has(> .st-key-settings)) { grid-column: 2; }
}
.st-key-settings { gap: .65rem; padding: .9rem; }
.st-key-settings [data-testid="stWidgetLabel"] { min-height: 0; margin-bottom: .1rem; }
.st-key-settings [data-testid="stWidgetLabel"] p { font-size: .86rem; }
.st-key-settings [data-testid="stButtonGroup"] button { padding: 0 .4rem; }
.st-key-settings [data-testid="stButtonGroup"] p { font-size: .8rem; white-space: nowrap; }
.st-key-settings [class*="-preset"] [data-testid="stButtonGroup"] > div { flex-wrap: nowrap; }
[class*="st-key-cards"] { align-items: stretch; }
/* Of a page's stage a card shows the first panel or two, as large as can be read. */
[class*="st-key-cards"] [data-testid="stImage"] { overflow: hidden; border-radius: 9px; }
[class*="st-key-cards"] img {
  aspect-ratio: 1.8; object-fit: cover; object-position: top left;
  transform: scale(1.7); transform-origin: 1% 22%;
}
@media (max-width: 800px) {
  [data-testid="stHeader"] {
    background: color-mix(in srgb, Canvas 85%, transparent); backdrop-filter: blur(14px);
  }
  [data-testid="stMainBlockContainer"] { padding: 4rem .8rem 2rem; }
  .st-key-top { gap: .5rem; }
  .st-key-top h1 { font-size: 1.6rem; }
  .st-key-top button { min-height: 2.1rem; padding: 0 .6rem; }
  .st-key-top [data-testid="stButtonGroup"] > div { flex-wrap: wrap; }
  .st-key-top [data-testid="stButtonGroup"] button { padding: 0 .45rem; }
  .st-key-top [data-testid="stButtonGroup"] p { font-size: .82rem; }
  .st-key-question { margin-top: 0; }
}
</style>
"""
_PRESENTING = """
<style>
[data-testid="stMainBlockContainer"] { max-width: none; padding: .8rem 1.6rem; }
[data-testid="stSidebar"], [data-testid="stHeader"] { display: none; }
.st-key-top h1 { font-size: 2.6rem; }
.st-key-question p { font-size: 1.6rem; max-width: none; }
.st-key-between p { font-size: 1.3rem; }
</style>
"""


def shade() -> str:
    """Which of the two themes the visitor sees: "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def plain(text: str) -> str:
    """Text that holds a visitor's words, so that none of them is taken for markdown."""
    return re.sub(r"([\\`*_\[\]()#!$:<>~|])", r"\\\1", text)


def coloured(maths: str) -> str:
    """Formulae with `\\data{...}`, `\\model{...}` and the other roles in the stage's colours."""
    column = ("light", "dark").index(shade())
    return re.sub(
        r"\\(data|model|gradient|right|wrong)\{",
        lambda match: rf"\textcolor{{{ROLES[match[1]][column]}}}{{",
        maths,
    )


def apply(presenting: bool) -> None:
    """Lay the page out; presenting folds away what is not for the back row."""
    st.html(_LAYOUT + (_PRESENTING if presenting else ""))
