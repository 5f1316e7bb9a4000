"""getUpdates: real long polling, confirmation by offset, lifetimes, and who may poll."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import Conflict

from bot.sandbox.arguments import Arguments
from bot.sandbox.polling import Polling

from .conftest import ANNA, BORIS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aiohttp
    from telegram import Bot, Update

    from bot.sandbox import Sandbox

POLL_LASTS = 10
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


def texts(updates: Sequence[Update]) -> list[str | None]:
    return [update.message.text if update.message else None for update in updates]


async def waiting_poll(bot: Bot, **options: Any) -> asyncio.Task[Any]:
    """Start a long poll and return once it has reached the sandbox."""
    poll = asyncio.create_task(bot.get_updates(timeout=POLL_LASTS, **options))
    await asyncio.sleep(0.05)
    assert not poll.done()
    return poll


async def test_a_poll_waits_for_an_update_and_gets_it_at_once(bot: Bot, sandbox: Sandbox) -> None:
    poll = await waiting_poll(bot)
    sandbox.say(ANNA, "hi")
    async with asyncio.timeout(POLL_LASTS / 2):
        assert texts(await poll) == ["hi"]


async def test_a_poll_without_timeout_returns_nothing_at_once(bot: Bot) -> None:
    assert await bot.get_updates(timeout=0) == ()


async def test_updates_stay_until_a_higher_offset_confirms_them(bot: Bot, sandbox: Sandbox) -> None:
    for text in "abc":
        sandbox.say(ANNA, text)
    first, second, third = await bot.get_updates()
    assert [first.update_id + 1, first.update_id + 2] == [second.update_id, third.update_id]
    assert texts(await bot.get_updates()) == ["a", "b", "c"]
    assert texts(await bot.get_updates(offset=second.update_id, limit=1)) == ["b"]
    assert texts(await bot.get_updates(offset=-1)) == ["c"]
    assert texts(await bot.get_updates()) == ["c"]
    assert await bot.get_updates(offset=third.update_id + 1) == ()


async def test_an_offset_far_ahead_of_every_update_confirms_nothing(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(ANNA, "a")
    (update,) = await bot.get_updates()
    assert texts(await bot.get_updates(offset=update.update_id + 1000)) == ["a"]
    assert texts(await bot.get_updates(offset=update.update_id + 11)) == []
    assert texts(await bot.get_updates()) == []


async def test_the_limit_is_between_1_and_100(bot: Bot, sandbox: Sandbox) -> None:
    for number in range(101):
        sandbox.say(ANNA, str(number))
    assert len(await bot.get_updates(limit=1000)) == 100
    assert len(await bot.get_updates(limit=-5)) == 1


async def test_messages_wait_24_hours_and_taps_150_seconds(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(ANNA, "hi")
    sandbox.inject("callback_query", {"id": "1"})
    await bot.send_message(ANNA, "x", reply_markup={"inline_keyboard": [[{"text": "Go", "callback_data": "x"}]]})  # type: ignore[arg-type]
    await sandbox.press(ANNA, "Go", wait=0)
    kinds = [update.kind for update in sandbox.world.updates.waiting()]
    assert kinds == ["message", "callback_query", "callback_query"]
    sandbox.advance(151)
    assert [update.kind for update in sandbox.world.updates.waiting()] == ["message", "callback_query"]
    sandbox.advance(86_400)
    assert await bot.get_updates() == ()


async def raw_poll(http: aiohttp.ClientSession, path: str) -> asyncio.Task[Any]:
    """Start a long poll as another process would: a Bot has one connection for its polls."""

    async def poll() -> Any:
        async with http.get(f"{path}/getUpdates?timeout=10") as response:
            return await response.json()

    task = asyncio.create_task(poll())
    await asyncio.sleep(0.05)
    assert not task.done()
    return task


async def test_a_second_poller_ends_the_first_one(http: aiohttp.ClientSession, path: str, sandbox: Sandbox) -> None:
    first, second = [await raw_poll(http, path) for _ in range(2)]
    assert await first == {"ok": False, "error_code": 409, "description": OTHER_POLLER}
    sandbox.say(ANNA, "hi")
    assert [update["message"]["text"] for update in (await second)["result"]] == ["hi"]


async def test_the_second_conflict_in_a_row_is_answered_late(
    http: aiohttp.ClientSession, path: str, sandbox: Sandbox
) -> None:
    sandbox.timings.conflict = 2
    began = time.monotonic()
    first, second, third = [await raw_poll(http, path) for _ in range(3)]
    assert (await first)["error_code"] == 409
    assert time.monotonic() - began < sandbox.timings.conflict
    assert (await second)["error_code"] == 409
    assert time.monotonic() - began > sandbox.timings.conflict
    third.cancel()


async def test_a_webhook_ends_a_poll_and_forbids_new_ones(bot: Bot) -> None:
    poll = await waiting_poll(bot)
    await bot.set_webhook("http://127.0.0.1:1/")
    with pytest.raises(Conflict, match="terminated by setWebhook request"):
        await poll
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active; use deleteWebhook"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_poller_that_hung_up_takes_nothing_with_it(bot: Bot, sandbox: Sandbox) -> None:
    poll = await waiting_poll(bot)
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    sandbox.say(ANNA, "hi")
    assert texts(await bot.get_updates()) == ["hi"]


async def test_kinds_that_were_not_asked_for_are_never_queued(bot: Bot, sandbox: Sandbox) -> None:
    await bot.get_updates(allowed_updates=["my_chat_member"])
    assert sandbox.say(ANNA, "hi").update_id is None
    sandbox.block(ANNA)
    sandbox.unblock(ANNA)
    blocked, unblocked = await bot.get_updates()
    assert blocked.my_chat_member is not None
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert unblocked.my_chat_member is not None
    assert unblocked.my_chat_member.new_chat_member.status == "member"
    await bot.get_updates(allowed_updates=[])
    assert sandbox.say(ANNA, "hi").update_id is not None


async def test_a_repeated_offset_waits_and_a_hasty_one_gets_a_single_update(sandbox: Sandbox) -> None:
    sandbox.timings.repeated_poll = sandbox.timings.hasty_poll = 0.2
    polling = Polling(sandbox.world)
    sandbox.say(ANNA, "a")
    sandbox.say(BORIS, "b")
    assert len(await polling.get_updates(Arguments())) == 2
    assert len(await polling.get_updates(Arguments())) == 1
    sandbox.world.updates.clear()
    began = time.monotonic()
    assert await polling.get_updates(Arguments()) == []
    assert time.monotonic() - began >= 0.15


async def test_an_update_can_be_delivered_again_behind_the_offset(bot: Bot, sandbox: Sandbox) -> None:
    sandbox.say(ANNA, "hi")
    (update,) = await bot.get_updates()
    offset = update.update_id + 1
    assert await bot.get_updates(offset=offset) == ()
    assert sandbox.redeliver(update.update_id) == update.update_id
    (again,) = await bot.get_updates(offset=offset)
    assert again == update
    assert await bot.get_updates(offset=offset) == ()
    fresh = sandbox.redeliver(update.update_id, fresh=True)
    assert [u.update_id for u in await bot.get_updates(offset=offset)] == [fresh]


async def test_a_waiting_update_does_not_change_with_its_message(bot: Bot, sandbox: Sandbox) -> None:
    said = sandbox.say(ANNA, "before")
    sandbox.edit(ANNA, said.message_id, "after")
    first, second = await bot.get_updates()
    assert texts([first]) == ["before"]
    assert second.edited_message is not None
    assert second.edited_message.text == "after"
