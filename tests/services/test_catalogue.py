"""Lists: page by page, right even when devices come and go between two taps."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.catalogue import PAGE_SIZE, Catalogue, Page, Shelf
from storage.models import Device
from tests import rows
from tests.conftest import DEVICE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.services.clients import ClientService, Person
    from storage.database import Database
    from storage.devices import Key
    from tests.fakes import FakeClock


async def add(database: Database, clock: FakeClock, client_id: uuid.UUID, names: Iterable[str], **more: object) -> None:
    """Add devices a second apart, without secrets: only lists are looked at here."""
    async with database.begin() as session:
        for name in names:
            now = clock.advance(timedelta(seconds=1))
            values = {
                "id": uuid.uuid4(),
                "client_id": client_id,
                "device_name": name,
                "folded_name": name.casefold(),
                "secret_hash": "",
                "secret_tag": b"",
                "fingerprint": "00000000",
                "secret_generation": 0,
                "live_at": now,
                "revoked": False,
                "created_at": now,
                "updated_at": now,
            }
            session.add(Device(**(values | more)))


async def revoke(database: Database, client_id: uuid.UUID, *names: str) -> None:
    for device in await rows.list_devices(database, client_id):
        if device.device_name in names:
            await rows.set_device(database, device.id, revoked=True)


def names_on(page: Page) -> list[str]:
    return [device.device_name for device in page.devices]


def numbered(newest: int, oldest: int) -> list[str]:
    return [f"VPS-{i}" for i in range(newest, oldest - 1, -1)]


def first_key(page: Page) -> Key:
    return page.devices[0].created_at, page.devices[0].id


def last_key(page: Page) -> Key:
    return page.devices[-1].created_at, page.devices[-1].id


class TestPages:
    async def test_a_client_without_devices_has_one_empty_page(self, catalogue: Catalogue, anna: Person) -> None:
        page = await catalogue.read_page(anna.client_id)
        assert (page.devices, page.matching, page.limit) == ([], 0, DEVICE_LIMIT)
        assert (page.has_previous, page.has_next) == (False, False)

    async def test_all_devices_are_seen_once_from_the_newest_to_the_oldest_and_back(
        self, catalogue: Catalogue, anna: Person, bob: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(20, 1)[::-1])
        await add(database, clock, bob.client_id, ["not hers"])
        first = await catalogue.read_page(anna.client_id)
        second = await catalogue.read_page(anna.client_id, older_than=last_key(first))
        third = await catalogue.read_page(anna.client_id, older_than=last_key(second))
        assert [names_on(page) for page in (first, second, third)] == [
            numbered(20, 13),
            numbered(12, 5),
            numbered(4, 1),
        ]
        assert [page.has_previous for page in (first, second, third)] == [False, True, True]
        assert [page.has_next for page in (first, second, third)] == [True, True, False]
        assert {page.matching for page in (first, second, third)} == {20}
        back = await catalogue.read_page(anna.client_id, newer_than=first_key(third))
        assert (names_on(back), back.has_previous, back.has_next) == (numbered(12, 5), True, True)
        home = await catalogue.read_page(anna.client_id, newer_than=first_key(back))
        assert (names_on(home), home.has_previous, home.has_next) == (numbered(20, 13), False, True)

    async def test_a_full_page_with_nothing_after_it_leads_nowhere(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(PAGE_SIZE, 1))
        page = await catalogue.read_page(anna.client_id)
        assert (len(page.devices), page.has_previous, page.has_next) == (PAGE_SIZE, False, False)

    async def test_devices_of_one_moment_are_neither_lost_nor_seen_twice(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(12, 1), created_at=clock.now())
        first = await catalogue.read_page(anna.client_id)
        second = await catalogue.read_page(anna.client_id, older_than=last_key(first))
        assert sorted(names_on(first) + names_on(second)) == sorted(numbered(12, 1))

    async def test_the_next_page_is_right_when_a_device_was_added_meanwhile(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(12, 1)[::-1])
        first = await catalogue.read_page(anna.client_id)
        await add(database, clock, anna.client_id, ["new"])
        assert names_on(await catalogue.read_page(anna.client_id, older_than=last_key(first))) == numbered(4, 1)

    async def test_the_next_page_is_right_when_devices_on_the_page_were_revoked_meanwhile(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(12, 1)[::-1])
        first = await catalogue.read_page(anna.client_id)
        # even the one whose key the button carries
        await revoke(database, anna.client_id, "VPS-12", "VPS-5")
        assert names_on(await catalogue.read_page(anna.client_id, older_than=last_key(first))) == numbered(4, 1)

    async def test_a_page_whose_devices_are_all_gone_becomes_the_first_one(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(10, 1)[::-1])
        first = await catalogue.read_page(anna.client_id)
        await revoke(database, anna.client_id, "VPS-1", "VPS-2")
        page = await catalogue.read_page(anna.client_id, older_than=last_key(first))
        assert (names_on(page), page.has_previous, page.has_next) == (numbered(10, 3), False, False)

    async def test_going_back_to_the_beginning_fills_the_page(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(12, 1)[::-1])
        first = await catalogue.read_page(anna.client_id)
        second = await catalogue.read_page(anna.client_id, older_than=last_key(first))
        await revoke(database, anna.client_id, "VPS-12", "VPS-11")
        back = await catalogue.read_page(anna.client_id, newer_than=first_key(second))
        assert (names_on(back), back.has_previous, back.has_next) == (numbered(10, 3), False, True)

    async def test_previous_leads_somewhere_whatever_was_revoked(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(10, 1)[::-1])
        first = await catalogue.read_page(anna.client_id)
        await revoke(database, anna.client_id, *numbered(10, 3))
        page = await catalogue.read_page(anna.client_id, older_than=last_key(first))
        assert (names_on(page), page.has_previous, page.has_next) == (numbered(2, 1), False, False)

    async def test_next_leads_somewhere_whatever_was_revoked(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(20, 1)[::-1])
        first = await catalogue.read_page(anna.client_id)
        second = await catalogue.read_page(anna.client_id, older_than=last_key(first))
        third = await catalogue.read_page(anna.client_id, older_than=last_key(second))
        await revoke(database, anna.client_id, *numbered(4, 1))
        back = await catalogue.read_page(anna.client_id, newer_than=first_key(third))
        assert (names_on(back), back.has_previous, back.has_next) == (numbered(12, 5), True, False)

    async def test_a_reserved_device_is_on_no_page(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, ["reserved"], live_at=None)
        page = await catalogue.read_page(anna.client_id)
        assert (page.devices, page.matching, page.counts.active) == ([], 0, 0)


class TestShelves:
    async def test_active_and_revoked_devices_are_apart(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(3, 1)[::-1])
        await revoke(database, anna.client_id, "VPS-2")
        assert names_on(await catalogue.read_page(anna.client_id, Shelf.ACTIVE)) == ["VPS-3", "VPS-1"]
        assert names_on(await catalogue.read_page(anna.client_id, Shelf.REVOKED)) == ["VPS-2"]

    async def test_devices_are_counted_by_when_they_were_seen(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        now = clock.now()
        await add(database, clock, anna.client_id, ["today"], last_seen=now - timedelta(hours=23))
        await add(database, clock, anna.client_id, ["last week"], last_seen=now - timedelta(days=7))
        await add(database, clock, anna.client_id, ["never"])
        await add(database, clock, anna.client_id, ["gone"], last_seen=now, revoked=True)
        counts = await catalogue.count(anna.client_id)
        assert (counts.active, counts.seen, counts.never, counts.revoked) == (3, 1, 1, 1)

    async def test_a_client_without_devices_counts_nothing(self, catalogue: Catalogue, anna: Person) -> None:
        counts = await catalogue.count(anna.client_id)
        assert (counts.active, counts.seen, counts.never, counts.revoked) == (0, 0, 0, 0)

    async def test_a_client_s_own_limit_is_shown(self, catalogue: Catalogue, clients: ClientService) -> None:
        client = await clients.create_client("Desk", device_limit=0)
        assert (await catalogue.read_page(client.id)).limit == 0


class TestSearching:
    @pytest.fixture
    async def stocked(self, anna: Person, database: Database, clock: FakeClock) -> None:
        await add(
            database, clock, anna.client_id, ["Gold", "goldfish", "Straße 5", "100%", "100_000", "a/b\\c", "Zürich"]
        )
        await add(database, clock, anna.client_id, ["other"], fingerprint="3f9a12c4")
        await add(database, clock, anna.client_id, ["gold, revoked"], revoked=True)

    async def find(self, catalogue: Catalogue, anna: Person, text: str) -> set[str]:
        page = await catalogue.read_page(anna.client_id, Shelf.FOUND, search=text)
        assert page.matching == len(page.devices)
        assert page.search == text
        return set(names_on(page))

    @pytest.mark.usefixtures("stocked")
    async def test_it_finds_names_whatever_their_case_and_composition(self, catalogue: Catalogue, anna: Person) -> None:
        assert await self.find(catalogue, anna, "GOLD") == {"Gold", "goldfish"}
        assert await self.find(catalogue, anna, "STRASSE") == {"Straße 5"}
        assert await self.find(catalogue, anna, "zü") == {"Zürich"}
        assert await self.find(catalogue, anna, "ZU\u0308") == {"Zürich"}
        assert await self.find(catalogue, anna, "silver") == set()

    @pytest.mark.usefixtures("stocked")
    async def test_wildcards_of_sql_are_letters_like_any_other(self, catalogue: Catalogue, anna: Person) -> None:
        assert await self.find(catalogue, anna, "%") == set()
        assert await self.find(catalogue, anna, "_") == set()
        assert await self.find(catalogue, anna, "100%") == {"100%"}
        assert await self.find(catalogue, anna, "100_") == {"100_000"}
        assert await self.find(catalogue, anna, "a/b\\") == {"a/b\\c"}
        assert await self.find(catalogue, anna, "'; --") == set()

    @pytest.mark.usefixtures("stocked")
    async def test_it_finds_fingerprints(self, catalogue: Catalogue, anna: Person) -> None:
        assert await self.find(catalogue, anna, "3F9A") == {"other"}

    @pytest.mark.usefixtures("stocked")
    async def test_it_finds_nothing_of_another_client(self, catalogue: Catalogue, bob: Person) -> None:
        assert await self.find(catalogue, bob, "gold") == set()


class TestWholeLists:
    async def test_all_devices_active_and_revoked_come_in_pieces_newest_first(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(5, 1)[::-1])
        await revoke(database, anna.client_id, "VPS-4")
        first, key = await catalogue.list_after(anna.client_id, 3)
        second, end = await catalogue.list_after(anna.client_id, 3, key)
        assert [device.device_name for device in first + second] == numbered(5, 1)
        assert (len(first), end) == (3, None)

    async def test_a_piece_that_holds_just_all_is_the_last(
        self, catalogue: Catalogue, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, numbered(3, 1))
        assert (await catalogue.list_after(anna.client_id, 3))[1] is None
