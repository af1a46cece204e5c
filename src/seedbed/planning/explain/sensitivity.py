"""Which beliefs the result hangs on: variance shares (Sobol indices), and swings of one belief at a time.

First-order index: the part of the variance that goes when a belief is known. Total index: the part that stays while
it alone is unknown. First below total: the belief acts together with others.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from seedbed.market.arrays import Beliefs, mapped, put
from seedbed.market.ensemble import drawn
from seedbed.planning.explain.game import OUTCOMES, Game, Progress, headline, side_by_side

FACTORS = {
    "joint": ("alpha", "beta", "memory", "need"), "label": ("label_weight",), "learning": ("learning",),
    "price": ("price_drift",), "energy": ("energy_drift",), "demand": ("demand_drift",),
    "elsewhere": ("elsewhere_drift",), "border": ("border_drift",), "effect": ("effect", "running"),
    "shocks": ("shocks", "rank"),
}
"""What is uncertain independently of the rest, by the fields of Beliefs that hold it; `joint` ones hang together."""
SWUNG = (*FACTORS["joint"], *(name for name in FACTORS if name not in ("joint", "shocks")))
RESAMPLES, BAND = 400, (0.05, 0.95)
POINTS = {0.05: -1.645, 0.95: 1.645}  # probability: standard deviations


class Indices(NamedTuple):
    """Variance shares of factors k for results K; bands are BAND quantiles over resampled rows (leading axis 2)."""

    first: Float[np.ndarray, "k ..."]
    total: Float[np.ndarray, "k ..."]
    first_band: Float[np.ndarray, "2 k ..."]
    total_band: Float[np.ndarray, "2 k ..."]


def indices(a: Float[np.ndarray, "n ..."], b: Float[np.ndarray, "n ..."], mixed: Float[np.ndarray, "k n ..."], *,
            seed: int = 0) -> Indices:
    """Sobol indices from two independent samples and `mixed`: sample a with factor k taken from b.

    First order by Saltelli et al. (2010, table 2 b), total by Jansen (1999); bands by the bootstrap over rows.
    """
    draws = np.random.default_rng(seed)
    first, total = _estimate(a, b, mixed)
    again = [_estimate(a[rows], b[rows], mixed[:, rows])
             for rows in draws.integers(0, len(a), (RESAMPLES, len(a)))]
    low_high = [np.quantile([x[part] for x in again], BAND, axis=0) for part in (0, 1)]
    return Indices(first, total, *low_high)


def _estimate(a: np.ndarray, b: np.ndarray, mixed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both = np.concatenate([a, b])
    spread = both.var(0)
    variance = np.where(spread > 0, spread, np.nan)
    first = ((b - both.mean(0)) * (mixed - a)).mean(1) / variance
    return first, 0.5 * ((mixed - a) ** 2).mean(1) / variance


@dataclass(frozen=True)
class Sensitivity:
    """Indices of what a scenario changes against no policy, by factor: axes factor, market, outcome.

    The last market stands for the sum over all. `factors` names the first axis. `values` are the samples behind them:
    (a, b, a with one factor of b after the other) × row × market × OUTCOMES.
    """

    factors: tuple[str, ...]
    values: np.ndarray
    found: Indices

    @property
    def rows(self) -> int:
        """Size of the samples."""
        return self.values.shape[1]

    def to_dict(self, markets: list[str]) -> dict[str, Any]:
        """Plain data: factor → market (and "all") → outcome → first, total and their bands."""
        where = [*markets, "all"]
        parts = self.found._asdict()
        return {"rows": self.rows, "factors": {factor: {market: {outcome: {
            name: _plain(part[..., f, m, o]) for name, part in parts.items()}
            for o, outcome in enumerate(OUTCOMES)} for m, market in enumerate(where)}
            for f, factor in enumerate(self.factors)}}


def _plain(values: np.ndarray) -> float | list[Any] | None:
    if values.ndim:
        return [_plain(v) for v in values]
    return float(values) if np.isfinite(values) else None


def sobol(game: Game, rows: int, seed: int, progress: Progress | None = None) -> Sensitivity:
    """Indices of OUTCOMES (see runs.headline): `rows` × (factors + 2) runs of no policy and of the scenario.

    The samples are the members that an ensemble with this seed draws: even numbers in one, odd ones in the other.
    """
    members = drawn(game.case.inputs, game.case.spreads, jax.random.key(seed), range(2 * rows))

    def row(number: int) -> np.ndarray:
        a, b = (mapped(lambda x, at=at: x[at], members) for at in (2 * number, 2 * number + 1))
        return _row(game, a, b)

    values = np.array(side_by_side(row, rows, progress)).swapaxes(0, 1)
    return Sensitivity(tuple(FACTORS), values, indices(values[0], values[1], values[2:], seed=seed))


def _row(game: Game, a: Beliefs, b: Beliefs) -> Float[np.ndarray, "k _ O"]:
    """What the scenario changes with beliefs a, b, and a with one factor of b after the other; markets and their sum.
    """
    mixed = [put(lambda x, names=names: [getattr(x, name) for name in names], a,
                 [getattr(b, name) for name in names]) for names in FACTORS.values()]
    gains = np.array([headline(_change(replace(game, inputs=inputs)))
                      for inputs in game.case.believing([a, b, *mixed])])
    return np.concatenate([gains, gains.sum(1, keepdims=True)], axis=1)


def _change(game: Game) -> Float[np.ndarray, "M O T"]:
    """The scenario less no policy."""
    none, full = game.play(np.stack([np.zeros(game.kinds.shape, dtype=bool), game.kinds >= 0]))
    return full - none


@dataclass(frozen=True)
class Swing:
    """What the scenario changes (market × OUTCOMES) with one belief at its 5 % and 95 % point, the others central."""

    factor: str
    low: np.ndarray
    high: np.ndarray


def swings(game: Game) -> tuple[Swing, ...]:
    """Swings of SWUNG, each moved the same way in all markets between the points of its own distribution.

    Shocks of taste are left out: they are many numbers, not one. `price` moves the prices of green technologies.
    """
    ends = [(name, p) for name in SWUNG for p in POINTS]
    found = [headline(_change(replace(game, inputs=inputs)))
             for inputs in game.case.believing([_moved(game, *end) for end in ends])]
    return tuple(Swing(name, low, high) for name, low, high in zip(SWUNG, found[::2], found[1::2], strict=True))


def _moved(game: Game, name: str, probability: float) -> Beliefs:
    """The case's beliefs with one of them at a point of its distribution, moved in the way `draws.member` moves it."""
    beliefs, spreads = game.case.inputs.beliefs, game.case.spreads
    if name in FACTORS["joint"]:
        steps = np.quantile(np.asarray(spreads.joint)[..., FACTORS["joint"].index(name)], probability, axis=1)
        case = name
    else:
        steps = POINTS[probability] * np.asarray(getattr(spreads, name))
        case = FACTORS[name][0]
    centre = np.asarray(getattr(beliefs, case))
    if name == "label":
        new = centre * np.exp(steps)[:, None]
    elif name in ("alpha", "need", "learning"):
        new = centre * np.exp(steps)
    elif name == "beta":
        new = 1 / (1 + (1 / centre - 1) * np.exp(-steps))
    elif name == "memory":
        new = 1 + (centre - 1) * np.exp(steps)
    elif name == "price":
        new = centre + steps[:, None] * np.asarray(game.inputs.setting.technologies.green)
    else:
        new = centre + steps
    return put(lambda b: getattr(b, case), beliefs, jnp.asarray(new))
