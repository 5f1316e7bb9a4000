"""The lean server counts what it should, or every figure of the chat would be wrong."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.benchmarks.lean_telegram import BATCH, TOKEN, WINDOW, LeanTelegram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PEOPLE = (2001, 2002, 2003)


@pytest.fixture
async def telegram() -> AsyncIterator[LeanTelegram]:
    async with LeanTelegram(PEOPLE, "/devices", b"Your+devices") as server:
        yield server


@pytest.fixture
async def http(telegram: LeanTelegram) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(f"{telegram.url}/bot{TOKEN}/") as session:
        yield session


async def call(http: aiohttp.ClientSession, method: str, **arguments: str) -> Any:
    async with http.post(method, data=arguments) as answer:
        told = await answer.json()
    assert told["ok"]
    return told["result"]


async def test_a_bot_learns_who_it_is_and_everything_else_it_asks_for_is_done(http: aiohttp.ClientSession) -> None:
    assert (await call(http, "getMe"))["is_bot"]
    assert await call(http, "setMyCommands", commands="[]") is True


async def test_people_write_in_turn_and_no_update_comes_twice(
    telegram: LeanTelegram, http: aiohttp.ClientSession
) -> None:
    telegram.open(0.0)
    updates = [*await call(http, "getUpdates"), *await call(http, "getUpdates")]
    assert [update["update_id"] for update in updates] == list(range(1, 2 * BATCH + 1))
    assert [update["message"]["from"]["id"] for update in updates[:4]] == [2001, 2002, 2003, 2001]
    assert updates[0]["message"]["text"] == "/devices"


async def test_no_more_is_handed_out_than_the_window_until_something_is_answered(
    telegram: LeanTelegram, http: aiohttp.ClientSession
) -> None:
    telegram.open(0.0)
    for _ in range(WINDOW // BATCH):
        assert len(await call(http, "getUpdates")) == BATCH
    with pytest.raises(TimeoutError):
        await http.post("getUpdates", timeout=aiohttp.ClientTimeout(0.1))
    for _ in range(BATCH):
        await call(http, "sendMessage", chat_id="2001", text="Your devices")
    assert len(await call(http, "getUpdates")) == BATCH


async def test_only_the_expected_answer_counts_and_any_other_is_kept_as_evidence(
    telegram: LeanTelegram, http: aiohttp.ClientSession
) -> None:
    await call(http, "sendMessage", chat_id="2001", text="Your devices")
    await call(http, "sendMessage", chat_id="2001", text="That did not work")
    assert telegram.answered == 1
    assert telegram.wrong == [b"chat_id=2001&text=That+did+not+work"]


async def test_every_call_takes_as_long_as_it_was_told_to(telegram: LeanTelegram, http: aiohttp.ClientSession) -> None:
    telegram.open(0.05)
    began = time.perf_counter()
    await call(http, "getMe")
    assert time.perf_counter() - began >= 0.05


async def test_an_answer_of_any_kind_ends_the_waiting_for_it(
    telegram: LeanTelegram, http: aiohttp.ClientSession
) -> None:
    telegram.open(0.0)
    await call(http, "getUpdates")
    await call(http, "sendMessage", chat_id="2001", text="Your devices")
    await call(http, "sendMessage", chat_id="2002", text="That did not work")
    assert telegram.pending == BATCH - 2
