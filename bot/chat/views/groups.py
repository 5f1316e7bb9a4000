"""Groups of devices, and what is done with several devices at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram.constants import KeyboardButtonStyle

from bot.chat.buttons import Asked, Listing, Turn, Verb
from bot.chat.views.devices import device_card, list_paging
from bot.chat.views.keyboards import Row, cancel_question, in_rows, keyboard, my_devices, open_device, short, tap
from bot.chat.views.markup import Html, View, blocks, isolated, lines, paragraph, say
from bot.chat.views.registration import fault
from bot.chat.views.times import moment
from bot.services.groups import Action

if TYPE_CHECKING:
    import uuid
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from telegram import InlineKeyboardButton

    from bot.chat.words import Words
    from bot.services.catalogue import Page
    from bot.services.errors import InvalidDeviceName
    from bot.services.groups import Done, GroupPage, Plan
    from storage.listing import ListedDevice
    from storage.models import Device


def ask_group(words: Words, device: Device, page: GroupPage, offered: Mapping[uuid.UUID, str]) -> View:
    """Ask which group a device shall be in; `offered` are those on the page, by the ids that buttons have for them."""
    asked = say(words, "group-ask", name=isolated(device.device_name))
    none = [_no_group(words)] if device.group_name is not None else []
    cancel = cancel_question(words, Asked.GROUP, device.id)
    return _ask(words, asked, page, offered, [*none, cancel])


def ask_group_of_several(words: Words, count: int, page: GroupPage, offered: Mapping[uuid.UUID, str]) -> View:
    """Ask which group all picked devices shall be in."""
    asked = say(words, "group-ask-several", count=count)
    return _ask(words, asked, page, offered, [_no_group(words), cancel_question(words, Asked.REGROUP)])


def group_not_text(words: Words, asked: Asked, device_id: uuid.UUID | None = None) -> View:
    """Answer a sticker, a photo or a voice that was sent as a group's name."""
    return View(say(words, "group-not-text"), keyboard([cancel_question(words, asked, device_id)]))


def name_refused(words: Words, error: InvalidDeviceName, asked: Asked, device_id: uuid.UUID | None = None) -> View:
    """Tell why a group cannot have that name: what holds for devices holds for them."""
    return View(fault(words, error), keyboard([cancel_question(words, asked, device_id)]))


def regrouped(words: Words, device: Device, now: datetime) -> View:
    """Confirm the group of a device, above its card."""
    name, card = isolated(device.device_name), device_card(words, device, now)
    if device.group_name is None:
        told = say(words, "group-left", name=name)
    else:
        told = say(words, "group-set", name=name, group=isolated(device.group_name))
    return View(blocks(told, card.text), card.keyboard)


def group_cancelled(words: Words, device_id: uuid.UUID | None) -> View:
    """Confirm that the question for a group was taken back."""
    way_on = my_devices(words) if device_id is None else open_device(words, device_id)
    return View(say(words, "group-cancelled"), keyboard([way_on]))


def revoked_meanwhile(words: Words, device: Device) -> View:
    """Answer a group for a device that was revoked while it was being chosen."""
    return View(say(words, "group-revoked", name=isolated(device.device_name)), keyboard([my_devices(words)]))


def selection(words: Words, page: Page, picked: Collection[uuid.UUID], count: int, *, has_groups: bool) -> View:
    """List a person's devices with check marks; `count` is how many are picked, on this page and others."""
    marks = [_mark(words, device, place, picked) for place, device in enumerate(page.devices)]
    whole = [tap(words("button-whole-group"), Verb.PICK_GROUPS)] if has_groups else []
    actions = [
        tap(words("button-revoke-picked", count=count), Verb.REVOKE_PICKED),
        tap(words("button-regroup-picked", count=count), Verb.REGROUP_PICKED),
    ]
    buttons = keyboard(
        *in_rows(marks),
        list_paging(words, page, Listing.ACTIVE, Verb.PICKS),
        whole,
        actions if count else [],
        [tap(words("button-back"), Verb.LIST, extra=Listing.ACTIVE)],
    )
    return View(blocks(say(words, "select-heading", count=count), say(words, "select-how")), buttons)


def pick_group(words: Words, page: GroupPage, offered: Mapping[uuid.UUID, str]) -> View:
    """Ask which group's devices shall be picked."""
    names = [tap(short(name), Verb.PICK_GROUP, group_id) for group_id, name in offered.items()]
    paging = _paging(words, page, offered, Verb.PICK_GROUPS)
    return View(say(words, "select-groups"), keyboard(*in_rows(names), paging, [_back(words)]))


def ask_batch(words: Words, plan: Plan) -> View:
    """Ask whether to do with several devices what is planned."""
    named = [say(words, "several-named", name=isolated(name)) for name in plan.names]
    more = plan.count - len(named)
    listed = lines(*named, say(words, "several-more", count=more) if more else None)
    if plan.action is Action.REVOKE:
        asked = lines(
            say(words, "several-revoke-ask", count=plan.count),
            say(words, "several-revoke-for-good", count=plan.count),
        )
        style = KeyboardButtonStyle.DANGER
        yes = tap(words("button-revoke-now"), Verb.CARRY_OUT, plan.id, style=style)
    else:
        asked = _regroup_question(words, plan)
        yes = tap(words("button-yes-regroup"), Verb.CARRY_OUT, plan.id)
    return View(blocks(asked, listed), keyboard([yes], [_back(words)]))


def batch_done(words: Words, done: Done) -> View:
    """Tell what came of it, and how many devices somebody else had revoked before."""
    already = say(words, "several-already", count=done.already_revoked) if done.already_revoked else None
    return View(paragraph(_outcome(words, done), already), keyboard([my_devices(words)]))


def _ask(words: Words, asked: Html, page: GroupPage, offered: Mapping[uuid.UUID, str], last: Row) -> View:
    how = say(words, "group-how" if page.names else "group-how-first")
    names = [tap(short(name), Verb.CHOOSE_GROUP, group_id) for group_id, name in offered.items()]
    paging = _paging(words, page, offered, Verb.TURN_GROUPS)
    return View(lines(asked, how), keyboard(*in_rows(names), paging, last))


def _paging(words: Words, page: GroupPage, offered: Mapping[uuid.UUID, str], verb: Verb) -> Row:
    ids, buttons = list(offered), []
    if page.has_previous:
        buttons.append(tap(words("button-previous"), verb, ids[0], Turn.PREVIOUS))
    if page.has_next:
        buttons.append(tap(words("button-next"), verb, ids[-1], Turn.NEXT))
    return buttons


def _mark(words: Words, device: ListedDevice, place: int, picked: Collection[uuid.UUID]) -> InlineKeyboardButton:
    """Return the button that picks a device or leaves it out; each says which, so that a second tap changes nothing."""
    key, verb = ("button-picked", Verb.UNPICK) if device.id in picked else ("button-unpicked", Verb.PICK)
    return tap(words(key, name=short(device.device_name)), verb, device.id, str(place))


def _regroup_question(words: Words, plan: Plan) -> Html:
    if plan.group_name is None:
        return say(words, "several-ungroup-ask", count=plan.count)
    return say(words, "several-regroup-ask", count=plan.count, group=isolated(plan.group_name))


def _outcome(words: Words, done: Done) -> Html:
    if not done.changed:
        return say(words, "several-unchanged")
    if done.action is Action.REVOKE:
        return say(words, "several-revoked", count=done.changed, at=moment(words, done.at, "T"))
    if done.group_name is None:
        return say(words, "several-ungrouped", count=done.changed)
    return say(words, "several-regrouped", count=done.changed, group=isolated(done.group_name))


def _no_group(words: Words) -> InlineKeyboardButton:
    return tap(words("button-no-group"), Verb.CHOOSE_GROUP)


def _back(words: Words) -> InlineKeyboardButton:
    return tap(words("button-back"), Verb.PICKS, extra=Listing.ACTIVE)
