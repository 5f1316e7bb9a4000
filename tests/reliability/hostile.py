"""Traders and an admin on a Telegram that does everything wrong, in any order, with Hypothesis at the dice.

A model in plain Python knows what each device may be called, whether it may be revoked, and which of its secrets may
work. After each rule it is compared with what is kept, with what the sandbox saw, and with what every secret that was
ever shown opens. Where a fault was met, more than one outcome is right until one was seen; where none was, only one is.

Everything may go wrong, mixed; or one thing alone: `alone` names it. Games are played in `games`.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.sandbox.refusals import NotPossible
from tests.journeys.people import buttons_of
from tests.reliability import invariants
from tests.reliability.model import SPEED, Player, compare
from tests.reliability.troubles import (
    BLOCKED,
    CLEARED,
    CLOCK_JUMP,
    DEATH,
    FAULTS,
    GONE,
    OLD,
    REPEATED,
    SECOND_POLLER,
    Trouble,
    order,
    sometimes,
    troubles,
)

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Coroutine

    from bot.sandbox import Bubble
    from tests.journeys.people import Trader
    from tests.reliability.stage import Stage

Result = TypeVar("Result")
NAMES = ("VPS-1", "VPS-2", "Gold <b> & Co", "Ünïcode 🚀", "x" * 100, "VPS-1 ")
TALK = ("/start", "/help", "/devices", "/id", "hello", "/nonsense", "/token", "/cancel")
REPLY = "what is this?"
TEXTS = {name.strip() for name in (*NAMES, *TALK, REPLY)}
BUTTONS = (
    "Show secret",
    "I saved it",
    "Cancel",
    "Try again",
    "My devices",
    "Back",
    "New secret",
    "Open device",
    "Register a device",
    "Set up",
    "Search",
    "Use “",
)
EITHER = {False, True}
JUMPS = (0.0, 0.0, 5.0, -5.0, 3600.0, -3600.0)
"""Seconds, of the fast clock, by which the machine's clock is wrong."""
DAYS = (2.1, 8.0)
"""Days that pass: after two, messages cannot be deleted and updates are forgotten; after 7, their ids begin anew."""
DAY = 86_400.0
who = st.integers(0, 1)
pick = st.integers(0, 5)


class Hostile(RuleBasedStateMachine):
    """Two people of two clients; every example has people of its own, all share a bot."""

    stage: ClassVar[Stage]
    runner: ClassVar[asyncio.Runner]
    alone: ClassVar[str | None] = None
    """What may go wrong, if not everything."""
    passed: ClassVar[float] = 0.0
    """Seconds that have passed at once, on every clock."""
    actions: ClassVar[int] = 0
    faults: ClassVar[Counter[str]] = Counter()
    violations: ClassVar[list[str]] = []

    def __init__(self) -> None:
        super().__init__()
        self.players = [Player(self.run(self.stage.trader())) for _ in range(2)]
        self.since = len(self.stage.sandbox.calls)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        try:
            return self.runner.run(work)
        except Exception as error:
            # Hypothesis tries it again, and when it goes another way then, says only that
            self.violations.append("".join(traceback.format_exception(error)))
            raise

    def teardown(self) -> None:
        """Let Telegram come to its senses, and look at everything once more."""
        self.stage.sandbox.remove_faults()
        for player in self.players:
            with contextlib.suppress(NotPossible):
                self.stage.sandbox.unblock(player.trader.id)
        if not self.stage.bot.is_running:
            self.run(self.stage.revive())
        for number in range(2):
            self.settle(number)

    # What people do

    def act(self, work: Callable[[], object]) -> bool:
        """Do one thing, if an app would let it be done."""
        try:
            work()
        except NotPossible:
            return False
        type(self).actions += 1
        return True

    def say(self, player: Player, text: str) -> None:
        self.act(lambda: player.trader.say(text))

    def tap(self, player: Player, button: str) -> bool:
        """Tap the newest button with these words, if there is one."""
        return self.act(lambda: self.stage.sandbox.tap(player.trader.id, button))

    def follow(self, player: Player, *buttons: str) -> None:
        """Tap one button after the other, each when the bot is done with the one before."""
        for button in buttons:
            if self.tap(player, button):
                self.wait(player)

    @rule(who=who, trouble=sometimes, text=st.sampled_from(TALK))
    def talk(self, who: int, trouble: Trouble | None, text: str) -> None:
        self.go_wrong(trouble)
        self.say(self.players[who], text)
        self.settle(who)

    @rule(who=who, trouble=sometimes, name=st.sampled_from(NAMES), asked=st.booleans(), then=st.integers(0, 3))
    def register(self, who: int, trouble: Trouble | None, name: str, *, asked: bool, then: int) -> None:
        """Ask for a device and go on with it as far as `then` says: the card, the secret, saved."""
        self.go_wrong(trouble)
        player = self.players[who]
        player.wanted.add(name.strip())
        if asked:
            self.say(player, "/register")
            self.wait(player)
        self.say(player, name if asked else f"/register {name}")
        self.wait(player)
        self.follow(player, *("Show secret", "I saved it")[:then])
        self.settle(who)

    @rule(who=who, trouble=sometimes, button=st.sampled_from(BUTTONS))
    def tap_something(self, who: int, trouble: Trouble | None, button: str) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        player.wanted |= {f"VPS-{number}" for number in range(1, 9)} if button == "Use “" else set()
        self.tap(player, button)
        self.settle(who)

    @rule(who=who, button=st.sampled_from(["Show secret", "I saved it", "Cancel"]), times=st.integers(2, 3))
    def tap_many_times(self, who: int, button: str, times: int) -> None:
        for _ in range(times):
            self.tap(self.players[who], button)
        self.settle(who)

    @rule(who=who, trouble=sometimes, pick=pick, name=st.sampled_from(NAMES))
    def rename(self, who: int, trouble: Trouble | None, pick: int, name: str) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        if self.open_device(player, pick) is None:
            return
        self.follow(player, "Rename")
        # a name that is typed while another question is open is for that one
        player.may_rename({name.strip()})
        self.say(player, name)
        self.settle(who)

    @rule(who=who, trouble=sometimes, pick=pick)
    def take_new_secret(self, who: int, trouble: Trouble | None, pick: int) -> None:
        self.go_wrong(trouble)
        if self.open_device(self.players[who], pick) is not None:
            self.follow(self.players[who], "New secret", "Stop at once", "Show secret")
            self.settle(who)

    @rule(who=who, trouble=sometimes, pick=pick)
    def revoke(self, who: int, trouble: Trouble | None, pick: int) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        if self.open_device(player, pick) is None:
            return
        self.follow(player, "Revoke")
        # whichever device the newest question was about
        player.may_revoke()
        self.tap(player, "Yes, revoke")
        self.settle(who)

    @rule(who=who, trouble=sometimes, pick=pick)
    def revoke_as_admin(self, who: int, trouble: Trouble | None, pick: int) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        if not player.devices:
            return
        device_id = list(player.devices)[pick % len(player.devices)]
        player.devices[device_id].revoked |= EITHER
        before = len(self.stage.sandbox.calls)
        self.act(lambda: self.stage.olga.say(f"/revoke {device_id} lost"))
        self.run(self.stage.until_quiet(self.stage.olga.id))
        if not any(call.fault for call in self.stage.sandbox.calls[before:]):
            player.devices[device_id].revoked = {True}
        self.settle(who)

    def open_device(self, player: Player, pick: int) -> uuid.UUID | None:
        """Open the card of one of a person's devices by its button in the list."""
        alive = [(device_id, known) for device_id, known in player.devices.items() if known.revoked == {False}]
        if not alive:
            return None
        device_id, known = alive[pick % len(alive)]
        self.say(player, "/devices")
        self.wait(player)
        if not self.tap(player, min(known.names)[:20]):
            return None
        self.wait(player)
        return device_id

    # What people should not do

    @rule(who=who, pick=st.integers(0, 50))
    def forge_a_tap(self, who: int, pick: int) -> None:
        """Send what a button of somebody else's message says, on a message of one's own, and the other way round."""
        thief, owner = self.players[who], self.players[1 - who]
        said = [data for bubble in self.bubbles(owner) for data in buttons_of(bubble)]
        own = self.bubbles(thief)
        if said and own:
            data, message = said[pick % len(said)], own[pick % len(own)].message_id
            self.act(lambda: self.stage.sandbox.tap(thief.trader.id, data=data, message_id=message, force=True))
            self.settle(who)

    @rule(who=who, pick=st.integers(0, 50))
    def tap_an_old_button(self, who: int, pick: int) -> None:
        """Tap what some message said once."""
        player = self.players[who]
        looks = invariants.looks(self.stage, player.trader)
        said = [
            (button["callback_data"], look.message_id)
            for look in looks
            for row in look.buttons
            for button in row
            if "callback_data" in button
        ]
        if said:
            data, message = said[-1 - pick % len(said)]
            player.may_revoke()
            self.act(lambda: self.stage.sandbox.tap(player.trader.id, data=data, message_id=message, force=True))
            self.settle(who)

    @rule(who=who, pick=pick, how=st.sampled_from(["delete", "edit", "reply", "pin"]))
    def meddle(self, who: int, pick: int, how: str) -> None:
        """Do something to a message that the bot may count on."""
        player, sandbox = self.players[who], self.stage.sandbox
        trader = player.trader
        bubbles = sandbox.screen(trader.id)
        if not bubbles:
            return
        bubble = bubbles[-1 - pick % len(bubbles)]
        meddling: dict[str, Callable[[], object]] = {
            "delete": lambda: sandbox.delete_message(trader.id, bubble.message_id),
            "edit": lambda: sandbox.edit(trader.id, bubble.message_id, "/register edited"),
            "reply": lambda: trader.say(REPLY, reply_to=bubble.message_id),
            "pin": lambda: sandbox.pin(trader.id, bubble.message_id),
        }
        player.wanted.add(REPLY)
        player.may_revoke()
        self.act(meddling[how])
        self.settle(who)

    @precondition(lambda self: self.may(BLOCKED))
    @rule(who=who)
    def block(self, who: int) -> None:
        player, sandbox = self.players[who], self.stage.sandbox
        self.faults[BLOCKED] += self.act(lambda: sandbox.block(player.trader.id))
        self.settle(who)
        self.act(lambda: sandbox.unblock(player.trader.id))
        self.settle(who)

    @precondition(lambda self: self.may(CLEARED))
    @rule(who=who)
    def delete_the_chat(self, who: int) -> None:
        self.faults[CLEARED] += self.act(lambda: self.stage.sandbox.clear(self.players[who].trader.id))
        self.settle(who)

    @precondition(lambda self: self.may(GONE))
    @rule(who=who, wait=st.booleans())
    def deactivate(self, who: int, *, wait: bool) -> None:
        """Go for good, in the middle of something or not; somebody else comes."""
        if not wait:
            self.say(self.players[who], "/register VPS-1")
            self.players[who].wanted.add("VPS-1")
        self.faults[GONE] += self.act(lambda: self.stage.sandbox.deactivate(self.players[who].trader.id))
        self.settle(who)
        self.players[who] = Player(self.run(self.newcomer()))

    async def newcomer(self) -> Trader:
        self.stage.sandbox.remove_faults()
        return await self.stage.trader()

    # What Telegram and the machine do

    def may(self, kind: str) -> bool:
        """Tell whether something may go wrong in this game."""
        return self.alone in {None, kind}

    @precondition(lambda self: self.alone is None or self.alone in {*FAULTS, SECOND_POLLER})
    @rule(trouble=troubles)
    def go_wrong(self, trouble: Trouble | None) -> None:
        if self.alone is not None and trouble is not None:
            trouble = replace(trouble, fault=self.alone) if self.alone in {*FAULTS, SECOND_POLLER} else None
        if trouble is not None:
            self.run(order(trouble, self.stage.sandbox))

    @precondition(lambda self: self.may(REPEATED))
    @rule(who=who, pick=st.integers(0, 30), fresh=st.booleans(), count=st.integers(1, 5))
    def deliver_again(self, who: int, pick: int, *, fresh: bool, count: int) -> None:
        """Deliver some of a person's updates again, the newest first."""
        self.repeat(self.players[who], pick, count, fresh=fresh)
        self.settle(who)

    def repeat(self, player: Player, pick: int, count: int, *, fresh: bool) -> None:
        numbers = [
            number
            for number, update in self.stage.sandbox.world.updates._all.items()
            if (update.payload.get("from") or {}).get("id") == player.trader.id
        ]
        for number in list(reversed(numbers))[pick : pick + count]:
            self.stage.sandbox.redeliver(number, fresh=fresh)
            self.faults[REPEATED] += 1

    @precondition(lambda self: self.may(DEATH) or self.may(CLOCK_JUMP))
    @rule(wait=st.sampled_from([0.0, 0.01, 0.05, 0.2]), jump=st.sampled_from(JUMPS))
    def die(self, wait: float, jump: float) -> None:
        """Die in the middle of whatever is under way, and be started again when the machine's clock was set."""
        ahead = jump if self.may(CLOCK_JUMP) else 0.0
        self.faults[DEATH] += 1
        self.faults[CLOCK_JUMP] += ahead != self.stage.ahead
        self.run(self.die_for_a_while(wait, ahead))

    async def die_for_a_while(self, wait: float, ahead: float, seconds: float = 0.0) -> None:
        await asyncio.sleep(wait)
        await self.stage.bot.kill()
        if seconds:
            self.stage.sandbox.advance(seconds)
        type(self).passed += seconds
        self.stage.ahead = ahead
        self.stage.set_clock((self.passed + ahead) / SPEED)
        # whoever is refused the token at the start ends, and says so; what restarts it then is not part of this
        self.stage.sandbox.remove_faults()
        await self.stage.revive()

    @precondition(lambda self: self.may(OLD))
    @rule(who=who, days=st.sampled_from(DAYS), pick=st.integers(0, 10), count=st.integers(0, 5))
    def let_days_pass(self, who: int, days: float, pick: int, count: int) -> None:
        """Be dead for days, while messages get too old; then updates come that it forgot to have handled."""
        self.faults[OLD] += 1
        self.run(self.die_for_a_while(0.0, self.stage.ahead, days * DAY))
        player = self.players[who]
        player.may_revoke()
        player.may_rename(TEXTS)
        player.wanted |= TEXTS
        self.repeat(player, pick, count, fresh=True)
        self.settle(who)

    @rule(who=who, how_long=st.sampled_from([1.0, 5.0, 5.0, 30.0, 70.0, 130.0]))
    def pass_time(self, who: int, how_long: float) -> None:
        self.run(asyncio.sleep(how_long / SPEED))
        self.settle(who)

    # What must be

    def bubbles(self, player: Player) -> list[Bubble]:
        return [bubble for bubble in self.stage.sandbox.screen(player.trader.id) if bubble.from_bot]

    def wait(self, player: Player) -> None:
        """Wait until nothing is under way for a person."""
        self.run(self.stage.until_quiet(player.trader.id))

    def settle(self, who: int) -> None:
        """Wait until nothing is under way for a person, and compare."""
        self.wait(self.players[who])
        self.run(compare(self.stage, self.players[who], self.since))
