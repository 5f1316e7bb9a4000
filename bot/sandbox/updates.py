"""The bot's queue of updates: numbered, kept for as long as Telegram keeps them, given out by id."""

import json
from bisect import insort
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bot.sandbox.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

MESSAGE_LIFETIME = 86_400.0  # seconds a message waits for its bot (Client.cpp, add_message_update)
CALLBACK_LIFETIME = 150.0  # seconds a callback query waits (Client.cpp, process_new_callback_query_queue)
FARTHEST_OFFSET = 10  # ids that may be missing between the next update and an offset
KINDS = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "message_reaction",
    "message_reaction_count",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "purchased_paid_media",
)
_BY_REQUEST_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
DEFAULT_ALLOWED = frozenset(KINDS) - _BY_REQUEST_ONLY


@dataclass(order=True)
class Update:
    """An update in the queue. `lane` is Telegram's webhook queue: within one, updates go one after the other."""

    number: int
    kind: str = field(compare=False)
    payload: dict[str, Any] = field(compare=False)
    expires_at: float = field(compare=False)
    lane: str = field(compare=False)
    again: bool = field(default=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return it as the Bot API sends it."""
        return {"update_id": self.number, self.kind: self.payload}


class Updates:
    """The queue, from which polling and webhook both take. `on_change` is called when something was added."""

    def __init__(self, clock: Clock, *, first: int = 1) -> None:
        self._clock = clock
        self._next = first
        self._waiting: list[Update] = []
        self._all: dict[int, Update] = {}
        self.allowed = DEFAULT_ALLOWED
        self.on_change: list[Callable[[], None]] = []

    def add(self, kind: str, payload: dict[str, Any], *, lifetime: float, lane: str) -> int | None:
        """Queue an update; return its id, or None when the bot did not ask for this kind."""
        if kind not in self.allowed:
            return None
        # a copy: what waits in the queue does not change with the message it tells of
        copied = json.loads(json.dumps(payload))
        return self._queue(Update(self._next, kind, copied, self._clock.now() + lifetime, lane))

    def inject(self, kind: str, payload: dict[str, Any], number: int | None = None) -> int:
        """Queue any update at all, with any id."""
        update = Update(number or self._next, kind, payload, self._clock.now() + MESSAGE_LIFETIME, "injected")
        return self._queue(replace(update, again=number is not None and number < self._next))

    def redeliver(self, number: int, *, fresh: bool = False) -> int:
        """Queue an update once more, with its own id or a fresh one. KeyError when there never was such an update.

        One with its own id is given to getUpdates once, whatever the offset.
        """
        update = self._all[number]
        lifetime = CALLBACK_LIFETIME if update.kind == "callback_query" else MESSAGE_LIFETIME
        expires_at = self._clock.now() + lifetime
        again = replace(update, expires_at=expires_at, again=not fresh)
        return self._queue(replace(again, number=self._next) if fresh else again)

    def _queue(self, update: Update) -> int:
        self._next = max(self._next, update.number + 1)
        self._all[update.number] = update
        insort(self._waiting, update)
        for changed in self.on_change:
            changed()
        return update.number

    def take(self, offset: int, limit: int) -> list[Update]:
        """Confirm all before `offset` and return up to `limit` of the rest; a negative one keeps only the last.

        One that is far ahead of every update confirms nothing (TQueue.cpp: "in the future").
        """
        self._forget_expired()
        if offset > self._next + FARTHEST_OFFSET:
            offset = 0
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset > 0:
            self._waiting = [update for update in self._waiting if update.again or update.number >= offset]
        taken = self._waiting[:limit]
        self._waiting = [update for update in self._waiting if not (update.again and update in taken)]
        return taken

    def waiting(self) -> list[Update]:
        """Return everything unconfirmed, oldest first."""
        self._forget_expired()
        return list(self._waiting)

    def remove(self, update: Update) -> None:
        """Confirm one update: a webhook took it, or it expired while it was retried."""
        self._waiting = [other for other in self._waiting if other is not update]

    def clear(self) -> None:
        """Forget everything unconfirmed (drop_pending_updates)."""
        self._waiting.clear()

    def _forget_expired(self) -> None:
        now = self._clock.now()
        self._waiting = [update for update in self._waiting if update.expires_at > now]
