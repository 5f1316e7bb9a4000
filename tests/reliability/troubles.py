"""What Telegram, people and the machine can do wrong, as dice can choose it, and what it is called in the figures."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.sandbox import Call, Sandbox

CALLS = ("sendMessage", "editMessageText", "deleteMessage", "answerCallbackQuery", "getUpdates", "*")
FAULTS: dict[str, dict[str, Any]] = {
    "flood": {},
    "server_error": {"applied": False},
    "server_error, applied": {"applied": True},
    "bad_gateway": {"applied": False},
    "bad_gateway, applied": {"applied": True},
    "bad_json": {"applied": False},
    "bad_json, applied": {"applied": True},
    "hang": {},
    "apply_and_hang": {},
    "drop_before": {},
    "drop_after": {},
    "not_found": {},
    "no_page": {},
    "unauthorized": {},
    "slow": {},
    "slow_start": {},
}
SECOND_POLLER, DEATH, CLOCK_JUMP, REPEATED, OLD, BLOCKED, CLEARED, GONE = (
    "second poller",
    "death",
    "clock jump",
    "repeated update",
    "days pass",
    "blocked",
    "chat deleted",
    "deactivated",
)
KINDS = (*FAULTS, SECOND_POLLER, DEATH, CLOCK_JUMP, REPEATED, OLD, BLOCKED, CLEARED, GONE)
"""Everything that can go wrong, each of which can also go wrong alone."""
WORDS = {
    "flood": "429, to wait up to 60 s",
    "server_error": "500, not carried out",
    "server_error, applied": "500, carried out",
    "bad_gateway": "502 and a page of HTML, not carried out",
    "bad_gateway, applied": "502 and a page of HTML, carried out",
    "bad_json": "half an answer, not carried out",
    "bad_json, applied": "half an answer, carried out",
    "hang": "hangs, not carried out",
    "apply_and_hang": "hangs, carried out",
    "drop_before": "connection dropped, not carried out",
    "drop_after": "connection dropped, carried out",
    "not_found": "404",
    "no_page": "404 and a proxy's page",
    "unauthorized": "401: the token is revoked",
    "slow": "slow answer",
    "slow_start": "slow to be carried out",
    SECOND_POLLER: "second poller (409)",
    DEATH: "bot killed",
    CLOCK_JUMP: "machine's clock set",
    REPEATED: "update repeated, the newest first",
    OLD: "days pass: messages too old to be deleted, updates repeated after a week",
    BLOCKED: "bot blocked",
    CLEARED: "chat deleted",
    GONE: "account deactivated",
}
PATIENT, LONGER_THAN_ANY_TIMEOUT = 0.3, 6.0
"""Real seconds that a call hangs: mostly few, for everything else would wait too."""


@dataclass(frozen=True)
class Trouble:
    """A fault, what it is about, and how often it comes."""

    fault: str
    method: str
    times: int
    retry_after: int
    seconds: float


troubles = st.builds(
    Trouble,
    fault=st.sampled_from([*FAULTS, SECOND_POLLER]),
    method=st.sampled_from(CALLS),
    times=st.integers(1, 3),
    retry_after=st.sampled_from([1, 1, 2, 5, 20, 60]),
    seconds=st.sampled_from([*[PATIENT] * 19, LONGER_THAN_ANY_TIMEOUT]),
)
sometimes = st.builds(lambda chance, trouble: trouble if chance == 0 else None, st.integers(0, 3), troubles)


async def order(trouble: Trouble, sandbox: Sandbox) -> None:
    """Let the trouble come."""
    if trouble.fault == SECOND_POLLER:
        await _poll_beside(sandbox)
        return
    kind, options = trouble.fault.partition(",")[0], dict(FAULTS[trouble.fault])
    if kind == "flood":
        options["retry_after"] = trouble.retry_after
    is_once = "hang" in kind and trouble.seconds > PATIENT
    if "hang" in kind or "slow" in kind:
        # a poll waits for its answer for longer than anybody here wants to
        options["seconds"] = PATIENT if trouble.method in {"getUpdates", "*"} else trouble.seconds
    sandbox.add_fault(trouble.method, kind, times=1 if is_once else trouble.times, **options)


async def _poll_beside(sandbox: Sandbox) -> None:
    """Let a second program poll with the same token."""
    address = f"{sandbox.url}/bot{sandbox.token}/getUpdates"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.1), aiohttp.ClientSession() as session:
            await session.post(address, json={"timeout": 1})


def count_met(calls: Iterable[Call]) -> Counter[str]:
    """Count what calls met: not what was ordered, which may never have come."""
    met: Counter[str] = Counter()
    for call in calls:
        if call.fault:
            applied = f"{call.fault}, applied"
            met[applied if call.applied and applied in FAULTS else call.fault] += 1
        elif call.status == 409:
            met[SECOND_POLLER] += 1
    return met
