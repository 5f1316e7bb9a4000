"""Things that people do, on a Telegram that does everything wrong; `python -m tests.reliability` does many more."""

from __future__ import annotations

import pytest

from tests.reliability.games import run_hostile
from tests.reliability.stage import POSTGRESQL, SQLITE
from tests.reliability.troubles import FAULTS, KINDS, WORDS

SEED, ACTIONS = 20261128, 500


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_a_telegram_that_does_everything_wrong_breaks_no_promise(kind: str) -> None:
    played = run_hostile(SEED, ACTIONS, kind)
    again = f"python -m tests.reliability hostile --database {kind} --seed {SEED} --actions {ACTIONS} --alone 0"
    assert not played.violations, "\n".join([again, *played.violations])
    assert played.actions >= ACTIONS
    assert len(+played.faults) > len(FAULTS) / 2, "it did little wrong"


def test_everything_that_can_go_wrong_has_a_name_in_the_figures() -> None:
    assert set(WORDS) == set(KINDS)
