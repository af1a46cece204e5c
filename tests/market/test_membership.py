"""Stage membership inside the simulation is the classifier's, in JAX."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.market import stage
from seedbed.market.membership import membership

FEW = settings(max_examples=15, deadline=None)


@FEW
@given(share=st.floats(0.0, 1.0), growth=st.floats(-0.3, 0.5))
def test_rows_sum_to_one_and_agree_with_the_classifier(share, growth):
    own = np.asarray(membership(jnp.asarray([share]), jnp.asarray([growth])))
    np.testing.assert_allclose(own.sum(-1), 1.0, rtol=1e-12)
    assert (own >= 0).all()
    np.testing.assert_allclose(own, stage.membership(np.array([share]), np.array([growth]), own_growth=False),
                               rtol=0, atol=1e-12)


def test_each_stage_is_the_likeliest_somewhere():
    share, growth = jnp.asarray([0.01, 0.2, 0.9, 0.9]), jnp.asarray([0.1, 0.1, 0.1, -0.1])
    assert np.asarray(membership(share, growth)).argmax(-1).tolist() == [0, 1, 2, 3]


def test_a_young_product_in_a_shrinking_market_is_young_not_declining():
    assert int(membership(jnp.asarray([0.01]), jnp.asarray([-0.2]))[0].argmax()) == 0


def test_its_slope_is_finite_at_both_ends_of_the_share():
    slope = jax.jacfwd(lambda s: membership(s, jnp.zeros(2)))(jnp.asarray([0.0, 1.0]))
    assert np.isfinite(slope).all()
