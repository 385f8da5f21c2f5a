"""The whole transformer: an encoder reads, a decoder writes (Vaswani et al. 2017, figure 1)."""

from __future__ import annotations

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from core.nets.transformer.decoder import Decoder
from core.nets.transformer.encoder import Encoder
from core.nets.transformer.form import Form


class EncoderDecoder(nn.Module):
    """An encoder and a decoder of the same form that reads what the encoder made."""

    def __init__(self, vocabulary: int, form: Form, source: torch.Generator) -> None:
        super().__init__()
        self.encoder = Encoder(vocabulary, form, source)
        self.decoder = Decoder(vocabulary, form, source, cross=True)

    def forward(
        self,
        read: Int[Tensor, "n others"],
        written: Int[Tensor, "n tokens"],
        keep: Bool[Tensor, "n others"] | None = None,
    ) -> Float[Tensor, "n tokens vocabulary"]:
        """Logits of what comes after each token written; `keep` is False where `read` is padding.

        Padding at the end of `written` needs no mask: nothing before it hears it.
        """
        memory = self.encoder(read, keep)
        logits: Tensor = self.decoder(written, None, memory, keep)
        return logits
