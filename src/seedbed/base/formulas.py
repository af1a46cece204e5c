"""Parameters and formulas: amounts as functions of named values, for one value or a batch of draws.

One language for the formulas of all tools: arithmetic with `^` or `**` for powers, `;` or `,` between arguments, `=` or
`==`, `<>` or `!=`, `and`, `or`, `div`, `mod` between operands and as functions, `if` that evaluates only the branch it
takes, in any mixture of capitals. Numbers, names, operators and the functions below, nothing else: a database can never
run code. Powers bind before signs (−2^2 = −4) and to the right (2^3^2 = 2^9); `plain` brings what another tool means
otherwise into this form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, cast

import numpy as np

from seedbed.base.errors import InvalidInputError

Value = Any  # a float, or an array of draws
Node = tuple[Any, ...]  # ("number", x), ("name", n), ("call", name, parts), ("sign", −, part), (operator, left, right)


def _truth(test: Callable[..., Value]) -> Callable[..., Value]:
    return lambda *parts: np.asarray(test(*parts)).astype(float)[()]


def _every(one: Callable[[Value, Value], Value]) -> Callable[..., Value]:
    def together(first: Value, *rest: Value) -> Value:
        for part in rest:
            first = one(first, part)
        return first

    return together


def _rounded(value: Value, digits: Value = 0.0) -> Value:
    """Half up, as openLCA (Java) rounds."""
    size = np.power(10.0, digits)
    return np.floor(np.multiply(value, size) + 0.5) / size


def _cut(way: Callable[[Value], Value]) -> Callable[..., Value]:
    """`way` at so many digits."""
    def cut(value: Value, digits: Value = 0.0) -> Value:
        size = np.power(10.0, digits)
        return way(np.multiply(value, size)) / size

    return cut


_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide, "^": np.power, "%": np.fmod, "mod": np.fmod,
    "div": lambda a, b: np.trunc(np.true_divide(a, b)), "<": _truth(np.less), "<=": _truth(np.less_equal),
    ">": _truth(np.greater), ">=": _truth(np.greater_equal), "==": _truth(np.equal), "!=": _truth(np.not_equal),
    "and": _truth(np.logical_and), "or": _truth(np.logical_or), "xor": _truth(np.logical_xor),
}
_BINDS = {"or": 1, "xor": 1, "and": 2, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6,
          "/": 6, "%": 6, "div": 6, "mod": 6, "^": 8}
_NOT, _SIGN, _TIGHT = 3, 7, 9
_SAME = {"**": "^", "=": "==", "<>": "!=", "&": "and", "&&": "and", "|": "or", "||": "or", "!": "not", ";": ",",
         "−": "-", "×": "*", "·": "*", "÷": "/"}
_OF_ONE: dict[str, Callable[[Value], Value]] = {
    "cot": lambda x: 1 / np.tan(x), "cotan": lambda x: 1 / np.tan(x), "frac": lambda x: x - np.trunc(x),
}
_OF_TWO: dict[str, Callable[[Value, Value], Value]] = {"ipower": lambda x, n: np.power(x, np.trunc(n))}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    **_OF_ONE, **_OF_TWO, "sqrt": np.sqrt, "exp": np.exp, "ln": np.log, "log": np.log10, "log10": np.log10,
    "lg": np.log10, "abs": np.abs, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "arcsin": np.arcsin, "asin": np.arcsin, "arccos": np.arccos, "acos": np.arccos, "arctan": np.arctan,
    "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "min": _every(np.minimum),
    "max": _every(np.maximum), "sum": _every(np.add), "avg": lambda *a: _every(np.add)(*a) / len(a),
    "mean": lambda *a: _every(np.add)(*a) / len(a), "pow": np.power, "power": np.power,
    "round": _rounded, "floor": _cut(np.floor), "ceil": _cut(np.ceil), "trunc": np.trunc, "int": np.trunc,
    "sqr": np.square, "and": _every(_OPERATORS["and"]), "or": _every(_OPERATORS["or"]), "xor": _OPERATORS["xor"],
    "not": _truth(np.logical_not),
}
_CHOICE = ("if", "iff", "iif")
_ANY = ("min", "max", "sum", "avg", "mean", "and", "or")  # of as many values as one likes
_TAKES = {**dict.fromkeys(("pow", "power", "ipower", "xor"), (2, 2)),
          **dict.fromkeys(("round", "floor", "ceil"), (1, 2))}
"""How many values a function takes, least and most; others one."""
_CONSTANTS = {"pi": np.pi, "e": np.e, "true": 1.0, "false": 0.0}
_TOKEN = re.compile(r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([^\W\d]\w*)"
                    r"|(\*\*|<=|>=|<>|!=|==|&&|\|\||[-+*/^%<>=(),;&|!−×·÷]))")
_DEEPEST = 150  # brackets and signs inside one another
_END = ("end", "")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.strip().lstrip("=").strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"{text[at:at + 20]!r} is not arithmetic")
        number, name, sign = found.groups()
        at = found.end()
        if number:
            yield "number", number
        elif name:
            yield "name", name
        else:
            yield "sign", _SAME.get(sign, sign)


class _Reader:
    """A formula read by the strength of its operators (Pratt 1973): long sums are loops, only brackets nest."""

    def __init__(self, text: str, *, openlca: bool = False) -> None:
        self.tokens = [*_tokens(text), _END]
        self.at = self.depth = 0
        self.sign, self.right = (_TIGHT, "") if openlca else (_SIGN, "^")  # where signs bind, what binds to the right

    def whole(self) -> Node:
        node = self.part(0)
        if self.tokens[self.at] != _END:
            raise ValueError(f"{self.tokens[self.at][1]!r} is out of place")
        return node

    def part(self, least: int) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError("too many brackets inside one another")
        node = self.operand()
        while (sign := self.operator()) and _BINDS[sign] >= least:
            self.at += 1
            node = (sign, node, self.part(_BINDS[sign] + (sign != self.right)))
        self.depth -= 1
        return node

    def operator(self) -> str | None:
        kind, text = self.tokens[self.at]
        word = text.lower() if kind == "name" else text
        return word if kind in ("name", "sign") and word in _BINDS else None

    def operand(self) -> Node:
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return "number", float(text)
        if kind == "name":
            if self.tokens[self.at] == ("sign", "("):
                return self.call(text.lower(), text)
            return ("sign", "not", self.part(_NOT)) if text.lower() == "not" else ("name", text)
        if text == "(":
            node = self.part(0)
            self.expect(")")
            return node
        if text in ("+", "-"):
            return "sign", text, self.part(self.sign)
        if text == "not":
            return "sign", "not", self.part(_NOT)
        raise ValueError(f"{text!r} is out of place" if text else "it ends too early")

    def call(self, name: str, text: str) -> Node:
        if name not in _FUNCTIONS and name not in _CHOICE and name not in _CONSTANTS:
            raise ValueError(f"{text!r} is no function; there are {', '.join(sorted((*_FUNCTIONS, *_CHOICE)))}")
        self.at += 1
        if self.tokens[self.at] == ("sign", ")") and name in (*_CONSTANTS, "sum"):  # openLCA: pi(), sum()
            self.at += 1
            return "number", float(_CONSTANTS.get(name, 0.0))
        parts = [self.part(0)]
        while self.tokens[self.at] == ("sign", ","):
            self.at += 1
            parts.append(self.part(0))
        self.expect(")")
        if name in _CHOICE and len(parts) != 3:
            raise ValueError(f"{text} takes a test and two values")
        least, most = _TAKES.get(name, (1, 1) if name not in (*_ANY, *_CHOICE) else (1, len(parts)))
        if not least <= len(parts) <= most:
            raise ValueError(
                f"{text} takes {least} or {most} values" if least < most else f"{text} takes {most} values")
        return "call", name, tuple(parts)

    def expect(self, sign: str) -> None:
        if self.tokens[self.at] != ("sign", sign):
            raise ValueError(f"a {sign!r} is missing")
        self.at += 1


@cache
def parse(formula: str) -> Node:
    """The tree of `formula`. Raises InvalidInputError."""
    try:
        return _Reader(formula).whole()
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"the formula {formula!r} cannot be read ({error}).", where="formula",
                                fix="write plain arithmetic of numbers and parameters.") from error


def plain(formula: str, *, openlca: bool = False) -> str:
    """`formula` with brackets where tools read it in different ways, so that all read the same; else as it is.

    With `openlca` it is read as openLCA reads it, where signs bind before powers and powers to the left, as in Excel:
    −2^2 = 4, 2^3^2 = 64 (FormulaParser.jj). Raises InvalidInputError.
    """
    ours = parse(formula)
    theirs = _Reader(formula, openlca=True).whole()
    return formula if ours == theirs else _written(theirs if openlca else ours)


def _written(node: Node) -> str:
    match node:
        case ("number", number):
            return repr(number)
        case ("name", name):
            return str(name)
        case ("sign", sign, part):
            return f"({sign} {_written(part)})"
        case ("call", name, parts):
            return f"{name}({'; '.join(map(_written, parts))})"
        case _:
            pass
    sign, left, right = node
    return f"({_written(left)} {sign} {_written(right)})"


@cache
def uses(formula: str) -> frozenset[str]:
    """All names in a formula, in lower case, with those of constants (a parameter may be called `e`)."""
    found: set[str] = set()
    waiting = [parse(formula)]
    while waiting:
        node = waiting.pop()
        if node[0] == "name":
            found.add(node[1].lower())
        elif node[0] == "call":
            waiting.extend(node[2])
        elif node[0] != "number":
            waiting.extend(cast(Node, part) for part in node[1:] if isinstance(part, tuple))
    return frozenset(found)


def names(formula: str) -> frozenset[str]:
    """The parameters a formula needs, in lower case (names are not case-sensitive)."""
    return uses(formula) - _CONSTANTS.keys()


def evaluate(formula: str, values: Mapping[str, Value], *, where: str = "formula") -> Value:
    """The value of `formula`, elementwise over draws; what has no value (1/0) is infinite or NaN.

    Raises InvalidInputError naming `where`.
    """
    node = parse(formula)
    try:
        with np.errstate(all="ignore"):
            found = _value(node, values, formula, where)
    except (TypeError, RecursionError) as error:
        raise InvalidInputError(f"the formula {formula!r} cannot be evaluated ({error}).", where=where,
                                fix="give each function the values it takes.") from error
    return float(found) if np.ndim(found) == 0 else found


def _value(node: Node, values: Mapping[str, Value], formula: str, where: str) -> Value:
    chain: list[Node] = []
    while node[0] in _OPERATORS:  # a long sum leans to the left
        chain.append(node)
        node = node[1]
    found = _single(node, values, formula, where)
    for sign, _, right in reversed(chain):
        found = _OPERATORS[sign](found, _value(right, values, formula, where))
    return found


def _single(node: Node, values: Mapping[str, Value], formula: str, where: str) -> Value:
    def value(part: Node) -> Value:
        return _value(part, values, formula, where)

    match node:
        case ("number", number):
            return number
        case ("name", name) if name.lower() in values:
            return values[name.lower()]
        case ("name", name) if name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        case ("name", name):
            raise InvalidInputError(f"{formula!r} uses {name!r}, which is no parameter.", where=where,
                                    fix="define the parameter in the process or the database.")
        case ("sign", "not", part):
            return _FUNCTIONS["not"](value(part))
        case ("sign", sign, part):
            return -value(part) if sign == "-" else value(part)
        case ("call", name, (test, yes, no)) if name in _CHOICE:
            taken = np.asarray(value(test)) != 0
            if taken.all() or not taken.any():
                return value(yes) if taken.all() else value(no)
            return cast(Value, np.where(taken, value(yes), value(no)))
        case (_, name, parts):
            return _FUNCTIONS[name](*map(value, parts))
        case _:
            pass
    raise AssertionError(node)


def resolve(values: Mapping[str, Value], formulas: Mapping[str, str], *, where: str = "parameters") -> dict[str, Value]:
    """All parameters: `values`, and `formulas` evaluated in the order they need one another.

    Names in lower case. Raises InvalidInputError for a circle or an unknown name.
    """
    known = dict(values)
    try:
        graph = {name: uses(text) & formulas.keys() for name, text in formulas.items()}
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise InvalidInputError(f"parameters define one another in a circle: {' → '.join(error.args[1])}.",
                                where=where, fix="give one of them a value.") from error
    for name in order:
        known[name] = evaluate(formulas[name], known, where=f"{where}, {name}")
    return known
