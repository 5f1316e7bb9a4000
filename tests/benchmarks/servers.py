"""The servers that are measured, each one process: the program itself, and its neighbours."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import sys
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from bot.sandbox import Sandbox
from bot.services.admins import Admins
from bot.services.clients import ClientService, Profile
from bot.services.clock import Clock
from bot.services.devices import DeviceService
from bot.services.hashing import Hasher, Tagger
from bot.services.keys import Keyring
from storage import migrations
from storage.database import Database
from tests.journeys.running import ROOT, SERVER_KEY, RunningBot
from tests.servers import Postgres, bring_server
from tests.signing import Signer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from storage.models import Device

LISTENING = re.compile(r"answering HTTP at \S+ port (\d+)")
DEVICES = 20


@dataclass(frozen=True)
class Registered:
    """A device and its secret."""

    device: Device
    secret: str


@dataclass(frozen=True)
class Neighbour:
    """A server that the program is measured beside, and the keys that it made."""

    process: int
    port: int
    keys: list[str]


@dataclass
class Registry:
    """The program, running, with some devices."""

    bot: RunningBot
    sandbox: Sandbox
    database: Database
    devices: list[Registered]

    @property
    def port(self) -> int:
        """Return where it answers HTTP."""
        return port_of(self.bot)

    @property
    def host(self) -> str:
        """Return what the Host header says."""
        return f"127.0.0.1:{self.port}"

    def login_request(self, device_id: object, secret: str, *, address: str | None = None) -> bytes:
        """Return a login, ready for the wire; `address` is where a proxy says that it comes from."""
        body = json.dumps({"device_id": str(device_id), "secret": secret})
        forwarded = [] if address is None else [f"X-Forwarded-For: {address}"]
        head = ["POST /api/v1/sessions HTTP/1.1", f"Host: {self.host}", "Content-Type: application/json"]
        return "\r\n".join([*head, *forwarded, f"Content-Length: {len(body)}", "", body]).encode()

    async def open_session(self, registered: Registered) -> Signer:
        """Log a device in."""
        login = {"device_id": str(registered.device.id), "secret": registered.secret}
        async with httpx.AsyncClient(base_url=f"http://{self.host}", trust_env=False) as client:
            answer = (await client.post("/api/v1/sessions", json=login)).raise_for_status().json()
        return Signer(answer["session"], answer["signing_key"], self.host)


@contextlib.asynccontextmanager
async def running_registry(url: str, folder: Path, *, devices: int = DEVICES) -> AsyncIterator[Registry]:
    """Run `python -m bot run` against a sandbox, on a database that is migrated first."""
    async with Sandbox() as sandbox:
        database = Database(url)
        await migrations.upgrade(database)
        bot = RunningBot(sandbox, url, folder, LOG_LEVEL="INFO")
        try:
            await bot.start()
            yield Registry(bot, sandbox, database, await register_devices(database, devices))
        finally:
            await bot.stop()
            await database.dispose()


@contextlib.asynccontextmanager
async def running_api(registry: Registry, url: str, folder: Path) -> AsyncIterator[RunningBot]:
    """Run `python -m bot api` beside the program, on the same PostgreSQL."""
    api = RunningBot(registry.sandbox, url, folder, command=(sys.executable, "-m", "bot", "api"), LOG_LEVEL="INFO")
    await api.start(is_ready=False)
    try:
        await api.wait_for_log("answering HTTP at")
        yield api
    finally:
        await api.stop()


@contextlib.asynccontextmanager
async def running_neighbour(name: str, url: str = "") -> AsyncIterator[Neighbour]:
    """Run one of `neighbours` in a child process, on a database of any kind. The first line it says is its keys."""
    port = find_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.neighbours", name, str(port), url),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        line = await process.stdout.readline()
        assert line, f"{name} does not start"
        await wait_for_port(port)
        yield Neighbour(process.pid, port, line.decode().split())
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def postgres_url() -> AsyncIterator[str]:
    """Bring a PostgreSQL server and yield the URL of an empty database; it waits for its disk as a real one does."""
    with bring_server() as url:
        server = Postgres(url, is_ours=False)
        yield await server.create_empty()


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for databases."""
    return tempfile.TemporaryDirectory(prefix="registry-bench-")


def port_of(bot: RunningBot) -> int:
    """Return where a program says that it answers HTTP."""
    found = LISTENING.search(bot.log)
    assert found is not None
    return int(found[1])


def find_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(15):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)


async def register_devices(database: Database, count: int) -> list[Registered]:
    """Let one person register some devices."""
    hasher, clock = Hasher(), Clock()
    tagger = Tagger(Keyring([SERVER_KEY.encode()]))
    devices = DeviceService(database, hasher, tagger, clock, device_limit=count)
    person = await ClientService(database, clock, admins=Admins()).enter(Profile(1001, "Anna"))
    made = [Registered(*await devices.create_device(person.client_id, f"VPS-{n}")) for n in range(count)]
    hasher.close()
    return made
