"""What all tests share."""

import os
from pathlib import Path

import hypothesis
import torch

torch.set_num_threads(1)  # the tests' tensors are small
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


def pytest_report_header() -> str:
    """Say which data the tests run on."""
    folder = os.environ.get("GLASSBOX_DATA")
    there = folder and Path(folder).is_dir()
    return f"data: {'the shipped data and the folder of GLASSBOX_DATA' if there else 'shipped'}"
