"""Many at once: nobody fails for being in a crowd, and what happens once happens once."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.services.admins import Admins
from bot.services.clients import ClientService, Profile
from bot.services.devices import DeviceService
from bot.services.errors import (
    DeviceRevoked,
    HandoutChanged,
    RegistryError,
)
from storage.models import ChatUser, Client, Device, Handout, HandoutState
from tests import rows
from tests.conftest import DEVICE_LIMIT
from tests.fakes import until
from tests.services.cards import CARD, lead_to, offer, offer_new_secret, show, tap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services.clients import Person
    from bot.services.handouts import HandoutService
    from bot.services.hashing import Tagger
    from storage.database import Database
    from tests.fakes import CountingHasher, FakeClock

CROWD = 50
MANY_TRIES = 20
NO_OVERLAP = timedelta(0)

ANOTHER_PROCESS = """
import asyncio, sys
from bot.services.admins import Admins
from bot.services.clients import ClientService, Profile
from bot.services.clock import Clock
from storage.database import Database

async def main():
    database = Database(sys.argv[1])
    clients = ClientService(database, Clock(), admins=Admins())
    print("ready", flush=True)
    for person in range(50):
        await clients.enter(Profile(5000 + person, "Eve"))
    await database.dispose()

asyncio.run(main())
"""


async def outcomes(*attempts: Awaitable[object]) -> Counter[str]:
    """Let all happen at once; count what became of them. Whatever is no answer of the registry fails the test."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, RegistryError):
            raise result
    return Counter(type(result).__name__ if isinstance(result, RegistryError) else "done" for result in results)


@pytest.fixture
def several(
    database: Database,
    database_url: str,
    open_database: Callable[[str], Database],
    hasher: CountingHasher,
    tagger: Tagger,
    clock: FakeClock,
) -> list[DeviceService]:
    """Device services as separate programs have them: each with its own connections to one database."""
    return [
        DeviceService(opened, hasher, tagger, clock, device_limit=DEVICE_LIMIT)
        for opened in (database, open_database(database_url), open_database(database_url))
    ]


class TestWriters:
    async def test_fifty_writers_at_once_never_find_the_database_locked(
        self,
        clients: ClientService,
        database: Database,
        database_url: str,
        open_database: Callable[[str], Database],
        clock: FakeClock,
    ) -> None:
        services = [clients, *(ClientService(open_database(database_url), clock, admins=Admins()) for _ in range(2))]
        beside = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ANOTHER_PROCESS, database_url, stdout=asyncio.subprocess.PIPE
        )
        assert beside.stdout is not None
        await beside.stdout.readline()

        async def come_and_change(number: int) -> None:
            service = services[number % len(services)]
            for name in ("Fay", "Gil"):
                await service.enter(Profile(number, name))

        assert await outcomes(*(come_and_change(number) for number in range(CROWD))) == {"done": CROWD}
        assert await beside.wait() == 0
        assert await rows.count(database, ChatUser) == CROWD + 50

    async def test_readers_do_not_wait_for_a_writer(self, database: Database, anna: Person) -> None:
        async with database.begin() as session:
            (await session.get_one(ChatUser, anna.telegram_id)).first_name = "Anne"
            await session.flush()
            async with asyncio.timeout(5):
                assert await rows.count(database, ChatUser) == 1


class TestCreating:
    async def test_of_many_who_take_one_name_one_gets_it(
        self, several: list[DeviceService], anna: Person, database: Database
    ) -> None:
        happened = await outcomes(*(several[i % 3].create_device(anna.client_id, "VPS-1") for i in range(20)))
        assert happened == {"done": 1, "DeviceNameTaken": 19}
        assert await rows.count(database, Device) == 1

    async def test_of_many_who_rename_to_one_name_one_gets_it(self, several: list[DeviceService], anna: Person) -> None:
        made = [(await several[0].create_device(anna.client_id, f"VPS-{i}"))[0] for i in range(DEVICE_LIMIT)]
        happened = await outcomes(
            *(several[i % 3].update_device_name(device.id, "Gold") for i, device in enumerate(made))
        )
        assert happened == {"done": 1, "DeviceNameTaken": DEVICE_LIMIT - 1}
        assert [device.device_name for device in await several[0].list_devices(anna.client_id)].count("Gold") == 1

    async def test_however_many_come_at_once_the_limit_holds(
        self, several: list[DeviceService], anna: Person, database: Database
    ) -> None:
        happened = await outcomes(*(several[i % 3].create_device(anna.client_id, f"VPS-{i}") for i in range(20)))
        assert happened == {"done": DEVICE_LIMIT, "DeviceLimitReached": 20 - DEVICE_LIMIT}
        assert await rows.count(database, Device) == DEVICE_LIMIT

    async def test_taps_and_creations_together_do_not_pass_the_limit(
        self, devices: DeviceService, handouts: HandoutService, clients: ClientService, database: Database
    ) -> None:
        people = [await clients.enter(Profile(1000 + i, "Dora")) for i in range(6)]
        async with database.begin() as session:
            for person in people[1:]:
                (await session.get_one(ChatUser, person.telegram_id)).client_id = people[0].client_id
            (await session.get_one(Client, people[0].client_id)).device_limit = 4
        people = [await clients.enter(Profile(person.telegram_id, "Dora")) for person in people]
        cards = [await offer(handouts, person, f"VPS-{i}") for i, person in enumerate(people)]
        happened = await outcomes(
            *(tap(handouts, person, card) for person, card in zip(people, cards, strict=True)),
            *(devices.create_device(people[0].client_id, f"other {i}") for i in range(6)),
        )
        assert happened == {"done": 4, "DeviceLimitReached": 8}
        assert await rows.count(database, Device) == 4


class TestOnce:
    async def test_of_many_revocations_one_counts(
        self, several: list[DeviceService], anna: Person, database: Database
    ) -> None:
        device, _ = await several[0].create_device(anna.client_id, "VPS-1")
        happened = await outcomes(*(several[i % 3].revoke_device(device.id, actor="chat:9") for i in range(15)))
        assert happened == {"done": 1, "DeviceRevoked": 14}
        assert len(await rows.list_audit(database, "device_revoked")) == 1
        assert len(await rows.list_notices(database)) == 1

    async def test_of_many_taps_on_one_card_one_gets_a_secret(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        happened = await outcomes(*(handouts.arm(anna, card.id, CARD) for _ in range(15)))
        assert happened["done"] == 1
        assert happened["HandoutChanged"] + happened["AnotherSecretVisible"] == 14
        assert len(await rows.list_devices(database, anna.client_id)) == 1
        row = await rows.read_handout(database, card.id)
        [device] = await rows.list_devices(database, anna.client_id)
        assert row.pending_fingerprint == device.fingerprint

    async def test_of_two_cards_tapped_at_once_in_a_chat_one_shows_its_secret(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        cards = [await offer(handouts, anna, f"VPS-{i}", message_id=i) for i in range(1, 6)]
        happened = await outcomes(*(tap(handouts, anna, card) for card in cards))
        assert happened == {"done": 1, "AnotherSecretVisible": 4}
        assert len(await rows.list_devices(database, anna.client_id)) == 1
        states = Counter([(await rows.read_handout(database, card.id)).state for card in cards])
        assert states == {"armed": 1, "offered": 4}

    @pytest.mark.parametrize(
        ("state", "step"),
        [
            (HandoutState.OFFERING, lambda service, _, card: service.place(card.id, CARD)),
            (HandoutState.ARMED, lambda service, _, card: service.confirm_shown(card.id)),
            (HandoutState.ARMED, lambda service, _, card: service.abandon(card.id)),
            (HandoutState.ARMED, lambda service, person, card: service.dismiss(person, card.id, CARD)),
            (HandoutState.SHOWN, lambda service, person, card: service.dismiss(person, card.id, CARD)),
        ],
        ids=["place", "confirm", "abandon", "save what is unconfirmed", "save"],
    )
    async def test_of_many_who_take_one_step_one_does(
        self,
        handouts: HandoutService,
        anna: Person,
        clock: FakeClock,
        state: HandoutState,
        step: Callable[[HandoutService, Person, Handout], Awaitable[Any]],
    ) -> None:
        card = await lead_to(state, handouts, anna, clock)
        results = await asyncio.gather(*(step(handouts, anna, card) for _ in range(8)), return_exceptions=True)
        winners = [result for result in results if isinstance(result, Handout)]
        losers = [result for result in results if result is None or isinstance(result, HandoutChanged)]
        assert (len(winners), len(losers)) == (1, 7)

    async def test_a_receipt_is_owed_once_however_many_saw_the_message_go(
        self, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card = await lead_to(HandoutState.DESTROYING, handouts, anna, clock)
        await outcomes(*(handouts.mark_destroyed(card.id) for _ in range(8)))
        assert len(await rows.list_notices(database, "handout_ended")) == 1

    async def test_giving_up_and_confirming_at_once_leave_one_truth(
        self, handouts: HandoutService, clients: ClientService, database: Database
    ) -> None:
        for number in range(6):
            person = await clients.enter(Profile(1000 + number, "Dora"))
            card = await offer(handouts, person)
            await tap(handouts, person, card)
            await outcomes(handouts.confirm_shown(card.id), handouts.abandon(card.id))
            row = await rows.read_handout(database, card.id)
            is_live = await rows.read_device(database, card.device_id) is not None
            # who reads that it was thrown away must not hold a secret that works
            assert is_live == (row.shown_at is not None)
            assert is_live == (row.outcome != "unconfirmed")


class TestNobodyWaitsInACircle:
    async def test_whatever_meets_at_one_device_ends_in_an_answer(
        self, handouts: HandoutService, several: list[DeviceService], clients: ClientService, database: Database
    ) -> None:
        for number in range(6):
            person = await clients.enter(Profile(1000 + number, "Dora"))
            device, secret = await several[0].create_device(person.client_id, "VPS-1")
            card = await offer_new_secret(handouts, person, device.id, NO_OVERLAP)
            if number % 2:
                await tap(handouts, person, card)
            async with asyncio.timeout(20):
                await outcomes(
                    handouts.confirm_shown(card.id) if number % 2 else handouts.arm(person, card.id, CARD),
                    several[1].authenticate_device(device.id, secret),
                    several[1].revoke_device(device.id) if number % 3 else several[1].rotate_secret(device.id),
                    several[2].update_device_name(device.id, "VPS-2"),
                    several[0].create_device(person.client_id, "VPS-3"),
                    handouts.offer_rotation(person, device.id, source=f"again {number}"),
                )
            row = await rows.read_handout(database, card.id)
            current = await rows.read_device(database, device.id)
            assert current is not None
            if current.revoked:
                assert row.state in {"cancelled", "destroying"}

    async def test_a_client_can_be_deleted_in_the_middle_of_everything(
        self, handouts: HandoutService, several: list[DeviceService], clients: ClientService, database: Database
    ) -> None:
        for number in range(5):
            person = await clients.enter(Profile(1000 + number, "Dora"))
            device, _ = await several[0].create_device(person.client_id, "VPS-1")
            card = await offer(handouts, person, "VPS-2")
            _, secret = await tap(handouts, person, card)
            async with asyncio.timeout(20):
                await outcomes(
                    several[1].rotate_secret(device.id),
                    handouts.confirm_shown(card.id),
                    clients.delete_client(person.client_id, actor="chat:9"),
                    several[2].revoke_device(device.id),
                    several[2].create_device(person.client_id, "VPS-3"),
                )
            assert await rows.list_devices(database, person.client_id) == []
            assert (await rows.read_handout(database, card.id)).state == "destroying"
            with pytest.raises(RegistryError):
                await several[0].authenticate_device(card.device_id, secret)


class TestRevocation:
    async def test_every_login_that_begins_after_the_answer_is_refused_in_every_process(
        self, several: list[DeviceService], anna: Person
    ) -> None:
        device, secret = await several[0].create_device(anna.client_id, "VPS-1")
        stop = asyncio.Event()
        late: list[str] = []
        revoked = False

        async def keep_trying(service: DeviceService) -> None:
            while not stop.is_set():
                began_after = revoked
                happened = await outcomes(service.authenticate_device(device.id, secret))
                if began_after:
                    late.extend(happened)

        trying = [asyncio.create_task(keep_trying(service)) for service in several]
        await asyncio.sleep(0.05)
        await several[0].revoke_device(device.id)
        revoked = True
        await until(lambda: len(late) >= MANY_TRIES)
        stop.set()
        await asyncio.gather(*trying)
        assert set(late) == {"DeviceRevoked"}


async def test_the_same_person_who_comes_many_times_at_once_becomes_one_client(
    clients: ClientService,
    database: Database,
    database_url: str,
    open_database: Callable[[str], Database],
    clock: FakeClock,
) -> None:
    services = [clients, ClientService(open_database(database_url), clock, admins=Admins())]
    people = await asyncio.gather(*(services[i % 2].enter(Profile(404, "Kim")) for i in range(20)))
    assert len({person.client_id for person in people}) == 1
    assert [person.is_new for person in people].count(True) == 1
    assert await rows.count(database, Client) == 1
    assert len(await rows.list_audit(database, "client_created")) == 1


async def test_a_secret_on_the_screen_and_a_revocation_at_once_leave_nothing_that_works(
    handouts: HandoutService, devices: DeviceService, clients: ClientService, database: Database
) -> None:
    for number in range(5):
        person = await clients.enter(Profile(1000 + number, "Dora"))
        card = await offer(handouts, person)
        _, secret = await show(handouts, person, card)
        await outcomes(handouts.dismiss(person, card.id, CARD), devices.revoke_device(card.device_id))
        assert (await rows.read_handout(database, card.id)).state == "destroying"
        with pytest.raises(DeviceRevoked):
            await devices.authenticate_device(card.device_id, secret)
