"""Sobol indices: a function with a published answer, a sum of known variances, bands that hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.planning.explain.sensitivity import Indices, indices


def _design(function, factors: int, rows: int, seed: int) -> Indices:
    """Indices of `function` of `factors` numbers, uniform on −π…π."""
    a, b = np.random.default_rng(seed).uniform(-np.pi, np.pi, (2, rows, factors))
    mixed = []
    for factor in range(factors):
        changed = a.copy()
        changed[:, factor] = b[:, factor]
        mixed.append(function(changed))
    return indices(function(a), function(b), np.array(mixed), seed=seed)


def _ishigami(x: np.ndarray) -> np.ndarray:
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_ishigami_function_gives_its_known_indices():
    """Ishigami and Homma (1990), a = 7, b = 0.1; the analytic values follow from its variance in parts."""
    a, b = 7.0, 0.1
    one = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    two = a**2 / 8
    both = b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    whole = one + two + both
    found = _design(_ishigami, 3, 20_000, seed=1)
    np.testing.assert_allclose(found.first, [one / whole, two / whole, 0.0], atol=0.03)
    np.testing.assert_allclose(found.total, [(one + both) / whole, two / whole, both / whole], atol=0.03)


def test_bands_are_ordered_and_hold_the_known_index_about_as_often_as_they_say():
    inside = 0
    for seed in range(40):
        found = _design(lambda x: x[:, 0] + 2 * x[:, 1], 2, 200, seed)
        assert (found.first_band[0] <= found.first_band[1]).all()
        low, high = found.total_band[:, 0]
        inside += low <= 0.2 <= high
    assert 30 <= inside <= 40  # 90 % of 40, less what three standard deviations allow


def test_of_a_sum_first_and_total_are_the_same_and_of_a_constant_nothing_is_said():
    found = _design(lambda x: 3 * x[:, 0] - x[:, 1] + 0 * x[:, 2], 3, 20_000, seed=2)
    np.testing.assert_allclose(found.total, [0.9, 0.1, 0.0], atol=0.02)
    np.testing.assert_allclose(found.first, found.total, atol=0.03)
    assert np.isnan(_design(lambda x: 0 * x[:, 0] + 5, 1, 50, seed=3).total).all()


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_a_large_mean_does_not_spoil_the_indices(shift):
    found = _design(lambda x: x[:, 0] + shift, 2, 2000, seed=4)
    np.testing.assert_allclose(found.first, [1.0, 0.0], atol=0.08)
