"""What visitors may use of a server."""

from __future__ import annotations

import os
from dataclasses import dataclass, field


def _limit(name: str, default: int) -> int:
    return int(os.environ.get(f"GLASSBOX_{name.upper()}", default))


@dataclass(frozen=True)
class Limits:
    """What visitors may use. Each can be set by an environment variable, GLASSBOX_<NAME>."""

    workers: int = field(default_factory=lambda: _limit("workers", max(4, os.cpu_count() or 1)))
    spare: int = field(default_factory=lambda: _limit("spare", 1))
    runs: int = field(default_factory=lambda: _limit("runs", 200))
    runs_per_visitor: int = field(default_factory=lambda: _limit("runs_per_visitor", 8))
    steps: int = field(default_factory=lambda: _limit("steps", 10_000_000))
    megabytes: int = field(default_factory=lambda: _limit("megabytes", 6_000))
    yield_after: int = field(default_factory=lambda: _limit("yield_after", 4))  # ... others wait
    pause_after: int = field(default_factory=lambda: _limit("pause_after", 60))  # s unwatched
    free_after: int = field(default_factory=lambda: _limit("free_after", 600))
    forget_after: int = field(default_factory=lambda: _limit("forget_after", 6 * 3600))
