"""Language models: writing with a KV cache against `transformers`, and what it costs to look.

All of it runs on one thread and is timed in that thread's own seconds, so that what else the
machine does meets nobody. The nets are of the same sizes and have learnt nothing.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from core.config import generator
from core.decoding import greedy
from core.experiment import to_array
from core.experiments.sequences.language_training import LanguageTraining
from core.nets.transformer import Cache, Decoder, Form

PIECES, PROMPT, WRITTEN, ROUNDS = 1024, 16, 100, 7
FORM = Form(dim=128, heads=4, layers=2, mlp=256)  # of the page that teaches them
FRAMES = 30.0  # a second
TURNS = 60


def writing() -> float:
    """Tokens/s, greedy, with a cache ÷ those of `transformers`' generate; medians over rounds."""
    from transformers import GPT2Config, GPT2LMHeadModel  # slow to import, rarely needed

    torch.set_num_threads(1)
    sizes = GPT2Config(
        vocab_size=PIECES,
        n_positions=PROMPT + WRITTEN,
        n_embd=FORM.dim,
        n_layer=FORM.layers,
        n_head=FORM.heads,
        n_inner=FORM.mlp,
        bos_token_id=0,
        eos_token_id=0,
    )
    theirs: Any = GPT2LMHeadModel(sizes)
    theirs.train(False)
    net = Decoder(PIECES, FORM, generator(0)).eval()
    prompt = torch.randint(5, PIECES, (1, PROMPT), generator=generator(1))
    everything = torch.ones_like(prompt)

    def by_transformers() -> object:
        return theirs.generate(
            prompt,
            attention_mask=everything,
            max_new_tokens=WRITTEN,
            min_new_tokens=WRITTEN,
            do_sample=False,
            use_cache=True,
            pad_token_id=0,
        )

    _seconds(by_transformers)
    rounds = [
        (_seconds(lambda: write(net, prompt)), _seconds(by_transformers)) for _ in range(ROUNDS)
    ]
    print(
        ", ".join(
            f"{WRITTEN / statistics.median(r):,.0f} tokens/s" for r in zip(*rounds, strict=True)
        )
    )
    return statistics.median(other / mine for mine, other in rounds)


@torch.inference_mode()
def write(net: Decoder, prompt: Tensor) -> Tensor:
    """The likeliest token each time; keys and values of what was read are kept."""
    cache: Cache = {}
    tokens, new = prompt, prompt
    for _ in range(WRITTEN):
        new = greedy(net(new, cache=cache)[:, -1])[:, None]
        tokens = torch.cat([tokens, new], dim=1)
    return tokens


def capture() -> float:
    """Texts/s read with all attention weights brought out for a picture ÷ without; medians."""
    torch.set_num_threads(1)
    net = Decoder(PIECES, FORM, generator(0)).eval()
    tokens = torch.randint(5, PIECES, (1, PROMPT + WRITTEN), generator=generator(1))

    @torch.inference_mode()
    def off() -> object:
        return net(tokens)

    @torch.inference_mode()
    def on() -> object:
        logits, looks = net.watch(tokens)
        return logits, to_array(torch.cat([weights for (weights,) in looks]))

    turns = [(_seconds(off), _seconds(on)) for _ in range(TURNS)][5:]
    alone, seen = (statistics.median(column) for column in zip(*turns, strict=True))
    print(f"{1e3 * alone:.2f} ms, {1e3 * seen:.2f} ms")
    share: float = alone / seen
    return share


def looking_inside() -> float:
    """Seconds of a training step ÷ with pictures taken 30 times a second.

    A step after a look, a step after a step and a look take turns and are timed each by itself.
    """
    torch.set_num_threads(1)
    training = LanguageTraining(LanguageTraining.Config(steps=100_000))  # it must not end
    turns = []
    for _ in range(TURNS):
        after_look, after_step = _seconds(training.step), _seconds(training.step)
        turns.append((after_look, after_step, _seconds(training.picture)))
    after_look, alone, look = (statistics.median(column) for column in zip(*turns[2:], strict=True))
    print(", ".join(f"{1e3 * seconds:.1f} ms" for seconds in (alone, after_look, look)))
    share: float = alone / (after_look + min(1.0, FRAMES * alone) * look)
    return share


def _seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began
