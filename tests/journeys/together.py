"""Cases of one rule, all at once: what they wait for passes for all of them together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

Case = TypeVar("Case")

UNANSWERED: dict[str, tuple[str, dict[str, bool]]] = {
    "500": ("server_error", {}),
    "500 applied": ("server_error", {"applied": True}),
    "502": ("bad_gateway", {}),
    "502 applied": ("bad_gateway", {"applied": True}),
    "bad JSON": ("bad_json", {}),
    "bad JSON applied": ("bad_json", {"applied": True}),
    "dropped before": ("drop_before", {}),
    "dropped after": ("drop_after", {}),
}
"""The sandbox's faults, with their options, that leave the bot without an answer."""
APPLIED = {"500 applied", "502 applied", "bad JSON applied", "dropped after"}


async def for_each(cases: Iterable[Case], scenario: Callable[[Case], Awaitable[None]]) -> None:
    """Play a scenario for all cases at once; a failure names its case."""

    async def play(case: Case) -> None:
        try:
            await scenario(case)
        except BaseException as error:
            error.add_note(f"in the case {case!r}")
            raise

    async with asyncio.TaskGroup() as group:
        for case in cases:
            group.create_task(play(case))
