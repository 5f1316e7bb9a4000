"""How fast lists and searches are with a million devices, beside a thousand.

    python -m tests.benchmarks.lists [--devices 1000000] [--rounds 200] [--json FILE]

Two SQLite files, one with a thousand devices of a hundred clients, one with a million of a hundred thousand. Every list
page and search is read through the services, on each file in turn, each time about somebody else. Goals: a page of the
large file in less than 5 ms (the 95th percentile, on a machine that does nothing else meanwhile), at no more than 1.5
times the cost of the small one (the median).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.services.audit_trail import AuditTrail, Scope
from bot.services.catalogue import Catalogue, Shelf
from bot.services.clock import Clock
from bot.services.devices import DeviceService
from bot.services.directory import Directory, Edge, Roll
from bot.services.hashing import Hasher, Tagger
from bot.services.keys import Keyring
from storage.directory import Field
from tests.benchmarks.crowd import STEMS, Crowd
from tests.benchmarks.report import print_table, verdict, write_json
from tests.benchmarks.servers import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storage.database import Database

FEW = 1_000
FASTEST, MOST_TIMES = 0.005, 1.5
LIMIT = 10


class Registry:
    """A crowd, and the services that read it."""

    def __init__(self, crowd: Crowd, database: Database, hasher: Hasher | None = None) -> None:
        self.crowd = crowd
        self.database = database
        self.clock, self.hasher = Clock(), hasher or Hasher()
        self.directory = Directory(database, self.clock, device_limit=LIMIT)
        self.catalogue = Catalogue(database, self.clock, device_limit=LIMIT)
        self.trail = AuditTrail(database)
        self.devices = DeviceService(database, self.hasher, Tagger(Keyring([b"k" * 32])), self.clock)
        self.somebody = 0
        self.something = 0

    def choose(self, chance: random.Random) -> None:
        """Choose whom the next reading is about."""
        self.somebody = chance.randrange(self.crowd.clients)
        self.something = chance.randrange(self.crowd.devices)

    async def close(self) -> None:
        """Let go of everything."""
        self.hasher.close()
        await self.database.dispose()


def _next_to(registry: Registry, *, before: bool = False) -> Edge:
    return Edge(Field.NAME, registry.crowd.client_id(registry.somebody), before)


def _next_to_device(registry: Registry) -> Edge:
    number = registry.something - registry.something % len(STEMS)
    return Edge(Field.DEVICE, registry.crowd.device_id(number), before=False)


READINGS: dict[str, Callable[[Registry], Awaitable[object]]] = {
    "clients: first page": lambda r: r.directory.list_clients(),
    "clients: page anywhere": lambda r: r.directory.list_clients(edge=_next_to(r)),
    "clients: page back": lambda r: r.directory.list_clients(edge=_next_to(r, before=True)),
    "clients: suspended": lambda r: r.directory.list_clients(Roll.SUSPENDED),
    "client: card": lambda r: r.directory.get_card(r.crowd.client_id(r.somebody)),
    "client: by short id": lambda r: r.directory.find_client(r.crowd.client_id(r.somebody).hex[:8]),
    "client: by Telegram id": lambda r: r.directory.find_client(str(r.crowd.telegram_id(r.somebody))),
    "client: by username": lambda r: r.directory.find_client(f"@{r.crowd.username(r.somebody)}"),
    "search: everybody's beginning": lambda r: r.directory.search("vps"),
    "search: page anywhere": lambda r: r.directory.search("vps", edge=_next_to_device(r)),
    "search: one client": lambda r: r.directory.search(r.crowd.first_name(r.somebody)),
    "search: one username": lambda r: r.directory.search(f"@{r.crowd.username(r.somebody)}"),
    "search: digits": lambda r: r.directory.search(str(r.crowd.telegram_id(r.somebody))[:6]),
    "search: one device": lambda r: r.directory.search(r.crowd.device_name(r.something)),
    "search: nothing": lambda r: r.directory.search("there is no such thing"),
    "device: by short id": lambda r: r.devices.find_device(r.crowd.device_id(r.something).hex[:8]),
    "device: by fingerprint": lambda r: r.devices.find_device(r.crowd.fingerprint(r.something)),
    "a client's devices": lambda r: r.catalogue.read_page(r.crowd.client_id(r.somebody)),
    "a client's revoked devices": lambda r: r.catalogue.read_page(r.crowd.client_id(r.somebody), Shelf.REVOKED),
    "a client's devices: search": lambda r: r.catalogue.read_page(
        r.crowd.client_id(r.somebody), Shelf.FOUND, search="vps"
    ),
    "a client's devices: counts": lambda r: r.catalogue.count(r.crowd.client_id(r.somebody)),
    "a client's devices: REST": lambda r: r.catalogue.list_after(r.crowd.client_id(r.somebody), 50),
    "audit: newest": lambda r: r.trail.read_newest(),
    "audit: page anywhere": lambda r: r.trail.read_next_to(Scope.ALL, r.crowd.event_id(r.something), newer=False),
    "audit: page back": lambda r: r.trail.read_next_to(Scope.ALL, r.crowd.event_id(r.something), newer=True),
    "audit: of a client": lambda r: r.trail.read_newest(Scope.CLIENT, r.crowd.client_id(r.somebody)),
    "audit: of a device": lambda r: r.trail.read_newest(Scope.DEVICE, r.crowd.device_id(r.something)),
}


@dataclass
class Timing:
    """How long one reading took, on the small file and on the large one, in seconds."""

    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        """Return what 95 of 100 readings of the large file did not exceed."""
        return statistics.quantiles(self.large, n=20)[-1]

    @property
    def times(self) -> float:
        """Return how much more a reading of the large file costs."""
        return statistics.median(self.large) / statistics.median(self.small)


async def main(devices: int, rounds: int, json_path: str | None) -> bool:
    """Fill, measure, print, and tell whether the goals were met."""
    with temporary_folder() as name:
        began = time.perf_counter()
        small = await _build(FEW, Path(name) / "small.db")
        large = await _build(devices, Path(name) / "large.db")
        filled = time.perf_counter() - began
        timings = await _measure(small, large, rounds)
        await small.close()
        await large.close()
    return _report(timings, devices, filled, json_path)


async def _build(devices: int, path: Path) -> Registry:
    crowd = Crowd(devices)
    return Registry(crowd, await crowd.fill(path))


async def _measure(small: Registry, large: Registry, rounds: int) -> dict[str, Timing]:
    """Read everything in turn, so that whatever else the machine does meanwhile falls on all alike."""
    chance = random.Random(1)  # noqa: S311 - the same people every time
    timings = {name: Timing() for name in READINGS}
    for round_ in range(-rounds // 10, rounds):
        for name, read in READINGS.items():
            for registry, kept in ((small, timings[name].small), (large, timings[name].large)):
                registry.choose(chance)
                began = time.perf_counter()
                await read(registry)
                if round_ >= 0:
                    # what is made at first use was made in the rounds before
                    kept.append(time.perf_counter() - began)
    return timings


def _report(timings: dict[str, Timing], devices: int, filled: float, json_path: str | None) -> bool:
    rows = [
        (
            name,
            f"{statistics.median(timing.small) * 1000:.2f}",
            f"{statistics.median(timing.large) * 1000:.2f}",
            f"{timing.p95 * 1000:.2f}",
            f"{timing.times:.2f}",
        )
        for name, timing in timings.items()
    ]
    title = f"{devices:,} devices beside {FEW:,}, made in {filled:.0f} s; milliseconds"
    print_table(title, ("", "few p50", "many p50", "many p95", "times"), rows)
    goals = {
        "every page within 5 ms": all(timing.p95 < FASTEST for timing in timings.values()),
        "none costs 1.5 times what it costs with few": all(timing.times <= MOST_TIMES for timing in timings.values()),
    }
    print_table("Goals", ("goal", ""), [(goal, verdict(is_met=is_met)) for goal, is_met in goals.items()])
    figures = {name: {"p95": timing.p95, "times": timing.times} for name, timing in timings.items()}
    write_json(json_path, {"devices": devices, "filled": filled, "readings": figures, "goals": goals})
    return all(goals.values())


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Lists and searches with a million devices.")
    parser.add_argument("--devices", type=int, default=1_000_000, help="in the large file")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    options = _parse()
    sys.exit(0 if asyncio.run(main(options.devices, options.rounds, options.json)) else 1)
