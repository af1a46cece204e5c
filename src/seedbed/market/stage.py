"""The life-cycle stage of a market, with probabilities, from its own yearly series.

1. `stage_series.smooth` gives the trend; growth is its mean over five years, with a standard error.
2. The share s is the highest level so far over the potential: the stated one, or the estimated saturation
   K = peak · exp(min(1, 5 · growth now)): five more years of today's growth, at most e times the peak.
3. Soft thresholds turn (s, growth) into memberships, averaged over the errors of both.
4. A four-state left-to-right hidden Markov smoother over the years keeps stages from flickering.

The thresholds are shared with the simulation. Method and known answers: docs/stages.md.
"""
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import expit

from seedbed.base.errors import InvalidInputError
from seedbed.base.text import Message
from seedbed.market.stage_series import Array, Trend, clean, smooth
from seedbed.policy.rule import Stage

STAGES = tuple(Stage)


@dataclass(frozen=True)
class StageThresholds:
    """Where one stage passes into the next, and how softly; one set for the classifier and the simulation.

    Shares are of the potential; their softness is in logit units (0.5: membership goes from 0.27 to 0.73
    between 3 % and 8 % around the threshold of 5 %, and between 38 % and 62 % around that of 50 %). Growth is
    in log points a year. All are Seedbed's choice: 5 % is the take-off of a diffusion, 50 % the inflection of
    a logistic curve.
    """

    emergence_share: float = 0.05
    maturity_share: float = 0.50
    share_softness: float = 0.5
    decline_growth: float = -0.01
    decline_softness: float = 0.008
    maturity_growth: float = 0.05
    """Only for a market's own growth: one that still grows faster than this has not matured yet."""
    maturity_softness: float = 0.012


THRESHOLDS = StageThresholds()


def membership(share: Array, growth: Array, *, own_growth: bool = True,
               thresholds: StageThresholds = THRESHOLDS) -> Array:
    """Soft stage membership, shape (..., 4) in the order of Stage, summing to one.

    `share` is of the potential, `growth` that of the market in log points a year; the two broadcast. With
    x = logit(share) and S the logistic function: emergence = S((x_e − x)/w); beyond = S((x − x_m)/w) ·
    (1 − emergence); of `beyond`, S((g_d − growth)/w_d) is decline and the rest maturity; what is left is the
    stage of growth.

    `own_growth` says that `growth` belongs to the same series as `share`: then `beyond` is also multiplied by
    S((g_m − growth)/w_m). It is False where `share` is of green technologies and `growth` of the whole
    demand, as in the simulation.
    """
    t = thresholds
    share, growth = np.broadcast_arrays(share, growth)
    x = _logit(np.clip(share, 1e-6, 1 - 1e-6))
    emergence = expit((_logit(t.emergence_share) - x) / t.share_softness)
    beyond = expit((x - _logit(t.maturity_share)) / t.share_softness) * (1 - emergence)
    if own_growth:
        beyond = beyond * expit((t.maturity_growth - growth) / t.maturity_softness)
    falling = expit((t.decline_growth - growth) / t.decline_softness)
    return np.stack([emergence, 1 - emergence - beyond, beyond * (1 - falling), beyond * falling], axis=-1)


TRANSITIONS = np.array([
    [0.88, 0.12, 0.00, 0.00],
    [0.01, 0.89, 0.09, 0.01],
    [0.00, 0.02, 0.92, 0.06],
    [0.00, 0.02, 0.03, 0.95],
])
"""Yearly passage between stages (row to column): left to right, about a decade each; returns are rare."""
FIRST = np.array([0.55, 0.30, 0.10, 0.05])
"""Stage in the first year, before any evidence."""
EVIDENCE = 0.7
"""Weight of one year's evidence: growth over a window shares its data with neighbouring years."""
WINDOW = 4
"""Years over which growth is measured: two on either side, the last four at the end of the series."""
HORIZON = 5.0
"""Years of today's growth that an estimated saturation still leaves room for."""


@dataclass(frozen=True)
class StageReading:
    """The stage of one market, year by year.

    `years` has n consecutive years; `probabilities` is (n, 4) in the order of Stage. The indicators are (n,):
    `level` and `potential` in units of the series, `share` of the potential, and `growth`, `growth_se` and
    `growth_change` in log points a year over `WINDOW` years. `observed` is false in gap years, `notes` say
    what was done to the data, `turns` names the year each stage began, first the state at the start.
    """

    years: tuple[int, ...]
    observed: tuple[bool, ...]
    probabilities: Array
    level: Array
    share: Array
    growth: Array
    growth_se: Array
    potential: float
    potential_known: bool
    notes: tuple[Message, ...]

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The most likely stage of each year."""
        return tuple(STAGES[int(i)] for i in self.probabilities.argmax(axis=1))

    @property
    def growth_change(self) -> Array:
        """Change of growth on the year before; the first year has none (NaN)."""
        return np.diff(self.growth, prepend=np.nan)

    @property
    def turns(self) -> tuple[tuple[int, Stage], ...]:
        """The year each stage began, in order."""
        pairs = list(zip(self.years, self.stages, strict=True))
        return tuple(p for i, p in enumerate(pairs) if i == 0 or p[1] != pairs[i - 1][1])

    @property
    def now(self) -> Stage:
        """The most likely stage of the last year."""
        return self.stages[-1]

    @property
    def peak(self) -> int:
        """The year of the highest smoothed level."""
        return self.years[int(np.argmax(self.level))]


def classify(series: Mapping[int, float], *, potential: float | None = None,
             breaks: Collection[int] = ()) -> StageReading:
    """The stage of a market in each year of `series` (year → size in any unit, e.g. output or sales).

    `potential` (same unit) is the size at saturation, estimated when not given; `breaks` are years whose
    scope differs from the year before. Zeros before the start are left out; later zeros count as 1 % of the
    peak. Raises InvalidInputError for fewer than six positive years, negative or non-finite values, or a
    potential that is not positive or under half the series' maximum.
    """
    years, x, notes = clean(series)
    if potential is not None and not potential > 0:
        raise InvalidInputError(f"potential {potential} is not positive.", where="stage: potential",
                                fix="give the market size at saturation in the unit of the series.")
    if potential is not None and potential < 0.5 * max(series.values()):
        raise InvalidInputError(f"the series is over twice the potential {potential:g}.",
                                where="stage: potential", fix="give it in the unit of the series.")
    trend = smooth(x, {y - years[0] for y in breaks})
    growth, growth_se = trend.pace(WINDOW)
    size, size_se = _potential(trend, growth[-1], potential)
    highest = np.maximum.accumulate(trend.level)
    share_se = np.hypot(trend.level_se, size_se)
    evidence = _evidence(highest - size, share_se, growth, growth_se)
    if breaks:
        notes.append(Message("stages.note.scope", {"years": tuple(sorted(breaks))}))
    return StageReading(
        years=years, observed=tuple(bool(b) for b in ~np.isnan(x)), probabilities=_forward_backward(evidence),
        level=np.exp(trend.level), share=np.exp(highest - size), growth=growth, growth_se=growth_se,
        potential=float(np.exp(size)), potential_known=potential is not None, notes=tuple(notes))


def _potential(trend: Trend, growth_now: float, potential: float | None) -> tuple[float, float]:
    """Log of the saturation level and its standard error."""
    if potential is not None:
        return float(np.log(potential)), 0.0
    room = min(1.0, HORIZON * max(0.0, growth_now))
    return float(trend.level.max()) + room, room / 2


def _evidence(log_share: Array, share_se: Array, growth: Array, growth_se: Array) -> Array:
    """Membership averaged over normal errors of both (7 × 7 Gauss–Hermite nodes), shape (n, 4)."""
    nodes, weights = hermegauss(7)
    weights = weights / weights.sum()
    share = np.exp(np.minimum(log_share + nodes[:, None] * share_se, 0.0))
    paces = growth + nodes[:, None] * growth_se
    cells = membership(share[:, None], paces[None])
    return np.einsum("i,j,ijts->ts", weights, weights, cells)


def _forward_backward(evidence: Array) -> Array:
    """Smoothed probabilities of the four-state Markov chain given tempered evidence, shape (n, 4)."""
    likely = np.maximum(evidence, 1e-6) ** EVIDENCE
    ahead, behind = np.empty_like(likely), np.ones_like(likely)
    for t in range(len(likely)):
        prior = FIRST if t == 0 else ahead[t - 1] @ TRANSITIONS
        ahead[t] = prior * likely[t] / (prior * likely[t]).sum()
    for t in range(len(likely) - 2, -1, -1):
        back = TRANSITIONS @ (likely[t + 1] * behind[t + 1])
        behind[t] = back / back.sum()
    both = ahead * behind
    return both / both.sum(axis=1, keepdims=True)


def _logit(p: Array | float) -> Array | np.float64:
    return np.log(p) - np.log1p(-np.asarray(p))
