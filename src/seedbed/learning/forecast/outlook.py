"""What is forecast of China and its provinces from the last year known: the table that `simulate` and `plan` follow.

`python -m seedbed.learning.forecast.outlook` writes market/forecasts.json; `make fit` does as well.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.metadata import version

import numpy as np

from seedbed.base.kept import PACKAGE, code_sha256, write_json
from seedbed.base.years import START
from seedbed.facts import places
from seedbed.learning import panel as panels
from seedbed.learning.contest import logit
from seedbed.learning.forecast import capacity
from seedbed.learning.forecast.quantiles import forecast, levels
from seedbed.learning.measures import Measures, measures
from seedbed.learning.panel import Panel
from seedbed.market.definition import shipped
from seedbed.market.forecasts import AHEAD, Forecasts, Series


def moves(panel: Panel, year: int = START, ahead: int = AHEAD, *, seed: int = 0,
          known: Measures | None = None) -> np.ndarray:
    """Quantiles of what each region moves from `year` on, (region, year ahead, level): log odds, or logs of capacity.

    A panel that ends earlier is forecast from its end; what counts is the move after `year` on each simulated path.
    """
    late = year - panel.years[-1]
    if late <= 0:
        found = forecast(panel, year, ahead, seed=seed, known=known)
        last = np.array([panel.seen(year).last(row)[1] for row in range(len(panel.regions))])[:, None, None]
        return logit(found) - logit(last) if panel.share else np.log(found / last)
    known = measures() if known is None else known
    paths = capacity.paths(panel, known, capacity.learn(panel, known, seed=seed), late + ahead, seed=seed)
    return levels(np.log(paths[:, late:] / paths[:, late - 1 : late]))


def outlook(progress: Callable[[str], None] | None = None) -> Forecasts:
    """The forecasts of every series that a market definition names."""
    wanted = {name for d in shipped().values() for f in d.forecasts for name in (f.nation, f.province) if name}
    series = {}
    for target in sorted(wanted):
        if progress:
            progress(target)
        panel = panels.shipped(target)
        found = moves(panel)
        kept = {p.id: p.name.en for p in (places.provinces() if panel.provincial else (places.resolve(places.NATION),))}
        series[target] = Series(measure="log odds" if panel.share else "log", places={
            place: tuple(tuple(round(float(x), 4) for x in row) for row in found[panel.regions.index(name)])
            for place, name in kept.items() if name in panel.regions})
    return Forecasts(year=START, series=series, made_by=made_by(sorted(wanted)))


def made_by(targets: list[str]) -> dict[str, str]:
    """Hashes of the histories and of the code that forecasts are made from."""
    data = hashlib.sha256()
    for target in targets:
        panel = panels.shipped(target)
        data.update(np.nan_to_num(panel.values, nan=-1.0).tobytes() + json.dumps(panel.totals, sort_keys=True).encode())
    return {"data_sha256": data.hexdigest()[:16],
            "code_sha256": code_sha256("seedbed.learning.forecast.outlook")[:16], "seedbed": version("seedbed")}


def keep(found: Forecasts) -> None:
    """Write market/forecasts.json."""
    write_json(PACKAGE / "market" / "forecasts.json", found.model_dump(mode="json"))


if __name__ == "__main__":
    keep(outlook(progress=print))
