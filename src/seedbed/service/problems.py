"""Errors as `application/problem+json` (RFC 9457): what, where, fix and nearest names, in the language asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from seedbed.base.errors import Face, InvalidInputError, SeedbedError, UnknownNameError
from seedbed.base.lang import Lang
from seedbed.show.sentences import said
from seedbed.show.words import catalogue, t

MEDIA = "application/problem+json"


def language(request: Request) -> Lang:
    """What `?lang=` or Accept-Language asks for, else English."""
    asked = request.query_params.get("lang") or request.headers.get("accept-language", "")
    return "zh" if asked.lower().startswith("zh") else "en"


def face(lang: Lang) -> Face:
    """How the users of the service know things: parameters are JSON pointers, money is CNY."""
    return Face(lambda name: f"/{name}", 1.0, t("request.unit.CNY", lang), lambda text: said(text, lang),
                catalogue()["request.error"][lang])


def problem(status: int, title: str, detail: str, **more: Any) -> JSONResponse:
    """An answer that says what is wrong."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type=MEDIA)


def of_error(error: SeedbedError, lang: Lang) -> dict[str, Any]:
    """An error as the members of a problem, besides its status."""
    seen = face(lang)
    body: dict[str, Any] = {"title": t("service.invalid", lang), "detail": error.told(seen)}
    if isinstance(error, InvalidInputError):
        body |= {"where": seen.parameter(error.where), "fix": seen.say(error.fix)}
    if isinstance(error, UnknownNameError):
        body |= {"near": error.near}
    return body


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """422 for what Seedbed refuses."""
    assert isinstance(error, SeedbedError)
    return problem(422, **of_error(error, language(request)))


def malformed(errors: Sequence[Any], lang: Lang) -> JSONResponse:
    """422 for what is not of the form: each fault with its place."""
    faults = [{"where": "/" + "/".join(str(part) for part in one["loc"]), "what": said(f"{one['msg']}.", lang)}
              for one in errors]
    return problem(422, t("service.invalid", lang), "; ".join(f"{one['where']}: {one['what']}" for one in faults),
                   errors=faults)
