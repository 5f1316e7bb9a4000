"""The command line of a benchmark that is run by itself: its options are what its `run` can be told."""

from __future__ import annotations

import argparse
import asyncio
import inspect
from typing import TYPE_CHECKING

from tests.benchmarks.comparison import are_met, print_rows, write_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from tests.benchmarks.comparison import Row


def run_alone(title: str, run: Callable[..., Awaitable[list[Row]]], arguments: Sequence[str] | None = None) -> int:
    """Measure, print the rows under a title, and return the exit code: 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=f"{title}, and nothing else.")
    for name, default in _numbers(run).items():
        parser.add_argument(f"--{name}", type=type(default), default=default, help=f"({default})")
    parser.add_argument("--json", metavar="FILE", help="file to write the rows to")
    options = vars(parser.parse_args(arguments))
    path = options.pop("json")

    async def measure() -> list[Row]:
        return await run(**options)

    rows = asyncio.run(measure())
    print_rows(title, rows)
    write_rows(path, rows)
    return 0 if are_met(rows) else 1


def _numbers(run: Callable[..., object]) -> dict[str, float]:
    """Return the parameters that a number can be given for, with their defaults."""
    found = {name: parameter.default for name, parameter in inspect.signature(run).parameters.items()}
    return {name: default for name, default in found.items() if isinstance(default, int | float)}
