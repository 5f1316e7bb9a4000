"""The OpenAPI document's part about signed requests: their routes are plain ASGI and cannot describe themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from bot.services.sessions import Refusal
from bot.web.schemas import EXAMPLE_ID, WITH_BODY, ProblemOut, describe

if TYPE_CHECKING:
    from fastapi import FastAPI

HEADERS = {
    "X-Device-Session": ("the `session` of POST /sessions", "^[A-Za-z0-9_-]{64}$"),
    "X-Timestamp": ("Unix time in milliseconds", "^[0-9]{13}$"),
    "X-Nonce": ("never used before", "^[A-Za-z0-9_-]{16,64}$"),
    "X-Content-SHA256": ("SHA-256 of the body, of the empty string without one", "^[0-9a-f]{64}$"),
    "X-Signature": ("HMAC-SHA256 under the ASCII characters of `signing_key`", "^[0-9a-f]{64}$"),
}
ME = {
    "id": {"type": "string", "format": "uuid", "examples": [EXAMPLE_ID]},
    "client_id": {"type": "string", "format": "uuid"},
    "device_name": {"type": "string"},
    "group_name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "fingerprint": {"type": "string", "examples": ["3f9a12c4"]},
    "server_time": {"type": "integer", "examples": [1795448587000]},
}
SERVER_TIME = {"server_time": {"type": "integer", "examples": [1795448587000]}}


def describe_signed_requests(app: FastAPI) -> None:
    """Add `/me` and `/time` to the document."""

    def build() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            schemas["ProblemOut"] = ProblemOut.model_json_schema()
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            for path in document["paths"].values():
                for operation in path.values():
                    # invalid requests are 400 here
                    operation["responses"].pop("422", None)
            document["paths"]["/api/v1/me"] = {"get": _me()}
            document["paths"]["/api/v1/time"] = {"get": _time()}
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = build  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _me() -> dict[str, Any]:
    refusals = [(str(reason), 401) for reason in Refusal if reason != Refusal.TOO_MANY_REQUESTS]
    return {
        "tags": ["devices' own"],
        "summary": "Tell a device about itself",
        "operationId": "tell_about_itself",
        "parameters": [
            {
                "name": name,
                "in": "header",
                "required": True,
                "description": meaning,
                "schema": {"type": "string", "pattern": pattern},
            }
            for name, (meaning, pattern) in HEADERS.items()
        ],
        "responses": {
            "200": _json(ME),
            **{
                str(status): answer
                for status, answer in describe(*refusals, *WITH_BODY, ("too_many_requests", 429)).items()
            },
        },
    }


def _time() -> dict[str, Any]:
    return {
        "tags": ["devices' own"],
        "summary": "Tell the server's time",
        "operationId": "tell_time",
        "responses": {"200": _json(SERVER_TIME)},
    }


def _json(properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": list(properties), "properties": properties}
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}
