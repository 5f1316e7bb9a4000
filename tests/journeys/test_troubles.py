"""Limits, other pollers, proxies and silence: the bot goes on, and nobody waits for somebody else's trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import ANSWERED_WITHIN, PATIENCE
from tests.journeys.running import STOPPED_WITHIN

if TYPE_CHECKING:
    from tests.journeys.conftest import House

SLACK = 1.5
"""Seconds that a machine with much to do may add."""

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_tap_is_answered_within_a_second_although_telegram_is_slow(house: House) -> None:
    anna = await house.trader(devices=1)
    devices = await anna.ask("/devices", "Your devices")
    house.sandbox.add_fault("editMessageText", "slow", chat=anna.id, seconds=4)
    pressed = await anna.tap("D-1", devices)
    assert pressed.seconds is not None
    assert pressed.seconds < ANSWERED_WITHIN + SLACK


async def test_a_limit_in_one_chat_holds_up_no_other(house: House) -> None:
    anna, boris = await house.trader("Anna"), await house.trader("Boris")
    registered = await boris.open_secret("VPS-1")
    house.sandbox.add_fault("sendMessage,editMessageText", "flood", chat=anna.id, retry_after=2)
    before = len(house.sandbox.calls)
    for text in ("/devices", "/help", "/id"):
        said = anna.say(text)
    await house.sandbox.wait_for_call("sendMessage", after=before, chat=anna.id, timeout=PATIENCE)
    await boris.fence()
    await boris.tap("I saved it", registered.card)
    await boris.sees("is registered")
    last = await anna.sees("Your Telegram ID", after=said.message_id)
    assert [text.split()[0] for text in anna.screen()[-3:]] == ["You", "What", "Your"]
    his = [look for look in house.sandbox.history(boris.id) if "is registered" in look.text]
    hers = [look for look in house.sandbox.history(anna.id) if look.message_id == last.message_id]
    assert his[0].real_from < hers[0].real_from


async def test_a_quick_saver_fits_into_telegrams_limits(house: House) -> None:
    anna = await house.trader()
    house.sandbox.set_limits(enabled=True)
    try:
        await anna.register("VPS-1")
    finally:
        house.sandbox.set_limits(enabled=False)


async def test_a_second_poller_is_survived(house: House) -> None:
    anna = await house.trader()
    assert await house.call("getUpdates", {"timeout": 1}) in {200, 409}
    await house.bot.wait_for_log("another program polls with the same BOT_TOKEN; stop it")
    await anna.fence()
    await house.bot.wait_for_log("receiving updates")


@pytest.mark.parametrize("fault", ["unauthorized", "not_found", "no_page", "bad_json"])
async def test_a_poll_that_fails_is_not_the_last(house: House, fault: str) -> None:
    anna = await house.trader()
    house.sandbox.add_fault("getUpdates", fault)
    await anna.fence()
    await anna.fence()


async def test_a_webhook_that_somebody_left_is_removed(house: House) -> None:
    anna = await house.trader()
    assert await house.call("setWebhook", {"url": "http://127.0.0.1:9/"}) == 200
    await anna.fence()


async def test_stopping_takes_no_longer_than_ten_seconds_while_telegram_hangs(house: House) -> None:
    anna = await house.trader()
    house.sandbox.add_fault("*", "hang", times=None)
    said = anna.say("/devices")
    await house.sandbox.wait_for_call("sendMessage", chat=anna.id, after=len(house.sandbox.calls), timeout=PATIENCE)
    try:
        code, seconds = await house.bot.stop()
    finally:
        house.sandbox.remove_faults()
        await house.bot.kill()
        await house.bot.start()
    assert code == 0
    assert seconds < STOPPED_WITHIN
    await anna.sees("You have no devices yet.", after=said.message_id)
