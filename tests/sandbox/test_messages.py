"""Sending, editing and deleting through the client library: each refusal is the right error, in Telegram's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    CopyTextButton,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden

from bot.sandbox.keyboards import parse_markup
from bot.sandbox.refusals import Refusal

from .conftest import ANNA, BORIS, GROUP

if TYPE_CHECKING:
    from telegram import Bot

    from bot.sandbox import Sandbox

TWO_DAYS = 2 * 86_400
NOT_MODIFIED = (
    "Message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)


def keyboard(**button: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Go", **(button or {"callback_data": "go"}))]])


async def test_a_message_comes_back_as_telegram_sends_it(bot: Bot) -> None:
    sent = await bot.send_message(
        ANNA,
        " <b>Hi</b> ",
        parse_mode="HTML",
        protect_content=True,
        reply_markup=keyboard(callback_data="go", style="primary"),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    assert (sent.text, sent.text_html) == ("Hi", "<b>Hi</b>")
    assert sent.has_protected_content
    assert sent.from_user is not None
    assert sent.from_user.is_bot
    assert (sent.chat.id, sent.chat.type, sent.chat.username) == (ANNA, "private", "anna_fx")
    assert sent.reply_markup == keyboard(callback_data="go", style="primary")
    assert sent.link_preview_options == LinkPreviewOptions(is_disabled=True)
    assert sent.edit_date is None


async def test_a_mention_by_id_is_one_only_of_somebody_who_exists(bot: Bot) -> None:
    sent = await bot.send_message(
        ANNA, f'<a href="tg://user?id={BORIS}">Boris</a> <a href="tg://user?id=9">nobody</a>', parse_mode="HTML"
    )
    (mention,) = sent.entities
    assert mention.user is not None
    assert (mention.type, mention.user.id) == ("text_mention", BORIS)


async def test_message_ids_count_up_across_chats(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(BORIS, "/start")
    first, second = await bot.send_message(ANNA, "a"), await bot.send_message(BORIS, "b")
    assert second.message_id == first.message_id + 1


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Message text is empty"),
        (" \n", "Text must be non-empty"),
        ("x" * 4097, "Message is too long"),
        ("x" * 32_769, "Text is too long"),
        ("<b>", "Can't parse entities: can't find end tag corresponding to start tag \"b\""),
    ],
)
async def test_a_text_that_cannot_be_sent_is_refused(bot: Bot, text: str, error: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.send_message(ANNA, text, parse_mode="HTML")
    assert refused.value.message == error


async def test_4096_characters_are_counted_after_parsing(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "<b>" + "😀" * 4096 + "</b>", parse_mode="HTML")
    with pytest.raises(BadRequest) as refused:
        await sent.edit_text("x" * 4097)
    assert sandbox.calls[-1].answer == "Bad Request: MESSAGE_TOO_LONG"
    assert refused.value.message == "Message_too_long"


@pytest.mark.parametrize("mode", ["Markdown", "MarkdownV2", "BBCode"])
async def test_other_parse_modes_are_refused(bot: Bot, mode: str) -> None:
    with pytest.raises(BadRequest, match="Unsupported parse_mode"):
        await bot.send_message(ANNA, "x", parse_mode=mode)


async def test_only_people_who_started_the_bot_and_exist_can_be_written_to(bot: Bot, sandbox: Sandbox) -> None:
    with pytest.raises(Forbidden, match=r"^Forbidden: bot can't initiate conversation with a user$"):
        await bot.send_message(BORIS, "x")
    with pytest.raises(BadRequest, match=r"^Chat not found$"):
        await bot.send_message(1, "x")
    with pytest.raises(BadRequest, match=r"^Chat not found$"):
        await bot.send_message("@anna_fx", "x")
    sandbox.say(BORIS, "/start")
    await bot.send_message(BORIS, "x")


async def test_a_block_stops_messages_but_not_edits_and_deletions(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "secret")
    sandbox.block(ANNA)
    with pytest.raises(Forbidden, match=r"^Forbidden: bot was blocked by the user$"):
        await bot.send_message(ANNA, "x")
    await sent.edit_text("gone")
    await sent.delete()


async def test_a_block_can_stop_edits_and_deletions_too(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "secret")
    sandbox.block(ANNA, refuses_edits=True)
    with pytest.raises(Forbidden, match=r"^Forbidden: bot was blocked by the user$"):
        await sent.edit_text("gone")
    with pytest.raises(Forbidden):
        await sent.delete()
    sandbox.unblock(ANNA)
    await sent.delete()


async def test_a_deleted_account_refuses_everything(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "x")
    sandbox.deactivate(ANNA)
    for attempt in (bot.send_message(ANNA, "x"), sent.edit_text("y"), sent.delete()):
        with pytest.raises(Forbidden, match=r"^Forbidden: user is deactivated$"):
            await attempt


async def test_an_edit_changes_text_and_removes_the_keyboard(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "a", reply_markup=keyboard(copy_text=CopyTextButton("secret")))
    edited = await sent.edit_text("b")
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("b", None)
    assert edited.edit_date is not None
    assert [(b.text, b.buttons) for b in sandbox.screen(ANNA)] == [("b", [])]


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "<b>a</b>", parse_mode="HTML", reply_markup=keyboard())
    with pytest.raises(BadRequest) as refused:
        await sent.edit_text("<strong>a</strong> ", parse_mode="HTML", reply_markup=keyboard())
    assert refused.value.message == NOT_MODIFIED
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_reply_markup(keyboard())
    await sent.edit_text("a", reply_markup=keyboard())
    await sent.edit_reply_markup(None)


async def test_messages_that_are_gone_are_not_found(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "a")
    await sent.delete()
    with pytest.raises(BadRequest, match=r"^Message to edit not found$"):
        await sent.edit_text("b")
    with pytest.raises(BadRequest, match=r"^Message to delete not found$"):
        await sent.delete()
    kept = await bot.send_message(ANNA, "a")
    sandbox.clear(ANNA)
    with pytest.raises(BadRequest, match=r"^Message to edit not found$"):
        await kept.edit_text("b")


@pytest.mark.parametrize("markup", [ReplyKeyboardMarkup([["a"]]), ReplyKeyboardRemove(), ForceReply()])
async def test_a_message_with_a_reply_keyboard_cannot_be_edited(bot: Bot, markup: Any) -> None:
    sent = await bot.send_message(ANNA, "a", reply_markup=markup)
    assert sent.reply_markup is None
    with pytest.raises(BadRequest, match=r"^Message can't be edited$"):
        await sent.edit_text("b")
    await sent.delete()


async def test_what_people_wrote_cannot_be_edited_but_deleted(bot: Bot, sandbox: Sandbox) -> None:
    said = sandbox.say(ANNA, "my secret")
    with pytest.raises(BadRequest, match=r"^Message can't be edited$"):
        await bot.edit_message_text("x", ANNA, said.message_id)
    await bot.delete_message(ANNA, said.message_id)
    assert sandbox.screen(ANNA) == []


async def test_an_edit_takes_inline_keyboards_only(bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "a")
    with pytest.raises(BadRequest, match=r"^Inline keyboard expected$"):
        await bot.edit_message_text("b", ANNA, sent.message_id, reply_markup=ForceReply())  # type: ignore[arg-type]


async def test_a_document_has_no_text_to_edit(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_document(ANNA, InputFile(b"a;b", "list.csv"), caption="<i>All</i>", parse_mode="HTML")
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size, sent.caption_html) == ("list.csv", 3, "<i>All</i>")
    assert sandbox.document(sent.message_id, ANNA) == b"a;b"
    with pytest.raises(BadRequest, match=r"^There is no text in the message to edit$"):
        await sent.edit_text("b")
    again = await bot.send_document(ANNA, sent.document.file_id)
    assert again.document is not None
    with pytest.raises(BadRequest, match=r"^Message caption is too long$"):
        await bot.send_document(ANNA, sent.document.file_id, caption="x" * 1025)


async def test_a_message_can_be_deleted_for_48_hours_and_edited_for_ever(bot: Bot, sandbox: Sandbox) -> None:
    young, old = await bot.send_message(ANNA, "a"), await bot.send_message(ANNA, "b")
    sandbox.advance(TWO_DAYS - 5)
    await young.delete()
    sandbox.advance(10)
    await old.edit_text("c")
    with pytest.raises(BadRequest, match=r"^Message can't be deleted for everyone$"):
        await old.delete()
    with pytest.raises(BadRequest, match=r"^Message can't be deleted for everyone$"):
        await bot.delete_messages(ANNA, [old.message_id])
    assert [bubble.text for bubble in sandbox.screen(ANNA)] == ["c"]


async def test_delete_messages_skips_what_it_does_not_find(bot: Bot, sandbox: Sandbox) -> None:
    sent = await bot.send_message(ANNA, "a")
    assert await bot.delete_messages(ANNA, [sent.message_id, 999])
    assert await bot.delete_messages(ANNA, [sent.message_id])
    assert sandbox.screen(ANNA) == []
    with pytest.raises(BadRequest, match=r"^Message identifiers are not specified$"):
        await bot.delete_messages(ANNA, [])
    with pytest.raises(BadRequest, match=r"^Too many message identifiers specified$"):
        await bot.delete_messages(ANNA, list(range(1, 102)))


async def test_a_reply_needs_its_message(bot: Bot, sandbox: Sandbox) -> None:
    said = sandbox.say(ANNA, "/start")
    sent = await bot.send_message(ANNA, "a", reply_parameters=ReplyParameters(said.message_id))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "/start"
    with pytest.raises(BadRequest, match=r"^Message to be replied not found$"):
        await bot.send_message(ANNA, "a", reply_parameters=ReplyParameters(999))
    await bot.send_message(ANNA, "a", reply_parameters=ReplyParameters(999, allow_sending_without_reply=True))


async def test_in_a_group_the_bot_deletes_only_its_own_messages_unless_it_is_admin(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.add_group(GROUP, "Desk", [ANNA])
    said = sandbox.say(ANNA, "/id", chat=GROUP)
    sent = await bot.send_message(GROUP, "a")
    assert (sent.chat.type, sent.chat.title) == ("group", "Desk")
    with pytest.raises(BadRequest, match=r"^Message can't be deleted$"):
        await bot.delete_message(GROUP, said.message_id)
    await sent.delete()
    sandbox.add_group(GROUP, "Desk", [ANNA], bot_is_admin=True)
    await bot.delete_message(GROUP, said.message_id)


@pytest.mark.parametrize(
    ("button", "error"),
    [
        ({"callback_data": "x" * 65}, "BUTTON_DATA_INVALID"),
        ({"callback_data": "ä" * 33}, "BUTTON_DATA_INVALID"),
        ({"copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        ({}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (
            {"callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"callback_data": []}, 'can\'t parse inline keyboard button: Field "callback_data" must be of type String'),
        ({"copy_text": "x"}, 'can\'t parse inline keyboard button: Field "copy_text" must be of type Object'),
        ({"copy_text": {}}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"callback_data": "x", "style": "pink"}, "can't parse inline keyboard button: invalid button style specified"),
        ({"url": "javascript://x"}, "inline keyboard button URL 'javascript://x' is invalid: Wrong HTTP URL"),
    ],
)
def test_a_button_telegram_would_not_show_is_refused(button: dict[str, Any], error: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_markup(json_keyboard({"text": "Go"} | button))
    assert refused.value.description == f"Bad Request: {error}"


def json_keyboard(*buttons: dict[str, Any]) -> str:
    return json.dumps({"inline_keyboard": [list(buttons)]})


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        ('{"inline_keyboard":{}}', 'field "inline_keyboard" must be of type Array'),
        (
            '{"inline_keyboard":[{}]}',
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        ('{"inline_keyboard":[[1]]}', "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
        ('{"keyboard":[[""]]}', "keyboard button text must be non-empty"),
        ('{"remove_keyboard":1}', 'field "remove_keyboard" must be of type Boolean'),
    ],
)
def test_a_keyboard_of_the_wrong_shape_is_refused(raw: str, error: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_markup(raw)
    assert refused.value.description == f"Bad Request: {error}"


def test_64_bytes_of_data_256_characters_to_copy_and_100_buttons_are_allowed() -> None:
    longest: list[dict[str, Any]] = [
        {"text": "a", "callback_data": "ä" * 32},
        {"text": "b", "copy_text": {"text": "x" * 256}},
    ]
    assert parse_markup(json_keyboard(*longest)) is not None
    assert parse_markup(json_keyboard(*longest * 50)) is not None
    with pytest.raises(Refusal, match="reply markup is too long"):
        parse_markup(json_keyboard(*longest * 51))


def test_an_empty_keyboard_is_none() -> None:
    assert parse_markup('{"inline_keyboard":[]}') is None
    assert parse_markup('{"inline_keyboard":[[]]}') is None


async def test_a_tap_is_answered_once_and_within_150_seconds(bot: Bot, sandbox: Sandbox) -> None:
    await bot.send_message(ANNA, "a", reply_markup=keyboard())
    first = (await sandbox.press(ANNA, "Go", wait=0)).callback_query_id
    late = (await sandbox.press(ANNA, "Go", wait=0)).callback_query_id
    assert first is not None
    assert late is not None
    await bot.answer_callback_query(first, "Done", show_alert=True)
    sandbox.advance(151)
    for query in (first, late, "12345", "none"):
        with pytest.raises(BadRequest) as refused:
            await bot.answer_callback_query(query)
        assert refused.value.message == "Query is too old and response timeout expired or query id is invalid"


async def test_a_toast_has_200_characters(bot: Bot, sandbox: Sandbox) -> None:
    await bot.send_message(ANNA, "a", reply_markup=keyboard())
    query = (await sandbox.press(ANNA, "Go", wait=0)).callback_query_id
    assert query is not None
    with pytest.raises(BadRequest):
        await bot.answer_callback_query(query, "x" * 201)
    await bot.answer_callback_query(query, "x" * 200)


async def test_commands_are_kept_by_scope_and_language(bot: Bot) -> None:
    await bot.set_my_commands([("start", "Begin")])
    await bot.set_my_commands([("admin", "Rule")], scope=BotCommandScopeChat(ANNA), language_code="de")
    assert await bot.get_my_commands() == (BotCommand("start", "Begin"),)
    assert await bot.get_my_commands(scope=BotCommandScopeChat(ANNA)) == ()
    assert await bot.get_my_commands(scope=BotCommandScopeChat(ANNA), language_code="de")
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()
    with pytest.raises(BadRequest, match=r"^Chat not found$"):
        await bot.set_my_commands([("x", "y")], scope=BotCommandScopeChat(BORIS))


@pytest.mark.parametrize(
    ("commands", "error"),
    [
        ([("Start", "x")], "Bot_command_invalid"),
        ([("x" * 33, "x")], "Command length must not exceed 32"),
        ([("x", "")], "Command description must be non-empty"),
        ([("x", "y" * 257)], "Command description length must not exceed 256"),
        ([("x", "y")] * 101, "Bot_commands_too_much"),
    ],
)
async def test_impossible_commands_are_refused(bot: Bot, commands: list[tuple[str, str]], error: str) -> None:
    with pytest.raises(BadRequest) as refused:
        await bot.set_my_commands(commands)
    assert refused.value.message == error


async def test_descriptions_are_kept_by_language(bot: Bot) -> None:
    await bot.set_my_description("Registers devices")
    await bot.set_my_short_description("Geräte", language_code="de")
    assert (await bot.get_my_description("de")).description == "Registers devices"
    assert (await bot.get_my_short_description("de")).short_description == "Geräte"
    assert (await bot.get_my_short_description()).short_description == ""


async def test_a_chat_tells_who_is_in_it(bot: Bot) -> None:
    chat = await bot.get_chat(ANNA)
    assert (chat.first_name, chat.username, chat.type) == ("Anna", "anna_fx", "private")
    with pytest.raises(BadRequest, match=r"^Chat not found$"):
        await bot.get_chat(BORIS)


async def test_a_chat_action_must_be_one(bot: Bot) -> None:
    assert await bot.send_chat_action(ANNA, "typing")
    assert await bot.send_chat_action(ANNA, "Cancel")
    with pytest.raises(BadRequest, match="Wrong parameter action in request"):
        await bot.send_chat_action(ANNA, "dancing")
