"""Sends what is owed: receipts and other notices, at least once, in order per person."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.chat import notices
from bot.chat.bot_api import retry_seconds
from bot.chat.failures import is_records_away, report
from bot.chat.pacing import LATER
from bot.chat.views.keyboards import NO_BUTTONS
from bot.services import metrics

if TYPE_CHECKING:
    from telegram.ext import ExtBot

    from bot.chat.context import Services
    from bot.chat.views import View
    from bot.services.notices import NoticeService
    from storage.models import Notice

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the database, which another process may have changed."""
COUNT_EVERY = 5.0
"""Seconds between two counts of what is owed."""
PARALLEL = 50
AS_IT_IS = ("message is not modified", "message to edit not found", "message can't be edited")
"""What Telegram says of a message that need not, or cannot, be redrawn: its reader deleted it, for example."""
GONE = ("chat not found", "private chat not found", "user not found")


class Notifier:
    """Looks for notices that are due and sends them."""

    def __init__(self, bot: ExtBot[Any], owed: NoticeService, services: Services) -> None:
        self._bot = bot
        self._owed = owed
        self._services = services
        self._wakened = asyncio.Event()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._count_at = 0.0

    def wake(self) -> None:
        """Look for what is due now."""
        self._wakened.set()

    async def resume(self) -> None:
        """Have what the active bot before this one was about to send."""
        await self._owed.take_over()

    async def run(self) -> None:
        """Send what is owed until cancelled."""
        while True:
            self._wakened.clear()
            try:
                await self._start_due()
                await self._count_owed()
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody else sends notices
                report(log, "cannot look for notices", error)
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._wakened.wait()
            except TimeoutError:
                pass

    async def finish(self, within: float) -> None:
        """Let what is under way be finished, for `within` seconds at most."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def is_idle(self) -> bool:
        """Tell whether nothing is under way and nothing is due."""
        return not (self._under_way or await self._owed.has_due())

    async def _count_owed(self) -> None:
        """Say now and then how much is owed; not at every look, because a busy bot looks often."""
        now = asyncio.get_running_loop().time()
        if now >= self._count_at:
            self._count_at = now + COUNT_EVERY
            metrics.NOTICES_OWED.set(await self._owed.count())

    async def _start_due(self) -> None:
        people = list(self._under_way)
        # to look costs nearly nothing, to claim waits for the disk
        if len(people) >= PARALLEL or not await self._owed.has_due(people):
            return
        for notice in await self._owed.claim_due(people):
            # one at a time for each person, so that they arrive in the order in which things happened
            task = asyncio.get_running_loop().create_task(self._deliver(notice))
            self._under_way[notice.telegram_id] = task
            task.add_done_callback(partial(self._forget, notice.telegram_id))

    def _forget(self, person: int, _task: asyncio.Task[None]) -> None:
        self._under_way.pop(person, None)
        self.wake()

    async def _deliver(self, notice: Notice) -> None:
        try:
            try:
                await self._send(notice)
            except Exception as error:
                if is_records_away(error):
                    raise
                # one that cannot be drawn keeps none of the others waiting
                report(log, f"notice {notice.id} ({notice.kind}) is tried again", error)
                await self._owed.postpone(notice, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - it still is owed
            report(log, f"notice {notice.id} waits for the database", error)
            await asyncio.sleep(LOOK_EVERY)

    async def _send(self, notice: Notice) -> None:
        view = await notices.draw(self._services, notice)
        try:
            message_id = None if view is None else await self._put(notice, view)
        except RetryAfter as error:
            await self._owed.postpone(notice, str(error), timedelta(seconds=retry_seconds(error)))
        except Forbidden as error:
            await self._services.clients.note_reachable(notice.telegram_id, reachable=False)
            await self._owed.drop(notice, str(error))
        except BadRequest as error:
            await self._refuse(notice, error)
        except TelegramError as error:
            await self._owed.postpone(notice, str(error))
        else:
            await self._owed.mark_sent(notice, message_id)

    async def _put(self, notice: Notice, view: View) -> int | None:
        """Send a notice, or redraw the message of an earlier one; return in which message it stands."""
        if "redraws" in notice.details:
            return await self._redraw(notice, view)
        message = await self._bot.send_message(
            notice.telegram_id,
            view.text,
            reply_markup=view.keyboard,
            disable_notification=view.silent or None,
            rate_limit_args=LATER,
        )
        return message.message_id

    async def _redraw(self, notice: Notice, view: View) -> int | None:
        message_id = await self._owed.find_message(uuid.UUID(notice.details["redraws"]))
        if message_id is None:
            # what is still to be sent will say by itself how things are
            return None
        try:
            await self._bot.edit_message_text(
                view.text,
                chat_id=notice.telegram_id,
                message_id=message_id,
                reply_markup=view.keyboard or NO_BUTTONS,
                rate_limit_args=LATER,
            )
        except BadRequest as error:
            if not any(text in error.message.lower() for text in AS_IT_IS):
                raise
        return message_id

    async def _refuse(self, notice: Notice, error: BadRequest) -> None:
        if any(text in error.message.lower() for text in GONE):
            await self._owed.drop(notice, str(error))
            return
        log.error("notice %s (%s) was refused: %s", notice.id, notice.kind, error)
        await self._owed.postpone(notice, str(error))
