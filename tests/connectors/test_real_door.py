"""Both connectors against the program itself: its sessions, its clock, its refusals, over a socket."""

from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.app import WebDoor, assemble_core
from bot.services.clients import Profile
from tests.conftest import sqlite_url
from tests.connectors.conftest import Mql5Device, PythonDevice
from tests.web.conftest import AFTER_START, serving, web_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.app import Core
    from storage.database import Database
    from storage.models import Device as Row
    from tests.connectors.conftest import Device, Seen
    from tests.connectors.terminal import Terminal
    from tests.fakes import CountingHasher, FakeClock


class House:
    """The program, one registered device, and the device's own program with its own idea of the time."""

    def __init__(self, core: Core, clock: FakeClock, row: Row, secret_file: Path, device: Device) -> None:
        self.core = core
        self.row = row
        self.secret_file = secret_file
        self.device = device
        self._clock = clock

    async def ask(self, method: str = "GET", target: str = "/api/v1/me", body: str = "") -> Seen:
        """Send a signed request without holding the server up."""
        return await asyncio.to_thread(self.device.request, method, target, body)

    def pass_time(self, step: timedelta) -> None:
        """Let time pass for both."""
        self._clock.advance(step)
        self.device.pass_time(step.total_seconds())


@pytest.fixture
async def core(
    sqlite_template: Path,
    tmp_path: Path,
    open_database: Callable[[str], Database],
    hasher: CountingHasher,
    clock: FakeClock,
) -> AsyncIterator[Core]:
    """The rules on a database of their own: what the doors' tests show for PostgreSQL is not shown again."""
    path = tmp_path / "devices.db"
    shutil.copyfile(sqlite_template, path)
    core = await assemble_core(web_settings(), open_database(sqlite_url(path)), clock=clock, hasher=hasher)
    clock.advance(AFTER_START)
    yield core
    await core.gate.close()


@pytest.fixture(params=["python", "mql5"])
async def house(
    core: Core, clock: FakeClock, secret_file: Path, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    """The program on a port, and a device whose clock is an hour slow."""
    open_terminal = request.getfixturevalue("open_terminal") if request.param == "mql5" else None
    anna = await core.clients.enter(Profile(101, "Anna"))
    row, secret = await core.devices.create_device(anna.client_id, "VPS-1")
    put(secret, secret_file)
    clock_ms = int((clock.now() - timedelta(hours=1)).timestamp() * 1000)
    async with serving(WebDoor(web_settings(), core, has_bot=False).app) as port:
        url = f"http://127.0.0.1:{port}"
        device = make(open_terminal() if open_terminal else None, url, str(row.id), secret_file, clock_ms)
        yield House(core, clock, row, secret_file, device)


def put(secret: str, secret_file: Path) -> None:
    """Write a secret into the device's file."""
    secret_file.write_text(secret, encoding="ascii")


def make(terminal: Terminal | None, url: str, device_id: str, secret_file: Path, clock_ms: int) -> Device:
    """Return a device of either kind."""
    if terminal is None:
        return PythonDevice(url, secret_file, clock_ms, device_id=device_id)
    return Mql5Device(terminal, url, secret_file, clock_ms, device_id=device_id)


async def test_a_device_is_let_in_whatever_its_clock_says(house: House, hasher: CountingHasher) -> None:
    for target in ("/api/v1/me", "/api/v1/me?", "/api/v1/me?a=%2F&a=%20b&flag"):
        assert (await house.ask(target=target)).status == 200
    assert hasher.verified == 1


async def test_a_clock_that_jumps_costs_no_second_login(house: House, hasher: CountingHasher) -> None:
    await house.ask()
    for seconds in (3600, -7200):
        house.device.shift_clock(seconds)
        assert (await house.ask()).status == 200
    assert hasher.verified == 1


async def test_sessions_follow_each_other_through_the_days(house: House, hasher: CountingHasher) -> None:
    for _ in range(12):
        assert (await house.ask()).status == 200
        house.pass_time(timedelta(hours=4))
    assert 3 <= hasher.verified <= 6


async def test_a_replaced_secret_is_taken_up_from_its_file(house: House) -> None:
    await house.ask()
    _, secret = await house.core.devices.rotate_secret(house.row.id, timedelta(0))
    assert (await house.ask())[:2] == (None, "invalid_credentials")
    put(secret, house.secret_file)
    assert (await house.ask()).status == 200


async def test_a_revoked_device_is_told_and_asks_no_more(house: House, hasher: CountingHasher) -> None:
    await house.ask()
    await house.core.devices.revoke_device(house.row.id)
    for _ in range(5):
        assert (await house.ask())[:2] == (None, "device_revoked")
    assert hasher.verified == 1


async def test_an_unknown_page_is_the_programs_to_act_on(house: House) -> None:
    assert (await house.ask(target="/api/v1/none"))[:2] == (404, "not_found")
