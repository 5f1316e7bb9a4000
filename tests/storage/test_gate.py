"""PostgreSQL's gate: whoever comes together is asked about together, and each is told what is true of themselves."""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from storage.gate import QUESTIONS, WINDOW, PostgresGate
from storage.shortcut import GateClosed
from tests.conftest import POSTGRESQL
from tests.rows import set_device
from tests.storage.test_query_plans import read_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from storage.database import Database
    from storage.gate import DeviceState

NOW = 1_795_491_787_000


class Overheard:
    """The database's shortcut, and how many were asked about in each statement. It can be held up, and broken."""

    def __init__(self, database: Database) -> None:
        self._shortcut = database.shortcut
        self.asked: list[int] = []
        self.is_broken = False
        self.may_go = asyncio.Event()
        self.may_go.set()

    async def fetch_all(self, statement: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
        """Ask, when it may."""
        self.asked.append(len(arguments[0]))
        await self.may_go.wait()
        if self.is_broken:
            raise GateClosed("broken")
        return await self._shortcut.fetch_all(statement, arguments)


@pytest.fixture
def backend() -> str:
    return POSTGRESQL


@pytest.fixture
def overheard(database: Database) -> Overheard:
    return Overheard(database)


@pytest.fixture
def gate(database: Database, overheard: Overheard) -> PostgresGate:
    gate = PostgresGate(database)
    gate._shortcut = overheard  # type: ignore[assignment]  # all of it that is used
    return gate


@pytest.fixture
async def device_id(devices: DeviceService, anna: Person) -> uuid.UUID:
    device, _ = await devices.create_device(anna.client_id, "VPS-1")
    return device.id


async def enter(gate: PostgresGate, device_id: uuid.UUID, number: int) -> tuple[DeviceState, bool] | None:
    return await gate.enter(device_id, f"nonce-{number:016}", NOW + WINDOW, NOW)


async def test_who_comes_while_others_are_asked_about_is_asked_about_with_the_next(
    gate: PostgresGate, overheard: Overheard, device_id: uuid.UUID
) -> None:
    overheard.may_go.clear()
    first = [asyncio.create_task(enter(gate, device_id, number)) for number in range(QUESTIONS)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert overheard.asked == [QUESTIONS]
    others = [asyncio.create_task(enter(gate, device_id, 100 + number)) for number in range(30)]
    await asyncio.sleep(0)
    overheard.may_go.set()
    entries = await asyncio.gather(*first, *others)
    assert all(entry is not None and entry[1] for entry in entries)
    assert overheard.asked == [QUESTIONS, 30]


async def test_a_question_that_takes_long_holds_nobody_up(
    gate: PostgresGate, overheard: Overheard, device_id: uuid.UUID
) -> None:
    overheard.may_go.clear()
    slow = asyncio.create_task(enter(gate, device_id, 1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert overheard.asked == [1]
    held, overheard.may_go = overheard.may_go, asyncio.Event()
    overheard.may_go.set()
    for number in range(2, 5):
        assert await enter(gate, device_id, number) is not None
    assert not slow.done()
    held.set()
    await slow


async def test_each_is_told_of_its_own_device(
    gate: PostgresGate, overheard: Overheard, devices: DeviceService, anna: Person, database: Database
) -> None:
    made = [(await devices.create_device(anna.client_id, f"VPS-{number}"))[0] for number in range(4)]
    await devices.revoke_device(made[1].id)
    await set_device(database, made[2].id, live_at=None)
    unknown = uuid.uuid4()
    ids = [made[0].id, unknown, made[1].id, made[2].id, made[3].id]
    entries = await asyncio.gather(*(enter(gate, device_id, 1) for device_id in ids))
    assert overheard.asked == [5]
    told = [entry and (entry[0].device_id, entry[0].device_name, entry[0].is_revoked, entry[1]) for entry in entries]
    assert told == [
        (made[0].id, "VPS-0", False, True),
        None,
        (made[1].id, "VPS-1", True, True),
        None,
        (made[3].id, "VPS-3", False, True),
    ]


async def test_of_those_who_come_together_with_one_nonce_one_gets_in(
    gate: PostgresGate, overheard: Overheard, device_id: uuid.UUID
) -> None:
    entries = await asyncio.gather(*(enter(gate, device_id, number % 2) for number in range(8)))
    assert overheard.asked == [2]
    assert [entry is not None and entry[1] for entry in entries] == [True, True] + [False] * 6
    again = await asyncio.gather(*(enter(gate, device_id, number % 2) for number in range(8)))
    assert not any(entry is not None and entry[1] for entry in again)
    unknown = await asyncio.gather(*(enter(gate, uuid.uuid4(), 1) for _ in range(2)))
    assert unknown == [None, None]


async def test_processes_that_spend_the_same_nonces_at_once_never_wait_for_each_other_in_a_circle(
    database: Database, device_id: uuid.UUID
) -> None:
    gates = [PostgresGate(database) for _ in range(4)]
    chance = random.Random(1)  # noqa: S311 - the same order every time
    for round_ in range(10):
        numbers = [100 * round_ + number for number in range(50)]

        async def enter_all(gate: PostgresGate, numbers: list[int]) -> dict[int, bool]:
            order = chance.sample(numbers, len(numbers))
            entries = await asyncio.gather(*(enter(gate, device_id, number) for number in order))
            return {number: entry is not None and entry[1] for number, entry in zip(order, entries, strict=True)}

        told = await asyncio.gather(*(enter_all(gate, numbers) for gate in gates))
        assert [sum(one[number] for one in told) for number in numbers] == [1] * 50


async def test_when_the_database_is_away_everybody_is_told_and_the_next_is_asked_about(
    gate: PostgresGate, overheard: Overheard, device_id: uuid.UUID
) -> None:
    overheard.is_broken = True
    outcomes = await asyncio.gather(*(enter(gate, device_id, n % 5) for n in range(10)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [GateClosed] * 10
    overheard.is_broken = False
    entry = await enter(gate, device_id, 1)
    assert entry is not None
    assert entry[1]


async def test_who_gave_up_disturbs_nobody(gate: PostgresGate, overheard: Overheard, device_id: uuid.UUID) -> None:
    overheard.may_go.clear()
    waiting = [asyncio.create_task(enter(gate, device_id, number // 2)) for number in range(6)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    waiting[3].cancel()
    overheard.may_go.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert isinstance(outcomes[3], asyncio.CancelledError)
    told = [outcome[1] for outcome in outcomes if isinstance(outcome, tuple)]
    assert told == [True, True, True, False]


async def test_devices_are_found_along_an_index(
    gate: PostgresGate, overheard: Overheard, device_id: uuid.UUID, database: Database
) -> None:
    said: list[tuple[str, Sequence[Any]]] = []
    fetch_all = overheard.fetch_all

    async def note(statement: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
        said.append((statement, arguments))
        return await fetch_all(statement, arguments)

    overheard.fetch_all = note  # type: ignore[method-assign]  # to hear what it says
    assert await enter(gate, device_id, 1) is not None
    [(statement, arguments)] = said
    plan = "\n".join(await read_plan(database, statement, tuple(map(list, arguments)), POSTGRESQL))
    assert "pk_devices" in plan
    assert "pk_clients" in plan
    assert "Seq Scan" not in plan
