"""Who gets in with which secret, what everybody else is told, and what a try costs."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from argon2 import PasswordHasher

from bot.services.clients import Profile
from bot.services.devices import DeviceService
from bot.services.errors import ClientSuspended, DeviceRevoked, InvalidCredentials, Overloaded
from bot.services.hashing import LOGIN_THREADS, QUEUE_LENGTH, Hasher, Secret, Tagger, create_secret
from bot.services.keys import Keyring
from storage.database import Database
from storage.models import ChatUser
from tests import rows
from tests.conftest import SERVER_KEY
from tests.fakes import CHEAP, CountingHasher, until
from tests.services.test_handouts import columns

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from bot.services.clients import ClientService, Person
    from bot.services.handouts import HandoutService
    from storage.prepared import Prepared
    from tests.fakes import FakeClock

MINUTE = timedelta(minutes=1)


class TestWhoGetsIn:
    async def test_the_right_secret_opens_the_device(self, devices: DeviceService, anna: Person) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        assert (await devices.authenticate_device(device.id, secret)).id == device.id
        assert (await devices.authenticate_device(str(device.id), secret)).id == device.id

    async def test_a_wrong_secret_is_refused_and_costs_no_argon2(
        self, devices: DeviceService, anna: Person, hasher: CountingHasher
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        for _ in range(3):
            with pytest.raises(InvalidCredentials):
                await devices.authenticate_device(device.id, create_secret().reveal())
        assert hasher.verified == 0

    async def test_another_device_s_secret_is_wrong(
        self, devices: DeviceService, anna: Person, hasher: CountingHasher
    ) -> None:
        first, _ = await devices.create_device(anna.client_id, "VPS-1")
        _, secret = await devices.create_device(anna.client_id, "VPS-2")
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(first.id, secret)
        assert hasher.verified == 0

    async def test_a_matching_tag_alone_does_not_open_the_device(
        self, devices: DeviceService, anna: Person, tagger: Tagger, hasher: CountingHasher, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        forged = create_secret().reveal()
        await rows.set_device(database, device.id, secret_tag=tagger.tag(forged))
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, forged)
        assert hasher.verified == 1

    async def test_an_unknown_device_is_refused_like_a_wrong_secret(
        self, devices: DeviceService, hasher: CountingHasher
    ) -> None:
        for device_id in (uuid.UUID(int=7), "", "not an id", "\ud800", "7b0f42aa"):
            with pytest.raises(InvalidCredentials):
                await devices.authenticate_device(device_id, create_secret().reveal())
        assert hasher.verified == 0

    async def test_a_malformed_secret_is_refused(
        self, devices: DeviceService, anna: Person, hasher: CountingHasher
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        for secret in ("", "x", "dsk1_" + "0" * 59, "a" * 64, "ä" * 64, "\ud800" * 64, "dsk1_" * 5000):
            with pytest.raises(InvalidCredentials):
                await devices.authenticate_device(device.id, secret)
        assert hasher.verified == 0

    async def test_a_malformed_secret_is_refused_even_when_its_tag_was_planted(
        self, devices: DeviceService, anna: Person, tagger: Tagger, database: Database, hasher: CountingHasher
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        weak = "dsk1_" + "0" * 59
        await rows.set_device(
            database, device.id, secret_tag=tagger.tag(weak), secret_hash=await hasher.hash(Secret(weak))
        )
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, weak)

    async def test_a_reserved_device_is_as_good_as_unknown(
        self, devices: DeviceService, anna: Person, database: Database, hasher: CountingHasher
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await rows.set_device(database, device.id, live_at=None)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, secret)
        assert hasher.verified == 0

    async def test_revoked_is_told_only_to_who_has_the_secret(self, devices: DeviceService, anna: Person) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id, reason="sold")
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, create_secret().reveal())
        with pytest.raises(DeviceRevoked) as caught:
            await devices.authenticate_device(device.id, secret)
        assert caught.value.device.revoke_reason == "sold"

    async def test_suspended_is_told_only_to_who_has_the_secret(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await rows.suspend(database, anna.client_id)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, create_secret().reveal())
        with pytest.raises(ClientSuspended):
            await devices.authenticate_device(device.id, secret)
        await rows.suspend(database, anna.client_id, "active")
        assert (await devices.authenticate_device(device.id, secret)).id == device.id

    async def test_who_is_turned_away_leaves_no_trace_of_having_been_seen(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await devices.authenticate_device(device.id, secret, address="203.0.113.7")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.last_seen, row.last_ip) == (None, None)
        assert await rows.list_notices(database) == []

    @pytest.mark.parametrize("logins", [0, 2], ids=["at its first login", "at a later one"])
    @pytest.mark.parametrize("what", ["replaced", "revoked", "suspended", "deleted"])
    async def test_what_happens_to_a_device_while_it_is_verified_keeps_it_out(
        self,
        devices: DeviceService,
        anna: Person,
        clients: ClientService,
        database: Database,
        hasher: CountingHasher,
        what: str,
        logins: int,
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        for _ in range(logins):
            await devices.authenticate_device(device.id, secret)
        happenings: dict[str, tuple[Callable[[], Awaitable[object]], type[Exception]]] = {
            "replaced": (lambda: devices.rotate_secret(device.id), InvalidCredentials),
            "revoked": (lambda: devices.revoke_device(device.id), DeviceRevoked),
            "suspended": (lambda: rows.suspend(database, anna.client_id), ClientSuspended),
            "deleted": (lambda: clients.delete_client(anna.client_id, actor="test"), InvalidCredentials),
        }
        hasher.meanwhile, refusal = happenings[what]
        with pytest.raises(refusal):
            await devices.authenticate_device(device.id, secret)

    async def test_a_login_about_which_nothing_is_to_be_noted_opens_no_transaction(
        self,
        devices: DeviceService,
        anna: Person,
        database: Database,
        clock: FakeClock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.authenticate_device(device.id, secret)
        kept = await rows.read_device(database, device.id)
        assert kept is not None
        written: list[object] = []
        write = Database.write

        async def note(self: Database, statement: Prepared, values: Iterable[dict[str, Any]]) -> None:
            written.append(statement)
            await write(self, statement, values)

        with monkeypatch.context() as patch:
            patch.setattr(Database, "begin", None)
            patch.setattr(Database, "write", note)
            again = await devices.authenticate_device(device.id, secret)
            assert columns(again) == columns(kept)
            assert written == []
            seen_at = clock.advance(MINUTE)
            again = await devices.authenticate_device(device.id, secret, address="203.0.113.7")
            assert len(written) == 1
        kept = await rows.read_device(database, device.id)
        assert kept is not None
        assert columns(again) == columns(kept)
        assert (kept.last_seen, kept.last_ip) == (seen_at, "203.0.113.7")


class TestBeingSeen:
    async def test_a_device_is_never_seen_until_it_first_logs_in(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        assert (await devices.get_device(device.id)).last_seen is None
        moment = clock.advance(MINUTE)
        returned = await devices.authenticate_device(device.id, secret, address="203.0.113.7")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.last_seen, row.last_ip) == (returned.last_seen, returned.last_ip) == (moment, "203.0.113.7")

    async def test_last_seen_moves_at_most_once_a_minute(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        first = clock.now()
        await devices.authenticate_device(device.id, secret, address="203.0.113.7")
        clock.advance(MINUTE - timedelta(microseconds=1))
        await devices.authenticate_device(device.id, secret, address="203.0.113.8")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.last_seen, row.last_ip) == (first, "203.0.113.7")
        later = clock.advance(timedelta(microseconds=1))
        await devices.authenticate_device(device.id, secret, address="203.0.113.8")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.last_seen, row.last_ip) == (later, "203.0.113.8")

    async def test_an_address_of_ipv6_fits(self, devices: DeviceService, anna: Person) -> None:
        longest = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        assert (await devices.authenticate_device(device.id, secret, address=longest)).last_ip == longest

    async def test_being_seen_is_no_change_of_the_device(
        self, devices: DeviceService, anna: Person, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        clock.advance(MINUTE)
        assert (await devices.authenticate_device(device.id, secret)).updated_at == device.created_at

    async def test_the_first_login_owes_one_notice_to_each_of_its_people_and_the_second_none(
        self, devices: DeviceService, anna: Person, clients: ClientService, database: Database, clock: FakeClock
    ) -> None:
        partner = await clients.enter(Profile(303, "Carl"))
        async with database.begin() as session:
            user = await session.get_one(ChatUser, partner.telegram_id)
            user.client_id = anna.client_id
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.authenticate_device(device.id, secret, address="203.0.113.7")
        clock.advance(2 * MINUTE)
        await devices.authenticate_device(device.id, secret, address="203.0.113.8")
        owed = await rows.list_notices(database, "first_login")
        assert [notice.telegram_id for notice in owed] == [anna.telegram_id, partner.telegram_id]
        assert {notice.details["address"] for notice in owed} == {"203.0.113.7"}

    async def test_many_first_logins_at_once_owe_one_notice(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await asyncio.gather(*(devices.authenticate_device(device.id, secret) for _ in range(10)))
        assert len(await rows.list_notices(database, "first_login")) == 1

    async def test_a_device_without_people_can_log_in(self, devices: DeviceService, clients: ClientService) -> None:
        client = await clients.create_client("Desk")
        device, secret = await devices.create_device(client.id, "VPS-1")
        assert (await devices.authenticate_device(device.id, secret)).last_seen is not None


class TestTheOverlap:
    async def test_both_secrets_work_within_it(self, devices: DeviceService, anna: Person, clock: FakeClock) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await devices.rotate_secret(device.id, timedelta(hours=1))
        clock.advance(timedelta(minutes=59))
        await devices.authenticate_device(device.id, old)
        await devices.authenticate_device(device.id, new)

    async def test_logging_in_with_the_old_secret_does_not_end_it(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        rotated, _ = await devices.rotate_secret(device.id, timedelta(hours=1))
        for _ in range(2):
            await devices.authenticate_device(device.id, old)
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.secret_hash, row.fingerprint) == (rotated.secret_hash, rotated.fingerprint)

    async def test_the_first_login_with_the_new_secret_ends_it(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await devices.rotate_secret(device.id, timedelta(hours=1))
        await devices.authenticate_device(device.id, new)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, old)
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.previous_hash, row.previous_tag, row.previous_fingerprint, row.previous_valid_until) == (None,) * 4

    async def test_the_old_secret_stops_at_its_end_to_the_microsecond(
        self, devices: DeviceService, anna: Person, clock: FakeClock, hasher: CountingHasher
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await devices.rotate_secret(device.id, timedelta(hours=1))
        clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
        await devices.authenticate_device(device.id, old)
        clock.advance(timedelta(microseconds=1))
        verified = hasher.verified
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, old)
        assert hasher.verified == verified
        await devices.authenticate_device(device.id, new)

    async def test_the_old_secret_of_a_revoked_device_is_refused(self, devices: DeviceService, anna: Person) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        _, new = await devices.rotate_secret(device.id, timedelta(hours=1))
        await devices.revoke_device(device.id)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, old)
        with pytest.raises(DeviceRevoked):
            await devices.authenticate_device(device.id, new)

    async def test_no_fingerprint_or_hash_of_two_secrets_is_shared(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.rotate_secret(device.id, timedelta(hours=1))
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert row.previous_fingerprint == device.fingerprint != row.fingerprint
        assert row.previous_hash == device.secret_hash != row.secret_hash
        assert row.previous_tag == device.secret_tag != row.secret_tag


class TestRenewal:
    async def test_a_tag_under_a_retired_key_still_opens_and_is_remade(
        self, devices: DeviceService, anna: Person, database: Database, hasher: CountingHasher, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        new_key = b"another key of thirty-two bytes."
        both = DeviceService(database, hasher, Tagger(Keyring([new_key, SERVER_KEY])), clock)
        only_new = DeviceService(database, hasher, Tagger(Keyring([new_key])), clock)
        with pytest.raises(InvalidCredentials):
            await only_new.authenticate_device(device.id, secret)
        await both.authenticate_device(device.id, secret)
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert row.secret_tag == Tagger(Keyring([new_key])).tag(secret) != device.secret_tag
        assert (await only_new.authenticate_device(device.id, secret)).id == device.id

    async def test_a_hash_of_outdated_cost_is_remade_at_login(
        self, devices: DeviceService, anna: Person, database: Database, tagger: Tagger, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        stronger = Hasher(time_cost=2, memory_kib=16)
        try:
            await DeviceService(database, stronger, tagger, clock).authenticate_device(device.id, secret)
            row = await rows.read_device(database, device.id)
            assert row is not None
            assert "m=16,t=2,p=1" in row.secret_hash
            assert row.secret_generation == device.secret_generation
            await DeviceService(database, stronger, tagger, clock).authenticate_device(device.id, secret)
            again = await rows.read_device(database, device.id)
            assert again is not None
            assert again.secret_hash == row.secret_hash
        finally:
            stronger.close()

    async def test_a_login_with_the_old_secret_of_an_overlap_renews_nothing(
        self, devices: DeviceService, anna: Person, database: Database, tagger: Tagger, clock: FakeClock
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        rotated, new = await devices.rotate_secret(device.id, timedelta(hours=1))
        stronger = Hasher(time_cost=2, memory_kib=16)
        try:
            await DeviceService(database, stronger, tagger, clock).authenticate_device(device.id, old)
        finally:
            stronger.close()
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.secret_hash, row.secret_tag) == (rotated.secret_hash, rotated.secret_tag)
        await devices.authenticate_device(device.id, new)


class StuckHasher(CountingHasher):
    """A hasher whose every thread waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def _verify(self, secret_hash: str, secret: Secret) -> bool:
        self.gate.wait(30)
        return super()._verify(secret_hash, secret)


@pytest.fixture
def stuck() -> Iterator[StuckHasher]:
    hasher = StuckHasher()
    yield hasher
    hasher.gate.set()
    hasher.close()


class TestTheQueue:
    async def test_past_a_full_queue_a_right_secret_is_refused_at_once_and_a_wrong_one_as_ever(
        self,
        devices: DeviceService,
        anna: Person,
        database: Database,
        tagger: Tagger,
        clock: FakeClock,
        stuck: StuckHasher,
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        jammed = DeviceService(database, stuck, tagger, clock)
        logins = [
            asyncio.create_task(jammed.authenticate_device(device.id, secret))
            for _ in range(LOGIN_THREADS + QUEUE_LENGTH)
        ]
        await until(lambda: stuck.logins.waiting == LOGIN_THREADS + QUEUE_LENGTH)
        async with asyncio.timeout(10):
            with pytest.raises(Overloaded) as caught:
                await jammed.authenticate_device(device.id, secret)
            with pytest.raises(InvalidCredentials):
                await jammed.authenticate_device(device.id, create_secret().reveal())
        assert timedelta(0) < caught.value.retry_in <= timedelta(seconds=5)
        stuck.gate.set()
        assert {device.id for device in await asyncio.gather(*logins)} == {device.id}
        assert stuck.logins.waiting == 0

    async def test_logins_and_new_secrets_keep_each_other_waiting_for_nothing(self, stuck: StuckHasher) -> None:
        full = LOGIN_THREADS + QUEUE_LENGTH
        logins = [asyncio.create_task(stuck.verify("$argon2id$", create_secret())) for _ in range(full)]
        await until(lambda: stuck.logins.waiting == full)
        async with asyncio.timeout(10):
            assert (await stuck.hash(create_secret())).startswith("$argon2id$")
        assert stuck.logins.waiting == full
        stuck.gate.set()
        await asyncio.gather(*logins)

    async def test_new_secrets_are_hashed_one_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hasher, under_way, most = Hasher(**CHEAP), 0, 0

        def hash_slowly(_: PasswordHasher, __: str) -> str:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            time.sleep(0.01)
            under_way -= 1
            return "$argon2id$"

        monkeypatch.setattr(PasswordHasher, "hash", hash_slowly)
        await asyncio.gather(*(hasher.hash(create_secret()) for _ in range(10)))
        assert most == 1
        hasher.close()

    async def test_a_login_that_was_given_up_leaves_its_place_in_the_queue(self) -> None:
        hasher = StuckHasher()
        try:
            waiting = asyncio.create_task(hasher.verify("$argon2id$", create_secret()))
            await asyncio.sleep(0)
            assert hasher.logins.waiting == 1
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert hasher.logins.waiting == 0
        finally:
            hasher.gate.set()
            hasher.close()


class Witness(Hasher):
    """A hasher at its real cost that knows which threads did the work."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    def _verify(self, secret_hash: str, secret: Secret) -> bool:
        self.threads.append(threading.get_ident())
        return super()._verify(secret_hash, secret)


class TestTheRealCost:
    async def test_hashing_costs_what_owasp_asks_and_leaves_the_event_loop_free(self) -> None:
        hasher = Witness()
        secret = create_secret()
        iterations = 0

        async def count() -> None:
            nonlocal iterations
            while True:
                iterations += 1
                await asyncio.sleep(0)

        try:
            secret_hash = await hasher.hash(secret)
            assert secret_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
            counter = asyncio.create_task(count())
            results = await asyncio.gather(*(hasher.verify(secret_hash, secret) for _ in range(20)))
            counter.cancel()
            assert all(results)
            assert not await hasher.verify(secret_hash, create_secret())
            assert len(hasher.threads) == 21
            assert threading.get_ident() not in hasher.threads
            # were the interpreter kept while it hashes, the loop would come to no more than a few between two of them
            assert iterations > 10 * 20
            assert not hasher.is_outdated(secret_hash)
            assert Hasher(**CHEAP).is_outdated(secret_hash)
        finally:
            hasher.close()


async def test_two_secrets_shown_in_turn_leave_one_that_works(
    devices: DeviceService, handouts: HandoutService, anna: Person
) -> None:
    device, first = await devices.create_device(anna.client_id, "VPS-1")
    card = await handouts.offer_rotation(anna, device.id, source="7:1")
    await handouts.place(card.id, 11)
    _, second = await handouts.arm(anna, card.id, 11)
    await handouts.confirm_shown(card.id)
    with pytest.raises(InvalidCredentials):
        await devices.authenticate_device(device.id, first)
    assert (await devices.authenticate_device(device.id, second.reveal())).id == device.id
