"""From an error to an answer: one table, one shape (RFC 9457), and nothing in it that the caller did not know."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from bot.services.errors import (
    ClientNotFound,
    ClientSuspended,
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    InvalidCredentials,
    InvalidDeviceName,
    InvalidToken,
    NotTheOwner,
    Overloaded,
    RegistryError,
    RequestRefused,
    TooManyAttempts,
)
from bot.services.sessions import Refusal
from storage.shortcut import GateClosed

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
PROBLEMS: Mapping[type[RegistryError], tuple[int, str]] = {
    InvalidDeviceName: (400, "invalid_device_name"),
    InvalidToken: (401, "invalid_token"),
    InvalidCredentials: (401, "invalid_credentials"),
    ClientNotFound: (401, "invalid_token"),
    ClientSuspended: (403, "client_suspended"),
    NotTheOwner: (403, "not_the_owner"),
    DeviceNotFound: (404, "device_not_found"),
    DeviceRevoked: (409, "already_revoked"),
    DeviceNameTaken: (409, "name_taken"),
    DeviceLimitReached: (409, "limit_reached"),
    TooManyAttempts: (429, "too_many_attempts"),
    Overloaded: (503, "overloaded"),
}


AFTER_ANSWER_CLOSED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE})
"""After these the rest of a body may still be on its way, and nobody wants it."""


class Problem(HTTPException):
    """An answer that is an error: status, stable code, and further members.

    FastAPI lets an `HTTPException` pass while it reads a body; any other error becomes one about the body there.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(status, code, headers)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.members = members


def problem_of(error: RegistryError) -> Problem:
    """Return the answer to an error of the services."""
    if isinstance(error, RequestRefused):
        return _refusal(error)
    status, code = PROBLEMS[type(error)]
    match error:
        case InvalidDeviceName():
            return Problem(status, code, reason=str(error.reason))
        case DeviceLimitReached():
            return Problem(status, code, limit=error.limit)
        case TooManyAttempts():
            return Problem(status, code, retry_after=math.ceil(error.resets_in.total_seconds()))
        case Overloaded():
            return Problem(status, code, retry_after=math.ceil(error.retry_in.total_seconds()))
        case _:
            return Problem(status, code)


def problem_of_failure(error: Exception, incident: str) -> Problem:
    """Return the answer to an error that nobody expected; the incident is what the log calls it."""
    if is_database_away(error):
        return Problem(503, "database_unavailable", retry_after=5)
    return Problem(500, "internal_error", incident=incident)


def is_database_away(error: Exception) -> bool:
    """Tell whether the database cannot be reached or used now; asyncpg lets the operating system's errors through."""
    if isinstance(error, (IntegrityError, ProgrammingError)):
        return False
    return isinstance(error, (DBAPIError, PoolTimeout, GateClosed, OSError))


def render(problem: Problem, server_time: int) -> JSONResponse:
    """Return the response. Every 401 tells the server's time, in Unix milliseconds, twice: proxies drop bodies."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        **problem.members,
    }
    headers = {"Cache-Control": "no-store", **(problem.headers or {})}
    if problem.status == HTTPStatus.UNAUTHORIZED:
        body["server_time"] = server_time
        headers["X-Server-Time"] = str(server_time)
        headers["WWW-Authenticate"] = "Bearer" if problem.code == "invalid_token" else "Device-Session"
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status in AFTER_ANSWER_CLOSED:
        headers["Connection"] = "close"
    return JSONResponse(body, problem.status, headers, MEDIA_TYPE)


def _refusal(error: RequestRefused) -> Problem:
    if error.reason == Refusal.TOO_MANY_REQUESTS:
        return Problem(429, str(error.reason), retry_after=30)
    return Problem(401, str(error.reason))
