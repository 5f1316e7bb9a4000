"""How many machine instructions the program needs for an update, a signed request and a login, counted by valgrind.

    python -m tests.benchmarks.instructions [SUBJECT …] [--times 200]

Where a machine is shared, times differ by a tenth from run to run; instructions differ by less than a hundredth. So
this is what to look at before and after a change. Nothing is sent anywhere: the doors are called directly, on SQLite,
with the cheapest argon2, in a process of its own for each subject; what comes before and after is not counted. Without
valgrind (`apt-get install valgrind`) it says so, and exits with 2.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.app import WebDoor, assemble_chat, assemble_core
from bot.services.handouts import take_over
from bot.services.hashing import Hasher
from storage import migrations
from storage.database import Database
from tests.benchmarks.report import print_table, say
from tests.benchmarks.servers import temporary_folder
from tests.chat import speech
from tests.chat.conftest import Door, settings_for_tests
from tests.chat.offline import OfflineTelegram
from tests.conftest import BOT_ID
from tests.fakes import CHEAP, FakeClock
from tests.journeys.running import ROOT
from tests.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.types import ASGIApp, Message

    from bot.app import Core

TIMES, WARM_UP = 200, 20
AT_ONCE = 10
"""People who write in one batch: a poll brings about as many updates when there is much to do."""
DEVICES = 10
HOST = "devices.test"
UNKNOWN_BEFORE = timedelta(seconds=10)
"""How long after the start no nonce can have been spent before it."""
COUNTED = re.compile(r"Collected : (\d+)")


async def handle_devices(database: Database, times: int) -> None:
    """Let people ask for the list of their ten devices."""
    clock, telegram, settings = FakeClock(), OfflineTelegram(), settings_for_tests(calls_per_second=100_000)
    core = await assemble_core(settings, database, clock=clock, hasher=Hasher(**CHEAP))
    program = assemble_chat(settings, core, await take_over(database, clock, BOT_ID))
    program.bot._request = (telegram, telegram)
    await program.application.initialize()
    door = Door(program, telegram, database)
    people = [speech.person(1000 + number, "Anna") for number in range(AT_ONCE)]
    await door.receive(*(speech.message("/start", person=person) for person in people))
    for person in people:
        whose = (await door.enter(person)).client_id
        for number in range(DEVICES):
            await core.devices.create_device(whose, f"VPS-{number}")

    async def ask() -> None:
        await door.receive(*(speech.message("/devices", person=person) for person in people))

    await _count(ask, times // AT_ONCE)
    await program.application.shutdown()
    await core.close()


async def sign_requests(database: Database, times: int) -> None:
    """Let a device make signed requests."""
    core, app, ids = await _open_door(database)
    core.clock.advance(UNKNOWN_BEFORE)  # type: ignore[attr-defined]  # a fake one
    opened = await core.sessions.open(*ids)
    signer = Signer(opened.session, opened.signing_key, HOST)
    target = "/api/v1/me"
    headers = (signer.sign("GET", target, timestamp=opened.server_time) for _ in range(times + WARM_UP))

    async def ask() -> None:
        await _call(app, "GET", target, next(headers), 200)

    await _count(ask, times)
    await core.close()


async def log_in(database: Database, times: int) -> None:
    """Let a device exchange its secret for a session, again and again."""
    core, app, (device_id, secret) = await _open_door(database)
    body = json.dumps({"device_id": device_id, "secret": secret}).encode()

    async def ask() -> None:
        await _call(app, "POST", "/api/v1/sessions", {"Content-Type": "application/json"}, 201, body)

    await _count(ask, times)
    await core.close()


SUBJECTS: dict[str, Callable[[Database, int], Awaitable[None]]] = {
    "devices": handle_devices,
    "signed": sign_requests,
    "login": log_in,
}


async def _open_door(database: Database) -> tuple[Core, ASGIApp, tuple[str, str]]:
    """Return the HTTP door, and a device's id and secret."""
    settings = settings_for_tests()
    core = await assemble_core(settings, database, clock=FakeClock(), hasher=Hasher(**CHEAP))
    client = await core.clients.create_client("Anna")
    device, secret = await core.devices.create_device(client.id, "VPS-1")
    return core, WebDoor(settings, core, has_bot=False).app, (str(device.id), secret)


async def _call(
    app: ASGIApp, method: str, path: str, headers: dict[str, str], expected: int, body: bytes = b""
) -> None:
    """Make a request without a network."""
    sent = {"host": HOST, "content-length": str(len(body)), **headers}
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8080),
    }
    statuses = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    if statuses != [expected]:
        raise SystemExit(f"{path} was answered {statuses}")


async def _count(work: Callable[[], Awaitable[None]], times: int) -> None:
    """Do the work so many times, with valgrind counting."""
    for _ in range(WARM_UP):
        await work()
    with _counting():
        for _ in range(times):
            await work()


@contextlib.contextmanager
def _counting() -> Iterator[None]:
    _control("on")
    yield
    _control("off")


def _control(switch: str) -> None:
    command = ("callgrind_control", "-i", switch, str(os.getpid()))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - valgrind's own


async def run_subject(name: str, times: int) -> None:
    """Be the process in which is counted."""
    with temporary_folder() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'devices.db'}")
        await migrations.upgrade(database)
        await SUBJECTS[name](database, times)
        await database.dispose()


def count(name: str, times: int) -> float:
    """Return how many instructions one of them takes."""
    ours = (sys.executable, "-m", "tests.benchmarks.instructions", name, "--times", str(times), "--counted")
    valgrind = ("valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null")
    done = subprocess.run(  # noqa: S603 - ourselves
        (*valgrind, *ours),
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = COUNTED.search(done.stderr)
    if done.returncode or found is None:
        raise SystemExit(f"{name} was not counted: {done.stderr[-2000:]}")
    return int(found[1]) / times


def main() -> int:
    """Count, and print what was counted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("subject", nargs="*", default=list(SUBJECTS), help=f"of {', '.join(SUBJECTS)}")
    parser.add_argument("--times", type=int, default=TIMES, help=f"({TIMES})")
    parser.add_argument("--counted", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.subject) - SUBJECTS.keys():
        parser.error(f"there is no subject {', '.join(sorted(unknown))}")
    if options.counted:
        asyncio.run(run_subject(options.subject[0], options.times))
        return 0
    if shutil.which("valgrind") is None:
        say("valgrind counts; it is not there. Run: apt-get install valgrind")
        return 2
    counted = [(name, f"{count(name, options.times):,.0f}") for name in options.subject]
    print_table("Instructions", ("of one", "counted"), counted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
