"""The arithmetic of docs/scaling.md, and the document that takes it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import scaling, sessions, writes
from tests.benchmarks.comparison import Row, at_least
from tests.benchmarks.scaling import Fleet, Measured

if TYPE_CHECKING:
    from pathlib import Path

MEASURED = Measured(signed_on_sqlite=5000, signed_on_postgresql=4000, borne=10_000, logins=40)
ROWS = [
    Row(scaling.COST_ON_SQLITE, "µs", 200.0, 100.0),
    Row(scaling.COST_ON_POSTGRESQL, "µs", 250.0, 100.0),
    Row(writes.NAME, "/s", 10_000.0, 40_000.0),
    Row(sessions.NAME, "/s", 80.0, 85.0, "argon2 alone", at_least(0.9)),
]


def test_a_core_does_what_the_processor_time_of_one_request_allows() -> None:
    assert Measured.read(ROWS) == MEASURED


def test_without_a_figure_that_it_needs_the_arithmetic_says_which() -> None:
    failed = Row(sessions.NAME, "/s", failed="no login was answered")
    assert scaling.find_missing(ROWS) == []
    assert scaling.find_missing([*ROWS[:3], failed]) == [sessions.NAME]


@pytest.mark.parametrize(
    ("fleet", "requests"),
    [
        (Fleet("SQLite has one process", 1), 2500),
        (Fleet("few cores answer", 2, 4), 4000),
        (Fleet("PostgreSQL is what is scarce", 100, 4), 20_000),
    ],
    ids=lambda value: value.name if isinstance(value, Fleet) else None,
)
def test_half_of_what_is_scarce_is_planned_with(fleet: Fleet, requests: float) -> None:
    assert fleet.requests(MEASURED)[0] == requests


def test_the_arithmetic_is_shown_and_ends_in_devices_and_traders() -> None:
    told = scaling.carries(MEASURED)
    assert "| one machine, SQLite | 0.5 × 5,000 | 2,500 | 25,000 | 8,300 |" in told
    assert "0.5 × the lesser of 7 × 4,000 = 28,000 and 4 × 10,000 = 40,000" in told
    assert "0.5 × 30 × 3,600 ÷ 2 = 27,000 traders" in told
    assert "takes 5 minutes" in told


def test_a_run_rewrites_every_figure_of_the_document_and_leaves_the_words(tmp_path: Path) -> None:
    document = tmp_path / "scaling.md"
    document.write_text(scaling.DOCUMENT.read_text("utf-8"), "utf-8")
    scaling.write(ROWS, document)
    written = document.read_text("utf-8")
    assert "| logins | 80.0 /s | 85.0 /s, argon2 alone | 0.94 | ≥ 0.90 | met |" in written
    assert "| logins of devices | argon2 | 40 a core |" in written
    assert written.count("2,500 | 25,000") == 1
    scaling.write(ROWS, document)
    assert document.read_text("utf-8") == written, "twice is as good as once"
