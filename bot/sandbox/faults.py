"""Faults to order: what can go wrong between a bot and Telegram, for the next calls of a method.

| fault | applied | what the bot sees |
|---|---|---|
| `flood` | no | 429 with `retry_after` |
| `server_error` | `applied` | 500 |
| `bad_gateway` | `applied` | 502 and a page of HTML, as from a proxy |
| `bad_json` | `applied` | 200 and JSON cut off in the middle |
| `hang` | no | nothing for `seconds` (an hour), then a closed connection |
| `apply_and_hang` | yes | the same |
| `drop_before` | no | a closed connection |
| `drop_after` | yes | a closed connection |
| `not_found`, `unauthorized`, `forbidden` | no | 404, 401, 403 |
| `no_page` | no | 404 and a page of HTML, as from a proxy that knows no such address |
| `refuse` | no | `code` (400) and `description` |
| `slow` | yes | the usual answer, `seconds` (1) late; it is applied at once |
| `slow_start` | yes | the usual answer; the call waits `seconds` before it is applied |
"""

from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.sandbox.refusals import NotPossible

KINDS = frozenset(
    {
        "flood",
        "server_error",
        "bad_gateway",
        "bad_json",
        "hang",
        "apply_and_hang",
        "drop_before",
        "drop_after",
        "not_found",
        "no_page",
        "unauthorized",
        "forbidden",
        "refuse",
        "slow",
        "slow_start",
    }
)
_AN_HOUR = 3600.0


@dataclass
class Fault:
    """One order. `times` None: until taken back. `chat` and `text_contains` narrow it down.

    `method` is one, or several with commas between them, or "*": any, getUpdates included.
    """

    method: str
    fault: str
    times: int | None = 1
    chat: int | None = None
    text_contains: str | None = None
    skip: int = 0
    retry_after: int = 1
    seconds: float = 0.0
    applied: bool = False
    code: int = 400
    description: str | None = None
    number: int = 0

    def __post_init__(self) -> None:
        if not self.seconds:
            self.seconds = _AN_HOUR if self.fault in {"hang", "apply_and_hang"} else 1.0

    def is_about(self, method: str) -> bool:
        """Tell whether it is ordered for a method."""
        return self.method == "*" or method.lower() in self.method.lower().split(",")

    def applies(self) -> bool:
        """Tell whether the call takes effect all the same."""
        return self.fault in {"apply_and_hang", "drop_after", "slow", "slow_start"} or self.applied

    def to_json(self) -> dict[str, Any]:
        """Return the order with its number as `id`."""
        told = asdict(self)
        told["id"] = told.pop("number")
        return told


class Faults:
    """The orders, oldest first; the first that fits a call is the one it meets."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._last = 0

    def add(self, method: str, fault: str, **options: Any) -> int:
        """Order a fault and return its number. NotPossible for an unknown kind or option."""
        known = {item.name for item in fields(Fault)} - {"number", "method", "fault"}
        if fault not in KINDS:
            raise NotPossible(f"There is no fault {fault}; known are {', '.join(sorted(KINDS))}.")
        if unknown := options.keys() - known:
            raise NotPossible(f"A fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}.")
        self._last += 1
        self._orders.append(Fault(method, fault, number=self._last, **options))
        return self._last

    def remove(self, number: int | None = None) -> None:
        """Take back one order, or all."""
        self._orders = [order for order in self._orders if number is not None and order.number != number]

    def to_json(self) -> list[dict[str, Any]]:
        """Return the orders that are still to come."""
        return [order.to_json() for order in self._orders]

    def take(self, method: str, chat: int | None, text: str) -> Fault | None:
        """Return the fault this call meets, and count it."""
        for order in self._orders:
            if not order.is_about(method) or order.chat not in {None, chat}:
                continue
            if order.text_contains is not None and order.text_contains not in text:
                continue
            if order.skip > 0:
                order.skip -= 1
                continue
            if order.times is not None:
                order.times -= 1
                if order.times <= 0:
                    self._orders.remove(order)
            return order
        return None
