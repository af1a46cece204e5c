"""Plans of two places, made once for the whole session (the programs are shared, so the first one costs)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path as Folder

import pytest

from seedbed.market.trajectory import Path
from seedbed.planning.plan import Plan, plan

HERE = Folder(__file__).parent
MEMBERS = {"gansu": 16, "china": 8}
STEPS: dict[str, list[tuple[str, int, int]]] = {}


@cache
def planned(place: str) -> Plan:
    """The plan of a place until 2035; what it tells of its progress is kept in STEPS."""
    return plan(place, members=MEMBERS[place], progress=lambda *step: STEPS.setdefault(place, []).append(step))


@cache
def central(place: str) -> Path:
    """Central runs of the scenarios of a plan (leading axes: scenario, market), as arrays."""
    made = planned(place)
    return made.case.central(made.improvement.rule)


@pytest.fixture(scope="session")
def told() -> dict[str, list[tuple[str, int, int]]]:
    return STEPS


@pytest.fixture(scope="session")
def gansu() -> Plan:
    return planned("gansu")


@pytest.fixture(scope="session")
def path() -> Callable[[Plan], Path]:
    """Central runs of the scenarios of a plan, as arrays."""
    return lambda made: central(made.case.place.slug)


@pytest.fixture(scope="session", params=sorted(MEMBERS))
def any_plan(request: pytest.FixtureRequest) -> Plan:
    return planned(request.param)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup` one worker runs this folder, so that nothing is compiled twice."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("plan"))
