"""The registry outgrows its file: it moves to PostgreSQL with the real command, and goes on there as if nothing was."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import signal
import sys
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import func, select

from storage import migrations
from storage.database import Database
from storage.models import Client, Device, HandoutState
from tests.conftest import SQLITE, run_apart, sqlite_url
from tests.journeys.people import PATIENCE
from tests.journeys.running import SECRET_TTL, SERVER_KEY, RunningBot, environment
from tests.services.full_tables import read_all
from tests.signing import Signer, milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.conftest import Houses
    from tests.servers import Postgres

pytestmark = pytest.mark.asyncio(loop_scope="package")

ADDRESS = re.compile(r"answering HTTP at (\S+) port (\d+)")
REFUSED = 2
MANY = 40_000
STEP = 8_000
"""Rows that each life adds before it is killed."""
AFTER_MOVE = 5.0
"""Seconds for which requests are refused that were signed before the end of the move, or soon after."""


@pytest.fixture
def target_url(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database with nothing in it."""
    url = run_apart(postgres.create_empty())
    yield url
    run_apart(postgres.drop(url))


async def start_copy(source: str, target: str, folder: Path) -> asyncio.subprocess.Process:
    """Start the command as an operator does."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "copy", source, target),
        cwd=folder,
        env=environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def copy(source: str, target: str, folder: Path) -> tuple[int | None, str, str]:
    """Run the command; return its exit code and what it said on both ways."""
    process = await start_copy(source, target, folder)
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def refusal(command: str, url: str, folder: Path) -> str:
    """Run a program that will not start, and return the sentence with which it ends."""
    settings = {"BOT_TOKEN": "7000000001:AAsomething", "DATABASE_URL": url, "SERVER_KEY": SERVER_KEY, "PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", command),
        cwd=folder,
        env=environment(**settings, TELEGRAM_API_URL="http://127.0.0.1:9"),
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        _, told = await process.communicate()
    assert process.returncode == REFUSED
    return told.decode()


class Door:
    """The HTTP door of the bot that was started last."""

    def __init__(self, bot: RunningBot) -> None:
        host, port = ADDRESS.findall(bot.log)[-1]
        self.host = f"{host}:{port}"

    async def log_in(self, device_id: uuid.UUID, secret: str) -> Signer:
        """Open a session."""
        async with httpx.AsyncClient(trust_env=False) as http:
            sent = {"device_id": str(device_id), "secret": secret}
            answer = await http.post(f"http://{self.host}/api/v1/sessions", json=sent)
        assert answer.status_code == 201, answer.text
        return Signer(answer.json()["session"], answer.json()["signing_key"], self.host)

    async def ask(self, headers: dict[str, str], host: str | None = None) -> httpx.Response:
        """Send a signed request, which may have been signed for another door."""
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.get(f"http://{self.host}/api/v1/me", headers=headers | {"Host": host or self.host})


async def test_the_bot_goes_on_in_postgresql_as_if_nothing_was(houses: Houses, target_url: str) -> None:
    async with contextlib.AsyncExitStack() as stack, houses.build(SQLITE) as house:
        anna, boris = await house.trader(), await house.trader("Boris")
        registered = await anna.register("VPS-1")
        before = Door(house.bot)
        await asyncio.sleep(AFTER_MOVE)  # a bot that has just started on SQLite lets no signed request in
        signer = await before.log_in(registered.id, registered.secret)
        spent = signer.sign("GET", "/api/v1/me", timestamp=milliseconds())
        assert (await before.ask(spent)).status_code == 200

        code, _, told = await copy(house.url, target_url, house.folder)
        assert (code, told) == (REFUSED, "FROM_URL: a bot is running on it; stop it, and try again.\n")
        visible = await boris.open_secret("VPS-2")
        await house.until_state(boris, HandoutState.SHOWN)
        await house.bot.kill()
        late = boris.say("/devices")

        code, told, progress = await copy(house.url, target_url, house.folder)
        assert code == 0, progress
        assert "Everything has moved:" in told
        assert "devices: 2 of 2\n" in progress
        assert registered.secret not in told + progress
        closed = await refusal("run", house.url, house.folder)
        assert closed.startswith("DATABASE_URL: these records were moved to PostgreSQL, database registry_")

        moved = RunningBot(house.sandbox, target_url, house.folder)
        house.bot = moved
        await house.database.dispose()
        house.database = Database(target_url)
        stack.push_async_callback(house.database.dispose)
        await moved.start()
        after = Door(moved)
        # what was on a screen when the old one died goes from it in time
        await boris.misses("The secret of", timeout=SECRET_TTL + PATIENCE)
        await house.until_state(boris, HandoutState.DESTROYED)
        assert boris.find(visible.card.message_id) is None
        await boris.sees("Your devices", after=late.message_id)
        # the session from before is good, its spent nonce is not
        assert (await after.ask(spent, signer.host)).json()["code"] in {"timestamp_too_old", "nonce_used"}
        await asyncio.sleep(AFTER_MOVE)
        fresh = signer.sign("GET", "/api/v1/me", timestamp=milliseconds())
        assert (await after.ask(fresh, signer.host)).json()["id"] == str(registered.id)
        for each in (registered, visible):
            signer = await after.log_in(each.id, each.secret)
            answer = await after.ask(signer.sign("GET", "/api/v1/me", timestamp=milliseconds()))
            assert answer.json()["id"] == str(each.id)
        await anna.follow("VPS-1", "Device ID", await anna.ask("/devices", "Your devices"))
        assert (await copy(house.url, target_url, house.folder))[0] == 0


@pytest.fixture
def big_source(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite installation with many devices."""
    path = tmp_path / "devices.db"
    shutil.copyfile(sqlite_template, path)

    async def fill() -> None:
        database, now, client_id = Database(sqlite_url(path)), datetime.now(UTC), uuid.uuid4()
        async with database.begin() as session:
            session.add(Client(id=client_id, name="Anna", status="active", token_generation=0, created_at=now))
        rows = [
            {
                "id": uuid.uuid4(),
                "client_id": client_id,
                "device_name": f"VPS-{number}",
                "folded_name": f"vps-{number}",
                "secret_hash": "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
                "secret_tag": number.to_bytes(16, "big"),
                "fingerprint": f"{number:08x}",
                "secret_generation": number,
                "revoked": False,
                "live_at": now,
                "created_at": now,
                "updated_at": now,
            }
            for number in range(MANY)
        ]
        async with database.begin() as session:
            await session.execute(Device.__table__.insert(), rows)  # type: ignore[attr-defined]  # it is a Table
        await database.dispose()

    run_apart(fill())
    return sqlite_url(path)


async def test_killed_over_and_over_it_goes_on_until_every_row_is_there(
    big_source: str, target_url: str, tmp_path: Path
) -> None:
    target = Database(target_url, name="a test")

    async def count() -> int:
        async with target.read() as session:
            return await session.scalar(select(func.count()).select_from(Device)) or 0

    async def live(until: int) -> int | None:
        """Run the command until so many devices are there, then kill it; return its exit code."""
        process = await start_copy(big_source, target_url, tmp_path)
        ended = asyncio.create_task(process.communicate())
        is_killed = False
        while not (await asyncio.wait([ended], timeout=0.01))[0]:
            # once: a second signal would ask for the exit code that asyncio waits for, and leave it none
            if not is_killed and until <= await count() < MANY:
                is_killed = True
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
        return process.returncode

    await migrations.upgrade(target)
    kills = 0
    while (code := await live(until := await count() + STEP)) != 0:
        assert code == -signal.SIGKILL
        assert await count() >= until, "what was copied stays"
        kills += 1
        if kills == 1:
            for command in ("run", "api"):
                assert "the same python -m bot copy again" in await refusal(command, target_url, tmp_path)
    assert kills >= 3
    source = Database(big_source)
    assert await read_all(target) == await read_all(source)
    await source.dispose()
    await target.dispose()


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("nonsense", "postgresql://nobody:s3cret@127.0.0.1:9/nothing", "FROM_URL: this is no database URL."),
        ("sqlite:///a.db", "postgresql://nobody:s3cret@127.0.0.1:port/no", "TO_URL: this is no database URL."),
        ("sqlite:///a.db", "sqlite:///b.db", "copy moves a SQLite database to PostgreSQL"),
        ("sqlite:///a.db", "postgresql://nobody:s3cret@127.0.0.1:9/nothing", "FROM_URL: there is no "),
        ("sqlite:///here.db", "postgresql://nobody:s3cret@127.0.0.1:9/no", "TO_URL: the database cannot be opened: "),
    ],
)
async def test_what_cannot_move_is_refused_with_a_sentence_that_has_no_password_in_it(
    tmp_path: Path, sqlite_template: Path, source: str, target: str, expected: str
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "here.db")
    code, out, told = await copy(source, target, tmp_path)
    assert (code, out) == (REFUSED, "")
    assert told.startswith(expected)
    assert len(told.splitlines()) == 1
    assert "s3cret" not in told
    assert not (tmp_path / "a.db").exists()
