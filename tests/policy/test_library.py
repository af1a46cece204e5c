"""The library of instruments is whole, sourced and says what the documents say."""

from __future__ import annotations

import pytest

from seedbed.market.definition import definitions
from seedbed.policy.instrument import LEVERS, Instrument, Kind, library

INSTRUMENTS = list(library().values())
IDS = [one.id for one in INSTRUMENTS]
each = pytest.mark.parametrize("one", INSTRUMENTS, ids=IDS)

# the measures of part five of the report, by channel and the kinds it names for that channel
PART_FIVE: dict[str, tuple[set[str], set[str]]] = {
    "government": (
        {"mandatory", "guidance"},
        {
            "green_procurement_law",
            "procurement_life_cycle_standards",
            "procurement_annual_review",
            "procurement_lists",
            "procurement_annual_survey",
            "procurement_award",
        },
    ),
    "enterprise": (
        {"mandatory", "incentive", "guidance", "supporting"},
        {
            "value_visualisation_label",
            "life_cycle_data_platform",
            "green_supply_chain",
            "regional_carbon_target",
            "sector_carbon_target",
            "project_carbon_review",
            "carbon_disclosure",
            "carbon_tax",
            "tax_relief_enterprise",
            "resource_tax",
            "green_credit",
            "green_bonds",
            "investment_grant",
            "infrastructure_ppp",
            "recycled_content_mandate",
            "digital_infrastructure_efficiency",
            "grid_flexibility",
        },
    ),
    "household": (
        {"incentive", "guidance", "supporting"},
        {
            "green_education",
            "carbon_points",
            "household_green_subsidy",
            "rural_campaign",
            "product_carbon_label",
            "recycling_stations",
            "second_hand_rules",
            "waste_charging",
            "sharing_economy",
            "charging_network",
        },
    ),
    "export": (
        {"supporting"},
        {
            "export_promotion",
            "environmental_equipment_export",
            "standards_abroad",
            "mutual_recognition",
            "green_certification_bodies",
            "footprint_certification",
            "border_carbon_response",
        },
    ),
}


def value(instrument: str, year: int) -> float:
    one = library()[instrument]
    return one.intensity_in(year) * one.ceiling.value


def test_library_holds_the_instruments_a_plan_needs() -> None:
    assert len(INSTRUMENTS) >= 55
    assert {one.kind for one in INSTRUMENTS} == set(Kind)
    assert {one.lever for one in INSTRUMENTS} == set(LEVERS)
    assert sum(bool(one.history) for one in INSTRUMENTS) >= 40


@each
def test_every_value_of_the_past_names_its_document_and_reference(one: Instrument) -> None:
    for past in one.history:
        assert past.document.zh
        assert past.document.en
        assert past.source.publisher
        assert past.source.reference


@each
def test_estimates_are_marked_unverified(one: Instrument) -> None:
    """A reference that says "estimate" or "assumption", or that is our own, never passes as checked."""
    sources = [one.ceiling.source, *(past.source for past in one.history)]
    sources += [one.cost.source] if one.cost else []
    for source in sources:
        own = source.publisher.en == "Seedbed"
        if own or any(word in source.reference for word in ("estimate", "assumption", "not checked")):
            assert source.unverified or source.quality >= 3
            assert source.unverified or not own


@each
def test_targets_exist_in_their_market(one: Instrument) -> None:
    for target in one.targets:
        if target.market == "*":
            continue
        known = {technology.id for technology in definitions()[target.market].technologies}
        if not isinstance(target.technologies, str):
            assert set(target.technologies) <= known


@each
def test_a_lever_finds_something_to_pull_in_each_market_it_names(one: Instrument) -> None:
    """Infrastructure, purchase tax and exports must exist where an instrument claims to act on them."""
    for market in (definitions()[target.market] for target in one.targets if target.market != "*"):
        if one.lever == "infrastructure":
            assert market.infrastructure is not None
        if one.lever == "tax_relief":
            assert market.purchase_tax is not None
        if one.lever == "market_access":
            assert any(technology.export for technology in market.technologies)


@each
def test_channels_fit_the_lever(one: Instrument) -> None:
    assert ("export" in one.channels) == (one.lever == "market_access")


@each
def test_ended_instruments_have_a_past_and_proposed_ones_have_none(one: Instrument) -> None:
    if one.status == "ended":
        assert one.history
        assert max(past.end.year for past in one.history if past.end) <= 2025
    if one.status == "proposed":
        assert not one.history


@pytest.mark.parametrize("channel", PART_FIVE)
def test_measures_of_part_five_are_there_with_the_kinds_of_their_channel(channel: str) -> None:
    kinds, measures = PART_FIVE[channel]
    assert measures <= set(IDS)
    for name in measures:
        assert channel in library()[name].channels
        assert library()[name].kind in kinds


def test_the_purchase_subsidy_fell_in_2019_and_ended_with_2022() -> None:
    assert value("nev_purchase_subsidy", 2019) < 0.7 * value("nev_purchase_subsidy", 2018)
    assert value("nev_purchase_subsidy", 2022) > 0
    assert value("nev_purchase_subsidy", 2023) == 0


def test_the_quota_on_vehicles_follows_from_the_credit_ratio() -> None:
    """Credits due are r on conventional output, so r·(1-s) = c·s."""
    for year, ratio, credits in ((2019, 0.10, 3.5), (2021, 0.14, 2.2), (2023, 0.18, 2.2), (2025, 0.38, 1.35)):
        share = value("dual_credit_quota", year)
        assert ratio * (1 - share) == pytest.approx(credits * share, rel=5e-3)


def test_the_wind_premium_is_the_tariff_less_the_coal_benchmark() -> None:
    zones_2010 = (0.51 + 0.54 + 0.58 + 0.61) / 4
    assert value("wind_feed_in_premium", 2010) == pytest.approx(1000 * (zones_2010 - 0.38), abs=1)
    assert value("wind_feed_in_premium", 2021) == 0


def test_the_carbon_price_is_turnover_over_volume() -> None:
    """Shanghai Environment and Energy Exchange: 2021 opened on 16 July; turnover and volume in CNY and t."""
    known = {
        2021: 7.66123e9 / 178.78935e6 * 5.5 / 12,
        2022: 2.814e9 / 50.889e6,
        2023: 14.444e9 / 212e6,
        2024: 18.114e9 / 189e6,
    }
    for year, price in known.items():
        assert value("national_ets", year) == pytest.approx(price, rel=0.005)
    assert value("national_ets_industry", 2023) == 0


@pytest.mark.parametrize(
    ("instrument", "last"),
    [
        ("wind_feed_in_premium", 2020),
        ("pv_feed_in_premium", 2021),
        ("offshore_wind_premium", 2021),
        ("storage_mandate", 2025),
        ("charging_infrastructure_award", 2020),
    ],
)
def test_ended_support_stops_when_its_document_says(instrument: str, last: int) -> None:
    assert value(instrument, last) > 0
    assert value(instrument, last + 1) == 0


def test_solar_premium_never_rises_after_2015() -> None:
    path = [value("pv_feed_in_premium", year) for year in range(2015, 2023)]
    assert path == sorted(path, reverse=True)
