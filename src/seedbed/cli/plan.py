"""`seedbed plan`: a cultivation plan, as reports, data and a summary on the screen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seedbed.base.errors import InvalidInputError, Parameter
from seedbed.base.kept import ready, whole_folder
from seedbed.base.lang import Lang
from seedbed.cli.options import Language
from seedbed.cli.verb import ask, asks, tell
from seedbed.planning.requests import CompareRequest, PlanRequest
from seedbed.show.words import LANGUAGES

if TYPE_CHECKING:
    from seedbed.planning.plan import Plan

app = typer.Typer(add_completion=False)


@app.command()
@asks(PlanRequest, optional=("place",))
def plan(
    request: PlanRequest,
    lang: Language = "en",
    out: Annotated[Path | None, typer.Option(help="Folder for the outputs (default: out/PLACE).")] = None,
    keep: Annotated[str | None, typer.Option(help="Keep the plan under this name too, for `seedbed compare`.")] = None,
    compare: Annotated[tuple[str, str] | None, typer.Option(
        help="Compare two places, or two plan.json files, side by side.")] = None,
) -> None:
    """Writes report.zh.html, report.en.html, report.zh.pdf, report.en.pdf, plan.json and outcome.nc into --out,
    whole or not at all; --lang is the language of the screen.
    """
    from seedbed.facts import places
    from seedbed.show import terminal

    if compare is not None:
        asked = request.arguments()
        known = {name: asked[name] for name in CompareRequest.model_fields if name in asked}
        tell(ask(CompareRequest(a=compare[0], b=compare[1], **known), lang), lang)
        return
    if not request.place:
        raise InvalidInputError("no place is named.", where=Parameter("place"), fix="write seedbed plan guangdong.")
    place = None
    if keep is not None:
        from seedbed.planning.compare import kept

        place = kept(keep)
        ready(place)
    target = out or Path("out") / places.resolve(request.place).slug
    with whole_folder(target) as folder:
        made: Plan = ask(request, lang)
        write(made, folder)
    if place is not None:
        made.save(place)
        terminal.written(place, lang)
    tell(made, lang)
    terminal.say("")
    for name in sorted(p.name for p in target.iterdir() if not p.name.startswith(".")):
        terminal.say(str(target / name))


def write(made: Plan, folder: Path) -> None:
    """All outputs of a plan into `folder`; drawing and typesetting run outside Python, side by side."""
    from seedbed.show import report
    from seedbed.show.write import write as one

    files: dict[str, Lang] = {"plan.json": "en", "outcome.nc": "en"}
    for lang in LANGUAGES:
        files |= {f"report.{lang}.html": lang, f"report.{lang}.pdf": lang}
    with ThreadPoolExecutor() as pool:
        for part in [pool.submit(one, folder / name, report.written(made, lang)) for name, lang in files.items()]:
            part.result()
