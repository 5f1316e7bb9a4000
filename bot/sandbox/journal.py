"""What happened in the sandbox, numbered from 1, and a way to wait for more without sleeping."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
KEPT = 20_000  # events for pages that reconnect; older ones are forgotten
UNSEEN = {"call", "answer", "action", "faults", "limits"}  # events that change nothing in a chat


@dataclass(frozen=True)
class Event:
    """One change: a message that came, changed or went, a call, the answer to a tap, the bot's process."""

    number: int
    kind: str
    details: dict[str, Any]


class Journal:
    """The numbered events, and the bells that ring with each: who waits for a chat is not woken by every other one."""

    def __init__(self) -> None:
        self.last = 0
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._waiting: dict[int | None, set[asyncio.Future[None]]] = {}

    def record(self, kind: str, **details: Any) -> None:
        """Add an event and wake everybody whom it may concern."""
        self.last += 1
        self._events.append(Event(self.last, kind, details))
        if kind in UNSEEN:
            self.ring()
        elif "chat_id" in details:
            self._wake((None, details["chat_id"]))
        else:
            self._wake(list(self._waiting))

    def ring(self) -> None:
        """Wake everybody who waits for anything, to look again."""
        self._wake((None,))

    def _wake(self, chats: Iterable[int | None]) -> None:
        for chat in chats:
            for future in self._waiting.pop(chat, ()):
                if not future.done():
                    future.set_result(None)

    def since(self, number: int) -> list[Event]:
        """Return the events behind `number`, oldest first."""
        if number >= self.last:
            return []
        return [event for event in self._events if event.number > number]

    def has_forgotten(self, number: int) -> bool:
        """Tell whether events behind `number` are no longer known, or were never: the sandbox restarted."""
        return number > self.last or (bool(self._events) and self._events[0].number > number + 1)

    async def until(
        self,
        look: Callable[[], T | None],
        timeout: float,  # noqa: ASYNC109 - part of the control interface
        *,
        chat: int | None = None,
    ) -> T | None:
        """Return the first result of `look` that is not None, None after `timeout` real seconds.

        It looks after every event; with a chat, only after those that may have changed what is seen there.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (found := look()) is None and loop.time() < deadline:
            bell: asyncio.Future[None] = loop.create_future()
            self._waiting.setdefault(chat, set()).add(bell)
            await asyncio.wait({bell}, timeout=max(0.0, deadline - loop.time()))
            if not bell.done():
                self._waiting[chat].discard(bell)
        return found
