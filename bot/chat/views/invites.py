"""Invites: the link, what it gives and until when, and what it says to whoever opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.general import contact_sentence, help_button
from bot.chat.views.keyboards import back_to_menu, copy, keyboard, my_devices, register, tap
from bot.chat.views.markup import View, blocks, lines, paragraph, say
from bot.chat.views.times import moment
from bot.services.errors import InviteFault
from bot.services.invites import InviteKind

if TYPE_CHECKING:
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.invites import Joined
    from storage.models import Invite

FAULTS = {
    InviteFault.UNKNOWN: "invite-unknown",
    InviteFault.USED: "invite-was-used",
    InviteFault.EXPIRED: "invite-expired",
    InviteFault.WITHDRAWN: "invite-was-withdrawn",
    InviteFault.VOID: "invite-void",
    InviteFault.PAUSED: "invite-paused",
    InviteFault.OWN: "invite-own",
    InviteFault.ALREADY_IN: "invite-already-in",
    InviteFault.SAME_CLIENT: "invite-same-client",
    InviteFault.HAS_DEVICES: "invite-has-devices",
    InviteFault.SHARES_DEVICES: "invite-shares-devices",
    InviteFault.ALREADY_ADMIN: "invite-already-admin",
    InviteFault.NOT_ACCEPTED: "access-refused",
}


def ask_kind(words: Words, open_count: int, *, is_admin: bool) -> View:
    """Ask what an invite shall give: of what this person may give."""
    kinds = tuple(InviteKind) if is_admin else (InviteKind.JOIN,)
    text = blocks(say(words, "invite-ask"), lines(*(say(words, f"invite-gives-{kind}") for kind in kinds)))
    rows = [[_make(words, kind)] for kind in kinds]
    if open_count:
        label = words("button-withdraw-all", count=open_count)
        rows.append([tap(label, Verb.WITHDRAW_INVITES)])
    return View(text, keyboard(*rows, [back_to_menu(words)]))


def link(words: Words, bot_username: str, token: str, invite: Invite) -> View:
    """Show a link, what it gives and until when."""
    url = f"https://t.me/{bot_username}?start={token}"
    text = blocks(
        say(words, "invite-made"),
        say(words, f"invite-gives-{invite.kind}"),
        say(words, "invite-link", url=url),
        say(words, "invite-until", until=moment(words, invite.expires_at, "wDt")),
    )
    take_back = tap(words("button-withdraw"), Verb.WITHDRAW_INVITE, invite.id)
    return View(text, keyboard([copy(words("button-copy-link"), url)], [take_back]))


def withdrawn(words: Words) -> View:
    """Confirm that a link is worth nothing any more."""
    return View(say(words, "invite-withdrawn"), keyboard([_another(words)]))


def all_withdrawn(words: Words, count: int) -> View:
    """Confirm that links are worth nothing any more."""
    return View(say(words, "invites-withdrawn", count=count), keyboard([_another(words)]))


def closed(words: Words, invite: Invite | None, now: datetime) -> View:
    """Tell a maker why there is nothing to take back."""
    if invite is None:
        key = "invite-unknown"
    elif invite.used_at is not None:
        key = "invite-closed-used"
    else:
        is_late = invite.withdrawn_at is None and invite.expires_at <= now
        key = "invite-closed-expired" if is_late else "invite-withdrawn"
    return View(say(words, key), keyboard([_another(words)]))


def joined(words: Words, what: Joined) -> View:
    """Greet somebody who came in by a link, and tell what it gave them."""
    text = say(words, f"invite-joined-{what.kind}", count=what.device_count)
    first = my_devices(words) if what.kind is InviteKind.JOIN else register(words)
    return View(text, keyboard([first], [help_button(words)]))


def refused(words: Words, fault: InviteFault, contact: str = "") -> View:
    """Tell whoever opened a link why it does nothing for them."""
    told = say(words, FAULTS[fault])
    if fault is InviteFault.HAS_DEVICES:
        return View(told, keyboard([my_devices(words)]))
    if fault is InviteFault.SHARES_DEVICES:
        return View(told, keyboard([tap(words("button-leave"), Verb.ASK_LEAVE)]))
    asks = fault in {InviteFault.VOID, InviteFault.PAUSED, InviteFault.NOT_ACCEPTED}
    return View(paragraph(told, contact_sentence(words, contact) if asks else None))


def used(words: Words, kind: InviteKind, name: str, telegram_id: int) -> View:
    """Tell a maker who came in by their link."""
    return View(say(words, f"invite-used-{kind}", name=name, id=str(telegram_id)))


def ask_leave(words: Words) -> View:
    """Ask whether to leave shared devices to the others."""
    yes = tap(words("button-leave-now"), Verb.LEAVE)
    return View(say(words, "leave-ask"), keyboard([yes], [back_to_menu(words)]))


def left(words: Words) -> View:
    """Confirm that somebody shares the devices no more."""
    return View(say(words, "leave-done"), keyboard([register(words)]))


def cannot_leave(words: Words) -> View:
    """Tell somebody who shares their devices with nobody that there is nothing to leave."""
    return View(say(words, "leave-alone"), keyboard([my_devices(words)]))


def _make(words: Words, kind: InviteKind) -> InlineKeyboardButton:
    return tap(words(f"button-invite-{kind}"), Verb.MAKE_INVITE, extra=kind)


def _another(words: Words) -> InlineKeyboardButton:
    return tap(words("button-invite"), Verb.INVITE)
