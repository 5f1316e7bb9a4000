"""What was done, by whom and when, in sentences. What a stranger chose stands in <code>."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.places import AuditPlace, encode_audit
from bot.chat.views.clients import all_clients, back_to_admin
from bot.chat.views.keyboards import Row, keyboard, leads, open_client, short, tap
from bot.chat.views.markup import ID_LENGTH, Html, View, blocks, lines, say, shorten
from bot.chat.views.reasons import told_reason
from bot.chat.views.times import moment
from bot.services.audit_trail import Scope, chat_id_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.words import Words
    from bot.services.audit_trail import AuditPage
    from storage.models import AuditEvent, Client, Device

NAME_LENGTH = 40
SHORT_ID = 8
HEADINGS = {Scope.ALL: "audit-heading", Scope.CLIENT: "audit-heading-client", Scope.DEVICE: "audit-heading-device"}
SENTENCES = {
    "access_approved": "audit-access-approved",
    "access_asked": "audit-access-asked",
    "access_refused": "audit-access-refused",
    "admin_named": "audit-admin-named",
    "admin_removed": "audit-admin-removed",
    "client_created": "audit-client-created",
    "client_deleted": "audit-client-deleted",
    "client_left": "audit-client-left",
    "client_limit_set": "audit-client-limit",
    "client_resumed": "audit-client-resumed",
    "client_suspended": "audit-client-suspended",
    "copy_confirmed": "audit-copy-confirmed",
    "device_registered": "audit-device-registered",
    "device_regrouped": "audit-device-regrouped",
    "device_renamed": "audit-device-renamed",
    "device_revoked": "audit-device-revoked",
    "handout_failed": "audit-handout-failed",
    "invite_created": "audit-invite-created",
    "invite_used": "audit-invite-used",
    "invite_withdrawn": "audit-invite-withdrawn",
    "invites_withdrawn": "audit-invites-withdrawn",
    "notice_dropped": "audit-notice-dropped",
    "secret_pasted": "audit-secret-pasted",
    "secret_rotated": "audit-secret-rotated",
    "tokens_voided": "audit-tokens-voided",
}
"""How each action is told; one that is not here is told by its own name."""


def audit_page(words: Words, page: AuditPage) -> View:
    """Show a page of the audit, of everything or of one client or device."""
    about = str(page.about)[:SHORT_ID]
    heading = say(words, HEADINGS[page.scope], id=about)
    events = [_event(words, page, event) for event in page.events] or [say(words, "audit-none")]
    opening = [] if page.about is None or page.about not in page.clients else [open_client(words, page.about)]
    return View(blocks(heading, *events), keyboard(_paging(words, page), [*opening, back_to_admin(words)]))


def several_match(words: Words, typed: str, devices: Sequence[Device], clients: Sequence[Client]) -> View:
    """Ask of which device or client the audit is to be shown."""
    text = say(words, "audit-several", id=shorten(typed, ID_LENGTH))
    of_devices = [[tap(short(device.device_name), Verb.AUDIT, device.id, Scope.DEVICE)] for device in devices]
    of_clients = [[tap(short(client.name), Verb.AUDIT, client.id, Scope.CLIENT)] for client in clients]
    return View(text, keyboard(*of_devices, *of_clients, [back_to_admin(words)]))


def unknown(words: Words, typed: str) -> View:
    """Answer what fits neither a client nor a device."""
    text = say(words, "audit-unknown", id=shorten(typed, ID_LENGTH))
    return View(text, keyboard([all_clients(words), back_to_admin(words)]))


def _event(words: Words, page: AuditPage, event: AuditEvent) -> Html:
    told = say(
        words,
        SENTENCES.get(event.action, "audit-other"),
        who=_who(words, page, event.actor),
        client=_client(words, page, event),
        device=_device(words, event),
        action=event.action,
        limit=_limit(words, event),
    )
    reason = event.details.get("reason")
    why = say(words, "client-reason", reason=told_reason(words, str(reason))) if reason else None
    return lines(Html(f"{moment(words, event.at, 'wDt')} · {told}"), why)


def _who(words: Words, page: AuditPage, actor: str) -> Html:
    telegram_id = chat_id_of(actor)
    if telegram_id is None:
        return say(words, "audit-system")
    name = page.people.get(telegram_id, str(telegram_id))
    return say(words, "audit-name", name=shorten(name, NAME_LENGTH))


def _client(words: Words, page: AuditPage, event: AuditEvent) -> Html:
    if event.client_id is None:
        return say(words, "audit-nobody")
    name = page.clients.get(event.client_id, str(event.client_id)[:SHORT_ID])
    return say(words, "audit-name", name=shorten(name, NAME_LENGTH))


def _device(words: Words, event: AuditEvent) -> Html:
    name, short_id = event.details.get("device_name"), str(event.device_id or uuid.UUID(int=0))[:SHORT_ID]
    if not name:
        return say(words, "audit-name", name=short_id)
    return say(words, "audit-device", name=shorten(str(name), NAME_LENGTH), id=short_id)


def _limit(words: Words, event: AuditEvent) -> str:
    limit = event.details.get("limit")
    return words("audit-limit-standard") if limit is None else str(limit)


def _paging(words: Words, page: AuditPage) -> Row:
    buttons = []
    if page.has_previous:
        place = AuditPlace(page.scope, page.events[0].id, newer=True)
        buttons.append(leads(words("button-newer"), encode_audit(place)))
    if page.has_next:
        place = AuditPlace(page.scope, page.events[-1].id, newer=False)
        buttons.append(leads(words("button-older"), encode_audit(place)))
    return buttons
