"""The HTTP door: one ASGI application, and one table from errors to answers (`problems`)."""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from bot.logs import REQUEST_ID
from bot.services.errors import RegistryError
from bot.web.authentication import SignedRequests, session_routes
from bot.web.bounds import BoundedBodies, Times
from bot.web.connectors import connector_routes
from bot.web.devices import device_routes
from bot.web.docs import add_docs
from bot.web.openapi import describe_signed_requests
from bot.web.operations import Checks, operations_routes
from bot.web.problems import Problem, is_database_away, problem_of, problem_of_failure, render
from bot.web.webhook import MAX_UPDATE, AcceptUpdates, webhook_routes
from bot.web.webhook import PATH as WEBHOOK_PATH

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.services.access import AccessService
    from bot.services.catalogue import Catalogue
    from bot.services.devices import DeviceService
    from bot.services.sessions import SessionService
    from bot.web.addresses import Addresses

log = logging.getLogger(__name__)

GUARDED = ("/api/v1/", "/auth")
OPEN = "/api/v1/time"
"""What begins so is for devices and traders' tools, but for the time of day."""
CONFIRMING = 60
"""Seconds after which to come again while an admin has to confirm something."""
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")


@dataclass(frozen=True)
class WebParts:
    """What the door stands on."""

    devices: DeviceService
    catalogue: Catalogue
    access: AccessService
    sessions: SessionService
    addresses: Addresses
    checks: Checks
    lets_devices_in: Callable[[], Awaitable[bool]]
    accept_updates: Callable[[], AcceptUpdates | None]
    webhook_token: str = field(repr=False)
    auth_proxy: str | None = None
    times: Times = field(default_factory=Times)


def create_app(parts: WebParts) -> ASGIApp:
    """Return the application: the hot paths, then everything that documents itself."""
    now = parts.sessions.now
    signed = SignedRequests(parts.sessions, parts.addresses, parts.times, parts.auth_proxy)
    documented = BoundedBodies(_create_documented(parts), now, parts.times, {WEBHOOK_PATH: MAX_UPDATE})
    hot = {"/api/v1/me": signed.me, "/api/v1/time": signed.time, "/auth": signed.auth}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        serve = hot.get(path, documented)
        if serve is not documented and scope["method"] != "GET":
            serve = render(Problem(405, "method_not_allowed", headers={"Allow": "GET"}), now())
        if path.startswith(GUARDED) and path != OPEN and not await parts.lets_devices_in():
            serve = render(Problem(503, "restored_copy", retry_after=CONFIRMING), now())
        await serve(scope, receive, send)

    return Watched(application, now)


class Watched:
    """Middleware, the outermost: every request has an id in the log, and an answer whatever happens."""

    def __init__(self, app: ASGIApp, now: Callable[[], int]) -> None:
        self._app = app
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request; log what nobody else caught, under the number that the caller is told."""
        is_answered = False

        async def watch(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        # an id of our own: one that came along could make two requests look like one
        token = REQUEST_ID.set(f"{random.getrandbits(32):08x}")
        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - the last one who can answer
            _log_failure(error)
            if not is_answered:
                await _answer_failure(error, self._now())(scope, receive, send)
        finally:
            REQUEST_ID.reset(token)


def _create_documented(parts: WebParts) -> FastAPI:
    app = FastAPI(
        title="Device registry",
        version="1",
        summary="Devices, their secrets, and the requests they sign.",
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    # routes are tried in this order, and this one is asked most
    app.include_router(session_routes(parts.sessions, parts.addresses))
    app.include_router(device_routes(parts.devices, parts.catalogue, parts.access))
    app.include_router(operations_routes(parts.checks, parts.addresses))
    app.include_router(connector_routes())
    app.include_router(webhook_routes(parts.accept_updates, parts.webhook_token))
    add_docs(app)
    describe_signed_requests(app)
    _translate_errors(app, parts.sessions.now)
    return app


def _translate_errors(app: FastAPI, now: Callable[[], int]) -> None:
    @app.exception_handler(Problem)
    async def answer_problem(_: Request, error: Problem) -> Response:
        return render(error, now())

    @app.exception_handler(RegistryError)
    async def answer_registry_error(_: Request, error: RegistryError) -> Response:
        return render(problem_of(error), now())

    @app.exception_handler(RequestValidationError)
    async def answer_invalid(_: Request, error: RequestValidationError) -> Response:
        faults = [_describe_fault(fault) for fault in error.errors()]
        return render(Problem(400, "invalid_request", errors=faults), now())

    @app.exception_handler(HTTPException)
    async def answer_http_error(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        headers = {"Allow": _list_methods(app, request)} if status == HTTPStatus.METHOD_NOT_ALLOWED else None
        code = "invalid_request" if status == HTTPStatus.BAD_REQUEST else status.name.lower()
        return render(Problem(status, code, headers=headers), now())

    @app.exception_handler(Exception)
    async def answer_unexpected(_: Request, error: Exception) -> Response:
        # Starlette raises it again, and `Watched` logs it
        return _answer_failure(error, now())


def _describe_fault(fault: dict[str, Any]) -> dict[str, str]:
    """Tell what is wrong and where, without what was sent: that may hold a secret, as a value or as a field's name."""
    place = fault["loc"][:-1] if fault["type"] in {"extra_forbidden", "json_invalid"} else fault["loc"]
    # some messages go on, after a comma, with a piece of what was sent
    return {"at": ".".join(map(str, place)), "fault": fault["msg"].partition(",")[0]}


def _list_methods(app: FastAPI, request: Request) -> str:
    """Return what may be done at a path: each of its routes only knows its own part."""
    path = {"type": "http", "path": request.scope["path"], "root_path": "", "headers": []}
    if any(isinstance(route, Mount) and route.matches(path)[0] == Match.FULL for route in app.routes):
        return "GET, HEAD"
    return ", ".join(
        method
        for method in METHODS
        if any(route.matches({**path, "method": method})[0] == Match.FULL for route in app.routes)
    )


def _answer_failure(error: Exception, now: int) -> Response:
    return render(problem_of_failure(error, REQUEST_ID.get() or ""), now)


def _log_failure(error: Exception) -> None:
    if is_database_away(error):
        log.warning("request %s: the database is away: %s", REQUEST_ID.get(), type(error).__name__)
    else:
        log.error("request %s failed: %s", REQUEST_ID.get(), type(error).__name__, exc_info=error)


__all__ = ["WebParts", "create_app"]
