"""The edit that takes a secret away, and the deletion, while Telegram refuses, hangs and lies: no secret stays."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.handouts import WARN_AFTER
from storage.models import HandoutState
from tests.journeys import evidence
from tests.journeys.together import APPLIED, UNANSWERED, for_each

if TYPE_CHECKING:
    from tests.journeys.conftest import House

SOON = timedelta(seconds=0.5)

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("method", ["editMessageText", "deleteMessage"])
async def test_a_removal_without_an_answer_is_repeated(house: House, method: str) -> None:
    async def remove(fault: str) -> None:
        anna = await house.trader()
        registered = await anna.open_secret("VPS-1")
        await house.until_state(anna, HandoutState.SHOWN)
        kind, options = UNANSWERED[fault]
        house.sandbox.add_fault(method, kind, chat=anna.id, **options)
        await anna.tap("I saved it", registered.card)
        await anna.misses(registered.secret)
        if method == "deleteMessage" and fault in APPLIED:
            # "not found" is believed when it was said twice, five seconds apart
            await house.believe_missing(anna)
        await anna.sees("is registered")
        assert anna.find(registered.card.message_id) is None
        await house.devices.authenticate_device(registered.id, registered.secret)

    await for_each(UNANSWERED, remove)


async def test_a_removal_that_must_wait_is_a_deletion_instead(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    house.sandbox.add_fault("editMessageText", "flood", chat=anna.id, retry_after=30)
    tapped_at = house.sandbox.world.clock.real()
    await anna.tap("I saved it", registered.card)
    await anna.misses(registered.secret)
    assert house.sandbox.world.clock.real() - tapped_at < evidence.LATENESS
    assert anna.find(registered.card.message_id) is None


async def test_a_removal_that_hangs_is_a_deletion_after_a_second(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    house.sandbox.add_fault("editMessageText", "hang", chat=anna.id, text_contains="The secret was here")
    tapped_at = house.sandbox.world.clock.real()
    await anna.tap("I saved it", registered.card)
    await anna.misses(registered.secret)
    assert house.sandbox.world.clock.real() - tapped_at < evidence.LATENESS
    await anna.sees("is registered")


async def test_a_secret_that_may_not_be_deleted_is_at_least_overwritten(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    house.sandbox.add_fault(
        "deleteMessage", "refuse", chat=anna.id, times=None, description="Bad Request: message can't be deleted"
    )
    await anna.tap("I saved it", registered.card)
    await anna.sees("is registered")
    left = anna.find(registered.card.message_id)
    assert left is not None
    assert left.text == "🔒 The secret was here. It has been removed."
    assert left.labels == []


async def test_a_secret_that_can_never_be_removed_is_reported_to_everybody(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    refusals = [
        house.sandbox.add_fault(method, "refuse", chat=anna.id, times=None, description=f"Bad Request: {words}")
        for method, words in (
            ("editMessageText", "message can't be edited"),
            ("deleteMessage", "message can't be deleted"),
        )
    ]
    await anna.tap("I saved it", registered.card)
    told = await anna.sees("I could not remove the message with the secret of")
    assert "I keep trying" not in told.text
    assert not told.silent
    assert str(anna.id) in (await house.olga.sees("I could not remove the message")).text
    for refusal in refusals:
        house.sandbox.remove_faults(refusal)
    house.sandbox.delete_message(anna.id, registered.card.message_id)


async def test_a_warning_comes_when_a_secret_stays_too_long(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    await house.until_state(anna, HandoutState.SHOWN)
    faults = [
        house.sandbox.add_fault(method, "server_error", chat=anna.id, times=None)
        for method in ("editMessageText", "deleteMessage")
    ]
    await anna.tap("I saved it", registered.card)
    await house.until_state(anna, HandoutState.DESTROYING)
    await house.pass_time(anna, HandoutState.DESTROYING, time=WARN_AFTER)
    warning = await anna.sees("I could not remove the message with the secret of")
    assert "Please delete it yourself. I keep trying." in warning.text
    assert not warning.silent
    for fault in faults:
        house.sandbox.remove_faults(fault)
    await house.pass_time(anna, HandoutState.DESTROYING, time=WARN_AFTER)
    await anna.sees("is registered")
    assert anna.times_shown("I could not remove the message") == 1


async def test_a_secret_that_its_reader_deleted_counts_as_removed(house: House) -> None:
    anna = await house.trader()
    registered = await anna.open_secret("VPS-1")
    house.sandbox.delete_message(anna.id, registered.card.message_id)
    await house.leave_time(anna, SOON)
    await house.believe_missing(anna)
    await anna.sees("is registered")
    await house.devices.authenticate_device(registered.id, registered.secret)
