"""Telegram delivers an update again: it has the effect of one, and one answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.people import Costs

if TYPE_CHECKING:
    from tests.journeys.conftest import House
    from tests.journeys.people import Trader

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("fresh", [False, True], ids=["same id", "new id"]),
]
NOTHING = Costs(sends=0, edits=0, tap_answers=0, deletions=0)


async def test_a_command_that_comes_again(house: House, fresh: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    anna = await house.trader()
    said = anna.say("/register VPS-1")
    await anna.sees("is almost ready")
    assert await _again(anna, said.update_id, fresh=fresh) == NOTHING


async def test_an_answer_that_comes_again(house: House, fresh: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    anna = await house.trader(devices=1)
    await anna.ask("/register", "What shall I call it?")
    said = anna.say("VPS-1")
    await anna.sees("is almost ready")
    assert await _again(anna, said.update_id, fresh=fresh) == NOTHING
    await anna.follow("Rename", "Send me the new name for", await anna.open_card("D-1"))
    said = anna.say("Frankfurt")
    await anna.sees("is now called")
    assert await _again(anna, said.update_id, fresh=fresh) == NOTHING


async def test_taps_that_come_again(house: House, fresh: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    anna = await house.trader(devices=1)
    card = await anna.take_card("VPS-1")
    await anna.show_secret(card)
    assert await _again(anna, _last_update(house), fresh=fresh) == NOTHING
    await anna.tap("I saved it", card)
    saved = _last_update(house)
    await anna.sees("is registered")
    assert await _again(anna, saved, fresh=fresh) == NOTHING
    await anna.follow("Revoke", "for good.", await anna.open_card("D-1"))
    await anna.follow("Yes, revoke", "is revoked since")
    assert await _again(anna, _last_update(house), fresh=fresh) == NOTHING


async def test_an_admins_command_that_comes_again(house: House, fresh: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    anna = await house.trader(devices=1)
    [device] = await house.owned(anna)
    said = house.olga.say(f"/revoke {device.id} lost")
    await anna.sees("An admin revoked your device")
    anna.start_counting()
    assert await _again(house.olga, said.update_id, fresh=fresh) == NOTHING
    assert await anna.count() == NOTHING


async def _again(trader: Trader, update_id: int | None, *, fresh: bool) -> Costs:
    """Deliver an update once more and return what that costs."""
    assert update_id is not None
    await trader.fence()
    trader.start_counting()
    trader.sandbox.redeliver(update_id, fresh=fresh)
    return await trader.count()


def _last_update(house: House) -> int:
    """Return the id of the latest update."""
    polls = [call.answer for call in house.sandbox.calls if call.method == "getUpdates" and call.answer]
    number: int = polls[-1][-1]["update_id"]
    return number
