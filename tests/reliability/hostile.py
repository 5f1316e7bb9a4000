"""Traders and an admin on a Telegram that does everything wrong, in any order, with Hypothesis at the dice.

    python -m tests.reliability hostile --seed 7 --actions 1000

plays the same dice again. A model in plain Python knows what each device may be called, whether it may be revoked, and
which of its secrets may work. After each rule it is compared with what is kept, with what the sandbox saw, and with
what every secret that was ever shown opens. Where a fault was met, more than one outcome is right until one was seen;
where none was, only one is.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import traceback
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bot.sandbox.refusals import NotPossible
from tests.journeys.people import buttons_of
from tests.reliability import invariants
from tests.reliability.model import SPEED, TTL, Player, compare
from tests.reliability.stage import SQLITE, Stage, open_stage
from tests.reliability.troubles import Trouble, order, troubles

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Coroutine

    from bot.sandbox import Bubble
    from tests.journeys.people import Trader

Result = TypeVar("Result")
NAMES = ("VPS-1", "VPS-2", "Gold <b> & Co", "Ünïcode 🚀", "x" * 100, "VPS-1 ")
EITHER = {False, True}
sometimes = st.none() | troubles


class Hostile(RuleBasedStateMachine):
    """Two people of two clients; every example has people of its own, all share a bot."""

    stage: ClassVar[Stage]
    runner: ClassVar[asyncio.Runner]
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
        self.run(self.settle_all())

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

    @rule(
        who=st.integers(0, 1),
        trouble=sometimes,
        text=st.sampled_from(["/start", "/help", "/devices", "/id", "hello", "/nonsense", "/token", "/cancel"]),
    )
    def talk(self, who: int, trouble: Trouble | None, text: str) -> None:
        self.go_wrong(trouble)
        self.say(self.players[who], text)
        self.settle(who)

    @rule(
        who=st.integers(0, 1),
        trouble=sometimes,
        name=st.sampled_from(NAMES),
        asked=st.booleans(),
        then=st.integers(0, 3),
    )
    def register(self, who: int, trouble: Trouble | None, name: str, *, asked: bool, then: int) -> None:
        """Ask for a device and go on with it as far as `then` says: the card, the secret, saved."""
        self.go_wrong(trouble)
        player = self.players[who]
        if asked:
            self.say(player, "/register")
            self.settle(who)
            self.say(player, name)
        else:
            self.say(player, f"/register {name}")
        player.wanted.add(name.strip())
        self.settle(who)
        for button in ("Show secret", "I saved it")[:then]:
            self.tap(player, button)
            self.settle(who)

    @rule(
        who=st.integers(0, 1),
        trouble=sometimes,
        button=st.sampled_from(
            [
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
            ]
        ),
    )
    def tap_something(self, who: int, trouble: Trouble | None, button: str) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        player.wanted |= {f"VPS-{number}" for number in range(1, 9)} if button == "Use “" else set()
        self.tap(player, button)
        self.settle(who)

    @rule(
        who=st.integers(0, 1), button=st.sampled_from(["Show secret", "I saved it", "Cancel"]), times=st.integers(2, 3)
    )
    def tap_many_times(self, who: int, button: str, times: int) -> None:
        for _ in range(times):
            self.tap(self.players[who], button)
        self.settle(who)

    @rule(who=st.integers(0, 1), trouble=sometimes, pick=st.integers(0, 5), name=st.sampled_from(NAMES))
    def rename(self, who: int, trouble: Trouble | None, pick: int, name: str) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        if self.open_device(who, pick) is None:
            return
        self.tap(player, "Rename")
        self.settle(who)
        # a name that is typed while another question is open is for that one
        for known in player.devices.values():
            known.names.add(name.strip())
        player.wanted.add(name.strip())
        self.say(player, name)
        self.settle(who)

    @rule(who=st.integers(0, 1), trouble=sometimes, pick=st.integers(0, 5))
    def take_new_secret(self, who: int, trouble: Trouble | None, pick: int) -> None:
        self.go_wrong(trouble)
        if self.open_device(who, pick) is not None:
            for button in ("New secret", "Stop at once", "Show secret"):
                self.tap(self.players[who], button)
                self.settle(who)

    @rule(who=st.integers(0, 1), trouble=sometimes, pick=st.integers(0, 5))
    def revoke(self, who: int, trouble: Trouble | None, pick: int) -> None:
        self.go_wrong(trouble)
        player = self.players[who]
        if self.open_device(who, pick) is None:
            return
        self.tap(player, "Revoke")
        self.settle(who)
        for known in player.devices.values():
            # whichever device the newest question was about
            known.revoked |= EITHER
        self.tap(player, "Yes, revoke")
        self.settle(who)

    @rule(who=st.integers(0, 1), trouble=sometimes, pick=st.integers(0, 5))
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

    def open_device(self, who: int, pick: int) -> uuid.UUID | None:
        """Open the card of one of a person's devices by its button in the list."""
        player = self.players[who]
        alive = [(device_id, known) for device_id, known in player.devices.items() if known.revoked == {False}]
        if not alive:
            return None
        device_id, known = alive[pick % len(alive)]
        self.say(player, "/devices")
        self.settle(who)
        return device_id if self.tap(player, min(known.names)[:20]) and self.settle(who) else None

    # What people should not do

    @rule(who=st.integers(0, 1), pick=st.integers(0, 50))
    def forge_a_tap(self, who: int, pick: int) -> None:
        """Send what a button of somebody else's message says, on a message of one's own, and the other way round."""
        thief, owner = self.players[who], self.players[1 - who]
        said = [data for bubble in self.bubbles(owner) for data in buttons_of(bubble)]
        own = self.bubbles(thief)
        if said and own:
            data, message = said[pick % len(said)], own[pick % len(own)].message_id
            self.act(lambda: self.stage.sandbox.tap(thief.trader.id, data=data, message_id=message, force=True))
            self.settle(who)

    @rule(who=st.integers(0, 1), pick=st.integers(0, 50))
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
            self.loosen(player)
            self.act(lambda: self.stage.sandbox.tap(player.trader.id, data=data, message_id=message, force=True))
            self.settle(who)

    @rule(
        who=st.integers(0, 1), pick=st.integers(0, 5), how=st.sampled_from(["delete", "edit", "reply", "pin", "clear"])
    )
    def meddle(self, who: int, pick: int, how: str) -> None:
        """Do something to a message that the bot may count on."""
        trader, sandbox = self.players[who].trader, self.stage.sandbox
        bubbles = sandbox.screen(trader.id)
        if not bubbles:
            return
        bubble = bubbles[-1 - pick % len(bubbles)]
        meddling: dict[str, Callable[[], object]] = {
            "delete": lambda: sandbox.delete_message(trader.id, bubble.message_id),
            "edit": lambda: sandbox.edit(trader.id, bubble.message_id, "/register edited"),
            "reply": lambda: trader.say("what is this?", reply_to=bubble.message_id),
            "pin": lambda: sandbox.pin(trader.id, bubble.message_id),
            "clear": lambda: sandbox.clear(trader.id),
        }
        self.players[who].wanted.add("what is this?")
        self.loosen(self.players[who])
        self.act(meddling[how])
        self.settle(who)

    @rule(who=st.integers(0, 1), for_good=st.integers(0, 9))
    def block(self, who: int, for_good: int) -> None:
        player, sandbox = self.players[who], self.stage.sandbox
        if for_good == 9:
            self.act(lambda: sandbox.deactivate(player.trader.id))
            self.settle(who)
            self.players[who] = Player(self.run(self.newcomer()))
            return
        self.act(lambda: sandbox.block(player.trader.id))
        self.settle(who)
        self.act(lambda: sandbox.unblock(player.trader.id))
        self.settle(who)

    async def newcomer(self) -> Trader:
        self.stage.sandbox.remove_faults()
        return await self.stage.trader()

    # What Telegram does

    @rule(trouble=troubles)
    def go_wrong(self, trouble: Trouble | None) -> None:
        if trouble is not None:
            self.run(order(trouble, self.stage.sandbox, self.faults))

    @rule(who=st.integers(0, 1), pick=st.integers(0, 30), fresh=st.booleans(), count=st.integers(1, 5))
    def deliver_again(self, who: int, pick: int, *, fresh: bool, count: int) -> None:
        """Deliver some of a person's updates again, the newest first."""
        numbers = [
            number
            for number, update in self.stage.sandbox.world.updates._all.items()
            if (update.payload.get("from") or {}).get("id") == self.players[who].trader.id
        ]
        for number in list(reversed(numbers))[pick : pick + count]:
            self.stage.sandbox.redeliver(number, fresh=fresh)
            self.faults["repeated update"] += 1
        self.settle(who)

    @rule(wait=st.sampled_from([0.0, 0.01, 0.05, 0.2]), jump=st.sampled_from([0.0, 0.0, 2.0, -2.0]))
    def die(self, wait: float, jump: float) -> None:
        """Die in the middle of whatever is under way, and be started again when the machine's clock was set."""
        self.faults["death"] += 1
        self.faults["clock jump"] += jump != 0.0
        self.run(self._die(wait, jump))

    async def _die(self, wait: float, jump: float) -> None:
        await asyncio.sleep(wait)
        await self.stage.bot.kill()
        self.stage.set_clock(jump)
        # whoever is refused the token at the start ends, and says so; what restarts it then is not part of this
        self.stage.sandbox.remove_faults()
        await self.stage.revive()

    @rule(who=st.integers(0, 1), how_long=st.sampled_from([5.0, 30.0, 70.0]))
    def pass_time(self, who: int, how_long: float) -> None:
        self.run(asyncio.sleep(how_long / SPEED))
        self.settle(who)

    # What must be

    def loosen(self, player: Player) -> None:
        """Allow what an old button may do: nobody foresees which one it is."""
        for known in player.devices.values():
            known.revoked |= EITHER

    def bubbles(self, player: Player) -> list[Bubble]:
        return [bubble for bubble in self.stage.sandbox.screen(player.trader.id) if bubble.from_bot]

    def settle(self, who: int) -> bool:
        """Wait until nothing is under way for a person, and compare."""
        self.run(self.settle_one(self.players[who]))
        return True

    async def settle_all(self) -> None:
        for player in self.players:
            await self.settle_one(player)

    async def settle_one(self, player: Player) -> None:
        await self.stage.until_quiet(player.trader.id)
        await compare(self.stage, player, self.since)


@dataclass
class Played:
    """What came of a run."""

    seed: int
    actions: int
    faults: Counter[str]
    lives: int
    violations: list[str]


def run_hostile(
    seed_number: int, actions: int, kind: str = SQLITE, say: Callable[[str], None] = lambda _: None
) -> Played:
    """Play until so many things were done; the same seed plays the same game."""
    Hostile.actions, Hostile.faults, Hostile.violations = 0, Counter(), []
    violations: list[str] = []
    with asyncio.Runner() as runner:
        Hostile.runner = runner
        stack = AsyncExitStack()
        Hostile.stage = runner.run(stack.enter_async_context(open_stage(kind, {"SECRET_TTL": str(TTL)}, speed=SPEED)))
        try:
            for number in itertools.count(seed_number):
                if Hostile.actions >= actions or violations:
                    break
                violations += _play(number)
                say(f"{kind}, seed {number}: {Hostile.actions} actions, {Hostile.faults.total()} faults")
        finally:
            lives = Hostile.stage.mortal.lives
            log = Hostile.stage.mortal.read_log()
            runner.run(stack.aclose())
    violations += [f"an error that no fault explains:\n{told}" for told in find_surprises(log)]
    return Played(seed_number, Hostile.actions, Hostile.faults, lives, violations)


def find_surprises(log: str) -> list[str]:
    """Return the tracebacks in a log that end in anything but what Telegram did."""
    found = re.finditer(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)+(?:.*\n)?", log)
    told = [one[0] for one in found if not log.startswith(("\nThe above", "\nDuring"), one.end())]
    return [one for one in told if not one.splitlines()[-1].startswith(("telegram.error.", "TimeoutError"))]


def _play(number: int) -> list[str]:
    machine = seed(number)(Hostile)
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=8,
                stateful_step_count=30,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        return [
            *(f"seed {number}: {one}" for one in Hostile.violations),
            f"seed {number}: {''.join(traceback.format_exception(error))}",
        ]
    return []
