"""A benchmark by itself, from its command line to its exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import Row, at_least

if TYPE_CHECKING:
    from pathlib import Path


async def run(rounds: int = 3, seconds: float = 5.0, sizes: tuple[int, ...] = (1, 2)) -> list[Row]:
    return [Row(f"{rounds} rounds, {len(sizes)} sizes", "s", seconds, 4.0, "bound", at_least(1.0))]


@pytest.mark.parametrize(("seconds", "code"), [("4", 0), ("3.9", 1)], ids=["met", "missed"])
def test_a_missed_goal_is_an_exit_code(seconds: str, code: int, tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    assert run_alone("Rounds", run, ["--rounds", "7", "--seconds", seconds, "--json", str(path)]) == code
    [row] = json.loads(path.read_text("utf-8"))["rows"]
    assert row["name"] == "7 rounds, 2 sizes"
    assert row["measured"] == float(seconds)


def test_what_is_not_said_is_as_in_the_full_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_alone("Rounds", run, []) == 0
    assert "3 rounds, 2 sizes" in capsys.readouterr().out


def test_an_option_that_there_is_none_of_is_a_fault() -> None:
    with pytest.raises(SystemExit):
        run_alone("Rounds", run, ["--sizes", "5"])
