"""What a move tells while it goes on: a bar on a terminal, a line a table elsewhere."""

from __future__ import annotations

import io

import pytest

from bot import moving
from bot.moving import Progress, draw


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_it_is_a_line_a_table() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    for done in (0, 2000, 4000, 4500):
        progress.report("devices", done, 4500)
    progress.report("picks", 0, 0)
    progress.close()
    assert stream.getvalue() == "devices: 4,500 of 4,500\npicks: 0 of 0\n"


def test_on_a_terminal_it_is_one_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "REDRAW", 0.0)
    stream = Terminal()
    progress = Progress(stream)
    for done in (0, 2250, 4500):
        progress.report("devices", done, 4500)
    looks = stream.getvalue().split("\r")[1:]
    assert [look.partition("%")[0][-4:] for look in looks] == ["  0 ", " 50 ", "100 "]
    assert [look.endswith("\n") for look in looks] == [False, False, True]
    assert all(look.startswith("\x1b[2K") for look in looks), "nothing is left of what was there before"


def test_a_bar_that_was_interrupted_is_left_on_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.report("devices", 10, 4500)
    progress.close()
    assert stream.getvalue().endswith("\n")


def test_it_is_redrawn_only_so_often() -> None:
    stream = Terminal()
    progress = Progress(stream)
    for done in range(1000):
        progress.report("devices", done, 1000)
    assert stream.getvalue().count("\r") < 10


@pytest.mark.parametrize("columns", [10, 40, 80, 200])
def test_it_stays_within_the_line(columns: int) -> None:
    assert len(draw("notice_switches", 12_345_678, 98_765_432, columns)) < columns


def test_the_bar_is_full_at_the_end_and_not_before() -> None:
    assert "░" not in draw("devices", 1, 1, 80)
    assert "░" in draw("devices", 999_999, 1_000_000, 80)
    assert "100 %" not in draw("devices", 999_999, 1_000_000, 80)
    assert "100 %" in draw("devices", 0, 0, 80)
