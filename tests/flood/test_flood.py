"""More logins than can be hashed: who is turned away, how, and who notices nothing of it.

How long the others then take is measured by `tests.benchmarks.flood`; in here, nothing depends on the machine's speed.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
import uuid
from typing import TYPE_CHECKING

import pytest

from bot.services.hashing import HASHING_NICENESS, LOGIN_THREADS, QUEUE_LENGTH, Hasher, create_secret
from tests.fakes import CHEAP, until
from tests.timing import chance_of_longer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from bot.services.clients import Person
    from tests.fakes import CountingHasher
    from tests.web.conftest import Site, Terminal

SESSIONS = "/api/v1/sessions"
FREE_TRIES = 20
ROOM = LOGIN_THREADS + QUEUE_LENGTH
TIMED = 300
ALIKE = 0.12
"""Five standard errors of the chance that of 2 × 300 times one is longer than another."""


@pytest.fixture
def busy_pool(hasher: CountingHasher) -> Iterator[threading.Event]:
    """Threads that hash something else until the event is set."""
    done = threading.Event()
    for _ in range(LOGIN_THREADS):
        hasher.logins._pool.submit(done.wait)
    yield done
    done.set()


async def test_a_flood_of_wrong_secrets_hashes_nothing_and_is_told_when_to_come_again(
    site: Site, anna: Person, terminal: Terminal, hasher: CountingHasher
) -> None:
    verified = hasher.verified
    device, secret = await site.device(anna, "VPS-2")
    wrong = {"device_id": str(device.id), "secret": create_secret().reveal()}
    flooding = site.browser("203.0.113.7")

    answers = await asyncio.gather(*(flooding.post(SESSIONS, json=wrong) for _ in range(300)))

    assert statuses(answers) == {401: FREE_TRIES, 429: 300 - FREE_TRIES}
    assert_told_when(answers)
    assert hasher.verified == verified
    assert await terminal.is_let_in()
    assert (await site.log_in(device.id, secret)).status_code == 201
    right = {"device_id": str(device.id), "secret": secret}
    assert (await flooding.post(SESSIONS, json=right)).status_code == 201


async def test_a_flood_of_right_secrets_fills_the_queue_and_the_rest_is_told_when_to_come_again(
    site: Site, terminal: Terminal, hasher: CountingHasher, busy_pool: threading.Event
) -> None:
    logins = [asyncio.create_task(site.log_in(terminal.id, terminal.secret)) for _ in range(200)]
    await until(lambda: sum(login.done() for login in logins) == 200 - ROOM)

    turned_away = [login.result() for login in logins if login.done()]
    assert statuses(turned_away) == {503: 200 - ROOM}
    assert_told_when(turned_away)
    assert hasher.logins.waiting == ROOM
    assert await terminal.is_let_in()

    busy_pool.set()
    assert statuses(await asyncio.gather(*logins)) == {201: ROOM, 503: 200 - ROOM}
    assert (await site.log_in(terminal.id, terminal.secret)).status_code == 201


async def test_an_unknown_device_is_answered_like_a_wrong_secret_to_the_byte_and_after_the_same_time(
    site: Site, terminal: Terminal
) -> None:
    """In turns, so that whatever else the machine does happens to both alike."""
    secret = create_secret().reveal()
    unknown, wrong = [], []
    for number in range(TIMED):
        caller = site.browser(f"198.51.{number // 250}.{number % 250}")
        times = [await ask(caller, device_id, secret) for device_id in (uuid.uuid4(), terminal.id)]
        unknown.append(times[0])
        wrong.append(times[1])

    assert {told for _, told in unknown} == {told for _, told in wrong}
    assert len({told for _, told in unknown}) == 1
    chance = chance_of_longer([taken for taken, _ in unknown], [taken for taken, _ in wrong])
    assert abs(chance - 0.5) < ALIKE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts niceness by thread")
async def test_threads_that_hash_give_way_to_everybody_else() -> None:
    hasher = Hasher(**CHEAP)
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    niceness = await hasher.logins.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    assert niceness == min(19, own + HASHING_NICENESS)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == own
    hasher.close()


async def test_a_machine_that_lets_nobody_give_way_still_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "nice", refuse)
    hasher = Hasher(**CHEAP)
    secret = create_secret()

    assert await hasher.verify(await hasher.hash(secret), secret)
    hasher.close()


async def ask(caller: httpx.AsyncClient, device_id: uuid.UUID, secret: str) -> tuple[float, tuple[object, ...]]:
    """Log in, and return how long it took and all that was answered."""
    began = time.perf_counter()
    answer = await caller.post(SESSIONS, json={"device_id": str(device_id), "secret": secret})
    taken = time.perf_counter() - began
    return taken, (answer.status_code, tuple(answer.headers.multi_items()), answer.content)


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    """Count answers by status."""
    found = [answer.status_code for answer in answers]
    return {status: found.count(status) for status in sorted(set(found))}


def assert_told_when(answers: list[httpx.Response]) -> None:
    """Check that who is to come again is told when."""
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in answers if answer.status_code in {429, 503})
