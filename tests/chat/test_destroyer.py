"""A secret on a screen goes away, whatever Telegram answers; what was not confirmed as seen never works."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.chat import destroyer as destroying
from bot.chat.pacing import Rank
from bot.services.errors import InvalidCredentials
from bot.services.handouts import take_over
from bot.services.notices import NoticeKind
from storage.models import Handout, HandoutState
from tests import rows
from tests.chat.faults import records_away
from tests.chat.offline import (
    GONE,
    NOT_THERE,
    TOO_OLD,
    UNCHANGED,
    UNEDITABLE,
    OfflineTelegram,
    Silence,
    Slow,
    bad_request,
    blocked,
    methods,
    refused,
    server_error,
    too_many,
    unauthorized,
)
from tests.chat.speech import ANNA, BOB, OLGA, membership
from tests.conftest import BOT_ID, SECRET_TTL
from tests.fakes import FakeClock, until

if TYPE_CHECKING:
    import uuid
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.chat.conftest import Door
    from tests.chat.offline import Call, Step

CHAT = ANNA["id"]
SECRET = re.compile(r"dsk1_[0-9A-Za-z]{59}")
ENDS = {HandoutState.DESTROYED, HandoutState.FAILED}


class Watch:
    """One secret from its card to its end, with the destroyer and the notifier at work."""

    def __init__(self, door: Door, clock: FakeClock) -> None:
        self.door = door
        self.telegram = door.telegram
        self.clock = clock
        self.destroyer = door.program.destroyer
        self.handout_id: uuid.UUID | None = None
        self.message_id = 0

    async def offer(self, name: str = "VPS-1") -> None:
        """Bring Anna to the card."""
        await self.door.say(f"/register {name}")
        card = self.telegram.screen(CHAT)[-1]
        assert "almost ready" in card["text"]
        self.message_id = card["message_id"]
        self.handout_id = (await self.door.program.handouts.find_latest_card(CHAT) or Handout()).id

    async def tap_show(self) -> None:
        """Let Anna tap *Show secret*; what follows happens in the background."""
        await self.door.press("Show secret")

    async def show(self) -> str:
        """Bring Anna to the secret, confirmed, and return it."""
        await self.offer()
        await self.tap_show()
        await self.reaches(HandoutState.SHOWN)
        self.telegram.forget()
        return self.secret()

    def secret(self) -> str:
        found = SECRET.search(json.dumps(self.telegram.screen(CHAT)))
        assert found is not None
        return found[0]

    async def handout(self) -> Handout:
        assert self.handout_id is not None
        return await rows.read_handout(self.door.database, self.handout_id)

    async def reaches(self, *states: HandoutState, seconds: float = 5) -> Handout:
        """Wait until the handout is in one of the states."""
        async with asyncio.timeout(seconds):
            while (handout := await self.handout()).state not in states:  # noqa: ASYNC110 - it is in a database
                await asyncio.sleep(0.005)
        return handout

    async def attempted(self, times: int, *, seconds: float = 5) -> Handout:
        """Wait until so many attempts to destroy it failed."""
        async with asyncio.timeout(seconds):
            while (handout := await self.handout()).attempts < times:  # noqa: ASYNC110 - it is in a database
                await asyncio.sleep(0.005)
        return handout

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))
        self.destroyer.wake()
        self.door.program.notifier.wake()

    async def time_is_up(self) -> None:
        """Let the showing time end."""
        self.later(SECRET_TTL.total_seconds())

    async def quiet(self) -> None:
        """Wait until the destroyer has nothing in hand and has looked once more."""
        await until(lambda: not self.destroyer._under_way and not self.destroyer._showings)
        self.destroyer.wake()
        await asyncio.sleep(0.03)
        await until(lambda: not self.destroyer._under_way)

    async def reads(self, words: str, *, chat: int = CHAT) -> str:
        """Wait until the words stand in a chat, and return the message."""
        await until(lambda: any(words in text for text in self.telegram.texts(chat)), seconds=5)
        return next(text for text in self.telegram.texts(chat) if words in text)

    def edits(self) -> list[Call]:
        return [call for call in self.telegram.made("editMessageText") if call.message_id == self.message_id]

    def showings(self) -> list[Call]:
        return [call for call in self.edits() if SECRET.search(call.text)]

    def redactions(self) -> list[Call]:
        return [call for call in self.edits() if "has been removed" in call.text]

    def deletions(self) -> list[Call]:
        return [call for call in self.telegram.made("deleteMessage") if call.message_id == self.message_id]

    async def can_log_in(self, secret: str) -> bool:
        device_id = (await self.handout()).device_id
        try:
            await self.door.services.devices.authenticate_device(device_id, secret)
        except InvalidCredentials:
            return False
        return True


@pytest.fixture
async def watch(door: Door, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watch]:
    """A secret's life, watched."""
    monkeypatch.setattr(destroying, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(destroying, "SHOW_PAUSES", (0.01, 0.02))
    tasks = [asyncio.create_task(door.program.destroyer.run()), asyncio.create_task(door.program.notifier.run())]
    yield Watch(door, clock)
    assert not any(task.done() for task in tasks), "the destroyer and the notifier never end by themselves"
    await door.program.destroyer.finish(1)
    await door.program.notifier.finish(1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_secret_whose_time_ends_between_two_looks_goes_at_once(
    watch: Watch, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watch.show()
    await watch.quiet()
    monkeypatch.setattr(destroying, "LOOK_EVERY", 60.0)
    handouts = watch.door.program.handouts
    find, let_pass = handouts.find_next_attempt, [SECRET_TTL]

    async def find_later(*when: datetime) -> datetime | None:
        # nothing was due a moment ago
        clock.advance(let_pass.pop() if let_pass else timedelta(0))
        return await find(*when)

    monkeypatch.setattr(handouts, "find_next_attempt", find_later)
    watch.destroyer.wake()
    await watch.reaches(HandoutState.DESTROYED)


# ── the straight way ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_secret_is_taken_out_of_the_message_before_the_message_is_deleted(watch: Watch) -> None:
    secret = await watch.show()
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert [(call.method, call.message_id) for call in watch.telegram.calls[:2]] == [
        ("editMessageText", watch.message_id),
        ("deleteMessage", watch.message_id),
    ]
    assert not watch.telegram.shows(secret)
    assert not watch.telegram.shows("The secret was here")


async def test_the_redaction_carries_an_explicitly_empty_keyboard(watch: Watch) -> None:
    await watch.show()
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    (redaction,) = watch.redactions()
    assert json.loads(redaction.parameters["reply_markup"]) == {"inline_keyboard": []}
    assert SECRET.search(json.dumps(redaction.parameters)) is None


async def test_single_deletions_are_used_and_never_the_bulk_method(watch: Watch) -> None:
    await watch.show()
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert "deleteMessages" not in methods(watch.telegram.calls)


async def test_a_secret_is_destroyed_when_its_time_is_up_and_not_before(watch: Watch) -> None:
    secret = await watch.show()
    watch.later(SECRET_TTL.total_seconds() - 0.1)
    await watch.quiet()
    assert watch.telegram.shows(secret)
    watch.later(0.1)
    await watch.reaches(HandoutState.DESTROYED)
    receipt = await watch.reads("is registered")
    assert "removed after" in receipt
    assert await watch.can_log_in(secret)


async def test_i_saved_it_destroys_at_once(watch: Watch) -> None:
    secret = await watch.show()
    await watch.door.press("I saved it")
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)
    assert "is registered" in await watch.reads("is registered")
    assert await watch.can_log_in(secret)


async def test_the_secret_is_in_one_message_only_in_the_askers_chat(watch: Watch) -> None:
    secret = await watch.show()
    carriers = [key for key, message in watch.telegram.messages.items() if secret in json.dumps(message)]
    assert carriers == [(CHAT, watch.message_id)]


async def test_a_registration_costs_no_more_counted_calls_than_promised(watch: Watch) -> None:
    await watch.door.say("/register")
    await watch.door.say("VPS-1")
    await watch.door.press("Show secret")
    await until(lambda: watch.telegram.shows("dsk1_"))
    await watch.door.press("I saved it")
    await watch.reads("is registered")
    assert methods(watch.telegram.counted()) == [
        "sendMessage",
        "sendMessage",
        "editMessageText",
        "editMessageText",
        "sendMessage",
    ]


# ── showing that is not confirmed ─────────────────────────────────────────────────────────────────────────────────────

UNCERTAIN: dict[str, Step] = {
    "silence": Silence(),
    "applied in silence": Silence(applied=True),
    "500": server_error(),
    "502": refused(502, "Bad Gateway"),
    "401": unauthorized(),
}


@pytest.mark.parametrize("step", UNCERTAIN.values(), ids=UNCERTAIN.keys())
async def test_the_same_edit_is_repeated_until_the_showing_is_confirmed(watch: Watch, step: Step) -> None:
    await watch.offer()
    watch.telegram.script("editMessageText", step)
    await watch.tap_show()
    await watch.reaches(HandoutState.SHOWN)
    first, *others = watch.showings()
    assert all(other.parameters == first.parameters for other in others)
    assert await watch.can_log_in(watch.secret())


async def test_that_nothing_was_modified_confirms_the_showing(watch: Watch) -> None:
    await watch.offer()
    watch.telegram.script("editMessageText", Silence(applied=True), UNCHANGED)
    await watch.tap_show()
    await watch.reaches(HandoutState.SHOWN)
    assert len(watch.showings()) == 2


async def test_what_telegram_does_not_confirm_is_thrown_away_after_a_quarter_of_the_time(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock
) -> None:
    door = await build_door(clock, secret_ttl=timedelta(seconds=10))
    # the showing waits in real time: a quarter of it must not be long
    door.program.handouts.secret_ttl = timedelta(seconds=0.8)
    async with watching(door, clock) as watch:
        await watch.offer()
        watch.telegram.script("editMessageText", *[Silence(applied=True)] * 10)
        await watch.tap_show()
        await until(lambda: watch.showings() != [])
        secret = watch.secret()
        await until(lambda: watch.redactions() != [])
        handout = await watch.reaches(HandoutState.DESTROYED)
        assert handout.shown_at is None
        assert not watch.telegram.shows(secret)
        text = await watch.reads("did not confirm")
        assert "threw it away" in text
        assert "Nothing was registered" in text
        assert not await watch.can_log_in(secret)
        assert await rows.read_device(door.database, handout.device_id) is None


@pytest.mark.parametrize("step", [GONE, blocked(), UNEDITABLE], ids=["gone", "blocked", "not editable"])
async def test_what_can_never_be_shown_is_thrown_away_at_once(watch: Watch, step: Step) -> None:
    await watch.offer()
    watch.telegram.always("editMessageText", step)
    await watch.tap_show()
    handout = await watch.reaches(HandoutState.DESTROYING, HandoutState.DESTROYED)
    assert len(watch.showings()) == 1
    assert handout.shown_at is None
    assert await rows.read_device(watch.door.database, handout.device_id) is None


async def test_a_429_while_showing_is_waited_for_and_nothing_is_shown_twice(watch: Watch) -> None:
    await watch.offer()
    watch.telegram.script("editMessageText", too_many(3))
    await watch.tap_show()
    await watch.reaches(HandoutState.SHOWN)
    assert len(watch.showings()) == 2


async def test_a_tap_on_i_saved_it_confirms_a_showing_that_is_still_repeated(watch: Watch) -> None:
    await watch.offer()
    gate = asyncio.Event()
    watch.telegram.script("editMessageText", Silence(applied=True), Slow(gate=gate))
    await watch.tap_show()
    await until(lambda: watch.telegram.shows("dsk1_"))
    secret = watch.secret()
    await watch.door.press("I saved it")
    handout = await watch.reaches(HandoutState.DESTROYED)
    gate.set()
    await watch.quiet()
    assert handout.shown_at is not None
    assert not watch.telegram.shows(secret)
    assert await watch.can_log_in(secret)
    assert "is registered" in await watch.reads("is registered")


async def test_a_database_that_is_away_for_a_moment_does_not_cost_a_confirmed_showing(watch: Watch) -> None:
    await watch.offer()
    with records_away(watch.door.database, "shown_at=", times=2) as outage:
        await watch.tap_show()
        await watch.reaches(HandoutState.SHOWN)
    assert outage.refused == 2
    assert await watch.can_log_in(watch.secret())


# ── who may show ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_process_that_is_no_longer_the_active_bot_shows_nothing(watch: Watch) -> None:
    await watch.offer()

    async def lose(call: Call) -> None:
        if call.method == "answerCallbackQuery":
            await take_over(watch.door.database, watch.clock, BOT_ID)

    watch.telegram.before_call = lose
    armed_before = watch.telegram.find_button(CHAT, "Show secret")
    await take_over(watch.door.database, watch.clock, BOT_ID)
    await watch.door.tap(armed_before[1], on=armed_before[0])
    await asyncio.sleep(0.05)
    assert watch.showings() == []


async def test_right_before_every_edit_that_carries_a_secret_the_lead_is_checked(watch: Watch) -> None:
    await watch.offer()
    retries = 0

    async def lose_after_the_first(call: Call) -> None:
        nonlocal retries
        if call.method == "editMessageText" and SECRET.search(call.text):
            retries += 1
            await take_over(watch.door.database, watch.clock, BOT_ID)

    watch.telegram.before_call = lose_after_the_first
    watch.telegram.script("editMessageText", *[Silence()] * 5)
    await watch.tap_show()
    await until(lambda: not watch.destroyer._showings)
    assert retries == 1


async def test_the_lead_is_checked_after_waiting_for_the_rate_limit_not_before(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watch.offer()
    pacer = watch.destroyer._pacer
    waited = asyncio.Event()
    go_on = asyncio.Event()

    async def wait(_chat: int, rank: Rank) -> None:
        if rank is Rank.SHOWING:
            waited.set()
            await go_on.wait()

    # the wait itself is what is brought about here, not what is tested
    monkeypatch.setattr(pacer, "wait_for_turn", wait)
    await watch.tap_show()
    await asyncio.wait_for(waited.wait(), 5)
    await take_over(watch.door.database, watch.clock, BOT_ID)
    go_on.set()
    await until(lambda: not watch.destroyer._showings)
    assert watch.showings() == []


async def test_a_device_that_is_revoked_while_its_secret_is_being_shown_shows_nothing_afterwards(watch: Watch) -> None:
    anna = await watch.door.enter()
    device, _ = await watch.door.services.devices.create_device(anna.client_id, "VPS-1")
    await watch.door.say("/devices")
    await watch.door.press("VPS-1")
    await watch.door.press("New secret")
    card = watch.telegram.screen(CHAT)[-1]
    watch.message_id = card["message_id"]
    gate = asyncio.Event()
    watch.telegram.script("editMessageText", Slow(gate=gate))
    await watch.door.press("Show secret")
    await until(lambda: watch.showings() != [])
    watch.handout_id = (await watch.door.program.handouts.find_visible(CHAT) or Handout()).id
    await watch.door.say(f"/revoke {device.id} lost", person=OLGA)
    await watch.reaches(HandoutState.DESTROYED)
    gate.set()
    await watch.quiet()
    assert watch.showings()[0].was_cancelled
    assert len(watch.showings()) == 1
    assert SECRET.search(json.dumps([*watch.telegram.messages.values()])) is None


async def test_a_visible_secret_goes_away_the_moment_its_device_is_revoked(watch: Watch) -> None:
    secret = await watch.show()
    device_id = (await watch.handout()).device_id
    await watch.door.say(f"/revoke {device_id} leaked", person=OLGA)
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)
    await watch.reads("An admin revoked")
    assert not any("is registered" in text for text in watch.telegram.texts(CHAT))


# ── destroying that goes wrong ────────────────────────────────────────────────────────────────────────────────────────


async def test_that_nothing_was_modified_counts_as_redacted(watch: Watch) -> None:
    await watch.show()
    watch.telegram.script("editMessageText", UNCHANGED)
    watch.telegram.script("deleteMessage", TOO_OLD)
    await watch.time_is_up()
    handout = await watch.reaches(HandoutState.DESTROYED)
    assert handout.redacted_at is not None


async def test_not_found_is_believed_when_it_was_said_twice_five_seconds_apart(watch: Watch) -> None:
    await watch.show()
    watch.telegram.always("editMessageText", GONE)
    watch.telegram.always("deleteMessage", NOT_THERE)
    await watch.time_is_up()
    await until(lambda: len(watch.deletions()) == 1)
    await watch.quiet()
    assert (await watch.handout()).state == HandoutState.DESTROYING
    watch.later(4.9)
    await watch.quiet()
    assert len(watch.deletions()) == 1
    watch.later(0.1)
    await watch.reaches(HandoutState.DESTROYED)
    assert len(watch.deletions()) == 2


async def test_a_message_that_was_not_found_once_and_then_is_there_is_destroyed(watch: Watch) -> None:
    secret = await watch.show()
    watch.telegram.script("editMessageText", GONE)
    watch.telegram.script("deleteMessage", NOT_THERE)
    await watch.time_is_up()
    await until(lambda: len(watch.deletions()) == 1)
    await watch.quiet()
    watch.later(5)
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)


async def test_a_redaction_that_is_told_to_wait_is_replaced_by_the_deletion_at_once(watch: Watch) -> None:
    secret = await watch.show()
    watch.telegram.script("editMessageText", too_many(30))
    await watch.time_is_up()
    # the time stands still: what had to wait for it would never be done
    handout = await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)
    assert handout.redacted_at is None
    assert len(watch.deletions()) == 1


async def test_a_redaction_that_is_slow_is_replaced_by_the_deletion(watch: Watch) -> None:
    secret = await watch.show()
    watch.telegram.script("editMessageText", Slow(gate=asyncio.Event()))
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert watch.edits()[0].was_cancelled
    assert not watch.telegram.shows(secret)


async def test_a_chat_that_telegram_told_to_wait_is_not_asked_to_redact_but_to_delete(watch: Watch) -> None:
    secret = await watch.show()
    watch.destroyer._pacer._hold(CHAT, 500)
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert watch.edits() == []
    assert not watch.telegram.shows(secret)


async def test_a_429_in_one_chat_does_not_keep_a_secret_in_another(watch: Watch) -> None:
    secret = await watch.show()
    watch.destroyer._pacer._hold(BOB["id"], 500)
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert len(watch.redactions()) == 1
    assert not watch.telegram.shows(secret)


@pytest.mark.parametrize("refusal", [TOO_OLD, bad_request("message can't be deleted")])
async def test_a_deletion_refused_for_good_is_enough_once_the_text_is_gone(watch: Watch, refusal: Step) -> None:
    secret = await watch.show()
    watch.telegram.always("deleteMessage", refusal)
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)
    assert "is registered" in await watch.reads("is registered")


async def test_both_refused_for_good_is_a_failure_that_owner_admins_and_audit_learn_of(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = await watch.show()
    watch.telegram.always("editMessageText", UNEDITABLE)
    watch.telegram.always("deleteMessage", TOO_OLD)
    await watch.time_is_up()
    await watch.reaches(HandoutState.FAILED)
    owner = await watch.reads("could not remove the message")
    assert "Please delete it yourself" in owner
    assert "I keep trying" not in owner
    admin = await watch.reads("could not remove the message", chat=OLGA["id"])
    assert "VPS-1" in admin
    assert len(await rows.list_audit(watch.door.database, "handout_failed")) == 1
    assert any(record.levelno == logging.ERROR for record in caplog.records)
    assert secret not in caplog.text
    watch.later(3600)
    await watch.quiet()
    assert len(watch.deletions()) == 1


async def test_somebody_who_blocked_the_bot_is_tried_again_when_they_unblock_it(watch: Watch) -> None:
    secret = await watch.show()
    watch.telegram.always("editMessageText", blocked())
    watch.telegram.always("deleteMessage", blocked())
    await watch.time_is_up()
    await watch.attempted(1)
    await watch.door.receive(membership("kicked"))
    watch.later(600)
    await watch.quiet()
    assert len(watch.deletions()) == 1
    watch.telegram.always("editMessageText", None)
    watch.telegram.always("deleteMessage", None)
    await watch.door.receive(membership("member"))
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)


async def test_somebody_who_blocked_the_bot_has_the_secret_removed_where_telegram_allows_it(watch: Watch) -> None:
    secret = await watch.show()
    await watch.door.receive(membership("kicked"))
    watch.telegram.always("sendMessage", blocked())
    await watch.time_is_up()
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)
    assert await watch.can_log_in(secret)


@pytest.mark.parametrize("step", [Silence(), server_error(), refused(502, "Bad Gateway"), unauthorized()])
async def test_network_trouble_is_tried_again_with_growing_pauses(watch: Watch, step: Step) -> None:
    secret = await watch.show()
    watch.telegram.always("editMessageText", step)
    watch.telegram.always("deleteMessage", step)
    await watch.time_is_up()
    pauses = [0.0]
    for attempt in range(1, 6):
        watch.later(pauses[-1])
        handout = await watch.attempted(attempt)
        assert handout.next_attempt_at is not None
        pauses.append((handout.next_attempt_at - watch.clock.now()).total_seconds())
        await watch.quiet()
        assert len(watch.deletions()) == attempt
    assert pauses == sorted(set(pauses))
    watch.telegram.always("editMessageText", None)
    watch.telegram.always("deleteMessage", None)
    watch.later(pauses[-1])
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)


async def test_a_deletion_told_to_wait_is_made_when_the_wait_is_over(watch: Watch) -> None:
    await watch.show()
    watch.telegram.script("deleteMessage", too_many(7))
    await watch.time_is_up()
    handout = await watch.attempted(1)
    assert handout.next_attempt_at == watch.clock.now() + timedelta(seconds=7)
    watch.later(7)
    await watch.reaches(HandoutState.DESTROYED)


async def test_half_a_minute_late_the_reader_is_asked_once_to_delete_the_message(watch: Watch) -> None:
    await watch.show()
    watch.telegram.always("editMessageText", server_error())
    watch.telegram.always("deleteMessage", server_error())
    await watch.time_is_up()
    await watch.attempted(1)
    watch.later(29)
    await watch.attempted(2)
    await watch.quiet()
    assert await rows.list_notices(watch.door.database, NoticeKind.HANDOUT_STUCK) == []
    for attempt in (3, 4, 5):
        watch.later(31)
        await watch.attempted(attempt)
        await watch.quiet()
    warning = await watch.reads("could not remove the message")
    assert "I keep trying" in warning
    assert len(await rows.list_notices(watch.door.database, NoticeKind.HANDOUT_STUCK)) == 1
    sent = next(call for call in watch.telegram.made("sendMessage") if "could not remove" in call.text)
    assert "disable_notification" not in sent.parameters
    watch.telegram.always("editMessageText", None)
    watch.telegram.always("deleteMessage", None)
    watch.later(60)
    await watch.reaches(HandoutState.DESTROYED)
    receipt = await watch.reads("is registered")
    assert "removed after" in receipt


async def test_nobody_is_warned_of_a_secret_that_is_gone_while_its_empty_message_stays(watch: Watch) -> None:
    await watch.show()
    watch.telegram.always("deleteMessage", server_error())
    await watch.time_is_up()
    for attempt in (1, 2, 3):
        await watch.attempted(attempt)
        watch.later(40)
    await watch.quiet()
    assert not watch.telegram.shows("could not remove")


async def test_a_secret_is_destroyed_although_the_database_was_away_when_its_time_came(watch: Watch) -> None:
    secret = await watch.show()
    with records_away(watch.door.database, "handouts", times=3) as outage:
        await watch.time_is_up()
        await until(lambda: outage.left == 0)
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "refused"), RuntimeError("out of nowhere")])
async def test_no_kind_of_error_ends_the_destroyer(watch: Watch, error: Exception) -> None:
    secret = await watch.show()
    with records_away(watch.door.database, "handouts", times=3, error=error) as outage:
        await watch.time_is_up()
        await until(lambda: outage.left == 0)
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)


async def test_trouble_with_one_secret_does_not_keep_another(watch: Watch) -> None:
    await watch.show()
    await watch.door.say("/register Laptop", person=BOB)
    await watch.door.press("Show secret", person=BOB)
    await until(lambda: "dsk1_" in json.dumps(watch.telegram.screen(BOB["id"])))
    gate = asyncio.Event()

    async def hold_anna(call: Call) -> None:
        if call.method in {"editMessageText", "deleteMessage"} and call.chat == CHAT:
            await gate.wait()

    watch.telegram.before_call = hold_anna
    await watch.time_is_up()
    await until(lambda: "dsk1_" not in json.dumps(watch.telegram.screen(BOB["id"])))
    gate.set()
    await watch.reaches(HandoutState.DESTROYED)


# ── restarts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextlib.asynccontextmanager
async def watching(door: Door, clock: FakeClock) -> AsyncIterator[Watch]:
    """Let the destroyer and the notifier of a process work for a while."""
    tasks = [asyncio.create_task(door.program.destroyer.run()), asyncio.create_task(door.program.notifier.run())]
    try:
        yield Watch(door, clock)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await door.program.destroyer.finish(0)
        await door.program.notifier.finish(0)


async def test_a_showing_that_a_crash_left_unconfirmed_is_destroyed_first_thing(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    async with watching(await build_door(clock), clock) as before:
        await before.offer()
        telegram.script("editMessageText", Silence(applied=True), Slow(gate=asyncio.Event()))
        await before.tap_show()
        await until(lambda: telegram.shows("dsk1_"))
        secret = before.secret()
    async with watching(await build_door(clock), clock) as after:
        after.handout_id, after.message_id = before.handout_id, before.message_id
        await after.reaches(HandoutState.DESTROYED)
        assert not telegram.shows(secret)
        assert "I was restarted" in await after.reads("restarted")
        assert not await after.can_log_in(secret)


async def test_a_secret_that_is_visible_at_a_restart_keeps_its_time(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    async with watching(await build_door(clock), clock) as before:
        secret = await before.show()
    clock.advance(timedelta(seconds=20))
    async with watching(await build_door(clock), clock) as after:
        after.handout_id, after.message_id = before.handout_id, before.message_id
        await after.quiet()
        assert telegram.shows(secret)
        after.later(40)
        await after.reaches(HandoutState.DESTROYED)
        receipt = await after.reads("is registered")
        assert "restarted" not in receipt


async def test_a_secret_that_stayed_too_long_because_of_a_restart_is_owned_up_to(
    build_door: Callable[..., Awaitable[Door]], clock: FakeClock, telegram: OfflineTelegram
) -> None:
    async with watching(await build_door(clock), clock) as before:
        secret = await before.show()
    clock.advance(timedelta(minutes=4))
    async with watching(await build_door(clock), clock) as after:
        after.handout_id, after.message_id = before.handout_id, before.message_id
        await after.reaches(HandoutState.DESTROYED)
        assert not telegram.shows(secret)
        receipt = await after.reads("is registered")
        assert "instead of 60 seconds, because I was restarted" in receipt


# ── cards ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_card_expires_by_itself_after_an_hour(watch: Watch) -> None:
    await watch.offer()
    watch.later(3599)
    await watch.quiet()
    assert any("almost ready" in text for text in watch.telegram.texts(CHAT))
    watch.later(1)
    await watch.reaches(HandoutState.EXPIRED)
    assert "has expired" in await watch.reads("has expired")
    assert len(watch.telegram.counted()) == 2


async def test_an_expired_card_that_cannot_be_redrawn_is_let_be(watch: Watch) -> None:
    await watch.offer()
    watch.telegram.script("editMessageText", GONE)
    watch.later(3600)
    await watch.reaches(HandoutState.EXPIRED)
    await watch.quiet()
    watch.later(3600)
    await watch.quiet()
    assert len(watch.edits()) == 1


async def test_a_card_that_never_arrived_expires_without_a_word(watch: Watch) -> None:
    watch.telegram.script("sendMessage", *[Silence()] * 4)
    await watch.door.say("/register VPS-1")
    watch.telegram.forget()
    async with watch.door.database.read() as session:
        (watch.handout_id,) = await session.scalars(select(Handout.id))
    watch.later(3600)
    await watch.reaches(HandoutState.EXPIRED)
    await watch.quiet()
    assert methods(watch.telegram.calls) == []


async def test_the_lookout_sees_what_nobody_woke_it_for(watch: Watch) -> None:
    secret = await watch.show()
    watch.clock.advance(SECRET_TTL)
    await watch.reaches(HandoutState.DESTROYED)
    assert not watch.telegram.shows(secret)
