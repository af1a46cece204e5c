"""Back-tests: train to a cut, forecast the years after it, compare with baselines and with what happened.

The forecast is conditional: policies, demand and prices from outside take their real values after the cut,
and technology costs are the definition's (stated in a recent year), so the score judges the equation's
dynamics, not clairvoyance about policy. Baselines see only the series. docs/backtest.md says this beside the
numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from seedbed import facts
from seedbed.learning.baselines import BASELINES
from seedbed.learning.calibrate import Fit, calibrate
from seedbed.market import history
from seedbed.market.definition import Definition, get


@dataclass(frozen=True)
class Score:
    """One back-test: yearly truth and forecasts after the cut, and the mean error of each method."""

    target: str
    cut: int
    unit: str
    years: list[int]
    truth: list[float]
    forecasts: dict[str, list[float]]
    errors: dict[str, float]
    measure: str

    def as_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        return asdict(self)


def _columns(definition: Definition, wanted: tuple[str, ...]) -> list[int]:
    return [i for i, t in enumerate(definition.technologies) if t.id in wanted]


def nev_share(cut: int) -> Score:
    """New energy vehicles as a share of all vehicle sales (exports included, as CAAM does); error in points.

    The market simulates domestic purchases; exports take their real values, as other outside drivers do.
    """
    definition = get("vehicles")
    columns = _columns(definition, ("bev", "phev", "fcev"))
    table = facts.read("national_vehicles")
    nev, sales = table.series("nev"), table.series("sales")
    fits = _fits(definition, cut)
    years = np.array(fits["seedbed"].years)
    abroad = sum(history.exports(definition.technologies[i], years) for i in columns)
    domestic = history.national_demand(definition, years)
    sold = np.array([sales[y] for y in years])
    models = {k: 100 * (f.fitted[:, columns].sum(1) * domestic + abroad) / sold for k, f in fits.items()}
    truth = {y: 100 * nev[y] / sales[y] for y in nev}
    return _score("nev_share", cut, "%", fits["seedbed"].years, models, truth, "mean absolute error, percentage points")


def capacity(technology: str, cut: int) -> Score:
    """Capacity of solar or wind in GW; error: mean absolute, per cent.

    The market simulates generation; it becomes capacity by the ratio of the last training year.
    """
    definition = get("electricity")
    fits = _fits(definition, cut)
    years = fits["seedbed"].years
    ids = ("solar",) if technology == "solar" else ("wind_onshore", "wind_offshore")
    table = facts.read("country_power")
    total = table.series("generation_total", "CN")
    made, held = table.series(f"generation_{technology}", "CN"), table.series(f"capacity_{technology}", "CN")
    scale = 1e-3 if table.source.variables[f"capacity_{technology}"].unit == "MW" else 1.0
    generated = np.array([total[y] for y in years]) * held[cut] / made[cut] * scale
    models = {k: f.fitted[:, _columns(definition, ids)].sum(1) * generated for k, f in fits.items()}
    truth = {y: v * scale for y, v in held.items()}
    return _score(f"{technology}_capacity", cut, "GW", years, models, truth, "mean absolute percentage error, %")


def _fits(definition: Definition, cut: int) -> dict[str, Fit]:
    """The market trained to `cut` under both choice rules; `seedbed` is the one that plans use."""
    return {name: calibrate(definition, train_until=cut, choice=rule)
            for name, rule in (("seedbed", "logit"), ("pairwise", "pairwise"))}


def _score(name: str, cut: int, unit: str, simulated: Sequence[int], models: dict[str, np.ndarray],
           truth: dict[int, float], measure: str) -> Score:
    years = [y for y in simulated if y > cut and y in truth]
    past = np.array([y for y in simulated if y <= cut and y in truth])
    seen = np.array([truth[int(y)] for y in past])
    actual = np.array([truth[y] for y in years])
    forecasts = {k: model[[simulated.index(y) for y in years]] for k, model in models.items()}
    for label, method in BASELINES.items():
        forecasts[label] = method(past, seen)(np.array(years))
    relative = measure.startswith("mean absolute percentage")
    errors = {k: float(np.mean(np.abs(v - actual) / (actual if relative else 1)) * (100 if relative else 1))
              for k, v in forecasts.items()}
    return Score(name, cut, unit, years, actual.round(3).tolist(),
                 {k: v.round(3).tolist() for k, v in forecasts.items()},
                 {k: round(v, 2) for k, v in errors.items()}, measure)


def all_scores() -> list[Score]:
    """The published back-tests."""
    return [nev_share(2018), nev_share(2020), capacity("solar", 2018), capacity("wind", 2018)]
