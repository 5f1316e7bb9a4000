"""Every benchmark, in one table: figures beside references that were measured in the same run.

    python -m tests.benchmarks                        everything; takes about a quarter of an hour
    python -m tests.benchmarks chat signed growth     some parts
    python -m tests.benchmarks --docs                 also write the figures into docs/scaling.md
    python -m tests.benchmarks --quick                less of everything, to see that it works

Peers are of the extra `bench`; a row whose peer is not installed says so. The machine should do nothing else meanwhile.
The rows are also written to a file, as JSON. Exit code 1: a goal was missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks import (
    chat,
    destruction,
    footprint,
    growth,
    registrations,
    scaling,
    sessions,
    signed_requests,
    throughput,
    writes,
)
from tests.benchmarks.comparison import Row, are_met, print_rows, write_rows
from tests.benchmarks.report import say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FILE = "benchmarks.json"


@dataclass(frozen=True)
class Part:
    """What is measured by itself: all of it, or as little as shows that it works."""

    what: str
    run: Callable[[], Awaitable[list[Row]]]
    run_quickly: Callable[[], Awaitable[list[Row]]]


PARTS = {
    "chat": Part("updates a second", throughput.run, lambda: throughput.run(rounds=1, seconds=1.0)),
    "registrations": Part("300 at once", registrations.run, lambda: registrations.run(people=40)),
    "tap": Part("tap to secret, stalls", chat.run, lambda: chat.run(rounds=1)),
    "destruction": Part("lateness", destruction.run, lambda: destruction.run(count=100, over=6.0)),
    "signed": Part("signed requests", signed_requests.run, lambda: signed_requests.run(requests=2000, rounds=1)),
    "sessions": Part("logins", sessions.run, lambda: sessions.run(logins=40, rounds=1)),
    "writes": Part("what PostgreSQL bears", writes.run, lambda: writes.run(seconds=1.0, rounds=1)),
    "growth": Part("to a million devices", growth.run, lambda: growth.run(rounds=10, sizes=(1_000, 10_000))),
    "footprint": Part("start and memory", footprint.run, lambda: footprint.run(starts=1, seconds=1.0)),
}


async def measure(names: list[str], *, is_quick: bool) -> dict[str, list[Row]]:
    """Return the rows of some parts. A part that fails is a row that says so: the others are measured all the same."""
    rows = {}
    for name in names:
        began, part = time.perf_counter(), PARTS[name]
        try:
            rows[name] = await (part.run_quickly() if is_quick else part.run())
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, the other parts know nothing of it
            rows[name] = [Row(name, "", failed=f"{type(error).__name__}: {error}")]
        say(f"{name}: {part.what}, in {time.perf_counter() - began:.0f} s")
    return rows


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; all of them if left out")
    parser.add_argument("--json", default=FILE, metavar="FILE", help=f"where to write the rows ({FILE})")
    parser.add_argument("--docs", action="store_true", help="write the figures into docs/scaling.md")
    parser.add_argument("--quick", action="store_true", help="less of everything: to see that it works")
    options = parser.parse_args()
    if unknown := set(options.part) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    if options.docs and options.part:
        parser.error("the document wants every part")
    return options


def main() -> int:
    """Measure what is asked for, and tell whether all goals were met."""
    options = _parse()
    parts = asyncio.run(measure(options.part or list(PARTS), is_quick=options.quick))
    rows = [row for part in parts.values() for row in part]
    print_rows("All rows" if not options.part else ", ".join(options.part), rows)
    write_rows(options.json, rows)
    if options.docs:
        missing = scaling.find_missing(rows)
        if missing:
            say(f"docs/scaling.md is left as it is: nothing is known of {', '.join(missing)}")
        else:
            scaling.write(rows)
    return 0 if are_met(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
