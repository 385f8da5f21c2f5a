"""An encoder-decoder that sums up, with its sizes, as it is kept beside its weights."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from core.config import ConfigError, generator
from core.nets.language import form_of
from core.nets.transformer import EncoderDecoder


def restored(saved: Mapping[str, Tensor], name: str = "summariser") -> EncoderDecoder:
    """The net of a run's state or of shipped weights. Raises ConfigError where there is none."""
    weights = {
        key.partition(".")[2]: value for key, value in saved.items() if key.startswith(f"{name}.")
    }
    try:
        vocabulary = len(weights["decoder.embedding.table.weight"])
        net = EncoderDecoder(vocabulary, form_of(saved["form"]), generator(0))
        net.load_state_dict(weights)
    except (KeyError, RuntimeError, ValueError):
        raise ConfigError("In these weights there is no summariser; train one here.") from None
    return net.eval()
