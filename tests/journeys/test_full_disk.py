"""The disk is full, or another program holds the database: people are told, secrets go in time, all goes on later."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from storage.models import HandoutState
from tests.conftest import sqlite_url
from tests.journeys import evidence
from tests.journeys.conftest import running_house
from tests.journeys.people import SECRET
from tests.journeys.running import SECRET_TTL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.journeys.conftest import House
    from tests.journeys.people import Trader

pytestmark = pytest.mark.asyncio(loop_scope="package")

WAITS = "nothing is lost"
LATE = 2.0
LOCKED_FOR = 30.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for little more than the database."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(  # noqa: S603 - our own words
        ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "registry-test", folder],  # noqa: S607 - wherever it is
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=False)  # noqa: S603, S607 - as above


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no byte free on a file system."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Let another program hold the database for writing."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_full_disk_loses_nothing_and_leaks_nothing(small_disk: Path, sqlite_template: Path) -> None:
    path = small_disk / "devices.db"
    shutil.copyfile(sqlite_template, path)
    async with running_house(sqlite_url(path), small_disk) as house:
        await outlive(house, filled(small_disk), seconds=SECRET_TTL + LATE + 1)


async def test_a_database_that_another_program_holds_loses_nothing_and_leaks_nothing(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "devices.db"
    shutil.copyfile(sqlite_template, path)
    async with running_house(sqlite_url(path), tmp_path) as house:
        await outlive(house, held(path), seconds=LOCKED_FOR)


async def outlive(house: House, trouble: contextlib.AbstractContextManager[None], *, seconds: float) -> None:
    """Let people live through some seconds in which nothing can be written."""
    reader, asker, tapper = await house.trader("Anna"), await house.trader("Boris"), await house.trader("Cleo")
    card = await tapper.take_card("VPS-3")
    seen = await reader.open_secret("VPS-1")
    handout = await house.until_state(reader, HandoutState.SHOWN)
    assert handout.destroy_at is not None
    began = time.monotonic()
    with trouble:
        said = asker.say("/register VPS-2")
        house.sandbox.tap(tapper.id, "Show secret", message_id=card.message_id)
        await asker.sees(WAITS, after=said.message_id)
        await reader.misses(seen.secret, timeout=SECRET_TTL + 2 * LATE)
        [look] = evidence.sightings(house.sandbox, seen.secret)
        assert look.real_until is not None
        assert look.real_until <= handout.destroy_at.timestamp() + LATE
        await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
        assert no_secret(tapper)
    await asker.sees("is almost ready", after=said.message_id, timeout=60)
    await reader.sees("is registered", timeout=60)
    assert asker.times_shown("is almost ready") == 1
    assert asker.times_shown(WAITS) == 1
    await house.devices.authenticate_device(seen.id, seen.secret)
    await tapper.sees("The secret of", timeout=60)
    await tapper.tap("I saved it")
    await tapper.sees("is registered")


def no_secret(trader: Trader) -> bool:
    return not any(SECRET.search(text) for text in trader.screen())
