"""What a signature covers is what came over the wire: bytes as received, never decoded, sorted or normalised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import SQLITE
from tests.web.conftest import serving
from tests.web.wire import connect, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.web.conftest import Site, Terminal

ME = b"/api/v1/me"


@pytest.fixture
def backend() -> str:
    return SQLITE


@pytest.fixture
async def port(site: Site) -> AsyncIterator[int]:
    async with serving(site.door.app) as port:
        yield port


TARGETS = [
    b"/api/v1/me",
    b"/api/v1/me?",
    b"/api/v1/me??",
    b"/api/v1/me?a=1&a=1&b",
    b"/api/v1/me?b=2&a=1",
    b"/api/v1/me?a=%2F%2f+%20;x=,'()*~!$",
    b"/api/v1/me?//../.",
    b'/api/v1/me?q="<>`{|}\\^',
    b"/api/v1/me#fragment",
    b"/api/v1/m%65",
    b"/api/v1/%6D%65?x",
    b"http://elsewhere.example/api/v1/me?a=1",
    b"http://devices.test:80/api/v1/me",
    b"HTTP://DEVICES.TEST/api/v1/me",
]


async def test_a_target_is_covered_as_it_was_sent(site: Site, terminal: Terminal, port: int) -> None:
    async with connect(port) as wire:
        for target in TARGETS:
            answer = await wire.ask(signed(terminal, site.now, target))
            assert (answer.status, answer.json().get("id")) == (200, str(terminal.id)), (target, answer)


OTHERWISE = [
    (b"/api/v1/me?", b"/api/v1/me"),
    (b"/api/v1/me", b"/api/v1/me?"),
    (b"/api/v1/m%65", b"/api/v1/me"),
    (b"/api/v1/me", b"/api/v1/m%65"),
    (b"/api/v1/me?a=%2f", b"/api/v1/me?a=%2F"),
    (b"/api/v1/me?a=%2F", b"/api/v1/me?a=/"),
    (b"/api/v1/me?a=+", b"/api/v1/me?a=%20"),
    (b"/api/v1/me?b=2&a=1", b"/api/v1/me?a=1&b=2"),
    (b"/api/v1/me?a=1&a=2", b"/api/v1/me?a=2"),
    (b"/api/v1/me#a", b"/api/v1/me"),
    (b"http://devices.test/api/v1/me", b"/api/v1/me"),
    (b"/api/v1/me", b"http://devices.test/api/v1/me"),
    (b"/api/v1/me?a", b"/api/v1/me?A"),
]


async def test_a_target_that_means_the_same_is_not_the_same(site: Site, terminal: Terminal, port: int) -> None:
    async with connect(port) as wire:
        for sent, covered in OTHERWISE:
            answer = await wire.ask(signed(terminal, site.now, sent, covered_target=covered))
            assert (answer.status, answer.code) == (401, "bad_signature"), sent


async def test_a_path_that_only_resembles_a_route_is_none(site: Site, terminal: Terminal, port: int) -> None:
    async with connect(port) as wire:
        for target in (
            b"//api/v1/me",
            b"/api/v1/me/",
            b"/api//v1/me",
            b"/api/v1/me;x=1",
            b"/api/v1/x/../me",
            b"/API/v1/me",
        ):
            answer = await wire.ask(signed(terminal, site.now, target))
            assert (answer.status, answer.code) == (404, "not_found"), target


async def test_a_target_that_is_no_target_is_a_malformed_request(port: int) -> None:
    for line in (
        b"GET /api/v1/m\xc3\xa9 HTTP/1.1",
        b"GET /api/v1/me?q=\xff HTTP/1.1",
        b"GET api/v1/me HTTP/1.1",
        b"GET /api/v1/me x HTTP/1.1",
        b"CONNECT devices.test:80 HTTP/1.1",
        b"get /api/v1/me HTTP/1.1",
        b"G\xc3\x8bT /api/v1/me HTTP/1.1",
        b"GET /api/v1/me HTTP/9.9",
        b"GET",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    ):
        async with connect(port) as wire:
            answer = await wire.ask(line + b"\r\nHost: devices.test\r\n\r\n")
            assert (answer.status, answer.code) == (400, "malformed_request"), line
            assert answer.headers["content-type"] == "application/problem+json"
            assert await wire.is_closed()


async def test_a_host_is_covered_with_its_port_as_it_was_sent(site: Site, terminal: Terminal, port: int) -> None:
    async with connect(port) as wire:
        for host in (b"devices.test", b"DEVICES.test:8443", b"[::1]:8080", b"xn--bcher-kva.example", b""):
            answer = await wire.ask(signed(terminal, site.now, ME, host=host))
            assert answer.status == 200, host
        elsewhere = signed(terminal, site.now, ME, host=b"devices.test:80").replace(
            b"Host: devices.test:80", b"Host: devices.test"
        )
        assert (await wire.ask(elsewhere)).code == "bad_signature"


async def test_what_hides_in_a_header_is_refused(site: Site, terminal: Terminal, port: int) -> None:
    request = signed(terminal, site.now, ME)
    session = terminal.opened["session"].encode()
    for old, new in (
        (b"Host: devices.test\r\n", b""),
        (b"Host: devices.test\r\n", b"Host: devices.test\r\nHost: devices.test\r\n"),
        (b"X-Device-Session: ", b"X-Device-Session: " + session + b"\r\nX-Device-Session: "),
        (b"X-Device-Session: ", b"X-Device-Session : "),
        (b"X-Device-Session: ", b"X-Device_Session: "),
        (session, session + b"\t x"),
        (session, session + b"\xa0"),
        (session, session[:-1] + b"\r\n " + session[-1:]),
        (session, session + b"\n"),
        (b"HTTP/1.1\r\n", b"HTTP/1.1\r\nX-Nonce: sixteen-chars_01\r\n"),
    ):
        async with connect(port) as wire:
            answer = await wire.ask(request.replace(old, new, 1))
            assert answer.status in {400, 401}, (old, new)
            assert answer.code in {"bad_signature", "malformed_request"}
    async with connect(port) as wire:
        assert (await wire.ask(request)).status == 200


async def test_white_space_around_a_value_is_no_part_of_it(site: Site, terminal: Terminal, port: int) -> None:
    async with connect(port) as wire:
        assert (await wire.ask(signed(terminal, site.now, ME).replace(b"X-Nonce: ", b"X-Nonce: \t "))).status == 200


async def test_a_body_is_covered_however_it_is_cut_up(site: Site, terminal: Terminal, port: int) -> None:
    body = b'{"volume":0.10}'
    whole = signed(terminal, site.now, ME, body=body)
    chunked = whole.replace(b"Content-Length: 15", b"Transfer-Encoding: chunked").removesuffix(body)
    async with connect(port) as wire:
        assert (await wire.ask(whole)).status == 200
        assert (await wire.ask(whole)).code == "nonce_used"
        await wire.send(chunked)
        for piece in (b'5\r\n{"vol\r\n', b'a;x=y\r\nume":0.10}\r\n', b"0\r\nTrailer: x\r\n\r\n"):
            await wire.send(piece)
        # its nonce was the same: that it came so far means that all else was right
        assert (await wire.read()).code == "nonce_used"
        changed = signed(terminal, site.now, ME, body=body).replace(b"0.10", b"9.10")
        assert (await wire.ask(changed)).code == "body_mismatch"


async def test_a_request_cannot_be_smuggled_behind_another(site: Site, terminal: Terminal, port: int) -> None:
    request = signed(terminal, site.now, ME, body=b"0\r\n\r\n")
    for extra in (
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
    ):
        async with connect(port) as wire:
            await wire.send(request.replace(b"Content-Length", extra + b"Content-Length", 1))
            assert (await wire.read()).status == 400
            assert await wire.is_closed()
