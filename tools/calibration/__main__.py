"""Print the tables of docs/calibration.md: `python -m tools.calibration TOURNAMENT [--origin 2021]`.

For every target: prior and posterior of what is learnt, R-hat, effective draws, dependence on priors; for shares what
charging points explain, and the predictive checks.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from seedbed.learning import additions, contest
from seedbed.learning.checks import predictive, prior_sensitivity
from seedbed.learning.infer import infer, prior
from seedbed.learning.measures import measures
from seedbed.learning.panel import read

TARGETS = ("ev_share", "solar_gw", "wind_gw", "prov_solar_gw", "prov_wind_gw")


def main() -> None:
    """Sample every posterior with two chains and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tournament", type=Path)
    arguments.add_argument("--origin", type=int, default=2021)
    given = arguments.parse_args()
    for target in TARGETS:
        print("\n".join(table(given.tournament / "public", target, given.origin)), flush=True)


def table(truth: Path, target: str, origin: int) -> list[str]:
    """One target's table in Markdown."""
    seen = read(truth, target).seen(origin)
    model, sites = (contest.model, contest.HYPER) if seen.share else (additions.model, additions.HYPER)
    data: Any = contest.steps(seen, measures()) if seen.share else additions.windows(seen, measures())
    found = infer(model, data, method="nuts", draws=1000, chains=2)
    before, moved = prior(model, data), prior_sensitivity(model, data, posterior=found, sites=sites)
    lines = ["", f"**{target}**, {len(seen.regions)} regions to {origin}, {found.diagnostics['divergences']} divergent "
             "steps", "", "| site | prior | posterior | R-hat | effective draws | moved by the prior |",
             "|---|---|---|---|---|---|"]
    for site in sites:
        a, b, about = before[site], found.draws[site], found.diagnostics["sites"][site]
        lines.append(f"| {site} | {a.mean():.2f} ± {a.std():.2f} | {b.mean():.2f} ± {b.std():.2f} | "
                     f"{about['r_hat']:.3f} | {about['n_eff']:.0f} | {moved[site]:.2f} |")
    if seen.share:
        built = contest.charging(data)
        with_points = infer(model, data, built, method="nuts", draws=1000, chains=2).draws
        lines += ["", *(f"with charging points, known for {np.mean(built != 0):.0%} of the steps: {site} "
                        f"{with_points[site].mean():.2f} ± {with_points[site].std():.2f}"
                        for site in ("charging", "pace", "compliance"))]
        for name, posterior in (("prior", None), ("posterior", found)):
            c = predictive(model, data, site="change", observed=data.change, posterior=posterior)
            lines += ["", f"{name} predictive: {c.inside:.0%} of steps inside the 90 % band; spread {c.predicted:.2f}, "
                      f"observed {c.observed:.2f}; p(smallest) {c.low:.2f}, p(largest) {c.high:.2f}"]
    return lines


if __name__ == "__main__":
    main()
