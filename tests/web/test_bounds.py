"""What a request may cost in bytes and in time, and what becomes of those that cost more."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest

from bot.web import server
from bot.web.bounds import Times
from tests.conftest import SQLITE
from tests.web.conftest import serving
from tests.web.wire import connect, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import httpx

    from bot.services.clients import Person
    from tests.web.conftest import Site, Terminal

TIME = b"GET /api/v1/time HTTP/1.1\r\nHost: devices.test\r\n\r\n"
POST = b"POST /api/v1/sessions HTTP/1.1\r\nHost: devices.test\r\nContent-Type: application/json\r\n"
IMPATIENT = Times(head=0.4, body=0.4, idle=0.4, answer=0.4)


@pytest.fixture
def backend() -> str:
    return SQLITE


@pytest.fixture
async def port(site: Site) -> AsyncIterator[int]:
    async with serving(site.door.app) as port:
        yield port


@pytest.fixture
async def hasty(
    build_site: Callable[..., Awaitable[Site]], site: Site, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    """A server that waits for nothing."""
    monkeypatch.setattr("bot.app.WebParts", _with_times)
    hasty = await build_site()
    async with serving(hasty.door.app, IMPATIENT) as port:
        yield port


def _with_times(**parts: Any) -> Any:
    from bot.web import WebParts  # noqa: PLC0415 - the name that is replaced in bot.app

    return WebParts(**parts, times=IMPATIENT)


# bytes


async def test_a_body_may_have_sixty_four_kilobytes_and_not_one_more(api: httpx.AsyncClient, site: Site) -> None:
    def padded(size: int) -> bytes:
        start, end = b'{"device_name": "', b'"}'
        return (start + b"x" + end).ljust(size)

    fits = await api.post("/api/v1/devices", content=padded(65536), headers={"Content-Type": "application/json"})
    assert fits.status_code == 201
    over = await api.post("/api/v1/devices", content=padded(65537), headers={"Content-Type": "application/json"})
    assert (over.status_code, over.json()["code"]) == (413, "request_too_large")


async def test_a_body_in_chunks_is_counted_as_it_comes(site: Site, api: httpx.AsyncClient, terminal: Terminal) -> None:
    async def flood() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b" " * 8192

    headers = {"Content-Type": "application/json"}
    for answer in (
        await api.post("/api/v1/devices", content=flood(), headers=headers),
        await site.http.post("/api/v1/sessions", content=flood(), headers=headers),
        await site.http.request("GET", "/api/v1/me", content=flood(), headers=terminal.sign()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")
        assert answer.headers["connection"] == "close"


async def test_an_announced_body_that_is_too_large_is_refused_before_it_comes(port: int) -> None:
    async with connect(port) as wire:
        answer = await wire.ask(POST + b"Content-Length: 65537\r\n\r\n")
        assert (answer.status, answer.code) == (413, "request_too_large")
        assert await wire.is_closed()
    async with connect(port) as wire:
        answer = await wire.ask(POST + b"Expect: 100-continue\r\nContent-Length: 999999999999\r\n\r\n")
        assert answer.status == 413


async def test_a_body_without_end_is_cut_off(port: int) -> None:
    async with connect(port) as wire:
        await wire.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            await wire.send(b"2000\r\n" + b" " * 8192 + b"\r\n")
        assert b"413" in (await wire.read_all())[:20]


async def test_a_head_may_have_sixteen_kilobytes_and_not_more(port: int) -> None:
    def head(size: int, *, names: int = 4) -> bytes:
        each = b"".join(b"X-%d: %s\r\n" % (number, b"x" * (size // names)) for number in range(names))
        return TIME.replace(b"\r\n\r\n", b"\r\n" + each + b"\r\n")

    async with connect(port) as wire:
        assert (await wire.ask(head(14_000))).status == 200
        assert (await wire.ask(head(14_000, names=100))).status == 200
    for data in (head(17_000), head(17_000, names=1), head(17_000, names=2000), head(500_000), head(500_000, names=1)):
        async with connect(port) as wire:
            answer = await wire.ask(data)
            assert (answer.status, answer.code) == (431, "head_too_large")


async def test_a_head_that_comes_in_pieces_is_counted_too(port: int) -> None:
    async with connect(port) as wire:
        await wire.send(TIME.removesuffix(b"\r\n"))
        for _ in range(40):
            await wire.send(b"X: " + b"x" * 1000 + b"\r\n")
            await asyncio.sleep(0)
        assert (await wire.read()).status == 431


async def test_a_target_may_have_eight_kilobytes_and_not_more(port: int) -> None:
    async with connect(port) as wire:
        assert (await wire.ask(TIME.replace(b" HTTP", b"?" + b"x" * 8000 + b" HTTP"))).status == 200
        answer = await wire.ask(TIME.replace(b" HTTP", b"?" + b"x" * 9000 + b" HTTP"))
        assert (answer.status, answer.code) == (414, "target_too_long")


async def test_pipelined_requests_are_answered_in_order(site: Site, terminal: Terminal, port: int) -> None:
    async with connect(port) as wire:
        await wire.send(signed(terminal, site.now, b"/api/v1/me") + TIME + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        assert [(await wire.read()).status for _ in range(3)] == [200, 200, 404]


async def test_requests_before_garbage_are_answered_and_then_the_connection_ends(port: int) -> None:
    async with connect(port) as wire:
        await wire.send(TIME + TIME + b"\x00\x01garbage\r\n\r\n" + TIME)
        assert [(await wire.read()).status for _ in range(2)] == [200, 200]
        assert await wire.is_closed()


async def test_a_pipeline_is_short(port: int) -> None:
    async with connect(port) as wire:
        await wire.send(TIME * 2000)
        assert 1 <= (await wire.read_all()).count(b"HTTP/1.1 200 OK") <= server.PIPELINED + 2


async def test_there_are_so_many_connections_and_no_more(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONNECTIONS", 2)
    async with connect(port) as one, connect(port) as two:
        assert (await one.ask(TIME)).status == 200
        assert (await two.ask(TIME)).status == 200
        async with connect(port) as three:
            answer = await three.read()
            assert (answer.status, answer.code) == (503, "too_many_connections")
            assert int(answer.headers["retry-after"]) >= 1
            assert await three.is_closed()
        assert (await two.ask(TIME)).status == 200


# time


async def test_who_says_nothing_is_hung_up_on(hasty: int) -> None:
    async with connect(hasty) as wire:
        assert await wire.is_closed()


async def test_a_slow_head_is_cut_off_however_busily_it_drips(hasty: int) -> None:
    async with connect(hasty) as wire:
        for letter in TIME[:-1]:
            await wire.send(bytes([letter]))
            if await wire.is_closed(0.02):
                return
        pytest.fail("nobody hung up")


async def test_a_slow_body_is_answered_and_cut_off(hasty: int) -> None:
    async with connect(hasty) as wire:
        await wire.send(POST + b'Content-Length: 1000\r\n\r\n{"')
        answer = await wire.read()
        assert (answer.status, answer.code) == (408, "request_too_slow")
        assert await wire.is_closed()


async def test_a_slow_body_of_a_signed_request_is_answered_and_cut_off(
    site: Site, terminal: Terminal, hasty: int
) -> None:
    async with connect(hasty) as wire:
        await wire.send(signed(terminal, site.now, b"/api/v1/me", body=b"0123456789")[:-1])
        assert (await wire.read()).code == "request_too_slow"
        assert await wire.is_closed()


async def test_a_body_that_nobody_reads_is_not_waited_for(hasty: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "GRACE", 0.4)
    async with connect(hasty) as wire:
        answer = await wire.ask(TIME.replace(b"\r\n\r\n", b"\r\nContent-Length: 1000\r\n\r\n"))
        assert answer.status == 200
        for _ in range(100):
            await wire.send(b"x")
            if await wire.is_closed(0.02):
                return
        pytest.fail("nobody hung up")


async def test_an_idle_connection_is_closed(hasty: int) -> None:
    async with connect(hasty) as wire:
        assert (await wire.ask(TIME)).status == 200
        assert await wire.is_closed()


async def test_a_busy_connection_stays_open(site: Site) -> None:
    async with serving(site.door.app, Times(idle=3.0)) as port, connect(port) as wire:
        for _ in range(8):
            assert (await wire.ask(TIME)).status == 200
            await asyncio.sleep(0.5)


async def test_whoever_does_not_take_an_answer_is_hung_up_on(hasty: int) -> None:
    with socket.create_connection(("127.0.0.1", hasty)) as client:
        client.settimeout(0)
        client.sendall(b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n" * 8)
        for _ in range(200):
            await asyncio.sleep(0.1)
            try:
                client.send(b"\r\n")
            except ConnectionError:
                return
    pytest.fail("nobody hung up")


# what else a client may send


async def test_an_upgrade_is_ignored(site: Site, terminal: Terminal, port: int) -> None:
    for upgrade in (b"websocket", b"h2c", b"TLS/1.0"):
        more = b"\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: " + upgrade + b"\r\nSec-WebSocket-Key: x\r\n\r\n"
        async with connect(port) as wire:
            answer = await wire.ask(TIME.replace(b"\r\n\r\n", more))
            assert answer.status == 200
            assert answer.headers["connection"] == "close"
            assert await wire.is_closed()
    body = json.dumps({"device_id": str(terminal.id), "secret": terminal.secret}).encode()
    async with connect(port) as wire:
        await wire.send(POST + b"Content-Length: %d\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" % len(body) + body)
        assert (await wire.read()).status in {201, 400}


async def test_expect_100_continue_is_kept_and_other_expectations_are_ignored(
    site: Site, anna: Person, port: int
) -> None:
    device, secret = await site.device(anna)
    body = json.dumps({"device_id": str(device.id), "secret": secret}).encode()
    async with connect(port) as wire:
        await wire.send(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert (await wire.read()).status == 100
        assert (await wire.ask(body)).status == 201
        assert (await wire.ask(TIME.replace(b"\r\n\r\n", b"\r\nExpect: a miracle\r\n\r\n"))).status == 200


async def test_head_and_options_are_answered_sensibly(port: int) -> None:
    async with connect(port) as wire:
        for path, head, allow in (
            (b"/healthz", 200, "GET, HEAD"),
            (b"/readyz", 200, "GET, HEAD"),
            (b"/api/v1/me", 405, "GET"),
            (b"/api/v1/time", 405, "GET"),
            (b"/api/v1/sessions", 405, "POST"),
            (b"/api/v1/devices", 405, "GET, POST"),
            (b"/api/v1/devices/x", 405, "GET, PATCH"),
            (b"/telegram/webhook", 405, "POST"),
            (b"/docs/swagger-ui.css", 200, "GET, HEAD"),
        ):
            line = b" " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n"
            assert (await wire.ask(b"HEAD" + line, has_body=False)).status == head, path
            options = await wire.ask(b"OPTIONS" + line)
            assert (options.status, options.headers["allow"]) == (405, allow)


async def test_http_1_0_is_answered_and_closed(port: int) -> None:
    for method in (b"GET", b"HEAD"):
        async with connect(port) as wire:
            answer = await wire.ask(method + b" /healthz HTTP/1.0\r\n\r\n", has_body=method == b"GET")
            assert answer.status == 200
            assert await wire.is_closed()


async def test_a_head_leaves_together_with_what_follows_it(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    class Noting:
        def __init__(self, transport: asyncio.Transport) -> None:
            self._transport = transport

        def __getattr__(self, name: str) -> Any:
            return getattr(self._transport, name)

        def write(self, data: bytes) -> None:
            written.append(data)
            self._transport.write(data)

    made = server.BoundedProtocol.connection_made
    monkeypatch.setattr(
        server.BoundedProtocol,
        "connection_made",
        lambda protocol, transport: made(protocol, Noting(transport)),  # type: ignore[arg-type]  # as good as one
    )
    async with connect(port) as wire:
        assert (await wire.ask(TIME)).status == 200
        assert (await wire.ask(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n", has_body=False)).status == 200
        assert (await wire.ask(b"GET /docs/swagger-ui.css HTTP/1.1\r\nHost: x\r\n\r\n")).status == 200
        assert (await wire.ask(TIME + TIME)).status == 200
        assert (await wire.read()).status == 200
    heads = [data for data in written if data.startswith(b"HTTP/1.1 200 OK\r\n")]
    assert len(heads) == 5
    assert [data.endswith(b"\r\n\r\n") for data in heads] == [False, True, False, False, False]


async def test_garbage_leaves_no_line_in_the_log(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    for garbage in (b"\x00" * 100, b"GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", POST):
        async with connect(port) as wire:
            await wire.send(garbage)
    await asyncio.sleep(0.05)
    assert not [record for record in caplog.records if record.name.startswith(("bot", "uvicorn.error"))]
