"""A walk through the numbers of a trained variational autoencoder: by hand, or to real digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from core import checkpoints, config, state
from core.config import ConfigError, setting
from core.data.binary_digits import SIDE, binary_digits
from core.data.mnist import SOURCE
from core.experiment import CPU, Experiment, Pictures, Scalars, to_array
from core.experiments.generative.vae_training import USED, greys
from core.nets.vae import VAE
from core.probes.divergence import refuse_diverged
from core.variational.elbo import kl_to_prior

NUMBERS = 8  # that can be set by hand
LEG, LEGS = 24, 10  # steps from one digit to the next; digits visited
PER_CLASS = 100  # held-out digits on the map
REACH = 3.0  # of the map and of each number, on both sides of 0
TILES, ALONE = 11, 9  # digits along a side of the atlas; values of each number alone
UNDECIDED = 0.1, 0.9  # probabilities of ink between which a pixel is neither paper nor ink


def by_hand(number: int) -> Any:
    """One number of z as a setting."""
    return setting(
        0.0,
        label=f"z{number}",
        ge=-REACH,
        le=REACH,
        live=True,
        advanced=number > 4,
        help="z1 tells most of a digit, z2 less, and so on; or drag in the map for z1 and z2.",
    )


class VaeWalk(Experiment):
    """One step goes on towards the next digit; a setting of z lifts the walker there."""

    class Config(config.Config):
        """Where the walker is put, and whose numbers these are."""

        z1: float = by_hand(1)
        z2: float = by_hand(2)
        z3: float = by_hand(3)
        z4: float = by_hand(4)
        z5: float = by_hand(5)
        z6: float = by_hand(6)
        z7: float = by_hand(7)
        z8: float = by_hand(8)
        weights: str = setting(
            "shipped", label="Weights", max_length=32, hidden=True, help="Shipped, or of a run."
        )

        def hand(self) -> list[float]:
            """All eight numbers."""
            return [self.z1, self.z2, self.z3, self.z4, self.z5, self.z6, self.z7, self.z8]

    SMOKE = Config(z1=0.5)
    config: Config
    total = LEG * LEGS

    @torch.no_grad()
    def __init__(self, config: Config, device: torch.device = CPU) -> None:
        super().__init__(config, device)
        shipped = config.weights == "shipped"
        saved = checkpoints.shipped("vae") if shipped else checkpoints.of_run(config.weights)
        try:
            self.vae = VAE.of(saved).to(device)
        except (KeyError, RuntimeError):
            raise ConfigError(
                "These weights are no autoencoder's of digits; train one here."
            ) from None
        refuse_diverged(self.vae)
        x, self.labels = binary_digits("validation", PER_CLASS, device)
        mean, log_variance = self.vae.encode(x)
        kl = kl_to_prior(mean, log_variance).mean(dim=0)
        self.order = kl.argsort(descending=True)  # the number that tells most comes first
        self.used = int((kl > USED).sum())
        self.codes = mean[:, self.order]
        first = torch.stack([(self.labels == digit).nonzero()[0, 0] for digit in range(LEGS)])
        self.goals = self.codes[first]
        self.start = self.hand()
        self.put = torch.tensor(config.hand())  # the settings that `start` came from
        self.at = torch.zeros(2, dtype=torch.int64)  # which digit is next, steps towards it

    def hand(self) -> Float[Tensor, " latents"]:
        """z as it is set; numbers beyond the eighth are 0."""
        z = torch.zeros(self.vae.latents)
        count = min(NUMBERS, len(z))
        z[:count] = torch.tensor(self.config.hand())[:count]
        return z.to(self.device)

    def lifted(self) -> bool:
        """Whether z was set by hand since the last step."""
        return not torch.equal(torch.tensor(self.config.hand()), self.put)

    @property
    def z(self) -> Float[Tensor, " latents"]:
        """Where the walker is."""
        if self.lifted():
            return self.hand()
        goal, steps = self.at.tolist()
        z: Tensor = self.start + steps / LEG * (self.goals[goal] - self.start)
        return z

    @torch.no_grad()
    def step(self) -> Scalars | None:
        """Go on straight towards the next digit, from where a hand has put the walker if it did."""
        if self.steps == self.total:
            return None
        if self.lifted():
            self.start.copy_(self.hand())
            self.put.copy_(torch.tensor(self.config.hand()))
            self.at[1] = 0
        self.at[1] += 1
        if int(self.at[1]) == LEG:
            goal = int(self.at[0])
            self.start.copy_(self.goals[goal])
            self.at.copy_(torch.tensor([(goal + 1) % LEGS, 0]))
        self.steps += 1
        return self.scalars()

    def initial(self) -> Scalars:
        """As of a step."""
        return self.scalars()

    @torch.no_grad()
    def scalars(self) -> dict[str, float]:
        """How far out z is, and the share of undecided pixels."""
        ink = self.decode(self.z[None])
        undecided = (ink > UNDECIDED[0]) & (ink < UNDECIDED[1])
        return {"length": float(self.z.norm()), "undecided": float(undecided.float().mean())}

    def decode(self, z: Float[Tensor, "pictures latents"]) -> Float[Tensor, "pictures 14 14"]:
        """Pictures of numbers in the order of this page."""
        return self.vae.pictures(z[:, self.order.argsort()])

    @torch.no_grad()
    def picture(self) -> Pictures:
        """Where the walker is, and the digits round about; probabilities of ink as greys.

        digit: (1, 14, 14); numbers: (latents,), z now
        place: (1, 2), z1 and z2 now; way: (1, 4), z1, z2 and what is missing of the next digit's
        atlas: (154, 154), 11 × 11 digits over the plane of z1 and z2, row 0 at the bottom
        alone: (9 · rows, 14, 14), each number going from −3 to 3 while the others stay
        """
        z = self.z
        place = torch.zeros(2)
        place[: len(z)] = z[:2].cpu()
        goal = torch.zeros(2)
        goal[: len(z)] = self.goals[int(self.at[0])][:2].cpu()
        return {
            "digit": greys(self.decode(z[None])),
            "numbers": to_array(z),
            "place": to_array(place[None]),
            "way": to_array(torch.cat([place, goal - place])[None]),
            "atlas": self.atlas(z),
            "alone": self.alone(z),
        }

    def atlas(self, z: Float[Tensor, " latents"]) -> np.ndarray:
        """The digits at places over the whole map, the other numbers being as they are."""
        # The middles of tiles whose outer edges are those of the map.
        middles = REACH * (torch.arange(TILES) * 2 + 1 - TILES) / TILES
        many = z.repeat(TILES**2, 1)
        plane = torch.cartesian_prod(middles, middles).flip(1)[:, : len(z)]
        many[:, : plane.shape[1]] = plane.to(many)
        tiles = greys(self.decode(many).flip(1))  # upside down, as row 0 is at the bottom
        grid = tiles.reshape(TILES, TILES, SIDE, SIDE).transpose(0, 2, 1, 3)
        return np.ascontiguousarray(grid.reshape(TILES * SIDE, TILES * SIDE))

    def alone(self, z: Float[Tensor, " latents"]) -> np.ndarray:
        """What each number does by itself."""
        rows = min(NUMBERS, len(z))
        many = z.repeat(rows, ALONE, 1)
        values = torch.linspace(-REACH, REACH, ALONE, device=z.device)
        for number in range(rows):
            many[number, :, number] = values
        return greys(self.decode(many.flatten(0, 1)))

    def backdrop(self) -> Pictures:
        """Where held-out digits are.

        codes: (1,000, 2), z1 and z2 of their means; labels: (1,000,); extent: (4,) of the map
        names: (latents,), z1 and so on; classes: (10,)
        """
        codes = torch.zeros(len(self.codes), 2)
        codes[:, : self.codes.shape[1]] = self.codes[:, :2].cpu()
        return {
            "codes": to_array(codes),
            "labels": to_array(self.labels),
            "extent": np.array([-REACH, REACH, -REACH, REACH], np.float32),
            "names": np.array([f"z{number + 1}" for number in range(len(self.order))]),
            "classes": np.array([str(digit) for digit in range(LEGS)]),
        }

    def words(self) -> str:
        """Where the walker is, what comes next, how decided the picture is."""
        scalars = self.scalars()
        goal, steps = self.at.tolist()
        where = f"z is {scalars['length']:.1f} from the middle"
        if self.lifted():
            where = f"Put by hand, {where}"
        going = f", {steps} of {LEG} steps towards a held-out {goal}"
        if self.lifted() or self.steps == self.total:
            going = ""
        return (
            f"{where}{going}; {100 * scalars['undecided']:.0f} % of the pixels are neither paper"
            f" nor ink. {self.used} of {len(self.order)} numbers tell something of a digit."
        )

    def provenance(self) -> Mapping[str, str]:
        """Which digits; whose weights."""
        weights = "of a run here"
        if self.config.weights == "shipped":
            bound = checkpoints.about("vae")["figures"]["elbo"]
            weights = f"shipped; a bound of {bound:.1f} nats on held-out digits"
        return {
            "data": f"{len(self.labels):,} held-out digits of {SOURCE}, 14 × 14",
            "weights": weights,
        }

    def parts(self) -> Mapping[str, state.Part]:
        """Where the walker set out, where it goes, how far it is."""
        return {"start": self.start, "put": self.put, "at": self.at}
