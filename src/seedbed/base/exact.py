"""Formulas in decimal arithmetic: money, certificates and points are counted, not approximated.

The language is that of `formulas`; a number is a Decimal of 28 digits, so that 0.1 + 0.2 is 0.3. What has no value
(a division by zero, the root of a negative number) is an error, since an award or a charge cannot be infinite.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException, InvalidOperation
from typing import Any

from seedbed.base import units
from seedbed.base.errors import InvalidInputError
from seedbed.base.formulas import Node, parse

WIDEST = 30
"""Powers of ten, up and down, within which numbers of people, money and matter lie."""
Cell = Any  # a Decimal, a text or None


def decimal(raw: object, *, where: str) -> Decimal:
    """`raw` as a finite Decimal (a float as it is printed). Raises InvalidInputError naming `where`."""
    try:
        if isinstance(raw, bool):
            raise InvalidOperation
        text = str(raw).strip().replace("−", "-")
        found = raw if isinstance(raw, Decimal) else Decimal("NaN" if "_" in text else text)
    except InvalidOperation:
        found = Decimal("NaN")
    if found.is_finite() and found and not -WIDEST < found.adjusted() < WIDEST:
        raise InvalidInputError(f"{raw!s:.20} is beyond all that is counted.", where=where,
                                fix="correct the number.")
    if not found.is_finite():
        raise InvalidInputError(f"{raw!r} is no number.", where=where, fix="write digits with a decimal point: 1234.5.")
    return found


def times(unit: str, per: str, *, where: str) -> Decimal:
    """How many `per` a `unit` is. Raises UnknownNameError; InvalidInputError naming `where` for other dimensions."""
    try:
        return Decimal(repr(units.factor(unit, per)))
    except ValueError as error:
        raise InvalidInputError(f"{error}.", where=where, fix="give both in units of one kind.") from error


def rounded(value: Decimal, digits: Decimal | int = 0) -> Decimal:
    """Half up, as statutes round money."""
    return value.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)


def _whole(way: str) -> Callable[..., Decimal]:
    def whole(value: Decimal, digits: Decimal | int = 0) -> Decimal:
        return value.quantize(Decimal(1).scaleb(-int(digits)), way)

    return whole


def _truth(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Decimal]:
    return lambda left, right: Decimal(int(test(left, right)))


_untyped: Any = operator  # of its functions three have no types
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": _untyped.truediv, "^": _untyped.pow,
    "%": operator.mod, "mod": operator.mod, "div": _untyped.floordiv, "<": _truth(operator.lt),
    "<=": _truth(operator.le), ">": _truth(operator.gt), ">=": _truth(operator.ge), "==": _truth(operator.eq),
    "!=": _truth(operator.ne), "and": _truth(lambda a, b: bool(a) and bool(b)),
    "or": _truth(lambda a, b: bool(a) or bool(b)), "xor": _truth(lambda a, b: bool(a) != bool(b)),
}
_OF_ONE: dict[str, Callable[[Decimal], Decimal]] = {
    "sqrt": lambda x: x.sqrt(), "exp": lambda x: x.exp(), "ln": lambda x: x.ln(), "log10": lambda x: x.log10(),
    "trunc": lambda x: Decimal(int(x)), "int": lambda x: Decimal(int(x)), "not": lambda x: Decimal(int(not x)),
    "sqr": lambda x: x * x,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **_OF_ONE, "min": min, "max": max, "abs": abs, "sum": lambda *parts: sum(parts, Decimal(0)), "round": rounded,
    "floor": _whole(ROUND_FLOOR), "ceil": _whole(ROUND_CEILING), "pow": _untyped.pow, "power": _untyped.pow,
    "mean": lambda *parts: sum(parts, Decimal(0)) / len(parts),
}
_CHOICE = ("if", "iff", "iif")


def exact(formula: str, values: Mapping[str, Cell], *, where: str = "formula") -> Decimal:
    """The value of `formula` with `values` (names in lower case). Raises InvalidInputError naming `where`."""
    try:
        found = _value(parse(formula), values, formula, where)
    except (DecimalException, ZeroDivisionError, OverflowError, TypeError, RecursionError) as error:
        said = type(error).__name__ if isinstance(error, DecimalException) else str(error)
        raise InvalidInputError(f"{formula!r} has no value ({said}) with {_given(formula, values)}.", where=where,
                                fix="correct what was given.") from error
    if not isinstance(found, Decimal) or not found.is_finite():
        raise InvalidInputError(f"{formula!r} has no value with {_given(formula, values)}.", where=where,
                                fix="correct what was given.")
    return found


def _given(formula: str, values: Mapping[str, Cell]) -> str:
    from seedbed.base.formulas import names

    return ", ".join(f"{name} = {values[name]}" for name in sorted(names(formula)) if name in values) or "no value"


def _value(node: Node, values: Mapping[str, Cell], formula: str, where: str) -> Any:
    chain: list[Node] = []
    while node[0] in _OPERATORS:  # a long sum leans to the left
        chain.append(node)
        node = node[1]
    found = _single(node, values, formula, where)
    for sign, _, right in reversed(chain):
        if sign in ("and", "or") and bool(found) == (sign == "or"):
            found = Decimal(int(bool(found)))  # what follows does not matter, and may be unknown
        else:
            found = _OPERATORS[sign](found, _value(right, values, formula, where))
    return found


def _single(node: Node, values: Mapping[str, Cell], formula: str, where: str) -> Any:
    def value(part: Node) -> Any:
        return _value(part, values, formula, where)

    match node:
        case ("number", number):
            return Decimal(repr(number)) if number != int(number) or abs(number) > 1e15 else Decimal(int(number))
        case ("name", name) if name.lower() in values:
            found = values[name.lower()]
            if found is None:
                raise InvalidInputError(f"{formula!r} needs {name!r}, which is not given.", where=where,
                                        fix=f"give {name}.")
            return found
        case ("name", name) if name.lower() in ("true", "false"):
            return Decimal(int(name.lower() == "true"))
        case ("name", name):
            raise InvalidInputError(f"{formula!r} uses {name!r}, which nobody gives.", where=where,
                                    fix="ask for it, make it a rule, or name an earlier step.")
        case ("sign", "not", part):
            return Decimal(int(not value(part)))
        case ("sign", sign, part):
            return -value(part) if sign == "-" else value(part)
        case ("call", name, (test, yes, no)) if name in _CHOICE:
            return value(yes) if value(test) else value(no)
        case ("call", name, parts) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*map(value, parts))
        case _:
            pass
    raise InvalidInputError(f"{formula!r} uses {node[1]!r}, which has no decimal form.", where=where,
                            fix=f"use one of {', '.join(sorted(_FUNCTIONS))}.")
