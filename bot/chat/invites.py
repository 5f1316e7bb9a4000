"""Invites: which one, the link, taking it back, and what happens to whoever opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.buttons import find_member
from bot.chat.context import PROCESSING
from bot.chat.delivery import redraw, remove, respond, send, tapped_message
from bot.chat.guard import refuse
from bot.chat.handouts import id_of, tap_of
from bot.chat.menus import publish_own_menu
from bot.chat.reduction import INVITE
from bot.services.errors import InviteClosed, InviteRefused, LastOfClient
from bot.services.invites import InviteKind

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context


def carried_by(update: Update) -> bytes | None:
    """Return the hash of what a link carries that somebody opened, None when the update is nothing of the kind."""
    opened = update.message.api_kwargs.get(INVITE) if update.message is not None else None
    return bytes.fromhex(opened) if isinstance(opened, str) else None


async def open_link(context: Context, token_hash: bytes) -> None:
    """Let somebody in by the link they opened, or say why it does not."""
    services = context.services
    try:
        joined = await services.invites.accept(context.profile, token_hash, source=context.source)
    except InviteRefused as error:
        await send(context, views.invites.refused(context.words, error.fault, services.contact))
        return
    PROCESSING.get().person = joined.person
    services.wake()
    if joined.person.is_admin:
        await publish_own_menu(context.bot, joined.person)
    await send(context, views.invites.joined(context.words, joined))


async def ask_kind(update: Update, context: Context) -> None:
    """Ask what an invite shall give."""
    count = await context.services.invites.count_open(context.person)
    view = views.invites.ask_kind(context.words, count, is_admin=context.person.is_admin)
    await respond(update, context, view)


async def make_link(update: Update, context: Context) -> None:
    """Make an invite and show its link, which nobody can show again."""
    kind = find_member(InviteKind, tap_of(update).extra)
    if kind is None:
        await ask_kind(update, context)
        return
    if kind is not InviteKind.JOIN and not context.person.is_admin:
        await refuse(update, context)
        return
    is_again = await context.services.invites.has_made(context.source)
    try:
        token, invite = await context.services.invites.create_invite(context.person, kind, source=context.source)
    except InviteClosed as error:
        await redraw(update, context, views.invites.closed(context.words, error.invite, context.now))
        return
    view = views.invites.link(context.words, context.bot.username, token, invite)
    if is_again:
        # the edit of a bot that died may be carried out even now, and would put a link that is void over this one
        await remove(context, tapped_message(update))
        await send(context, view)
    else:
        await redraw(update, context, view)


async def withdraw(update: Update, context: Context) -> None:
    """Take an invite back."""
    try:
        await context.services.invites.withdraw(context.person, id_of(tap_of(update)))
    except InviteClosed as error:
        await redraw(update, context, views.invites.closed(context.words, error.invite, context.now))
    else:
        await redraw(update, context, views.invites.withdrawn(context.words))


async def withdraw_all(update: Update, context: Context) -> None:
    """Take all open invites back."""
    count = await context.services.invites.withdraw_all(context.person)
    await redraw(update, context, views.invites.all_withdrawn(context.words, count))


async def ask_leave(update: Update, context: Context) -> None:
    """Ask whether somebody shall share their client's devices no more."""
    await redraw(update, context, views.invites.ask_leave(context.words))


async def leave(update: Update, context: Context) -> None:
    """Take somebody out of the client they share, into one of their own."""
    try:
        await context.services.invites.leave(context.person, source=context.source)
    except LastOfClient:
        await redraw(update, context, views.invites.cannot_leave(context.words))
        return
    context.services.wake()
    await redraw(update, context, views.invites.left(context.words))
