"""Official indicators: against statistics, and markets that add up without counting power twice."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from seedbed import facts
from seedbed.base.years import START
from seedbed.facts import places
from seedbed.planning.atlas import atlas
from seedbed.planning.diagnose import total
from seedbed.planning.official import COUNTED, _peak, official
from seedbed.planning.plan import Plan
from seedbed.planning.scenarios import at, row
from seedbed.show.report import document
from seedbed.show.speaker import MEDIAN


def test_the_non_fossil_share_of_power_is_what_statistics_say(any_plan: Plan) -> None:
    place = any_plan.case.place
    found = official(any_plan).shares["non_fossil"][row("as_is"), MEDIAN, at(START)]
    if place.id == places.NATION:
        read = facts.read("national_generation_mix")
        known = sum(read.series(kind, place.id)[START] for kind in ("hydro", "nuclear", "wind", "solar"))
        assert found == pytest.approx(known, abs=0.03)
        return
    made = any_plan.runs.stock.sel(scenario="as_is", market="electricity", year=START).sum()
    thermal = total("province_power_output", "generation_thermal", place)[START] * 1e6  # MWh
    assert (1 - found) * float(made) == pytest.approx(thermal, rel=0.1)


def test_power_that_markets_buy_is_emitted_where_it_is_made_and_nowhere_else(any_plan: Plan) -> None:
    found = official(any_plan).direct
    every = any_plan.runs.operating_emissions.sel(market=any_plan.sound) / 1000
    assert found.sel(market="electricity").values == pytest.approx(every.sel(market="electricity").values, rel=1e-6)
    assert (found <= every * (1 + 1e-9)).all()
    assert float(found.sel(market="appliances").max()) == 0.0, "appliances burn nothing"
    for market in ("vehicles", "steel", "cement"):
        part = found.sel(market=market) / every.sel(market=market)
        assert 0.3 < float(part.min()) <= float(part.max()) <= 1 + 1e-9


def test_what_the_markets_emit_here_is_most_of_what_the_place_emits_and_not_more(any_plan: Plan) -> None:
    start = float(official(any_plan).direct.sel(scenario="as_is", year=START).sum())
    inventory = total("province_co2", "total", any_plan.case.place)
    assert 0.5 < start / (inventory[max(inventory)] * 1e6) < 1.3


@pytest.mark.parametrize(("values", "year"), [
    ([5, 4, 3], 2024), ([4, 5, 3], 2025), ([3, 4, 5], None), ([5, 5, 5], 2024)])
def test_a_peak_is_the_year_of_most_and_none_while_it_still_rises(values: list[float], year: int | None) -> None:
    assert _peak(xr.DataArray(np.array(values, float), {"year": [2024, 2025, 2026]}, "year")) == year


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_shows_every_indicator_and_says_which_start_from_the_nation(gansu: Plan, lang: str) -> None:
    section = next(s for s in document(gansu, lang).sections if s.id == "official")  # type: ignore[arg-type]
    table = next(block for block in section.blocks if hasattr(block, "rows"))
    rows = table.rows  # type: ignore[union-attr]
    assert len(rows) == len(COUNTED) + 1
    marked = [line[0] for line in rows if ("全国" in line[0] or "nation" in line[0])]
    assert len(marked) >= 2
    assert not any("汽车" in name or "car" in name.lower().split() for name in marked), "cars are the place's own"
    stored = gansu.to_dict()["official"]
    assert set(stored["shares"]) == {name for name, _, _ in COUNTED}
    assert set(stored["peak"]) == set(stored["direct_emissions"])


def test_what_starts_from_the_places_own_numbers_is_said_by_one_judgement(any_plan: Plan) -> None:
    known = {one.market: one.own for one in atlas() if one.place == any_plan.case.place.id}
    assert official(any_plan).own == {name for name, market, _ in COUNTED if known[market]}
