"""A secret that somebody sent to the bot, and what those read whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import keyboard, my_devices, new_secret_at_once, revoke, short, tap
from bot.chat.views.markup import Html, View, blocks, isolated, lines, paragraph, say
from bot.services.questions import GROUP, TERM

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from telegram import InlineKeyboardButton, InlineKeyboardMarkup

    from bot.chat.views.keyboards import Row
    from bot.chat.words import Words
    from bot.services.pasted import Findings
    from storage.models import Device

MOST_NAMED = 8
"""Devices that one answer names and has buttons for; the list has the others."""
WAITING = {GROUP: "still-waiting-group", TERM: "still-waiting-term"}


def deleted(words: Words, found: Findings, awaits: str | None = None) -> View:
    """Tell that a message with secrets in it was deleted, and offer to replace the person's own.

    `awaits` is the question that stays open. Somebody else's secret is told in the same words as one nobody knows.
    """
    parts = _told(words, found) if found.own else [say(words, "secret-deleted")]
    return View(lines(*parts, _waiting(words, awaits)), _ways_on(words, found.own))


def not_deleted(words: Words, found: Findings, awaits: str | None = None) -> View:
    """Ask the person to delete a message with a secret in it; what can be done about it is the same."""
    return View(lines(say(words, "secret-not-deleted"), _waiting(words, awaits)), _ways_on(words, found.own))


def below(told: View, refusal: View) -> View:
    """Tell somebody who may do nothing what became of their message, and that they may do nothing."""
    return View(blocks(told.text, refusal.text))


def leaked(words: Words, device_id: uuid.UUID, device_name: str) -> View:
    """Warn an owner that somebody else has the secret of their device."""
    buttons = keyboard([new_secret_at_once(words, device_id), revoke(words, device_id)])
    return View(say(words, "secret-leaked", name=isolated(device_name)), buttons)


def leaked_admin(words: Words, device_id: uuid.UUID, device_name: str, telegram_id: int, sender: str) -> View:
    """Tell an admin who has sent the secret of somebody else's device."""
    short_id, number = str(device_id)[:8], str(telegram_id)
    return View(say(words, "admin-secret-leaked", sender=sender, telegram_id=number, name=device_name, id=short_id))


def _told(words: Words, found: Findings) -> list[Html]:
    others = say(words, "pasted-others") if found.has_others else None
    if len(found.own) > 1:
        danger = say(words, "pasted-several-danger")
        return [say(words, "pasted-several"), *_named(words, found.own), paragraph(danger, others)]
    [device] = found.own
    danger = say(words, "pasted-own-revoked" if device.revoked else "pasted-own-danger")
    return [say(words, "pasted-own", name=isolated(device.device_name)), paragraph(danger, others)]


def _named(words: Words, own: Sequence[Device]) -> list[Html]:
    named = [
        say(words, "pasted-one-of-revoked" if device.revoked else "pasted-one-of", name=isolated(device.device_name))
        for device in own[:MOST_NAMED]
    ]
    more = len(own) - len(named)
    return [*named, say(words, "several-more", count=more)] if more else named


def _waiting(words: Words, awaits: str | None) -> Html | None:
    return say(words, WAITING.get(awaits, "still-waiting")) if awaits else None


def _ways_on(words: Words, own: Sequence[Device]) -> InlineKeyboardMarkup:
    """Return the buttons: those of one device say no name."""
    replaceable = [device for device in own if not device.revoked]
    if len(own) == 1 and replaceable:
        return keyboard([new_secret_at_once(words, own[0].id)], [revoke(words, own[0].id)])
    rows: list[Row] = [_row(words, device) for device in replaceable[:MOST_NAMED]]
    return keyboard(*rows, [my_devices(words)])


def _row(words: Words, device: Device) -> list[InlineKeyboardButton]:
    name = short(device.device_name)
    return [
        tap(words("button-new-secret-of", name=name), Verb.REPLACE, device.id),
        tap(words("button-revoke-of", name=name), Verb.REVOKE, device.id),
    ]
