"""Charts as plain ECharts options: pure functions of numbers and a language, no title (captions carry it).

Values come in base units (CNY, t, share 0–1, …); each function scales them to the reader's unit and writes
that unit on the axis. Missing values are `None` or NaN and leave a gap. Draw with `render.svg` or in a
browser.
"""

from seedbed.show.charts.causes import Block, Step, Swing, cost_curve, tornado, waterfall, wedge
from seedbed.show.charts.cells import Action, Span, heatmap, timeline
from seedbed.show.charts.front import Spot, front
from seedbed.show.charts.parts import Line
from seedbed.show.charts.rows import Range, bars, ranges, sankey
from seedbed.show.charts.years import Fan, fan_chart, lines, stacked_area
from seedbed.show.theme import Option

__all__ = [
    "Action",
    "Block",
    "Fan",
    "Line",
    "Option",
    "Range",
    "Span",
    "Spot",
    "Step",
    "Swing",
    "bars",
    "cost_curve",
    "fan_chart",
    "front",
    "heatmap",
    "lines",
    "ranges",
    "sankey",
    "stacked_area",
    "timeline",
    "tornado",
    "waterfall",
    "wedge",
]
