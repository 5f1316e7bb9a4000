"""What was kept before names were searched is found by them afterwards, and nothing is lost on the way back."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import migrations
from storage.directory import Field, list_hits

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database

REVISION = "0005"
CLIENT_ID = uuid.UUID("5d0b6a1e-0c55-4f0e-8a43-1a9f5f0f7c11")
AT = datetime(2026, 1, 1, tzinfo=UTC)
CLIENT = """
    INSERT INTO clients (id, name, status, token_generation, created_at) VALUES (:id, 'ÄNNA K.', 'active', 0, :at)
"""
PERSON = """
    INSERT INTO chat_users (telegram_id, client_id, status, username, first_name, role, created_at)
    VALUES (:number, :id, 'active', :username, 'ÄNNA', 'trader', :at)
"""


async def test_those_who_were_there_before_are_found(
    empty_database_url: str, open_database: Callable[[str], Database]
) -> None:
    database = open_database(empty_database_url)
    before = ScriptDirectory.from_config(migrations.build_config()).get_revision(REVISION).down_revision
    await migrations.upgrade(database, str(before))
    await insert(database)
    await migrations.upgrade(database, REVISION)
    async with database.read() as session:
        for field, term, shown in (
            (Field.NAME, "änna k", "ÄNNA K."),
            (Field.FIRST_NAME, "änna", "ÄNNA"),
            (Field.USERNAME, "anna_f", "Anna_FX"),
            (Field.TELEGRAM_ID, "1234", "123456"),
        ):
            hits = await list_hits(session, [field], term, window=9)
            assert (hits[0].client_id, hits[0].shown) == (CLIENT_ID, shown)
    await migrations.downgrade(database, str(before))
    async with database.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM clients")) == 1
        assert await connection.scalar(text("SELECT count(*) FROM chat_users")) == 2


async def insert(database: Database) -> None:
    """Insert a client and two people as the program did before."""
    is_sqlite = database.path is not None
    client_id, at = (CLIENT_ID.hex, AT.strftime("%Y-%m-%d %H:%M:%S.000000")) if is_sqlite else (CLIENT_ID, AT)
    async with database.engine.begin() as connection:
        await connection.execute(text(CLIENT), {"id": client_id, "at": at})
        for number, username in ((123456, "Anna_FX"), (7, None)):
            values = {"id": client_id, "at": at, "number": number, "username": username}
            await connection.execute(text(PERSON), values)
