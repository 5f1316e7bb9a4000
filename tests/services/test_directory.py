"""Clients as admins find them: pages by key, searches by beginnings, one by what was typed."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from bot.services.clients import Profile
from bot.services.directory import MOST_MATCHES, PAGE_SIZE, WINDOW, Directory, Edge, Roll, clean_term
from bot.services.errors import AmbiguousClient, ClientNotFound
from storage.directory import Field
from storage.models import ChatUser, Client
from tests import rows

if TYPE_CHECKING:
    from bot.services.administration import AdministrationService
    from bot.services.clients import ClientService, Person
    from bot.services.devices import DeviceService
    from bot.services.directory import ClientPage
    from storage.database import Database
    from tests.fakes import FakeClock


async def make_clients(clients: ClientService, clock: FakeClock, count: int) -> list[str]:
    """Make clients one after the other; return their names, the newest first."""
    for number in range(count):
        clock.advance(timedelta(seconds=1))
        await clients.create_client(f"Client {number:02}")
    return [f"Client {number:02}" for number in reversed(range(count))]


def names(page: ClientPage) -> list[str]:
    return [row.client.name for row in page.rows]


async def walk(read: Any, first: ClientPage) -> list[list[str]]:
    """Turn to the end and back again; return the names of all pages."""
    pages, page = [names(first)], first
    while page.following is not None:
        page = await read(page.following)
        pages.append(names(page))
    while page.previous is not None:
        page = await read(page.previous)
        pages.append(names(page))
    return pages


class TestTheList:
    async def test_pages_follow_each_other_and_lead_back(
        self, directory: Directory, clients: ClientService, clock: FakeClock
    ) -> None:
        expected = await make_clients(clients, clock, 2 * PAGE_SIZE + 3)
        one, two, three = expected[:8], expected[8:16], expected[16:]
        pages = await walk(lambda edge: directory.list_clients(edge=edge), await directory.list_clients())
        assert pages == [one, two, three, two, one]

    async def test_clients_of_one_moment_are_all_listed(self, directory: Directory, clients: ClientService) -> None:
        for number in range(PAGE_SIZE + 2):
            await clients.create_client(f"{number}")
        first = await directory.list_clients()
        second = await directory.list_clients(edge=first.following)
        assert len({*names(first), *names(second)}) == PAGE_SIZE + 2

    async def test_a_new_client_does_not_move_the_pages(
        self, directory: Directory, clients: ClientService, clock: FakeClock
    ) -> None:
        expected = await make_clients(clients, clock, PAGE_SIZE + 3)
        first = await directory.list_clients()
        await make_clients(clients, clock, 1)
        assert names(await directory.list_clients(edge=first.following)) == expected[PAGE_SIZE:]

    async def test_a_page_whose_edge_is_gone_gives_way_to_the_first(
        self,
        directory: Directory,
        clients: ClientService,
        administration: AdministrationService,
        clock: FakeClock,
    ) -> None:
        await make_clients(clients, clock, PAGE_SIZE + 3)
        first = await directory.list_clients()
        await administration.forget(first.rows[-1].client.id, actor="system")
        instead = await directory.list_clients(edge=first.following)
        assert instead.is_first_instead
        assert instead.previous is None
        assert len(instead.rows) == PAGE_SIZE

    async def test_a_page_that_is_empty_by_now_gives_way_to_the_first(
        self,
        directory: Directory,
        clients: ClientService,
        administration: AdministrationService,
        clock: FakeClock,
    ) -> None:
        await make_clients(clients, clock, PAGE_SIZE + 1)
        first = await directory.list_clients()
        [last] = (await directory.list_clients(edge=first.following)).rows
        await administration.forget(last.client.id, actor="system")
        assert (await directory.list_clients(edge=first.following)).is_first_instead

    async def test_near_the_beginning_the_way_back_leads_to_the_whole_first_page(
        self, directory: Directory, clients: ClientService, clock: FakeClock
    ) -> None:
        expected = await make_clients(clients, clock, PAGE_SIZE + 3)
        third = (await directory.list_clients()).rows[2].client
        page = await directory.list_clients(edge=Edge(Field.NAME, third.id, before=True))
        assert names(page) == expected[:PAGE_SIZE]
        assert not page.is_first_instead

    async def test_the_suspended_have_a_list_of_their_own(
        self, directory: Directory, administration: AdministrationService, anna: Person
    ) -> None:
        assert names(await directory.list_clients(Roll.SUSPENDED)) == []
        await administration.suspend(anna.client_id, actor="system")
        assert names(await directory.list_clients(Roll.SUSPENDED)) == ["Anna"]

    async def test_a_client_comes_with_its_people(
        self, directory: Directory, clients: ClientService, anna: Person
    ) -> None:
        await clients.create_client("nobody's")
        people = {row.client.name: [p.telegram_id for p in row.people] for row in (await directory.list_clients()).rows}
        assert people == {"Anna": [anna.telegram_id], "nobody's": []}


class TestSearching:
    @pytest.fixture
    async def dora(self, clients: ClientService, devices: DeviceService) -> Person:
        dora = await clients.enter(Profile(40_123_456, "Dóra Ågren", "GoldFinger"))
        await devices.create_device(dora.client_id, "Москва VPS")
        return dora

    @pytest.mark.parametrize(
        "term",
        ["dó", "DÓRA", "do\u0301ra å", "goldf", "@GOLD", "@goldfinger", "401234", "40123456", "москва", "МОСКВА vps"],
    )
    @pytest.mark.usefixtures("dora", "anna")
    async def test_a_client_is_found_by_any_beginning_whatever_its_case(self, directory: Directory, term: str) -> None:
        assert names(await directory.search(term)) == ["Dóra Ågren"]

    @pytest.mark.parametrize(
        "term", ["óra", "finger", "01234", "vps", "@dó", "%", "_", "'", "\\", "dora", "Dóra Ågren!", "@", "٤٠"]
    )
    @pytest.mark.usefixtures("dora")
    async def test_what_is_no_beginning_finds_nothing(self, directory: Directory, term: str) -> None:
        expected = ["Dóra Ågren"] if term == "@" else []
        assert names(await directory.search(term)) == expected

    async def test_what_has_signs_in_it_is_found_by_them(self, directory: Directory, clients: ClientService) -> None:
        for name in ("100% <b>", "_under", "O'Hara", "\\back"):
            await clients.create_client(name)
        for term, name in (("100%", "100% <b>"), ("_u", "_under"), ("o'h", "O'Hara"), ("\\", "\\back")):
            assert names(await directory.search(term)) == [name]

    async def test_a_person_is_found_by_what_they_are_called_now(
        self, directory: Directory, clients: ClientService, dora: Person
    ) -> None:
        await clients.enter(Profile(dora.telegram_id, "Theodora", None))
        assert names(await directory.search("theo")) == ["Dóra Ågren"]
        assert names(await directory.search("@gold")) == []

    async def test_a_device_is_found_by_its_new_name_and_when_it_is_revoked(
        self, directory: Directory, devices: DeviceService, dora: Person
    ) -> None:
        [device] = await devices.list_devices(dora.client_id)
        await devices.update_device_name(device.id, "Laptop")
        await devices.revoke_device(device.id)
        [row] = (await directory.search("lap")).rows
        assert row.matched is not None
        assert (row.matched.field, row.matched.shown) == (Field.DEVICE, "Laptop")
        assert names(await directory.search("москва")) == []

    async def test_a_client_stands_on_a_page_once_however_much_of_it_fits(
        self, directory: Directory, devices: DeviceService, clients: ClientService
    ) -> None:
        vera = await clients.enter(Profile(501, "vps vera", "vps_vera"))
        for number in range(4):
            await devices.create_device(vera.client_id, f"VPS-{number}")
        assert names(await directory.search("vps")) == ["vps vera"]

    async def test_pages_of_a_search_follow_each_other_and_lead_back(
        self, directory: Directory, clients: ClientService, clock: FakeClock
    ) -> None:
        expected = (await make_clients(clients, clock, 2 * PAGE_SIZE + 3))[::-1]
        await clients.create_client("Other")
        pages = await walk(lambda edge: directory.search("client", edge), await directory.search("client"))
        one, two, three = expected[:8], expected[8:16], expected[16:]
        assert pages == [one, two, three, two, one]

    async def test_pages_go_on_across_people_and_devices(
        self, directory: Directory, clients: ClientService, devices: DeviceService
    ) -> None:
        for number in range(PAGE_SIZE + 4):
            person = await clients.enter(Profile(700 + number, f"P{number}", f"zed_{number:02}"))
            await devices.create_device(person.client_id, f"Zed {number:02}")
        first = await directory.search("zed")
        pages = await walk(lambda edge: directory.search("zed", edge), first)
        assert {name for page in pages for name in page} == {f"P{number}" for number in range(PAGE_SIZE + 4)}

    async def test_a_client_of_which_more_fits_than_is_looked_at_does_not_hide_the_next(
        self, directory: Directory, clients: ClientService, database: Database, clock: FakeClock
    ) -> None:
        busy = await clients.create_client("busy")
        async with database.begin() as session:
            for number in range(WINDOW + 5):
                session.add(_person(9000 + number, busy.id, f"many {number:02}", clock))
        lone = await clients.create_client("many zz")
        first = await directory.search("many")
        assert names(first) == ["busy"]
        second = await directory.search("many", first.following)
        assert names(second)[-1] == lone.name

    async def test_a_page_of_another_search_gives_way_to_the_first(
        self, directory: Directory, clients: ClientService, clock: FakeClock
    ) -> None:
        await make_clients(clients, clock, PAGE_SIZE + 1)
        await clients.create_client("Other")
        first = await directory.search("client")
        page = await directory.search("other", first.following)
        assert (names(page), page.is_first_instead) == (["Other"], True)

    async def test_those_who_wait_to_be_let_in_are_no_clients_yet(
        self, directory: Directory, database: Database, clock: FakeClock
    ) -> None:
        async with database.begin() as session:
            session.add(_person(888, None, "Waiting", clock))
        assert names(await directory.search("wait")) == []

    async def test_a_long_name_is_found_by_its_beginning(self, clients: ClientService, database: Database) -> None:
        client = await clients.create_client("ẞtraße " * 20)
        async with database.read() as session:
            found = await session.get_one(Client, client.id)
        assert found.folded_name == ("sstrasse " * 20)[:64]


def _person(telegram_id: int, client_id: uuid.UUID | None, name: str, clock: FakeClock) -> ChatUser:
    return ChatUser(
        telegram_id=telegram_id,
        client_id=client_id,
        status="active",
        first_name=name,
        role="trader",
        created_at=clock.now(),
    )


class TestFindingOne:
    async def test_a_client_is_found_by_id_short_id_telegram_id_and_username(
        self, directory: Directory, clients: ClientService
    ) -> None:
        dora = await clients.enter(Profile(40_123_456, "Dora", "GoldFinger"))
        full = str(dora.client_id)
        for text in (full, full.upper(), full[:8], "40123456", "@goldfinger", "@GoldFinger", f" {full} "):
            assert (await directory.find_client(text)).id == dora.client_id

    @pytest.mark.parametrize("text", ["", "@", "Dora", "7b0f42a", "4012345", "@gold", "9" * 30, "-1", "{}", "\0", "٤"])
    async def test_anything_else_is_unknown(self, directory: Directory, clients: ClientService, text: str) -> None:
        await clients.enter(Profile(40_123_456, "Dora", "GoldFinger"))
        with pytest.raises(ClientNotFound):
            await directory.find_client(text)

    async def test_what_fits_two_is_refused_and_offers_them(
        self, directory: Directory, clients: ClientService, database: Database
    ) -> None:
        prefix = "12345678"
        made = [await clients.create_client(f"{number}") for number in range(MOST_MATCHES + 2)]
        async with database.begin() as session:
            for number, client in enumerate(made):
                new_id = uuid.UUID(f"{prefix}{number:024x}")
                await session.execute(update(Client).where(Client.id == client.id).values(id=new_id))
        with pytest.raises(AmbiguousClient) as refused:
            await directory.find_client(prefix)
        assert len(refused.value.clients) == MOST_MATCHES

    async def test_digits_that_are_an_id_s_beginning_and_somebody_s_telegram_id_are_refused(
        self, directory: Directory, clients: ClientService, database: Database
    ) -> None:
        client = await clients.create_client("by id")
        async with database.begin() as session:
            new_id = uuid.UUID("40123456" + "0" * 24)
            await session.execute(update(Client).where(Client.id == client.id).values(id=new_id))
        dora = await clients.enter(Profile(40_123_456, "Dora"))
        with pytest.raises(AmbiguousClient) as refused:
            await directory.find_client("40123456")
        assert {client.id for client in refused.value.clients} == {new_id, dora.client_id}

    async def test_two_people_of_one_username_are_told_apart_by_asking(
        self, directory: Directory, clients: ClientService
    ) -> None:
        for number in (1, 2):
            await clients.enter(Profile(number, "Anna", "anna"))
        with pytest.raises(AmbiguousClient):
            await directory.find_client("@anna")


class TestTheCard:
    async def test_it_tells_people_devices_limit_and_status(
        self,
        directory: Directory,
        administration: AdministrationService,
        devices: DeviceService,
        anna: Person,
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id)
        await devices.create_device(anna.client_id, "VPS-2")
        await administration.set_device_limit(anna.client_id, 7, actor="system")
        await administration.suspend(anna.client_id, actor="chat:9", reason="unpaid")
        card = await directory.get_card(anna.client_id)
        assert [person.telegram_id for person in card.people] == [anna.telegram_id]
        assert (card.counts.active, card.counts.revoked, card.limit, card.client.status) == (1, 1, 7, "suspended")
        assert card.suspension is not None
        assert (card.suspension.actor, card.suspension.details["reason"]) == ("chat:9", "unpaid")
        await administration.resume(anna.client_id, actor="chat:9")
        assert (await directory.get_card(anna.client_id)).suspension is None

    async def test_a_suspension_that_nobody_wrote_down_is_one_all_the_same(
        self, directory: Directory, anna: Person, database: Database
    ) -> None:
        await rows.suspend(database, anna.client_id)
        card = await directory.get_card(anna.client_id)
        assert (card.client.status, card.suspension) == ("suspended", None)

    async def test_an_unknown_client_has_none(self, directory: Directory) -> None:
        with pytest.raises(ClientNotFound):
            await directory.get_card(uuid.uuid4())
        with pytest.raises(ClientNotFound):
            await directory.get_client(uuid.uuid4())


def test_a_term_is_cleaned_of_what_no_database_keeps() -> None:
    assert clean_term(" a\0b \n\ud800 c ") == "ab c"
    assert clean_term("A\u030a" + "x" * 200) == "Å" + "x" * 99
