"""Numbers whose truth is published elsewhere."""

from __future__ import annotations

import polars as pl
import pytest

from seedbed import facts


def total(variable: str, year: int) -> float:
    data = facts.read("province_power_capacity", variable=variable, year=year).data
    return float(data["value"].sum())


def test_provincial_solar_adds_up_to_the_national_total_of_2024() -> None:
    assert total("solar", 2024) == pytest.approx(886.7, rel=0.005)


def test_provincial_wind_adds_up_to_the_national_total_of_2023() -> None:
    assert total("wind", 2023) == pytest.approx(441.3, rel=0.005)


def test_solar_of_2015_stays_near_the_published_total_and_says_it_is_not_exact() -> None:
    assert total("solar", 2015) == pytest.approx(43.18, rel=0.03)  # NEA, statistics of 2015
    rows = facts.read("province_power_capacity", variable="solar", year=2015).data
    assert (rows["quality"] >= 2).all()


def test_national_capacity_is_the_sum_of_its_technologies() -> None:
    power = facts.read("national_power")
    parts = ("thermal", "hydro", "nuclear", "wind", "solar")
    whole = power.value("capacity_total", "CN", 2024)
    total_of_parts = sum(power.value(f"capacity_{part}", "CN", 2024) or 0.0 for part in parts)
    assert total_of_parts == pytest.approx(whole, rel=0.001)


def test_two_publishers_agree_on_chinese_solar() -> None:
    ours = facts.read("national_power").value("capacity_solar", "CN", 2023)
    theirs = facts.read("country_power").value("capacity_solar", "China", 2023)
    assert ours == pytest.approx(theirs, rel=0.01)


def test_new_energy_vehicles_are_the_association_s_counts() -> None:
    sales = facts.read("national_vehicles").series("nev")
    assert sales[2013] == 17_642
    assert sales[2023] == 9_495_236
    assert sales[2024] == 12_865_872
    assert list(sales) == sorted(sales)


def test_drives_add_up_to_new_energy_vehicles() -> None:
    found = facts.read("national_vehicles")
    for year in range(2018, 2025):
        parts = sum(found.value(kind, "CN", year) or 0.0 for kind in ("bev", "phev", "fcev"))
        assert parts == pytest.approx(found.value("nev", "CN", year), rel=0.001)


def test_grid_factors_are_those_of_the_notices() -> None:
    found = facts.read("grid_factors")
    assert found.value("factor", "china", 2021) == 0.5568
    assert found.value("factor", "全国", 2022) == 0.5366
    assert found.value("factor", "grid-south", 2022) == 0.3869


def test_module_price_fell_by_about_a_fifth_per_doubling() -> None:
    import math

    found = facts.read("tech_cost_pv")
    price, built = found.series("module_price_usd", "WLD"), found.series("cumulative_capacity", "WLD")
    doublings = math.log2(built[2019] / built[1976])
    rate = 1 - (price[2019] / price[1976]) ** (1 / doublings)
    assert 0.18 < rate < 0.28  # published estimates: 20–24 %


@pytest.mark.parametrize(("level", "count"), [(1, 20), (2, 97), (3, 473), (4, 1380)])
def test_industry_codes_are_complete(level: int, count: int) -> None:
    codes = facts.read("industry_codes").data
    assert codes.filter(pl.col("level") == level).height == count


def test_every_industry_code_hangs_below_another() -> None:
    codes = facts.read("industry_codes").data
    parents = set(codes.filter(pl.col("level") > 1)["parent"])
    assert parents <= set(codes["code"])


def test_all_numbers_and_findings_of_the_report_are_there_and_linked() -> None:
    numbers, findings = facts.read("report_facts").data, facts.read("report_issues").data
    assert numbers.height == 118
    assert findings.height == 30
    linked = {i for ids in numbers["issue_ids"].drop_nulls() for i in ids.split()}
    stated = {row["issue_id"] for row in findings.iter_rows(named=True) if row["fact_ids"]}
    assert linked == stated
    assert findings.select("finding_zh", "finding_en").null_count().sum_horizontal().item() == 0
    for tables in findings["tables"].drop_nulls():
        for table in tables.split():
            facts.source(table)


def test_figure_three_has_seven_technologies_in_eight_countries() -> None:
    cells = facts.read("report_fig3_policy_mix").data
    assert cells.height == 56
    marks = cells.select(pl.sum_horizontal("mandatory", "incentive", "supporting").alias("n"), "blank")
    assert ((marks["n"] == 0) == (marks["blank"] == 1)).all()


def test_the_rule_has_four_kinds_in_four_stages() -> None:
    rule = facts.read("report_rule").data
    assert rule.height == 16
    assert rule.select("kind", "stage").is_unique().all()


def test_self_contradicting_economy_rows_are_out_or_marked() -> None:
    data = facts.read("province_economy", year=2018).data
    industry = data.filter((pl.col("variable") == "industry_va") & pl.col("place").is_in(["CN-SD", "CN-JL"]))
    assert industry.is_empty()
    xizang = data.filter((pl.col("place") == "CN-XZ") & (pl.col("variable") == "gdp"))
    assert xizang["quality"].to_list() == [4]


def test_excepted_ferro_alloys_and_scrap_are_not_border_goods() -> None:
    goods = facts.read("cbam_codes").data
    included = dict(goods.select("cn_code", "included").iter_rows())
    assert included["72"]
    assert included["2716 00 00"]
    assert not included["7204"]
    assert not included["7202 2"]


def test_battery_prices_without_a_second_source_are_marked() -> None:
    data = facts.read("tech_cost_battery").data
    marked = data.filter(pl.col("note").fill_null("").str.contains("unverified"))["year"].to_list()
    assert set(data["year"]) - set(marked) == {2013, 2022, 2023, 2024}
