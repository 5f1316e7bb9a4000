"""What admins do with whole clients: the questions before it, what came of it, and what the client's people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import KeyboardButtonStyle

from bot.chat.buttons import Reason, Verb
from bot.chat.places import Act
from bot.chat.views.clients import all_clients, cancel, client_card, name_of
from bot.chat.views.general import contact_sentence
from bot.chat.views.keyboards import in_rows, keyboard, my_devices, open_client, tap
from bot.chat.views.markup import Html, View, blocks, lines, paragraph, say
from bot.chat.views.reasons import REASONS, kept_reason, told_reason
from bot.chat.views.times import moment

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from bot.chat.words import Words
    from bot.services.directory import ClientCard
    from storage.models import Client

LIMITS = (1, 5, 10, 20, 50, 100)
QUESTIONS = {
    Act.SUSPEND: ("suspend-ask", "suspend-means", "button-suspend-now"),
    Act.RESUME: ("resume-ask", "resume-means", "button-resume-now"),
    Act.REVOKE_ALL: ("revoke-all-ask", "revoke-all-means", "button-revoke-now"),
}
"""What is asked before each act, what is said of it, and what the button says that does it."""


def ask_why(words: Words, card: ClientCard, act: Act) -> View:
    """Ask why, before asking whether; a reason can be tapped or sent."""
    buttons = [
        tap(words(key), Verb.CLIENT_WHY, card.client.id, f"{act}{reason}")
        for reason, key in [*REASONS.items(), (Reason.NONE, "button-no-reason")]
    ]
    text = lines(_question(words, card, act), say(words, "client-ask-reason"))
    return View(text, keyboard(*in_rows(buttons), [cancel(words, card.client.id)]))


def confirm(words: Words, card: ClientCard, act: Act, reason: Reason, typed: str | None = None) -> View:
    """Ask whether to do it; `typed` is the reason in the admin's own words."""
    kept = typed if reason is Reason.TYPED else kept_reason(reason)
    reads = say(words, "client-people-read", reason=told_reason(words, kept)) if kept else None
    style = KeyboardButtonStyle.DANGER if act is Act.REVOKE_ALL else None
    yes = tap(words(QUESTIONS[act][2]), Verb.CLIENT_ACT, card.client.id, f"{act}{reason}", style=style)
    return View(lines(_question(words, card, act), reads), keyboard([yes], [cancel(words, card.client.id)]))


def suspended(words: Words, client: Client, at: datetime) -> View:
    """Confirm that a client can do nothing until it is resumed."""
    return _done(words, "suspended-client", client, at)


def resumed(words: Words, client: Client, at: datetime) -> View:
    """Confirm that a client goes on."""
    return _done(words, "resumed-client", client, at)


def all_revoked(words: Words, client: Client, count: int, at: datetime) -> View:
    """Sum up what was revoked."""
    if count == 0:
        return View(say(words, "revoked-none", client=name_of(client)), keyboard([open_client(words, client.id)]))
    text = say(words, "revoked-all", client=name_of(client), count=count, at=moment(words, at, "T"))
    return View(text, keyboard([open_client(words, client.id)]))


def unchanged(words: Words, client: Client, *, is_suspended: bool) -> View:
    """Answer for a client that is paused, or active, already."""
    key = "suspended-already" if is_suspended else "resumed-already"
    return View(say(words, key, client=name_of(client)), keyboard([open_client(words, client.id)]))


def own_client(words: Words, client_id: uuid.UUID) -> View:
    """Refuse to let admins lock themselves out."""
    return View(say(words, "client-own"), keyboard([open_client(words, client_id)]))


def ask_limit(words: Words, card: ClientCard, standard: int) -> View:
    """Ask how many devices a client may have; `standard` is what everybody may have."""
    client_id = card.client.id
    numbers = [tap(str(number), Verb.SET_LIMIT, client_id, str(number)) for number in LIMITS]
    everybody = tap(words("button-limit-standard", limit=standard), Verb.SET_LIMIT, client_id)
    text = say(words, "limit-ask", client=name_of(card.client), limit=card.limit, count=card.counts.active)
    return View(text, keyboard(*in_rows(numbers, 3), [everybody], [cancel(words, client_id)]))


def limit_refused(words: Words, client_id: uuid.UUID, most: int) -> View:
    """Ask again for a number."""
    return View(say(words, "limit-refused", limit=most), keyboard([cancel(words, client_id)]))


def limit_set(words: Words, card: ClientCard, suspended_by: str | None = None) -> View:
    """Confirm the new limit, above the client's card."""
    shown = client_card(words, card, suspended_by)
    key = "limit-set-below" if card.counts.active > card.limit else "limit-set"
    told = say(words, key, client=name_of(card.client), limit=card.limit, count=card.counts.active)
    return View(blocks(told, shown.text), shown.keyboard)


def ask_forget(words: Words, card: ClientCard, confirmation: str) -> View:
    """Ask for what confirms that a client shall be forgotten."""
    count = card.counts.active + card.counts.revoked
    text = blocks(
        lines(say(words, "forget-ask"), say(words, "client-named", client=name_of(card.client))),
        say(words, "forget-means", devices=count, people=len(card.people)),
        say(words, "forget-confirm", text=confirmation),
    )
    return View(text, keyboard([cancel(words, card.client.id)]))


def forget_refused(words: Words, client_id: uuid.UUID, confirmation: str) -> View:
    """Ask again: what was sent confirms nothing."""
    return View(say(words, "forget-refused", text=confirmation), keyboard([cancel(words, client_id)]))


def forgotten(words: Words, client: Client) -> View:
    """Confirm that a client is gone."""
    return View(say(words, "forgotten", client=name_of(client)), keyboard([all_clients(words)]))


def told_suspended(words: Words, at: datetime, reason: str | None, contact: str = "") -> View:
    """Tell people that they are paused, and why."""
    told = say(words, "told-suspended", at=moment(words, at, "T"))
    return View(_told(words, told, reason, say(words, "told-suspended-next"), contact))


def told_resumed(words: Words, at: datetime, reason: str | None) -> View:
    """Tell people that they can go on."""
    told = say(words, "told-resumed", at=moment(words, at, "T"))
    return View(_told(words, told, reason, say(words, "told-resumed-next")), keyboard([my_devices(words)]))


def told_all_revoked(words: Words, count: int, at: datetime, reason: str | None, contact: str = "") -> View:
    """Tell people that all of their devices are revoked, and why."""
    told = say(words, "told-all-revoked", at=moment(words, at, "T"), count=count)
    text = _told(words, told, reason, say(words, "told-all-revoked-next"), contact)
    return View(text, keyboard([my_devices(words)]))


def told_forgotten(words: Words, at: datetime, reason: str | None, contact: str = "") -> View:
    """Tell people that they and their devices are no longer known."""
    told = say(words, "told-forgotten", at=moment(words, at, "T"))
    return View(_told(words, told, reason, say(words, "told-forgotten-next"), contact))


def client_unreachable(words: Words, client_name: str) -> View:
    """Tell an admin that a client's people do not know of what was done."""
    return View(say(words, "client-unreachable", client=client_name))


def _question(words: Words, card: ClientCard, act: Act) -> Html:
    ask, means, _ = QUESTIONS[act]
    return lines(
        say(words, ask),
        say(words, "client-named", client=name_of(card.client)),
        say(words, means, count=card.counts.active),
    )


def _done(words: Words, key: str, client: Client, at: datetime) -> View:
    text = say(words, key, client=name_of(client), at=moment(words, at, "T"))
    return View(text, keyboard([open_client(words, client.id)]))


def _told(words: Words, told: Html, reason: str | None, following: Html, contact: str = "") -> Html:
    why = say(words, "owner-revoked-reason", reason=told_reason(words, reason)) if reason else None
    return blocks(lines(told, why), paragraph(following, contact_sentence(words, contact)))
