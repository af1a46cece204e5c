"""The lab over HTTP: answers as in Python, told once, and its pages."""

from __future__ import annotations

from typing import Any

import pytest

import seedbed as sb
from seedbed.planning.scenarios import HERE

from .conftest import Server

WHERE = "/v1/lab/gansu"
CHANGE: dict[str, Any] = {"points": {"charging_network": {"2030": 0.9}}}
POINTS = {"charging_network": {2030: 0.9}}


def test_a_place_says_what_can_be_moved_and_where_it_stands(server: Server) -> None:
    found = server.ask("POST", f"{WHERE}/start", {}).data
    assert found["place"]["name"] == {"zh": "甘肃", "en": "Gansu"}
    lab = sb.lab("gansu")
    assert [one["id"] for one in found["markets"]] == lab.case.names
    assert [one["id"] for one in found["instruments"]] == [one.id for one in lab.instruments]
    for one in found["instruments"]:
        assert set(one["label"]) == set(one["unit"]) == {"zh", "en"}
        assert len(one["now"]) == len(found["years"])
        assert all(one["bounds"][0] <= value <= one["bounds"][1] + 1e-9 for value in one["now"])
    wind = found["base"]["electricity"]["share"]["wind_onshore"]
    number = lab.case.names.index("electricity")
    column = [t.id for t in lab.case.markets[number].definition.technologies].index("wind_onshore")
    assert wind == pytest.approx(lab.run().share[number, :, column].tolist(), rel=1e-5)


def test_a_change_is_that_of_python_and_is_not_sent_twice(server: Server) -> None:
    lab = sb.lab("gansu")
    number = lab.case.names.index("vehicles")
    found = server.ask("POST", f"{WHERE}/run", CHANGE)
    known = lab.run(POINTS).books
    assert found.data["vehicles"]["green_share"] == pytest.approx(known.green_share[number, :, HERE].tolist(), rel=1e-5)
    tonnes = known.life_cycle_emissions[number, :, HERE] / 1000
    assert found.data["vehicles"]["life_cycle_emissions"] == pytest.approx(tonnes.tolist(), rel=1e-5)
    again = server.ask("POST", f"{WHERE}/run", CHANGE, if_none_match=found.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    other = server.ask("POST", f"{WHERE}/run", {"points": {"charging_network": {"2030": 0.8}}},
                       if_none_match=found.headers["etag"])
    assert other.status == 200
    fan = server.ask("POST", f"{WHERE}/fan", CHANGE | {"market": "vehicles"}).data
    assert fan["avoided"] == pytest.approx(lab.fan("vehicles", POINTS).avoided.tolist(), rel=1e-4, abs=1)
    assert len(fan["green_share"]) == lab.members
    why = server.ask("POST", f"{WHERE}/why", CHANGE | {"market": "vehicles"}).data["parts"]
    assert why["charging_network"]["green_share"] == pytest.approx(
        lab.why("vehicles", POINTS)["charging_network"]["green_share"], rel=1e-4)


@pytest.mark.parametrize(("path", "body", "where"), [
    ("/v1/lab/nowhere/run", {}, None), (f"{WHERE}/run", {"points": {"charging": {"2030": 1}}}, None),
    (f"{WHERE}/run", {"points": {"charging_network": {"1990": 1}}}, "/points"),
    (f"{WHERE}/run", {"points": {"charging_network": 3}}, None), (f"{WHERE}/run", {"until": 1990}, "/until"),
    (f"{WHERE}/run", {"price": ["petrol"]}, "/price"), (f"{WHERE}/fan", CHANGE | {"market": "vehicels"}, None),
    (f"{WHERE}/fan", CHANGE, None), (f"{WHERE}/run", [], None)])
def test_what_cannot_be_meant_is_a_problem_with_its_place(server: Server, path: str, body: Any, where: Any) -> None:
    found = server.ask("POST", path, body, accept_language="zh")
    assert found.status == 422, found.body
    assert found.headers["content-type"] == "application/problem+json"
    assert where is None or found.data["where"] == where
    assert any("\u4e00" <= letter <= "\u9fff" for letter in found.data["detail"])


def test_own_numbers_count_at_once(server: Server, home: Any) -> None:
    before = server.ask("POST", f"{WHERE}/start", {})
    (home / "facts").mkdir(exist_ok=True)
    mark = home / "facts" / "touched.csv"
    mark.write_text("place,variable,year,value,unit,source\n", encoding="utf-8")
    try:
        after = server.ask("POST", f"{WHERE}/start", {}, if_none_match=before.headers["etag"])
        assert after.status == 200
        assert after.headers["etag"] != before.headers["etag"]
    finally:
        mark.unlink()


def test_pages_come_whole_and_may_run_no_code_but_their_own(server: Server) -> None:
    for path in ("/", "/lab", "/lab/guangdong", "/ask/plan", "/policies", "/data"):
        page = server.ask("GET", path)
        assert page.status == 200
        assert b"<script type=\"module\"" in page.body
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert "unsafe-inline" not in page.headers["content-security-policy"].partition("style-src")[0]
    code = server.ask("GET", "/assets/index.js")
    assert "javascript" in code.headers["content-type"]
    assert server.ask("GET", "/labx").status == 404
    assert server.ask("GET", "/assets/../app.py").status == 404
