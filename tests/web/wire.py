"""HTTP/1.1 byte by byte: what a client library would not send, and answers as they come."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.web.conftest import Terminal

PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    """One answer off the wire."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str | None:
        """The stable code of an error, None for what is none."""
        return json.loads(self.body).get("code") if self.body.startswith(b"{") else None

    def json(self) -> Any:
        """Return the body, read."""
        return json.loads(self.body)


class Wire:
    """A connection, and what was not read of it yet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Send some bytes; that nobody takes them any more is no error."""
        with contextlib.suppress(ConnectionError):
            self._writer.write(data)
            await self._writer.drain()

    async def read(self, *, has_body: bool = True) -> Answer:
        """Return the next answer. Raises `asyncio.IncompleteReadError` when the connection ends instead."""
        async with asyncio.timeout(PATIENCE):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *rest = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest if one)}
            length = int(headers.get("content-length", 0)) if has_body else 0
            return Answer(int(line.split()[1]), headers, await self._reader.readexactly(length))

    async def ask(self, data: bytes, *, has_body: bool = True) -> Answer:
        """Send some bytes and return the answer."""
        await self.send(data)
        return await self.read(has_body=has_body)

    async def is_closed(self, within: float = PATIENCE) -> bool:
        """Tell whether the other side hangs up within some seconds, having said nothing more."""
        try:
            async with asyncio.timeout(within):
                return await self._reader.read(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    async def read_all(self) -> bytes:
        """Return all that comes until the other side hangs up."""
        async with asyncio.timeout(PATIENCE):
            return await self._reader.read()


@contextlib.asynccontextmanager
async def connect(port: int) -> AsyncIterator[Wire]:
    """Open a connection to this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def signed(
    terminal: Terminal,
    now: int,
    target: bytes,
    *,
    method: str = "GET",
    host: bytes = b"devices.test",
    covered_target: bytes | None = None,
    body: bytes = b"",
) -> bytes:
    """Return a signed request, byte by byte as its target is given; it may be signed for another target."""
    nonce, digest = secrets.token_urlsafe(16), hashlib.sha256(body).hexdigest()
    covered = b"\n".join(
        (
            b"v1",
            method.encode(),
            host.lower(),
            target if covered_target is None else covered_target,
            str(now).encode(),
            nonce.encode(),
            digest.encode(),
        )
    )
    lines = [
        method.encode() + b" " + target + b" HTTP/1.1",
        b"Host: " + host,
        b"X-Device-Session: " + terminal.opened["session"].encode(),
        b"X-Timestamp: " + str(now).encode(),
        b"X-Nonce: " + nonce.encode(),
        b"X-Content-SHA256: " + digest.encode(),
        b"X-Signature: " + hmac.new(terminal.opened["signing_key"].encode(), covered, "sha256").hexdigest().encode(),
    ]
    if body:
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return b"\r\n".join([*lines, b"", body])
