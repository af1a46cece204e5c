"""Running summaries: equal to the exact ones within the bounds they state, however the members arrive."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.market.stream import MARKS, Stream

PROBABILITIES = (0.05, 0.25, 0.5, 0.75, 0.95)
MEMBERS = 3001


def members(seed: int = 0, count: int = MEMBERS) -> np.ndarray:
    """Cells of many shapes: normal, heavy-tailed, two humps, with ties, constant, not a number, drifting."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(count, 40))
    heavy = np.exp(2 * rng.normal(size=(count, 40))) * 1e9
    humps = rng.normal(size=(count, 40)) + 10 * (rng.random((count, 40)) < 0.3)
    ties = rng.integers(0, 4, (count, 10)).astype(float)
    fixed, none = np.full((count, 1), 0.3), np.full((count, 1), np.nan)
    drift = np.linspace(0, 1, count)[:, None] + 0.01 * rng.normal(size=(count, 4))  # the marks know only its start
    cells = np.concatenate([normal, heavy, humps, ties, fixed, none, drift], axis=1)
    return cells.astype(np.float32).reshape(count, 2, -1)


def streamed(values: np.ndarray, sizes: tuple[int, ...] = (8,)) -> Stream:
    stream, first = Stream(), 0
    while first < len(values):
        size = sizes[first % len(sizes)]
        stream.add(values[first: first + size])
        first += size
    return stream


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    return members()


@pytest.fixture(scope="module")
def stream(values: np.ndarray) -> Stream:
    return streamed(values)


def test_means_and_deviations_are_those_of_all_members(stream, values):
    mean, deviation = stream.moments()
    np.testing.assert_allclose(mean, np.float64(values).mean(0), rtol=1e-12)
    np.testing.assert_allclose(deviation, np.float64(values).std(0, ddof=1), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("probability", PROBABILITIES)
def test_a_quantile_lies_within_its_bounds_whatever_the_distribution(stream, values, probability):
    found = stream.quantile(probability)
    exact = np.quantile(np.float64(values), probability, axis=0)
    known = np.isfinite(exact)
    assert known.sum() == exact.size - 1
    assert np.isnan(found.value[~known]).all()
    slack = 1e-6 * np.abs(exact[known])  # single precision
    assert (found.lower[known] <= exact[known] + slack).all()
    assert (exact[known] <= found.upper[known] + slack).all()
    assert ((found.lower <= found.value) & (found.value <= found.upper))[known].all()


@pytest.mark.parametrize("probability", PROBABILITIES)
def test_quantiles_are_closer_than_their_bounds_where_members_are_alike(stream, values, probability):
    found = stream.quantile(probability).value.reshape(-1)[:120]  # without ties and drift
    ordered = np.sort(np.float64(values).reshape(MEMBERS, -1)[:, :120], axis=0)
    rank = np.array([np.searchsorted(ordered[:, c], found[c]) for c in range(120)]) / MEMBERS
    assert np.abs(rank - probability).max() < 2 / MARKS
    assert np.abs(rank - probability).mean() < 0.25 / MARKS


def test_up_to_the_number_of_marks_quantiles_are_exact(values):
    few = values[:MARKS]
    found = streamed(few).quantile(0.05)
    np.testing.assert_array_equal(found.value, np.quantile(few, 0.05, axis=0).astype(np.float32))
    np.testing.assert_array_equal(found.lower, found.upper)


def test_how_members_are_cut_up_changes_no_bit(values):
    base, other = streamed(values[:500]), streamed(values[:500], (1, 13, 200, 7))
    for probability in PROBABILITIES:
        for a, b in zip(base.quantile(probability), other.quantile(probability), strict=True):
            assert a.tobytes() == b.tobytes()
    for a, b in zip(base.moments(), other.moments(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_the_order_of_later_members_changes_no_quantile(values):
    turned = np.concatenate([values[:MARKS], values[:MARKS - 1:-1]])
    for a, b in zip(streamed(values).quantile(0.25), streamed(turned).quantile(0.25), strict=True):
        assert a.tobytes() == b.tobytes()
