"""The authorisation matrix: every command and every button, tried by people of every kind.

Doors come from the routing table and rules from `tests.chat.rules`. Each test goes through all doors with one kind of
person and names those that let in, or kept out, whom they should not.
"""

from __future__ import annotations

import itertools
import json
import re
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from telegram.ext import CallbackQueryHandler

from bot.chat.asking import ADMIN_STATES
from bot.chat.buttons import ABOUT_ONE, Verb, encode
from bot.chat.failures import GONE
from bot.services.errors import ClientSuspended, HandoutError, NotAnAdmin
from tests import rows
from tests.chat.faults import records_away
from tests.chat.offline import BOT_NAME
from tests.chat.rules import BUTTONS, COMMANDS, Rule, Way
from tests.chat.speech import group, message, tap
from tests.chat.test_routing import ID, commands_of, conversation, fits, outside_questions
from tests.chat.world import ANNA, BOB, CLEO, DORA, EVE, NORA, OLGA, PAUL, RITA, ZOE, World, build_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from telegram.ext import BaseHandler

    from tests.chat.conftest import Door
    from tests.chat.offline import Call
    from tests.fakes import FakeClock

JSON = dict[str, Any]

NOT_ALLOWED = "You can no longer do that."
UNKNOWN = "I do not know that command"
APOLOGY = "tell the admin this number"
PAUSED = "Your access is paused"
KEPT_OUT = {EVE["id"]: "Still waiting", RITA["id"]: "Your request was not accepted."}
CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|unix=\"\d+\"")
FOR_OWN = {Rule.OWNER, Rule.OWNER_OR_ADMIN}
ADMINS_ONLY = {Rule.ADMIN, Rule.FIXED_ADMIN}
FOR_ADMINS = {Rule.OWNER_OR_ADMIN, Rule.ADMIN}


@dataclass(frozen=True)
class Entry:
    """One way in by one door: a command as it is typed, or what a button says."""

    door: str | Verb
    way: Way

    @property
    def is_button(self) -> bool:
        return isinstance(self.door, Verb)

    @property
    def name(self) -> str:
        what = self.door.name if isinstance(self.door, Verb) else f"/{self.door}"
        return " ".join(filter(None, (what, self.way.about, self.way.says)))

    def text(self, world: World, actor: JSON) -> str:
        """Return what is typed, or what the button says."""
        says = self.way.says.format(**world.words, me=actor["id"])
        if isinstance(self.door, Verb):
            return encode(self.door, world.ids[self.way.about] if self.way.about else None, says)
        return f"/{self.door} {says}".strip()

    def update(self, world: World, actor: JSON, on: int | None = None, **more: Any) -> JSON:
        """Return what comes in when somebody does it: on a message of their own, or on the one named."""
        text = self.text(world, actor)
        if not self.is_button:
            return message(text, person=actor, **more)
        return tap(text, person=actor, on=on or world.menus.get(actor["id"], 1), **more)


ENTRIES = tuple(Entry(door, way) for table in (COMMANDS, BUTTONS) for door, ways in table.items() for way in ways)
DEVICES = {Way(Rule.OWNER, "device", entry.way.says) for entry in ENTRIES}


def with_rule(*rules: Rule) -> list[Entry]:
    return [entry for entry in ENTRIES if entry.way.rule in rules]


@pytest.fixture
async def world(build_door: Callable[..., Awaitable[Door]], clock: FakeClock) -> AsyncIterator[World]:
    """One of everything, at a bot that lets nobody in without an admin."""
    with closing(await build_world(await build_door(clock, access="approval", admin_ids=(OLGA["id"],)))) as world:
        yield world


# ── what holds for one entry ──────────────────────────────────────────────────────────────────────────────────────────


def text_of(calls: list[Call]) -> str:
    """Return all that was shown, as one text."""
    return "\n".join(json.dumps(call.parameters, ensure_ascii=False) for call in calls)


def answers_of(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.method == "answerCallbackQuery"]


def is_answered(entry: Entry, calls: list[Call]) -> Iterator[str]:
    """Say what is wrong with how it was answered: once, to whoever asked, and with no apology."""
    if len(answers_of(calls)) != int(entry.is_button):
        yield f"the tap was answered {len(answers_of(calls))} times"
    if any(APOLOGY in call.text for call in calls):
        yield f"it was apologised for: {text_of(calls)}"


def stays_among_us(world: World, entry: Entry, actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say what was changed of others, or shown of theirs, or said to them."""
    if world.of_others(world.now, actor) != world.of_others(world.saved, actor):
        yield "something of others changed"
    if any(call.parameters.get("chat_id", str(actor["id"])) != str(actor["id"]) for call in calls):
        yield "somebody else was told"
    shown = text_of(calls)
    if not entry.is_button:
        for word in entry.text(world, actor).split():
            shown = shown.replace(word, "")
    for word in world.secrets_from(actor):
        if word in shown:
            yield f"{word} was shown"


def is_refused(world: World, entry: Entry, actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say in what an admins' door differs from one that does not exist."""
    if world.now != world.saved:
        yield "something changed"
    if not entry.is_button:
        if [call.text.startswith(UNKNOWN) for call in calls] != [True]:
            yield f"the command exists: {text_of(calls)}"
        return
    if [(call.text, call.parameters.get("show_alert")) for call in answers_of(calls)] != [(NOT_ALLOWED, "true")]:
        yield f"no alert: {text_of(calls)}"
    if [(call.method, call.keyboard) for call in calls if call not in answers_of(calls)] != [
        ("editMessageReplyMarkup", [])
    ]:
        yield f"more than the buttons was touched: {text_of(calls)}"


def is_let_in(world: World, _entry: Entry, _actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say why it looks as if the door was closed: nothing is shown, nothing changed."""
    shown = text_of(calls)
    if any(refusal in shown for refusal in (NOT_ALLOWED, UNKNOWN, "no longer here", "You have no device with")):
        yield f"refused: {shown}"
    if not [call for call in calls if call.text or call.method == "sendDocument"] and world.now == world.saved:
        yield "nothing happened"


async def go_through(world: World, actor: JSON, check: Any, entries: Any = ENTRIES, **more: Any) -> None:
    """Let somebody try all entries, each with everything as it was at first, and name those that fail the check."""
    failures = []
    for entry in entries:
        calls = await play(world, entry.update(world, actor, **more))
        wrong = [*is_answered(entry, calls), *check(world, entry, actor, calls)]
        failures += [f"{actor['first_name']}, {entry.name}: {what}" for what in wrong]
        world.restore()
    assert not failures, "\n".join(failures)


async def play(world: World, update: JSON) -> list[Call]:
    """Let an update come in; return the calls that answered it."""
    before = len(world.door.telegram.calls)
    await world.door.receive(update)
    world.now = world.read()
    return world.door.telegram.calls[before:]


# ── the table ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def handlers_of(door: Door) -> list[BaseHandler[Any, Any, Any]]:
    return [*outside_questions(door), *conversation(door).fallbacks]


async def test_every_command_has_a_rule_and_every_rule_a_command(door: Door) -> None:
    assert set(commands_of(handlers_of(door))) == set(COMMANDS)


async def test_every_button_has_a_rule_and_every_rule_a_button(door: Door) -> None:
    known = [handler for handler in handlers_of(door) if isinstance(handler, CallbackQueryHandler)]
    known = [handler for handler in known if handler.callback.__name__ != "redraw_stale"]
    answered: set[Verb] = set()
    for handler in known:
        verbs = {verb for verb in Verb if fits(handler, encode(verb, ID if verb in ABOUT_ONE else None))}
        assert verbs, f"{handler.callback.__name__} answers buttons that are no verb's"
        answered |= verbs
    assert answered == set(BUTTONS) == set(Verb)


def test_every_rule_about_something_names_what_its_button_needs() -> None:
    for entry in ENTRIES:
        if entry.door in ABOUT_ONE:
            assert entry.way.about, entry.name


# ── who was let in ────────────────────────────────────────────────────────────────────────────────────────────────────


def by_rule(world: World, entry: Entry, actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Check what a trader gets: admins' doors are closed, and behind the others is nothing of anybody else."""
    yield from (is_refused if entry.way.rule in ADMINS_ONLY else stays_among_us)(world, entry, actor, calls)


def by_rule_with_own_devices(world: World, entry: Entry, actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Check that too, and that the client's devices can be reached."""
    yield from by_rule(world, entry, actor, calls)
    if entry.way.rule in FOR_OWN:
        yield from is_let_in(world, entry, actor, calls)


async def test_another_client_touches_and_sees_nothing_that_is_not_theirs(world: World) -> None:
    revoked = [replace(entry, way=replace(entry.way, about="revoked")) for entry in ENTRIES if entry.way in DEVICES]
    await go_through(world, BOB, by_rule, [*ENTRIES, *revoked])


async def test_all_chat_users_of_a_client_reach_its_devices_and_nothing_else(world: World) -> None:
    await go_through(world, ANNA, by_rule_with_own_devices)
    await go_through(world, CLEO, by_rule_with_own_devices)


async def test_whoever_asked_for_it_or_made_it_reaches_it(world: World) -> None:
    for entry in with_rule(Rule.ASKER, Rule.MAKER):
        on = world.messages.get(entry.way.about)
        await go_through(world, ANNA, is_let_in, [entry], on=on)


async def test_a_former_admin_is_no_admin(world: World) -> None:
    await go_through(world, PAUL, is_refused, with_rule(*ADMINS_ONLY))


async def test_a_former_admin_gives_no_answer_to_an_admins_question(world: World) -> None:
    asked = set()
    for entry in with_rule(Rule.ADMIN):
        await rows.set_role(world.door.database, PAUL["id"], "admin")
        await play(world, entry.update(world, PAUL))
        question = await world.door.services.questions.find_open(PAUL["id"])
        await rows.set_role(world.door.database, PAUL["id"], "trader")
        if question is not None and question.state in ADMIN_STATES:
            asked.add(question.state)
            calls = await play(world, message(ANNA["first_name"], person=PAUL))
            assert calls[0].text.startswith(UNKNOWN), entry.name
            assert not [*stays_among_us(world, entry, PAUL, calls)], entry.name
            assert await world.door.services.questions.find_open(PAUL["id"]) is None
        world.restore()
    assert asked == set(ADMIN_STATES)


async def test_admins_reach_admins_doors_and_are_traders_at_all_others(world: World) -> None:
    await go_through(world, NORA, is_let_in, with_rule(*FOR_ADMINS))
    await go_through(world, NORA, is_refused, with_rule(Rule.FIXED_ADMIN))
    await go_through(world, OLGA, is_let_in, with_rule(Rule.FIXED_ADMIN))
    await go_through(world, OLGA, stays_among_us, with_rule(*set(Rule) - FOR_ADMINS - ADMINS_ONLY))


# ── who was not ───────────────────────────────────────────────────────────────────────────────────────────────────────


def is_paused(world: World, _entry: Entry, _actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say in what it differs from the one answer that all get whose client is suspended."""
    if world.now != world.saved:
        yield "something changed"
    said = [call for call in calls if call.method != "answerCallbackQuery"]
    if [(call.text.startswith(PAUSED), call.buttons) for call in said] != [(True, [])]:
        yield f"another answer: {text_of(calls)}"


def is_kept_out(world: World, entry: Entry, actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say in what it differs from the one answer that all get who were not let in."""
    if entry.is_button:
        yield from is_refused(world, entry, actor, calls)
        return
    if world.now != world.saved:
        yield "something changed"
    if [call.text.startswith(KEPT_OUT[actor["id"]]) for call in calls] != [True]:
        yield f"another answer: {text_of(calls)}"


def is_sent_to_the_private_chat(world: World, entry: Entry, _actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say in what it differs from how all are answered in a group."""
    if world.now != world.saved:
        yield "something changed"
    links = [button.get("url") for call in calls for button in call.buttons]
    if links != ([] if entry.is_button else [f"https://t.me/{BOT_NAME}?start=group"]):
        yield f"another answer: {text_of(calls)}"
    if any(word in text_of(calls) for words in world.private.values() for word in words):
        yield f"a group was shown what is private: {text_of(calls)}"


async def test_who_may_not_use_the_bot_gets_one_answer_and_does_nothing(world: World) -> None:
    await go_through(world, DORA, is_paused)
    await go_through(world, EVE, is_kept_out)
    # a tap says no more to her than to whoever waits
    await go_through(world, RITA, is_kept_out, [entry for entry in ENTRIES if not entry.is_button])


async def test_in_a_group_nothing_is_done_whoever_acts(world: World) -> None:
    chats = itertools.count(-99_000)
    for entry in ENTRIES:
        for actor in (OLGA if entry.way.rule in ADMINS_ONLY else ANNA, ZOE):
            # each time in another group: one is answered once a minute
            await go_through(world, actor, is_sent_to_the_private_chat, [entry], chat=group(next(chats)))


async def test_an_error_tells_nothing_to_who_was_not_let_in(door: Door) -> None:
    for error in (*GONE, ClientSuspended, NotAnAdmin, HandoutError):
        with records_away(door.database, "chat_users", times=1, error=error.__new__(error)):
            (answer,) = await door.tap(encode(Verb.LIST), person=ZOE)
        assert answer.method == "answerCallbackQuery"
        assert APOLOGY in answer.text


# ── messages that are not what they seem ──────────────────────────────────────────────────────────────────────────────


def is_left_alone(world: World, _entry: Entry, _actor: JSON, calls: list[Call]) -> Iterator[str]:
    """Say what a tap on an old copy did that it should not have done."""
    if world.now != world.saved:
        yield "something changed"
    touched = [call for call in calls if call.method != "answerCallbackQuery"]
    if [(call.method, call.keyboard) for call in touched] != [("editMessageReplyMarkup", [])]:
        yield f"more than the buttons was touched: {text_of(calls)}"


async def test_a_tap_on_another_message_than_the_cards_shows_and_destroys_nothing(world: World) -> None:
    # the button that tries again stands on notices too, and leads to a new card whichever message it is in
    tied = [entry for entry in with_rule(Rule.ASKER) if entry.door in {Verb.SHOW_SECRET, Verb.SAVED, Verb.CANCEL_CARD}]
    await go_through(world, ANNA, is_left_alone, tied)


async def test_a_forwarded_command_does_what_its_sender_may_do(world: World) -> None:
    origin = {"type": "user", "date": 1795448587, "sender_user": OLGA}
    for entry in ENTRIES:
        if not entry.is_button:
            typed = await play(world, entry.update(world, BOB))
            world.restore()
            forwarded = await play(world, entry.update(world, BOB, forward_origin=origin))
            assert told(forwarded) == told(typed), entry.name
            assert not [*by_rule(world, entry, BOB, forwarded)], entry.name
            world.restore()


def told(calls: list[Call]) -> list[tuple[str, str]]:
    """Return what was said, whichever ids and times are in it."""
    return [(call.method, CHANGING.sub("…", call.text)) for call in calls]
