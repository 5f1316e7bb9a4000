"""What holds for every message: it is well-formed, it fits, it is escaped, and a secret stands where it may."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import re
import unicodedata
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import views
from bot.chat.buttons import Asked, Listing, Reason, decode, decode_place
from bot.chat.views import (
    View,
    admin,
    commands,
    copies,
    devices,
    general,
    groups,
    handouts,
    languages,
    pasted,
    registration,
    revocation,
    rotation,
    setup,
    toasts,
    tokens,
)
from bot.chat.views.markup import BUTTON_LENGTH, TOAST_LENGTH, escape, flatten, isolated, known, say, shorten
from bot.chat.views.times import countdown, duration, moment
from bot.chat.words import Words, load_words, name_languages
from bot.services.catalogue import Page, Shelf
from bot.services.endings import Outcome
from bot.services.errors import InvalidDeviceName, NameFault
from bot.services.groups import Action, Done, GroupPage, Plan
from bot.services.hashing import Secret, create_secret
from bot.services.names import normalise_name
from bot.services.pasted import Findings
from storage.devices import Counts
from storage.models import ChatUser, CopyMark, Device, Handout, HandoutKind, HandoutState
from tests.chat.access_gallery import access_gallery, access_toasts
from tests.chat.admin_gallery import administration_gallery, audit_gallery, clients_gallery, stats_gallery
from tests.chat.test_words import read as read_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from telegram import InlineKeyboardButton

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
TTL = timedelta(seconds=60)
SECRET = create_secret()
API_TOKEN = Secret(f"eyJ{'h' * 60}.eyJ{'p' * 144}.{'s' * 43}")
MODULES = [importlib.import_module(f"{views.__name__}.{found.name}") for found in pkgutil.iter_modules(views.__path__)]

FAMILY = "👩‍👩‍👧‍👦"
HOSTILE = {
    "markup": "Gold <b> & Co",
    "link": '</b><a href="https://evil.example">click</a>',
    "entity": "&lt;&#60;&amp",
    "ampersands": "&" * 100,
    "quotes": "\"'`" * 33,
    "hebrew": "שלום עולם",
    "arabic": "سوق الذهب (5)",
    "families": (FAMILY * 15)[:98],
    "flags": "🇩🇪" * 50,
    "zalgo": "e" + "\u0301" * 99,
    "tappable": "/revoke @durov t.me/x",
    "fluent": "{ $name } { 1 }",
    "wide": "𝔘" * 100,
    "faint": "\u200b" * 99 + "x",
}
UNFILTERED = {
    # first names and reasons do not pass the rules for device names
    "overridden": "\u202eniboD\u202c \u2066x\u2069\u2069\u2069",
    "lines": "a\nb\r\nc\u2028d\te",
    "control": "a\0b\x1bc",
    "surrogate": "a\ud800b",
    "long": "&" * 4096,
}


def _is_device_name(text: str) -> bool:
    try:
        return normalise_name(text) == text
    except InvalidDeviceName:
        return False


device_names = st.text(min_size=1, max_size=100).map(lambda text: text.strip() or "x").filter(_is_device_name)


def make_device(**values: object) -> Device:
    facts: dict[str, object] = {
        "id": uuid.UUID("7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"),
        "client_id": uuid.UUID("5d0b6a1e-0c55-4f0e-8a43-1a9f5f0f7c11"),
        "device_name": "VPS-1",
        "fingerprint": "3f9a12c4",
        "revoked": False,
        "last_seen": NOW - timedelta(minutes=3),
        "last_ip": "203.0.113.7",
        "created_at": NOW - timedelta(days=1, hours=1),
    }
    return Device(**(facts | values))


def make_handout(**values: object) -> Handout:
    facts: dict[str, object] = {
        "id": uuid.UUID("00000000-0000-4000-8000-000000000001"),
        "chat_id": 123456789,
        "kind": HandoutKind.REGISTRATION,
        "state": HandoutState.OFFERED,
        "device_id": uuid.UUID("7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"),
        "device_name": "VPS-1",
        "pending_overlap": 0,
        "expires_at": NOW + timedelta(hours=1),
    }
    return Handout(**(facts | values))


def shown_handout(**values: object) -> Handout:
    facts: dict[str, object] = {
        "state": HandoutState.DESTROYED,
        "outcome": Outcome.SAVED,
        "pending_fingerprint": "3f9a12c4",
        "armed_at": NOW - timedelta(seconds=1),
        "destroy_at": NOW + timedelta(seconds=59),
        "shown_at": NOW,
        "destroyed_at": NOW + timedelta(seconds=23),
    }
    return make_handout(**(facts | values))


def rotated(**values: object) -> dict[str, object]:
    return {
        "kind": HandoutKind.ROTATION,
        "base_generation": 1,
        "old_fingerprint": "3f9a12c4",
        "pending_fingerprint": "91c0aa7e",
    } | values


def of_token(**values: object) -> dict[str, object]:
    return {
        "kind": HandoutKind.TOKEN,
        "device_id": uuid.UUID("00000000-0000-4000-8000-000000000001"),
        "device_name": "",
        "pending_fingerprint": None,
    } | values


def make_page(shown: list[Device], shelf: Shelf = Shelf.ACTIVE, search: str | None = None, **values: object) -> Page:
    facts: dict[str, object] = {
        "devices": shown,
        "shelf": shelf,
        "search": search,
        "matching": len(shown),
        "counts": Counts(active=9, seen=2, never=1, revoked=2),
        "limit": 10,
        "has_previous": True,
        "has_next": True,
    }
    return Page(**(facts | values))  # type: ignore[arg-type]  # keyword by keyword it is right


@dataclass
class People:
    """What people wrote that the views show."""

    device: str = "VPS-1"
    other_device: str = "Laptop"
    first_name: str = "Anna K."
    username: str | None = "anna_fx"
    reason: str = "Laptop stolen"
    typed: str = "7b0f42aa"
    term: str = "gold"
    contact: str = "@desk_support"
    languages: Mapping[str, str] = field(default_factory=name_languages)


def gallery(words: Words, people: People | None = None) -> dict[str, View]:
    """Return every message in every variant; a key begins with the module and function that made it."""
    people = people or People()
    return {
        **general_gallery(words, people),
        **registration_gallery(words, people),
        **handout_gallery(words, people),
        **token_gallery(words),
        **device_gallery(words, people),
        **group_gallery(words, people),
        **pasted_gallery(words, people),
        **revocation_gallery(words, people),
        **admin_gallery(words, people),
        **clients_gallery(words, people),
        **administration_gallery(words, people),
        **audit_gallery(words, people),
        **stats_gallery(words),
        **language_gallery(words, people),
        **access_gallery(words, people),
        **copy_gallery(words, people),
    }


def copy_gallery(words: Words, people: People) -> dict[str, View]:
    mark = CopyMark(id=uuid.UUID(int=7), taken_at=NOW - timedelta(days=2))
    confirmed = CopyMark(id=uuid.UUID(int=7), taken_at=NOW - timedelta(days=2), confirmed_at=NOW, confirmed_by="chat:9")
    return {
        "copies.started": copies.started(words, mark),
        "copies.started/confirmed": copies.started(words, confirmed),
        "copies.confirmed": copies.confirmed(words, confirmed),
        "copies.confirmed/by": copies.confirmed(words, confirmed, people.first_name),
    }


def general_gallery(words: Words, people: People) -> dict[str, View]:
    counts = Counts(active=3, seen=2, never=1, revoked=0)
    return {
        "general.welcome": general.welcome(words, people.first_name),
        "general.welcome/again": general.welcome(words),
        "general.menu": general.menu(words, counts),
        "general.menu/admin": general.menu(words, counts, is_admin=True),
        "general.menu/one": general.menu(words, Counts(active=1, seen=0, never=0, revoked=5)),
        "general.menu/none": general.menu(words, Counts(active=0, seen=0, never=0, revoked=5)),
        "general.suspended": general.suspended(words, people.contact),
        "general.suspended/no contact": general.suspended(words),
        "general.help_page": general.help_page(words, TTL, people.contact),
        "general.help_page/admin": general.help_page(words, TTL, is_admin=True),
        "general.own_id": general.own_id(words, 123456789),
        "general.unknown_command": general.unknown_command(words),
        "general.not_understood": general.not_understood(words, counts),
        "general.group": general.group(words, "registry_bot"),
        "general.slow_down": general.slow_down(words),
    }


def registration_gallery(words: Words, people: People) -> dict[str, View]:
    existing = make_device(device_name=people.device)
    faults = {
        f"registration.name_refused/{fault}": registration.name_refused(words, InvalidDeviceName(fault, 137))
        for fault in NameFault
    }
    return faults | {
        "registration.ask_name": registration.ask_name(words),
        "registration.name_refused/renaming": registration.name_refused(
            words, InvalidDeviceName(NameFault.BLANK, 0), renaming=existing.id
        ),
        "registration.name_not_text": registration.name_not_text(words),
        "registration.name_taken": registration.name_taken(
            words, people.device, people.other_device, existing=existing
        ),
        "registration.name_taken/renaming": registration.name_taken(
            words, people.device, people.other_device, renaming=existing.id
        ),
        "registration.limit_reached": registration.limit_reached(words, 10, 10, people.contact),
        "registration.cancelled": registration.cancelled(words),
        "registration.stopped": registration.stopped(words),
        "registration.nothing_to_cancel": registration.nothing_to_cancel(words),
    }


def handout_gallery(words: Words, people: People) -> dict[str, View]:
    views_of: dict[str, View] = {
        "handouts.removed": handouts.removed(words),
        "handouts.limit_reached": handouts.limit_reached(words, 10),
        "handouts.limit_reached/unknown": handouts.limit_reached(words),
        "handouts.first_login": handouts.first_login(words, uuid.UUID(int=1), people.device, "203.0.113.7"),
        "handouts.first_login/unknown": handouts.first_login(words, uuid.UUID(int=1), people.device, None),
    }
    for kind, facts in {"registration": {}, "rotation": rotated()}.items():
        for overlap in (0, 86400):
            named = {"device_name": people.device, "pending_overlap": overlap} | facts
            variant = f"{kind}, {overlap}"
            views_of |= _open_handouts(words, named, variant) | _ended_handouts(words, named, variant)
    return views_of


def _open_handouts(words: Words, named: dict[str, object], variant: str) -> dict[str, View]:
    card = make_handout(**named)
    armed = shown_handout(**named, state=HandoutState.ARMED, outcome=None)
    failed = shown_handout(**named | {"state": HandoutState.FAILED})
    never_shown = shown_handout(**named | {"state": HandoutState.DESTROYING, "shown_at": None})
    return {
        f"handouts.card/{variant}": handouts.card(words, card, TTL),
        f"handouts.card/{variant}, overlap": handouts.card(words, card, TTL, in_overlap=True),
        f"handouts.shown/{variant}": handouts.shown(words, armed, SECRET),
        f"handouts.stuck/{variant}": handouts.stuck(words, shown_handout(**named)),
        f"handouts.stuck/{variant}, for good": handouts.stuck(words, failed),
        f"handouts.stuck/{variant}, never shown": handouts.stuck(words, never_shown),
        f"handouts.name_taken/{variant}": handouts.name_taken(words, card),
        f"handouts.cancelled/{variant}": handouts.cancelled(words, card),
        f"handouts.expired/{variant}": handouts.expired(words, card),
        f"handouts.outdated/{variant}": handouts.outdated(words, card),
        f"handouts.withdrawn/{variant}": handouts.withdrawn(words, card),
        f"handouts.revoked/{variant}": handouts.revoked(words, card),
    }


def _ended_handouts(words: Words, named: dict[str, object], variant: str) -> dict[str, View]:
    ended: dict[str, View] = {}
    for outcome in Outcome:
        name = f"{variant}, {outcome}"
        cancelled = make_handout(**named | {"state": HandoutState.CANCELLED, "outcome": outcome})
        shown = shown_handout(**named | {"outcome": outcome})
        unseen = shown_handout(**named | {"outcome": outcome, "shown_at": None})
        ended[f"handouts.closed_card/{name}"] = handouts.closed_card(words, cancelled)
        ended[f"handouts.closed_card/{name}, used"] = handouts.closed_card(words, shown)
        ended[f"handouts.ended/{name}"] = handouts.ended(words, shown)
        ended[f"handouts.receipt/{name}"] = handouts.receipt(words, shown)
        ended[f"handouts.ended/{name}, unseen"] = handouts.ended(words, unseen)
        ended[f"handouts.unconfirmed/{name}"] = handouts.unconfirmed(words, unseen)
    return ended


def token_gallery(words: Words) -> dict[str, View]:
    card = make_handout(**of_token())
    stuck = shown_handout(**of_token(state=HandoutState.DESTROYING))
    views_of = {
        "tokens.card": tokens.card(words, card, TTL),
        "tokens.shown": tokens.shown(words, shown_handout(**of_token(state=HandoutState.ARMED)), API_TOKEN),
        "tokens.stuck": tokens.stuck(words, stuck),
        "tokens.stuck/for good": tokens.stuck(words, shown_handout(**of_token(state=HandoutState.FAILED))),
        "tokens.stuck/never shown": tokens.stuck(words, shown_handout(**of_token(shown_at=None))),
        "tokens.receipt/over": tokens.receipt(words, shown_handout(**of_token(destroyed_at=NOW + timedelta(hours=1)))),
        "tokens.signed_out": tokens.signed_out(words, NOW),
    }
    for outcome in Outcome:
        shown, unseen = of_token(outcome=outcome), of_token(outcome=outcome, shown_at=None)
        ended = make_handout(**of_token(state=HandoutState.CANCELLED, outcome=outcome))
        views_of[f"tokens.closed_card/{outcome}"] = tokens.closed_card(words, ended)
        views_of[f"tokens.ended/{outcome}"] = tokens.ended(words, shown_handout(**shown))
        views_of[f"tokens.receipt/{outcome}"] = tokens.receipt(words, shown_handout(**shown))
        views_of[f"tokens.ended/{outcome}, unseen"] = tokens.ended(words, shown_handout(**unseen))
        views_of[f"tokens.unconfirmed/{outcome}"] = tokens.unconfirmed(words, shown_handout(**unseen))
    for deleted in (True, False):
        for awaits_name in (True, False):
            pasted = tokens.pasted(words, deleted=deleted, awaits_name=awaits_name)
            views_of[f"tokens.pasted/{deleted}, {awaits_name}"] = pasted
    return views_of


def device_gallery(words: Words, people: People) -> dict[str, View]:
    device = make_device(device_name=people.device)
    shown = [
        device,
        make_device(device_name=people.other_device, last_seen=NOW - timedelta(days=21)),
        make_device(device_name=people.device, last_seen=None),
        *[make_device(device_name=people.device) for _ in range(5)],
    ]
    revoked = make_device(
        device_name=people.device, revoked=True, revoked_at=NOW, revoke_reason=people.reason, revoked_by="chat:1"
    )
    unexplained = make_device(device_name=people.device, revoked=True, revoked_at=NOW)
    overlap = make_device(
        device_name=people.device,
        previous_fingerprint="91c0aa7e",
        previous_valid_until=NOW + timedelta(hours=1),
        last_ip=None,
    )
    nothing = Counts(active=0, seen=0, never=0, revoked=0)
    only_revoked = Counts(active=0, seen=0, never=0, revoked=1)
    return {
        "devices.device_list": devices.device_list(words, make_page(shown), NOW),
        "devices.device_list/none": devices.device_list(words, make_page([], counts=nothing), NOW),
        "devices.device_list/none left": devices.device_list(words, make_page([], counts=only_revoked), NOW),
        "devices.device_list/revoked": devices.device_list(words, make_page([revoked] * 8, Shelf.REVOKED), NOW),
        "devices.device_list/none revoked": devices.device_list(words, make_page([], Shelf.REVOKED), NOW),
        "devices.device_list/found": devices.device_list(words, make_page(shown, Shelf.FOUND, people.term), NOW),
        "devices.device_list/not found": devices.device_list(words, make_page([], Shelf.FOUND, people.term), NOW),
        "devices.pick_list": devices.pick_list(words, make_page(shown), Listing.RENAME),
        "devices.pick_list/none": devices.pick_list(words, make_page([], counts=nothing), Listing.REVOKE),
        "devices.ask_term": devices.ask_term(words),
        "devices.device_card": devices.device_card(words, device, NOW),
        "devices.device_card/overlap": devices.device_card(words, overlap, NOW),
        "devices.device_card/never": devices.device_card(words, shown[2], NOW),
        "devices.device_card/revoked": devices.device_card(words, revoked, NOW),
        "devices.device_card/revoked by admin": devices.device_card(words, revoked, NOW, by_admin=True),
        "devices.device_card/unexplained": devices.device_card(words, unexplained, NOW, by_admin=True),
        "devices.ask_new_name": devices.ask_new_name(words, device),
        "devices.renamed": devices.renamed(words, device, people.other_device, NOW),
        "devices.same_name": devices.same_name(words, device),
        "devices.revoked_meanwhile": devices.revoked_meanwhile(words, revoked),
        "devices.rename_cancelled": devices.rename_cancelled(words, device.id),
        "setup.steps": setup.steps(words, device, "https://registry.example.com", ("DeviceAuth.mqh", "device_auth.py")),
        "rotation.ask_overlap": rotation.ask_overlap(words, device),
        "rotation.secret_used": rotation.secret_used(words, people.device, "203.0.113.7"),
        "rotation.secret_used/unknown": rotation.secret_used(words, people.device, None),
        "rotation.overlap_ends_soon": rotation.overlap_ends_soon(words, device.id, people.device, NOW),
        "rotation.overlap_ended": rotation.overlap_ended(words, device.id, people.device),
    }


def group_gallery(words: Words, people: People) -> dict[str, View]:
    device = make_device(device_name=people.device, group_name=people.other_device)
    alone = make_device(device_name=people.device)
    page = GroupPage([people.device, people.other_device], has_previous=True, has_next=True)
    offered = {uuid.UUID(int=1): people.device, uuid.UUID(int=2): people.other_device}
    empty = GroupPage([], has_previous=False, has_next=False)
    names = [people.device, people.other_device]
    shown: dict[str, View] = {
        "groups.ask_group": groups.ask_group(words, device, page, offered),
        "groups.ask_group/first": groups.ask_group(words, alone, empty, {}),
        "groups.ask_group_of_several": groups.ask_group_of_several(words, 2, page, offered),
        "groups.group_not_text": groups.group_not_text(words, Asked.GROUP, device.id),
        "groups.regrouped": groups.regrouped(words, device, NOW),
        "groups.regrouped/none": groups.regrouped(words, alone, NOW),
        "groups.group_cancelled": groups.group_cancelled(words, device.id),
        "groups.group_cancelled/several": groups.group_cancelled(words, None),
        "groups.revoked_meanwhile": groups.revoked_meanwhile(words, device),
        "groups.selection": groups.selection(words, make_page([device]), [device.id], 3, has_groups=True),
        "groups.selection/nothing": groups.selection(words, make_page([alone]), [], 0, has_groups=False),
        "groups.pick_group": groups.pick_group(words, page, offered),
    }
    for fault in NameFault:
        error = InvalidDeviceName(fault, 137)
        shown[f"groups.name_refused/{fault}"] = groups.name_refused(words, error, Asked.REGROUP)
    for action, group in itertools.product(Action, (None, people.other_device)):
        for count in (2, 12):
            plan = Plan(uuid.UUID(int=3), action, group, count, names)
            shown[f"groups.ask_batch/{action}, {group is None}, {count}"] = groups.ask_batch(words, plan)
        for changed, revoked in ((2, 0), (1, 1), (0, 2)):
            done = Done(action, group, NOW, changed, revoked)
            shown[f"groups.batch_done/{action}, {group is None}, {changed}"] = groups.batch_done(words, done)
    return shown


def pasted_gallery(words: Words, people: People) -> dict[str, View]:
    own, other = make_device(device_name=people.device), make_device(id=uuid.UUID(int=7), device_name=people.device)
    gone = make_device(id=uuid.UUID(int=8), device_name=people.device, revoked=True)
    ten = [make_device(id=uuid.UUID(int=number), device_name=people.device) for number in range(10)]
    found = {
        "nobody's": Findings([], has_others=True),
        "own": Findings([own], has_others=False),
        "own and others": Findings([own], has_others=True),
        "revoked": Findings([gone], has_others=False),
        "several": Findings([own, gone, other], has_others=True),
        "many": Findings(ten, has_others=False),
    }
    shown: dict[str, View] = {
        "pasted.leaked": pasted.leaked(words, own.id, people.device),
        "pasted.leaked_admin": pasted.leaked_admin(words, own.id, people.device, 202, people.first_name),
        "pasted.below": pasted.below(pasted.deleted(words, found["own"]), general.suspended(words, people.contact)),
    }
    for name, findings in found.items():
        shown[f"pasted.deleted/{name}"] = pasted.deleted(words, findings)
        shown[f"pasted.not_deleted/{name}"] = pasted.not_deleted(words, findings)
    for awaits in ("name", "new_name", "term", "group"):
        shown[f"pasted.deleted/awaits {awaits}"] = pasted.deleted(words, found["own"], awaits)
    return shown


def revocation_gallery(words: Words, people: People) -> dict[str, View]:
    device = make_device(device_name=people.device)
    never = make_device(device_name=people.device, last_seen=None)
    revoked = make_device(device_name=people.device, revoked=True, revoked_at=NOW)
    return {
        "revocation.ask_revoke": revocation.ask_revoke(words, device, NOW),
        "revocation.ask_revoke/never": revocation.ask_revoke(words, never, NOW),
        "revocation.revoked": revocation.revoked(words, revoked),
        "revocation.already_revoked": revocation.already_revoked(words, revoked),
        "revocation.already_revoked/by admin": revocation.already_revoked(words, revoked, by_admin=True),
        "revocation.unknown_device": revocation.unknown_device(words, people.typed),
        "revocation.several_match": revocation.several_match(words, people.typed, [device] * 8),
    }


def admin_gallery(words: Words, people: People) -> dict[str, View]:
    device = make_device(device_name=people.device)
    never = make_device(device_name=people.device, last_seen=None)
    revoked = make_device(device_name=people.device, revoked=True, revoked_at=NOW)
    owner = ChatUser(telegram_id=123456789, first_name=people.first_name, username=people.username)
    nameless = ChatUser(telegram_id=1, first_name=people.first_name, username=None)
    reasons = {
        f"admin.ask_revoke/{reason.name}": admin.ask_revoke(words, device, owner, reason, people.reason)
        for reason in Reason
    }
    return reasons | {
        "admin.menu": admin.menu(words),
        "admin.ask_reason/never seen": admin.ask_reason(words, never, owner),
        "admin.ask_reason": admin.ask_reason(words, device, owner),
        "admin.ask_reason/nameless": admin.ask_reason(words, device, nameless),
        "admin.ask_reason/ownerless": admin.ask_reason(words, device, None),
        "admin.revoked": admin.revoked(words, revoked, owner),
        "admin.revoked/ownerless": admin.revoked(words, revoked, None),
        "admin.already_revoked": admin.already_revoked(words, revoked),
        "admin.already_revoked/by": admin.already_revoked(words, revoked, people.first_name),
        "admin.cancelled": admin.cancelled(words),
        "admin.several_match": admin.several_match(words, people.typed, [(device, people.first_name)] * 8),
        "admin.unknown_device": admin.unknown_device(words, people.typed),
        "admin.owner_unreachable": admin.owner_unreachable(words, people.device),
        "admin.secret_stuck": admin.secret_stuck(words, make_handout(device_name=people.device)),
        "admin.secret_stuck/token": admin.secret_stuck(words, make_handout(**of_token())),
        "admin.owner_told": admin.owner_told(words, people.device, NOW, people.reason, people.contact),
        "admin.owner_told/no reason": admin.owner_told(words, people.device, NOW, None),
    }


def language_gallery(words: Words, people: People) -> dict[str, View]:
    return {
        "languages.choose": languages.choose(words, people.languages, words.language),
        "languages.choose/as app": languages.choose(words, people.languages, None),
    }


def all_toasts(words: Words) -> dict[str, toasts.Toast]:
    return {
        "already_removed": toasts.already_removed(words),
        "page_gone": toasts.page_gone(words),
        "client_gone": toasts.client_gone(words),
        "changed": toasts.changed(words),
        "device_gone": toasts.device_gone(words),
        "not_allowed": toasts.not_allowed(words),
        "records_away": toasts.records_away(words),
        "records_wait": toasts.records_wait(words),
        "apology": toasts.apology(words, "4F2A91"),
        "old_copy": toasts.old_copy(words),
        "busy": toasts.busy(words, 3),
        "another_secret": toasts.another_secret(words),
        "check_again": toasts.check_again(words),
        "too_many_picked": toasts.too_many_picked(words, 500),
        **access_toasts(words),
    }


# --- a strict reader of Telegram's HTML ---------------------------------------------------------------------------

TOKEN = re.compile(r"<(?P<close>/?)(?P<tag>[a-z-]+)(?P<attributes>[^<>]*)>|&(?P<entity>[a-z]+);|(?P<plain>[^<>&])")
ATTRIBUTES = {"tg-time": re.compile(r' unix="\d{1,12}" format="(?:r|t|T|D|wDt)"')}
TAGS = {"b", "i", "code", "tg-spoiler", "tg-time"}
ENTITIES = {"lt": "<", "gt": ">", "amp": "&"}
CUTS_A_TIME = {"b", "i", "tg-spoiler"}


@dataclass
class Reading:
    """What a person sees of a message, and which tags stand around each stretch."""

    text: str = ""
    tags: list[str] = field(default_factory=list)
    spans: list[tuple[str, str]] = field(default_factory=list)

    def inside(self, tag: str) -> list[str]:
        return [text for name, text in self.spans if name == tag]

    def outside(self, *tags: str) -> str:
        text = self.text
        for name, part in self.spans:
            if name in tags:
                text = text.replace(part, "", 1)
        return text


def read(html: str) -> Reading:
    reading, opened, position = Reading(), list[tuple[str, int]](), 0
    while position < len(html):
        token = TOKEN.match(html, position)
        assert token, f"not Telegram HTML at {position}: {html[position : position + 30]!r}"
        position = token.end()
        if token["tag"] is None:
            reading.text += ENTITIES[token["entity"]] if token["entity"] else token["plain"]
        elif token["close"]:
            tag, start = opened.pop()
            assert (tag, token["attributes"]) == (token["tag"], "")
            assert reading.text[start:].strip(), f"nothing inside <{tag}>"
            reading.spans.append((tag, reading.text[start:]))
        else:
            _check_opening(token["tag"], token["attributes"], {tag for tag, _ in opened})
            opened.append((token["tag"], len(reading.text)))
            reading.tags.append(token["tag"])
    assert not opened, f"never closed: {opened}"
    return reading


def _check_opening(tag: str, attributes: str, around: set[str]) -> None:
    assert tag in TAGS
    assert ATTRIBUTES[tag].fullmatch(attributes) if tag in ATTRIBUTES else not attributes
    assert "code" not in around, "code contains no other style"
    assert tag not in around
    if tag == "tg-time":
        assert not around & CUTS_A_TIME, "Telegram would cut the style there"


def utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def buttons_of(view: View) -> Iterator[InlineKeyboardButton]:
    for row in view.keyboard.inline_keyboard if view.keyboard else ():
        yield from row


def is_blank(text: str) -> bool:
    return all(
        unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Mn", "Me"} for character in text
    )


def check(view: View) -> None:
    reading = read(view.text)
    assert not is_blank(reading.text)
    assert utf16_length(reading.text) <= 4096
    assert len(view.text.encode()) <= 32768
    for button in buttons_of(view):
        check_button(button)
    if view.keyboard is not None:
        assert view.keyboard.inline_keyboard
        assert all(view.keyboard.inline_keyboard)


def check_button(button: InlineKeyboardButton) -> None:
    button.text.encode()
    assert not is_blank(button.text)
    assert len(button.text) <= 2 * BUTTON_LENGTH + 16
    ways = [button.callback_data, button.copy_text, button.url]
    assert sum(way is not None for way in ways) == 1
    if isinstance(button.callback_data, str):
        assert len(button.callback_data.encode()) <= 64
        assert decode(button.callback_data)
    if button.copy_text is not None:
        assert 1 <= len(button.copy_text.text) <= 256


def everything(name: str) -> People:
    return People(name, name, name, "anna_fx", name, name, name)


def is_for_admins(key: str) -> bool:
    for_owners = ("admin.owner_told", "administration.told")
    for_admins = ("admin.", "administration.", "admins.", "audit.", "clients.", "stats.")
    return key.startswith((*for_admins, "newcomers.request", "pasted.leaked_admin")) and not key.startswith(for_owners)


@pytest.fixture
def words() -> Words:
    return load_words("en")


# --- the rules ----------------------------------------------------------------------------------------------------


def test_the_gallery_shows_every_message_there_is(words: Words) -> None:
    shown = {key.partition("/")[0] for key in gallery(words)}
    there_are = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).return_annotation == "View"
    }
    assert shown == there_are
    there_are = {
        name
        for name, function in inspect.getmembers(toasts, inspect.isfunction)
        if inspect.signature(function).return_annotation == "Toast"
    }
    assert {key.partition("/")[0] for key in all_toasts(words)} == there_are


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_name_breaks_a_message(words: Words, name: str) -> None:
    for view in gallery(words, everything(name)).values():
        check(view)


@pytest.mark.parametrize("text", UNFILTERED.values(), ids=UNFILTERED.keys())
def test_nothing_a_person_or_telegram_can_send_breaks_a_message(words: Words, text: str) -> None:
    people = People(first_name=text, reason=text, typed=text, term=text)
    for view in gallery(words, people).values():
        check(view)
        view.text.encode()


@settings(max_examples=8, deadline=None)
@given(device_names)
def test_no_name_at_all_breaks_a_message(name: str) -> None:
    for view in gallery(load_words("en"), everything(name)).values():
        check(view)


@settings(max_examples=8, deadline=None)
@given(device_names)
def test_a_name_changes_no_tag_of_a_message(name: str) -> None:
    words = load_words("en")
    plain, named = gallery(words), gallery(words, everything(name))
    for key, view in named.items():
        assert read(view.text).tags == read(plain[key].text).tags, key


@settings(max_examples=8, deadline=None)
@given(device_names)
def test_an_owner_reads_the_name_as_it_is_and_isolated(name: str) -> None:
    reading = read(devices.device_card(load_words("en"), make_device(device_name=name), NOW).text)
    assert reading.inside("b")[0] == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", [*HOSTILE.values(), *UNFILTERED.values()], ids=[*HOSTILE, *UNFILTERED])
def test_isolates_come_in_pairs_and_never_where_they_would_be_copied(words: Words, name: str) -> None:
    for key, view in gallery(words, everything(name)).items():
        reading = read(view.text)
        depth = 0
        for character in reading.text:
            depth += (character == "\u2068") - (character == "\u2069")
            assert 0 <= depth <= 1, key
        assert depth == 0, key
        copied = [*reading.inside("code"), *reading.inside("tg-spoiler"), *(b.text for b in buttons_of(view))]
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069]", "".join(copied)), key


def test_what_strangers_chose_stands_in_code_for_admins(words: Words) -> None:
    people = People("DEVICE", "DEVICE", "FIRST", "anna_fx", "REASON", "TYPED", "TERM")
    for key, view in gallery(words, people).items():
        if is_for_admins(key):
            reading = read(view.text)
            assert not re.search(r"DEVICE|FIRST|TYPED", reading.outside("code")), key
            assert "\u2068" not in reading.text, key


def test_an_owner_s_names_are_bold(words: Words) -> None:
    people = People("DEVICE", "DEVICE")
    for key, view in gallery(words, people).items():
        if not is_for_admins(key):
            assert "DEVICE" not in read(view.text).outside("b"), key


def test_names_on_buttons_are_plain(words: Words) -> None:
    labels = {
        button.text for view in gallery(words, everything("Gold <b> & Co")).values() for button in buttons_of(view)
    }
    assert "Gold <b> & Co" in labels
    assert "📟 Open “Gold <b> & Co”" in labels
    assert not [label for label in labels if "&lt;" in label or "&amp;" in label or "</" in label]


def test_a_secret_stands_in_one_spoiler_and_one_copy_button_and_nowhere_else(words: Words) -> None:
    shown_by = {"handouts.shown": SECRET.reveal(), "tokens.shown": API_TOKEN.reveal()}
    for key, view in gallery(words).items():
        whole = f"{view!r} {view.text} {view.keyboard.to_json() if view.keyboard else ''}"
        copied = [button.copy_text.text for button in buttons_of(view) if button.copy_text]
        secret = shown_by.get(key.partition("/")[0])
        if secret is not None:
            assert read(view.text).inside("tg-spoiler") == [secret]
            assert copied == [secret]
            assert view.text.count(secret) == 1
        else:
            assert not [secret for secret in shown_by.values() if secret in whole], key
            assert "tg-spoiler" not in view.text, key


def test_the_same_secret_is_shown_by_the_same_message_again(words: Words) -> None:
    handout = shown_handout(state=HandoutState.ARMED)
    first, second = handouts.shown(words, handout, SECRET), handouts.shown(words, handout, Secret(SECRET.reveal()))
    assert first == second
    handout = shown_handout(**of_token(state=HandoutState.ARMED))
    assert tokens.shown(words, handout, API_TOKEN) == tokens.shown(words, handout, Secret(API_TOKEN.reveal()))


def test_a_token_goes_the_way_of_all_handouts_in_its_own_words(words: Words) -> None:
    card = make_handout(**of_token())
    armed = shown_handout(**of_token(state=HandoutState.ARMED))
    cancelled = make_handout(**of_token(state=HandoutState.CANCELLED, outcome=Outcome.CANCELLED))
    seen, unseen = shown_handout(**of_token()), shown_handout(**of_token(shown_at=None))
    assert handouts.card(words, card, TTL) == tokens.card(words, card, TTL)
    assert handouts.shown(words, armed, API_TOKEN) == tokens.shown(words, armed, API_TOKEN)
    assert handouts.closed_card(words, cancelled) == tokens.closed_card(words, cancelled)
    assert handouts.closed_card(words, seen) == handouts.removed(words)
    assert handouts.ended(words, seen) == tokens.receipt(words, seen)
    assert handouts.ended(words, unseen) == tokens.unconfirmed(words, unseen)
    assert handouts.stuck(words, seen) == tokens.stuck(words, seen)


def test_cards_that_lead_to_a_secret_are_silent_and_protected_and_nothing_else_is_protected(words: Words) -> None:
    for key, view in gallery(words).items():
        assert view.protected == key.startswith(("handouts.card", "tokens.card")), key


def test_what_comes_by_itself_is_silent_unless_it_needs_the_person(words: Words) -> None:
    silent = {key.partition("/")[0] for key, view in gallery(words).items() if view.silent}
    silent_tokens = {"tokens.card", "tokens.ended", "tokens.receipt"}
    assert silent == {"handouts.card", "handouts.ended", "handouts.receipt", "handouts.first_login"} | silent_tokens | {
        "rotation.secret_used"
    }
    assert not admin.owner_told(words, "VPS-1", NOW, None).silent
    assert not handouts.stuck(words, shown_handout()).silent
    assert not tokens.stuck(words, shown_handout(**of_token())).silent
    assert not pasted.leaked(words, uuid.UUID(int=1), "VPS-1").silent


def test_the_message_that_overwrites_a_secret_has_no_buttons(words: Words) -> None:
    assert handouts.removed(words).keyboard is None


def test_colours_stand_on_the_three_buttons_that_matter(words: Words) -> None:
    coloured = {
        (button.text, button.style) for view in gallery(words).values() for button in buttons_of(view) if button.style
    }
    assert coloured == {
        ("🔑 Show secret", "primary"),
        ("✅ I saved it", "success"),
        ("🚫 Yes, revoke", "danger"),
    }


def test_two_buttons_of_a_message_never_say_the_same_to_us(words: Words) -> None:
    for key, view in gallery(words).items():
        data = [button.callback_data for button in buttons_of(view)]
        lists = "devices.device_list", "devices.pick_list", "revocation.several", "clients.client_list"
        if not key.startswith(lists) and ".several" not in key:
            assert len(data) == len(set(data)), key


def test_toasts_fit_and_are_plain(words: Words) -> None:
    for name, toast in all_toasts(words).items():
        assert 0 < len(toast.text) <= 200, name
        assert not re.search(r"[<>&]|\u2068", toast.text), name


@pytest.mark.parametrize("is_admin", [False, True])
def test_the_command_menu_fits_and_help_tells_the_same_commands(words: Words, is_admin: bool) -> None:  # noqa: FBT001
    explained = read(general.help_page(words, TTL, is_admin=is_admin).text).text
    for command in commands.command_menu(words, is_admin=is_admin):
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command.command)
        assert 1 <= len(command.description) <= 256
        assert not re.search(r"&\w+;", command.description)
        assert command.command == "help" or f"/{command.command} " in explained


def test_what_must_be_read_is_an_alert(words: Words) -> None:
    alerts = {name for name, toast in all_toasts(words).items() if toast.alert}
    assert alerts == {"not_allowed", "records_away", "apology"}


# --- lists --------------------------------------------------------------------------------------------------------


def places(view: View) -> list[object]:
    taps = [decode(str(button.callback_data)) for button in buttons_of(view)]
    return [place for tap in taps if tap and (place := decode_place(tap)) and (place.older_than or place.newer_than)]


@pytest.mark.parametrize(("has_previous", "has_next"), [(False, False), (True, False), (False, True), (True, True)])
def test_paging_leads_only_where_there_is_something(words: Words, has_previous: bool, has_next: bool) -> None:  # noqa: FBT001
    shown = [make_device(id=uuid.UUID(int=number), created_at=NOW - timedelta(hours=number)) for number in range(8)]
    page = make_page(shown, has_previous=has_previous, has_next=has_next)
    labels = [button.text for button in buttons_of(devices.device_list(words, page, NOW))]
    assert ("◀️ Previous" in labels, "▶️ Next" in labels) == (has_previous, has_next)


@pytest.mark.parametrize("listing", [Listing.RENAME, Listing.ROTATE, Listing.REVOKE])
def test_paging_continues_next_to_the_devices_at_the_edges_of_the_same_list(words: Words, listing: Listing) -> None:
    shown = [make_device(id=uuid.UUID(int=number), created_at=NOW - timedelta(hours=number)) for number in range(3)]
    previous, following = places(devices.pick_list(words, make_page(shown), listing))
    assert (previous.listing, previous.newer_than) == (listing, (NOW, uuid.UUID(int=0)))  # type: ignore[attr-defined]
    assert following.older_than == (NOW - timedelta(hours=2), uuid.UUID(int=2))  # type: ignore[attr-defined]


def test_a_device_s_sign_says_when_it_was_seen() -> None:
    def sign(**values: object) -> str:
        return devices.sign(make_device(**values), NOW)

    assert sign(last_seen=NOW) == "🟢"
    assert sign(last_seen=NOW - timedelta(hours=24) + timedelta(seconds=1)) == "🟢"
    assert sign(last_seen=NOW - timedelta(hours=24)) == "🟡"
    assert sign(last_seen=None) == "⚪"
    assert sign(last_seen=NOW, revoked=True) == "⛔"


def test_an_overlap_that_is_over_is_not_shown(words: Words) -> None:
    over = make_device(previous_fingerprint="91c0aa7e", previous_valid_until=NOW)
    assert "91c0aa7e" not in devices.device_card(words, over, NOW).text


def test_a_question_for_a_name_leads_back_to_what_it_was_about(words: Words) -> None:
    device_id = uuid.UUID(int=7)
    error = InvalidDeviceName(NameFault.BLANK, 0)
    for view, asked, about in [
        (registration.ask_name(words), Asked.REGISTER, None),
        (registration.name_refused(words, error), Asked.REGISTER, None),
        (registration.name_refused(words, error, device_id), Asked.RENAME, device_id),
        (registration.name_not_text(words, device_id), Asked.RENAME, device_id),
        (devices.ask_new_name(words, make_device(id=device_id)), Asked.RENAME, device_id),
        (devices.ask_term(words), Asked.SEARCH, None),
    ]:
        (button,) = buttons_of(view)
        tap = decode(str(button.callback_data))
        assert tap
        assert (tap.extra, tap.id) == (asked, about)


def test_a_proposal_is_not_in_its_button(words: Words) -> None:
    view = registration.name_taken(words, "VPS-1", "VPS-2")
    assert "VPS" not in "".join(str(button.callback_data) for button in buttons_of(view))


def test_a_device_that_cannot_be_opened_has_no_button(words: Words) -> None:
    view = registration.name_taken(words, "VPS-1", "VPS-2", existing=None)
    assert [button.text for button in buttons_of(view)] == ["Use “VPS-2”", "Cancel"]


def test_a_device_that_never_came_to_be_is_offered_no_new_secret(words: Words) -> None:
    assert handouts.stuck(words, shown_handout(shown_at=None)).keyboard is None
    assert handouts.stuck(words, shown_handout(shown_at=None, **rotated())).keyboard is not None


def test_a_token_that_never_worked_is_nothing_to_sign_out_for(words: Words) -> None:
    assert tokens.stuck(words, shown_handout(**of_token(shown_at=None))).keyboard is None


# --- shortening and escaping --------------------------------------------------------------------------------------


@given(st.text(max_size=120), st.sampled_from([BUTTON_LENGTH, TOAST_LENGTH, 100]))
def test_a_shortened_text_fits_and_is_a_beginning_of_the_whole(text: str, limit: int) -> None:
    short, whole = shorten(text, limit), flatten(text)
    assert len(short) <= limit
    if len(whole) <= limit:
        assert short == whole
    else:
        assert short.endswith("…")
        assert whole.startswith(short[:-1])


@pytest.mark.parametrize(
    "cluster",
    [
        FAMILY,
        "🇩🇪",
        "👋🏽",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
        "1️⃣",
        "❤️‍🔥",
        "e\u0301",
        "ก็",
        "각",
    ],
    ids=["family", "flag", "skin tone", "Scotland", "keycap", "burning heart", "accent", "Thai", "Hangul"],
)
@pytest.mark.parametrize("lead", ["", "x", "xy"])
def test_nothing_is_cut_inside_what_looks_like_one_character(cluster: str, lead: str) -> None:
    for limit in range(len(lead + cluster) + 1, 41):
        short = shorten(lead + cluster * 50, limit)
        body = short.removesuffix("…").removeprefix(lead)
        assert body.replace(cluster, "") == "", (limit, short)
        assert limit - len(short) < len(cluster), "more was cut than had to be"


def test_an_endless_family_is_cut_between_its_people() -> None:
    assert shorten("\u200d".join("👩" * 50), 24) == "\u200d".join("👩" * 11) + "…"


def test_a_letter_with_endless_accents_still_shows() -> None:
    assert shorten("e" + "\u0301" * 99, 24) == "e" + "\u0301" * 22 + "…"


@given(st.text(max_size=256))
def test_escaping_loses_nothing_a_person_can_see(text: str) -> None:
    assert read(escape(text)).text == flatten(text)


@given(st.text())
def test_no_text_turns_the_words_around_it(text: str) -> None:
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\n\r\u2028\u2029]", flatten(text))
    assert isolated(text).count("\u2068") == isolated(text).count("\u2069") == 1


def test_values_are_escaped_unless_they_are_html_already(words: Words) -> None:
    assert say(words, "device-title", name="<b>") == "<b>&lt;b&gt;</b>"
    assert say(words, "device-title", name=escape("<b>")) == "<b>&lt;b&gt;</b>"


def test_a_record_in_the_wrong_state_makes_no_message(words: Words) -> None:
    with pytest.raises(ValueError, match="later state"):
        handouts.shown(words, make_handout(), SECRET)
    assert known(0) == 0


# --- times --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 second"),
        (0.4, "1 second"),
        (1, "1 second"),
        (10, "10 seconds"),
        (22.6, "23 seconds"),
        (60, "60 seconds"),
        (90, "90 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (245, "4 minutes"),
        (600, "10 minutes"),
        (3599, "60 minutes"),
        (3600, "1 hour"),
        (5400, "90 minutes"),
        (7200, "2 hours"),
        (86399, "24 hours"),
        (86400, "24 hours"),
        (172800, "48 hours"),
    ],
)
def test_a_duration_is_told_in_the_unit_a_person_would_use(words: Words, seconds: float, said: str) -> None:
    assert duration(words, timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("style", "fallback"),
    [
        ("r", "24 Nov, 14:02 UTC"),
        ("t", "14:02 UTC"),
        ("T", "14:02:10 UTC"),
        ("D", "24 November 2026"),
        ("wDt", "Tue 24 November, 14:02 UTC"),
    ],
)
def test_an_app_that_knows_no_times_shows_utc(words: Words, style: str, fallback: str) -> None:
    at = datetime(2026, 11, 24, 14, 2, 10, tzinfo=UTC)
    expected = f'<tg-time unix="{int(at.timestamp())}" format="{style}">{fallback}</tg-time>'
    assert moment(words, at, style) == expected  # type: ignore[arg-type]


def test_a_moment_of_another_zone_is_told_in_utc(words: Words) -> None:
    at = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=3)))
    assert "31 Dec, 22:30 UTC" in moment(words, at, "r")


def test_a_countdown_promises_the_whole_span_where_it_cannot_count(words: Words) -> None:
    assert ">within 60 seconds</tg-time>" in countdown(words, NOW, TTL)


# --- the words ----------------------------------------------------------------------------------------------------


class Recording(Words):
    """Notes which sentences were asked for."""

    def __init__(self) -> None:
        english = load_words("en")
        super().__init__("en", english._bundles)
        self.asked: set[str] = set()

    def __call__(self, key: str, /, **values: str | int) -> str:
        self.asked.add(key)
        return super().__call__(key, **values)


def test_every_sentence_is_said_somewhere() -> None:
    words = Recording()
    gallery(words)
    all_toasts(words)
    commands.command_menu(words)
    commands.command_menu(words, is_admin=True)
    duration(words, timedelta(minutes=4))
    # these are parts of the times, and what each language is called
    assert words.asked | {"month-short", "month-long", "weekday-short", "language-name"} == read_language("en").keys()


def test_the_package_says_what_it_offers() -> None:
    assert all(hasattr(views, name) for name in views.__all__)
