"""One's own f(x, y) from a text: arithmetic only, read by a whitelist, never by `eval`.

Two gates stand one behind the other. Only known tokens reach Python's parser, so no string,
bracket, attribute or foreign character does; then each node of the parsed tree is either on the
list below and becomes a torch function, or is refused with a sentence that quotes it.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from core.config import ConfigError, clip

MAX_LENGTH = 200
MAX_DEPTH = 40
MAX_NODES = 120
MAX_NUMBER = 1e6
MAX_EXPONENT = 20

Names = Mapping[str, Tensor]
Term = Callable[[Names], Tensor]

VARIABLES = ("x", "y", "r", "theta")
CONSTANTS = {"pi": math.pi, "e": math.e}
SIGNS: dict[type[ast.unaryop], Callable[[Tensor], Tensor]] = {
    ast.UAdd: torch.positive,
    ast.USub: torch.neg,
}
OPERATORS: dict[type[ast.operator], Callable[[Tensor, Tensor], Tensor]] = {
    ast.Add: torch.add,
    ast.Sub: torch.sub,
    ast.Mult: torch.mul,
    ast.Div: torch.div,
}
FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "sin": torch.sin,
    "cos": torch.cos,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "min": torch.minimum,
    "max": torch.maximum,
}
OF_TWO = ("min", "max")
GRAMMAR = (
    f"use numbers, {', '.join([*VARIABLES, *CONSTANTS])}, + - * / **, parentheses, and functions "
    "such as sin(x), with * between factors"
)

TOKEN = re.compile(
    r"""\ *(?: (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])   # a number with nothing glued to it
             | [A-Za-z]+
             | [-+*/(),] )""",
    re.ASCII | re.VERBOSE,
)


def compile_expression(
    text: str,
) -> Callable[[Float[Tensor, "*batch 2"]], Float[Tensor, "*batch"]]:
    """The function of points that an expression describes. Raises ConfigError with the cure.

    `r` and `theta` are polar coordinates, `^` means `**`. Where the expression is not defined
    (log of a negative number) the value is NaN or infinite.
    """
    text = text.strip().replace("^", "**")
    term = _Compiler(text).compile(_parse(text))

    def value(points: Float[Tensor, "*batch 2"]) -> Float[Tensor, "*batch"]:
        x, y = points.unbind(-1)
        r = torch.linalg.vector_norm(points, dim=-1)
        # The angle of the origin is 0 by choice, which keeps its gradient finite there.
        theta = torch.atan2(y, torch.where(r > 0, x, 1))
        return term({"x": x, "y": y, "r": r, "theta": theta}).expand(x.shape)

    return value


def _parse(text: str) -> ast.expr:
    if not text:
        raise ConfigError("The expression is empty: write one in x and y, such as x**2 + y**2.")
    if len(text) > MAX_LENGTH:
        raise ConfigError(
            f"The expression “{clip(text)}” is too long: shorten it to {MAX_LENGTH} characters."
        )
    position = 0
    while token := TOKEN.match(text, position):
        position = token.end()
    if rest := text[position:].lstrip(" "):
        raise ConfigError(f"The expression cannot be read from “{clip(rest)}” on: {GRAMMAR}.")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ConfigError(
            f"The expression “{clip(text)}” is not complete: check its operators and parentheses."
        ) from None
    if sum(isinstance(part, ast.expr) for part in ast.walk(tree)) > MAX_NODES:
        raise ConfigError(f"The expression “{clip(text)}” has too many parts: simplify it.")
    if _depth(tree) > MAX_DEPTH:
        raise ConfigError(f"The expression “{clip(text)}” is nested too deeply: simplify it.")
    return tree


def _depth(node: ast.AST) -> int:
    return 1 + max(map(_depth, ast.iter_child_nodes(node)), default=0)


@dataclass(frozen=True)
class _Compiler:
    text: str

    def compile(self, node: ast.expr) -> Term:
        """The torch function of a node and all below it."""
        match node:
            case ast.Constant():
                return _constant(self.number(node))
            case ast.Name(id=name) if name in VARIABLES:
                return lambda names: names[name]
            case ast.Name(id=name) if name in CONSTANTS:
                return _constant(CONSTANTS[name])
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in SIGNS:
                signed, inner = SIGNS[type(sign)], self.compile(operand)
                return lambda names: signed(inner(names))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                base, exponent = self.compile(left), self.exponent(right)
                return lambda names: base(names) ** exponent
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
                combine = OPERATORS[type(operator)]
                first, second = self.compile(left), self.compile(right)
                return lambda names: combine(first(names), second(names))
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
                function, inputs = FUNCTIONS[name], [self.compile(arg) for arg in args]
                if len(inputs) != (arity := 2 if name in OF_TWO else 1):
                    wanted = "two values" if arity == 2 else "one value"
                    raise ConfigError(f"“{self.quote(node)}” cannot be: {name} takes {wanted}.")
                return lambda names: function(*(term(names) for term in inputs))
        raise ConfigError(self.refusal(node))

    def number(self, node: ast.Constant) -> float:
        """The value of a literal."""
        if not isinstance(node.value, int | float) or isinstance(node.value, bool):
            raise ConfigError(self.refusal(node))
        if node.value > MAX_NUMBER:
            raise ConfigError(
                f"The number “{self.quote(node)}” is too large: {MAX_NUMBER:,.0f} is the most."
            )
        return float(node.value)

    def exponent(self, node: ast.expr) -> float:
        """The value of a literal after `**`, which may have a minus sign."""
        match node:
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as literal):
                exponent = -self.number(literal)
            case ast.Constant():
                exponent = self.number(node)
            case _:
                exponent = math.inf
        if abs(exponent) > MAX_EXPONENT:
            raise ConfigError(
                f"The exponent “{self.quote(node)}” cannot be used: write a plain number "
                f"from -{MAX_EXPONENT} to {MAX_EXPONENT}."
            )
        return exponent

    def refusal(self, node: ast.expr) -> str:
        """Why a node is not on the list, and what to write."""
        match node:
            case ast.Name(id=name) if name in FUNCTIONS:
                return f"“{name}” stands without its argument: write {name}(x)."
            case ast.Name(id=name):
                return f"There is no “{clip(name)}” in an expression: {GRAMMAR}."
            case ast.Call(func=ast.Name(id=name)) if name not in (*VARIABLES, *CONSTANTS):
                known = ", ".join(FUNCTIONS)
                return f"There is no function “{clip(name)}”: use {known}."
        return f"“{self.quote(node)}” is not arithmetic: {GRAMMAR}."

    def quote(self, node: ast.expr) -> str:
        """What was written, short enough for a sentence."""
        return clip(ast.get_source_segment(self.text, node) or "")


def _constant(number: float) -> Term:
    # A tensor, so that 1/0 is infinite and log(-1) NaN as anywhere in torch.
    tensor = torch.tensor(number, dtype=torch.float64)
    return lambda names: tensor
