"""Who is not let in, and what admins say to that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import pasted, views
from bot.chat.buttons import Verb
from bot.chat.delivery import drop_buttons, redraw, respond, send, tapped_message, toast
from bot.chat.handouts import tap_of
from bot.services.errors import AccessRefused, AlreadyDecided, NewcomerNotFound, StillWaiting

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context
    from bot.chat.views import View
    from bot.services.errors import NotLetIn

LONGEST_ID = 16
"""Digits of the longest Telegram id."""


async def turn_away(update: Update, context: Context, error: NotLetIn) -> None:
    """Tell who is not let in why, whatever they sent; a secret in it is deleted all the same."""
    if isinstance(error, StillWaiting) and error.is_new:
        context.services.wake()
    if update.callback_query is not None:
        await refuse(update, context)
        return
    await pasted.refuse(update, context, _reason(context, error))


async def refuse(update: Update, context: Context) -> None:
    """Tell somebody that they may not do this: a command that is not theirs does not exist for them."""
    if update.callback_query is None:
        await send(context, views.general.unknown_command(context.words))
        return
    toast(context, views.toasts.not_allowed(context.words))
    await drop_buttons(update, context)


async def is_admin(update: Update, context: Context) -> bool:
    """Tell whether the asker is an admin now; whoever is none is told."""
    if not context.person.is_admin:
        await refuse(update, context)
    return context.person.is_admin


def telegram_id_of(update: Update) -> int:
    """Return the Telegram id in a tapped button; 0, which is nobody's, for a button that has none."""
    extra = tap_of(update).extra
    return int(extra) if extra.isascii() and extra.isdecimal() and len(extra) <= LONGEST_ID else 0


async def show_newcomers(update: Update, context: Context) -> None:
    """List who waits to be let in."""
    if await is_admin(update, context):
        waiting = await context.services.newcomers.list_waiting()
        await respond(update, context, views.newcomers.waiting_list(context.words, waiting))


async def show_newcomer(update: Update, context: Context) -> None:
    """Show what is known of one who asked for access."""
    if await is_admin(update, context):
        await _redraw_request(update, context)


async def approve(update: Update, context: Context) -> None:
    """Let somebody in who waits or, after all, who was refused."""
    if not await is_admin(update, context):
        return
    try:
        await context.services.newcomers.approve(
            context.person,
            telegram_id_of(update),
            after_all=tap_of(update).verb is Verb.APPROVE_AFTER_ALL,
            in_message=tapped_message(update),
            source=context.source,
        )
    except AlreadyDecided as error:
        await _tell_who_was_faster(context, error)
    except NewcomerNotFound:
        toast(context, views.toasts.changed(context.words))
    await _redraw_request(update, context)


async def refuse_newcomer(update: Update, context: Context) -> None:
    """Turn away somebody who waits."""
    if not await is_admin(update, context):
        return
    try:
        await context.services.newcomers.refuse(
            context.person, telegram_id_of(update), in_message=tapped_message(update), source=context.source
        )
    except AlreadyDecided as error:
        await _tell_who_was_faster(context, error)
    except NewcomerNotFound:
        toast(context, views.toasts.changed(context.words))
    await _redraw_request(update, context)


async def _tell_who_was_faster(context: Context, error: AlreadyDecided) -> None:
    if error.newcomer.decided_by == context.person.actor:
        # the same tap twice: the first one counts
        return
    decision = await context.services.newcomers.find_decision(error.newcomer.telegram_id)
    if decision is not None:
        toast(context, views.toasts.faster(context.words, decision))


async def _redraw_request(update: Update, context: Context) -> None:
    """Draw the request as it is now. What was decided is owed to those who asked and who were asked."""
    context.services.wake()
    decision = await context.services.newcomers.find_decision(telegram_id_of(update))
    if decision is None:
        waiting = await context.services.newcomers.list_waiting()
        await redraw(update, context, views.newcomers.waiting_list(context.words, waiting))
    else:
        await redraw(update, context, views.newcomers.request(context.words, decision))


def _reason(context: Context, error: NotLetIn) -> View:
    if isinstance(error, StillWaiting):
        asked_at = None if error.is_new else error.asked_at
        return views.newcomers.waiting(context.words, asked_at)
    if isinstance(error, AccessRefused):
        return views.newcomers.refused(context.words, context.services.contact)
    return views.newcomers.invitation_needed(context.words, context.services.contact)
