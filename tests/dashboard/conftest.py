"""A laboratory with real worker processes."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest_asyncio

from dashboard.laboratory import Laboratory
from dashboard.limits import Limits

CARD = {"title": "A title", "question": "A question?", "stage": {"columns": [], "widths": []}}


async def until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Wait for something that must come; the time only bounds a failure."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def laboratory() -> AsyncIterator[Laboratory]:
    """Small, and patient: a slow machine's runs are not paused for want of a viewer."""
    patience = {"yield_after": 1000, "pause_after": 2000, "free_after": 3000}
    async with Laboratory(Limits(workers=2, spare=0, runs_per_visitor=3, **patience)) as laboratory:
        yield laboratory
