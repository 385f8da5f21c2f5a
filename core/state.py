"""The whole state of an experiment as a flat dictionary of tensors, as safetensors keeps it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

Part = Module | Optimizer | torch.Generator | Tensor


ALIGNED = 64  # bytes, a line of the cache


@torch.no_grad()
def pack(parts: Mapping[str, Part]) -> dict[str, Tensor]:
    """Copies on the CPU, named `part.entry`; an optimiser's are `part.parameter.entry`.

    They lie side by side in one block: hundreds of small ones, kept from many steps, would scatter
    the memory that the next steps take, which then run slower.
    """
    tensors = {k: v for name, part in parts.items() for k, v in _tensors(name, part).items()}
    sizes = [-(-tensor.nbytes // ALIGNED) * ALIGNED for tensor in tensors.values()]
    rooms = torch.empty(sum(sizes), dtype=torch.uint8, device="cpu").split(sizes)
    return {
        key: room[: value.nbytes].view(value.dtype).view(value.shape).copy_(value)
        for room, (key, value) in zip(rooms, tensors.items(), strict=True)
    }


def unpack(parts: Mapping[str, Part], saved: Mapping[str, Tensor]) -> None:
    """Put saved tensors back in place. Settings such as learning rates are not among them."""
    for name, part in parts.items():
        mine = {
            key.removeprefix(name).removeprefix("."): value
            for key, value in saved.items()
            if key == name or key.startswith(f"{name}.")
        }
        match part:
            case Module():
                part.load_state_dict(mine)
            case Optimizer():
                _restore_optimizer(part, mine)
            case torch.Generator():
                part.set_state(mine[""].clone())  # torch reads a view from its storage's start
            case Tensor():
                with torch.no_grad():
                    part.copy_(mine[""])


def _tensors(name: str, part: Part) -> dict[str, Tensor]:
    match part:
        case Module():
            return {f"{name}.{key}": value for key, value in part.state_dict().items()}
        case Optimizer():
            return {
                f"{name}.{index}.{key}": torch.as_tensor(value)
                for index, slots in part.state_dict()["state"].items()
                for key, value in slots.items()
                if value is not None
            }
        case torch.Generator():
            return {name: part.get_state()}
        case Tensor():
            return {name: part}


def _restore_optimizer(optimizer: Optimizer, saved: Mapping[str, Tensor]) -> None:
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in saved.items():
        index, _, entry = key.partition(".")
        slots.setdefault(int(index), {})[entry] = value.clone()
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": slots, "param_groups": groups})
