"""The sentences that errors and the help of the command line say, from the code; prints those that lack their Chinese.

    python tools/sentences.py

`show/sentences.yaml` gives each in Chinese; a test holds that none lacks there and that none is left over.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "src" / "seedbed"
FOREIGN = ("AssertionError", "AttributeError", "EOFError", "TypeError", "ConstructorError", "AmountError")
"""Errors that never reach a user as they are."""


def sentences() -> dict[str, str]:
    """Each sentence, with {} for what is filled in, and the first place that says it."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = [*errors(tree), *filled(tree), *(helps(tree) if path.parent.name == "cli" else ())]
        for part in parts:
            for text in said(part):
                found.setdefault(text, f"{path.relative_to(PACKAGE)}:{part.lineno}")
    return {text: place for text, place in found.items() if any(c.isalpha() for c in text.replace("{}", ""))}


def errors(tree: ast.AST) -> Iterator[ast.expr]:
    """What errors are made of."""
    for node in ast.walk(tree):
        match node:
            case ast.Call() if called(node).endswith("Error") and called(node) not in FOREIGN:
                yield from (*node.args[:1], *(word.value for word in node.keywords if word.arg in ("what", "fix")))
            case ast.Assign(targets=[ast.Attribute(attr="form")]):
                yield node.value
            case ast.Call(func=ast.Name(id="_tell")):
                yield from node.args[1:]


def filled(tree: ast.AST) -> Iterator[ast.expr]:
    """Texts that a function gives a name, and fills into an error under it."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            names = {part.id for text in errors(function) for part in ast.walk(text) if isinstance(part, ast.Name)}
            for node in ast.walk(function):
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                        yield from (part for part in ast.walk(value) if isinstance(part, ast.IfExp)) if isinstance(
                            value, ast.BinOp | ast.BoolOp) else (value,)


def helps(tree: ast.AST) -> Iterator[ast.expr]:
    """What the help of commands says."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(decorator_list=[ast.Call(func=ast.Attribute(attr="command")), *_]):
                text = ast.get_docstring(node) or ""
                yield from (ast.Constant(" ".join(part.split()), lineno=node.lineno) for part in text.split("\n\n"))
            case ast.Call():
                yield from (word.value for word in node.keywords if word.arg == "help" and
                            isinstance(word.value, ast.Constant | ast.JoinedStr))


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def said(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be, and those that can stand in their holes."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp():
            yield from said(node.body)
            yield from said(node.orelse)
        case ast.JoinedStr():
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    yield from (text for text in inner(part.value) if " " in text)
        case ast.BinOp(op=ast.Add()):
            yield from (left + right for left in said(node.left) for right in said(node.right))


def inner(node: ast.expr) -> Iterator[str]:
    """Texts that a filled-in part can be."""
    if isinstance(node, ast.IfExp | ast.JoinedStr | ast.Constant):
        yield from said(node)


if __name__ == "__main__":
    from seedbed.show.sentences import chinese

    for sentence, place in sentences().items():
        if sentence not in chinese():
            print(f"{place}: {sentence!r}")
