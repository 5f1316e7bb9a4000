"""The client of the Bot API over real HTTP: what the server answers with is in no exception and in no log line."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import traceback
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot import logs
from bot.chat.bot_api import RegistryBot, build_bot
from bot.chat.buttons import Verb
from bot.chat.transport import BotApiRequest, encode_form
from bot.chat.views.keyboards import NO_BUTTONS, copy, keyboard, tap
from bot.services.hashing import create_secret
from tests.chat.offline import TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

SECRET = create_secret().reveal()
ECHO = {"message_id": 5, "date": 1, "chat": {"id": 101, "type": "private"}, "text": f"🔑 {SECRET}"}
SENDABLE = st.characters(exclude_categories=["Cs"])
HTML = f"<html><body>Bad gateway. You sent: {SECRET} to /bot{TOKEN}/x</body></html>"


class Server:
    """A Bot API server on loopback that says what it is told to."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.body: bytes = b""
        self.hangs = False
        self.drops = False
        self.bodies: list[str] = []
        self.heads: list[Mapping[str, str]] = []

    def says(self, body: object, status: int = 200) -> None:
        """Answer every request like this from now on."""
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append((await request.read()).decode())
        self.heads.append(request.headers)
        if self.hangs:
            await asyncio.sleep(60)
        if self.drops and request.transport is not None:
            request.transport.abort()
        if request.path.endswith("/getMe"):
            return web.json_response({"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "x"}})
        return web.Response(status=self.status, body=self.body, content_type="application/json")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def bot(server: Server) -> AsyncIterator[RegistryBot]:
    bot = build_bot(TOKEN, server.url, trust_env=False)
    async with bot:
        yield bot


async def edit(bot: RegistryBot) -> TelegramError | None:
    """Put a secret into a message, as the program does."""
    buttons = keyboard([copy("Copy secret", SECRET)], [tap("I saved it", Verb.SAVED)])
    try:
        await bot.edit_message_text(f"🔑 {SECRET}", chat_id=101, message_id=5, reply_markup=buttons)
    except TelegramError as error:
        return error
    return None


def everything_about(error: BaseException | None) -> str:
    """Return all that a log or a crash report could show of an error and of what led to it."""
    told = ""
    while error is not None:
        told += "".join(traceback.format_exception(error)) + repr(error) + str(vars(error)) + repr(error.args)
        error = error.__cause__ or error.__context__
    return told


ANSWERS: dict[str, tuple[int, bytes | object, type[TelegramError] | None]] = {
    "the edit, echoed": (200, {"ok": True, "result": ECHO}, None),
    "no JSON": (200, f'{{"ok": true, "result": "{SECRET}', NetworkError),
    "HTML at 200": (200, HTML, NetworkError),
    "HTML at 502": (502, HTML, NetworkError),
    "HTML at 404, from a proxy": (404, HTML, NetworkError),
    "HTML at 401, from a proxy": (401, HTML, NetworkError),
    "HTML at 403": (403, HTML, NetworkError),
    "HTML at 429": (429, HTML, NetworkError),
    "HTML at 400": (400, HTML, NetworkError),
    "a list": (200, [SECRET], NetworkError),
    "a text": (200, SECRET, NetworkError),
    "a number": (200, 5, NetworkError),
    "no result": (200, {"ok": True, "text": SECRET}, NetworkError),
    "not ok, at 200": (200, {"ok": False, "description": SECRET}, NetworkError),
    "half a character": (200, b'{"ok": true, "result": "' + SECRET.encode() + b'\xff\xfe"', NetworkError),
    "nothing": (200, b"", NetworkError),
    "a stranger's JSON at 500": (500, {"error": SECRET}, NetworkError),
    "a stranger's JSON at 404": (404, {"message": SECRET}, NetworkError),
    "401": (401, {"ok": False, "error_code": 401, "description": "Unauthorized"}, InvalidToken),
    "404": (404, {"ok": False, "error_code": 404, "description": "Not Found"}, InvalidToken),
    "400": (400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, BadRequest),
    "403": (403, {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked"}, Forbidden),
    "409": (409, {"ok": False, "error_code": 409, "description": "Conflict: terminated"}, Conflict),
    "429": (429, {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 3}}, RetryAfter),
    "500": (500, {"ok": False, "error_code": 500, "description": "Internal Server Error: restart"}, NetworkError),
}


@pytest.fixture
def output(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that is logged, by anybody, at the lowest level that the operator can set."""
    root = logging.getLogger()
    kept = {name: logging.getLogger(name).level for name in logs.QUIET}
    before, level = root.handlers[:], root.level
    # handed over, because configuring closes what it replaces
    root.handlers = []
    logs.configure("DEBUG", request.param)
    stream = io.StringIO()
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(stream)
    yield stream
    root.handlers, root.level = before, level
    for name, lowest in kept.items():
        logging.getLogger(name).setLevel(lowest)


@pytest.mark.parametrize("output", ["text", "json"], indirect=True)
@pytest.mark.parametrize(("status", "body", "expected"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_neither_secret_nor_token_is_in_an_error_or_in_a_log_at_debug(
    output: io.StringIO,
    server: Server,
    bot: RegistryBot,
    status: int,
    body: bytes | str | object,
    expected: type[TelegramError] | None,
) -> None:
    server.says(body.encode() if isinstance(body, str) and body != SECRET else body, status)
    error = await edit(bot)
    assert type(error) is (expected or type(None))
    logging.getLogger("bot").error("it failed: %r", error, exc_info=error)
    logging.getLogger("bot").debug("the bot is %r", bot)
    # the request did carry the secret: the silence is the client's
    assert SECRET in server.bodies[-1]
    for told in (everything_about(error), output.getvalue()):
        assert SECRET not in told
        assert SECRET[10:40] not in told
    assert TOKEN not in output.getvalue()
    assert TOKEN.partition(":")[2] not in output.getvalue()
    assert "it failed" in output.getvalue()


@pytest.mark.parametrize("fault", ["hangs", "drops"])
@pytest.mark.parametrize("output", ["text"], indirect=True)
async def test_neither_secret_nor_token_is_told_when_no_answer_comes(
    output: io.StringIO, server: Server, bot: RegistryBot, fault: str
) -> None:
    setattr(server, fault, True)
    with pytest.raises(NetworkError) as caught:
        await bot.edit_message_text(SECRET, chat_id=101, message_id=5, read_timeout=0.1 if fault == "hangs" else 5)
    logging.getLogger("bot").error("it failed", exc_info=caught.value)
    for told in (everything_about(caught.value), output.getvalue()):
        assert SECRET not in told
        assert TOKEN not in told


async def test_a_proxys_page_does_not_count_as_a_wrong_token(server: Server, bot: RegistryBot) -> None:
    server.says(HTML.encode(), 404)
    with pytest.raises(NetworkError, match="HTTP 404") as caught:
        await bot.fetch_updates(None, 0)
    assert not isinstance(caught.value, InvalidToken)


async def test_updates_are_handed_out_as_they_came(server: Server, bot: RegistryBot) -> None:
    odd = {"update_id": 7, "message": {"nothing": "that PTB could read"}}
    server.says({"ok": True, "result": [odd, None, 5, "x"]})
    assert await bot.fetch_updates(3, 0) == [odd]
    assert "offset=3" in server.bodies[-1]


async def test_an_empty_keyboard_is_sent_as_one(server: Server, bot: RegistryBot) -> None:
    server.says({"ok": True, "result": ECHO})
    await bot.edit_message_text("🔒", chat_id=101, message_id=5, reply_markup=NO_BUTTONS)
    await bot.edit_message_reply_markup(chat_id=101, message_id=5, reply_markup=NO_BUTTONS)
    for body in server.bodies[-2:]:
        assert json.loads(dict(parse_qsl(body))["reply_markup"]) == {"inline_keyboard": []}


@given(st.dictionaries(st.text(SENDABLE), st.text(SENDABLE)))
@example({"text": "a+b c&d=e;f%41\n\0", "€": "🔒\u2068\u202e"})
def test_every_text_arrives_in_a_form_as_it_was(parameters: dict[str, str]) -> None:
    body = encode_form(parameters).decode("ascii")
    assert dict(parse_qsl(body, keep_blank_values=True, strict_parsing=bool(parameters))) == parameters


async def test_what_is_no_text_is_sent_as_json(server: Server, bot: RegistryBot) -> None:
    server.says({"ok": True, "result": ECHO})
    buttons = keyboard([tap("Zoë 🟢", Verb.MENU), copy("copy", "\u2066x")])
    await bot.send_message(101, '"a" & b', protect_content=True, reply_markup=buttons)
    sent = dict(parse_qsl(server.bodies[-1], strict_parsing=True))
    assert (sent["chat_id"], sent["text"], sent["protect_content"]) == ("101", '"a" & b', "true")
    assert json.loads(sent["reply_markup"]) == buttons.to_dict()


@pytest.mark.parametrize(("exempt", "is_reached"), [("", True), ("elsewhere.example", True), ("api.example", False)])
async def test_the_proxy_of_the_environment_is_used(
    server: Server, monkeypatch: pytest.MonkeyPatch, exempt: str, *, is_reached: bool
) -> None:
    monkeypatch.setenv("http_proxy", server.url.replace("//", "//anna:secret@"))
    monkeypatch.setenv("no_proxy", exempt)
    server.says({"ok": True, "result": True})
    bot = build_bot(TOKEN, "http://api.example:1")
    try:
        if is_reached:
            assert await bot.delete_message(101, 5)
            assert server.heads[-1]["Proxy-Authorization"] == "Basic YW5uYTpzZWNyZXQ="
        else:
            with pytest.raises(NetworkError):
                await bot.delete_message(101, 5)
            assert server.heads == []
    finally:
        await bot.hang_up()


async def test_no_proxy_is_used_on_this_machine(
    server: Server, bot: RegistryBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    server.says({"ok": True, "result": True})
    assert await bot.delete_message(101, 5)


def test_a_poll_has_a_connection_of_its_own() -> None:
    bot = build_bot(TOKEN, "http://127.0.0.1:9")
    polling, others = bot._request
    assert isinstance(polling, BotApiRequest)
    assert polling is not others
