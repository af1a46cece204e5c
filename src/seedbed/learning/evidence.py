"""What studies found policies to do, beside what Seedbed makes of the same: a page, and targets of calibration.

A study is asked of the equation as two runs of the nation from FIRST on: the policies as they were, and the same with
one change. All runs of a market are one array program (leading axis: as it was, then study by study).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from pydantic import Field

from seedbed.base.datafile import load
from seedbed.base.evidence import Rated
from seedbed.base.text import Model, Text, Whole
from seedbed.market.arrays import Inputs
from seedbed.market.compile import Compiled
from seedbed.market.padding import WIDTH
from seedbed.market.trajectory import Path, run
from seedbed.policy.instrument import RANGE
from seedbed.policy.instrument import get as instrument

FILE = File(__file__).with_name("evidence.yaml")
MEASURES = ("amount", "elasticity", "emissions", "odds")
"""Relative change of purchases of the technologies named; the same for 1 % more adequacy; of operating emissions; and
the ratio of the odds of the technologies named among purchases."""


class Study(Model):
    """One finding, with its 90 % range, and the change of policy or infrastructure that asks for the same."""

    id: str
    market: str
    label: Text
    change: dict[str, float] = Field(default_factory=dict)
    less: dict[str, float] = Field(default_factory=dict)
    adequacy: float = 1.0
    years: tuple[int, int]
    of: tuple[str, ...] = ()
    seen: tuple[int, int]
    measure: Literal["amount", "elasticity", "emissions", "odds"]
    value: float
    low: float
    high: float
    fit: bool = False
    source: Rated

    @property
    def spread(self) -> float:
        """One standard deviation."""
        return (self.high - self.low) / RANGE


class _File(Whole):
    studies: tuple[Study, ...]


@lru_cache(maxsize=1)
def studies() -> tuple[Study, ...]:
    """All of evidence.yaml."""
    return load(FILE, _File).studies


def targets(market: str, until: int) -> list[Study]:
    """The findings that calibration of a market up to a year must meet: those that lie in its history."""
    return [s for s in studies() if s.market == market and s.fit and s.seen[1] <= until]


class Asked(eqx.Module):
    """Studies S as arrays; the leading axis of drivers is 1 + S: as it was, then each study's change."""

    fixed: Float[Array, "S1 T J"]
    infrastructure: Float[Array, "S1 T R"]
    of: Float[Array, "S I"]
    seen: Float[Array, "S T"]
    step: Float[Array, " S"]  # log factor on adequacy; 1 where it is not changed
    measure: Float[Array, "S M"]  # one-hot, in the order of MEASURES
    value: Float[Array, " S"]
    spread: Float[Array, " S"]


def asked(compiled: Compiled, wanted: Sequence[Study]) -> Asked:
    """Studies of one market as arrays; `compiled` stands for the nation from FIRST on under policy as it was."""
    years, names = np.array(compiled.years), compiled.slots.names
    drivers = jax.tree.map(np.asarray, compiled.inputs.drivers)
    ids = [t.id for t in compiled.definition.technologies]

    def between(span: tuple[int, int]) -> np.ndarray:
        return (years >= span[0]) & (years <= span[1])

    fixed, adequacy = [drivers.fixed], [drivers.infrastructure]
    for study in wanted:
        mine, when = drivers.fixed.copy(), between(study.years)
        for name, strength in study.change.items():
            mine[when, names.index(name)] = strength
        for name, amount in study.less.items():
            column = names.index(name)
            mine[when, column] = np.maximum(mine[when, column] - amount / instrument(name).ceiling.value, 0.0)
        fixed.append(mine)
        adequacy.append(np.minimum(drivers.infrastructure * np.where(when, study.adequacy, 1.0)[:, None], 1.0))
    return Asked(
        jnp.asarray(np.array(fixed)), jnp.asarray(np.array(adequacy)),
        jnp.asarray([[float(i < len(ids) and ids[i] in s.of) for i in range(WIDTH)] for s in wanted]),
        jnp.asarray(np.array([between(s.seen) for s in wanted], dtype=float)),
        jnp.asarray([float(np.log(s.adequacy)) if s.adequacy != 1 else 1.0 for s in wanted]),
        jnp.asarray([[float(s.measure == m) for m in MEASURES] for s in wanted]),
        jnp.asarray([s.value for s in wanted]), jnp.asarray([s.spread for s in wanted]))


def answers(inputs: Inputs, questions: Asked) -> tuple[Path, Float[Array, " S"]]:
    """The run as it was, and what Seedbed answers to each study, in its own measure."""
    def under(fixed: Array, infrastructure: Array) -> Path:
        return run(eqx.tree_at(lambda i: (i.drivers.fixed, i.drivers.infrastructure), inputs, (fixed, infrastructure)))

    paths = jax.vmap(under)(questions.fixed, questions.infrastructure)
    bought = paths.bought.sum((2, 3))  # run, year, technology
    amount = jnp.einsum("kti,st,si->sk", bought, questions.seen, questions.of)
    everything = jnp.einsum("kti,st->sk", bought, questions.seen)
    emitted = jnp.einsum("kt,st->sk", paths.account.operating_emissions.sum(2), questions.seen)
    odds = amount / jnp.maximum(everything - amount, 1e-12)

    def ratio(values: Array) -> Array:
        own = jnp.arange(len(questions.value))
        return jnp.maximum(values[own, own + 1], 1e-12) / jnp.maximum(values[:, 0], 1e-12)

    sold = ratio(amount)
    found = jnp.stack([sold - 1, jnp.log(sold) / questions.step, ratio(emitted) - 1, ratio(odds)], 1)
    return jax.tree.map(lambda x: x[0], paths), (found * questions.measure).sum(1)


@dataclass(frozen=True)
class Answer:
    """A study and what Seedbed says."""

    study: Study
    seedbed: float

    @property
    def agrees(self) -> bool:
        """Whether it lies in the study's range."""
        return self.study.low <= self.seedbed <= self.study.high


HEAD = """# What studies found, and what Seedbed says

Made by `make fit`; do not edit. Every row asks the equation what a study asked the world: the nation from 2010 on under
the policies as they were, once as it was and once with the change named, without the forecast. Studies marked * lie in
the history, and calibration is held to them (each counts as {weight:g} years of a market's series); the others are a
check on constants and ceilings that no history identifies. The files: `learning/evidence.yaml`, `learning/evidence.py`.

| market | question | the study | Seedbed | inside | source |
|---|---|---|---|---|---|
"""
SHAPES = {"amount": "{:+.0%}", "emissions": "{:+.0%}", "elasticity": "{:.2f}", "odds": "× {:.2f}"}


def page(found: Sequence[Answer], weight: float) -> str:
    """The page docs/evidence.md."""
    rows = []
    for answer in found:
        study, shape = answer.study, SHAPES[answer.study.measure].format
        rows.append(f"| {study.market} | {study.label.en}{' *' if study.fit else ''} | {shape(study.value)} "
                    f"({shape(study.low)} … {shape(study.high)}) | {shape(answer.seedbed)} | "
                    f"{'yes' if answer.agrees else '**no**'} | {study.source.publisher.en}: {study.source.reference} |")
    inside = sum(answer.agrees for answer in found)
    return "\n".join([HEAD.format(weight=weight) + rows[0], *rows[1:], "",
                      f"{inside} of {len(found)} lie inside the study's range.", ""])
