"""Two hundred people follow one run of ten steps a second, with frames of about 40 kB.

The clients are bare sockets in one process: they take a frame, say ready, and count.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
from urllib.parse import urlsplit

from benchmarks.server import browser_page, dashboard, run_of

VIEWERS, SECONDS = 200, 15.0
READY = b'{"do":"ready"}'
BINARY = 2


def frames_per_second() -> float:
    """Of the median viewer; prints the unluckiest one's and the size of a frame."""
    query = "scene=train&batch_size=512&epochs=1000"
    with dashboard() as address:
        with browser_page(f"{address}/diffusion_2d?{query}") as page:
            run = run_of(page.url)
        command = [sys.executable, "-m", "benchmarks.viewers", address, run]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    rates = [float(word) for word in done.stdout.split()]
    kilobytes, rates = rates[0], rates[1:]
    print(f"{len(rates)} viewers of {kilobytes:.0f} kB frames: from {min(rates):.2f} frames/s")
    return statistics.median(rates)


class Viewer:
    """A WebSocket client of a few lines: what a library does beyond it would be measured too."""

    def __init__(self, address: str, run: str) -> None:
        self.host, self.path = urlsplit(address).netloc, f"/glassbox/runs/{run}/live"
        self.frames, self.size = 0, 0

    async def open(self) -> None:
        """Shake hands."""
        host, port = self.host.split(":")
        self.reader, self.writer = await asyncio.open_connection(host, int(port), limit=2**18)
        self.writer.write(
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        await self.reader.readuntil(b"\r\n\r\n")

    def say(self, text: bytes) -> None:
        """Send a short text, masked with zeros as the standard allows."""
        self.writer.write(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)

    async def watch(self) -> None:
        """Take frames and ask for more, for ever."""
        self.say(READY)
        self.say(READY)
        while True:
            kind, length = await self.reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2), "big")
            elif length == 127:
                length = int.from_bytes(await self.reader.readexactly(8), "big")
            body = await self.reader.readexactly(length)
            if kind & 15 == BINARY and b'"kind":"frame"' in body[:2000]:
                self.frames, self.size = self.frames + 1, length
                self.say(READY)


async def main(address: str, run: str) -> None:
    viewers = [Viewer(address, run) for _ in range(VIEWERS)]
    for viewer in viewers:
        await viewer.open()
    owner = viewers[0]
    owner.say(b'{"do":"speed","steps_per_second":10}')
    owner.say(b'{"do":"start"}')
    tasks = [asyncio.create_task(viewer.watch()) for viewer in viewers]
    await asyncio.sleep(5)
    before = [viewer.frames for viewer in viewers]
    await asyncio.sleep(SECONDS)
    rates = [(v.frames - was) / SECONDS for v, was in zip(viewers, before, strict=True)]
    print(owner.size / 1000, *rates, flush=True)
    for task in tasks:
        task.cancel()
    os._exit(0)  # two hundred goodbyes are of no interest


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
