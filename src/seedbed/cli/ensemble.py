"""`seedbed ensemble`: ensembles of any size, cut into shards that run anywhere and in any order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.kept import whole_file
from seedbed.cli.options import Language
from seedbed.cli.verb import asks, progress
from seedbed.planning.requests import EnsembleRequest
from seedbed.show.words import t

if TYPE_CHECKING:
    from distributed import Client

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Plan, run and collect ensembles of any size.")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `ensemble plan` made.")]


@app.command()
@asks(EnsembleRequest)
def plan(
    request: EnsembleRequest,
    out: Annotated[Path, typer.Option(help="Folder of the ensemble.")],
    shard_size: Annotated[int, typer.Option(help="Members of a shard, a multiple of 8.")] = 64,
    improved: Annotated[Path | None, typer.Option(
        help="plan.json whose improved rule is run too, beside no policy, as it is and the report's rule.")] = None,
    lang: Language = "en",
) -> None:
    """Writes the manifest of an ensemble and its inputs into --out; nothing is simulated yet. Planning again into the
    same folder, with more members say, keeps every finished shard that is still right.
    """
    from seedbed.planning.compare import load
    from seedbed.planning.ensemble import sharded
    from seedbed.show import terminal

    rule = None if improved is None else load(improved).rule
    made = sharded(folder=out, shard_size=shard_size, rule=rule, **request.arguments())
    count = len(made.shards)
    terminal.say(t("ensemble.planned", lang, members=made.members, shards=count, size=shard_size, folder=out))


@app.command()
def run(
    folder: Folder,
    shards: Annotated[list[int] | None, typer.Argument(metavar="[SHARD]…", help="Numbers of shards, from 0.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Run every shard that is not finished.")] = False,
    workers: Annotated[int, typer.Option(help="Processes on this machine.", min=1)] = 1,
    scheduler: Annotated[str | None, typer.Option(
        help="Address of a Dask scheduler to run on instead, e.g. tcp://10.0.0.5:8786.")] = None,
    lang: Language = "en",
) -> None:
    """Run shards; what is finished is not run again, so a run that was stopped goes on where it was."""
    from seedbed.market import shard_files
    from seedbed.show import terminal

    if bool(shards) == every:
        raise InvalidInputError("it is not said which shards.", where=Parameter("all"),
                                fix="give their numbers, or --all.")
    manifest, _ = shard_files.load(folder)
    wanted = len(shards or manifest.shards)
    with _cluster(workers, scheduler) as client, progress(lang) as say:
        say("run", 0, wanted)
        made = shard_files.run(folder, shards or None, cluster=client, progress=say)
    done = len(shard_files.finished(folder, manifest))
    terminal.say(t("ensemble.ran", lang, count=len(made), done=done, of=len(manifest.shards)))


@app.command()
def collect(
    folder: Folder,
    zarr: Annotated[bool, typer.Option("--zarr", help="Write every member into DIR/members.zarr too.")] = False,
    netcdf: Annotated[bool, typer.Option("--netcdf", help="Write every member into DIR/members.nc too.")] = False,
    lang: Language = "en",
) -> None:
    """Write means, deviations and quantiles of a finished ensemble into DIR/summary.nc, in flat memory."""
    from seedbed.market import shard_files
    from seedbed.planning.ensemble import Ensemble
    from seedbed.show import results, terminal

    with progress(lang) as say:
        found = shard_files.collect(folder, say)
    written = [folder / "summary.nc"]
    whole_file(written[0], lambda path: path.write_bytes(found.to_netcdf(engine="h5netcdf")))
    written += [folder / name for name, asked in (("members.zarr", zarr), ("members.nc", netcdf)) if asked]
    for target in written[1:]:
        shard_files.write(shard_files.members(folder), target)
    terminal.show(results.document(Ensemble(found), lang))
    for target in written:
        terminal.say(str(target))


@contextmanager
def _cluster(workers: int, scheduler: str | None) -> Iterator[Client | None]:
    """A client of the scheduler, or of `workers` processes of our own; None where this process does the work."""
    if scheduler is None and workers == 1:
        yield None
        return
    from distributed import Client

    from seedbed.market.shard_files import local_cluster

    if scheduler is None:
        with local_cluster(workers) as own, Client(own) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"no Dask scheduler answers at {scheduler} ({error}).", where=Parameter("scheduler"),
                                fix="start one with dask scheduler, and give its address.") from error
    with client:
        yield client
