"""`python -m bot api`: the door alone, any number of times on PostgreSQL, never on SQLite."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import POSTGRESQL, SQLITE
from tests.journeys.running import environment
from tests.signing import Signer, milliseconds
from tests.web.conftest import SERVER_KEY, TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.services.devices import DeviceService
    from tests.web.conftest import Site

ADDRESS = re.compile(r"answering HTTP at (\S+) port (\d+)")


@contextlib.asynccontextmanager
async def run_api(database_url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "api"),
        cwd=folder,
        env=environment(BOT_TOKEN=TOKEN, DATABASE_URL=database_url, SERVER_KEY=SERVER_KEY, PORT="0", LOG_FORMAT="json"),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                await process.wait()


async def find_address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(20):
        async for line in process.stderr:
            if found := ADDRESS.search(line.decode()):
                return f"http://{found[1]}:{found[2]}"
    raise AssertionError("it does not serve")


@pytest.mark.parametrize("backend", [SQLITE])
async def test_on_sqlite_the_door_alone_is_refused_with_a_sentence(database_url: str, tmp_path: Path) -> None:
    async with run_api(database_url, tmp_path) as process:
        _, told = await process.communicate()
    assert process.returncode == 2
    assert told.decode() == "DATABASE_URL: api needs PostgreSQL; on SQLite, run serves HTTP itself.\n"


@pytest.mark.parametrize("backend", [POSTGRESQL])
async def test_on_postgresql_two_of_them_share_devices_sessions_and_nonces(
    database_url: str, site: Site, tmp_path: Path
) -> None:
    devices: DeviceService = site.core.devices
    device, secret = await devices.create_device((await site.enter()).client_id, "VPS-1")
    async with run_api(database_url, tmp_path) as one, run_api(database_url, tmp_path) as two:
        first, second = await find_address(one), await find_address(two)
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{first}/readyz")).json() == {"status": "ready"}
            opened = await http.post(f"{first}/api/v1/sessions", json={"device_id": str(device.id), "secret": secret})
            signer = Signer(opened.json()["session"], opened.json()["signing_key"], "devices.test")
            signed = {"Host": "devices.test"} | signer.sign("GET", "/api/v1/me", timestamp=milliseconds())
            assert (await http.get(f"{second}/api/v1/me", headers=signed)).json()["id"] == str(device.id)
            assert (await http.get(f"{first}/api/v1/me", headers=signed)).json()["code"] == "nonce_used"
            await devices.revoke_device(device.id)
            for address in (first, second):
                signed = {"Host": "devices.test"} | signer.sign("GET", "/api/v1/me", timestamp=milliseconds())
                assert (await http.get(f"{address}/api/v1/me", headers=signed)).json()["code"] == "device_revoked"
    assert (one.returncode, two.returncode) == (0, 0)
