"""Who is let in, and what is said when there is nothing better to say: start, menu, help, groups, odd messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import ReplyParameters
from telegram.ext import ApplicationHandlerStop

from bot.chat import access, invites, pasted, views
from bot.chat.context import PROCESSING
from bot.chat.delivery import redraw, respond, send, toast
from bot.chat.menus import publish_own_menu
from bot.chat.words import find_words
from bot.services.clients import Profile
from bot.services.errors import NotLetIn

if TYPE_CHECKING:
    from telegram import Chat, Message, Update, User

    from bot.chat.context import Context

GROUPS = frozenset({"group", "supergroup"})
GROUP_PAUSE = 60.0
"""Seconds between two answers in one group."""
_answered_groups: dict[int, float] = {}
"""When which group was answered last, as long as that matters."""


async def admit(update: Update, context: Context) -> None:
    """Let through who may go on: a person in their own private chat, let in, not suspended. Everything starts here."""
    if update.my_chat_member is not None:
        return
    user, chat = update.effective_user, update.effective_chat
    if user is None or user.is_bot or chat is None or not _is_own_chat(chat, user):
        if user is not None and chat is not None and chat.type in GROUPS and update.message is not None:
            await _answer_in_group(update.message, user, context)
        raise ApplicationHandlerStop
    if update.message is not None:
        await pasted.delete_first(update.message, context)
    processing, invite = PROCESSING.get(), invites.carried_by(update)
    profile = processing.profile = Profile(user.id, user.first_name, user.username, user.language_code)
    try:
        person = processing.person = await context.services.clients.enter(profile, has_invite=invite is not None)
    except NotLetIn as error:
        if invite is not None:
            await invites.open_link(context, invite)
        else:
            await access.turn_away(update, context, error)
        raise ApplicationHandlerStop from None
    if person.is_suspended:
        await pasted.refuse(update, context, views.general.suspended(context.words, context.services.contact))
        raise ApplicationHandlerStop


async def start(update: Update, context: Context) -> None:
    """Let somebody in by the link they opened; greet a newcomer; show everybody else the menu."""
    invite = invites.carried_by(update)
    if invite is not None:
        await invites.open_link(context, invite)
        return
    if context.person.has_own_menu:
        await publish_own_menu(context.bot, context.person)
    if context.person.is_new:
        is_admin = context.person.is_admin
        await send(context, views.general.welcome(context.words, context.person.first_name, is_admin=is_admin))
        return
    await show_menu(update, context)


async def show_menu(update: Update, context: Context) -> None:
    """Show how things are and what can be done."""
    counts = await context.services.catalogue.count(context.person.client_id)
    await respond(update, context, views.general.menu(context.words, counts, is_admin=context.person.is_admin))


async def show_help(update: Update, context: Context) -> None:
    """Explain what the bot does."""
    services, person = context.services, context.person
    ttl = services.handouts.secret_ttl
    page = views.general.help_page(context.words, ttl, services.contact, is_admin=person.is_admin)
    await respond(update, context, page)


async def show_id(update: Update, context: Context) -> None:
    """Tell a person's Telegram id."""
    await respond(update, context, views.general.own_id(context.words, context.person.telegram_id))


async def refuse_command(update: Update, context: Context) -> None:
    """Answer a command that does not exist."""
    await respond(update, context, views.general.unknown_command(context.words))


async def offer_menu(update: Update, context: Context) -> None:
    """Answer what was sent while no question was open."""
    counts = await context.services.catalogue.count(context.person.client_id)
    await respond(
        update, context, views.general.not_understood(context.words, counts, is_admin=context.person.is_admin)
    )


async def redraw_stale(update: Update, context: Context) -> None:
    """Answer a button that nobody knows any more: its message becomes the menu."""
    toast(context, views.toasts.changed(context.words))
    counts = await context.services.catalogue.count(context.person.client_id)
    await redraw(update, context, views.general.menu(context.words, counts, is_admin=context.person.is_admin))


async def note_membership(update: Update, context: Context) -> None:
    """Note that a person blocked or unblocked the bot; what could not be destroyed meanwhile is tried at once."""
    change = update.my_chat_member
    if change is None or change.chat.type != "private":
        return
    reachable = change.new_chat_member.status not in {"kicked", "left"}
    await context.services.clients.note_reachable(change.from_user.id, reachable=reachable)
    if reachable:
        await context.services.handouts.retry_chat(change.chat.id)
        context.services.wake()


def _is_own_chat(chat: Chat, user: User) -> bool:
    return chat.type == "private" and chat.id == user.id


async def _answer_in_group(message: Message, user: User, context: Context) -> None:
    """Send whoever gives a command in a group to the private chat, at most once a minute a group."""
    command = (message.text or "").split(maxsplit=1)[:1]
    if not command or not command[0].startswith("/") or not message.entities:
        return
    _, at, addressee = command[0].partition("@")
    now = context.services.clock.monotonic()
    if at and addressee.lower() != context.bot.username.lower():
        return
    for chat_id in [chat_id for chat_id, at in _answered_groups.items() if not 0 <= now - at < GROUP_PAUSE]:
        del _answered_groups[chat_id]
    if message.chat.id in _answered_groups:
        return
    _answered_groups[message.chat.id] = now
    words = await find_words(context.services.clients, user.id, user.language_code)
    view = views.general.group(words, context.bot.username)
    reply = ReplyParameters(message.message_id, allow_sending_without_reply=True)
    await context.bot.send_message(message.chat.id, view.text, reply_markup=view.keyboard, reply_parameters=reply)
