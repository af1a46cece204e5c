"""Did the subsidy cut of 2019 cause the stall of 2019–20? A counterfactual with the calibrated equation."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import jax.numpy as jnp
import numpy as np

from seedbed.base.years import FIRST, START
from seedbed.learning.calibrate import calibrate, compiled, shares_of, simulated, with_vector
from seedbed.market.definition import get
from seedbed.policy.instrument import get as instrument
from seedbed.policy.mix import Mix, as_it_is

SUBSIDY = "nev_purchase_subsidy"
NEV = slice(2, 5)  # phev, bev, fcev


@dataclass(frozen=True)
class Stall:
    """NEV share of purchases, %: observed, simulated with the subsidy as it was, and with its cut undone."""

    trained_to: int
    years: list[int]
    observed: list[float]
    as_it_was: list[float]
    without_cut: list[float]

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The table of docs/backtest.md."""
        out = [f"Trained to {self.trained_to}:", "",
               "| year | observed share % | simulated, subsidy as it was | simulated, subsidy not cut |",
               "|---|---|---|---|"]
        rows = zip(self.years, self.observed, self.as_it_was, self.without_cut, strict=True)
        out += [f"| {y} | {o:.1f} | {a:.1f} | {w:.1f} |" for y, o, a, w in rows]
        seen, cut, kept = (v[-1] / v[-3] - 1 for v in (self.observed, self.as_it_was, self.without_cut))
        growth = f"Growth over 2018–20: observed {seen:.0%}, simulated {cut:.0%}, without the cut {kept:.0%}."
        return [*out, "", growth, ""]


def subsidy_stall(trained_to: int) -> Stall:
    """Simulate 2016–2020 with the subsidy as it was, and held at its strength of 2018, after training to a year."""
    definition = get("vehicles")
    fit = calibrate(definition, train_until=trained_to)
    held = instrument(SUBSIDY).intensity_in(2018)
    history = as_it_is(range(FIRST, START + 1))
    kept = history + Mix("kept", {SUBSIDY: {2019: held, 2020: held}})
    shares = []
    for mix in (history, kept):
        inputs = with_vector(compiled(definition, START, mix).inputs, jnp.asarray(fit.vector))
        shares.append(100 * np.asarray(shares_of(simulated(inputs), False))[:, NEV].sum(1))
    years = list(range(2016, 2021))
    rows = [fit.years.index(y) for y in years]
    observed = 100 * np.nansum(fit.observed[:, NEV], axis=1)
    return Stall(trained_to, years, *([round(float(v[r]), 2) for r in rows] for v in (observed, *shares)))
