"""Ranking by several criteria, and how stable it is.

Three methods stand side by side: the weighted sum of min–max scores, and TOPSIS (Hwang and Yoon 1981) with vector and
with min–max normalisation, which may name different winners. Each weight is then changed up and down, one at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import product

import numpy as np

from seedbed.base.errors import InvalidInputError
from seedbed.operate.assess import Book


def topsis(scores: np.ndarray, weights: np.ndarray, less: np.ndarray, *, vector: bool) -> np.ndarray:
    """Closeness to the best (0–1) of N candidates (N×C scores), with vector or min–max normalisation."""
    if vector:
        norm = np.linalg.norm(scores, axis=0)
        scaled = scores / np.where(norm == 0, 1, norm)
    else:
        scaled = _unit(scores)
    scaled = np.where(less, -scaled, scaled) * (weights / weights.sum())
    far = np.linalg.norm(scaled - scaled.min(0), axis=1)
    near = np.linalg.norm(scaled - scaled.max(0), axis=1)
    whole = far + near
    return np.where(whole == 0, 0.5, far / np.where(whole == 0, 1, whole))


def weighted(scores: np.ndarray, weights: np.ndarray, less: np.ndarray) -> np.ndarray:
    """Weighted sum of min–max scores (0–1)."""
    scaled = _unit(scores)
    return np.where(less, 1 - scaled, scaled) @ (weights / weights.sum())


def _unit(scores: np.ndarray) -> np.ndarray:
    low, span = scores.min(0), np.ptp(scores, axis=0)
    return (scores - low) / np.where(span == 0, 1, span)


def ranks(values: np.ndarray) -> np.ndarray:
    """1 for the largest; equal values share a rank."""
    return 1 + (values[None, :] > values[:, None] + 1e-12).sum(1)


METHODS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "weighted": weighted,
    "vector": lambda s, w, less: topsis(s, w, less, vector=True),
    "minmax": lambda s, w, less: topsis(s, w, less, vector=False),
}


def steps(book: Book) -> None:
    """The ranking of a scheme that asks criteria, scores and `shake`."""
    criteria = book.tables["criteria"]
    ids = [row["id"] for row in criteria]
    named = list(dict.fromkeys(row["candidate"] for row in book.tables["scores"]))
    given = {(row["candidate"], row["criterion"]): row["score"] for row in book.tables["scores"]}
    for name, criterion in product(named, ids):
        if (name, criterion) not in given:
            raise InvalidInputError(f"{name} has no score for {criterion}.", where="scores", fix="give every score.")
    if unknown := {criterion for _, criterion in given} - {*ids}:
        raise InvalidInputError(f"{', '.join(sorted(unknown))} is no criterion.", where="scores", fix=f"use {ids}.")
    scores = np.array([[float(given[name, criterion]) for criterion in ids] for name in named])
    weights = np.array([float(row["weight"]) for row in criteria])
    less = np.array([bool(row["less_is_better"]) for row in criteria])
    if weights.sum() <= 0:
        raise InvalidInputError("all weights are zero.", where="criteria", fix="give weights.")
    book.tables["ranking"] = [{"candidate": name} for name in named]
    book.column("ranking", "candidates", named)
    found = {name: method(scores, weights, less) for name, method in METHODS.items()}
    for name, values in found.items():
        book.column("ranking", name, [Decimal(repr(round(float(v), 9))) for v in values])
    every = [ranks(method(scores, changed, less)) for method in METHODS.values()
             for changed in _changed(weights, float(book.values["shake"]))]
    _said(book, named, ranks(found["weighted"]), np.array(every))


def _said(book: Book, named: list[str], rank: np.ndarray, every: np.ndarray) -> None:
    winner = named[int(np.argmin(rank))]
    firsts = {named[i] for row in every for i in np.flatnonzero(row == 1)}
    for name, values in (("rank", rank), ("rank_best", every.min(0)), ("rank_worst", every.max(0))):
        book.column("ranking", name, [Decimal(int(v)) for v in values])
    book.line("winner", winner)
    book.line("stable", Decimal(int(firsts == {winner})))
    if firsts != {winner}:
        book.warn("another", others=", ".join(sorted(firsts - {winner})))


def _changed(weights: np.ndarray, shake: float) -> list[np.ndarray]:
    """The weights as they are, and with each up and down by `shake`."""
    out = [weights]
    for i, sign in product(range(len(weights)), (1 - shake, 1 + shake)):
        changed = weights.copy()
        changed[i] *= sign
        if changed.sum() > 0:
            out.append(changed)
    return out
