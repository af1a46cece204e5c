"""A table that is not sound is refused, with the thing, the place and the fix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.lifecycle.accounts.table import InputOutput, input_output

SECTORS = [{"region": "CN", "code": "01", "name_zh": "农业"}, {"region": "CN", "code": "02", "name_en": "Industry"}]
DEMANDS = [{"region": "CN", "code": "C", "name_en": "Consumption"}]
Z = [[2.0, 3.0], [1.0, 8.0]]
Y = [[5.0], [11.0]]


def make(**other: Any) -> InputOutput:
    given: dict[str, Any] = {"sectors": SECTORS, "Z": Z, "demands": DEMANDS, "Y": Y} | other
    return input_output(given.pop("sectors"), given.pop("Z"), given.pop("demands"), given.pop("Y"), **given)


def test_output_is_the_sum_of_sales_where_it_is_not_given() -> None:
    table = make()
    assert table.x.tolist() == [10.0, 20.0]
    assert table.keys == ["CN:01", "CN:02"]
    assert table.demands["kind"].to_list() == ["final"]


@pytest.mark.parametrize(("change", "words"), [
    ({"x": [10.0, 25.0]}, ("1 sectors do not balance", "CN:02", "tolerance")),
    ({"x": [10.0, -20.0]}, ("output of CN:02 is -20",)),
    ({"Z": [[0.0, 3.0], [1.0, 8.0]], "x": [0.0, 20.0], "Y": [[-3.0], [11.0]]}, ("CN:01 buys inputs", "no output")),
    ({"Z": [[np.nan, 3.0], [1.0, 8.0]]}, ("Z has a number that is missing",)),
    ({"Y": [[5.0, 1.0], [11.0, 1.0]]}, ("Y is 2 × 2, its labels are 2 × 1",)),
    ({"sectors": [SECTORS[0], SECTORS[0]]}, ("sector CN:01 appears more than once",)),
    ({"sectors": [SECTORS[0], {"region": "CN", "code": "02"}]}, ("'02' has no name",)),
    ({"sectors": [SECTORS[0], {"code": "02", "name_en": "Industry"}]}, ("lacks its region",)),
    ({"demands": [DEMANDS[0] | {"kind": "exports"}]}, ("kind ['exports']", "export")),
])
def test_an_unsound_table_is_refused_by_name(change: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        make(name="made up", **change)
    for word in ("made up", "Fix:", *words):
        assert word in str(caught.value)


def test_rounding_is_accepted_when_it_is_asked_for() -> None:
    assert make(x=[10.0, 20.3], tolerance=0.02).x[1] == 20.3


def test_a_sector_without_any_flow_may_stay() -> None:
    table = make(Z=[[0.0, 0.0], [0.0, 8.0]], Y=[[0.0], [12.0]])
    assert table.x.tolist() == [0.0, 20.0]


def test_sectors_are_found_by_code_or_by_region_and_code() -> None:
    table = make(sectors=[SECTORS[0], SECTORS[0] | {"region": "US"}])
    assert table.sector("US:01") == 1
    with pytest.raises(InvalidInputError, match="2 regions"):
        table.sector("01")
    with pytest.raises(UnknownNameError, match="US:01"):
        table.sector("US:1")
    assert make().sector("02") == 1
