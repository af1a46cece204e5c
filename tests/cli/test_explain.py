"""`seedbed explain` as a process: every kind of file, both languages, a trace, and what is refused."""

from __future__ import annotations

import csv

import pytest

QUICK = ("--market", "vehicles", "--scenario", "report_rule")


def test_a_market_is_explained_on_screen_and_in_a_table_that_adds_up(seedbed, tmp_path):
    done = seedbed("explain", "青海", *QUICK, "--members", "8", "--samples", "2", "--outcome", "green_share", "--to",
                   "why.csv", "--lang", "zh", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "强制型" in done.stdout
    assert "Mandatory" not in done.stdout
    with (tmp_path / "why.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    ended = {r["what"]: float(r["value"]) for r in rows if (r["part"], r["scenario"], r["outcome"], r["year"]) == (
        "kind", "report_rule", "green_share", "2035")}
    assert set(ended) == {"no_policy", "mandatory", "incentive", "guidance", "supporting"}
    assert 0 < ended["no_policy"] < sum(ended.values()) < 1
    tonnes = sum(float(r["value"]) for r in rows if r["part"] == "measure" and r["outcome"] == "tonnes")
    avoided = sum(float(r["value"]) for r in rows if r["part"] == "kind" and r["outcome"] == "emissions"
                  and r["scenario"] == "report_rule" and r["what"] != "no_policy" and int(r["year"]) >= 2026)
    assert tonnes == pytest.approx(avoided)
    assert all(r["unit"] for r in rows)


def test_a_share_is_traced_to_terms_and_sources(seedbed, tmp_path):
    done = seedbed("explain", "qinghai", *QUICK, "--trace", "纯电动汽车", "--year", "2030", "--to", "bev.html",
                   cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Purchase tax" in done.stdout
    assert "购置税" not in done.stdout
    written = (tmp_path / "bev.html").read_text(encoding="utf-8")
    assert "bev.price" in written
    assert "<script" not in written


@pytest.mark.parametrize(("words", "hint"), [
    (("gaungdong",), "guangdong"),
    (("gansu", "--market", "vehicels"), "vehicles"),
    (("gansu", "--outcome", "emission"), "emissions"),
    (("gansu", "--outcome", "green_share"), "--market"),
    (("gansu", "--scenario", "improved"), "improved_rule"),
    (("gansu", "--trace", "bev"), "--market"),
    (("gansu", "--market", "vehicles", "--trace", "bevs"), "bev"),
    (("gansu", "--market", "vehicles", "--trace", "bev", "--year", "2050"), "2050"),
    (("gansu", "--to", "why.xlsx"), ".csv"),
    (("taiwan",), "no data"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(command, capsys, tmp_path, words, hint):
    with pytest.raises(SystemExit) as stopped:
        command("explain", *words)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
