"""Shows secrets and destroys them: carries out on Telegram what `services/handouts.py` says is due.

Whatever goes wrong with a showing ends in destruction. Destroying is an edit that takes the secret and its buttons
out of the message, then `deleteMessage`; never `deleteMessages`, which reports success for what it did not delete.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat import views
from bot.chat.bot_api import retry_seconds
from bot.chat.failures import is_records_away, report
from bot.chat.pacing import URGENT, WAITED, Rank
from bot.chat.screens import Screens
from bot.chat.views.keyboards import NO_BUTTONS
from bot.chat.views.markup import known
from bot.chat.words import find_words, load_words
from bot.services.handouts import CONFIRMATION_SHARE
from storage.models import Handout, HandoutState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable, Coroutine
    from datetime import datetime

    from telegram.ext import ExtBot

    from bot.chat.pacing import Pacer
    from bot.chat.views import View
    from bot.chat.words import Words
    from bot.services.clients import ClientService
    from bot.services.clock import Clock
    from bot.services.handouts import HandoutService
    from bot.services.hashing import Secret

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the database, which another process may have changed."""
REDACTION_TIME = 1.0
"""Seconds a redaction may take; after that the message is deleted without it."""
PARALLEL = 200
SHOW_PAUSES = (0.3, 0.7, 1.5, 3.0)
RETRY_PAUSES = (0.3, 0.7, 1.5, 3.0, 6.0, 12.0, 30.0)
BLOCKED_PAUSE = timedelta(hours=1)
"""How long to wait when a person blocked the bot; who unblocks it is not kept waiting."""
NOT_FOUND = ("message to edit not found", "message to delete not found", "message_id_invalid", "chat not found")
UNDELETABLE = ("message can't be deleted", "message_delete_forbidden")
NOT_MODIFIED = "message is not modified"


class Destroyer:
    """Looks for what is due and does it, many at a time, none waiting for another's trouble."""

    def __init__(
        self,
        bot: ExtBot[Any],
        handouts: HandoutService,
        clients: ClientService,
        pacer: Pacer,
        clock: Clock,
        *,
        on_change: Callable[[], None],
    ) -> None:
        self._bot = bot
        self._handouts = handouts
        self._clients = clients
        self._pacer = pacer
        self._clock = clock
        self._on_change = on_change
        self._wakened = asyncio.Event()
        self._under_way: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._ending: set[uuid.UUID] = set()
        """What is under way and done with on Telegram: it waits for the disk only, and keeps nobody from beginning."""
        self._showings: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._screens = Screens(clock, self._take_off)

    def wake(self) -> None:
        """Look for what is due now."""
        self._wakened.set()

    async def run(self) -> None:
        """Do what is due, when it is due, until cancelled."""
        while True:
            self._wakened.clear()
            looked_at = self._clock.now()
            try:
                await self._start_due()
                pause = await self._seconds_to_next(looked_at)
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody else destroys secrets
                report(log, "cannot look for secrets to destroy", error)
                pause = LOOK_EVERY
            await self._sleep(pause)

    async def finish(self, within: float) -> None:
        """Let what is under way be finished, for `within` seconds at most."""
        self._screens.close()
        tasks = {*self._under_way.values(), *self._showings.values()}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def is_idle(self) -> bool:
        """Tell whether nothing is under way and nothing is due."""
        return not (self._under_way or self._showings or await self._handouts.list_due([]))

    def show(self, handout: Handout, secret: Secret, words: Words) -> None:
        """Put the secret of an armed handout into its message, in the background."""
        self._screens.note(handout)
        view = views.handouts.shown(words, handout, secret)
        task = asyncio.get_running_loop().create_task(self._show(handout, view))
        self._showings[handout.id] = task
        task.add_done_callback(lambda _: self._showings.pop(handout.id, None))

    async def _show(self, handout: Handout, view: View) -> None:
        """Edit until it is confirmed, for a quarter of the showing time; otherwise throw the secret away."""
        time = self._handouts.secret_ttl.total_seconds() / CONFIRMATION_SHARE
        try:
            async with asyncio.timeout(self._clock.real(time)):
                is_settled = await self._edit_until_confirmed(handout, view)
                if is_settled:
                    await self._confirm(handout)
        except TimeoutError:
            is_settled = False
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody knows what was seen
            report(log, f"handout {handout.id} could not be shown", error)
            is_settled = False
        try:
            if not is_settled:
                await self._handouts.abandon(handout.id)
        except Exception as error:  # noqa: BLE001 - when its time has passed, the secret is thrown away all the same
            report(log, f"handout {handout.id} could not be thrown away yet", error)
        self.wake()

    async def _confirm(self, handout: Handout) -> None:
        """Note that the secret was seen; a database that is away for a moment is waited for."""
        attempt = 0
        while True:
            try:
                await self._handouts.confirm_shown(handout.id)
            except Exception as error:
                if not is_records_away(error):
                    raise
                await asyncio.sleep(SHOW_PAUSES[min(attempt, len(SHOW_PAUSES) - 1)])
                attempt += 1
            else:
                return

    async def _edit_until_confirmed(self, handout: Handout, view: View) -> bool:
        attempt = 0
        while True:
            try:
                await self._pacer.wait_for_turn(handout.chat_id, Rank.SHOWING)
                # after the wait, right before the edit: a secret is shown by the active bot only
                if not await self._is_wanted(handout):
                    return False
                await self._edit(handout, view, priority=WAITED)
            except RetryAfter as error:
                await self._clock.sleep(retry_seconds(error))
            except (BadRequest, Forbidden) as error:
                return NOT_MODIFIED in error.message.lower()
            except (NetworkError, InvalidToken):
                await asyncio.sleep(SHOW_PAUSES[min(attempt, len(SHOW_PAUSES) - 1)])
            else:
                return True
            attempt += 1

    async def _is_wanted(self, handout: Handout) -> bool:
        """Tell, right before an edit that carries a secret, whether it still is this process's to show."""
        if not await self._handouts.is_active():
            return False
        fresh = await self._handouts.get(handout.id)
        return fresh is not None and fresh.state == HandoutState.ARMED

    async def _edit(self, handout: Handout, view: View, *, priority: str | None = None) -> None:
        await self._bot.edit_message_text(
            view.text,
            chat_id=handout.chat_id,
            message_id=handout.message_id,
            reply_markup=view.keyboard or NO_BUTTONS,
            rate_limit_args=priority,
        )

    async def _delete(self, handout: Handout) -> None:
        await self._bot.delete_message(handout.chat_id, known(handout.message_id))

    async def _start_due(self) -> None:
        while (room := PARALLEL - len(self._under_way) + len(self._ending)) > 0:
            due = await self._handouts.list_due(list(self._under_way))
            if sum(handout.state == HandoutState.SHOWN for handout in due) > 1:
                # many at once: the disk is waited for once, not once for each
                await self._handouts.begin_due()
                continue
            for handout in due[:room]:
                begun = handout if handout.state == HandoutState.DESTROYING else None
                self._start(handout.id, self._carry_out(handout.id, begun))
            if not due:
                return

    def _start(self, handout_id: uuid.UUID, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._under_way[handout_id] = task
        task.add_done_callback(partial(self._forget, handout_id))

    def _forget(self, handout_id: uuid.UUID, _task: asyncio.Task[None]) -> None:
        self._under_way.pop(handout_id, None)
        self._ending.discard(handout_id)
        self.wake()

    async def _seconds_to_next(self, looked_at: datetime) -> float:
        # what came due since then may not have been seen
        upcoming = await self._handouts.find_next_attempt(looked_at)
        if upcoming is None:
            return LOOK_EVERY
        return min(LOOK_EVERY, self._clock.real((upcoming - self._clock.now()).total_seconds()))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._wakened.wait()
        except TimeoutError:
            pass

    async def _carry_out(self, handout_id: uuid.UUID, begun: Handout | None = None) -> None:
        handout = begun
        try:
            handout = begun or await self._handouts.advance(handout_id)
            if handout is None or handout.message_id is None:
                return
            if handout.state == HandoutState.DESTROYING:
                await self._destroy(handout)
            else:
                await self._take_card_away(handout)
            self._on_change()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next try may do better
            report(log, f"handout {handout_id} is tried again", error)
            if handout is not None and handout.state == HandoutState.DESTROYING:
                self._screens.note(handout)
            await asyncio.sleep(LOOK_EVERY)

    async def _destroy(self, handout: Handout) -> None:
        """Take the secret out of the message, then take the message away."""
        self._screens.rest(handout.id)
        if (showing := self._showings.get(handout.id)) is not None:
            showing.cancel()
        # at every attempt: a showing that timed out may have been applied after an earlier redaction
        redaction = await self._try(self._redact(handout))
        deletion = await self._try(self._delete(handout))
        if redaction is None and deletion is not None:
            await self._handouts.note_redacted(handout.id)
        await self._conclude(handout, redaction, deletion)

    async def _conclude(self, handout: Handout, redaction: Exception | None, deletion: Exception | None) -> None:
        self._ending.add(handout.id)
        self.wake()
        gone_at = self._screens.find_time(handout.id)
        if deletion is None or gone_at is not None:
            await self._handouts.mark_destroyed(handout.id, at=gone_at)
            self._screens.forget(handout.id)
        elif _is_missing(deletion) or (_is_refused(deletion) and redaction is not None and _is_missing(redaction)):
            if await self._handouts.note_missing(handout):
                await self._handouts.mark_destroyed(handout.id)
        elif _is_refused(deletion) and redaction is None:
            await self._handouts.mark_destroyed(handout.id)
        elif _is_refused(deletion) and isinstance(redaction, BadRequest):
            log.error("handout %s cannot be destroyed: %s", handout.id, deletion)
            await self._handouts.mark_failed(handout.id, str(deletion))
        else:
            await self._handouts.postpone(handout, str(deletion), _pause(handout, deletion))

    async def _take_off(self, handout: Handout) -> bool:
        """Remove the message of a secret whose time is up, without asking the records; tell whether it is gone."""
        if (showing := self._showings.get(handout.id)) is not None:
            showing.cancel()
        if await self._try(self._delete(handout)) is None:
            return True
        await self._try(self._edit(handout, views.handouts.removed(load_words(None)), priority=URGENT))
        return False

    async def _redact(self, handout: Handout) -> None:
        """Edit the secret out. Raises `TimeoutError` when the limits or the network do not let it happen at once."""
        self._check_room(handout)
        with self._pacer.announced():
            words = await find_words(self._clients, handout.chat_id)
        # others may have come first meanwhile
        self._check_room(handout)
        async with asyncio.timeout(REDACTION_TIME):
            await self._edit(handout, views.handouts.removed(words), priority=URGENT)

    def _check_room(self, handout: Handout) -> None:
        if self._pacer.urgent_delay(handout.chat_id) > REDACTION_TIME:
            raise TimeoutError("the rate limits leave no room for a redaction")

    async def _take_card_away(self, handout: Handout) -> None:
        """Redraw an expired card; delete one that another event made pointless. There is no secret in it."""
        words = load_words(await self._clients.find_language(handout.chat_id))
        if handout.state == HandoutState.EXPIRED:
            error = await self._try(self._edit(handout, views.handouts.closed_card(words, handout)))
        else:
            error = await self._try(self._delete(handout))
        if error is None or isinstance(error, (BadRequest, Forbidden)):
            await self._handouts.close_card(handout.id)
        else:
            await self._handouts.postpone(handout, str(error), _pause(handout, error))

    @staticmethod
    async def _try(call: Awaitable[object]) -> Exception | None:
        """Return what went wrong with a call; that the message is as wanted already is no fault."""
        try:
            await call
        except (TelegramError, TimeoutError) as error:
            return None if NOT_MODIFIED in str(error).lower() else error
        return None


def _is_missing(error: Exception) -> bool:
    return isinstance(error, BadRequest) and any(text in error.message.lower() for text in NOT_FOUND)


def _is_refused(error: Exception) -> bool:
    return isinstance(error, BadRequest) and any(text in error.message.lower() for text in UNDELETABLE)


def _pause(handout: Handout, error: Exception) -> timedelta:
    if isinstance(error, RetryAfter):
        return timedelta(seconds=retry_seconds(error))
    if isinstance(error, Forbidden):
        return BLOCKED_PAUSE
    return timedelta(seconds=RETRY_PAUSES[min(handout.attempts, len(RETRY_PAUSES) - 1)])
