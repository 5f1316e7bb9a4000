"""Who is not let in, and what admins say to that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import pasted, views
from bot.chat.buttons import Verb
from bot.chat.delivery import redraw, respond, tapped_message, toast
from bot.chat.guard import for_admins, refuse
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


def telegram_id_of(update: Update) -> int:
    """Return the Telegram id in a tapped button; 0, which is nobody's, for a button that has none."""
    extra = tap_of(update).extra
    return int(extra) if extra.isascii() and extra.isdecimal() and len(extra) <= LONGEST_ID else 0


@for_admins
async def show_newcomers(update: Update, context: Context) -> None:
    """List who waits to be let in."""
    waiting = await context.services.newcomers.list_waiting()
    await respond(update, context, views.newcomers.waiting_list(context.words, waiting))


@for_admins
async def show_newcomer(update: Update, context: Context) -> None:
    """Show what is known of one who asked for access."""
    await _redraw_request(update, context)


@for_admins
async def approve(update: Update, context: Context) -> None:
    """Let somebody in who waits or, after all, who was refused."""
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


@for_admins
async def refuse_newcomer(update: Update, context: Context) -> None:
    """Turn away somebody who waits."""
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
