"""What a student can be asked to match in its teacher, one term each.

The answers softened by a temperature: Hinton, G., Vinyals, O. and Dean, J. (2015). Embeddings,
hidden states and attention: Jiao, X. et al. (2020), "TinyBERT", equations 7 to 9, but attention by
its KL divergence, as in Sun, Z. et al. (2020), "MobileBERT".
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from core.distillation.trace import Trace


def prediction_loss(
    student: Float[Tensor, "n tokens vocabulary"],
    teacher: Float[Tensor, "n tokens vocabulary"],
    temperature: float,
    counts: Bool[Tensor, "n tokens"],
) -> Float[Tensor, ""]:
    """T² · KL(p_teacher ‖ p_student) of answers at temperature T, mean over tokens that count.

    The factor keeps gradients as large as those of the loss on the data, whatever T.
    """
    log_p = (teacher / temperature).log_softmax(dim=-1)
    log_q = (student / temperature).log_softmax(dim=-1)
    kl: Tensor = temperature * temperature * (log_p.exp() * (log_p - log_q)).sum(dim=-1)
    return kl[counts].mean()


def state_loss(
    student: Float[Tensor, "n tokens small"],
    teacher: Float[Tensor, "n tokens large"],
    project: nn.Linear,
    counts: Bool[Tensor, "n tokens"],
) -> Float[Tensor, ""]:
    """Mean squared difference of vectors, after a learnt map from the student's dim to the other's.

    In units of the teacher's own mean square, so that layers of any size weigh alike.
    """
    wanted = teacher[counts]
    missed: Tensor = project(student[counts]) - wanted
    return missed.square().mean() / wanted.square().mean()


def attention_loss(
    student: Float[Tensor, "n heads queries keys"],
    teacher: Float[Tensor, "n heads queries keys"],
    counts: Bool[Tensor, "n queries"],
) -> Float[Tensor, ""]:
    """KL(teacher ‖ student) of the weights of each head, mean over queries that count and heads."""
    p, q = (weights.transpose(1, 2)[counts].clamp_min(1e-9) for weights in (teacher, student))
    return (p * (p.log() - q.log())).sum(dim=-1).mean()


def layer_map(kind: str, student: int, teacher: int) -> list[int]:
    """For each layer of the student the layer of the teacher that it shall match, from 0."""
    match kind:
        case "first":
            return list(range(student))
        case "last":
            return list(range(teacher - student, teacher))
    return [(layer + 1) * teacher // student - 1 for layer in range(student)]


def inner_losses(
    student: Trace,
    teacher: Trace,
    projections: Sequence[nn.Linear],
    layers: Sequence[int],
    counts: tuple[Bool[Tensor, "n read"], Bool[Tensor, "n written"]],
) -> dict[str, Float[Tensor, ""]]:
    """The embedding, hidden and attention terms, each a mean over encoder and decoder's layers.

    `projections` are two: for embeddings and for hidden states.
    """
    embedding, hidden, attention = [], [], []
    for side in (0, 1):
        counted = counts[side]
        pair = student.embedded[side], teacher.embedded[side]
        embedding.append(state_loss(*pair, projections[0], counted))
        for mine, theirs in enumerate(layers):
            states = student.hidden[side][mine], teacher.hidden[side][theirs]
            hidden.append(state_loss(*states, projections[1], counted))
    for kind, counted in enumerate((counts[0], counts[1], counts[1])):
        for mine, theirs in enumerate(layers):
            weights = student.attention[kind][mine], teacher.attention[kind][theirs]
            attention.append(attention_loss(*weights, counted))
    terms = {"embedding": embedding, "hidden": hidden, "attention": attention}
    return {name: torch.stack(losses).mean() for name, losses in terms.items()}
