"""Who the admins are, how they become that in chat, and which notices each of them wants."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.services.admins import SWITCHABLE, Admins, AdminService, Choice
from bot.services.clients import Access, ClientService, Person, Profile
from bot.services.errors import AdminIsFixed, AlreadyAdmin, NotAnAdmin, NotLetIn, PersonNotFound
from bot.services.inbox import InboxService, Received
from bot.services.notices import NoticeKind
from tests import rows
from tests.conftest import ADMIN_ID

if TYPE_CHECKING:
    from storage.database import Database
    from tests.fakes import FakeClock


class TestNaming:
    async def test_who_is_named_is_an_admin_at_their_next_update(
        self, admins: AdminService, clients: ClientService, olga: Person, anna: Person, database: Database
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        assert (await clients.enter(Profile(anna.telegram_id, "Anna"))).is_admin
        assert await admins.list_ids() == [ADMIN_ID, anna.telegram_id]
        [told] = await rows.list_notices(database, "admin_named")
        assert (told.telegram_id, told.details["by"]) == (anna.telegram_id, "Olga")
        [event] = await rows.list_audit(database, "admin_named")
        assert (event.actor, event.details["telegram_id"]) == (olga.actor, anna.telegram_id)

    async def test_those_of_the_settings_come_first_and_need_no_name(
        self, admins: AdminService, olga: Person, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        more = AdminService(database, clock, Admins([ADMIN_ID, 999]))
        found = [(admin.telegram_id, admin.first_name, admin.is_fixed) for admin in await more.list_admins()]
        assert found == [(ADMIN_ID, "Olga", True), (999, None, True), (anna.telegram_id, "Anna", False)]

    async def test_nobody_is_named_twice(
        self, admins: AdminService, olga: Person, anna: Person, database: Database
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        for telegram_id in (anna.telegram_id, ADMIN_ID):
            with pytest.raises(AlreadyAdmin):
                await admins.get_candidate(telegram_id)
            with pytest.raises(AlreadyAdmin):
                await admins.name_admin(olga, telegram_id)
        assert len(await rows.list_notices(database)) == 1

    async def test_only_who_was_let_in_can_be_named(
        self, admins: AdminService, olga: Person, database: Database, clock: FakeClock
    ) -> None:
        strict = ClientService(database, clock, admins=Admins([ADMIN_ID]), access=Access.APPROVAL)
        with pytest.raises(NotLetIn):
            await strict.enter(Profile(505, "Eve"))
        for telegram_id in (0, 999, 505):
            with pytest.raises(PersonNotFound):
                await admins.get_candidate(telegram_id)
            with pytest.raises(PersonNotFound):
                await admins.name_admin(olga, telegram_id)

    async def test_only_admins_name(self, admins: AdminService, anna: Person, bob: Person, database: Database) -> None:
        with pytest.raises(NotAnAdmin):
            await admins.name_admin(anna, bob.telegram_id)
        with pytest.raises(NotAnAdmin):
            await admins.name_admin(anna, anna.telegram_id)
        assert await rows.list_audit(database, "admin_named") == []

    async def test_of_many_at_once_one_names(
        self, admins: AdminService, olga: Person, anna: Person, database: Database
    ) -> None:
        attempts = [admins.name_admin(olga, anna.telegram_id) for _ in range(20)]
        results = await asyncio.gather(*attempts, return_exceptions=True)
        assert sum(isinstance(result, AlreadyAdmin) for result in results) == 19
        assert len(await rows.list_audit(database, "admin_named")) == 1


class TestRemoving:
    async def test_who_is_removed_is_a_trader_at_their_next_update(
        self, admins: AdminService, clients: ClientService, olga: Person, anna: Person, database: Database
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        await admins.remove_admin(olga, anna.telegram_id)
        person = await clients.enter(Profile(anna.telegram_id, "Anna"))
        assert (person.is_admin, person.client_id) == (False, anna.client_id)
        [told] = await rows.list_notices(database, "admin_removed")
        assert told.telegram_id == anna.telegram_id
        assert len(await rows.list_audit(database, "admin_removed")) == 1

    async def test_an_admin_of_the_settings_stays(self, admins: AdminService, olga: Person, anna: Person) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        for actor in (anna, olga):
            with pytest.raises(AdminIsFixed):
                await admins.remove_admin(actor, ADMIN_ID)
        with pytest.raises(AdminIsFixed):
            await admins.get_named(ADMIN_ID)

    async def test_who_removes_themselves_is_not_told_by_a_notice(
        self, admins: AdminService, olga: Person, anna: Person, database: Database
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        await admins.remove_admin(anna, anna.telegram_id)
        assert await rows.list_notices(database, "admin_removed") == []
        with pytest.raises(NotAnAdmin):
            await admins.name_admin(anna, anna.telegram_id)

    async def test_of_two_who_remove_each_other_at_least_one_is_removed_and_none_twice(
        self, admins: AdminService, olga: Person, anna: Person, bob: Person, database: Database
    ) -> None:
        for person in (anna, bob):
            await admins.name_admin(olga, person.telegram_id)
        await asyncio.gather(
            *(admins.remove_admin(anna, bob.telegram_id) for _ in range(5)),
            *(admins.remove_admin(bob, anna.telegram_id) for _ in range(5)),
            return_exceptions=True,
        )
        removed = [event.details["telegram_id"] for event in await rows.list_audit(database, "admin_removed")]
        assert removed
        assert len(removed) == len(set(removed))

    async def test_a_redelivered_tap_removes_once_even_oneself(
        self, admins: AdminService, inbox: InboxService, olga: Person, anna: Person, database: Database
    ) -> None:
        await inbox.receive([Received("tap", 1, anna.telegram_id, {}), Received("naming", 2, ADMIN_ID, {})])
        for _ in range(2):
            await admins.name_admin(olga, anna.telegram_id, source="naming")
        for _ in range(2):
            removed = await admins.remove_admin(anna, anna.telegram_id, source="tap")
            assert removed.telegram_id == anna.telegram_id
        assert len(await rows.list_audit(database, "admin_removed")) == 1

    async def test_who_is_none_removes_nobody(
        self, admins: AdminService, olga: Person, anna: Person, bob: Person
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        with pytest.raises(NotAnAdmin):
            await admins.remove_admin(bob, anna.telegram_id)
        with pytest.raises(NotAnAdmin):
            await admins.remove_admin(olga, bob.telegram_id)
        assert anna.telegram_id in await admins.list_ids()


class TestSwitches:
    async def test_every_kind_is_on_until_it_is_switched(self, admins: AdminService, olga: Person) -> None:
        assert set((await admins.read_switches(olga.telegram_id)).values()) == {Choice.ON}

    @pytest.mark.parametrize("kind", SWITCHABLE)
    async def test_one_admin_s_choice_is_nobody_else_s(
        self, admins: AdminService, olga: Person, anna: Person, kind: NoticeKind
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        for choice in (Choice.OFF, Choice.SILENT):
            await admins.set_switch(olga.telegram_id, kind, choice)
            assert await admins.find_choice(olga.telegram_id, kind) == choice
            assert (await admins.read_switches(olga.telegram_id))[kind] == choice
            assert await admins.find_choice(anna.telegram_id, kind) == Choice.ON

    async def test_what_is_for_all_admins_does_not_come_to_who_is_none_any_more(
        self, admins: AdminService, olga: Person, anna: Person
    ) -> None:
        await admins.name_admin(olga, anna.telegram_id)
        assert await admins.find_choice(anna.telegram_id, NoticeKind.NEWCOMER_WAITING) == Choice.ON
        await admins.remove_admin(olga, anna.telegram_id)
        assert await admins.find_choice(anna.telegram_id, NoticeKind.NEWCOMER_WAITING) == Choice.OFF
        assert await admins.find_choice(anna.telegram_id, NoticeKind.HANDOUT_ENDED) == Choice.ON
