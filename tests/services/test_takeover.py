"""What becomes of secret messages when another process becomes the active bot."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.errors import HandoutChanged, InvalidCredentials
from bot.services.handouts import CARD_LIFE, ActiveBot, take_over
from storage.models import HandoutState
from tests import rows
from tests.conftest import BOT_ID, start_bot
from tests.services.cards import CARD, lead_to, offer, offer_new_secret, show, tap

if TYPE_CHECKING:
    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from storage.database import Database
    from tests.fakes import FakeClock


async def test_every_process_that_takes_over_gets_a_higher_number(database: Database, clock: FakeClock) -> None:
    assert [await take_over(database, clock, BOT_ID) for _ in range(3)] == [
        ActiveBot(BOT_ID, 1),
        ActiveBot(BOT_ID, 2),
        ActiveBot(BOT_ID, 3),
    ]
    assert await take_over(database, clock, BOT_ID + 1) == ActiveBot(BOT_ID + 1, 1)


async def test_a_secret_that_may_or_may_not_have_been_seen_is_destroyed_and_never_works(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    _, secret = await tap(handouts, anna, card)
    clock.advance(timedelta(seconds=3))
    active = await start_bot(database, devices, clock)
    row = await rows.read_handout(database, card.id)
    assert (row.state, row.outcome, row.next_attempt_at) == ("destroying", "restarted", clock.now())
    assert await rows.read_device(database, card.device_id) is None
    assert await handouts.confirm_shown(card.id) is None
    assert await active.confirm_shown(card.id) is None
    with pytest.raises(HandoutChanged):
        await active.dismiss(anna, card.id, CARD)
    with pytest.raises(InvalidCredentials):
        await devices.authenticate_device(card.device_id, secret)
    assert [due.id for due in await active.list_due([])] == [card.id]


async def test_a_new_secret_that_may_have_been_seen_leaves_the_old_one_in_force(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    device, old = await devices.create_device(anna.client_id, "VPS-1")
    card = await offer_new_secret(handouts, anna, device.id, timedelta(0))
    _, new = await tap(handouts, anna, card)
    await start_bot(database, devices, clock)
    row = await rows.read_handout(database, card.id)
    assert (row.state, row.pending_hash, row.pending_tag) == ("destroying", None, None)
    with pytest.raises(InvalidCredentials):
        await devices.authenticate_device(device.id, new)
    await devices.authenticate_device(device.id, old)


async def test_a_secret_on_the_screen_keeps_its_time(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    shown, secret = await show(handouts, anna, card)
    clock.advance(timedelta(seconds=30))
    active = await start_bot(database, devices, clock)
    row = await rows.read_handout(database, card.id)
    assert (row.state, row.destroy_at, row.outcome) == ("shown", shown.destroy_at, None)
    assert await active.list_due([]) == []
    clock.advance(timedelta(seconds=30))
    ended = await active.advance(card.id)
    assert ended is not None
    assert (ended.state, ended.outcome) == ("destroying", "timer")
    assert (await devices.authenticate_device(card.device_id, secret)).id == card.device_id


async def test_a_secret_whose_time_ran_out_meanwhile_is_due_at_once_and_says_why_it_is_late(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    await show(handouts, anna, card)
    clock.advance(timedelta(minutes=4))
    active = await start_bot(database, devices, clock)
    assert [due.id for due in await active.list_due([])] == [card.id]
    ended = await active.advance(card.id)
    assert ended is not None
    assert (ended.state, ended.outcome) == ("destroying", "restarted")


async def test_a_secret_is_destroyed_at_once_when_the_clock_was_set_back_meanwhile(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    _, secret = await show(handouts, anna, card)
    await handouts.note_alive()
    clock.advance(-timedelta(hours=1))
    active = await start_bot(database, devices, clock)
    assert [due.id for due in await active.list_due([])] == [card.id]
    row = await rows.read_handout(database, card.id)
    assert (row.state, row.outcome) == ("destroying", "restarted")
    assert (await devices.authenticate_device(card.device_id, secret)).id == card.device_id, "it was seen"


async def test_that_a_secret_was_shown_tells_that_the_clock_was_set_back_when_nothing_else_does(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    clock.advance(timedelta(seconds=4))
    await show(handouts, anna, card)
    clock.advance(-timedelta(seconds=3))
    active = await start_bot(database, devices, clock)
    assert [due.id for due in await active.list_due([])] == [card.id]


async def test_a_destruction_under_way_does_not_wait_until_a_clock_that_was_set_back_has_caught_up(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
    await handouts.note_alive()
    clock.advance(-timedelta(hours=1))
    active = await start_bot(database, devices, clock)
    assert [due.id for due in await active.list_due([])] == [card.id]


async def test_cards_stay_good_and_unsent_ones_can_still_be_placed(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    placed = await offer(handouts, anna, "VPS-1")
    unsent = await handouts.offer_registration(anna, "VPS-2", source="7:2")
    active = await start_bot(database, devices, clock)
    assert (await active.offer_registration(anna, "VPS-2", source="7:2")).id == unsent.id
    assert await active.place(unsent.id, 12) is not None
    await show(active, anna, placed)


async def test_a_destruction_under_way_goes_on(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
    active = await start_bot(database, devices, clock)
    assert [due.id for due in await active.list_due([])] == [card.id]
    await active.mark_destroyed(card.id)
    assert len(await rows.list_notices(database, "handout_ended")) == 1


async def test_a_card_whose_end_is_still_to_be_drawn_is_drawn_by_the_next_process(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    clock.advance(CARD_LIFE)
    await handouts.advance(card.id)
    active = await start_bot(database, devices, clock)
    assert [due.id for due in await active.list_due([])] == [card.id]


async def test_another_bot_s_messages_are_left_alone(
    handouts: HandoutService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
) -> None:
    card = await offer(handouts, anna)
    await tap(handouts, anna, card)
    await take_over(database, clock, BOT_ID + 1)
    assert (await rows.read_handout(database, card.id)).state == "armed"
    assert await handouts.is_active()
    assert await handouts.confirm_shown(card.id) is not None
