"""How late secrets are destroyed when a thousand are due over a minute, as in a very busy hour.

    python -m tests.benchmarks.destruction [--count 1000] [--over 60] [--json FILE]

With the sandbox's limits on. Each destruction costs an edit and a receipt that count towards the thirty calls a second,
and a deletion that does not: the receipts wait, the edits must not. `tests.reliability.pressure` has what is worse.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import WITHIN, Row
from tests.benchmarks.servers import temporary_folder
from tests.reliability.pressure import Case, measure

MEDIAN, NEARLY_ALL = 100.0, 500.0
"""Milliseconds."""


async def run(count: int = 1000, over: float = 60.0) -> list[Row]:
    """Measure, and return the rows."""
    with temporary_folder() as folder:
        lateness = await measure(Case("spread", count, over=over), Path(folder))
    if lateness.refused:
        raise SystemExit(f"the bot went past the limits {lateness.refused} times")
    what = f"lateness of {count:,} destructions over {over:.0f} s"
    return [
        Row(f"{what}, p50", "ms", 1000 * lateness.median, MEDIAN, "bound", WITHIN),
        Row(f"{what}, p99", "ms", 1000 * lateness.quantile(0.99), NEARLY_ALL, "bound", WITHIN),
    ]


if __name__ == "__main__":
    sys.exit(run_alone("Destruction", run))
