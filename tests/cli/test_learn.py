"""`seedbed learn`: a calibration of one's own is written, kept where users keep things, and taken back."""

import json

import pytest

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
