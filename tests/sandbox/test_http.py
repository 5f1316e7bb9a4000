"""The Bot API as raw HTTP: what the client library cannot send, and the exact bytes that come back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiohttp
import pytest

from .conftest import ANNA

if TYPE_CHECKING:
    from bot.sandbox import Sandbox

KEYS = ["ok", "error_code", "description"]


async def ask(http: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with http.post(url) as response:
        told = await response.json()
        assert list(told) == KEYS
        assert (told["ok"], told["error_code"]) == (False, response.status)
        return response.status, told["description"]


@pytest.mark.parametrize(
    "send",
    [
        {"params": {"chat_id": ANNA, "text": "hi"}},
        {"data": {"chat_id": str(ANNA), "text": "hi"}},
        {"json": {"chat_id": ANNA, "text": "hi", "protect_content": False, "message_thread_id": None}},
        {"params": {"text": "hi"}, "json": {"chat_id": f"{ANNA}"}},
    ],
)
async def test_arguments_come_in_any_form(http: aiohttp.ClientSession, path: str, send: dict[str, object]) -> None:
    async with http.post(f"{path}/sendMessage", **send) as response:  # type: ignore[arg-type]
        told = await response.json()
    assert (response.status, list(told), told["result"]["text"]) == (200, ["ok", "result"], "hi")


async def test_arguments_come_as_multipart_too(http: aiohttp.ClientSession, path: str, sandbox: Sandbox) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("chat_id", str(ANNA))
    form.add_field("document", "attach://file")
    form.add_field("file", b"\0\1", filename="a.bin", content_type="application/octet-stream")
    async with http.post(f"{path}/sendDocument", data=form) as response:
        told = await response.json()
    assert sandbox.document(told["result"]["message_id"], ANNA) == b"\0\1"


async def test_method_names_are_case_insensitive_and_get_works(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(f"{path}/GETME") as response:
        assert (await response.json())["result"]["username"] == "sandbox_bot"


async def test_tokens_methods_and_paths_that_do_not_exist_are_told_apart(
    http: aiohttp.ClientSession, path: str
) -> None:
    assert await ask(http, "/bot123:wrong/getMe") == (401, "Unauthorized")
    for invalid in ("wrong", "0123:x", f"1:{'x' * 79}", "-5:x", f"{2**54}:x"):
        assert await ask(http, f"/bot{invalid}/getMe") == (401, "Unauthorized: invalid token specified")
    assert await ask(http, "/botme:x/getMe") == (421, "Misdirected Request: unallowed token specified")
    assert await ask(http, f"{path}/fly") == (404, "Not Found: method not found")
    assert await ask(http, "/elsewhere") == (404, "Not Found")
    assert await ask(http, path) == (404, "Not Found")


@pytest.mark.parametrize(
    ("call", "description"),
    [
        ("sendMessage", "Bad Request: message text is empty"),
        ("sendMessage?text=x", "Bad Request: chat_id is empty"),
        ("sendMessage?text=x&chat_id=Anna", "Bad Request: chat not found"),
        ("sendMessage?text=x&reply_markup={", "Bad Request: can't parse reply keyboard markup JSON object"),
        (f"sendMessage?text=x&reply_markup={'[' * 1500}", "Bad Request: can't parse reply keyboard markup JSON object"),
        ("sendChatAction?chat_id=1", "Bad Request: wrong parameter action in request"),
        ("sendDocument?chat_id=1", "Bad Request: there is no document in the request"),
        ("editMessageText?text=x", "Bad Request: message identifier is not specified"),
        (f"editMessageText?text=x&chat_id={ANNA}&message_id=x", "Bad Request: message to edit not found"),
        ("deleteMessage?message_id=1", "Bad Request: chat identifier is not specified"),
        (f"editMessageText?text=x&chat_id={'9' * 5000}", "Bad Request: chat not found"),
        (f"deleteMessage?chat_id={ANNA}&message_id=x", "Bad Request: message identifier is not specified"),
        (f"deleteMessages?chat_id={ANNA}", "Bad Request: message identifiers are not specified"),
        (f"deleteMessages?chat_id={ANNA}&message_ids=1", "Bad Request: expected an Array of message identifiers"),
        (f"deleteMessages?chat_id={ANNA}&message_ids=x", "Bad Request: can't parse message_ids JSON object"),
        (f"deleteMessages?chat_id={ANNA}&message_ids=[0]", "Bad Request: invalid message identifier specified"),
        ("setWebhook?url=http://", "Bad Request: invalid webhook URL specified"),
        ("setMyCommands?commands=1", "Bad Request: expected an Array of BotCommand"),
        ("setMyCommands?commands=[1]", "Bad Request: can't parse BotCommand: expected an Object"),
        ("setMyCommands?scope=null", "Bad Request: can't parse BotCommandScope: BotCommandScope must be an Object"),
        ("setMyCommands?scope={}", "Bad Request: can't parse BotCommandScope: Can't find field \"type\""),
        (
            'setMyCommands?scope={"type":[]}',
            'Bad Request: can\'t parse BotCommandScope: Field "type" must be of type String',
        ),
        (
            f'setMyCommands?scope={{"type":"chat_member","chat_id":{ANNA},"user_id":{ANNA}}}',
            "Bad Request: can't use specified scope in private chats",
        ),
        ('setMyCommands?scope={"type":"x"}', "Bad Request: can't parse BotCommandScope: Unsupported type specified"),
    ],
)
async def test_missing_and_wrong_arguments_are_refused(
    http: aiohttp.ClientSession, path: str, call: str, description: str
) -> None:
    assert await ask(http, f"{path}/{call}") == (400, description)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"text"', b"[" * 100_000])
async def test_a_body_that_is_no_json_object_has_no_arguments(
    http: aiohttp.ClientSession, path: str, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(f"{path}/sendMessage?text=x", data=body, headers=headers) as response:
        assert (await response.json())["description"] == "Bad Request: chat_id is empty"


async def test_null_is_an_argument_too(http: aiohttp.ClientSession, path: str) -> None:
    sent = {"chat_id": ANNA, "text": "x", "reply_markup": None}
    async with http.post(f"{path}/sendMessage", json=sent) as response:
        assert (await response.json())["description"] == "Bad Request: object expected as reply markup"


async def test_broken_unicode_is_refused(http: aiohttp.ClientSession, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    async with http.post(f"{path}/sendMessage", data=b"text=\xff", headers=form) as response:
        assert (await response.json())["description"] == "Bad Request: strings must be encoded in UTF-8"
    lonely = json.dumps({"chat_id": ANNA, "text": "\ud800", "parse_mode": "HTML"})
    async with http.post(f"{path}/sendMessage", data=lonely, headers=headers) as response:
        assert (await response.json())["description"] == "Bad Request: strings must be encoded in UTF-8"


async def test_unknown_arguments_are_ignored(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(f"{path}/getMe?colour=blue") as response:
        assert response.status == 200


async def test_every_call_is_remembered_with_what_came_of_it(
    http: aiohttp.ClientSession, path: str, sandbox: Sandbox
) -> None:
    await ask(http, f"{path}/sendMessage?chat_id=5&text=7")
    await http.get(f"{path}/sendMessage?chat_id={ANNA}&text=hi&protect_content=true")
    refused, sent = sandbox.calls
    assert (refused.status, refused.answer, refused.applied) == (400, "Bad Request: chat not found", False)
    assert (sent.status, sent.applied, sent.chat_id) == (200, True, ANNA)
    assert sent.parameters == {"chat_id": ANNA, "text": "hi", "protect_content": True}
    assert refused.parameters["text"] == "7"
