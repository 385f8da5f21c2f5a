"""What all tests share."""

import hypothesis
import torch

torch.set_num_threads(1)  # the tests' tensors are small
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


def pytest_report_header() -> str:
    """Say which data the tests run on."""
    return "data: what ships in assets/data"
