"""Time goes wrong: the machine's clock is set, a week passes, messages get too old to be deleted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from storage.models import HandoutState
from tests.journeys.people import SECRET
from tests.journeys.running import SECRET_TTL
from tests.reliability import invariants
from tests.reliability.flows import see_any
from tests.reliability.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.journeys.people import Registered, Trader
    from tests.reliability.lives import Nursery
    from tests.reliability.stage import Stage

HOUR, DAY = 3600.0, 86400.0
TOO_OLD = 49 * HOUR
"""Telegram lets a bot delete a message for 48 hours."""


async def set_back_while_running(stage: Stage) -> None:
    """A secret is shown, and the clock is set back by an hour: the secret does not stay for that hour."""
    anna, opened = await _shown(stage)
    stage.set_clock(-HOUR)
    await _is_gone_in_time(stage, anna, opened)


async def set_ahead_while_running(stage: Stage) -> None:
    """A secret is shown, and the clock is set ahead: the secret is gone at once."""
    anna, opened = await _shown(stage)
    stage.set_clock(HOUR)
    await _is_gone_in_time(stage, anna, opened, within=3.0)


async def set_back_between_two_lives(stage: Stage) -> None:
    """A secret is shown, the bot dies, the clock is set back: the next life removes it first thing."""
    anna, opened = await _shown(stage)
    await stage.bot.kill()
    stage.set_clock(-HOUR)
    await stage.revive()
    await _is_gone_in_time(stage, anna, opened)


async def set_back_amid_a_destruction(stage: Stage) -> None:
    """The bot dies while it destroys a secret, the clock is set back: the next life goes on at once."""
    anna, opened = await _shown(stage)
    stage.sandbox.add_fault("editMessageText,deleteMessage", "drop_before", times=None, chat=anna.id)
    stage.sandbox.tap(anna.id, "I saved it", message_id=opened.card.message_id)
    await stage.until_state(anna, HandoutState.DESTROYING)
    await stage.bot.kill()
    stage.sandbox.remove_faults()
    stage.set_clock(-HOUR)
    await stage.revive()
    await _is_gone_in_time(stage, anna, opened, within=invariants.GONE_WITHIN)


async def two_days_pass(stage: Stage) -> None:
    """A secret is shown, and the bot is dead until the message cannot be deleted any more: it is edited out."""
    anna, opened = await _shown(stage)
    await stage.bot.kill()
    _pass(stage, TOO_OLD)
    await stage.revive()
    await see_any(anna, "is registered")
    await stage.until_quiet(anna.id)
    assert [look.text for look in invariants.looks(stage, anna) if look.message_id == opened.card.message_id][
        -1
    ].startswith("🔒")
    assert not [text for text in anna.screen() if SECRET.search(text)]


async def a_week_passes(stage: Stage) -> None:
    """Everything that anybody sent comes again when it was forgotten that it came before: it changes nothing."""
    anna = await stage.trader()
    registered = await anna.register("VPS-1")
    await anna.follow("Rename", "Send me the new name for", await anna.open_card("VPS-1"))
    await anna.ask("Frankfurt", "is now called")
    await anna.register("VPS-2")
    await anna.follow("Revoke", "for good.", await anna.open_card("VPS-2"))
    await anna.follow("Yes, revoke", "is revoked since")
    card = await anna.take_card("VPS-3")
    await anna.tap("Cancel", card)
    await stage.until_quiet(anna.id)
    _pass(stage, 8 * DAY)
    await stage.bot.kill()
    await stage.revive()
    await anna.fence()
    await stage.until_quiet(anna.id)
    before = [
        (row.id, row.device_name, row.revoked, row.secret_generation, row.live_at) for row in await stage.rows(anna)
    ]
    updates = list(stage.sandbox.world.updates._all.items())
    for number, update in updates:
        if (update.payload.get("from") or {}).get("id") == anna.id:
            stage.sandbox.redeliver(number, fresh=True)
    await anna.fence()
    await stage.until_quiet(anna.id)
    after = [
        (row.id, row.device_name, row.revoked, row.secret_generation, row.live_at) for row in await stage.rows(anna)
    ]
    assert sorted(before) == sorted(after), "what came again after a week had an effect"
    assert len(invariants.sent(stage.sandbox.calls)) >= 2
    devices = {row.id: row for row in await stage.owned(anna)}
    assert invariants.opens(devices[registered.id], registered.secret)


TROUBLES: tuple[Callable[[Stage], Awaitable[None]], ...] = (
    set_back_while_running,
    set_ahead_while_running,
    set_back_between_two_lives,
    set_back_amid_a_destruction,
    two_days_pass,
    a_week_passes,
)


async def run_untimely(
    kind: str, trouble: Callable[[Stage], Awaitable[None]], *, nursery: Nursery | None = None
) -> None:
    """Let one of the troubles happen to a bot of its own."""
    async with open_stage(kind, nursery=nursery) as stage:
        await trouble(stage)


async def _shown(stage: Stage) -> tuple[Trader, Registered]:
    anna = await stage.trader()
    opened = await anna.open_secret("VPS-1")
    await stage.until_state(anna, HandoutState.SHOWN)
    return anna, opened


async def _is_gone_in_time(stage: Stage, anna: Trader, opened: Registered, *, within: float = SECRET_TTL + 2.0) -> None:
    began = stage.sandbox.world.clock.real()
    await anna.misses(opened.secret, timeout=within + 5)
    [look] = [look for look in invariants.looks(stage, anna) if opened.secret in look.text]
    assert look.real_until is not None
    assert look.real_until - began < within
    await asyncio.sleep(0)


def _pass(stage: Stage, seconds: float) -> None:
    """Let time pass for Telegram and for the machine alike."""
    stage.sandbox.advance(seconds)
    stage.set_clock(seconds)
