"""Switching a device off for good, by its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import KeyboardButtonStyle

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import in_rows, keyboard, my_devices, register, short, tap
from bot.chat.views.markup import ID_LENGTH, Html, View, isolated, known, lines, paragraph, say, shorten
from bot.chat.views.times import moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.chat.words import Words
    from storage.models import Device


def ask_revoke(words: Words, device: Device, now: datetime) -> View:
    """Ask whether to revoke; the answer carries when it was asked."""
    text = lines(
        say(words, "revoke-ask", name=isolated(device.device_name)),
        paragraph(say(words, "revoke-for-good"), _last_seen(words, device)),
        say(words, "revoke-name-free"),
    )
    asked_at, style = str(int(now.timestamp())), KeyboardButtonStyle.DANGER
    yes = tap(words("button-revoke-now"), Verb.REVOKE_NOW, device.id, asked_at, style=style)
    return View(text, keyboard([yes], [tap(words("button-back"), Verb.DEVICE, device.id)]))


def revoked(words: Words, device: Device) -> View:
    """Confirm that the device can do nothing any more."""
    at = moment(words, known(device.revoked_at), "T")
    text = say(words, "revoked", name=isolated(device.device_name), at=at)
    return View(text, keyboard([my_devices(words), register(words)]))


def already_revoked(words: Words, device: Device, *, by_admin: bool = False) -> View:
    """Tell that somebody was faster."""
    key = "revoked-already-by-admin" if by_admin else "revoked-already-by-you"
    at = moment(words, known(device.revoked_at), "r")
    return View(say(words, key, name=isolated(device.device_name), at=at), keyboard([my_devices(words)]))


def unknown_device(words: Words, typed: str) -> View:
    """Answer an ID that is nobody's or somebody else's: nobody is told which."""
    return View(say(words, "owner-unknown", id=shorten(typed, ID_LENGTH)), keyboard([my_devices(words)]))


def several_match(words: Words, typed: str, devices: Sequence[Device], verb: Verb = Verb.REVOKE) -> View:
    """Ask which of a person's own devices is meant; `verb` is what is to be done with it."""
    text = say(words, "several-match", count=len(devices), id=shorten(typed, ID_LENGTH))
    names = [tap(short(device.device_name), verb, device.id) for device in devices]
    cancel = tap(words("button-cancel"), Verb.MENU)
    return View(text, keyboard(*in_rows(names), [cancel]))


def _last_seen(words: Words, device: Device) -> Html:
    if device.last_seen is None:
        return say(words, "revoke-never")
    return say(words, "revoke-seen", at=moment(words, device.last_seen, "r"))
