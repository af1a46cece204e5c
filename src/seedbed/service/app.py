"""The routes: every verb, the jobs of long ones, and tables of facts, schemes, markets, instruments and places."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

from seedbed import facts
from seedbed.base.errors import SeedbedError
from seedbed.base.plain import plain
from seedbed.base.request import Request as Asked
from seedbed.facts import places
from seedbed.market.definition import definitions
from seedbed.operate.scheme import scheme, schemes
from seedbed.planning.atlas import atlas
from seedbed.policy.instrument import library
from seedbed.service import lab, page
from seedbed.service.describe import ANSWERS, MEDIA, describe
from seedbed.service.instruments import recorded
from seedbed.service.jobs import Job, Jobs, current, folder, identity
from seedbed.service.problems import invalid, language, malformed, problem
from seedbed.show import results
from seedbed.show.html import to_html
from seedbed.show.words import LANGUAGES, about, catalogue, t
from seedbed.show.write import as_csv, as_parquet
from seedbed.verbs import VERBS, Verb

QUICK = ("assess", "footprint", "stage")
"""Verbs that are answered at once; all others are jobs."""
LARGEST = 1_000_000
"""Bytes of a body."""
LONGEST = 60
"""Seconds that a caller may wait for a job (`Prefer: wait=…`)."""
SAFE = {"content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'",
        "x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-cache"}
WEB = Path(__file__).parent / "web"
PAGES = ("lab", "atlas", "ask", "policies", "data")
"""First words of the addresses of pages."""
OPEN = ("/healthz", "/", "/leaf.svg")
"""What is answered without the token: that the service is there, and pages, which hold no data of their own."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
Form = Literal["json", "csv", "parquet"]
Next = Callable[[Request], Awaitable[Response]]


def made(*, token: str | None = None, hosts: tuple[str, ...] = LOOPBACK) -> FastAPI:
    """The service. With a `token` every call but /healthz has to carry it; `hosts` are the names it answers to."""
    jobs = Jobs()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        jobs.close()
        pool.shutdown(cancel_futures=True)

    app = FastAPI(title=t("service.title", "en"), version=version("seedbed"), lifespan=lifespan, docs_url=None,
                  redoc_url=None, openapi_url="/openapi.json",
                  generate_unique_id_function=lambda route: route.name)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.middleware("http")(_guard(token))
    app.exception_handler(SeedbedError)(invalid)
    app.exception_handler(RequestValidationError)(_unasked)
    app.exception_handler(HTTPException)(_missing)
    for name, verb in VERBS.items():
        app.post(f"/v1/{name}", name=name, summary=t(f"request.verb.{name}", "en"), tags=["verbs"],
                 responses=ANSWERS)(_route(name, verb, jobs))
    _jobs(app, jobs)
    _tables(app)
    pool = lab.routes(app, _about)
    _pages(app)
    describe(app)
    return app


def _guard(token: str | None) -> Callable[[Request, Next], Awaitable[Response]]:
    async def guard(request: Request, call: Next) -> Response:
        answer = _refused(request, token) or await call(request)
        for name, value in SAFE.items():
            answer.headers.setdefault(name, value)
        return answer

    return guard


def _refused(request: Request, token: str | None) -> Response | None:
    """The answer to a call without the token, or with a body that is too large or of unknown size."""
    lang = language(request)
    path = request.url.path
    if token and path not in OPEN and path.split("/")[1] not in ("assets", *PAGES):
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return problem(401, t("service.token", lang), t("service.token_fix", lang))
    if request.method in ("POST", "PUT") and "content-length" not in request.headers:
        return problem(411, t("service.length", lang), t("service.length", lang))
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > LARGEST:
        return problem(413, t("service.large", lang), t("service.large_fix", lang, most=LARGEST))
    return None


async def _missing(request: Request, error: Exception) -> JSONResponse:
    """Addresses and methods that there are not."""
    assert isinstance(error, HTTPException)
    title = t(f"service.status.{405 if error.status_code == 405 else 404}", language(request))
    answer = problem(error.status_code, title, f"{request.method} {request.url.path}")
    answer.headers.update(error.headers or {})
    return answer


async def _unasked(request: Request, error: Exception) -> JSONResponse:
    """Parameters of a table that cannot be meant."""
    assert isinstance(error, RequestValidationError)
    return malformed([{**one, "loc": one["loc"][1:]} for one in error.errors()], language(request))


def _route(name: str, verb: Verb, jobs: Jobs) -> Callable[..., Awaitable[Response]]:
    async def asked(request: Request) -> Response:
        try:
            body = verb.request.model_validate_json(await request.body(), strict=True)
        except ValidationError as error:
            return malformed(error.errors(), language(request))
        if name in QUICK:
            return await _answer(name, verb, body, request)
        job = await run_in_threadpool(jobs.ask, name, body)
        await _wait(job, request.headers.get("prefer", ""))
        return _of_job(job, request)

    asked.__doc__ = t(f"request.verb.{name}", "en")
    return asked


async def _answer(name: str, verb: Verb, body: Asked, request: Request) -> Response:
    tag = f'"{await run_in_threadpool(identity, name, body)}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    lang = language(request)
    if "text/html" in request.headers.get("accept", ""):
        page = await run_in_threadpool(lambda: to_html(results.document(verb(body), lang)))
        return HTMLResponse(page, headers={"etag": tag})
    found = await run_in_threadpool(lambda: plain(cast(Any, results.written(verb(body), lang).data)()))
    return JSONResponse(found, headers={"etag": tag})


async def _wait(job: Job, preferred: str) -> None:
    """As long as `Prefer: wait=SECONDS` says, or until the job has ended."""
    number = preferred.partition("wait=")[2].partition(",")[0].strip()
    left = min(float(number), LONGEST) if number.isdigit() else 0.0
    while left > 0 and job.state in ("waiting", "running"):
        await asyncio.sleep(0.1)
        left -= 0.1


def _of_job(job: Job, request: Request) -> Response:
    """The answer where it is there, what was wrong where it failed, else the job."""
    if job.state == "done":
        return _result(job, request, "json")
    if job.state == "failed":
        return _failed(job, request)
    return JSONResponse(job.told(), 202, headers={"location": f"/v1/jobs/{job.id}"})


def _failed(job: Job, request: Request) -> JSONResponse:
    lang = language(request)
    if job.error:
        return problem(422, **job.error[lang])
    return problem(500, t("service.failed", lang), t("service.failed", lang))


def _result(job: Job, request: Request, form: str) -> Response:
    tag = f'"{job.id}"'
    spoken = f".{language(request)}" if form == "html" else ""
    path = folder(job.id) / f"result{spoken}.{form}"
    if not path.is_file():
        return problem(404, t("service.status.404", language(request)),
                       ", ".join(sorted({one.suffix[1:] for one in folder(job.id).glob("result*")})))
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    return FileResponse(path, media_type=MEDIA[form], headers={"etag": tag})


def _jobs(app: FastAPI, jobs: Jobs) -> None:
    def known(id_: str) -> Job:
        if (job := jobs.get(id_)) is None:
            raise _NoJobError(id_)
        return job

    @app.exception_handler(_NoJobError)
    async def no_job(request: Request, error: Exception) -> JSONResponse:
        return problem(404, t("service.no_job", language(request)), str(error))

    @app.get("/v1/jobs", tags=["jobs"], name="jobs", summary=_about("jobs"))
    def every() -> list[dict[str, Any]]:
        return [job.told() for job in jobs.all()]

    @app.get("/v1/jobs/{id}", tags=["jobs"], name="job", summary=_about("job"))
    def one(id: str) -> dict[str, Any]:
        return known(id).told()

    @app.post("/v1/jobs/{id}/end", tags=["jobs"], name="end_job", summary=_about("end_job"))
    def end(id: str) -> dict[str, Any]:
        job = known(id)
        jobs.cancel(job)
        return job.told()

    @app.get("/v1/jobs/{id}/result", tags=["jobs"], name="result", summary=_about("result"))
    def result(request: Request, id: str, format: Literal["json", "html", "csv", "parquet", "nc"] = "json") -> Response:
        job = known(id)
        return _result(job, request, format) if job.state == "done" else _of_job(job, request)

    @app.get("/v1/jobs/{id}/events", tags=["jobs"], name="events", summary=_about("events"))
    async def events(request: Request, id: str) -> StreamingResponse:
        return StreamingResponse(_events(known(id), request), media_type="text/event-stream")


def _about(name: str) -> str:
    return t(f"service.about.{name}", "en")


class _NoJobError(Exception):
    """No job has this id."""


async def _events(job: Job, request: Request) -> AsyncIterator[str]:
    seen = -1
    while not await request.is_disconnected():
        if job.changes != seen:
            seen = job.changes
            yield f"data: {json.dumps(job.told(), ensure_ascii=False)}\n\n"
        if job.state not in ("waiting", "running"):
            return
        await asyncio.sleep(0.1)


def _pages(app: FastAPI) -> None:
    """The web application: one page, which draws what its address says."""
    def index() -> FileResponse:
        return FileResponse(WEB / "index.html", media_type=MEDIA["html"])

    for path in ("/", *(f"/{name}{rest}" for name in PAGES for rest in ("", "/{rest:path}"))):
        app.get(path, include_in_schema=False)(index)
    app.get("/leaf.svg", include_in_schema=False)(lambda: FileResponse(WEB / "leaf.svg"))
    app.mount("/assets", StaticFiles(directory=WEB / "assets"))


def _tables(app: FastAPI) -> None:
    @app.get("/routes", include_in_schema=False)
    def routes(request: Request) -> HTMLResponse:
        return HTMLResponse(page.start(app, language(request)))

    @app.get("/healthz", tags=["service"], name="health", summary=_about("health"))
    def health() -> dict[str, str]:
        return {"status": "ok", "version": version("seedbed")}

    @app.get("/v1/verbs", tags=["verbs"], name="verbs", summary=_about("verbs"))
    def verbs() -> list[dict[str, Any]]:
        return [{"verb": name, "about": catalogue()[f"request.verb.{name}"], "quick": name in QUICK,
                 "request": verb.request.model_json_schema(),
                 "fields": {field: {"unit": unit, **{lang: about(name, field, lang) for lang in LANGUAGES}}
                            for field, _, unit in verb.request.fields()}} for name, verb in VERBS.items()]

    @app.get("/v1/facts", tags=["tables"], name="fact_tables", summary=_about("fact_tables"))
    def fact_tables(format: Form = "json") -> Response:
        rows = [{"table": one.id, "title_zh": one.title.zh, "title_en": one.title.en, "publisher_zh": one.publisher.zh,
                 "publisher_en": one.publisher.en, "reference": one.reference, "quality": one.quality,
                 "first": one.years and one.years[0], "last": one.years and one.years[1]} for one in facts.tables()]
        return _rows(rows, format)

    @app.get("/v1/facts/{table}", tags=["tables"], name="numbers", summary=_about("numbers"))
    def numbers(table: str, place: str | None = None, variable: str | None = None,
                first: Annotated[int | None, Query(ge=0, le=9999)] = None,
                last: Annotated[int | None, Query(ge=0, le=9999)] = None, format: Form = "json") -> Response:
        span = None if first is None and last is None else (first or 0, 9999 if last is None else last)
        found = facts.read(table, place=place, year=span, variable=variable)
        return _rows(list(found.data.iter_rows(named=True)), format)

    @app.get("/v1/schemes", tags=["tables"], name="schemes", summary=_about("schemes"))
    def every_scheme(format: Form = "json") -> Response:
        return _rows([{"id": one.id, "area": one.area, "label_zh": one.label.zh, "label_en": one.label.en}
                      for one in schemes().values()], format)

    @app.get("/v1/schemes/{id}", tags=["tables"], name="scheme", summary=_about("scheme"))
    def one_scheme(id: str) -> JSONResponse:
        return JSONResponse(plain(scheme(id).model_dump(mode="json")))

    @app.get("/v1/markets", tags=["tables"], name="markets", summary=_about("markets"))
    def markets(format: Form = "json") -> Response:
        return _rows([{"id": one.id, "label_zh": one.label.zh, "label_en": one.label.en, "category": one.category,
                       "data": one.data} for one in definitions().values()], format)

    @app.get("/v1/instruments", tags=["tables"], name="instruments", summary=_about("instruments"))
    def instruments(format: Form = "json") -> Response:
        return _rows([{"id": one.id, "kind": one.kind, "lever": one.lever, "label_zh": one.label.zh,
                       "label_en": one.label.en, "status": one.status} for one in library().values()], format)

    @app.get("/v1/places", tags=["tables"], name="places", summary=_about("places"))
    def every_place(format: Form = "json") -> Response:
        return _rows([{"id": one.id, "slug": one.slug, "name_zh": one.name.zh, "name_en": one.name.en,
                       "planned": one.planning_unit or one.id == places.NATION, "column": one.tile and one.tile[0],
                       "row": one.tile and one.tile[1]} for one in places.all_places()], format)

    @app.get("/v1/atlas", tags=["tables"], name="atlas", summary=_about("atlas"))
    def standings(format: Form = "json") -> Response:
        current()
        return _rows([asdict(one) for one in atlas()], format)

    @app.get("/v1/policies", tags=["tables"], name="policies", summary=_about("policies"))
    def policies() -> list[dict[str, Any]]:
        return [recorded(one) for one in library().values()]


def _rows(rows: list[dict[str, Any]], form: Form) -> Response:
    """A table in the form that is asked for."""
    if form == "json":
        return JSONResponse(plain(rows))
    content = as_csv(rows) if form == "csv" else as_parquet(rows)
    return Response(content, media_type=MEDIA[form])
