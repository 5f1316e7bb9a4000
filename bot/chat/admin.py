"""What admins do: revoke anybody's device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.buttons import Reason, find_member
from bot.chat.delivery import redraw, respond, send, toast, typed_rest, typed_words
from bot.chat.devices import revoke_own
from bot.chat.guard import for_admins
from bot.chat.handouts import id_of, tap_of
from bot.services.errors import AmbiguousDevice, DeviceNotFound, DeviceRevoked

if TYPE_CHECKING:
    import uuid

    from telegram import Update

    from bot.chat.context import Context
    from storage.models import ChatUser, Device

TYPED_REASON = "reason"
"""Under what name the reason that an admin typed last is kept, until the question whether to revoke is answered."""


async def revoke_command(update: Update, context: Context) -> None:
    """Revoke a device by its id: anybody's for an admin, who acts at once with a full id; one's own for a trader."""
    typed = typed_words(update)
    if not context.person.is_admin or not typed:
        await revoke_own(update, context)
        return
    reason = typed_rest(update).partition(typed[0])[2].strip()
    try:
        device = await context.services.devices.find_device(typed[0])
    except DeviceNotFound:
        await send(context, views.admin.unknown_device(context.words, typed[0]))
    except AmbiguousDevice as error:
        await _keep_reason(context, None, reason)
        await _ask_which(context, typed[0], list(error.devices))
    else:
        if len(typed[0]) == len(str(device.id)):
            await _revoke(update, context, device.id, reason)
        else:
            await _keep_reason(context, device.id, reason)
            await _ask(update, context, device, reason)


@for_admins
async def pick_device(update: Update, context: Context) -> None:
    """Go on with one of several devices that a short id fits."""
    device = await _find_tapped(update, context)
    if device is None:
        return
    reason = await _recall_reason(context, None)
    await _keep_reason(context, device.id, reason)
    await _ask(update, context, device, reason)


@for_admins
async def ask_reason(update: Update, context: Context) -> None:
    """Ask why a device shall be revoked that was picked from a list."""
    device = await _find_tapped(update, context)
    if device is not None:
        await _ask(update, context, device, "")


@for_admins
async def choose_reason(update: Update, context: Context) -> None:
    """Ask whether to revoke, with the reason that was tapped."""
    device = await _find_tapped(update, context)
    if device is None:
        return
    owner = await _owner_of(context, device)
    reason = find_member(Reason, tap_of(update).extra) or Reason.NONE
    await redraw(update, context, views.admin.ask_revoke(context.words, device, owner, reason))


@for_admins
async def confirm_revocation(update: Update, context: Context) -> None:
    """Revoke, for the reason that the question showed."""
    device = await _find_tapped(update, context)
    if device is None:
        return
    reason = find_member(Reason, tap_of(update).extra) or Reason.NONE
    text = views.reasons.kept_reason(reason)
    if reason is Reason.TYPED:
        text = await _recall_reason(context, device.id)
        if not text:
            # another question took the place of the reason: ask again rather than revoke for a wrong one
            toast(context, views.toasts.check_again(context.words))
            await _ask(update, context, device, "")
            return
    await _revoke(update, context, device.id, text)


@for_admins
async def cancel(update: Update, context: Context) -> None:
    """Do nothing, and say so."""
    await redraw(update, context, views.admin.cancelled(context.words))


async def _revoke(update: Update, context: Context, device_id: uuid.UUID, reason: str | None) -> None:
    services, person = context.services, context.person
    try:
        device = await services.devices.revoke_device(
            device_id, actor=person.actor, reason=reason, source=context.source
        )
    except DeviceRevoked as error:
        if update.callback_query is None or error.device.revoked_by != person.actor:
            name = await services.clients.find_name(error.device.revoked_by)
            await respond(update, context, views.admin.already_revoked(context.words, error.device, name))
            return
        # the same tap twice: the first one counts
        device = error.device
    services.wake()
    await respond(update, context, views.admin.revoked(context.words, device, await _owner_of(context, device)))


async def _ask(update: Update, context: Context, device: Device, reason: str) -> None:
    """Ask whether to revoke a device, and first why when no reason was typed."""
    if device.revoked:
        name = await context.services.clients.find_name(device.revoked_by)
        await respond(update, context, views.admin.already_revoked(context.words, device, name))
        return
    owner = await _owner_of(context, device)
    if reason:
        view = views.admin.ask_revoke(context.words, device, owner, Reason.TYPED, reason)
    else:
        view = views.admin.ask_reason(context.words, device, owner)
    await respond(update, context, view)


async def _ask_which(context: Context, typed: str, found: list[Device]) -> None:
    named = []
    for device in found:
        owner = await _owner_of(context, device)
        named.append((device, owner.first_name if owner is not None else "?"))
    await send(context, views.admin.several_match(context.words, typed, named))


async def _find_tapped(update: Update, context: Context) -> Device | None:
    """Return the device the button names; when it is gone, say so."""
    device_id = id_of(tap_of(update))
    try:
        return await context.services.devices.get_device(device_id)
    except DeviceNotFound:
        await redraw(update, context, views.admin.unknown_device(context.words, str(device_id)))
        return None


async def _owner_of(context: Context, device: Device) -> ChatUser | None:
    people = await context.services.clients.list_chat_users(device.client_id)
    return people[0] if people else None


async def _keep_reason(context: Context, device_id: uuid.UUID | None, reason: str) -> None:
    details = {"device_id": str(device_id) if device_id else None, "reason": reason}
    await context.services.questions.remember(context.person.telegram_id, TYPED_REASON, details)


async def _recall_reason(context: Context, device_id: uuid.UUID | None) -> str:
    kept = await context.services.questions.recall(context.person.telegram_id, TYPED_REASON)
    if kept.get("device_id") != (str(device_id) if device_id else None):
        return ""
    return str(kept.get("reason", ""))
