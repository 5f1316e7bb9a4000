"""Who may use the bot: links, an admin's approval, and strangers without either."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.conftest import SQLITE
from tests.journeys import evidence
from tests.journeys.conftest import fresh_database, running_house
from tests.journeys.people import Costs, button_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.journeys.conftest import House
    from tests.journeys.people import Trader

    Builder = Callable[[str], AbstractAsyncContextManager[House]]

pytestmark = pytest.mark.asyncio(loop_scope="package")

LINK = re.compile(r"\?start=(inv_[A-Za-z0-9_-]{32})")


@pytest_asyncio.fixture(loop_scope="package")
async def build(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """A way to run a bot of one's own with an ACCESS of one's own."""
    folder = tmp_path_factory.mktemp("access")

    @asynccontextmanager
    async def build(access: str) -> AsyncIterator[House]:
        with fresh_database(SQLITE, folder, request) as url:
            async with running_house(url, folder, ACCESS=access, CONTACT="@desk_support") as house:
                yield house

    return build


async def make_link(maker: Trader, kind: str) -> str:
    """Make an invite and return what its link carries."""
    question = await maker.ask("/invite", "What shall the invite give?")
    shown = await maker.follow(kind, "Here is the invite.", question)
    found = LINK.search(shown.text)
    assert found, shown.text
    return found[1]


async def check_kept_nowhere(house: House, token: str) -> None:
    """Check that neither the database's files nor the log have in them what a link carries."""
    assert token.encode() not in await evidence._read_all(house.database)
    assert token[4:].encode() not in await evidence._read_all(house.database)
    assert token not in house.bot.log


async def test_a_second_chat_user_sees_the_devices_and_gets_secrets_of_their_own(house: House) -> None:
    anna = await house.trader(devices=1)
    token = await make_link(anna, "Join my client")
    ben = house.newcomer("Ben")
    await ben.ask(f"/start {token}", "You share the devices of whoever invited you: 1 device.")
    await anna.sees("Ben (", timeout=15)
    assert "shares your devices now" in anna.screen()[-1]
    devices = await ben.ask("/devices", "Your devices")
    assert "D-1" in devices.text
    await ben.register("VPS-2")
    assert "VPS-2" in (await anna.ask("/devices", "Your devices")).text
    assert anna.times_shown("The secret of") == 0
    await ben.ask(f"/start {token}", "This invite was used already")
    await (house.newcomer("Carl")).ask(f"/start {token}", "This invite was used already")
    await check_kept_nowhere(house, token)


async def test_who_has_devices_gives_them_up_before_joining_somebody_else(house: House) -> None:
    anna, bob = await house.trader(), await house.trader("Bob", devices=1)
    token = await make_link(anna, "Join my client")
    refused = await bob.ask(f"/start {token}", "Give yours up first")
    devices = await bob.follow("My devices", "Your devices", refused)
    card = await bob.follow("D-1", "Device ID", devices)
    await bob.follow("Yes, revoke", "is revoked since", await bob.follow("Revoke", "It stops working at once", card))
    await bob.ask(f"/start {token}", "You are in.")
    await house.bot.restart()
    await bob.ask("/devices", "You have no devices yet.")


async def test_an_admin_is_named_and_removed_and_every_next_word_is_judged_anew(house: House) -> None:
    anna = await house.trader()
    question = await house.olga.ask(f"/admins {anna.id}", "They may then do all that you may")
    await house.olga.follow("Yes, name", "is an admin now", question)
    await anna.sees("made you an admin")
    listed = await anna.ask("/admins", "by the settings, always")
    again = await house.olga.ask("/admins", "by the settings, always")
    sure = await house.olga.follow(f"Remove {anna.name}", "be an admin no more?", again)
    await house.olga.follow("Yes, remove", "is an admin no more", sure)
    pressed = await anna.tap("Notices", listed)
    assert (pressed.text, pressed.show_alert) == ("You can no longer do that.", True)
    await anna.ask("/admins", "I do not know that command")


async def test_a_newcomer_waits_and_the_first_of_two_admins_lets_them_in(build: Builder) -> None:
    async with build("approval") as house:
        boss = await second_admin(house)
        eve = house.newcomer("Eve")
        for admin in (house.olga, boss):
            admin.start_counting()
        eve.start_counting()
        await eve.ask("/start", "An admin has to let you in.")
        asked = {admin.id: await admin.sees("Somebody asks for access") for admin in (house.olga, boss)}
        await eve.ask("/register VPS-1", "Still waiting")
        # what both have on their screens, before either taps
        late = button_of(asked[boss.id], "Refuse")
        await house.olga.tap("Approve", asked[house.olga.id])
        for admin in (house.olga, boss):
            await admin.becomes(asked[admin.id], "was approved by Olga")
        pressed = await boss.forge(late, asked[boss.id].message_id)
        assert pressed.text == "Olga was faster: approved."
        await eve.sees("You are in.")
        await eve.register("VPS-1")
        assert await house.olga.count() == Costs(sends=1, edits=1, tap_answers=1, deletions=0)
        assert [admin.times_shown("Somebody asks for access") for admin in (house.olga, boss)] == [1, 1]


async def test_who_was_refused_reads_it_again_and_may_be_let_in_after_all(build: Builder) -> None:
    async with build("approval") as house:
        eve = house.newcomer("Eve")
        await eve.ask("/start", "An admin has to let you in.")
        asked = await house.olga.sees("Somebody asks for access")
        await house.olga.tap("Refuse", asked)
        await eve.sees("Your request was not accepted. Questions? Write to @desk_support.")
        await eve.ask("/start", "Your request was not accepted.")
        decided = await house.olga.becomes(asked, "was refused by Olga")
        await house.olga.tap("Approve after all", decided)
        await eve.sees("You are in.")
        await eve.ask("/start", "Here you register")
        assert house.olga.times_shown("Somebody asks for access") == 1


async def test_without_an_invite_a_stranger_is_sent_away_and_with_one_let_in(build: Builder) -> None:
    async with build("invite") as house:
        eve = house.newcomer("Eve")
        await eve.ask("/start", "I let in only those who have an invite. Questions? Write to @desk_support.")
        await eve.ask("/register VPS-1", "I let in only those who have an invite.")
        token = await make_link(house.olga, "New client")
        await eve.ask(f"/start {token}", "You are in.")
        await house.olga.sees("opened your invite, and is in.")
        await eve.register("VPS-1")
        await check_kept_nowhere(house, token)


async def second_admin(house: House) -> Trader:
    """Let somebody in by an admin's invite."""
    boss = house.newcomer("Boss")
    await boss.ask(f"/start {await make_link(house.olga, 'Admin')}", "You are an admin now.")
    await house.olga.sees("and is an admin now")
    return boss
