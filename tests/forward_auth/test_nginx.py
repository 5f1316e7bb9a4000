"""The registry behind a real nginx, on the configuration that `docs/nginx.conf` offers."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import shutil
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bot.services.clients import Profile
from bot.web.bounds import MAX_BODY
from bot.web.webhook import MAX_UPDATE
from tests.conftest import sqlite_url
from tests.forward_auth.nginx import NGINX, REGISTRY, SERVICE, running_nginx
from tests.forward_auth.service import running_service
from tests.journeys.conftest import running_house
from tests.signing import Signer, milliseconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from storage.models import Device
    from tests.forward_auth.nginx import Answer, Nginx
    from tests.forward_auth.service import Service
    from tests.journeys.conftest import House

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed; on Debian: apt-get install nginx"),
    pytest.mark.asyncio(loop_scope="module"),
]
AHEAD = 4_000
"""Milliseconds by which the devices' clocks are fast: a server on SQLite that just started accepts no older time."""
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass
class Terminal:
    """A device with a session, in front of nginx."""

    device: Device
    signer: Signer
    nginx: Nginx

    def sign(self, method: str = "GET", target: str = "/", body: bytes = b"", *, ahead: int = AHEAD) -> dict[str, str]:
        """Return the headers of a signed request."""
        return self.signer.sign(method, target, body, timestamp=milliseconds() + ahead)

    async def ask(self, method: str = "GET", target: str = "/", body: bytes = b"") -> Answer:
        """Send a signed request to the service."""
        return await self.send(self.sign(method, target, body), method, target, body)

    async def send(
        self,
        headers: dict[str, str] | Sequence[tuple[str, str]],
        method: str = "GET",
        target: str = "/",
        body: bytes = b"",
    ) -> Answer:
        """Send a request with these headers to the service."""
        pairs = list(headers.items()) if isinstance(headers, dict) else headers
        return await self.nginx.ask(SERVICE, method, target, pairs, body)


@dataclass
class Site:
    """The registry, nginx and the service."""

    house: House
    nginx: Nginx
    service: Service
    _names: itertools.count[int] = field(default_factory=itertools.count)

    async def terminal(self) -> Terminal:
        """Register a device, and open its session through nginx."""
        person = await self.house.clients.enter(Profile(3000 + next(self._names), "Anna"))
        device, secret = await self.house.devices.create_device(person.client_id, "VPS-1")
        login = json.dumps({"device_id": str(device.id), "secret": secret}).encode()
        kind = [("Content-Type", "application/json")]
        answer = await self.nginx.ask(REGISTRY, "POST", "/api/v1/sessions", kind, login)
        assert answer.status == 201, answer.body
        session = json.loads(answer.body)
        return Terminal(device, Signer(session["session"], session["signing_key"], SERVICE), self.nginx)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """All of it, with the real bot as the registry."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(sqlite_template, folder / "devices.db")
    async with running_house(sqlite_url(folder / "devices.db"), folder, AUTH_PROXY="nginx") as house:
        with running_service() as service:
            async with running_nginx(folder, registry=find_port(house), service=service.port) as nginx:
                site = Site(house, nginx, service)
                await wait_until_signatures_count(site)
                yield site


def find_port(house: House) -> int:
    """Return where the bot answers HTTP."""
    found = re.search(r"answering HTTP at \S+ port (\d+)", house.bot.log)
    assert found is not None
    return int(found[1])


async def wait_until_signatures_count(site: Site) -> None:
    """Wait for the first second of the registry to be over, so that a clock that is fast by four passes."""
    terminal = await site.terminal()
    async with asyncio.timeout(10):
        while (await terminal.ask()).status != 200:  # noqa: ASYNC110 - it is another process that comes of age
            await asyncio.sleep(0.1)


@pytest.fixture
def service(site: Site) -> Service:
    """The service, with nothing received and nothing strange to answer."""
    site.service.received.clear()
    site.service.status, site.service.headers = 200, {}
    return site.service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def terminal(site: Site) -> Terminal:
    """A device."""
    return await site.terminal()


async def test_a_signed_request_reaches_the_service_with_the_ids_of_its_device(
    terminal: Terminal, service: Service
) -> None:
    answer = await terminal.ask("POST", "/orders?volume=0.10", b'{"volume":0.10}')

    assert (answer.status, answer.body) == (200, b"the service")
    (received,) = service.received
    assert (received.method, received.target, received.body) == ("POST", "/orders?volume=0.10", b'{"volume":0.10}')
    assert received.values("X-Device-Id") == [str(terminal.device.id)]
    assert received.values("X-Client-Id") == [str(terminal.device.client_id)]
    assert received.values("X-Content-SHA256") == [terminal.sign("POST", "/", b'{"volume":0.10}')["X-Content-SHA256"]]


@pytest.mark.parametrize(
    "target",
    [
        "/a%20b/%D0%94%25?q=%2F&q=a+b&empty=",
        "/a%2Fb",
        "/a/../b//c/./d",
        "/%7euser;v=1",
        "/orders?",
        "/orders?a=1?b=2&a=1#",
        "/_device",
        "/auth",
    ],
)
async def test_target_and_host_arrive_byte_by_byte_as_they_were_signed(
    terminal: Terminal, service: Service, target: str
) -> None:
    if target == "/_device":
        # nginx keeps this one to itself
        assert (await terminal.ask(target=target)).status == 404
        assert service.received == []
        return
    answer = await terminal.ask(target=target)

    assert answer.status == 200
    (received,) = service.received
    assert received.target == target
    assert received.values("Host") == [SERVICE]


async def test_what_a_client_says_about_itself_or_as_a_proxy_does_not_reach_the_service(
    terminal: Terminal, service: Service
) -> None:
    forged = [
        (name, "forged")
        for name in (
            *("X-Device-Id", "x-device-id", "X_Device_Id", "X-Client-Id", "X_Client_Id", "X_Content_SHA256"),
            *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Method", "X-Forwarded-Uri"),
            *("X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Real-IP", "Forwarded"),
            *("X-Original-Method", "X-Original-Host", "X-Original-URI", "X-Original-URL", "X-Rewrite-URL"),
        )
    ]
    hop_by_hop = ("Connection", "X-Device-Id, X-Client-Id, X-Content-SHA256, X-Nonce")

    answer = await terminal.send([*forged, *terminal.sign().items(), hop_by_hop])

    assert answer.status == 200
    (received,) = service.received
    assert "forged" not in str(received.headers)
    assert received.values("X-Device-Id") == [str(terminal.device.id)]
    assert received.values("X-Client-Id") == [str(terminal.device.client_id)]
    assert received.values("X-Forwarded-For") == ["127.0.0.1"]
    assert received.values("X-Forwarded-Proto") == ["https"]
    assert received.values("X-Forwarded-Host") == [SERVICE]


@pytest.mark.parametrize(
    "claim",
    [
        ("X-Original-Method", "DELETE"),
        ("X-Original-URI", "/other"),
        ("X-Original-Host", "other.example.com"),
        ("X-Forwarded-Uri", "/other"),
        ("X-Forwarded-Host", "other.example.com"),
    ],
)
async def test_a_client_cannot_say_that_its_request_was_another_one(
    terminal: Terminal, service: Service, claim: tuple[str, str]
) -> None:
    assert (await terminal.send([*terminal.sign().items(), claim])).status == 200

    name, value = claim
    method = value if "Method" in name else "GET"
    target = value if "U" in name else "/"
    host = value if "Host" in name else SERVICE
    elsewhere = Signer(terminal.signer.session, terminal.signer.signing_key, host)
    signed = elsewhere.sign(method, target, timestamp=milliseconds() + AHEAD)
    assert (await terminal.send([*signed.items(), claim])).status == 401
    assert len(service.received) == 1


async def test_a_replay_is_stopped_and_told_the_time(terminal: Terminal, service: Service) -> None:
    signed = terminal.sign()
    assert (await terminal.send(signed)).status == 200

    assert_refused(await terminal.send(signed))
    assert len(service.received) == 1


async def test_a_request_that_is_not_signed_is_stopped_and_told_the_time(terminal: Terminal, service: Service) -> None:
    assert_refused(await terminal.send({}))
    assert_refused(await terminal.send(terminal.sign(ahead=-31_000)))
    assert_refused(await terminal.send(terminal.sign(ahead=9_000)))
    assert service.received == []


async def test_a_revoked_device_is_stopped_at_its_next_request(site: Site, service: Service) -> None:
    terminal = await site.terminal()
    assert (await terminal.ask()).status == 200

    await site.house.devices.revoke_device(terminal.device.id)

    assert_refused(await terminal.ask())
    assert len(service.received) == 1


@pytest.mark.parametrize("change", ["method", "target", "host"])
async def test_a_request_that_was_changed_on_its_way_is_stopped(
    site: Site, terminal: Terminal, service: Service, change: str
) -> None:
    method, target = ("PUT" if change == "method" else "POST"), ("/a?x=2" if change == "target" else "/a?x=1")
    host = SERVICE.upper() + ":443" if change == "host" else SERVICE

    assert_refused(
        await site.nginx.ask(SERVICE, method, target, terminal.sign("POST", "/a?x=1").items(), host_header=host)
    )
    assert service.received == []


@pytest.mark.parametrize("name", ["X-Device-Session", "X-Timestamp", "X-Nonce", "X-Content-SHA256", "X-Signature"])
async def test_a_signature_header_that_came_twice_or_not_at_all_is_no_signature(
    terminal: Terminal, service: Service, name: str
) -> None:
    signed = terminal.sign()

    assert_refused(await terminal.send([*signed.items(), (name, signed[name])]))
    assert_refused(await terminal.send([(found, value) for found, value in signed.items() if found != name]))
    assert service.received == []


async def test_a_body_that_was_changed_is_caught_by_the_service(terminal: Terminal, service: Service) -> None:
    signed = terminal.sign("POST", "/orders", b'{"volume":0.10}')

    answer = await terminal.send(signed, "POST", "/orders", b'{"volume":9.99}')

    assert answer.status == 400
    assert len(service.received) == 1


@pytest.mark.parametrize("status", [200, 404, 500, 503])
async def test_no_answer_of_the_service_makes_nginx_ask_for_the_nonce_again(
    terminal: Terminal, service: Service, status: int
) -> None:
    service.status, service.headers = status, {"X-Accel-Redirect": "/elsewhere"}

    answer = await terminal.ask()

    assert (answer.status, answer.body) == (status, b"the service")
    assert len(service.received) == 1


async def test_a_service_that_is_away_does_not_burn_the_nonce_twice(
    site: Site, terminal: Terminal, tmp_path: Path
) -> None:
    with running_service() as gone:
        port = gone.port
    async with running_nginx(tmp_path, registry=find_port(site.house), service=port) as nginx:
        answer = await nginx.ask(SERVICE, "GET", "/", terminal.sign().items())

        assert answer.status == 502


@pytest.mark.parametrize(
    ("status", "headers", "expected", "retry_after"),
    [
        (429, {"Retry-After": "30"}, 429, "30"),
        (503, {"Retry-After": "2"}, 503, "2"),
        (503, {}, 503, "5"),
        (500, {}, 503, "5"),
        (404, {}, 503, "5"),
        (302, {"Location": "/"}, 503, "5"),
    ],
)
async def test_nobody_is_let_in_while_the_registry_cannot_say_yes(
    service: Service, tmp_path: Path, status: int, headers: dict[str, str], expected: int, retry_after: str
) -> None:
    with running_service(hashes=False) as registry:
        registry.status, registry.headers = status, headers
        async with running_nginx(tmp_path, registry=registry.port, service=service.port) as nginx:
            answer = await nginx.ask(SERVICE, "GET", "/")

    assert (answer.status, answer.header("Retry-After")) == (expected, retry_after)
    assert service.received == []


async def test_nobody_is_let_in_while_the_registry_is_away(service: Service, tmp_path: Path) -> None:
    with running_service() as gone:
        port = gone.port
    async with running_nginx(tmp_path, registry=port, service=service.port) as nginx:
        answer = await nginx.ask(SERVICE, "GET", "/")

    assert (answer.status, answer.header("Retry-After")) == (503, "5")
    assert service.received == []


@pytest.mark.parametrize(
    "target",
    ["/auth", "/metrics", "/readyz", "/api/v1/../../metrics", "/api/v1/..%2f..%2fmetrics", "//auth", "/_device"],
)
async def test_what_trusts_this_machine_is_not_reached_from_outside(site: Site, target: str) -> None:
    assert (await site.nginx.ask(REGISTRY, "GET", target)).status == 404


async def test_the_registry_itself_is_reached_through_nginx(site: Site, terminal: Terminal) -> None:
    at_registry = Signer(terminal.signer.session, terminal.signer.signing_key, REGISTRY)
    signed = at_registry.sign("GET", "/api/v1/me", timestamp=milliseconds() + AHEAD)

    answer = await site.nginx.ask(REGISTRY, "GET", "/api/v1/me", signed.items())

    assert answer.status == 200
    assert json.loads(answer.body)["id"] == str(terminal.device.id)
    assert (await site.nginx.ask(REGISTRY, "GET", "/api/v1/time")).status == 200


@pytest.mark.parametrize(("target", "most"), [("/api/v1/sessions", MAX_BODY), ("/telegram/webhook", MAX_UPDATE)])
async def test_nginx_takes_as_much_as_the_registry_does(site: Site, target: str, most: int) -> None:
    small, large = [await site.nginx.ask(REGISTRY, "POST", target, body=bytes(size)) for size in (most, most + 1)]
    assert small.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert large.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def assert_refused(answer: Answer) -> None:
    """Check that a device learns that it was refused, and what time it is."""
    assert answer.status == 401
    told = answer.header("X-Server-Time")
    assert told is not None
    assert abs(int(told) - milliseconds()) < 5_000
    assert answer.header("WWW-Authenticate") == "Device-Session"
