"""The schema for machines: every answer with its kind, problems included."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from seedbed.verbs import VERBS

ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "A job was begun; Location says where it is.", "content": {"application/json": {}}},
    304: {"description": "Nothing has changed (If-None-Match)."}}
"""What a verb may answer besides its result."""
MEDIA = {"json": "application/json", "html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8",
         "parquet": "application/vnd.apache.parquet", "nc": "application/x-netcdf", "events": "text/event-stream"}
PROBLEM = {
    "type": "object", "required": ["type", "title", "status", "detail"],
    "description": "What is wrong (RFC 9457), in the language asked for.",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "where": {"type": "string", "description": "JSON pointer, or the thing"},
        "fix": {"type": "string"}, "near": {"type": "array", "items": {"type": "string"}},
        "errors": {"type": "array", "items": {"type": "object"}}}}


def describe(app: FastAPI) -> None:
    """Have the schema of `app` name its problems and the forms of its tables."""
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
            schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
            for methods in schema["paths"].values():
                for route in methods.values():
                    _complete(route)
            for name, verb in VERBS.items():
                form = verb.request.model_json_schema(ref_template="#/components/schemas/{model}")
                schema["components"]["schemas"] |= {**form.pop("$defs", {}), verb.request.__name__: form}
                where = {"$ref": f"#/components/schemas/{verb.request.__name__}"}
                schema["paths"][f"/v1/{name}"]["post"]["requestBody"] = {
                    "required": True, "content": {"application/json": {"schema": where}}}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(route: dict[str, Any]) -> None:
    answers = route["responses"]
    answers.pop("422", None)
    answers["default"] = {"description": "A problem.", "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    forms = next((one["schema"]["enum"] for one in route.get("parameters", ()) if one["name"] == "format"), [])
    for form in ["events"] if route["operationId"] == "events" else forms:
        answers["200"].setdefault("content", {}).setdefault(MEDIA[form], {"schema": {"type": "string"}})
    if route["operationId"] == "result":
        answers |= {str(status): dict(answer) for status, answer in ANSWERS.items()}
