"""Charts of causes: bars that follow one another, areas that add up, blocks side by side."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.show import charts


def test_a_waterfall_goes_on_where_the_last_bar_ended_and_levels_stand_on_zero() -> None:
    steps = [
        charts.Step("no_policy", "None", 0.3, level=True),
        charts.Step("mandatory", "M", 0.2, 0.1, 0.25),
        charts.Step("incentive", "I", -0.1),
        charts.Step("improved_rule", "All", 0.4, level=True),
    ]
    option = charts.waterfall(steps, unit="share", lang="en")
    bodies = [bar["value"][:2] for bar in option["series"][0]["data"]]
    assert bodies == [[0, 30], [30, 50], [50, 40], [0, 40]]
    interval = option["series"][1]["data"]
    assert interval == [[1, 40], [1, 55]]
    written = [label["label"]["formatter"] for label in option["series"][-1]["data"]]
    assert written == ["30", "+20", "-10", "40"]


def test_wedges_stack_and_the_line_is_their_sum() -> None:
    parts = [charts.Line("a", "A", [0, -3e6]), charts.Line("b", "B", [0, -1e6]), charts.Line("c", "C", [0, 5e5])]
    option = charts.wedge([2025, 2026], parts, "net", unit="tCO2e", lang="en")
    *areas, line = option["series"]
    assert [a["data"][1] for a in areas] == [-3, -1, 0.5]
    assert line["data"] == [0, -3.5]
    assert {a["stack"] for a in areas} == {"wedge"}
    assert "stack" not in line


def test_blocks_of_a_cost_curve_stand_side_by_side_in_their_order() -> None:
    blocks = [charts.Block("mandatory", "1", 2e6, -50, 10), charts.Block("incentive", "2", 1e6, 80, 200)]
    option = charts.cost_curve(
        blocks, ("cost", "money"), across="tCO2e", up="CNY/tCO2e", lang="en", limits=(-100, 100)
    )
    first, second, marks = option["series"]
    assert [p if isinstance(p, list) else p["value"] for p in first["data"]] == [
        [0, 0], [0, -50], [1, -50], [2, -50], [2, 0],
    ]
    assert second["data"][0] == [2, 0]
    assert second["data"][-1] == [3, 0]
    assert marks["data"][:2] == [[0, 10], [2, 10]]
    assert (option["yAxis"]["min"], option["yAxis"]["max"], option["xAxis"]["max"]) == (-100, 100, 3)


@pytest.mark.parametrize("centre", [0.0, 100.0])
def test_a_tornado_lists_the_widest_swing_first_whichever_side_it_is_on(centre: float) -> None:
    rows = [
        charts.Swing("narrow", centre - 1, centre + 1),
        charts.Swing("one-sided", centre - 9, centre - 4),
        charts.Swing("wide", centre + 5, centre - 5),
    ]
    option = charts.tornado(rows, centre, ("low", "high"), unit="index", lang="en")
    assert option["yAxis"]["data"] == ["one-sided", "wide", "narrow"]
    low, high = (np.array(series["data"]) for series in option["series"])
    np.testing.assert_allclose(low, [-9, 5, -1])
    np.testing.assert_allclose(high, [-4, -5, 1])
