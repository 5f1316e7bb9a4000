"""The parts of the full runs. Each takes the options of the command line, and returns what must not have happened."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.servers import temporary_folder
from tests.reliability import endurance as days
from tests.reliability import figures, fuzz, pressure
from tests.reliability.canary import run_canaries
from tests.reliability.crash import Outcome, Point, run_matrix
from tests.reliability.games import run_on_each
from tests.reliability.load import AT_ONCE, run_load
from tests.reliability.stage import POSTGRESQL, SQLITE
from tests.reliability.troubles import KINDS, WORDS
from tests.reliability.untimely import TROUBLES, run_untimely

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from tests.reliability.endurance import Endurance

DATABASES = (SQLITE, POSTGRESQL)


def say(line: str) -> None:
    """Tell how far it is."""
    print(line, flush=True)  # noqa: T201 - this is what a person at the command line reads


def crash(options: argparse.Namespace) -> list[str]:
    """Kill the bot at every step."""
    runs = [(kind, webhook) for webhook in (False, True) for kind in options.database]
    dice = random.Random(options.seed)  # noqa: S311 - dice

    def choose(points: list[Point]) -> list[Point]:
        wanted = [(flow, step) for flow, step in points if options.step in str(step)]
        return dice.sample(wanted, min(len(wanted), options.most or len(wanted)))

    async def run() -> list[Outcome]:
        # two side by side: much of the time of each is waiting for a process to start
        places = asyncio.Semaphore(len(options.database))

        async def one(kind: str, *, webhook: bool) -> Outcome:
            async with places:
                return await run_matrix(kind, webhook=webhook, only=options.only, choose=choose, say=say)

        return await asyncio.gather(*(one(kind, webhook=webhook) for kind, webhook in runs))

    outcomes = asyncio.run(run())
    flows: Counter[str] = Counter()
    for outcome in outcomes:
        flows += outcome.points
    rows = [(flow, *(outcome.points[flow] or "–" for outcome in outcomes), flows[flow]) for flow in sorted(flows)]
    rows.append(("**kills**", *(outcome.kills for outcome in outcomes), sum(outcome.kills for outcome in outcomes)))
    rows.append(("steps", *(outcome.steps for outcome in outcomes), sum(outcome.steps for outcome in outcomes)))
    rows.append(
        ("late once, in time when tried again", *(one.late for one in outcomes), sum(one.late for one in outcomes))
    )
    rows.append(("not reached again", *(outcome.missed for outcome in outcomes), sum(one.missed for one in outcomes)))
    bad = [violation for outcome in outcomes for violation in outcome.violations]
    rows.append(("**violations**", *(len(outcome.violations) for outcome in outcomes), len(bad)))
    head = ["killed while", *(f"{kind}, {'webhook' if webhook else 'polling'}" for kind, webhook in runs), "in all"]
    _write(options, "crash", figures.table(head, rows))
    return bad


def load(options: argparse.Namespace) -> list[str]:
    """Kill the bot at random moments."""

    async def run() -> list[Outcome]:
        loads = [run_load(kind, options.kills, options.seed, say=say) for kind in options.database]
        return await asyncio.gather(*loads)

    outcomes = asyncio.run(run())
    rows = [
        (kind, AT_ONCE, outcome.kills, len(outcome.violations))
        for kind, outcome in zip(options.database, outcomes, strict=True)
    ]
    _write(options, "load", figures.table(("database", "people at once", "kills", "violations"), rows))
    return [violation for outcome in outcomes for violation in outcome.violations]


def hostile(options: argparse.Namespace) -> list[str]:
    """Play at random with a Telegram that does everything wrong, and then with one that does one thing wrong."""
    played = run_on_each(options.seed, options.actions // len(options.database), options.database, options.alone)
    rows: list[tuple[object, ...]] = [("seed", *(one.seed for one in played))]
    rows.append(("actions", *(one.actions for one in played)))
    rows.append(("lives of the bot", *(one.lives for one in played)))
    rows.append(("faults met", *(one.faults.total() for one in played)))
    # how often in all, and how often of these where nothing else went wrong
    rows += [
        (f"· {WORDS[kind]}", *(f"{one.faults[kind]} ({one.alone.get(kind, 0)})" for one in played)) for kind in KINDS
    ]
    rows.append(("**violations**", *(len(one.violations) for one in played)))
    _write(options, "hostile", figures.table(("", *options.database), rows))
    return [violation for one in played for violation in one.violations]


def untimely(options: argparse.Namespace) -> list[str]:
    """Let time go wrong."""
    bad, rows = [], []
    for trouble in TROUBLES:
        marks = []
        for kind in options.database:
            try:
                asyncio.run(run_untimely(kind, trouble))
                marks.append("held")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
                bad.append(f"{kind}, {trouble.__name__}: {''.join(traceback.format_exception(error))}")
                marks.append("**violated**")
            say(f"{kind}, {trouble.__name__}: {marks[-1]}")
        rows.append((trouble.__name__.replace("_", " "), *marks))
    _write(options, "untimely", figures.table(("", *options.database), rows))
    return bad


def canary(options: argparse.Namespace) -> list[str]:
    """Search every byte that is left."""
    findings = [asyncio.run(run_canaries(kind)) for kind in options.database]
    rows = [
        (kind, found.canaries, found.files, f"{found.size / 2**20:.0f}", len(found.hits))
        for kind, found in zip(options.database, findings, strict=True)
    ]
    head = ("database", "secrets, tokens and keys", "files searched", "MiB", "hits")
    _write(options, "canary", figures.table(head, rows))
    return [hit for found in findings for hit in found.hits]


def fuzzing(options: argparse.Namespace) -> list[str]:
    """Give a million inputs to everything that reads what a stranger may send."""
    if not fuzz.is_there():
        say("fuzz is left out: install the extra `fuzz` for it")
        return []
    fed = asyncio.run(fuzz.feed_all(options.inputs, options.seed))
    rows: list[tuple[object, ...]] = [
        (fuzz.WORDS[one.parser], f"{one.inputs:,}", 0 if one.fault is None else 1) for one in fed
    ]
    rows.append(("**in all**", f"{sum(one.inputs for one in fed):,}", sum(one.fault is not None for one in fed)))
    _write(options, "fuzz", figures.table(("reader of", "inputs", "violations"), rows))
    return [f"{one.parser}: {one.fault}" for one in fed if one.fault is not None]


def pressing(options: argparse.Namespace) -> list[str]:
    """Let thousands of secrets come due in one second."""
    measured = asyncio.run(pressure.main())
    head = ("", "p50, s", "p99, s", "longest, s", "bare deletions, s", "429s", "answers meanwhile")
    _write(options, "pressure", figures.table(head, map(pressure.describe, measured)))
    return [fault for one in measured for fault in one.faults()]


def endurance(options: argparse.Namespace) -> list[str]:
    """Live through days of load on a fast clock."""
    with temporary_folder() as folder:
        found: Endurance = asyncio.run(days.measure(Path(folder), timedelta(minutes=options.every)))
    _write(options, "endurance", figures.table(("", "24 hours before", "at the end"), days.describe(found)))
    return found.faults


def _write(options: argparse.Namespace, part: str, text: str) -> None:
    say(f"\n{part}\n{text}\n")
    if options.write:
        figures.write(part, text)


PARTS: dict[str, Callable[[argparse.Namespace], list[str]]] = {
    "crash": crash,
    "load": load,
    "hostile": hostile,
    "untimely": untimely,
    "canary": canary,
    "pressure": pressing,
    "endurance": endurance,
    "fuzz": fuzzing,
}
