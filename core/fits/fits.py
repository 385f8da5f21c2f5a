"""Nets that each learn a curve from data of their own, all in one batched run.

Each is the net it would be alone: its own start, its own shuffled batches as a `DataLoader` makes
them, its own loss. All take equally many gradient steps, so those with fewer data go through them
more often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from core import state
from core.fits.settings import FitSettings
from core.functions.activations import build_module
from core.nets.ensemble import ensemble, mean_square_errors, member, pad
from core.optim.cosine import half_cosine

MOMENTUM = 0.9
IN_CACHE = 600_000  # weights that with gradients and velocities stay in a CPU's cache
Data = tuple[Float[Tensor, " _"], Float[Tensor, " _"]]  # x and y of one net


class Fits:
    """One net for each source and its data; the sources start the nets and shuffle the data.

    On a GPU all are one batch. On a CPU as many at a time as its cache holds: were the weights of
    all fetched from memory at every step, a hundred wide nets would be slower than one by one.
    """

    def __init__(
        self,
        settings: FitSettings,
        data: Sequence[Data],
        sources: Sequence[torch.Generator],
        device: torch.device,
    ) -> None:
        at_once = IN_CACHE // settings.weights if device.type == "cpu" else len(data)
        self.at_once = max(1, at_once)
        starts = range(0, len(data), self.at_once)
        self.groups = [
            Group(settings, data[k : k + self.at_once], sources[k : k + self.at_once], device)
            for k in starts
        ]
        self.passes = max(int(group.passes.max()) for group in self.groups)

    def learn(self, steps: range, rate: float, total: int) -> Float[Tensor, " members"]:
        """Some of `total` gradient steps, the rate falling from `rate` to zero along half a cosine.

        Returns each net's mean loss over the data it has seen in them.
        """
        rates = [rate * half_cosine(step, total) for step in steps]
        return torch.cat([group.learn(steps, rates) for group in self.groups])

    def predict(self, x: Float[Tensor, " points"]) -> Float[Tensor, "members points"]:
        """What each net says at x."""
        return torch.cat([group.predict(x) for group in self.groups])

    def member(self, k: int) -> nn.Sequential:
        """A copy of one net. It sees scaled x."""
        return member(self.groups[k // self.at_once].net, k % self.at_once)

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, and where each is in its data."""
        return {
            f"group{number}.{name}": part
            for number, group in enumerate(self.groups)
            for name, part in group.parts().items()
        }


class Group:
    """Nets that are trained as one batch."""

    def __init__(
        self,
        settings: FitSettings,
        data: Sequence[Data],
        sources: Sequence[torch.Generator],
        device: torch.device,
    ) -> None:
        sizes = (1, *[settings.width] * settings.layers, 1)
        self.settings, self.sources = settings, sources
        activation = partial(build_module, settings.activation)
        self.net = ensemble(sizes, sources, activation).to(device)
        self.optimizer = torch.optim.SGD(
            self.net.parameters(), momentum=MOMENTUM, fused=device.type != "mps"
        )
        self.lengths = torch.tensor([len(x) for x, _ in data])
        self.x, _ = pad([settings.scale(x)[:, None].to(device) for x, _ in data])
        self.y, _ = pad([y[:, None].to(device) for _, y in data])
        self.passes = -(
            -self.lengths // settings.batch_size
        )  # batches in one pass through the data
        self.order = torch.arange(self.x.shape[1]).repeat(len(data), 1)

    def learn(self, steps: range, rates: Sequence[float]) -> Float[Tensor, " members"]:
        """A gradient step for each rate; each net's mean loss over the data it has seen."""
        loss = torch.zeros(len(self.x), device=self.x.device)
        seen = torch.zeros_like(loss)
        for step, rate in zip(steps, rates, strict=True):
            losses, counts = self.descend(step, rate)
            loss += losses * counts
            seen += counts
        return loss / seen

    def descend(
        self, step: int, rate: float
    ) -> tuple[Float[Tensor, " members"], Int[Tensor, " members"]]:
        """One gradient step of every net: the loss of its batch, and how many data were in it."""
        self.optimizer.param_groups[0]["lr"] = rate
        rows, there = self.draw(step)
        where, mask = rows[..., None].to(self.x.device), there.to(self.x.device)
        outputs = self.net(self.x.gather(1, where))
        losses = mean_square_errors(outputs, self.y.gather(1, where), mask)
        self.optimizer.zero_grad()
        losses.sum().backward()
        self.optimizer.step()
        return losses.detach(), mask.sum(1)

    def draw(self, step: int) -> tuple[Int[Tensor, "members batch"], Bool[Tensor, "members batch"]]:
        """Which rows of its data each net takes at a step, and which of these there are."""
        size, most = self.settings.batch_size, self.order.shape[1]
        done = step % self.passes
        for k in ((done == 0) & (self.passes > 1)).nonzero().flatten().tolist():
            n = int(self.lengths[k])
            self.order[k, :n] = torch.randperm(n, generator=self.sources[k])
        columns = done[:, None] * size + torch.arange(min(size, most))
        rows = self.order.gather(1, columns.clamp(max=most - 1))
        return rows, columns < self.lengths[:, None]

    @torch.no_grad()
    def predict(self, x: Float[Tensor, " points"]) -> Float[Tensor, "members points"]:
        """What each net says at x."""
        inputs = self.settings.scale(x.to(self.x.device))[:, None]
        outputs: Tensor = self.net(inputs.expand(len(self.x), -1, -1))
        return outputs.squeeze(-1)

    def parts(self) -> Mapping[str, state.Part]:
        """The nets, what trains them, and where each is in its data."""
        return {
            "net": self.net,
            "optimizer": self.optimizer,
            "order": self.order,
            **{f"source{k}": source for k, source in enumerate(self.sources)},
        }
