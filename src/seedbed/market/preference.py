"""How many buyers prefer the cheaper of two, when costs differ among buyers, and a faster tanh for it."""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from seedbed.market.arrays import Array

STEEPNESS = 1.25 / 2**0.5  # k: the tanh stands for the normal distribution of the difference of two costs
LEAST_VARIANCE = 1e-60  # without any spread the cheaper wins; the root must stand

Tanh = Callable[[Array], Array]

RATIONAL_END, RATIONAL_ERROR = 9.7, 1e-8  # coefficients: a minimax fit of ours on 0…RATIONAL_END, in powers of x²
NUMERATOR = (0.9999999900317259, 0.13746990206745066, 0.003959856402292374, 3.054853057145309e-05,
             4.721890698339033e-08)
DENOMINATOR = (1.0, 0.4708031938562279, 0.027560971492394296, 0.0004120014122767985, 1.5379249190123942e-06,
               6.67584035057808e-10)


@jax.custom_jvp
def rational_tanh(x: Array) -> Array:
    """tanh by one division, within RATIONAL_ERROR of it everywhere, constant beyond ±RATIONAL_END; slope 1 − tanh²."""
    x = jnp.clip(x, -RATIONAL_END, RATIONAL_END)
    return x * _polynomial(NUMERATOR, x * x) / _polynomial(DENOMINATOR, x * x)


@rational_tanh.defjvp
def _(point: tuple[Array], direction: tuple[Array]) -> tuple[Array, Array]:
    value = rational_tanh(*point)
    return value, (1 - value * value) * direction[0]


def _polynomial(coefficients: tuple[float, ...], y: Array) -> Array:
    total = jnp.full_like(y, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = total * y + coefficient
    return total


def preference(gap: Array, variance: Array, tanh: Tanh = jnp.tanh) -> Array:
    """F = (1 + tanh(k·gap/√variance))/2: the part of buyers who prefer what is cheaper by `gap`."""
    return (1 + tanh(STEEPNESS * _over_root(gap, jnp.maximum(variance, LEAST_VARIANCE)))) / 2


@jax.custom_jvp
def _over_root(gap: Array, variance: Array) -> Array:
    """gap/√variance, written so that the compiler does not make it a reciprocal root, for which it has no vectors."""
    return gap * jnp.sqrt(variance) / variance


@_over_root.defjvp
def _(point: tuple[Array, Array], direction: tuple[Array, Array]) -> tuple[Array, Array]:
    gap, variance = point
    inverse = jnp.sqrt(variance) / variance
    return gap * inverse, inverse * direction[0] - gap * inverse / (2 * variance) * direction[1]
