"""Whatever comes in by HTTP is answered as what it is: no parser breaks, nothing is a 500, and no secret is told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import string
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.reduction import reduce_update
from bot.services.access import AccessService
from bot.services.clock import Clock
from bot.services.errors import InvalidToken
from bot.services.keys import Keyring
from bot.web.addresses import Addresses
from bot.web.bounds import RAW_TARGET, Times
from bot.web.devices import _read_cursor
from bot.web.problems import Problem
from tests.conftest import SQLITE
from tests.web.conftest import serving

if TYPE_CHECKING:
    from starlette.types import Message, Scope

    from tests.web.conftest import Site

PATHS = (
    "/api/v1/devices",
    "/api/v1/devices/7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111",
    "/api/v1/devices/7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111/revoke",
    "/api/v1/devices/7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111/rotate",
    "/api/v1/sessions",
    "/api/v1/me",
    "/api/v1/time",
    "/auth",
    "/telegram/webhook",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/connectors/",
)
NAMES = (
    "host",
    "authorization",
    "content-type",
    "content-length",
    "cookie",
    "transfer-encoding",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-method",
    "x-original-uri",
    "x-original-method",
    "x-original-host",
    "x-device-session",
    "x-timestamp",
    "x-nonce",
    "x-content-sha256",
    "x-signature",
    "x-telegram-bot-api-secret-token",
)
ODD_BYTES = st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))
BASE64 = st.text(string.ascii_letters + string.digits + "-_.=", max_size=90).map(str.encode)
VALUES = (
    ODD_BYTES | BASE64 | BASE64.map(lambda token: b"Bearer " + token) | st.sampled_from([b"13", b"-1", b"1e9", b"\xff"])
)
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES).map(str.encode), VALUES), max_size=12)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["device_name", "reason", "overlap_seconds", "device_id", "secret"]) | st.text(max_size=8),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
BODIES = ODD_BYTES | DOCUMENTS.map(lambda document: json.dumps(document).encode()) | st.just(b"[" * 5000)
TARGETS = st.sampled_from(PATHS) | st.text(string.printable, max_size=60).map(lambda text: "/" + text)


@pytest.fixture
def backend() -> str:
    return SQLITE


def scope_of(method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]]) -> Scope:
    """Return a request as a server hands it on: even one that no server would let through."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "replace"),
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
        "state": {RAW_TARGET: path.encode("utf-8", "replace")},
    }


async def ask(site: Site, scope: Scope, body: bytes) -> tuple[int, bytes]:
    """Send a request past the server, and return what is answered."""
    sent: list[Message] = []
    pieces = [
        {"type": "http.request", "body": body[:7], "more_body": True},
        {"type": "http.request", "body": body[7:], "more_body": False},
    ]

    async def receive() -> Message:
        if pieces:
            return pieces.pop(0)
        await asyncio.sleep(3600)
        raise AssertionError("nobody waits that long")

    async def send(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(10):
        await site.door.app(scope, receive, send)
    told = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], told


@pytest.mark.parametrize("proxy", [None, "nginx", "traefik"])
async def test_no_request_breaks_a_door(build_site: Any, proxy: str | None) -> None:
    site = await build_site(auth_proxy=proxy)
    loop = asyncio.get_running_loop()
    asked: list[tuple[str, str, bytes, list[tuple[bytes, bytes]], bytes]] = []

    @settings(max_examples=250, suppress_health_check=list(HealthCheck))
    @given(
        st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "BREW"]), TARGETS, ODD_BYTES, HEADERS, BODIES
    )
    def collect(method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        asked.append((method, path, query, headers, body))

    await loop.run_in_executor(None, collect)
    for method, path, query, headers, body in asked:
        status, told = await ask(site, scope_of(method, path, query, headers), body)
        assert status != 500, (method, path, query, headers, body, told)
        assert b"Traceback" not in told


@given(st.text(max_size=70) | BASE64.map(bytes.decode))
def test_no_cursor_breaks_its_reader(text: str) -> None:
    with contextlib.suppress(Problem):
        created_at, device_id = _read_cursor(text) or (None, None)
        assert (created_at is None) == (device_id is None)


@given(
    BASE64.map(bytes.decode)
    | st.text(max_size=80)
    | st.builds("eyJ{}.eyJ{}.{}".format, st.text(max_size=20), st.text(max_size=20), st.text(max_size=43))
)
def test_no_token_breaks_its_reader(text: str) -> None:
    access = AccessService(None, Keyring([b"k" * 32]), Clock())  # type: ignore[arg-type]  # nothing gets that far
    with pytest.raises(InvalidToken):
        access._read(text)


@given(st.lists(VALUES, max_size=4))
def test_no_forwarded_address_breaks_its_reader(values: list[bytes]) -> None:
    headers = [(b"x-forwarded-for", value) for value in values]
    found = Addresses(["127.0.0.1", "::1"]).find_client({"client": ("127.0.0.1", 1), "headers": headers})
    assert isinstance(found, str)


REQUEST = (
    b"POST /api/v1/sessions HTTP/1.1\r\nHost: devices.test\r\nContent-Type: application/json\r\n"
    b'Content-Length: 45\r\n\r\n{"device_id": "7b0f42aa-5c1e", "secret": "x"}'
)
MUTATIONS = st.tuples(st.integers(0, len(REQUEST)), st.integers(0, 12), st.binary(max_size=12))


def mutate(changes: list[tuple[int, int, bytes]]) -> bytes:
    """Return a good request of which some pieces were replaced."""
    raw = REQUEST
    for place, length, piece in changes:
        raw = raw[:place] + piece + raw[place + length :]
    return raw


async def send_raw(port: int, raw: bytes) -> bytes:
    """Send bytes over a connection of their own, and return what is answered until it ends or nothing more comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(raw)
        writer.write_eof()
    told = b""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(5):
            told = await reader.read()
    writer.close()
    return told


async def test_no_bytes_break_the_wire(site: Site) -> None:
    collected: list[bytes] = []

    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(st.lists(MUTATIONS, min_size=1, max_size=4).map(mutate) | st.binary(max_size=200))
    def collect(raw: bytes) -> None:
        collected.append(raw)

    await asyncio.get_running_loop().run_in_executor(None, collect)
    async with serving(site.door.app, Times(head=1, body=1, idle=1, answer=1)) as port:
        for start in range(0, len(collected), 20):
            answers = await asyncio.gather(*(send_raw(port, raw) for raw in collected[start : start + 20]))
            for raw, told in zip(collected[start : start + 20], answers, strict=True):
                assert not told or told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4")), (raw, told)
        assert b"server_time" in await send_raw(
            port, b"GET /api/v1/time HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )


async def test_no_body_breaks_the_webhook(site: Site) -> None:
    collected: list[bytes] = []
    taken: list[Any] = []

    class FakeReceiver:
        async def take_in(self, batch: list[Any]) -> None:
            taken.extend(reduce_update(update, 7) for update in batch)

    class FakeProgram:
        receiver = FakeReceiver()

    @settings(max_examples=200, suppress_health_check=list(HealthCheck))
    @given(BODIES)
    def collect(body: bytes) -> None:
        collected.append(body)

    await asyncio.get_running_loop().run_in_executor(None, collect)
    site.door.program = FakeProgram()  # type: ignore[assignment]  # all that the door asks of it
    token = [(b"x-telegram-bot-api-secret-token", site.core.webhook_token.encode())]
    for body in collected:
        status, _ = await ask(site, scope_of("POST", "/telegram/webhook", b"", token), body)
        assert status in {200, 400}, body
