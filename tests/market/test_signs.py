"""What everyone knows: who must pay more buys less of it, from the year on in which it costs more, and by how much.

Sizes are wide on purpose: they hold the order of magnitude that studies find, not a number of ours.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from seedbed.market.simulate import Outcome, simulate
from seedbed.market.world import World, along, default_world

SINCE, UNTIL = 2027, 2035


def priced(carrier: str, factor: float) -> World:
    """The shipped world, with a carrier's price times `factor` from SINCE on."""
    world, years = default_world(), range(2010, UNTIL + 1)
    path = world.carrier_price[carrier]
    values = {y: float(v) * (factor if y >= SINCE else 1.0)
              for y, v in zip(years, along(path, np.array(years)), strict=True)}
    changed = path.model_copy(update={"values": values})
    return world.model_copy(update={"carrier_price": {**world.carrier_price, carrier: changed}})


@cache
def run(market: str, carrier: str = "", factor: float = 1.0, place: str = "china") -> Outcome:
    return simulate(market, place, until=UNTIL, world=priced(carrier, factor) if carrier else None)


def share(outcome: Outcome, year: int, *technologies: str) -> float:
    """Part of a year's purchases; without a name the green ones."""
    data = outcome.to_xarray()
    if not technologies:
        return float(data.green_share.sel(year=year).mean())
    bought = data.purchases.sel(year=year).sum(("place", "channel"))
    return float(bought.sel(technology=list(technologies)).sum() / bought.sum())


@pytest.mark.parametrize(("market", "carrier", "factor", "year", "least", "most"), [
    ("vehicles", "gasoline", 2.0, 2028, 0.01, 0.20),
    ("vehicles", "gasoline", 0.5, 2028, -0.15, -0.01),
    ("vehicles", "electricity", 2.0, 2028, -0.10, -0.002),
    ("electricity", "coal", 2.0, 2027, 0.002, 0.10),
    ("electricity", "coal", 0.5, 2027, -0.10, -0.002),
    ("electricity", "gas", 2.0, 2027, 0.0, 0.05),
    ("steel", "coke", 2.0, 2028, 0.05, 0.50),
    ("steel", "electricity", 2.0, 2028, -0.30, -0.01),
    ("heating", "gas", 2.0, 2028, 0.002, 0.10),
    ("heating", "electricity", 2.0, 2028, -0.10, -0.005),
    ("hydrogen", "electricity", 0.5, 2030, 0.01, 0.30),
    ("cement", "coal", 2.0, 2030, 0.005, 0.20),
])
def test_a_dearer_carrier_moves_the_green_share_the_known_way(market, carrier, factor, year, least, most):
    change = share(run(market, carrier, factor), year) - share(run(market), year)
    assert least <= change <= most
    before = SINCE - 1  # nothing costs more yet
    assert share(run(market, carrier, factor), before) == share(run(market), before)


@pytest.mark.parametrize(("market", "carrier", "technology", "less"), [
    ("vehicles", "gasoline", "ice", True), ("vehicles", "gasoline", "bev", False),
    ("vehicles", "electricity", "bev", True), ("vehicles", "hydrogen", "fcev", True),
    ("electricity", "gas", "gas", True), ("electricity", "coal", "solar", False),
    ("heating", "electricity", "heat_pump", True), ("aluminium", "electricity", "secondary", False),
    ("steel", "coke", "bf_bof", True), ("hydrogen", "gas", "gas", True),
])
def test_who_needs_a_dearer_carrier_sells_less_and_its_rivals_more(market, carrier, technology, less):
    before, after = (share(run(market, *what), 2028, technology) for what in ((), (carrier, 2.0)))
    assert after < before if less else after > before


def test_dearer_petrol_moves_a_province_as_well():
    before, after = (share(run("vehicles", *what, place="guangdong"), 2028) for what in ((), ("gasoline", 2.0)))
    assert 0.01 < after - before < 0.20
