"""The hundred nets of the page on generalisation as one batch against one after another.

Both take the same gradient steps on the same batches from the same starts, on the best device at
hand; their losses are compared. Those alone are plain PyTorch: `nn.Linear`, SGD as it comes, rows
of their data by index.
"""

from __future__ import annotations

import math
import statistics
import time

import torch
from torch.nn.functional import mse_loss

from core.config import choose_device, generator, use_threads
from core.experiments.foundations.generalisation import Generalisation, draw
from core.nets.mlp import mlp

DEVICE = choose_device("auto")
BOUND = 5.0 if DEVICE.type == "cuda" else 1.0
EPOCHS = 6  # of the largest data set; the first warms up


def measure(width: int) -> float:
    """Time of an epoch of all nets one by one ÷ its time as a batch; medians taken in turn."""
    use_threads(1)
    config = Generalisation.Config(width=width)
    together = Generalisation(config, DEVICE)
    alone = [Alone(config, len(x), k) for k, (x, _) in enumerate(together.data)]
    times = []
    for epoch in range(EPOCHS):
        steps = range(epoch * together.per_epoch, (epoch + 1) * together.per_epoch)
        began = now()
        mse = together.fits.learn(steps, config.learning_rate, EPOCHS * len(steps))
        between = now()
        losses = [net.learn(steps, EPOCHS * len(steps)) for net in alone]
        times.append((between - began, now() - between))
    for net, one, other in zip(alone, losses, mse.tolist(), strict=True):
        assert math.isclose(one, other, rel_tol=0.01), f"the net of {net.n} points went elsewhere"
    batch, loop = (statistics.median(each) for each in zip(*times[1:], strict=True))
    print(f"an epoch of a hundred nets alone {loop:.2f} s, as a batch {batch:.2f} s")
    ratio: float = loop / batch
    return ratio


class Alone:
    """One of the nets, trained as one would write it."""

    def __init__(self, config: Generalisation.Config, n: int, k: int) -> None:
        source = generator(k)
        x, y = draw(n, config.noise, source)
        self.x, self.y = config.scale(x)[:, None].to(DEVICE), y[:, None].to(DEVICE)
        self.net = mlp((1, *[config.width] * config.layers, 1), source).to(DEVICE)
        self.optimizer = torch.optim.SGD(self.net.parameters(), config.learning_rate, momentum=0.9)
        self.n, self.source, self.config = n, source, config
        self.order = torch.arange(n)

    def learn(self, steps: range, total: int) -> float:
        """Some gradient steps; the mean loss over the data seen in them."""
        loss, seen = torch.zeros((), device=DEVICE), 0
        size = self.config.batch_size
        passes = math.ceil(self.n / size)
        for step in steps:
            if step % passes == 0 and passes > 1:
                self.order = torch.randperm(self.n, generator=self.source)
            rows = self.order[step % passes * size : (step % passes + 1) * size].to(DEVICE)
            cosine = 0.5 * (1 + math.cos(math.pi * step / total))
            self.optimizer.param_groups[0]["lr"] = self.config.learning_rate * cosine
            error = mse_loss(self.net(self.x[rows]), self.y[rows])
            self.optimizer.zero_grad()
            error.backward()
            self.optimizer.step()
            loss += error.detach() * len(rows)
            seen += len(rows)
        return float(loss / seen)


def now() -> float:
    """The time when the device has done all it was asked for."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


if __name__ == "__main__":
    for width in (32, 256):
        print(f"width {width}: {measure(width):.1f} times faster")
