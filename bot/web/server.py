"""Uvicorn, as this program needs it: bounded heads, slow clients cut off, the request target kept as it came."""

from __future__ import annotations

import contextlib
import functools
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.web.bounds import RAW_TARGET, Times
from bot.web.problems import Problem, render

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from starlette.types import ASGIApp

MAX_HEAD = 16 * 1024
"""Bytes that a request's line and headers may have together."""
MAX_TARGET = 8 * 1024
"""Bytes of the target among them."""
CONNECTIONS = 2000
PIPELINED = 8
"""Requests that may wait on one connection while an earlier one is answered."""
LINGER = 1.0
"""Seconds in which what a client still sends is thrown away after an answer that came early: to hang up on it at once
would reset the connection, and the answer would be lost with it."""
CONTINUE = b"HTTP/1.1 100 "
"""How that begins which comes before an answer's head: a word that the body may come (RFC 9110, 10.1.1)."""
GRACE = 2.0
"""Seconds after which a slow body's connection is cut if the application, which is to answer 408, has not."""


class LingeringTransport:
    """A connection whose end is left to its protocol, and on which a head leaves together with its body's beginning.

    Uvicorn writes one after the other, which would be two calls of the system and two packets. In all else it is the
    connection itself.
    """

    def __init__(self, transport: asyncio.Transport, protocol: BoundedProtocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self._head = b""
        self._is_head_next = True

    def __getattr__(self, name: str) -> Any:
        """Do as the connection does."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send what is written, but hold an answer's head back until more of it comes."""
        if self._is_head_next and not data.startswith(CONTINUE):
            self._head, self._is_head_next = data, False
        else:
            self._send(self._head + data)

    def finish_answer(self) -> None:
        """Send a head to which no body came; what is written next is the next answer's head."""
        if self._head:
            self._send(self._head)
        self._is_head_next = True

    def close(self) -> None:
        """Hang up, at once or a little later."""
        self.finish_answer()
        self._protocol.hang_up()

    def is_closing(self) -> bool:
        """Tell whether it ends."""
        return self._transport.is_closing() or self._protocol.is_lingering

    def _send(self, data: bytes) -> None:
        self._head = b""
        self._transport.write(data)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that hangs up on whoever takes too long, or too many bytes, to say what they want."""

    def __init__(self, *args: Any, times: Times, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._times = times
        self._clock: asyncio.TimerHandle | None = None
        self._answer_clock: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = True
        self._fault: Problem | None = None
        self._is_deaf = False
        self.is_lingering = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock, unless there are too many already."""
        self._wire, self._held = transport, LingeringTransport(transport, self)
        super().connection_made(self._held)  # type: ignore[arg-type]  # as good as one
        if len(self.connections) > CONNECTIONS:
            self._refuse(Problem(503, "too_many_connections", retry_after=5))
        else:
            self._clock = self.loop.call_later(self._times.head, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._stop_clock()
        self._stop_answer_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came; refuse what is no HTTP, or too much of it."""
        if self._is_deaf:
            return
        self._unset_keepalive_if_required()
        if self._in_head:
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # HTTP/1.1 it stays, and the parser reads no further on this connection
            self.cycle.keep_alive = False
        except httptools.HttpParserError:
            self._refuse(self._fault or Problem(400, "malformed_request"))
        else:
            if self._in_head and self._head_bytes > MAX_HEAD:
                self._refuse(_head_too_large())
        self._watch_time()

    def on_headers_complete(self) -> None:
        """Keep the target as it came: a signature covers its bytes, not what they mean."""
        self._fault = self._find_fault()
        if self._fault is not None:
            raise self._fault
        target = self.url
        super().on_headers_complete()
        self.scope["state"][RAW_TARGET] = target
        self._in_head = False
        self._stop_clock()

    def on_message_complete(self) -> None:
        """Be ready for the next request's head."""
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0
        self._stop_clock()

    def on_response_complete(self) -> None:
        """Be done with an answer, and begin the next."""
        self._held.finish_answer()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait for a reader who has enough to read already, but not for ever."""
        super().pause_writing()
        self._answer_clock = self.loop.call_later(self._times.answer, self._wire.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._stop_answer_clock()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Hang up, also on whoever has not taken the last answer."""
        self._wire.abort()

    def hang_up(self) -> None:
        """Close the connection; on who is in the middle of saying something, a little later."""
        if self._wire.is_closing() or (self._in_head and not self._head_bytes):
            self._wire.close()
            return
        self._is_deaf = self.is_lingering = True
        self._wire.write_eof()
        self._wire.resume_reading()
        self._stop_clock()
        self._clock = self.loop.call_later(LINGER, self._wire.abort)

    def _find_fault(self) -> Problem | None:
        if len(self.url) > MAX_TARGET:
            return Problem(414, "target_too_long")
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > MAX_HEAD:
            return _head_too_large()
        return Problem(400, "malformed_request") if len(self.pipeline) >= PIPELINED else None

    def _watch_time(self) -> None:
        """Start the clock for a head or a body of which a part has come."""
        if self._clock is not None or self.transport.is_closing():
            return
        if not self._in_head:
            self._clock = self.loop.call_later(self._times.body + GRACE, self._wire.abort)
        elif self._head_bytes:
            self._clock = self.loop.call_later(self._times.head, self._wire.abort)

    def _refuse(self, problem: Problem) -> None:
        """Answer before the application could, and hang up; requests that came before are answered first."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False
        else:
            self._wire.write(_write_out(problem))
            self.hang_up()
        self._is_deaf = True

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _stop_answer_clock(self) -> None:
        if self._answer_clock is not None:
            self._answer_clock.cancel()
            self._answer_clock = None


class Server(uvicorn.Server):
    """A server inside a program that listens for signals itself."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def create_server(app: ASGIApp, times: Times = Times()) -> Server:  # noqa: B008 - it is frozen
    """Return a server for the application; `serve([listener])` runs it until `should_exit` is set."""
    return Server(
        uvicorn.Config(
            app,
            http=functools.partial(BoundedProtocol, times=times),  # type: ignore[arg-type]  # all that is done is to call it
            ws="none",
            lifespan="off",
            loop="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=times.idle,  # type: ignore[arg-type]  # it goes to the loop's call_later
            timeout_graceful_shutdown=3,
        )
    )


def _head_too_large() -> Problem:
    return Problem(431, "head_too_large")


def _write_out(problem: Problem) -> bytes:
    answer = render(problem, time.time_ns() // 1_000_000)
    status = HTTPStatus(problem.status)
    headers = {**dict(answer.headers), "connection": "close"}
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + bytes(answer.body)
