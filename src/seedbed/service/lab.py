"""The lab: a place as it is, and what a change of policy does to all its markets, answered at once.

Every answer is a pure function of what is asked: its tag is the hash of the question and of the code that answers.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import numpy as np
from fastapi import FastAPI, Path, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from seedbed.base.text import Model
from seedbed.base.years import DECIDE, UNTIL
from seedbed.market.definition import CARRIERS
from seedbed.market.ensemble import Indicators
from seedbed.market.world import default_world
from seedbed.planning.lab import MOST, Fan, Lab, Seen, lab
from seedbed.planning.scenarios import HERE
from seedbed.policy.instrument import Instrument
from seedbed.policy.mix import as_it_is
from seedbed.service.instruments import described
from seedbed.service.jobs import question

LONG = 60
Place = Annotated[str, Path(max_length=LONG)]
Name = Annotated[str, Field(max_length=LONG)]
Changed = Annotated[dict[Name, dict[int, float]], Field(max_length=200)]
TOLD = {"life_cycle_emissions": 1e-3, "operating_emissions": 1e-3}
"""Indicators that are told in tonnes instead of kilogrammes."""


class LabRequest(Model):
    """A change of policy: where the strength of instruments stands in named years (parts of their ceilings)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"points": {"charging_network": {"2030": 0.9}}}]})
    until: int = UNTIL
    points: Changed = Field(default={})
    price: Annotated[tuple[Name, ...] | None, Field(max_length=20)] = None


class MarketRequest(LabRequest):
    """The same, of one market."""

    market: Name


def routes(app: FastAPI, about: Callable[[str], str]) -> ThreadPoolExecutor:
    """Add the routes of the lab; the pool that answers them is to be closed with the service."""
    pool = ThreadPoolExecutor(os.cpu_count() or 2, "lab")

    async def answer(request: Request, asked: Any, make: Callable[[], dict[str, Any]]) -> Response:
        said = asked.model_dump(mode="json")
        tag = f'"{await run_in_threadpool(question, request.url.path, said, __name__)}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        found = await asyncio.get_running_loop().run_in_executor(pool, make)
        return JSONResponse(found, headers={"etag": tag})

    @app.post("/v1/lab/{place}/start", tags=["lab"], name="lab_start", summary=about("lab_start"))
    async def start(request: Request, place: Place, asked: LabRequest) -> Response:
        return await answer(request, asked, lambda: _start(_lab(place, asked)))

    @app.post("/v1/lab/{place}/run", tags=["lab"], name="lab_run", summary=about("lab_run"))
    async def run(request: Request, place: Place, asked: LabRequest) -> Response:
        return await answer(request, asked, lambda: _seen(found := _lab(place, asked), found.run(asked.points)))

    @app.post("/v1/lab/{place}/fan", tags=["lab"], name="lab_fan", summary=about("lab_fan"))
    async def fan(request: Request, place: Place, asked: MarketRequest) -> Response:
        return await answer(request, asked, lambda: _fan(_lab(place, asked), asked))

    @app.post("/v1/lab/{place}/why", tags=["lab"], name="lab_why", summary=about("lab_why"))
    async def why(request: Request, place: Place, asked: MarketRequest) -> Response:
        return await answer(request, asked, lambda: {"parts": _lab(place, asked).why(asked.market, asked.points)})

    return pool


def _lab(place: str, asked: LabRequest) -> Lab:
    return lab(place, until=asked.until, price=asked.price)


def _start(found: Lab) -> dict[str, Any]:
    """Everything that does not change: names, units, today's strengths, policy as it is."""
    case, world = found.case, default_world()
    return {
        "place": {"id": case.place.id, "slug": case.place.slug, "name": case.place.name.model_dump()},
        "years": found.years, "decide": DECIDE, "members": found.members, "most": MOST,
        "markets": [{
            "id": m.definition.id, "label": m.definition.label.model_dump(), "data": m.definition.data,
            "technologies": [{"id": t.id, "label": t.label.model_dump(), "green": t.green}
                             for t in m.definition.technologies]} for m in case.markets],
        "instruments": [_instrument(found, one) for one in found.instruments],
        "carriers": [{"id": name, "label": world.carrier_label[name].model_dump(),
                      "unit": world.carrier_price[name].unit} for name in CARRIERS],
        "base": _seen(found, found.run()),
    }


def _instrument(found: Lab, one: Instrument) -> dict[str, Any]:
    now = as_it_is(found.case.years)
    return {**described(one), "bounds": one.bounds, "markets": found.reached(one),
            "now": [_short(float(now.intensity(one.id, year))) for year in found.years]}


def _seen(found: Lab, seen: Seen) -> dict[str, Any]:
    return {m.definition.id: {
        "share": {t.id: _row(seen.share[row, :, n]) for n, t in enumerate(m.definition.technologies)},
        **_books(seen.books, row)} for row, m in enumerate(found.case.markets)}


def _books(books: Indicators, row: int) -> dict[str, list[float | None]]:
    return {name: _row(values[row, :, HERE] * TOLD.get(name, 1.0)) for name, values in books._asdict().items()}


def _fan(found: Lab, asked: MarketRequest) -> dict[str, Any]:
    fan: Fan = found.fan(asked.market, asked.points)
    return {"green_share": [_row(member) for member in fan.green_share], "avoided": _row(fan.avoided),
            "public_money": _row(fan.public_money), "other_money": _row(fan.other_money), "jobs": _row(fan.jobs)}


def _row(values: np.ndarray) -> list[float | None]:
    return [_short(float(value)) for value in values]


def _short(value: float) -> float | None:
    """Six digits: more is noise of single precision."""
    return float(f"{value:.6g}") if np.isfinite(value) else None
