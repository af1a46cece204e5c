"""The nation under policy as it is, and what places that are part of it see of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import jax
import numpy as np
from jaxtyping import Float

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.memory import remembered
from seedbed.facts import places
from seedbed.market.arrays import Inputs
from seedbed.market.compile import Compiled, compile_market
from seedbed.market.definition import Definition
from seedbed.market.drivers import Surroundings
from seedbed.market.programs import program
from seedbed.market.steer import settled
from seedbed.market.trajectory import Path, run
from seedbed.market.world import World, default_world
from seedbed.policy.mix import as_it_is


@program
def central(inputs: Inputs, forecast: bool) -> Path:
    """One market with the beliefs as they are, anchored and, where there is a `forecast`, steered."""
    return run(settled(inputs, forecast=forecast))


def check_places(where: Sequence[places.Place]) -> None:
    """Raise InvalidInputError for a place without data, one that is named twice, or the nation beside its provinces."""
    if not where:
        raise InvalidInputError("no place is named.", where=Parameter("place"), fix="name a province, or china.")
    for place in where:
        if place.id != places.NATION and not place.planning_unit:
            raise InvalidInputError(f"{place.name.en} has no data in this product.", where=Parameter("place"),
                                    fix="name one of the 31 mainland provinces, or china.")
    ids = [place.id for place in where]
    if len(set(ids)) < len(ids):
        raise InvalidInputError("a place is named twice.", where=Parameter("place"), fix="name each place once.")
    if len(ids) > 1 and places.NATION in ids:
        raise InvalidInputError("the nation holds its provinces: together they would count twice.",
                                where=Parameter("place"), fix="name the nation, or provinces.")


def check_seed(seed: int) -> None:
    """Raise InvalidInputError for a seed that is no number from 0 on."""
    if not 0 <= seed < 2**63:
        raise InvalidInputError(f"{seed} is no seed.", where=Parameter("seed"), fix="give a whole number from 0 on.")


def whole(where: Sequence[places.Place]) -> bool:
    """Whether places are the whole nation: itself, or all its provinces."""
    return where[0].id == places.NATION or len(where) == len(places.provinces())


@remembered(64)
def surroundings(definition: Definition, world: World, start: int, until: int, choice: str = "logit") -> Surroundings:
    """What a place sees of the rest of the nation in one market, in `world` and under a choice rule."""
    everywhere = compile_market(definition, [places.resolve(places.NATION)], world, start=start, until=until)
    everywhere = everywhere.choosing(choice).under(as_it_is(range(start, until + 1)))
    usual = None if world == default_world() else surroundings(definition, default_world(), start, until, choice)
    return replace(around(everywhere, central(everywhere.inputs, everywhere.forecast)), reference=usual)


def around(everywhere: Compiled, path: Path, grid: np.ndarray | None = None) -> Surroundings:
    """The same from a national run that is there; `grid` as `cleaning` found it."""
    path = jax.tree.map(np.asarray, path)
    bought = (path.bought / path.service[:, :, None]).sum((1, 2))
    buyers = np.asarray(everywhere.inputs.setting.buyers)
    return Surroundings(bought, np.einsum("trbi,b->ti", path.share, buyers), grid)


def cleaning(power: Path) -> Float[np.ndarray, "T 1"]:
    """How clean power becomes: operating emissions per unit of the national electricity market, first year 1."""
    intensity = np.asarray(power.account.operating_emissions).sum(-1) / np.asarray(power.stock).sum((1, 2, 3))
    return (intensity / intensity[0])[:, None]
