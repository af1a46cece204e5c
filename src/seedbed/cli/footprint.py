"""`seedbed footprint`: the life-cycle impact of a product, why it is so, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter, UnknownNameError
from seedbed.cli.options import Language, To
from seedbed.cli.verb import asks, progress, tell
from seedbed.lifecycle.requests import FootprintRequest

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.lifecycle.database import Database
    from seedbed.lifecycle.result import Footprint
    from seedbed.lifecycle.uncertainty import Uncertainty

app = typer.Typer(add_completion=False)


@app.command()
@asks(FootprintRequest, optional=("product",))
def footprint(
    request: FootprintRequest,
    tree: Annotated[bool, typer.Option("--tree", help="Print the supply tree.")] = False,
    depth: Annotated[int, typer.Option(min=1, max=12, help="Levels of the tree.")] = 4,
    cutoff: Annotated[float, typer.Option(min=0.0, max=1.0, help="Branches below this share are summed up.")] = 0.02,
    uncertainty: Annotated[bool, typer.Option("--uncertainty", help="Draw every uncertain number.")] = False,
    draws: Annotated[int, typer.Option(min=20, max=1_000_000, help="Draws of --uncertainty.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    compare: Annotated[list[str] | None, typer.Option(
        help="Another place for the same product, or another product; repeat as needed.")] = None,
    why: Annotated[str | None, typer.Option(
        help="List the exchanges of this process (or of a product's) with their sources.")] = None,
    to: To = None,
    listed: Annotated[bool, typer.Option("--list", help="List the products of the database.")] = False,
    search: Annotated[str, typer.Option(help="List the products whose id or name holds this.")] = "",
    lang: Language = "en",
) -> None:
    from seedbed.lifecycle import result
    from seedbed.show import terminal
    from seedbed.show.lifecycle import tables

    source = result.open_database(request.database, request.year)
    if listed or search:
        terminal.show(tables.products_page(source, search, lang))
        return
    if not request.product:
        raise InvalidInputError("no product is named.", where=Parameter("product"),
                                fix="write seedbed footprint PRODUCT; seedbed footprint --list shows them.")
    made = result.footprint(_product(request.product, source), request.amount, request.unit, place=request.place,
                            method=request.method, database=source)
    others = tuple(_other(made, name, source) for name in compare or ())
    found = _draws((made, *others), draws, seed, lang) if uncertainty else ()
    tell(made, lang, to, depth=depth, cutoff=cutoff, others=others, draws=found, with_tree=tree,
         why=tables.process_id(source, why) if why else "")


def _product(name: str, source: Database) -> str:
    """The id of the product called `name`; where nothing is like it, the error says how to look for it."""
    try:
        return source.product(name)["id"]
    except UnknownNameError as error:
        if error.near:
            raise
        raise InvalidInputError(f"it has no product like {name!r}.", where=source.name,
                                fix="look for one with seedbed footprint --search WORD, or --list.") from None


def _other(first: Footprint, name: str, source: Database) -> Footprint:
    """The footprint to compare with: of the same product at the place `name`, or of the product `name` there."""
    from seedbed.lifecycle import result

    flow, place = result.named(name, source)
    return result.footprint(flow or first.product, first.amount, first.unit, place=place or first.place,
                            method=first.method, database=source)


def _draws(several: tuple[Footprint, ...], draws: int, seed: int, lang: Lang) -> tuple[Uncertainty, ...]:
    """The uncertainty of all, on the same draws, with a progress bar."""
    from seedbed.lifecycle.uncertainty import uncertainty

    with progress(lang) as say:
        return tuple(uncertainty(several, draws=draws, seed=seed, correlation=0.0,
                                 progress=lambda done, of: say("uncertainty", done, of)))
