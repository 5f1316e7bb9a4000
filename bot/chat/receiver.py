"""Updates in: at least once, each with the effect of one, in order per person, parallel across people.

An update is kept in the inbox before it is confirmed to Telegram, and done with only when its sender was answered. What
a crash leaves in the inbox is handled first thing after the start.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
from collections import deque
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.chat import buttons, views
from bot.chat.bot_api import POLL_TIMEOUT, RegistryBot, retry_seconds
from bot.chat.context import PROCESSING, Processing, Tap
from bot.chat.failures import is_records_away
from bot.chat.reduction import position_of, reduce_update
from bot.chat.restoration import restore_update
from bot.chat.views import commands
from bot.chat.waiting import Waiting
from bot.chat.words import find_words, load_words
from bot.logs import begin_update
from bot.services import metrics
from bot.services.errors import Overloaded
from bot.services.hashing import CREATION_THREADS
from storage.turns import Turns, begin_work

if TYPE_CHECKING:
    from bot.chat.context import Handler, Services
    from bot.chat.persistence import QuestionPersistence
    from bot.chat.words import Words
    from bot.services.clients import Person
    from bot.services.inbox import InboxService, Received

log = logging.getLogger(__name__)

AT_A_TIME = 20
"""Updates that are kept in one transaction."""
PARALLEL = 256
PENDING_PER_PERSON = 20
PENDING_IN_ALL = 5000
FULL_PAUSE = timedelta(seconds=1)
"""After how long Telegram may deliver again when that many are pending."""
HANDLER_TIME = 10.0
"""Seconds a handler may take, without its waits for a turn at the rate limit; longer work goes on as a notice or a
handout.
"""
ATTEMPTS = 4
LONGEST_PAUSE = 60.0
TELL_EVERY = 5.0
"""Seconds between two messages that ask somebody to slow down; each tap is answered all the same."""
STALE_AFTER = 90.0
"""Seconds without a successful poll after which the bot counts as not receiving."""


class Receiver:
    """Fetches, keeps and hands out updates."""

    def __init__(
        self,
        application: Handler,
        bot: RegistryBot,
        services: Services,
        inbox: InboxService,
        persistence: QuestionPersistence,
    ) -> None:
        self._application = application
        self._bot = bot
        self._inbox = inbox
        self._persistence = persistence
        self._services = services
        self._clock = services.clock
        self._queues: dict[int, deque[tuple[Received, Tap | None]]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._turns = Turns()
        self._places = asyncio.Semaphore(PARALLEL)
        self._hashing_places = asyncio.Semaphore(CREATION_THREADS + 1)
        self._pending = 0
        self._drained = asyncio.Event()
        self._polled_at: float | None = None
        self.trouble: str | None = "not started"
        self.dropped = 0
        self._told_at: dict[int, float] = {}
        self._waiting = Waiting(bot, _tell_to_wait)

    @property
    def _is_full(self) -> bool:
        return self._pending >= PENDING_IN_ALL

    @property
    def is_healthy(self) -> bool:
        """Tell whether a poll succeeded lately; `trouble` says what is wrong otherwise."""
        return self._polled_at is not None and self._clock.monotonic() - self._polled_at < STALE_AFTER

    async def resume(self) -> None:
        """Take up what an earlier run received and did not finish."""
        for received in await self._inbox.list_unhandled():
            self._enqueue(received)

    async def poll(self) -> None:
        """Fetch updates until cancelled. No error of Telegram or of the network ends it."""
        offset: int | None = None
        pause = 0.0
        while True:
            try:
                # the first comes back at once: only then is it known that updates arrive
                batch = await self._bot.fetch_updates(offset, POLL_TIMEOUT if self.is_healthy else 0)
                await self.accept(batch)
                self._note_success()
                # ids begin again, lower, after a week without updates: the last batch counts, not the highest ever
                offset = max((position + 1 for update in batch if (position := position_of(update))), default=offset)
                pause = 0.0
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the next poll may succeed, and nothing else polls
                pause = await self._recover(error, pause)
                await self._clock.sleep(pause)
            await self._wait_for_room()

    async def take_in(self, batch: list[dict[str, Any]]) -> None:
        """Accept what Telegram delivers. Raises `Overloaded` when too much waits already: it comes again later."""
        if self._is_full:
            raise Overloaded(FULL_PAUSE)
        await self.accept(batch)

    async def accept(self, batch: list[dict[str, Any]]) -> None:
        """Keep updates in the inbox, and queue those that are new: a few at a time, or everybody waited meanwhile."""
        for start in range(0, len(batch), AT_A_TIME):
            await self._accept(batch[start : start + AT_A_TIME])

    async def _accept(self, batch: list[dict[str, Any]]) -> None:
        reduced = [reduce_update(update, self._bot.id, self._services.pasted.identify) for update in batch]
        wanted = [update for update in reduced if update is not None]
        async with self._waiting.watch(wanted):
            new = await self._inbox.receive(wanted)
        for received in new:
            _count(received)
            self._enqueue(received)

    async def finish(self, within: float) -> None:
        """Let the updates in hand be finished, for `within` seconds at most; the rest stays in the inbox."""
        if self._workers:
            _, late = await asyncio.wait(self._workers, timeout=within)
            for worker in late:
                worker.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _note_success(self) -> None:
        if self.trouble is not None:
            log.info("receiving updates")
        self.trouble = None
        self._polled_at = self._clock.monotonic()

    def note_webhook(self) -> None:
        """Note that Telegram calls: there is nothing to watch but its calls."""
        self.trouble = None
        self._polled_at = math.inf

    def note_trouble(self, trouble: str) -> None:
        """Note, and log when it is news, why no updates come."""
        if trouble != self.trouble:
            log.warning("%s", trouble)
        self.trouble = trouble

    async def _recover(self, error: Exception, pause: float) -> float:
        """Say what is wrong, mend what can be mended, and return how many seconds to wait."""
        pause = min(max(1.0, pause * 2), 30.0)
        match error:
            case RetryAfter():
                trouble, pause = "Telegram asks to wait", retry_seconds(error)
            case Conflict() if "webhook" in error.message.lower():
                trouble = "a webhook is set; removing it"
                with contextlib.suppress(TelegramError):
                    await self._bot.delete_webhook()
            case Conflict():
                trouble = "another program polls with the same BOT_TOKEN; stop it"
            case InvalidToken():
                trouble = "Telegram does not accept BOT_TOKEN; was it revoked? Set the one @BotFather shows now"
            case NetworkError():
                trouble = f"Telegram cannot be reached: {error.message}"
            case _ if is_records_away(error):
                trouble = "the database cannot be written; updates wait at Telegram"
            case _:
                trouble = f"receiving failed: {type(error).__name__}: {error}"
        self.note_trouble(trouble)
        return pause

    async def _wait_for_room(self) -> None:
        while self._is_full:
            self._drained.clear()
            await self._drained.wait()

    def _enqueue(self, received: Received) -> None:
        queue = self._queues.get(received.person)
        if queue is not None and len(queue) >= PENDING_PER_PERSON:
            self._start(self._turn_away(received))
            return
        query = received.body.get("callback_query")
        tap = Tap(self._bot, query["id"]) if query else None
        self._pending += 1
        if queue is None:
            queue = self._queues[received.person] = deque()
            queue.append((received, tap))
            self._start(self._work(received.person, queue))
        else:
            queue.append((received, tap))

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._workers.add(task)
        task.add_done_callback(self._workers.discard)

    async def _work(self, person: int, queue: deque[tuple[Received, Tap | None]]) -> None:
        """Handle one person's updates, one after the other, as long as there are any."""
        handled: tuple[int, str] | None = None
        try:
            while queue:
                received, tap = queue[0]
                begin_update(received.position)
                begin_work()
                # a tap that came while the same one was handled is a double tap: the first one counts
                is_spared = _is_overtaken(queue) or (handled is not None and _tapped(received) == handled)
                async with self._places_for(received):
                    await self._handle(received, tap, is_spared=is_spared)
                handled = handled if is_spared else _tapped(received)
                queue.popleft()
                self._pending -= 1
                self._drained.set()
        finally:
            self._pending -= len(queue)
            del self._queues[person]

    def _places_for(self, received: Received) -> asyncio.Semaphore:
        """Return who goes on with this one: few more than can be hashed at once ask for a secret."""
        # each of many would take its share of the event loop only to wait for a hash, and everybody else would wait too
        return self._hashing_places if _tapped_verb(received) is buttons.Verb.SHOW_SECRET else self._places

    async def _handle(self, received: Received, tap: Tap | None, *, is_spared: bool) -> None:
        if not is_spared:
            await self._process(received, tap)
        if tap is not None:
            await tap.finish()
        await self._mark_handled(received.source)

    async def _process(self, received: Received, tap: Tap | None) -> None:
        """Let the handlers have the update, again when it fails for a reason that may pass; then apologise."""
        person: Person | None = None
        error: Exception | None = None
        for attempt in range(ATTEMPTS):
            processing = await self._attempt(received, tap)
            person, error = processing.person or person, processing.error
            pause = _pause_after(error, attempt)
            if pause is None:
                break
            await self._clock.sleep(pause)
        if error is not None and not isinstance(error, Forbidden):
            await self._apologise(error, received, tap, person)

    async def _attempt(self, received: Received, tap: Tap | None) -> Processing:
        processing = Processing(received.source, self._services, tap)
        # a batch is not begun all at once: one update an iteration of the loop
        await self._turns.take()
        token = PROCESSING.set(processing)
        try:
            async with asyncio.timeout(HANDLER_TIME) as processing.limit:
                await self._application.process_update(restore_update(received.body, self._bot))
                await self._application.update_persistence()
                self._persistence.raise_failure()
        except Exception as error:  # noqa: BLE001 - it is reported by `_process`, which knows whom to tell
            processing.error = error
        finally:
            PROCESSING.reset(token)
        return processing

    async def _apologise(self, error: Exception, received: Received, tap: Tap | None, person: Person | None) -> None:
        metrics.TELEGRAM_ERRORS.inc()
        words = await self._find_words(received) if person is None else load_words(person.language)
        if is_records_away(error):
            number, toast = None, views.toasts.records_away(words)
        else:
            number = secrets.token_hex(3).upper()
            toast = views.toasts.apology(words, number)
        log.error(
            "update %s failed (%s): %s", received.source, number or "database", type(error).__name__, exc_info=error
        )
        if tap is not None and tap.answer(toast.text, alert=toast.alert):
            return
        if _is_private(received):
            with contextlib.suppress(TelegramError):
                await self._bot.send_message(received.person, toast.text, parse_mode=None)

    async def _turn_away(self, received: Received) -> None:
        """Tell somebody who sends faster than they can be answered that this one was not handled."""
        self.dropped += 1
        metrics.UPDATES_TURNED_AWAY.inc()
        view = views.general.slow_down(await self._find_words(received))
        query = received.body.get("callback_query")
        if query:
            tap = Tap(self._bot, query["id"])
            tap.answer(view.text)
            await tap.finish()
        elif _is_private(received) and self._may_tell(received.person):
            with contextlib.suppress(TelegramError):
                await self._bot.send_message(received.person, view.text)
        await self._mark_handled(received.source)

    async def _find_words(self, received: Received) -> Words:
        """Return the words that the sender of an update reads."""
        return await find_words(self._services.clients, received.person, _language(received.body))

    def _may_tell(self, person: int) -> bool:
        """Tell whether a person who sends too much has not been told so within the last seconds."""
        now = self._clock.monotonic()
        self._told_at = {who: at for who, at in self._told_at.items() if now - at < TELL_EVERY}
        return self._told_at.setdefault(person, now) == now

    async def _mark_handled(self, source: str) -> None:
        """Note that an update is done with. It must not come back, so the database is waited for."""
        pause = 0.5
        while True:
            try:
                await self._inbox.mark_handled(source)
            except Exception as error:  # noqa: BLE001 - whatever it is, this person's next update waits for it
                log.warning("cannot note that update %s was handled: %s", source, type(error).__name__)
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return


def _tell_to_wait(received: Received) -> str | None:
    """Return what somebody reads whose update cannot be kept yet."""
    return views.toasts.records_wait(load_words(_language(received.body))).text if _is_private(received) else None


def _tapped(received: Received) -> tuple[int, str] | None:
    """Return which button was tapped, None when the update is no tap on a message."""
    query = received.body.get("callback_query") or {}
    message_id: int | None = query.get("message", {}).get("message_id")
    return None if message_id is None else (message_id, query["data"])


def _count(received: Received) -> None:
    """Count an update that is new. Names are those that we know: whoever makes some up makes no new time series."""
    (kind,) = received.body.keys() - {"update_id"}
    metrics.TELEGRAM_UPDATES.labels(type=kind).inc()
    said = received.body.get("message") or {}
    first = next((entity for entity in said.get("entities") or () if entity["offset"] == 0), None)
    if first is not None:
        name = said["text"][1 : first["length"]].partition("@")[0].lower()
        metrics.TELEGRAM_COMMANDS.labels(name=name if name in commands.KNOWN else "other").inc()


def _is_overtaken(queue: deque[tuple[Received, Tap | None]]) -> bool:
    """Tell whether the first update only changes what a message shows, and a later one in the queue does so again."""
    first = _leafed_message(queue[0][0])
    return first is not None and any(_leafed_message(received) == first for received, _ in islice(queue, 1, None))


def _leafed_message(received: Received) -> int | None:
    tapped = _tapped(received)
    return tapped[0] if tapped is not None and _tapped_verb(received) in buttons.LEAFING else None


def _tapped_verb(received: Received) -> buttons.Verb | None:
    query = received.body.get("callback_query") or {}
    tap = buttons.decode(query.get("data", ""))
    return None if tap is None else tap.verb


def _pause_after(error: Exception | None, attempt: int) -> float | None:
    """Return how many seconds to wait before an update is handled again, or None when it is not."""
    if error is None or attempt == ATTEMPTS - 1:
        return None
    if isinstance(error, RetryAfter):
        return min(retry_seconds(error), LONGEST_PAUSE)
    may_pass = isinstance(error, NetworkError) and not isinstance(error, BadRequest)
    return 0.5 * float(2**attempt) if may_pass or is_records_away(error) else None


def _is_private(received: Received) -> bool:
    """Tell whether something was said or tapped where its sender alone reads the answer."""
    said = received.body.get("message") or (received.body.get("callback_query") or {}).get("message") or {}
    return bool(said.get("chat", {}).get("id") == received.person)


def _language(body: dict[str, Any]) -> str | None:
    for part in body.values():
        if isinstance(part, dict) and "from" in part:
            language: str | None = part["from"].get("language_code")
            return language
    return None
