"""What each kind of notice says, when it is sent."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.words import load_words
from bot.services.admins import Choice
from bot.services.invites import InviteKind
from bot.services.notices import NoticeKind

if TYPE_CHECKING:
    from bot.chat.context import Services
    from bot.chat.views import View
    from bot.chat.words import Words
    from storage.models import Notice

ABOUT_ACCESS = frozenset(
    {
        NoticeKind.NEWCOMER_WAITING,
        NoticeKind.NEWCOMER_DECIDED,
        NoticeKind.ACCESS_APPROVED,
        NoticeKind.ACCESS_REFUSED,
        NoticeKind.INVITE_USED,
        NoticeKind.ADMIN_NAMED,
        NoticeKind.ADMIN_REMOVED,
    }
)
NEW_SECRETS = frozenset({NoticeKind.NEW_SECRET_USED, NoticeKind.OVERLAP_ENDS_SOON, NoticeKind.OVERLAP_ENDED})
LEAKS = frozenset({NoticeKind.SECRET_LEAKED, NoticeKind.SECRET_LEAKED_ADMIN})


ACTS_OF_ADMINS = frozenset(
    {
        NoticeKind.SUSPENDED_BY_ADMIN,
        NoticeKind.RESUMED_BY_ADMIN,
        NoticeKind.ALL_REVOKED_BY_ADMIN,
        NoticeKind.FORGOTTEN_BY_ADMIN,
    }
)


async def draw(services: Services, notice: Notice) -> View | None:
    """Return the message a notice becomes, or None when what it tells is gone, or the person wants none of its kind."""
    choice = await services.admins.find_choice(notice.telegram_id, notice.kind)
    view = None if choice is Choice.OFF else await _draw(services, notice)
    return view and (replace(view, silent=True) if choice is Choice.SILENT else view)


async def _draw(services: Services, notice: Notice) -> View | None:
    words = load_words(await services.clients.find_language(notice.telegram_id))
    if notice.kind in ABOUT_ACCESS:
        return await _draw_access(services, notice, words)
    if "handout_id" in notice.details:
        return await _draw_handout(services, notice, words)
    if notice.kind == NoticeKind.COPY_STARTED:
        return views.copies.started(words, await services.copies.get(uuid.UUID(notice.details["copy_id"])))
    if notice.kind in NEW_SECRETS:
        return await _draw_new_secret(services, notice, words)
    if notice.kind in LEAKS:
        return _draw_leak(notice, words)
    is_act = notice.kind in ACTS_OF_ADMINS
    return _draw_act(services, notice) if is_act else _draw_device(services, notice, words)


def _draw_device(services: Services, notice: Notice, words: Words) -> View:
    details = notice.details
    if "client_name" in details:
        return views.administration.client_unreachable(words, details["client_name"])
    name = details["device_name"]
    match notice.kind:
        case NoticeKind.FIRST_LOGIN:
            return views.handouts.first_login(words, uuid.UUID(details["device_id"]), name, details["address"])
        case NoticeKind.REVOKED_BY_ADMIN:
            revoked_at = datetime.fromtimestamp(details["at"], UTC)
            return views.admin.owner_told(words, name, revoked_at, details["reason"], services.contact)
        case _:
            return views.admin.owner_unreachable(words, name)


def _draw_act(services: Services, notice: Notice) -> View:
    """Tell what an admin did with a client, in the language kept with it: its people may be known no longer."""
    details, contact = notice.details, services.contact
    words, at, reason = load_words(details["language"]), datetime.fromtimestamp(details["at"], UTC), details["reason"]
    match notice.kind:
        case NoticeKind.SUSPENDED_BY_ADMIN:
            return views.administration.told_suspended(words, at, reason, contact)
        case NoticeKind.RESUMED_BY_ADMIN:
            return views.administration.told_resumed(words, at, reason)
        case NoticeKind.ALL_REVOKED_BY_ADMIN:
            return views.administration.told_all_revoked(words, details["count"], at, reason, contact)
        case _:
            return views.administration.told_forgotten(words, at, reason, contact)


async def _draw_handout(services: Services, notice: Notice, words: Words) -> View | None:
    handout = await services.handouts.get(uuid.UUID(notice.details["handout_id"]))
    if handout is None:
        return None
    match notice.kind:
        case NoticeKind.HANDOUT_ENDED:
            return views.handouts.ended(words, handout)
        case NoticeKind.HANDOUT_FAILED_ADMIN:
            return views.admin.secret_stuck(words, handout)
        case _:
            return views.handouts.stuck(words, handout)


async def _draw_access(services: Services, notice: Notice, words: Words) -> View | None:
    details = notice.details
    match notice.kind:
        case NoticeKind.ACCESS_APPROVED:
            return views.newcomers.approved(words)
        case NoticeKind.ACCESS_REFUSED:
            return views.newcomers.refused(words, services.contact, silent=True)
        case NoticeKind.INVITE_USED:
            return views.invites.used(words, InviteKind(details["gives"]), details["name"], details["guest"])
        case NoticeKind.ADMIN_NAMED:
            return views.admins.told_named(words, details["by"])
        case NoticeKind.ADMIN_REMOVED:
            return views.admins.told_removed(words, details["by"])
        case _:
            decision = await services.newcomers.find_decision(details["newcomer"])
            return None if decision is None else views.newcomers.request(words, decision)


async def _draw_new_secret(services: Services, notice: Notice, words: Words) -> View | None:
    """Return what became of a new secret; a reminder that was owed long before, only if it still is true."""
    device_id, name = uuid.UUID(notice.details["device_id"]), notice.details["device_name"]
    if notice.kind == NoticeKind.NEW_SECRET_USED:
        return views.rotation.secret_used(words, name, notice.details["address"])
    until = datetime.fromtimestamp(notice.details["until"], UTC)
    is_too_late = notice.kind == NoticeKind.OVERLAP_ENDS_SOON and until <= services.clock.now()
    if is_too_late or not await services.devices.is_waiting(
        device_id, notice.details["generation"], notice.telegram_id
    ):
        return None
    if notice.kind == NoticeKind.OVERLAP_ENDED:
        return views.rotation.overlap_ended(words, device_id, name)
    return views.rotation.overlap_ends_soon(words, device_id, name, until)


def _draw_leak(notice: Notice, words: Words) -> View:
    device_id, name = uuid.UUID(notice.details["device_id"]), notice.details["device_name"]
    if notice.kind == NoticeKind.SECRET_LEAKED:
        return views.pasted.leaked(words, device_id, name)
    sender, sender_name = notice.details["sender"], notice.details["sender_name"]
    return views.pasted.leaked_admin(words, device_id, name, sender, sender_name)
