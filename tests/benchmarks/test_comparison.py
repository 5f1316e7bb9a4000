"""The logic of the tables. What they are about is measured by hand: nothing in pytest depends on a machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import signed_requests
from tests.benchmarks.comparison import Row, are_met, at_least, at_most, is_missing, leave_out, print_rows, write_rows

if TYPE_CHECKING:
    from pathlib import Path

FAST = Row("chat", "/s", 900.0, 1000.0, "PTB's echo", at_least(1.0))
NEAR = Row("tap", "ms", 110.0, 100.0, "two round trips", at_most(1.15))
TOLD = Row("two processes", "/s", 9000.0, 12345.6, "a bare route")
LEFT_OUT = leave_out("chat", "/s", "aiogram")


@pytest.mark.parametrize(
    ("row", "is_met"),
    [
        (FAST, False),
        (Row("chat", "/s", 1000.0, 1000.0, goal=at_least(1.0)), True),
        (NEAR, True),
        (Row("tap", "ms", 116.0, 100.0, goal=at_most(1.15)), False),
        (TOLD, None),
        (LEFT_OUT, None),
    ],
    ids=str,
)
def test_a_goal_is_about_the_ratio_and_its_bound_is_good_enough(row: Row, *, is_met: bool | None) -> None:
    assert row.is_met is is_met


def test_a_run_fails_by_a_missed_goal_and_by_nothing_else() -> None:
    assert are_met([NEAR, TOLD, LEFT_OUT])
    assert not are_met([NEAR, FAST])


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (FAST, ("chat", "900 /s", "1,000 /s, PTB's echo", "0.90", "≥ 1.00", "MISSED")),
        (NEAR, ("tap", "110 ms", "100 ms, two round trips", "1.10", "≤ 1.15", "met")),
        (TOLD, ("two processes", "9,000 /s", "12,346 /s, a bare route", "0.73", "–", "")),
        (LEFT_OUT, ("chat", "–", "aiogram", "–", "–", "left out")),
    ],
    ids=str,
)
def test_a_row_tells_what_was_measured_beside_what_and_how_it_fared(row: Row, cells: tuple[str, ...]) -> None:
    assert row.cells() == cells


def test_a_reference_of_nothing_is_no_ratio() -> None:
    assert Row("stall", "ms", 5.0, 0.0, goal=at_most(1.0)).is_met is None


def test_a_peer_that_is_missing_is_never_left_out_silently(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows("All", [NEAR, LEFT_OUT])
    assert "left out: chat: aiogram is not installed: pip install -e '.[bench]'" in capsys.readouterr().out


def test_every_goal_beside_a_peer_that_is_missing_is_a_row_that_says_so() -> None:
    ours = {signed_requests.on(signed_requests.OURS, where): 4000.0 for where in ("SQLite", "PostgreSQL")}
    rows = signed_requests.make_rows({signed_requests.BARE: 6000.0, signed_requests.TWO: 5000.0, **ours})
    told = [(row.name, row.against) for row in rows if row.left_out]
    peers = (signed_requests.KEYSHIELD, signed_requests.DJANGO)
    assert told == [(name, peer) for name in ours for peer in peers]
    assert [row.is_met for row in rows if row.against == signed_requests.BARE] == [True, True]


def test_what_failed_is_a_missed_goal_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("growth", "", failed="the bot never polled")
    assert not are_met([NEAR, row])
    print_rows("All", [row])
    told = capsys.readouterr().out
    assert "FAILED" in told
    assert "failed: growth: the bot never polled" in told


def test_only_what_cannot_be_imported_is_missing() -> None:
    assert is_missing("a_peer_that_nobody_wrote")
    assert not is_missing("telegram")


def test_machines_get_every_row_unrounded_and_what_it_was_taken_on(tmp_path: Path) -> None:
    write_rows(str(tmp_path / "rows.json"), [FAST, TOLD, LEFT_OUT], part="all")
    told = json.loads((tmp_path / "rows.json").read_text("utf-8"))
    assert told["machine"].keys() == {"python", "system"}
    assert told["part"] == "all"
    assert told["rows"][0] == {
        "name": "chat",
        "unit": "/s",
        "measured": 900.0,
        "reference": 1000.0,
        "against": "PTB's echo",
        "ratio": 0.9,
        "goal": "≥ 1.00",
        "met": False,
        "left_out": None,
        "failed": None,
    }
    assert [row["ratio"] for row in told["rows"][1:]] == [pytest.approx(0.729, rel=1e-3), None]
    assert told["rows"][2]["left_out"] is not None


def test_nothing_is_written_where_no_file_was_named() -> None:
    write_rows(None, [FAST])
