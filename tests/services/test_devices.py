"""The rules for devices: create, list, get, rename, rotate, revoke."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.devices import DeviceService
from bot.services.errors import (
    AmbiguousDevice,
    ClientNotFound,
    ClientSuspended,
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    InvalidCredentials,
    InvalidDeviceName,
    NotTheOwner,
)
from bot.services.hashing import create_secret, fingerprint, is_well_formed
from bot.services.inbox import Received
from tests import rows
from tests.conftest import ADMIN_ID, DEVICE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.clients import ClientService, Person
    from bot.services.hashing import Tagger
    from bot.services.inbox import InboxService
    from storage.database import Database
    from tests.fakes import CountingHasher, FakeClock

NOBODY = uuid.UUID("00000000-0000-4000-8000-000000000000")

NAMES = [
    "Gold <b> & Co",
    "Терминал",
    "端末",
    "محطة",
    "👩‍💻 desk",
    "🇩🇪",
    "x" * 100,
    "🖥" * 100,
    "'; DROP TABLE devices;--",
    "%_",
]


def columns(record: object) -> dict[str, object]:
    """Return all that a record carries, loaded or set."""
    return {name: value for name, value in vars(record).items() if name != "_sa_instance_state"}


class TestCreating:
    async def test_a_new_device_comes_with_a_well_formed_secret(self, devices: DeviceService, anna: Person) -> None:
        _, secret = await devices.create_device(anna.client_id, "VPS-1")
        assert type(secret) is str
        assert is_well_formed(secret)

    async def test_every_device_gets_a_secret_of_its_own(self, devices: DeviceService, anna: Person) -> None:
        secrets = {(await devices.create_device(anna.client_id, f"VPS-{i}"))[1] for i in range(4)}
        assert len(secrets) == 4

    async def test_only_a_hash_of_the_secret_is_stored(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert row.secret_hash.startswith("$argon2id$")
        assert row.fingerprint == fingerprint(secret)
        assert secret not in repr(columns(row))
        assert secret.encode() not in b"".join(v for v in columns(row).values() if isinstance(v, bytes))

    async def test_the_secret_is_returned_at_creation_and_by_nothing_else(
        self, devices: DeviceService, anna: Person, clock: FakeClock
    ) -> None:
        created, secret = await devices.create_device(anna.client_id, "VPS-1")
        clock.advance(timedelta(minutes=2))
        records = [
            created,
            await devices.get_device(created.id),
            await devices.find_device(str(created.id)),
            *await devices.list_devices(anna.client_id),
            await devices.update_device_name(created.id, "VPS-2"),
            await devices.authenticate_device(created.id, secret),
            await devices.revoke_device(created.id),
        ]
        for record in records:
            assert secret not in repr(columns(record))
            assert secret not in repr(record)

    async def test_a_new_device_is_live_and_has_never_been_seen(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.live_at, row.created_at, row.updated_at) == (clock.now(),) * 3
        assert row.created_at.utcoffset() == timedelta(0)
        assert (row.revoked, row.revoked_at, row.last_seen, row.last_ip) == (False, None, None, None)

    async def test_the_same_name_is_refused_within_a_client(self, devices: DeviceService, anna: Person) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        with pytest.raises(DeviceNameTaken) as caught:
            await devices.create_device(anna.client_id, " VPS-1 ")
        assert caught.value.name == "VPS-1"
        assert len(await devices.list_devices(anna.client_id)) == 1

    async def test_a_name_composed_in_another_way_is_the_same_name(self, devices: DeviceService, anna: Person) -> None:
        await devices.create_device(anna.client_id, "Zürich")
        with pytest.raises(DeviceNameTaken):
            await devices.create_device(anna.client_id, "Zu\u0308rich")

    async def test_names_differ_by_case(self, devices: DeviceService, anna: Person) -> None:
        await devices.create_device(anna.client_id, "VPS")
        await devices.create_device(anna.client_id, "vps")
        assert {device.device_name for device in await devices.list_devices(anna.client_id)} == {"VPS", "vps"}

    async def test_two_clients_may_use_one_name(self, devices: DeviceService, anna: Person, bob: Person) -> None:
        hers, _ = await devices.create_device(anna.client_id, "VPS-1")
        his, _ = await devices.create_device(bob.client_id, "VPS-1")
        assert hers.id != his.id

    async def test_an_unknown_client_is_refused(self, devices: DeviceService, hasher: CountingHasher) -> None:
        for client_id in (NOBODY, str(NOBODY), "no client id", ""):
            with pytest.raises(ClientNotFound):
                await devices.create_device(client_id, "VPS-1")
        assert hasher.hashed == 0

    async def test_a_suspended_client_is_refused(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await devices.create_device(anna.client_id, "VPS-1")

    async def test_a_client_is_found_by_the_text_of_its_id(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(str(anna.client_id), "VPS-1")
        assert [found.id for found in await devices.list_devices(str(anna.client_id))] == [device.id]

    async def test_an_invalid_name_is_refused_before_anything_is_hashed(
        self, devices: DeviceService, anna: Person, hasher: CountingHasher
    ) -> None:
        with pytest.raises(InvalidDeviceName):
            await devices.create_device(anna.client_id, "   ")
        assert hasher.hashed == 0
        assert await devices.list_devices(anna.client_id) == []

    async def test_a_name_with_a_secret_in_it_is_stored_nowhere(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        leaked = create_secret().reveal()
        with pytest.raises(InvalidDeviceName) as caught:
            await devices.create_device(anna.client_id, f"my {leaked}")
        assert leaked not in repr(caught.value)
        assert leaked not in str(caught.value)
        assert await rows.list_devices(database, anna.client_id) == []

    async def test_a_name_in_any_script_is_kept_as_it_is(
        self, devices: DeviceService, clients: ClientService, database: Database
    ) -> None:
        client = await clients.create_client("Desk", device_limit=len(NAMES))
        for name in NAMES:
            device, _ = await devices.create_device(client.id, name)
            row = await rows.read_device(database, device.id)
            assert row is not None
            assert row.device_name == name

    async def test_creation_is_in_the_audit_without_the_secret(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1", actor="token:1")
        [event] = await rows.list_audit(database, "device_registered")
        assert (event.actor, event.at) == ("token:1", clock.now())
        assert (event.client_id, event.device_id) == (anna.client_id, device.id)
        assert secret not in repr(columns(event))


class TestTheLimit:
    async def test_a_client_has_no_more_devices_than_its_limit(self, devices: DeviceService, anna: Person) -> None:
        for i in range(DEVICE_LIMIT):
            await devices.create_device(anna.client_id, f"VPS-{i}")
        with pytest.raises(DeviceLimitReached) as caught:
            await devices.create_device(anna.client_id, "one too many")
        assert caught.value.limit == DEVICE_LIMIT

    async def test_a_revoked_device_makes_room(self, devices: DeviceService, clients: ClientService) -> None:
        client = await clients.create_client("Desk", device_limit=1)
        first, _ = await devices.create_device(client.id, "VPS-1")
        await devices.revoke_device(first.id)
        second, _ = await devices.create_device(client.id, "VPS-2")
        assert [device.id for device in await devices.list_devices(client.id) if not device.revoked] == [second.id]

    async def test_a_client_s_own_limit_counts_instead_of_the_common_one(
        self, devices: DeviceService, clients: ClientService
    ) -> None:
        for limit in (0, 1, DEVICE_LIMIT + 1):
            client = await clients.create_client("Desk", device_limit=limit)
            for i in range(limit):
                await devices.create_device(client.id, f"VPS-{i}")
            with pytest.raises(DeviceLimitReached) as caught:
                await devices.create_device(client.id, "one too many")
            assert caught.value.limit == limit

    async def test_one_client_s_devices_do_not_count_for_another(
        self, devices: DeviceService, clients: ClientService
    ) -> None:
        full = await clients.create_client("Full", device_limit=1)
        empty = await clients.create_client("Empty", device_limit=1)
        await devices.create_device(full.id, "VPS-1")
        await devices.create_device(empty.id, "VPS-1")


class TestReading:
    async def test_a_client_without_devices_has_an_empty_list(self, devices: DeviceService, anna: Person) -> None:
        assert await devices.list_devices(anna.client_id) == []

    async def test_an_unknown_client_has_an_empty_list(self, devices: DeviceService) -> None:
        for client_id in (NOBODY, str(NOBODY), "no client id"):
            assert await devices.list_devices(client_id) == []

    async def test_the_list_has_active_and_revoked_devices_newest_first(
        self, devices: DeviceService, anna: Person, bob: Person, clock: FakeClock
    ) -> None:
        made = []
        for name in ("first", "second", "third"):
            device, _ = await devices.create_device(anna.client_id, name)
            made.append(device.id)
            clock.advance(timedelta(seconds=1))
        await devices.create_device(bob.client_id, "not hers")
        await devices.revoke_device(made[1])
        listed = await devices.list_devices(anna.client_id)
        assert [device.id for device in listed] == made[::-1]
        assert [device.revoked for device in listed] == [False, True, False]

    async def test_a_device_is_found_by_its_id(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        assert (await devices.get_device(device.id)).device_name == "VPS-1"
        assert (await devices.get_device(str(device.id).upper())).device_name == "VPS-1"

    async def test_an_unknown_device_is_not_found(self, devices: DeviceService) -> None:
        for device_id in (NOBODY, str(NOBODY), "", "x", f"{{{NOBODY}}}", NOBODY.hex):
            with pytest.raises(DeviceNotFound):
                await devices.get_device(device_id)

    async def test_an_id_is_written_in_one_way(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        for spelling in (device.id.hex, f"{{{device.id}}}", f"urn:uuid:{device.id}", f" {device.id}"):
            with pytest.raises(DeviceNotFound):
                await devices.get_device(spelling)

    async def test_another_client_s_device_is_refused_when_the_owner_is_named(
        self, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        with pytest.raises(NotTheOwner):
            await devices.get_device(device.id, owner=bob.client_id)
        assert (await devices.get_device(device.id, owner=anna.client_id)).id == device.id

    async def test_records_are_detached_and_refuse_to_load_more(self, devices: DeviceService, anna: Person) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        [device] = await devices.list_devices(anna.client_id)
        with pytest.raises(Exception, match="lazy"):
            _ = device.client

    async def test_a_representation_shows_no_hash(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        assert "argon2" not in repr(device)
        assert str(device.id) in repr(device)

    async def test_devices_persist_across_a_restart(
        self,
        devices: DeviceService,
        anna: Person,
        database: Database,
        database_url: str,
        open_database: Callable[[str], Database],
        hasher: CountingHasher,
        tagger: Tagger,
        clock: FakeClock,
    ) -> None:
        kept, secret = await devices.create_device(anna.client_id, "Zürich 👩‍💻")
        gone, _ = await devices.create_device(anna.client_id, "gone")
        await devices.revoke_device(gone.id, reason="sold")
        await database.dispose()
        restarted = DeviceService(open_database(database_url), hasher, tagger, clock)
        names = {device.device_name: device.revoke_reason for device in await restarted.list_devices(anna.client_id)}
        assert names == {"Zürich 👩‍💻": None, "gone": "sold"}
        assert (await restarted.authenticate_device(kept.id, secret)).id == kept.id


class TestFinding:
    async def test_a_device_is_found_by_the_first_eight_characters_of_its_id(
        self, devices: DeviceService, anna: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        assert (await devices.find_device(f" {str(device.id)[:8].upper()} ")).id == device.id

    async def test_a_device_is_found_by_its_fingerprint(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        assert (await devices.find_device(device.fingerprint)).id == device.id

    async def test_what_is_no_beginning_of_an_id_finds_nothing(self, devices: DeviceService, anna: Person) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        texts = ["", "7b0f42a", "7b0f42aaa", "%%%%%%%%", "________", "7b0f42ax", "７b0f42aa", "\ud800" * 8]
        for text in texts:
            with pytest.raises(DeviceNotFound):
                await devices.find_device(text)

    async def test_a_beginning_that_fits_two_is_refused_with_both(
        self, devices: DeviceService, anna: Person, bob: Person, database: Database
    ) -> None:
        hers, _ = await devices.create_device(anna.client_id, "VPS-1")
        his, _ = await devices.create_device(bob.client_id, "VPS-1")
        await rows.set_device(database, his.id, fingerprint=str(hers.id)[:8])
        with pytest.raises(AmbiguousDevice) as caught:
            await devices.find_device(str(hers.id)[:8])
        assert {device.id for device in caught.value.devices} == {hers.id, his.id}
        assert (await devices.find_device(str(hers.id)[:8], owner=bob.client_id)).id == his.id

    async def test_another_client_s_device_is_not_found_when_the_owner_is_named(
        self, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        for text in (str(device.id), str(device.id)[:8], device.fingerprint):
            with pytest.raises(DeviceNotFound):
                await devices.find_device(text, owner=bob.client_id)


class TestRenaming:
    async def test_a_device_can_be_renamed(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        later = clock.advance(timedelta(minutes=5))
        await devices.update_device_name(device.id, "  Frankfurt\n")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.device_name, row.folded_name, row.updated_at) == ("Frankfurt", "frankfurt", later)
        assert row.created_at == later - timedelta(minutes=5)
        assert (await devices.authenticate_device(device.id, secret)).device_name == "Frankfurt"

    async def test_a_taken_name_is_refused_and_the_old_one_stays(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.create_device(anna.client_id, "VPS-2")
        with pytest.raises(DeviceNameTaken) as caught:
            await devices.update_device_name(device.id, "VPS-2")
        assert caught.value.name == "VPS-2"
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.device_name, row.folded_name) == ("VPS-1", "vps-1")

    async def test_a_name_that_another_client_uses_is_free(
        self, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.create_device(bob.client_id, "VPS-2")
        assert (await devices.update_device_name(device.id, "VPS-2")).device_name == "VPS-2"

    async def test_its_present_name_changes_nothing(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        clock.advance(timedelta(minutes=5))
        assert (await devices.update_device_name(device.id, "VPS-1")).updated_at == device.created_at
        assert await rows.list_audit(database, "device_renamed") == []

    async def test_an_unknown_device_is_refused(self, devices: DeviceService) -> None:
        with pytest.raises(DeviceNotFound):
            await devices.update_device_name(NOBODY, "VPS-1")

    async def test_a_revoked_device_keeps_its_name(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id)
        with pytest.raises(DeviceRevoked) as caught:
            await devices.update_device_name(device.id, "VPS-2")
        assert caught.value.device.id == device.id
        assert (await devices.get_device(device.id)).device_name == "VPS-1"

    async def test_another_client_s_device_keeps_its_name(
        self, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        with pytest.raises(NotTheOwner):
            await devices.update_device_name(device.id, "mine now", owner=bob.client_id)
        assert (await devices.get_device(device.id)).device_name == "VPS-1"

    async def test_an_invalid_name_is_refused(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        for name in ("", " \t ", "a\x00b", "x" * 101, "\u202eexe"):
            with pytest.raises(InvalidDeviceName):
                await devices.update_device_name(device.id, name)
        assert (await devices.get_device(device.id)).device_name == "VPS-1"

    async def test_a_name_is_free_again_after_its_device_is_renamed(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.update_device_name(device.id, "VPS-2")
        again, _ = await devices.create_device(anna.client_id, "VPS-1")
        assert again.id != device.id

    async def test_an_update_that_comes_twice_renames_once(
        self, devices: DeviceService, inbox: InboxService, anna: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await inbox.receive([Received("7:1", 1, anna.telegram_id, {}), Received("7:2", 2, anna.telegram_id, {})])
        await devices.update_device_name(device.id, "VPS-2", source="7:1")
        await devices.update_device_name(device.id, "VPS-3", source="7:2")
        redelivered = await devices.update_device_name(device.id, "VPS-2", source="7:1")
        assert redelivered.device_name == "VPS-3"
        assert (await devices.get_device(device.id)).device_name == "VPS-3"

    async def test_an_update_whose_renaming_was_refused_can_still_have_its_effect(
        self, devices: DeviceService, inbox: InboxService, anna: Person
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        other, _ = await devices.create_device(anna.client_id, "VPS-2")
        await inbox.receive([Received("7:1", 1, anna.telegram_id, {})])
        with pytest.raises(DeviceNameTaken):
            await devices.update_device_name(device.id, "VPS-2", source="7:1")
        await devices.revoke_device(other.id)
        await devices.update_device_name(device.id, "VPS-2", source="7:1")
        assert (await devices.get_device(device.id)).device_name == "VPS-2"


class TestRevoking:
    async def test_revoking_sets_the_flag_and_says_when_who_and_why(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        later = clock.advance(timedelta(minutes=5))
        await devices.revoke_device(device.id, actor=anna.actor, reason=" sold\n it ")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.revoked, row.revoked_at, row.updated_at) == (True, later, later)
        assert (row.revoked_by, row.revoke_reason) == (anna.actor, "sold it")

    async def test_a_revoked_device_cannot_authenticate(self, devices: DeviceService, anna: Person) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.authenticate_device(device.id, secret)
        await devices.revoke_device(device.id)
        with pytest.raises(DeviceRevoked):
            await devices.authenticate_device(device.id, secret)

    async def test_an_unknown_device_is_refused(self, devices: DeviceService) -> None:
        with pytest.raises(DeviceNotFound):
            await devices.revoke_device(NOBODY)

    async def test_a_second_time_is_refused_and_changes_nothing(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        first = (await devices.revoke_device(device.id, actor="chat:1", reason="first")).revoked_at
        clock.advance(timedelta(minutes=5))
        with pytest.raises(DeviceRevoked) as caught:
            await devices.revoke_device(device.id, actor="chat:2", reason="second")
        assert caught.value.device.revoked_at == first
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.revoked_at, row.revoked_by, row.revoke_reason) == (first, "chat:1", "first")

    async def test_another_client_s_device_stays_on(self, devices: DeviceService, anna: Person, bob: Person) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        with pytest.raises(NotTheOwner):
            await devices.revoke_device(device.id, owner=bob.client_id)
        assert (await devices.authenticate_device(device.id, secret)).revoked is False

    async def test_a_name_is_free_again_after_its_device_is_revoked(self, devices: DeviceService, anna: Person) -> None:
        first, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(first.id)
        second, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(second.id)
        third, _ = await devices.create_device(anna.client_id, "VPS-1")
        assert {device.id for device in await devices.list_devices(anna.client_id)} == {first.id, second.id, third.id}

    async def test_revoking_ends_the_overlap(self, devices: DeviceService, anna: Person, database: Database) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.rotate_secret(device.id, timedelta(hours=1))
        await devices.revoke_device(device.id)
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert (row.previous_hash, row.previous_tag, row.previous_valid_until) == (None, None, None)

    async def test_a_suspended_client_s_device_can_be_revoked(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await rows.suspend(database, anna.client_id)
        assert (await devices.revoke_device(device.id)).revoked

    async def test_a_reason_is_cut_and_never_stands_in_the_way(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        for reason, kept in (
            (None, None),
            ("", None),
            (" \n ", None),
            ("x" * 200, "x" * 200),
            ("x" * 201, "x" * 199 + "…"),
            ("🔥" * 300, "🔥" * 199 + "…"),
            ("Laptop\u0000 stolen\ud800!", "Laptop stolen!"),
            ("\u0007\ud83d", None),
        ):
            device, _ = await devices.create_device(anna.client_id, "VPS-1")
            await devices.revoke_device(device.id, reason=reason)
            row = await rows.read_device(database, device.id)
            assert row is not None
            assert (row.revoked, row.revoke_reason) == (True, kept)

    async def test_a_secret_in_the_reason_is_not_kept(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id, actor=f"chat:{ADMIN_ID}", reason=f"leaked: {secret}")
        row = await rows.read_device(database, device.id)
        assert row is not None
        assert row.revoke_reason is None
        for record in (*await rows.list_audit(database), *await rows.list_notices(database)):
            assert secret not in repr(columns(record))

    async def test_its_people_are_told_when_an_admin_revokes_a_device(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id, actor=f"chat:{ADMIN_ID}", reason="stolen")
        [notice] = await rows.list_notices(database)
        assert (notice.kind, notice.telegram_id) == ("revoked_by_admin", anna.telegram_id)
        assert notice.details["device_name"] == "VPS-1"
        assert notice.details["reason"] == "stolen"
        assert notice.details["told_by"] == ADMIN_ID
        assert notice.next_attempt_at == clock.now()

    async def test_nobody_is_told_when_its_own_people_revoke_a_device(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        for actor in (anna.actor, None, "token:1"):
            device, _ = await devices.create_device(anna.client_id, "VPS-1")
            await devices.revoke_device(device.id, actor=actor)
        assert await rows.list_notices(database) == []

    async def test_an_update_that_comes_twice_revokes_once_and_is_no_error(
        self, devices: DeviceService, inbox: InboxService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await inbox.receive([Received("7:1", 1, ADMIN_ID, {})])
        for _ in range(2):
            revoked = await devices.revoke_device(device.id, actor=f"chat:{ADMIN_ID}", source="7:1")
            assert revoked.revoked
        assert len(await rows.list_notices(database)) == 1
        assert len(await rows.list_audit(database, "device_revoked")) == 1


class TestRotating:
    async def test_a_new_secret_takes_the_place_of_the_old_one_at_once(
        self, devices: DeviceService, anna: Person
    ) -> None:
        device, old = await devices.create_device(anna.client_id, "VPS-1")
        rotated, new = await devices.rotate_secret(device.id)
        assert is_well_formed(new)
        assert new != old
        assert rotated.fingerprint == fingerprint(new)
        assert (await devices.authenticate_device(device.id, new)).id == device.id
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, old)

    async def test_everything_else_about_the_device_stays(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        before = await rows.read_device(database, device.id)
        later = clock.advance(timedelta(minutes=5))
        await devices.rotate_secret(device.id)
        after = await rows.read_device(database, device.id)
        changed = {name for name, value in columns(after).items() if columns(before)[name] != value}
        assert changed == {"secret_hash", "secret_tag", "fingerprint", "secret_generation", "updated_at"}
        assert after is not None
        assert after.updated_at == later

    async def test_nothing_of_the_old_secret_is_kept_without_an_overlap(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        for overlap in (timedelta(0), timedelta(seconds=-1)):
            await devices.rotate_secret(device.id, overlap)
            row = await rows.read_device(database, device.id)
            assert row is not None
            previous = (row.previous_hash, row.previous_tag, row.previous_fingerprint, row.previous_valid_until)
            assert previous == (None,) * 4

    async def test_asked_again_within_an_overlap_the_secret_in_use_goes_on_and_the_one_in_the_middle_ends(
        self, devices: DeviceService, anna: Person, clock: FakeClock
    ) -> None:
        device, first = await devices.create_device(anna.client_id, "VPS-1")
        _, lost = await devices.rotate_secret(device.id, timedelta(hours=1))
        clock.advance(timedelta(minutes=50))
        _, also_lost = await devices.rotate_secret(device.id, timedelta(hours=1))
        _, third = await devices.rotate_secret(device.id, timedelta(hours=1))
        for secret in (lost, also_lost):
            with pytest.raises(InvalidCredentials):
                await devices.authenticate_device(device.id, secret)
        clock.advance(timedelta(minutes=59))
        await devices.authenticate_device(device.id, first)
        await devices.authenticate_device(device.id, third)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, first)

    async def test_asked_again_after_its_first_login_the_middle_secret_is_the_old_one(
        self, devices: DeviceService, anna: Person
    ) -> None:
        device, first = await devices.create_device(anna.client_id, "VPS-1")
        _, second = await devices.rotate_secret(device.id, timedelta(hours=1))
        await devices.authenticate_device(device.id, second)
        await devices.rotate_secret(device.id, timedelta(hours=1))
        await devices.authenticate_device(device.id, second)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, first)

    async def test_at_once_ends_both_secrets_of_an_overlap(self, devices: DeviceService, anna: Person) -> None:
        device, first = await devices.create_device(anna.client_id, "VPS-1")
        _, second = await devices.rotate_secret(device.id, timedelta(hours=1))
        _, third = await devices.rotate_secret(device.id, timedelta(0))
        for secret in (first, second):
            with pytest.raises(InvalidCredentials):
                await devices.authenticate_device(device.id, secret)
        await devices.authenticate_device(device.id, third)

    async def test_an_unknown_device_is_refused_before_anything_is_hashed(
        self, devices: DeviceService, hasher: CountingHasher
    ) -> None:
        with pytest.raises(DeviceNotFound):
            await devices.rotate_secret(NOBODY, timedelta(0))
        assert hasher.hashed == 0

    async def test_a_revoked_device_gets_no_new_secret(self, devices: DeviceService, anna: Person) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-1")
        await devices.revoke_device(device.id)
        with pytest.raises(DeviceRevoked):
            await devices.rotate_secret(device.id)

    async def test_another_client_s_device_keeps_its_secret(
        self, devices: DeviceService, anna: Person, bob: Person
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        with pytest.raises(NotTheOwner):
            await devices.rotate_secret(device.id, owner=bob.client_id)
        await devices.authenticate_device(device.id, secret)

    async def test_a_suspended_client_s_device_keeps_its_secret(
        self, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await devices.rotate_secret(device.id)
        await rows.suspend(database, anna.client_id, "active")
        await devices.authenticate_device(device.id, secret)


class TestPreparing:
    async def test_a_prepared_secret_shows_itself_in_no_representation(self, devices: DeviceService) -> None:
        prepared = await devices.prepare_secret()
        assert prepared.secret.reveal() not in repr(prepared)
        kept = {field.name for field in dataclasses.fields(prepared)}
        assert kept == {"secret", "secret_hash", "secret_tag", "fingerprint"}
        assert prepared.fingerprint == fingerprint(prepared.secret.reveal())
