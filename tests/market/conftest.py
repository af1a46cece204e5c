"""A laboratory shared by the whole session: one shape of market, so every program is compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path as Folder

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.facts import places
from seedbed.market.arrays import Inputs
from seedbed.market.compile import Compiled, compile_market
from seedbed.market.definition import Definition, definitions
from seedbed.market.programs import program
from seedbed.market.steer import settled
from seedbed.market.trajectory import Path, anchored, run
from seedbed.market.world import default_world
from seedbed.policy.mix import Mix, as_it_is

HERE = Folder(__file__).parent
START, UNTIL = 2024, 2035
_run = program(run)
_anchored = program(anchored)
_steered = program(settled)


class Lab:
    """Markets over START…UNTIL: compile, settle (anchor), change one thing, run."""

    @staticmethod
    @cache
    def compiled(market: str, where: tuple[str, ...] = ("china",)) -> Compiled:
        """A market under policy as it is."""
        return Lab.compile(definitions()[market], where)

    @staticmethod
    def compile(definition: Definition, where: Sequence[str] = ("china",), mix: Mix | None = None) -> Compiled:
        """Any definition under any mix (default: policy as it is)."""
        policies = as_it_is(range(START, UNTIL + 1)) if mix is None else mix
        chosen = [places.resolve(name) for name in where]
        return compile_market(definition, chosen, default_world(), start=START, until=UNTIL).under(policies)

    @staticmethod
    @cache
    def settled(market: str) -> Inputs:
        """The anchored inputs of a national market."""
        return _anchored(Lab.compiled(market).inputs)

    @staticmethod
    @cache
    def steered(market: str, *where: str) -> Inputs:
        """The inputs of a market in places (default: the nation) that follow the forecast."""
        return _steered(Lab.compiled(market, where or ("china",)).inputs)

    @staticmethod
    def run(inputs: Inputs) -> Path:
        """All years; arrays on the host."""
        return jax.tree.map(np.asarray, _run(inputs))

    @staticmethod
    def under(inputs: Inputs, intensity: np.ndarray | float) -> Inputs:
        """The inputs with `intensity` (a number, J or T×J) set and nothing left to the rule."""
        shape = inputs.drivers.fixed.shape
        fixed = jnp.asarray(np.broadcast_to(np.asarray(intensity, dtype=float), shape))
        return eqx.tree_at(lambda i: (i.drivers.fixed, i.drivers.by_rule), inputs, (fixed, jnp.zeros(shape)))

    @staticmethod
    def believing(inputs: Inputs, **values: float) -> Inputs:
        """The inputs with some scalar beliefs replaced."""
        for name, value in values.items():
            new = jnp.asarray(np.float64(value))
            inputs = eqx.tree_at(lambda i, n=name: getattr(i.beliefs, n), inputs, new)
        return inputs

    @staticmethod
    def random_intensity(inputs: Inputs, seed: int, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """Intensities T×J, uniform between `low` and `high`."""
        return np.random.default_rng(seed).uniform(low, high, inputs.drivers.fixed.shape)


@pytest.fixture(scope="session")
def lab() -> type[Lab]:
    return Lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup` one worker runs this folder, so that nothing is compiled twice."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("market"))
