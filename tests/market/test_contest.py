"""The equation: what must hold in every year, whatever is believed and whatever is decided."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.market.arrays import AGES
from seedbed.market.choice import FamiliarLogit
from seedbed.market.contest import service
from seedbed.market.definition import definitions
from seedbed.market.trajectory import LEAST_SEEN, run

FEW = settings(max_examples=15, deadline=None)
ALPHA, BETA = st.floats(1.0, 9.0), st.floats(0.05, 0.95)
SEED = st.integers(0, 10_000)
HELPED_BY = ("subsidy", "tax_relief", "output_premium", "finance", "quota")


@FEW
@given(alpha=ALPHA, beta=BETA, seed=SEED)
def test_shares_sum_to_one_and_stocks_stay_positive_whatever_is_believed_or_decided(lab, alpha, beta, seed):
    inputs = lab.believing(lab.settled("vehicles"), alpha=alpha, beta=beta)
    path = lab.run(lab.under(inputs, lab.random_intensity(inputs, seed)))
    np.testing.assert_allclose(path.share.sum(-1), 1.0, rtol=1e-12)
    assert (path.share >= 0).all()
    assert (path.stock >= 0).all()
    assert (path.bought >= 0).all()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(path))


@FEW
@given(seed=SEED, beta=BETA)
def test_no_stock_appears_that_was_not_bought(lab, seed, beta):
    inputs = lab.believing(lab.settled("electricity"), beta=beta)
    path = lab.run(lab.under(inputs, lab.random_intensity(inputs, seed)))
    before = np.concatenate([np.asarray(inputs.start.stock).sum(2)[None], path.stock[:-1]])
    worn_at_most = AGES / np.maximum(np.asarray(inputs.setting.technologies.lifetime), AGES)
    assert (path.stock <= before + path.bought + 1e-6 * before.max()).all()
    assert (path.stock >= before * (1 - worn_at_most) + path.bought - 1e-6 * before.max()).all()


def test_a_market_without_demand_buys_next_to_nothing_and_its_stock_only_wears_out(lab):
    inputs = lab.settled("electricity")
    idle = eqx.tree_at(lambda i: i.drivers.demand, inputs, inputs.drivers.demand * 0)
    path = lab.run(idle)
    assert path.bought.sum() < 1e-9 * path.stock[0].sum()
    assert (np.diff(path.stock, axis=0) <= 1e-9).all()


def test_padding_is_never_bought(lab):
    for market, definition in definitions().items():
        path = lab.run(lab.settled(market))
        assert path.share[..., len(definition.technologies):].sum() == 0


def reach(inputs, slot: int) -> np.ndarray:
    """B×I: 1 where the instrument in `slot` helps."""
    return np.asarray(inputs.levers.coefficient[slot] > 0, dtype=float)


@pytest.mark.parametrize("market", ["vehicles", "electricity", "steel", "hydrogen"])
def test_more_help_never_lowers_the_share_of_what_it_favours(lab, market):
    inputs = lab.settled(market)
    buyers = np.asarray(inputs.setting.buyers)
    slots = [j for lever in HELPED_BY for j in range(*inputs.levers.segments[_order(lever)]) if reach(inputs, j).any()]
    assert slots
    for slot in slots:
        favoured, level = [], np.zeros(inputs.drivers.fixed.shape[1])
        for strength in (0.0, 0.3, 0.6, 1.0):
            level[slot] = strength
            path = lab.run(lab.under(inputs, level))
            favoured.append(np.einsum("trbi,b,bi->t", path.share, buyers, reach(inputs, slot)))
        steps = np.diff(favoured, axis=0)
        assert (steps[:, 0] >= -1e-9).all(), (market, slot)
        assert (steps.sum(1) >= -1e-6).all(), (market, slot)


def _order(lever: str) -> int:
    from seedbed.market.arrays import LEVER_ORDER

    return LEVER_ORDER.index(lever)


def test_a_quota_with_full_compliance_is_nearly_met(lab):
    inputs = lab.settled("vehicles")
    first, last = inputs.levers.segments[_order("quota")]
    slot = next(j for j in range(first, last) if reach(inputs, j).any())
    full = eqx.tree_at(lambda i: i.levers.compliance, inputs, jnp.ones_like(inputs.levers.compliance))
    level = np.zeros(inputs.drivers.fixed.shape[1])
    level[slot] = 1.0
    reached = reach(inputs, slot)
    path = lab.run(lab.under(full, level))
    asked = float(np.asarray(inputs.levers.coefficient[slot]).max())
    held = [b for b in range(3) if reached[b].any()]
    got = np.einsum("trbi,bi->tb", path.share, reached)[:, held]
    assert (got >= min(asked, 0.995) - 0.01).all()


@pytest.mark.parametrize("market", ["vehicles", "electricity"])
def test_the_gradient_of_every_intensity_equals_finite_differences(lab, market):
    inputs = lab.settled(market)
    middle = jnp.asarray(lab.random_intensity(inputs, 3, 0.25, 0.5))
    slope = _emitted_slope(middle, inputs)[1]
    assert np.isfinite(slope).all()
    step = 1e-5
    top = float(np.abs(slope.sum(0)).max())
    for slot in range(middle.shape[1]):
        side = jnp.zeros_like(middle).at[:, slot].set(step)
        ahead, behind = (float(_emitted_slope(middle + s, inputs)[0]) for s in (side, -side))
        found = (ahead - behind) / (2 * step)
        assert found == pytest.approx(float(slope[:, slot].sum()), rel=1e-4, abs=1e-6 * top), slot


def _objective(fixed, inputs):
    """Life-cycle emissions, Gt, and public money, bn CNY, at once: every kind of instrument moves it."""
    changed = eqx.tree_at(lambda i: (i.drivers.fixed, i.drivers.by_rule), inputs, (fixed, jnp.zeros_like(fixed)))
    books = run(changed).account
    return books.life_cycle_emissions.sum() / 1e12 + books.public_money.sum() / 1e12 + books.exports.sum() / 1e12


_emitted_slope = eqx.filter_jit(jax.value_and_grad(_objective))


def test_the_first_year_reproduces_the_observed_shares_where_everything_is_sold(lab):
    checked = []
    for market in definitions():
        inputs = lab.settled(market)
        exists = np.asarray(inputs.setting.technologies.exists) > 0
        seen = np.asarray(inputs.anchor_share)[0]
        if (seen[exists] < LEAST_SEEN).any():
            continue
        path = lab.run(inputs)
        made = np.einsum("bi,b->i", path.share[0, 0], np.asarray(inputs.setting.buyers))
        np.testing.assert_allclose(made, seen * exists, atol=1e-6, err_msg=market)
        checked.append(market)
    assert len(checked) >= 4


def test_everything_is_computed_in_double_precision(lab):
    inputs = lab.settled("vehicles")
    assert {leaf.dtype for leaf in jax.tree.leaves(inputs)} == {np.dtype("float64")}
    assert {leaf.dtype for leaf in jax.tree.leaves(lab.run(inputs))} == {np.dtype("float64")}


@pytest.mark.parametrize(("market", "technology"), [("electricity", "hydro"), ("hydrogen", "byproduct"),
                                                    ("steel", "scrap_eaf")])
@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_natural_limits_hold_under_no_half_and_full_policy(lab, market, technology, strength):
    column = [t.id for t in definitions()[market].technologies].index(technology)
    inputs = lab.settled(market)
    stock = lab.run(lab.under(inputs, strength)).stock.sum((1, 2))[:, column]
    assert stock.max() <= 1.02 * float(inputs.setting.technologies.limit[0, column])


def test_a_limit_that_is_near_stops_what_would_have_grown(lab):
    inputs = lab.settled("electricity")
    solar = [t.id for t in definitions()["electricity"].technologies].index("solar")
    free = lab.run(inputs).stock.sum((1, 2))[:, solar]
    limit = inputs.setting.technologies.limit.at[:, solar].set(1.5 * float(free[0]))
    bound = lab.run(eqx.tree_at(lambda i: i.setting.technologies.limit, inputs, limit)).stock.sum((1, 2))[:, solar]
    assert free[-1] > 1.6 * free[0]
    assert bound[-1] <= 1.5 * free[0] * 1.02


def test_opening_access_raises_exports_the_more_the_higher_the_barrier(lab):
    inputs = lab.settled("vehicles")
    abroad = [t.id for t in definitions()["vehicles"].technologies].index("bev")
    first, last = inputs.levers.segments[_order("market_access")]
    door = np.zeros(inputs.drivers.fixed.shape[1])
    door[first:last] = 0.5
    tariff = inputs.setting.technologies.tariff
    gains = []
    for barrier in (tariff * 0, tariff, tariff * 2):
        faced = eqx.tree_at(lambda i: i.setting.technologies.tariff, inputs, barrier)
        shut, opened = (lab.run(lab.under(faced, x)).account.exports[0, 0, abroad] for x in (0.0, door))
        gains.append(opened / shut)
    assert gains[0] == pytest.approx(1.0)
    assert 1.0 < gains[1] < gains[2]


def test_dearer_goods_abroad_sell_less(lab):
    """Idle factories cut the margin, full ones raise it: exports follow the landed cost either way."""
    inputs = lab.settled("vehicles")
    busy = eqx.tree_at(lambda i: i.start.utilisation, inputs, inputs.start.utilisation * 0 + 1.0)
    idle = eqx.tree_at(lambda i: i.start.utilisation, inputs, inputs.start.utilisation * 0 + 0.4)
    columns = np.asarray(inputs.setting.technologies.bounded * inputs.drivers.exports[0]) > 0
    full, spare = (lab.run(i) for i in (busy, idle))
    units = [p.account.exports[0, 0] / p.price[0] for p in (full, spare)]
    assert (units[0][columns] < units[1][columns]).all()


def test_curtailment_and_the_fall_in_value_grow_with_the_share_of_weather_driven_output(lab):
    inputs = lab.settled("electricity")
    solar = [t.id for t in definitions()["electricity"].technologies].index("solar")
    useful, value = [], []
    for factor in (1.0, 2.0, 4.0, 8.0):
        state = eqx.tree_at(lambda s: s.stock, inputs.start, inputs.start.stock.at[..., solar].mul(factor))
        made, worth = service(inputs.setting, state)
        useful.append(float(made[0, solar]))
        value.append(float(worth[0, solar]))
    assert (np.diff(useful) < 0).all()
    assert (np.diff(value) < 0).all()
    coal = [t.id for t in definitions()["electricity"].technologies].index("coal")
    assert float(worth[0, coal]) == 1.0


def test_a_flexible_grid_curtails_less_and_keeps_more_of_the_value(lab):
    inputs = lab.settled("electricity")
    solar = [t.id for t in definitions()["electricity"].technologies].index("solar")
    both = []
    for adequacy in (0.2, 0.5, 0.9):
        state = eqx.tree_at(lambda s: s.infrastructure, inputs.start, jnp.full(1, adequacy))
        both.append([float(x[0, solar]) for x in service(inputs.setting, state)])
    assert (np.diff(both, axis=0) > 0).all()


@FEW
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=7), st.floats(0, 1))
def test_the_choice_rule_returns_shares_and_prefers_what_is_better(utility, beta):
    v = jnp.asarray(utility)
    share = FamiliarLogit(jnp.asarray(beta))(v, jnp.full_like(v, 0.5), jnp.ones_like(v))
    assert float(share.sum()) == pytest.approx(1.0, rel=1e-12)
    assert int(share.argmax()) == int(v.argmax()) or float(share.max()) == float(share[v.argmax()])


def test_logit_ignores_familiarity_and_the_replicator_follows_it():
    seen, even = jnp.asarray([0.8, 0.2]), jnp.zeros(2)
    logit = FamiliarLogit(jnp.asarray(0.0))(even, seen, jnp.ones(2))
    replicator = FamiliarLogit(jnp.asarray(1.0))(even, seen, jnp.ones(2))
    np.testing.assert_allclose(logit, [0.5, 0.5], rtol=1e-12)
    np.testing.assert_allclose(replicator, seen, rtol=1e-12)
