"""A worker's process: `python -m core` obeys commands on standard input, see `core.worker`.

It listens before anything else, so that it ends with its server even while it imports torch,
which takes seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Iterable
from typing import Any


def listen(source: Iterable[bytes], commands: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Queue the commands, one to a line; end the process where they end.

    What was ordered before a loading, and is not under way, is of no use after it.
    """
    for line in source:
        command = json.loads(line)
        if command["do"] == "load":
            with contextlib.suppress(queue.Empty):
                while True:
                    commands.get_nowait()
        commands.put(command)
    os._exit(0)  # the server is gone, however it went: end with it, even within a long step


if __name__ == "__main__":
    commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(sys.stdin.buffer, commands), daemon=True).start()

    from core.worker import serve

    serve(commands)
