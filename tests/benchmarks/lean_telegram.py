"""A Bot API server that costs next to nothing, so that the bot, not the server, is what a benchmark measures.

It hands out `/devices`, or whatever it is told to, from many people in turn, a window of updates at a time, counts the
answers, and answers each call a set time after it came. It keeps nothing and enforces no limit.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

TOKEN = "123456789:lean-telegram-knows-no-other-token"
WINDOW = 1000
"""Updates handed out and not answered, at most: enough that no bot waits for any, too few to be turned away for."""
BATCH = 100
"""Updates in one answer to getUpdates: the most there may be."""
LONGEST_POLL = 8.0
"""Seconds after which a bot that waits is told that there is nothing: less than any of them asks for."""
LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"transfer-encoding:\s*chunked", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Registry", "username": "registry_bot"}
SENT = {
    "message_id": 1,
    "from": BOT,
    "chat": {"id": 1, "type": "private", "first_name": "Anna"},
    "date": 1795448587,
    "text": "…",
}


def _answer(result: object) -> bytes:
    return _http(json.dumps({"ok": True, "result": result}, separators=(",", ":")).encode())


def _http(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


KNOWN = {b"getme": _answer(BOT), b"sendmessage": _answer(SENT)}
DONE = _answer(True)  # noqa: FBT003 - as Telegram answers whatever has no result
NOTHING = _answer([])


class LeanTelegram:
    """The server. While it is `open`, people go on writing."""

    def __init__(self, people: Sequence[int], text: str, expected: bytes) -> None:
        self.answered = 0
        self.wrong: list[bytes] = []
        self.latency = 0.0
        self.port = 0
        self._people = people
        self._text = text
        self._expected = expected
        self._said = 0
        self._is_open = False
        self._poll: _Connection | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return the address that a bot is told."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def has_poll(self) -> bool:
        """Tell whether a bot waits for updates."""
        return self._poll is not None

    @property
    def pending(self) -> int:
        """Return how many updates were handed out and not answered in any way."""
        return self._said - self.answered - len(self.wrong)

    async def __aenter__(self) -> LeanTelegram:
        """Listen."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no longer."""
        assert self._server is not None
        self._server.close()

    def open(self, latency: float) -> None:
        """Let people write, and answer each call that many seconds after it came."""
        self.latency = latency
        self._is_open = True
        self._hand_out()

    def close(self) -> None:
        """Let nobody write any more, and answer at once."""
        self._is_open = False
        self.latency = 0.0

    def handle(self, connection: _Connection, method: bytes, body: bytes) -> None:
        """Answer a call, now or later."""
        method = method.lower()
        if method == b"getupdates":
            self._poll = connection
            self._patience = asyncio.get_running_loop().call_later(LONGEST_POLL, self._let_go)
            self._hand_out()
            return
        if method == b"sendmessage":
            self._count(body)
        answer = KNOWN.get(method, DONE)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, connection.write, answer)
        else:
            connection.write(answer)

    def forget(self, connection: _Connection) -> None:
        """Note that a connection is gone."""
        if self._poll is connection:
            self._take_poll()

    def _count(self, body: bytes) -> None:
        if self._expected not in body:
            self.wrong.append(body)
            return
        self.answered += 1
        self._hand_out()

    def _hand_out(self) -> None:
        if not self._is_open or self._poll is None or self.pending > WINDOW - BATCH:
            return
        updates = [self._update(number) for number in range(self._said, self._said + BATCH)]
        self._said += BATCH
        self._take_poll().write(_answer(updates))

    def _let_go(self) -> None:
        self._take_poll().write(NOTHING)

    def _take_poll(self) -> _Connection:
        assert self._poll is not None
        assert self._patience is not None
        self._patience.cancel()
        connection, self._poll = self._poll, None
        return connection

    def _update(self, number: int) -> dict[str, Any]:
        person = self._people[number % len(self._people)]
        return {"update_id": number + 1, "message": self._message(number + 1, person)}

    def _message(self, number: int, person: int) -> dict[str, Any]:
        who = {"id": person, "first_name": "Anna", "username": f"trader_{person}"}
        message: dict[str, Any] = {
            "message_id": number,
            "from": {**who, "is_bot": False, "language_code": "en"},
            "chat": {**who, "type": "private"},
            "date": int(time.time()),
            "text": self._text,
        }
        if self._text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(self._text)}]
        return message


class _Connection(asyncio.Protocol):
    """One connection of a bot, which asks for one thing at a time."""

    def __init__(self, server: LeanTelegram) -> None:
        self._server = server
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._server.forget(self)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        if end < 0 or not _is_whole(received, end):
            self._received = received
            return
        self._received = b""
        path = received[: received.find(b"\r\n")].split(b" ")[1]
        self._server.handle(self, path.rpartition(b"/")[2], received[end + 4 :])

    def write(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


def _is_whole(received: bytes, end: int) -> bool:
    length = LENGTH.search(received, 0, end)
    if length is not None:
        return len(received) - end - 4 >= int(length[1])
    return CHUNKED.search(received, 0, end) is None or received.endswith(LAST_CHUNK)
