"""What Telegram can do wrong, as dice can choose it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections import Counter

    from bot.sandbox import Sandbox

CALLS = ("sendMessage", "editMessageText", "deleteMessage", "answerCallbackQuery", "getUpdates", "*")
SECOND_POLLER = "second poller"
FAULTS: dict[str, dict[str, Any]] = {
    "flood": {},
    "server_error": {"applied": False},
    "server_error, applied": {"applied": True},
    "bad_gateway": {"applied": False},
    "bad_gateway, applied": {"applied": True},
    "bad_json": {"applied": True},
    "hang": {"seconds": 2.0},
    "apply_and_hang": {"seconds": 2.0},
    "drop_before": {},
    "drop_after": {},
    "not_found": {},
    "unauthorized": {},
    "slow": {"seconds": 0.5},
    "slow_start": {"seconds": 0.5},
}


@dataclass(frozen=True)
class Trouble:
    """A fault, what it is about, and how often it comes."""

    fault: str
    method: str
    times: int
    retry_after: int


troubles = st.builds(
    Trouble,
    fault=st.sampled_from([*FAULTS, SECOND_POLLER]),
    method=st.sampled_from(CALLS),
    times=st.integers(1, 3),
    retry_after=st.sampled_from([1, 1, 2, 5, 20, 60]),
)


async def order(trouble: Trouble, sandbox: Sandbox, counter: Counter[str]) -> None:
    """Let the trouble come."""
    if trouble.fault == SECOND_POLLER:
        counter[trouble.fault] += 1
        await _poll_beside(sandbox)
        return
    options = dict(FAULTS[trouble.fault])
    kind = trouble.fault.partition(",")[0]
    if kind == "flood":
        options["retry_after"] = trouble.retry_after
    sandbox.add_fault(trouble.method, kind, times=trouble.times, **options)
    counter[trouble.fault] += trouble.times


async def _poll_beside(sandbox: Sandbox) -> None:
    """Let a second program poll with the same token."""
    address = f"{sandbox.url}/bot{sandbox.token}/getUpdates"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.1), aiohttp.ClientSession() as session:
            await session.post(address, json={"timeout": 1})
