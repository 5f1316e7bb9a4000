"""The bot stops, or dies, in the middle of everything: nothing is lost, nothing happens twice, no secret stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.services.errors import InvalidCredentials
from storage.models import AuditEvent, HandoutState
from tests.conftest import POSTGRESQL, SQLITE
from tests.journeys import evidence
from tests.journeys.people import PATIENCE, SECRET, Registered, Trader, plain, read_id, read_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.sandbox import Bubble
    from tests.journeys.conftest import House, Houses

pytestmark = pytest.mark.asyncio(loop_scope="package")

GONE_WITHIN = 5.0
"""Seconds within which a bot that is started again has removed what must be gone."""
PLENTY, SOON = timedelta(minutes=2), timedelta(seconds=1)
"""Time that a secret on the screen has left: as much as even a busy machine needs for a restart, and nearly none."""
OVERDUE = timedelta(minutes=4)
RESTARTED = "I was restarted while showing you the secret of"


@pytest_asyncio.fixture(scope="module", loop_scope="package", params=[SQLITE, POSTGRESQL])
async def house(houses: Houses, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A bot on each database that no other module minds being killed."""
    async with houses.build(request.param) as house:
        yield house


@dataclass
class Stopped:
    """People who were in the middle of something when the bot was stopped and started again."""

    asked: Trader
    question: Bubble
    carded: Trader
    card: Bubble
    reading: Trader
    seen: Registered
    renaming: Trader
    proposed: Trader
    proposal: Bubble
    owner: Trader
    admin_question: Bubble


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def stopped(house: House) -> Stopped:
    """A restart in the middle of everything."""
    asked, carded, reading = [await house.trader() for _ in range(3)]
    renaming, proposed, owner = [await house.trader(devices=1) for _ in range(3)]
    await renaming.follow("Rename", "Send me the new name for", await renaming.open_card("D-1"))
    [device] = await house.owned(owner)
    people = Stopped(
        asked=asked,
        question=await asked.ask("/register", "What shall I call it?"),
        carded=carded,
        card=await carded.take_card("VPS-1"),
        reading=reading,
        seen=await reading.open_secret("VPS-1"),
        renaming=renaming,
        proposed=proposed,
        proposal=await proposed.ask("/register D-1", "You already have a device called"),
        owner=owner,
        admin_question=await house.olga.ask(f"/revoke {str(device.id)[:8]} Laptop stolen", "Revoke this device?"),
    )
    await house.leave_time(reading, PLENTY)
    await house.bot.restart()
    return people


async def test_a_question_is_still_open_after_a_restart(house: House, stopped: Stopped) -> None:
    await stopped.asked.ask("VPS-1", "is almost ready")
    await stopped.asked.fence()
    assert stopped.asked.find(stopped.question.message_id) is None


async def test_a_card_is_still_good_after_a_restart(house: House, stopped: Stopped) -> None:
    secret = await stopped.carded.show_secret(stopped.card)
    await stopped.carded.tap("I saved it", stopped.card)
    await stopped.carded.sees("is registered")
    await house.devices.authenticate_device(read_id(stopped.card), secret)


async def test_a_secret_outlives_a_restart_until_it_is_saved(house: House, stopped: Stopped) -> None:
    assert read_secret(await stopped.reading.sees("The secret of")) == stopped.seen.secret
    await stopped.reading.tap("I saved it", stopped.seen.card)
    receipt = await stopped.reading.sees("is registered")
    assert "restarted" not in receipt.text
    await house.devices.authenticate_device(stopped.seen.id, stopped.seen.secret)
    await evidence.check_times(house.sandbox, house.database)


async def test_a_new_name_is_still_waited_for_after_a_restart(house: House, stopped: Stopped) -> None:
    renamed = await stopped.renaming.ask("Frankfurt", "is now called")
    assert plain(renamed.text).startswith("✏️ D-1 is now called Frankfurt.")


async def test_a_proposed_name_can_be_taken_after_a_restart(house: House, stopped: Stopped) -> None:
    await stopped.proposed.follow("Use “D-2”", "is almost ready", stopped.proposal)


async def test_an_admins_words_are_remembered_over_a_restart(house: House, stopped: Stopped) -> None:
    await house.olga.follow("Yes, revoke", "is revoked since", stopped.admin_question)
    assert "Reason: Laptop stolen" in (await stopped.owner.sees("An admin revoked your device")).text


@dataclass
class Crashed:
    """People who were in the middle of something when the bot was killed, and when it was started again."""

    unshown: Trader
    unconfirmed: Trader
    reading: Trader
    seen: Registered
    overdue: Trader
    late: Registered
    asking: Trader
    revoking: Trader
    renaming: Trader
    twice_carded: Trader
    owner: Trader
    patient: Trader
    running_since: float


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def crashed(house: House, stopped: Stopped) -> Crashed:
    """A crash in the middle of everything."""
    unshown, unconfirmed, reading, overdue, asking, twice_carded, patient = [await house.trader() for _ in range(7)]
    revoking, renaming, owner = [await house.trader(devices=1) for _ in range(3)]
    await renaming.follow("Rename", "Send me the new name for", await renaming.open_card("D-1"))
    question = await revoking.follow("Revoke", "for good.", await revoking.open_card("D-1"))
    [device] = await house.owned(owner)
    late = await overdue.open_secret("VPS-1")
    longer = await house.leave_time(overdue, PLENTY)
    cards = {trader: await trader.take_card("VPS-1") for trader in (unshown, unconfirmed)}
    seen = await reading.open_secret("VPS-1")
    await house.leave_time(reading, PLENTY)

    await _until_hung(house, unshown, "editMessageText", lambda: _tap(unshown, "Show secret", cards[unshown]))
    await _until_hung(
        house,
        unconfirmed,
        "editMessageText",
        lambda: _tap(unconfirmed, "Show secret", cards[unconfirmed]),
        applied=True,
    )
    await _until_hung(house, asking, "sendMessage", lambda: asking.say("/register"))
    await _until_hung(house, revoking, "editMessageText", lambda: _tap(revoking, "Yes, revoke", question))
    await _until_hung(house, renaming, "sendMessage", lambda: renaming.say("Frankfurt"))
    await _until_hung(house, twice_carded, "sendMessage", lambda: twice_carded.say("/register VPS-1"), applied=True)
    await _until_hung(house, owner, "sendMessage", lambda: house.olga.say(f"/revoke {device.id} lost"))
    await house.bot.kill()
    await house.put_off(overdue, -longer)
    await house.pass_time(overdue, HandoutState.SHOWN, time=OVERDUE)
    patient.say("/register VPS-1")
    before = len(house.sandbox.calls)
    await house.bot.start()
    running_since = house.sandbox.calls[before].at.real
    return Crashed(
        unshown,
        unconfirmed,
        reading,
        seen,
        overdue,
        late,
        asking,
        revoking,
        renaming,
        twice_carded,
        owner,
        patient,
        running_since,
    )


async def test_a_secret_that_was_about_to_be_shown_never_is(house: House, crashed: Crashed) -> None:
    told = await crashed.unshown.sees(RESTARTED)
    assert plain(told.text) == (
        "⚠️ I was restarted while showing you the secret of VPS-1, so I threw it away. It will never work, even if you "
        "copied it. Nothing was registered."
    )
    assert await house.rows(crashed.unshown) == []
    await crashed.unshown.follow("Try again", "is almost ready", told)


async def test_a_secret_that_nobody_confirmed_is_gone_at_once_and_never_works(house: House, crashed: Crashed) -> None:
    await crashed.unconfirmed.sees(RESTARTED)
    [handout] = await house.handouts(crashed.unconfirmed)
    looks = [look for look in house.sandbox.history(crashed.unconfirmed.id) if "The secret of" in look.text]
    [look] = looks
    assert look.real_until is not None
    assert look.real_until - crashed.running_since < GONE_WITHIN
    assert await house.rows(crashed.unconfirmed) == []
    secret = SECRET.findall(look.text)[0]
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(handout.device_id, secret)


async def test_a_secret_whose_time_is_not_up_stays_until_it_is(house: House, crashed: Crashed) -> None:
    assert read_secret(await crashed.reading.sees("The secret of")) == crashed.seen.secret
    await house.leave_time(crashed.reading, SOON)
    receipt = await crashed.reading.sees("is registered")
    assert "restarted" not in receipt.text
    await evidence.check_times(house.sandbox, house.database, crashed.reading.id)
    await house.devices.authenticate_device(crashed.seen.id, crashed.seen.secret)


async def test_a_secret_that_is_overdue_is_gone_at_once_and_its_receipt_says_why(
    house: House, crashed: Crashed
) -> None:
    receipt = await crashed.overdue.sees("is registered")
    assert (
        "removed after 4 minutes instead of 10 seconds, because I was restarted. If somebody else could see your "
        "screen, tap New secret."
    ) in receipt.text
    [look] = evidence.sightings(house.sandbox, crashed.late.secret)
    assert look.real_until is not None
    assert look.real_until - crashed.running_since < GONE_WITHIN
    await house.devices.authenticate_device(crashed.late.id, crashed.late.secret)


async def test_an_update_that_was_received_is_answered_after_a_crash(house: House, crashed: Crashed) -> None:
    await crashed.asking.sees("What shall I call it?")
    await crashed.asking.ask("VPS-1", "is almost ready")
    await crashed.asking.fence()
    assert crashed.asking.times_shown("What shall I call it?") == 1


async def test_a_revocation_that_was_not_answered_is_answered_after_a_crash(house: House, crashed: Crashed) -> None:
    await crashed.revoking.sees("is revoked since")
    [device] = await house.owned(crashed.revoking)
    async with house.database.read() as session:
        told = select(AuditEvent).where(AuditEvent.device_id == device.id, AuditEvent.action == "device_revoked")
        assert len(list(await session.scalars(told))) == 1


async def test_a_rename_that_was_not_answered_is_answered_after_a_crash(house: House, crashed: Crashed) -> None:
    renamed = await crashed.renaming.sees("is now called")
    assert plain(renamed.text).startswith("✏️ D-1 is now called Frankfurt.")
    await crashed.renaming.fence()
    await crashed.renaming.misses("Send me the new name for")


async def test_a_card_sent_twice_over_a_crash_is_good_once(house: House, crashed: Crashed) -> None:
    trader = crashed.twice_carded
    newest = await trader.sees("is almost ready")
    oldest = next(bubble for bubble in house.sandbox.screen(trader.id) if "is almost ready" in bubble.text)
    assert oldest.message_id != newest.message_id
    assert (await trader.tap("Show secret", oldest)).text == "An old copy. Please use the newest card."
    await trader.fence()
    assert (trader.find(oldest.message_id) or oldest).labels == []
    await trader.show_secret(newest)


async def test_an_owner_is_told_of_a_revocation_after_a_crash(house: House, crashed: Crashed) -> None:
    assert "Reason: lost" in (await crashed.owner.sees("An admin revoked your device")).text
    await crashed.owner.fence()
    assert crashed.owner.times_shown("An admin revoked your device") == 1


async def test_what_was_sent_while_the_bot_was_down_is_answered(house: House, crashed: Crashed) -> None:
    await crashed.patient.sees("is almost ready")


async def test_nothing_is_left_to_do_after_a_crash(house: House, crashed: Crashed) -> None:
    for trader in (crashed.unshown, crashed.unconfirmed, crashed.overdue):
        assert (await house.handouts(trader))[0].state == HandoutState.DESTROYED


async def test_a_second_bot_stands_by_and_takes_over(house: House, crashed: Crashed) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    first, second = house.bot, house.another_bot()
    house.bot = second
    await house.leave_time(anna, PLENTY)
    await second.start(is_ready=False)
    await second.wait_for_log("stands by")
    await anna.fence()
    await first.kill()
    killed_at = house.sandbox.world.clock.real()
    await anna.fence()
    assert house.sandbox.world.clock.real() - killed_at < GONE_WITHIN
    await anna.tap("I saved it", registered.card)
    await anna.sees("is registered")
    polls = [call for call in house.sandbox.calls if call.method == "getUpdates" and call.status == 409]
    assert polls == []


def _tap(trader: Trader, button: str, message: Bubble) -> None:
    trader.sandbox.tap(trader.id, button, message_id=message.message_id)


async def _until_hung(
    house: House, trader: Trader, method: str, act: Callable[[], object], *, applied: bool = False
) -> None:
    """Do something to which Telegram does not answer, and wait until the bot waits for that."""
    house.sandbox.add_fault(method, "apply_and_hang" if applied else "hang", chat=trader.id)
    before = len(house.sandbox.calls)
    act()
    await house.sandbox.wait_for_call(method, after=before, chat=trader.id, timeout=PATIENCE)
