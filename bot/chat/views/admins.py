"""Admins among themselves. Whatever a person chose stands in <code>, as in all of what admins read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.clients import back_to_admin
from bot.chat.views.keyboards import keyboard, short, tap
from bot.chat.views.markup import ID_LENGTH, Html, View, blocks, lines, say, shorten
from bot.services.admins import SWITCHABLE, Choice
from bot.services.invites import InviteKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.admins import NamedAdmin
    from bot.services.notices import NoticeKind
    from storage.models import ChatUser

LISTED = 30
"""How many admins one message shows."""
NEXT = {Choice.ON: Choice.SILENT, Choice.SILENT: Choice.OFF, Choice.OFF: Choice.ON}
"""What a tap on a kind of notice leads to."""


def admin_list(words: Words, admins: Sequence[NamedAdmin], waiting_count: int) -> View:
    """List the admins, with what can be done about them."""
    shown = admins[:LISTED]
    removals = [[_ask_remove(words, admin)] for admin in shown if not admin.is_fixed]
    newcomers = tap(words("button-newcomers", count=waiting_count), Verb.NEWCOMERS)
    notices = tap(words("button-notices"), Verb.NOTICES)
    how = tap(words("button-name-admin"), Verb.HOW_TO_NAME)
    text = blocks(say(words, "admins-heading"), lines(*(_line(words, admin) for admin in shown)))
    return View(text, keyboard(*removals, [how], [newcomers, notices], [back_to_admin(words)]))


def how_to_name(words: Words) -> View:
    """Tell how an admin is named: by Telegram id or, somebody new, by an invite."""
    invite = tap(words("button-invite-admin"), Verb.MAKE_INVITE, extra=InviteKind.ADMIN)
    return View(say(words, "admins-how"), keyboard([invite], [_back(words)]))


def ask_name(words: Words, candidate: ChatUser) -> View:
    """Ask whether to make somebody an admin."""
    yes = tap(words("button-name-now"), Verb.NAME_ADMIN, extra=str(candidate.telegram_id))
    text = say(words, "admins-ask-name", name=candidate.first_name, id=str(candidate.telegram_id))
    return View(text, keyboard([yes], [_cancel(words)]))


def named(words: Words, admin: ChatUser) -> View:
    """Confirm that somebody is an admin."""
    text = say(words, "admins-named", name=admin.first_name, id=str(admin.telegram_id))
    return View(text, keyboard([_all(words)]))


def ask_remove(words: Words, admin: ChatUser, *, is_self: bool) -> View:
    """Ask whether somebody, or the asker, shall be an admin no more."""
    key = "admins-ask-remove-self" if is_self else "admins-ask-remove"
    text = say(words, key, name=admin.first_name, id=str(admin.telegram_id))
    yes = tap(words("button-remove-now"), Verb.REMOVE_ADMIN, extra=str(admin.telegram_id))
    return View(text, keyboard([yes], [_cancel(words)]))


def removed(words: Words, admin: ChatUser, *, is_self: bool) -> View:
    """Confirm that somebody, or the asker, is an admin no more."""
    if is_self:
        return View(say(words, "admins-removed-self"))
    text = say(words, "admins-removed", name=admin.first_name, id=str(admin.telegram_id))
    return View(text, keyboard([_all(words)]))


def unknown_person(words: Words, typed: str) -> View:
    """Answer an id of nobody who could be named."""
    invite = tap(words("button-invite-admin"), Verb.MAKE_INVITE, extra=InviteKind.ADMIN)
    return View(say(words, "admins-unknown", id=shorten(typed, ID_LENGTH)), keyboard([invite], [_all(words)]))


def already_admin(words: Words, typed: str) -> View:
    """Answer that there is nothing to do: somebody else was faster."""
    return View(say(words, "admins-already", id=shorten(typed, ID_LENGTH)), keyboard([_all(words)]))


def no_admin(words: Words) -> View:
    """Answer that there is nothing to remove: somebody else was faster."""
    return View(say(words, "admins-none"), keyboard([_all(words)]))


def fixed(words: Words) -> View:
    """Refuse to remove an admin whom the settings name."""
    return View(say(words, "admins-fixed"), keyboard([_all(words)]))


def told_named(words: Words, by: str) -> View:
    """Tell somebody that they are an admin now."""
    return View(say(words, "admins-told-named", name=by))


def told_removed(words: Words, by: str) -> View:
    """Tell somebody that they are an admin no more."""
    return View(say(words, "admins-told-removed", name=by))


def switch_list(words: Words, switches: Mapping[NoticeKind, Choice]) -> View:
    """Show how each kind of notice comes; a tap changes it."""
    told = lines(*(_switch_line(words, kind, choice) for kind, choice in switches.items()))
    rows = [[_switch(words, place, switches[kind])] for place, kind in enumerate(SWITCHABLE)]
    return View(blocks(say(words, "notices-heading"), told), keyboard(*rows, [_back(words)]))


def _line(words: Words, admin: NamedAdmin) -> Html:
    key = "admins-line-fixed" if admin.is_fixed else "admins-line"
    return say(words, key, name=short(admin.first_name or "?"), id=str(admin.telegram_id))


def _switch_line(words: Words, kind: NoticeKind, choice: Choice) -> Html:
    return say(words, f"notices-{choice}", what=_what(words, kind))


def _switch(words: Words, place: int, choice: Choice) -> InlineKeyboardButton:
    following = NEXT[choice]
    label = words(f"button-notice-{following}", what=_what(words, SWITCHABLE[place]))
    return tap(label, Verb.SWITCH_NOTICE, extra=f"{place}-{following}")


def _what(words: Words, kind: NoticeKind) -> str:
    return words(f"notices-about-{kind.replace('_', '-')}")


def _ask_remove(words: Words, admin: NamedAdmin) -> InlineKeyboardButton:
    label = words("button-remove-admin", name=short(admin.first_name or "?"))
    return tap(label, Verb.ASK_REMOVE_ADMIN, extra=str(admin.telegram_id))


def _all(words: Words) -> InlineKeyboardButton:
    return tap(words("button-admins"), Verb.ADMINS)


def _back(words: Words) -> InlineKeyboardButton:
    return tap(words("button-back"), Verb.ADMINS)


def _cancel(words: Words) -> InlineKeyboardButton:
    return tap(words("button-cancel"), Verb.ADMINS)
