"""Webhooks: to any address, one update of a lane after the other, again and again until it is taken."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from telegram.error import BadRequest, RetryAfter

from .conftest import ANNA, BORIS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from telegram import Bot

    from bot.sandbox import Sandbox


class Receiver:
    """A webhook that answers as the test says, and remembers what it was sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.answers: list[web.Response] = []
        self.url = ""
        self._came = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((await request.json(), dict(request.headers)))
        self._came.set()
        return self.answers.pop(0) if self.answers else web.Response()

    async def received(self, count: int) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.requests) < count:
                self._came.clear()
                await self._came.wait()
        return [body["message"]["text"] for body, _ in self.requests]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def first_failure(sandbox: Sandbox) -> None:
    journal = sandbox.world.journal
    failed = await journal.until(lambda: [e for e in journal.since(0) if e.kind == "webhook_error"] or None, 10)
    assert failed


async def test_updates_are_posted_with_the_secret_token(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.say(ANNA, "before")
    assert await bot.set_webhook(receiver.url, secret_token="s3cret_-")
    sandbox.say(ANNA, "after")
    assert await receiver.received(2) == ["before", "after"]
    body, headers = receiver.requests[0]
    assert list(body) == ["update_id", "message"]
    assert headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret_-"
    assert headers["Content-Type"].startswith("application/json")


async def test_an_update_that_fails_is_repeated_and_holds_up_its_chat_only(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=404), web.Response(status=302)]
    await bot.set_webhook(receiver.url)
    sandbox.say(ANNA, "first")
    sandbox.say(ANNA, "second")
    assert (await receiver.received(3))[:2] == ["first", "first"]
    sandbox.say(BORIS, "other")
    told = await receiver.received(6)
    assert [text for text in told if text != "other"] == ["first"] * 4 + ["second"]


async def test_a_failure_is_told_by_get_webhook_info(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=503, headers={"Retry-After": "1000"})]
    await bot.set_webhook(receiver.url, max_connections=3, allowed_updates=["message"])
    sandbox.say(ANNA, "hi")
    await first_failure(sandbox)
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    assert (info.url, info.pending_update_count, info.max_connections) == (receiver.url, 1, 3)
    assert info.allowed_updates == ("message",)
    assert len(receiver.requests) == 1


async def test_an_address_where_nobody_listens_is_tried_until_somebody_does(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    await bot.set_webhook("http://127.0.0.1:1/")
    sandbox.say(ANNA, "hi")
    await first_failure(sandbox)
    assert (await bot.get_webhook_info()).last_error_message == "Connection refused"
    await bot.set_webhook(receiver.url)
    assert await receiver.received(1) == ["hi"]


async def test_an_update_that_expires_makes_way_for_the_next(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500)]
    sandbox.timings.webhook_retry = 0.0
    sandbox.say(ANNA, "poison")
    sandbox.advance(86_401)
    sandbox.say(ANNA, "next")
    await bot.set_webhook(receiver.url)
    assert await receiver.received(2) == ["next", "next"]


async def test_a_method_in_the_answer_is_carried_out_unless_it_reads_or_sets_the_webhook(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.answers = [
        web.json_response({"method": "sendMessage", "chat_id": ANNA, "text": "by the way"}),
        web.json_response({"method": "deleteWebhook"}),
    ]
    await bot.set_webhook(receiver.url)
    sandbox.say(ANNA, "a")
    await sandbox.wait_for(ANNA, "by the way")
    sandbox.say(ANNA, "b")
    await receiver.received(2)
    await asyncio.sleep(0.05)
    assert [call.method for call in sandbox.calls] == ["getMe", "setWebhook", "sendMessage"]


async def test_an_answer_is_read_by_its_type(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answers = [
        web.Response(text=f'{{"method": "sendMessage", "chat_id": {ANNA}, "text": "not asked for"}}'),
        web.Response(
            text=f"method=sendMessage&chat_id={ANNA}&text=as+a+form", content_type="application/x-www-form-urlencoded"
        ),
        web.json_response({"method": 5}),
        web.json_response({"method": "", "text": None}),
    ]
    await bot.set_webhook(receiver.url)
    for text in "abcd":
        sandbox.say(ANNA, text)
    await receiver.received(4)
    await asyncio.sleep(0.05)
    assert [bubble.text for bubble in sandbox.screen(ANNA) if bubble.from_bot] == ["as a form"]
    assert [call.method for call in sandbox.calls] == ["getMe", "setWebhook", "sendMessage", "5"]


async def test_a_webhook_that_says_gone_for_23_hours_is_taken_away(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    sandbox.timings.webhook_retry = 0.0
    receiver.answers = [web.Response(status=status) for status in (410, 500, *[410] * 100_000)]
    await bot.set_webhook(receiver.url)
    sandbox.say(ANNA, "a")
    await receiver.received(4)
    assert (await bot.get_webhook_info()).url == receiver.url
    sandbox.advance(23 * 3600 + 1)
    async with asyncio.timeout(10):
        while (await bot.get_webhook_info()).url:  # noqa: ASYNC110 - only the server knows
            await asyncio.sleep(0.01)
    (update,) = await bot.get_updates()  # what waits is not lost
    assert update.message is not None
    assert update.message.text == "a"


async def test_setting_a_webhook_that_is_refused_takes_the_old_one_away(
    bot: Bot, sandbox: Sandbox, receiver: Receiver
) -> None:
    await bot.set_webhook(receiver.url)
    with pytest.raises(BadRequest, match="Invalid webhook url specified"):
        await bot.set_webhook("ftp://localhost/")
    assert (await bot.get_webhook_info()).url == ""


async def test_setting_and_deleting_tell_what_changed(bot: Bot, sandbox: Sandbox, receiver: Receiver) -> None:
    async def told(method: str, **data: Any) -> str:
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{sandbox.url}/bot{sandbox.token}/{method}", data=data) as response,
        ):
            return str((await response.json())["description"])

    assert await told("setWebhook", url=receiver.url) == "Webhook was set"
    assert await told("setWebhook", url=receiver.url) == "Webhook is already set"
    assert await told("deleteWebhook") == "Webhook was deleted"
    assert await told("setWebhook", url="") == "Webhook is already deleted"


async def test_pending_updates_can_be_dropped(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(ANNA, "hi")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_a_bad_secret_token_is_refused(bot: Bot, sandbox: Sandbox) -> None:
    with pytest.raises(BadRequest, match="Secret token is too long"):
        await bot.set_webhook("http://localhost/", secret_token="x" * 257)
    with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
        await bot.set_webhook("http://localhost/", secret_token="a b")
    sandbox.timings.set_webhook = 1.0
    with pytest.raises(BadRequest, match="Invalid webhook url specified"):
        await bot.set_webhook("ftp://localhost/")
    with pytest.raises(RetryAfter):
        await bot.set_webhook("http://localhost/")
