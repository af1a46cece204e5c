"""`simulate`: named outcomes, provenance, members, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from seedbed.base.errors import InvalidInputError, UnknownNameError
from seedbed.market.simulate import Outcome, simulate
from seedbed.policy.mix import Mix, no_policy


@pytest.fixture(scope="module")
def nation() -> Outcome:
    return simulate("vehicles")


@pytest.fixture(scope="module")
def sampled() -> Outcome:
    return simulate("vehicles", members=11, seed=4)


def test_every_variable_has_a_unit_and_named_axes(nation):
    data = nation.dataset
    assert list(data.year.values) == list(range(2024, 2036))
    assert list(data.place.values) == ["CN"]
    assert list(data.technology.values) == ["ice", "hev", "phev", "bev", "fcev"]
    assert list(data.stage.values) == ["emergence", "growth", "maturity", "decline"]
    for name, variable in data.data_vars.items():
        assert variable.attrs["unit"], name
        assert variable.dims[0] == "year", name


def test_provenance_changes_with_the_policies_and_only_with_them(nation):
    again, other = simulate("vehicles"), simulate("vehicles", mix=no_policy())
    assert again.dataset.attrs == nation.dataset.attrs
    assert other.dataset.attrs["mix_sha256"] != nation.dataset.attrs["mix_sha256"]
    assert other.dataset.attrs["inputs_sha256"] != nation.dataset.attrs["inputs_sha256"]


def test_the_same_call_gives_the_same_bits(nation):
    again = simulate("vehicles").dataset
    assert all(again[v].values.tobytes() == nation.dataset[v].values.tobytes() for v in again.data_vars)


def test_members_are_the_same_bits_whatever_their_number(sampled):
    few = simulate("vehicles", members=3, seed=4).dataset
    many = sampled.dataset.isel(member=slice(0, 3))
    assert few.sizes["member"] == 3
    assert all(few[v].values.tobytes() == np.ascontiguousarray(many[v].values).tobytes() for v in few.data_vars)


def test_another_seed_gives_other_members(sampled):
    other = simulate("vehicles", members=3, seed=5).dataset
    assert not np.allclose(other.share, sampled.dataset.share.isel(member=slice(0, 3)))


def test_a_province_buys_less_than_the_nation_and_looks_at_its_surroundings(nation):
    part = simulate("vehicles", ["gansu"]).dataset
    ratio = part.purchases.sum() / nation.dataset.purchases.sum()
    assert 0.001 < float(ratio) < 0.1
    assert float(part.green_share.isel(year=-1)[0]) > float(part.green_share.isel(year=0)[0])


def test_no_policy_ends_with_less_green_than_policy_as_it_is(nation):
    bare = simulate("vehicles", mix=no_policy()).dataset
    assert float(bare.green_share.mean()) < float(nation.dataset.green_share.mean())
    assert float(bare.public_money.sum()) == 0


def test_the_table_has_one_row_for_each_number_with_its_unit(nation):
    rows = nation.table()
    assert len(rows) == sum(v.size for v in nation.dataset.data_vars.values())
    row = next(r for r in rows if r["variable"] == "share" and r["technology"] == "bev" and r["year"] == 2030
               and r["channel"] == "household")
    told = nation.dataset.share.sel(technology="bev", year=2030, channel="household", place="CN")
    assert row["value"] == pytest.approx(float(told))
    assert row["unit"] == "share"


def test_the_table_of_an_ensemble_has_medians(sampled):
    row = next(r for r in sampled.table() if r["variable"] == "jobs" and r["year"] == 2030)
    assert row["value"] == pytest.approx(float(sampled.dataset.jobs.sel(year=2030, place="CN").median()))


def test_progress_is_told_the_members_finished():
    told: list[tuple[str, int, int]] = []
    simulate("vehicles", members=11, progress=lambda *now: told.append(now))
    assert told == [("simulate", 8, 11), ("simulate", 11, 11)]


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="vehicles"):
        simulate("vehicels")
    with pytest.raises(UnknownNameError, match="gansu"):
        simulate("vehicles", ["gansou"])


def test_years_out_of_range_are_refused():
    with pytest.raises(InvalidInputError, match="until"):
        simulate("vehicles", until=2099)


def test_a_subsidy_named_for_years_costs_money_in_those_years_only():
    mix = Mix("one", {"nev_purchase_subsidy": {2026: 1.0, 2027: 1.0}})
    spent = simulate("vehicles", mix=mix).dataset.public_money.sel(instrument="nev_purchase_subsidy", place="CN")
    assert set(spent.year.values[spent.values > 0]) == {2026, 2027}
