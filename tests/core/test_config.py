"""Settings: one declaration; bad input gets a sentence, good input survives."""

from typing import Literal

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Config, ConfigError, choose_device, clip, setting, use_threads


class Interval(Config):
    low: int = setting(1, label="Low", help="From.", ge=0, le=100)
    high: int = setting(10, label="High", help="To.", ge=0, le=100)
    base: Literal[2, 10] = setting(10, label="Base", help="Of the logarithm.")

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> "Interval":
        if self.low > self.high:
            raise ValueError("Low lies above High; swap them.")
        return self


class Sample(Config):
    rate: float = setting(
        0.01, label="Rate", help="How fast.", ge=1e-4, le=1, scale="log", live=True
    )
    size: int = setting(3, label="Size", help="How large.", ge=1, le=10)
    kind: Literal["a", "b"] = setting("a", label="Kind", help="Which.", choices={"a": "A"})
    many: tuple[Literal["x", "y"], ...] = setting(("x",), label="Many", help="Several.")
    both: bool = setting(False, label="Both", help="Whether or not.")
    text: str = setting("", label="Text", help="Words.", max_length=5)


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"rate": "banana"}, "Rate is a number from 0.0001 to 1, not “banana”. Using 0.01."),
        ({"rate": "5"}, "Rate is a number from 0.0001 to 1, not “5”."),
        ({"rate": "nan"}, "Rate is a number from 0.0001 to 1, not “nan”."),
        ({"rate": "inf"}, "not “inf”"),
        ({"size": "9" * 5000}, "Size is a whole number from 1 to 10"),
        ({"size": "2.5"}, "Size is a whole number from 1 to 10, not “2.5”."),
        ({"kind": "c"}, "Kind is one of a, b, not “c”. Using a."),
        ({"many": "x,z"}, "Many is one of x, y"),
        ({"both": "maybe"}, "Both is True or False, not “maybe”. Using False."),
        ({"text": "too long"}, "Text is too long: 5 characters are the most."),
        ({"bogus<script>": "1"}, "There is no setting “bogus<script>” here; it was ignored."),
    ],
)
def test_bad_texts_get_one_sentence_and_the_default(texts, sentence):
    config, problems = Sample.read(texts)
    assert config == Sample()
    assert len(problems) == 1
    assert sentence in problems[0]
    assert len(problems[0]) < 200


def test_good_settings_survive_beside_bad_ones():
    config, problems = Sample.read({"rate": "0.5", "size": "999", "many": "y,x"})
    assert (config.rate, config.size, config.many) == (0.5, 3, ("y", "x"))
    assert len(problems) == 1


def test_settings_that_are_good_only_together_are_read_together():
    config = Interval(low=20, high=30, base=2)
    assert Interval.read(config.query()) == (config, [])
    assert Interval.read({"low": "20"}) == (
        Interval(),
        ["Low lies above High; swap them. Using the default settings."],
    )


@given(st.dictionaries(st.sampled_from([*Sample.model_fields, "other"]), st.text()))
def test_any_text_at_all_is_survived(texts):
    config, problems = Sample.read(texts)
    assert isinstance(config, Sample)
    assert all(isinstance(problem, str) for problem in problems)


def test_query_takes_only_what_differs_and_comes_back():
    config = Sample(rate=0.1 + 0.2, many=("x", "y"), seed=4)
    assert config.query() == {"rate": repr(0.1 + 0.2), "many": "x,y", "seed": "4"}
    assert Sample.read(config.query()) == (config, [])


def test_variant_validates():
    assert Sample().variant(size=4).size == 4
    with pytest.raises(ConfigError, match="Size is a whole number from 1 to 10"):
        Sample().variant(size=11)


def test_live_changes_are_told_from_others():
    assert Sample().only_live_changes(Sample(rate=0.5))
    assert not Sample().only_live_changes(Sample(rate=0.5, size=4))
    assert not Sample().only_live_changes(Config())


def test_settings_that_do_nothing_do_not_apply():
    class Chooser(Config):
        kind: Literal["a", "b", "c"] = setting("a", label="Kind", help="")
        many: tuple[Literal["x", "y"], ...] = setting(("x",), label="Many", help="")
        of_b: int = setting(1, label="Of b", help="", ge=0, le=9, when=("kind", "b"))
        of_y: int = setting(1, label="Of y", help="", ge=0, le=9, when=("many", "y"))
        of_c: int = setting(1, label="Of c", help="", ge=0, le=9, when=("kind", ("b", "c")))

    assert not Chooser().applies("of_b")
    assert Chooser(kind="b").applies("of_b")
    assert not Chooser().applies("of_y")
    assert Chooser(many=("x", "y")).applies("of_y")
    assert [Chooser(kind=kind).applies("of_c") for kind in "abc"] == [False, True, True]


def test_devices_and_threads():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in ("cpu", "cuda", "mps")
    assert use_threads(1) == 1
    import torch

    missing = next(
        kind
        for kind, here in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
        )
        if not here
    )
    with pytest.raises(ConfigError, match=f"no {missing} device"):
        choose_device(missing)


def test_quoted_text_is_short_and_printable():
    assert clip("a\x00b\n" + "c" * 100) == "a?b?" + "c" * 35 + "…"
