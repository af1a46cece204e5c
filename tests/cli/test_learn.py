"""`seedbed learn`: a calibration of one's own is written, kept where users keep things, and taken back."""

import json
from pathlib import Path

import pytest

from seedbed.base.errors import InvalidInputError
from seedbed.learning.fit import learn
from seedbed.market.beliefs import own_fits

pytestmark = pytest.mark.xdist_group("cli")


def test_a_calibration_is_kept_until_it_is_forgotten(command, tmp_path, capsys):
    command("learn", "vehicles", "--draws", "50", "--save", "--to", "learnt.csv", "--lang", "zh")
    printed = capsys.readouterr().out
    assert "后验" in printed
    assert "belief" not in printed
    assert (tmp_path / "learnt.csv").read_text(encoding="utf-8").count("\n") > 4
    fits = tmp_path / "home" / "fits.json"
    assert list(json.loads(fits.read_text(encoding="utf-8"))) == ["vehicles"]
    command("learn", "vehicles", "--forget")
    assert "is forgotten" in capsys.readouterr().out
    assert json.loads(fits.read_text(encoding="utf-8")) == {}
    command("learn", "vehicles", "--forget")
    assert "There is no calibration of yours" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "hint"), [
    (("learn", "vehicels"), "vehicles"),
    (("learn", "vehicels", "--forget"), "vehicles"),
    (("learn", "cement"), "no series long enough"),
])
def test_bad_input_exits_with_2_offers_the_fix_and_leaves_nothing(command, capsys, tmp_path, words, hint):
    with pytest.raises(SystemExit) as stopped:
        command(*words)
    assert stopped.value.code == 2
    assert hint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [
    "[]", "null", '{"cement": 3}', '{"cement": {}}', '{"cement": {"beliefs": {"alpha": -4}}}', "not json",
    '{"cement": {"beliefs": {"alpha": NaN}}}', '{"cement": {"beliefs": {"alpha": "x"}}}',
    '{"cement": {"beliefs": {"alfa": 4}}}'])
def test_own_fits_that_cannot_be_used_are_named_with_their_file(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setenv("SEEDBED_HOME", str(tmp_path))
    (tmp_path / "fits.json").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"fits\.json"):
        own_fits()


@pytest.mark.parametrize("draws", [0, -5, 10**9])
def test_draws_that_no_posterior_has_are_refused_before_it_is_learnt(draws: int) -> None:
    with pytest.raises(InvalidInputError, match="out of range"):
        learn("vehicles", draws=draws)
