"""What admins see of clients: the menu, lists and searches, the card of one, and its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.asking import CLIENT_TERM, END, ask, ask_again, close, find_question, set_aside
from bot.chat.delivery import redraw, respond, send, toast, typed_rest
from bot.chat.guard import for_admins
from bot.chat.handouts import id_of, tap_of
from bot.chat.places import ClientListing, ClientPlace, DevicePlace, decode_clients, decode_devices
from bot.services.directory import Roll, clean_term
from bot.services.errors import AmbiguousClient, ClientNotFound, DeviceNotFound

if TYPE_CHECKING:
    import uuid

    from telegram import Update

    from bot.chat.context import Context
    from bot.services.directory import ClientCard
    from storage.models import Device

SEARCHED = "clients"
"""Under what name an admin's last search is kept."""
ROLLS = {
    ClientListing.ALL: Roll.ALL,
    ClientListing.TO_SUSPEND: Roll.ALL,
    ClientListing.TO_RESUME: Roll.SUSPENDED,
}


@for_admins
async def show_menu(update: Update, context: Context) -> None:
    """Show what admins can do."""
    await respond(update, context, views.admin.menu(context.words))


@for_admins
async def show_clients(update: Update, context: Context) -> None:
    """List clients: the page that was asked for, or what fits the text behind the command."""
    if update.callback_query is None:
        term = clean_term(typed_rest(update))
        await (search(update, context, term) if term else show_page(update, context))
        return
    place = decode_clients(tap_of(update)) or ClientPlace(ClientListing.ALL)
    await show_page(update, context, place)


@for_admins
async def show_client(update: Update, context: Context) -> None:
    """Show the card of a client: of the one tapped, or of the one typed behind the command."""
    if update.callback_query is not None:
        await show_card(update, context, id_of(tap_of(update)))
        return
    typed = clean_term(typed_rest(update))
    if not typed:
        await show_page(update, context)
        return
    try:
        client = await context.services.directory.find_client(typed)
    except ClientNotFound:
        await send(context, views.clients.unknown_client(context.words, typed))
    except AmbiguousClient as error:
        await send(context, views.clients.several_match(context.words, typed, error.clients))
    else:
        await show_card(update, context, client.id)


@for_admins
async def show_client_devices(update: Update, context: Context) -> None:
    """List a client's devices."""
    services, tap = context.services, tap_of(update)
    place = decode_devices(tap) or DevicePlace(id_of(tap))
    client_id, key = place.id, None
    if place.before is not None:
        device = await find_device(update, context, place.id)
        if device is None:
            return
        client_id = device.client_id
        key = (device.created_at, device.id)
    try:
        client = await services.directory.get_client(client_id)
    except ClientNotFound:
        await show_gone(update, context)
        return
    older_than, newer_than = (None, key) if place.before else (key, None)
    page = await services.catalogue.read_page(client_id, place.shelf, older_than=older_than, newer_than=newer_than)
    await redraw(update, context, views.clients.client_devices(context.words, client, page, context.now))


@for_admins
async def show_client_device(update: Update, context: Context) -> None:
    """Show somebody's device."""
    services = context.services
    device = await find_device(update, context, id_of(tap_of(update)))
    if device is None:
        return
    try:
        client = await services.directory.get_client(device.client_id)
    except ClientNotFound:
        await show_gone(update, context)
        return
    revoked_by = await services.clients.find_name(device.revoked_by)
    await redraw(update, context, views.clients.client_device(context.words, device, client, context.now, revoked_by))


@for_admins
async def ask_term(update: Update, context: Context) -> str | int:
    """Ask what to search for."""
    await set_aside(update, context)
    message_id = await redraw(update, context, views.clients.ask_term(context.words))
    return await ask(context, CLIENT_TERM, message_id)


@for_admins
async def take_term(update: Update, context: Context) -> str | int:
    """Show the clients that fit what was sent."""
    question = await find_question(context, CLIENT_TERM)
    term = clean_term((update.message.text or "") if update.message is not None else "")
    if not term:
        return await ask_again(context, question, views.clients.ask_term(context.words))
    await search(update, context, term)
    return await close(context, question)


async def search(update: Update, context: Context, term: str) -> None:
    """Show the first page of what fits; the term is kept for the next ones."""
    await context.services.questions.remember(context.person.telegram_id, SEARCHED, {"term": term})
    await show_page(update, context, ClientPlace(ClientListing.FOUND))


async def show_page(update: Update, context: Context, place: ClientPlace | None = None) -> None:
    """Show a page of clients."""
    place = place or ClientPlace(ClientListing.ALL)
    directory = context.services.directory
    if place.listing is ClientListing.FOUND:
        kept = await context.services.questions.recall(context.person.telegram_id, SEARCHED)
        page = await directory.search(str(kept.get("term", "")), place.edge)
    else:
        page = await directory.list_clients(ROLLS[place.listing], place.edge)
    if page.is_first_instead:
        toast(context, views.toasts.page_gone(context.words))
    await respond(update, context, views.clients.client_list(context.words, page, place.listing))


async def show_card(update: Update, context: Context, client_id: uuid.UUID) -> None:
    """Show the card of a client; when it is gone, say so."""
    try:
        card = await context.services.directory.get_card(client_id)
    except ClientNotFound:
        await show_gone(update, context)
    else:
        await respond(update, context, views.clients.client_card(context.words, card, await paused_by(context, card)))


async def show_gone(update: Update, context: Context) -> int:
    """Tell that a client was forgotten meanwhile."""
    toast(context, views.toasts.client_gone(context.words))
    await respond(update, context, views.clients.client_gone(context.words))
    return END


async def paused_by(context: Context, card: ClientCard) -> str | None:
    """Return the first name of whoever paused the client, None when it is not paused or nobody knows."""
    return None if card.suspension is None else await context.services.clients.find_name(card.suspension.actor)


async def find_device(update: Update, context: Context, device_id: uuid.UUID) -> Device | None:
    """Return anybody's device; when it is gone, say so."""
    try:
        return await context.services.devices.get_device(device_id)
    except DeviceNotFound:
        toast(context, views.toasts.device_gone(context.words))
        await respond(update, context, views.admin.unknown_device(context.words, str(device_id)))
        return None
