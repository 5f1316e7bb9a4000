"""Every message about clients, the audit and figures in every variant, made of what `people` wrote."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.chat.buttons import Reason
from bot.chat.places import Act, ClientListing
from bot.chat.views import View, administration, audit, clients, stats
from bot.services.audit_trail import AuditPage, Scope
from bot.services.catalogue import Page, Shelf
from bot.services.directory import ClientCard, ClientPage, Edge, Row
from bot.services.figures import Figures
from storage.devices import Counts
from storage.directory import Field, Hit
from storage.figures import DeviceFigures, HandoutFigures
from storage.listing import ListedDevice
from storage.models import AuditEvent, ChatUser, Client, Device

if TYPE_CHECKING:
    from bot.chat.words import Words
    from tests.chat.test_views import People

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
CLIENT_ID = uuid.UUID("5d0b6a1e-0c55-4f0e-8a43-1a9f5f0f7c11")
DEVICE_ID = uuid.UUID("7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111")


def make_client(**values: object) -> Client:
    facts: dict[str, object] = {
        "id": CLIENT_ID,
        "name": "Anna K.",
        "status": "active",
        "device_limit": None,
        "created_at": NOW - timedelta(days=30),
    }
    return Client(**(facts | values))


def make_event(action: str, **values: object) -> AuditEvent:
    facts: dict[str, object] = {
        "id": uuid.UUID(int=7),
        "at": NOW,
        "actor": "chat:9",
        "action": action,
        "client_id": CLIENT_ID,
        "device_id": DEVICE_ID,
        "details": {"device_name": "VPS-1"},
    }
    return AuditEvent(**(facts | values))


def make_card(people: list[ChatUser], client: Client | None = None, **values: object) -> ClientCard:
    facts: dict[str, object] = {
        "client": client or make_client(),
        "people": people,
        "counts": Counts(active=3, seen=2, never=1, revoked=2),
        "limit": 10,
        "suspension": None,
    }
    return ClientCard(**(facts | values))  # type: ignore[arg-type]  # keyword by keyword it is right


def clients_gallery(words: Words, people: People) -> dict[str, View]:
    named = make_client(name=people.first_name)
    paused = make_client(name=people.first_name, status="suspended")
    users = [
        ChatUser(telegram_id=number, client_id=CLIENT_ID, first_name=people.first_name, status=status, username=name)
        for number, (status, name) in enumerate([("active", people.username), ("blocked_bot", None)])
    ]
    rows = [
        Row(named, users),
        Row(paused, []),
        *(Row(named, users, Hit(field, "x", CLIENT_ID, 1, people.other_device)) for field in Field),
    ]
    edges = (Edge(Field.NAME, CLIENT_ID, before=True), Edge(Field.TELEGRAM_ID, 123456789, before=False))
    suspension = make_event("client_suspended", details={"reason": people.reason})
    unexplained = make_event("client_suspended", details={"reason": None})
    lists = {
        f"clients.client_list/{listing.name}": clients.client_list(
            words, ClientPage(rows, *edges, term=people.term), listing
        )
        for listing in ClientListing
    }
    empty = {
        f"clients.client_list/{listing.name}, none": clients.client_list(
            words, ClientPage([], term=people.term), listing
        )
        for listing in ClientListing
    }
    return {
        **lists,
        **empty,
        **_device_gallery(words, people, named),
        "clients.several_match": clients.several_match(words, people.typed, [named, named]),
        "clients.several_match/to suspend": clients.several_match(
            words, people.typed, [named, paused], ClientListing.TO_SUSPEND
        ),
        "clients.unknown_client": clients.unknown_client(words, people.typed),
        "clients.client_gone": clients.client_gone(words),
        "clients.ask_term": clients.ask_term(words),
        "clients.cancelled": clients.cancelled(words),
        "clients.cancelled/client": clients.cancelled(words, CLIENT_ID),
        "clients.client_card": clients.client_card(words, make_card(users, named)),
        "clients.client_card/empty": clients.client_card(
            words, make_card([], named, counts=Counts(active=0, seen=0, never=0, revoked=0))
        ),
        "clients.client_card/crowd": clients.client_card(words, make_card(users * 6, named)),
        "clients.client_card/paused": clients.client_card(
            words, make_card(users, paused, suspension=suspension), people.first_name
        ),
        "clients.client_card/unexplained": clients.client_card(words, make_card(users, paused, suspension=unexplained)),
        "clients.client_card/unrecorded": clients.client_card(words, make_card(users, paused)),
    }


def listed(device: Device) -> ListedDevice:
    """Return what a list shows of a device."""
    return ListedDevice(*(getattr(device, name) for name in ListedDevice._fields))


def _device_gallery(words: Words, people: People, client: Client) -> dict[str, View]:
    facts = {"device_name": people.device, "fingerprint": "3f9a12c4", "created_at": NOW, "revoked": False}
    seen = Device(id=DEVICE_ID, **facts, last_seen=NOW, last_ip="203.0.113.7")
    never = Device(id=uuid.UUID(int=8), **facts)
    ended = facts | {"revoked": True, "revoked_at": NOW}
    revoked = Device(id=uuid.UUID(int=9), **ended, revoke_reason=people.reason)
    pages = {
        shelf: Page(
            devices=[listed(device) for device in shown],
            shelf=shelf,
            search=None,
            matching=len(shown),
            counts=Counts(active=9, seen=2, never=1, revoked=2),
            limit=10,
            has_previous=True,
            has_next=True,
        )
        for shelf, shown in ((Shelf.ACTIVE, [seen, never]), (Shelf.REVOKED, [revoked]))
    }
    none = Page([], Shelf.ACTIVE, None, 0, Counts(0, 0, 0, 0), 10, has_previous=False, has_next=False)
    return {
        "clients.client_devices": clients.client_devices(words, client, pages[Shelf.ACTIVE], NOW),
        "clients.client_devices/revoked": clients.client_devices(words, client, pages[Shelf.REVOKED], NOW),
        "clients.client_devices/none": clients.client_devices(words, client, none, NOW),
        "clients.client_device": clients.client_device(words, seen, client, NOW),
        "clients.client_device/never": clients.client_device(words, never, client, NOW),
        "clients.client_device/revoked": clients.client_device(words, revoked, client, NOW, people.first_name),
        "clients.client_device/unexplained": clients.client_device(words, Device(id=DEVICE_ID, **ended), client, NOW),
    }


def administration_gallery(words: Words, people: People) -> dict[str, View]:
    client = make_client(name=people.first_name)
    user = ChatUser(telegram_id=1, client_id=CLIENT_ID, first_name=people.first_name, status="active", username=None)
    card, full = make_card([user], client), make_card([user], client, limit=2)
    asked: dict[str, View] = {}
    for act in Act:
        for count in (0, 1, 3):
            counted = make_card([user], client, counts=Counts(active=count, seen=0, never=0, revoked=0))
            asked[f"administration.ask_why/{act.name}, {count}"] = administration.ask_why(words, counted, act)
        for reason in Reason:
            asked[f"administration.confirm/{act.name}, {reason.name}"] = administration.confirm(
                words, card, act, reason, people.reason
            )
    return asked | {
        "administration.suspended": administration.suspended(words, client, NOW),
        "administration.resumed": administration.resumed(words, client, NOW),
        "administration.all_revoked": administration.all_revoked(words, client, 3, NOW),
        "administration.all_revoked/one": administration.all_revoked(words, client, 1, NOW),
        "administration.all_revoked/none": administration.all_revoked(words, client, 0, NOW),
        "administration.unchanged": administration.unchanged(words, client, is_suspended=True),
        "administration.unchanged/active": administration.unchanged(words, client, is_suspended=False),
        "administration.own_client": administration.own_client(words, CLIENT_ID),
        "administration.ask_limit": administration.ask_limit(words, card, 10),
        "administration.limit_refused": administration.limit_refused(words, CLIENT_ID, 100_000),
        "administration.limit_set": administration.limit_set(words, card),
        "administration.limit_set/below": administration.limit_set(words, full, people.first_name),
        "administration.ask_forget": administration.ask_forget(words, card, people.typed),
        "administration.forget_refused": administration.forget_refused(words, CLIENT_ID, people.typed),
        "administration.forgotten": administration.forgotten(words, client),
        "administration.told_suspended": administration.told_suspended(words, NOW, people.reason, people.contact),
        "administration.told_suspended/unexplained": administration.told_suspended(words, NOW, None),
        "administration.told_resumed": administration.told_resumed(words, NOW, people.reason),
        "administration.told_all_revoked": administration.told_all_revoked(words, 3, NOW, people.reason),
        "administration.told_all_revoked/one": administration.told_all_revoked(words, 1, NOW, None, people.contact),
        "administration.told_forgotten": administration.told_forgotten(words, NOW, people.reason, people.contact),
        "administration.client_unreachable": administration.client_unreachable(words, people.first_name),
    }


def audit_gallery(words: Words, people: People) -> dict[str, View]:
    details = {"device_name": people.device, "reason": people.reason, "limit": 5}
    told = {
        f"audit.audit_page/{action}": audit.audit_page(words, _page([make_event(action, details=details)], people))
        for action in (*audit.SENTENCES, "§9")
    }
    bare = make_event("client_limit_set", actor="system", client_id=None, device_id=None, details={"limit": None})
    stranger = make_event("device_revoked", actor="chat:8", client_id=uuid.UUID(int=3), details={})
    device = Device(id=DEVICE_ID, device_name=people.device)
    client = make_client(name=people.first_name)
    return told | {
        "audit.audit_page/bare": audit.audit_page(words, _page([bare, stranger], people)),
        "audit.audit_page/none": audit.audit_page(words, _page([], people)),
        "audit.audit_page/client": audit.audit_page(words, _page([bare], people, Scope.CLIENT, CLIENT_ID)),
        "audit.audit_page/forgotten": audit.audit_page(words, _page([bare], people, Scope.CLIENT, uuid.UUID(int=3))),
        "audit.audit_page/device": audit.audit_page(words, _page([bare], people, Scope.DEVICE, DEVICE_ID)),
        "audit.several_match": audit.several_match(words, people.typed, [device], [client]),
        "audit.unknown": audit.unknown(words, people.typed),
    }


def _page(
    events: list[AuditEvent], people: People, scope: Scope = Scope.ALL, about: uuid.UUID | None = None
) -> AuditPage:
    known = {9: people.first_name}, {CLIENT_ID: people.first_name}
    return AuditPage(events, scope, about, *known, has_previous=bool(events), has_next=bool(events))


def stats_gallery(words: Words) -> dict[str, View]:
    nothing = Figures(0, 0, DeviceFigures(0, 0, 0), HandoutFigures(0, 0, 0, 0), NOW)
    one = Figures(1, 1, DeviceFigures(1, 1, 1), HandoutFigures(1, 1, 1, 1), NOW)
    return {"stats.figures": stats.figures(words, nothing), "stats.figures/one": stats.figures(words, one)}
