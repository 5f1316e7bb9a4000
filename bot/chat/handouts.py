"""The card that leads to a secret, and the taps on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from telegram.error import BadRequest, Forbidden

from bot.chat import views
from bot.chat.buttons import Tap, decode
from bot.chat.delivery import drop_buttons, redraw, remove, respond, send, tapped_message, toast
from bot.services.endings import Outcome
from bot.services.errors import (
    AnotherSecretVisible,
    ClientSuspended,
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    HandoutChanged,
    HandoutError,
    HandoutExpired,
    HandoutMisplaced,
    Overloaded,
)
from storage.models import Handout, HandoutState

if TYPE_CHECKING:
    import uuid

    from telegram import Update

    from bot.chat.context import Context

UNDER_WAY = {HandoutState.ARMED, HandoutState.SHOWN, HandoutState.DESTROYING}


async def place_card(context: Context, handout: Handout) -> None:
    """Send the card of a handout, unless that was done; it is always a new message."""
    if handout.state != HandoutState.OFFERING:
        return
    in_overlap = False
    if views.handouts.is_rotation(handout):
        device = await context.services.devices.get_device(handout.device_id)
        in_overlap = device.previous_valid_until is not None and device.previous_valid_until > context.now
    view = views.handouts.card(context.words, handout, context.services.handouts.secret_ttl, in_overlap=in_overlap)
    try:
        message_id = await send(context, view)
    except (BadRequest, Forbidden):
        await context.services.handouts.give_up_sending(handout.id)
        raise
    if await context.services.handouts.place(handout.id, message_id) is None:
        # it ended while its card was on the way
        await remove(context, message_id)


async def show_secret(update: Update, context: Context) -> None:
    """Claim the tap and put the secret into the card; it is shown in the background."""
    handout_id, message_id = handout_of(update), tapped_message(update)
    try:
        armed, secret = await context.services.handouts.arm(context.person, handout_id, message_id)
    except HandoutError as error:
        await _explain(update, context, error)
    except AnotherSecretVisible:
        toast(context, views.toasts.another_secret(context.words))
    except Overloaded as error:
        toast(context, views.toasts.busy(context.words, int(error.retry_in.total_seconds())))
    except DeviceLimitReached as error:
        context.answer()
        await redraw(update, context, views.handouts.limit_reached(context.words, error.limit))
    except (DeviceNameTaken, DeviceNotFound, DeviceRevoked, ClientSuspended):
        context.answer()
        await _redraw_ended(update, context, handout_id)
    else:
        context.answer()
        context.services.destroyer.show(armed, secret, context.words)


async def remove_secret(update: Update, context: Context) -> None:
    """Destroy a secret whose reader has it."""
    handout_id, message_id = handout_of(update), tapped_message(update)
    try:
        await context.services.handouts.dismiss(context.person, handout_id, message_id)
    except HandoutChanged as error:
        if error.handout.state not in UNDER_WAY:
            toast(context, views.toasts.already_removed(context.words))
    except HandoutMisplaced as error:
        await _explain(update, context, error)
    context.answer()
    context.services.wake()


async def cancel_card(update: Update, context: Context) -> None:
    """Take a card back that was not used."""
    try:
        handout = await context.services.handouts.cancel(context.person, handout_of(update), tapped_message(update))
    except HandoutError as error:
        await _explain(update, context, error)
    else:
        await redraw(update, context, views.handouts.closed_card(context.words, handout))


async def cancel_latest(context: Context) -> bool:
    """Do what a typed /cancel does where no question is open: remove a visible secret, or take a card back.

    Tell whether there was one.
    """
    services, person = context.services, context.person
    try:
        if (visible := await services.handouts.find_visible(person.telegram_id)) is not None:
            await services.handouts.dismiss(person, visible.id, None, outcome=Outcome.STOPPED)
            services.wake()
            return True
        if (card := await services.handouts.find_latest_card(person.telegram_id)) is not None:
            ended = await services.handouts.cancel(person, card.id)
            await send(context, views.handouts.closed_card(context.words, ended))
            await remove(context, ended.message_id)
            return True
    except HandoutError:
        # its time came between the look and the act
        return False
    return False


async def offer_rotation(
    context: Context, device_id: uuid.UUID, overlap: timedelta = timedelta(0), *, source: str | None = None
) -> bool:
    """Send the card for a new secret of a device, and tell whether it could be; the same source is the same card."""
    try:
        handout = await context.services.handouts.offer_rotation(
            context.person, device_id, overlap, source=source or context.source
        )
    except AnotherSecretVisible:
        toast(context, views.toasts.another_secret(context.words))
        return False
    context.answer()
    await place_card(context, handout)
    context.services.wake()
    return True


def handout_of(update: Update) -> uuid.UUID:
    """Return the handout that the tapped button names."""
    return id_of(tap_of(update))


def id_of(tap: Tap) -> uuid.UUID:
    """Return the id in a button that always has one."""
    if tap.id is None:
        raise ValueError("the button carries no id")
    return tap.id


def tap_of(update: Update) -> Tap:
    """Return what the tapped button said."""
    tap = decode(update.callback_query.data if update.callback_query is not None else None)
    if tap is None:
        raise ValueError("the update is no tap on a button of ours")
    return tap


async def _explain(update: Update, context: Context, error: HandoutError) -> None:
    """Answer a tap on a card that cannot do what it says any more, and redraw it."""
    if isinstance(error, HandoutMisplaced):
        toast(context, views.toasts.old_copy(context.words))
        await drop_buttons(update, context)
        return
    handout = error.handout
    if isinstance(error, HandoutExpired):
        handout = await context.services.handouts.advance(handout.id) or handout
    elif handout.state in UNDER_WAY:
        # the same tap twice: the first one counts
        return
    else:
        toast(context, views.toasts.changed(context.words))
    context.answer()
    await redraw(update, context, views.handouts.closed_card(context.words, handout))


async def _redraw_ended(update: Update, context: Context, handout_id: uuid.UUID) -> None:
    handout = await context.services.handouts.get(handout_id)
    if handout is not None:
        await respond(update, context, views.handouts.closed_card(context.words, handout))
