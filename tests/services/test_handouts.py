"""The life of a secret message, step by step: what each step may do, and what it leaves alone."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from bot.services.clients import Profile
from bot.services.endings import Outcome
from bot.services.errors import (
    AnotherSecretVisible,
    ClientNotFound,
    ClientSuspended,
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    HandoutChanged,
    HandoutExpired,
    HandoutMisplaced,
    InvalidCredentials,
    InvalidDeviceName,
    NotTheOwner,
    Overloaded,
    RegistryError,
)
from bot.services.handouts import CARD_LIFE, HandoutService
from bot.services.hashing import CREATION_THREADS, QUEUE_LENGTH, is_well_formed
from storage.models import ChatUser, Client, Handout, HandoutState
from tests import rows
from tests.conftest import ADMIN_ID, BOT_ID, DEVICE_LIMIT, SECRET_TTL, start_bot
from tests.services.cards import CARD, lead_to, offer, offer_new_secret, show, tap

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable

    from bot.services.clients import ClientService, Person
    from bot.services.devices import DeviceService
    from storage.database import Database
    from tests.fakes import CountingHasher, FakeClock

NO_OVERLAP = timedelta(0)
HOUR = timedelta(hours=1)


def columns(record: object) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name != "_sa_instance_state"}


async def can_log_in(devices: DeviceService, device_id: uuid.UUID, secret: str) -> bool:
    try:
        await devices.authenticate_device(device_id, secret)
    except RegistryError:
        return False
    return True


class TestOffering:
    async def test_nothing_but_a_row_and_an_id_exists_before_the_card(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock, hasher: CountingHasher
    ) -> None:
        card = await handouts.offer_registration(anna, " VPS-1 ", source="7:1")
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.kind, row.device_name) == ("offering", "registration", "VPS-1")
        assert (row.chat_id, row.client_id, row.bot_id) == (anna.telegram_id, anna.client_id, BOT_ID)
        assert (row.message_id, row.destroy_at) == (None, None)
        assert row.expires_at == row.next_attempt_at == clock.now() + HOUR
        assert await rows.read_device(database, card.device_id) is None
        assert hasher.hashed == 0

    async def test_an_update_that_comes_twice_gets_the_same_card(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        first = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        again = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        assert (again.id, again.device_id) == (first.id, first.device_id)
        assert await rows.count(database, Handout) == 1

    async def test_an_update_that_comes_many_times_at_once_gets_the_same_card(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        offered = await asyncio.gather(*(handouts.offer_registration(anna, "VPS-1", source="7:1") for _ in range(8)))
        assert len({card.id for card in offered}) == 1
        assert await rows.count(database, Handout) == 1

    async def test_an_update_that_comes_twice_gets_the_same_card_for_a_new_secret(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        offered = await asyncio.gather(*(handouts.offer_rotation(anna, device.id, source="7:1") for _ in range(8)))
        assert len({card.id for card in offered}) == 1
        assert await rows.count(database, Handout) == 1

    async def test_a_redelivered_update_finds_its_card_even_after_the_name_was_taken_by_it(
        self, handouts: HandoutService, anna: Person
    ) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        again = await handouts.offer_registration(anna, "VPS-1", source=card.source)
        assert (again.id, again.state) == (card.id, "shown")

    async def test_a_taken_name_a_full_limit_and_a_suspension_are_told_before_the_card(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        for i in range(DEVICE_LIMIT - 1):
            await devices.create_device(anna.client_id, f"VPS-{i}")
        with pytest.raises(DeviceNameTaken):
            await handouts.offer_registration(anna, "VPS-0", source="7:1")
        with pytest.raises(InvalidDeviceName):
            await handouts.offer_registration(anna, "\u200b", source="7:2")
        await devices.create_device(anna.client_id, "the last one")
        with pytest.raises(DeviceLimitReached):
            await handouts.offer_registration(anna, "VPS-99", source="7:3")
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await handouts.offer_registration(anna, "VPS-99", source="7:4")
        assert await rows.count(database, Handout) == 0

    async def test_the_newest_placed_card_of_a_chat_is_found(
        self, handouts: HandoutService, anna: Person, bob: Person, clock: FakeClock
    ) -> None:
        assert await handouts.find_latest_card(anna.telegram_id) is None
        await offer(handouts, anna, "first", message_id=11)
        clock.advance(timedelta(seconds=1))
        second = await offer(handouts, anna, "second", message_id=12)
        clock.advance(timedelta(seconds=1))
        await handouts.offer_registration(anna, "not placed", source="7:13")
        await offer(handouts, bob, "his", message_id=14)
        found = await handouts.find_latest_card(anna.telegram_id)
        assert found is not None
        assert found.id == second.id

    async def test_a_device_never_seen_gives_its_new_secret_no_overlap(
        self, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        assert (await handouts.offer_rotation(anna, device.id, HOUR, source="7:1")).pending_overlap == 0
        await devices.authenticate_device(device.id, secret)
        assert (await handouts.offer_rotation(anna, device.id, HOUR, source="7:2")).pending_overlap == 3600

    async def test_a_new_card_for_a_device_takes_the_place_of_the_earlier_one(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        earlier = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP, message_id=11)
        later = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP, message_id=12)
        row = await rows.read_handout(database, earlier.id)
        assert (row.state, row.outcome, row.next_attempt_at) == ("cancelled", "superseded", clock.now())
        assert (await rows.read_handout(database, later.id)).state == "offered"
        with pytest.raises(HandoutChanged):
            await handouts.arm(anna, earlier.id, 11)

    async def test_no_card_is_made_for_a_device_whose_secret_is_on_a_screen(
        self, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await tap(handouts, anna, await offer_new_secret(handouts, anna, device.id, NO_OVERLAP))
        with pytest.raises(AnotherSecretVisible):
            await handouts.offer_rotation(anna, device.id, source="7:2")

    async def test_no_card_is_made_for_a_device_that_is_not_there_not_hers_revoked_or_paused(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        hers, _ = await devices.create_device(anna.client_id, "VPS-1")
        his, _ = await devices.create_device(bob.client_id, "VPS-1")
        gone, _ = await devices.create_device(anna.client_id, "VPS-2")
        await devices.revoke_device(gone.id)
        reserved = await offer(handouts, anna, "VPS-3")
        await tap(handouts, anna, reserved)
        with pytest.raises(DeviceNotFound):
            await handouts.offer_rotation(anna, reserved.id, source="a")
        with pytest.raises(DeviceNotFound):
            await handouts.offer_rotation(anna, reserved.device_id, source="b")
        with pytest.raises(NotTheOwner):
            await handouts.offer_rotation(anna, his.id, source="c")
        with pytest.raises(DeviceRevoked) as caught:
            await handouts.offer_rotation(anna, gone.id, source="d")
        assert caught.value.device.device_name == "VPS-2"
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await handouts.offer_rotation(anna, hers.id, source="e")
        assert await rows.count(database, Handout) == 1


class TestPlacing:
    async def test_the_card_s_message_is_known_from_then_on(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        placed = await handouts.place(card.id, 11)
        assert placed is not None
        assert (placed.state, placed.message_id) == ("offered", 11)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.message_id) == ("offered", 11)

    async def test_a_second_card_for_the_same_handout_does_not_count(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna, message_id=11)
        assert await handouts.place(card.id, 12) is None
        assert (await rows.read_handout(database, card.id)).message_id == 11
        with pytest.raises(HandoutMisplaced):
            await handouts.arm(anna, card.id, 12)

    async def test_a_card_that_was_cancelled_on_its_way_is_told(self, handouts: HandoutService, anna: Person) -> None:
        card = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        await handouts.cancel(anna, card.id)
        assert await handouts.place(card.id, 11) is None

    async def test_a_card_that_cannot_be_sent_ends(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        await handouts.give_up_sending(card.id)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.outcome, row.next_attempt_at) == ("cancelled", "cannot_send", None)


class TestCancelling:
    async def test_a_cancelled_card_reserves_nothing_and_cannot_be_used(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        cancelled = await handouts.cancel(anna, card.id, CARD)
        assert (cancelled.state, cancelled.outcome) == ("cancelled", "cancelled")
        with pytest.raises(HandoutChanged) as caught:
            await handouts.arm(anna, card.id, CARD)
        assert caught.value.handout.state == "cancelled"
        assert await rows.list_devices(database, anna.client_id) == []
        await devices.create_device(anna.client_id, "VPS-1")

    async def test_cancelling_twice_is_no_error(self, handouts: HandoutService, anna: Person) -> None:
        card = await offer(handouts, anna)
        await handouts.cancel(anna, card.id, CARD)
        assert (await handouts.cancel(anna, card.id, CARD)).state == "cancelled"

    async def test_somebody_else_cannot_cancel_it(
        self, handouts: HandoutService, anna: Person, bob: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        with pytest.raises(NotTheOwner):
            await handouts.cancel(bob, card.id, CARD)
        assert (await rows.read_handout(database, card.id)).state == "offered"

    async def test_an_old_copy_cannot_cancel_it(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        with pytest.raises(HandoutMisplaced):
            await handouts.cancel(anna, card.id, CARD + 1)
        assert (await rows.read_handout(database, card.id)).state == "offered"

    async def test_a_new_secret_that_was_cancelled_changes_nothing_about_the_device(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        before = columns(await rows.read_device(database, device.id))
        card = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP)
        await handouts.cancel(anna, card.id, CARD)
        assert columns(await rows.read_device(database, device.id)) == before
        assert await can_log_in(devices, device.id, secret)


class TestExpiry:
    async def test_a_card_expires_by_itself_after_an_hour(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        clock.advance(CARD_LIFE - timedelta(microseconds=1))
        assert await handouts.list_due([]) == []
        assert await handouts.advance(card.id) is None
        clock.advance(timedelta(microseconds=1))
        assert [due.id for due in await handouts.list_due([])] == [card.id]
        expired = await handouts.advance(card.id)
        assert expired is not None
        assert (expired.state, expired.outcome) == ("expired", "expired")
        # its message is still to be redrawn
        assert expired.next_attempt_at == clock.now()
        await handouts.close_card(card.id)
        assert (await rows.read_handout(database, card.id)).next_attempt_at is None

    async def test_a_tap_on_an_expired_card_comes_too_late_even_before_it_was_swept(
        self, handouts: HandoutService, anna: Person, clock: FakeClock, hasher: CountingHasher
    ) -> None:
        card = await offer(handouts, anna)
        clock.advance(CARD_LIFE)
        for _ in range(2):
            with pytest.raises(HandoutExpired) as caught:
                await handouts.arm(anna, card.id, CARD)
            assert caught.value.handout.id == card.id
            await handouts.advance(card.id)
        with pytest.raises(HandoutExpired):
            await handouts.cancel(anna, card.id, CARD)
        assert hasher.hashed == 0

    async def test_a_card_that_never_got_its_message_expires_with_nothing_left_to_do(
        self, handouts: HandoutService, anna: Person, clock: FakeClock
    ) -> None:
        card = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        clock.advance(CARD_LIFE)
        expired = await handouts.advance(card.id)
        assert expired is not None
        assert (expired.state, expired.next_attempt_at) == ("expired", None)


class TestTapping:
    async def test_destruction_is_on_disk_before_the_secret_leaves(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        armed, secret = await tap(handouts, anna, card)
        assert is_well_formed(secret)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.armed_at) == ("armed", clock.now())
        assert row.destroy_at == armed.destroy_at == clock.now() + SECRET_TTL
        assert row.next_attempt_at == clock.now() + SECRET_TTL / 4
        assert secret not in repr(columns(row))

    async def test_the_device_has_the_id_that_was_on_the_card(self, handouts: HandoutService, anna: Person) -> None:
        card = await offer(handouts, anna)
        shown, _ = await show(handouts, anna, card)
        assert shown.device_id == card.device_id

    async def test_a_reserved_device_is_in_no_list_and_can_do_nothing(
        self, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        assert await devices.list_devices(anna.client_id) == []
        attempts: list[Callable[[], Awaitable[object]]] = [
            lambda: devices.get_device(card.device_id),
            lambda: devices.find_device(str(card.device_id)),
            lambda: devices.find_device(str(card.device_id)[:8]),
            lambda: devices.update_device_name(card.device_id, "VPS-2"),
            lambda: devices.revoke_device(card.device_id),
            lambda: devices.rotate_secret(card.device_id, NO_OVERLAP),
        ]
        for attempt in attempts:
            with pytest.raises(DeviceNotFound):
                await attempt()
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(card.device_id, secret)

    async def test_a_reserved_device_holds_its_name_and_its_place(
        self, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        for i in range(DEVICE_LIMIT - 1):
            await devices.create_device(anna.client_id, f"VPS-{i}")
        await tap(handouts, anna, await offer(handouts, anna, "Laptop"))
        with pytest.raises(DeviceLimitReached):
            await devices.create_device(anna.client_id, "another")
        [first, *_] = await devices.list_devices(anna.client_id)
        await devices.revoke_device(first.id)
        with pytest.raises(DeviceNameTaken):
            await devices.create_device(anna.client_id, "Laptop")

    async def test_somebody_else_s_tap_shows_nothing(
        self, handouts: HandoutService, anna: Person, bob: Person, database: Database, hasher: CountingHasher
    ) -> None:
        card = await offer(handouts, anna)
        before = columns(await rows.read_handout(database, card.id))
        for attempt in (
            lambda: handouts.arm(bob, card.id, CARD),
            lambda: handouts.dismiss(bob, card.id, CARD),
            lambda: handouts.arm(anna, bob.client_id, CARD),
        ):
            with pytest.raises(NotTheOwner):
                await attempt()
        assert columns(await rows.read_handout(database, card.id)) == before
        assert hasher.hashed == 0

    async def test_another_bot_s_card_shows_nothing(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        other = await start_bot(database, devices, clock, BOT_ID + 1)
        with pytest.raises(NotTheOwner):
            await other.arm(anna, card.id, CARD)
        assert (await rows.read_handout(database, card.id)).state == "offered"

    async def test_a_tap_on_an_old_copy_shows_nothing(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        unplaced = await handouts.offer_registration(anna, "VPS-1", source="7:1")
        placed = await offer(handouts, anna, "VPS-2")
        for handout_id, message_id in ((unplaced.id, 11), (placed.id, CARD + 1)):
            with pytest.raises(HandoutMisplaced):
                await handouts.arm(anna, handout_id, message_id)
        assert (await rows.read_handout(database, unplaced.id)).state == "offering"
        assert (await rows.read_handout(database, placed.id)).state == "offered"

    async def test_a_second_tap_gets_no_second_secret(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await tap(handouts, anna, card)
        before = columns(await rows.read_handout(database, card.id))
        with pytest.raises(HandoutChanged) as caught:
            await tap(handouts, anna, card)
        assert caught.value.handout.state == "armed"
        assert columns(await rows.read_handout(database, card.id)) == before

    async def test_one_chat_shows_one_secret_at_a_time(
        self, handouts: HandoutService, anna: Person, database: Database, hasher: CountingHasher
    ) -> None:
        first = await offer(handouts, anna, "VPS-1", message_id=11)
        second = await offer(handouts, anna, "VPS-2", message_id=12)
        await tap(handouts, anna, first)
        with pytest.raises(AnotherSecretVisible):
            await tap(handouts, anna, second)
        await handouts.confirm_shown(first.id)
        with pytest.raises(AnotherSecretVisible):
            await tap(handouts, anna, second)
        assert hasher.hashed == 1
        assert (await rows.read_handout(database, second.id)).state == "offered"
        await handouts.dismiss(anna, first.id, 11)
        await tap(handouts, anna, second)

    async def test_two_people_may_look_at_their_secrets_at_once(
        self, handouts: HandoutService, anna: Person, bob: Person
    ) -> None:
        await show(handouts, anna, await offer(handouts, anna))
        await show(handouts, bob, await offer(handouts, bob))

    async def test_a_tap_while_too_many_wait_changes_nothing_and_can_be_repeated(
        self, handouts: HandoutService, anna: Person, database: Database, hasher: CountingHasher
    ) -> None:
        card = await offer(handouts, anna)
        before = columns(await rows.read_handout(database, card.id))
        hasher.creation.waiting = CREATION_THREADS + QUEUE_LENGTH
        with pytest.raises(Overloaded):
            await tap(handouts, anna, card)
        assert columns(await rows.read_handout(database, card.id)) == before
        assert await rows.list_devices(database, anna.client_id) == []
        hasher.creation.waiting = 0
        await show(handouts, anna, card)

    async def test_a_name_taken_while_the_card_waited_ends_it(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await devices.create_device(anna.client_id, "VPS-1")
        with pytest.raises(DeviceNameTaken):
            await tap(handouts, anna, card)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.outcome, row.destroy_at) == ("cancelled", "name_taken", None)
        assert len(await rows.list_devices(database, anna.client_id)) == 1

    async def test_a_limit_reached_while_the_card_waited_ends_it(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        for i in range(DEVICE_LIMIT):
            await devices.create_device(anna.client_id, f"other {i}")
        with pytest.raises(DeviceLimitReached):
            await tap(handouts, anna, card)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.outcome) == ("cancelled", "limit_reached")
        assert len(await rows.list_devices(database, anna.client_id)) == DEVICE_LIMIT

    async def test_a_client_suspended_while_the_card_waited_ends_it(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-9")
        for card in (
            await offer(handouts, anna, message_id=11),
            await offer_new_secret(handouts, anna, device.id, NO_OVERLAP, message_id=12),
        ):
            await rows.suspend(database, anna.client_id)
            with pytest.raises(ClientSuspended):
                await tap(handouts, anna, card)
            assert (await rows.read_handout(database, card.id)).state == "cancelled"
            await rows.suspend(database, anna.client_id, "active")
        assert len(await rows.list_devices(database, anna.client_id)) == 1

    async def test_a_device_revoked_while_its_new_secret_was_hashed_ends_the_card(
        self,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        database: Database,
        hasher: CountingHasher,
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        card = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP)
        hasher.meanwhile = lambda: devices.revoke_device(device.id)
        with pytest.raises(HandoutChanged):
            await tap(handouts, anna, card)
        assert (await rows.read_handout(database, card.id)).state == "cancelled"

    async def test_a_card_cancelled_while_its_secret_was_hashed_shows_nothing(
        self, handouts: HandoutService, anna: Person, database: Database, hasher: CountingHasher
    ) -> None:
        card = await offer(handouts, anna)
        hasher.meanwhile = lambda: handouts.cancel(anna, card.id, CARD)
        with pytest.raises(HandoutChanged):
            await tap(handouts, anna, card)
        assert await rows.list_devices(database, anna.client_id) == []

    async def test_a_new_secret_for_a_device_that_was_re_keyed_meanwhile_is_refused(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        card = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP)
        await rows.set_device(database, device.id, secret_generation=7)
        with pytest.raises(DeviceNotFound):
            await tap(handouts, anna, card)
        assert (await rows.read_handout(database, card.id)).state == "cancelled"

    async def test_a_new_secret_that_is_not_shown_changes_nothing_about_the_device(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        before = columns(await rows.read_device(database, device.id))
        card = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP)
        _, new = await tap(handouts, anna, card)
        assert columns(await rows.read_device(database, device.id)) == before
        assert not await can_log_in(devices, device.id, new)
        await handouts.abandon(card.id)
        assert columns(await rows.read_device(database, device.id)) == before
        row = await rows.read_handout(database, card.id)
        assert (row.pending_hash, row.pending_tag) == (None, None)
        assert not await can_log_in(devices, device.id, new)
        assert await can_log_in(devices, device.id, old)


class TestShowing:
    async def test_what_was_asked_for_in_chat_works_from_the_moment_it_was_shown(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        assert not await can_log_in(devices, card.device_id, secret)
        moment = clock.advance(timedelta(seconds=2))
        shown = await handouts.confirm_shown(card.id)
        assert shown is not None
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.shown_at) == ("shown", moment)
        assert row.next_attempt_at == row.destroy_at == moment - timedelta(seconds=2) + SECRET_TTL
        assert (row.pending_hash, row.pending_tag) == (None, None)
        device = await devices.get_device(card.device_id)
        assert (device.device_name, device.live_at) == ("VPS-1", moment)
        assert device.fingerprint == row.pending_fingerprint
        assert await can_log_in(devices, card.device_id, secret)

    async def test_confirming_twice_is_confirming_once(self, handouts: HandoutService, anna: Person) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        assert await handouts.confirm_shown(card.id) is None

    async def test_a_confirmation_comes_too_late_for_what_was_thrown_away(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        await handouts.abandon(card.id)
        assert await handouts.confirm_shown(card.id) is None
        assert await rows.read_device(database, card.device_id) is None
        assert not await can_log_in(devices, card.device_id, secret)

    async def test_a_new_secret_takes_over_when_it_is_shown_and_the_overlap_begins_then(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, clock: FakeClock
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        await devices.authenticate_device(device.id, old)
        card = await offer_new_secret(handouts, anna, device.id, HOUR)
        clock.advance(timedelta(minutes=30))
        _, new = await tap(handouts, anna, card)
        clock.advance(timedelta(seconds=5))
        await handouts.confirm_shown(card.id)
        clock.advance(HOUR - timedelta(microseconds=1))
        assert await can_log_in(devices, device.id, old)
        clock.advance(timedelta(microseconds=1))
        assert not await can_log_in(devices, device.id, old)
        assert await can_log_in(devices, device.id, new)

    async def test_a_new_secret_without_overlap_stops_the_old_one_when_it_is_shown(
        self, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await show(handouts, anna, await offer_new_secret(handouts, anna, device.id, NO_OVERLAP))
        assert not await can_log_in(devices, device.id, old)
        assert await can_log_in(devices, device.id, new)

    async def test_a_client_suspended_between_tap_and_confirmation_gets_nothing(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        await rows.suspend(database, anna.client_id)
        ended = await handouts.confirm_shown(card.id)
        assert ended is not None
        assert (ended.state, ended.shown_at) == ("destroying", None)
        assert await rows.read_device(database, card.device_id) is None
        await rows.suspend(database, anna.client_id, "active")
        assert not await can_log_in(devices, card.device_id, secret)

    async def test_a_client_suspended_between_tap_and_confirmation_keeps_its_old_secret(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await tap(handouts, anna, card := await offer_new_secret(handouts, anna, device.id, NO_OVERLAP))
        await rows.suspend(database, anna.client_id)
        ended = await handouts.confirm_shown(card.id)
        assert ended is not None
        assert ended.state == "destroying"
        await rows.suspend(database, anna.client_id, "active")
        assert not await can_log_in(devices, device.id, new)
        assert await can_log_in(devices, device.id, old)

    async def test_an_asker_who_left_the_client_gets_nothing(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        async with database.begin() as session:
            (await session.get_one(ChatUser, anna.telegram_id)).client_id = bob.client_id
        ended = await handouts.confirm_shown(card.id)
        assert ended is not None
        assert (ended.state, ended.outcome) == ("destroying", "superseded")
        assert await rows.read_device(database, card.device_id) is None
        assert not await can_log_in(devices, card.device_id, secret)

    async def test_a_device_re_keyed_between_tap_and_confirmation_keeps_that_key(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await tap(handouts, anna, card := await offer_new_secret(handouts, anna, device.id, NO_OVERLAP))
        # as by another process, which does not know of the handout
        await rows.set_device(database, device.id, secret_generation=7)
        ended = await handouts.confirm_shown(card.id)
        assert ended is not None
        assert ended.state == "destroying"
        assert not await can_log_in(devices, device.id, new)
        assert await can_log_in(devices, device.id, old)

    async def test_the_audit_tells_of_a_registration_only_when_it_was_shown(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await tap(handouts, anna, card)
        assert await rows.list_audit(database, "device_registered") == []
        await handouts.confirm_shown(card.id)
        [event] = await rows.list_audit(database, "device_registered")
        assert (event.actor, event.device_id) == (anna.actor, card.device_id)


class TestSavingIt:
    async def test_it_destroys_the_message_and_keeps_the_device(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await show(handouts, anna, card)
        moment = clock.advance(timedelta(seconds=23))
        ended = await handouts.dismiss(anna, card.id, CARD)
        assert (ended.state, ended.outcome) == ("destroying", "saved")
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.destroy_at, row.next_attempt_at) == ("destroying", moment, moment)
        assert await can_log_in(devices, card.device_id, secret)

    async def test_it_confirms_that_the_secret_was_shown(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        ended = await handouts.dismiss(anna, card.id, CARD)
        assert (ended.state, ended.shown_at) == ("destroying", clock.now())
        assert await can_log_in(devices, card.device_id, secret)
        assert (await rows.read_handout(database, card.id)).shown_at == clock.now()

    async def test_saving_what_is_no_longer_wanted_makes_nothing_live(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        await rows.suspend(database, anna.client_id)
        ended = await handouts.dismiss(anna, card.id, CARD)
        assert (ended.state, ended.outcome, ended.shown_at) == ("destroying", "superseded", None)
        await rows.suspend(database, anna.client_id, "active")
        assert not await can_log_in(devices, card.device_id, secret)

    async def test_a_typed_cancel_works_like_it_and_is_told_apart(
        self, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await show(handouts, anna, card)
        assert (await handouts.dismiss(anna, card.id, None, outcome=Outcome.STOPPED)).outcome == "stopped"
        assert await can_log_in(devices, card.device_id, secret)

    async def test_a_second_time_is_told_to_have_been_too_late(self, handouts: HandoutService, anna: Person) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        await handouts.dismiss(anna, card.id, CARD)
        with pytest.raises(HandoutChanged) as caught:
            await handouts.dismiss(anna, card.id, CARD)
        assert caught.value.handout.state == "destroying"

    async def test_an_old_copy_destroys_nothing(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        with pytest.raises(HandoutMisplaced):
            await handouts.dismiss(anna, card.id, CARD + 1)
        assert (await rows.read_handout(database, card.id)).state == "shown"


class TestTheTimer:
    async def test_a_shown_secret_is_destroyed_when_its_time_is_up_and_not_before(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await show(handouts, anna, card)
        assert await handouts.find_next_attempt(clock.now()) == clock.now() + SECRET_TTL
        clock.advance(SECRET_TTL - timedelta(microseconds=1))
        assert await handouts.list_due([]) == []
        assert await handouts.advance(card.id) is None
        clock.advance(timedelta(microseconds=1))
        assert [due.id for due in await handouts.list_due([])] == [card.id]
        assert await handouts.list_due([card.id]) == []
        ended = await handouts.advance(card.id)
        assert ended is not None
        assert (ended.state, ended.outcome, ended.next_attempt_at) == ("destroying", "timer", clock.now())
        assert await can_log_in(devices, card.device_id, secret)

    async def test_an_unconfirmed_secret_is_given_up_after_a_quarter_of_the_time(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        assert await handouts.find_next_attempt(clock.now()) == clock.now() + SECRET_TTL / 4
        clock.advance(SECRET_TTL / 4 - timedelta(microseconds=1))
        assert await handouts.advance(card.id) is None
        moment = clock.advance(timedelta(microseconds=1))
        ended = await handouts.advance(card.id)
        assert ended is not None
        assert (ended.state, ended.outcome, ended.destroy_at) == ("destroying", "unconfirmed", moment)
        assert await rows.read_device(database, card.device_id) is None
        assert not await can_log_in(devices, card.device_id, secret)
        await devices.create_device(anna.client_id, "VPS-1")

    async def test_the_most_urgent_comes_first(
        self, handouts: HandoutService, anna: Person, bob: Person, clock: FakeClock
    ) -> None:
        waiting = await offer(handouts, anna, "card", message_id=12)
        first = await offer(handouts, bob)
        await show(handouts, bob, first)
        clock.advance(timedelta(seconds=1))
        second = await offer(handouts, anna)
        await show(handouts, anna, second)
        clock.advance(CARD_LIFE)
        assert [due.id for due in await handouts.list_due([])] == [first.id, second.id, waiting.id]

    async def test_a_finished_handout_is_never_due(
        self, handouts: HandoutService, anna: Person, clock: FakeClock
    ) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        await handouts.dismiss(anna, card.id, CARD)
        await handouts.mark_destroyed(card.id)
        clock.advance(timedelta(days=2))
        assert await handouts.list_due([]) == []
        assert await handouts.find_next_attempt(clock.now()) is None
        assert await handouts.advance(card.id) is None


class TestDestroying:
    async def test_the_receipt_is_owed_once_and_only_when_the_message_is_gone(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        await handouts.note_redacted(card.id)
        assert (await rows.read_handout(database, card.id)).redacted_at == clock.now()
        assert await rows.list_notices(database) == []
        for _ in range(2):
            await handouts.mark_destroyed(card.id)
        [notice] = await rows.list_notices(database)
        assert (notice.kind, notice.telegram_id) == ("handout_ended", anna.telegram_id)
        assert notice.details == {"handout_id": str(card.id)}
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.destroyed_at, row.next_attempt_at) == ("destroyed", clock.now(), None)

    async def test_a_message_is_believed_gone_when_it_was_not_found_twice_five_seconds_apart(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        assert not await handouts.note_missing(card)
        seen = await rows.read_handout(database, card.id)
        assert (seen.missing_at, seen.next_attempt_at) == (clock.now(), clock.now() + timedelta(seconds=5))
        clock.advance(timedelta(seconds=5) - timedelta(microseconds=1))
        assert not await handouts.note_missing(seen)
        again = await rows.read_handout(database, card.id)
        assert again.missing_at == seen.missing_at
        clock.advance(timedelta(microseconds=1))
        assert await handouts.note_missing(again)

    async def test_a_failed_attempt_is_repeated_after_its_wait(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        await handouts.postpone(card, "x" * 300, timedelta(seconds=3))
        row = await rows.read_handout(database, card.id)
        assert (row.attempts, row.last_error) == (1, "x" * 200)
        assert row.next_attempt_at == clock.now() + timedelta(seconds=3)
        assert await handouts.list_due([]) == []
        clock.advance(timedelta(seconds=3))
        due = await handouts.advance(card.id)
        assert due is not None
        assert due.state == "destroying"

    async def test_its_reader_is_warned_once_half_a_minute_after_it_should_be_gone(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        clock.advance(timedelta(seconds=30) - timedelta(microseconds=1))
        await handouts.postpone(card, "refused", timedelta(seconds=1))
        assert await rows.list_notices(database) == []
        clock.advance(timedelta(microseconds=1))
        for _ in range(3):
            await handouts.postpone(await rows.read_handout(database, card.id), "refused", timedelta(seconds=1))
            clock.advance(timedelta(seconds=30))
        [notice] = await rows.list_notices(database)
        assert (notice.kind, notice.telegram_id) == ("handout_stuck", anna.telegram_id)

    async def test_a_stale_record_of_a_handout_warns_nobody_twice(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        clock.advance(timedelta(seconds=31))
        for _ in range(2):
            await handouts.postpone(card, "refused", timedelta(seconds=1))
        assert len(await rows.list_notices(database, "handout_stuck")) == 1
        assert (await rows.read_handout(database, card.id)).attempts == 2

    async def test_nobody_is_asked_to_delete_what_no_longer_holds_a_secret(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        await handouts.note_redacted(card.id)
        clock.advance(timedelta(minutes=5))
        await handouts.postpone(await rows.read_handout(database, card.id), "refused", timedelta(seconds=1))
        assert await rows.list_notices(database) == []

    async def test_its_reader_the_admins_and_the_audit_are_told_when_it_can_never_be_removed(
        self, handouts: HandoutService, anna: Person, bob: Person, database: Database, clock: FakeClock
    ) -> None:
        await rows.set_role(database, bob.telegram_id, "admin")
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        for _ in range(2):
            await handouts.mark_failed(card.id, "Bad Request: message can't be deleted")
        told = {(notice.kind, notice.telegram_id) for notice in await rows.list_notices(database)}
        assert told == {
            ("handout_failed", anna.telegram_id),
            ("handout_failed_admin", ADMIN_ID),
            ("handout_failed_admin", bob.telegram_id),
        }
        assert len(await rows.list_notices(database)) == 3
        [event] = await rows.list_audit(database, "handout_failed")
        assert (event.device_id, event.client_id) == (card.device_id, anna.client_id)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.next_attempt_at) == ("failed", None)

    async def test_a_reader_who_is_an_admin_too_is_told_as_both(
        self, handouts: HandoutService, clients: ClientService, database: Database, clock: FakeClock
    ) -> None:
        olga = await clients.enter(Profile(ADMIN_ID, "Olga"))
        card = await lead_to(HandoutState.DESTROYING, handouts, olga, clock)
        await handouts.mark_failed(card.id, "refused")
        assert len(await rows.list_notices(database)) == 2

    async def test_what_waits_in_a_chat_is_tried_at_once_when_its_person_is_back(
        self, handouts: HandoutService, anna: Person, bob: Person, database: Database, clock: FakeClock
    ) -> None:
        hers = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        his = await offer(handouts, bob)
        await show(handouts, bob, his)
        await handouts.dismiss(bob, his.id, CARD)
        for card in (hers, his):
            await handouts.postpone(await rows.read_handout(database, card.id), "Forbidden", HOUR)
        await handouts.retry_chat(anna.telegram_id)
        assert [due.id for due in await handouts.list_due([])] == [hers.id]


class TestEndingsFromOutside:
    async def test_a_card_goes_when_its_device_is_revoked(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        for name, is_placed in (("VPS-1", False), ("VPS-2", True)):
            device, _ = await devices.create_device(anna.client_id, name)
            card = await handouts.offer_rotation(anna, device.id, source=name)
            if is_placed:
                await handouts.place(card.id, CARD)
            await devices.revoke_device(device.id)
            row = await rows.read_handout(database, card.id)
            assert (row.state, row.outcome) == ("cancelled", "revoked")
            assert row.next_attempt_at == (clock.now() if is_placed else None)

    @pytest.mark.parametrize("how", [tap, show])
    async def test_a_new_secret_on_a_screen_is_destroyed_when_its_device_is_revoked(
        self,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        database: Database,
        clock: FakeClock,
        how: Callable[[HandoutService, Person, Handout], Awaitable[tuple[Handout, str]]],
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        card = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP)
        _, new = await how(handouts, anna, card)
        await devices.revoke_device(device.id)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.outcome) == ("destroying", "revoked")
        assert row.destroy_at == row.next_attempt_at == clock.now()
        assert (row.pending_hash, row.pending_tag) == (None, None)
        assert await handouts.confirm_shown(card.id) is None
        for secret in (old, new):
            assert not await can_log_in(devices, device.id, secret)

    async def test_a_registration_on_the_screen_is_destroyed_when_its_device_is_revoked(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await show(handouts, anna, card)
        await devices.revoke_device(card.device_id)
        assert (await rows.read_handout(database, card.id)).state == "destroying"
        assert not await can_log_in(devices, card.device_id, secret)

    async def test_no_receipt_is_owed_for_what_was_revoked(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        await devices.revoke_device(card.device_id, actor=anna.actor)
        await handouts.mark_destroyed(card.id)
        assert await rows.list_notices(database) == []

    async def test_a_refused_revocation_leaves_the_secret_on_the_screen(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        with pytest.raises(NotTheOwner):
            await devices.revoke_device(card.device_id, owner=bob.client_id)
        assert (await rows.read_handout(database, card.id)).state == "shown"

    async def test_a_rotation_by_another_door_ends_what_is_on_the_screen(
        self, handouts: HandoutService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        card = await offer_new_secret(handouts, anna, device.id, NO_OVERLAP)
        _, in_chat = await tap(handouts, anna, card)
        _, by_rest = await devices.rotate_secret(device.id)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.outcome) == ("destroying", "superseded")
        assert not await can_log_in(devices, device.id, in_chat)
        assert await can_log_in(devices, device.id, by_rest)

    async def test_all_that_a_client_has_open_ends_when_it_is_deleted(
        self,
        handouts: HandoutService,
        devices: DeviceService,
        clients: ClientService,
        anna: Person,
        bob: Person,
        database: Database,
    ) -> None:
        shown = await offer(handouts, anna, "shown", message_id=11)
        _, secret = await show(handouts, anna, shown)
        card = await offer(handouts, anna, "card", message_id=12)
        others = await offer(handouts, bob)
        await show(handouts, bob, others)
        await clients.delete_client(anna.client_id, actor="chat:9")
        assert (await rows.read_handout(database, shown.id)).state == "destroying"
        assert (await rows.read_handout(database, card.id)).state == "cancelled"
        assert (await rows.read_handout(database, others.id)).state == "shown"
        assert await rows.list_devices(database, anna.client_id) == []
        assert not await can_log_in(devices, shown.device_id, secret)
        # the duty to destroy outlives the client
        await handouts.mark_destroyed(shown.id)
        assert (await rows.read_handout(database, shown.id)).state == "destroyed"

    async def test_an_armed_registration_of_a_deleted_client_leaves_nothing(
        self, handouts: HandoutService, clients: ClientService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await tap(handouts, anna, card)
        await clients.delete_client(anna.client_id, actor="chat:9")
        assert (await rows.read_handout(database, card.id)).state == "destroying"
        assert await handouts.confirm_shown(card.id) is None
        assert await rows.read_device(database, card.device_id) is None

    async def test_a_client_deleted_by_sql_alone_gets_nothing_live(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await tap(handouts, anna, card)
        async with database.begin() as session:
            await session.execute(delete(Client).where(Client.id == anna.client_id))
        ended = await handouts.confirm_shown(card.id)
        assert ended is not None
        assert ended.state == "destroying"
        assert await rows.read_device(database, card.device_id) is None

    async def test_a_tap_on_a_card_of_a_deleted_client_ends_it(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        async with database.begin() as session:
            await session.execute(delete(Client).where(Client.id == anna.client_id))
        with pytest.raises(ClientNotFound):
            await tap(handouts, anna, card)
        assert (await rows.read_handout(database, card.id)).state == "cancelled"


LEGAL: dict[HandoutState, set[str]] = {
    HandoutState.OFFERING: {"place", "cancel", "give_up_sending"},
    HandoutState.OFFERED: {"cancel", "arm"},
    HandoutState.ARMED: {"confirm_shown", "dismiss", "abandon"},
    HandoutState.SHOWN: {"dismiss"},
    HandoutState.DESTROYING: {"note_redacted", "note_missing", "mark_destroyed", "mark_failed"},
    HandoutState.DESTROYED: set(),
    # there is nothing to note about a card whose end is not to be drawn
    HandoutState.CANCELLED: set(),
    HandoutState.EXPIRED: {"close_card"},
    HandoutState.FAILED: set(),
}


def steps_of(handouts: HandoutService, asker: Person, card: Handout) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "place": lambda: handouts.place(card.id, CARD + 1),
        "cancel": lambda: handouts.cancel(asker, card.id),
        "give_up_sending": lambda: handouts.give_up_sending(card.id),
        "arm": lambda: handouts.arm(asker, card.id, card.message_id or CARD),
        "confirm_shown": lambda: handouts.confirm_shown(card.id),
        "dismiss": lambda: handouts.dismiss(asker, card.id, card.message_id),
        "abandon": lambda: handouts.abandon(card.id),
        "note_redacted": lambda: handouts.note_redacted(card.id),
        "note_missing": lambda: handouts.note_missing(card),
        "close_card": lambda: handouts.close_card(card.id),
        "mark_destroyed": lambda: handouts.mark_destroyed(card.id),
        "mark_failed": lambda: handouts.mark_failed(card.id, "refused"),
    }


async def snapshot(database: Database, card: Handout) -> object:
    notices = sorted(str(notice.id) for notice in await rows.list_notices(database))
    device = await rows.read_device(database, card.device_id)
    return (
        columns(await rows.read_handout(database, card.id)),
        device if device is None else columns(device),
        notices,
    )


@pytest.mark.parametrize("state", list(HandoutState))
class TestEveryStep:
    async def test_a_step_that_does_not_leave_this_state_changes_nothing(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock, state: HandoutState
    ) -> None:
        card = await lead_to(state, handouts, anna, clock)
        before = await snapshot(database, card)
        for name, step in steps_of(handouts, anna, card).items():
            if name not in LEGAL[state]:
                with contextlib.suppress(RegistryError):
                    await step()
        assert await snapshot(database, card) == before

    async def test_a_process_that_is_no_longer_the_active_bot_changes_nothing(
        self,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        database: Database,
        clock: FakeClock,
        state: HandoutState,
    ) -> None:
        assert await handouts.is_active()
        active = await start_bot(database, devices, clock)
        assert not await handouts.is_active()
        card = await lead_to(state, active, anna, clock)
        before = await snapshot(database, card)
        clock.advance(timedelta(hours=2))
        steps = steps_of(handouts, anna, card) | {
            "advance": lambda: handouts.advance(card.id),
            "postpone": lambda: handouts.postpone(card, "refused", timedelta(seconds=1)),
        }
        for step in steps.values():
            with contextlib.suppress(RegistryError):
                await step()
        assert await snapshot(database, card) == before
        assert await handouts.list_due([]) == []
        assert await handouts.find_next_attempt(clock.now()) is None
