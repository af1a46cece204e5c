"""What instruments do rests on studies: guidance is proportional and bounded, grants leak, rules act where they are."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from seedbed.facts import places
from seedbed.market import contest
from seedbed.market.definition import LABEL, definitions
from seedbed.market.draws import Spread, member
from seedbed.market.pull import MOST_AWARENESS, PASSED_ON, drawn, pull
from seedbed.policy.instrument import LEVERS, library

PROVINCES = tuple(p.id for p in places.provinces())


def slot(lab: Any, market: str, name: str) -> int:
    return lab.compiled(market).slots.names.index(name)


def pulled(lab: Any, market: str, **strength: float) -> Any:
    inputs = lab.compiled(market).inputs
    x = np.zeros((1, inputs.drivers.fixed.shape[1]))
    for name, value in strength.items():
        x[0, slot(lab, market, name)] = value
    return pull(inputs.levers, jnp.asarray(x), inputs.setting.technologies.price)


def test_a_campaign_does_not_work_better_the_rarer_a_product_is(lab):
    inputs = lab.settled("vehicles")
    now = jax.tree.map(lambda x: x[0], inputs.drivers)
    told, silent = pulled(lab, "vehicles", green_education=1.0), pulled(lab, "vehicles")
    f = [contest.familiarity(inputs.setting, inputs.start, inputs.beliefs, now, p)[0, 2] for p in (silent, told)]
    rise = np.asarray(f[1] / f[0] - 1)[np.asarray(inputs.setting.technologies.green) > 0]
    assert (rise > 0.02).all()
    np.testing.assert_allclose(rise, rise[0])


@pytest.mark.parametrize("market", definitions())
def test_all_campaigns_together_do_no_more_than_field_experiments_show(lab, market):
    everything = {i.id: 1.0 for i in library().values() if i.lever == "awareness" and i.reaches(market)}
    assert float(pulled(lab, market, **everything).awareness.max()) < MOST_AWARENESS


def test_two_labels_on_the_same_goods_do_not_count_twice(lab):
    one = pulled(lab, "vehicles", product_carbon_label=1.0).label.max()
    both = pulled(lab, "vehicles", product_carbon_label=1.0, life_cycle_data_platform=1.0,
                  value_visualisation_label=1.0).label
    assert float(one) <= float(both.max()) < 1


def test_firms_read_labels_less_than_the_buyers_of_cars():
    assert definitions()["steel"].label_weights == LABEL
    assert definitions()["vehicles"].label_weights[2] > LABEL[2] > LABEL[1]


def test_a_grant_reaches_the_buyer_in_part_and_the_seller_has_the_rest(lab):
    inputs = lab.under(lab.settled("vehicles"), 0.0)
    x = np.zeros(inputs.drivers.fixed.shape)
    x[:, slot(lab, "vehicles", "nev_purchase_subsidy")] = 1.0
    without, given = lab.run(inputs), lab.run(lab.under(inputs, x))
    paid = given.account.support[0, 0]
    bought = (given.bought / given.service[:, :, None])[0, 0].sum(0)
    kept = given.account.market_size[0, 0] - bought * given.price[0]
    np.testing.assert_allclose(kept.sum(), (1 - PASSED_ON) * paid, rtol=1e-9)
    assert without.account.support.sum() == 0


def test_a_plate_quota_acts_and_costs_only_where_there_is_one(lab):
    path = lab.run(lab.compiled("vehicles", PROVINCES).inputs)
    j = slot(lab, "vehicles", "licence_plate_restriction")
    strength = dict(zip(PROVINCES, path.intensity[1, :, j], strict=True))
    assert strength["CN-SH"] > strength["CN-GD"] > 0
    assert strength["CN-GS"] == strength["CN-SX"] == 0
    money = path.account.public_money[1, :, j] + path.account.other_money[1, :, j]
    assert money[PROVINCES.index("CN-GS")] == 0
    assert money[PROVINCES.index("CN-SH")] > 0


@pytest.mark.parametrize("market", ["aluminium", "vehicles"])
def test_what_running_programmes_costs_the_nation_is_what_it_costs_its_provinces(lab, market):
    def programmes(where: tuple[str, ...]) -> np.ndarray:
        compiled = lab.compiled(market, where)
        books = lab.run(compiled.inputs).account
        basis = [i is not None and i.cost is not None and i.cost.basis == "person" and not i.only_in
                 and i.lever not in ("subsidy", "tax_relief", "output_premium", "finance")
                 for i in compiled.slots.instruments]
        return (books.public_money + books.other_money)[0][:, basis].sum(0)

    np.testing.assert_allclose(programmes(PROVINCES), programmes(("china",)), rtol=0.02)


def test_operators_cut_emissions_where_carbon_has_a_price_and_no_further_than_studies_found(lab):
    inputs = lab.settled("electricity")
    now = jax.tree.map(lambda x: x[0], inputs.drivers)
    free, little, much = (contest.emitted(inputs.setting, now, pulled(lab, "electricity", national_ets=x))[0].sum()
                          for x in (0.0, 0.3, 1.0))
    assert 0.02 < float(1 - little / free) < float(1 - much / free) <= contest.RESPONSE


def test_what_operators_cut_costs_them_the_area_below_the_price(lab):
    """Sum over many small prices of the price times what it cuts more than the one before."""
    inputs = lab.settled("electricity")
    now = jax.tree.map(lambda x: x[0], inputs.drivers)
    steps, full = np.linspace(0, 1, 401), pulled(lab, "electricity", national_ets=1.0)
    emitted, effort = jax.vmap(
        lambda x: contest.emitted(inputs.setting, now, full._replace(carbon=full.carbon * x)))(jnp.asarray(steps))
    paid = float(np.asarray(full.carbon).max())
    cut = -np.diff(np.asarray(emitted)[:, 0], axis=0)
    spent = (cut * ((steps[1:] + steps[:-1]) / 2 * paid)[:, None]).sum(0) / 1000
    assert np.asarray(effort)[-1, 0] == pytest.approx(spent, rel=1e-3)
    assert float(np.asarray(effort)[0].sum()) == 0.0


def test_effects_and_costs_of_instruments_are_drawn_and_are_the_same_in_all_markets(lab):
    key, found = jax.random.key(3), {}
    for market in ("vehicles", "appliances"):
        centre = lab.compiled(market).inputs.beliefs
        one = member(centre, Spread.of(definitions()[market]), key, jnp.asarray(5))
        j = slot(lab, market, "green_education")
        found[market] = float(one.effect[j]), float(one.running[j])
        assert np.abs(np.asarray(one.effect)).max() > 0.1
    assert found["vehicles"] == found["appliances"]
    held = member(centre, Spread.of(definitions()["appliances"], ["world"]), key, jnp.asarray(5))
    assert not np.asarray(held.effect).any()


def test_a_range_of_a_study_sets_the_width_and_a_lever_has_one_of_its_own():
    plates, swap = library()["licence_plate_restriction"], library()["steel_capacity_swap"]
    assert 0.05 < plates.spread < 0.15
    assert swap.spread == LEVERS["standard"].spread
    assert library()["nev_purchase_subsidy"].spread == 0


def test_a_stronger_draw_of_a_standard_never_removes_more_than_everything(lab):
    inputs = lab.compiled("heating").inputs
    strong = drawn(inputs.levers, lab.believing(inputs, effect=np.full(inputs.beliefs.effect.shape, 5.0)).beliefs)
    removed = np.asarray(strong.coefficient[strong.segment("standard")])
    assert removed.max() < 1
    assert np.asarray(strong.compliance).max() <= 1


def test_second_hand_goods_replace_half_of_what_they_seem_to(lab):
    inputs = lab.compiled("second_hand").inputs
    t = inputs.setting.technologies
    assert float(t.induced[0]) == 0
    np.testing.assert_allclose(float(t.induced[1]), 0.5 * float(t.embodied[0]))
