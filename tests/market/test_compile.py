"""From data to arrays: totals over places, demand, limits of the years, start values."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed import facts
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.years import FIRST, LAST
from seedbed.facts import places
from seedbed.market import history
from seedbed.market.compile import compile_market
from seedbed.market.definition import definitions, get
from seedbed.market.world import default_world

PROVINCES = tuple(p.id for p in places.provinces())
MARKETS = sorted(definitions())


@pytest.mark.parametrize("market", MARKETS)
def test_the_provinces_together_want_what_the_nation_wants(lab, market):
    nation = np.asarray(lab.compiled(market).inputs.drivers.demand)
    parts = np.asarray(lab.compiled(market, PROVINCES).inputs.drivers.demand)
    assert parts.shape == (12, 31, 3)
    np.testing.assert_allclose(parts.sum(1), nation[:, 0], rtol=0.01)
    assert (parts >= 0).all()


@pytest.mark.parametrize("market", MARKETS)
def test_the_provinces_together_start_from_the_stock_of_the_nation(lab, market):
    nation, parts = (np.asarray(lab.compiled(market, w).inputs.start.stock) for w in (("china",), PROVINCES))
    assert parts.sum() == pytest.approx(nation.sum(), rel=0.01)


def test_a_run_of_all_provinces_and_a_run_of_the_nation_tell_the_same_story(lab):
    from seedbed.market.simulate import simulate

    whole = simulate("vehicles").dataset
    parts = simulate("vehicles", PROVINCES).dataset
    bought = [d.purchases.sum(["place", "channel", "technology"]).values for d in (whole, parts)]
    np.testing.assert_allclose(bought[1], bought[0], rtol=0.05)
    money = [d.market_size.sum(["place", "technology"]).values for d in (whole, parts)]
    np.testing.assert_allclose(money[1], money[0], rtol=0.05)
    green = [float((d.purchases.sum(["place", "channel"]).sel(technology=["bev", "phev", "fcev"])).sum()
                   / d.purchases.sum()) for d in (whole, parts)]
    assert green[1] == pytest.approx(green[0], abs=0.05)


def test_demand_for_vehicles_is_sales_less_exports(lab):
    inputs, definition = lab.compiled("vehicles").inputs, get("vehicles")
    sold = facts.read("national_vehicles").series("sales")[2024]
    abroad = sum(t.export.history.values[2024] for t in definition.technologies if t.export)
    assert abroad > 3e6
    assert float(inputs.drivers.demand[0].sum()) == pytest.approx(sold - abroad, rel=1e-6)


def test_buyers_share_out_demand_and_sum_to_one(lab):
    for market in MARKETS:
        inputs = lab.compiled(market).inputs
        assert float(inputs.setting.buyers.sum()) == pytest.approx(1.0)
        whole = history.national_demand(get(market), np.arange(2024, 2036))
        np.testing.assert_allclose(np.asarray(inputs.drivers.demand).sum((1, 2)), whole, rtol=1e-9)


def test_the_people_of_the_provinces_are_the_people_of_the_nation(lab):
    nation, parts = (np.asarray(lab.compiled("steel", w).inputs.drivers.population) for w in (("china",), PROVINCES))
    np.testing.assert_allclose(parts.sum(1), nation[:, 0], rtol=1e-9)
    assert 1.3e9 < nation[0, 0] < 1.5e9


def test_all_markets_share_one_shape_so_that_one_program_serves_them(lab):
    import jax

    shapes = {tuple(leaf.shape for leaf in jax.tree.leaves(lab.compiled(m).inputs)) for m in MARKETS}
    assert len(shapes) == 1


def test_neighbours_are_looked_at_with_weights_that_sum_to_at_most_one(lab):
    weights = np.asarray(lab.compiled("vehicles", PROVINCES).inputs.setting.neighbours)
    assert (weights.sum(1) <= 1 + 1e-12).all()
    assert (np.diag(weights) == 0).all()


@pytest.mark.parametrize(("start", "until"), [(FIRST - 1, 2030), (2024, LAST + 1), (2030, 2030), (2031, 2030)])
def test_years_that_cannot_be_simulated_are_refused_with_the_range(start, until):
    with pytest.raises(InvalidInputError, match=rf"until.*{start}–{until}.*{FIRST} ≤ start < until ≤ {LAST}"):
        compile_market(get("vehicles"), [places.resolve("china")], default_world(), start=start, until=until)


@pytest.mark.parametrize(("name", "nearest"), [("vehicle", "vehicles"), ("electricty", "electricity")])
def test_an_unknown_market_offers_the_nearest(name, nearest):
    with pytest.raises(UnknownNameError, match=nearest) as caught:
        get(name)
    assert caught.value.near[0] == nearest


def test_a_market_is_found_by_its_name_in_either_language():
    definition = get("vehicles")
    assert get(definition.label.zh) is get(definition.label.en) is definition


def test_an_unknown_place_offers_the_nearest():
    with pytest.raises(UnknownNameError, match="guangdong"):
        places.resolve("guangdon")
