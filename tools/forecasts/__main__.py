"""Make docs/forecasts.md and its charts: `python -m tools.forecasts TOURNAMENT [--reuse FOLDER]`.

TOURNAMENT holds `public/` (tables and tasks), `forecasts/` (baselines) and `results_dev.csv`. With --reuse, quantile
tables TARGET.csv and TARGET.plain.csv (without measures) written by `seedbed backtest --out` are read from FOLDER.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from seedbed.learning.measures import NONE
from seedbed.learning.panel import TARGETS, read
from seedbed.learning.scores import table
from seedbed.learning.tournament import ORIGINS, Backtest, backtest, scored
from seedbed.show.charts import Fan, fan_chart
from seedbed.show.render import svg

DOCS = Path(__file__).parents[2] / "docs"
BASELINES = "dev_best_baseline_public.csv.gz"
RESAMPLES = 2000
FANS = (("ev_share", "Germany", 2018), ("ev_share", "China", 2019), ("wind_gw", "China", 2018),
        ("prov_solar_gw", "Guangdong", 2021))


def main() -> None:
    """Run or reuse the back-tests and write the page."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tournament", type=Path)
    arguments.add_argument("--reuse", type=Path)
    given = arguments.parse_args()
    truth = given.tournament / "public"
    mine = {t: made(t, truth, given.reuse, plain=False) for t in TARGETS}
    plain = {t: made(t, truth, given.reuse, plain=True) for t in TARGETS}
    best = pl.read_csv(given.tournament / "forecasts" / BASELINES)
    theirs = {t: Backtest(t, best.filter(pl.col("target") == t), ORIGINS, {}) for t in TARGETS}
    scores = {name: {t: scored(b, truth) for t, b in group.items()}
              for name, group in (("seedbed", mine), ("plain", plain), ("best", theirs))}
    page = (Path(__file__).parent / "page.md").read_text(encoding="utf-8")
    page = page.replace("{{pooled}}", pooled(scores)).replace("{{horizons}}", by(scores, "horizon"))
    page = page.replace("{{origins}}", by(scores, "origin")).replace("{{charts}}", charts(mine, truth))
    (DOCS / "forecasts.md").write_text(page, encoding="utf-8")


def made(target: str, truth: Path, reuse: Path | None, *, plain: bool) -> Backtest:
    """A back-test, run or read."""
    if reuse is not None:
        rows = pl.read_csv(reuse / f"{target}{'.plain' if plain else ''}.csv")
        return Backtest(target, rows, ORIGINS, {})
    return backtest(target, truth, known=NONE if plain else None)


def pooled(scores: dict[str, dict[str, pl.DataFrame]]) -> str:
    """The table of all targets."""
    lines = ["| target | tasks | CRPS | best baseline | ratio | gain, 5 % point | without measures | 50 % | 90 % |",
             "|---|---|---|---|---|---|---|---|---|"]
    for target in TARGETS:
        own, best, plain = (table(scores[n][target].with_columns(k=1), ["k"]).row(0, named=True)
                            for n in ("seedbed", "best", "plain"))
        low = gain(scores["seedbed"][target], scores["best"][target])
        mark = "**" if own["crps"] < best["crps"] else ""
        lines.append(
            f"| {target} | {own['n']} | {mark}{own['crps']:.4f}{mark} | {best['crps']:.4f} | "
            f"{own['crps'] / best['crps']:.2f} | {low:+.1%} | {plain['crps']:.4f} | {own['cover50']:.0%} | "
            f"{own['cover90']:.0%} |"
        )
    return "\n".join(lines)


def gain(own: pl.DataFrame, best: pl.DataFrame) -> float:
    """5 % point of 1 − CRPS/CRPS of the baseline, resampling regions (tasks of a region hang together)."""
    keys = ["region", "origin", "year"]
    both = own.select(*keys, "crps").join(best.select(*keys, other="crps"), on=keys)
    sums = both.group_by("region").agg(pl.col("crps").sum(), pl.col("other").sum()).sort("region")
    a, b = sums["crps"].to_numpy(), sums["other"].to_numpy()
    weights = np.random.default_rng(0).multinomial(len(a), np.full(len(a), 1 / len(a)), RESAMPLES)
    return float(np.quantile(1 - (weights @ a) / (weights @ b), 0.05))


def by(scores: dict[str, dict[str, pl.DataFrame]], key: str) -> str:
    """Ratios to the best baseline by horizon or origin, with the coverage of the 90 % interval."""
    levels = sorted(set().union(*(scores["seedbed"][t][key].to_list() for t in TARGETS)))
    lines = [f"| {key} | {' | '.join(str(level) for level in levels)} |", f"|---|{'---|' * len(levels)}"]
    for target in TARGETS:
        own, best = (table(scores[n][target].sort(key), [key]) for n in ("seedbed", "best"))
        cells = []
        for level in levels:
            a, b = (frame.filter(pl.col(key) == level) for frame in (own, best))
            cells.append(f"{a['crps'][0] / b['crps'][0]:.2f} ({a['cover90'][0]:.0%})" if a.height else "—")
        lines.append(f"| {target} | {' | '.join(cells)} |")
    return "\n".join(lines)


def charts(mine: dict[str, Backtest], truth: Path) -> str:
    """Fan charts of FANS as SVG files, and the lines that show them."""
    lines = []
    for target, region, origin in FANS:
        tasks, quantiles = mine[target].quantiles()
        rows = ((tasks["region"] == region) & (tasks["origin"] == origin)).to_numpy().nonzero()[0]
        fan = quantiles[rows[np.argsort(tasks["year"].to_numpy()[rows])]]
        years = sorted(tasks["year"].to_numpy()[rows].tolist())
        panel = read(truth, target)
        series = panel.values[panel.regions.index(region)]
        seen = {y: float(v) for y, v in zip(panel.years, series, strict=True) if np.isfinite(v) and y > origin - 8}
        unit = "%" if panel.share else "GW"
        one = Fan("seedbed", "Forecast", fan[:, 9].tolist(),
                  {0.9: (fan[:, 0].tolist(), fan[:, 18].tolist()), 0.5: (fan[:, 4].tolist(), fan[:, 14].tolist())})
        option = fan_chart(years, [one], unit={"zh": unit, "en": unit}, lang="en", observed=seen, divider=origin)
        name = f"forecast-{target}-{region.lower().replace(' ', '-')}-{origin}.svg"
        (DOCS / "img" / name).write_text(svg(option), encoding="utf-8")
        lines.append(f"![{target}, {region}, from {origin}](img/{name})\n\n*{target}, {region}: what was said at the "
                     f"end of {origin}, and what came (points).*\n")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
