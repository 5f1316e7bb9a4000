"""What admins see and do, and what owners read of it.

In admins' chats, whatever a stranger chose stands in <code>: inside bold, Telegram makes links, @mentions and
/commands of it that can be tapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import KeyboardButtonStyle

from bot.chat.buttons import Reason, Verb
from bot.chat.views.devices import seen_line
from bot.chat.views.general import contact_sentence
from bot.chat.views.handouts import is_token
from bot.chat.views.keyboards import back_to_menu, keyboard, my_devices, open_client, register, short, tap
from bot.chat.views.markup import (
    ID_LENGTH,
    Html,
    View,
    blocks,
    isolated,
    known,
    lines,
    paragraph,
    say,
    shorten,
)
from bot.chat.views.reasons import REASONS, kept_reason, told_reason
from bot.chat.views.times import moment

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from storage.models import ChatUser, Device, Handout


def menu(words: Words) -> View:
    """Show what admins can do."""
    clients = tap(words("button-clients"), Verb.CLIENTS, extra="a")
    search = tap(words("button-search"), Verb.CLIENT_SEARCH)
    audit, stats = tap(words("button-audit"), Verb.AUDIT, extra="a"), tap(words("button-stats"), Verb.STATS)
    invite, admins = tap(words("button-invite"), Verb.INVITE), tap(words("button-admins"), Verb.ADMINS)
    notices = tap(words("button-notices"), Verb.NOTICES)
    rows = [[clients, search], [audit, stats], [invite, admins], [notices, back_to_menu(words)]]
    return View(say(words, "admin-menu"), keyboard(*rows))


def ask_reason(words: Words, device: Device, owner: ChatUser | None) -> View:
    """Ask why a device shall be revoked, before asking whether."""
    lost, leaked, unneeded = (_reason(words(key), device, reason) for reason, key in REASONS.items())
    none = _reason(words("button-no-reason"), device, Reason.NONE)
    buttons = keyboard([lost, leaked], [unneeded, none], [_cancel(words)])
    return View(lines(_question(words, device, owner), say(words, "admin-ask-reason")), buttons)


def ask_revoke(words: Words, device: Device, owner: ChatUser | None, reason: Reason, typed: str | None = None) -> View:
    """Ask whether to revoke somebody's device; `typed` is the reason in the admin's own words."""
    kept = typed if reason is Reason.TYPED else kept_reason(reason)
    reads = say(words, "admin-owner-reads", reason=told_reason(words, kept)) if kept else None
    style = KeyboardButtonStyle.DANGER
    yes = tap(words("button-revoke-now"), Verb.ADMIN_REVOKE, device.id, reason, style=style)
    return View(lines(_question(words, device, owner), reads), keyboard([yes], [_cancel(words)]))


def revoked(words: Words, device: Device, owner: ChatUser | None) -> View:
    """Confirm a revocation."""
    at, short_id = moment(words, known(device.revoked_at), "T"), _short_id(device.id)
    way_on = keyboard([open_client(words, device.client_id)])
    if owner is None:
        return View(say(words, "admin-revoked-ownerless", name=device.device_name, id=short_id, at=at), way_on)
    name, owner_name = device.device_name, owner.first_name
    return View(say(words, "admin-revoked", name=name, id=short_id, owner=owner_name, at=at), way_on)


def already_revoked(words: Words, device: Device, admin_name: str | None = None) -> View:
    """Tell who was faster, if that is known."""
    at = moment(words, known(device.revoked_at), "r")
    if admin_name is None:
        return View(say(words, "admin-already-revoked", name=device.device_name, at=at))
    return View(say(words, "admin-already-revoked-by", name=device.device_name, at=at, admin=admin_name))


def cancelled(words: Words) -> View:
    """Confirm that nothing was done."""
    return View(say(words, "admin-cancelled"))


def several_match(words: Words, typed: str, found: Sequence[tuple[Device, str]]) -> View:
    """Ask which of the devices is meant, each told with its owner's name."""
    text = say(words, "several-match", count=len(found), id=shorten(typed, ID_LENGTH))
    rows = [[_pick(words, device, owner_name)] for device, owner_name in found]
    return View(text, keyboard(*rows, [_cancel(words)]))


def unknown_device(words: Words, typed: str) -> View:
    """Answer an ID that is no device's."""
    return View(say(words, "admin-unknown", id=shorten(typed, ID_LENGTH)))


def owner_unreachable(words: Words, device_name: str) -> View:
    """Tell that an owner does not know of a revocation."""
    return View(say(words, "admin-owner-unreachable", name=device_name))


def secret_stuck(words: Words, handout: Handout) -> View:
    """Tell that a secret can never be removed from a chat."""
    short_id, chat = _short_id(handout.device_id), str(handout.chat_id)
    if is_token(handout):
        return View(say(words, "admin-token-stuck", telegram_id=chat))
    return View(say(words, "admin-secret-stuck", name=handout.device_name, id=short_id, telegram_id=chat))


def owner_told(words: Words, device_name: str, revoked_at: datetime, reason: str | None, contact: str = "") -> View:
    """Tell an owner that an admin revoked their device, and why."""
    at = moment(words, revoked_at, "T")
    why = say(words, "owner-revoked-reason", reason=told_reason(words, reason)) if reason else None
    text = blocks(
        lines(say(words, "owner-revoked", name=isolated(device_name), at=at), why),
        paragraph(say(words, "owner-revoked-next"), contact_sentence(words, contact)),
    )
    return View(text, keyboard([register(words), my_devices(words)]))


def _question(words: Words, device: Device, owner: ChatUser | None) -> Html:
    return lines(
        say(words, "admin-revoke-ask"),
        say(words, "admin-device", name=device.device_name, id=_short_id(device.id)),
        _owner_line(words, owner),
        seen_line(words, device),
    )


def _owner_line(words: Words, owner: ChatUser | None) -> Html | None:
    if owner is None:
        return None
    if owner.username is None:
        return say(words, "admin-owner", owner=owner.first_name)
    return say(words, "admin-owner-username", owner=owner.first_name, username=owner.username)


def _short_id(device_id: uuid.UUID) -> str:
    return str(device_id)[:8]


def _reason(label: str, device: Device, reason: Reason) -> InlineKeyboardButton:
    return tap(label, Verb.ADMIN_REASON, device.id, reason)


def _pick(words: Words, device: Device, owner_name: str) -> InlineKeyboardButton:
    label = words("button-owned", name=short(device.device_name), owner=short(owner_name))
    return tap(label, Verb.ADMIN_PICK, device.id)


def _cancel(words: Words) -> InlineKeyboardButton:
    return tap(words("button-cancel"), Verb.ADMIN_CANCEL)
