"""Fits as they are stored: of one market for its user; of all markets that have a history for everyone (`make fit`).

A user's fits lie in the home folder (`base.kept`), over those that ship; `forget` takes one back. `fit_all` writes into
the source tree: market/fits.json (what later runs believe), market/forecasts.json (what they follow),
learning/backtests.json, docs/backtest.md and docs/evidence.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.kept import PACKAGE, code_sha256, write_json
from seedbed.base.progress import Progress, silent
from seedbed.base.shown import Shown
from seedbed.base.years import START
from seedbed.learning import evidence, posterior
from seedbed.learning.backtest import Score, all_scores
from seedbed.learning.calibrate import STUDY_WEIGHT, Fit, calibrate, compiled, with_vector
from seedbed.learning.forecast import outlook
from seedbed.learning.posterior import MarketPosterior
from seedbed.learning.stall import Stall, subsidy_stall
from seedbed.market import beliefs
from seedbed.market import definition as definitions
from seedbed.market.beliefs import Prior, own_file, own_fits
from seedbed.market.definition import Definition
from seedbed.market.padding import WIDTH
from seedbed.market.programs import program


@dataclass(frozen=True, repr=False)
class Learnt(Shown):
    """A market calibrated to its history again, with the posterior of what is learnt."""

    definition: Definition
    fit: Fit
    posterior: MarketPosterior

    def about(self) -> dict[str, object]:
        believed = self.fit.beliefs(Prior())
        return {"market": self.definition.id, "years": f"{self.fit.years[0]}–{self.fit.train_until}",
                "posterior": f"{self.posterior.method}, {len(self.posterior.vectors)} draws",
                "weight of cost": f"{believed.alpha:.2f}", "weight of familiarity": f"{believed.beta:.2f}",
                "memory": f"{believed.memory:.1f} years", "need of infrastructure": f"{believed.need:.2f}"}

    def keep(self) -> Path:
        """Let later runs of this user believe it; returns the file."""
        return keep(self.definition.id, stored(self.definition, self.fit, self.posterior))


FEWEST = 4  # draws of a chain, of which its diagnostics can be made
MOST = 100_000
"""Draws of a posterior at most."""


def learn(market: str, *, nuts: bool = False, draws: int = 400, warmup: int = 300, seed: int = 0,
          progress: Progress | None = None) -> Learnt:
    """Calibrate a market to its history; its posterior as a normal around the mode, or sampled (`nuts`, minutes).

    Raises UnknownNameError, and InvalidInputError for a market without a history.
    """
    tell = progress or silent
    definition = definitions.get(market)
    for name, number, least in (("draws", draws, FEWEST if nuts else 1), ("warmup", warmup, 0)):
        if not least <= number <= MOST:
            raise InvalidInputError(f"{number:,} is out of range.", where=Parameter(name),
                                    fix=f"give a whole number from {least} to {MOST:,}.")
    tell("mode", 0, 2)
    fit = calibrate(definition, train_until=START)
    tell("sample" if nuts else "normal", 1, 2)
    found = (posterior.nuts(definition, fit.vector, draws=draws, warmup=warmup, seed=seed) if nuts
             else posterior.laplace(fit, draws=draws, seed=seed))
    tell("sample" if nuts else "normal", 2, 2)
    return Learnt(definition, fit, found)


def stored(definition: Definition, fit: Fit, found: MarketPosterior | None = None) -> dict[str, object]:
    """What fits.json keeps of one market; without `found` its draws are those of the Laplace approximation."""
    n = len(definition.technologies)
    known = np.isfinite(fit.observed[:, :n])
    gap = np.abs(fit.fitted[:, :n] - fit.observed[:, :n])[known]
    found = found or posterior.laplace(fit)
    believed = fit.beliefs(Prior()).model_copy(update={"joint": found.joint(fit)}).model_dump()
    return {
        "beliefs": {k: round(v, 6) if isinstance(v, float) else v for k, v in believed.items()},
        "posterior": {"method": found.method, **found.diagnostics, **made_by(fit)},
        "fit": {"train_until": fit.train_until, "points": int(known.sum()), "loss": round(fit.loss, 4),
                "mean_absolute_error_share": round(float(gap.mean()), 6)},
        "years": list(fit.years), "technologies": [t.id for t in definition.technologies],
        "observed": [[None if np.isnan(v) else round(float(v), 6) for v in row[:n]] for row in fit.observed],
        "fitted": [[round(float(v), 6) for v in row[:n]] for row in fit.fitted],
        "gamma": [round(float(v), 4) for v in fit.vector[-7:][:n]],
    }


def made_by(fit: Fit) -> dict[str, str]:
    """Hashes of the history a fit was made from and of the code that made it."""
    return {"data_sha256": hashlib.sha256(np.nan_to_num(fit.observed, nan=-1.0).tobytes()).hexdigest()[:16],
            "code_sha256": code_sha256("seedbed.learning.calibrate", "seedbed.learning.posterior")[:16],
            "seedbed": version("seedbed")}


def keep(market: str, entry: dict[str, object]) -> Path:
    """Put the fit of one market into the user's fits, which later runs believe; returns their file."""
    write_json(own_file(), dict(sorted({**own_fits(), market: entry}.items())))
    beliefs.forget()
    return own_file()


def forget(market: str) -> bool:
    """Take a fit out of the user's, so that what ships counts again; whether there was one."""
    known = dict(own_fits())
    if known.pop(market, None) is None:
        return False
    write_json(own_file(), known)
    beliefs.forget()
    return True


def fit_all() -> None:
    """Fit, test, write."""
    made: dict[str, dict[str, object]] = {}
    for definition in definitions.shipped().values():
        try:
            made[definition.id] = stored(definition, calibrate(definition, train_until=START))
            print(f"{definition.id}: {made[definition.id]['fit']}")
        except InvalidInputError as error:
            print(f"{definition.id}: default beliefs ({error})")
    outlook.keep(outlook.outlook(progress=print))
    scores, stalls = all_scores(), [subsidy_stall(2018), subsidy_stall(2020)]
    write_json(PACKAGE / "market" / "fits.json", made)
    beliefs.forget()
    write_json(PACKAGE / "learning" / "backtests.json",
               {"scores": [s.as_dict() for s in scores], "stalls": [s.as_dict() for s in stalls]})
    docs = PACKAGE.parent.parent / "docs"
    if docs.is_dir():
        (docs / "backtest.md").write_text(report(made, scores, stalls), encoding="utf-8")
        (docs / "evidence.md").write_text(evidence.page(beside_studies(), STUDY_WEIGHT), encoding="utf-8")


def beside_studies() -> list[evidence.Answer]:
    """What the fits that ship say to every study, in the order of evidence.yaml."""
    said: dict[str, float] = {}
    for definition in definitions.shipped().values():
        asked = [s for s in evidence.studies() if s.market == definition.id]
        if asked:
            market = compiled(definition, max([START, *(s.seen[1] for s in asked)]))
            inputs = with_vector(market.inputs, _vector(definition.id))
            found = _answers(inputs, evidence.asked(market, asked))[1]
            said |= {s.id: float(x) for s, x in zip(asked, np.asarray(found), strict=True)}
    return [evidence.Answer(s, said[s.id]) for s in evidence.studies()]


def _vector(market: str) -> Array:
    """The stored fit of a market as calibration's vector."""
    fit = beliefs.fits()[market]
    b, tastes = Prior(**fit["beliefs"]), np.zeros(WIDTH)  # type: ignore[arg-type]
    tastes[: len(fit["gamma"])] = fit["gamma"]  # type: ignore[arg-type]
    return jnp.asarray([np.log(b.alpha), np.log(b.beta / (1 - b.beta)), np.log(b.memory - 1), np.log(b.need), *tastes])


_answers = program(evidence.answers)


def report(made: dict[str, dict], scores: list[Score], stalls: list[Stall]) -> str:  # type: ignore[type-arg]
    """The page docs/backtest.md."""
    lines = [
        "# Fit and back-test", "",
        "Made by `make fit`; do not edit. Forecasts are conditional on the policies, demand and outside "
        "prices that came",
        "true after the cut, and technology costs are stated in a recent year and cast back by learning "
        "curves; baselines see",
        "only the series. A fair reading: the score judges the equation's dynamics given the drivers.", "",
        "## Back-tests", "",
        "| target | trained to | measure | " + " | ".join(scores[0].errors) + " |",
        "|---" * (3 + len(scores[0].errors)) + "|",
    ]
    for s in scores:
        errors = " | ".join(f"{v:.1f}" for v in s.errors.values())
        lines.append(f"| {s.target} | {s.cut} | {s.measure} | {errors} |")
    for s in scores:
        lines += ["", f"### {s.target}, trained to {s.cut} ({s.unit})", "",
                  "| year | actual | " + " | ".join(s.forecasts) + " |",
                  "|---" * (2 + len(s.forecasts)) + "|"]
        for i, year in enumerate(s.years):
            cells = " | ".join(f"{v[i]:.1f}" for v in s.forecasts.values())
            lines.append(f"| {year} | {s.truth[i]:.1f} | {cells} |")
    lines += ["", "## The stall of 2019–20", "",
              "The counterfactual keeps the subsidy of 2018 in 2019 and 2020 and changes nothing else. Trained to",
              "2018, nothing of the stall was seen; trained to 2020, its years were among the data.",
              "", *(line for s in stalls for line in s.lines()), "## Fits", "",
              "| market | points | mean error of shares | α | β | memory (years) | infrastructure factor |",
              "|---|---|---|---|---|---|---|"]
    for name, fit in made.items():
        b, f = fit["beliefs"], fit["fit"]
        lines.append(f"| {name} | {f['points']} | {100 * f['mean_absolute_error_share']:.2f} pp | "
                     f"{b['alpha']:.2f} ± {100 * b['alpha_spread']:.0f} % | "
                     f"{b['beta']:.2f} ± {b['beta_spread']:.2f} | {b['memory']:.1f} | {b['need']:.2f} |")
    return "\n".join(lines) + "\n"

