"""The service as a process, asked over HTTP: answers as in Python, problems that say what to mend, whole results."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import seedbed as sb
from seedbed.service import jobs
from seedbed.verbs import VERBS

from .conftest import Server, started


def test_every_verb_has_a_route_that_asks_what_its_request_does(server: Server) -> None:
    schema = server.ask("GET", "/openapi.json").data
    for name, verb in VERBS.items():
        body = schema["paths"][f"/v1/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        asked = schema["components"]["schemas"][body["$ref"].rpartition("/")[2]]
        assert set(asked["properties"]) == set(verb.request.model_fields), name
    told = {one["verb"]: one["about"] for one in server.ask("GET", "/v1/verbs").data}
    assert told.keys() == VERBS.keys()
    assert all(set(about) == {"zh", "en"} for about in told.values())


def test_a_footprint_is_that_of_python_and_unchanged_ones_are_not_sent_again(server: Server) -> None:
    asked = {"product": "steel", "amount": 2, "unit": "t", "place": "hebei"}
    found = server.ask("POST", "/v1/footprint", asked)
    assert found.status == 200
    assert found.data["value"] == pytest.approx(sb.footprint("steel", 2, "t", place="hebei").value, rel=1e-12)
    again = server.ask("POST", "/v1/footprint", asked, if_none_match=found.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    other = server.ask("POST", "/v1/footprint", asked | {"amount": 3}, if_none_match=found.headers["etag"])
    assert other.status == 200


def test_an_assessment_is_that_of_python(server: Server) -> None:
    found = server.ask("POST", "/v1/assess", {"scheme": "electricity", "asked": {"purpose": "product", "kwh": 1000}})
    assert found.status == 200
    value = next(line["value"] for line in found.data["lines"] if line["name"] == "emissions")
    assert float(value) == float(sb.assess("electricity", {"purpose": "product", "kwh": 1000})["emissions"])


@pytest.mark.parametrize(("lang", "title", "said"), [
    ("en", "Invalid request", "Unknown"), ("zh", "请求无效", "没有名为")])
def test_what_is_refused_is_a_problem_in_the_language_asked_for(server: Server, lang: str, title: str,
                                                                said: str) -> None:
    found = server.ask("POST", "/v1/footprint", {"product": "cemnt"}, accept_language=lang)
    assert found.status == 422
    assert found.headers["content-type"] == "application/problem+json"
    assert found.data["title"] == title
    assert said in found.data["detail"]
    assert "cement" in found.data["near"]


def test_a_body_of_the_wrong_form_names_each_place(server: Server) -> None:
    found = server.ask("POST", "/v1/plan", {"place": "gansu", "until": "soon", "nope": 1})
    assert found.status == 422
    assert {one["where"] for one in found.data["errors"]} == {"/until", "/nope"}


def test_a_long_verb_is_a_job_with_progress_whose_answer_is_kept(server: Server, home: Path) -> None:
    asked = {"market": "cement", "place": "gansu", "until": 2027}
    begun = server.ask("POST", "/v1/simulate", asked)
    assert begun.status == 202
    where = begun.headers["location"]
    events = server.ask("GET", f"{where}/events").body.decode().strip().split("\n\n")
    states = [json.loads(event.removeprefix("data: "))["state"] for event in events]
    assert states[-1] == "done"
    assert set(states) <= {"waiting", "running", "done"}
    told = server.ask("GET", where).data
    assert {"result.json", "result.csv", "result.parquet", "result.nc", "result.zh.html"} <= set(told["results"])
    done = server.ask("POST", "/v1/simulate", asked)
    assert done.status == 200
    rows = list(csv.DictReader(io.StringIO(server.ask("GET", f"{where}/result?format=csv").body.decode("utf-8-sig"))))
    assert len(rows) == len(done.data)
    table = pl.read_parquet(io.BytesIO(server.ask("GET", f"{where}/result?format=parquet").body))
    assert table.height == len(rows)
    page = server.ask("GET", f"{where}/result?format=html", accept_language="zh").body.decode()
    assert "水泥" in page
    shares = [row for row in done.data if row["variable"] == "green_share"]
    known = sb.simulate("cement", "gansu", until=2027).dataset.green_share
    assert [row["value"] for row in shares] == pytest.approx(known.values.ravel().tolist())
    second = started(home)  # another run of the service reads it back
    assert second.ask("POST", "/v1/simulate", asked).status == 200
    assert second.ask("GET", where).data["state"] == "done"
    second.stop()


def test_a_job_that_cannot_be_done_says_what_is_wrong(server: Server) -> None:
    found = server.ask("POST", "/v1/simulate", {"market": "cemnt"}, prefer="wait=60", accept_language="zh")
    assert found.status == 422
    assert found.data["detail"] == "没有名为 'cemnt' 的市场。是否指 cement？"
    bad = server.ask("POST", "/v1/plan", {"place": "gansu", "budget": -5}, prefer="wait=60")
    assert (bad.status, bad.data["where"]) == (422, "/budget")
    assert "CNY" in bad.data["detail"]


def test_a_job_is_ended_and_leaves_nothing(server: Server, home: Path) -> None:
    job = server.ask("POST", "/v1/plan", {"place": "qinghai", "members": 16}).data
    assert server.ask("POST", f"/v1/jobs/{job['id']}/end", {}).data["state"] == "cancelled"
    assert server.ask("GET", f"/v1/jobs/{job['id']}").data["state"] == "cancelled"
    assert ends(job["id"])
    assert not list((home / "cache" / "results").glob(f"*{job['id']}*"))


def running(job: str) -> bool:
    """Whether the process of a job is there."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if job in path.read_text(errors="replace"):
                return True
        except OSError:
            continue
    return False


def ends(job: str) -> bool:
    """Whether it is gone within ten seconds."""
    for _ in range(100):
        if not running(job):
            return True
        time.sleep(0.1)
    return False


def test_a_service_that_is_killed_leaves_no_process_and_no_half_result(tmp_path: Path) -> None:
    server = started(tmp_path)
    job = server.ask("POST", "/v1/plan", {"place": "gansu", "members": 16}).data["id"]
    time.sleep(1.0)
    assert running(job)
    server.process.kill()
    server.process.wait()
    assert ends(job)
    assert not list((tmp_path / "cache" / "results").glob("*"))


@pytest.mark.parametrize("path", ["facts", "facts/national_vehicles?variable=nev&first=2020", "schemes", "markets",
                                  "instruments", "places", "atlas"])
def test_tables_are_the_same_in_every_form(server: Server, path: str) -> None:
    mark = "&" if "?" in path else "?"
    rows = server.ask("GET", f"/v1/{path}").data
    text = server.ask("GET", f"/v1/{path}{mark}format=csv").body.decode("utf-8-sig")
    table = pl.read_parquet(io.BytesIO(server.ask("GET", f"/v1/{path}{mark}format=parquet").body))
    assert len(rows) == len(list(csv.DictReader(io.StringIO(text)))) == table.height > 0
    assert set(rows[0]) == set(table.columns)


@pytest.mark.parametrize(("lang", "said"), [("zh", "苗圃服务"), ("en", "Seedbed service")])
def test_a_page_names_every_route_in_the_readers_language(server: Server, lang: str, said: str) -> None:
    page = server.ask("GET", "/routes", accept_language=lang).body.decode()
    assert said in page
    for route in server.ask("GET", "/openapi.json").data["paths"]:
        assert route in page
    assert "<script" not in page


def test_what_is_too_large_unknown_or_of_another_host_is_refused(server: Server) -> None:
    large = server.ask("POST", "/v1/footprint", b"x" * 1_000_001)
    assert (large.status, large.headers["x-content-type-options"]) == (413, "nosniff")
    assert server.ask("GET", "/v1/nothing").status == 404
    assert server.ask("GET", "/v1/jobs/" + "0" * 32).status == 404
    assert server.ask("GET", "/v1/jobs/..%2f..%2fetc").status == 404
    wrong = server.ask("GET", "/v1/plan")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert server.ask("GET", "/healthz", host="evil.example").status == 400
    safe = server.ask("GET", "/").headers
    assert "default-src 'none'" in safe["content-security-policy"]
    assert safe["x-content-type-options"] == "nosniff"


def test_a_token_guards_everything_but_health(tmp_path: Path) -> None:
    refused = subprocess.run([sys.executable, "-m", "seedbed", "serve", "--host", "0.0.0.0"], capture_output=True,
                             text=True, check=False)
    assert refused.returncode == 2
    assert "SEEDBED_TOKEN" in refused.stderr
    server = started(tmp_path, SEEDBED_TOKEN="long-secret")
    assert server.ask("GET", "/healthz").status == 200
    assert server.ask("GET", "/v1/markets").status == 401
    assert server.ask("GET", "/v1/markets", authorization="Bearer other").status == 401
    assert server.ask("GET", "/v1/markets", authorization="Bearer long-secret").status == 200
    server.stop()


ANY = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(-10**20, 10**20), st.floats(allow_nan=False),
                             st.text(max_size=12)),
                   lambda inner: st.one_of(st.lists(inner, max_size=3),
                                           st.dictionaries(st.text(max_size=8), inner, max_size=3)), max_leaves=6)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_body_makes_the_service_fail(server: Server, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["footprint", "stage", "assess"]))
    fields = list(VERBS[name].request.model_fields)
    body = data.draw(st.one_of(ANY, st.dictionaries(st.sampled_from(fields), ANY, max_size=4),
                               st.fixed_dictionaries({fields[0]: st.sampled_from(["steel", "electricity", "cement"])},
                                                     optional=dict.fromkeys(fields[1:], ANY))))
    found = server.ask("POST", f"/v1/{name}", body)
    assert found.status in (200, 422), (name, body, found.body[:300])


@pytest.mark.parametrize("name", VERBS)
def test_a_kept_answer_would_outlive_the_code_that_made_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The id of a question holds the code of the verb's own home, whatever the verb."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(jobs.kept, "code_sha256", lambda *modules: asked.append(modules) or "code")
    jobs.identity(name, VERBS[name].request.model_construct())
    assert VERBS[name].home.partition(":")[0] in asked[0]
