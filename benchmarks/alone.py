"""An experiment with nobody watching, in a process of its own: the loop as one would write it.

`python -m benchmarks.alone NAME CONFIG` reads two numbers of seconds from standard input, steps for
as long as each says, and prints the steps per second of the second.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping

from core.config import choose_device, use_threads
from core.experiments import find


class Alone:
    """The process, from the outside."""

    def __init__(
        self, experiment: str, config: str, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.alone", experiment, config],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.steps_per_second(1)  # warm

    def steps_per_second(self, seconds: float, settle: float = 0) -> float:
        """Let it step for some seconds, once it has settled."""
        assert self._process.stdin
        assert self._process.stdout
        print(settle, seconds, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def main(name: str, config: str) -> None:
    kind = find(name)
    settings = kind.Config.model_validate_json(config)
    use_threads(settings.threads)
    experiment = kind(settings, choose_device(settings.device))
    for line in sys.stdin:
        for seconds in map(float, line.split()):
            began, first = time.perf_counter(), experiment.steps
            while time.perf_counter() - began < seconds:
                experiment.step()
        print((experiment.steps - first) / (time.perf_counter() - began), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
