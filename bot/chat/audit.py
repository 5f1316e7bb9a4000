"""What was done, for admins to read: of everything, of a client, of a device."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.delivery import respond, send, toast, typed_rest
from bot.chat.guard import for_admins
from bot.chat.handouts import tap_of
from bot.chat.places import AuditPlace, decode_audit
from bot.services.audit_trail import Scope
from bot.services.directory import clean_term
from bot.services.errors import AmbiguousClient, AmbiguousDevice, ClientNotFound, DeviceNotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telegram import Update

    from bot.chat.context import Context
    from storage.models import Client, Device


@for_admins
async def show_audit(update: Update, context: Context) -> None:
    """Show a page of the audit: the one tapped, or the newest about what is typed behind the command."""
    if update.callback_query is not None:
        await _show_page(update, context, decode_audit(tap_of(update)) or AuditPlace())
        return
    typed = clean_term(typed_rest(update))
    if not typed:
        await _show_page(update, context, AuditPlace())
        return
    devices, clients = await _find_devices(context, typed), await _find_clients(context, typed)
    if len(devices) + len(clients) > 1:
        await send(context, views.audit.several_match(context.words, typed, devices, clients))
        return
    place = await _choose(context, typed, devices, clients)
    if place is None:
        await send(context, views.audit.unknown(context.words, typed))
    else:
        await _show_page(update, context, place)


async def _show_page(update: Update, context: Context, place: AuditPlace) -> None:
    trail = context.services.audit
    if place.id is not None and place.newer is not None:
        page = await trail.read_next_to(place.scope, place.id, newer=place.newer)
    else:
        page = await trail.read_newest(place.scope, place.id)
    if page.is_first_instead:
        toast(context, views.toasts.page_gone(context.words))
    await respond(update, context, views.audit.audit_page(context.words, page))


async def _choose(
    context: Context, typed: str, devices: Sequence[Device], clients: Sequence[Client]
) -> AuditPlace | None:
    """Return where to look: at what was found, or at what the audit remembers though it exists no more."""
    if devices:
        return AuditPlace(Scope.DEVICE, devices[0].id)
    if clients:
        return AuditPlace(Scope.CLIENT, clients[0].id)
    try:
        forgotten = uuid.UUID(typed)
    except ValueError:
        return None
    scope = await context.services.audit.find_scope(forgotten)
    return None if scope is None else AuditPlace(scope, forgotten)


async def _find_devices(context: Context, typed: str) -> Sequence[Device]:
    try:
        return [await context.services.devices.find_device(typed)]
    except DeviceNotFound:
        return []
    except AmbiguousDevice as error:
        return error.devices


async def _find_clients(context: Context, typed: str) -> Sequence[Client]:
    try:
        return [await context.services.directory.find_client(typed)]
    except ClientNotFound:
        return []
    except AmbiguousClient as error:
        return error.clients
