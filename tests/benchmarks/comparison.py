"""What every benchmark gives back: rows, each a figure beside its reference, measured in the same run.

One table shows them all, and one JSON file keeps them. What could not be measured because a peer is not installed is a
row too: it says so, and what to install. So is what failed.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.benchmarks.report import print_table, say, verdict, write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEAD = ("row", "measured", "reference", "ratio", "goal", "")
NOTHING = "–"


@dataclass(frozen=True)
class Goal:
    """What a ratio must be: so much at least, or so much at most."""

    bound: float
    is_floor: bool

    def __str__(self) -> str:
        """Return the goal as the table says it."""
        return f"{'≥' if self.is_floor else '≤'} {_digits(self.bound)}"

    def is_met(self, ratio: float) -> bool:
        """Tell whether a ratio is good enough."""
        return ratio >= self.bound if self.is_floor else ratio <= self.bound


def at_least(bound: float) -> Goal:
    """Return the goal of being so many times the reference, or more."""
    return Goal(bound, is_floor=True)


def at_most(bound: float) -> Goal:
    """Return the goal of being so many times the reference, or less."""
    return Goal(bound, is_floor=False)


WITHIN = at_most(1.0)
"""The goal of what has a fixed bound: the bound is its reference."""


@dataclass(frozen=True)
class Row:
    """A figure, and the reference that it is a multiple of. Without a goal it is only told.

    `reference` is in the same unit, and `against` says what it is. A row that is `left_out`, or that `failed` to be
    measured, says why instead.
    """

    name: str
    unit: str
    measured: float | None = None
    reference: float | None = None
    against: str = ""
    goal: Goal | None = None
    left_out: str | None = None
    failed: str | None = None

    @property
    def ratio(self) -> float | None:
        """Return how many times the reference the figure is."""
        if self.measured is None or not self.reference:
            return None
        return self.measured / self.reference

    @property
    def is_met(self) -> bool | None:
        """Tell whether the goal was met; None where there is none. What failed has met none."""
        if self.failed is not None:
            return False
        ratio = self.ratio
        return None if self.goal is None or ratio is None else self.goal.is_met(ratio)

    def cells(self) -> tuple[str, ...]:
        """Return the row as the table shows it."""
        ratio = NOTHING if self.ratio is None else _digits(self.ratio)
        goal = NOTHING if self.goal is None else str(self.goal)
        return (self.name, self._tell(self.measured), self._tell_reference(), ratio, goal, self._outcome())

    def to_json(self) -> dict[str, Any]:
        """Return the row for machines, its figures unrounded."""
        return {
            "name": self.name,
            "unit": self.unit,
            "measured": self.measured,
            "reference": self.reference,
            "against": self.against,
            "ratio": self.ratio,
            "goal": None if self.goal is None else str(self.goal),
            "met": self.is_met,
            "left_out": self.left_out,
            "failed": self.failed,
        }

    def _outcome(self) -> str:
        if self.failed is not None:
            return "FAILED"
        if self.left_out is not None:
            return "left out"
        return "" if self.is_met is None else verdict(is_met=self.is_met)

    def _tell(self, figure: float | None) -> str:
        return NOTHING if figure is None else f"{_digits(figure)} {self.unit}"

    def _tell_reference(self) -> str:
        told = self._tell(self.reference)
        return f"{told}, {self.against}" if self.against and self.reference is not None else self.against or told


def is_missing(module: str) -> bool:
    """Tell whether a peer is not installed."""
    return importlib.util.find_spec(module) is None


def leave_out(name: str, unit: str, peer: str) -> Row:
    """Return the row of a comparison with a peer that is not installed."""
    return Row(name, unit, against=peer, left_out=f"{peer} is not installed: pip install -e '.[bench]'")


def print_rows(title: str, rows: Sequence[Row]) -> None:
    """Print the table, and below it why rows were left out, or failed."""
    print_table(title, HEAD, [row.cells() for row in rows])
    for row in rows:
        if row.left_out is not None:
            say(f"left out: {row.name}: {row.left_out}")
        if row.failed is not None:
            say(f"failed: {row.name}: {row.failed}")


def write_rows(path: str | None, rows: Iterable[Row], **more: Any) -> None:
    """Write the rows, and what else there is to keep, where that was asked for."""
    write_json(path, {"rows": [row.to_json() for row in rows], **more})


def are_met(rows: Iterable[Row]) -> bool:
    """Tell whether no goal was missed."""
    return all(row.is_met is not False for row in rows)


def _digits(figure: float) -> str:
    """Return a figure with three digits that count, or all before the point."""
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"
