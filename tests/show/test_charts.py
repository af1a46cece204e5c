"""Charts: every kind draws, with its numbers, names and gaps."""

import asyncio
import html
import json
import math
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Lang
from seedbed.show import charts, render, theme
from seedbed.show.words import t

Gallery = Callable[[Lang], dict[str, charts.Option]]


def texts(drawing: str) -> list[str]:
    """What stands written in an SVG, in drawing order."""
    return [html.unescape(found) for found in re.findall(r"<text[^>]*>([^<]*)</text>", drawing)]


def boxes(drawing: str) -> list[tuple[float, float, float, float, str]]:
    """Rough boxes (left, top, right, bottom) of the written labels, counted from their anchors."""
    found = []

    def read(pattern: str, attributes: str, otherwise: str = "0") -> tuple[float, ...]:
        match = re.search(pattern, attributes)
        return tuple(map(float, match.groups())) if match else (float(otherwise),) * 2

    for attributes, text in re.findall(r"<text([^>]*)>([^<]*)</text>", drawing):
        if "rotate" in attributes or not text.strip():
            continue
        size = read(r"font-size:([\d.]+)px", attributes, "12")[0]
        width = sum(
            size * (1 if c > "\u2e7f" else 0.28 if c in ".,il" else 0.55) for c in html.unescape(text)
        )
        moved = read(r"translate\(([-\d.]+) ([-\d.]+)\)", attributes)
        x = read(r'\bx="([-\d.]+)"', attributes)[0] + moved[0]
        y = read(r'\by="([-\d.]+)"', attributes)[0] + moved[1]
        anchor = re.search(r'text-anchor="(\w+)"', attributes)
        left = x - width * {"middle": 0.5, "end": 1.0}.get(anchor[1] if anchor else "", 0.0)
        found.append((left, y - size * 0.45, left + width, y + size * 0.45, text))
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_chart_is_plain_json_and_draws_its_words(gallery: Gallery, lang: Lang) -> None:
    for name, option in gallery(lang).items():
        assert json.loads(json.dumps(option, allow_nan=False)) == option, name
        written = "".join(texts(render.svg(option)))
        assert bool(re.search(r"[\u4e00-\u9fff]", written)) == (lang == "zh"), name
        assert "undefined" not in written, name
        assert "NaN" not in written, name


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_two_labels_overlap_and_none_leaves_the_picture(gallery: Gallery, lang: Lang) -> None:
    for name, option in gallery(lang).items():
        if name == "map":
            continue  # two lines in one cell are placed by the tile, see test_tilemap
        placed = boxes(render.svg(option, 700))
        for i, (left, top, right, bottom, text) in enumerate(placed):
            assert left > -4, (name, text)
            assert right < 704, (name, text)
            for other in placed[i + 1 :]:
                apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
                assert apart, (name, text, other[4])


def test_a_fan_has_median_bands_points_and_divider() -> None:
    fan = charts.Fan(
        "as_is", "A", [0.2, 0.3], {0.9: ([0.1, 0.2], [0.3, 0.5]), 0.5: ([0.15, 0.25], [0.25, 0.4])}
    )
    option = charts.fan_chart(
        [2025, 2026], [fan], unit="share", lang="en", observed={2024: 0.15}, divider=2024
    )
    low90, gap90, _, gap50, median, points = option["series"]
    assert option["xAxis"]["data"] == ["2024", "2025", "2026"]
    assert low90["data"] == [None, 10, 20]
    assert gap90["data"] == [None, 20, 30]
    assert gap50["data"] == [None, 10, 15]
    assert median["data"] == [None, 20, 30]
    assert median["lineStyle"]["color"] == theme.SCENARIO["as_is"]
    assert points["data"] == [15, None, None]
    assert points["markLine"]["data"] == [{"xAxis": "2024"}]
    assert t("chart.history_plan", "en") in texts(render.svg(option))


def test_numbers_are_drawn_in_the_readers_unit() -> None:
    line = charts.Line("x", "费用", [1.5e9, 3e9])
    written = texts(render.svg(charts.bars(["甲", "乙"], [line], unit="CNY", lang="zh")))
    assert {"15", "30", "亿元", "甲", "乙"} <= set(written)


def test_missing_values_stay_gaps_and_are_never_zero() -> None:
    option = charts.lines(
        [2020, 2021, 2022], [charts.Line("x", "X", np.array([1, math.nan, 3]))], unit="index", lang="en"
    )
    assert option["series"][0]["data"] == [1, None, 3]
    cells = charts.heatmap(["r"], ["a", "b"], [[0.5, None]], unit="share", lang="en")["series"][0]["data"]
    assert cells[1]["visualMap"] is False
    assert cells[1]["label"]["formatter"] == "—"


def test_a_series_of_the_wrong_length_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"'X'.*2 values for 3 years"):
        charts.lines([1, 2, 3], [charts.Line("x", "X", [1, 2])], unit="index", lang="en")


def test_the_rule_matrix_writes_all_sixteen_numbers() -> None:
    matrix = np.arange(16).reshape(4, 4) / 20
    option = charts.heatmap([*"abcd"], [*"wxyz"], matrix, unit="share", lang="en", limits=(0, 1))
    assert {f"{5 * i}%" for i in range(16)} <= set(texts(render.svg(option)))


def test_a_timeline_covers_exactly_the_years_of_its_spans() -> None:
    action = charts.Action("A", "incentive", [charts.Span(2026, 2027, 1.0), charts.Span(2029, 2029, 0.4)])
    option = charts.timeline([action], lang="en", years=(2025, 2030))
    cells = option["series"][0]["data"]
    assert [option["xAxis"]["data"][c["value"][0]] for c in cells] == ["2026", "2027", "2029"]
    assert [c["value"][2] for c in cells] == [1.0, 1.0, 0.4]


def test_scenarios_and_kinds_keep_their_colours_and_differ() -> None:
    assert theme.colour("improved_rule", 7) == theme.SCENARIO["improved_rule"]
    tones = [*theme.SCENARIO.values(), *theme.KIND.values()]
    assert len(set(tones)) == len(tones)


def test_every_scenario_and_kind_colour_is_legible_on_white() -> None:
    for tone in [*theme.SCENARIO.values(), *theme.KIND.values()]:
        parts = [int(tone[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 2.5, tone  # WCAG 2.1 contrast; lines are thick and also dashed


def test_the_same_chart_is_the_same_text_and_two_charts_share_no_id(gallery: Gallery) -> None:
    drawn = gallery("en")
    first, second = render.svg(drawn["map"]), render.svg(drawn["rule"])
    assert render.svg(drawn["map"]) == first
    ids = [set(re.findall(r'id="([^"]+)"', d)) for d in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_an_option_that_is_not_json_is_refused_with_the_fix() -> None:
    with pytest.raises(InvalidInputError, match="charts"):
        render.svg({"series": [{"type": "bar", "data": [math.nan]}]})


def test_drawing_works_inside_a_running_event_loop_and_after_it_has_closed(gallery: Gallery) -> None:
    option = gallery("en")["rule"]
    render._context.cache_clear()

    async def draw() -> str:
        return render.svg(option)

    assert asyncio.run(draw()) == render.svg(option)


def test_threads_may_draw_at_the_same_time(gallery: Gallery) -> None:
    options = list(gallery("zh").values())
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render.svg, options)) == [render.svg(option) for option in options]
