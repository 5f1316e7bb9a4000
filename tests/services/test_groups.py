"""Groups, and many devices at once: all of it or nothing, once, and exactly what was asked."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot.services import groups as groups_module
from bot.services.errors import (
    BatchNotFound,
    DeviceNotFound,
    DeviceRevoked,
    InvalidDeviceName,
    NotTheOwner,
    TooManyPicked,
)
from bot.services.groups import BATCH_LIFE, Action, Done, GroupService
from bot.services.inbox import InboxService, Received
from bot.services.revocations import revoke
from storage.models import HandoutState, Pick
from tests import rows
from tests.conftest import SQLITE
from tests.services.cards import CARD, offer, offer_new_secret, show
from tests.services.test_catalogue import add

if TYPE_CHECKING:
    from bot.services.clients import ClientService, Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from storage.database import Database
    from storage.models import Device
    from tests.fakes import FakeClock


@pytest.fixture
def groups(database: Database, clock: FakeClock) -> GroupService:
    """The group service."""
    return GroupService(database, clock)


@pytest.fixture
async def three(devices: DeviceService, anna: Person) -> list[Device]:
    """Three of Anna's devices, the oldest first."""
    return [(await devices.create_device(anna.client_id, f"VPS-{number}"))[0] for number in (1, 2, 3)]


async def plan_all(groups: GroupService, asker: Person, some: list[Device], *what: Any) -> uuid.UUID:
    """Pick the devices and ask to do something with them."""
    for device in some:
        await groups.pick(asker, device.id)
    return (await groups.plan(asker, *what)).id


async def names_by_group(database: Database, owner: Person) -> dict[str, str | None]:
    return {device.device_name: device.group_name for device in await rows.list_devices(database, owner.client_id)}


class TestOneDevice:
    async def test_a_device_is_put_into_a_group_and_taken_out_again(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database, clock: FakeClock
    ) -> None:
        later = clock.advance(timedelta(minutes=5))
        await groups.set_group(anna, three[0].id, "  Office\n")
        row = await rows.read_device(database, three[0].id)
        assert row is not None
        assert (row.group_name, row.updated_at) == ("Office", later)
        clock.advance(timedelta(seconds=1))
        assert (await groups.set_group(anna, three[0].id, None)).group_name is None
        told = [event.details["group_name"] for event in await rows.list_audit(database, "device_regrouped")]
        assert told == ["Office", None]

    async def test_its_present_group_changes_nothing(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database
    ) -> None:
        await groups.set_group(anna, three[0].id, "Office")
        await groups.set_group(anna, three[0].id, "Office")
        assert len(await rows.list_audit(database, "device_regrouped")) == 1

    @pytest.mark.parametrize("name", ["", " \t", "a\nb", "x" * 101, "\u202eexe", "dsk1_" + "a" * 59])
    async def test_what_is_no_name_is_no_group(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database, name: str
    ) -> None:
        await groups.pick(anna, three[0].id)
        with pytest.raises(InvalidDeviceName):
            await groups.set_group(anna, three[0].id, name)
        with pytest.raises(InvalidDeviceName):
            await groups.plan(anna, Action.REGROUP, name)
        assert set((await names_by_group(database, anna)).values()) == {None}

    async def test_a_hundred_characters_are_a_group(
        self, groups: GroupService, anna: Person, three: list[Device]
    ) -> None:
        assert (await groups.set_group(anna, three[0].id, "🔥" * 100)).group_name == "🔥" * 100

    async def test_what_cannot_be_changed_is_refused(
        self, groups: GroupService, devices: DeviceService, anna: Person, bob: Person, three: list[Device]
    ) -> None:
        with pytest.raises(NotTheOwner):
            await groups.set_group(bob, three[0].id, "mine")
        with pytest.raises(DeviceNotFound):
            await groups.set_group(anna, uuid.uuid4(), "Office")
        await devices.revoke_device(three[0].id)
        with pytest.raises(DeviceRevoked):
            await groups.set_group(anna, three[0].id, "Office")

    async def test_an_update_that_comes_twice_regroups_once(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database, inbox: InboxService
    ) -> None:
        await inbox.receive([Received("7:1", 1, anna.telegram_id, {})])
        await groups.set_group(anna, three[0].id, "Office", source="7:1")
        await groups.set_group(anna, three[0].id, "Home")
        await groups.set_group(anna, three[0].id, "Office", source="7:1")
        assert (await names_by_group(database, anna))["VPS-1"] == "Home"


class TestTheListOfGroups:
    @pytest.fixture
    async def stocked(self, anna: Person, bob: Person, database: Database, clock: FakeClock) -> None:
        for number in range(20):
            names = [f"{number}-{copy}" for copy in range(3)]
            await add(database, clock, anna.client_id, names, group_name=f"group {number:02}")
        await add(database, clock, anna.client_id, ["gone"], group_name="group 00b", revoked=True)
        await add(database, clock, anna.client_id, ["reserved"], group_name="group 00c", live_at=None)
        await add(database, clock, anna.client_id, ["alone"])
        await add(database, clock, bob.client_id, ["his"], group_name="group 00d")

    @pytest.mark.usefixtures("stocked")
    async def test_every_group_in_use_is_seen_once_in_order_and_back(self, groups: GroupService, anna: Person) -> None:
        first = await groups.read_page(anna.client_id)
        second = await groups.read_page(anna.client_id, after=first.names[-1])
        third = await groups.read_page(anna.client_id, after=second.names[-1])
        assert first.names + second.names + third.names == [f"group {number:02}" for number in range(20)]
        assert [(page.has_previous, page.has_next) for page in (first, second, third)] == [
            (False, True),
            (True, True),
            (True, False),
        ]
        assert await groups.read_page(anna.client_id, before=third.names[0]) == second
        assert await groups.read_page(anna.client_id, before=second.names[0]) == first

    @pytest.mark.usefixtures("stocked")
    async def test_a_page_that_is_not_there_any_more_becomes_the_first_one(
        self, groups: GroupService, anna: Person
    ) -> None:
        assert await groups.read_page(anna.client_id, after="zzz") == await groups.read_page(anna.client_id)
        assert (await groups.read_page(uuid.uuid4())).names == []

    @pytest.mark.usefixtures("stocked")
    @pytest.mark.parametrize("backend", [SQLITE])  # PostgreSQL reads so small a table without any index
    async def test_each_name_costs_one_step_in_the_index(self, database: Database) -> None:
        async with database.read() as session:
            query = (
                "EXPLAIN QUERY PLAN SELECT min(group_name) FROM devices "
                "WHERE client_id = 'x' AND revoked IS 0 AND live_at IS NOT NULL AND group_name > 'a'"
            )
            steps = " ".join(str(row) for row in await session.execute(text(query)))
        assert "ix_devices_group (client_id=? AND revoked=? AND group_name>?)" in steps


class TestPicking:
    async def test_a_second_tap_on_the_same_button_changes_nothing(
        self, groups: GroupService, anna: Person, three: list[Device]
    ) -> None:
        ids = [device.id for device in three]
        for _ in range(2):
            await groups.pick(anna, ids[0])
            await groups.pick(anna, ids[1])
        assert await groups.list_picks(anna, ids) == {ids[0], ids[1]}
        for _ in range(2):
            await groups.unpick(anna, ids[0])
        assert await groups.list_picks(anna, ids) == {ids[1]}
        assert await groups.count_picks(anna) == 1
        await groups.clear_picks(anna)
        assert await groups.count_picks(anna) == 0

    async def test_picks_outlive_the_program(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database, clock: FakeClock
    ) -> None:
        await groups.pick(anna, three[0].id)
        assert await GroupService(database, clock).count_picks(anna) == 1

    async def test_a_whole_group_is_picked_with_what_was_picked_before(
        self, groups: GroupService, anna: Person, three: list[Device]
    ) -> None:
        for device in three[:2]:
            await groups.set_group(anna, device.id, "Office")
        await groups.pick(anna, three[2].id)
        assert await groups.pick_group(anna, "Office") == 2
        assert await groups.count_picks(anna) == 3
        assert await groups.pick_group(anna, "nobody's") == 0

    async def test_somebody_else_s_device_cannot_be_picked(
        self, groups: GroupService, bob: Person, anna: Person, three: list[Device]
    ) -> None:
        for act in (groups.pick, groups.unpick):
            with pytest.raises(NotTheOwner):
                await act(bob, three[0].id)
            with pytest.raises(DeviceNotFound):
                await act(bob, uuid.uuid4())
        await groups.set_group(anna, three[0].id, "Office")
        assert await groups.pick_group(bob, "Office") == 0

    async def test_what_was_revoked_meanwhile_is_picked_no_longer(
        self, groups: GroupService, devices: DeviceService, anna: Person, three: list[Device]
    ) -> None:
        await groups.pick(anna, three[0].id)
        await devices.revoke_device(three[0].id)
        assert await groups.count_picks(anna) == 0
        with pytest.raises(DeviceRevoked):
            await groups.pick(anna, three[0].id)
        with pytest.raises(BatchNotFound):
            await groups.plan(anna, Action.REVOKE)

    async def test_more_than_one_step_may_change_cannot_be_picked(
        self, groups: GroupService, anna: Person, three: list[Device], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for device in three:
            await groups.set_group(anna, device.id, "Office")
        monkeypatch.setattr(groups_module, "MOST_AT_ONCE", 2)
        with pytest.raises(TooManyPicked) as caught:
            await groups.pick_group(anna, "Office")
        assert caught.value.limit == 2
        assert await groups.count_picks(anna) == 0

    async def test_picks_go_with_their_client(
        self, groups: GroupService, clients: ClientService, anna: Person, three: list[Device], database: Database
    ) -> None:
        await plan_all(groups, anna, three, Action.REVOKE)
        await clients.delete_client(anna.client_id, actor="chat:9")
        assert await rows.count(database, Pick) == 0


class TestManyAtOnce:
    async def test_all_are_revoked_at_one_moment_with_an_audit_entry_each(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database, clock: FakeClock
    ) -> None:
        batch = await plan_all(groups, anna, three[:2], Action.REVOKE)
        now = clock.advance(timedelta(minutes=1))
        assert await groups.carry_out(anna, batch) == Done(Action.REVOKE, None, now, 2, 0)
        found = {device.device_name: device for device in await rows.list_devices(database, anna.client_id)}
        assert [found[name].revoked for name in ("VPS-1", "VPS-2", "VPS-3")] == [True, True, False]
        assert {(found[name].revoked_at, found[name].revoked_by) for name in ("VPS-1", "VPS-2")} == {(now, anna.actor)}
        audited = await rows.list_audit(database, "device_revoked")
        assert {event.device_id for event in audited} == {three[0].id, three[1].id}
        assert len(audited) == 2
        assert await groups.count_picks(anna) == 0

    async def test_revoking_many_ends_overlaps_cards_and_visible_secrets_of_each(
        self,
        groups: GroupService,
        devices: DeviceService,
        handouts: HandoutService,
        anna: Person,
        three: list[Device],
        database: Database,
    ) -> None:
        await devices.rotate_secret(three[0].id, timedelta(hours=1))
        waiting = await offer_new_secret(handouts, anna, three[1].id, timedelta(0), message_id=21)
        card = await offer(handouts, anna, "VPS-4", message_id=CARD)
        visible, secret = await show(handouts, anna, card)
        fourth = await devices.get_device(card.device_id)
        batch = await plan_all(groups, anna, [*three, fourth], Action.REVOKE)
        await groups.carry_out(anna, batch)
        first = await rows.read_device(database, three[0].id)
        assert first is not None
        assert (first.previous_hash, first.previous_valid_until) == (None, None)
        assert (await rows.read_handout(database, waiting.id)).state == HandoutState.CANCELLED
        assert (await rows.read_handout(database, visible.id)).state == HandoutState.DESTROYING
        with pytest.raises(DeviceRevoked):
            await devices.authenticate_device(fourth.id, secret)

    async def test_many_are_regrouped(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database
    ) -> None:
        batch = await plan_all(groups, anna, three[1:], Action.REGROUP, " Office ")
        assert (await groups.carry_out(anna, batch)).group_name == "Office"
        assert await names_by_group(database, anna) == {"VPS-1": None, "VPS-2": "Office", "VPS-3": "Office"}
        batch = await plan_all(groups, anna, three[2:], Action.REGROUP, None)
        await groups.carry_out(anna, batch)
        assert (await names_by_group(database, anna))["VPS-3"] is None
        assert len(await rows.list_audit(database, "device_regrouped")) == 3

    async def test_exactly_those_that_were_asked_about_are_changed(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database
    ) -> None:
        batch = await plan_all(groups, anna, three[:1], Action.REVOKE)
        await groups.pick(anna, three[1].id)
        await groups.unpick(anna, three[0].id)
        await groups.carry_out(anna, batch)
        revoked = [device.device_name for device in await rows.list_devices(database, anna.client_id) if device.revoked]
        assert revoked == ["VPS-1"]

    async def test_what_was_revoked_meanwhile_is_told_and_left_alone(
        self, groups: GroupService, devices: DeviceService, anna: Person, three: list[Device], database: Database
    ) -> None:
        batch = await plan_all(groups, anna, three, Action.REVOKE)
        await devices.revoke_device(three[0].id, actor="chat:9", reason="stolen")
        done = await groups.carry_out(anna, batch)
        assert (done.changed, done.already_revoked) == (2, 1)
        row = await rows.read_device(database, three[0].id)
        assert row is not None
        assert (row.revoked_by, row.revoke_reason) == ("chat:9", "stolen")

    async def test_of_many_who_confirm_one_changes_anything_and_all_are_told_the_same(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database
    ) -> None:
        batch = await plan_all(groups, anna, three, Action.REVOKE)
        told = await asyncio.gather(*(groups.carry_out(anna, batch) for _ in range(20)))
        assert len(set(told)) == 1
        assert (told[0].changed, told[0].already_revoked) == (3, 0)
        assert len(await rows.list_audit(database, "device_revoked")) == 3

    async def test_a_failure_in_the_middle_changes_nothing_and_can_be_tried_again(
        self,
        groups: GroupService,
        anna: Person,
        three: list[Device],
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        batch = await plan_all(groups, anna, three, Action.REVOKE)
        calls = 0

        async def fail_at_the_third(*arguments: Any) -> None:
            nonlocal calls
            calls += 1
            if calls == 3:
                raise OSError("the database went away")
            await revoke(*arguments)

        monkeypatch.setattr(groups_module, "revoke", fail_at_the_third)
        with pytest.raises(OSError, match="went away"):
            await groups.carry_out(anna, batch)
        assert not any(device.revoked for device in await rows.list_devices(database, anna.client_id))
        assert await rows.list_audit(database, "device_revoked") == []
        assert await groups.count_picks(anna) == 3
        monkeypatch.setattr(groups_module, "revoke", revoke)
        assert (await groups.carry_out(anna, batch)).changed == 3

    async def test_what_was_asked_long_ago_is_not_done(
        self, groups: GroupService, anna: Person, three: list[Device], database: Database, clock: FakeClock
    ) -> None:
        batch = await plan_all(groups, anna, three, Action.REVOKE)
        clock.advance(BATCH_LIFE + timedelta(seconds=1))
        with pytest.raises(BatchNotFound):
            await groups.carry_out(anna, batch)
        assert not any(device.revoked for device in await rows.list_devices(database, anna.client_id))

    async def test_nobody_confirms_for_somebody_else(
        self, groups: GroupService, anna: Person, bob: Person, three: list[Device], database: Database
    ) -> None:
        batch = await plan_all(groups, anna, three, Action.REVOKE)
        for asker, batch_id in ((bob, batch), (anna, uuid.uuid4())):
            with pytest.raises(BatchNotFound):
                await groups.carry_out(asker, batch_id)
        assert not any(device.revoked for device in await rows.list_devices(database, anna.client_id))

    async def test_a_question_names_the_first_and_counts_all(
        self, groups: GroupService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        await add(database, clock, anna.client_id, [f"D-{number}" for number in range(12)], group_name="Office")
        await groups.pick_group(anna, "Office")
        plan = await groups.plan(anna, Action.REVOKE)
        assert (plan.count, plan.names) == (12, [f"D-{number}" for number in range(11, 1, -1)])
