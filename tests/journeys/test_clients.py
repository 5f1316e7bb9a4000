"""What admins do with whole clients, by the real bot: it is in force at once, and its people are told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.services.clients import Profile
from bot.services.errors import ClientSuspended, DeviceRevoked, InvalidCredentials
from storage.models import HandoutState
from tests.journeys.people import plain

if TYPE_CHECKING:
    from bot.sandbox import Bubble
    from tests.journeys.conftest import House
    from tests.journeys.people import Trader

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def open_card(house: House, trader: Trader) -> Bubble:
    """Let Olga open a trader's card."""
    return await house.olga.ask(f"/client {trader.id}", "Client ID")


async def test_a_suspended_client_s_device_is_refused_at_once_and_let_in_again_after_that(house: House) -> None:
    anna = await house.trader("Suspended")
    registered = await anna.register("VPS-1")
    await house.devices.authenticate_device(registered.id, registered.secret)
    card = await open_card(house, anna)
    why = await house.olga.follow("Pause", "Pause this client?", card)
    sure = await house.olga.follow("Secret leaked", "Its people will read: Secret leaked", why)
    done = await house.olga.follow("Yes, pause", "is paused since", sure)
    with pytest.raises(ClientSuspended):
        await house.devices.authenticate_device(registered.id, registered.secret)
    assert "Reason: Secret leaked" in (await anna.sees("An admin paused your access")).text
    await anna.ask("/token", "Your access is paused")
    card = await house.olga.follow("Open client", "Paused", done)
    await house.olga.follow("Resume", "goes on since", card)
    await anna.sees("An admin resumed your access")
    assert (await house.devices.authenticate_device(registered.id, registered.secret)).id == registered.id


async def test_a_secret_on_the_screen_goes_when_its_reader_is_suspended(house: House) -> None:
    anna = await house.trader("Reader")
    registered = await anna.open_secret("VPS-1")
    await house.until_state(anna, HandoutState.SHOWN)
    client_id = (await house.clients.enter(Profile(anna.id, anna.name))).client_id
    await house.olga.ask(f"/suspend {client_id} at once", "is paused since")
    await anna.misses(registered.secret)
    await house.olga.ask(f"/resume {client_id}", "goes on since")


async def test_all_devices_of_a_client_are_revoked_and_its_people_told_once(house: House) -> None:
    anna = await house.trader("Many", devices=3)
    card = await open_card(house, anna)
    why = await house.olga.follow("Revoke all", "Its 3 devices stop working at once", card)
    sure = await house.olga.follow("Lost or stolen", "Its people will read: Lost or stolen", why)
    await house.olga.follow("Yes, revoke", "3 devices of Many are revoked since", sure)
    assert "Reason: Lost or stolen" in (await anna.sees("revoked all of your 3 devices")).text
    assert [device.revoked for device in await house.owned(anna)] == [True] * 3
    assert anna.times_shown("revoked") == 1


async def test_a_client_is_forgotten_by_its_typed_name(house: House) -> None:
    name = "Forget & <b>me"
    anna = await house.trader(name)
    registered = await anna.register("VPS-1")
    question = await house.olga.follow("Forget", "To confirm, send me", await open_card(house, anna))
    await house.olga.ask("Forget me", "nothing was forgotten")
    await house.olga.ask(name, "is forgotten")
    await anna.sees("An admin removed you from this registry")
    with pytest.raises(InvalidCredentials):
        await house.devices.authenticate_device(registered.id, registered.secret)
    await house.olga.fence()
    assert house.olga.find(question.message_id) is None, "an answered question goes"
    await anna.ask("/start", "Welcome")
    assert await house.owned(anna) == []


async def test_a_client_is_found_by_the_beginnings_of_everything(house: House) -> None:
    anna = await house.trader("Zbigniew")
    await anna.register("Żyrardów")
    for term in ("zbig", "ŻYRAR", str(anna.id)):
        found = await house.olga.ask(f"/clients {term}", "Found for")
        assert "Zbigniew" in plain(found.text)
    asked = await house.olga.follow("Search", "Send me the beginning", found)
    await house.olga.ask("no such thing", "Nothing begins with")
    await house.olga.fence()
    assert house.olga.find(asked.message_id) is None
    audit = await house.olga.ask(f"/audit {anna.id}", "Audit of the client")
    assert re.search(r"Zbigniew registered Żyrardów \([0-9a-f]{8}\)", audit.text)
    figures = await house.olga.ask("/stats", "Figures")
    assert re.search(r"[1-9]\d* secrets? (?:was|were) shown", figures.text)


async def test_a_device_is_revoked_from_its_client_s_card(house: House) -> None:
    anna = await house.trader("Cardholder")
    registered = await anna.register("VPS-1")
    devices = await house.olga.follow("Devices (1)", "Devices of", await open_card(house, anna))
    device = await house.olga.follow("VPS-1", str(registered.id), devices)
    why = await house.olga.follow("Revoke", "Why? The owner will read it.", device)
    sure = await house.olga.follow("No longer needed", "The owner will read", why)
    done = await house.olga.follow("Yes, revoke", "is revoked since", sure)
    with pytest.raises(DeviceRevoked):
        await house.devices.authenticate_device(registered.id, registered.secret)
    await house.olga.follow("Open client", "1 revoked", done)
