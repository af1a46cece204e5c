"""Running a compiled market: anchor, scan over the years, accounts."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Float

from seedbed.market.account import Account, account
from seedbed.market.arrays import Array, Drivers, Inputs, State, mapped, put
from seedbed.market.choice import RULES, AbstractChoice
from seedbed.market.contest import step

CORRECTIONS = 16  # of the anchor: exact to 1e-12
LEAP = 20.0  # corrections at most that one of them leaps ahead
LEAST_SEEN, NEWCOMER = 0.001, -2.0
K = TypeVar("K")


class Path(NamedTuple):
    """What a run keeps of every year, with leading axis T (see contest.Year and account.Account)."""

    share: Float[Array, "T R B I"]
    bought: Float[Array, "T R B I"]
    stock: Float[Array, "T R B I"]
    service: Float[Array, "T R I"]
    price: Float[Array, "T I"]
    utilisation: Float[Array, "T I"]
    intensity: Float[Array, "T R J"]
    stage: Float[Array, "T R 4"]
    infrastructure: Float[Array, "T R"]
    account: Account


def rule_of(inputs: Inputs) -> AbstractChoice:
    """The choice rule of this market, with the beliefs it needs."""
    return RULES[inputs.choice](inputs.beliefs)


def anchored(inputs: Inputs) -> Inputs:
    """Set gamma so that the first year, under the policies then in force, gives the observed shares.

    A technology that is not yet sold, or hardly, says nothing about taste: it gets NEWCOMER instead, relative
    to the mean of the others. Otherwise an anchor on a costly niche would read as a great liking for it.
    Fixed-point corrections with one extrapolation factor a place (Irons and Tuck 1969).
    """
    now = mapped(lambda x: x[0], inputs.drivers)
    in_force = (inputs.ahead.drivers.fixed[0], jnp.zeros_like(now.by_rule), jnp.zeros_like(now.least))
    now = put(lambda d: (d.fixed, d.by_rule, d.least), now, in_force)
    t = inputs.setting.technologies
    sold = jnp.where((inputs.anchor_share >= LEAST_SEEN) & (t.entry <= now.year), t.exists, 0.0)
    target = jnp.log(jnp.maximum(inputs.anchor_share, 1e-9))

    def corrected(gamma: Array) -> Array:
        trial = put(lambda i: i.beliefs.gamma, inputs, gamma)
        year = step(trial, inputs.start, now, jnp.zeros_like(target), rule_of(inputs))[1]
        gap = target - jnp.log(jnp.maximum(jnp.einsum("rbi,b->ri", year.share, inputs.setting.buyers), 1e-12))
        return centred(gamma + gap)

    def centred(gamma: Array) -> Array:
        mean = (gamma * sold).sum(-1, keepdims=True) / sold.sum(-1, keepdims=True)
        return (gamma - mean) * sold + NEWCOMER * (1 - sold) * t.exists

    def refine(found: tuple[Array, Array], leaps: Array) -> tuple[tuple[Array, Array], None]:
        """A correction; every other one leaps to where the last two lead: mandates undo a fixed part of each."""
        gamma, last = found
        new = corrected(gamma)
        change = new - gamma
        bend = change - last
        ahead = (change * bend).sum(-1, keepdims=True) / jnp.maximum((bend * bend).sum(-1, keepdims=True), 1e-30)
        return (centred(new - leaps * jax.lax.stop_gradient(jnp.clip(ahead, -LEAP, 1.0)) * change), change), None

    nothing = jnp.zeros_like(target)
    gamma = jax.lax.scan(refine, (nothing, nothing), jnp.arange(CORRECTIONS, dtype=float) % 2.0)[0][0]
    return put(lambda i: i.beliefs.gamma, inputs, gamma)


def follow(inputs: Inputs, keep: Callable[[Path], K]) -> K:
    """All years of one market with the beliefs as they are: what `keep` takes of each year, leading axis T.

    What `keep` drops or sums up is never written out: an ensemble keeps a hundredth of a `Path`.
    """
    choice = rule_of(inputs)

    def year(state: State, xs: tuple[Drivers, Array]) -> tuple[State, K]:
        now, shock = xs
        after, happened = step(inputs, state, now, shock, choice)
        books = account(inputs, state, happened, now.population)
        kept = Path(happened.share, happened.bought, happened.stock, happened.service, happened.price,
                    after.utilisation, happened.intensity, happened.stage, after.infrastructure, books)
        return after, keep(kept)

    return jax.lax.scan(year, inputs.start, (inputs.drivers, inputs.beliefs.shocks))[1]


def run(inputs: Inputs) -> Path:
    """Everything of all years of one market."""
    return follow(inputs, lambda year: year)
