"""Secrets that people send to the bot: known by their tags, and told to those whom they concern."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.admins import Admins
from bot.services.hashing import Tagger, create_secret
from bot.services.inbox import Received
from bot.services.keys import Keyring
from bot.services.notices import NoticeKind
from bot.services.pasted import Findings, PastedSecrets
from tests import rows
from tests.conftest import ADMIN_ID, SERVER_KEY
from tests.services.cards import offer, tap
from tests.services.test_rotations import PARTNER, partner

if TYPE_CHECKING:
    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from bot.services.inbox import InboxService
    from storage.database import Database
    from tests.fakes import FakeClock

__all__ = ["partner"]  # a fixture


@pytest.fixture
def pasted(database: Database, tagger: Tagger, clock: FakeClock) -> PastedSecrets:
    """The service, with one admin."""
    return PastedSecrets(database, tagger, clock, Admins([ADMIN_ID]))


class Sender:
    """Somebody who sends secrets, each time in an update of its own."""

    def __init__(self, pasted: PastedSecrets, inbox: InboxService) -> None:
        self.pasted = pasted
        self.inbox = inbox
        self.count = 0

    async def send(self, sender: Person, text: str, *, source: str = "") -> Findings:
        self.count += 1
        source = source or f"7:{self.count}"
        await self.inbox.receive([Received(source, self.count, sender.telegram_id, {})])
        return await self.pasted.report(sender, self.pasted.identify(text), source=source)


@pytest.fixture
def sender(pasted: PastedSecrets, inbox: InboxService) -> Sender:
    return Sender(pasted, inbox)


async def warned(database: Database) -> list[tuple[str, int]]:
    kinds = {NoticeKind.SECRET_LEAKED, NoticeKind.SECRET_LEAKED_ADMIN}
    return sorted((n.kind, n.telegram_id) for n in await rows.list_notices(database) if n.kind in kinds)


class TestKnowing:
    async def test_what_is_kept_of_a_text_holds_no_secret_and_nothing_of_one(self, pasted: PastedSecrets) -> None:
        secret = create_secret().reveal()
        kept = str(pasted.identify(f"it is {secret}"))
        assert not any(secret[start : start + 8] in kept for start in range(len(secret) - 8))

    async def test_each_secret_of_a_text_is_known_once(self, pasted: PastedSecrets) -> None:
        one, other = create_secret().reveal(), create_secret().reveal()
        assert len(pasted.identify(f"{one}, {other}\n{one}")) == 2
        assert pasted.identify("nothing") == []
        assert len(pasted.identify(" ".join(create_secret().reveal() for _ in range(200)))) == 64

    async def test_a_secret_is_known_that_was_tagged_under_a_retired_key(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock, inbox: InboxService
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        newer = Tagger(Keyring([b"a server key that is newer than it", SERVER_KEY]))
        sender = Sender(PastedSecrets(database, newer, clock, Admins()), inbox)
        assert [found.id for found in (await sender.send(anna, secret)).own] == [device.id]


class TestOnesOwn:
    async def test_a_current_secret_is_its_owners_and_nobody_is_warned(
        self, devices: DeviceService, anna: Person, sender: Sender, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        found = await sender.send(anna, f"/register {secret}")
        assert ([own.id for own in found.own], found.has_others) == ([device.id], False)
        assert await warned(database) == []
        [event] = await rows.list_audit(database, "secret_pasted")
        assert (event.device_id, event.actor) == (device.id, anna.actor)

    async def test_a_previous_secret_counts_as_long_as_it_works(
        self, devices: DeviceService, anna: Person, sender: Sender, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.rotate_secret(device.id, timedelta(hours=1))
        assert [own.id for own in (await sender.send(anna, secret)).own] == [device.id]
        clock.advance(timedelta(hours=1))
        assert (await sender.send(anna, secret)).own == []

    async def test_the_secret_of_a_revoked_device_is_known_too(
        self, devices: DeviceService, anna: Person, sender: Sender
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id)
        [own] = (await sender.send(anna, secret)).own
        assert own.revoked

    async def test_a_secret_that_was_never_confirmed_as_shown_is_nobodys(
        self, handouts: HandoutService, anna: Person, sender: Sender
    ) -> None:
        _, secret = await tap(handouts, anna, await offer(handouts, anna))
        assert (await sender.send(anna, secret)).own == []

    async def test_each_of_several_secrets_is_looked_at(
        self, devices: DeviceService, anna: Person, bob: Person, sender: Sender, database: Database
    ) -> None:
        first, one = await devices.create_device(anna.client_id, "VPS-1")
        second, two = await devices.create_device(anna.client_id, "VPS-2")
        _, his = await devices.create_device(bob.client_id, "VPS-1")
        found = await sender.send(anna, f"{one} {his} {two}")
        assert {own.id for own in found.own} == {first.id, second.id}
        assert found.has_others
        assert (NoticeKind.SECRET_LEAKED, bob.telegram_id) in await warned(database)

    async def test_both_secrets_of_one_device_are_no_others(
        self, devices: DeviceService, anna: Person, sender: Sender
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await devices.rotate_secret(device.id, timedelta(hours=1))
        found = await sender.send(anna, f"{old} {new}")
        assert ([own.id for own in found.own], found.has_others) == ([device.id], False)


@pytest.mark.usefixtures("partner")
class TestSomebodyElses:
    async def test_all_of_the_owners_people_and_the_admins_are_warned_and_the_sender_learns_nothing(
        self, devices: DeviceService, anna: Person, bob: Person, sender: Sender, database: Database
    ) -> None:
        _, secret = await devices.create_device(anna.client_id, "VPS-1")
        found, nobodys = await sender.send(bob, secret), await sender.send(bob, create_secret().reveal())
        assert found == nobodys == Findings([], has_others=True)
        assert await warned(database) == [
            (NoticeKind.SECRET_LEAKED, anna.telegram_id),
            (NoticeKind.SECRET_LEAKED, PARTNER),
            (NoticeKind.SECRET_LEAKED_ADMIN, ADMIN_ID),
        ]
        [told] = await rows.list_notices(database, NoticeKind.SECRET_LEAKED_ADMIN)
        assert (told.details["sender"], told.details["sender_name"]) == (bob.telegram_id, "Bob")
        assert secret not in str([notice.details for notice in await rows.list_notices(database)])

    async def test_they_are_warned_once_a_secret_however_often_it_is_sent(
        self, devices: DeviceService, anna: Person, bob: Person, sender: Sender, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await asyncio.gather(*(sender.send(bob, secret) for _ in range(10)))
        assert len(await warned(database)) == 3
        _, newer = await devices.rotate_secret(device.id)
        await sender.send(bob, newer)
        assert len(await warned(database)) == 6

    async def test_an_update_that_comes_twice_is_written_down_once(
        self, devices: DeviceService, anna: Person, bob: Person, sender: Sender, database: Database
    ) -> None:
        _, secret = await devices.create_device(anna.client_id, "VPS-1")
        for _ in range(2):
            assert (await sender.send(bob, secret, source="7:1")).own == []
        assert len(await rows.list_audit(database, "secret_pasted")) == 1

    async def test_nobody_is_warned_of_a_revoked_device(
        self, devices: DeviceService, anna: Person, bob: Person, sender: Sender, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id)
        assert await sender.send(bob, secret) == Findings([], has_others=True)
        assert await warned(database) == []
