"""Materials, appliances, second-hand goods and buildings: do the files load, do the numbers make sense?"""

from __future__ import annotations

import numpy as np
import pytest

from seedbed import facts
from seedbed.base.datafile import load
from seedbed.facts import places
from seedbed.market.definition import DEFINITIONS, Definition, Series, Technology
from seedbed.market.history import series, shares

MATERIALS = ("steel", "aluminium", "cement")
MARKETS = (*MATERIALS, "appliances", "recycled", "second_hand", "buildings")

# kgCO2 per unit of carrier: coke and raw coal by IPCC 2006 defaults, grid near the Chinese mean of 2022–2023
FACTOR = {"coke": 3.0, "coal": 1.98, "gas": 2.16, "electricity": 0.57, "scrap": 0.0, "hydrogen": 0.0}
# CNY per unit of carrier, before tax, near the level of 2023
PRICE = {"coke": 2.2, "coal": 0.8, "gas": 3.1, "electricity": 0.62, "scrap": 2.6, "hydrogen": 32.0}


def market(name: str) -> Definition:
    return load(DEFINITIONS / f"{name}.yaml", Definition)


def technology(name: str, tech: str) -> Technology:
    return next(t for t in market(name).technologies if t.id == tech)


def operating(tech: Technology, factor: dict[str, float] = FACTOR) -> float:
    """kgCO2 per service unit, purchased power included."""
    process = tech.process_emissions.value if tech.process_emissions else 0.0
    return process + sum(use.value * factor[carrier] for carrier, use in tech.energy.items())


def unit_cost(tech: Technology, rate: float = 0.08) -> float:
    """CNY per service unit: annuity of the price, running cost and energy."""
    annuity = rate / (1 - (1 + rate) ** -tech.lifetime.value)
    fixed = (tech.price.value * annuity + tech.om.value) / tech.service.value
    return fixed + sum(use.value * PRICE[carrier] for carrier, use in tech.energy.items())


@pytest.mark.parametrize("name", MARKETS)
def test_the_file_loads_and_is_named_after_its_market(name: str) -> None:
    assert market(name).id == name


@pytest.mark.parametrize("name", MARKETS)
def test_channel_shares_are_a_whole(name: str) -> None:
    channels = market(name).channels
    assert channels.government + channels.enterprise + channels.household == pytest.approx(1)


@pytest.mark.parametrize("name", MARKETS)
def test_outlook_starts_where_history_ends(name: str) -> None:
    demand = market(name).demand
    past = series(demand.history)
    last = past[max(past)]
    first = min(y for y in demand.outlook.values if y > max(past))
    assert demand.outlook.values[first] == pytest.approx(last, rel=0.25)
    assert demand.outlook.assumption


@pytest.mark.parametrize("name", MARKETS)
def test_history_and_shares_cover_2010_to_2024(name: str) -> None:
    """Shares of cement start in 2019: low-clinker cement of before was a grade that is no longer allowed."""
    definition = market(name)
    first = 2019 if name == "cement" else 2010
    past = series(definition.demand.history)
    assert min(past) <= 2010
    assert max(past) >= 2024
    for tech in definition.technologies:
        if tech.shares is not None:
            assert min(tech.shares.values) == first, tech.id
            assert max(tech.shares.values) == 2024, tech.id


@pytest.mark.parametrize("name", MARKETS)
def test_observed_shares_leave_room_for_the_remainder(name: str) -> None:
    definition = market(name)
    years = list(range(2010, 2025))
    rest = next(i for i, t in enumerate(definition.technologies) if t.remainder)
    observed = shares(definition, np.array(years))
    assert observed[:, rest].min() > 0.02


@pytest.mark.parametrize("name", MARKETS)
def test_linked_facts_exist_and_reach_the_provinces(name: str) -> None:
    definition = market(name)
    by_province = (definition.demand.place_key, definition.supply_key)
    national = (definition.demand.history, definition.stage_series)
    provinces = {p.id for p in places.provinces()}
    for link in by_province:
        if link is not None:
            data = facts.read(link.table, variable=link.variable).data
            assert len(provinces & set(data["place"])) >= 28, link
    for link in national:
        if isinstance(link, Series):
            assert len(series(link)) >= 10, link


@pytest.mark.parametrize("name", MARKETS)
def test_potential_is_a_share_that_the_present_has_not_passed(name: str) -> None:
    definition = market(name)
    green = [i for i, t in enumerate(definition.technologies) if t.green]
    present = shares(definition, np.array([2024]))[0, green].sum()
    assert definition.potential.unit == "share of purchases"
    assert present < definition.potential.value <= 1


@pytest.mark.parametrize("name", MARKETS)
def test_every_source_is_used_and_weak_ones_are_marked(name: str) -> None:
    text = (DEFINITIONS / f"{name}.yaml").read_text(encoding="utf-8")
    for key, source in market(name).sources.items():
        assert f"source: {key}" in text, f"{name}: source {key} is never used"
        if source.quality == 4:
            assert source.unverified, f"{name}: source {key} is weak but not marked"


@pytest.mark.parametrize(("name", "tech", "low", "high"), [
    ("steel", "bf_bof", 1700, 2400),  # worldsteel 2022: 2.3 t with upstream credits; China about 2.0
    ("steel", "scrap_eaf", 200, 800),  # worldsteel 2022: 0.7 t
    ("aluminium", "primary_coal", 9000, 14000),  # World Economic Forum 2022: 12.7 t, mean of China
    ("aluminium", "primary_clean", 1500, 2500),
    ("aluminium", "secondary", 150, 800),
    ("cement", "clinker", 500, 750),  # Luo et al. 2022: 1,375 Mt over 2,377 Mt of cement in 2020, 0.58 t
    ("cement", "blended", 350, 550),
    ("cement", "ccus", 50, 350),
])
def test_operating_emissions_agree_with_the_literature(name: str, tech: str, low: float, high: float) -> None:
    assert low <= operating(technology(name, tech)) <= high


def test_mean_cement_of_2020_agrees_with_its_published_intensity() -> None:
    """Luo et al. 2022: 1,375 Mt CO2 in 2020 over 2,377 Mt of cement."""
    definition = market("cement")
    weights = shares(definition, np.array([2020]))[0]
    mean = sum(w * operating(t) for w, t in zip(weights, definition.technologies, strict=True))
    assert mean == pytest.approx(1375 / 2377 * 1000, rel=0.08)


def test_captured_cement_stays_positive_on_a_carbon_free_grid() -> None:
    """Captured fuel CO2 is taken off process emissions; capture must never take off more than there is."""
    assert operating(technology("cement", "ccus"), FACTOR | {"electricity": 0.0}) > 0


@pytest.mark.parametrize("name", MATERIALS)
def test_green_materials_emit_less_than_the_others(name: str) -> None:
    techs = market(name).technologies
    dirty = min(operating(t) for t in techs if not t.green)
    assert all(operating(t) < dirty for t in techs if t.green)


@pytest.mark.parametrize(("name", "tech", "low", "high"), [
    ("steel", "bf_bof", 3000, 4100),
    ("steel", "scrap_eaf", 3300, 4400),
    ("aluminium", "primary_coal", 14500, 18500),
    ("aluminium", "secondary", 14500, 17500),
    ("cement", "clinker", 220, 420),
])
def test_unit_cost_lies_near_the_market_price_of_2023(name: str, tech: str, low: float, high: float) -> None:
    """Before tax, rebar sold for about 3,450, aluminium for 16,500 and cement for 300–350 CNY/t in 2023."""
    assert low <= unit_cost(technology(name, tech)) <= high


def test_steel_routes_cost_in_the_known_order() -> None:
    """Electric furnaces lose money against blast furnaces; hydrogen steel is the dearest."""
    costs = [unit_cost(technology("steel", t)) for t in ("bf_bof", "scrap_eaf", "h2_dri")]
    assert costs == sorted(costs)


@pytest.mark.parametrize("name", ["cement", "steel"])
def test_cement_and_steel_decline(name: str) -> None:
    outlook = list(market(name).demand.outlook.values.values())
    assert outlook == sorted(outlook, reverse=True)


def test_primary_aluminium_respects_the_capacity_cap() -> None:
    """China caps primary capacity at 45 Mt; the rest of the outlook is scrap, at a believable share."""
    definition = market("aluminium")
    secondary = 1 - 45e6 / max(definition.demand.outlook.values.values())
    assert 0.19 <= secondary <= 0.40


def test_recycled_shares_reproduce_the_reported_amounts() -> None:
    """China Resource Recycling Association: 322 Mt in 2018, 376 Mt in 2023, 401 Mt in 2024."""
    definition = market("recycled")
    past, observed = series(definition.demand.history), technology("recycled", "recycled").shares
    assert observed is not None
    for year, reported in ((2018, 322e6), (2023, 376e6), (2024, 401e6)):
        assert past[year] * observed.values[year] == pytest.approx(reported, rel=0.01)


def test_recycled_demand_is_the_sum_of_the_linked_outputs() -> None:
    output = facts.read("national_industry_output")
    weight = {"crude_steel": 1.0, "nonferrous_metals": 1.0, "paper": 1.0, "primary_plastics": 1.0,
              "chemical_fibre": 1.0, "glass": 0.05}  # glass in million weight cases of 50 kg
    for year in (2010, 2018, 2024):
        total = sum(w * output.series(v)[year] for v, w in weight.items()) * 1e6
        assert series(market("recycled").demand.history)[year] == pytest.approx(total, rel=0.005)


def test_green_buildings_follow_the_ministry() -> None:
    """2 % of new urban buildings in 2012, 65 % in 2019, above 90 % in 2022."""
    observed = technology("buildings", "green").shares
    assert observed is not None
    assert observed.values[2012] == pytest.approx(0.02)
    assert observed.values[2019] == pytest.approx(0.65)
    assert observed.values[2022] > 0.90
