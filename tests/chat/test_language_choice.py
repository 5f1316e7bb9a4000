"""Who chose a language reads it everywhere; who chose none reads that of their app."""

from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.chat import general, notices, views
from bot.chat import words as words_module
from bot.chat.buttons import Verb, encode
from bot.chat.menus import publish_menus
from bot.chat.views.commands import KNOWN
from bot.chat.words import find_words, load_words
from bot.services.admins import Admins, AdminService
from bot.services.clock import Clock
from bot.services.notices import NoticeKind
from storage.models import ChatUser, CopyMark, Notice
from tests import rows
from tests.chat.faults import records_away
from tests.chat.offline import Slow, bad_request, methods
from tests.chat.pseudo import own_words, pseudo_words
from tests.chat.speech import ANNA, BOB, OLGA, group, message, person
from tests.chat.test_views import NOW, of_token, shown_handout
from tests.conftest import BOT_ID
from tests.fakes import FakeClock, until

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.chat.words import Words
    from tests.chat.conftest import Door
    from tests.chat.offline import Call, OfflineTelegram
    from tests.chat.speech import JSON

IVAN = person(404, "Иван", language_code="ru")
LUIS = person(505, "Luís", language_code="pt-br")


def labels(call: Call) -> list[list[str]]:
    return [[button["text"] for button in row] for row in call.keyboard or []]


def choose(code: str) -> str:
    return encode(Verb.LANGUAGE_CHOSEN, extra=code)


async def kept(door: Door, who: JSON) -> ChatUser:
    async with door.database.read() as session:
        return await session.get_one(ChatUser, who["id"])


# --- choosing -----------------------------------------------------------------------------------------------------


async def test_languages_stand_in_rows_by_their_own_names_and_the_present_one_is_marked(door: Door) -> None:
    (shown,) = await door.say("/language")
    assert shown.method == "sendMessage"
    assert "Now: <b>English</b>. I follow the language of your Telegram app" in shown.text
    assert labels(shown) == [
        ["English", "Español"],
        ["Português (Brasil)", "Русский"],
        ["✓ 📱 As my app"],
        ["Back"],
    ]
    calls = await door.press("Español")
    (chosen,) = [call for call in calls if call.method == "editMessageText"]
    assert "Ahora: <b>Español</b>." in chosen.text
    assert labels(chosen) == [
        ["English", "✓ Español"],
        ["Português (Brasil)", "Русский"],
        ["📱 Como en mi aplicación"],
        ["Volver"],
    ]


async def test_the_menu_leads_to_the_choice_and_back(door: Door, telegram: OfflineTelegram) -> None:
    anna = await door.enter()
    await door.services.devices.create_device(anna.client_id, "VPS-1")
    await door.say("/start")
    await door.press("🌐 Language")
    calls = await door.press("Русский")
    assert sorted(methods(calls)) == ["answerCallbackQuery", "editMessageText", "setMyCommands"]
    await door.press("Назад")
    (text,) = telegram.texts(ANNA["id"])
    assert text.startswith("<b>1 устройство</b>")


async def test_a_choice_goes_before_the_language_of_the_app_and_is_undone_by_following_it(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.say("/language", person=IVAN)
    assert "Сейчас: <b>Русский</b>." in telegram.texts(IVAN["id"])[-1]
    await door.press("English", person=IVAN)
    (answer,) = await door.say("/id", person=IVAN)
    assert "Your Telegram ID" in answer.text
    assert (await kept(door, IVAN)).chosen_language == "en"
    await door.press("As my app", person=IVAN)
    (answer,) = await door.say("/id", person=IVAN)
    assert "Ваш Telegram ID" in answer.text
    assert (await kept(door, IVAN)).chosen_language is None


async def test_what_telegram_says_of_a_person_changes_no_choice(door: Door) -> None:
    await door.enter(IVAN)
    await door.tap(choose("es"), person=IVAN)
    moved = {**IVAN, "first_name": "Juan", "language_code": "pt-br"}
    (answer,) = await door.say("/id", person=moved)
    assert "Tu ID de Telegram" in answer.text
    user = await kept(door, IVAN)
    assert (user.first_name, user.language, user.chosen_language) == ("Juan", "pt-br", "es")
    await door.tap(choose(""), person=moved)
    (answer,) = await door.say("/id", person=moved)
    assert "Seu ID do Telegram" in answer.text


@pytest.mark.parametrize("code", ["xx", "RU", "pt", "en-GB", "pt_BR"])
async def test_a_language_that_there_is_not_cannot_be_chosen(door: Door, code: str) -> None:
    await door.enter()
    calls = await door.tap(choose(code))
    assert "answerCallbackQuery" in methods(calls)
    assert (await kept(door, ANNA)).chosen_language is None


async def test_choosing_twice_is_choosing_once(door: Door, telegram: OfflineTelegram) -> None:
    await door.say("/language")
    on, data = telegram.find_button(ANNA["id"], "Русский")
    await asyncio.gather(*(door.tap(data, on=on) for _ in range(3)))
    assert (await kept(door, ANNA)).chosen_language == "ru"
    assert len(telegram.texts(ANNA["id"])) == 1


async def test_the_language_of_one_person_is_nobody_elses(door: Door) -> None:
    await door.enter(BOB)
    await door.tap(choose("ru"))
    (answer,) = await door.say("/id", person=BOB)
    assert "Your Telegram ID" in answer.text


@pytest.mark.parametrize(
    ("who", "said"),
    [(IVAN, "Добро пожаловать"), (LUIS, "Boas-vindas"), (person(1, "A", language_code="tlh"), "Welcome")],
)
async def test_a_newcomer_is_greeted_in_the_language_of_their_app(door: Door, who: JSON, said: str) -> None:
    (answer,) = await door.say("/start", person=who)
    assert said in answer.text


# --- what comes by itself, and what goes wrong --------------------------------------------------------------------


async def test_what_comes_by_itself_is_in_the_language_that_was_chosen(door: Door) -> None:
    await door.enter(IVAN)
    assert (await find_words(door.services.clients, IVAN["id"])).language == "ru"
    await door.tap(choose("es"), person=IVAN)
    assert (await find_words(door.services.clients, IVAN["id"])).language == "es"
    assert await door.services.clients.find_language(IVAN["id"]) == "es"


async def test_an_apology_is_in_the_language_that_was_chosen(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    await door.tap(choose("es"), person=IVAN)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(views.general, "own_id", fail)
    (answer,) = await door.say("/id", person=IVAN)
    assert "No ha funcionado" in answer.text


async def test_who_was_let_in_reads_the_chosen_language_though_the_database_went_away(door: Door) -> None:
    await door.enter(IVAN)
    await door.tap(choose("es"), person=IVAN)
    with records_away(door.database, "devices"):
        (answer,) = await door.say("/devices", person=IVAN)
    assert "no puedo acceder a mis registros" in answer.text


async def test_without_the_database_an_apology_is_in_the_language_of_the_app(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.tap(choose("es"), person=IVAN)
    with records_away(door.database, "chat_users"):
        await door.say("/devices", person=IVAN)
    assert "Сейчас нет доступа к моим записям" in telegram.texts(IVAN["id"])[-1]


async def test_a_database_that_does_not_answer_keeps_no_words_waiting(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_module, "LOOK_UP_TIME", 0.01)

    async def hang(_: int) -> str:
        await asyncio.sleep(60)
        return "es"

    monkeypatch.setattr(door.services.clients, "find_language", hang)
    async with asyncio.timeout(5):
        assert (await find_words(door.services.clients, 1, "ru")).language == "ru"


async def test_slow_down_is_said_in_the_language_that_was_chosen(
    build_door: Callable[..., Awaitable[Door]],
) -> None:
    door = await build_door(Clock())
    await door.tap(choose("es"), person=IVAN)
    door.telegram.forget()
    gate, telegram = asyncio.Event(), door.telegram
    telegram.script("sendMessage", Slow(gate=gate))
    await door.receiver.accept([message("/cancel", person=IVAN) for _ in range(20)])
    await until(lambda: len(telegram.made("sendMessage")) == 1)
    await door.receiver.accept([message("/id", person=IVAN)])
    await until(lambda: len(telegram.texts(IVAN["id"])) > 1)
    assert "Vas más rápido que yo" in telegram.texts(IVAN["id"])[-1]
    gate.set()
    await door.idle()


async def test_a_group_is_answered_in_the_language_that_the_asker_chose(door: Door, clock: FakeClock) -> None:
    general._answered_groups.clear()
    await door.tap(choose("es"), person=IVAN)
    (answer,) = await door.say("/start", person=IVAN, chat=group(-404))
    assert "Solo hablo en privado" in answer.text
    clock.advance(timedelta(minutes=2))
    (answer,) = await door.say("/start", person=LUIS, chat=group(-404))
    assert "Só converso em particular" in answer.text


async def test_a_reason_from_a_button_is_read_in_the_owners_language_and_kept_in_english(
    door: Door, telegram: OfflineTelegram
) -> None:
    ivan = await door.enter(IVAN)
    device, _ = await door.services.devices.create_device(ivan.client_id, "VPS-1")
    await door.tap(choose("es"), person=OLGA)
    await door.say(f"/revoke {str(device.id)[:8]}", person=OLGA)
    await door.press("Pérdida o robo", person=OLGA)
    assert "<i>Pérdida o robo</i>" in telegram.texts(OLGA["id"])[-1]
    await door.press("Sí, revocar", person=OLGA)
    revoked = await rows.read_device(door.database, device.id)
    assert revoked is not None
    assert revoked.revoke_reason == "Lost or stolen"
    await door.say("/devices", person=IVAN)
    calls = await door.tap(encode(Verb.DEVICE, device.id), person=IVAN)
    assert any("<i>Потеря или кража</i>" in call.text for call in calls)


# --- the menu of commands -----------------------------------------------------------------------------------------


def published(telegram: OfflineTelegram) -> dict[tuple[str, int | None, str | None], str]:
    """Return what the menus say of /language, by scope, chat and language."""
    menus = {}
    for call in telegram.made("setMyCommands"):
        scope = json.loads(call.parameters["scope"])
        told = {one["command"]: one["description"] for one in json.loads(call.parameters["commands"])}
        menus[scope["type"], scope.get("chat_id"), call.parameters.get("language_code")] = told["language"]
    return menus


async def test_every_language_has_a_menu_and_english_is_for_all_others(door: Door, telegram: OfflineTelegram) -> None:
    await publish_menus(
        door.program.bot, door.services.clients, AdminService(door.database, door.services.clock, Admins())
    )
    assert published(telegram) == {
        ("all_private_chats", None, None): "Choose the language",
        ("all_private_chats", None, "es"): "Elegir el idioma",
        ("all_private_chats", None, "pt"): "Escolher o idioma",
        ("all_private_chats", None, "ru"): "Выбрать язык",
    }


async def test_an_admin_has_a_menu_in_their_language(door: Door, telegram: OfflineTelegram) -> None:
    await door.enter({**OLGA, "language_code": "ru"})
    admins = AdminService(door.database, door.services.clock, Admins([OLGA["id"], 777]))
    await publish_menus(door.program.bot, door.services.clients, admins)
    menus = published(telegram)
    assert menus["chat", OLGA["id"], None] == "Выбрать язык"
    assert menus["chat", 777, None] == "Choose the language"
    telegram.forget()
    await door.tap(choose("es"), person=OLGA)
    assert published(telegram) == {("chat", OLGA["id"], None): "Elegir el idioma"}
    telegram.forget()
    await door.tap(choose(""), person=OLGA)
    assert published(telegram) == {("chat", OLGA["id"], None): "Choose the language"}


async def test_who_chose_a_language_has_a_menu_in_it_until_they_follow_their_app(
    door: Door, telegram: OfflineTelegram
) -> None:
    await door.tap(choose("es"), person=IVAN)
    assert published(telegram) == {("chat", IVAN["id"], None): "Elegir el idioma"}
    telegram.forget()
    await door.say("/start", person=IVAN)
    assert published(telegram) == {("chat", IVAN["id"], None): "Elegir el idioma"}
    telegram.forget()
    await door.tap(choose(""), person=IVAN)
    (call,) = telegram.made("deleteMyCommands")
    assert json.loads(call.parameters["scope"]) == {"type": "chat", "chat_id": IVAN["id"]}
    assert published(telegram) == {}


@pytest.mark.parametrize("code", ["es", ""])
async def test_a_menu_that_cannot_be_set_keeps_nobody_from_their_language(
    door: Door, telegram: OfflineTelegram, code: str
) -> None:
    for method in ("setMyCommands", "deleteMyCommands"):
        telegram.always(method, bad_request("chat not found"))
    calls = await door.tap(choose(code), person=IVAN)
    assert not any("4F" in call.text for call in calls if call.method == "sendMessage")
    assert (await kept(door, IVAN)).chosen_language == (code or None)


# --- nothing is said that is in no file ---------------------------------------------------------------------------


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Words:
    """Let everybody read the pretended language."""
    words = pseudo_words()
    monkeypatch.setattr(words_module, "_load", lambda _: words)
    monkeypatch.setattr(words_module, "list_languages", lambda: frozenset({"en"}))
    return words


def said_by(calls: list[Call]) -> list[str]:
    """Return all that people read of these calls."""
    labels = [button["text"] for call in calls for button in call.buttons]
    menus = [json.loads(call.parameters["commands"]) for call in calls if call.method == "setMyCommands"]
    return [call.text for call in calls] + labels + [one["description"] for menu in menus for one in menu]


async def test_no_handler_has_words_of_its_own(door: Door, telegram: OfflineTelegram, pseudo: Words) -> None:
    assert load_words("ru") is pseudo
    traders = [person(9, "§1", username=None), person(11, "§2", username=None)]
    for who in traders:
        entered = await door.enter(who)
        for name in ("§3", "§4"):
            await door.services.devices.create_device(entered.client_id, name)
        for command in sorted(KNOWN):
            await door.say(f"/{command}", person=who)
        for text in ("/nonsense", "§5", "/register §3", "/revoke §6", "/revoke ffffffff", "dsk1_" + "x" * 59):
            await door.say(text, person=who)
        await _tap_everything(door, telegram, who)
    await door.say("/help", person=traders[0], chat=group(-909))
    assert telegram.made("answerCallbackQuery")
    for text in said_by(telegram.calls):
        assert own_words(text) == [], text


async def _tap_everything(door: Door, telegram: OfflineTelegram, who: JSON) -> None:
    """Tap a button of every kind on the screen, and of every kind that shows up thereby."""
    tapped: set[str] = {Verb.SHOW_SECRET, Verb.SEND_FILE}
    while True:
        buttons = [
            (shown["message_id"], button["callback_data"])
            for shown in telegram.screen(who["id"])
            for row in shown.get("reply_markup", {}).get("inline_keyboard", [])
            for button in row
            if "callback_data" in button and button["callback_data"].partition(":")[0] not in tapped
        ]
        if not buttons:
            return
        on, data = buttons[-1]
        tapped.add(data.partition(":")[0])
        await door.tap(data, on=on, person=who)


DEVICE_ID = "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"
ACT = {"client_name": "§1", "at": 1795448587, "reason": "§2", "told_by": 9, "language": None}
COPY_ID = "00000000-0000-4000-8000-000000000007"
NOTICES: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.FIRST_LOGIN: {
        "device_name": "§1",
        "device_id": DEVICE_ID,
        "address": "203.0.113.7",
    },
    NoticeKind.REVOKED_BY_ADMIN: {"device_name": "§1", "at": 1795448587, "reason": "§2"},
    NoticeKind.OWNER_UNREACHABLE: {"device_name": "§1"},
    NoticeKind.NEWCOMER_WAITING: {"newcomer": 505},
    NoticeKind.NEWCOMER_DECIDED: {"newcomer": 505},
    NoticeKind.COPY_STARTED: {"copy_id": COPY_ID},
    NoticeKind.ACCESS_APPROVED: {},
    NoticeKind.ACCESS_REFUSED: {},
    NoticeKind.INVITE_USED: {"name": "§1", "guest": 505, "gives": "join"},
    NoticeKind.ADMIN_NAMED: {"by": "§1"},
    NoticeKind.ADMIN_REMOVED: {"by": "§1"},
    NoticeKind.SUSPENDED_BY_ADMIN: ACT,
    NoticeKind.RESUMED_BY_ADMIN: ACT,
    NoticeKind.ALL_REVOKED_BY_ADMIN: ACT | {"count": 2},
    NoticeKind.FORGOTTEN_BY_ADMIN: ACT,
    NoticeKind.NEW_SECRET_USED: {"device_name": "§1", "device_id": DEVICE_ID, "address": "203.0.113.7"},
    NoticeKind.SECRET_LEAKED: {"device_name": "§1", "device_id": DEVICE_ID},
    NoticeKind.SECRET_LEAKED_ADMIN: {
        "device_name": "§1",
        "device_id": DEVICE_ID,
        "sender": 202,
        "sender_name": "§3",
    },
}
"""What the notices that tell of no secret message are made from."""
ABOUT_HANDOUTS = {
    NoticeKind.HANDOUT_ENDED,
    NoticeKind.HANDOUT_STUCK,
    NoticeKind.HANDOUT_FAILED,
    NoticeKind.HANDOUT_FAILED_ADMIN,
}
REMINDERS = {NoticeKind.OVERLAP_ENDS_SOON, NoticeKind.OVERLAP_ENDED}


def test_of_every_kind_of_notice_there_is_a_sample() -> None:
    assert NOTICES.keys() | ABOUT_HANDOUTS | REMINDERS == set(NoticeKind)


@pytest.mark.parametrize("kind", NoticeKind)
async def test_no_notice_has_words_of_its_own(door: Door, pseudo: Words, kind: NoticeKind) -> None:
    assert load_words(None) is pseudo
    await door.enter()
    await rows.set_role(door.database, ANNA["id"], "admin")
    await rows.add_newcomer(door.database, 505, "§2", door.services.clock.now())
    async with door.database.begin() as session:
        session.add(CopyMark(id=uuid.UUID(COPY_ID), taken_at=door.services.clock.now()))
    for details in await samples_of(door, kind):
        view = await notices.draw(door.services, Notice(telegram_id=ANNA["id"], kind=kind, details=details))
        assert view is not None
        labels = [button.text for row in (view.keyboard.inline_keyboard if view.keyboard else ()) for button in row]
        for text in (view.text, *labels):
            assert own_words(text) == [], text


async def keep_handouts(door: Door) -> list[uuid.UUID]:
    """Keep a secret message of a device and one of a token, both shown and over; return their ids."""
    anna = await door.enter()
    kept = {"bot_id": BOT_ID, "client_id": anna.client_id, "epoch": 1, "created_at": NOW, "attempts": 0}
    made = [
        shown_handout(**kept, id=uuid.UUID(int=1), source="1", device_name="§1"),
        shown_handout(**kept, **of_token(id=uuid.UUID(int=2), source="2")),
    ]
    async with door.database.begin() as session:
        session.add_all(made)
    return [handout.id for handout in made]


async def samples_of(door: Door, kind: NoticeKind) -> list[dict[str, Any]]:
    """Return what notices of a kind are made from."""
    if kind in NOTICES:
        return [NOTICES[kind]]
    if kind in REMINDERS:
        return [await keep_reminder(door, kind)]
    return [{"handout_id": str(one)} for one in await keep_handouts(door)]


async def keep_reminder(door: Door, kind: NoticeKind) -> dict[str, Any]:
    """Let a device have a new secret that it has not used; return what the reminder of it is made from."""
    anna, devices = await door.enter(), door.services.devices
    device, secret = await devices.create_device(anna.client_id, "§1")
    await devices.authenticate_device(device.id, secret)
    await devices.rotate_secret(device.id, timedelta(days=1))
    [owed] = await rows.list_notices(door.database, kind)
    return owed.details
