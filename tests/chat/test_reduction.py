"""What is kept of an update: what handlers need, and nothing in which a secret could come back to us."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot, Update
from telegram.ext import CommandHandler

from bot.chat import reduction
from bot.chat.buttons import Verb, encode
from bot.chat.reduction import INVITE, WITHHELD, position_of, reduce_update
from bot.services.hashing import create_secret
from bot.services.invites import hash_token
from tests.chat.offline import BOT_NAME, TOKEN, OfflineTelegram
from tests.chat.speech import ANNA, BOB, group, membership, message, tap
from tests.conftest import BOT_ID

SECRET = create_secret().reveal()
MARK = "what-nobody-may-keep"
JSON = dict[str, Any]

BOT_MESSAGE: JSON = {
    "message_id": 5,
    "date": 1,
    "chat": {"id": ANNA["id"], "type": "private"},
    "from": {"id": BOT_ID, "is_bot": True, "first_name": "Registry"},
    "text": MARK,
    "caption": MARK,
    "entities": [{"type": "spoiler", "offset": 0, "length": 5}],
    "reply_markup": {"inline_keyboard": [[{"text": "Copy", "copy_text": {"text": MARK}}]]},
}
CARRIERS: dict[str, Any] = {
    "reply_to_message": BOT_MESSAGE,
    "quote": {"text": MARK, "position": 0},
    "external_reply": {"origin": {"type": "user"}, "text": MARK},
    "pinned_message": BOT_MESSAGE,
    "caption": {"text": MARK},
    "caption_entities": [{"type": MARK}],
    "forward_origin": {"type": "user", "sender_user": {"id": 1, "is_bot": True, "first_name": MARK}},
    "via_bot": {"id": 1, "is_bot": True, "first_name": MARK},
    "reply_markup": BOT_MESSAGE["reply_markup"],
    "web_app_data": {"data": MARK, "button_text": MARK},
    "contact": {"phone_number": "1", "first_name": MARK},
    "document": {"file_name": MARK, "file_id": MARK},
    "poll": {"question": MARK},
    "venue": {"title": MARK},
    "link_preview_options": {"url": MARK},
    "story": {"chat": {"title": MARK}},
    "effect_id": MARK,
    "a field of next year": MARK,
}


def reduced(update: JSON) -> str:
    """Return everything that is kept of an update, as text."""
    kept = reduce_update(update, BOT_ID)
    return "" if kept is None else json.dumps([kept.source, kept.position, kept.person, kept.body])


@pytest.mark.parametrize("carrier", CARRIERS)
def test_nothing_of_another_message_survives_in_what_somebody_says(carrier: str) -> None:
    for text in ("/register", None):
        update = message(text, **{carrier: CARRIERS[carrier]})
        assert MARK not in reduced(update)
        assert reduce_update(update, BOT_ID) is not None


@pytest.mark.parametrize("carrier", [*CARRIERS, "text"])
def test_nothing_of_the_tapped_message_survives_in_a_tap(carrier: str) -> None:
    update = tap(encode(Verb.HELP))
    update["callback_query"]["message"] |= BOT_MESSAGE | {carrier: CARRIERS.get(carrier, MARK)}
    assert MARK not in reduced(update)
    assert reduce_update(update, BOT_ID) is not None


@pytest.mark.parametrize("field", ["inline_message_id", "game_short_name"])
def test_a_tap_keeps_no_field_that_no_handler_needs(field: str) -> None:
    more: dict[str, Any] = {field: MARK}
    assert MARK not in reduced(tap(encode(Verb.HELP), **more))


def test_a_chats_title_and_names_are_not_kept() -> None:
    assert MARK not in reduced(message("/id", chat=group() | {"title": MARK, "username": MARK}))


def test_only_the_commands_among_the_entities_are_kept() -> None:
    entities = [
        {"type": "bot_command", "offset": 0, "length": 3, "user": ANNA},
        {"type": "text_mention", "offset": 3, "length": 1, "user": {"first_name": MARK}},
        {"type": "text_link", "offset": 3, "length": 1, "url": MARK},
    ]
    kept = reduce_update(message("/id x", entities=entities), BOT_ID)
    assert kept is not None
    assert kept.body["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 3}]


# ── texts with a secret ───────────────────────────────────────────────────────────────────────────────────────────────

paddings = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300)
HIDING_PLACES = (
    "text",
    "command",
    "caption",
    "first_name",
    "username",
    "language_code",
    "data",
    "query_id",
    "chat_instance",
    "tapper",
    "chat_type",
    "status",
    "member",
    "entity",
)


def hide(text: str, place: str) -> JSON:  # noqa: C901, PLR0911 - one line a place
    """Return an update with the text in one of its fields."""
    match place:
        case "text":
            return message(text)
        case "command":
            return message(f"/register {text}")
        case "caption":
            return message(None, caption=text, photo=[])
        case "first_name" | "username" | "language_code":
            return message("hello", person=ANNA | {place: text})
        case "data":
            return tap(text)
        case "query_id":
            return tap(encode(Verb.HELP), id=text)
        case "chat_instance":
            return tap(encode(Verb.HELP), chat_instance=text)
        case "tapper":
            return tap(encode(Verb.HELP), person=ANNA | {"first_name": text, "username": text})
        case "chat_type":
            return message("hello", chat={"id": ANNA["id"], "type": text})
        case "status":
            return membership(text)
        case "member":
            return membership("kicked", user=ANNA | {"first_name": text})
        case _:
            return message("hello", entities=[{"type": text, "offset": 0, "length": 1}])


@pytest.mark.parametrize("place", HIDING_PLACES)
@given(before=paddings, after=paddings)
def test_a_secret_survives_in_no_field_however_it_is_surrounded(place: str, before: str, after: str) -> None:
    kept = reduced(hide(before + SECRET + after, place))
    # not even a part that a cut left over
    assert SECRET[:12] not in kept


@pytest.mark.parametrize("length", range(190, 260, 3))
def test_a_secret_is_not_hidden_by_the_place_where_a_name_is_cut(length: int) -> None:
    assert SECRET[:12] not in reduced(hide("x" * length + SECRET, "first_name"))


def test_a_message_with_a_secret_is_kept_as_one_whose_text_was_withheld() -> None:
    for update in (message(f"look: {SECRET}"), message(f"/register {SECRET}"), message(None, caption=SECRET)):
        kept = reduce_update(update, BOT_ID)
        assert kept is not None
        assert kept.body["message"][WITHHELD] == reduction.SECRET
        assert "text" not in kept.body["message"]
        assert "entities" not in kept.body["message"]


def test_what_only_resembles_a_secret_is_kept() -> None:
    kept = reduce_update(message("dsk1_short"), BOT_ID)
    assert kept is not None
    assert kept.body["message"]["text"] == "dsk1_short"


# ── sources ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_update_has_a_source_of_its_own() -> None:
    updates = [
        message("/id"),
        message("/id"),
        message("/id", person=BOB),
        message("/id", chat=group()),
        message("/id", chat=group(-56)),
        tap(encode(Verb.HELP)),
        tap(encode(Verb.HELP)),
        membership("kicked"),
        membership("member"),
        membership("kicked", person=BOB),
    ]
    sources = [kept.source for update in updates if (kept := reduce_update(update, BOT_ID))]
    assert len(set(sources)) == len(updates)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_source_does_not_depend_on_the_updates_number(first: int, second: int) -> None:
    for update in (message("/id"), tap(encode(Verb.HELP)), membership("kicked")):
        one, other = (reduce_update(update | {"update_id": number}, BOT_ID) for number in (first, second))
        assert one is not None
        assert other is not None
        assert one.source == other.source


def test_the_same_message_to_two_bots_has_two_sources() -> None:
    update = message("/id")
    one, other = reduce_update(update, BOT_ID), reduce_update(update, BOT_ID + 1)
    assert one is not None
    assert other is not None
    assert one.source != other.source


def test_a_source_fits_its_column() -> None:
    largest = {"id": 2**52 - 1, "type": "private"}
    updates = [
        message("/id", message_id=2**31 - 1, chat=largest),
        tap(encode(Verb.HELP), id="9" * 64),
        membership("kicked", chat=largest),
    ]
    for update in updates:
        kept = reduce_update(update, 2**52 - 1)
        assert kept is not None
        assert len(kept.source) <= 100


# ── anything at all ───────────────────────────────────────────────────────────────────────────────────────────────────

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
junk = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
FIELDS = ["message_id", "date", "chat", "from", "text", "caption", "entities", "id", "data", "message", "status"]
likely = st.dictionaries(st.sampled_from([*FIELDS, "old_chat_member", "new_chat_member", "type", "first_name"]), junk)
updates = st.fixed_dictionaries(
    {"update_id": scalars},
    optional={"message": likely | junk, "callback_query": likely | junk, "my_chat_member": likely | junk},
)


@given(updates)
def test_no_update_breaks_the_reduction(update: JSON) -> None:
    kept = reduce_update(update, BOT_ID)
    if kept is not None:
        json.dumps(kept.body)
        assert kept.source.isascii()


def changed_anywhere(update: JSON) -> st.SearchStrategy[JSON]:
    """Return the update with one of its values, at any depth, replaced by anything."""

    def paths(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [*([path] if path else []), *(deeper for key, inner in pairs for deeper in paths(inner, (*path, key)))]

    def replace(path: tuple[object, ...], value: object) -> JSON:
        copy: Any = json.loads(json.dumps(update))
        place = copy
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return dict(copy)

    return st.builds(replace, st.sampled_from(paths(update)), junk | st.integers(-(10**40), 10**40))


@given(st.sampled_from([message("/id x"), tap(encode(Verb.HELP)), membership("kicked")]).flatmap(changed_anywhere))
def test_what_the_reduction_lets_through_ptb_can_read(update: JSON) -> None:
    kept = reduce_update(update, BOT_ID)
    if kept is None:
        return
    assert position_of(update) == kept.position
    assert abs(kept.person) < 2**63
    parsed = Update.de_json(json.loads(json.dumps(kept.body)), None)
    assert parsed.update_id == kept.position
    parsed.to_dict()


# ── what handlers get ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def bot() -> Bot:
    """A bot that knows its own name."""
    telegram = OfflineTelegram()
    bot = Bot(TOKEN, request=telegram, get_updates_request=telegram)
    await bot.initialize()
    return bot


def parse(update: JSON, bot: Bot) -> Update:
    kept = reduce_update(update, BOT_ID)
    assert kept is not None
    return Update.de_json(json.loads(json.dumps(kept.body)), bot)


async def ignore(*_: object) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("/register", True),
        ("/register VPS-1", True),
        (f"/register@{BOT_NAME} VPS-1", True),
        (f"/REGISTER@{BOT_NAME.upper()} VPS-1", True),
        ("/register@another_bot VPS-1", False),
        ("/registers", False),
        ("register", False),
    ],
)
async def test_commands_are_recognised_after_the_reduction(bot: Bot, text: str, *, is_ours: bool) -> None:
    handler: CommandHandler[Any, Any] = CommandHandler("register", ignore)
    found = handler.check_update(parse(message(text), bot))
    assert bool(found) is is_ours


async def test_handlers_see_who_spoke_where_and_what(bot: Bot) -> None:
    update = parse(message("/register VPS 1"), bot)
    assert update.effective_user is not None
    assert update.effective_chat is not None
    assert update.message is not None
    assert (update.effective_user.id, update.effective_user.first_name) == (ANNA["id"], "Anna")
    assert (update.effective_user.username, update.effective_user.language_code) == ("anna_fx", "en")
    assert (update.effective_chat.id, update.effective_chat.type) == (ANNA["id"], "private")
    assert update.message.text == "/register VPS 1"


async def test_handlers_see_which_button_of_which_message_was_tapped(bot: Bot) -> None:
    data = encode(Verb.HELP)
    for more in ({}, {"date": 0}):
        given = tap(data, on=77)
        given["callback_query"]["message"] |= more
        update = parse(given, bot)
        assert update.callback_query is not None
        assert update.callback_query.message is not None
        assert update.callback_query.data == data
        assert update.callback_query.message.message_id == 77
        assert update.effective_chat is not None
        assert update.effective_chat.type == "private"


async def test_handlers_see_who_blocked_the_bot(bot: Bot) -> None:
    update = parse(membership("kicked"), bot)
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    assert update.my_chat_member.from_user.id == ANNA["id"]


def test_a_long_text_is_kept_as_far_as_telegram_allows_one() -> None:
    kept = reduce_update(message("x" * 5000), BOT_ID)
    assert kept is not None
    assert len(kept.body["message"]["text"]) == 4096


def test_what_is_of_no_use_is_not_kept() -> None:
    for update in ({"update_id": 1}, {"update_id": 2, "edited_message": message("/id")["message"]}):
        assert reduce_update(update, BOT_ID) is None


@pytest.mark.parametrize("command", ["/start", "/start@registry_test_bot", "/start  "])
def test_of_a_link_that_was_opened_only_the_hash_is_kept(command: str) -> None:
    token = f"inv_{'aB3_-' * 6}zz"
    received = reduce_update(message(f"{command} {token}"), 1)
    assert received is not None
    body = received.body["message"]
    assert bytes.fromhex(body[INVITE]) == hash_token(token)
    assert token not in str(received.body)
    assert body["text"].startswith("/start")


@pytest.mark.parametrize("text", ["look: {}", "/register {}", "https://t.me/bot?start={}", "/start x{}", "{}{}"])
def test_what_an_invite_carries_is_taken_out_of_every_other_text(text: str) -> None:
    token = f"inv_{'aB3_-' * 6}zz"
    received = reduce_update(message(text.format(token, token)), 1)
    assert received is not None
    assert token not in str(received.body)
    assert INVITE not in received.body["message"]


@pytest.mark.parametrize("text", ["/start", "/start group", "/start inv_short", "/start@bot inv_"])
def test_a_start_without_an_invite_is_none(text: str) -> None:
    received = reduce_update(message(text), 1)
    assert received is not None
    assert INVITE not in received.body["message"]
    assert received.body["message"]["text"] == text
