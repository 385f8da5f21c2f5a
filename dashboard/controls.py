"""Config -> widgets -> Config. The settings' only declaration is in `core`."""

from __future__ import annotations

import math
from typing import Any

import streamlit as st

from core.config import Config, ConfigError
from dashboard.theme import plain


def show(config: Config, prefix: str, locked: bool = False) -> Config:
    """Draw a widget for every setting and return what they say.

    Widgets keep their values in the session under `prefix.name`; `put` changes them. Where
    they do not fit together, a sentence says so and `config` stays in force.
    """
    kind = type(config)
    now = {name: st.session_state.get(f"{prefix}.{name}", value) for name, value in config}
    chosen = config.model_copy(update=now)
    names = [n for n in kind.model_fields if not kind.extra(n)["hidden"] and chosen.applies(n)]
    shown = [name for name in names if not kind.extra(name)["advanced"]]
    values = {name: _widget(config, name, prefix, locked) for name in shown}
    with st.expander("More settings"):
        folded = [name for name in names if name not in shown]
        values |= {name: _widget(config, name, prefix, locked) for name in folded}
    try:
        return config.variant(**values)
    except ConfigError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return config


def put(config: Config, prefix: str) -> None:
    """Make the widgets say what `config` says, from the next run of the script on."""
    for name, value in config:
        st.session_state[f"{prefix}.{name}"] = list(value) if isinstance(value, tuple) else value


def _widget(config: Config, name: str, prefix: str, locked: bool) -> Any:
    kind, key = type(config), f"{prefix}.{name}"
    field, extra = kind.model_fields[name], kind.extra(name)
    value = getattr(config, name)
    if key not in st.session_state:
        st.session_state[key] = list(value) if isinstance(value, tuple) else value
    label = str(field.title) + (f" ({extra['unit']})" if extra["unit"] else "")
    if extra["live"]:
        label += " :green-badge[live]"
    common: dict[str, Any] = {
        "label": label,
        "key": key,
        "help": field.description,
        "disabled": locked,
    }
    if options := kind.options(name):
        return _choice(kind, name, options, extra["choices"], common)
    low, high = kind.bounds(name)
    if isinstance(value, bool):
        return st.toggle(**common)
    if isinstance(value, str):
        return st.text_input(max_chars=_max_length(kind, name), **common)
    assert low is not None, f"{kind.__qualname__}.{name} needs bounds"
    assert high is not None, f"{kind.__qualname__}.{name} needs bounds"
    if extra["scale"] == "log":
        steps = sorted({*_decades(low, high), value, st.session_state[key]})
        steps = [int(step) for step in steps] if isinstance(value, int) else steps
        return st.select_slider(options=steps, format_func=_short, **common)
    if isinstance(value, int):
        if high - low > 10_000:
            return int(st.number_input(min_value=int(low), max_value=int(high), **common))
        return st.slider(min_value=int(low), max_value=int(high), **common)
    step = 10.0 ** math.floor(math.log10((high - low) / 50))
    return st.slider(
        min_value=float(low), max_value=float(high), step=step, format=_digits(step), **common
    )


def _choice(
    kind: type[Config], name: str, options: tuple[Any, ...], names: dict[Any, str], common: Any
) -> Any:
    common["format_func"] = lambda option: names.get(option, str(option))
    if kind.is_tuple(name):
        return tuple(st.pills(options=options, selection_mode="multi", **common) or ())
    if len(options) <= 3 and sum(len(names.get(option, str(option))) for option in options) < 24:
        return st.segmented_control(options=options, required=True, **common)
    return st.selectbox(options=options, **common)


def _max_length(kind: type[Config], name: str) -> int | None:
    notes = kind.model_fields[name].metadata
    return next((note.max_length for note in notes if hasattr(note, "max_length")), None)


def _decades(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between two bounds, and the bounds."""
    start = low if low > 0 else high * 1e-6
    powers = range(math.floor(math.log10(start)), math.ceil(math.log10(high)) + 1)
    steps = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]
    return [low, *(step for step in steps if low < step < high), high]


def _short(value: float) -> str:
    return f"{value:g}"


def _digits(step: float) -> str:
    return f"%.{max(0, -math.floor(math.log10(step)))}f"
