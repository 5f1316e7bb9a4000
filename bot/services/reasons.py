"""Why an admin acted: the reason as it is kept, and telling the people whom it concerns."""

from __future__ import annotations

import unicodedata
import uuid
from typing import TYPE_CHECKING

from bot.services.hashing import contains_secret
from bot.services.notices import NoticeKind, owe
from storage import clients

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.models import Client

REASON_LENGTH = 200
"""Characters of a reason that are kept."""


def clean_reason(reason: str | None) -> str | None:
    """Return the reason on one line, cut visibly at 200 characters; None for nothing, or with a secret in it."""
    printable = "".join(c for c in reason or "" if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})
    text = " ".join(printable.split())
    if not text or contains_secret(text):
        return None
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


async def tell_people_of_admin(
    session: AsyncSession,
    client: Client,
    kind: NoticeKind,
    actor: str,
    now: datetime,
    *,
    reason: str | None,
    **details: object,
) -> None:
    """Owe the client's people a notice of what an admin did, in the admin's transaction.

    Nobody is told when the actor is one of them, or nobody in chat. The language is kept with the notice: it may be
    sent when the person is no longer known.
    """
    kind_of_actor, _, admin_id = actor.partition(":")
    people = await clients.list_chat_users(session, client.id)
    if kind_of_actor != "chat" or int(admin_id) in {person.telegram_id for person in people}:
        return
    act = uuid.uuid4().hex
    for person in people:
        owe(
            session,
            person.telegram_id,
            kind,
            act,
            now,
            reason=reason,
            at=now.timestamp(),
            told_by=int(admin_id),
            client_name=client.name,
            language=person.language,
            **details,
        )
