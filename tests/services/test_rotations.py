"""How long an old secret goes on beside a new one, and what its owner is told of that."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.clients import ACTIVE, TRADER
from bot.services.errors import InvalidCredentials
from bot.services.notices import NoticeKind
from storage import devices as queries
from storage.models import ChatUser
from tests import rows
from tests.services.cards import CARD, offer_new_secret, show, tap

if TYPE_CHECKING:
    from bot.services.clients import ClientService, Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from storage.database import Database
    from storage.models import Device, Notice
    from tests.fakes import FakeClock

HOUR, DAY, AT_ONCE = timedelta(hours=1), timedelta(days=1), timedelta(0)
REMINDERS = {NoticeKind.OVERLAP_ENDS_SOON, NoticeKind.OVERLAP_ENDED}
PARTNER = 102


async def works(devices: DeviceService, device: Device, secret: str) -> bool:
    """Tell whether a login with the secret would be let in now, without one: that would end the overlap."""
    kept = await queries.find_login(devices._database, device.id)
    return devices._matching_hash(kept, secret, devices._clock.now()) is not None


@pytest.fixture
async def connected(devices: DeviceService, anna: Person) -> tuple[Device, str]:
    """A device that has connected, and its secret."""
    device, secret = await devices.create_device(anna.client_id, "VPS-1")
    return await devices.authenticate_device(device.id, secret), secret


@pytest.fixture
async def partner(database: Database, anna: Person, clock: FakeClock) -> int:
    """Somebody else who chats for the same client."""
    async with database.begin() as session:
        session.add(
            ChatUser(
                telegram_id=PARTNER,
                client_id=anna.client_id,
                status=ACTIVE,
                first_name="Paul",
                role=TRADER,
                created_at=clock.now(),
            )
        )
    return PARTNER


async def take(
    handouts: HandoutService, asker: Person, device: Device, overlap: timedelta, *, message_id: int = CARD
) -> str:
    """Take a new secret in chat, and let it be gone from the screen."""
    card = await offer_new_secret(handouts, asker, device.id, overlap, message_id=message_id)
    _, secret = await show(handouts, asker, card)
    await handouts.dismiss(asker, card.id, message_id)
    await handouts.mark_destroyed(card.id)
    return secret


async def reminders(database: Database) -> list[Notice]:
    return [notice for notice in await rows.list_notices(database) if notice.kind in REMINDERS]


async def is_true(devices: DeviceService, notice: Notice) -> bool:
    """Tell what is decided when a reminder is sent."""
    device_id = uuid.UUID(notice.details["device_id"])
    return await devices.is_waiting(device_id, notice.details["generation"], notice.telegram_id)


class TestAskedAgainInChat:
    async def test_the_older_of_two_secrets_stops_when_the_third_is_seen_and_not_before(
        self, devices: DeviceService, handouts: HandoutService, anna: Person, connected: tuple[Device, str]
    ) -> None:
        device, first = connected
        second = await take(handouts, anna, device, DAY)
        card = await offer_new_secret(handouts, anna, device.id, DAY, message_id=12)
        assert [await works(devices, device, secret) for secret in (first, second)] == [True, True]
        _, third = await tap(handouts, anna, card)
        assert [await works(devices, device, secret) for secret in (first, second, third)] == [True, True, False]
        await handouts.confirm_shown(card.id)
        assert [await works(devices, device, secret) for secret in (first, second, third)] == [False, True, True]

    async def test_a_third_secret_that_was_never_seen_ends_neither(
        self, devices: DeviceService, handouts: HandoutService, anna: Person, connected: tuple[Device, str]
    ) -> None:
        device, first = connected
        second = await take(handouts, anna, device, DAY)
        card = await offer_new_secret(handouts, anna, device.id, DAY, message_id=12)
        await tap(handouts, anna, card)
        await handouts.abandon(card.id)
        assert [await works(devices, device, secret) for secret in (first, second)] == [True, True]

    async def test_at_once_ends_both_when_the_third_is_seen(
        self, devices: DeviceService, handouts: HandoutService, anna: Person, connected: tuple[Device, str]
    ) -> None:
        device, first = connected
        second = await take(handouts, anna, device, DAY)
        third = await take(handouts, anna, device, AT_ONCE, message_id=12)
        assert [await works(devices, device, secret) for secret in (first, second, third)] == [False, False, True]

    async def test_never_more_than_two_secrets_work_however_often_it_is_asked(
        self, devices: DeviceService, handouts: HandoutService, anna: Person, connected: tuple[Device, str]
    ) -> None:
        device, first = connected
        secrets = [first]
        for number in range(4):
            secrets.append(await take(handouts, anna, device, DAY, message_id=20 + number))
            _, by_rest = await devices.rotate_secret(device.id, HOUR)
            secrets.append(by_rest)
            assert sum([await works(devices, device, secret) for secret in secrets]) == 2


class TestTheOverlap:
    async def test_it_ends_at_its_time_whoever_connects(
        self,
        devices: DeviceService,
        handouts: HandoutService,
        anna: Person,
        connected: tuple[Device, str],
        clock: FakeClock,
    ) -> None:
        device, first = connected
        await take(handouts, anna, device, HOUR)
        clock.advance(HOUR - timedelta(seconds=1))
        await devices.authenticate_device(device.id, first)
        clock.advance(timedelta(seconds=1))
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, first)

    async def test_a_login_with_the_old_secret_is_no_news(
        self,
        devices: DeviceService,
        handouts: HandoutService,
        anna: Person,
        connected: tuple[Device, str],
        database: Database,
    ) -> None:
        device, first = connected
        await take(handouts, anna, device, DAY)
        await devices.authenticate_device(device.id, first)
        assert await rows.list_notices(database, NoticeKind.NEW_SECRET_USED) == []
        assert [await is_true(devices, notice) for notice in await reminders(database)] == [True, True]


@pytest.mark.usefixtures("partner")
class TestWhatTheOwnerIsTold:
    @pytest.mark.parametrize("overlap", [AT_ONCE, HOUR, DAY])
    async def test_the_first_login_with_a_new_secret_is_told_to_everybody_once(
        self,
        devices: DeviceService,
        handouts: HandoutService,
        anna: Person,
        connected: tuple[Device, str],
        database: Database,
        overlap: timedelta,
    ) -> None:
        device, _ = connected
        new = await take(handouts, anna, device, overlap)
        await asyncio.gather(*(devices.authenticate_device(device.id, new, address="203.0.113.7") for _ in range(10)))
        told = await rows.list_notices(database, NoticeKind.NEW_SECRET_USED)
        assert sorted(notice.telegram_id for notice in told) == [anna.telegram_id, PARTNER]
        assert {notice.details["address"] for notice in told} == {"203.0.113.7"}

    async def test_the_first_login_of_all_is_told_as_that_and_nothing_else(
        self, devices: DeviceService, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        new = await take(handouts, anna, device, AT_ONCE)
        await devices.authenticate_device(device.id, new)
        kinds = {notice.kind for notice in await rows.list_notices(database)} - {NoticeKind.HANDOUT_ENDED}
        assert kinds == {NoticeKind.FIRST_LOGIN}

    async def test_a_day_s_overlap_owes_a_word_an_hour_before_its_end_and_one_at_its_end(
        self,
        handouts: HandoutService,
        anna: Person,
        connected: tuple[Device, str],
        database: Database,
        clock: FakeClock,
    ) -> None:
        await take(handouts, anna, connected[0], DAY)
        owed = {(notice.kind, notice.telegram_id): notice.next_attempt_at for notice in await reminders(database)}
        assert owed == {
            (kind, person): clock.now() + DAY - before
            for person in (anna.telegram_id, PARTNER)
            for kind, before in ((NoticeKind.OVERLAP_ENDS_SOON, HOUR), (NoticeKind.OVERLAP_ENDED, AT_ONCE))
        }

    async def test_an_hour_s_overlap_owes_a_word_at_its_end_alone(
        self, handouts: HandoutService, anna: Person, connected: tuple[Device, str], database: Database
    ) -> None:
        await take(handouts, anna, connected[0], HOUR)
        assert {notice.kind for notice in await reminders(database)} == {NoticeKind.OVERLAP_ENDED}

    async def test_nobody_is_reminded_of_a_device_that_never_connected(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.rotate_secret(device.id, DAY)
        assert await reminders(database) == []


class TestWhetherAReminderStillIsTrue:
    @pytest.mark.parametrize("end", ["connected", "rotated", "revoked", "suspended", "deleted", "left"])
    async def test_it_is_not_when_what_it_tells_has_ended(
        self,
        devices: DeviceService,
        handouts: HandoutService,
        clients: ClientService,
        anna: Person,
        connected: tuple[Device, str],
        database: Database,
        end: str,
    ) -> None:
        device, _ = connected
        new = await take(handouts, anna, device, DAY)
        owed = await reminders(database)
        assert len(owed) == 2
        assert [await is_true(devices, notice) for notice in owed] == [True, True]
        match end:
            case "connected":
                await devices.authenticate_device(device.id, new)
            case "rotated":
                await devices.rotate_secret(device.id, DAY)
            case "revoked":
                await devices.revoke_device(device.id)
            case "suspended":
                await rows.suspend(database, anna.client_id)
            case "deleted":
                await clients.delete_client(anna.client_id, actor="chat:9")
            case "left":
                async with database.begin() as session:
                    person = await session.get_one(ChatUser, anna.telegram_id)
                    person.client_id = None
        assert [await is_true(devices, notice) for notice in owed] == [False, False]

    async def test_it_still_is_at_the_end_of_the_overlap(
        self,
        devices: DeviceService,
        handouts: HandoutService,
        anna: Person,
        connected: tuple[Device, str],
        database: Database,
        clock: FakeClock,
    ) -> None:
        await take(handouts, anna, connected[0], HOUR)
        clock.advance(HOUR)
        [owed] = await reminders(database)
        assert await is_true(devices, owed)
