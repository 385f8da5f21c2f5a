"""Where in a picture, and how strongly, the choice of a word depends on it."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn.functional import avg_pool2d

from core.captions.eyes import eyes
from core.data.captions import PADDING
from core.data.cifar import pixels
from core.nets.captioner import Captioner

PATCH = 2  # pixels


def by_word(
    net: Captioner, image: UInt8[Tensor, "3 side side"], words: Int[Tensor, " time"]
) -> Float[Tensor, "words_after 3 side side"]:
    """∂ log p(word t) / ∂ pixels, for each word of a caption after the first, which is START."""
    x = pixels(image[None]).requires_grad_()
    with torch.enable_grad():
        said = log_p(net, eyes(image.device)(x), words[None])[0]
        grads = [torch.autograd.grad(p, x, retain_graph=True)[0][0] for p in said]
    gradients: Tensor = torch.stack(grads)
    return gradients


def of_captions(
    net: Captioner, images: UInt8[Tensor, "n 3 side side"], words: Int[Tensor, "n time"]
) -> Float[Tensor, "n patches"]:
    """|∂ log p(caption) / ∂ pixels| in each patch."""
    x = pixels(images).requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(log_p(net, eyes(images.device)(x), words).sum(), x)
    return by_patch(gradient)


def by_patch(gradients: Float[Tensor, "n 3 side side"]) -> Float[Tensor, "n patches"]:
    """The mean size of gradients in patches of PATCH × PATCH pixels: single ones are noise."""
    light: Tensor = avg_pool2d(gradients.abs().mean(dim=1, keepdim=True), PATCH).flatten(1)
    return light


def reaching(
    net: Captioner, features: Float[Tensor, "n features"], words: Int[Tensor, "n time"]
) -> Float[Tensor, " words_after"]:
    """‖∂ log p(word t) / ∂ features‖, mean over the captions that have such a word; else NaN."""
    seen = features.detach().clone().requires_grad_()
    there = words[:, 1:] != PADDING
    with torch.enable_grad():
        said = log_p(net, seen, words)
        norms = [
            torch.autograd.grad(p.sum(), seen, retain_graph=True)[0].norm(dim=1)
            for p in said.unbind(dim=1)
        ]
    mean: Tensor = (torch.stack(norms, dim=1) * there).sum(dim=0) / there.sum(dim=0)
    return mean


def log_p(
    net: Captioner, features: Float[Tensor, "n features"], words: Int[Tensor, "n time"]
) -> Float[Tensor, "n words_after"]:
    """Of each word after START, given those before it; 0 for PADDING."""
    scores = net(features, words[:, :-1]).log_softmax(dim=-1)
    said: Tensor = scores.gather(2, words[:, 1:, None].long())[..., 0]
    return said.masked_fill(words[:, 1:] == PADDING, 0.0)


def strength(gradients: Float[Tensor, "words 3 side side"]) -> Float[Tensor, " words"]:
    """The length of each word's gradient."""
    lengths: Tensor = gradients.flatten(1).norm(dim=1)
    return lengths
