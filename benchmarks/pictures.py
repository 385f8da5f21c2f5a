"""Pictures of the pages' stages for the home page and the README, taken from real runs.

`python -m benchmarks.pictures [PAGE ...]` starts the dashboard and Chromium, lets each page run
for a while, and writes assets/images/<page>_<light|dark>.webp.
"""

from __future__ import annotations

import io
import sys

from PIL import Image

from benchmarks.server import browser_page, dashboard
from dashboard.catalog import CHAPTERS, Entry

MILLISECONDS = 9_000  # of running before the picture is taken


def take(server: str, entry: Entry) -> None:
    """Both pictures of a page."""
    for shade in ("light", "dark"):
        with browser_page(f"{server}/{entry.path}", color_scheme=shade) as page:
            page.keyboard.press("Space")
            page.get_by_text("frames/s").wait_for()  # it runs now
            page.wait_for_timeout(MILLISECONDS)
            shot = Image.open(io.BytesIO(page.locator(".stage-root").screenshot()))
            shot.convert("RGB").save(entry.picture(shade), quality=85, method=6)


if __name__ == "__main__":
    with dashboard() as server:
        for entries in CHAPTERS.values():
            for entry in entries:
                if not sys.argv[1:] or entry.path in sys.argv[1:]:
                    take(server, entry)
