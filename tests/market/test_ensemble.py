"""Ensembles: one seed, one answer, to the last bit, however the work is cut up."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.market import ensemble as engine
from seedbed.market.arrays import Beliefs
from seedbed.market.beliefs import prior
from seedbed.market.definition import get
from seedbed.market.draws import Spread, member
from seedbed.market.ensemble import (
    BLOCK,
    QUANTILES,
    WIDE,
    Indicators,
    Scenario,
    Stacked,
    at_once,
    blocks,
    ensemble,
    stack,
    summary,
)
from seedbed.market.programs import OPTIONS, accepted


@pytest.fixture(scope="module")
def case(lab) -> Stacked:
    """Vehicles under no policy and as it is."""
    inputs = lab.compiled("vehicles").inputs
    spreads = jax.tree.map(lambda x: x[None], Spread.of(get("vehicles")))
    fixed = jnp.stack([inputs.drivers.fixed * 0, inputs.drivers.fixed])[:, None]
    rule = jnp.broadcast_to(inputs.rule, (2, 1, 4, 4))
    return Stacked(stack([inputs]), spreads, Scenario(fixed, jnp.zeros_like(fixed), jnp.zeros_like(fixed), rule))


@pytest.fixture(scope="module")
def sample(case: Stacked):
    """A function of members, workers and seed."""

    def run(members: int, *, workers: int = 2, seed: int = 5, progress=None) -> Indicators:
        return ensemble(*case, jax.random.key(seed), members, workers=workers, progress=progress)

    return run


def same(a: Indicators, b: Indicators) -> bool:
    return all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(sample):
    assert same(sample(BLOCK), sample(BLOCK))
    assert not np.array_equal(sample(BLOCK).green_share, sample(BLOCK, seed=6).green_share)


def test_fewer_members_are_the_first_of_many(sample):
    few, many = sample(BLOCK), sample(3 * BLOCK)
    assert same(few, Indicators(*(x[:, :BLOCK] for x in many)))


def test_a_number_of_members_that_fills_no_block_is_the_first_of_many_too(sample):
    assert same(sample(11), Indicators(*(x[:, :11] for x in sample(16))))


def test_workers_change_nothing(sample):
    assert same(sample(3 * BLOCK, workers=1), sample(3 * BLOCK, workers=2))


def test_axes_are_scenario_member_market_year_place_and_progress_counts_members(sample):
    told: list[int] = []
    found = sample(11, progress=told.append)
    assert found.green_share.shape == (2, 11, 1, 12, 1)
    assert told == [8, 11]


def test_members_differ_and_all_are_finite(sample):
    found = sample(2 * BLOCK)
    last = found.green_share[1, :, 0, -1, 0]
    assert len(np.unique(last)) == 2 * BLOCK
    assert all(np.isfinite(x).all() for x in found)


def test_scenarios_of_one_member_share_its_beliefs_so_that_past_policy_years_agree(sample):
    found = sample(BLOCK)
    none, as_is = found.green_share[:, :, 0, :, 0]
    assert (as_is.mean(1) > none.mean(1)).all()  # member by member: only policy differs


def many(centre: Beliefs, seed: int, market: str = "vehicles") -> Beliefs:
    """The beliefs of 400 members."""
    spread, key = Spread.of(get(market)), jax.random.key(seed)
    return jax.vmap(lambda number: member(centre, spread, key, number))(jnp.arange(400))


def test_draws_stay_in_range_and_centre_on_the_belief(lab):
    centre = lab.compiled("vehicles").inputs.beliefs
    drawn = many(centre, 0)
    assert (drawn.alpha > 0).all()
    assert ((drawn.beta > 0) & (drawn.beta < 1)).all()
    assert (drawn.label_weight >= 0).all()
    joint = np.asarray(Spread.of(get("vehicles")).joint)
    assert float(jnp.log(drawn.alpha / centre.alpha).std()) == pytest.approx(joint[:, 0].std(), rel=0.2)
    assert float(jnp.median(drawn.alpha)) == pytest.approx(float(centre.alpha), rel=0.05)


def test_blocks_are_narrow_on_processors_so_that_their_bits_stay(monkeypatch):
    assert at_once() == BLOCK
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    assert at_once() == WIDE


def test_options_that_a_compiler_does_not_know_are_left_out():
    assert accepted((("xla_no_such_option", True),)) == {}
    assert accepted(OPTIONS) == dict(OPTIONS)


def test_taste_shocks_have_the_stated_size_and_persist(lab):
    centre = lab.compiled("vehicles").inputs.beliefs
    shocks = np.asarray(many(centre, 1).shocks)[:, :, 0, 0]
    assert shocks[:, -1].std() == pytest.approx(prior(get("vehicles")).shock, rel=0.15)
    assert np.corrcoef(shocks[:, -2], shocks[:, -1])[0, 1] == pytest.approx(0.6, abs=0.1)


def test_blocks_may_start_anywhere_and_are_the_same_members(case: Stacked, sample):
    later = list(blocks(*case, jax.random.key(5), range(2 * BLOCK, 3 * BLOCK)))
    assert len(later) == 1
    assert same(Indicators(*(np.moveaxis(x, 0, 1).copy() for x in later[0])),
                Indicators(*(x[:, 2 * BLOCK:].copy() for x in sample(3 * BLOCK))))
    with pytest.raises(InvalidInputError, match="multiple of 8"):
        next(blocks(*case, jax.random.key(5), range(3, 9)))


def test_a_summary_is_that_of_all_members_and_the_same_for_any_workers(case: Stacked, sample):
    members, told = 19 * BLOCK, []
    found = summary(blocks(*case, jax.random.key(5), range(members), workers=3), told.append)
    every = sample(members)
    assert told[-1] == members
    for name in Indicators._fields:
        values = np.float64(getattr(every, name))
        np.testing.assert_allclose(getattr(found.mean, name), values.mean(1), rtol=1e-10)
        for row, q in enumerate(QUANTILES):
            exact, bound = np.quantile(values, q, axis=1), getattr(found.error, name)[row]
            assert (np.abs(getattr(found.quantile, name)[row] - exact) <= bound + 1e-6 * np.abs(exact)).all()
    again = summary(blocks(*case, jax.random.key(5), range(members), workers=1))
    assert all(same(a, b) for a, b in zip(found, again, strict=True))


def test_no_more_blocks_exist_than_workers_need(case: Stacked, monkeypatch):
    made = []
    real = engine._block

    def counted(*given):
        made.append(1)
        return real(*given)

    monkeypatch.setattr(engine, "_block", counted)
    found = blocks(*case, jax.random.key(5), range(100 * BLOCK), workers=2)
    next(found)
    assert len(made) <= 4
