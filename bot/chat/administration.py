"""What admins do with whole clients. Every act is asked about first, and its people read the reason."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.asking import (
    CLIENT_LIMIT,
    CLIENT_NAME,
    CLIENT_REASON,
    END,
    ask,
    ask_again,
    close,
    find_question,
    keep,
    set_aside,
)
from bot.chat.buttons import Reason
from bot.chat.clients import paused_by, show_card, show_gone, show_page
from bot.chat.delivery import redraw, respond, send, tapped_message, toast, typed_rest, typed_words
from bot.chat.guard import for_admins
from bot.chat.handouts import id_of, tap_of
from bot.chat.places import Act, ClientListing, ClientPlace, decode_act
from bot.services.administration import confirmation_of
from bot.services.errors import (
    AmbiguousClient,
    ClientNotFound,
    ClientStatusUnchanged,
    InvalidLimit,
    NameMismatch,
    OwnClient,
)

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context
    from bot.services.questions import Question

TYPED_REASON = "act_reason"
"""Under what name the reason that an admin sent last is kept, until the question whether to act is answered."""
LISTINGS = {Act.SUSPEND: ClientListing.TO_SUSPEND, Act.RESUME: ClientListing.TO_RESUME}
LONGEST_NUMBER, NO_NUMBER = 9, -1


@for_admins
async def suspend_command(update: Update, context: Context) -> str | int:
    """Pause the client that is named behind the command: at once for a full id, else after a question."""
    return await _take_command(update, context, Act.SUSPEND)


@for_admins
async def resume_command(update: Update, context: Context) -> str | int:
    """Let the client go on that is named behind the command: at once for a full id, else after a question."""
    return await _take_command(update, context, Act.RESUME)


@for_admins
async def ask_why(update: Update, context: Context) -> str | int:
    """Ask why, before asking whether."""
    act = decode_act(tap_of(update))
    if act is None:
        return await _redraw_changed(update, context)
    return await _ask_why(update, context, id_of(tap_of(update)), act[0])


@for_admins
async def choose_reason(update: Update, context: Context) -> str | int:
    """Ask whether, with the reason that was tapped."""
    chosen = decode_act(tap_of(update))
    if chosen is None:
        return await _redraw_changed(update, context)
    state = await _close_tapped(update, context)
    await _confirm(update, context, id_of(tap_of(update)), *chosen)
    return state


@for_admins
async def take_reason(update: Update, context: Context) -> str | int:
    """Ask whether, with the reason that was sent."""
    question = await find_question(context, CLIENT_REASON)
    text = (update.message.text or "").strip() if update.message is not None else ""
    subject, act = _subject_of(question), question.details.get("act", "")
    if subject is None or not act:
        return await close(context, question)
    if text:
        await _keep_reason(context, subject, text)
    await _confirm(update, context, subject, Act(act), Reason.TYPED if text else Reason.NONE)
    return await close(context, question)


@for_admins
async def act_now(update: Update, context: Context) -> None:
    """Do what was asked about, for the reason that the question showed."""
    client_id, chosen = id_of(tap_of(update)), decode_act(tap_of(update))
    if chosen is None:
        await _redraw_changed(update, context)
        return
    act, reason = chosen
    text = views.reasons.kept_reason(reason)
    if reason is Reason.TYPED:
        text = await _recall_reason(context, client_id)
        if not text:
            # another question took the place of the reason: begin again rather than act for a wrong one
            toast(context, views.toasts.check_again(context.words))
            await show_card(update, context, client_id)
            return
    await _act(update, context, client_id, act, text)


@for_admins
async def ask_limit(update: Update, context: Context) -> str | int:
    """Ask how many devices a client may have."""
    client_id = id_of(tap_of(update))
    try:
        card = await context.services.directory.get_card(client_id)
    except ClientNotFound:
        return await show_gone(update, context)
    await set_aside(update, context)
    view = views.administration.ask_limit(context.words, card, context.services.directory.device_limit)
    return await ask(context, CLIENT_LIMIT, await redraw(update, context, view), client_id=str(client_id))


@for_admins
async def set_limit(update: Update, context: Context) -> str | int:
    """Give a client the limit that was tapped."""
    extra = tap_of(update).extra
    limit = None if not extra else _read_number(extra)
    if extra and limit is None:
        return await _redraw_changed(update, context)
    state = await _close_tapped(update, context)
    await _set_limit(update, context, id_of(tap_of(update)), limit)
    return state


@for_admins
async def take_limit(update: Update, context: Context) -> str | int:
    """Give a client the limit that was sent."""
    question = await find_question(context, CLIENT_LIMIT)
    client_id = _subject_of(question)
    if client_id is None:
        return await close(context, question)
    limit = _read_number((update.message.text or "") if update.message is not None else "")
    try:
        await _set_limit(update, context, client_id, NO_NUMBER if limit is None else limit)
    except InvalidLimit as error:
        view = views.administration.limit_refused(context.words, client_id, error.most)
        return await ask_again(context, question, view)
    return await close(context, question)


@for_admins
async def ask_forget(update: Update, context: Context) -> str | int:
    """Ask for a client's name, to confirm that it shall be forgotten."""
    client_id = id_of(tap_of(update))
    try:
        card = await context.services.directory.get_card(client_id)
    except ClientNotFound:
        return await show_gone(update, context)
    if client_id == context.person.client_id:
        await redraw(update, context, views.administration.own_client(context.words, client_id))
        return await keep(context)
    await set_aside(update, context)
    view = views.administration.ask_forget(context.words, card, confirmation_of(card.client))
    return await ask(context, CLIENT_NAME, await redraw(update, context, view), client_id=str(client_id))


@for_admins
async def take_name(update: Update, context: Context) -> str | int:
    """Forget a client, if what was sent is its name; the lines below it are the reason."""
    services, words = context.services, context.words
    question = await find_question(context, CLIENT_NAME)
    client_id = _subject_of(question)
    if client_id is None:
        return await close(context, question)
    typed, _, reason = ((update.message.text or "") if update.message is not None else "").strip().partition("\n")
    try:
        client = await services.administration.forget(
            client_id, actor=context.person.actor, typed=typed, reason=reason, source=context.source
        )
    except NameMismatch as error:
        view = views.administration.forget_refused(words, client_id, confirmation_of(error.client))
        return await ask_again(context, question, view)
    except OwnClient:
        await send(context, views.administration.own_client(words, client_id))
    except ClientNotFound:
        await show_gone(update, context)
    else:
        services.wake()
        await send(context, views.administration.forgotten(words, client))
    return await close(context, question)


@for_admins
async def cancel_question(update: Update, context: Context) -> str | int:
    """Take a question back: its message becomes what it was before."""
    state, client_id = await _close_tapped(update, context), tap_of(update).id
    if client_id is None:
        await show_page(update, context)
    else:
        await show_card(update, context, client_id)
    return state


async def _take_command(update: Update, context: Context, act: Act) -> str | int:
    await set_aside(update, context)
    typed = typed_words(update)
    if not typed:
        await show_page(update, context, ClientPlace(LISTINGS[act]))
        return END
    reason = typed_rest(update).partition(typed[0])[2].strip()
    try:
        client = await context.services.directory.find_client(typed[0])
    except ClientNotFound:
        await send(context, views.clients.unknown_client(context.words, typed[0]))
        return END
    except AmbiguousClient as error:
        await send(context, views.clients.several_match(context.words, typed[0], error.clients, LISTINGS[act]))
        return END
    if len(typed[0]) == len(str(client.id)):
        await _act(update, context, client.id, act, reason)
        return END
    if reason:
        await _keep_reason(context, client.id, reason)
        await _confirm(update, context, client.id, act, Reason.TYPED)
        return END
    return await _ask_why(update, context, client.id, act)


async def _ask_why(update: Update, context: Context, client_id: uuid.UUID, act: Act) -> str | int:
    try:
        card = await context.services.directory.get_card(client_id)
    except ClientNotFound:
        return await show_gone(update, context)
    if act is Act.SUSPEND and client_id == context.person.client_id:
        await respond(update, context, views.administration.own_client(context.words, client_id))
        return await keep(context)
    await set_aside(update, context)
    message_id = await respond(update, context, views.administration.ask_why(context.words, card, act))
    return await ask(context, CLIENT_REASON, message_id, client_id=str(client_id), act=act)


async def _confirm(update: Update, context: Context, client_id: uuid.UUID, act: Act, reason: Reason) -> None:
    try:
        card = await context.services.directory.get_card(client_id)
    except ClientNotFound:
        await show_gone(update, context)
        return
    typed = await _recall_reason(context, client_id) if reason is Reason.TYPED else None
    await respond(update, context, views.administration.confirm(context.words, card, act, reason, typed))


async def _act(update: Update, context: Context, client_id: uuid.UUID, act: Act, reason: str | None) -> None:
    """Do it, and say what came of it; or say what is in the way."""
    words = context.words
    do = {Act.SUSPEND: _suspend, Act.RESUME: _resume, Act.REVOKE_ALL: _revoke_all}[act]
    try:
        view = await do(context, client_id, reason)
    except ClientStatusUnchanged as error:
        view = views.administration.unchanged(words, error.client, is_suspended=act is Act.SUSPEND)
    except OwnClient:
        view = views.administration.own_client(words, client_id)
    except ClientNotFound:
        await show_gone(update, context)
        return
    context.services.wake()
    await respond(update, context, view)


async def _suspend(context: Context, client_id: uuid.UUID, reason: str | None) -> views.View:
    client = await context.services.administration.suspend(
        client_id, actor=context.person.actor, reason=reason, source=context.source
    )
    return views.administration.suspended(context.words, client, context.now)


async def _resume(context: Context, client_id: uuid.UUID, reason: str | None) -> views.View:
    client = await context.services.administration.resume(
        client_id, actor=context.person.actor, reason=reason, source=context.source
    )
    return views.administration.resumed(context.words, client, context.now)


async def _revoke_all(context: Context, client_id: uuid.UUID, reason: str | None) -> views.View:
    services = context.services
    client = await services.directory.get_client(client_id)
    revoked = await services.administration.revoke_all(
        client_id, actor=context.person.actor, reason=reason, source=context.source
    )
    at = next((device.revoked_at for device in revoked if device.revoked_at is not None), context.now)
    return views.administration.all_revoked(context.words, client, len(revoked), at)


async def _set_limit(update: Update, context: Context, client_id: uuid.UUID, limit: int | None) -> None:
    """Set the limit and show the card with it. Raises `InvalidLimit`."""
    services = context.services
    try:
        await services.administration.set_device_limit(
            client_id, limit, actor=context.person.actor, source=context.source
        )
        card = await services.directory.get_card(client_id)
    except ClientNotFound:
        await show_gone(update, context)
        return
    view = views.administration.limit_set(context.words, card, await paused_by(context, card))
    await respond(update, context, view)


async def _redraw_changed(update: Update, context: Context) -> str | int:
    """Answer a button that says nothing that could be done: its message becomes the client's card."""
    toast(context, views.toasts.changed(context.words))
    await show_card(update, context, id_of(tap_of(update)))
    return await keep(context)


async def _close_tapped(update: Update, context: Context) -> str | int:
    """Close the open question if it is the tapped message that asks it; return the state that is left."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    if question is None:
        return END
    if question.message_id != tapped_message(update):
        return question.state
    await context.services.questions.close(question.chat_id)
    return END


def _subject_of(question: Question) -> uuid.UUID | None:
    """Return the client that a question is about, None when that is no longer known."""
    client_id = question.details.get("client_id")
    return None if client_id is None else uuid.UUID(client_id)


def _read_number(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None


async def _keep_reason(context: Context, client_id: uuid.UUID, reason: str) -> None:
    details = {"client_id": str(client_id), "reason": reason}
    await context.services.questions.remember(context.person.telegram_id, TYPED_REASON, details)


async def _recall_reason(context: Context, client_id: uuid.UUID) -> str:
    kept = await context.services.questions.recall(context.person.telegram_id, TYPED_REASON)
    return str(kept.get("reason", "")) if kept.get("client_id") == str(client_id) else ""
