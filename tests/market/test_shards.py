"""Shards: the same members as the plain run, never run twice, damage noticed, collected in any format."""

from __future__ import annotations

from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

from seedbed.base.errors import InvalidInputError
from seedbed.market import shard_files, shards
from seedbed.market.arrays import Scenario
from seedbed.market.definition import get
from seedbed.market.draws import KINDS, Spread
from seedbed.market.ensemble import QUANTILES, Indicators, Stacked, ensemble, stack
from seedbed.market.shards import Manifest, code_hash, pack, unpack

MEMBERS, SEED = 37, 5


@pytest.fixture(scope="module")
def case(lab) -> Stacked:
    """Vehicles under no policy and as it is (the shapes of test_ensemble, so that nothing is compiled again)."""
    inputs = lab.compiled("vehicles").inputs
    fixed = jnp.stack([inputs.drivers.fixed * 0, inputs.drivers.fixed])[:, None]
    nothing = jnp.zeros_like(fixed)
    scenarios = Scenario(fixed, nothing, nothing, jnp.broadcast_to(inputs.rule, (2, 1, 4, 4)))
    return Stacked(stack([inputs]), jax.tree.map(lambda x: x[None], Spread.of(get("vehicles"))), scenarios)


def manifest(case: Stacked, **other) -> Manifest:
    return shards.manifest(case, **{
        "place": "CN", "places": ["CN"], "markets": ["vehicles"], "scenarios": ["no_policy", "as_is"],
        "years": list(range(2024, 2036)), "uncertain": list(KINDS), "seed": SEED, "members": MEMBERS,
        "shard_size": 16, **other})


@pytest.fixture(scope="module")
def plain(case: Stacked) -> Indicators:
    return ensemble(*case, jax.random.key(SEED), MEMBERS)


@pytest.fixture(scope="module")
def folder(case: Stacked, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished ensemble; tests only read it."""
    made = tmp_path_factory.mktemp("ensemble")
    shard_files.create(made, manifest(case), case)
    assert shard_files.run(made) == [0, 1, 2]
    return made


@pytest.fixture
def mine(folder: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    for path in folder.rglob("*.*"):
        (tmp_path / path.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path.relative_to(folder)).write_bytes(path.read_bytes())
    return tmp_path


def files(folder: Path) -> list[Path]:
    return sorted((folder / "shards").iterdir())


def test_a_case_survives_packing_bit_by_bit_and_runs_the_same_program(case):
    back = unpack(pack(case))
    assert jax.tree.structure(back) == jax.tree.structure(case)
    for a, b in zip(jax.tree.leaves(back), jax.tree.leaves(case), strict=True):
        assert a.dtype == b.dtype
        assert np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_shards_hold_the_members_of_the_plain_run(folder, plain):
    every = shard_files.members(folder)
    assert dict(every.sizes) == {"member": MEMBERS, "scenario": 2, "market": 1, "year": 12, "place": 1}
    for name in Indicators._fields:
        assert every[name].transpose("scenario", "member", ...).values.tobytes() == getattr(plain, name).tobytes()


def test_shards_of_any_size_and_order_collect_to_the_same_bits(folder, case, tmp_path):
    shard_files.create(tmp_path, manifest(case, shard_size=8), case)
    for number in (4, 1, 0):
        assert shard_files.run(tmp_path, [number]) == [number]
    assert shard_files.run(tmp_path) == [2, 3]
    xr.testing.assert_identical(shard_files.collect(tmp_path), shard_files.collect(folder))


def test_what_is_collected_is_the_summary_of_all_members(folder, plain):
    found = shard_files.collect(folder)
    assert found.jobs_mean.dims == ("scenario", "market", "year", "place")
    np.testing.assert_allclose(found.jobs_mean.values, np.float64(plain.jobs).mean(1), rtol=1e-10)
    exact = np.quantile(plain.green_share, QUANTILES, axis=1)
    np.testing.assert_allclose(found.green_share_quantile.values, exact, rtol=1e-6)
    assert (found.green_share_error.values == 0).all()  # no more members than marks
    assert found.jobs_mean.attrs["unit"] == "job"
    assert found.attrs["seed"] == str(SEED)


def test_a_finished_ensemble_is_not_run_again_and_more_members_add_only_theirs(mine, case):
    before = files(mine)
    assert shard_files.run(mine) == []
    shard_files.create(mine, manifest(case, members=64), case)
    assert shard_files.run(mine) == [2, 3]  # the last shard had been a part only
    assert set(before) < set(files(mine))


def test_a_damaged_or_lost_shard_is_noticed_and_only_that_is_run_again(mine, folder):
    manifest, _ = shard_files.load(mine)
    found = shard_files.finished(mine, manifest)
    content = bytearray(found[1].read_bytes())
    content[-1] ^= 1
    found[1].write_bytes(content)
    found[2].unlink()
    with pytest.raises(InvalidInputError, match=r"2 of 3 shards are missing: 1, 2\..*--all"):
        shard_files.collect(mine)
    told: list[tuple[int, int]] = []
    assert shard_files.run(mine, progress=lambda _, done, of: told.append((done, of))) == [1, 2]
    assert told == [(2, 3), (3, 3)]
    assert [p.name for p in files(mine)] == [p.name for p in files(folder)]


def test_an_address_changes_with_what_the_bits_depend_on_and_with_nothing_else(case):
    base, members = manifest(case), range(16)
    assert manifest(case, members=1000, shard_size=8).address(members) == base.address(members)
    cheaper = case._replace(markets=eqx.tree_at(lambda m: m.setting.potential, case.markets,
                                                case.markets.setting.potential * 0.9))
    changed = jax.tree.map(lambda x: x, case.markets)
    object.__setattr__(changed, "choice", "pairwise")  # stacked: their shapes are not those of one market
    pairwise = case._replace(markets=changed)
    others = [manifest(case, seed=6), manifest(cheaper), manifest(pairwise),
              base.model_copy(update={"code_sha256": "other"}), base.model_copy(update={"versions": {}})]
    assert len({m.address(members) for m in (base, *others)}) == 6
    assert base.address(range(16, 32)) != base.address(members)


def test_other_code_or_versions_refuse_to_run(mine):
    planned = shard_files.load(mine)[0]
    for change in ({"code_sha256": "0" * 64}, {"versions": {"jax": "0.0"}}):
        (mine / "manifest.json").write_text(planned.model_copy(update=change).model_dump_json(), encoding="utf-8")
        with pytest.raises(InvalidInputError, match="plan it again"):
            shard_files.run(mine)
    assert planned.code_sha256 == code_hash()


def test_changed_inputs_missing_folders_and_wrong_numbers_are_refused(mine, case, tmp_path):
    with pytest.raises(InvalidInputError, match="no shard 7"):
        shard_files.run(mine, [7])
    with pytest.raises(InvalidInputError, match="multiple of 8"):
        manifest(case, shard_size=12)
    with pytest.raises(InvalidInputError, match="not the folder of an ensemble"):
        shard_files.load(tmp_path / "nowhere")
    changed = case._replace(spreads=jax.tree.map(lambda x: x * 2, case.spreads))
    (mine / "inputs.npz").write_bytes(pack(changed))
    with pytest.raises(InvalidInputError, match="does not hold what the manifest names"):
        shard_files.load(mine)
    (mine / "inputs.npz").write_bytes(b"half")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        shard_files.load(mine)


@pytest.mark.parametrize("name", ["members.nc", "members.zarr"])
def test_members_on_disk_read_back_the_same_and_replace_what_was_there(folder, tmp_path, name):
    every = shard_files.members(folder)
    for _ in range(2):
        shard_files.write(every, tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    engine = "zarr" if name.endswith("zarr") else "h5netcdf"
    with xr.open_dataset(tmp_path / name, engine=engine) as back:
        xr.testing.assert_equal(back, every)
