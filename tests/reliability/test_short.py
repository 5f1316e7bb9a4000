"""A short version of `python -m tests.reliability`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.reliability.canary import run_canaries
from tests.reliability.crash import Point, run_matrix
from tests.reliability.hostile import run_hostile
from tests.reliability.load import run_load
from tests.reliability.stage import POSTGRESQL, SQLITE
from tests.reliability.untimely import TROUBLES, run_untimely

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.reliability.stage import Stage

SEED = 20261128
STEPS, MOMENTS = 4, 1
"""Kills on each database: at a step, and at a random moment. Ten in all."""
ACTIONS = 1000

databases = pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])


@databases
async def test_a_bot_that_is_killed_at_some_steps_keeps_every_promise(kind: str) -> None:
    dice = random.Random(SEED)  # noqa: S311 - dice

    def choose(points: list[Point]) -> list[Point]:
        return dice.sample(points, STEPS)

    outcome = await run_matrix(kind, only="re", choose=choose)
    assert outcome.violations == []
    assert outcome.points.total() == STEPS


@databases
async def test_a_bot_that_is_killed_at_a_random_moment_keeps_every_promise(kind: str) -> None:
    assert (await run_load(kind, MOMENTS, SEED)).violations == []


def test_a_telegram_that_does_everything_wrong_changes_nothing_that_should_not_be() -> None:
    played = run_hostile(SEED, ACTIONS, SQLITE)
    assert played.violations == [], f"python -m tests.reliability hostile --seed {SEED} --actions {ACTIONS}"
    assert played.actions >= ACTIONS


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
async def test_time_may_go_wrong(trouble: Callable[[Stage], Awaitable[None]]) -> None:
    await run_untimely(SQLITE, trouble)


@databases
async def test_no_byte_that_is_left_is_part_of_a_secret(kind: str) -> None:
    finding = await run_canaries(kind)
    assert finding.hits == []
    assert finding.canaries > 20
