"""One outcome of an explanation in detail, and shares of variance."""

from __future__ import annotations

import numpy as np

from seedbed.market.slots import KINDS
from seedbed.planning.explain.game import OUTCOMES, TESTED, UNITS, headline
from seedbed.planning.explain.sensitivity import Sensitivity
from seedbed.show import charts
from seedbed.show.document import Block, Column, Figure, TableBlock
from seedbed.show.explain.why import LISTED, Told, waterfall
from seedbed.show.numbers import axis_scale, digits
from seedbed.show.speaker import NO_BREAK
from seedbed.show.words import t


def detail(told: Told, outcome: str) -> list[Block]:
    """Waterfall, markets and instruments of one outcome."""
    return [waterfall(told, outcome), by_market(told, outcome), by_instrument(told, outcome)]


def by_market(told: Told, outcome: str) -> TableBlock:
    """What each kind brings in each market, most first; with intervals where there is one market only."""
    found = told.found
    parts = found.of_kinds(outcome)
    scale, unit = axis_scale([*parts.ravel(), *parts.sum(0)], UNITS[outcome], told.lang)
    order = np.argsort(-np.abs(parts.sum(0)))
    columns = [Column(t("term.market", told.lang), weight=1.6), *(Column(label, "right") for _, label in told.kinds),
               Column(told.t("total"), "right")]
    rows = [[told.market(found.case.names[m]), *(digits(float(v) / scale) for v in (*parts[:, m], parts[:, m].sum()))]
            for m in order]
    if outcome in TESTED and len(order) == 1:
        bands = found.bands(outcome, 0) / scale
        rows[0][1:] = [told.between(cell, digits(float(low)), digits(float(high)))
                       for cell, low, high in zip(rows[0][1:], *bands, strict=True)]
    if len(order) > 1 and outcome != "green_share":
        whole = parts.sum(1)
        rows.append([told.t("total"), *(digits(float(v) / scale) for v in (*whole, whole.sum()))])
    name = told.with_unit(told.outcome(outcome), unit)
    caption = told.t("markets.caption", outcome=name, scenario=told.scenario)
    return TableBlock(columns, rows, caption, traces=told.traces)


def by_instrument(told: Told, outcome: str) -> TableBlock:
    """What each instrument brings to one outcome over all markets, largest first, and the others together."""
    shares = ranked(told, outcome)
    scale, unit = axis_scale([value for _, _, value, _ in shares], UNITS[outcome], told.lang)
    columns = [Column(t("term.instrument", told.lang), weight=2.4), Column(t("term.kind", told.lang)),
               Column(told.with_unit(told.outcome(outcome), unit), "right", 1.4)]
    rows = [[told.instrument(name), t(f"kind.{kind}", told.lang),
             f"{digits(value / scale)}{NO_BREAK}±{NO_BREAK}{digits(error / scale, 1)}"]
            for name, kind, value, error in shares[:LISTED]]
    if rest := shares[LISTED:]:
        rows.append([told.t("instruments.others", count=len(rest)), "—", digits(sum(r[2] for r in rest) / scale)])
    note = told.t("instruments.split", samples=told.found.samples)
    return TableBlock(columns, rows, told.t("instruments.by", outcome=told.outcome(outcome)), note, told.traces)


def ranked(told: Told, outcome: str) -> list[tuple[str, str, float, float]]:
    """(instrument, kind, share of an outcome over all markets, its standard error), largest first."""
    found, row = told.found, OUTCOMES.index(outcome)
    value, error = headline(found.instruments.value)[..., row], headline(found.instruments.error)[..., row]
    sums: dict[str, tuple[str, float, float]] = {}
    for m, compiled in enumerate(found.case.markets):
        kinds = compiled.inputs.kind
        for j, one in enumerate(compiled.slots.instruments):
            if one is not None and (value[m, j] or error[m, j]):
                _, held, missed = sums.get(one.id, ("", 0.0, 0.0))
                sums[one.id] = (KINDS[int(np.asarray(kinds)[j].argmax())].value, held + float(value[m, j]),
                                float(np.hypot(missed, error[m, j])))
    return sorted(((name, *rest) for name, rest in sums.items()), key=lambda r: -abs(r[2]))


def indices(told: Told, found: Sensitivity, outcome: str) -> Figure:
    """First-order and total indices of what the scenario changes in one outcome, largest total first."""
    column = OUTCOMES.index(outcome)
    first, total = found.found.first[:, -1, column], found.found.total[:, -1, column]
    band = found.found.total_band[:, :, -1, column]
    rows = [charts.Range(told.t(f"factor.{found.factors[f]}"), float(band[0, f]), float(band[1, f]),
                         {"first": float(first[f]), "total": float(total[f])}) for f in np.argsort(-total)]
    points = {"first": told.t("sobol.first"), "total": told.t("sobol.total")}
    option = charts.ranges(rows, points, unit="share", lang=told.lang)
    return Figure(option, told.t("sobol.caption", outcome=told.outcome(outcome)), told.t("sobol.alt"),
                  told.t("sobol.note", rows=found.rows), traces=told.traces)


def index_table(told: Told, found: Sensitivity, outcome: str) -> TableBlock:
    """The same as numbers with 90 % intervals."""
    column = OUTCOMES.index(outcome)
    parts = [x[..., -1, column] for x in found.found]
    order = np.argsort(-parts[1])
    columns = [Column(told.t("sobol.factor"), weight=1.4), Column(told.t("sobol.first"), "right"),
               Column(told.t("sobol.total"), "right")]
    rows = [[told.t(f"factor.{found.factors[f]}"), *(
        told.between(*(f"{v:.2f}" for v in (parts[k][f], parts[k + 2][0, f], parts[k + 2][1, f])))
        for k in (0, 1))] for f in order]
    return TableBlock(columns, rows, told.t("sobol.caption", outcome=told.outcome(outcome)),
                      told.t("sobol.note", rows=found.rows), told.traces)
