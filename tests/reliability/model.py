"""What may be true of people's devices, and the comparison with what is."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.journeys.people import SECRET, Trader, plain
from tests.reliability import invariants

if TYPE_CHECKING:
    from bot.sandbox import Call
    from storage.models import Device
    from tests.reliability.stage import Stage

SPEED, TTL = 60.0, 120
"""The clock of these runs, and the seconds of that clock that a secret is shown: two real ones."""
LIMIT = 4
RECENT = 100.0
"""Seconds of that clock for which Telegram surely keeps a tap for the bot."""
RECEIPT = re.compile(r"is registered\.\n\nDevice ID: ([0-9a-f-]{36})")
REVOKED = re.compile(r"^⛔ (.*) is revoked since")
RENAMED = re.compile(r"is now called (.*)\. Your terminal needs no change")


@dataclass
class Known:
    """What may be true of a device."""

    names: set[str]
    revoked: set[bool] = field(default_factory=lambda: {False})
    ever: set[str] = field(default_factory=set)
    """What it was ever called."""


@dataclass
class Player:
    """A person, and what may be true of what is theirs."""

    trader: Trader
    devices: dict[uuid.UUID, Known] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    """Names that were asked for and may become a device's."""

    def may_revoke(self) -> None:
        """Allow what a button may do that nobody foresees."""
        for known in self.devices.values():
            known.revoked |= {False, True}

    def may_rename(self, names: set[str]) -> None:
        """Allow any device to be called one of these."""
        for known in self.devices.values():
            known.names |= names


async def compare(stage: Stage, player: Player, since: int) -> None:
    """Compare what is kept with what may be, and take over what was seen."""
    trader = player.trader
    rows = [row for row in await stage.rows(trader) if row.live_at is not None]
    handouts = await stage.handouts(trader)
    calls = [call for call in stage.sandbox.calls[since:] if call.chat_id == trader.id]
    secrets = invariants.sent(calls)
    shown = {handout.device_id for handout in handouts if handout.shown_at is not None}
    for row in rows:
        _compare_device(player, row, is_new=row.id in shown)
    assert set(player.devices) == {row.id for row in rows}, "a device is gone"
    alive = [row.device_name for row in rows if not row.revoked]
    assert len(alive) == len(set(alive)) <= LIMIT
    invariants.check_places(stage, trader, secrets)
    invariants.check_devices(await stage.rows(trader), handouts, secrets)
    _check_durations(stage, player, calls)
    _check_words(stage, player)
    _check_answers(stage, player, since)
    await invariants.check_handled(stage, trader)


def _compare_device(player: Player, row: Device, *, is_new: bool) -> None:
    known = player.devices.get(row.id)
    if known is None:
        assert is_new, "a device that nobody was shown"
        assert row.device_name in player.wanted, "a name that nobody gave"
        player.devices[row.id] = Known({row.device_name}, {row.revoked}, {row.device_name})
        return
    assert row.device_name in known.names, "a name that nobody gave"
    assert row.revoked in known.revoked, "revoked by nobody, or no longer revoked"
    known.names = {row.device_name}
    known.revoked = {row.revoked}
    known.ever.add(row.device_name)


def _check_durations(stage: Stage, player: Player, calls: list[Call]) -> None:
    """Check that no secret was on a screen for longer than it should; a fault of its removal excuses that."""
    for look in invariants.looks(stage, player.trader):
        if not SECRET.search(plain(look.text)):
            continue
        until = stage.sandbox.world.clock.real() if look.real_until is None else look.real_until
        was_disturbed = any(
            call.fault or call.status in {403, 429}
            for call in calls
            if call.at.real > look.real_from and call.at.real < until
        )
        latest = max(look.real_from + TTL / SPEED, stage.mortal.revived_at + 3) + 2
        assert was_disturbed or until <= latest, f"a secret was to be seen for {until - look.real_from:.1f} s"


def _check_words(stage: Stage, player: Player) -> None:
    """Check that what people were told has happened."""
    revoked = {name for known in player.devices.values() if known.revoked == {True} for name in known.ever}
    names = {name for known in player.devices.values() for name in known.ever}
    for look in invariants.looks(stage, player.trader):
        text = plain(look.text)
        if found := RECEIPT.search(text):
            assert uuid.UUID(found[1]) in player.devices, "a receipt for a device that is not there"
        if found := REVOKED.search(text):
            assert found[1] in revoked, "told of a revocation that did not happen"
        if found := RENAMED.search(text):
            assert found[1] in names, "told of a name that was not given"


def _check_answers(stage: Stage, player: Player, since: int) -> None:
    """Check that each tap was answered, or that the bot tried to and a fault kept the answer back."""
    tried = {str(call.parameters.get("callback_query_id")) for call in stage.sandbox.calls[since:]}
    for query in stage.sandbox.world.queries.values():
        if query.person_id == player.trader.id and query.asked.virtual > stage.sandbox.world.clock.now() - RECENT:
            assert query.answered or query.id in tried, "a tap was not answered"
