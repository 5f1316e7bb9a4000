"""People who block the bot: what they saw is destroyed all the same, what they did not see never works."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.models import HandoutState
from tests.journeys import evidence

if TYPE_CHECKING:
    from tests.journeys.conftest import House

SOON = timedelta(seconds=0.5)

UNCONFIRMED = "Telegram did not confirm that you could see the secret of"

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_card_outlives_being_blocked(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    house.sandbox.block(anna.id)
    house.sandbox.unblock(anna.id)
    await anna.show_secret(card)


@pytest.mark.parametrize("refuses_edits", [False, True], ids=["edits pass", "edits are refused"])
async def test_a_secret_asked_for_and_then_blocked_is_not_left_behind(
    house: House,
    refuses_edits: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    await anna.fence()
    # what is done without waiting reaches the bot all at once
    house.sandbox.tap(anna.id, "Show secret", message_id=card.message_id)
    house.sandbox.block(anna.id, refuses_edits=refuses_edits)
    if refuses_edits:
        await house.until_state(anna, HandoutState.DESTROYING)
        assert await house.rows(anna) == []
        house.sandbox.unblock(anna.id)
        await anna.sees(UNCONFIRMED)
        assert anna.find(card.message_id) is None
    else:
        await house.until_state(anna, HandoutState.SHOWN)
        house.sandbox.unblock(anna.id)
        await anna.tap("I saved it", card)
        await anna.sees("is registered")


async def test_a_visible_secret_is_destroyed_although_the_bot_was_blocked(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    house.sandbox.block(anna.id)
    await house.leave_time(anna, SOON)
    await house.until_state(anna, HandoutState.DESTROYED)
    await evidence.check_times(house.sandbox, house.database, anna.id)
    house.sandbox.unblock(anna.id)
    await anna.ask("/devices", "VPS-1")
    await house.devices.authenticate_device(registered.id, registered.secret)


async def test_a_secret_that_a_block_protects_is_destroyed_when_the_bot_is_unblocked(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    house.sandbox.block(anna.id, refuses_edits=True)
    await house.leave_time(anna, SOON)
    await house.until(anna, lambda handout: handout.state == HandoutState.DESTROYING and handout.attempts > 0)
    assert anna.find(registered.card.message_id) is not None
    house.sandbox.unblock(anna.id)
    await anna.misses(registered.secret)
    await house.until_state(anna, HandoutState.DESTROYED)
    await house.devices.authenticate_device(registered.id, registered.secret)
