"""A run as one HTML file that replays offline, drawn by the same code as the live stage."""

from __future__ import annotations

import base64
import html
import importlib.resources
import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.frames import packet
from dashboard.stage.bundle import bundle

# No network at all: whatever the page needs is in it.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; connect-src data:"
)

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title} · Glassbox</title>
<style>
:root {{
  --st-background-color: #fbfaf7; --st-secondary-background-color: #fff; --st-text-color: #1c2430;
  --st-border-color: #e4e1da; --st-primary-color: #0b5cad; color-scheme: light;
}}
:root.dark {{
  --st-background-color: #12161c; --st-secondary-background-color: #1a2028;
  --st-text-color: #e8ecf1; --st-border-color: #2a323d; --st-primary-color: #6fb1ff;
  color-scheme: dark;
}}
body {{
  margin: 0 auto; padding: 24px clamp(12px, 3vw, 32px) 32px; max-width: 1500px;
  color: var(--st-text-color); background: var(--st-background-color);
  font: 15px/1.5 "Source Sans 3", "Source Sans Pro", system-ui, sans-serif;
}}
header {{ display: flex; align-items: baseline; justify-content: space-between; gap: 16px; }}
h1 {{
  margin: 0; font: 600 clamp(23px, 2.4vw + 14px, 30px)/1.2 "Source Serif 4", Georgia,
    "DejaVu Serif", serif;
}}
header + p {{ margin: 6px 0 18px; max-width: 78ch; font-size: 18px; opacity: .72; }}
#theme {{
  width: 34px; height: 34px; border: 1px solid var(--st-border-color); border-radius: 9px;
  font-size: 18px; line-height: 1; color: inherit; background: none; cursor: pointer;
}}
footer {{ margin-top: 14px; font-size: 13px; opacity: .6; }}
</style>
</head>
<body>
<header><h1>{title}</h1><button id="theme" type="button" title="Light or dark">◐</button></header>
<p>{question}</p>
<main id="stage"></main>
<footer>A recorded run from Glassbox. This file needs no network.</footer>
<script type="application/json" id="options">{options}</script>
<script type="text/plain" id="recording">{recording}</script>
{plotly}<script type="module">
{bundle}
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => root.classList.toggle("dark", dark.matches);
dark.addEventListener("change", follow);
follow();
document.getElementById("theme").addEventListener("click", () => root.classList.toggle("dark"));
const text = (id) => document.getElementById(id).textContent;
const {{ buffer: bytes }} = Uint8Array.from(atob(text("recording")), (c) => c.charCodeAt(0));
const source = {{ kind: "recording", bytes }};
mount(document.getElementById("stage"), {{ ...JSON.parse(text("options")), source }});
</script>
</body>
</html>
"""


def replay_html(
    title: str, question: str, stage: Mapping[str, Any], messages: Iterable[bytes]
) -> str:
    """The page. `stage` is `Stage.to_json()`; `messages` are those of `core.frames`, any order."""
    options = {"panels": stage, "speeds": [1, 5, 30, 100, None]}
    in_space = any(panel["kind"] == "surface" for column in stage["columns"] for panel in column)
    return _PAGE.format(
        policy=_POLICY,
        title=html.escape(title),
        question=html.escape(question),
        options=json.dumps(options).replace("<", "\\u003c"),
        recording=base64.b64encode(packet(messages)).decode(),
        plotly=f"<script>{plotly_js()}</script>\n" if in_space else "",
        bundle=bundle(),
    )


def plotly_js() -> str:
    """plotly.js as the installed plotly package carries it."""
    folder = importlib.resources.files("plotly") / "package_data"
    return (folder / "plotly.min.js").read_text("utf-8")
