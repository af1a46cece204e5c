"""Parameters and formulas: amounts as functions of named values, for one value or a batch of draws.

Formulas are arithmetic expressions of Python's syntax with `^` for powers, read by its parser and walked
by hand: names, numbers, operators and the functions below, nothing else, so that a database can never
run code.
"""

from __future__ import annotations

import ast
import keyword
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from seedbed.base.errors import InvalidInputError

Value = Any  # a float, or an array of draws

_BINARY: dict[type, Callable[[Value, Value], Value]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.Mod: operator.mod,
}
_UNARY: dict[type, Callable[[Value], Value]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_COMPARE: dict[type, Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "sqrt": np.sqrt, "exp": np.exp, "ln": np.log, "log": np.log10, "log10": np.log10, "abs": np.abs, "sin": np.sin,
    "cos": np.cos, "tan": np.tan, "min": lambda *a: np.minimum.reduce(np.broadcast_arrays(*a)),
    "max": lambda *a: np.maximum.reduce(np.broadcast_arrays(*a)), "pow": np.power, "round": np.round,
    "floor": np.floor, "ceil": np.ceil, "sqr": np.square, "iff": lambda test, yes, no: np.where(test, yes, no),
    "if": lambda test, yes, no: np.where(test, yes, no),
}
_CONSTANTS = {"pi": np.pi, "e": np.e}
_MARK = "__name"
_WORDS = re.compile(rf"\b({'|'.join(word for word in keyword.kwlist if word.islower())})\b")
"""Words of Python's that parameters may be called all the same, such as `yield`."""


@cache
def _parse(formula: str) -> ast.expr:
    text = formula.strip().lstrip("=").replace("^", "**").replace("if(", "iff(").replace("iiff(", "iff(")
    try:
        tree = ast.parse(_WORDS.sub(rf"\1{_MARK}", text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # also null bytes, and nests too deep
        raise InvalidInputError(
            f"the formula {formula!r} cannot be read ({error}).", where="formula", fix="write plain arithmetic."
        ) from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = node.id.removesuffix(_MARK)
    return tree


def names(formula: str) -> frozenset[str]:
    """The parameters a formula uses, in lower case (names are not case-sensitive)."""
    called = {id(node.func) for node in ast.walk(_parse(formula)) if isinstance(node, ast.Call)}
    found = {
        node.id.lower() for node in ast.walk(_parse(formula)) if isinstance(node, ast.Name) and id(node) not in called
    }
    return frozenset(found - set(_CONSTANTS))


def evaluate(formula: str, values: Mapping[str, Value], *, where: str = "formula") -> Value:
    """The value of `formula`, elementwise over draws. Raises InvalidInputError naming `where`."""
    return _value(_parse(formula), values, formula, where)


def _value(node: ast.expr, values: Mapping[str, Value], formula: str, where: str) -> Value:
    def value(child: ast.expr) -> Value:
        return _value(child, values, formula, where)

    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name.lower() in values:
            return values[name.lower()]
        case ast.Name(id=name) if name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        case ast.Name(id=name):
            raise InvalidInputError(f"{formula!r} uses {name!r}, which is no parameter.", where=where,
                                    fix="define the parameter in the process or the database.")
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](value(left), value(right))
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](value(operand))
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            return _COMPARE[type(op)](value(left), value(right))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name.lower() in _FUNCTIONS:
            return _FUNCTIONS[name.lower()](*map(value, arguments))
    raise InvalidInputError(f"{formula!r} uses {ast.unparse(node)!r}, which is not arithmetic.", where=where,
                            fix=f"use numbers, parameters, + - * / ^ and {', '.join(sorted(_FUNCTIONS))}.")


def resolve(values: Mapping[str, Value], formulas: Mapping[str, str], *, where: str = "parameters") -> dict[str, Value]:
    """All parameters: `values`, and `formulas` evaluated in the order they need one another.

    Names in lower case. Raises InvalidInputError for a circle or an unknown name.
    """
    known = dict(values)
    try:
        order = list(TopologicalSorter({name: names(text) for name, text in formulas.items()}).static_order())
    except CycleError as error:
        raise InvalidInputError(f"parameters define one another in a circle: {' → '.join(error.args[1])}.",
                                where=where, fix="give one of them a value.") from error
    for name in order:
        if name in formulas:
            known[name] = evaluate(formulas[name], known, where=f"{where}, {name}")
    return known
