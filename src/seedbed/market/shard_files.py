"""The folder of a sharded ensemble: manifest, inputs, and one file a finished shard.

A shard's file is named by its address and by the hash of what is in it, and takes its name only when it is whole.
So a file that is there is finished, one that was damaged is noticed, and what is finished is never run again.
"""
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zipfile import BadZipFile

import numpy as np

from seedbed.base.errors import InvalidInputError
from seedbed.base.kept import whole_file
from seedbed.base.progress import Progress
from seedbed.market.ensemble import INDICATORS, QUANTILES, Indicators, Stacked, Summary, summary
from seedbed.market.shards import Manifest, compute, compute_packed, digest, pack, unpack

if TYPE_CHECKING:
    import xarray
    from distributed import Client, LocalCluster

MANIFEST, INPUTS, SHARDS = "manifest.json", "inputs.npz", "shards"
RESULTS = ("summary.nc", "members.nc", "members.zarr")


def create(folder: Path, manifest: Manifest, case: Stacked) -> None:
    """Write manifest and inputs. Shards of an earlier plan stay, and count where their address is still right; what was
    made of them together goes."""
    (folder / SHARDS).mkdir(parents=True, exist_ok=True)
    for old in RESULTS:
        if (folder / old).is_dir():
            shutil.rmtree(folder / old)
        else:
            (folder / old).unlink(missing_ok=True)
    _whole(folder / INPUTS, pack(case))
    _whole(folder / MANIFEST, (manifest.model_dump_json(indent=1) + "\n").encode())


def load(folder: Path) -> tuple[Manifest, Stacked]:
    """What `create` wrote; raises InvalidInputError where it is missing or was changed."""
    fix = "plan it with seedbed ensemble plan PLACE --out DIR."
    if not (folder / MANIFEST).is_file() or not (folder / INPUTS).is_file():
        raise InvalidInputError("is not the folder of an ensemble.", where=str(folder), fix=fix)
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        case = unpack((folder / INPUTS).read_bytes())
    except (ValueError, KeyError, OSError, AttributeError, BadZipFile) as error:
        raise InvalidInputError(f"cannot be read ({error}).", where=str(folder), fix=fix) from error
    if digest(case) != manifest.inputs_sha256:
        raise InvalidInputError("does not hold what the manifest names.", where=str(folder / INPUTS), fix=fix)
    return manifest, case


def finished(folder: Path, manifest: Manifest) -> dict[int, Path]:
    """The file of every finished shard, by number; a file whose content is not what its name says is left out."""
    found: dict[int, Path] = {}
    for number, members in enumerate(manifest.shards):
        whole = [p for p in (folder / SHARDS).glob(f"{manifest.address(members)}-*.npy") if _name_holds(p)]
        if whole:
            found[number] = whole[0]
    return found


def run(folder: Path, numbers: Sequence[int] | None = None, *, cluster: Client | None = None,
        progress: Progress | None = None) -> list[int]:
    """Run the shards `numbers` (default: all) that are not finished, here or on a Dask cluster; returns those run.

    `progress` is told the shards finished so far. A shard is written when it is done, so a run that was stopped
    goes on where it was. On a cluster a shard whose worker died is run again elsewhere: the bits are the same.
    """
    manifest, case = load(folder)
    manifest.check()
    wanted = range(len(manifest.shards)) if numbers is None else numbers
    unknown = sorted(set(wanted) - set(range(len(manifest.shards))))
    if unknown:
        raise InvalidInputError(f"there is no shard {unknown[0]}.", where=str(folder),
                                fix=f"name shards 0 to {len(manifest.shards) - 1}.")
    done = finished(folder, manifest)
    missing = [n for n in dict.fromkeys(wanted) if n not in done]
    made = _here(manifest, case, missing) if cluster is None else _elsewhere(manifest, case, missing, cluster)
    for count, (number, values) in enumerate(made, start=1):
        _keep(folder, manifest.address(manifest.shards[number]), values)
        if progress:
            progress("run", len(wanted) - len(missing) + count, len(wanted))
    return missing


def _here(manifest: Manifest, case: Stacked, numbers: list[int]) -> Iterator[tuple[int, np.ndarray]]:
    for number in numbers:
        yield number, compute(case, manifest.seed, manifest.shards[number])


def _elsewhere(manifest: Manifest, case: Stacked, numbers: list[int],
               cluster: Client) -> Iterator[tuple[int, np.ndarray]]:
    from distributed import as_completed

    inputs = cluster.submit(bytes, pack(case))  # a task, not scattered data: it survives the worker that holds it
    waiting = {cluster.submit(compute_packed, inputs, manifest, manifest.shards[n]): n for n in numbers}
    for future, values in cast(Any, as_completed(list(waiting), with_results=True)):
        yield waiting.pop(future), values


def local_cluster(workers: int) -> LocalCluster:
    """Dask workers as processes of this machine, one shard at a time each, without a dashboard."""
    from distributed import LocalCluster

    return LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                        dashboard_address=None)  # type: ignore[arg-type]


def members(folder: Path) -> xarray.Dataset:
    """Every member of a finished ensemble, read from the shards only when asked for (Dask arrays).

    Raises InvalidInputError naming the shards that are missing.
    """
    import dask.array as da
    import xarray as xr

    manifest, parts = _complete(folder)
    every = cast(Any, da.concatenate([da.from_array(p) for p in parts]))
    dims = ("member", "scenario", "market", "year", "place")
    data = {name: (dims, every[:, i], {"unit": INDICATORS[name]}) for i, name in enumerate(Indicators._fields)}
    named = dict(zip(dims[1:], _coordinates(manifest).values(), strict=True))
    return xr.Dataset(data, {"member": np.arange(manifest.members), **named}, _attributes(manifest))


def write(every: xarray.Dataset, target: Path) -> None:
    """Write members as Zarr (target *.zarr) or netCDF-4, part by part; `target` is replaced when all is written.

    Raises OSError before it begins where there is no room.
    """
    if every.nbytes > shutil.disk_usage(target.parent).free:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    if target.suffix == ".zarr":
        whole_file(target, lambda work: every.to_zarr(work, zarr_format=2, consolidated=True))
    else:
        whole_file(target, lambda work: every.to_netcdf(work, engine="h5netcdf"))


def collect(folder: Path, progress: Progress | None = None) -> xarray.Dataset:
    """Mean, deviation, quantiles and their error bounds over all members of a finished ensemble, in flat memory."""
    manifest, parts = _complete(folder)
    found = summary((Indicators(*np.moveaxis(np.asarray(p), 1, 0)) for p in parts),
                    lambda done: progress("collect", done, manifest.members) if progress else None)
    return labelled(found, **_coordinates(manifest), attributes=_attributes(manifest))


def labelled(found: Summary, *, scenarios: list[str], markets: list[str], years: list[int], places: list[str],
             attributes: dict[str, str]) -> xarray.Dataset:
    """A summary with named axes and units."""
    import xarray as xr

    dims = ("scenario", "market", "year", "place")
    data: dict[str, Any] = {}
    for kept in Summary._fields:
        lead = ("quantile",) if kept in ("quantile", "error") else ()
        for name, values in getattr(found, kept)._asdict().items():
            data[f"{name}_{kept}"] = ((*lead, *dims), values, {"unit": INDICATORS[name]})
    named = dict(zip(dims, (scenarios, markets, years, places), strict=True))
    return xr.Dataset(data, {"quantile": list(QUANTILES), **named}, attributes)


def _complete(folder: Path) -> tuple[Manifest, list[np.ndarray]]:
    """The manifest, and every shard as an array that stays on disk until it is read."""
    manifest, _ = load(folder)
    done = finished(folder, manifest)
    missing = [n for n in range(len(manifest.shards)) if n not in done]
    if missing:
        some = ", ".join(map(str, missing[:10])) + (" …" if len(missing) > 10 else "")
        raise InvalidInputError(f"{len(missing)} of {len(manifest.shards)} shards are missing: {some}.",
                                where=str(folder), fix=f"run them with seedbed ensemble run {folder} --all.")
    return manifest, [np.load(path, mmap_mode="r", allow_pickle=False) for _, path in sorted(done.items())]


def _coordinates(manifest: Manifest) -> dict[str, Any]:
    return {"scenarios": manifest.scenarios, "markets": manifest.markets, "years": manifest.years,
            "places": manifest.places}


def _attributes(manifest: Manifest) -> dict[str, str]:
    said = manifest.model_dump(include={"place", "uncertain", "seed", "members", "inputs_sha256", "code_sha256"})
    return {**{k: str(v) for k, v in said.items()}, **manifest.versions}


def _keep(folder: Path, address: str, values: np.ndarray) -> None:
    held = io.BytesIO()
    np.save(held, values, allow_pickle=False)
    content = held.getvalue()
    _whole(folder / SHARDS / f"{address}-{_hash(content)}.npy", content)


def _name_holds(path: Path) -> bool:
    return path.stem.partition("-")[2] == _hash(path.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:20]


def _whole(path: Path, content: bytes) -> None:
    whole_file(path, lambda work: work.write_bytes(content))
