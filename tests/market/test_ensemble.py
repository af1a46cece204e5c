"""Ensembles: one seed, one answer, to the last bit, however the work is cut up."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.market.beliefs import Prior, prior
from seedbed.market.definition import get
from seedbed.market.draws import Spread, draw
from seedbed.market.ensemble import BLOCK, Indicators, Scenario, ensemble, stack


@pytest.fixture(scope="module")
def sample(lab):
    """A function of members, workers and seed for vehicles under no policy and as it is."""
    inputs = lab.compiled("vehicles").inputs
    spreads = jax.tree.map(lambda x: x[None], Spread.of(prior(get("vehicles"))))
    fixed = jnp.stack([inputs.drivers.fixed * 0, inputs.drivers.fixed])[:, None]
    rule = jnp.broadcast_to(inputs.rule, (2, 1, 4, 4))
    scenarios = Scenario(fixed, jnp.zeros_like(fixed), rule)

    def run(members: int, *, workers: int = 2, seed: int = 5, progress=None) -> Indicators:
        return ensemble(stack([inputs]), spreads, scenarios, jax.random.key(seed), members, workers=workers,
                        progress=progress)

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


def test_draws_stay_in_range_and_centre_on_the_belief(lab):
    centre = lab.compiled("vehicles").inputs.beliefs
    keys = jax.random.split(jax.random.key(0), 400)
    drawn = jax.vmap(lambda key: draw(centre, Spread.of(Prior()), key))(keys)
    assert (drawn.alpha > 0).all()
    assert ((drawn.beta > 0) & (drawn.beta < 1)).all()
    assert (drawn.label_weight >= 0).all()
    assert float(jnp.log(drawn.alpha / centre.alpha).std()) == pytest.approx(Prior().alpha_spread, rel=0.15)
    assert float(jnp.median(drawn.alpha)) == pytest.approx(float(centre.alpha), rel=0.05)


def test_taste_shocks_have_the_stated_size_and_persist(lab):
    centre = lab.compiled("vehicles").inputs.beliefs
    keys = jax.random.split(jax.random.key(1), 400)
    shocks = np.asarray(jax.vmap(lambda key: draw(centre, Spread.of(Prior()), key).shocks)(keys))[..., 0]
    assert shocks[:, -1].std() == pytest.approx(Prior().shock, rel=0.15)
    assert np.corrcoef(shocks[:, -2], shocks[:, -1])[0, 1] == pytest.approx(0.6, abs=0.1)
