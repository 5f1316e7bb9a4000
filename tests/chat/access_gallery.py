"""Every message about who may use the bot, in every variant."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.chat.views import View, admins, invites, newcomers, toasts
from bot.services.admins import SWITCHABLE, Choice, NamedAdmin
from bot.services.clients import Person
from bot.services.errors import InviteFault
from bot.services.invites import InviteKind, Joined
from bot.services.newcomers import Decision
from storage.models import ChatUser, Invite

if TYPE_CHECKING:
    from bot.chat.words import Words
    from tests.chat.test_views import People

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
ID = uuid.UUID("7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111")
TOKEN = f"inv_{'x' * 32}"


def make_newcomer(
    status: str = "waiting",
    first_name: str = "Anna K.",
    username: str | None = "anna_fx",
    telegram_id: int = 123456789,
) -> ChatUser:
    """Return somebody who asked for access."""
    decided_at = None if status == "waiting" else NOW
    return ChatUser(
        telegram_id=telegram_id,
        first_name=first_name,
        username=username,
        status=status,
        created_at=NOW - timedelta(minutes=8),
        decided_at=decided_at,
    )


def make_invite(kind: str = "join", **values: object) -> Invite:
    """Return an invite that is open at `NOW`."""
    facts: dict[str, object] = {"id": ID, "kind": kind, "made_by": 9, "expires_at": NOW + timedelta(hours=24)}
    return Invite(**(facts | values))


def access_gallery(words: Words, people: People) -> dict[str, View]:
    """Return every message in every variant."""
    return {
        **_newcomers(words, people),
        **_invites(words, people),
        **_admins(words, people),
    }


def access_toasts(words: Words) -> dict[str, toasts.Toast]:
    """Return every answer to a tap."""
    return {
        "faster": toasts.faster(words, Decision(make_newcomer("active"), "§1", is_by_invite=False)),
        "faster/refused": toasts.faster(words, Decision(make_newcomer("refused"), "§1", is_by_invite=False)),
        "faster/invited": toasts.faster(words, Decision(make_newcomer("active"), None, is_by_invite=True)),
    }


def _newcomers(words: Words, people: People) -> dict[str, View]:
    waiting = make_newcomer("waiting", people.first_name, people.username)
    nameless = make_newcomer("waiting", people.first_name, None, telegram_id=2)
    let_in = make_newcomer("active", people.first_name)
    turned_away = make_newcomer("refused", people.first_name)
    return {
        "newcomers.waiting": newcomers.waiting(words),
        "newcomers.waiting/again": newcomers.waiting(words, NOW),
        "newcomers.refused": newcomers.refused(words, people.contact),
        "newcomers.refused/no contact": newcomers.refused(words),
        "newcomers.approved": newcomers.approved(words),
        "newcomers.invitation_needed": newcomers.invitation_needed(words, people.contact),
        "newcomers.request": newcomers.request(words, Decision(waiting, None, is_by_invite=False)),
        "newcomers.request/nameless": newcomers.request(words, Decision(nameless, None, is_by_invite=False)),
        "newcomers.request/let in": newcomers.request(words, Decision(let_in, people.first_name, is_by_invite=False)),
        "newcomers.request/refused": newcomers.request(words, Decision(turned_away, None, is_by_invite=False)),
        "newcomers.request/invited": newcomers.request(words, Decision(let_in, people.first_name, is_by_invite=True)),
        "newcomers.waiting_list": newcomers.waiting_list(words, [waiting, nameless]),
        "newcomers.waiting_list/none": newcomers.waiting_list(words, []),
    }


def _invites(words: Words, people: People) -> dict[str, View]:
    person = Person(1, ID, people.first_name, None, None, None, is_admin=False, is_suspended=False)
    past = NOW - timedelta(minutes=1)
    shown = {
        "invites.ask_kind": invites.ask_kind(words, 0, is_admin=False),
        "invites.ask_kind/admin": invites.ask_kind(words, 2, is_admin=True),
        "invites.withdrawn": invites.withdrawn(words),
        "invites.all_withdrawn": invites.all_withdrawn(words, 2),
        "invites.all_withdrawn/none": invites.all_withdrawn(words, 0),
        "invites.closed": invites.closed(words, None, NOW),
        "invites.closed/used": invites.closed(words, make_invite(used_at=past), NOW),
        "invites.closed/expired": invites.closed(words, make_invite(expires_at=past), NOW),
        "invites.closed/withdrawn": invites.closed(words, make_invite(withdrawn_at=past), NOW),
    }
    shown |= {
        "invites.ask_leave": invites.ask_leave(words),
        "invites.left": invites.left(words),
        "invites.cannot_leave": invites.cannot_leave(words),
    }
    for kind in InviteKind:
        shown[f"invites.link/{kind}"] = invites.link(words, "registry_bot", TOKEN, make_invite(kind))
        shown[f"invites.used/{kind}"] = invites.used(words, kind, people.first_name, 123456789)
        shown[f"invites.joined/{kind}"] = invites.joined(words, Joined(person, kind, 3))
    for fault in InviteFault:
        shown[f"invites.refused/{fault}"] = invites.refused(words, fault, people.contact)
    return shown


def _admins(words: Words, people: People) -> dict[str, View]:
    named = [NamedAdmin(9, people.first_name, is_fixed=True), NamedAdmin(10, None, is_fixed=False)]
    crowd = [NamedAdmin(number, people.first_name, is_fixed=False) for number in range(1, 99)]
    somebody = make_newcomer("active", people.first_name)
    shown = {
        "admins.admin_list": admins.admin_list(words, named, 2),
        "admins.admin_list/many": admins.admin_list(words, crowd, 0),
        "admins.how_to_name": admins.how_to_name(words),
        "admins.ask_name": admins.ask_name(words, somebody),
        "admins.named": admins.named(words, somebody),
        "admins.ask_remove": admins.ask_remove(words, somebody, is_self=False),
        "admins.ask_remove/self": admins.ask_remove(words, somebody, is_self=True),
        "admins.removed": admins.removed(words, somebody, is_self=False),
        "admins.removed/self": admins.removed(words, somebody, is_self=True),
        "admins.unknown_person": admins.unknown_person(words, people.typed),
        "admins.already_admin": admins.already_admin(words, people.typed),
        "admins.no_admin": admins.no_admin(words),
        "admins.fixed": admins.fixed(words),
        "admins.told_named": admins.told_named(words, people.first_name),
        "admins.told_removed": admins.told_removed(words, people.first_name),
    }
    for place, choice in itertools.product(range(len(SWITCHABLE)), Choice):
        switches = {kind: choice if number == place else Choice.ON for number, kind in enumerate(SWITCHABLE)}
        shown[f"admins.switch_list/{place} {choice}"] = admins.switch_list(words, switches)
    return shown
