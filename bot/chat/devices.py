"""A person's devices: list, card, new secret, revoke. The questions for a name are asked in `registration`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.buttons import PICKS, SHELVES, Listing, Place, Verb, decode_place
from bot.chat.delivery import redraw, remove, respond, send, tapped_message, toast, typed_words
from bot.chat.handouts import id_of, offer_rotation, tap_of
from bot.services.catalogue import Shelf
from bot.services.errors import AmbiguousDevice, DeviceNotFound, DeviceRevoked, NotTheOwner

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context
    from storage.models import Device

SEARCHED = "search"
"""Under what name a chat's last search is kept."""
OVERLAPS = {str(seconds): timedelta(seconds=seconds) for seconds in views.rotation.OVERLAPS}
"""How long the old secret may be let go on, by what the buttons say."""
QUESTION_AGE = timedelta(minutes=15)
"""A question whether to revoke that is older is asked anew."""


async def show_devices(update: Update, context: Context) -> None:
    """List a person's devices, or the page of them that was asked for."""
    place = decode_place(tap_of(update)) if update.callback_query is not None else Place(Listing.ACTIVE)
    if place is None:
        place = Place(Listing.ACTIVE)
    if place.listing in PICKS:
        await _show_picks(update, context, place)
        return
    await show_page(update, context, SHELVES[place.listing], place)


async def show_page(
    update: Update, context: Context, shelf: Shelf = Shelf.ACTIVE, place: Place | None = None, search: str | None = None
) -> None:
    """Show a page of a list."""
    if shelf is Shelf.FOUND and search is None:
        kept = await context.services.questions.recall(context.person.telegram_id, SEARCHED)
        search = str(kept.get("term", ""))
    page = await context.services.catalogue.read_page(
        context.person.client_id,
        shelf,
        search=search,
        older_than=place.older_than if place else None,
        newer_than=place.newer_than if place else None,
    )
    if page.has_moved:
        toast(context, views.toasts.changed(context.words))
    await respond(update, context, views.devices.device_list(context.words, page, context.now))


async def show_device(update: Update, context: Context) -> None:
    """Show the card of a device."""
    device = await find_tapped(update, context)
    if device is not None:
        await redraw(update, context, await draw_card(context, device))


async def pick_device(update: Update, context: Context) -> None:
    """Ask which device /rename is for."""
    await _show_picks(update, context, Place(Listing.RENAME))


async def rotate_own(update: Update, context: Context) -> None:
    """Begin with a new secret of the device whose id was typed, or ask which one."""
    if not typed_words(update):
        await _show_picks(update, context, Place(Listing.ROTATE))
        return
    device = await find_typed(update, context, Verb.ROTATE)
    if device is None:
        return
    if device.revoked:
        await show_revoked(update, context, device)
    elif device.last_seen is None:
        await offer_rotation(context, device.id)
    else:
        await send(context, views.rotation.ask_overlap(context.words, device))


async def ask_rotation(update: Update, context: Context) -> None:
    """Say what a new secret does to the old one; a device that never connected needs no such question."""
    device = await find_tapped(update, context)
    if device is None:
        return
    if device.revoked:
        await _redraw_changed(update, context, device)
    elif device.last_seen is None:
        await offer_rotation(context, device.id)
    else:
        await redraw(update, context, views.rotation.ask_overlap(context.words, device))


async def rotate(update: Update, context: Context) -> None:
    """Send the card for a new secret, now that the overlap was chosen."""
    device = await find_tapped(update, context)
    if device is None:
        return
    overlap = OVERLAPS.get(tap_of(update).extra)
    if device.revoked or overlap is None:
        await _redraw_changed(update, context, device)
        return
    if await offer_rotation(context, device.id, overlap):
        await remove(context, tapped_message(update))


async def replace(update: Update, context: Context) -> None:
    """Send the card for a new secret in place of one that others know: the old one stops at once."""
    device = await find_tapped(update, context)
    if device is None:
        return
    if device.revoked:
        await _redraw_changed(update, context, device)
    else:
        await offer_rotation(context, device.id)


async def ask_revocation(update: Update, context: Context) -> None:
    """Ask whether to revoke a device."""
    device = await find_tapped(update, context)
    if device is None:
        return
    if device.revoked:
        await show_revoked(update, context, device)
        return
    await redraw(update, context, views.revocation.ask_revoke(context.words, device, context.now))


async def revoke(update: Update, context: Context) -> None:
    """Revoke a device, unless the question is so old that it should be asked again."""
    tap, person = tap_of(update), context.person
    asked_at = int(tap.extra) if tap.extra.isascii() and tap.extra.isdecimal() else 0
    if context.now.timestamp() - asked_at > QUESTION_AGE.total_seconds():
        toast(context, views.toasts.check_again(context.words))
        await ask_revocation(update, context)
        return
    try:
        device = await context.services.devices.revoke_device(
            id_of(tap), actor=person.actor, owner=person.client_id, source=context.source
        )
    except DeviceRevoked as error:
        if error.device.revoked_by != person.actor:
            await show_revoked(update, context, error.device)
            return
        # the same tap twice: the first one counts
        device = error.device
    context.services.wake()
    await redraw(update, context, views.revocation.revoked(context.words, device))


async def revoke_own(update: Update, context: Context) -> None:
    """Ask whether to revoke the device whose id was typed, or which one."""
    if not typed_words(update):
        await _show_picks(update, context, Place(Listing.REVOKE))
        return
    device = await find_typed(update, context, Verb.REVOKE)
    if device is None:
        return
    if device.revoked:
        await show_revoked(update, context, device)
    else:
        await send(context, views.revocation.ask_revoke(context.words, device, context.now))


async def find_typed(update: Update, context: Context, verb: Verb) -> Device | None:
    """Return the asker's device whose id stands behind the command; when there is none, or several fit, say so."""
    typed = typed_words(update)[0]
    try:
        return await context.services.devices.find_device(typed, owner=context.person.client_id)
    except DeviceNotFound:
        await send(context, views.revocation.unknown_device(context.words, typed))
    except AmbiguousDevice as error:
        await send(context, views.revocation.several_match(context.words, typed, error.devices, verb))
    return None


async def find_tapped(update: Update, context: Context) -> Device | None:
    """Return the asker's device that the button names; when it is gone, show the list instead."""
    try:
        return await context.services.devices.get_device(id_of(tap_of(update)), owner=context.person.client_id)
    except (DeviceNotFound, NotTheOwner):
        toast(context, views.toasts.device_gone(context.words))
        await show_page(update, context)
        return None


async def draw_card(context: Context, device: Device) -> views.View:
    """Return the card of a device, with who revoked it."""
    by_admin = device.revoked and await context.services.clients.is_outsider(device.revoked_by, device.client_id)
    return views.devices.device_card(context.words, device, context.now, by_admin=by_admin)


async def _show_picks(update: Update, context: Context, place: Place) -> None:
    page = await context.services.catalogue.read_page(
        context.person.client_id, older_than=place.older_than, newer_than=place.newer_than
    )
    if page.has_moved:
        toast(context, views.toasts.changed(context.words))
    await respond(update, context, views.devices.pick_list(context.words, page, place.listing))


async def show_revoked(update: Update, context: Context, device: Device) -> None:
    """Say that a device was revoked already."""
    by_admin = await context.services.clients.is_outsider(device.revoked_by, device.client_id)
    view = views.revocation.already_revoked(context.words, device, by_admin=by_admin)
    await respond(update, context, view)


async def _redraw_changed(update: Update, context: Context, device: Device) -> None:
    toast(context, views.toasts.changed(context.words))
    await redraw(update, context, await draw_card(context, device))
