"""What each kind of notice says, when it is sent."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.chat import views
from bot.chat.words import load_words
from bot.services.notices import NoticeKind

if TYPE_CHECKING:
    from bot.chat.context import Services
    from bot.chat.views import View
    from bot.chat.words import Words
    from storage.models import Notice


ACTS_OF_ADMINS = frozenset(
    {
        NoticeKind.SUSPENDED_BY_ADMIN,
        NoticeKind.RESUMED_BY_ADMIN,
        NoticeKind.ALL_REVOKED_BY_ADMIN,
        NoticeKind.FORGOTTEN_BY_ADMIN,
    }
)


async def draw(services: Services, notice: Notice) -> View | None:
    """Return the message a notice becomes, or None when what it tells is no longer there."""
    words = load_words(await services.clients.find_language(notice.telegram_id))
    if "handout_id" in notice.details:
        return await _draw_handout(services, notice, words)
    if notice.kind in ACTS_OF_ADMINS:
        return _draw_act(services, notice)
    if "client_name" in notice.details:
        return views.administration.client_unreachable(words, notice.details["client_name"])
    name = notice.details["device_name"]
    if notice.kind == NoticeKind.FIRST_LOGIN:
        device_id = uuid.UUID(notice.details["device_id"])
        return views.handouts.first_login(words, device_id, name, notice.details["address"])
    if notice.kind == NoticeKind.REVOKED_BY_ADMIN:
        revoked_at = datetime.fromtimestamp(notice.details["at"], UTC)
        return views.admin.owner_told(words, name, revoked_at, notice.details["reason"], services.contact)
    return views.admin.owner_unreachable(words, name)


def _draw_act(services: Services, notice: Notice) -> View:
    """Tell what an admin did with a client, in the language kept with it: its people may be known no longer."""
    details, contact = notice.details, services.contact
    words, at, reason = load_words(details["language"]), datetime.fromtimestamp(details["at"], UTC), details["reason"]
    match notice.kind:
        case NoticeKind.SUSPENDED_BY_ADMIN:
            return views.administration.told_suspended(words, at, reason, contact)
        case NoticeKind.RESUMED_BY_ADMIN:
            return views.administration.told_resumed(words, at, reason)
        case NoticeKind.ALL_REVOKED_BY_ADMIN:
            return views.administration.told_all_revoked(words, details["count"], at, reason, contact)
        case _:
            return views.administration.told_forgotten(words, at, reason, contact)


async def _draw_handout(services: Services, notice: Notice, words: Words) -> View | None:
    handout = await services.handouts.get(uuid.UUID(notice.details["handout_id"]))
    if handout is None:
        return None
    match notice.kind:
        case NoticeKind.HANDOUT_ENDED:
            return views.handouts.ended(words, handout)
        case NoticeKind.HANDOUT_FAILED_ADMIN:
            return views.admin.secret_stuck(words, handout)
        case _:
            return views.handouts.stuck(words, handout)
