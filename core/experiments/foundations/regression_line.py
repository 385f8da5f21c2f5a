"""F1a: a line fitted to points by gradient descent, beside the least squares solution.

The model ŷ = α̂x + β̂ is one `nn.Linear(1, 1)`. Its loss is a bowl over the plane of (α̂, β̂), and
training is a walk to the bowl's lowest point, which linear algebra finds at once.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from core import state
from core.config import generator, setting
from core.experiment import CPU, Experiment, Pictures, to_array
from core.regression.data import LINE, Pairs, noisy_line
from core.regression.settings import Settings

VALIDATION = 5  # every fifth point is kept from training
STICKS = 40  # errors drawn
GRID = 81  # places of the bowl, per side
VIEW = 1.4  # times the way from the solution to the start


class RegressionLine(Experiment):
    """One step is one epoch."""

    class Config(Settings):
        """Settings of the line."""

        slope: float = setting(
            2.0, label="Slope α", ge=-5, le=5, help="Of the line under the noise."
        )
        intercept: float = setting(
            0.5, label="Intercept β", ge=-5, le=5, help="Its height at x = 0."
        )
        noise: float = setting(
            1.0, label="Noise σ", ge=0, le=5, help="Standard deviation of e in y = αx + β + e."
        )
        points: int = setting(
            2000, label="Points", ge=20, le=10_000, scale="log", advanced=True,
            help="One in five is kept for validation.",
        )  # fmt: skip

    SMOKE = Config(points=60, epochs=20, batch_size="16")
    config: Config

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, CPU)  # two numbers gain nothing on a GPU
        self.total = config.epochs
        self.source = generator(config.seed)
        x, y = noisy_line(config.points, config.slope, config.intercept, config.noise, self.source)
        held_out = torch.arange(config.points) % VALIDATION == VALIDATION - 1
        self.train = Pairs(x[~held_out], y[~held_out])
        self.validation = Pairs(x[held_out], y[held_out])
        self.net = nn.utils.skip_init(nn.Linear, 1, 1)
        nn.init.xavier_uniform_(self.net.weight, generator=self.source)
        nn.init.zeros_(self.net.bias)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), config.learning_rate)
        self.start = self._estimate()
        self.best = least_squares(self.train.x, self.train.y)
        self.floor = float(mse_loss(self.best[0] * self.train.x + self.best[1], self.train.y))

    def step(self) -> Mapping[str, float] | None:
        """loss, validation_loss, floor (the least loss of any line), slope, intercept, distance."""
        if self.steps >= self.config.epochs:
            return None
        for group in self.optimiser.param_groups:
            group["lr"] = self.config.learning_rate
        for x, y in self.train.batches(self.config.batch_of(len(self.train)), self.source):
            loss = mse_loss(self.net(x), y)
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
        self.steps += 1
        return self._scalars()

    def initial(self) -> Mapping[str, float]:
        """The line that the weights are drawn as."""
        return self._scalars()

    def picture(self) -> Pictures:
        """ends_x, ends_y: (2,), the line; stick_x, stick_y: (3n,), n errors with gaps between."""
        ends = torch.tensor([[-LINE], [LINE]])
        x, y = self.train.x[:STICKS], self.train.y[:STICKS]
        with torch.no_grad():
            line, predicted = self.net(ends), self.net(x)
        gap = torch.full_like(x, torch.nan)
        return {
            "ends_x": to_array(ends[:, 0]),
            "ends_y": to_array(line[:, 0]),
            "stick_x": to_array(torch.cat([x, x, gap], 1).flatten()),
            "stick_y": to_array(torch.cat([y, predicted, gap], 1).flatten()),
        }

    def backdrop(self) -> Pictures:
        """The data, the least squares solution, and the bowl it is the lowest point of.

        train: (n, 2); best: (1, 2), slope and intercept
        bowl: (81, 81), training loss, a column per slope, a row per intercept; extent: (4,) of it
        """
        low, high = self._view()
        return {
            "train": to_array(torch.cat([self.train.x, self.train.y], 1)),
            "best": to_array(self.best[None]),
            "bowl": to_array(bowl(self.train, low, high)),
            "extent": to_array(torch.stack([low, high], 1).flatten()),
        }

    def words(self) -> str:
        """The line so far, and how far it is from what linear algebra finds."""
        slope, intercept = self._estimate().tolist()
        best_slope, best_intercept = self.best.tolist()
        share = self._distance()
        verdict = (
            f"the walk is within {100 * share:.2g} % of it"
            if share < 0.1
            else f"the walk is still {100 * share:.0f} % of its length away"
        )
        return (
            f"ŷ = {_line(slope, intercept)} after {self.steps:,} epochs. Least squares, solved at "
            f"once, gives {_line(best_slope, best_intercept)}: {verdict}."
        )

    def provenance(self) -> Mapping[str, str]:
        """Where points and weights come from."""
        return {
            "data": f"{self.config.points:,} made-up points: a line and noise",
            "weights": "2 numbers, trained here",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """The model, its optimiser, and the source of the batches' order."""
        return {"net": self.net, "optimiser": self.optimiser, "source": self.source}

    def _scalars(self) -> dict[str, float]:
        with torch.no_grad():
            losses = {
                name: mse_loss(self.net(part.x), part.y)
                for name, part in (("loss", self.train), ("validation_loss", self.validation))
            }
        slope, intercept = self._estimate().tolist()
        return {name: float(loss) for name, loss in losses.items()} | {
            "floor": self.floor,
            "slope": slope,
            "intercept": intercept,
            "distance": self._distance(),
        }

    def _estimate(self) -> Float[Tensor, "2"]:
        return torch.cat([self.net.weight.detach().flatten(), self.net.bias.detach()])

    def _distance(self) -> float:
        """From the least squares solution, as a share of its length (or of .01, if that is 0)."""
        return float((self._estimate() - self.best).norm() / self.best.norm().clamp_min(0.01))

    def _view(self) -> tuple[Float[Tensor, "2"], Float[Tensor, "2"]]:
        """The corners of a square about the solution that holds the start."""
        half = VIEW * max(float((self.start - self.best).abs().max()), 1.0)
        return self.best - half, self.best + half


def least_squares(x: Float[Tensor, "points 1"], y: Float[Tensor, "points 1"]) -> Float[Tensor, "2"]:
    """Slope and intercept of the line with the least mean squared error, by linear algebra."""
    design = torch.cat([x, torch.ones_like(x)], 1).double()
    solution: Tensor = torch.linalg.lstsq(design, y.double()).solution
    return solution[:, 0].float()


def bowl(
    pairs: Pairs, low: Float[Tensor, "2"], high: Float[Tensor, "2"]
) -> Float[Tensor, "intercepts slopes"]:
    """The loss of every line with slope and intercept between two corners, exact.

    mean (y − ax − b)² = ȳ² − 2a·x̄y − 2b·ȳ + a²·x̄² + 2ab·x̄ + b², where bars are means.
    """
    x, y = pairs.x.double(), pairs.y.double()
    a, b = (
        torch.linspace(float(m), float(n), GRID).double() for m, n in zip(low, high, strict=True)
    )
    a, b = a[None, :], b[:, None]
    terms = y.square().mean() - 2 * a * (x * y).mean() - 2 * b * y.mean()
    return (terms + a**2 * x.square().mean() + 2 * a * b * x.mean() + b**2).float()


def _line(slope: float, intercept: float) -> str:
    sign = "−" if intercept < 0 else "+"
    return f"{slope:.3f} x {sign} {abs(intercept):.3f}"
