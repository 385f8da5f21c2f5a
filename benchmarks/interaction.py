"""How soon the stage answers: from Start to the first moving frame, and while scrubbing."""

from __future__ import annotations

import statistics

from benchmarks.server import browser_page, dashboard

TRIES = 7

# From the click to the picture of a later step being on the screen.
START = """
async (stage) => {
  const { step } = stage.stage;
  const began = performance.now();
  stage.querySelector(".gb-go").click();
  while (stage.stage.step <= step) await new Promise(requestAnimationFrame);
  return (performance.now() - began) / 1000;
}
"""
SCRUB = """
async (stage) => {
  const scrubber = stage.querySelector("input[type=range]");
  const last = Number(scrubber.max);
  const sent = [];
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (message) { sent.push(message); send.call(this, message); };
  const began = performance.now();
  const drawn = stage.stage.drawn;
  for (let i = 0; performance.now() < began + 3000; i++) {
    scrubber.value = Math.round(last * Math.abs(Math.sin(i / 9)));
    scrubber.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  WebSocket.prototype.send = send;
  const seconds = (performance.now() - began) / 1000;
  return { rate: (stage.stage.drawn - drawn) / seconds, sent: sent.length };
}
"""


def start_seconds() -> float:
    """From Start to the first moving frame; the worker came from the pool. Median."""
    with dashboard() as address, browser_page(f"{address}/diffusion_2d?scene=train") as page:
        stage = page.locator(".stage-root")
        times: list[float] = []
        for _ in range(TRIES):
            page.wait_for_timeout(1500)
            times.append(stage.evaluate(START))
            page.keyboard.press("Space")
        return statistics.median(times)


def scrub_rate() -> float:
    """Positions per second drawn while dragging through a recorded run, no message sent."""
    address = "diffusion_2d?sampler=ddim&ddim_steps=200&samples=5000"
    with dashboard() as server, browser_page(f"{server}/{address}") as page:
        stage = page.locator(".stage-root")
        page.wait_for_timeout(1000)
        page.keyboard.press("Space")
        page.get_by_text("finished").wait_for(timeout=120_000)
        page.wait_for_timeout(2000)  # the recording is in the browser
        result = stage.evaluate(SCRUB)
        assert result["sent"] == 0, f"{result['sent']} messages while scrubbing"
        return float(result["rate"])
