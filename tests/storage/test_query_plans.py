"""Every list page and search goes along an index, so that none of them gets slower with every client and device.

The readings are those that the benchmark of lists times; here the database tells how it would carry them out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from storage.models import AuditEvent, Base, ChatUser, Client, Device
from tests.benchmarks.crowd import BEGAN, Crowd
from tests.benchmarks.lists import READINGS, Registry
from tests.chat.faults import overheard
from tests.conftest import SQLITE

if TYPE_CHECKING:
    from storage.database import Database

LARGE = ("audit_events", "chat_users", "clients", "devices")
MAY_SORT = {"device: by short id", "device: by fingerprint"}
"""Readings that sort what they find: the few devices that fit eight digits."""


async def read_plan(database: Database, statement: str, parameters: Any, backend: str) -> list[str]:
    """Return the steps by which the database would carry a statement out."""
    async with database.engine.connect() as connection:
        if backend == SQLITE:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return [str(step.detail) for step in plan]
        # the tables are all but empty: without this they would rather be read whole
        await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return [str(step[0]) for step in plan]


def is_slow(step: str, name: str) -> bool:
    """Tell whether a step reads or sorts more and more as there is more in the tables."""
    if re.search(rf"SCAN (?:{'|'.join(LARGE)})\b(?! USING (?:COVERING )?INDEX)", step):
        return True
    if re.search(rf"Seq Scan on (?:{'|'.join(LARGE)})\b", step):
        return True
    return "TEMP B-TREE" in step and name not in MAY_SORT


async def settle(database: Database, crowd: Crowd) -> None:
    """Let a few clients, people, devices and events of a crowd be in the database, so that every page has an edge."""
    async with database.begin() as session:
        for number in range(crowd.clients):
            named = {"status": "active", "created_at": BEGAN}
            client = Client(id=crowd.client_id(number), name=crowd.first_name(number), token_generation=0, **named)
            session.add(client)
            await session.flush()
            called = {"first_name": crowd.first_name(number), "username": crowd.username(number), "role": "trader"}
            session.add(ChatUser(telegram_id=crowd.telegram_id(number), client_id=client.id, **called, **named))
        for number in range(crowd.devices):
            session.add(make_device(crowd, number))
            about = {"client_id": crowd.client_id(number % crowd.clients), "device_id": crowd.device_id(number)}
            known = {"id": crowd.event_id(number), "actor": "system", "action": "x", "details": {}}
            session.add(AuditEvent(at=BEGAN, **about, **known))


def make_device(crowd: Crowd, number: int) -> Device:
    name = crowd.device_name(number)
    return Device(
        id=crowd.device_id(number),
        client_id=crowd.client_id(number % crowd.clients),
        device_name=name,
        folded_name=name.casefold(),
        secret_hash="",
        secret_tag=number.to_bytes(16),
        fingerprint=crowd.fingerprint(number),
        secret_generation=number,
        live_at=BEGAN,
        revoked=False,
        created_at=BEGAN,
        updated_at=BEGAN,
    )


async def read_plans(database: Database, backend: str, name: str) -> dict[str, list[str]]:
    """Return what a reading asks the database, and how each would be carried out."""
    registry = Registry(Crowd(20), database)
    registry.hasher.close()
    await settle(database, registry.crowd)
    statements: dict[str, Any] = {}

    def note(statement: str, parameters: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements[statement] = parameters

    with overheard(database, note, note):
        await READINGS[name](registry)
    return {asked: await read_plan(database, asked, values, backend) for asked, values in statements.items()}


@pytest.mark.parametrize("name", READINGS)
async def test_a_reading_goes_along_an_index(database: Database, backend: str, name: str) -> None:
    plans = await read_plans(database, backend, name)
    assert plans
    for statement, plan in plans.items():
        slow = [step for step in plan if is_slow(step, name)]
        assert not slow, f"{statement}\n{plan}"


@pytest.mark.parametrize("backend", [SQLITE])
async def test_a_clients_devices_are_counted_without_reading_their_rows(database: Database, backend: str) -> None:
    [plan] = (await read_plans(database, backend, "a client's devices: counts")).values()
    assert [step for step in plan if "devices" in step] == [
        "SEARCH devices USING COVERING INDEX ix_devices_counted (client_id=?)"
    ]


def test_the_large_tables_are_known_by_their_names() -> None:
    assert set(LARGE) <= set(Base.metadata.tables)
