"""How good captioners are on scenes that nothing was trained on or chosen by."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.captions.eyes import features
from core.captions.writing import bleu, share_true, write
from core.data.captions import WordList, drawn
from core.data.tokens import from_bytes
from core.nets.captioner import CELLS, Captioner

SCENES = 1000


def quality(saved: Mapping[str, Tensor]) -> dict[str, float]:
    """BLEU, BLEU-1 and the share of true captions of each cell's, writing greedily."""
    scenes = drawn("test", SCENES)
    words = WordList(from_bytes(saved["vocabulary"]))
    seen = features(scenes.images, torch.device("cpu"))
    figures: dict[str, float] = {}
    for cell in CELLS:
        texts = [words.decode(row) for row in write(Captioner.of(saved, cell), seen).tolist()]
        figures |= {
            f"{cell}_bleu": bleu(texts, scenes.captions),
            f"{cell}_bleu1": bleu(texts, scenes.captions, 1),
            f"{cell}_true": share_true(texts, scenes),
        }
    return figures
