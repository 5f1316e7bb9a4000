"""Groups of devices: the question for one, the list in which several devices are picked, and what is done with them.

A group has no id of its own. In buttons an id that is computed from its name stands for it, and the names on the page
that was drawn last are kept, so that a tap leads to the group that was read there or to none.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.asking import GROUP, ask, ask_again, close, device_of, find_question, keep, set_aside
from bot.chat.buttons import Asked, Turn, decode_place
from bot.chat.delivery import redraw, respond, send, tapped_message, toast
from bot.chat.devices import show_page
from bot.chat.handouts import id_of, tap_of
from bot.services.errors import BatchNotFound, DeviceRevoked, InvalidDeviceName, TooManyPicked
from bot.services.groups import Action

if TYPE_CHECKING:
    from telegram import Update

    from bot.chat.buttons import Place
    from bot.chat.context import Context
    from bot.chat.views import View
    from bot.services.groups import GroupPage
    from bot.services.questions import Question
    from storage.devices import Key
    from storage.models import Device

OFFERED = "groups"
"""Under what name the groups on the page that was drawn last are kept."""
SEVERAL = "several"
"""What a question has in place of a device when it is about all that are picked."""


async def ask_group(update: Update, context: Context) -> str | int:
    """Ask which group a device shall be in."""
    device = await context.services.devices.get_device(id_of(tap_of(update)), owner=context.person.client_id)
    if device.revoked:
        raise DeviceRevoked(device)
    await set_aside(update, context)
    view = await _draw_question(context, await _first_page(context), device)
    return await ask(context, GROUP, await redraw(update, context, view), device_id=str(device.id))


async def ask_group_of_picked(update: Update, context: Context) -> str | int:
    """Ask which group all picked devices shall be in."""
    if await context.services.groups.count_picks(context.person) == 0:
        toast(context, views.toasts.changed(context.words))
        await show_selection(update, context)
        return await keep(context)
    await set_aside(update, context)
    view = await _draw_question(context, await _first_page(context), None)
    return await ask(context, GROUP, await redraw(update, context, view), **{SEVERAL: True})


async def turn_groups(update: Update, context: Context) -> str | int:
    """Show other groups to choose from; the question stays open."""
    question = await _tapped_question(update, context)
    if question is None:
        return await _answer_stale(update, context)
    page, device = await _turned_page(update, context), await _device(context, question)
    await redraw(update, context, await _draw_question(context, page, device))
    return question.state


async def choose_group(update: Update, context: Context) -> str | int:
    """Take the group that was tapped, or none."""
    question = await _tapped_question(update, context)
    if question is None:
        return await _answer_stale(update, context)
    tapped = tap_of(update).id
    name = await _recall_name(context, tapped)
    if tapped is not None and name is None:
        toast(context, views.toasts.changed(context.words))
        view = await _draw_question(context, await _first_page(context), await _device(context, question))
        await redraw(update, context, view)
        return question.state
    return await _take(update, context, question, name)


async def take_group(update: Update, context: Context) -> str | int:
    """Take what was sent as the name of a group."""
    question = await find_question(context, GROUP)
    if update.message is None or update.message.text is None:
        device_id = device_of(question)
        asked = Asked.REGROUP if device_id is None else Asked.GROUP
        return await ask_again(context, question, views.groups.group_not_text(context.words, asked, device_id))
    return await _take(update, context, question, update.message.text)


async def begin_selection(update: Update, context: Context) -> None:
    """Show the devices with nothing picked yet."""
    await context.services.groups.clear_picks(context.person)
    await show_selection(update, context)


async def turn_selection(update: Update, context: Context) -> None:
    """Show another page of the devices; what is picked stays so."""
    await show_selection(update, context, decode_place(tap_of(update)))


async def pick(update: Update, context: Context) -> None:
    """Pick the tapped device."""
    try:
        device = await context.services.groups.pick(context.person, id_of(tap_of(update)))
    except DeviceRevoked as error:
        toast(context, views.toasts.changed(context.words))
        device = error.device
    except TooManyPicked as error:
        toast(context, views.toasts.too_many_picked(context.words, error.limit))
        return
    await _redraw_around(update, context, device)


async def unpick(update: Update, context: Context) -> None:
    """Leave the tapped device out again."""
    await _redraw_around(update, context, await context.services.groups.unpick(context.person, id_of(tap_of(update))))


async def show_groups(update: Update, context: Context) -> None:
    """Ask which group's devices shall be picked."""
    page = await _turned_page(update, context)
    if not page.names:
        toast(context, views.toasts.changed(context.words))
        await show_selection(update, context)
        return
    offered = await _offer(context, page)
    await redraw(update, context, views.groups.pick_group(context.words, page, offered))


async def pick_group(update: Update, context: Context) -> None:
    """Pick all devices of the tapped group."""
    name = await _recall_name(context, tap_of(update).id)
    try:
        picked = 0 if name is None else await context.services.groups.pick_group(context.person, name)
    except TooManyPicked as error:
        toast(context, views.toasts.too_many_picked(context.words, error.limit))
        return
    if not picked:
        toast(context, views.toasts.changed(context.words))
    await show_selection(update, context)


async def ask_revoke_picked(update: Update, context: Context) -> None:
    """Ask whether to revoke all that is picked."""
    try:
        plan = await context.services.groups.plan(context.person, Action.REVOKE)
    except BatchNotFound:
        toast(context, views.toasts.changed(context.words))
        await show_selection(update, context)
    else:
        await redraw(update, context, views.groups.ask_batch(context.words, plan))


async def carry_out(update: Update, context: Context) -> None:
    """Do with several devices what was asked, unless that was so long ago that it should be asked again."""
    try:
        done = await context.services.groups.carry_out(context.person, id_of(tap_of(update)))
    except BatchNotFound:
        toast(context, views.toasts.check_again(context.words))
        await show_selection(update, context)
        return
    context.services.wake()
    await redraw(update, context, views.groups.batch_done(context.words, done))


async def show_selection(
    update: Update, context: Context, place: Place | None = None, beginning_at: Key | None = None
) -> None:
    """Show a page of the devices, those picked with a mark."""
    services, person = context.services, context.person
    page = await services.catalogue.read_page(
        person.client_id,
        older_than=place.older_than if place else None,
        newer_than=place.newer_than if place else None,
        beginning_at=beginning_at,
    )
    if page.has_moved:
        toast(context, views.toasts.changed(context.words))
    if not page.devices:
        await respond(update, context, views.devices.device_list(context.words, page, context.now))
        return
    picked = await services.groups.list_picks(person, [device.id for device in page.devices])
    count = await services.groups.count_picks(person)
    groups = await services.groups.read_page(person.client_id)
    view = views.groups.selection(context.words, page, picked, count, has_groups=bool(groups.names))
    await respond(update, context, view)


async def _redraw_around(update: Update, context: Context, device: Device) -> None:
    """Draw the page again on which the tapped device has the place that its button names."""
    extra = tap_of(update).extra
    place = int(extra) if extra.isascii() and extra.isdecimal() else 0
    start = await context.services.catalogue.find_page_start(device, place)
    await show_selection(update, context, beginning_at=start)


async def _take(update: Update, context: Context, question: Question, name: str | None) -> str | int:
    """Put what the question is about into the group, or say why not and keep asking where another name would do."""
    try:
        if question.details.get(SEVERAL):
            view = views.groups.ask_batch(
                context.words, await context.services.groups.plan(context.person, Action.REGROUP, name)
            )
        else:
            view = await _regroup(context, question, name)
    except InvalidDeviceName as error:
        device_id = device_of(question)
        asked = Asked.REGROUP if device_id is None else Asked.GROUP
        return await ask_again(context, question, views.groups.name_refused(context.words, error, asked, device_id))
    except BatchNotFound:
        await close(context, question)
        await show_selection(update, context)
        return await keep(context)
    return await _finish(update, context, question, view)


async def _regroup(context: Context, question: Question, name: str | None) -> View:
    device_id = uuid.UUID(question.details["device_id"])
    try:
        device = await context.services.groups.set_group(context.person, device_id, name, source=context.source)
    except DeviceRevoked as error:
        return views.groups.revoked_meanwhile(context.words, error.device)
    return views.groups.regrouped(context.words, device, context.now)


async def _finish(update: Update, context: Context, question: Question, view: View) -> str | int:
    """Answer a tap in the question's message, and something typed in a new one."""
    if update.callback_query is None:
        await send(context, view)
        return await close(context, question)
    await redraw(update, context, view)
    await context.services.questions.close(question.chat_id)
    return await keep(context)


async def _tapped_question(update: Update, context: Context) -> Question | None:
    """Return the open question for a group if it is the tapped message that asks it."""
    question = await context.services.questions.find_open(context.person.telegram_id)
    is_it = question is not None and question.state == GROUP and question.message_id == tapped_message(update)
    return question if is_it else None


async def _answer_stale(update: Update, context: Context) -> str | int:
    """Answer a button of a question that is no longer the open one; whichever is open stays so."""
    toast(context, views.toasts.changed(context.words))
    await show_page(update, context)
    return await keep(context)


async def _device(context: Context, question: Question) -> Device | None:
    device_id = device_of(question)
    if device_id is None:
        return None
    return await context.services.devices.get_device(device_id, owner=context.person.client_id)


async def _draw_question(context: Context, page: GroupPage, device: Device | None) -> View:
    offered = await _offer(context, page)
    if device is not None:
        return views.groups.ask_group(context.words, device, page, offered)
    count = await context.services.groups.count_picks(context.person)
    return views.groups.ask_group_of_several(context.words, count, page, offered)


async def _first_page(context: Context) -> GroupPage:
    return await context.services.groups.read_page(context.person.client_id)


async def _turned_page(update: Update, context: Context) -> GroupPage:
    """Return the page of groups that a tap asks for; the first one when the group at its edge is not known any more."""
    tap = tap_of(update)
    edge = await _recall_name(context, tap.id)
    if edge is None:
        return await _first_page(context)
    if tap.extra == Turn.PREVIOUS:
        return await context.services.groups.read_page(context.person.client_id, before=edge)
    return await context.services.groups.read_page(context.person.client_id, after=edge)


async def _offer(context: Context, page: GroupPage) -> dict[uuid.UUID, str]:
    """Keep the names on a page by the ids that stand for them in buttons, and return both."""
    offered = {uuid.uuid5(context.person.client_id, name): name for name in page.names}
    kept = {group_id.hex: name for group_id, name in offered.items()}
    await context.services.questions.remember(context.person.telegram_id, OFFERED, kept)
    return offered


async def _recall_name(context: Context, group_id: uuid.UUID | None) -> str | None:
    """Return the name of a group that was offered last, None for any other."""
    if group_id is None:
        return None
    name = (await context.services.questions.recall(context.person.telegram_id, OFFERED)).get(group_id.hex)
    # kept for the client that the person was with then
    return name if name is not None and uuid.uuid5(context.person.client_id, name) == group_id else None
