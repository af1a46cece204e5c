"""Pairwise comparison: the peer's kernels to the last digits, what the equation promises, and the rule in a market."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.base.errors import UnknownNameError
from seedbed.market import pairwise, preference
from seedbed.market.choice import FamiliarLogit, Pairwise
from seedbed.market.pairwise import Cost, Limits, Offers, share_change, trajectory, turnover
from seedbed.market.preference import RATIONAL_ERROR, rational_tanh
from seedbed.market.simulate import simulate

SHARED = Path(__file__).parents[3] / "shared" / "ftt_reference"
FEW = settings(max_examples=25, deadline=None)
COUNTS, SEEDS = st.sampled_from([5, 6]), st.integers(0, 10_000)  # few sizes: each is compiled
_change = jax.jit(share_change)
_years = jax.jit(trajectory, static_argnames=("steps", "tanh"))


def reference(name: str) -> dict[str, np.ndarray]:
    """A file of the reference outputs."""
    if not (SHARED / name).exists():
        pytest.skip("the reference outputs of FTT (shared/ftt_reference) are not here")
    with np.load(SHARED / name) as file:
        return dict(file)


def drawn(count: int, seed: int, lanes: int = 3) -> tuple[np.ndarray, Cost, np.ndarray, np.random.Generator]:
    """(shares, costs, turnover, generator) of a made-up market: one technology may be absent, one not on offer."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.ones(count), lanes).T
    absent = rng.random((count, lanes)) < 0.1
    share = np.where(absent & ~absent.all(0), 0.0, share)
    share /= share.sum(0)
    mean = rng.normal(0, 1, (count, lanes)) * (rng.random((count, lanes)) > 0.1)
    rates = rng.uniform(0, 0.5, (count, count, 1))
    return share, Cost(jnp.asarray(mean), jnp.asarray(rng.uniform(0.1, 1, (count, lanes)))), rates, rng


def optional(rng: np.random.Generator, offers: Offers, which: str) -> Offers:
    """The offers with regulation, limits or running costs added at random."""
    shape = offers.cost.mean.shape
    if "r" in which:
        offers = offers._replace(regulated=jnp.asarray(rng.choice([0.0, 0.3, 1.0], shape)))
    if "l" in which:
        upper = jnp.asarray(rng.uniform(0.2, 1, shape))
        offers = offers._replace(limits=Limits(upper, upper * jnp.asarray(rng.uniform(0, 1, shape))))
    if "s" in which:
        offers = offers._replace(running=Cost(*(jnp.asarray(rng.uniform(0.1, 1, shape)) for _ in range(2))))
    return offers


def by_hand(share: np.ndarray, offers: Offers, rates: np.ndarray, years: float) -> np.ndarray:
    """The equation once more, pair by pair in plain floats, straight from its definition."""
    change = np.zeros_like(share)
    rates = np.broadcast_to(rates, (len(share), *share.shape))
    for lane in range(share.shape[1]):
        at = jax.tree.map(lambda x: np.asarray(x)[:, lane], offers)  # noqa: B023
        for i in range(len(share)):
            for j in range(i):
                s_i, s_j, absent = share[i, lane], share[j, lane], at.cost.mean[[i, j]] == 0
                if min(s_i, s_j) <= 0 or absent.any():
                    continue
                p_ij, p_ji = wins(at, i, j), wins(at, j, i)
                if at.limits is not None:
                    below = np.tanh(1.25 * (at.limits.upper - share[:, lane]) / 0.1)
                    over = 0.5 + 0.5 * np.tanh(1.25 * (share[:, lane] - at.limits.lower) / 0.1)
                    p_ij, p_ji = p_ij * below[i] * over[j], p_ji * below[j] * over[i]
                gain = rates[i, j, lane] * p_ij - rates[j, i, lane] * p_ji
                slope = lambda moved: (s_i + moved) * (s_j - moved) * gain  # noqa: B023, E731
                k1 = slope(0.0)
                k2 = slope(years * k1 / 2)
                k3 = slope(years * k2 / 2)
                moved = years * (k1 + 2 * k2 + 2 * k3 + slope(years * k3)) / 6
                change[[i, j], lane] += moved, -moved
    return change


def wins(at: Offers, i: int, j: int) -> float:
    """P_ij, from one lane of the offers."""
    r_i, r_j = (0.0, 0.0) if at.regulated is None else (at.regulated[i], at.regulated[j])
    held = at.cost if at.running is None else at.running
    width = np.hypot(at.cost.spread[i], held.spread[j])
    prefer = 0.5 + 0.5 * np.tanh(1.25 * (held.mean[j] - at.cost.mean[i]) / (np.sqrt(2) * width))
    if at.running is not None:
        return prefer * (1 - r_i)
    return prefer * (1 - r_i) * (1 - r_j) + r_j * (1 - r_i) + 0.5 * r_i * r_j


@pytest.mark.parametrize("name", ["transport", "power", "heat", "premature_heat"])
def test_the_kernels_of_the_peer_are_reproduced(name):
    data = reference(f"kernel_shares_change_{name}.npz")
    for call in range(6):
        get = lambda key: data[f"call{call}_{key}"]  # noqa: B023, E731
        lanes = lambda key: jnp.asarray(get(key)[..., 0].T)  # noqa: B023, E731
        kind = "costs_payb" if name == "premature_heat" else "costs"
        offers = Offers(Cost(lanes(kind), lanes(f"{kind}_sd")), jnp.asarray(get("reg_constr").T))
        if name == "premature_heat":
            offers = offers._replace(running=Cost(lanes("costs_marg"), lanes("costs_marg_sd")))
        if name == "power":
            assert get("limits_active")
            offers = offers._replace(limits=Limits(lanes("upper_limit"), lanes("lower_limit")))
        rates = turnover(np.moveaxis(get("subst"), 0, -1))
        found = np.asarray(_change(lanes("shares_dt"), offers, rates, float(get("dt")))).T
        found = found / (float(get("T_Scal")) if name == "power" else 1)
        regions = get("regions")
        np.testing.assert_allclose(found[regions], get("result")[regions], rtol=0, atol=1e-15)


@FEW
@given(count=COUNTS, seed=SEEDS, which=st.sampled_from(["", "r", "l", "s", "rl", "rs"]))
def test_it_is_the_equation_pair_by_pair(count, seed, which):
    share, cost, rates, rng = drawn(count, seed)
    offers = optional(rng, Offers(cost), which)
    found = _change(share, offers, turnover(rates), 0.25)
    np.testing.assert_allclose(found, by_hand(share, offers, rates, 0.25), rtol=0, atol=1e-15)


def test_two_technologies_worked_out_on_paper():
    # tanh(0.5) = 0.46211715726; S_1·S_2·A·tanh = 0.25·0.1·0.46211715726 a year at the start, over a very short step
    cost = Cost(jnp.array([0.0, 0.8]) + 1.0, jnp.array([1.0, 1.0]))
    moved = _change(jnp.array([0.5, 0.5]), Offers(cost), turnover(np.full((2, 2), 0.1)), 1e-6)
    np.testing.assert_allclose(moved / 1e-6, [0.0115529289, -0.0115529289], rtol=1e-7)


@FEW
@given(count=COUNTS, seed=SEEDS, which=st.sampled_from(["", "r", "s"]))
def test_shares_sum_to_one_and_stay_between_zero_and_one(count, seed, which):
    share, cost, rates, rng = drawn(count, seed)
    offers = optional(rng, Offers(cost), which)
    for _ in range(20):
        share = share + np.asarray(_change(share, offers, turnover(rates), 1.0))
    np.testing.assert_allclose(share.sum(0), 1, rtol=1e-13)
    assert (share >= 0).all()
    assert (share <= 1).all()


@FEW
@given(count=COUNTS, seed=SEEDS, which=st.sampled_from(["", "r", "l", "s"]))
def test_the_order_of_technologies_does_not_matter(count, seed, which):
    share, cost, rates, rng = drawn(count, seed)
    offers, order = optional(rng, Offers(cost), which), rng.permutation(count)
    plain = np.asarray(_change(share, offers, turnover(rates), 0.25))
    mixed = _change(share[order], jax.tree.map(lambda x: x[order], offers), turnover(rates[order][:, order]), 0.25)
    np.testing.assert_allclose(mixed, plain[order], rtol=0, atol=1e-15)


@FEW
@given(gap=st.floats(-5, 5), width=st.floats(0.05, 3))
def test_what_one_prefers_the_other_does_not(gap, width):
    one, other = preference.preference(jnp.asarray([gap, -gap]), jnp.asarray(width**2))
    assert one + other == pytest.approx(1, abs=1e-15)
    assert (one > 0.5) == (gap > 0) or abs(gap) < 1e-12


@FEW
@given(count=COUNTS, seed=SEEDS)
def test_nothing_moves_between_equals(count, seed):
    share, cost, rates, _ = drawn(count, seed)
    equal = Offers(Cost(jnp.ones_like(cost.mean), cost.spread))
    assert np.abs(_change(share, equal, turnover((rates + rates.swapaxes(0, 1)) / 2), 0.25)).max() < 1e-16


def test_without_spread_the_cheaper_wins_and_slopes_stay_finite():
    share, rates = jnp.array([0.4, 0.6]), turnover(np.full((2, 2), 0.2))
    first = lambda mean: share_change(share, Offers(Cost(mean, jnp.zeros(2))), rates, 1e-6)[0]  # noqa: E731
    gained, slope = jax.jit(jax.value_and_grad(first))(jnp.array([1.0, 2.0]))
    assert gained / 1e-6 == pytest.approx(0.2 * 0.24, rel=1e-6)
    assert np.isfinite(slope).all()


def test_a_cap_on_the_stock_holds_back_what_is_above_it():
    held = pairwise.regulation(jnp.array([0.5, 1.0, 1.5, 3.0, 3.0]), jnp.array([1.0, 1.0, 1.0, 0.0, -1.0]))
    np.testing.assert_allclose(held, [0.000911, 0.952574, 0.999998, 1, 0], atol=1e-6)


def test_the_rational_tanh_keeps_its_stated_error():
    x = np.linspace(-40, 40, 400_001)
    fast = np.asarray(jax.jit(rational_tanh)(x))
    assert np.abs(fast - np.tanh(x)).max() < RATIONAL_ERROR
    assert (np.abs(fast) < 1).all()
    slope = jax.jit(jax.vmap(jax.grad(rational_tanh)))(x)
    np.testing.assert_allclose(slope, 1 - np.tanh(x) ** 2, atol=3 * RATIONAL_ERROR)


def years(count: int, seed: int, span: int) -> tuple[np.ndarray, Cost, np.ndarray]:
    """A made-up market whose costs change over `span` years."""
    share, cost, rates, rng = drawn(count, seed)
    drift = rng.normal(0, 0.1, (span + 1, *share.shape)).cumsum(0)
    return share, Cost(cost.mean[None] + jnp.asarray(drift), jnp.broadcast_to(cost.spread, drift.shape)), rates


def test_a_fast_trajectory_stays_with_the_exact_one_and_its_slope_is_right():
    share, cost, rates = years(6, 1, 5)
    rates = turnover(rates)
    run = lambda mean, tanh: _years(jnp.asarray(share), cost._replace(mean=mean), rates, steps=4, tanh=tanh)  # noqa: E731
    exact, fast = run(cost.mean, jnp.tanh), run(cost.mean, rational_tanh)
    np.testing.assert_allclose(fast, exact, atol=2 * RATIONAL_ERROR)
    last = lambda mean: (run(mean, jnp.tanh)[-1] ** 2).sum()  # noqa: E731
    way = np.random.default_rng(0).normal(size=cost.mean.shape) * np.asarray(cost.mean != 0)
    step = 1e-5 * jnp.asarray(way)
    slope = float((jax.grad(last)(cost.mean) * way).sum())
    assert slope == pytest.approx(float(last(cost.mean + step) - last(cost.mean - step)) / 2e-5, rel=1e-6)


def test_leaving_out_what_a_lane_does_not_hold_changes_nothing():
    share, cost, rates = years(8, 2, 2)
    share[[1, 4, 6]] = 0
    share[[2, 3], 0] = 0
    whole = _years(jnp.asarray(share), cost, turnover(rates), steps=3)
    groups = pairwise.held(share)
    assert sorted(np.concatenate([lanes for lanes, _ in groups])) == [0, 1, 2]
    assert [len(order) for _, order in groups] == sorted({int((share > 0).sum(0)[i]) | 1 for i in range(3)})
    for lanes, order in groups:
        part = _years(share[order, lanes], jax.tree.map(lambda x: x[:, order, lanes], cost),  # noqa: B023
                      turnover(rates[order[:, None], order[None], 0]), steps=3)
        np.testing.assert_allclose(part, whole[:, order, lanes], rtol=0, atol=1e-15)
        np.testing.assert_allclose(part.sum(1), whole[..., lanes].sum(1), atol=1e-15)


def test_the_baseline_of_the_peer_comes_out_from_its_costs():
    data, kernel = reference("transport_S0_all_regions.npz"), reference("kernel_shares_change_transport.npz")
    served, first = data["TEWK"].sum((1, 2)) > 0, 2023 - int(data["years"][0])  # before, shares are data
    share, mean, spread = (np.transpose(data[n][served][..., first:], (2, 1, 0)) for n in ("TEWS", "TELC", "TLCD"))
    order = np.argsort(share[0] <= 0, axis=0, kind="stable")[:17]  # at most 17 are held anywhere
    rows = lambda x: jnp.asarray(np.take_along_axis(x, order[None], 1))  # noqa: E731
    rates = turnover(kernel["call0_subst"][0][order[:, None], order[None]])
    found = _years(rows(share)[0], Cost(rows(mean), rows(spread)), rates)
    gap = np.abs(np.asarray(found) - np.asarray(rows(share))[1:]).max((1, 2))
    assert served.sum() == 50
    np.testing.assert_allclose(rows(share).sum(1), 1, atol=1e-8)
    assert gap[0] < 2e-5  # a year: only costs within the year differ, which are not in the file
    assert gap[6] < 2e-4
    assert gap[-1] < 2e-3


V = st.lists(st.floats(-4, 4), min_size=4, max_size=4)


@FEW
@given(v=V, seed=SEEDS)
def test_the_rule_gives_shares_and_at_most_doubles_what_is_seen(v, seed):
    seen = np.random.default_rng(seed).dirichlet(np.ones(4))
    share = np.asarray(Pairwise()(jnp.asarray(v), jnp.asarray(seen), jnp.ones(4)))
    assert share.sum() == pytest.approx(1, abs=1e-14)
    assert (share >= 0).all()
    assert (share <= 2 * seen).all()


def test_for_small_differences_the_rule_is_the_replicator_and_for_great_ones_it_is_slower():
    seen, all_there, v = jnp.array([0.2, 0.3, 0.5]), jnp.ones(3), jnp.array([1.0, -0.5, 0.2])
    logit, pairs = FamiliarLogit(jnp.asarray(1.0)), Pairwise()
    np.testing.assert_allclose(pairs(1e-5 * v, seen, all_there), logit(1e-5 * v, seen, all_there), atol=1e-9)
    great = jnp.array([8.0, 0.0, 0.0])
    assert logit(great, seen, all_there)[0] > 0.99
    assert pairs(great, seen, all_there)[0] == pytest.approx(2 * 0.2 * (0.1 + 0.8), rel=1e-6)


def test_what_is_not_available_is_not_bought():
    share = Pairwise()(jnp.array([5.0, 0.0]), jnp.array([0.9, 0.1]), jnp.array([1e-12, 1.0]))
    assert share[0] < 1e-10


def test_a_market_is_simulated_under_the_rule_and_says_so():
    pairs = simulate("second_hand", choice="pairwise")
    np.testing.assert_allclose(pairs.dataset.share.sum("technology"), 1, rtol=1e-12)
    observed = pairs.compiled.inputs.anchor_share[0, : pairs.dataset.sizes["technology"]]
    weights = np.asarray(pairs.compiled.inputs.setting.buyers)
    np.testing.assert_allclose(weights @ pairs.dataset.share[0, 0].values, observed, rtol=1e-3)
    assert pairs.dataset.attrs["choice"] == "pairwise"
    with pytest.raises(UnknownNameError, match="pairwise"):
        simulate("second_hand", choice="pairwize")
