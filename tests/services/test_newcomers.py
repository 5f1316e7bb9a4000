"""Who gets in under each setting, and what admins decide about those who wait."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.admins import Admins
from bot.services.clients import Access, ClientService, Person, Profile
from bot.services.errors import (
    AccessRefused,
    AlreadyDecided,
    InvitationNeeded,
    NewcomerNotFound,
    NotAnAdmin,
    NotLetIn,
    RegistryError,
    StillWaiting,
)
from bot.services.inbox import InboxService, Received
from bot.services.invites import InviteKind, InviteService, hash_token
from storage.models import ChatUser, Client
from tests import rows
from tests.conftest import ADMIN_ID

if TYPE_CHECKING:
    from bot.services.newcomers import NewcomerService
    from bot.services.notices import NoticeService
    from storage.database import Database
    from tests.fakes import FakeClock

EVE = Profile(505, "Eve", "eve_fx")


@pytest.fixture
def on_approval(database: Database, clock: FakeClock) -> ClientService:
    """The client service where an admin has to let people in."""
    return ClientService(database, clock, admins=Admins([ADMIN_ID]), access=Access.APPROVAL)


@pytest.fixture
def by_invite(database: Database, clock: FakeClock) -> ClientService:
    """The client service where people need an invite."""
    return ClientService(database, clock, admins=Admins([ADMIN_ID]), access=Access.INVITE)


async def wait(on_approval: ClientService, profile: Profile = EVE) -> StillWaiting:
    """Let somebody ask for access."""
    with pytest.raises(StillWaiting) as waiting:
        await on_approval.enter(profile)
    return waiting.value


class TestGettingIn:
    async def test_without_an_invite_nobody_gets_in_by_invite(
        self, by_invite: ClientService, database: Database
    ) -> None:
        for _ in range(2):
            with pytest.raises(InvitationNeeded):
                await by_invite.enter(EVE)
        assert await rows.count(database, ChatUser) == 0
        assert await rows.list_notices(database) == []

    async def test_on_approval_the_admins_are_asked_once(
        self, on_approval: ClientService, olga: Person, bob: Person, database: Database, clock: FakeClock
    ) -> None:
        await rows.set_role(database, bob.telegram_id, "admin")
        first = await wait(on_approval)
        asked_at = clock.now()
        clock.advance(timedelta(minutes=5))
        again = await wait(on_approval)
        assert (first.is_new, again.is_new, again.asked_at) == (True, False, asked_at)
        asked = await rows.list_notices(database, "newcomer_waiting")
        assert [notice.telegram_id for notice in asked] == [olga.telegram_id, bob.telegram_id]
        eve = await rows.read_user(database, EVE.telegram_id)
        assert (eve.status, eve.client_id) == ("waiting", None)
        assert len(await rows.list_audit(database, "access_asked")) == 1

    async def test_many_messages_of_one_newcomer_at_once_ask_once(
        self, on_approval: ClientService, database: Database
    ) -> None:
        async def come() -> bool:
            try:
                await on_approval.enter(EVE)
            except StillWaiting as waiting:
                return waiting.is_new
            raise AssertionError

        assert sum(await asyncio.gather(*(come() for _ in range(20)))) == 1
        assert len(await rows.list_notices(database, "newcomer_waiting")) == 1

    @pytest.mark.parametrize("access", Access)
    async def test_who_was_let_in_before_stays_in(
        self, anna: Person, database: Database, clock: FakeClock, access: Access
    ) -> None:
        strict = ClientService(database, clock, admins=Admins(), access=access)
        assert (await strict.enter(Profile(anna.telegram_id, "Anna"))).client_id == anna.client_id

    @pytest.mark.parametrize("access", Access)
    async def test_admins_of_the_settings_always_get_in(
        self, database: Database, clock: FakeClock, access: Access
    ) -> None:
        strict = ClientService(database, clock, admins=Admins([ADMIN_ID]), access=access)
        assert (await strict.enter(Profile(ADMIN_ID, "Olga"))).is_admin

    @pytest.mark.parametrize("access", Access)
    async def test_an_invite_decides_before_the_setting_does(
        self, database: Database, clock: FakeClock, access: Access
    ) -> None:
        service = ClientService(database, clock, admins=Admins(), access=access)
        with pytest.raises(NotLetIn):
            await service.enter(EVE, has_invite=True)
        assert await rows.count(database, ChatUser) == 0

    async def test_who_waits_gets_in_when_access_is_opened(
        self, on_approval: ClientService, clients: ClientService, database: Database
    ) -> None:
        await wait(on_approval)
        person = await clients.enter(EVE)
        assert person.is_new
        assert (await rows.read_user(database, EVE.telegram_id)).status == "active"
        assert (await clients.enter(EVE)).client_id == person.client_id
        assert await rows.count(database, Client) == 1

    async def test_who_was_refused_stays_out_when_access_is_opened(
        self, on_approval: ClientService, clients: ClientService, newcomers: NewcomerService, olga: Person
    ) -> None:
        await wait(on_approval)
        await newcomers.refuse(olga, EVE.telegram_id)
        for service in (on_approval, clients):
            with pytest.raises(AccessRefused):
                await service.enter(EVE)

    async def test_somebody_without_a_client_who_was_let_in_gets_one(
        self, clients: ClientService, anna: Person, database: Database
    ) -> None:
        async with database.begin() as session:
            (await session.get_one(ChatUser, anna.telegram_id)).client_id = None
        people = await asyncio.gather(*(clients.enter(Profile(anna.telegram_id, "Anna")) for _ in range(5)))
        assert len({person.client_id for person in people}) == 1
        assert people[0].client_id != anna.client_id


class TestDeciding:
    async def test_approved_people_have_a_client_and_are_told(
        self,
        on_approval: ClientService,
        newcomers: NewcomerService,
        olga: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        await wait(on_approval)
        await newcomers.approve(olga, EVE.telegram_id)
        person = await on_approval.enter(EVE)
        assert not person.is_new
        eve = await rows.read_user(database, EVE.telegram_id)
        assert (eve.status, eve.decided_by, eve.decided_at) == ("active", olga.actor, clock.now())
        assert [notice.telegram_id for notice in await rows.list_notices(database, "access_approved")] == [505]
        [event] = await rows.list_audit(database, "access_approved")
        assert (event.actor, event.client_id) == (olga.actor, person.client_id)
        decision = await newcomers.find_decision(EVE.telegram_id)
        assert decision is not None
        assert (decision.admin_name, decision.is_by_invite) == ("Olga", False)

    async def test_refused_people_are_told_and_may_be_let_in_after_all(
        self, on_approval: ClientService, newcomers: NewcomerService, olga: Person, database: Database
    ) -> None:
        await wait(on_approval)
        await newcomers.refuse(olga, EVE.telegram_id)
        assert len(await rows.list_notices(database, "access_refused")) == 1
        with pytest.raises(AlreadyDecided):
            await newcomers.approve(olga, EVE.telegram_id)
        await newcomers.approve(olga, EVE.telegram_id, after_all=True)
        assert (await on_approval.enter(EVE)).client_id
        assert len(await rows.list_notices(database, "access_approved")) == 1

    async def test_after_all_is_for_who_was_refused(
        self, on_approval: ClientService, newcomers: NewcomerService, olga: Person
    ) -> None:
        await wait(on_approval)
        with pytest.raises(AlreadyDecided):
            await newcomers.approve(olga, EVE.telegram_id, after_all=True)

    async def test_every_message_that_asked_is_owed_its_redrawing_but_the_tapped_one(
        self,
        on_approval: ClientService,
        newcomers: NewcomerService,
        notices: NoticeService,
        olga: Person,
        bob: Person,
        database: Database,
    ) -> None:
        await rows.set_role(database, bob.telegram_id, "admin")
        await wait(on_approval)
        for notice in await notices.claim_due():
            assert notice.kind == "newcomer_waiting"
            await notices.mark_sent(notice, 40)
        await newcomers.approve(olga, EVE.telegram_id, in_message=40)
        [owed] = await rows.list_notices(database, "newcomer_decided")
        assert owed.telegram_id == bob.telegram_id

    async def test_of_many_admins_at_once_the_first_decides(
        self, on_approval: ClientService, newcomers: NewcomerService, olga: Person, bob: Person, database: Database
    ) -> None:
        await rows.set_role(database, bob.telegram_id, "admin")
        for number in range(4):
            newcomer = Profile(8000 + number, "Fay")
            await wait(on_approval, newcomer)
            attempts = [
                decide(admin, newcomer.telegram_id)
                for admin in (olga, bob)
                for decide in (newcomers.approve, newcomers.refuse)
                for _ in range(3)
            ]
            results = await asyncio.gather(*attempts, return_exceptions=True)
            assert sum(isinstance(result, AlreadyDecided) for result in results) == len(attempts) - 1
            assert sum(isinstance(result, ChatUser) for result in results) == 1
        told = [n for n in await rows.list_notices(database) if n.kind in {"access_approved", "access_refused"}]
        assert len(told) == 4

    async def test_only_admins_decide(
        self, on_approval: ClientService, newcomers: NewcomerService, anna: Person, database: Database
    ) -> None:
        await wait(on_approval)
        for decide in (newcomers.approve, newcomers.refuse):
            with pytest.raises(NotAnAdmin):
                await decide(anna, EVE.telegram_id)
        assert (await rows.read_user(database, EVE.telegram_id)).status == "waiting"

    async def test_about_who_never_asked_there_is_nothing_to_decide(
        self, newcomers: NewcomerService, olga: Person, anna: Person, database: Database
    ) -> None:
        for telegram_id in (0, 999, anna.telegram_id):
            for decide in (newcomers.approve, newcomers.refuse):
                with pytest.raises(NewcomerNotFound):
                    await decide(olga, telegram_id)
            assert await newcomers.find_decision(telegram_id) is None
        assert await rows.list_notices(database) == []

    async def test_a_redelivered_tap_decides_once(
        self,
        on_approval: ClientService,
        newcomers: NewcomerService,
        inbox: InboxService,
        olga: Person,
        database: Database,
    ) -> None:
        await inbox.receive([Received("tap", 1, ADMIN_ID, {})])
        await wait(on_approval)
        for _ in range(2):
            assert (await newcomers.approve(olga, EVE.telegram_id, source="tap")).status == "active"
        assert len(await rows.list_audit(database, "access_approved")) == 1

    async def test_those_who_wait_are_listed_the_longest_waiting_first(
        self, on_approval: ClientService, newcomers: NewcomerService, olga: Person, clock: FakeClock
    ) -> None:
        for number in range(3):
            await wait(on_approval, Profile(9000 - number, "Fay"))
            clock.advance(timedelta(seconds=1))
        await newcomers.refuse(olga, 8999)
        assert [newcomer.telegram_id for newcomer in await newcomers.list_waiting()] == [9000, 8998]


class TestInvitesOfThoseWhoAsked:
    async def test_an_invite_lets_in_who_waits_and_the_admins_see_it(
        self,
        on_approval: ClientService,
        newcomers: NewcomerService,
        invites: InviteService,
        anna: Person,
        database: Database,
    ) -> None:
        await wait(on_approval)
        token, _ = await invites.create_invite(anna, InviteKind.JOIN, source="tap")
        joined = await invites.accept(EVE, hash_token(token))
        assert joined.person.client_id == anna.client_id
        decision = await newcomers.find_decision(EVE.telegram_id)
        assert decision is not None
        assert (decision.admin_name, decision.is_by_invite) == ("Anna", True)
        assert len(await rows.list_notices(database, "newcomer_decided")) == 1
        assert await newcomers.list_waiting() == []

    async def test_what_an_admin_refused_only_an_admin_s_invite_undoes(
        self,
        on_approval: ClientService,
        newcomers: NewcomerService,
        invites: InviteService,
        anna: Person,
        olga: Person,
    ) -> None:
        await wait(on_approval)
        await newcomers.refuse(olga, EVE.telegram_id)
        hers, _ = await invites.create_invite(anna, InviteKind.JOIN, source="tap")
        with pytest.raises(RegistryError):
            await invites.accept(EVE, hash_token(hers))
        theirs, _ = await invites.create_invite(olga, InviteKind.CLIENT, source="another tap")
        assert (await invites.accept(EVE, hash_token(theirs))).person.client_id

    async def test_who_was_forgotten_may_ask_again(
        self,
        on_approval: ClientService,
        newcomers: NewcomerService,
        olga: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        await wait(on_approval)
        await newcomers.approve(olga, EVE.telegram_id)
        await on_approval.delete_client((await on_approval.enter(EVE)).client_id, actor="chat:9")
        clock.advance(timedelta(days=1))
        assert (await wait(on_approval)).is_new
        assert len(await rows.list_notices(database, "newcomer_waiting")) == 2
        await newcomers.refuse(olga, EVE.telegram_id)
        assert len(await rows.list_notices(database, "newcomer_decided")) == 2
