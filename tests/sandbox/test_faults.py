"""Faults and flood limits: what the bot sees, and whether it took effect all the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from bot.sandbox import NotPossible

from .conftest import ANNA, BORIS, GROUP

if TYPE_CHECKING:
    import aiohttp
    from telegram import Bot

    from bot.sandbox import Sandbox


def shown(sandbox: Sandbox) -> list[str]:
    return [bubble.text for bubble in sandbox.screen(ANNA)]


@pytest.mark.parametrize(
    ("fault", "error", "applied"),
    [
        ("server_error", NetworkError, False),
        ("bad_gateway", NetworkError, False),
        ("bad_json", TelegramError, False),
        ("drop_before", NetworkError, False),
        ("drop_after", NetworkError, True),
        ("not_found", InvalidToken, False),
        ("no_page", InvalidToken, False),
        ("unauthorized", InvalidToken, False),
        ("forbidden", Forbidden, False),
        ("refuse", BadRequest, False),
    ],
)
async def test_a_fault_happens_once_and_then_never_again(
    bot: Bot,
    sandbox: Sandbox,
    fault: str,
    error: type[TelegramError],
    applied: bool,  # noqa: FBT001
) -> None:
    sandbox.add_fault("sendMessage", fault)
    with pytest.raises(error):
        await bot.send_message(ANNA, "a")
    assert shown(sandbox) == (["a"] if applied else [])
    assert (sandbox.calls[-1].fault, sandbox.calls[-1].applied) == (fault, applied)
    await bot.send_message(ANNA, "b")
    assert sandbox.world.faults.to_json() == []


@pytest.mark.parametrize("fault", ["server_error", "bad_gateway", "bad_json"])
async def test_a_bad_answer_can_come_after_the_effect(bot: Bot, sandbox: Sandbox, fault: str) -> None:
    sandbox.add_fault("sendMessage", fault, applied=True)
    with pytest.raises(TelegramError):
        await bot.send_message(ANNA, "a")
    assert shown(sandbox) == ["a"]


async def test_a_flood_tells_how_long_to_wait_in_body_and_header(
    http: aiohttp.ClientSession, path: str, sandbox: Sandbox
) -> None:
    sandbox.add_fault("sendMessage", "flood", retry_after=7)
    async with http.post(f"{path}/sendMessage?chat_id={ANNA}&text=a") as response:
        told = await response.json()
    assert (response.status, response.headers["Retry-After"]) == (429, "7")
    assert told == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }


@pytest.mark.parametrize(("fault", "expected"), [("hang", []), ("apply_and_hang", ["a"])])
async def test_a_call_can_hang_with_and_without_effect(
    bot: Bot, sandbox: Sandbox, fault: str, expected: list[str]
) -> None:
    sandbox.add_fault("sendMessage", fault)
    with pytest.raises(TimedOut):
        await bot.send_message(ANNA, "a", read_timeout=0.5)
    call = await sandbox.wait_for_call("sendMessage")
    assert shown(sandbox) == expected
    assert (call.status, call.applied) == (None, bool(expected))


async def test_a_slow_call_takes_effect_before_or_after_the_pause(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.add_fault("sendMessage", "slow", seconds=1)
    sandbox.add_fault("sendMessage", "slow_start", seconds=1)
    first = asyncio.create_task(bot.send_message(ANNA, "a"))
    await sandbox.wait_for(ANNA, "a")
    assert not first.done()
    second = asyncio.create_task(bot.send_message(ANNA, "b"))
    await asyncio.sleep(0.1)
    assert shown(sandbox) == ["a"]
    assert [(await task).text for task in (first, second)] == ["a", "b"]


async def test_a_fault_can_be_narrowed_to_a_chat_a_text_and_a_later_call(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(BORIS, "/start")
    number = sandbox.add_fault("*", "refuse", chat=ANNA, text_contains="x", skip=1, times=None, description="No")
    await bot.send_message(BORIS, "x")
    await bot.send_message(ANNA, "y")
    await bot.send_message(ANNA, "x")
    for _ in range(3):
        with pytest.raises(BadRequest, match=r"^No$"):
            await bot.send_message(ANNA, "x")
    sandbox.remove_faults(number)
    await bot.send_message(ANNA, "x")


def test_a_fault_that_does_not_exist_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(NotPossible, match="There is no fault flod"):
        sandbox.add_fault("*", "flod")
    with pytest.raises(NotPossible, match="A fault has no tims"):
        sandbox.add_fault("*", "flood", tims=1)


async def sent_until_refused(bot: Bot, chat: int, most: int) -> int:
    for count in range(most):
        try:
            await bot.send_message(chat, "x")
        except TelegramError:
            return count
    return most


@pytest.mark.filterwarnings("ignore:.*retry_after")
async def test_limits_are_off_until_they_are_switched_on(bot: Bot, sandbox: Sandbox) -> None:
    assert await sent_until_refused(bot, ANNA, 10) == 10
    sandbox.set_limits(enabled=True, per_chat_burst=3)
    assert await sent_until_refused(bot, ANNA, 10) == 3
    sandbox.advance(1)
    assert await sent_until_refused(bot, ANNA, 10) == 1
    assert sandbox.calls[-1].answer == "Too Many Requests: retry after 1"


@pytest.mark.filterwarnings("ignore:.*retry_after")
async def test_sends_and_edits_share_a_limit_that_deletions_do_not_know(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.set_limits(enabled=True, per_chat_burst=2, per_chat=0.1)
    sent = await bot.send_message(ANNA, "a")
    await sent.edit_text("b")
    with pytest.raises(TelegramError):
        await sent.edit_text("c")
    assert sandbox.calls[-1].answer == "Too Many Requests: retry after 10"
    await sent.delete()
    sandbox.say(BORIS, "/start")
    await bot.send_message(BORIS, "other chats are free")


@pytest.mark.filterwarnings("ignore:.*retry_after")
async def test_a_group_takes_twenty_a_minute(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.add_group(GROUP, "Desk", [ANNA])
    sandbox.set_limits(enabled=True)
    assert await sent_until_refused(bot, GROUP, 25) == 20


def test_an_impossible_limit_is_refused(sandbox: Sandbox) -> None:
    for wrong in ({"per_chat": 0}, {"enabled": 1}, {"per_chat": "fast"}, {"unknown": 1}):
        with pytest.raises(NotPossible):
            sandbox.set_limits(**wrong)


@pytest.mark.filterwarnings("ignore:.*retry_after")
async def test_a_refused_message_does_not_count(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.set_limits(enabled=True, per_chat_burst=1)
    with pytest.raises(BadRequest):
        await bot.send_message(ANNA, " ")
    assert await sent_until_refused(bot, ANNA, 2) == 1
