"""Tables for people and JSON for machines."""

from __future__ import annotations

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def say(line: str) -> None:
    """Tell the person who runs the benchmark."""
    print(line, flush=True)  # noqa: T201 - this is what a person at the command line reads


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under their columns: text to the left, numbers to the right."""
    cells = [list(columns), *([str(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(columns))]
    say(f"\n{title}")
    for row in cells:
        first, *others = (cell.ljust(widths[0]) if at == 0 else cell.rjust(widths[at]) for at, cell in enumerate(row))
        say("  ".join([first, *others]).rstrip())


def verdict(*, is_met: bool) -> str:
    """Return how a goal fared."""
    return "met" if is_met else "MISSED"


def write_json(path: str | None, figures: dict[str, Any]) -> None:
    """Write the figures, with what they were taken on, where that was asked for."""
    if path is not None:
        machine = {"python": platform.python_version(), "system": platform.platform()}
        Path(path).write_text(json.dumps({"machine": machine, **figures}, indent=2) + "\n", "utf-8")
