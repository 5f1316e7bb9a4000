"""The full runs, and the figures in docs/reliability.md.

    python -m tests.reliability                            everything; takes half an hour
    python -m tests.reliability fuzz endurance             some parts of it
    python -m tests.reliability crash --database sqlite    one part, on one database
    python -m tests.reliability crash --only recovery --step "after commit (delete inbox)"
    python -m tests.reliability hostile --seed 7 --actions 1000

What is narrowed down by an option leaves the document as it is, unless --write is given. Exit code 1: something that
must not happen happened; it is printed, with the seed that makes it happen again.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.reliability.parts import DATABASES, PARTS, say


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__.partition("\n")[0])
    parser.add_argument("part", nargs="*", default=PARTS, help=f"of {', '.join(PARTS)}; all of them if left out")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="crash: flows with this in their name")
    parser.add_argument("--step", default="", help="crash: steps with this in their name")
    parser.add_argument("--most", type=int, default=0, help="crash: so many steps of each matrix, by the seed")
    parser.add_argument("--kills", type=int, default=200, help="load: on each database")
    parser.add_argument("--actions", type=int, default=10_000, help="hostile: mixed, on all databases together")
    parser.add_argument("--alone", type=int, default=20, help="hostile: where one thing goes wrong, at least")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="fuzz: for all readers together")
    parser.add_argument("--every", type=float, default=5.0, help="endurance: minutes between two new secrets")
    parser.add_argument("--write", action="store_true", help="write the figures though not everything was run")
    options = parser.parse_args()
    if unknown := set(options.part) - set(PARTS):
        parser.error(f"there is no part {', '.join(unknown)}")
    options.write |= len(sys.argv) == 1
    options.database = options.database or DATABASES
    return options


def main() -> int:
    """Run what is asked for, and tell whether all is well."""
    options = _parse()
    # each in a process of its own: what one leaves in memory, and the time it takes to look through it, is no other's
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as processes:
        bad = [violation for part in options.part for violation in processes.submit(PARTS[part], options).result()]
    for violation in bad:
        say(f"\nVIOLATION {violation}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
