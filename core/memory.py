"""How a process deals with memory that it frees."""

from __future__ import annotations

import contextlib
import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
KEPT, LARGE = 2**27, 2**25  # bytes


def keep_memory() -> None:
    """Let what one step frees serve the next one, instead of going back to the system.

    The system clears each page before it gives it out again, which costs a small training step
    some per cent of its time. Where the C library is not glibc, all stays as it is.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(M_TRIM_THRESHOLD, KEPT)
        mallopt(M_MMAP_THRESHOLD, LARGE)
