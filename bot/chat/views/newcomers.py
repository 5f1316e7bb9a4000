"""What is said to those who are not let in yet, and to the admins who decide about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.general import contact_sentence, help_button
from bot.chat.views.keyboards import keyboard, open_client, register, short, tap
from bot.chat.views.markup import Html, View, known, lines, paragraph, say
from bot.chat.views.times import moment
from bot.services.clients import REFUSED, WAITING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.newcomers import Decision
    from storage.models import ChatUser

UNKNOWN = "?"
"""Stands for an admin who is not known any more."""


def waiting(words: Words, asked_at: datetime | None = None) -> View:
    """Tell a newcomer that an admin was asked: just now or, at a later try, when."""
    if asked_at is None:
        return View(say(words, "access-asked"))
    return View(say(words, "access-waiting", at=moment(words, asked_at, "r")))


def refused(words: Words, contact: str = "", *, silent: bool = False) -> View:
    """Tell somebody that an admin did not let them in."""
    return View(paragraph(say(words, "access-refused"), contact_sentence(words, contact)), silent=silent)


def approved(words: Words) -> View:
    """Tell a newcomer that they are in."""
    return View(say(words, "access-approved"), keyboard([register(words), help_button(words)]))


def invitation_needed(words: Words, contact: str = "") -> View:
    """Tell a stranger that only invites let anybody in."""
    return View(paragraph(say(words, "access-invitation-needed"), contact_sentence(words, contact)))


def request(words: Words, decision: Decision) -> View:
    """Ask an admin about a newcomer or, once that was decided, tell how and by whom."""
    newcomer = decision.newcomer
    if newcomer.status == WAITING:
        return View(_question(words, newcomer), keyboard([_approve(words, newcomer), _refuse(words, newcomer)]))
    text = say(
        words,
        _outcome(decision),
        name=newcomer.first_name,
        id=str(newcomer.telegram_id),
        admin=decision.admin_name or UNKNOWN,
        at=moment(words, known(newcomer.decided_at), "t"),
    )
    after_all = tap(words("button-approve-after-all"), Verb.APPROVE_AFTER_ALL, extra=str(newcomer.telegram_id))
    if newcomer.status == REFUSED:
        return View(text, keyboard([after_all]))
    return View(text, keyboard([open_client(words, newcomer.client_id)]) if newcomer.client_id else None)


def waiting_list(words: Words, newcomers: Sequence[ChatUser]) -> View:
    """List who waits, each with the way to their request."""
    back = [tap(words("button-back"), Verb.ADMINS)]
    if not newcomers:
        return View(say(words, "newcomers-none"), keyboard(back))
    rows = [[_open(newcomer)] for newcomer in newcomers]
    return View(say(words, "newcomers-heading", count=len(newcomers)), keyboard(*rows, back))


def _question(words: Words, newcomer: ChatUser) -> Html:
    username = newcomer.username
    return lines(
        say(words, "newcomer-asks"),
        say(words, "newcomer-name", name=newcomer.first_name),
        say(words, "newcomer-username", username=username) if username else None,
        say(words, "newcomer-id", id=str(newcomer.telegram_id)),
        say(words, "newcomer-asked", at=moment(words, newcomer.created_at, "r")),
    )


def _outcome(decision: Decision) -> str:
    if decision.newcomer.status == REFUSED:
        return "newcomer-refused"
    return "newcomer-invited" if decision.is_by_invite else "newcomer-approved"


def _approve(words: Words, newcomer: ChatUser) -> InlineKeyboardButton:
    return tap(words("button-approve"), Verb.APPROVE, extra=str(newcomer.telegram_id))


def _refuse(words: Words, newcomer: ChatUser) -> InlineKeyboardButton:
    return tap(words("button-refuse"), Verb.REFUSE, extra=str(newcomer.telegram_id))


def _open(newcomer: ChatUser) -> InlineKeyboardButton:
    return tap(f"{short(newcomer.first_name)} · {newcomer.telegram_id}", Verb.NEWCOMER, extra=str(newcomer.telegram_id))
