"""A vision transformer and a convolutional net of its size, taught with the same batches."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from core.config import generator
from core.data.cifar import Pictures
from core.nets.cnn.of_size import of_size
from core.nets.vit import VisionTransformer
from core.probes.judge import judge, loss_and_accuracy

DECAY = 0.05  # of weights, per unit of learning rate; biases and norms are free


class Rivals:
    """Both nets and their optimiser. The convolutional net may sit out; its figures are NaN then.

    `mixed` computes products in bfloat16 where the processor knows it: half the digits at about
    twice the speed. Weights and their updates stay in float32.
    """

    def __init__(
        self,
        patch: int,
        heads: int,
        depth: int,
        seed: int,
        device: torch.device,
        *,
        cnn: bool = True,
        mixed: bool = False,
    ) -> None:
        self.device, self.mixed = device, mixed and knows_bfloat16(device)
        self.vit = VisionTransformer(patch, heads, depth, generator(seed)).to(device)
        self.nets: dict[str, nn.Module] = {"vit": self.vit}
        self.cnn = of_size(count(self.vit), generator(seed)) if cnn else None
        if self.cnn:
            self.nets["cnn"] = self.cnn.to(device).to(memory_format=torch.channels_last)
        parameters = [p for net in self.nets.values() for p in net.parameters()]
        matrices, others = (
            [p for p in parameters if (p.ndim > 1) == some] for some in (True, False)
        )
        self.optimizer = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
        )

    def learn(
        self, x: Float[Tensor, "batch 3 h w"], target: Int[Tensor, " batch"], rate: float
    ) -> dict[str, tuple[Tensor, Tensor]]:
        """One step of both on a batch: the loss of each on it, and its share of right answers."""
        for net in self.nets.values():
            net.train()
        with self.precision():
            outputs = {name: net(x) for name, net in self.nets.items()}
        figures = {name: loss_and_accuracy(logits, target) for name, logits in outputs.items()}
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad()
        torch.stack([loss for loss, _ in figures.values()]).sum().backward()  # weights are apart
        self.optimizer.step()
        return {name: (loss.detach(), right) for name, (loss, right) in figures.items()}

    def judge(self, pictures: Pictures) -> dict[str, tuple[float, float]]:
        """The mean loss of each and its share of right answers."""
        with self.precision():
            return {name: judge(net, pictures) for name, net in self.nets.items()}

    def precision(self) -> torch.autocast:
        """Where products are computed in bfloat16, if they shall be."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed)


def count(net: nn.Module) -> int:
    """How many parameters a net has."""
    return sum(p.numel() for p in net.parameters())


def knows_bfloat16(device: torch.device) -> bool:
    """Whether products in bfloat16 are faster there; where they are emulated they are slower."""
    if device.type == "cpu":
        # Older torch does not tell.
        known: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
        return bool(known.get("avx512_bf16") or known.get("amx_bf16"))
    return device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
