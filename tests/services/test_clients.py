"""Who a chat user is, and whose devices are theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import selectinload

from bot.services.admins import Admins
from bot.services.clients import ClientService, Person, Profile
from bot.services.errors import ClientNotFound
from bot.services.hashing import create_secret
from storage.models import AuditEvent, ChatUser, Client, Device
from tests import rows
from tests.conftest import ADMIN_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.devices import DeviceService
    from storage.database import Database
    from tests.fakes import FakeClock


async def read_user(database: Database, telegram_id: int) -> ChatUser:
    async with database.read() as session:
        return await session.get_one(ChatUser, telegram_id)


class TestEntering:
    async def test_a_newcomer_gets_a_client_of_their_own(
        self, clients: ClientService, database: Database, clock: FakeClock
    ) -> None:
        person = await clients.enter(Profile(101, "Anna", "anna_fx", "de"))
        assert person.is_new
        user = await read_user(database, 101)
        assert (user.client_id, user.first_name, user.username, user.language) == (
            person.client_id,
            "Anna",
            "anna_fx",
            "de",
        )
        assert (user.status, user.role, user.created_at) == ("active", "trader", clock.now())
        async with database.read() as session:
            client = await session.get_one(Client, person.client_id)
        assert (client.name, client.status, client.device_limit) == ("Anna", "active", None)

    async def test_who_comes_again_is_the_same_person(self, clients: ClientService, database: Database) -> None:
        first = await clients.enter(Profile(101, "Anna"))
        again = await clients.enter(Profile(101, "Anna"))
        assert again.client_id == first.client_id
        assert not again.is_new
        assert await rows.count(database, Client) == 1

    async def test_two_people_of_one_name_are_two_clients(self, clients: ClientService) -> None:
        one = await clients.enter(Profile(101, "Anna", "anna"))
        other = await clients.enter(Profile(202, "Anna", "anna"))
        assert one.client_id != other.client_id

    async def test_a_changed_name_is_noted_and_makes_nobody_else(
        self, clients: ClientService, database: Database
    ) -> None:
        first = await clients.enter(Profile(101, "Anna", "anna_fx", "de"))
        again = await clients.enter(Profile(101, "Änne 🌻", None, "en"))
        assert (again.client_id, again.first_name) == (first.client_id, "Änne 🌻")
        user = await read_user(database, 101)
        assert (user.first_name, user.username, user.language) == ("Änne 🌻", None, "en")

    async def test_a_secret_in_a_first_name_is_not_kept(self, clients: ClientService, database: Database) -> None:
        secret = create_secret().reveal()
        person = await clients.enter(Profile(101, f"Anna {secret}"))
        assert secret not in person.first_name
        assert secret not in (await read_user(database, 101)).first_name
        async with database.read() as session:
            assert secret not in (await session.get_one(Client, person.client_id)).name

    async def test_an_id_past_32_bits_is_kept(self, clients: ClientService) -> None:
        person = await clients.enter(Profile(2**52 - 1, "Anna"))
        assert (await clients.enter(Profile(2**52 - 1, "Anna"))).client_id == person.client_id

    async def test_the_longest_names_fit(self, clients: ClientService, database: Database) -> None:
        # Telegram allows 64 characters for a first name and 32 for a username
        await clients.enter(Profile(101, "🖥" * 64, "x" * 32, "zh-hans"))
        assert (await read_user(database, 101)).first_name == "🖥" * 64

    async def test_admins_are_those_of_the_settings_and_those_named_in_chat(
        self, clients: ClientService, database: Database
    ) -> None:
        assert (await clients.enter(Profile(ADMIN_ID, "Olga"))).is_admin
        assert not (await clients.enter(Profile(101, "Anna"))).is_admin
        async with database.begin() as session:
            (await session.get_one(ChatUser, 101)).role = "admin"
        assert (await clients.enter(Profile(101, "Anna"))).is_admin

    async def test_a_suspended_client_s_people_are_told(
        self, clients: ClientService, anna: Person, database: Database
    ) -> None:
        assert not anna.is_suspended
        await rows.suspend(database, anna.client_id)
        assert (await clients.enter(Profile(anna.telegram_id, "Anna"))).is_suspended

    async def test_people_persist_across_a_restart(
        self,
        anna: Person,
        database: Database,
        database_url: str,
        open_database: Callable[[str], Database],
        clock: FakeClock,
    ) -> None:
        await database.dispose()
        restarted = ClientService(open_database(database_url), clock, admins=Admins())
        again = await restarted.enter(Profile(anna.telegram_id, "Anna"))
        assert (again.client_id, again.is_new) == (anna.client_id, False)


class TestBeingReachable:
    async def test_blocking_and_unblocking_is_news_once(
        self, clients: ClientService, anna: Person, database: Database
    ) -> None:
        assert await clients.note_reachable(anna.telegram_id, reachable=False)
        assert not await clients.note_reachable(anna.telegram_id, reachable=False)
        assert (await read_user(database, anna.telegram_id)).status == "blocked_bot"
        assert await clients.note_reachable(anna.telegram_id, reachable=True)
        assert not await clients.note_reachable(anna.telegram_id, reachable=True)
        assert not await clients.note_reachable(999, reachable=False)

    async def test_who_writes_can_be_reached(self, clients: ClientService, anna: Person, database: Database) -> None:
        await clients.note_reachable(anna.telegram_id, reachable=False)
        await clients.enter(Profile(anna.telegram_id, "Anna"))
        assert (await read_user(database, anna.telegram_id)).status == "active"


class TestNames:
    async def test_an_actor_in_chat_has_a_name_and_nobody_else_has(self, clients: ClientService, anna: Person) -> None:
        assert await clients.find_name(anna.actor) == "Anna"
        for actor in (None, "", "system", "chat:", "chat:999", "chat:x", "token:101", "chat:１０１x"):
            assert await clients.find_name(actor) is None

    async def test_the_language_of_a_person_is_known(self, clients: ClientService) -> None:
        await clients.enter(Profile(101, "Anna", language="pt-br"))
        assert await clients.find_language(101) == "pt-br"
        assert await clients.find_language(999) is None

    async def test_a_chosen_language_goes_before_that_of_the_app_whatever_telegram_says_later(
        self, clients: ClientService, database: Database
    ) -> None:
        anna = await clients.enter(Profile(101, "Anna", language="ru"))
        assert (anna.language, anna.chosen_language, anna.has_own_menu) == ("ru", None, False)
        chosen = await clients.choose_language(anna, "es")
        assert (chosen.language, chosen.chosen_language, chosen.has_own_menu) == ("es", "es", True)
        later = await clients.enter(Profile(101, "Anna", language="pt-br"))
        assert (later.language, later.chosen_language) == ("es", "es")
        assert await clients.find_language(101) == "es"
        async with database.read() as session:
            user = await session.get_one(ChatUser, 101)
        assert (user.language, user.chosen_language) == ("pt-br", "es")

    async def test_who_follows_their_app_again_reads_the_language_it_has_by_now(self, clients: ClientService) -> None:
        anna = await clients.choose_language(await clients.enter(Profile(101, "Anna", language="ru")), "es")
        await clients.enter(Profile(101, "Anna", language="pt-br"))
        assert (await clients.choose_language(anna, None)).language == "pt-br"
        assert await clients.find_language(101) == "pt-br"

    async def test_somebody_who_was_forgotten_meanwhile_chooses_nothing(self, clients: ClientService) -> None:
        anna = await clients.enter(Profile(101, "Anna", language="ru"))
        await clients.delete_client(anna.client_id, actor="system")
        assert await clients.choose_language(anna, "es") == anna
        assert await clients.find_language(101) is None

    async def test_somebody_in_chat_who_is_not_of_the_client_is_an_outsider(
        self, clients: ClientService, anna: Person, bob: Person
    ) -> None:
        assert await clients.is_outsider(bob.actor, anna.client_id)
        assert not await clients.is_outsider(anna.actor, anna.client_id)
        for actor in (None, "system", "token:1"):
            assert not await clients.is_outsider(actor, anna.client_id)


class TestDeleting:
    async def test_a_deleted_client_takes_its_devices_and_people_with_it(
        self, clients: ClientService, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        kept, _ = await devices.create_device(bob.client_id, "VPS-1")
        await clients.delete_client(anna.client_id, actor="chat:9")
        assert await devices.list_devices(anna.client_id) == []
        assert await clients.list_chat_users(anna.client_id) == []
        assert [device.id for device in await devices.list_devices(bob.client_id)] == [kept.id]
        [event] = await rows.list_audit(database, "client_deleted")
        assert (event.actor, event.client_id) == ("chat:9", anna.client_id)

    async def test_it_takes_them_with_it_through_the_orm_too(
        self, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        await devices.create_device(bob.client_id, "VPS-1")
        async with database.begin() as session:
            await session.delete(await session.get_one(Client, anna.client_id))
        assert (await rows.count(database, Device), await rows.count(database, ChatUser)) == (1, 1)

    async def test_it_takes_them_with_it_through_the_orm_when_they_are_loaded(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        async with database.begin() as session:
            query = select(Client).options(selectinload(Client.devices), selectinload(Client.chat_users))
            [client] = await session.scalars(query)
            assert len(client.devices) == 1
            await session.delete(client)
        assert (await rows.count(database, Device), await rows.count(database, ChatUser)) == (0, 0)

    async def test_it_takes_them_with_it_by_sql_alone(
        self, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        await devices.create_device(bob.client_id, "VPS-1")
        async with database.engine.begin() as connection:
            await connection.execute(delete(Client).where(Client.id == anna.client_id))
        assert (await rows.count(database, Device), await rows.count(database, ChatUser)) == (1, 1)

    async def test_the_audit_outlives_its_client(
        self, clients: ClientService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        before = await rows.count(database, AuditEvent)
        await clients.delete_client(anna.client_id, actor="chat:9")
        assert await rows.count(database, AuditEvent) == before + 1
        [event] = await rows.list_audit(database, "device_registered")
        assert event.device_id == device.id

    async def test_an_unknown_client_is_refused(self, clients: ClientService, anna: Person) -> None:
        await clients.delete_client(anna.client_id, actor="chat:9")
        with pytest.raises(ClientNotFound):
            await clients.delete_client(anna.client_id, actor="chat:9")

    async def test_who_comes_back_after_that_begins_anew(
        self, clients: ClientService, anna: Person, clock: FakeClock
    ) -> None:
        await clients.delete_client(anna.client_id, actor="chat:9")
        clock.advance(timedelta(days=1))
        again = await clients.enter(Profile(anna.telegram_id, "Anna"))
        assert again.is_new
        assert again.client_id != anna.client_id
