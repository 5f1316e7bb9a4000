"""The HTTP door on a real database: without a socket where the wire does not matter, through uvicorn where it does."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr

from bot.app import Core, WebDoor, assemble_core
from bot.services.clients import Profile
from bot.services.handouts import ActiveBot, HandoutService, take_over
from bot.settings import Settings
from bot.web.bounds import Times
from bot.web.server import create_server
from tests.conftest import ADMIN_ID, BOT_ID, DEVICE_LIMIT, SECRET_TTL
from tests.signing import Signer

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import ASGIApp

    from bot.services.clients import Person
    from storage.database import Database
    from storage.models import Device
    from tests.fakes import CountingHasher, FakeClock

HOST = "devices.test"
SERVER_KEY = "the server key that the door's tests run on"
TOKEN = f"{BOT_ID}:AAbbccddeeffgghhiijjkkllmmnnooppqqr"
AFTER_START = timedelta(seconds=10)
"""Past the moment until which a start on SQLite lets no signed request in."""
JSON = dict[str, Any]


def web_settings(**changes: Any) -> Settings:
    """Return settings that depend on no environment."""
    values: JSON = {
        "bot_token": SecretStr(TOKEN),
        "admin_ids": (ADMIN_ID,),
        "secret_ttl": SECRET_TTL,
        "device_limit": DEVICE_LIMIT,
        "server_key": SecretStr(SERVER_KEY),
        "telegram_api_url": "http://127.0.0.1:9",
    }
    return Settings(**(values | changes), _env_file=None)  # type: ignore[call-arg]  # pydantic-settings' own argument


class Terminal:
    """A device's own program: it holds a session, and signs with it as of the tests' clock."""

    def __init__(self, site: Site, device: Device, secret: str, opened: JSON) -> None:
        self.id = device.id
        self.secret = secret
        self.opened = opened
        self.signer = Signer(opened["session"], opened["signing_key"], HOST)
        self._site = site

    def sign(self, method: str = "GET", target: str = "/api/v1/me", body: bytes = b"", **more: Any) -> dict[str, str]:
        """Return the headers of a signed request."""
        return self.signer.sign(method, target, body, **({"timestamp": self._site.now} | more))

    async def ask(self, site: Site | None = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """Ask a process who this device is; with a request of its own, or with headers that are given."""
        return await (site or self._site).http.get("/api/v1/me", headers=headers or self.sign())

    async def is_let_in(self, site: Site | None = None) -> bool:
        """Tell whether a signed request is answered."""
        return (await self.ask(site)).status_code == 200

    async def refusal(self, site: Site | None = None) -> str:
        """Return the code with which a signed request is refused."""
        answer = await self.ask(site)
        assert answer.status_code == 401, answer.text
        return str(answer.json()["code"])


class Site:
    """One process with the HTTP door, and what a test needs to bring about states of the world."""

    _sources = itertools.count(1)

    def __init__(self, core: Core, door: WebDoor, handouts: HandoutService, clock: FakeClock) -> None:
        self.core = core
        self.door = door
        self.handouts = handouts
        self.clock = clock
        self.http = self.browser()

    @property
    def now(self) -> int:
        """The time in Unix milliseconds."""
        return int(self.clock.now().timestamp() * 1000)

    def browser(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """Return a client that calls from an address."""
        transport = httpx.ASGITransport(app=self.door.app, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")

    async def enter(self, telegram_id: int = 101, name: str = "Anna") -> Person:
        """Return a person in chat."""
        return await self.core.clients.enter(Profile(telegram_id, name))

    async def token(self, person: Person) -> str:
        """Return a token as the chat hands it out: shown, and its message gone again."""
        handout = await self.handouts.offer_token(person, source=f"token {next(self._sources)}")
        await self.handouts.place(handout.id, 11)
        _, token = await self.handouts.arm(person, handout.id, 11)
        await self.handouts.dismiss(person, handout.id, 11)
        await self.handouts.mark_destroyed(handout.id)
        return token.reveal()

    async def api(self, person: Person) -> httpx.AsyncClient:
        """Return a client that presents the person's token."""
        client = self.browser()
        client.headers["Authorization"] = f"Bearer {await self.token(person)}"
        return client

    async def device(self, person: Person, name: str = "VPS-1") -> tuple[Device, str]:
        """Return a new device and its secret."""
        return await self.core.devices.create_device(person.client_id, name)

    async def log_in(self, device_id: uuid.UUID | str, secret: str, **more: Any) -> httpx.Response:
        """Present a secret."""
        return await self.http.post("/api/v1/sessions", json={"device_id": str(device_id), "secret": secret}, **more)

    async def terminal(self, device: Device, secret: str) -> Terminal:
        """Return the device's program, logged in."""
        answer = await self.log_in(device.id, secret)
        assert answer.status_code == 201, answer.text
        return Terminal(self, device, secret, answer.json())


BuildSite = "Callable[..., Awaitable[Site]]"


@pytest.fixture
async def build_site(
    database_url: str, open_database: Callable[[str], Database], hasher: CountingHasher, clock: FakeClock
) -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """A way to start processes on the test's database. All of them may hand out: which one may is tested elsewhere."""
    active: list[ActiveBot] = []
    async with contextlib.AsyncExitStack() as stack:

        async def build(*, clock: FakeClock = clock, has_bot: bool = False, **changes: Any) -> Site:
            database = open_database(database_url)
            settings = web_settings(database_url=SecretStr(database_url), **changes)
            core = await assemble_core(settings, database, clock=clock, hasher=hasher)
            stack.push_async_callback(core.gate.close)
            if not active:
                active.append(await take_over(database, clock, BOT_ID))
            handouts = HandoutService(
                database,
                core.devices,
                clock,
                active[0],
                access=core.access,
                admins=core.admins.who,
                secret_ttl=SECRET_TTL,
            )
            return Site(core, WebDoor(settings, core, has_bot=has_bot), handouts, clock)

        yield build


@pytest.fixture
async def site(build_site: Callable[..., Awaitable[Site]], clock: FakeClock) -> Site:
    """A process that has run for a little while."""
    site = await build_site()
    clock.advance(AFTER_START)
    return site


@pytest.fixture
async def anna(site: Site) -> Person:
    """A trader."""
    return await site.enter()


@pytest.fixture
async def bob(site: Site) -> Person:
    """Another trader, of another client."""
    return await site.enter(202, "Bob")


@pytest.fixture
async def api(site: Site, anna: Person) -> httpx.AsyncClient:
    """Anna's tools, which present a token of hers."""
    return await site.api(anna)


@pytest.fixture
async def terminal(site: Site, anna: Person) -> Terminal:
    """A device of Anna's, logged in."""
    return await site.terminal(*await site.device(anna))


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, times: Times | None = None) -> AsyncIterator[int]:
    """Serve an application on a port of this machine, and yield the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = create_server(app, times or Times())
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await task
        listener.close()
