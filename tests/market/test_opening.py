"""A market begins where its place stands: the first simulated year buys what was bought in it."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.base.years import START
from seedbed.market.definition import definitions
from seedbed.market.opening import past


@pytest.mark.parametrize("market", definitions())
def test_the_first_year_buys_what_was_bought_in_it(lab, market):
    """Within 5 %; where demand falls, what the nation buys is small against what it uses, and within 0.5 % of that."""
    inputs = lab.settled(market)
    bought = lab.run(inputs).bought[0].sum()
    seen = past(definitions()[market], START, float(inputs.beliefs.memory)).bought[-1].sum()
    demand = float(np.asarray(inputs.drivers.demand[0]).sum())
    assert bought == pytest.approx(seen, rel=0.05, abs=0.005 * demand)


def test_investment_in_power_and_storage_is_of_the_size_that_statistics_know(lab):
    """NEA: 1.17 trillion CNY of generation investment by large firms in 2024, of which distributed solar is mostly not
    a part; CNESA: some 100 GWh of new storage in 2024, at about 1 CNY/Wh with grid connection, beside pumped hydro."""
    size = {m: float(lab.run(lab.settled(m)).account.market_size[0].sum()) for m in ("electricity", "storage")}
    assert 1.1e12 < size["electricity"] < 1.7e12
    assert 0.9e11 < size["storage"] < 2.2e11


def test_a_dry_year_sells_no_dams():
    """Hydropower fell in 2022–23 and rose in 2024; plants were built steadily (14 GW in 2024: about 45 TWh)."""
    electricity = definitions()["electricity"]
    column = [t.id for t in electricity.technologies].index("hydro")
    bought = past(electricity, START, 5.0).bought[-4:, column] / 1e6
    assert (bought > 0).all()
    assert bought.max() < 140


@pytest.mark.parametrize("market", ["second_hand", "recycled", "steel", "vehicles"])
def test_no_help_buys_more_than_the_potential(lab, market):
    inputs = lab.settled(market)
    share = lab.run(lab.under(inputs, 1.0)).account.green_share
    assert (share <= definitions()[market].potential.value + 1e-6).all()
    assert share[-1].min() > 0.9 * definitions()[market].potential.value, "full help comes near it"
