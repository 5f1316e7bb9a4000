"""Signed requests a second, beside a bare FastAPI route and beside two libraries for API keys.

    python -m tests.benchmarks.signed_requests [--requests 20000] [--rounds 3] [--json FILE]

All servers are on one machine in one run, under the same load generator, those of FastAPI with the same uvicorn
settings, one process each; the rounds alternate, and the median counts. Goals: 0.6 of the bare route; 15 times
keyshield, with its cache on and its delays off; 3 times djangorestframework-api-key (both are of the extra `bench`);
both on the database that the program is on. What two processes on one PostgreSQL do is only told: the load they get
shares their cores.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.alone import run_alone
from tests.benchmarks.comparison import Row, at_least, is_missing, leave_out
from tests.benchmarks.load import send_apart
from tests.benchmarks.memory import processor_time
from tests.benchmarks.servers import (
    port_of,
    postgres_url,
    running_api,
    running_neighbour,
    running_registry,
    temporary_folder,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.servers import Neighbour, Registry
    from tests.journeys.running import RunningBot

ME = "/api/v1/me"
YOUNG = 5.5
"""Seconds after its start in which a server on SQLite accepts no timestamp of the present."""
BARE, OURS = "bare FastAPI route", "signed"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
TWO = "signed, PostgreSQL, two processes"
KEYSHIELD, DJANGO = "keyshield", "djangorestframework-api-key"
GOALS = {BARE: at_least(0.6), KEYSHIELD: at_least(15.0), DJANGO: at_least(3.0)}
MODULES = {KEYSHIELD: "keyshield", DJANGO: "rest_framework_api_key"}
"""What is there when they are installed."""


@dataclass
class Contender:
    """A server that is measured, and how. One of several processes gets its share of the requests."""

    ports: list[int]
    processes: list[int]
    make_requests: Callable[[int], list[bytes]]
    slower: int = 1
    """One that is slower by about this much gets fewer requests by as much."""
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    """Processor seconds of a request, in each round."""

    async def run(self, count: int) -> None:
        """Answer some requests, all of them with 200."""
        share = count // self.slower // len(self.ports)
        shares = [self.make_requests(share) for _ in self.ports]
        sending = (send_apart(port, requests) for port, requests in zip(self.ports, shares, strict=True))
        before = self._processor_time()
        outcomes = await asyncio.gather(*sending)
        for outcome in outcomes:
            if set(outcome.statuses) != {200}:
                raise SystemExit(f"ports {self.ports} answered {dict(outcome.statuses)}")
        self.rates.append(sum(outcome.rate for outcome in outcomes))
        self.costs.append((self._processor_time() - before) / (share * len(self.ports)))

    def forget(self) -> None:
        """Forget what was measured."""
        self.rates.clear()
        self.costs.clear()

    @property
    def rate(self) -> float:
        """Return the median."""
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        """Return the median."""
        return statistics.median(self.costs)

    def _processor_time(self) -> float:
        return sum(map(processor_time, self.processes))


async def run(requests: int = 20_000, rounds: int = 3) -> list[Row]:
    """Measure, and return the rows."""
    async with AsyncExitStack() as stack:
        contenders = await _start(stack)
        await asyncio.sleep(YOUNG)
        for contender in contenders.values():
            await contender.run(requests // 10)  # what is made at first use is made now
            contender.forget()
        for _ in range(rounds):
            for contender in contenders.values():
                await contender.run(requests)
    rates = {name: contender.rate for name, contender in contenders.items()}
    costs = {name: contender.cost for name, contender in contenders.items()}
    return [*make_rows(rates), *(_cost_row(costs, name) for name in (SQLITE, POSTGRESQL))]


def make_rows(rates: dict[str, float]) -> list[Row]:
    """Return the rows: one process on each database beside everything else, and two beside one."""
    rows = [_row(rates, database, peer) for database in (SQLITE, POSTGRESQL) for peer in GOALS]
    return [*rows, Row(TWO, "/s", rates[TWO], rates[on(OURS, POSTGRESQL)], "one process")]


def on(name: str, database: str) -> str:
    """Return how a contender on a database is called."""
    return f"{name}, {database}"


def cost_on(database: str) -> str:
    """Return how the row is called that tells the processor time of a signed request."""
    return f"{on(OURS, database)}: processor time of one"


def _cost_row(costs: dict[str, float], database: str) -> Row:
    return Row(cost_on(database), "µs", 1e6 * costs[on(OURS, database)], 1e6 * costs[BARE], BARE)


def _row(rates: dict[str, float], database: str, peer: str) -> Row:
    ours, theirs = on(OURS, database), BARE if peer == BARE else on(peer, database)
    if theirs not in rates:
        return leave_out(ours, "/s", peer)
    return Row(ours, "/s", rates[ours], rates[theirs], peer, GOALS[peer])


async def _start(stack: AsyncExitStack) -> dict[str, Contender]:
    folder = Path(stack.enter_context(temporary_folder()))
    bare = await stack.enter_async_context(running_neighbour("bare"))
    plain = _plain_request(bare.port)
    contenders = {BARE: Contender([bare.port], [bare.process], lambda count: [plain] * count)}
    files = [f"sqlite+aiosqlite:///{folder / name}.db" for name in ("devices", "keyshield", "django")]
    on_sqlite = await stack.enter_async_context(running_registry(files[0], folder))
    contenders[on(OURS, SQLITE)] = await _signed(on_sqlite)
    await _add_neighbours(contenders, stack, SQLITE, *files[1:])
    # they have tables of different names
    url = await stack.enter_async_context(postgres_url())
    on_postgresql = await stack.enter_async_context(running_registry(url, folder))
    contenders[on(OURS, POSTGRESQL)] = await _signed(on_postgresql)
    await _add_neighbours(contenders, stack, POSTGRESQL, url, url)
    second = await stack.enter_async_context(running_api(on_postgresql, url, folder))
    contenders[TWO] = await _signed(on_postgresql, second)
    return contenders


async def _add_neighbours(
    contenders: dict[str, Contender], stack: AsyncExitStack, database: str, for_keyshield: str, for_django: str
) -> None:
    if not is_missing(MODULES[KEYSHIELD]):
        neighbour = await stack.enter_async_context(running_neighbour("keyshield", for_keyshield))
        contenders[on(KEYSHIELD, database)] = _with_keys(neighbour, "Bearer", slower=20)
    if not is_missing(MODULES[DJANGO]):
        neighbour = await stack.enter_async_context(running_neighbour("django", for_django))
        contenders[on(DJANGO, database)] = _with_keys(neighbour, "Api-Key", slower=5)


async def _signed(registry: Registry, *more: RunningBot) -> Contender:
    # whichever port it comes in at, a request is signed for the host that its header names
    signers = [await registry.open_session(registered) for registered in registry.devices]

    def sign(count: int) -> list[bytes]:
        return [signer.request("GET", ME) for signer in _cycle(signers, count)]

    programs = [registry.bot, *more]
    return Contender([port_of(one) for one in programs], [one.process.pid for one in programs], sign)


def _with_keys(neighbour: Neighbour, scheme: str, *, slower: int) -> Contender:
    requests = [_plain_request(neighbour.port, f"Authorization: {scheme} {key}") for key in neighbour.keys]
    return Contender([neighbour.port], [neighbour.process], lambda count: _cycle(requests, count), slower)


def _cycle(things: list[Any], count: int) -> list[Any]:
    return [things[number % len(things)] for number in range(count)]


def _plain_request(port: int, *headers: str) -> bytes:
    return "\r\n".join([f"GET {ME} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]).encode()


if __name__ == "__main__":
    sys.exit(run_alone("Signed requests", run))
