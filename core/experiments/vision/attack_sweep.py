"""How many test pictures survive an attack, against ε: two nets, two attacks, all ε at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from core import config, state
from core.attacks import Norm, fgsm
from core.attacks.sweep import under_fgsm, under_pgd
from core.config import ConfigError, generator, setting
from core.data import cifar
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.experiments.vision.attack_picture import MODELS
from core.nets.cnn.trained import classifier, provenance
from core.probes.rgb import BYTE, as_bytes

Attack = Literal["fgsm", "pgd"]
ATTACKS: tuple[Attack, ...] = ("fgsm", "pgd")
# In the unit of each norm's ε: steps of a byte, or lengths of pixels from 0 to 1.
EPSILONS: dict[Norm, tuple[float, ...]] = {
    "inf": (0, 0.5, 1, 2, 3, 4, 6, 8, 12, 16),
    "2": (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5),
}
MOST_AT_ONCE = 1_000  # pictures × steps of PGD in a step, about 5 s on a CPU
USUAL = 7  # the index of 8/255; the picture on show is attacked with it


class AttackSweep(Experiment):
    """One step is one batch of pictures, under both attacks, against both nets, for every ε."""

    class Config(config.Config):
        """Settings of the sweep."""

        norm: Norm = setting(
            "inf", label="Norm", choices={"inf": "∞", "2": "2"}, help="In which ε is measured."
        )
        attack_steps: int = setting(
            10, label="Steps of PGD", ge=1, le=100, scale="log", help="From a random point."
        )
        alpha: float = setting(
            0.25, label="Step α ÷ ε", ge=0.01, le=2, help="How far one step of PGD goes."
        )
        pictures: int = setting(
            1_000,
            label="Pictures",
            ge=10,
            le=10_000,
            scale="log",
            help="Of the test pictures, from the first on: 5,000 ship, the whole set has 10,000.",
        )
        batch_size: int = setting(
            20, label="Pictures in a step", ge=1, le=1_000, scale="log", help="Attacked together."
        )
        data: cifar.Data = setting(
            "shipped",
            label="Test set",
            advanced=True,
            choices={"shipped": "shipped part (5,000)", "whole": "whole (10,000)"},
            help="The whole set needs a download or a data folder.",
        )

    SMOKE = Config(pictures=12, batch_size=2, attack_steps=1)
    config: Config
    total: int

    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        if device.type == "cpu" and config.batch_size * config.attack_steps > MOST_AT_ONCE:
            raise ConfigError(
                f"{config.batch_size:,} pictures and {config.attack_steps} steps of PGD at once"
                f" would take a CPU minutes; let their product be at most {MOST_AT_ONCE:,}."
            )
        self.test = cifar.load("test", config.data).first(config.pictures).to(device)
        self.total = -(-len(self.test) // config.batch_size)
        self.nets = {name: classifier(name).to(device) for name in MODELS}
        unit = BYTE if config.norm == "inf" else 1
        self.epsilons = [epsilon / unit for epsilon in EPSILONS[config.norm]]
        self.source = generator(config.seed, device)
        # How many were still right: by net, attack and ε.
        self.survivors = torch.zeros(len(MODELS), len(ATTACKS), len(self.epsilons))

    def step(self) -> Scalars | None:
        """Attack the next pictures and count who is still taken for what it is."""
        if self.steps == self.total:
            return None
        batch = slice(self.steps * self.config.batch_size, self.seen(self.steps + 1))
        images, labels = cifar.pixels(self.test.images[batch]), self.test.labels[batch]
        for index, net in enumerate(self.nets.values()):
            found = self.attack(net, images, labels)
            for attack, alive in enumerate(found):
                self.survivors[index, attack] += alive.sum(1).cpu()
        self.steps += 1
        return {
            f"{name}.{attack}": float(self.shares()[i, j, USUAL])
            for i, name in enumerate(MODELS)
            for j, attack in enumerate(ATTACKS)
        }

    def attack(self, net: torch.nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Who survives FGSM and who survives PGD, (epsilons, images) each."""
        norm = self.config.norm
        once = under_fgsm(net, images, labels, self.epsilons, norm)
        often = under_pgd(
            net,
            images,
            labels,
            self.epsilons,
            alpha=self.config.alpha,
            steps=self.config.attack_steps,
            source=self.source,
            norm=norm,
        )
        return once, often

    def seen(self, steps: int) -> int:
        """How many pictures so many steps take."""
        return min(steps * self.config.batch_size, len(self.test))

    def shares(self) -> Tensor:
        """Right of the pictures seen so far: (nets, attacks, epsilons); NaN before the first."""
        seen = self.seen(self.steps)
        return self.survivors / seen if seen else torch.full_like(self.survivors, torch.nan)

    def picture(self) -> Pictures:
        """Accuracy against ε, and one picture of the last batch under every ε.

        epsilon: (10,); <net>_<attack>: (10,), shares; _low and _high: (10,), a standard error away
        shown: (20, 32, 32, 3), against the plain net, then against the robust one
        captions: (20,), what each is taken for
        """
        shares = self.shares()
        error = (shares * (1 - shares) / max(self.seen(self.steps), 1)).sqrt()
        made = {"epsilon": np.array(EPSILONS[self.config.norm], np.float32)}
        for i, name in enumerate(MODELS):
            for j, attack in enumerate(ATTACKS):
                made[f"{name}_{attack}"] = to_array(shares[i, j])
                made[f"{name}_{attack}_low"] = to_array(shares[i, j] - error[i, j])
                made[f"{name}_{attack}_high"] = to_array(shares[i, j] + error[i, j])
        return {**made, **self.shown()}

    def shown(self) -> Pictures:
        """The last picture seen, under FGSM with each ε, which needs no chance."""
        at = max(self.seen(self.steps) - 1, 0)
        image = cifar.pixels(self.test.images[at][None])
        label = self.test.labels[at][None]
        moved, captions = [], []
        for net in self.nets.values():
            for epsilon in self.epsilons:
                x = fgsm(net, image, label, epsilon, norm=self.config.norm)
                with torch.no_grad():
                    taken = int(net(x).argmax())
                moved.append(x)
                captions.append(cifar.SHORT[taken])
        return {"shown": as_bytes(torch.cat(moved)), "captions": np.array(captions)}

    def words(self) -> str:
        """How many survive at the usual ε."""
        if not self.steps:
            return f"{len(self.test):,} pictures wait to be attacked."
        usual = (
            f"ε = {EPSILONS['inf'][USUAL]:g}/255"
            if self.config.norm == "inf"
            else f"ε = {EPSILONS['2'][USUAL]:g}"
        )
        shares = 100 * self.shares()
        (plain, robust), before = shares[:, 1, USUAL].tolist(), shares[:, 1, 0].tolist()
        return (
            f"{self.seen(self.steps):,} of {len(self.test):,} pictures: the plain net has"
            f" {before[0]:.0f} % right, and {plain:.1f} % under PGD with {usual}; the robust"
            f" net {before[1]:.0f} %, and {robust:.1f} %."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which pictures, which nets."""
        data = f"{len(self.test):,} test pictures of {cifar.source(self.config.data)}"
        return {"data": data, "weights": " and ".join(map(provenance, MODELS))}

    def parts(self) -> Mapping[str, state.Part]:
        """The counts, and the source of random starts."""
        return {"survivors": self.survivors, "source": self.source}
