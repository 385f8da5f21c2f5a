"""What all tests share."""

import os

import hypothesis
import pytest
import torch

torch.set_num_threads(1)  # the tests' tensors are small
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which data the tests ran on."""
    more = os.environ.get("GLASSBOX_DATA", "no more: GLASSBOX_DATA names no folder")
    terminalreporter.write_line(f"data: what ships in assets/data, and {more}")
