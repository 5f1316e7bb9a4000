"""The card and the edit that puts the secret into it, while Telegram refuses, hangs, lies and drops connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from bot.services.errors import InvalidCredentials
from storage.models import HandoutState
from tests.journeys import evidence
from tests.journeys.people import PATIENCE, SECRET, Costs, button_of, plain, read_id
from tests.journeys.running import SECRET_TTL
from tests.journeys.together import UNANSWERED, for_each

if TYPE_CHECKING:
    from tests.journeys.conftest import House

pytestmark = pytest.mark.asyncio(loop_scope="package")

CONFIRMED_WITHIN = SECRET_TTL / 4
"""Seconds for which a showing that Telegram does not confirm is repeated."""
UNCONFIRMED = "Telegram did not confirm that you could see the secret of"
Scenario = Callable[["House"], Coroutine[Any, Any, None]]


@pytest_asyncio.fixture(scope="module", loop_scope="package", autouse=True)
async def begun(house: House) -> AsyncIterator[dict[Scenario, asyncio.Task[None]]]:
    """What takes its time: it passes while the other tests run."""
    scenarios: list[Scenario] = [_never_confirm, _apply_late, _hold_up]
    begun = {scenario: asyncio.create_task(scenario(house)) for scenario in scenarios}
    yield begun
    for task in begun.values():
        task.cancel()
    await asyncio.gather(*begun.values(), return_exceptions=True)


@pytest.mark.parametrize("asked", [False, True], ids=["name given", "name asked for"])
async def test_a_card_whose_sending_was_not_confirmed_is_sent_again_and_only_the_newest_is_good(
    house: House,
    asked: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    anna = await house.trader()
    if asked:
        await anna.ask("/register", "What shall I call it?")
    house.sandbox.add_fault("sendMessage", "drop_after", chat=anna.id)
    old = await anna.ask("VPS-1" if asked else "/register VPS-1", "is almost ready")
    newest = await anna.sees("is almost ready", after=old.message_id)
    assert read_id(old) == read_id(newest)
    assert (await anna.tap("Show secret", old)).text == "An old copy. Please use the newest card."
    await anna.fence()
    assert (anna.find(old.message_id) or old).labels == []
    await anna.show_secret(newest)


async def test_a_card_that_could_not_be_sent_is_sent_when_telegram_answers_again(house: House) -> None:
    anna = await house.trader()
    house.sandbox.add_fault("sendMessage", "bad_gateway", chat=anna.id)
    await anna.take_card("VPS-1")
    await anna.fence()
    assert anna.times_shown("is almost ready") == 1


async def test_a_showing_without_an_answer_is_repeated_until_it_is_confirmed(house: House) -> None:
    async def show(fault: str) -> None:
        anna = await house.trader()
        card = await anna.take_card("VPS-1")
        kind, options = UNANSWERED[fault]
        house.sandbox.add_fault("editMessageText", kind, chat=anna.id, **options)
        secret = await anna.show_secret(card)
        await house.until_state(anna, HandoutState.SHOWN)
        [look] = evidence.sightings(house.sandbox, secret)
        assert look.message_id == card.message_id
        assert len(evidence.sent_secrets(house.sandbox)[secret]) == 2
        await anna.tap("I saved it", card)
        await anna.sees("is registered")
        await house.devices.authenticate_device(read_id(card), secret)

    await for_each(UNANSWERED, show)


async def test_saving_a_secret_confirms_what_telegram_did_not(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    house.sandbox.add_fault(
        "editMessageText", "server_error", chat=anna.id, times=3, applied=True, text_contains="The secret of"
    )
    secret = await anna.show_secret(card)
    await anna.tap("I saved it", card)
    await anna.sees("is registered")
    await house.devices.authenticate_device(read_id(card), secret)


async def test_a_showing_that_must_wait_a_second_comes_a_second_later(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    house.sandbox.add_fault("editMessageText", "flood", chat=anna.id, retry_after=1)
    await anna.show_secret(card)
    await anna.tap("I saved it", card)
    await anna.sees("is registered")


async def test_a_card_that_was_deleted_before_its_tap_shows_nothing(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    show = button_of(card, "Show secret")
    house.sandbox.delete_message(anna.id, card.message_id)
    await anna.forge(show, card.message_id)
    await house.believe_missing(anna)
    await anna.sees(UNCONFIRMED)
    assert await house.rows(anna) == []


async def test_a_showing_that_is_never_confirmed_is_given_up_after_a_quarter_of_its_time(
    begun: dict[Scenario, asyncio.Task[None]],
) -> None:
    await begun[_never_confirm]


async def test_a_showing_that_must_wait_too_long_is_given_up(
    begun: dict[Scenario, asyncio.Task[None]],
) -> None:
    await begun[_hold_up]


async def test_a_showing_that_is_applied_late_is_taken_away_again(
    begun: dict[Scenario, asyncio.Task[None]],
) -> None:
    await begun[_apply_late]


async def _never_confirm(house: House) -> None:
    anna = await house.trader()
    anna.start_counting()
    card = await anna.take_card("VPS-1")
    hiccup = house.sandbox.add_fault(
        "editMessageText", "server_error", chat=anna.id, times=None, applied=True, text_contains="The secret of"
    )
    secret = await anna.show_secret(card)
    told = await anna.sees(UNCONFIRMED)
    house.sandbox.remove_faults(hiccup)
    assert plain(told.text) == (
        "⚠️ Telegram did not confirm that you could see the secret of VPS-1, so I threw it away. It will never work, "
        "even if you copied it. Nothing was registered."
    )
    [look] = evidence.sightings(house.sandbox, secret)
    assert look.real_until is not None
    assert CONFIRMED_WITHIN - 0.5 < look.real_until - look.real_from < CONFIRMED_WITHIN + evidence.LATENESS
    costs = await anna.count()
    repeats = len(evidence.sent_secrets(house.sandbox)[secret]) - 1
    assert repeats > 0
    assert costs == Costs(sends=2, edits=2 + repeats, tap_answers=1, deletions=1)
    assert await house.rows(anna) == []
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(read_id(card), secret)
    await anna.follow("Try again", "is almost ready", told)


async def _hold_up(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    house.sandbox.add_fault("editMessageText", "flood", chat=anna.id, retry_after=3)
    await anna.tap("Show secret", card)
    await anna.sees(UNCONFIRMED)
    assert anna.find(card.message_id) is None
    assert await house.rows(anna) == []
    assert not [look for look in house.sandbox.history(anna.id) if "The secret of" in look.text]


async def _apply_late(house: House) -> None:
    anna = await house.trader()
    card = await anna.take_card("VPS-1")
    house.sandbox.add_fault("editMessageText", "hang", chat=anna.id)
    house.sandbox.add_fault("deleteMessage", "server_error", chat=anna.id, times=2)
    before = len(house.sandbox.calls)
    await anna.tap("Show secret", card)
    showing = await house.sandbox.wait_for_call("editMessageText", after=before, chat=anna.id, timeout=PATIENCE)
    await anna.becomes(card, "The secret was here. It has been removed.")
    await house.call("editMessageText", showing.parameters)
    await anna.sees(UNCONFIRMED)
    assert anna.looks(card.message_id)[-1] == "🔒 The secret was here. It has been removed."
    [secret] = SECRET.findall(showing.parameters["text"])
    [look] = evidence.sightings(house.sandbox, secret)
    assert look.real_until is not None
    assert look.real_until - look.real_from < evidence.LATENESS
    assert await house.rows(anna) == []
