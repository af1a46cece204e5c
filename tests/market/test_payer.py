"""Money has a payer: only what governments spend or waive is public, and nothing is lost or counted twice."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.market.account import Account
from seedbed.market.definition import definitions
from seedbed.policy.instrument import Payer, library


def of(lab, market: str) -> tuple[Account, list]:
    compiled = lab.compiled(market)
    return lab.run(lab.settled(market)).account, list(compiled.slots.instruments)


def test_banks_users_and_firms_are_no_budget():
    assert {i.id for i in library().values() if i.lever == "finance"} == {
        i.id for i in library().values() if i.payer == Payer.bank}
    assert not Payer.user.public
    assert not Payer.firm.public
    assert library()["renewable_price_settlement"].payer == Payer.user


@pytest.mark.parametrize("market", definitions())
def test_what_is_handed_out_is_paid_once(lab, market):
    books, slots = of(lab, market)
    held = np.array([float(i is None or i.payer.public) for i in slots])
    programmes = books.public_money - books.transfers * held
    private = books.other_money - books.transfers * (1 - held)
    assert (programmes >= -1e-6).all()
    assert (private >= -1e-6).all()
    np.testing.assert_allclose(programmes + private + books.transfers, books.public_money + books.other_money)


def test_interest_forgone_is_not_public_money(lab):
    books, slots = of(lab, "buildings")
    bank = [j for j, i in enumerate(slots) if i and i.payer == Payer.bank]
    assert books.transfers[:, 0, bank].sum() > 0
    assert books.public_money[:, 0, bank].sum() == 0


def test_a_ban_burdens_those_who_wanted_what_is_banned(lab):
    inputs = lab.settled("vehicles")
    slots = list(lab.compiled("vehicles").slots.instruments)
    level = np.zeros(inputs.drivers.fixed.shape)
    free = lab.run(lab.under(inputs, level)).account.burden
    level[:, [j for j, i in enumerate(slots) if i and i.lever == "standard"]] = 1.0
    assert lab.run(lab.under(inputs, level)).account.burden.sum() > free.sum() + 1e9
