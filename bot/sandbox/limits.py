"""Telegram's flood limits, as far as they are told: about one message a second in a chat, thirty in all.

Sends and edits share them; answers to taps and deletions are free. Off unless switched on: Telegram publishes no
exact numbers (tdlib/td #3034, telegram-bot-api #648), so all of them can be set.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.refusals import NotPossible, too_many_requests


@dataclass
class _Bucket:
    """A token bucket that is `level` full at the virtual second `at`."""

    level: float
    at: float


@dataclass
class Limits:
    """The numbers: messages, per second unless the name says otherwise; a burst is what may come at once."""

    clock: Clock = field(repr=False)
    enabled: bool = False
    per_chat: float = 1.0
    per_chat_burst: float = 5.0
    overall: float = 30.0
    overall_burst: float = 30.0
    group_per_minute: float = 20.0
    _buckets: dict[str, _Bucket] = field(default_factory=dict, repr=False)

    def set(self, **values: Any) -> dict[str, Any]:
        """Change some and return all; buckets are full again. NotPossible for unknown names and wrong values."""
        current = self.to_json()
        for name, value in values.items():
            if name not in current:
                raise NotPossible(f"There is no limit called {name}; known are {', '.join(current)}.")
            if isinstance(value, bool) != (name == "enabled") or not isinstance(value, bool | int | float):
                raise NotPossible(f"{name} must be {'true or false' if name == 'enabled' else 'a number'}.")
            if not isinstance(value, bool) and value <= 0:
                raise NotPossible(f"{name} must be above zero.")
        for name, value in values.items():
            setattr(self, name, value)
        self._buckets.clear()
        return self.to_json()

    def to_json(self) -> dict[str, Any]:
        """Return the numbers."""
        return {
            item.name: getattr(self, item.name)
            for item in fields(self)
            if item.name != "clock" and not item.name.startswith("_")
        }

    def spend(self, chat_id: int) -> None:
        """Count one send or edit in a chat. Refusal (429) when there were too many; it then does not count."""
        if not self.enabled:
            return
        rules = [("all", self.overall, self.overall_burst)]
        if chat_id < 0:
            rules.append((f"{chat_id}", self.group_per_minute / 60, self.group_per_minute))
        else:
            rules.append((f"{chat_id}", self.per_chat, self.per_chat_burst))
        buckets = [(self._filled(name, rate, burst), rate) for name, rate, burst in rules]
        wait = max((1 - bucket.level) / rate for bucket, rate in buckets)
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        for bucket, _ in buckets:
            bucket.level -= 1

    def _filled(self, name: str, rate: float, burst: float) -> _Bucket:
        now = self.clock.now()
        bucket = self._buckets.setdefault(name, _Bucket(burst, now))
        bucket.level = min(burst, bucket.level + (now - bucket.at) * rate)
        bucket.at = now
        return bucket
