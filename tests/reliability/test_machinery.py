"""What looks for violations finds them, and what kills a bot kills it where it was told to."""

from __future__ import annotations

import asyncio
import sys
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.chats import Moment
from bot.sandbox.world import Call
from bot.services.hashing import create_secret
from storage.models import Device, Handout, HandoutState
from tests.conftest import POSTGRESQL
from tests.reliability.games import find_surprises
from tests.reliability.invariants import TAGGER, check_devices, sent
from tests.reliability.steps import AFTER, BEFORE, LATE, Step, Steps, Verdict

if TYPE_CHECKING:
    from pathlib import Path

CANCELLED = """
import asyncio, os, socket, sys, threading
from sqlalchemy import text
from storage.database import Database
from tests.reliability import probe

def let_go_on(listening):
    line, _ = listening.accept()
    while line.recv(1000):
        line.send(b".")

async def write():
    database = Database(sys.argv[1])
    try:
        async with asyncio.timeout(0.5), database.begin() as session:
            await session.execute(text("UPDATE clients SET name = name"))
            await session.execute(text("SELECT pg_sleep(60)"))
    finally:
        await database.dispose()

os.chdir(sys.argv[2])  # the path of a socket must be short
listening = socket.socket(socket.AF_UNIX)
listening.bind("steps")
listening.listen()
threading.Thread(target=let_go_on, args=(listening,), daemon=True).start()
os.environ[probe.STEPS] = "steps"
probe.install()
asyncio.run(write())
"""
OLD, NEW = create_secret().reveal(), create_secret().reveal()
DEVICE, NOW = uuid.UUID(int=1), datetime.now(UTC)


def device(secret: str, *, previous: str | None = None, is_live: bool = True, revoked: bool = False) -> Device:
    return Device(
        id=DEVICE,
        secret_tag=TAGGER.tag(secret),
        previous_tag=None if previous is None else TAGGER.tag(previous),
        previous_valid_until=None,
        live_at=NOW if is_live else None,
        revoked=revoked,
    )


def handout(message_id: int, *, was_shown: bool = True) -> Handout:
    shown_at = NOW if was_shown else None
    return Handout(device_id=DEVICE, message_id=message_id, shown_at=shown_at, state=HandoutState.DESTROYED)


def calls(*secrets: str) -> dict[str, list[Call]]:
    """Return edits that showed secrets, in messages 1, 2 and so on."""
    edits = [
        Call(number, "editMessageText", {"text": secret, "message_id": str(number)}, 7, Moment(0, 0))
        for number, secret in enumerate(secrets, 1)
    ]
    return sent(edits)


def test_a_secret_that_was_shown_and_works_is_as_it_should_be() -> None:
    check_devices([device(NEW)], [handout(1), handout(2)], calls(OLD, NEW))
    check_devices([device(NEW, revoked=True)], [handout(1)], calls(NEW))
    check_devices([], [handout(1, was_shown=False)], calls(NEW))


def test_a_secret_that_works_though_it_was_not_shown_is_found() -> None:
    with pytest.raises(AssertionError, match="that was not shown"):
        check_devices([device(NEW)], [handout(1, was_shown=False)], calls(NEW))


def test_a_secret_that_does_not_work_though_it_was_shown_is_found() -> None:
    with pytest.raises(AssertionError, match="though it was shown"):
        check_devices([device(OLD)], [handout(1), handout(2)], calls(OLD, NEW))


def test_two_secrets_that_work_without_an_overlap_are_found() -> None:
    with pytest.raises(AssertionError):
        check_devices([device(NEW, previous=OLD)], [handout(1), handout(2)], calls(OLD, NEW))


def test_a_device_that_stayed_half_registered_is_found() -> None:
    with pytest.raises(AssertionError, match="half registered"):
        check_devices([device(NEW, is_live=False)], [], {})


def test_a_bot_dies_at_the_step_that_is_aimed_at_and_at_no_other() -> None:
    steps = Steps()
    assert steps.reach(BEFORE, "sendMessage") is Verdict.GO
    steps.begin(Step(AFTER, "sendMessage", 2))
    path = [steps.reach(moment, "sendMessage") for _ in range(2) for moment in (BEFORE, AFTER)]
    assert path == [Verdict.GO, Verdict.GO, Verdict.GO, Verdict.DIE]
    assert steps.reached.is_set()


def test_a_call_may_be_carried_out_when_whoever_made_it_is_dead() -> None:
    steps = Steps()
    steps.begin(Step(LATE, "editMessageText", 1))
    assert steps.reach(BEFORE, "editMessageText") is Verdict.DIE_UNHEARD
    steps.end()
    assert steps.reach(BEFORE, "editMessageText") is Verdict.GO


def test_only_edits_are_carried_out_late() -> None:
    steps = Steps()
    steps.begin()
    steps.reach(BEFORE, "sendMessage")
    steps.reach(BEFORE, "editMessageText")
    assert [step for step in steps.possible() if step.moment == LATE] == [Step(LATE, "editMessageText", 1)]


def test_an_error_that_no_fault_explains_is_found() -> None:
    log = (
        "Traceback (most recent call last):\n  File\ntelegram.error.NetworkError: HTTP 502\n"
        "Traceback (most recent call last):\n  File\nKeyError: 1\n\nDuring handling of the above exception\n"
        "Traceback (most recent call last):\n  File\nValueError: no\n"
    )
    [found] = find_surprises(log)
    assert found.endswith("ValueError: no\n")


@pytest.mark.parametrize("backend", [POSTGRESQL])
async def test_what_is_put_around_the_program_leaves_its_errors_as_they_are(database_url: str, tmp_path: Path) -> None:
    command = (sys.executable, "-c", CANCELLED, database_url, str(tmp_path))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    assert told.decode().splitlines()[-1].startswith("TimeoutError")
