"""Time, as all of the program has it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.services.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = 1_795_000_000.0


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A machine whose clocks are set: `machine(wall=…, passed=…)`, in seconds after noon and after the start."""

    def set_clocks(*, wall: float, passed: float) -> None:
        monkeypatch.setattr(time, "time", lambda: NOON + wall)
        monkeypatch.setattr(time, "monotonic", lambda: 500.0 + passed)

    set_clocks(wall=0, passed=0)
    return set_clocks


def after_noon(clock: Clock) -> float:
    return (clock.now() - datetime.fromtimestamp(NOON, UTC)).total_seconds()


def test_it_tells_the_time_of_the_machine(machine: Callable[..., None]) -> None:
    clock = Clock()
    machine(wall=10, passed=10)
    assert after_noon(clock) == 10


def test_it_never_steps_back_and_goes_on_from_where_it_was(machine: Callable[..., None]) -> None:
    clock = Clock()
    machine(wall=10, passed=10)
    assert after_noon(clock) == 10
    machine(wall=-3600, passed=11)
    assert after_noon(clock) == 11
    machine(wall=-3590, passed=21)
    assert after_noon(clock) == 21


def test_it_follows_a_step_forward_and_stays_there(machine: Callable[..., None]) -> None:
    clock = Clock()
    machine(wall=3600, passed=1)
    assert after_noon(clock) == 3600
    machine(wall=5, passed=5)
    assert after_noon(clock) == 3604


def test_a_fast_one_runs_from_its_origin_whatever_becomes_of_the_machines_clock(machine: Callable[..., None]) -> None:
    machine(wall=30, passed=30)
    clock = Clock(speed=10, origin=NOON)
    assert after_noon(clock) == 300
    machine(wall=-3600, passed=31)
    assert after_noon(clock) == 310
