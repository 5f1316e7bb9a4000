"""Signed requests a second, beside a bare FastAPI route and beside keyshield; sessions a second, beside argon2 alone.

    python -m tests.benchmarks.signed_requests [--requests 20000] [--rounds 3] [--json FILE]

All servers are one process each, on one machine in one run, under the same load generator and the same uvicorn
settings; the rounds alternate, and the median counts. Goals: half of the bare route; ten times keyshield (extra
`bench`; its cache on, its delays off, the same SQLite); a session for the price of one argon2.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import statistics
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.argon2_alone import count_argon2
from tests.benchmarks.load import send_apart
from tests.benchmarks.report import print_table, verdict, write_json
from tests.benchmarks.servers import postgres_url, running_neighbour, running_registry, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.servers import Registry

ME = "/api/v1/me"
YOUNG = 5.5
"""Seconds after its start in which a server on SQLite accepts no timestamp of the present."""
SLOW = 20
"""A neighbour that is slower by about this much gets fewer requests by as much."""
LOGINS = 200
LOGINS_AT_ONCE = 8
HALF_OF_BARE, TEN_KEYSHIELDS, MOST_OF_ARGON2 = 0.5, 10.0, 0.8


@dataclass
class Contender:
    """A server that is measured, and how."""

    port: int
    make_requests: Callable[[int], list[bytes]]
    slower: int = 1
    rates: list[float] = field(default_factory=list)

    async def run(self, count: int) -> None:
        """Answer some requests, all of them with 200."""
        outcome = await send_apart(self.port, self.make_requests(count // self.slower))
        if set(outcome.statuses) != {200}:
            raise SystemExit(f"port {self.port} answered {dict(outcome.statuses)}")
        self.rates.append(outcome.rate)

    @property
    def rate(self) -> float:
        """Return the median."""
        return statistics.median(self.rates)


async def main(requests: int, rounds: int, json_path: str | None) -> bool:
    """Measure, print, and tell whether the goals were met."""
    async with AsyncExitStack() as stack:
        contenders, registry = await _start(stack)
        await asyncio.sleep(YOUNG)
        for contender in contenders.values():
            await contender.run(requests // 10)  # what is made at first use is made now
            contender.rates.clear()
        for _ in range(rounds):
            for contender in contenders.values():
                await contender.run(requests)
        rates = {name: contender.rate for name, contender in contenders.items()}
        sessions, argon2 = await _count_sessions(registry)
    return _report(rates, sessions, argon2, json_path)


async def _start(stack: AsyncExitStack) -> tuple[dict[str, Contender], Registry]:
    folder = Path(stack.enter_context(temporary_folder()))
    port, _ = await stack.enter_async_context(running_neighbour("bare", folder))
    plain = _plain_request(port)
    contenders = {"bare FastAPI route": Contender(port, lambda count: [plain] * count)}
    url = f"sqlite+aiosqlite:///{folder / 'devices.db'}"
    on_sqlite = await stack.enter_async_context(running_registry(url, folder))
    contenders["signed, SQLite"] = await _signed(on_sqlite)
    url = await stack.enter_async_context(postgres_url())
    contenders["signed, PostgreSQL"] = await _signed(await stack.enter_async_context(running_registry(url, folder)))
    if importlib.util.find_spec("keyshield") is not None:
        port, keys = await stack.enter_async_context(running_neighbour("keyshield", folder))
        with_keys = [_plain_request(port, f"Authorization: Bearer {key}") for key in keys.split()]
        contenders["keyshield, SQLite"] = Contender(port, lambda count: _cycle(with_keys, count), SLOW)
    return contenders, on_sqlite


async def _signed(registry: Registry) -> Contender:
    signers = [await registry.open_session(registered) for registered in registry.devices]

    def sign(count: int) -> list[bytes]:
        return [signer.request("GET", ME) for signer in _cycle(signers, count)]

    return Contender(registry.port, sign)


def _cycle(things: list[Any], count: int) -> list[Any]:
    return [things[number % len(things)] for number in range(count)]


def _plain_request(port: int, *headers: str) -> bytes:
    return "\r\n".join([f"GET {ME} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", ""]).encode()


async def _count_sessions(registry: Registry) -> tuple[float, float]:
    """Return how many logins a second the server answers, and how many argon2 a pool like its own does."""
    logins = [registry.login_request(one.device.id, one.secret) for one in _cycle(registry.devices, LOGINS)]
    outcome = await send_apart(registry.port, logins, connections=LOGINS_AT_ONCE)
    if set(outcome.statuses) != {201}:
        raise SystemExit(f"logins were answered {dict(outcome.statuses)}")
    return outcome.rate, await asyncio.to_thread(count_argon2, registry, LOGINS)


def _report(rates: dict[str, float], sessions: float, argon2: float, json_path: str | None) -> bool:
    bare, keyshield = rates["bare FastAPI route"], rates.get("keyshield, SQLite")
    rows = [
        (name, f"{rate:,.0f}", f"{rate / bare:.2f}", "-" if keyshield is None else f"{rate / keyshield:.1f}")
        for name, rate in rates.items()
    ]
    print_table("GET /api/v1/me", ("server", "requests/s", "of bare", "of keyshield"), rows)
    print_table(
        "Sessions", ("", "a second"), [("POST /sessions", f"{sessions:.0f}"), ("argon2 alone", f"{argon2:.0f}")]
    )
    signed = [rate for name, rate in rates.items() if name.startswith("signed")]
    goals = {
        "half of a bare route": min(signed) >= HALF_OF_BARE * bare,
        "ten times keyshield": keyshield is None or rates["signed, SQLite"] >= TEN_KEYSHIELDS * keyshield,
        "a session costs an argon2": sessions >= MOST_OF_ARGON2 * argon2,
    }
    print_table("Goals", ("goal", ""), [(goal, verdict(is_met=is_met)) for goal, is_met in goals.items()])
    write_json(json_path, {"requests_per_second": rates, "sessions": sessions, "argon2": argon2, "goals": goals})
    return all(goals.values())


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Signed requests and sessions a second.")
    parser.add_argument("--requests", type=int, default=20_000, help="of each server in each round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    options = _parse()
    sys.exit(0 if asyncio.run(main(options.requests, options.rounds, options.json)) else 1)
