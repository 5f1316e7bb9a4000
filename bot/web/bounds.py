"""What a request may cost: bodies of bounded size that arrive in bounded time, and the target as it came."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.web.problems import Problem, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 64 * 1024
"""Bytes. Where more is legitimate, the application says so by path."""
RAW_TARGET = "registry.target"
"""Key under which the server keeps the request target as it was sent."""


@dataclass(frozen=True)
class Times:
    """Seconds that a connection may take."""

    head: float = 10.0
    """For a request's line and headers, from its first byte or the connection's start."""
    body: float = 10.0
    """For the body after them."""
    idle: float = 20.0
    """Between two requests."""
    answer: float = 20.0
    """For taking an answer that is larger than what the system buffers."""


class BodyTooLarge(Problem):
    """The body is larger than any that this program accepts."""

    def __init__(self) -> None:
        super().__init__(413, "request_too_large")


class BodyTooSlow(Problem):
    """The body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(408, "request_too_slow")


async def read_body(scope: Scope, receive: Receive, time: float) -> bytes:
    """Return the request's body. Raises `BodyTooLarge`, `BodyTooSlow`."""
    if _declared_length(scope) == 0:
        return b""
    limited = limit(scope, receive, time)
    body = b""
    while True:
        message = await limited()
        body += bytes(message.get("body", b""))
        if not message.get("more_body", False):
            return body


def limit(scope: Scope, receive: Receive, time: float, most: int = MAX_BODY) -> Receive:
    """Return a `receive` that raises `BodyTooLarge` and `BodyTooSlow` instead of going on for ever."""
    declared = _declared_length(scope)
    if declared is not None and declared > most:
        raise BodyTooLarge
    deadline = asyncio.get_running_loop().time() + time
    received = 0
    is_complete = False

    async def limited() -> Message:
        nonlocal received, is_complete
        if is_complete:
            # what comes now is the end of the connection, which may be long in coming
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow from None
        received += len(message.get("body", b""))
        is_complete = not message.get("more_body", False)
        if received > most:
            raise BodyTooLarge
        return message

    return limited


class BoundedBodies:
    """Middleware: an application behind it never waits long for a body and never gets a large one.

    `larger` names the paths where more bytes than `MAX_BODY` are legitimate, and how many.
    """

    def __init__(
        self, app: ASGIApp, now: Callable[[], int], times: Times, larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._now = now
        self._times = times
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request within its bounds; answer 413 or 408 outside of them."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            limited = limit(scope, receive, self._times.body, self._larger.get(scope["path"], MAX_BODY))
        except BodyTooLarge as error:
            await render(error, self._now())(scope, receive, send)
            return
        await self._app(scope, limited, send)


def target_of(scope: Scope) -> str:
    """Return the request target, bytes as received, as Latin-1 text."""
    raw: bytes | None = scope.get("state", {}).get(RAW_TARGET)
    if raw is None:
        query: bytes = scope["query_string"]
        raw = scope["raw_path"] + (b"?" + query if query else b"")
    return raw.decode("latin-1")


def _declared_length(scope: Scope) -> int | None:
    """Return the length that the headers declare: 0 where there is no body, None where it comes in chunks."""
    headers: dict[bytes, Any] = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    declared = headers.get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else 0
