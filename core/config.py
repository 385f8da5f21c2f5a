"""Settings of an experiment, each declared once: bounds, unit, words, whether it may change live.

One declaration gives validation, the widget, the URL parameter and the documentation.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin

import pydantic
import torch

Scale = Literal["linear", "log"]
C = TypeVar("C", bound="Config")


class ConfigError(ValueError):
    """A setting that cannot be used. The message is one sentence with the cure."""


def setting(
    default: Any,
    *,
    label: str,
    help: str,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    live: bool = False,
    scale: Scale = "linear",
    choices: Mapping[Any, str] | None = None,
    max_length: int | None = None,
    advanced: bool = False,
    hidden: bool = False,
    when: tuple[str, Any] | None = None,
) -> Any:
    """Declare one setting.

    `ge` and `le` are inclusive bounds, `choices` names the values of a `Literal` for readers,
    `live` settings may change while the experiment runs, `advanced` ones fold away on a page,
    `hidden` ones are set by something other than a widget (an upload, a link), and those with
    `when=(other, value)` do something, and are shown, only while another setting has that value
    or, where it holds several, has it among them (`Config.applies`); a tuple is any of its values.
    """
    extra: dict[str, Any] = {
        "unit": unit,
        "live": live,
        "scale": scale,
        "choices": dict(choices or {}),
        "advanced": advanced,
        "hidden": hidden,
        "when": when,
    }
    return pydantic.Field(
        default,
        title=label,
        description=help,
        ge=ge,
        le=le,
        max_length=max_length,
        json_schema_extra=extra,
    )


class Config(pydantic.BaseModel):
    """Base of every experiment's settings. Immutable; `model_copy(update=...)` makes a variant."""

    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    seed: int = setting(
        0,
        label="Seed",
        ge=0,
        le=2**31 - 1,
        advanced=True,
        help="The same seed gives the same run, number by number.",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = setting(
        "auto",
        label="Device",
        advanced=True,
        choices={"auto": "best at hand", "cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"},
        help="Where the numbers are computed.",
    )
    threads: int = setting(
        1,
        label="CPU threads",
        ge=1,
        le=64,
        advanced=True,
        help="Small networks run fastest on one thread; large ones gain from more.",
    )

    @pydantic.field_validator("*")
    @classmethod
    def _some_and_once(cls, value: Any, info: Any) -> Any:
        """Of several choices at least one is made, and none twice."""
        if isinstance(value, tuple) and info.field_name:
            label, options = cls.model_fields[info.field_name].title, cls.options(info.field_name)
            if not value:
                raise ValueError(f"{label}: choose at least one of {', '.join(map(str, options))}.")
            if len(set(value)) < len(value):
                raise ValueError(f"{label}: choose each only once.")
        return value

    def variant(self: C, **changes: Any) -> C:
        """A validated copy with `changes`. Raises ConfigError."""
        return self.parse(self.model_dump() | changes)

    def applies(self, name: str) -> bool:
        """Whether a setting does anything while the others are as they are."""
        if (when := self.extra(name)["when"]) is None:
            return True
        now, wanted = getattr(self, when[0]), when[1]
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        return any(one in now if isinstance(now, tuple | list) else one == now for one in wanted)

    @classmethod
    def parse(cls: type[C], values: Mapping[str, Any]) -> C:
        """Validate all settings at once. Raises ConfigError with one sentence per problem."""
        try:
            return cls.model_validate(dict(values))
        except pydantic.ValidationError as error:
            raise ConfigError(" ".join(cls._sentences(error))) from None

    @classmethod
    def read(cls: type[C], texts: Mapping[str, str]) -> tuple[C, list[str]]:
        """Read settings from URL texts: what is good is used, each bad one gets a sentence."""
        problems: list[str] = []
        unknown = [f"“{clip(name)}”" for name in texts if name not in cls.model_fields]
        if unknown:
            more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
            named = ", ".join(unknown[:3]) + more
            problems.append(f"There is no setting {named} here; it was ignored.")
        values = {n: cls.from_text(n, text) for n, text in texts.items() if n in cls.model_fields}
        try:
            return cls.model_validate(values), problems
        except pydantic.ValidationError as error:
            for detail in error.errors(include_url=False):
                name = str(detail["loc"][0]) if detail["loc"] else ""
                if values.pop(name, None) is not None:
                    default = cls.to_text(cls.model_fields[name].default)
                    written = isinstance(cls.model_fields[name].default, str)
                    if written and not cls.options(name):
                        default = "the default"  # a text may be long, and end with a full stop
                    problems.append(f"{cls._sentence(detail)} Using {default}.")
        try:
            return cls.parse(values), problems
        except ConfigError as error:
            return cls(), [*problems, f"{error} Using the default settings."]

    def query(self) -> dict[str, str]:
        """The settings that differ from their defaults, as URL texts; `read` takes them back."""
        return {
            name: self.to_text(value)
            for name, value in self
            if value != type(self).model_fields[name].default
        }

    @staticmethod
    def to_text(value: Any) -> str:
        """One value as it stands in a URL."""
        if isinstance(value, tuple):
            return ",".join(map(str, value))
        return repr(value) if isinstance(value, float) else str(value)

    @classmethod
    def from_text(cls, name: str, text: str) -> Any:
        """What a text from a URL means for a field, as far as it means anything."""
        options = {cls.to_text(option): option for option in cls.options(name)}
        if cls.is_tuple(name):
            return tuple(options.get(part, part) for part in text.split(",") if part)
        return options.get(text, text)

    @classmethod
    def extra(cls, name: str) -> dict[str, Any]:
        """What `setting` noted about a field beyond its bounds."""
        extra = cls.model_fields[name].json_schema_extra
        assert isinstance(extra, dict)
        return extra

    @classmethod
    def bounds(cls, name: str) -> tuple[float | None, float | None]:
        """Inclusive bounds of a number field; None where there is none."""
        notes = cls.model_fields[name].metadata
        low = next((note.ge for note in notes if hasattr(note, "ge")), None)
        high = next((note.le for note in notes if hasattr(note, "le")), None)
        return low, high

    @classmethod
    def is_tuple(cls, name: str) -> bool:
        """Whether a field holds several choices."""
        return get_origin(cls.model_fields[name].annotation) is tuple

    @classmethod
    def options(cls, name: str) -> tuple[Any, ...]:
        """The values of a `Literal` field or of a tuple of `Literal`s; empty for others."""
        annotation = cls.model_fields[name].annotation
        if cls.is_tuple(name):
            annotation = get_args(annotation)[0]
        return get_args(annotation) if get_origin(annotation) is Literal else ()

    def only_live_changes(self, new: Config) -> bool:
        """Whether `new` can be reached from here without starting again."""
        changed = {name for name, value in new if value != getattr(self, name)}
        return type(new) is type(self) and all(self.extra(name)["live"] for name in changed)

    @classmethod
    def _sentences(cls, error: pydantic.ValidationError) -> list[str]:
        return [cls._sentence(detail) for detail in error.errors(include_url=False)]

    @classmethod
    def _sentence(cls, detail: Any) -> str:
        if not detail["loc"]:  # raised by a validator that looks at several settings
            return str(detail.get("ctx", {}).get("error", detail["msg"]))
        name = str(detail["loc"][0])
        if name not in cls.model_fields:
            return f"There is no setting “{clip(name)}” here."
        label, given = cls.model_fields[name].title, clip(str(detail["input"]))
        if detail["type"] == "value_error":
            return str(detail["ctx"]["error"])
        if options := cls.options(name):
            return f"{label} is one of {', '.join(map(str, options))}, not “{given}”."
        if cls.model_fields[name].annotation is bool:
            return f"{label} is True or False, not “{given}”."
        low, high = cls.bounds(name)
        if low is not None and high is not None:
            if cls.model_fields[name].annotation is int:
                return f"{label} is a whole number from {low:,} to {high:,}, not “{given}”."
            return f"{label} is a number from {low:g} to {high:g}, not “{given}”."
        if detail["type"] == "string_too_long":
            return f"{label} is too long: {detail['ctx']['max_length']} characters are the most."
        return f"{label} cannot be “{given}”: {detail['msg'].lower()}."


def clip(text: str, length: int = 40) -> str:
    """A visitor's text, short enough and printable enough to be quoted back."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def is_key(text: str) -> bool:
    """Whether a text has the form of a key made here, and so can name nothing but what it names."""
    return re.fullmatch("[0-9a-f]{32}", text) is not None


def choose_device(name: str) -> torch.device:
    """The device a setting names. Raises ConfigError where this machine has none of the kind."""
    here = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if here[kind])
    if not here[name]:
        raise ConfigError(f"This machine has no {name} device; choose “auto” or “cpu”.")
    return torch.device(name)


def use_threads(threads: int) -> int:
    """Let torch compute on at most `threads` cores of this machine; returns how many it uses."""
    threads = min(threads, os.cpu_count() or 1)
    torch.set_num_threads(threads)
    return threads


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """A seeded source of random numbers. Experiments draw from nothing else."""
    return torch.Generator(device).manual_seed(seed)
