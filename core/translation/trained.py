"""A trained translator, of a run or as shipped, with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from core import checkpoints
from core.config import ConfigError
from core.probes.divergence import refuse_diverged
from core.translation import pig_latin
from core.translation.nets import Translator, form_of, of
from core.translation.tasks import TASKS, Name, Task
from core.translation.writing import Writing


@dataclass(frozen=True)
class Trained:
    """A net with its task and size."""

    net: Translator
    name: Name
    about: str  # whose weights

    @classmethod
    def of(cls, weights: str, device: torch.device) -> Trained:
        """ "shipped", or the key of a run. Raises ConfigError where there is no translator."""
        shipped = weights == "shipped"
        saved = checkpoints.shipped("translator") if shipped else checkpoints.of_run(weights)
        try:
            net, name = of(saved)
        except (KeyError, IndexError, ValueError, RuntimeError):
            raise ConfigError("These weights are no translator's; train one here.") from None
        refuse_diverged(net)
        if not shipped:
            return cls(net.to(device), name, "of a run here")
        right = checkpoints.about("translator")["figures"]["exact"]
        about = f"shipped; {100 * right:.1f} % of 1,200 held-out sentences to the letter"
        return cls(net.to(device), name, about)

    @property
    def task(self) -> Task:
        """What it has learnt."""
        return TASKS[self.name]

    @property
    def heads(self) -> int:
        """In each attention."""
        return int(form_of(self.net, self.name)[2])

    @property
    def layers(self) -> int:
        """In each stack."""
        return int(form_of(self.net, self.name)[3])

    def read(self, text: str) -> str:
        """Anyone's text as the net gets it. Raises ConfigError."""
        return self.task.read(text)

    def dressed(self, text: str, made: str) -> str:
        """What was made of it, with what the net did not see put back."""
        return pig_latin.dressed(text, made) if self.name == "pig_latin" else made

    def columns(self, writing: Writing) -> list[str]:
        """The letters that can be listened to in what was read."""
        return self.task.alphabet.shown(writing.read[0].tolist())
