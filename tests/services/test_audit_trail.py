"""The audit as admins read it: newest first, page by page, of everything, a client or a device."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete

from bot.services.audit_trail import PAGE_SIZE, AuditTrail, Scope, chat_id_of
from bot.services.figures import FigureService
from storage import audit
from storage.figures import DeviceFigures, HandoutFigures
from storage.models import AuditEvent
from tests import rows
from tests.services.cards import offer, show

if TYPE_CHECKING:
    from bot.services.administration import AdministrationService
    from bot.services.audit_trail import AuditPage
    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from storage.database import Database
    from tests.fakes import FakeClock


async def write(database: Database, clock: FakeClock, count: int, **about: uuid.UUID) -> list[str]:
    """Write events down, a second apart; return their actions, the newest first."""
    actions = [f"did_{number}" for number in range(count)]
    for action in actions:
        at = clock.advance(timedelta(seconds=1))
        async with database.begin() as session:
            audit.append(session, at=at, actor="system", action=action, **about)
    return actions[::-1]


def actions(page: AuditPage) -> list[str]:
    return [event.action for event in page.events]


async def test_pages_follow_each_other_and_lead_back(trail: AuditTrail, database: Database, clock: FakeClock) -> None:
    expected = await write(database, clock, 2 * PAGE_SIZE + 3)
    first = await trail.read_newest()
    second = await trail.read_next_to(Scope.ALL, first.events[-1].id, newer=False)
    third = await trail.read_next_to(Scope.ALL, second.events[-1].id, newer=False)
    assert [*actions(first), *actions(second), *actions(third)] == expected
    assert (first.has_previous, third.has_next) == (False, False)
    back = await trail.read_next_to(Scope.ALL, third.events[0].id, newer=True)
    assert (actions(back), back.has_previous, back.has_next) == (actions(second), True, True)
    beginning = await trail.read_next_to(Scope.ALL, back.events[0].id, newer=True)
    assert (actions(beginning), beginning.has_previous) == (actions(first), False)


async def test_events_of_one_moment_are_all_shown(trail: AuditTrail, database: Database, clock: FakeClock) -> None:
    async with database.begin() as session:
        for number in range(PAGE_SIZE + 2):
            audit.append(session, at=clock.now(), actor="system", action=f"did_{number}")
    first = await trail.read_newest()
    second = await trail.read_next_to(Scope.ALL, first.events[-1].id, newer=False)
    assert len({*actions(first), *actions(second)}) == PAGE_SIZE + 2


async def test_a_client_and_a_device_have_a_list_of_their_own(
    trail: AuditTrail, devices: DeviceService, anna: Person, bob: Person
) -> None:
    device, _ = await devices.create_device(anna.client_id, "VPS-1", actor=anna.actor)
    await devices.create_device(anna.client_id, "VPS-2", actor=anna.actor)
    await devices.revoke_device(device.id, actor=bob.actor)
    of_client = await trail.read_newest(Scope.CLIENT, anna.client_id)
    assert len(of_client.events) == 4
    assert {event.client_id for event in of_client.events} == {anna.client_id}
    of_device = await trail.read_newest(Scope.DEVICE, device.id)
    assert {(event.action, event.actor) for event in of_device.events} == {
        ("device_registered", anna.actor),
        ("device_revoked", bob.actor),
    }
    assert of_device.people == {101: "Anna", 202: "Bob"}
    assert of_device.clients == {anna.client_id: "Anna"}


async def test_pages_of_a_client_stay_with_the_client(trail: AuditTrail, database: Database, clock: FakeClock) -> None:
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    expected = await write(database, clock, PAGE_SIZE + 2, client_id=mine)
    await write(database, clock, PAGE_SIZE, client_id=theirs)
    first = await trail.read_newest(Scope.CLIENT, mine)
    second = await trail.read_next_to(Scope.CLIENT, first.events[-1].id, newer=False)
    assert [*actions(first), *actions(second)] == expected
    assert second.about == mine


async def test_a_page_whose_edge_is_kept_no_longer_gives_way_to_the_newest(
    trail: AuditTrail, database: Database, clock: FakeClock
) -> None:
    await write(database, clock, PAGE_SIZE + 2)
    first = await trail.read_newest()
    async with database.begin() as session:
        await session.execute(delete(AuditEvent).where(AuditEvent.id == first.events[-1].id))
    instead = await trail.read_next_to(Scope.ALL, first.events[-1].id, newer=False)
    assert instead.is_first_instead
    assert actions(instead)[0] == actions(first)[0]


async def test_an_event_that_is_about_no_client_leads_to_no_client_s_list(
    trail: AuditTrail, database: Database, clock: FakeClock
) -> None:
    await write(database, clock, 1)
    [event] = (await trail.read_newest()).events
    page = await trail.read_next_to(Scope.CLIENT, event.id, newer=False)
    assert (page.scope, page.is_first_instead) == (Scope.ALL, True)


async def test_what_was_forgotten_is_still_in_it(
    trail: AuditTrail, administration: AdministrationService, devices: DeviceService, anna: Person, bob: Person
) -> None:
    device, _ = await devices.create_device(anna.client_id, "VPS-1", actor=anna.actor)
    await administration.forget(anna.client_id, actor=bob.actor)
    assert await trail.find_scope(anna.client_id) is Scope.CLIENT
    assert await trail.find_scope(device.id) is Scope.DEVICE
    assert await trail.find_scope(uuid.uuid4()) is None
    page = await trail.read_newest(Scope.CLIENT, anna.client_id)
    assert {event.action for event in page.events} == {"client_created", "device_registered", "client_deleted"}
    assert (page.clients, page.people) == ({}, {202: "Bob"})


def test_only_people_in_chat_have_a_telegram_id() -> None:
    assert chat_id_of("chat:7") == 7
    for actor in (None, "", "system", "chat:", "chat:x", "chat:٧", "token:7"):
        assert chat_id_of(actor) is None


async def test_the_figures_count_what_there_is_and_what_happened_today(
    database: Database,
    clock: FakeClock,
    administration: AdministrationService,
    handouts: HandoutService,
    devices: DeviceService,
    anna: Person,
    bob: Person,
) -> None:
    figures = FigureService(database, clock)
    await administration.suspend(bob.client_id, actor="system")
    seen, secret = await devices.create_device(anna.client_id, "VPS-1")
    await devices.authenticate_device(seen.id, secret)
    revoked, _ = await devices.create_device(anna.client_id, "VPS-2")
    await devices.revoke_device(revoked.id)
    card = await offer(handouts, anna, "shown", message_id=11)
    await show(handouts, anna, card)
    await handouts.dismiss(anna, card.id, 11)
    await handouts.mark_destroyed(card.id)
    await offer(handouts, anna, "card", message_id=12)
    found = await figures.read()
    assert (found.clients, found.suspended) == (2, 1)
    assert found.devices == DeviceFigures(active=2, seen=1, revoked=1)
    assert found.handouts == HandoutFigures(shown=1, destroyed=1, failed=0, open=1)
    assert found.since == clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


async def test_yesterday_is_not_today_and_five_minutes_are_five_minutes(
    database: Database, clock: FakeClock, handouts: HandoutService, devices: DeviceService, anna: Person
) -> None:
    card = await offer(handouts, anna)
    _, secret = await show(handouts, anna, card)
    await devices.authenticate_device(card.device_id, secret)
    await handouts.dismiss(anna, card.id, 11)
    await handouts.mark_failed(card.id, "refused")
    figures = FigureService(database, clock)
    found = await figures.read()
    assert (found.handouts.failed, found.handouts.shown, found.devices.seen) == (1, 1, 1)
    clock.advance(timedelta(minutes=5, seconds=1))
    assert (await figures.read()).devices.seen == 0
    clock.advance(timedelta(days=1))
    found = await figures.read()
    assert found.handouts == HandoutFigures(shown=0, destroyed=0, failed=0, open=0)


async def test_an_empty_registry_has_figures_too(database: Database, clock: FakeClock) -> None:
    found = await FigureService(database, clock).read()
    assert (found.clients, found.devices) == (0, DeviceFigures(0, 0, 0))
    assert await rows.list_audit(database) == []
