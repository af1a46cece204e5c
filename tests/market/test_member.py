"""A caller's world reaches everything; member n is one world, whoever asks, and the markets of a member share it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.facts import places
from seedbed.market.arrays import Beliefs
from seedbed.market.compile import compile_market
from seedbed.market.definition import definitions, get
from seedbed.market.draws import SHARED, Spread
from seedbed.market.ensemble import Stacked, drawn, ensemble, stack
from seedbed.market.nation import surroundings
from seedbed.market.simulate import simulate
from seedbed.market.world import World, along, default_world
from seedbed.policy.mix import as_it_is

MARKETS = ("vehicles", "steel", "electricity")


def dearer(carrier: str, times: float) -> World:
    """The shipped world with one carrier that many times as dear from 2027 on."""
    world = default_world()
    path, years = world.carrier_price[carrier], np.array([*range(2010, 2061)])
    values = along(path, years) * np.where(years >= 2027, times, 1.0)
    changed = path.model_copy(update={"values": dict(zip(years.tolist(), values.tolist(), strict=True))})
    return world.model_copy(update={"carrier_price": {**world.carrier_price, carrier: changed}})


def members(lab: Any, markets: tuple[str, ...], numbers: range, seed: int = 1) -> Beliefs:
    """Beliefs of members (axes member, market), before anchoring."""
    spreads = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(Spread.of(get(name)) for name in markets))
    return drawn(stack([lab.compiled(name).inputs for name in markets]), spreads, jax.random.key(seed), numbers)


def same(a: Any, b: Any) -> bool:
    return all(np.asarray(x).tobytes() == np.asarray(y).tobytes()
               for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def test_twice_as_dear_coke_makes_the_rest_of_the_nation_buy_greener_steel() -> None:
    usual, dear = (surroundings(get("steel"), world, 2024, 2035)
                   for world in (default_world(), dearer("coke", 2.0)))
    green = [n for n, t in enumerate(get("steel").technologies) if t.green]
    assert usual.shares is not None
    assert dear.shares is not None
    assert usual.shares[5, green].sum() + 0.05 < dear.shares[5, green].sum()


@pytest.mark.parametrize(("market", "carrier"), [("vehicles", "gasoline"), ("steel", "coke")])
def test_a_world_reaches_the_surroundings_of_a_simulated_province(market: str, carrier: str) -> None:
    usual, dear = (simulate(market, "guangdong", world=world).compiled.inputs.drivers
                   for world in (default_world(), dearer(carrier, 5.0)))
    for name in ("rest_of_nation", "around", "carrier_price"):
        assert not np.array_equal(getattr(usual, name), getattr(dear, name)), name


def test_the_markets_of_one_member_see_one_world(lab: Any) -> None:
    drifts = members(lab, MARKETS, range(50))
    sizes = [Spread.of(get(name)) for name in MARKETS]
    for name in SHARED:
        scale = np.array([float(getattr(size, name)) for size in sizes])
        z = np.asarray(getattr(drifts, f"{name}_drift")) / scale
        np.testing.assert_allclose(z, z[:, :1] * np.ones(len(MARKETS)), rtol=1e-12, err_msg=name)
        assert z[:, 0].std() == pytest.approx(1.0, abs=0.35), name


def test_what_is_a_markets_own_differs_between_the_markets_of_a_member(lab: Any) -> None:
    taste = np.asarray(members(lab, MARKETS, range(200)).shocks)[:, :, -1, 0, 0]
    assert np.abs(np.corrcoef(taste.T) - np.eye(len(MARKETS))).max() < 0.25


@pytest.mark.parametrize("others", [("vehicles", "steel"), ("steel", "vehicles", "electricity")])
def test_a_markets_draws_do_not_depend_on_which_other_markets_are_run_or_in_which_order(lab: Any, others) -> None:
    alone, beside = members(lab, ("steel",), range(8)), members(lab, others, range(8))
    at = others.index("steel")
    assert same(jax.tree.map(lambda x: x[:, 0], alone), jax.tree.map(lambda x: x[:, at], beside))


def test_a_member_is_the_same_world_in_simulate_and_in_an_ensemble(lab: Any) -> None:
    inputs = lab.compiled("vehicles").inputs
    spreads = jax.tree.map(lambda x: x[None], Spread.of(get("vehicles")))
    one = jax.tree.map(lambda x: x[None, None], lab.compiled("vehicles").scenario(as_it_is(range(2024, 2036))))
    found = ensemble(*Stacked(stack([inputs]), spreads, one), jax.random.key(4), 3)
    told = simulate("vehicles", members=3, seed=4).dataset.green_share
    np.testing.assert_allclose(found.green_share[0, :, 0, :, 0], told.values[..., 0], rtol=1e-5)


def test_the_draws_of_the_first_years_do_not_depend_on_the_horizon() -> None:
    spread = jax.tree.map(lambda x: x[None], Spread.of(get("vehicles")))
    short, long = (
        drawn(stack([compile_market(get("vehicles"), [places.resolve("china")], default_world(), start=2024,
                                    until=until).inputs]), spread, jax.random.key(2), range(4))
        for until in (2030, 2040))
    assert np.array_equal(short.shocks, long.shocks[:, :, :7])
    assert np.array_equal(short.rank, long.rank)
    assert np.array_equal(short.energy_drift, long.energy_drift)


def test_a_higher_price_at_the_border_hurts_the_dirtier_export_and_is_part_of_a_member(lab: Any) -> None:
    inputs = lab.settled("steel")
    low, high = (lab.run(lab.believing(inputs, border_drift=value)).account.exports.sum() for value in (-0.5, 0.5))
    assert high < low
    assert np.ptp(np.asarray(members(lab, ("steel",), range(20)).border_drift)) > 0.1


def test_every_market_is_drawn_by_its_own_name() -> None:
    assert len({int(Spread.of(one).market) for one in definitions().values()}) == len(definitions())
