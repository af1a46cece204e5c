"""A wrong instrument file is refused with the file, the key and the fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.policy.instrument import LEVERS, Kind, get, shipped

SOURCE = {"publisher": "Test office", "reference": "No. 1", "quality": 2}
GOOD: dict[str, Any] = {
    "id": "sample",
    "kind": "incentive",
    "label": {"zh": "样例", "en": "Sample"},
    "channels": ["household"],
    "lever": "subsidy",
    "targets": [{"market": "vehicles"}],
    "ceiling": {"value": 100, "unit": "CNY/unit", "source": SOURCE},
    "history": [
        {"start": 2020, "end": 2021, "value": 50, "document": {"zh": "文件", "en": "Paper"}, "source": SOURCE}
    ],
    "status": "active",
    "actor": "government",
    "authority": "province",
    "payer": "central",
    "indicator": {"zh": "数量", "en": "Number"},
    "reason": {"zh": "降低成本。", "en": "Lowers cost."},
}


def write(folder: Path, change: Callable[[dict[str, Any]], object], name: str = "sample") -> Path:
    raw = yaml.safe_load(yaml.safe_dump(GOOD))
    change(raw)
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return folder


def past(raw: dict[str, Any], **change: object) -> None:
    raw["history"][0].update(change)


def test_a_correct_file_loads_and_answers_for_its_years(tmp_path: Path) -> None:
    one = shipped(write(tmp_path, lambda raw: None))["sample"]
    assert [one.intensity_in(year) for year in (2019, 2020, 2021, 2022)] == [0.0, 0.5, 0.5, 0.0]
    assert one.reaches("vehicles")
    assert not one.reaches("steel")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda raw: raw.pop("reason"), "reason"),
        (lambda raw: raw.pop("ceiling"), "ceiling"),
        (lambda raw: raw["label"].pop("zh"), "label.zh"),
        (lambda raw: raw.update(strength=1), "strength"),
        (lambda raw: raw.update(kind="forced"), "kind"),
        (lambda raw: raw.update(channels=[]), "channels"),
        (lambda raw: raw.update(channels=["martians"]), "channels"),
        (lambda raw: raw.update(status="maybe"), "status"),
        (lambda raw: raw["ceiling"].update(value=-1), "ceiling.value"),
        (lambda raw: raw["ceiling"]["source"].update(quality=9), "ceiling.source.quality"),
        (lambda raw: raw["targets"][0].update(weight=2), "targets.0.weight"),
        (lambda raw: past(raw, start=1066), "history.0.start"),
        (
            lambda raw: past(raw, source={"publisher": "Test office", "quality": 1}),
            "history.0.source.reference",
        ),
        (lambda raw: raw["history"][0].pop("document"), "history.0.document"),
    ],
)
def test_an_error_names_file_key_and_fix(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], key: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        shipped(write(tmp_path, change))
    assert "sample.yaml" in str(caught.value)
    assert f"key {key}" in str(caught.value)
    assert "Fix:" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raw: raw.update(lever="magic"), "lever 'magic' is unknown"),
        (lambda raw: raw.update(lever="quota"), "belongs to mandatory"),
        (lambda raw: raw["ceiling"].update(unit="CNY/t"), "ceiling unit 'CNY/t'"),
        (lambda raw: raw.update(bounds=[0.8, 0.2]), "must satisfy 0 <= low <= high <= 1"),
        (lambda raw: past(raw, end=2019), "ends before it starts"),
        (lambda raw: past(raw, value=101), "exceeds the ceiling"),
        (lambda raw: raw["history"].append({**raw["history"][0], "start": 2021, "end": 2023}), "overlap"),
    ],
)
def test_what_cannot_hold_together_is_refused_with_the_file(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        shipped(write(tmp_path, change))
    assert "sample.yaml" in str(caught.value)
    assert said in str(caught.value)
    assert "Fix:" in str(caught.value)


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"other\.yaml.*name the file sample\.yaml"):
        shipped(write(tmp_path, lambda raw: None, name="other"))


def test_broken_yaml_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "sample.yaml").write_text("id: sample\nkind: [incentive\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"sample\.yaml line \d+.*Fix:"):
        shipped(tmp_path)


def test_a_need_that_does_not_exist_is_refused_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"sample\.yaml"):
        shipped(write(tmp_path, lambda raw: raw.update(needs=["nothing_like_it"])))


def test_an_unknown_id_offers_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        get("nev_purchase_subsidies")
    assert caught.value.near[0] == "nev_purchase_subsidy"


def test_each_lever_belongs_to_the_kind_the_design_gives_it() -> None:
    """Incentive: cost; mandatory: availability and mandates; guidance: familiarity; supporting: grids."""
    levers = {
        "incentive": {"subsidy", "tax_relief", "output_premium", "carbon_price", "finance"},
        "mandatory": {"quota", "standard"},
        "guidance": {"awareness", "label", "market_access"},
        "supporting": {"infrastructure", "market_access"},
    }
    for kind in Kind:
        assert {name for name, rule in LEVERS.items() if kind in rule.kinds} == levers[kind]
