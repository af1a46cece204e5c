"""Charts of a footprint, as plain ECharts options: its parts, supply tree, supply flows, hot-spots and draws."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from seedbed.lifecycle.methods import climate
from seedbed.lifecycle.solve.factor import Array
from seedbed.lifecycle.uncertainty import Uncertainty
from seedbed.show import theme
from seedbed.show.charts.parts import on_top, rounded
from seedbed.show.lifecycle import quantities
from seedbed.show.lifecycle.tables import UNCERTAIN
from seedbed.show.lifecycle.view import Branch, View
from seedbed.show.theme import Option

PART_COLOUR = {"fossil": "#4a5568", "biogenic": "#00875a", "land_use": "#b8962e", "aircraft": "#5ab0de",
               "biogenic_co2": "#9bcbb0", "removal": "#9bcbb0", "net": "#8a9296"}
OWN, REST = "#8a9296", "#c9cfd1"
BAR = 20
SEEN = 0.003
"""Share of the footprint from which a part can be seen as a bar."""
LABEL_LEAST = 13
"""Pixels an icicle cell needs to carry its name."""
ICICLE_HEIGHT, ICICLE_WIDTH = 360, 700
FLOWS, STEPS, SMALLEST_FLOW = 22, 3, 0.008
"""A Sankey shows at most so many supplies, so many steps in a row, none smaller than this share of the total."""
SANKEY_WIDTH, SANKEY_HEIGHT, SINK_LABEL = 700, 400, 128
LETTER, IDEOGRAPH = 6, 11
"""Width of a character of a label in pixels, about."""
WIDE = 0.15
"""Share of the footprint from which a node is high enough for a name of several lines."""
BINS = 32
GAP = Branch("", 0.0, "gap")


def split(view: View) -> Option | None:
    """The parts that ISO 14067 wants reported, a bar each and the net sum; None where only one can be seen."""
    names = climate.part_names()
    rows = [part for part, value in view.footprint.parts.items() if abs(value) >= SEEN * abs(view.footprint.value)]
    if len(set(rows) - {"net"}) < 2:
        return None
    values = [view.footprint.parts[part] for part in rows]
    return _bars(view, [names[part][view.lang] for part in rows], values, [PART_COLOUR[part] for part in rows])


def hotspots(view: View, count: int = 10) -> Option:
    """The processes that give off most themselves, and all others together."""
    table = view.footprint.processes(count)
    labels = [view.maker(column) for column in table["column"]]
    values = table["value"].to_list()
    colours = [theme.SERIES[0]] * len(values)
    rest = view.footprint.value - sum(values)
    if abs(rest) > 1e-3 * abs(view.footprint.value):
        labels, values, colours = [*labels, view.t("others")], [*values, rest], [*colours, REST]
    return _bars(view, labels, values, colours)


def comparison(view: View, labels: Sequence[str]) -> Option:
    """Several footprints, a stacked bar of the headline's parts each, with its interval where there are draws."""
    if not view.footprint.parts:
        whole = {"type": "bar", "barMaxWidth": BAR, "itemStyle": {"color": theme.SERIES[0]},
                 "data": [rounded(f.value / view.scale.divisor) for f in view.several]}
        return _rows(view, list(labels), [whole, *_ends(view)])
    parts = {part: entry.name[view.lang] for part, entry in climate.climate().parts.items() if entry.headline}
    shown = [part for part in parts if any(abs(f.parts[part]) > SEEN * abs(f.value) for f in view.several)]
    series: list[Option] = [
        {"type": "bar", "name": parts[part], "stack": "whole", "barMaxWidth": BAR,
         "itemStyle": {"color": PART_COLOUR[part]},
         "data": [rounded(f.parts[part] / view.scale.divisor) for f in view.several]}
        for part in shown
    ]
    option = _rows(view, list(labels), [*series, *_ends(view)])
    mixed = len(shown) > 1
    option["legend"] = theme.legend([parts[part] for part in shown]) if mixed else {"show": False}
    option["grid"]["top"] += 28 if mixed else 0
    return option


def _ends(view: View) -> list[Option]:
    """What stands over the bars of a comparison: the 95 % interval, and the value beyond it."""
    intervals = [draws.interval() for draws in view.draws]
    highest = [max(f.value, *interval) for f, interval in zip(view.several, intervals, strict=True)] if intervals else [
        f.value for f in view.several]
    values: Option = {
        "type": "scatter", "symbolSize": 1, "itemStyle": {"color": "transparent"}, "silent": True,
        "data": [{"value": [rounded(end / view.scale.divisor), row],
                  "label": {"show": True, "position": "right", "fontSize": 11, "color": theme.INK,
                            "formatter": view.scale.figure(f.value)}}
                 for row, (end, f) in enumerate(zip(highest, view.several, strict=True))],
    }
    whiskers: Option = {
        "type": "boxplot", "boxWidth": [5, 5], "silent": True, "z": 4,
        "itemStyle": {"color": theme.PAPER, "borderColor": theme.INK, "borderWidth": 1},
        "data": [[rounded(end / view.scale.divisor) for end in (low, low, draws.median, high, high)]
                 for draws, (low, high) in zip(view.draws, intervals, strict=True)],
    }
    return [whiskers, values] if intervals else [values]


def shares(view: View, found: Uncertainty) -> Option:
    """The part of the variance that the numbers of each process bring, in per cent."""
    table = found.shares.head(UNCERTAIN)
    names = [view.process_name(process) for process in table["process"]]
    data = [{"value": rounded(100 * share), "label": {"formatter": quantities.share(share)}}
            for share in table["share"]]
    bar = {"type": "bar", "barMaxWidth": BAR, "itemStyle": {"color": theme.SERIES[0]}, "data": data,
           "label": {"show": True, "position": "right", "fontSize": 11, "color": theme.INK}}
    option = _rows(view, names, [bar])
    return option | {"xAxis": theme.value("%") | on_top("%")}


def _bars(view: View, labels: list[str], values: list[float], colours: list[str]) -> Option:
    data = [
        {"value": rounded(value / view.scale.divisor), "itemStyle": {"color": colour},
         "label": {"formatter": view.scale.figure(value), "position": "right" if value >= 0 else "left"}}
        for value, colour in zip(values, colours, strict=True)
    ]
    label = {"show": True, "fontSize": 11, "color": theme.INK}
    return _rows(view, labels, [{"type": "bar", "barMaxWidth": BAR, "data": data, "label": label}])


def _rows(view: View, labels: list[str], series: list[Option]) -> Option:
    listed = theme.category(labels, inverse=True, axisLabel={"width": 236, "overflow": "break"})
    return theme.frame(
        grid=theme.grid(top=34, right=72), tooltip={"trigger": "axis", "axisPointer": {"type": "shadow"}},
        xAxis=theme.value(view.scale.label) | on_top(view.scale.label), yAxis=listed | {"axisTick": {"show": False}},
        series=series,
    )


def icicle(view: View) -> Option:
    """The supply tree from left to right: the height of a cell is the impact it carries, its own emissions are grey.

    Cells of a level stand below one another in the extent of the cell they supply. Credits (negative parts) have
    no height and are left out.
    """
    depth = 1 + max(level for level, _ in view.tree.walk())
    levels: list[list[tuple[Branch, float, str]]] = [[] for _ in range(depth)]
    _place(view.tree, 0, "", levels)
    total = _gross(view.tree) or 1.0
    width = ICICLE_WIDTH / depth
    columns = [
        [_cell(view, branch, size, tone, size / total * ICICLE_HEIGHT, width) for branch, size, tone in level]
        for level in levels
    ]
    most = max(len(column) for column in columns)
    series = [
        {"type": "bar", "stack": "tree", "barWidth": "100%", "silent": True,
         "data": [column[k] if k < len(column) else None for column in columns]}
        for k in range(most)
    ]
    return theme.frame(
        grid={"top": 4, "bottom": 4, "left": 0, "right": 0},
        xAxis={"type": "category", "data": [str(level) for level in range(depth)], "show": False},
        yAxis={"type": "value", "inverse": True, "show": False, "min": 0, "max": rounded(total / view.scale.divisor)},
        series=series,
    )


def _place(branch: Branch, depth: int, tone: str, levels: list[list[tuple[Branch, float, str]]]) -> None:
    """Append `branch` and what is below it to the levels; behind what has no parts the deeper levels stay empty."""
    size = _gross(branch)
    levels[depth].append((branch, size, tone))
    parts = [child for child in branch.children if _gross(child) > 0]
    for position, child in enumerate(parts):
        own = {"own": OWN, "rest": REST}.get(child.kind)
        _place(child, depth + 1, own or tone or theme.SERIES[position % len(theme.SERIES)], levels)
    if not parts:
        for deeper in levels[depth + 1 :]:
            deeper.append((GAP, size, ""))


def _gross(branch: Branch) -> float:
    """The impact of a branch without its credits."""
    return sum(_gross(child) for child in branch.children) if branch.children else max(branch.value, 0.0)


def _cell(view: View, branch: Branch, size: float, tone: str, height: float, width: float) -> Option:
    gap = branch.kind == "gap"
    colour = "transparent" if gap else theme.tint(tone, 0.4) if tone else theme.tint(theme.ACCENT, 0.25)
    share = quantities.share(branch.value / view.footprint.value if view.footprint.value else None)
    apart = "\n" if height >= 2.6 * LABEL_LEAST else "  "
    return {
        "value": rounded(size / view.scale.divisor),
        "itemStyle": {"color": colour, "borderColor": theme.PAPER, "borderWidth": 0 if gap else 1},
        "label": {
            "show": not gap and height >= LABEL_LEAST, "position": "insideLeft", "fontSize": 11, "color": theme.INK,
            "formatter": f"{share}{apart}{branch.name}", "width": width - 12,
            "overflow": "break" if height >= 4 * LABEL_LEAST else "truncate", "lineHeight": LABEL_LEAST,
        },
    }


def sankey(view: View) -> Option | None:
    """What supplies carry into the product; None where nothing is supplied."""
    links = supplies(view)
    if not links:
        return None
    columns = dict.fromkeys(column for link in links for column in (link[1], link[0]))
    names = _unique({column: view.supply(column) if column >= 0 else view.demand for column in columns})
    into, out = defaultdict(float), defaultdict(float)
    for supplier, consumer, value in links:
        out[supplier] += value
        into[consumer] += value
    steps = max(_chain(column, links) for column in names)
    room = (SANKEY_WIDTH - SINK_LABEL) / steps - 22
    carried = {column: out[column] or max(into[column], view.footprint.value) for column in names}
    nodes = [
        {"name": name, "itemStyle": {"color": theme.SERIES[k % len(theme.SERIES)] if out[column] else theme.ACCENT},
         "label": _node_label(view, name, carried[column], room if out[column] else SINK_LABEL - 10)}
        for k, (column, name) in enumerate(names.items())
    ]
    series = {
        "type": "sankey", "left": 4, "right": SINK_LABEL, "top": 10, "bottom": 10, "nodeGap": 15, "nodeWidth": 10,
        "nodeAlign": "right", "emphasis": {"disabled": True}, "layoutIterations": 64,
        "lineStyle": {"color": "source", "opacity": 0.28},
        "label": {"color": theme.INK, "fontSize": 11, "lineHeight": LABEL_LEAST},
        "data": nodes,
        "links": [{"source": names[a], "target": names[b], "value": rounded(v / view.scale.divisor)}
                  for a, b, v in links],
    }
    return theme.frame(tooltip={"trigger": "item"}, series=[series])


def _node_label(view: View, name: str, carried: float, room: float) -> Option:
    """Impact and name of a node: on several lines where it is high, else the name alone if both do not fit.

    Low nodes stand on bands of several colours, so their labels have a pale ground."""
    whole = f"{view.scale.short(carried)}  {name}"
    if carried > WIDE * view.footprint.value:
        return {"formatter": whole, "width": room, "overflow": "break"}
    ground: Option = {"backgroundColor": "rgba(255,255,255,0.7)", "padding": [1, 2]}
    fitting = next((text for text in (whole, name) if _width(text) <= room), None)
    return ground | ({"formatter": fitting} if fitting else {"formatter": name, "width": room, "overflow": "truncate"})


def _width(text: str) -> int:
    """Pixels that a label of 11 px takes, about."""
    return sum(LETTER if letter < "\u2e80" else IDEOGRAPH for letter in text)


def supplies(view: View) -> list[tuple[int, int, float]]:
    """The links of the Sankey (supplier, consumer, impact); several suppliers of the demand lead to a node −1.

    The largest supplies are taken one by one, if they lead to what is already in the picture and close no
    loop; credits are left out.
    """
    made = view.footprint
    floor = SMALLEST_FLOW * abs(made.value)
    tops = [(node.column, -1, node.value) for node in made.trees(depth=0) if node.value > floor]
    taken = tops if len(tops) > 1 else []
    there = {column for column, _, _ in tops}
    waiting = [edge for edge in made.edges(10 * FLOWS) if edge[2] > floor]
    while len(taken) < FLOWS:
        found = next((edge for edge in waiting if edge[1] in there and _fits(edge, taken)), None)
        if found is None:
            break
        waiting.remove(found)
        taken.append(found)
        there.add(found[0])
    return taken


def _fits(edge: tuple[int, int, float], taken: list[tuple[int, int, float]]) -> bool:
    """Whether a supply closes no loop and makes no chain longer than `STEPS`."""
    if _leads(edge[1], edge[0], taken):
        return False
    grown = [*taken, edge]
    return max(_chain(supplier, grown) for supplier, _, _ in grown) <= STEPS


def _chain(start: int, links: list[tuple[int, int, float]]) -> int:
    """Supplies in the longest chain from `start` on; `links` has no loop."""
    return max((1 + _chain(consumer, links) for supplier, consumer, _ in links if supplier == start), default=0)


def _leads(start: int, end: int, links: list[tuple[int, int, float]]) -> bool:
    """Whether supplies lead from `start` to `end`."""
    reached, frontier = {start}, [start]
    while frontier:
        here = frontier.pop()
        for supplier, consumer, _ in links:
            if supplier == here and consumer not in reached:
                reached.add(consumer)
                frontier.append(consumer)
    return end in reached


def _unique(names: dict[int, str]) -> dict[int, str]:
    """Names made different by a number where several are the same."""
    seen: dict[str, int] = {}
    found = {}
    for column, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        found[column] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return found


def histogram(view: View, samples: Array, marks: dict[str, float]) -> Option:
    """How often draws fall where; `marks` are labelled values with a line each."""
    low, high = np.quantile(samples, [0.002, 0.998])
    counts, edges = np.histogram(samples, BINS, (low, high) if high > low else None)
    shares = counts / samples.size
    outline = [[rounded(edges[0] / view.scale.divisor), 0.0]]
    for k, share in enumerate(shares):
        outline += [[rounded(edge / view.scale.divisor), rounded(100 * share)] for edge in edges[k : k + 2]]
    outline.append([rounded(edges[-1] / view.scale.divisor), 0.0])
    lines = [
        {"xAxis": rounded(value / view.scale.divisor), "label": {"formatter": label}} for label, value in marks.items()
    ]
    return theme.frame(
        grid=theme.grid(top=28, right=32, bottom=30),
        xAxis=theme.value(view.scale.label, min=outline[0][0], max=outline[-1][0], nameLocation="middle", nameGap=30,
                          splitLine={"show": False}, axisLabel={"showMinLabel": False, "showMaxLabel": False})
        | {"nameTextStyle": {"color": theme.MUTED, "fontSize": 12}},
        yAxis=theme.value("", axisLabel={"formatter": "{value}%"}),
        series=[{
            "type": "line", "symbol": "none", "data": outline, "lineStyle": {"color": theme.SERIES[0], "width": 1},
            "areaStyle": {"color": theme.tint(theme.SERIES[0], 0.35), "opacity": 1},
            "markLine": {"symbol": "none", "silent": True, "data": lines,
                         "lineStyle": {"color": theme.INK, "type": "dashed"},
                         "label": {"color": theme.INK, "fontSize": 11}},
        }],
    )
