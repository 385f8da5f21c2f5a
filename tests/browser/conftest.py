"""Chromium for the tests of what is drawn."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from benchmarks.server import FLAGS, chromium
from dashboard.stage.bundle import bundle

Open = Callable[..., Page]
expect.set_options(timeout=60_000)  # it only bounds a failure


def wait_for(condition: Callable[[], Any], seconds: float = 90) -> Any:
    """Wait for what must come; the time only bounds a failure.

    While one scene gives way to another there can be two stages for a moment.
    """
    end = time.monotonic() + seconds
    value = None
    while not value:
        with contextlib.suppress(Error):
            value = condition()
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return value


# For each module, not the session: Playwright's loop must not run beside those of async tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens an address at a size; at the end no page may have complained."""
    pages: list[Page] = []
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(said.text)

    def open_page(address: str, width: int = 1400, height: int = 900, **options: Any) -> Page:
        page = browser.new_page(viewport={"width": width, "height": height}, **options)
        pages.append(page)
        page.on("pageerror", lambda error: complaints.append(error.stack or error.message))
        page.on("console", heard)
        page.goto(address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not complaints


def evaluate(open_page: Open, expression: str, *values: Any) -> Any:
    """What an expression of the stage's modules gives for `values`."""
    page = open_page("about:blank")
    call = f"\nexport const found = (...values) => {expression};"
    source = (bundle() + call).replace("%", "%25").replace("#", "%23")
    return page.evaluate(
        "([module, values]) => import(module).then(({ found }) => found(...values))",
        [f"data:text/javascript,{source}", values],
    )
