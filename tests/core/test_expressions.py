"""Own expressions: what the grammar means, and what it refuses in one sentence."""

import math
import string

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import ConfigError
from core.expressions import FUNCTIONS, OF_TWO, compile_expression
from core.surfaces import own

STEADY = settings(derandomize=True, deadline=None)
X, Y = 1.5, -0.5
GOOD = {
    "x": X,
    " x + y ": X + Y,
    "2*x - y/4": 2 * X - Y / 4,
    "-x**2": -(X**2),
    "x^2": X**2,
    "x**-2": X**-2,
    "x**.5": X**0.5,
    "(x + y) * (x - y)": (X + Y) * (X - Y),
    "+x": X,
    "1.5e-3": 1.5e-3,
    "pi + e": math.pi + math.e,
    "r": math.hypot(X, Y),
    "theta": math.atan2(Y, X),
    "min(x, y) + max(x, 2)": Y + 2,
    "sin(x) + cos(y) * tan(x)": math.sin(X) + math.cos(Y) * math.tan(X),
    "exp(x) + log(x) + sqrt(x)": math.exp(X) + math.log(X) + math.sqrt(X),
    "abs(y) + tanh(y)": abs(Y) + math.tanh(Y),
}
BAD = {
    "": "empty",
    "   ": "empty",
    "x + " * 60 + "x": "too long",
    "x + foo": "“foo”",
    "foo(x)": "“foo”",
    "x(y)": "“x(y)”",
    "sin": "write sin(x)",
    "sin(x, y)": "takes one value",
    "min(x)": "takes two values",
    "sin(*x)": "“*x”",
    "x.real": "“.real”",
    "x[0]": "“[0]”",
    "lambda: x": "“: x”",
    "lambda": "not complete",
    "[x for x in y]": "“[x for x in y]”",
    "sin(x for x in y)": "“(x for x in y)”",
    "'x'": "“'x'”",
    "__import__('os')": "“__import__('os')”",
    "x**1000": "“1000”",
    "x**-21": "“-21”",
    "x**y": "“y”",
    "9**9**9": "“9**9”",
    "1000001*x": "“1000001”",
    "1e999": "“1e999”",
    "9" * 199: "“999",
    "3j": "“3j”",
    "True": "“True”",
    "None": "“None”",
    "x if y else r": "“x if y else r”",
    "x and y": "“x and y”",
    "not x": "“not x”",
    "await x": "“await x”",
    "x, y": "“x, y”",
    "()": "“()”",
    "x // y": "“x // y”",
    "x < y": "“< y”",
    "(x := 3)": "“:= 3)”",
    "2x": "“2x”",
    "2(x)": "“2(x)”",
    "x_1": "“_1”",
    "007": "“007”",
    "(x": "“(x”",
    "x)": "“x)”",
    "sin x": "“sin x”",
    "x\0": "“?”",
    "x\n+ y": "“?+ y”",
    "ｘ": "“ｘ”",
    "x²": "“²”",
    "x\u202e+y": "“?+y”",
    "\ud800": "“?”",
    "+".join("x" * 100): "too many parts",
    "sin(" * 39 + "x" + ")" * 39: "nested too deeply",
    "-" * 80 + "x": "nested too deeply",
    "(" * 99 + "x" + ")" * 98: "not complete",
}


def evaluate(text):
    return compile_expression(text)(torch.tensor([[X, Y]], dtype=torch.float64))


@pytest.mark.parametrize("text", GOOD)
def test_means_what_it_says(text):
    assert evaluate(text).tolist() == pytest.approx([GOOD[text]])


@pytest.mark.parametrize("text", BAD)
def test_refused_in_one_sentence(text):
    with pytest.raises(ConfigError) as refusal:
        compile_expression(text)
    sentence = str(refusal.value)
    assert BAD[text] in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 250
    assert sentence.isprintable()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_differentiable(name):
    surface = own(f"{name}(x, y)" if name in OF_TWO else f"{name}(x + 2)")
    assert surface.gradient(torch.tensor([X, Y], dtype=torch.float64)).isfinite().all()


@pytest.mark.parametrize("text", ["1/0", "log(-1)", "(-8)**.5", "exp(1000)", "log(x - 9)"])
def test_undefined_is_not_an_error(text):
    assert not evaluate(text).isfinite().any()


def compiles_or_refuses(text):
    points = torch.tensor([[X, Y], [0, 0]], dtype=torch.float64)
    try:
        surface = own(text)
    except ConfigError:
        return
    assert surface.value(points).shape == (2,)
    assert surface.gradient(points).shape == (2, 2)


@STEADY
@given(st.text())
def test_any_text(text):
    compiles_or_refuses(text)


FRAGMENTS = [*FUNCTIONS, "theta", "pi", "**", "//", " if ", " else ", "lambda", "for", "1e9", ".5"]


@STEADY
@given(st.lists(st.sampled_from([*FRAGMENTS, *string.printable, "xyr", "(x)", "+y", "*r"])))
def test_any_text_that_looks_like_an_expression(fragments):
    compiles_or_refuses("".join(fragments))


ATOMS = st.sampled_from(["x", "y", "r", "theta", "pi", "e", "0", "2.5", "1e3"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({}{}{})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("sin({})".format, inner),
        st.builds("max({}, {})".format, inner, inner),
        st.builds("({})**{}".format, inner, st.integers(-20, 20)),
    ),
    max_leaves=8,
)


@STEADY
@given(EXPRESSIONS.filter(lambda text: len(text) <= 200))
def test_all_of_the_grammar_compiles(text):
    assert own(text).value(torch.ones(3, 2, dtype=torch.float64)).shape == (3,)
