"""The conversation that asks for names: that of a new device, which ends in a card, and a device's new one.

All questions are states of one conversation, so that at most one is open in a chat. The question itself (its message,
and what its answer needs) is kept by `QuestionService`; the handlers return the state that goes with it.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.asking import (
    END,
    NAME,
    NEW_NAME,
    TERM,
    ask,
    ask_again,
    cancelled,
    close,
    device_of,
    find_question,
    keep,
    set_aside,
    stop,
)
from bot.chat.buttons import Asked, Verb
from bot.chat.delivery import overwrite, redraw, remove, respond, send, tapped_message, toast, typed_rest, typed_words
from bot.chat.devices import SEARCHED, draw_card, find_typed, pick_device, show_page, show_revoked
from bot.chat.general import offer_menu
from bot.chat.groups import SEVERAL, show_selection
from bot.chat.handouts import cancel_latest, handout_of, id_of, offer_rotation, place_card, tap_of
from bot.chat.tokens import place_token_card
from bot.services.catalogue import Shelf
from bot.services.errors import (
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    InvalidDeviceName,
    NotTheOwner,
)
from bot.services.names import normalise_name
from bot.services.questions import Question

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.context import Context
    from storage.models import Device


async def register(update: Update, context: Context) -> str | int:
    """Begin a registration: with a name behind the command at its card, otherwise with the question for one."""
    await set_aside(update, context)
    name = typed_rest(update) if update.callback_query is None else ""
    if name:
        return await _offer(update, context, name, None)
    try:
        await context.services.devices.check_room(context.person.client_id, None)
    except DeviceLimitReached as error:
        return await _refuse_for_limit(update, context, error)
    message_id = await respond(update, context, views.registration.ask_name(context.words))
    return await ask(context, NAME, message_id)


async def take_name(update: Update, context: Context) -> str | int:
    """Take what was sent as the name of a new device."""
    question = await find_question(context, NAME)
    if update.message is None or update.message.text is None:
        return await ask_again(context, question, views.registration.name_not_text(context.words))
    return await _offer(update, context, update.message.text, question)


async def use_proposal(update: Update, context: Context) -> str | int:
    """Take the name that was proposed; it is kept with the question."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    if question is None or question.message_id != tapped_message(update) or "proposal" not in question.details:
        return await redraw_stale_question(update, context)
    name = str(question.details["proposal"])
    if question.state == NAME:
        return await _offer(update, context, name, question)
    return await _rename(update, context, name, question)


async def try_again(update: Update, context: Context) -> str | int:
    """Offer once more what an expired or failed card was about."""
    handout_id, message_id = handout_of(update), tapped_message(update)
    handout = await context.services.handouts.get(handout_id)
    if handout is None or handout.chat_id != context.person.telegram_id:
        toast(context, views.toasts.changed(context.words))
        return await keep(context)
    context.answer()
    # one message leads to one new card, however often it is tapped
    source = f"again:{handout_id}:{message_id}"
    if views.handouts.is_rotation(handout):
        overlap = timedelta(seconds=handout.pending_overlap)
        if await offer_rotation(context, handout.device_id, overlap, source=source):
            await remove(context, message_id)
        return await keep(context)
    if views.handouts.is_token(handout):
        await place_token_card(context, source=source)
        await remove(context, message_id)
        return await keep(context)
    await set_aside(update, context)
    question = Question(handout.chat_id, NAME, message_id)
    return await _offer(update, context, handout.device_name, question, source=source)


async def ask_new_name(update: Update, context: Context) -> str | int:
    """Ask what a device shall be called from now on."""
    device = await context.services.devices.get_device(id_of(tap_of(update)), owner=context.person.client_id)
    if device.revoked:
        raise DeviceRevoked(device)
    return await _ask_new_name(update, context, device)


async def rename_own(update: Update, context: Context) -> str | int:
    """Ask for a new name of the device whose id was typed, or which one."""
    if not typed_words(update):
        await pick_device(update, context)
        return await stop(context)
    device = await find_typed(update, context, Verb.RENAME)
    if device is None:
        return await stop(context)
    if device.revoked:
        await show_revoked(update, context, device)
        return await stop(context)
    return await _ask_new_name(update, context, device)


async def take_new_name(update: Update, context: Context) -> str | int:
    """Take what was sent as a device's new name."""
    question = await find_question(context, NEW_NAME)
    if update.message is None or update.message.text is None:
        view = views.registration.name_not_text(context.words, device_of(question))
        return await ask_again(context, question, view)
    if "device_id" not in question.details:
        # what the question was about is gone
        await offer_menu(update, context)
        return END
    return await _rename(update, context, update.message.text, question)


async def ask_term(update: Update, context: Context) -> str | int:
    """Ask what to search for."""
    await set_aside(update, context)
    message_id = await redraw(update, context, views.devices.ask_term(context.words))
    return await ask(context, TERM, message_id)


async def search(update: Update, context: Context) -> str | int:
    """Show the devices that fit what was sent."""
    question = await find_question(context, TERM)
    text = (update.message.text or "") if update.message is not None else ""
    term = text.encode("utf-8", "replace").decode().strip()
    if not term:
        return await ask_again(context, question, views.devices.ask_term(context.words))
    await context.services.questions.remember(context.person.telegram_id, SEARCHED, {"term": term[:100]})
    await show_page(update, context, Shelf.FOUND, search=term[:100])
    return await close(context, question)


async def cancel(update: Update, context: Context) -> str | int:
    """Do what /cancel says: remove a visible secret, else close the open question, else take the last card back."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    visible = await context.services.handouts.find_visible(context.person.telegram_id)
    if question is None or visible is not None:
        if not await cancel_latest(context):
            await send(context, views.registration.nothing_to_cancel(context.words))
        return await keep(context)
    if question.state == TERM:
        await show_page(update, context)
    else:
        await send(context, cancelled(context, question))
    return await close(context, question)


async def cancel_question(update: Update, context: Context) -> str | int:
    """Close the question whose *Cancel* was tapped."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    if question is None or question.message_id != tapped_message(update):
        return await redraw_stale_question(update, context)
    if question.state == NAME:
        await redraw(update, context, views.registration.cancelled(context.words))
    else:
        await _lead_back(update, context, question)
    await context.services.questions.close(question.chat_id)
    return END


async def redraw_stale_question(update: Update, context: Context) -> str | int:
    """Answer a button of a question that is no longer the open one; whichever is open stays so."""
    toast(context, views.toasts.changed(context.words))
    tap = tap_of(update)
    if tap.id is not None:
        await _lead_back(update, context, Question(0, NEW_NAME, None, {"device_id": str(tap.id)}))
    elif tap.extra == Asked.SEARCH:
        await show_page(update, context)
    elif tap.extra == Asked.REGROUP:
        await show_selection(update, context)
    else:
        await overwrite(context, tapped_message(update), views.registration.cancelled(context.words))
    return await keep(context)


async def stop_question(update: Update, context: Context) -> str | int:
    """Close the question because a command came in place of an answer. The command is answered as usual."""
    return await stop(context)


async def _offer(
    update: Update, context: Context, text: str, question: Question | None, *, source: str | None = None
) -> str | int:
    """Send the card for a device of that name, or say why not and keep asking."""
    try:
        handout = await context.services.handouts.offer_registration(
            context.person, text, source=source or context.source
        )
    except InvalidDeviceName as error:
        return await ask_again(context, question, views.registration.name_refused(context.words, error))
    except DeviceNameTaken as error:
        return await _propose(context, question, error.name)
    except DeviceLimitReached as error:
        state = await _refuse_for_limit(update, context, error, is_new=True)
        await close(context, question)
        return state
    context.answer()
    await place_card(context, handout)
    context.services.wake()
    return await close(context, question)


async def _ask_new_name(update: Update, context: Context, device: Device) -> str:
    await set_aside(update, context)
    message_id = await respond(update, context, views.devices.ask_new_name(context.words, device))
    return await ask(context, NEW_NAME, message_id, device_id=str(device.id), old_name=device.device_name)


async def _propose(context: Context, question: Question | None, taken: str) -> str:
    """Say that a name is taken and propose one that is free."""
    renaming = device_of(question)
    proposal, holder = await context.services.devices.propose_name(context.person.client_id, taken)
    view = views.registration.name_taken(
        context.words, taken, proposal, existing=None if renaming else holder, renaming=renaming
    )
    return await ask_again(context, question, view, proposal=proposal)


async def _rename(update: Update, context: Context, text: str, question: Question) -> str | int:
    """Give the device its new name, or say why not; keep asking where another name would do."""
    services, words, person = context.services, context.words, context.person
    device_id, old_name = uuid.UUID(question.details["device_id"]), str(question.details["old_name"])
    try:
        if normalise_name(text) == old_name:
            view = views.devices.same_name(words, await services.devices.get_device(device_id, owner=person.client_id))
        else:
            device = await services.devices.update_device_name(
                device_id, text, owner=person.client_id, actor=person.actor, source=context.source
            )
            view = views.devices.renamed(words, device, old_name, context.now)
    except InvalidDeviceName as error:
        return await ask_again(context, question, views.registration.name_refused(words, error, device_id))
    except DeviceNameTaken as error:
        return await _propose(context, question, error.name)
    except DeviceRevoked as error:
        view = views.devices.revoked_meanwhile(words, error.device)
    if update.callback_query is not None:
        await redraw(update, context, view)
        await services.questions.close(question.chat_id)
        return END
    await send(context, view)
    return await close(context, question)


async def _refuse_for_limit(
    update: Update, context: Context, error: DeviceLimitReached, *, is_new: bool = False
) -> str | int:
    counts = await context.services.catalogue.count(context.person.client_id)
    view = views.registration.limit_reached(context.words, counts.active, error.limit, context.services.contact)
    await (send(context, view) if is_new else respond(update, context, view))
    return END


async def _lead_back(update: Update, context: Context, question: Question) -> None:
    """Redraw the tapped message as what it was before it asked: the device's card, or a list."""
    device_id = device_of(question)
    if question.details.get(SEVERAL):
        await show_selection(update, context)
    elif device_id is None:
        await show_page(update, context)
    else:
        try:
            device = await context.services.devices.get_device(device_id, owner=context.person.client_id)
        except (DeviceNotFound, NotTheOwner):
            await show_page(update, context)
        else:
            await redraw(update, context, await draw_card(context, device))
