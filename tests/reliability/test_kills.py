"""Ten kills, by a seed: `python -m tests.reliability crash load` makes all of them."""

from __future__ import annotations

import random

import pytest

from tests.reliability.crash import Point, run_matrix
from tests.reliability.load import run_load
from tests.reliability.stage import POSTGRESQL, SQLITE

SEED = 20261128
STEPS, MOMENTS = 4, 1
"""Kills on each database: at a step, and at a random moment."""

pytestmark = pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])


async def test_a_bot_that_is_killed_at_some_steps_keeps_every_promise(kind: str) -> None:
    dice = random.Random(SEED)  # noqa: S311 - dice

    def choose(points: list[Point]) -> list[Point]:
        return dice.sample(points, STEPS)

    outcome = await run_matrix(kind, only="re", choose=choose)
    assert not outcome.violations, "\n".join(outcome.violations)
    assert outcome.points.total() == STEPS


async def test_a_bot_that_is_killed_at_a_random_moment_keeps_every_promise(kind: str) -> None:
    outcome = await run_load(kind, MOMENTS, SEED)
    assert not outcome.violations, "\n".join(outcome.violations)
