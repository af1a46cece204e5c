"""Colours and the common frame of every chart: calm, colour-blind safe, legible when printed in grey.

Categorical colours follow the palettes of Okabe & Ito (2008) and Tol (2021), darkened where a thin line on
white paper would fade; scenarios also differ by line pattern.
"""

from __future__ import annotations

from typing import Any

Option = dict[str, Any]
"""A plain ECharts option: JSON values only, so that browser and report draw the same chart."""

FONT = "Seedbed Sans, Noto Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
"""The first is the subset shipped in `static/` and used in PDF; browsers take the first they have."""

INK, MUTED, LINE, PAPER = "#1f2a2e", "#5d6b70", "#d9dfe0", "#ffffff"
ACCENT = "#0b6e4f"
MISSING = "#e9ecec"

SCENARIO = {"no_policy": "#7d8589", "as_is": "#0072b2", "report_rule": "#d97706", "improved_rule": "#00875a"}
SCENARIO_LINE = {"no_policy": "dashed", "as_is": "solid", "report_rule": "dotted", "improved_rule": "solid"}
KIND = {"mandatory": "#3b3a8f", "incentive": "#c4566a", "guidance": "#b8962e", "supporting": "#2f9c8c"}
SERIES = ("#0072b2", "#d97706", "#00875a", "#b0609a", "#5ab0de", "#8c6d31", "#7a2552", "#8a9296")
SEQUENTIAL = ("#f1f7f3", "#bfdfcb", "#7fbf9b", "#35916a", "#0b5b41")
DIVERGING = ("#9c4a1a", "#e3a56d", "#f5f3ee", "#82b6d8", "#125a8c")


def colour(id: str, position: int) -> str:
    """The fixed colour of a scenario or policy kind, otherwise the palette's by position."""
    return SCENARIO.get(id) or KIND.get(id) or SERIES[position % len(SERIES)]


def ink_on(level: float) -> str:
    """Text colour that is legible on the sequential scale at `level` (0–1)."""
    return PAPER if level > 0.62 else INK


def tint(tone: str, strength: float) -> str:
    """`tone` mixed with white; `strength` 1 leaves it as it is, 0 is white."""
    parts = (int(tone[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * strength):02x}" for part in parts)


def frame(**parts: Any) -> Option:
    """An option with the common font, colours and margins; `parts` are added to it."""
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "color": list(SERIES),
        "textStyle": {"fontFamily": FONT, "fontSize": 12, "color": INK},
        **parts,
    }


def grid(*, top: int = 56, right: int = 24, bottom: int = 12, left: int = 12) -> Option:
    """Plot area in pixels; axis labels are kept inside it."""
    return {"top": top, "right": right, "bottom": bottom, "left": left, "containLabel": True}


def legend(entries: list[Any]) -> Option:
    """A legend above the plot, wrapping when long."""
    return {
        "data": entries,
        "top": 0,
        "left": 8,
        "align": "left",
        "itemWidth": 22,
        "itemHeight": 10,
        "itemGap": 16,
        "textStyle": {"color": INK, "fontSize": 12, "fontFamily": FONT},
    }


def category(values: list[str], **parts: Any) -> Option:
    """A category axis without clutter."""
    return {
        "type": "category",
        "data": values,
        "axisLine": {"lineStyle": {"color": MUTED}},
        "axisTick": {"show": False},
        **parts,
        "axisLabel": {"color": INK, "fontSize": 12, **parts.get("axisLabel", {})},
    }


def value(name: str, **parts: Any) -> Option:
    """A value axis with light rules; `name` is its unit, written at the upper end."""
    return {
        "type": "value",
        "name": name,
        "nameTextStyle": {"color": MUTED, "fontSize": 12, "align": "left"},
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"lineStyle": {"color": LINE}},
        **parts,
        "axisLabel": {"color": INK, "fontSize": 12, **parts.get("axisLabel", {})},
    }
