"""Invites: single use, worth what their maker is worth, and nothing of the link is kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.services.access import AccessService
from bot.services.admins import Admins, AdminService
from bot.services.clients import ClientService, Person, Profile
from bot.services.errors import (
    ClientSuspended,
    InvalidToken,
    InviteClosed,
    InviteFault,
    InviteRefused,
    LastOfClient,
    NotAnAdmin,
    RegistryError,
)
from bot.services.inbox import InboxService, Received
from bot.services.invites import FORMAT, InviteKind, InviteService, hash_token
from bot.services.keys import Keyring
from storage.models import Base, ChatUser, Client, HandoutState
from tests import rows
from tests.conftest import ADMIN_ID, INVITE_TTL, SERVER_KEY
from tests.services.cards import CARD, offer, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from storage.database import Database
    from tests.fakes import FakeClock

EVE = Profile(505, "Eve", "eve_fx")


async def make(invites: InviteService, maker: Person, kind: InviteKind, source: str = "tap") -> bytes:
    """Make an invite; return the hash of what its link carries."""
    token, _ = await invites.create_invite(maker, kind, source=f"{source}:{kind}:{maker.telegram_id}")
    return hash_token(token)


async def refusal(invites: InviteService, profile: Profile, token_hash: bytes) -> InviteFault:
    """Return why somebody is not let in."""
    with pytest.raises(InviteRefused) as refused:
        await invites.accept(profile, token_hash)
    return refused.value.fault


async def snapshot(database: Database) -> dict[str, list[str]]:
    async with database.read() as session:
        return {
            table.name: sorted(map(str, await session.execute(text(f"SELECT * FROM {table.name}"))))  # noqa: S608
            for table in Base.metadata.sorted_tables
        }


def profile_of(person: Person) -> Profile:
    return Profile(person.telegram_id, person.first_name, person.username)


class TestMaking:
    @pytest.mark.parametrize("kind", InviteKind)
    async def test_an_admin_makes_all_kinds(
        self, invites: InviteService, olga: Person, database: Database, clock: FakeClock, kind: InviteKind
    ) -> None:
        token, invite = await invites.create_invite(olga, kind, source="tap")
        assert FORMAT.fullmatch(token)
        assert len(token) <= 64
        assert invite.expires_at == clock.now() + INVITE_TTL
        [kept] = await rows.list_invites(database)
        assert (kept.kind, kept.made_by, kept.token_hash) == (kind, ADMIN_ID, hash_token(token))
        assert kept.client_id == (olga.client_id if kind is InviteKind.JOIN else None)
        [event] = await rows.list_audit(database, "invite_created")
        assert (event.actor, event.details["kind"]) == (olga.actor, kind)

    async def test_a_trader_shares_their_own_devices_and_gives_nothing_else(
        self, invites: InviteService, anna: Person, database: Database
    ) -> None:
        await invites.create_invite(anna, InviteKind.JOIN, source="tap")
        for kind in (InviteKind.CLIENT, InviteKind.ADMIN):
            with pytest.raises(NotAnAdmin):
                await invites.create_invite(anna, kind, source="another")
        assert len(await rows.list_invites(database)) == 1

    async def test_who_is_suspended_makes_none(self, invites: InviteService, anna: Person, database: Database) -> None:
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await invites.create_invite(anna, InviteKind.JOIN, source="tap")

    async def test_what_the_link_carries_is_kept_nowhere(
        self, invites: InviteService, olga: Person, database: Database
    ) -> None:
        token, _ = await invites.create_invite(olga, InviteKind.CLIENT, source="tap")
        await invites.accept(EVE, hash_token(token))
        assert token not in str(await snapshot(database))
        assert token[4:] not in str(await snapshot(database))

    async def test_two_invites_have_nothing_in_common(self, invites: InviteService, olga: Person) -> None:
        tokens = {(await invites.create_invite(olga, InviteKind.JOIN, source=f"{n}"))[0] for n in range(20)}
        assert len({token[4:12] for token in tokens}) == 20

    async def test_the_same_tap_makes_one_invite_and_the_link_that_was_shown_last_is_good(
        self, invites: InviteService, olga: Person, database: Database
    ) -> None:
        first, _ = await invites.create_invite(olga, InviteKind.CLIENT, source="tap")
        second, _ = await invites.create_invite(olga, InviteKind.CLIENT, source="tap")
        assert len(await rows.list_invites(database)) == 1
        assert await refusal(invites, EVE, hash_token(first)) == InviteFault.UNKNOWN
        await invites.accept(EVE, hash_token(second))
        with pytest.raises(InviteClosed):
            await invites.create_invite(olga, InviteKind.CLIENT, source="tap")


class TestOpening:
    async def test_a_new_client_gets_in(
        self, invites: InviteService, clients: ClientService, olga: Person, database: Database
    ) -> None:
        joined = await invites.accept(EVE, await make(invites, olga, InviteKind.CLIENT))
        assert (joined.person.client_id != olga.client_id, joined.person.is_admin) == (True, False)
        assert (await clients.enter(EVE)).client_id == joined.person.client_id
        [invite] = await rows.list_invites(database)
        assert invite.used_by == EVE.telegram_id
        [told] = await rows.list_notices(database, "invite_used")
        assert (told.telegram_id, told.details["name"]) == (ADMIN_ID, "Eve")
        [event] = await rows.list_audit(database, "invite_used")
        assert (event.actor, event.client_id) == ("chat:505", joined.person.client_id)

    async def test_a_second_chat_user_sees_the_devices(
        self, invites: InviteService, devices: DeviceService, anna: Person
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        joined = await invites.accept(EVE, await make(invites, anna, InviteKind.JOIN))
        assert (joined.person.client_id, joined.device_count) == (anna.client_id, 1)

    async def test_an_admin_by_invite_has_a_client_of_their_own(
        self, invites: InviteService, clients: ClientService, olga: Person
    ) -> None:
        joined = await invites.accept(EVE, await make(invites, olga, InviteKind.ADMIN))
        assert joined.person.is_admin
        assert joined.person.client_id != olga.client_id
        assert (await clients.enter(EVE)).is_admin

    async def test_a_known_person_becomes_an_admin_and_keeps_their_client(
        self, invites: InviteService, devices: DeviceService, olga: Person, anna: Person
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        joined = await invites.accept(profile_of(anna), await make(invites, olga, InviteKind.ADMIN))
        assert (joined.person.client_id, joined.person.is_admin) == (anna.client_id, True)

    async def test_who_has_no_devices_moves_and_their_empty_client_is_gone(
        self, invites: InviteService, clients: ClientService, anna: Person, bob: Person, database: Database
    ) -> None:
        joined = await invites.accept(profile_of(bob), await make(invites, anna, InviteKind.JOIN))
        assert joined.person.client_id == anna.client_id
        async with database.read() as session:
            assert await session.get(Client, bob.client_id) is None
        assert {user.telegram_id for user in await clients.list_chat_users(anna.client_id)} == {101, 202}
        assert await rows.list_audit(database, "client_left")

    async def test_a_client_that_somebody_is_left_in_stays(
        self, invites: InviteService, clients: ClientService, anna: Person, bob: Person
    ) -> None:
        await invites.accept(EVE, await make(invites, bob, InviteKind.JOIN))
        await invites.accept(EVE, await make(invites, anna, InviteKind.JOIN))
        assert [user.telegram_id for user in await clients.list_chat_users(bob.client_id)] == [bob.telegram_id]

    async def test_a_revoked_device_holds_nobody(
        self, invites: InviteService, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, _ = await devices.create_device(bob.client_id, "VPS-1")
        token_hash = await make(invites, anna, InviteKind.JOIN)
        assert await refusal(invites, profile_of(bob), token_hash) == InviteFault.HAS_DEVICES
        await devices.revoke_device(device.id)
        assert (await invites.accept(profile_of(bob), token_hash)).person.client_id == anna.client_id


class TestFaults:
    """Each changes nothing at all, and the invite stays as good as it was."""

    async def test_an_invite_is_used_once(self, invites: InviteService, olga: Person, database: Database) -> None:
        token_hash = await make(invites, olga, InviteKind.CLIENT)
        await invites.accept(EVE, token_hash)
        before = await snapshot(database)
        assert await refusal(invites, Profile(606, "Fay"), token_hash) == InviteFault.USED
        assert await refusal(invites, EVE, token_hash) == InviteFault.USED
        assert await snapshot(database) == before

    async def test_an_expired_invite_lets_nobody_in(
        self, invites: InviteService, olga: Person, database: Database, clock: FakeClock
    ) -> None:
        token_hash = await make(invites, olga, InviteKind.CLIENT)
        before = await snapshot(database)
        clock.advance(INVITE_TTL)
        assert await refusal(invites, EVE, token_hash) == InviteFault.EXPIRED
        assert await snapshot(database) == before

    @pytest.mark.parametrize("kind", InviteKind)
    async def test_nobody_uses_their_own(
        self, invites: InviteService, olga: Person, database: Database, kind: InviteKind
    ) -> None:
        token_hash = await make(invites, olga, kind)
        before = await snapshot(database)
        assert await refusal(invites, profile_of(olga), token_hash) == InviteFault.OWN
        assert await snapshot(database) == before
        await invites.accept(EVE, token_hash)

    async def test_what_nobody_made_lets_nobody_in(self, invites: InviteService, database: Database) -> None:
        assert await refusal(invites, EVE, hash_token("inv_" + "x" * 32)) == InviteFault.UNKNOWN
        assert await rows.count(database, ChatUser) == 0

    async def test_who_has_devices_gives_them_up_first(
        self, invites: InviteService, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        await devices.create_device(bob.client_id, "VPS-1")
        token_hash = await make(invites, anna, InviteKind.JOIN)
        before = await snapshot(database)
        assert await refusal(invites, profile_of(bob), token_hash) == InviteFault.HAS_DEVICES
        assert await snapshot(database) == before
        await invites.accept(EVE, token_hash)

    async def test_who_is_in_already_uses_up_nothing(
        self, invites: InviteService, olga: Person, anna: Person, bob: Person, database: Database
    ) -> None:
        new, join, admin = [await make(invites, olga, kind) for kind in InviteKind]
        shared = await make(invites, anna, InviteKind.JOIN)
        await invites.accept(EVE, shared)
        await rows.set_role(database, bob.telegram_id, "admin")
        again = await make(invites, anna, InviteKind.JOIN, "again")
        assert await refusal(invites, profile_of(bob), new) == InviteFault.ALREADY_IN
        assert await refusal(invites, profile_of(bob), admin) == InviteFault.ALREADY_ADMIN
        assert await refusal(invites, EVE, again) == InviteFault.SAME_CLIENT
        assert [invite.used_by for invite in await rows.list_invites(database)].count(None) == 4
        assert join

    async def test_who_is_suspended_joins_nobody(
        self, invites: InviteService, anna: Person, bob: Person, database: Database
    ) -> None:
        token_hash = await make(invites, anna, InviteKind.JOIN)
        await rows.suspend(database, bob.client_id)
        with pytest.raises(ClientSuspended):
            await invites.accept(profile_of(bob), token_hash)
        await invites.accept(EVE, token_hash)

    @pytest.mark.parametrize("kind", InviteKind)
    async def test_an_invite_of_somebody_suspended_waits_until_they_are_back(
        self, invites: InviteService, olga: Person, database: Database, kind: InviteKind
    ) -> None:
        token_hash = await make(invites, olga, kind)
        await rows.suspend(database, olga.client_id)
        assert await refusal(invites, EVE, token_hash) == InviteFault.PAUSED
        await rows.suspend(database, olga.client_id, "active")
        await invites.accept(EVE, token_hash)

    @pytest.mark.parametrize("kind", [InviteKind.CLIENT, InviteKind.ADMIN])
    async def test_who_is_no_admin_any_more_lets_nobody_in(
        self, invites: InviteService, admins: AdminService, clients: ClientService, olga: Person, kind: InviteKind
    ) -> None:
        await clients.enter(Profile(101, "Anna"))
        await admins.name_admin(olga, 101)
        token_hash = await make(invites, await clients.enter(Profile(101, "Anna")), kind)
        await admins.remove_admin(olga, 101)
        assert await refusal(invites, EVE, token_hash) == InviteFault.VOID

    async def test_who_has_left_a_client_lets_nobody_into_it(
        self, invites: InviteService, clients: ClientService, anna: Person, bob: Person
    ) -> None:
        await invites.accept(EVE, await make(invites, anna, InviteKind.JOIN))
        token_hash = await make(invites, await clients.enter(EVE), InviteKind.JOIN)
        await invites.accept(EVE, await make(invites, bob, InviteKind.JOIN))
        assert await refusal(invites, Profile(606, "Fay"), token_hash) == InviteFault.VOID

    async def test_an_invite_into_a_client_that_is_gone_is_gone_with_it(
        self, invites: InviteService, clients: ClientService, anna: Person
    ) -> None:
        token_hash = await make(invites, anna, InviteKind.JOIN)
        await clients.delete_client(anna.client_id, actor="chat:9")
        assert await refusal(invites, EVE, token_hash) == InviteFault.UNKNOWN


class TestTakingBack:
    async def test_a_maker_takes_theirs_back(self, invites: InviteService, anna: Person, database: Database) -> None:
        token, invite = await invites.create_invite(anna, InviteKind.JOIN, source="tap")
        assert await invites.count_open(anna) == 1
        await invites.withdraw(anna, invite.id)
        assert await invites.count_open(anna) == 0
        assert await refusal(invites, EVE, hash_token(token)) == InviteFault.WITHDRAWN
        with pytest.raises(InviteClosed):
            await invites.withdraw(anna, invite.id)
        assert len(await rows.list_audit(database, "invite_withdrawn")) == 1

    async def test_nobody_takes_back_what_somebody_else_made(
        self, invites: InviteService, anna: Person, olga: Person
    ) -> None:
        token, invite = await invites.create_invite(anna, InviteKind.JOIN, source="tap")
        with pytest.raises(InviteClosed) as closed:
            await invites.withdraw(olga, invite.id)
        assert closed.value.invite is None
        await invites.accept(EVE, hash_token(token))

    async def test_all_open_ones_are_taken_back_at_once(
        self, invites: InviteService, anna: Person, bob: Person
    ) -> None:
        hashes = [await make(invites, anna, InviteKind.JOIN, f"{number}") for number in range(3)]
        theirs = await make(invites, bob, InviteKind.JOIN)
        await invites.accept(EVE, hashes[0])
        assert await invites.withdraw_all(anna) == 2
        assert await invites.withdraw_all(anna) == 0
        assert await refusal(invites, Profile(606, "Fay"), hashes[1]) == InviteFault.WITHDRAWN
        await invites.accept(Profile(606, "Fay"), theirs)


class TestLeaving:
    async def test_what_a_person_who_leaves_asked_for_never_comes_live(
        self,
        invites: InviteService,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        bob: Person,
        database: Database,
    ) -> None:
        card = await offer(handouts, bob)
        armed = await handouts.arm(bob, card.id, CARD)
        waiting = await offer(handouts, bob, "VPS-2", message_id=CARD + 1)
        theirs = await offer(handouts, anna, "VPS-3")
        await invites.accept(profile_of(bob), await make(invites, anna, InviteKind.JOIN))
        assert (await rows.read_handout(database, card.id)).state == HandoutState.DESTROYING
        assert (await rows.read_handout(database, waiting.id)).state == HandoutState.CANCELLED
        assert (await rows.read_handout(database, theirs.id)).state == HandoutState.OFFERED
        assert await handouts.confirm_shown(card.id) is None
        assert await rows.read_device(database, armed[0].device_id) is None
        assert await devices.list_devices(anna.client_id) == []

    async def test_the_others_of_the_client_go_on(
        self, invites: InviteService, handouts: HandoutService, anna: Person, bob: Person, database: Database
    ) -> None:
        eve = (await invites.accept(EVE, await make(invites, bob, InviteKind.JOIN))).person
        hers, his = await offer(handouts, eve, "VPS-1"), await offer(handouts, bob, "VPS-2")
        await invites.accept(EVE, await make(invites, anna, InviteKind.JOIN))
        assert (await rows.read_handout(database, hers.id)).state == HandoutState.CANCELLED
        assert (await rows.read_handout(database, his.id)).state == HandoutState.OFFERED

    async def test_an_api_token_dies_when_its_holder_leaves_and_stays_dead_when_they_come_back(
        self,
        invites: InviteService,
        handouts: HandoutService,
        anna: Person,
        bob: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        access = AccessService(database, Keyring([SERVER_KEY]), clock)
        await invites.accept(EVE, await make(invites, bob, InviteKind.JOIN))
        eve = await ClientService(database, clock, admins=Admins()).enter(EVE)
        card = await handouts.offer_token(eve, source="token")
        placed = await handouts.place(card.id, CARD)
        assert placed is not None
        _, token = await show(handouts, eve, placed)
        assert (await access.check(token)).client_id == bob.client_id
        clock.advance(timedelta(seconds=1))
        for maker in (anna, bob):
            await invites.accept(EVE, await make(invites, maker, InviteKind.JOIN, f"again {maker.first_name}"))
            with pytest.raises(InvalidToken):
                await access.check(token)

    async def test_who_shares_devices_leaves_them_to_the_others_first(
        self, invites: InviteService, clients: ClientService, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, _ = await devices.create_device(bob.client_id, "VPS-1")
        eve = (await invites.accept(EVE, await make(invites, bob, InviteKind.JOIN))).person
        token_hash = await make(invites, anna, InviteKind.JOIN)
        assert await refusal(invites, EVE, token_hash) == InviteFault.SHARES_DEVICES
        await invites.leave(eve)
        alone = await clients.enter(EVE)
        assert alone.client_id not in {bob.client_id, anna.client_id}
        assert not (await devices.get_device(device.id, owner=bob.client_id)).revoked
        assert (await invites.accept(EVE, token_hash)).person.client_id == anna.client_id

    async def test_the_last_one_leaves_nobody_s_devices(
        self, invites: InviteService, clients: ClientService, bob: Person
    ) -> None:
        with pytest.raises(LastOfClient):
            await invites.leave(bob)
        assert (await clients.enter(profile_of(bob))).client_id == bob.client_id

    async def test_of_all_who_leave_at_once_one_stays(
        self, invites: InviteService, clients: ClientService, bob: Person
    ) -> None:
        eve = (await invites.accept(EVE, await make(invites, bob, InviteKind.JOIN))).person
        await asyncio.gather(
            *(invites.leave(person) for person in (bob, eve) for _ in range(5)), return_exceptions=True
        )
        assert len(await clients.list_chat_users(bob.client_id)) == 1


class TestAtOnce:
    async def test_of_many_who_open_one_link_one_gets_in(
        self,
        invites: InviteService,
        olga: Person,
        database: Database,
        database_url: str,
        open_database: Callable[[str], Database],
        clock: FakeClock,
    ) -> None:
        token_hash = await make(invites, olga, InviteKind.CLIENT)
        beside = InviteService(open_database(database_url), clock, Admins([ADMIN_ID]), ttl=INVITE_TTL)

        async def open_it(number: int) -> bool:
            service = (invites, beside)[number % 2]
            try:
                await service.accept(Profile(6000 + number, "Fay"), token_hash)
            except RegistryError:
                return False
            return True

        assert sum(await asyncio.gather(*(open_it(number) for number in range(20)))) == 1
        assert await rows.count(database, ChatUser) == 2
        assert len(await rows.list_notices(database, "invite_used")) == 1

    async def test_of_taking_back_and_opening_at_once_one_happens(self, invites: InviteService, olga: Person) -> None:
        for number in range(5):
            token, invite = await invites.create_invite(olga, InviteKind.CLIENT, source=f"{number}")
            results = await asyncio.gather(
                invites.withdraw(olga, invite.id),
                invites.accept(Profile(7000 + number, "Fay"), hash_token(token)),
                return_exceptions=True,
            )
            assert sum(isinstance(result, RegistryError) for result in results) == 1

    async def test_two_who_join_each_other_at_once_do_not_wait_for_ever(
        self, invites: InviteService, anna: Person, bob: Person, database: Database
    ) -> None:
        hers, his = await make(invites, anna, InviteKind.JOIN), await make(invites, bob, InviteKind.JOIN)
        async with asyncio.timeout(10):
            results = await asyncio.gather(
                invites.accept(profile_of(anna), his),
                invites.accept(profile_of(bob), hers),
                return_exceptions=True,
            )
        assert sum(not isinstance(result, Exception) for result in results) == 1
        assert await rows.count(database, Client) == 1

    async def test_a_newcomer_who_comes_twice_at_once_is_one_person(
        self, invites: InviteService, clients: ClientService, anna: Person, database: Database
    ) -> None:
        token_hash = await make(invites, anna, InviteKind.JOIN)
        await asyncio.gather(invites.accept(EVE, token_hash), clients.enter(EVE))
        assert (await clients.enter(EVE)).client_id == anna.client_id
        assert await rows.count(database, Client) == 1


async def test_a_redelivered_opening_has_the_effect_of_one(
    invites: InviteService, inbox: InboxService, anna: Person, database: Database
) -> None:
    await inbox.receive([Received("the message", 1, EVE.telegram_id, {})])
    token_hash = await make(invites, anna, InviteKind.JOIN)
    first = await invites.accept(EVE, token_hash, source="the message")
    before = await snapshot(database)
    again = await invites.accept(EVE, token_hash, source="the message")
    assert again.person.client_id == first.person.client_id
    assert await snapshot(database) == before


async def test_an_opening_that_was_refused_may_be_handled_again(
    invites: InviteService,
    inbox: InboxService,
    devices: DeviceService,
    anna: Person,
    bob: Person,
) -> None:
    await inbox.receive([Received("the message", 1, bob.telegram_id, {})])
    device, _ = await devices.create_device(bob.client_id, "VPS-1")
    token_hash = await make(invites, anna, InviteKind.JOIN)
    with pytest.raises(InviteRefused):
        await invites.accept(profile_of(bob), token_hash, source="the message")
    await devices.revoke_device(device.id)
    joined = await invites.accept(profile_of(bob), token_hash, source="the message")
    assert joined.person.client_id == anna.client_id
