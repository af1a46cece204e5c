"""Which beliefs the result hangs on: variance shares (Sobol indices), and swings of one belief at a time.

First-order index: the part of the variance that goes when a belief is known. Total index: the part that stays while
it alone is unknown. First below total: the belief acts together with others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from seedbed.market.arrays import Beliefs, Inputs
from seedbed.market.draws import Spread, draw
from seedbed.market.ensemble import Indicators, Scenario, apply, indicators
from seedbed.market.trajectory import anchored, follow
from seedbed.plan.explain.runs import TESTED, Game, headline, of_ensemble, side_by_side

FACTORS = {
    "joint": ("alpha", "beta", "memory", "need"), "label": ("label_weight",), "learning": ("learning",),
    "price": ("price_drift",), "energy": ("energy_drift",), "demand": ("demand_drift",),
    "elsewhere": ("elsewhere_drift",), "shocks": ("shocks",),
}
"""What is uncertain independently of the rest, by the fields of Beliefs that hold it; `joint` ones hang together."""
SWUNG = (*FACTORS["joint"], *(name for name in FACTORS if name not in ("joint", "shocks")))
ROWS = 4  # rows of the design in one compiled call
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
    (a, b, a with one factor of b after the other) × row × market × TESTED.
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
            for o, outcome in enumerate(TESTED)} for m, market in enumerate(where)}
            for f, factor in enumerate(self.factors)}}


def _plain(values: np.ndarray) -> float | list[Any] | None:
    if values.ndim:
        return [_plain(v) for v in values]
    return float(values) if np.isfinite(values) else None


def sobol(game: Game, rows: int, seed: int, progress: Callable[[int, int], None] | None = None) -> Sensitivity:
    """Indices of TESTED outcomes (see runs.headline): `rows` × (factors + 2) × 2 runs of every market.

    The samples are the members that an ensemble with this seed draws: even numbers in one, odd ones in the other.
    """
    key = jax.random.key(seed)
    pair = Scenario(*(jnp.concatenate([none, full[None]])
                      for none, full in zip(game.none, game.scenario, strict=True)))

    def block(number: int) -> np.ndarray:
        first = number * ROWS
        found = _rows(game.inputs, game.field.spreads, pair, key, jnp.arange(first, first + ROWS))
        return _gains(of_ensemble(found))[:, : rows - first]

    parts = []
    for part in side_by_side(block, -(-rows // ROWS)):
        parts.append(part)
        if progress:
            progress(min(len(parts) * ROWS, rows), rows)
    values = np.concatenate(parts, axis=1)
    return Sensitivity(tuple(FACTORS), values, indices(values[0], values[1], values[2:], seed=seed))


@eqx.filter_jit
def _rows(markets: Inputs, spreads: Spread, scenarios: Scenario, key: Array, numbers: Array) -> Indicators:
    """Rows of the design; result axes: row, market, sample (a, b, a with a factor of b …), scenario, year, place."""

    def market(one: Inputs, spread: Spread, changes: Scenario, first: Array, second: Array) -> Indicators:
        a, b = draw(one.beliefs, spread, first), draw(one.beliefs, spread, second)
        mixed = [replace(a, **{name: getattr(b, name) for name in names}) for names in FACTORS.values()]

        def sample(beliefs: Beliefs) -> Indicators:
            mine = anchored(eqx.tree_at(lambda i: i.beliefs, one, beliefs))

            def scenario(change: Scenario) -> Indicators:
                changed = apply(mine, change)
                return follow(changed, partial(indicators, changed))

            return jax.vmap(scenario)(changes)

        return jax.vmap(sample)(jax.tree.map(lambda *x: jnp.stack(x), a, b, *mixed))

    def row(number: Array) -> Indicators:
        first, second = (jax.random.split(jax.random.fold_in(key, 2 * number + odd), markets.rule.shape[0])
                         for odd in (0, 1))
        return jax.vmap(market, in_axes=(0, 0, Scenario(1, 1, 1), 0, 0))(markets, spreads, scenarios, first, second)

    return jax.vmap(row)(numbers)


def _gains(values: Float[np.ndarray, "n M k 2 O T"]) -> Float[np.ndarray, "k n M+1 O"]:
    """What the scenario changes in every sample, by market and over all of them."""
    gains = headline(values[:, :, :, 1] - values[:, :, :, 0]).transpose(2, 0, 1, 3)
    return np.concatenate([gains, gains.sum(2, keepdims=True)], axis=2)


@dataclass(frozen=True)
class Swing:
    """What the scenario changes (market × TESTED) with one belief at its 5 % and 95 % point, the others central."""

    factor: str
    low: np.ndarray
    high: np.ndarray


def swings(game: Game) -> tuple[Swing, ...]:
    """Swings of SWUNG, each moved the same way in all markets between the points of its own distribution.

    Shocks of taste are left out: they are many numbers, not one. `price` moves the prices of green technologies.
    """
    masks = np.stack([np.zeros(game.kinds.shape, dtype=bool), game.kinds >= 0])

    def end(name: str, probability: float) -> np.ndarray:
        moved = replace(game, inputs=_moved(game, name, probability))
        none, full = moved.play(masks)[:, :, : len(TESTED)]
        return headline(full - none)

    return tuple(Swing(name, *(end(name, p) for p in POINTS)) for name in SWUNG)


def _moved(game: Game, name: str, probability: float) -> Inputs:
    """The inputs with one belief at a point of its distribution, moved in the way `draws.draw` moves it."""
    beliefs, spreads = game.inputs.beliefs, game.field.spreads
    if name in FACTORS["joint"]:
        steps = np.quantile(np.asarray(spreads.joint)[..., FACTORS["joint"].index(name)], probability, axis=1)
        field = name
    else:
        steps = POINTS[probability] * np.asarray(getattr(spreads, name))
        field = FACTORS[name][0]
    centre = np.asarray(getattr(beliefs, field))
    if name in ("alpha", "need", "learning"):
        new = centre * np.exp(steps)
    elif name == "beta":
        new = 1 / (1 + (1 / centre - 1) * np.exp(-steps))
    elif name == "memory":
        new = 1 + (centre - 1) * np.exp(steps)
    elif name == "price":
        new = centre + steps[:, None] * np.asarray(game.inputs.setting.technologies.green)
    else:
        new = np.maximum(centre + steps, 0.0) if name == "label" else centre + steps
    return eqx.tree_at(lambda i: getattr(i.beliefs, field), game.inputs, jnp.asarray(new))
