"""Lists of devices, the card of one, and its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import PICKS, Asked, Listing, Place, Verb
from bot.chat.views.keyboards import (
    Row,
    back_to_menu,
    cancel_question,
    in_rows,
    keyboard,
    my_devices,
    open_device,
    register,
    revoke,
    set_up,
    short,
    tap,
    turn,
)
from bot.chat.views.markup import (
    TERM_LENGTH,
    Html,
    View,
    blocks,
    isolated,
    known,
    lines,
    say,
    shorten,
)
from bot.chat.views.reasons import told_reason
from bot.chat.views.times import moment
from bot.services.catalogue import SEEN_LATELY, Shelf

if TYPE_CHECKING:
    import uuid
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.catalogue import Page
    from storage.devices import Counts
    from storage.listing import ListedDevice
    from storage.models import Device

SEEN_RECENTLY, SEEN_EARLIER, NEVER_SEEN, REVOKED = "🟢", "🟡", "⚪", "⛔"

LISTINGS = {
    Shelf.ACTIVE: Listing.ACTIVE,
    Shelf.REVOKED: Listing.REVOKED,
    Shelf.FOUND: Listing.SEARCH,
}


def device_list(words: Words, page: Page, now: datetime) -> View:
    """List a person's devices: those in use, the revoked ones, or what a search found."""
    if page.shelf is Shelf.FOUND:
        return _search_result(words, page, now)
    if page.shelf is Shelf.REVOKED:
        return _revoked_list(words, page, now)
    if not page.devices:
        return _no_devices(words, page.counts)
    heading = say(words, "devices-heading", count=page.counts.active, limit=page.limit)
    several = [tap(words("button-select"), Verb.SELECT)] if page.counts.active > 1 else []
    buttons = keyboard(
        *_choices(words, page),
        [_search(words), *_to_revoked(words, page.counts)],
        several,
        [register(words), back_to_menu(words)],
    )
    return View(_listed(words, heading, page, now), buttons)


def pick_list(words: Words, page: Page, listing: Listing) -> View:
    """Ask which device a command is for."""
    if not page.devices:
        return _no_devices(words, page.counts)
    # nothing was begun yet, so that there is nothing to take back: the menu is where it leads
    cancel = tap(words("button-cancel"), Verb.MENU)
    return View(say(words, "devices-which"), keyboard(*_choices(words, page, listing), [cancel]))


def ask_term(words: Words) -> View:
    """Ask what to search for."""
    return View(say(words, "devices-ask-term"), keyboard([cancel_question(words, Asked.SEARCH)]))


def device_card(words: Words, device: Device, now: datetime, *, by_admin: bool = False) -> View:
    """Show a device and what can be done with it; `by_admin` tells who revoked it."""
    title = Html(f"{sign(device, now)} {say(words, 'device-title', name=isolated(device.device_name))}")
    if device.revoked:
        end = _revoked_line(words, device, by_admin=by_admin)
        back = tap(words("button-back"), Verb.LIST, extra=Listing.REVOKED)
        return View(blocks(title, lines(_id_line(words, device), end)), keyboard([back]))
    facts = lines(
        _id_line(words, device),
        say(words, "device-fingerprint", fingerprint=device.fingerprint),
        _group_line(words, device),
        say(words, "device-registered", on=moment(words, device.created_at, "D")),
        seen_line(words, device) if device.last_seen else say(words, "device-never-yet"),
        _overlap_line(words, device, now),
    )
    return View(blocks(title, facts), keyboard(*_card_rows(words, device)))


def ask_new_name(words: Words, device: Device) -> View:
    """Ask what a device shall be called from now on."""
    cancel = cancel_question(words, Asked.RENAME, device.id)
    return View(say(words, "rename-ask", name=isolated(device.device_name)), keyboard([cancel]))


def renamed(words: Words, device: Device, old_name: str, now: datetime) -> View:
    """Confirm a new name, above the device's card."""
    card = device_card(words, device, now)
    told = say(words, "renamed", old=isolated(old_name), new=isolated(device.device_name))
    return View(blocks(told, card.text), card.keyboard)


def same_name(words: Words, device: Device) -> View:
    """Answer a new name that is the old one."""
    text = say(words, "rename-same", name=isolated(device.device_name))
    return View(text, keyboard([open_device(words, device.id)]))


def revoked_meanwhile(words: Words, device: Device) -> View:
    """Answer a new name for a device that was revoked while it was being typed."""
    return View(say(words, "rename-revoked", name=isolated(device.device_name)), keyboard([my_devices(words)]))


def rename_cancelled(words: Words, device_id: uuid.UUID) -> View:
    """Confirm that the question for a new name was taken back."""
    return View(say(words, "rename-cancelled"), keyboard([open_device(words, device_id)]))


def sign(device: Device | ListedDevice, now: datetime) -> str:
    """Return the sign that stands before a name, beside the words that say the same."""
    if device.revoked:
        return REVOKED
    if device.last_seen is None:
        return NEVER_SEEN
    return SEEN_RECENTLY if now - device.last_seen < SEEN_LATELY else SEEN_EARLIER


def seen_line(words: Words, device: Device) -> Html:
    """Tell when and from where a device was last seen."""
    if device.last_seen is None:
        return say(words, "device-never")
    at = moment(words, device.last_seen, "r")
    if device.last_ip is None:
        return say(words, "device-seen", at=at)
    return say(words, "device-seen-from", at=at, address=device.last_ip)


def list_paging(words: Words, page: Page, listing: Listing, verb: Verb = Verb.LIST) -> Row:
    """Return the buttons to the pages before and after, where there are any."""
    buttons = []
    if page.has_previous:
        first = page.devices[0]
        buttons.append(turn(words("button-previous"), Place(listing, newer_than=(first.created_at, first.id)), verb))
    if page.has_next:
        last = page.devices[-1]
        buttons.append(turn(words("button-next"), Place(listing, older_than=(last.created_at, last.id)), verb))
    return buttons


def _search_result(words: Words, page: Page, now: datetime) -> View:
    term = isolated(shorten(page.search or "", TERM_LENGTH))
    ways_on = [_search(words), my_devices(words)]
    if not page.devices:
        return View(say(words, "devices-not-found", term=term), keyboard(ways_on))
    heading = say(words, "devices-found", count=page.matching, term=term)
    return View(_listed(words, heading, page, now), keyboard(*_choices(words, page), ways_on))


def _revoked_list(words: Words, page: Page, now: datetime) -> View:
    to_active = tap(words("button-active", count=page.counts.active), Verb.LIST, extra=Listing.ACTIVE)
    ways_on = [_search(words), to_active], [register(words), back_to_menu(words)]
    if not page.devices:
        return View(say(words, "devices-none-revoked"), keyboard(*ways_on))
    heading = say(words, "devices-heading-revoked", count=page.counts.revoked)
    return View(_listed(words, heading, page, now), keyboard(*_choices(words, page), *ways_on))


def _no_devices(words: Words, counts: Counts) -> View:
    key = "devices-none-left" if counts.revoked else "devices-none"
    return View(say(words, key), keyboard(_to_revoked(words, counts), [register(words), back_to_menu(words)]))


def _to_revoked(words: Words, counts: Counts) -> Row:
    if not counts.revoked:
        return []
    return [tap(words("button-revoked", count=counts.revoked), Verb.LIST, extra=Listing.REVOKED)]


def _listed(words: Words, heading: Html, page: Page, now: datetime) -> Html:
    return blocks(heading, lines(*(_row(words, device, now) for device in page.devices)))


def _row(words: Words, device: ListedDevice, now: datetime) -> Html:
    name = isolated(device.device_name)
    if device.revoked:
        text = say(words, "devices-revoked", name=name, at=moment(words, known(device.revoked_at), "r"))
    elif device.last_seen is None:
        text = say(words, "devices-never", name=name)
    else:
        text = say(words, "devices-seen", name=name, at=moment(words, device.last_seen, "r"))
    return Html(f"{sign(device, now)} {text}")


def _search(words: Words) -> InlineKeyboardButton:
    return tap(words("button-search"), Verb.SEARCH)


def _choices(words: Words, page: Page, listing: Listing | None = None) -> list[Row]:
    listing = listing or LISTINGS[page.shelf]
    verb = PICKS.get(listing, Verb.DEVICE)
    names = [tap(short(device.device_name), verb, device.id) for device in page.devices]
    return [*in_rows(names), list_paging(words, page, listing)]


def _card_rows(words: Words, device: Device) -> list[Row]:
    back = tap(words("button-back"), Verb.LIST, extra=Listing.ACTIVE)
    rename = tap(words("button-rename"), Verb.RENAME, device.id)
    rotate = tap(words("button-new-secret"), Verb.ROTATE, device.id)
    group = tap(words("button-group"), Verb.GROUP, device.id)
    return [[rename, rotate], [group, revoke(words, device.id)], [set_up(words, device.id), back]]


def _id_line(words: Words, device: Device) -> Html:
    return say(words, "device-id", id=str(device.id))


def _group_line(words: Words, device: Device) -> Html:
    if device.group_name is None:
        return say(words, "device-group-none")
    return say(words, "device-group", group=isolated(device.group_name))


def _overlap_line(words: Words, device: Device, now: datetime) -> Html | None:
    fingerprint, until = device.previous_fingerprint, device.previous_valid_until
    if fingerprint is None or until is None or until <= now:
        return None
    return say(words, "device-overlap", fingerprint=fingerprint, until=moment(words, until, "wDt"))


def _revoked_line(words: Words, device: Device, *, by_admin: bool) -> Html:
    at = moment(words, known(device.revoked_at), "r")
    if not by_admin:
        return say(words, "device-revoked-by-you", at=at)
    if not device.revoke_reason:
        return say(words, "device-revoked-by-admin", at=at)
    reason = told_reason(words, device.revoke_reason)
    return say(words, "device-revoked-by-admin-because", at=at, reason=reason)
