"""Telegram's webhook: an update is answered once it is in the inbox, and not before."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import IntegrityError

from bot.web.problems import Problem, is_database_away

PATH = "/telegram/webhook"
MAX_UPDATE = 256 * 1024
"""Bytes. Telegram escapes what is not ASCII to six characters each, and a reply carries what it answers."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name

AcceptUpdates = Callable[[list[dict[str, Any]]], Awaitable[None]]


def webhook_routes(accept: Callable[[], AcceptUpdates | None], secret_token: str) -> APIRouter:
    """Return the route. `accept` gives what takes updates in, or None while this process is not the active bot."""
    router = APIRouter(include_in_schema=False)

    @router.post(PATH)
    async def receive_update(request: Request) -> Response:
        presented = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(presented.encode(), secret_token.encode()):
            raise Problem(403, "wrong_secret_token")
        take = accept()
        if take is None:
            raise Problem(503, "standing_by", retry_after=2)
        update = _parse(await request.body())
        try:
            await _take_in(take, update)
        except Exception as error:
            if is_database_away(error):
                # Telegram keeps the update and delivers it again
                raise Problem(503, "database_unavailable", retry_after=5) from None
            raise
        # empty: an answer with a field `method` would be carried out as a call
        return Response(status_code=200)

    return router


async def _take_in(take: AcceptUpdates, update: dict[str, Any]) -> None:
    try:
        await take([update])
    except IntegrityError:
        # it came twice at once, and the other one was faster: now it is known
        await take([update])


def _parse(body: bytes) -> dict[str, Any]:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "not_json") from None
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise Problem(400, "not_an_update")
    return update
