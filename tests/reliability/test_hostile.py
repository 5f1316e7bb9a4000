"""Things that people do, on a Telegram that does everything wrong; `python -m tests.reliability` does many more."""

from __future__ import annotations

from tests.reliability.games import run_hostile

SEED, ACTIONS = 20261128, 120


def test_a_telegram_that_does_everything_wrong_breaks_no_promise() -> None:
    played = run_hostile(SEED, ACTIONS)
    assert played.violations == [], f"python -m tests.reliability hostile --seed {SEED} --actions {ACTIONS}"
    assert played.actions >= ACTIONS
