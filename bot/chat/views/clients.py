"""Clients as admins see them: lists and searches, the card of one, and its devices.

Whatever a stranger chose stands in <code>, as everywhere in admins' chats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Reason, Verb
from bot.chat.places import Act, ClientListing, ClientPlace, DevicePlace, encode_clients, encode_devices
from bot.chat.views.devices import seen_line, sign
from bot.chat.views.keyboards import Row, in_rows, keyboard, leads, open_client, short, tap
from bot.chat.views.markup import ID_LENGTH, TERM_LENGTH, Html, View, blocks, known, lines, say, shorten
from bot.chat.views.reasons import told_reason
from bot.chat.views.times import moment
from bot.services.catalogue import Shelf
from bot.services.clients import BLOCKED_BOT, SUSPENDED
from storage.directory import Field

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.catalogue import Page
    from bot.services.directory import ClientCard, ClientPage, Edge
    from bot.services.directory import Row as Listed
    from storage.listing import ListedDevice
    from storage.models import ChatUser, Client, Device

PAUSED = "⏸"
MOST_PEOPLE = 10
NAME_LENGTH = 64
HEADINGS = {
    ClientListing.ALL: ("clients-heading", "clients-none"),
    ClientListing.TO_SUSPEND: ("clients-which-suspend", "clients-none"),
    ClientListing.TO_RESUME: ("clients-which-resume", "clients-none-suspended"),
}


def client_list(words: Words, page: ClientPage, listing: ClientListing) -> View:
    """List clients: all, what a search found, or those among which one is to be picked."""
    ways_on = [search_clients(words), back_to_admin(words)]
    if listing is ClientListing.FOUND:
        term = shorten(page.term or "", TERM_LENGTH)
        heading, none = say(words, "clients-found", term=term), say(words, "clients-not-found", term=term)
        ways_on.insert(1, all_clients(words))
    else:
        heading, none = (say(words, key) for key in HEADINGS[listing])
    if not page.rows:
        return View(none, keyboard(ways_on))
    names = [_choice(row.client, listing) for row in page.rows]
    listed = blocks(heading, lines(*(_row(words, row) for row in page.rows)))
    return View(listed, keyboard(*in_rows(names), _paging(words, page, listing), ways_on))


def several_match(
    words: Words, typed: str, found: Sequence[Client], listing: ClientListing = ClientListing.ALL
) -> View:
    """Ask which of the clients is meant, to do with it what those of a listing are for."""
    text = say(words, "clients-several", id=shorten(typed, ID_LENGTH))
    return View(text, keyboard(*([_choice(client, listing)] for client in found), [back_to_admin(words)]))


def unknown_client(words: Words, typed: str) -> View:
    """Answer what fits no client."""
    text = say(words, "clients-unknown", id=shorten(typed, ID_LENGTH))
    return View(text, keyboard([search_clients(words), all_clients(words)]))


def client_gone(words: Words) -> View:
    """Answer for a client that was forgotten meanwhile."""
    return View(say(words, "client-gone"), keyboard([all_clients(words)]))


def ask_term(words: Words) -> View:
    """Ask what to search for."""
    return View(say(words, "clients-ask-term"), keyboard([cancel(words)]))


def client_card(words: Words, card: ClientCard, suspended_by: str | None = None) -> View:
    """Show a client and what can be done with it; `suspended_by` is the name of whoever paused it."""
    client = card.client
    facts = lines(
        say(words, "client-id", id=str(client.id)),
        _status_line(words, card, suspended_by),
        _counts_line(words, card),
        say(words, "client-since", on=moment(words, client.created_at, "D")),
    )
    people = lines(say(words, "client-people"), *_people(words, card.people)) if card.people else None
    return View(blocks(title(words, client), facts, people), keyboard(*_card_rows(words, card)))


def client_devices(words: Words, client: Client, page: Page, now: datetime) -> View:
    """List a client's devices."""
    is_active = page.shelf is Shelf.ACTIVE
    count = page.counts.active if is_active else page.counts.revoked
    heading = say(
        words, "client-devices" if is_active else "client-devices-revoked", client=name_of(client), count=count
    )
    names = [tap(short(device.device_name), Verb.CLIENT_DEVICE, device.id) for device in page.devices]
    listed = lines(*(_device_row(words, device, now) for device in page.devices))
    other = _to_other_shelf(words, client.id, page)
    return View(
        blocks(heading, listed),
        keyboard(*in_rows(names), _device_paging(words, page), other, [open_client(words, client.id)]),
    )


def client_device(words: Words, device: Device, client: Client, now: datetime, revoked_by: str | None = None) -> View:
    """Show somebody's device; `revoked_by` is the name of whoever revoked it."""
    facts = lines(
        say(words, "admin-device", name=device.device_name, id=str(device.id)),
        say(words, "admin-owner", owner=name_of(client)),
        say(words, "device-fingerprint", fingerprint=device.fingerprint),
        say(words, "device-registered", on=moment(words, device.created_at, "D")),
        _revoked_line(words, device, revoked_by) if device.revoked else seen_line(words, device),
    )
    revoke = [] if device.revoked else [tap(words("button-revoke"), Verb.ADMIN_ASK, device.id)]
    audit = tap(words("button-audit"), Verb.AUDIT, device.id, "d")
    text = Html(f"{sign(device, now)} {facts}")
    return View(text, keyboard([*revoke, audit], [open_client(words, client.id)]))


def cancelled(words: Words, client_id: uuid.UUID | None = None) -> View:
    """Confirm that nothing was done."""
    way_back = all_clients(words) if client_id is None else open_client(words, client_id)
    return View(say(words, "client-cancelled"), keyboard([way_back]))


def title(words: Words, client: Client) -> Html:
    """Return a client's name as a heading."""
    return say(words, "client-title", name=name_of(client))


def name_of(client: Client) -> str:
    """Return a client's name, short enough for any sentence."""
    return shorten(client.name, NAME_LENGTH)


def search_clients(words: Words) -> InlineKeyboardButton:
    """Lead to the question what to search for."""
    return tap(words("button-search"), Verb.CLIENT_SEARCH)


def all_clients(words: Words) -> InlineKeyboardButton:
    """Lead to the list of all clients."""
    return leads(words("button-clients"), encode_clients(ClientPlace(ClientListing.ALL)))


def back_to_admin(words: Words) -> InlineKeyboardButton:
    """Lead to the admins' menu."""
    return tap(words("button-back"), Verb.ADMIN)


def cancel(words: Words, client_id: uuid.UUID | None = None) -> InlineKeyboardButton:
    """Take a question back; `client_id` is what it is about."""
    return tap(words("button-cancel"), Verb.CLIENT_CANCEL, client_id)


def _choice(client: Client, listing: ClientListing) -> InlineKeyboardButton:
    label = short(client.name)
    if listing is ClientListing.TO_SUSPEND and client.status != SUSPENDED:
        return tap(label, Verb.CLIENT_ASK, client.id, Act.SUSPEND)
    if listing is ClientListing.TO_RESUME:
        return tap(label, Verb.CLIENT_ACT, client.id, f"{Act.RESUME}{Reason.NONE}")
    return tap(label, Verb.CLIENT, client.id)


def _row(words: Words, row: Listed) -> Html:
    client, username = row.client, next((person.username for person in row.people if person.username), None)
    called = say(words, "client-row", name=name_of(client))
    if username is not None:
        called = say(words, "client-row-username", name=name_of(client), username=username)
    parts = [called]
    if row.matched is not None and row.matched.field not in {Field.NAME, Field.USERNAME}:
        parts.append(say(words, "client-row-matched", text=shorten(row.matched.shown, NAME_LENGTH)))
    if client.status == SUSPENDED:
        parts.append(say(words, "client-row-suspended"))
    return Html(" · ".join(parts))


def _paging(words: Words, page: ClientPage, listing: ClientListing) -> Row:
    def turn(key: str, edge: Edge | None) -> Row:
        return [] if edge is None else [leads(words(key), encode_clients(ClientPlace(listing, edge)))]

    return [*turn("button-previous", page.previous), *turn("button-next", page.following)]


def _status_line(words: Words, card: ClientCard, suspended_by: str | None) -> Html:
    if card.client.status != SUSPENDED:
        return say(words, "client-active")
    if card.suspension is None:
        return say(words, "client-suspended")
    at, reason = moment(words, card.suspension.at, "r"), card.suspension.details.get("reason")
    since = say(words, "client-suspended-at", at=at)
    if suspended_by is not None:
        since = say(words, "client-suspended-by", at=at, admin=shorten(suspended_by, NAME_LENGTH))
    return lines(since, say(words, "client-reason", reason=told_reason(words, reason)) if reason else None)


def _counts_line(words: Words, card: ClientCard) -> Html:
    counts = card.counts
    parts = [
        say(words, "client-counts", count=counts.active, limit=card.limit),
        say(words, "menu-seen", count=counts.seen),
    ]
    if counts.revoked:
        parts.append(say(words, "client-count-revoked", count=counts.revoked))
    return Html(" · ".join(parts))


def _people(words: Words, people: Sequence[ChatUser]) -> list[Html]:
    shown = [_person(words, person) for person in people[:MOST_PEOPLE]]
    more = len(people) - MOST_PEOPLE
    return [*shown, say(words, "client-people-more", count=more)] if more > 0 else shown


def _person(words: Words, person: ChatUser) -> Html:
    named = {"name": shorten(person.first_name, NAME_LENGTH), "id": str(person.telegram_id)}
    text = say(words, "client-person", **named)
    if person.username is not None:
        text = say(words, "client-person-username", **named, username=person.username)
    return Html(f"{text} · {say(words, 'client-person-blocked')}") if person.status == BLOCKED_BOT else text


def _card_rows(words: Words, card: ClientCard) -> list[Row]:
    client_id, counts = card.client.id, card.counts
    devices = leads(words("button-client-devices", count=counts.active), encode_devices(DevicePlace(client_id)))
    revoke = [tap(words("button-revoke-all"), Verb.CLIENT_ASK, client_id, Act.REVOKE_ALL)] if counts.active else []
    if card.client.status == SUSPENDED:
        pause = tap(words("button-resume"), Verb.CLIENT_ACT, client_id, f"{Act.RESUME}{Reason.NONE}")
    else:
        pause = tap(words("button-suspend"), Verb.CLIENT_ASK, client_id, Act.SUSPEND)
    limit = tap(words("button-limit"), Verb.CLIENT_LIMIT, client_id)
    audit = tap(words("button-audit"), Verb.AUDIT, client_id, "c")
    forget = tap(words("button-forget"), Verb.FORGET, client_id)
    return [[devices, *revoke], [pause, limit], [audit, forget], [all_clients(words), back_to_admin(words)]]


def _device_row(words: Words, device: ListedDevice, now: datetime) -> Html:
    name = device.device_name
    if device.revoked:
        text = say(words, "client-device-revoked", name=name, at=moment(words, known(device.revoked_at), "r"))
    elif device.last_seen is None:
        text = say(words, "client-device-never", name=name)
    else:
        text = say(words, "client-device-seen", name=name, at=moment(words, device.last_seen, "r"))
    return Html(f"{sign(device, now)} {text}")


def _device_paging(words: Words, page: Page) -> Row:
    buttons = []
    if page.has_previous:
        place = DevicePlace(page.devices[0].id, page.shelf, before=True)
        buttons.append(leads(words("button-previous"), encode_devices(place)))
    if page.has_next:
        place = DevicePlace(page.devices[-1].id, page.shelf, before=False)
        buttons.append(leads(words("button-next"), encode_devices(place)))
    return buttons


def _to_other_shelf(words: Words, client_id: uuid.UUID, page: Page) -> Row:
    if page.shelf is Shelf.REVOKED:
        return [leads(words("button-active", count=page.counts.active), encode_devices(DevicePlace(client_id)))]
    if not page.counts.revoked:
        return []
    place = DevicePlace(client_id, Shelf.REVOKED)
    return [leads(words("button-revoked", count=page.counts.revoked), encode_devices(place))]


def _revoked_line(words: Words, device: Device, revoked_by: str | None) -> Html:
    at = moment(words, known(device.revoked_at), "r")
    told = say(words, "client-device-ended", at=at)
    if revoked_by is not None:
        told = say(words, "client-device-ended-by", at=at, admin=shorten(revoked_by, NAME_LENGTH))
    reason = device.revoke_reason
    return lines(told, say(words, "client-reason", reason=told_reason(words, reason)) if reason else None)
