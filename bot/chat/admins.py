"""Admins among themselves: who is one, naming and removing, and which notices each of them wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.access import LONGEST_ID, telegram_id_of
from bot.chat.buttons import find_member
from bot.chat.delivery import redraw, respond, send, typed_words
from bot.chat.guard import for_admins, refuse
from bot.chat.handouts import tap_of
from bot.chat.menus import publish_menu_of
from bot.services.admins import SWITCHABLE, Choice
from bot.services.errors import AdminIsFixed, AlreadyAdmin, NotAnAdmin, PersonNotFound

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context


@for_admins
async def show_admins(update: Update, context: Context) -> None:
    """List the admins; with an id behind the command, ask whether to name that person."""
    typed = typed_words(update) if update.callback_query is None else []
    if typed:
        await _ask_naming(context, typed[0])
        return
    admins = await context.services.admins.list_admins()
    waiting = await context.services.newcomers.list_waiting()
    await respond(update, context, views.admins.admin_list(context.words, admins, len(waiting)))


@for_admins
async def explain_naming(update: Update, context: Context) -> None:
    """Tell how an admin is named."""
    await redraw(update, context, views.admins.how_to_name(context.words))


@for_admins
async def name_admin(update: Update, context: Context) -> None:
    """Make somebody an admin, from their next update on."""
    telegram_id = telegram_id_of(update)
    try:
        named = await context.services.admins.name_admin(context.person, telegram_id, source=context.source)
    except (PersonNotFound, AlreadyAdmin) as error:
        await redraw(update, context, _cannot_name(context, error, str(telegram_id)))
        return
    context.services.wake()
    await publish_menu_of(context.bot, named, is_admin=True)
    await redraw(update, context, views.admins.named(context.words, named))


@for_admins
async def ask_removal(update: Update, context: Context) -> None:
    """Ask whether somebody shall be an admin no more."""
    try:
        admin = await context.services.admins.get_named(telegram_id_of(update))
    except (AdminIsFixed, NotAnAdmin) as error:
        await redraw(update, context, _cannot_remove(context, error))
    else:
        is_self = admin.telegram_id == context.person.telegram_id
        await redraw(update, context, views.admins.ask_remove(context.words, admin, is_self=is_self))


async def remove_admin(update: Update, context: Context) -> None:
    """Make an admin a trader again, from their next update on.

    The use case refuses who is no admin: one who removed themselves is, when their tap comes twice, told so twice.
    """
    telegram_id = telegram_id_of(update)
    try:
        removed = await context.services.admins.remove_admin(context.person, telegram_id, source=context.source)
    except (AdminIsFixed, NotAnAdmin) as error:
        if not context.person.is_admin:
            await refuse(update, context)
        else:
            await redraw(update, context, _cannot_remove(context, error))
        return
    context.services.wake()
    await publish_menu_of(context.bot, removed, is_admin=False)
    is_self = telegram_id == context.person.telegram_id
    await redraw(update, context, views.admins.removed(context.words, removed, is_self=is_self))


@for_admins
async def show_switches(update: Update, context: Context) -> None:
    """Show which notices the admin gets, and how."""
    switches = await context.services.admins.read_switches(context.person.telegram_id)
    await respond(update, context, views.admins.switch_list(context.words, switches))


@for_admins
async def switch_notice(update: Update, context: Context) -> None:
    """Let a kind of notice come as the tapped button says."""
    place, _, said = tap_of(update).extra.partition("-")
    choice = find_member(Choice, said)
    kind = dict(enumerate(SWITCHABLE)).get(int(place)) if place.isascii() and place.isdecimal() else None
    if kind is not None and choice is not None:
        await context.services.admins.set_switch(context.person.telegram_id, kind, choice)
    await show_switches(update, context)


async def _ask_naming(context: Context, typed: str) -> None:
    telegram_id = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= LONGEST_ID else 0
    try:
        candidate = await context.services.admins.get_candidate(telegram_id)
    except (PersonNotFound, AlreadyAdmin) as error:
        await send(context, _cannot_name(context, error, typed))
    else:
        await send(context, views.admins.ask_name(context.words, candidate))


def _cannot_name(context: Context, error: Exception, typed: str) -> views.View:
    if isinstance(error, AlreadyAdmin):
        return views.admins.already_admin(context.words, typed)
    return views.admins.unknown_person(context.words, typed)


def _cannot_remove(context: Context, error: Exception) -> views.View:
    if isinstance(error, AdminIsFixed):
        return views.admins.fixed(context.words)
    return views.admins.no_admin(context.words)
