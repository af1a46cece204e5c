"""Loops without a solution, footprints that cannot be, amounts unlike those of peers: found, and by the right name."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from seedbed.base import units
from seedbed.lifecycle.gate.judging import judge
from seedbed.lifecycle.gate.limits import bounds, limits
from seedbed.lifecycle.gate.loops import bad_loops, inputs_per_product, spectral_radius, without
from seedbed.lifecycle.inventory.compose import Recipe, compose
from seedbed.lifecycle.inventory.tables import Inventory, Reading

Array = np.ndarray[Any, Any]


def defects(inventory: Inventory, *kinds: str) -> pl.DataFrame:
    return judge(Reading(inventory)).defects.filter(pl.col("kind").is_in(kinds))


# Loops


@st.composite
def technosphere(draw: st.DrawFn) -> tuple[Array, Array]:
    """Inputs per product (n, n), some of them loops that use up more than they make; and what is made (n,)."""
    n = draw(st.integers(1, 7))
    amount = st.floats(0.01, 1.5)
    taken = np.array([[draw(amount) if draw(st.integers(0, 3)) == 0 else 0.0 for _ in range(n)] for _ in range(n)])
    return taken, np.array([draw(st.floats(0.1, 1e3)) for _ in range(n)])


@settings(max_examples=60, deadline=None)
@given(system=technosphere())
def test_loop_would_be_judged_by_the_whole_matrix(system: tuple[Array, Array]) -> None:
    """A strong component is bad exactly if its spectral radius is one or more; without its carriers it is less."""
    taken, made = system
    A = sparse.csc_matrix(np.diag(made) - taken * made)
    M = inputs_per_product(A, made)
    np.testing.assert_allclose(M.toarray(), taken, atol=1e-9)
    count, label = sparse.csgraph.connected_components(sparse.csc_matrix(taken), directed=True, connection="strong")
    radius = [np.abs(np.linalg.eigvals(taken[np.ix_(label == k, label == k)])).max() for k in range(count)]
    if any(abs(value - 1) < 1e-6 for value in radius):
        return  # on the edge
    found = bad_loops(M)
    assert sorted(loop.radius for loop in found) == pytest.approx(sorted(value for value in radius if value > 1))
    for loop in found:
        assert set(loop.carriers) <= set(loop.members)
        rest = without(M, loop.carriers)[loop.members][:, loop.members]
        assert spectral_radius(sparse.csc_matrix(rest)) < loop.radius


def test_loop_would_be_named_without_saying_through_whom() -> None:
    """a and b use up exactly what they make; c only takes part of it, d is innocent."""
    inventory = compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 1)]}, "b": {"makes": [("b", 2)], "uses": [("a", 2)]},
        "c": {"makes": [("c", 1)], "uses": [("a", 1), ("d", 0.2)]}, "d": {"makes": [("d", 1)], "uses": [("c", 0.5)]},
    })
    found = defects(inventory, "loop_singular", "loop_unproductive")
    assert found.select("kind", "process").rows() == [("loop_singular", "a"), ("loop_singular", "b")]
    assert found["value"].to_list() == pytest.approx([1.0, 1.0])
    assert found["detail"].unique().to_list() == ["#1, 2/2"]


def test_process_that_eats_its_own_product_would_pass() -> None:
    """Half of it is fine (openLCA's self-loop), all of it is singular, more is unproductive."""
    recipes: dict[str, Recipe] = {
        f"p{n}": {"makes": [(f"f{n}", 1.0)], "uses": [(f"f{n}", used, f"p{n}")]} for n, used in enumerate((0.5, 1, 1.2))
    }
    found = defects(compose(recipes), "loop_singular", "loop_unproductive")
    assert found.select("kind", "process").rows() == [("loop_singular", "p1"), ("loop_unproductive", "p2")]


def test_credit_would_save_a_loop() -> None:
    """Inputs that use up more than is made are not mended by a credit for something else that is made."""
    inventory = compose({
        "a": {"makes": [("a", 1)], "uses": [("b", 1.5)]},
        "b": {"makes": [("b", 1)], "uses": [("a", 1)], "credits": [("c", 2.0)]},
        "c": {"makes": [("c", 1)], "uses": [("a", 1)]},
    })
    assert set(defects(inventory, "loop_unproductive")["process"]) == {"a", "b"}


# Footprints


def test_wrong_footprint_would_be_blamed_on_those_it_spoils() -> None:
    """The well emits kilograms for grams: the plant and the grid downstream are spoilt, not wrong."""
    inventory = compose({
        "well": {"makes": [("natural gas", 1.0)], "emits": [("carbon dioxide", 5e3)]},
        "plant": {"makes": [("steel", 1.0)], "uses": [("natural gas", 1.0)], "emits": [("carbon dioxide", 2.0)]},
        "rolling": {"makes": [("steel sheet", 1.0)], "uses": [("steel", 1.0)]},
        **{f"other {n}": {"makes": [(f"steel {n}", 1.0)], "emits": [("carbon dioxide", 2.0)]} for n in range(8)},
    })
    found = defects(inventory, "footprint_impossible", "footprint_spoilt")
    assert found.select("kind", "process").rows() == [
        ("footprint_impossible", "well"), ("footprint_spoilt", "plant"), ("footprint_spoilt", "rolling")]
    assert found["detail"][0] == "natural gas: 5000 kg CO2e/kg"
    assert found["detail"][2] == "steel sheet: 5000 kg CO2e/kg ← well (well)"


def test_footprint_unlike_its_peers_would_pass() -> None:
    """Six suppliers of one flow, one of them a thousand times the others; three are too few to tell."""
    def suppliers(flow: str, count: int) -> dict[str, Recipe]:
        return {f"{flow} {n}": {"makes": [(flow, 1.0)], "emits": [("carbon dioxide", 1e3 if n == 0 else 1 + n / 9)]}
                for n in range(count)}

    found = defects(compose(suppliers("salt", 6) | suppliers("wax", 3)), "footprint_outlier")
    assert found["process"].to_list() == ["salt 0"]
    assert found["detail"].item() == "salt: 1000 kg CO2e/kg (~ 1.39)"


def test_limits_would_fit_the_wrong_products() -> None:
    assert bounds("kWh", "Electricity, at grid").high == bounds("MJ", "electricity").high * 3.6 == 3
    assert bounds("kg", "Remediated soil").high == 1e6  # not oil
    assert bounds("kg", "Environmental sensor").high == 1e6  # not iron
    assert bounds("t", "硅酸盐水泥").high == 50 * 1000
    assert bounds("kg", "Fuel grade uranium").high == 1e5  # not a fuel that burns
    assert bounds("sack", "cement").high == float("inf")
    for limit in limits():
        assert limit.low < 0 < limit.high
        assert units.canonical(limit.unit) == limit.unit


# Magnitudes


def buyers(amounts: list[float], flow: str = "coal", made: float = 1.0) -> dict[str, Recipe]:
    return {f"b{n}": {"makes": [("salt", made)], "uses": [(flow, amount * made)]} for n, amount in enumerate(amounts)}


MINE: dict[str, Recipe] = {"mine": {"makes": [("coal", 1.0)]}}


@pytest.mark.parametrize(
    ("amounts", "kind", "process"),
    [
        ([1.0, 1.1, 0.9, 1.2, 1.0, 1000.0], "unit_outlier", "b5"),
        ([1.0, 1.1, 0.9, 1.2, 1.0, 5e4], "magnitude_outlier", "b5"),
        ([1.0, 1.1, 0.9, 1.2, 1.0, 100.0], None, None),
        ([1.0, 1.1, 1000.0], None, None),  # too few
        ([1e-3, 1.0, 1e3, 1e6, 1e-6, 1e4], None, None),  # they differ by nature
        ([2e6], "magnitude_outlier", "b0"),  # beyond a million times the product
    ],
)
@pytest.mark.parametrize("made", [1.0, 250.0])
def test_grams_for_kilograms_would_pass(
    amounts: list[float], kind: str | None, process: str | None, made: float
) -> None:
    found = defects(compose(MINE | buyers(amounts, made=made)), "unit_outlier", "magnitude_outlier")
    assert found.select("kind", "process").rows() == ([(kind, process)] if kind else [])


def test_national_totals_would_pass() -> None:
    """Inputs that are typically thousands of times the product; one large input (ore for gold) is none."""
    supplies: dict[str, Recipe] = {f"s{n}": {"makes": [(f"f{n}", 1.0)]} for n in range(12)}
    sector: Recipe = {"makes": [("sector", 1.0)], "uses": [(f"f{n}", 2000.0 + n) for n in range(4)]}
    broad: Recipe = {"makes": [("broad", 1.0)], "uses": [(f"f{n}", 150.0 + n) for n in range(12)]}
    gold: Recipe = {"makes": [("gold", 1.0)], "uses": [("f0", 5e5), ("f1", 3.0), ("f2", 0.1)]}
    found = defects(compose(supplies | {"sector": sector, "broad": broad, "gold": gold}), "national_total")
    assert sorted(found["process"]) == ["broad", "sector"]
