"""What all tests share."""

import os
from collections.abc import Iterator

import hypothesis
import jaxtyping
import pytest
import torch

torch.set_num_threads(1)  # the tests' tensors are small
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="module")
def unchecked() -> Iterator[None]:
    """Array shapes go unchecked: for modules of long runs whose short ones the contract checks."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which data the tests ran on."""
    more = os.environ.get("GLASSBOX_DATA", "no more: GLASSBOX_DATA names no folder")
    terminalreporter.write_line(f"data: what ships in assets/data, and {more}")
