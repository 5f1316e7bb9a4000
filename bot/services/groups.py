"""Groups of devices: a name that a device carries, the list of those names, and what is done with many at once.

What is to be done with several devices is written down when it is asked, as a batch that names exactly those devices,
and carried out once: in one transaction, all of it or nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.services import metrics
from bot.services.catalogue import PAGE_SIZE
from bot.services.errors import BatchNotFound, DeviceNotFound, DeviceRevoked, NotTheOwner, TooManyPicked
from bot.services.names import normalise_name
from bot.services.revocations import revoke
from storage import audit, clients, devices, groups, inbox
from storage.models import Batch

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clients import Person
    from bot.services.clock import Clock
    from storage.database import Database
    from storage.models import Device

MOST_AT_ONCE = 500
"""Devices that one step may change: it is one transaction, and on SQLite everybody else waits for it."""
NAMED = 10
"""How many of the devices a question names; the rest it counts."""
BATCH_LIFE = timedelta(minutes=15)
"""A question that is older is asked anew: so much may have changed meanwhile."""
BATCH_KEPT = timedelta(days=2)


class Action(StrEnum):
    """What is done with several devices."""

    REVOKE = "revoke"
    REGROUP = "regroup"


@dataclass(frozen=True)
class GroupPage:
    """Up to 8 names of groups, in order."""

    names: list[str]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True)
class Plan:
    """A batch as it is asked about: how many devices, and the first of them by name."""

    id: uuid.UUID
    action: Action
    group_name: str | None
    count: int
    names: list[str]


@dataclass(frozen=True)
class Done:
    """What came of a batch: how many devices were changed, and how many had been revoked before."""

    action: Action
    group_name: str | None
    at: datetime
    changed: int
    already_revoked: int


class GroupService:
    """The rules for groups, and for many devices at once. Everything is done for one client by one of its people."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read_page(
        self, client_id: uuid.UUID, *, after: str | None = None, before: str | None = None
    ) -> GroupPage:
        """Return the names next to a name, or the first ones. A page with nothing on it becomes the first one."""
        async with self._database.read() as session:
            names = await groups.list_names(session, client_id, size=PAGE_SIZE, after=after, before=before)
            if not names or (before is not None and len(names) < PAGE_SIZE):
                names = await groups.list_names(session, client_id, size=PAGE_SIZE)
            return GroupPage(
                names=names,
                has_previous=bool(names and await groups.list_names(session, client_id, size=1, before=names[0])),
                has_next=bool(names and await groups.list_names(session, client_id, size=1, after=names[-1])),
            )

    async def set_group(
        self, asker: Person, device_id: uuid.UUID, group_name: str | None, *, source: str | None = None
    ) -> Device:
        """Put one device into a group, or into none; the one it is in is accepted and changes nothing.

        Raises `InvalidDeviceName` for what is no name, `DeviceNotFound`, `NotTheOwner`, `DeviceRevoked`.
        """
        name = None if group_name is None else normalise_name(group_name)
        now = self._clock.now()
        async with self._database.begin() as session:
            device = await devices.lock(session, device_id)
            if device is None or device.live_at is None:
                raise DeviceNotFound("no device has this id")
            if device.client_id != asker.client_id:
                raise NotTheOwner("the device is another client's")
            if source is None or await inbox.claim_effect(session, source, now):
                if device.revoked:
                    raise DeviceRevoked(device)
                _regroup(session, device, name, asker, now)
        return device

    async def clear_picks(self, asker: Person) -> None:
        """Pick nothing any more."""
        async with self._database.begin() as session:
            await groups.remove_picks(session, asker.telegram_id)

    async def pick(self, asker: Person, device_id: uuid.UUID) -> Device:
        """Pick a device. Raises `DeviceNotFound`, `NotTheOwner`, `DeviceRevoked`, `TooManyPicked`."""
        async with self._database.begin() as session:
            device = await _find_owned(session, asker, device_id)
            if device.revoked:
                raise DeviceRevoked(device)
            await self._add(session, asker, [device.id])
        return device

    async def unpick(self, asker: Person, device_id: uuid.UUID) -> Device:
        """Pick a device no longer. Raises `DeviceNotFound`, `NotTheOwner`."""
        async with self._database.begin() as session:
            device = await _find_owned(session, asker, device_id)
            await groups.remove_picks(session, asker.telegram_id, [device_id])
        return device

    async def pick_group(self, asker: Person, group_name: str) -> int:
        """Pick all devices of a group; return how many they are. Raises `TooManyPicked`."""
        async with self._database.begin() as session:
            found = await groups.list_group_ids(session, asker.client_id, group_name, MOST_AT_ONCE + 1)
            await self._add(session, asker, found)
        return len(found)

    async def count_picks(self, asker: Person) -> int:
        """Count the picked devices that still can be changed."""
        async with self._database.read() as session:
            return await groups.count_picks(session, asker.telegram_id, asker.client_id)

    async def list_picks(self, asker: Person, among: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Return which of some devices are picked."""
        async with self._database.read() as session:
            return set(await groups.list_picks(session, asker.telegram_id, asker.client_id, among))

    async def plan(self, asker: Person, action: Action, group_name: str | None = None) -> Plan:
        """Write down what is to be done with all that is picked, to be carried out when it is confirmed.

        Raises `InvalidDeviceName` for a name that is none, and `BatchNotFound` when nothing is picked.
        """
        name = None if group_name is None else normalise_name(group_name)
        now = self._clock.now()
        async with self._database.begin() as session:
            picked = await groups.list_picks(session, asker.telegram_id, asker.client_id)
            if not picked:
                raise BatchNotFound("nothing is picked")
            await groups.forget_batches(session, asker.telegram_id, now - BATCH_KEPT)
            batch = _new_batch(asker, action, name, picked, now)
            session.add(batch)
            named = await devices.list_some(session, asker.client_id, picked[:NAMED])
        return Plan(batch.id, action, name, len(picked), [device.device_name for device in named])

    async def carry_out(self, asker: Person, batch_id: uuid.UUID) -> Done:
        """Do what was asked with exactly the devices that were asked about; a second time it is only told again.

        Raises `BatchNotFound` for what nobody asked in this chat, or so long ago that it should be asked anew.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            # first of all, so that whoever is second waits before it holds anything
            await clients.lock_client(session, asker.client_id)
            batch = await groups.claim_batch(session, batch_id, asker.telegram_id, now)
            if batch is None:
                return _told(await self._find_done(session, asker, batch_id))
            if batch.client_id != asker.client_id or now - batch.created_at > BATCH_LIFE:
                raise BatchNotFound("it was asked too long ago, or for another client")
            batch.changed = await self._change_all(session, asker, batch, now)
            await groups.remove_picks(session, asker.telegram_id)
        if batch.action == Action.REVOKE:
            metrics.DEVICES_REVOKED.inc(batch.changed)
        return _told(batch)

    async def _add(self, session: AsyncSession, asker: Person, ids: Collection[uuid.UUID]) -> None:
        await groups.add_picks(session, asker.telegram_id, ids)
        if await groups.count_picks(session, asker.telegram_id, asker.client_id) > MOST_AT_ONCE:
            raise TooManyPicked(MOST_AT_ONCE)

    async def _change_all(self, session: AsyncSession, asker: Person, batch: Batch, now: datetime) -> int:
        found = await devices.lock_several(session, asker.client_id, _ids(batch))
        wanted = [device for device in found if not device.revoked]
        for device in wanted:
            if batch.action == Action.REVOKE:
                await revoke(session, device, asker.actor, None, now)
            else:
                _regroup(session, device, batch.group_name, asker, now)
        return len(wanted)

    async def _find_done(self, session: AsyncSession, asker: Person, batch_id: uuid.UUID) -> Batch:
        batch = await session.get(Batch, batch_id)
        if batch is None or batch.chat_id != asker.telegram_id or batch.client_id != asker.client_id:
            raise BatchNotFound("nobody asked that in this chat")
        return batch


async def _find_owned(session: AsyncSession, asker: Person, device_id: uuid.UUID) -> Device:
    device = await devices.find_live(session, device_id)
    if device is None:
        raise DeviceNotFound("no device has this id")
    if device.client_id != asker.client_id:
        raise NotTheOwner("the device is another client's")
    return device


def _regroup(session: AsyncSession, device: Device, name: str | None, asker: Person, now: datetime) -> None:
    if device.group_name == name:
        return
    device.group_name = name
    device.updated_at = now
    audit.append(
        session,
        at=now,
        actor=asker.actor,
        action="device_regrouped",
        client_id=device.client_id,
        device_id=device.id,
        device_name=device.device_name,
        group_name=name,
    )


def _new_batch(asker: Person, action: Action, name: str | None, picked: list[uuid.UUID], now: datetime) -> Batch:
    return Batch(
        id=uuid.uuid4(),
        chat_id=asker.telegram_id,
        client_id=asker.client_id,
        action=action,
        group_name=name,
        details={"device_ids": [device_id.hex for device_id in picked]},
        created_at=now,
    )


def _ids(batch: Batch) -> list[uuid.UUID]:
    return [uuid.UUID(device_id) for device_id in batch.details["device_ids"]]


def _told(batch: Batch) -> Done:
    if batch.done_at is None or batch.changed is None:
        raise BatchNotFound("it was not carried out")
    return Done(
        action=Action(batch.action),
        group_name=batch.group_name,
        at=batch.done_at,
        changed=batch.changed,
        already_revoked=len(_ids(batch)) - batch.changed,
    )
