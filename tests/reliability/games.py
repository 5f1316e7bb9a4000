"""Games with a Telegram that does everything wrong: the same seed rolls the same dice.

    python -m tests.reliability hostile --seed 7 --actions 1000

plays a game on each kind of database, with everything mixed, and then short ones in which one thing alone goes wrong.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.reliability.hostile import Hostile
from tests.reliability.model import SPEED, TTL
from tests.reliability.stage import SQLITE, open_stage
from tests.reliability.troubles import KINDS, count_met

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLES, STEPS = 8, 30
"""People of their own in each seed, and what is done with them, at most."""
FEW, SHORT = 3, 15
"""The same where one thing alone goes wrong."""
MOST_SEEDS = 10
"""Seeds after which one waits no longer for dice that let the one thing go wrong."""
APART = 10_000
"""Seeds between those of two databases."""
SETTINGS = {"SECRET_TTL": str(TTL), "RETENTION": "365d"}


@dataclass
class Played:
    """What came of a game."""

    seed: int
    kind: str
    actions: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    alone: dict[str, int] = field(default_factory=dict)
    """How often each thing went wrong in a game of its own."""
    lives: int = 0
    violations: list[str] = field(default_factory=list)


def say_nothing(_: str) -> None:
    """Keep how far it is to oneself."""


def run_hostile(
    seed_number: int, actions: int, kind: str = SQLITE, *, each: int = 0, say: Callable[[str], None] = say_nothing
) -> Played:
    """Play until so many things were done, and until `each` were done where one thing alone goes wrong."""
    played = Played(seed_number, kind)
    with asyncio.Runner() as runner:
        Hostile.runner, Hostile.passed = runner, 0.0
        stack = AsyncExitStack()
        Hostile.stage = runner.run(stack.enter_async_context(open_stage(kind, SETTINGS, speed=SPEED)))
        try:
            _play_until(played, actions, None, say)
            for alone in KINDS if each else ():
                before = played.faults[alone]
                _play_until(played, played.actions + each, alone, say)
                played.alone[alone] = played.faults[alone] - before
        finally:
            played.lives = Hostile.stage.mortal.lives
            log = Hostile.stage.mortal.read_log()
            runner.run(stack.aclose())
    played.violations += [f"an error that no fault explains:\n{told}" for told in find_surprises(log)]
    return played


def run_on_each(seed_number: int, actions: int, kinds: Sequence[str], each: int) -> list[Played]:
    """Play on each kind of database, in processes of their own, and another game on each."""
    with ProcessPoolExecutor(len(kinds), get_context("spawn")) as processes:
        games = [
            processes.submit(run_hostile, first, actions, kind, each=each, say=_say)
            for first, kind in zip(itertools.count(seed_number, APART), kinds, strict=False)
        ]
        return [game.result() for game in games]


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is what a person at the command line reads


def _play_until(played: Played, actions: int, alone: str | None, say: Callable[[str], None]) -> None:
    """Play one seed after the other until so much was done, and what is to go wrong alone did so."""
    before = played.faults[alone] if alone else -1
    for number in itertools.count(played.seed):
        is_met = alone is None or played.faults[alone] > before or number - played.seed >= MOST_SEEDS
        if played.violations or (played.actions >= actions and is_met):
            return
        _play(played, number, alone)
        said = f" with nothing but {alone}" if alone else ""
        say(f"{played.kind}, seed {number}{said}: {played.actions} actions, {played.faults.total()} faults")


def _play(played: Played, number: int, alone: str | None) -> None:
    """Play what one seed says, and take over what came of it."""
    Hostile.alone, Hostile.actions, Hostile.faults, Hostile.violations = alone, 0, Counter(), []
    Hostile.stage.forget()
    try:
        run_state_machine_as_test(
            seed(number)(Hostile),
            settings=settings(
                max_examples=EXAMPLES if alone is None else FEW,
                stateful_step_count=STEPS if alone is None else SHORT,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        told = [*Hostile.violations, "".join(traceback.format_exception(error))]
        played.violations += [f"{played.kind}, seed {number}, alone {alone}: {one}" for one in told]
    played.actions += Hostile.actions
    played.faults += Hostile.faults + count_met(Hostile.stage.sandbox.calls)


def find_surprises(log: str) -> list[str]:
    """Return the tracebacks in a log that end in anything but what Telegram did."""
    found = re.finditer(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)+(?:.*\n)?", log)
    told = [one[0] for one in found if not log.startswith(("\nThe above", "\nDuring"), one.end())]
    return [one for one in told if not one.splitlines()[-1].startswith(("telegram.error.", "TimeoutError"))]
