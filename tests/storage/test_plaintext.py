"""What the disk holds after secrets were made, shown, used and replaced: none of them."""

from __future__ import annotations

import base64
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.services.admins import Admins
from bot.services.clients import ClientService, Profile
from bot.services.devices import DeviceService
from storage.models import Base
from tests.conftest import SQLITE, start_bot
from tests.services.cards import CARD, offer, offer_new_secret, show, tap

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from bot.services.clients import Person
    from bot.services.handouts import HandoutService
    from bot.services.hashing import Tagger
    from storage.database import Database
    from tests.fakes import CountingHasher, FakeClock


def spellings(secret: str) -> list[bytes]:
    """Return ways in which a secret might lie about without anybody meaning it to."""
    raw = secret.encode()
    return [raw, raw[5:], secret[::-1].encode(), raw.hex().encode(), base64.b64encode(raw), secret.encode("utf-16-le")]


async def live_through_everything(
    devices: DeviceService, handouts: HandoutService, anna: Person, clock: FakeClock
) -> list[str]:
    """Make secrets in every way there is; return them all."""
    device, first = await devices.create_device(anna.client_id, "by REST")
    await devices.authenticate_device(device.id, first, address="203.0.113.7")
    _, second = await devices.rotate_secret(device.id, timedelta(hours=1))
    card = await offer(handouts, anna, "in chat", message_id=1)
    _, third = await show(handouts, anna, card)
    await devices.authenticate_device(card.device_id, third)
    await handouts.dismiss(anna, card.id, 1)
    await handouts.mark_destroyed(card.id)
    again = await offer_new_secret(handouts, anna, card.device_id, timedelta(hours=1), message_id=2)
    _, fourth = await show(handouts, anna, again)
    await handouts.dismiss(anna, again.id, 2)
    thrown_away = await offer(handouts, anna, "never seen", message_id=3)
    _, fifth = await tap(handouts, anna, thrown_away)
    await handouts.abandon(thrown_away.id)
    left = await offer(handouts, anna, "left on the screen", message_id=CARD)
    _, sixth = await show(handouts, anna, left)
    await devices.revoke_device(device.id, reason=f"it was {second}")
    clock.advance(timedelta(minutes=2))
    return [first, second, third, fourth, fifth, sixth]


async def test_no_secret_is_in_any_file_or_table(
    devices: DeviceService, handouts: HandoutService, anna: Person, clock: FakeClock, database: Database, backend: str
) -> None:
    secrets = await live_through_everything(devices, handouts, anna, clock)
    if backend == SQLITE:
        assert database.path is not None
        files = [path for path in database.path.parent.iterdir() if path.is_file()]
        assert {path.suffix for path in files} >= {".db", ".db-wal", ".db-shm"}
        held = b"".join(path.read_bytes() for path in files)
    else:
        async with database.engine.connect() as connection:
            tables = [
                str((await connection.execute(text(f'SELECT "{name}"::text FROM "{name}"'))).all())  # noqa: S608
                for name in Base.metadata.tables
            ]
        held = "".join(tables).encode()
    assert b"left on the screen" in held
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling not in held


async def test_no_secret_is_in_a_log_at_any_level(
    database_url: str,
    hasher: CountingHasher,
    tagger: Tagger,
    clock: FakeClock,
    open_database: Callable[[str], Database],
    caplog: pytest.LogCaptureFixture,
) -> None:
    for logger in ("", "sqlalchemy.engine", "sqlalchemy.pool", "aiosqlite", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=logger)
    # an engine looks at its logger's level when it is made
    database = open_database(database_url)
    devices = DeviceService(database, hasher, tagger, clock)
    clients = ClientService(database, clock, admins=Admins())
    handouts = await start_bot(database, devices, clock)
    anna = await clients.enter(Profile(101, "Anna"))
    secrets = await live_through_everything(devices, handouts, anna, clock)
    await clients.delete_client(anna.client_id, actor="chat:9")
    assert "UPDATE handouts" in caplog.text
    for secret in secrets:
        for spelling in spellings(secret):
            assert spelling.decode("latin-1") not in caplog.text
