"""A backup is taken while the bot runs, and a bot is started from it: nobody is let in until an admin has confirmed."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.conftest import SQLITE, sqlite_url
from tests.journeys.people import PATIENCE
from tests.journeys.running import RunningBot, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.journeys.conftest import Houses

pytestmark = pytest.mark.asyncio(loop_scope="package")

ADDRESS = re.compile(r"answering HTTP at (\S+) port (\d+)")


async def back_up(url: str, folder: Path, target: str) -> tuple[int | None, str]:
    """Run the command as an operator does; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "backup", target),
        cwd=folder,
        env=environment(BOT_TOKEN="7000000001:AAsomething", DATABASE_URL=url, SERVER_KEY="0123456789abcdef" * 2),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    return process.returncode, told.decode()


async def log_in(bot: RunningBot, device_id: object, secret: str) -> httpx.Response:
    """Present a secret to the bot that was started last."""
    host, port = ADDRESS.findall(bot.log)[-1]
    async with httpx.AsyncClient(trust_env=False) as http:
        sent = {"device_id": str(device_id), "secret": secret}
        return await http.post(f"http://{host}:{port}/api/v1/sessions", json=sent)


async def test_a_bot_that_is_started_from_a_backup_asks_an_admin_first(houses: Houses) -> None:
    async with houses.build(SQLITE) as house:
        anna = await house.trader()
        registered = await anna.register("VPS-1")
        assert await back_up(house.url, house.folder, "copy.db") == (0, "")
        refusal = "is there already, and a backup overwrites nothing; choose another name."
        code, told = await back_up(house.url, house.folder, "copy.db")
        assert code == 1
        assert told.endswith(f"{refusal}\n")
        await house.olga.ask(f"/revoke {registered.id} stolen", "is revoked since")
        await house.bot.stop()

        restored = RunningBot(house.sandbox, sqlite_url(house.folder / "copy.db"), house.folder)
        try:
            await restored.start()
            asked = await house.olga.sees("I was started from a backup", timeout=PATIENCE)
            refused = await log_in(restored, registered.id, registered.secret)
            assert (refused.status_code, refused.json()["code"]) == (503, "restored_copy")
            assert int(refused.headers["retry-after"]) >= 1
            await anna.fence()
            await house.olga.tap("Let devices connect", asked)
            await house.olga.becomes(asked, "let devices connect again")
            assert (await log_in(restored, registered.id, registered.secret)).status_code == 201
            await restored.restart()
            await anna.fence()
            assert (await log_in(restored, registered.id, registered.secret)).status_code == 201
            assert house.olga.times_shown("I was started from a backup") == 1
        finally:
            if restored.is_running:
                await restored.kill()
            await house.bot.start()


async def test_postgresql_is_referred_to_its_own_tool(tmp_path: Path) -> None:
    url = "postgresql+asyncpg://nobody@127.0.0.1:9/nothing"
    code, told = await back_up(url, tmp_path, "copy.db")
    assert code == 1
    assert "pg_dump" in told


async def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    code, told = await back_up(sqlite_url(tmp_path / "devices.db"), tmp_path, "copy.db")
    assert code == 1
    assert told.startswith("DATABASE_URL: there is no ")
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
