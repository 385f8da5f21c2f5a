"""A generator and a discriminator play against one another over street numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from core import config, state
from core.adversaries.coverage import Coverage, cover, spread_of
from core.adversaries.judge import load_judge, provenance
from core.adversaries.losses import LOSSES, Loss, discriminator_loss, generator_loss, push
from core.config import ConfigError, generator, setting
from core.data.cifar import pixels
from core.data.street_numbers import CLASSES, DATA, Data, Side, load, source
from core.experiment import CPU, Experiment, Pictures, Scalars, finite, to_array
from core.nets.gan import Discriminator, Generator

SHOWN, REAL = 36, 12  # pictures drawn, and from the data
TOGETHER = 64  # pictures drawn side by side for a frame, for norms like those of a batch
JUDGED = 500  # drawn pictures in an evaluation
EVALUATE_EVERY = 50  # updates
BETAS = 0.5, 0.999  # of Adam, as Radford et al. (2016) have them
TWO_LN_2 = 2 * math.log(2)
LEGIBLE = 0.4  # share of digits among pictures, below which nothing is said of classes
FEW, DULL = 7, 0.4  # classes, and part of the data's variety, that are called a collapse
MOST_WORK = 1e10  # of (width × side)² for each picture: some ten seconds of a CPU
WON = 0.1  # loss of a discriminator that has won


class GanTraining(Experiment):
    """One step is one update of the generator, after some of the discriminator."""

    class Config(config.Config):
        """Settings of the game."""

        loss: Loss = setting(
            "non_saturating",
            label="Loss of the generator",
            choices=LOSSES,
            live=True,
            help="Make D say “real”, or keep it from saying “drawn”: one aim, two gradients.",
        )
        learning_rate: float = setting(
            1e-3, label="Learning rate η", ge=1e-5, le=0.1, scale="log", live=True,
            help="Of the generator; both learn by Adam.",
        )  # fmt: skip
        ratio: float = setting(
            1.0, label="Rate of D ÷ rate of G", ge=0.01, le=100, scale="log", live=True,
            help="How much faster, or slower, the discriminator learns.",
        )  # fmt: skip
        d_steps: int = setting(
            1, label="D steps", ge=1, le=10, live=True,
            help="Updates of the discriminator for each one of the generator.",
        )  # fmt: skip
        data: Data = setting("composed", label="Street numbers", choices=DATA, help="Real ones.")
        side: Side = setting(
            16, label="Side", choices={16: "16", 32: "32"}, unit="pixels",
            help="Of the pictures; 32 takes about five times as long.",
        )  # fmt: skip
        latents: int = setting(
            32, label="Latent size", ge=1, le=256, advanced=True, help="Numbers z of a picture."
        )
        width: int = setting(
            48, label="Width", ge=4, le=128, advanced=True, help="Channels of the largest maps."
        )
        batch_size: int = setting(
            64, label="Batch size", ge=2, le=512, advanced=True, help="Real pictures and drawn."
        )
        updates: int = setting(
            1_500, label="Updates", ge=1, le=100_000, advanced=True, help="Of the generator."
        )
        judge: str = setting(
            "shipped", label="Judge", max_length=32, hidden=True, help="Shipped, or of a run."
        )

        def check_work(self) -> None:
            """Raises ConfigError where a step would keep a CPU for long."""
            if self.batch_size * (self.d_steps + 1) * (self.width * self.side) ** 2 > MOST_WORK:
                raise ConfigError(
                    f"Batches of {self.batch_size:,} take a CPU too long with nets so wide: take"
                    " smaller batches, a smaller width, fewer D steps, or a machine with a GPU."
                )

    SMOKE = Config(width=4, latents=4, batch_size=8, updates=6)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        if device.type == "cpu":
            config.check_work()
        self.data = load("train", config.data, config.side).images.to(device)
        self.judge = load_judge(config.judge).to(device)
        start = generator(config.seed)
        form = config.side, config.width, start
        self.generator = Generator(config.latents, *form).to(device)
        self.discriminator = Discriminator(*form).to(device)
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), betas=BETAS, fused=True)
            for name, net in (("G", self.generator), ("D", self.discriminator))
        }
        self.total = config.updates
        self.source = generator(config.seed + 1)
        self.shown = self.numbers(JUDGED, generator(config.seed + 2))
        self.spread = spread_of(pixels(self.data[:JUDGED]))
        self.shares = torch.zeros(CLASSES)  # of classes among drawn pictures
        self.figures = torch.zeros(4)  # classes, share read, variety, loss of D lately
        self.logits = torch.zeros(config.batch_size, device=device)  # of the last drawn batch
        self.figures[3] = TWO_LN_2
        self.evaluate()

    def numbers(self, count: int, source: torch.Generator) -> Tensor:
        """z of so many pictures, (count, latents)."""
        z = torch.randn(count, self.config.latents, generator=source)
        return z.to(self.device)

    def real(self) -> Tensor:
        """Street numbers at random, (batch, 3, side, side)."""
        index = torch.randint(len(self.data), (self.config.batch_size,), generator=self.source)
        return pixels(self.data[index.to(self.device)])

    def learn(self, name: str, rate: float) -> None:
        """One step of a player's Adam."""
        self.optimizers[name].param_groups[0]["lr"] = rate
        self.optimizers[name].step()

    def discriminate(self) -> dict[str, Tensor]:
        """One update of the discriminator; its loss, and what it believes on average."""
        with torch.no_grad():
            drawn = self.generator(self.numbers(self.config.batch_size, self.source))
        real, fake = self.discriminator(self.real()), self.discriminator(drawn)
        loss = discriminator_loss(real, fake)
        self.optimizers["D"].zero_grad()
        loss.backward()
        self.learn("D", self.config.learning_rate * self.config.ratio)
        real, fake = real.detach(), fake.detach()
        return {
            "D.loss": loss.detach(),
            "real": real.sigmoid().mean(),
            "drawn": fake.sigmoid().mean(),
        }

    def generate(self) -> dict[str, Tensor]:
        """One update of the generator; its loss, and the gradient that reaches it.

        D sees each picture by itself, so that one gradient of the logits, `slope`, tells that of
        either loss: −push · slope.
        """
        drawn = self.generator(self.numbers(self.config.batch_size, self.source))
        logits = self.discriminator(drawn)
        (slope,) = torch.autograd.grad(logits.sum(), drawn)
        logits = logits.detach()
        self.logits.copy_(logits)
        weight = push(logits, self.config.loss)[:, None, None, None]
        self.optimizers["G"].zero_grad()
        drawn.backward(gradient=-weight * slope / len(drawn))
        self.learn("G", self.config.learning_rate)
        steep = slope.flatten(1).norm(dim=1)
        reach = {f"reach.{loss}": (push(logits, loss) * steep).mean() for loss in LOSSES}
        return {"G.loss": generator_loss(logits, self.config.loss), **reach}

    def step(self) -> Scalars | None:
        """Losses, beliefs, the gradient that reaches G under either loss, the last coverage."""
        if self.steps == self.total:
            return None
        for _ in range(self.config.d_steps):
            of_d = self.discriminate()
        of_g = self.generate()
        self.figures[3] += 0.05 * (of_d["D.loss"].cpu() - self.figures[3])
        self.steps += 1
        if self.steps % EVALUATE_EVERY == 0 or self.steps == self.total:
            self.evaluate()
        classes, read, variety, _ = self.figures.tolist()
        judged = {"classes": classes, "read": read, "variety": variety}
        return {**of_d, **of_g, "2 ln 2": TWO_LN_2, "half": 0.5, **judged}

    @torch.no_grad()
    def evaluate(self) -> None:
        """The judge reads what the generator makes of the same 500 z each time."""
        drawn = self.generator(self.shown).nan_to_num(0)
        found = cover(self.judge, drawn, self.spread)
        self.shares.copy_(found.shares)
        self.figures[:3] = torch.tensor([found.classes, found.read, found.variety])

    @torch.no_grad()
    def picture(self) -> Pictures:
        """What is drawn from the same z all the time, what of it is read, where the batch stands.

        drawn: (36, side, side, 3); shares: (10,), of each digit among those read
        pushes: (batch, 2), D(G(z)) of the last batch and how hard the loss in use pushes there
        """
        drawn = self.generator(self.shown[:TOGETHER])[:SHOWN].nan_to_num(0)
        belief = self.logits.sigmoid()
        pushes = torch.stack([belief, push(self.logits, self.config.loss)], dim=1)
        return {
            "drawn": to_array((255 * drawn).round().to(torch.uint8).permute(0, 2, 3, 1)),
            "shares": to_array(self.shares),
            "pushes": finite(to_array(pushes)),
        }

    def backdrop(self) -> Pictures:
        """Street numbers to learn from, and how hard each loss pushes.

        real: (12, side, side, 3)
        belief: (51,), D(G(z)) from 0 to 1; non_saturating, minimax: (51,)
        """
        belief = torch.linspace(0, 1, 51)
        logits = belief.logit()
        return {
            "real": to_array(self.data[:REAL].permute(0, 2, 3, 1)),
            "belief": to_array(belief),
            **{loss: to_array(push(logits, loss)) for loss in LOSSES},
        }

    def words(self) -> str:
        """Which digits are drawn, and whether the game is well."""
        if not all(bool(p.isfinite().all()) for p in self.generator.parameters()):
            return "The game has diverged; take a smaller learning rate."
        _, read, variety, loss = self.figures.tolist()
        found = Coverage(self.shares, read, variety)
        words = f"Of {JUDGED} pictures, {100 * found.read:.0f} % are read as some digit"
        if found.read < LEGIBLE:
            words += ": there is not much to read yet."
        else:
            words += f", and {found.classes} of {CLASSES} digits are drawn."
            if found.classes <= FEW:
                most = int(found.shares.argmax())
                share = float(found.shares[most])
                words += f" Collapse: {100 * share:.0f} % of those read are a {most}."
        if self.steps and found.variety < DULL:
            words += f" All look alike: {100 * found.variety:.0f} % of the data's variety."
        if loss < WON:
            words += " D has won: it tells nearly all pictures apart."
        return words

    def provenance(self) -> Mapping[str, str]:
        """Which street numbers; who judges."""
        return {
            "data": f"{len(self.data):,} {source(self.config.data)}",
            "weights": f"random, seed {self.config.seed}; judge: {provenance(self.config.judge)}",
        }

    def parts(self) -> Mapping[str, state.Part]:
        """Both players, what trains them, the source of chance, the last figures."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            **{f"optimizer.{name}": adam for name, adam in self.optimizers.items()},
            "source": self.source,
            "shares": self.shares,
            "figures": self.figures,
            "logits": self.logits,
        }
