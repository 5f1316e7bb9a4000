"""The question that a proxy asks: was the request in front of it signed by a device?"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from bot.web.authentication import PROXIES
from tests.conftest import SQLITE
from tests.rows import suspend
from tests.signing import Signer
from tests.web.conftest import AFTER_START

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from bot.services.clients import Person
    from tests.web.conftest import Site, Terminal

HOST = "terminal.example:8443"
TARGET = "/api/orders?symbol=EUR%2FUSD"
BODY = b'{"volume":0.10}'
SETS = {
    "nginx": ("X-Original-Method", "X-Original-Host", "X-Original-URI"),
    "traefik": ("X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-Uri"),
    "caddy": ("X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-Uri"),
}


@pytest.fixture
def backend() -> str:
    return SQLITE


class Proxy:
    """A proxy of one kind in front of one process."""

    def __init__(self, kind: str, site: Site) -> None:
        self.kind = kind
        self.site = site

    def sign(
        self, terminal: Terminal, method: str = "POST", target: str = TARGET, body: bytes = BODY
    ) -> dict[str, str]:
        """Return the headers of a request to what is behind the proxy."""
        signer = Signer(terminal.opened["session"], terminal.opened["signing_key"], HOST)
        return signer.sign(method, target, body, timestamp=self.site.now)

    def name(self, method: str = "POST", host: str = HOST, target: str = TARGET) -> dict[str, str]:
        """Return the headers that name the original request."""
        return dict(zip(SETS[self.kind], (method, host, target), strict=True))

    async def ask(self, headers: Any, address: str = "127.0.0.1") -> httpx.Response:
        """Ask the question."""
        return await self.site.browser(address).get("/auth", headers=headers)


@pytest.fixture(params=["nginx", "traefik"])
async def proxy(request: pytest.FixtureRequest, build_site: Callable[..., Awaitable[Site]], site: Site) -> Proxy:
    proxy = Proxy(request.param, await build_site(auth_proxy=request.param))
    site.clock.advance(AFTER_START)
    return proxy


async def test_a_signed_request_passes_and_whose_it_is_is_told(proxy: Proxy, anna: Person, terminal: Terminal) -> None:
    answer = await proxy.ask(proxy.sign(terminal) | proxy.name())
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-device-id"] == str(terminal.id)
    assert answer.headers["x-client-id"] == str(anna.client_id)
    # the proxy sends no body here: what is behind it must hash the one it gets
    assert answer.headers["x-content-sha256"] == hashlib.sha256(BODY).hexdigest()


async def test_a_request_that_is_not_the_signed_one_is_stopped(proxy: Proxy, terminal: Terminal) -> None:
    signed = proxy.sign(terminal)
    changed = [
        proxy.name(method="PUT"),
        proxy.name(method="post"),
        proxy.name(host="terminal.example"),
        proxy.name(target="/api/orders"),
        proxy.name(target="/api/orders?symbol=EUR/USD"),
        proxy.name(target=""),
    ]
    answers = [await proxy.ask(signed | names) for names in changed]
    answers.append(await proxy.ask({}))
    answers.append(await proxy.ask(signed))
    answers.append(await proxy.ask(proxy.name()))
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
        assert answer.headers["x-server-time"] == str(proxy.site.now)
    assert len({answer.content for answer in answers}) == 1
    assert (await proxy.ask(signed | proxy.name())).status_code == 204


async def test_the_headers_of_another_kind_of_proxy_are_ignored(proxy: Proxy, terminal: Terminal) -> None:
    other = SETS["nginx" if proxy.kind != "nginx" else "caddy"]
    elsewhere = dict(zip(other, ("DELETE", "evil.example", "/elsewhere"), strict=True))
    assert (await proxy.ask(proxy.sign(terminal) | proxy.name() | elsewhere)).status_code == 204
    signed = proxy.sign(terminal)
    alone = dict(zip(other, ("POST", HOST, TARGET), strict=True))
    assert (await proxy.ask(signed | alone)).status_code == 401


async def test_a_header_that_came_twice_is_refused(proxy: Proxy, terminal: Terminal) -> None:
    for name, value in (proxy.sign(terminal) | proxy.name()).items():
        headers = [*(proxy.sign(terminal) | proxy.name()).items(), (name, value)]
        assert (await proxy.ask(headers)).status_code == 401


async def test_bytes_that_are_no_ascii_are_covered_as_they_came(proxy: Proxy, terminal: Terminal) -> None:
    target, nonce = b"/api/orders?name=\xc3\xbc\xff", secrets.token_urlsafe(16)
    digest, now = hashlib.sha256(b"").hexdigest(), str(proxy.site.now)
    covered = b"\n".join((b"v1", b"GET", HOST.encode(), target, now.encode(), nonce.encode(), digest.encode()))
    headers = {
        "X-Device-Session": terminal.opened["session"].encode(),
        "X-Timestamp": now.encode(),
        "X-Nonce": nonce.encode(),
        "X-Content-SHA256": digest.encode(),
        "X-Signature": hmac.digest(terminal.opened["signing_key"].encode(), covered, "sha256").hex().encode(),
        **{name: value.encode() for name, value in proxy.name(method="GET").items()},
        SETS[proxy.kind][2]: target,
    }
    assert (await proxy.ask(headers)).status_code == 204


async def test_a_request_is_good_once_whichever_door_it_comes_through(proxy: Proxy, terminal: Terminal) -> None:
    signed = proxy.sign(terminal) | proxy.name()
    assert (await proxy.ask(signed)).status_code == 204
    assert (await proxy.ask(signed)).json()["code"] == "nonce_used"
    direct = terminal.sign()
    assert (await terminal.ask(proxy.site, direct)).status_code == 200
    again = Signer(terminal.opened["session"], terminal.opened["signing_key"], HOST).sign(
        "GET", TARGET, nonce=direct["X-Nonce"], timestamp=proxy.site.now
    )
    assert (await proxy.ask(again | proxy.name(method="GET"))).json()["code"] == "nonce_used"


async def test_the_end_of_a_session_is_told_to_the_proxy_too(proxy: Proxy, anna: Person, terminal: Terminal) -> None:
    await suspend(proxy.site.core.database, anna.client_id)
    assert (await proxy.ask(proxy.sign(terminal) | proxy.name())).json()["code"] == "client_suspended"
    await suspend(proxy.site.core.database, anna.client_id, "active")
    await proxy.site.core.devices.revoke_device(terminal.id)
    answer = await proxy.ask(proxy.sign(terminal) | proxy.name())
    assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")


async def test_nobody_but_a_trusted_proxy_gets_an_answer(proxy: Proxy, terminal: Terminal) -> None:
    answer = await proxy.ask(proxy.sign(terminal) | proxy.name(), address="198.51.100.7")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    pretended = proxy.sign(terminal) | proxy.name() | {"X-Forwarded-For": "127.0.0.1"}
    assert (await proxy.ask(pretended, address="198.51.100.7")).status_code == 404


def test_caddy_names_the_original_request_as_traefik_does() -> None:
    assert PROXIES["caddy"] == PROXIES["traefik"]
    assert {kind: tuple(vars(original).values()) for kind, original in PROXIES.items()} == {
        kind: tuple(name.lower().encode() for name in names) for kind, names in SETS.items()
    }


async def test_without_a_kind_of_proxy_there_is_no_such_question(site: Site, terminal: Terminal) -> None:
    for kind in SETS:
        proxy = Proxy(kind, site)
        assert (await proxy.ask(proxy.sign(terminal) | proxy.name())).status_code == 404
