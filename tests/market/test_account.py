"""Accounts: no yuan appears or disappears."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedbed.market.arrays import LEVER_ORDER
from seedbed.market.definition import definitions
from seedbed.market.pull import PASSED_ON

FEW = settings(max_examples=10, deadline=None)
MARKETS = st.sampled_from(sorted(definitions()))


@pytest.mark.parametrize("market", sorted(definitions()))
def test_no_policy_costs_no_public_money(lab, market):
    inputs = lab.settled(market)
    assert float(jnp.abs(inputs.start.commitments).sum()) == 0
    books = lab.run(lab.under(inputs, 0.0)).account
    assert np.abs(books.public_money).sum() == 0
    assert np.abs(books.carbon_payments).sum() == 0
    assert np.abs(books.support).sum() == 0


@FEW
@given(market=MARKETS, seed=st.integers(0, 10_000))
def test_what_buyers_pay_and_support_equal_what_sellers_and_the_treasury_get(lab, market, seed):
    inputs = lab.settled(market)
    path = lab.run(lab.under(inputs, lab.random_intensity(inputs, seed)))
    books, public = path.account, np.asarray(inputs.levers.public_share)
    sellers = np.einsum("trbi,tri,ti->tr", path.bought, 1 / path.service, path.price)
    sellers += (1 - PASSED_ON) * books.support  # what they keep of a subsidy
    np.testing.assert_allclose(books.market_size.sum(-1), sellers, rtol=1e-10)
    programmes = (books.public_money * (1 - public) / public).sum(-1)  # the part that is not public money
    left = books.private_investment + books.support
    np.testing.assert_allclose(left, sellers + books.purchase_tax + programmes, rtol=1e-9)


@FEW
@given(seed=st.integers(0, 10_000))
def test_tax_paid_and_tax_waived_are_the_stated_tax(lab, seed):
    inputs = lab.settled("vehicles")
    books = lab.run(lab.under(inputs, lab.random_intensity(inputs, seed))).account
    waived = books.public_money[..., inputs.levers.segment("tax_relief")].sum(-1)
    priced = books.market_size.sum(-1) - (1 - PASSED_ON) * books.support
    stated = priced * float(inputs.setting.purchase_tax)
    np.testing.assert_allclose(waived + books.purchase_tax, stated, rtol=1e-10)
    assert stated.min() > 0


def test_subsidies_never_exceed_the_price_they_are_paid_on(lab):
    inputs = lab.settled("vehicles")
    books = lab.run(lab.under(inputs, 1.0)).account
    assert (books.support <= 0.85 * books.market_size.sum(-1) + 1e-6).all()


def test_a_premium_goes_on_costing_after_it_ends(lab):
    inputs = lab.settled("electricity")
    where = inputs.levers.segments[LEVER_ORDER.index("output_premium")]
    slots = [j for j in range(*where) if float(inputs.levers.coefficient[j].max()) > 0]
    level = np.zeros(inputs.drivers.fixed.shape)
    level[:3, slots] = 1.0
    paid = lab.run(lab.under(inputs, level)).account.transfers[:, 0, slots].sum(-1)
    assert paid[3] > 0
    assert (np.diff(paid[3:]) < 0).all()
    assert np.abs(np.diff(paid[3:]) / paid[3:-1]).max() < 0.5


def test_life_cycle_emissions_exceed_operating_ones_by_what_purchases_embody(lab):
    inputs = lab.settled("vehicles")
    path = lab.run(inputs)
    embodied = np.einsum("trbi,tri,i->tr", path.bought, 1 / path.service,
                         np.asarray(inputs.setting.technologies.embodied))
    books = path.account
    np.testing.assert_allclose(books.life_cycle_emissions - books.operating_emissions, embodied, rtol=1e-9)


def test_the_green_account_is_the_green_part_of_the_market(lab):
    inputs = lab.settled("steel")
    books = lab.run(inputs).account
    green = np.asarray(inputs.setting.technologies.green)
    np.testing.assert_allclose(books.green_market, books.market_size @ green, rtol=1e-12)
    assert ((books.green_share >= 0) & (books.green_share <= 1)).all()
