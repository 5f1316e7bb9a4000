"""What admins do with clients: it is in force at once, happens once, and its people are told why."""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

import pytest

from bot.services.administration import MOST_DEVICES, AdministrationService, confirmation_of
from bot.services.clients import Person, Profile
from bot.services.errors import (
    ClientNotFound,
    ClientStatusUnchanged,
    ClientSuspended,
    DeviceLimitReached,
    DeviceRevoked,
    InvalidCredentials,
    InvalidLimit,
    NameMismatch,
    OwnClient,
)
from bot.services.hashing import create_secret
from bot.services.inbox import Received
from bot.services.notices import NoticeKind
from storage.models import ChatUser, Client, Device
from tests import rows
from tests.conftest import ADMIN_ID
from tests.services.cards import offer, show, tap

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from bot.services.clients import ClientService
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from bot.services.inbox import InboxService
    from bot.services.notices import NoticeService
    from storage.database import Database
    from storage.models import Notice

OLGA = f"chat:{ADMIN_ID}"


async def read_client(database: Database, client_id: Any) -> Client | None:
    async with database.read() as session:
        return await session.get(Client, client_id)


async def tell(database: Database, kind: str) -> list[tuple[int, str | None]]:
    """Return who is told of it, and which reason they read."""
    return [(notice.telegram_id, notice.details["reason"]) for notice in await rows.list_notices(database, kind)]


async def join(database: Database, client_id: Any, telegram_id: int, **values: Any) -> None:
    """Let somebody else chat for a client."""
    facts = {"status": "active", "first_name": "Max", "role": "trader", "created_at": (await _now(database, client_id))}
    async with database.begin() as session:
        session.add(ChatUser(telegram_id=telegram_id, client_id=client_id, **(facts | values)))


async def _now(database: Database, client_id: Any) -> Any:
    client = await read_client(database, client_id)
    assert client is not None
    return client.created_at


async def how_many_win(*attempts: Awaitable[object]) -> int:
    results = await asyncio.gather(*attempts, return_exceptions=True)
    lost = [result for result in results if isinstance(result, BaseException)]
    assert all(isinstance(result, ClientStatusUnchanged | ClientNotFound) for result in lost), lost
    return len(results) - len(lost)


class TestSuspending:
    async def test_a_suspended_client_does_nothing_and_goes_on_when_it_is_resumed(
        self, administration: AdministrationService, devices: DeviceService, clients: ClientService, anna: Person
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        suspended = await administration.suspend(anna.client_id, actor=OLGA)
        assert suspended.status == "suspended"
        assert (await clients.enter(Profile(anna.telegram_id, "Anna"))).is_suspended
        with pytest.raises(ClientSuspended):
            await devices.authenticate_device(device.id, secret)
        with pytest.raises(ClientSuspended):
            await devices.create_device(anna.client_id, "VPS-2")
        await administration.resume(anna.client_id, actor=OLGA)
        assert not (await clients.enter(Profile(anna.telegram_id, "Anna"))).is_suspended
        assert (await devices.authenticate_device(device.id, secret)).id == device.id

    async def test_what_was_revoked_meanwhile_stays_so(
        self, administration: AdministrationService, devices: DeviceService, anna: Person
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        await administration.suspend(anna.client_id, actor=OLGA)
        await devices.revoke_device(device.id, actor=OLGA)
        await administration.resume(anna.client_id, actor=OLGA)
        with pytest.raises(DeviceRevoked):
            await devices.authenticate_device(device.id, secret)

    async def test_its_cards_and_visible_secrets_go_and_those_of_others_stay(
        self,
        administration: AdministrationService,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        bob: Person,
        database: Database,
    ) -> None:
        shown = await offer(handouts, anna, "shown", message_id=11)
        _, secret = await show(handouts, anna, shown)
        card = await offer(handouts, anna, "card", message_id=12)
        others = await offer(handouts, bob)
        await administration.suspend(anna.client_id, actor=OLGA)
        for handout, state, outcome in ((shown, "destroying", "suspended"), (card, "cancelled", "suspended")):
            row = await rows.read_handout(database, handout.id)
            assert (row.state, row.outcome) == (state, outcome)
        assert (await rows.read_handout(database, others.id)).state == "offered"
        await administration.resume(anna.client_id, actor=OLGA)
        assert (await devices.authenticate_device(shown.device_id, secret)).device_name == "shown"

    async def test_a_secret_that_was_about_to_be_shown_never_works(
        self, administration: AdministrationService, handouts: HandoutService, devices: DeviceService, anna: Person
    ) -> None:
        card = await offer(handouts, anna)
        _, secret = await tap(handouts, anna, card)
        await administration.suspend(anna.client_id, actor=OLGA)
        await handouts.confirm_shown(card.id)
        await administration.resume(anna.client_id, actor=OLGA)
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(card.device_id, secret)

    async def test_its_people_are_told_why_each_time(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        await join(database, anna.client_id, 303, language="de")
        for _ in range(2):
            await administration.suspend(anna.client_id, actor=OLGA, reason=" unpaid\n since May ")
            await administration.resume(anna.client_id, actor=OLGA)
        told = await tell(database, NoticeKind.SUSPENDED_BY_ADMIN)
        assert sorted(told) == [(anna.telegram_id, "unpaid since May")] * 2 + [(303, "unpaid since May")] * 2
        assert sorted(await tell(database, NoticeKind.RESUMED_BY_ADMIN)) == [(101, None)] * 2 + [(303, None)] * 2
        [german] = {n.details["language"] for n in await rows.list_notices(database) if n.telegram_id == 303}
        assert german == "de"

    async def test_it_is_written_down_by_whom_and_why(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        await administration.suspend(anna.client_id, actor=OLGA, reason="unpaid")
        [event] = await rows.list_audit(database, "client_suspended")
        assert (event.actor, event.client_id, event.details) == (OLGA, anna.client_id, {"reason": "unpaid"})

    async def test_a_secret_in_a_reason_is_kept_nowhere(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        await administration.suspend(anna.client_id, actor=OLGA, reason=f"leaked {create_secret().reveal()}")
        [(_, reason)] = await tell(database, NoticeKind.SUSPENDED_BY_ADMIN)
        [event] = await rows.list_audit(database, "client_suspended")
        assert reason is event.details["reason"] is None

    async def test_an_admin_cannot_suspend_the_client_they_are_in(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        await join(database, anna.client_id, ADMIN_ID)
        with pytest.raises(OwnClient):
            await administration.suspend(anna.client_id, actor=OLGA)
        client = await read_client(database, anna.client_id)
        assert client is not None
        assert client.status == "active"

    async def test_of_many_admins_one_suspends_and_one_resumes(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        for act in (administration.suspend, administration.resume):
            attempts = (act(anna.client_id, actor=f"chat:{number}") for number in range(20, 28))
            assert await how_many_win(*attempts) == 1
        assert len(await rows.list_notices(database)) == 2
        assert len(await rows.list_audit(database)) == 3, "one for each, and one for Anna herself"

    async def test_an_unknown_client_is_refused(self, administration: AdministrationService) -> None:
        for act in (administration.suspend, administration.resume, administration.revoke_all, administration.forget):
            with pytest.raises(ClientNotFound):
                await act(uuid.uuid4(), actor=OLGA)


class TestRedelivery:
    async def test_one_update_acts_once(
        self,
        administration: AdministrationService,
        devices: DeviceService,
        inbox: InboxService,
        anna: Person,
        database: Database,
    ) -> None:
        for name in ("VPS-1", "VPS-2"):
            await devices.create_device(anna.client_id, name)
        await inbox.receive([Received(f"7:{number}", number, ADMIN_ID, {}) for number in range(4)])
        acts: list[Callable[[], Awaitable[object]]] = [
            lambda: administration.suspend(anna.client_id, actor=OLGA, source="7:0"),
            lambda: administration.resume(anna.client_id, actor=OLGA, source="7:1"),
            lambda: administration.set_device_limit(anna.client_id, 7, actor=OLGA, source="7:2"),
        ]
        for act in acts:
            await act()
            before = len(await rows.list_audit(database)), len(await rows.list_notices(database))
            await act()
            assert (len(await rows.list_audit(database)), len(await rows.list_notices(database))) == before

    async def test_a_redelivered_revocation_tells_the_same_again(
        self,
        administration: AdministrationService,
        devices: DeviceService,
        inbox: InboxService,
        anna: Person,
        database: Database,
    ) -> None:
        for name in ("VPS-1", "VPS-2"):
            await devices.create_device(anna.client_id, name)
        await inbox.receive([Received("7:0", 0, ADMIN_ID, {})])
        first = await administration.revoke_all(anna.client_id, actor=OLGA, source="7:0")
        later, _ = await devices.create_device(anna.client_id, "VPS-3")
        again = await administration.revoke_all(anna.client_id, actor=OLGA, source="7:0")
        assert sorted(device.id for device in again) == sorted(device.id for device in first)
        assert not (await devices.get_device(later.id)).revoked
        assert len(await rows.list_notices(database, NoticeKind.ALL_REVOKED_BY_ADMIN)) == 1


class TestRevokingAll:
    async def test_all_devices_are_revoked_and_written_down_each_and_told_once(
        self,
        administration: AdministrationService,
        devices: DeviceService,
        anna: Person,
        bob: Person,
        database: Database,
    ) -> None:
        secrets = [await devices.create_device(anna.client_id, f"VPS-{number}") for number in range(3)]
        old, _ = secrets.pop()
        await devices.revoke_device(old.id, actor=anna.actor, reason="mine")
        kept, secret = await devices.create_device(bob.client_id, "VPS-1")
        revoked = await administration.revoke_all(anna.client_id, actor=OLGA, reason="leaked")
        assert {device.device_name for device in revoked} == {"VPS-0", "VPS-1"}
        for device, its_secret in secrets:
            with pytest.raises(DeviceRevoked):
                await devices.authenticate_device(device.id, its_secret)
        assert (await devices.get_device(old.id)).revoke_reason == "mine"
        assert (await devices.authenticate_device(kept.id, secret)).id == kept.id
        assert len(await rows.list_audit(database, "device_revoked")) == 3
        [notice] = await rows.list_notices(database, NoticeKind.ALL_REVOKED_BY_ADMIN)
        assert (notice.kind, notice.details["count"], notice.details["reason"]) == ("all_revoked_by_admin", 2, "leaked")

    async def test_where_there_is_nothing_nobody_is_told(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        assert await administration.revoke_all(anna.client_id, actor=OLGA) == []
        assert await rows.list_notices(database) == []

    async def test_what_was_reserved_goes_too(
        self, administration: AdministrationService, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer(handouts, anna)
        await tap(handouts, anna, card)
        assert await administration.revoke_all(anna.client_id, actor=OLGA) == []
        assert await rows.read_device(database, card.device_id) is None

    async def test_of_many_admins_each_device_is_revoked_by_one(
        self, administration: AdministrationService, devices: DeviceService, anna: Person, database: Database
    ) -> None:
        for number in range(3):
            await devices.create_device(anna.client_id, f"VPS-{number}")
        actors = [f"chat:{number}" for number in range(20, 26)]
        found = await asyncio.gather(*(administration.revoke_all(anna.client_id, actor=actor) for actor in actors))
        assert sorted(len(revoked) for revoked in found) == [0, 0, 0, 0, 0, 3]
        assert len(await rows.list_notices(database)) == 1


class TestTheDeviceLimit:
    async def test_a_limit_below_what_there_is_only_bars_new_ones(
        self, administration: AdministrationService, devices: DeviceService, anna: Person
    ) -> None:
        secrets = [await devices.create_device(anna.client_id, f"VPS-{number}") for number in range(2)]
        await administration.set_device_limit(anna.client_id, 1, actor=OLGA)
        for device, secret in secrets:
            assert (await devices.authenticate_device(device.id, secret)).id == device.id
        with pytest.raises(DeviceLimitReached) as refused:
            await devices.create_device(anna.client_id, "VPS-3")
        assert refused.value.limit == 1
        await administration.set_device_limit(anna.client_id, None, actor=OLGA)
        await devices.create_device(anna.client_id, "VPS-3")

    async def test_a_limit_of_none_at_all_is_one(
        self, administration: AdministrationService, devices: DeviceService, anna: Person
    ) -> None:
        await administration.set_device_limit(anna.client_id, 0, actor=OLGA)
        with pytest.raises(DeviceLimitReached):
            await devices.create_device(anna.client_id, "VPS-1")

    @pytest.mark.parametrize("limit", [-1, MOST_DEVICES + 1])
    async def test_another_number_is_refused(
        self, administration: AdministrationService, anna: Person, limit: int
    ) -> None:
        with pytest.raises(InvalidLimit):
            await administration.set_device_limit(anna.client_id, limit, actor=OLGA)

    async def test_only_a_change_is_written_down(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        for _ in range(2):
            await administration.set_device_limit(anna.client_id, 7, actor=OLGA)
        [event] = await rows.list_audit(database, "client_limit_set")
        assert event.details == {"limit": 7}


class TestForgetting:
    async def test_everything_of_it_goes_and_its_people_are_told_and_the_audit_stays(
        self,
        administration: AdministrationService,
        devices: DeviceService,
        handouts: HandoutService,
        anna: Person,
        bob: Person,
        database: Database,
    ) -> None:
        device, secret = await devices.create_device(anna.client_id, "VPS-1")
        shown = await offer(handouts, anna, "shown")
        await show(handouts, anna, shown)
        await devices.create_device(bob.client_id, "VPS-1")
        await administration.forget(anna.client_id, actor=OLGA, typed="Anna", reason="gone")
        assert [await rows.count(database, table) for table in (Client, ChatUser, Device)] == [1, 1, 1]
        assert (await rows.read_handout(database, shown.id)).state == "destroying"
        with pytest.raises(InvalidCredentials):
            await devices.authenticate_device(device.id, secret)
        assert await tell(database, NoticeKind.FORGOTTEN_BY_ADMIN) == [(anna.telegram_id, "gone")]
        [event] = await rows.list_audit(database, "client_deleted")
        assert (event.actor, event.client_id) == (OLGA, anna.client_id)
        assert await rows.list_audit(database, "device_registered")

    @pytest.mark.parametrize("typed", ["", "anna", "Anna K", "Bob", "*", "An"])
    async def test_another_name_forgets_nobody(
        self, administration: AdministrationService, anna: Person, database: Database, typed: str
    ) -> None:
        with pytest.raises(NameMismatch):
            await administration.forget(anna.client_id, actor=OLGA, typed=typed)
        assert await read_client(database, anna.client_id) is not None
        assert await rows.list_notices(database) == []

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            ("Anna  K.", "Anna K."),
            (" Anna ", "Anna"),
            ("A\u0308nne", "\u00c4nne"),
            ("\u202eanna\u202c", "anna"),
            ("Anna\nK.", "Anna K."),
            ("<b>Anna</b> & Co", "<b>Anna</b> & Co"),
            ("👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"),
            ("Анна", "Анна"),
            ("100%", "100%"),
        ],
    )
    async def test_a_name_is_what_a_person_can_see_and_type_of_it(
        self, administration: AdministrationService, clients: ClientService, database: Database, name: str, typed: str
    ) -> None:
        client = await clients.create_client(name)
        assert confirmation_of(client) == confirmation_of(Client(id=client.id, name=typed))
        await administration.forget(client.id, actor=OLGA, typed=typed)
        assert await read_client(database, client.id) is None

    @pytest.mark.parametrize("name", ["/start", " /revoke", "\u200b", "\u202e", ""])
    async def test_where_nobody_can_type_the_name_the_id_confirms(
        self, administration: AdministrationService, clients: ClientService, database: Database, name: str
    ) -> None:
        client = await clients.create_client(name)
        assert confirmation_of(client) == str(client.id)[:8]
        await administration.forget(client.id, actor=OLGA, typed=str(client.id)[:8])
        assert await read_client(database, client.id) is None

    async def test_an_admin_cannot_forget_the_client_they_are_in(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        await join(database, anna.client_id, ADMIN_ID)
        with pytest.raises(OwnClient):
            await administration.forget(anna.client_id, actor=OLGA, typed="Anna")

    async def test_of_many_admins_one_forgets(
        self, administration: AdministrationService, anna: Person, database: Database
    ) -> None:
        attempts = (administration.forget(anna.client_id, actor=f"chat:{n}", typed="Anna") for n in range(20, 28))
        assert await how_many_win(*attempts) == 1
        assert len(await rows.list_notices(database)) == 1


class TestTellingTheAdmin:
    @pytest.mark.parametrize("act", ["suspend", "resume", "revoke_all", "forget"])
    async def test_an_admin_whose_act_could_not_be_told_is_told_so(
        self,
        administration: AdministrationService,
        devices: DeviceService,
        notices: NoticeService,
        anna: Person,
        database: Database,
        act: str,
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        if act == "resume":
            await rows.suspend(database, anna.client_id)
        await getattr(administration, act)(anna.client_id, actor=OLGA)
        owed: list[Notice] = await notices.claim_due()
        [notice] = owed
        await notices.drop(notice, "blocked")
        [told] = await rows.list_notices(database, NoticeKind.OWNER_UNREACHABLE)
        assert (told.telegram_id, told.details) == (ADMIN_ID, {"client_name": "Anna"})
