"""`seedbed footprint`: the life-cycle impact of a product, why it is so, and how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.kept import whole_file
from seedbed.cli.options import Language, check_suffix, progress_bar

if TYPE_CHECKING:
    from seedbed.base.lang import Lang
    from seedbed.lifecycle.database import Database
    from seedbed.lifecycle.result import Footprint
    from seedbed.lifecycle.uncertainty import Uncertainty
    from seedbed.show.lifecycle.view import View

KINDS = (".csv", ".json", ".html", ".pdf")


def footprint(
    product: Annotated[str | None, typer.Argument(help="Product: id, or name in Chinese or English.")] = None,
    place: Annotated[str, typer.Option(help="Where it is supplied: a place of China, or a code (US, GLO).")] = "china",
    amount: Annotated[float, typer.Option(help="How much.")] = 1.0,
    unit: Annotated[str | None, typer.Option(help="Unit of the amount (default: the product's own).")] = None,
    year: Annotated[int | None, typer.Option(help="Year the suppliers are of (default: the latest data).")] = None,
    method: Annotated[str, typer.Option(help="Impact method.")] = "gwp100-ar6",
    database: Annotated[str | None, typer.Option(help="Database of the store (default: the starter set).")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Print the supply tree.")] = False,
    depth: Annotated[int, typer.Option(min=1, max=12, help="Levels of the tree.")] = 4,
    cutoff: Annotated[float, typer.Option(min=0.0, max=1.0, help="Branches below this share are summed up.")] = 0.02,
    uncertainty: Annotated[bool, typer.Option("--uncertainty", help="Draw every uncertain number.")] = False,
    draws: Annotated[int, typer.Option(min=2, help="Draws of --uncertainty.")] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 0,
    compare: Annotated[list[str] | None, typer.Option(
        help="Another place for the same product, or another product; repeat as needed.")] = None,
    why: Annotated[str | None, typer.Option(
        help="List the exchanges of this process (or of a product's) with their sources.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write a .csv, .json, .html or .pdf file.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the products of the database.")] = False,
    search: Annotated[str, typer.Option(help="List the products whose id or name holds this.")] = "",
    lang: Language = "en",
) -> None:
    """Footprint of a product over its whole supply chain: where it comes from, and how sure it is."""
    from seedbed.base.errors import InvalidInputError
    from seedbed.lifecycle import result
    from seedbed.show.lifecycle import tables, terminal
    from seedbed.show.lifecycle.view import View

    check_suffix(to, KINDS)
    source = open_database(database, year)
    if listed or search:
        terminal.show(terminal.products(source, search, lang))
        return
    if product is None:
        raise InvalidInputError("no product is named.", where="seedbed footprint",
                                fix="write seedbed footprint PRODUCT; seedbed footprint --list shows them.")
    made = result.footprint(_product(product, source), amount, unit, place=place, method=method, database=source)
    others = tuple(_other(made, name, source) for name in compare or ())
    view = View(
        made, lang, depth, cutoff, others=others, why=tables.process_id(source, why) if why else "",
        draws=_draws((made, *others), draws, seed, lang) if uncertainty else (),
    )
    if to is not None:
        whole_file(to, lambda path: write(view, path))
    terminal.show(*(terminal.why(view) if view.why else terminal.summary(view, with_tree=tree)))
    if to is not None:
        terminal.written(to, lang)


def open_database(name: str | None, year: int | None) -> Database:
    """The starter database, or the live version of a database of the store. Raises UnknownNameError."""
    from seedbed.lifecycle import result
    from seedbed.lifecycle.inventory.store import Store

    if name is None or name == "starter":
        return result.starter(year)
    return result.stored(Store(), name).for_year(year)


def _product(name: str, source: Database) -> str:
    """The id of the product called `name`; where nothing is like it, the error says how to look for it."""
    from seedbed.base.errors import InvalidInputError, UnknownNameError

    try:
        return source.product(name)["id"]
    except UnknownNameError as error:
        if error.near:
            raise
        raise InvalidInputError(f"it has no product like {name!r}.", where=source.name,
                                fix="look for one with seedbed footprint --search WORD, or --list.") from None


def write(view: View, path: Path) -> None:
    """The footprint as the kind of file that the suffix of `path` names."""
    from seedbed.show.lifecycle import files

    kind = path.suffix.lower()
    if kind in (".csv", ".json"):
        path.write_text(files.to_csv(view) if kind == ".csv" else files.to_json(view), encoding="utf-8")
        return
    from seedbed.show.html import to_html
    from seedbed.show.lifecycle.page import page
    from seedbed.show.pdf import to_pdf

    document = page(view)
    path.write_bytes(to_pdf(document) if kind == ".pdf" else to_html(document).encode())


def _other(first: Footprint, name: str, source: Database) -> Footprint:
    """The footprint to compare with: of the same product at the place `name`, or of the product `name` there."""
    from seedbed.lifecycle import result

    flow, place = _named(name, source)
    return result.footprint(flow or first.product, first.amount, first.unit, place=place or first.place,
                            method=first.method, database=source)


def _named(name: str, source: Database) -> tuple[str | None, str | None]:
    """(product, None) or (None, place): places of China first, then products, then place codes of the database."""
    from seedbed.base.errors import UnknownNameError
    from seedbed.facts import places

    try:
        return None, places.resolve(name).id
    except UnknownNameError as not_place:
        try:
            return source.product(name)["id"], None
        except UnknownNameError as not_product:
            codes = source.columns["place"].drop_nulls().to_list()
            if name in codes:
                return None, name
            near = [*not_place.near, *not_product.near]
            raise UnknownNameError("place or product", name, near or codes) from None


def _draws(several: tuple[Footprint, ...], draws: int, seed: int, lang: Lang) -> tuple[Uncertainty, ...]:
    """The uncertainty of all, on the same draws, with a progress bar."""
    from seedbed.lifecycle.uncertainty import uncertainty
    from seedbed.show.words import t

    with progress_bar() as bar:
        task = bar.add_task(t("footprint.section.uncertainty", lang), total=draws)
        return tuple(uncertainty(several, draws=draws, seed=seed, correlation=0.0,
                                 progress=lambda done, of: bar.update(task, completed=done, total=of)))
