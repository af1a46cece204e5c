"""The improved rule: inside its bounds, inside its budget, no worse than the report's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.base.years import DECIDE
from seedbed.planning.case import Case
from seedbed.planning.improve import improve
from seedbed.planning.optimise.ground import ground
from seedbed.planning.runs import central
from seedbed.planning.scenarios import at, decides
from seedbed.planning.scenarios import row as row_of
from seedbed.policy.instrument import departments
from seedbed.policy.instrument import get as instrument
from seedbed.policy.rule import Rule, report_rule
from seedbed.show.html import to_html
from seedbed.show.report import document
from seedbed.show.report.brief import _sure, _verb
from seedbed.show.speaker import MEDIAN, Speaker


def test_the_improved_rule_stays_between_nothing_and_the_ceiling(any_plan):
    matrix = np.array(any_plan.improvement.rule.matrix())
    assert matrix.shape == (4, 4)
    assert matrix.min() >= 0
    assert matrix.max() <= 1


def test_it_stays_within_the_budget_which_is_by_default_what_the_reports_rule_costs(any_plan):
    found = any_plan.improvement
    assert found.budget == pytest.approx(found.report_cost)
    assert found.totals.public_money <= 1.001 * found.budget


def test_its_objective_is_not_below_that_of_the_reports_rule(any_plan):
    assert any_plan.improvement.gain >= 0
    assert any_plan.improvement.rule.matrix() != report_rule().matrix()


def test_its_slopes_and_effects_are_finite_and_not_all_zero(any_plan):
    found = any_plan.improvement
    assert found.slopes.shape == (4, 4)
    assert found.effects.shape[0] == len(any_plan.case.names)
    for values in (found.slopes, found.effects):
        assert np.isfinite(values).all()
        assert np.abs(values).max() > 0


def test_unused_slots_have_no_effect(gansu):
    for row, market in enumerate(gansu.case.markets):
        unused = [j for j, i in enumerate(market.slots.instruments) if i is None]
        assert np.abs(gansu.improvement.effects[row, unused]).max() == 0


@pytest.mark.parametrize("any_plan", ["china"], indirect=True)  # in a province little is left to spend above it
def test_half_the_money_above_what_stands_is_respected_and_buys_no_more(any_plan):
    told: list[int] = []
    full = any_plan.improvement
    on = ground(any_plan.case)  # what stands already costs `floor`
    assert full.totals.public_money > 1.1 * on.floor, "the budget would not bind"
    half = improve(any_plan.case, 0.5 * (on.floor + full.totals.public_money), lambda done, of: told.append(of))
    assert half.totals.public_money <= 1.001 * half.budget
    assert half.gain <= full.gain * 1.01 + 1  # one in a hundred is what the search resolves from its starts
    assert len(told) == told[0]


def test_a_budget_below_earlier_promises_is_refused_naming_it_and_the_floor(gansu):
    with pytest.raises(InvalidInputError, match=r"^budget: .*promises .* cost [\d.e+]+ CNY.*more than [\d.e+]+ CNY"):
        improve(gansu.case, 1.0)


def test_the_same_case_improves_to_the_same_rule(gansu):
    again = improve(gansu.case, None)
    assert again.rule == gansu.improvement.rule
    assert (again.effects == gansu.improvement.effects).all()


def test_no_rule_weakens_what_stands_but_incentives_may_taper(gansu):
    """Standing mandates, guidance and support of the place keep today's strength at least."""
    runs, case = gansu.runs.transpose("scenario", "market", "year", "slot", ...), gansu.case
    checked = 0
    for m, market in enumerate(case.markets):
        for j, one in enumerate(market.slots.instruments):
            if one is None or not one.standing or one.kind == "incentive" or not decides(case.place, one):
                continue
            now, ruled = (runs.intensity.sel(scenario=s).values[m, :, j] for s in ("as_is", "improved_rule"))
            assert (ruled >= now - 1e-9).all(), one.id
            checked += now.max() > 0
    assert checked > 5


def test_a_floor_of_ones_own_holds_and_lets_go(gansu):
    case = Case.of("gansu", markets=gansu.case.names, until=gansu.until, floors={"all": 0.0, "charging_network": 0.3})
    low = Rule.from_matrix("low", "nothing", np.zeros((4, 4)).tolist())
    runs = central(case, case.central(low)).transpose("scenario", "market", "year", "slot", ...)
    last = runs.intensity.sel(scenario="improved_rule").values[:, -1]
    for m, market in enumerate(case.markets):
        for j, one in enumerate(market.slots.instruments):
            if one is not None and decides(case.place, one) and one.status != "ended":
                assert last[m, j] == pytest.approx(0.3 if one.id == "charging_network" else 0.0), one.id
    with pytest.raises(InvalidInputError, match="no part of a ceiling"):
        Case.of("gansu", markets=["vehicles"], floors={"charging_network": 1.5})
    with pytest.raises(InvalidInputError, match="does not reach"):
        Case.of("gansu", markets=["steel"], floors={"charging_network": 0.5})


def test_the_first_years_changes_are_those_of_the_runs_and_of_the_place_only(gansu):
    assert gansu.steps
    for step in gansu.steps:
        one = instrument(step.instrument)
        assert decides(gansu.case.place, one)
        better, now = (strength(gansu, step.instrument, name) for name in ("improved_rule", "as_is"))
        assert np.abs(better - now)[[at(DECIDE), at(gansu.first_phase)]].max() >= 0.02, "current policy does it anyway"
        assert step.current == pytest.approx(now[at(gansu.first_phase)])
        assert set(one.departments) <= departments().keys()
        assert one.departments
    assert [abs(s.money) for s in gansu.steps] == sorted((abs(s.money) for s in gansu.steps), reverse=True)


def strength(plan, name, scenario):
    """The mean strength of an instrument over the cells where it acts, by year."""
    runs = plan.runs.intensity.sel(scenario=scenario).transpose("market", "slot", "year").values
    cells = [(row, j) for row, compiled in enumerate(plan.case.markets)
             for j, i in enumerate(compiled.slots.instruments) if i is not None and i.id == name]
    return np.mean([runs[cell] for cell in cells], axis=0)


def test_a_programme_that_ends_and_is_carried_on_with_less_is_no_cut(gansu):
    heating = next(s for s in gansu.steps if s.instrument == "clean_heating_subsidy")
    assert heating.current < heating.later < heating.before
    assert _verb(heating) == "keep"
    assert _verb(replace(heating, current=heating.later + 0.1)) == "lower"
    assert _sure(replace(heating, later=heating.before + 0.1, effect=-1.0)) == "alone"


def test_the_first_page_the_summary_the_table_and_the_balances_name_one_figure(gansu):
    text = to_html(document(gansu, "en"))
    found = gansu.avoided(gansu.sound)[row_of("improved_rule")]
    figure, banded = Speaker("en").n(float(found[MEDIAN]), "tCO2e"), Speaker("en").interval(found, "tCO2e")
    assert text.count(figure) >= 3, figure
    assert banded in text
    assert "Price settlement for new energy (new projects only" in text  # contracts are kept, and it says so
