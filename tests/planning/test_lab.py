"""A place prepared once answers a change as every other verb does, and says what each part of it brings."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest

import seedbed as sb
from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.base.years import DECIDE, START, UNTIL
from seedbed.market.ensemble import ensemble
from seedbed.market.nation import central
from seedbed.market.trajectory import Path
from seedbed.planning.atlas import atlas
from seedbed.planning.lab import MOST, OUTCOMES, Lab, lab
from seedbed.planning.plan import Plan
from seedbed.planning.scenarios import HERE, row
from seedbed.policy.instrument import get
from seedbed.policy.mix import as_it_is

CHANGE = {"charging_network": {2030: 0.9}, "product_carbon_label": {2028: 0.5, 2032: 1.0}}


@pytest.fixture(scope="module")
def gansu() -> Lab:
    return lab("gansu", members=16)


def column(year: int) -> int:
    return year - START


def test_nothing_changed_is_policy_as_it_is_of_a_plan(gansu: Lab, path: Callable[[Plan], Path]) -> None:
    from .conftest import planned

    known = path(planned("gansu"))
    seen = gansu.run()
    assert seen.books.green_share == pytest.approx(known.account.green_share[row("as_is")], abs=1e-6)
    share = np.einsum("mtbi,mb->mti", known.share[row("as_is"), :, :, HERE],
                      np.asarray(gansu.case.inputs.setting.buyers))
    assert seen.share == pytest.approx(share, abs=1e-9)


def test_a_change_is_what_its_mix_does_to_each_market_alone(gansu: Lab) -> None:
    number = gansu.case.names.index("vehicles")
    found = gansu.run(CHANGE).books.green_share[number, :, HERE]
    alone = gansu.case.markets[number].under(gansu.mix(CHANGE))
    known = central(alone.inputs, alone.forecast).account.green_share[:, HERE]
    assert found == pytest.approx(np.asarray(known), abs=1e-6)
    simulated = sb.simulate("vehicles", "gansu", gansu.mix(CHANGE)).dataset  # under a grid by assumption
    assert found == pytest.approx(simulated.green_share.values[:, 0], abs=5e-3)
    assert found[-1] > gansu.run().books.green_share[gansu.case.names.index("vehicles"), -1, HERE]


def test_strength_moves_in_straight_lines_from_where_it_stands_and_then_stays(gansu: Lab) -> None:
    mix = gansu.mix({"charging_network": {2030: 0.9, 2032: 0.5}})
    now = as_it_is(range(START, UNTIL + 1))
    stands = float(now.intensity("charging_network", DECIDE - 1))
    assert mix.intensity("charging_network", DECIDE - 1) == stands
    assert mix.intensity("charging_network", 2028) == pytest.approx(stands + (0.9 - stands) * 3 / 5)
    assert [mix.intensity("charging_network", year) for year in (2030, 2031, 2032, UNTIL)] == pytest.approx(
        [0.9, 0.7, 0.5, 0.5])
    others = set(mix.schedules) - {"charging_network"}
    assert all(mix.schedules[name] == now.schedules[name] for name in others)


def test_the_parts_of_a_change_add_up_to_it(gansu: Lab) -> None:
    number = gansu.case.names.index("vehicles")
    parts = gansu.why("vehicles", CHANGE | {"green_steel_premium": {2030: 1.0}})
    assert set(parts) == set(CHANGE), "an instrument that does not reach the market has no part"
    base, mine = gansu.run().books, gansu.run(CHANGE).books
    green = mine.green_share[number, -1, HERE] - base.green_share[number, -1, HERE]
    assert sum(part["green_share"] for part in parts.values()) == pytest.approx(green, abs=1e-6)
    spared = (base.life_cycle_emissions - mine.life_cycle_emissions)[number, column(DECIDE):, HERE].sum() / 1000
    assert sum(part["emissions"] for part in parts.values()) == pytest.approx(spared, rel=1e-3)
    assert set(parts["charging_network"]) == set(OUTCOMES)


def test_members_are_those_of_an_ensemble_and_the_same_whatever_is_changed(gansu: Lab) -> None:
    calm = gansu.fan("vehicles", {})
    assert calm.green_share.shape == (16, UNTIL - START + 1)
    for more in (calm.avoided, calm.public_money, calm.jobs):
        assert not more.any(), "the same draws, whatever is changed"
    known = ensemble(gansu.case.inputs, gansu.case.spreads, gansu.case.scenarios(), jax.random.key(gansu.seed), 16)
    number = gansu.case.names.index("vehicles")
    assert calm.green_share == pytest.approx(np.asarray(known.green_share)[row("as_is"), :, number, :, HERE], abs=1e-6)
    moved = gansu.fan("vehicles", CHANGE)
    assert (moved.avoided > 0).mean() > 0.8
    assert (moved.green_share[:, -1] >= calm.green_share[:, -1] - 1e-6).all()


def test_dearer_petrol_helps_electric_cars_and_is_no_change_of_policy() -> None:
    usual, dear = lab("gansu", members=16), lab("gansu", members=16, price=["petrol=x2@2026:2035"])
    number = usual.case.names.index("vehicles")
    assert dear.run().books.green_share[number, -1, HERE] > usual.run().books.green_share[number, -1, HERE] + 0.01
    assert lab("gansu", members=16) is usual, "the same question has the same answer, made once"


@pytest.mark.parametrize(("points", "said"), [
    ({"charging": {2030: 0.5}}, "Unknown instrument"),
    ({"charging_network": {2024: 0.5}}, "2026–2035"),
    ({"charging_network": {}}, "names no year"),
    ({"charging_network": {2030: 1.5}}, "outside 0–1"),
    ({"charging_network": {2030: float("nan")}}, "outside 0–1"),
    ({"coal_boiler_phaseout": {2030: 0.5}}, "does not reach a market of Hainan"),
])
def test_a_change_that_cannot_act_is_refused(points: dict[str, dict[int, float]], said: str) -> None:
    place = lab("hainan", members=16) if "coal_boiler_phaseout" in points else lab("gansu", members=16)
    with pytest.raises((InvalidInputError, UnknownNameError), match=said):
        place.mix(points)


def test_more_changes_than_can_be_told_apart_are_refused_not_guessed(gansu: Lab) -> None:
    many = [i.id for i in gansu.instruments if i.reaches("vehicles")][:MOST + 1]
    with pytest.raises(InvalidInputError, match=f"at most {MOST}"):
        gansu.why("vehicles", {name: {2030: max(get(name).bounds)} for name in many})
    with pytest.raises(UnknownNameError, match="vehicles"):
        gansu.why("vehicels", CHANGE)


def test_the_atlas_is_where_runs_start_and_says_what_is_the_nations() -> None:
    found = {(one.market, one.place): one for one in atlas()}
    start = lab("gansu", members=16).run().books
    for number, market in enumerate(lab("gansu", members=16).case.names):
        assert found[market, "CN-GS"].green_share == pytest.approx(start.green_share[number, 0, HERE], abs=2e-3)
    assert all(one.own for one in atlas() if one.market in ("vehicles", "electricity"))
    assert not any(one.own for one in atlas() if one.market == "buildings" and one.place != "CN")
    assert ("heating", "CN-HI") not in found
