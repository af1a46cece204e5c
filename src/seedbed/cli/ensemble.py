"""`seedbed ensemble`: ensembles of any size, cut into shards that run anywhere and in any order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, Uncertain, progress_bar, split

if TYPE_CHECKING:
    import xarray
    from distributed import Client

    from seedbed.base.lang import Lang
    from seedbed.policy.rule import Rule

app = typer.Typer(no_args_is_help=True, help="Plan, run and collect ensembles of any size.")
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `ensemble plan` made.")]


@app.command()
def plan(
    place: Annotated[str, typer.Argument(help="Province or nation, in Chinese or English.")],
    out: Annotated[Path, typer.Option(help="Folder of the ensemble.")],
    members: Annotated[int, typer.Option(help="Members in all.")] = 1000,
    shard_size: Annotated[int, typer.Option(help="Members of a shard, a multiple of 8.")] = 64,
    until: Annotated[int, typer.Option(help="Last year.")] = 2035,
    markets: Annotated[str | None, typer.Option(help="Markets, separated by commas (default: all).")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draws.")] = 1,
    improved: Annotated[Path | None, typer.Option(
        help="plan.json whose improved rule is run too, beside no policy, as it is and the report's rule.")] = None,
    uncertain: Uncertain = "parameters,process,world",
    lang: Language = "en",
) -> None:
    """Write the manifest of an ensemble and its inputs into --out; nothing is simulated yet.

    Planning again into the same folder, with more members say, keeps every finished shard that is still right.
    """
    from seedbed.facts import places
    from seedbed.market import definition as definitions
    from seedbed.market import shard_files, shards
    from seedbed.market.beliefs import Prior
    from seedbed.market.draws import Spread
    from seedbed.market.world import default_world
    from seedbed.planning.case import check, prepare
    from seedbed.planning.scenarios import SCENARIOS
    from seedbed.show.words import t

    where = places.resolve(place)
    names = split(markets) if markets else list(definitions.definitions())
    chosen = list({d.id: d for d in (definitions.get(name) for name in names)}.values())
    rule = None if improved is None else _improved(improved)
    check(where, until, None, members)
    shards.check_sizes(members, shard_size)
    Spread.of(Prior(), split(uncertain))  # refuses unknown kinds before anything runs
    case, _ = prepare(where, chosen, default_world(), until, tuple(split(uncertain)))
    kept = SCENARIOS if rule else SCENARIOS[:-1]
    scenarios = shards.Scenario(*(part[: len(kept)] for part in case.scenarios(rule)))
    case = shards.Case(case.inputs, case.spreads, scenarios)
    made = shards.manifest(case, place=where.id, places=[where.id], markets=case.names, scenarios=list(kept),
                           years=list(case.years), uncertain=list(case.uncertain), seed=seed, members=members,
                           shard_size=shard_size)
    shard_files.create(out, made, case)
    typer.echo(t("ensemble.planned", lang, members=members, shards=len(made.shards), size=shard_size, folder=out))


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
    from seedbed.base.errors import InvalidInputError
    from seedbed.market import shard_files
    from seedbed.show.words import t

    if bool(shards) == every:
        raise InvalidInputError("it is not said which shards.", where="seedbed ensemble run",
                                fix="give their numbers, or --all.")
    with _cluster(workers, scheduler) as client, progress_bar() as bar:
        task = bar.add_task(t("ensemble.shards", lang), total=len(shards or shard_files.load(folder)[0].shards))
        made = shard_files.run(folder, shards or None, cluster=client,
                               progress=lambda done: bar.update(task, completed=done))
    manifest, _ = shard_files.load(folder)
    done = len(shard_files.finished(folder, manifest))
    typer.echo(t("ensemble.ran", lang, count=len(made), done=done, of=len(manifest.shards)))


@app.command()
def collect(
    folder: Folder,
    zarr: Annotated[bool, typer.Option("--zarr", help="Write every member into DIR/members.zarr too.")] = False,
    netcdf: Annotated[bool, typer.Option("--netcdf", help="Write every member into DIR/members.nc too.")] = False,
    lang: Language = "en",
) -> None:
    """Write means, deviations and quantiles of a finished ensemble into DIR/summary.nc, in flat memory."""
    from seedbed.market import shard_files
    from seedbed.show.words import t

    with progress_bar() as bar:
        task = bar.add_task(t("ensemble.reading", lang), total=None)
        found = shard_files.collect(folder, lambda done: bar.update(task, completed=done))
    written = [folder / "summary.nc"]
    whole_file(written[0], lambda path: found.to_netcdf(path, engine="h5netcdf"))
    written += [folder / name for name, asked in (("members.zarr", zarr), ("members.nc", netcdf)) if asked]
    for target in written[1:]:
        shard_files.write(shard_files.members(folder), target)
    _table(found, lang)
    for target in written:
        typer.echo(str(target))


@contextmanager
def _cluster(workers: int, scheduler: str | None) -> Iterator[Client | None]:
    """A client of the scheduler, or of `workers` processes of our own; None where this process does the work."""
    if scheduler is None and workers == 1:
        yield None
        return
    from distributed import Client

    from seedbed.base.errors import InvalidInputError
    from seedbed.market.shard_files import local_cluster

    if scheduler is None:
        with local_cluster(workers) as own, Client(own) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=10)
    except (OSError, ValueError) as error:
        raise InvalidInputError(f"no Dask scheduler answers at {scheduler} ({error}).", where="--scheduler",
                                fix="start one with dask scheduler, and give its address.") from error
    with client:
        yield client


def _improved(path: Path) -> Rule:
    """The improved rule of a stored plan."""
    from seedbed.base.errors import InvalidInputError
    from seedbed.policy.rule import Rule

    try:
        return Rule.model_validate(json.loads(path.read_text(encoding="utf-8"))["improvement"]["rule"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(f"{path} has no improved rule ({error}).", where="--improved",
                                fix="give a plan.json that seedbed plan wrote.") from error


def _table(found: xarray.Dataset, lang: Lang) -> None:
    """Green share of purchases in the last year: median and 90 % interval by market and scenario."""
    from rich.console import Console
    from rich.table import Table

    from seedbed.facts import places
    from seedbed.market.definition import definitions
    from seedbed.show.words import t

    last = found.isel(year=-1, place=0)
    place, year = places.resolve(str(last.place.item())).name[lang], int(last.year)
    table = Table(t("ensemble.market", lang), *(t(f"scenario.{s}", lang) for s in last.scenario.values),
                  title=t("ensemble.table", lang, place=place, year=year))
    for market in last.market.values:
        share = last.green_share_quantile.sel(market=market)
        cells = []
        for scenario in last.scenario.values:
            low, middle, high = (f"{float(share.sel(scenario=scenario, quantile=q)):.1%}" for q in (0.05, 0.5, 0.95))
            cells.append(t("ensemble.cell", lang, low=low, middle=middle, high=high))
        table.add_row(definitions()[str(market)].label[lang], *cells)
    error = float(last.green_share_error.sel(quantile=[0.05, 0.5, 0.95]).max()) * 100
    Console().print(table)
    typer.echo(t("ensemble.note", lang, members=found.attrs["members"], error=f"{error:.2g}"))
