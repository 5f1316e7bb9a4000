"""What is looked up past SQLAlchemy is what SQLAlchemy reads, on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Uuid, bindparam, select

from storage.models import Client, Device, UtcDateTime
from storage.prepared import Prepared

if TYPE_CHECKING:
    from storage.database import Database

CLIENT = uuid.UUID(int=7)
BEGAN = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
COLUMNS = [column for column in Device.__table__.columns if column.name != "id"]
DEVICES = select(Device.id, *COLUMNS).where(Device.client_id == bindparam("client_id", type_=Uuid()))
SINCE = DEVICES.where(Device.created_at >= bindparam("at", type_=UtcDateTime())).order_by(Device.created_at).limit(2)


@pytest.fixture
async def records(database: Database) -> Database:
    async with database.begin() as session:
        session.add(Client(id=CLIENT, name="Anna", status="active", token_generation=0, created_at=BEGAN))
        await session.flush()
        session.add_all(make_device(number) for number in range(4))
    return database


def make_device(number: int) -> Device:
    at = BEGAN + timedelta(days=number)
    return Device(
        id=uuid.UUID(int=number),
        client_id=CLIENT,
        device_name=f"Ünit {number}",
        folded_name=f"ünit {number}",
        secret_hash="",
        secret_tag=bytes([number, 0, 255]),
        fingerprint=f"{number:08x}",
        secret_generation=number,
        live_at=at,
        last_seen=at if number % 2 else None,
        revoked=number == 3,
        created_at=at,
        updated_at=at,
    )


async def read_plainly(database: Database, query: Any, **values: Any) -> list[tuple[Any, ...]]:
    async with database.read() as session:
        return [tuple(row) for row in await session.execute(query, values)]


@pytest.mark.parametrize("query", [DEVICES.order_by(Device.id), SINCE], ids=["all", "from a moment on"])
async def test_rows_are_those_that_sqlalchemy_reads(records: Database, query: Any) -> None:
    values = {"client_id": CLIENT} | ({"at": BEGAN + timedelta(days=1)} if query is SINCE else {})
    found = await records.look_up(Prepared(query), **values)
    assert found == await read_plainly(records, query, **values)
    assert len(found) == (2 if query is SINCE else 4)
    assert [[type(value) for value in row] for row in found] == [
        [type(value) for value in row] for row in await read_plainly(records, query, **values)
    ]


async def test_a_query_serves_any_number_of_callers_at_once(records: Database) -> None:
    query = Prepared(SINCE)
    days = [day % 4 for day in range(100)]
    found = await asyncio.gather(
        *(records.look_up(query, client_id=CLIENT, at=BEGAN + timedelta(days=day)) for day in days)
    )
    assert [rows[0][0].int for rows in found] == days


async def test_what_was_just_committed_is_seen_and_what_was_not_is_not(records: Database) -> None:
    query = Prepared(DEVICES)
    async with records.begin() as session:
        session.add(make_device(5))
        await session.flush()
        assert len(await records.look_up(query, client_id=CLIENT)) == 4
    assert len(await records.look_up(query, client_id=CLIENT)) == 5


async def test_a_value_that_is_missing_is_an_error_and_no_answer(records: Database) -> None:
    with pytest.raises((KeyError, ValueError)):
        await records.look_up(Prepared(SINCE), client_id=CLIENT, at=datetime(2026, 1, 1))  # noqa: DTZ001
