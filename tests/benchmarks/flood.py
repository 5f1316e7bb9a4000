"""What a flood of logins does to everybody else.

    python -m tests.benchmarks.flood [--seconds 10] [--json FILE]

200 signed requests a second go on throughout: on an idle program, under a flood of well-formed wrong secrets, and under
one of right secrets, each at ten times what this machine can hash. Goals: their p99 within twice the idle one, or
20 ms; 429 or 503 with Retry-After to what is too much; memory flat.

Last, unknown ids and wrong secrets are timed in turns: the chance that one takes longer than the other is one half,
give or take 0.05 (`tests.timing`; the standard error for 2 × 2,000 is 0.009).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.services.hashing import create_secret
from tests.benchmarks.argon2_alone import count_argon2
from tests.benchmarks.load import send_apart
from tests.benchmarks.memory import resident
from tests.benchmarks.report import print_table, verdict, write_json
from tests.benchmarks.servers import running_registry, temporary_folder
from tests.signing import milliseconds
from tests.timing import chance_of_longer

if TYPE_CHECKING:
    from tests.benchmarks.load import Outcome
    from tests.benchmarks.servers import Registry
    from tests.signing import Signer

ME = "/api/v1/me"
YOUNG = 5.5
"""Seconds after its start in which a server on SQLite accepts no timestamp of the present."""
SIGNED_RATE = 200
TIMES_TOO_MANY = 10
MOST_LOGINS = 3000
"""A second: what one load generator sends at most."""
FLOODING_ADDRESSES = 50
AT_ONCE = 256
TIMED = 2000
GOOD_P99, TIMES_IDLE = 0.020, 2.0
FLAT = 16 * 2**20
"""Bytes by which memory may grow: less than one argon2 works in."""
ALIKE = 0.05


@dataclass(frozen=True)
class Phase:
    """Some seconds of signed requests, with or without a flood, and the memory of the program after them."""

    name: str
    signed: Outcome
    flood: Outcome | None
    memory: int


async def main(seconds: int, json_path: str | None) -> bool:
    """Measure, print, and tell whether the goals were met."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(temporary_folder()))
        url = f"sqlite+aiosqlite:///{folder / 'devices.db'}"
        registry = await stack.enter_async_context(running_registry(url, folder))
        signers = [await registry.open_session(one) for one in registry.devices]
        hashes = await asyncio.to_thread(count_argon2, registry, 100)
        rate = min(MOST_LOGINS, TIMES_TOO_MANY * hashes)
        count = int(rate * seconds)
        await asyncio.sleep(YOUNG)
        # what is made once, threads and the memory they hash in, is made before the memory is looked at
        await send_apart(registry.port, _right(registry, 200), rate=rate, connections=AT_ONCE)
        phases = [
            await _measure("idle", registry, signers, seconds),
            await _measure("wrong secrets", registry, signers, seconds, _wrong(registry, count), rate),
            await _measure("right secrets", registry, signers, seconds, _right(registry, count), rate),
        ]
        alike = await _compare(registry)
    return _report(phases, hashes, rate, alike, json_path)


async def _measure(
    name: str,
    registry: Registry,
    signers: list[Signer],
    seconds: int,
    logins: list[bytes] | None = None,
    rate: float | None = None,
) -> Phase:
    start = milliseconds()
    requests = [
        signers[number % len(signers)].request("GET", ME, timestamp=start + number * 1000 // SIGNED_RATE)
        for number in range(SIGNED_RATE * seconds)
    ]
    signed = asyncio.create_task(send_apart(registry.port, requests, rate=SIGNED_RATE))
    flood = None
    if logins is not None:
        flood = await send_apart(registry.port, logins, rate=rate, connections=AT_ONCE)
    return Phase(name, await signed, flood, resident(registry.bot.process.pid))


def _wrong(registry: Registry, count: int) -> list[bytes]:
    """Return logins with well-formed secrets that are nobody's, from several addresses."""
    secret = create_secret().reveal()
    chosen = [registry.devices[number % len(registry.devices)].device.id for number in range(count)]
    return [
        registry.login_request(device_id, secret, address=f"203.0.113.{number % FLOODING_ADDRESSES}")
        for number, device_id in enumerate(chosen)
    ]


def _right(registry: Registry, count: int) -> list[bytes]:
    chosen = [registry.devices[number % len(registry.devices)] for number in range(count)]
    return [registry.login_request(one.device.id, one.secret) for one in chosen]


async def _compare(registry: Registry) -> float:
    """Time unknown ids and wrong secrets in turns, each from an address of its own that has tries left."""
    secret = create_secret().reveal()
    known = registry.devices[0].device.id
    requests = [
        registry.login_request(
            known if number % 2 else uuid.uuid4(), secret, address=f"198.18.{number // 250}.{number % 250}"
        )
        for number in range(2 * TIMED)
    ]
    outcome = await send_apart(registry.port, requests, connections=1)
    times = [after - before for before, after in zip([0.0, *outcome.latencies], outcome.latencies, strict=False)]
    if set(outcome.statuses) != {401}:
        raise SystemExit(f"wrong logins were answered {dict(outcome.statuses)}")
    return chance_of_longer(times[1::2], times[0::2])


def _report(phases: list[Phase], hashes: float, rate: float, alike: float, json_path: str | None) -> bool:
    print_table(
        f"{SIGNED_RATE} signed requests/s; floods of {rate:,.0f} logins/s where {hashes:.0f} can be hashed",
        ("phase", "p50 ms", "p99 ms", "signed", "flood", "RSS MiB"),
        [
            (
                phase.name,
                f"{phase.signed.quantile(0.5) * 1000:.1f}",
                f"{phase.signed.quantile(0.99) * 1000:.1f}",
                _count(phase.signed),
                "-" if phase.flood is None else _count(phase.flood),
                f"{phase.memory / 2**20:.1f}",
            )
            for phase in phases
        ],
    )
    idle, *floods = phases
    bound = max(GOOD_P99, TIMES_IDLE * idle.signed.quantile(0.99))
    goals = {
        "every signed request is let in": all(set(phase.signed.statuses) == {200} for phase in phases),
        f"p99 within {bound * 1000:.0f} ms": all(phase.signed.quantile(0.99) <= bound for phase in floods),
        "429 or 503 to what is too much": all(phase.flood is not None and _is_curbed(phase.flood) for phase in floods),
        "memory is flat": max(phase.memory for phase in floods) - idle.memory <= FLAT,
        f"unknown and wrong take as long ({alike:.3f})": abs(alike - 0.5) <= ALIKE,
    }
    print_table("Goals", ("goal", ""), [(goal, verdict(is_met=is_met)) for goal, is_met in goals.items()])
    figures = {
        phase.name: {"p50": phase.signed.quantile(0.5), "p99": phase.signed.quantile(0.99), "memory": phase.memory}
        for phase in phases
    }
    write_json(json_path, {"phases": figures, "hashes": hashes, "rate": rate, "alike": alike, "goals": goals})
    return all(goals.values())


def _count(outcome: Outcome) -> str:
    return " ".join(f"{count}×{status}" for status, count in sorted(outcome.statuses.items()))


def _is_curbed(flood: Outcome) -> bool:
    """Tell whether most of a flood was sent away, and told when to come again."""
    sent_away = flood.statuses[429] + flood.statuses[503]
    return flood.silent == 0 and sent_away > flood.statuses.total() / 2 and set(flood.statuses) <= {201, 401, 429, 503}


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Signed requests under a flood of logins.")
    parser.add_argument("--seconds", type=int, default=10, choices=range(2, 26), metavar="2…25")
    parser.add_argument("--json", help="file to write the figures to")
    return parser.parse_args()


if __name__ == "__main__":
    options = _parse()
    sys.exit(0 if asyncio.run(main(options.seconds, options.json)) else 1)
