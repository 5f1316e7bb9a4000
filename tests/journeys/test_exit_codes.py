"""A setting that will not do ends the program with exit code 2 and one sentence that names the setting."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.sandbox import Sandbox
from tests.conftest import run_apart, sqlite_url
from tests.journeys.running import BOT_RUN, SERVER_KEY, environment
from tests.journeys.together import for_each

if TYPE_CHECKING:
    from tests.servers import Postgres

BAD_SETTINGS = 2
PATIENCE = 60.0
TOKEN = "7000000001:a-token-that-nobody-checks-here"
NOWHERE = "http://127.0.0.1:9"


async def test_a_setting_that_is_missing_is_named(tmp_path: Path) -> None:
    sentence = await _refused(tmp_path, {"TELEGRAM_API_URL": NOWHERE})
    assert sentence.startswith("BOT_TOKEN: ")
    assert len(sentence.splitlines()) == 1


async def test_of_several_settings_that_will_not_do_each_is_named(tmp_path: Path) -> None:
    faults = {
        "ADMIN_IDS": "@olga",
        "BOT_TOKEN": "not-a-token",
        "DATABASE_URL": "nonsense",
        "DEVICE_LIMIT": "0",
        "LOG_LEVEL": "LOUD",
        "SECRET_TTL": "5",
        "SERVER_KEY": "short",
        "TELEGRAM_API_URL": "api.telegram.org",
    }
    said = await _refused(tmp_path, faults)
    assert sorted(line.partition(": ")[0] for line in said.splitlines()) == sorted(faults)


async def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    no_database = tmp_path / "notes.txt"
    no_database.write_text("these are no tables\n" * 200)

    async def open_it(path: Path) -> None:
        settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": NOWHERE, "DATABASE_URL": sqlite_url(path)}
        sentence = await _refused(tmp_path, settings)
        assert sentence.startswith("DATABASE_URL: ")
        assert len(sentence.splitlines()) == 1

    await for_each([tmp_path / "no" / "folder" / "devices.db", tmp_path, Path("/sys/devices.db"), no_database], open_it)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_database_without_permission_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": NOWHERE, "DATABASE_URL": sqlite_url(folder / "devices.db")}
    sentence = await _refused(tmp_path, settings)
    assert sentence.startswith("DATABASE_URL: ")


async def test_a_database_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": NOWHERE, "SERVER_KEY": SERVER_KEY}
    url = "postgresql://registry:hidden-password@127.0.0.1:9/devices"
    sentence = await _refused(tmp_path, settings | {"DATABASE_URL": url})
    assert sentence.startswith("DATABASE_URL: ")
    assert "hidden-password" not in sentence


async def test_a_token_that_telegram_does_not_know_is_named(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": sandbox.url, "LOG_LEVEL": "DEBUG"}
        said = await _refused(tmp_path, settings)
    assert said.splitlines()[-1].startswith("BOT_TOKEN: ")
    assert TOKEN.partition(":")[2] not in said


async def test_postgresql_without_a_server_key_is_told_to_set_one(tmp_path: Path, postgres: Postgres) -> None:
    url = run_apart(postgres.take_migrated())
    try:
        settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": NOWHERE, "DATABASE_URL": url}
        said = await _refused(tmp_path, settings)
        assert said.splitlines()[-1].startswith("SERVER_KEY: ")
    finally:
        run_apart(postgres.give_back(url))


async def test_tables_of_postgresql_that_are_missing_are_told_with_the_command_that_makes_them(
    tmp_path: Path, postgres: Postgres
) -> None:
    url = run_apart(postgres.create_empty())
    try:
        settings = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": NOWHERE, "DATABASE_URL": url, "SERVER_KEY": SERVER_KEY}
        assert "python -m bot migrate" in await _refused(tmp_path, settings)
    finally:
        run_apart(postgres.drop(url))


async def _refused(folder: Path, settings: dict[str, str]) -> str:
    """Run the bot, which refuses to start; return what it says about that."""
    process = await asyncio.create_subprocess_exec(
        *BOT_RUN, cwd=folder, env=environment(PORT="0") | settings, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == BAD_SETTINGS, said.decode()
    assert "Traceback" not in said.decode()
    return said.decode().strip()
