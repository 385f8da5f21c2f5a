"""The transformer, written out: everything returns what there is to see."""

from core.nets.transformer.attention import Attention, Cache, attend
from core.nets.transformer.block import Block
from core.nets.transformer.decoder import Decoder
from core.nets.transformer.encoder import Encoder
from core.nets.transformer.encoder_decoder import EncoderDecoder
from core.nets.transformer.form import Form, begin
from core.nets.transformer.masks import causal, padding
from core.nets.transformer.positions import sinusoids

__all__ = [
    "Attention",
    "Block",
    "Cache",
    "Decoder",
    "Encoder",
    "EncoderDecoder",
    "Form",
    "attend",
    "begin",
    "causal",
    "padding",
    "sinusoids",
]
