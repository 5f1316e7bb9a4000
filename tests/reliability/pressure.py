"""How late secrets are destroyed when very many are due at once.

    python -m tests.reliability.pressure [--json FILE]

Three times, with the sandbox's rate limits on: 2,000 due in the same second; 500 overdue when the bot is started after
a crash; 2,000 due in the same second while 25 messages a second ask for an answer. A message is gone when the secret
is no longer in it, edited or deleted, as the sandbox saw it. Beside each stands the physical minimum: how long it takes
to make as many deletions, which Telegram does not count, one client on the same machine doing nothing else; every edit
that the limits allow meanwhile can only help.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bot.sandbox import Sandbox
from bot.sandbox.chats import Content
from bot.services.hashing import create_generation, create_secret
from storage import migrations
from storage.database import Database
from storage.models import ChatUser, Client, Device, Epoch, Handout, HandoutState
from tests.benchmarks.report import print_table, write_json
from tests.benchmarks.servers import temporary_folder
from tests.journeys.evidence import LATENESS
from tests.journeys.running import RunningBot

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

PARALLEL = 200
FIRST_PERSON, FIRST_ASKER = 10_001, 5_001
ASKERS = 50
ASKED_PER_SECOND = 25
PATIENCE = 300.0
AFTER_A_CRASH = 5.0
"""Seconds after the program runs again."""
SLOWNESS = 6
"""How many times as long as bare deletions take it may take on a machine that does something else too."""
UNDERSTOOD = timedelta(minutes=1)
"""How long the secrets were on the screen; nothing depends on it."""


@dataclass(frozen=True)
class Case:
    """What is measured: how many, whether they are overdue when the bot starts, whether sends flood the budget.

    They are due in the same second, or one after the other over so many.
    """

    name: str
    count: int
    is_overdue: bool = False
    is_flooded: bool = False
    over: float = 0.0

    def delay(self, number: int) -> float:
        """Return how many seconds after the first one a secret is due."""
        return number * self.over / self.count


CASES = (
    Case("2,000 due in the same second", 2000),
    Case("500 overdue at start", 500, is_overdue=True),
    Case("2,000 due, sends flooding", 2000, is_flooded=True),
)


@dataclass(frozen=True)
class Lateness:
    """Seconds after they should be gone, of all secrets, sorted; and the least that it takes to delete as many.

    Of those that are overdue at start, seconds after the bot's first call. `answered` is how many of the messages that
    flooded in were answered meanwhile, None where none did.
    """

    case: Case
    seconds: list[float]
    minimum: float
    refused: int
    answered: int | None = None

    def quantile(self, share: float) -> float:
        """Return the lateness that this share of the secrets did not exceed."""
        return self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    @property
    def median(self) -> float:
        """Return the lateness of the one in the middle."""
        return statistics.median(self.seconds)

    def faults(self) -> list[str]:
        """Return what must not be: more lateness than a slow machine explains, limits not kept, nobody answered."""
        allowed = (AFTER_A_CRASH if self.case.is_overdue else LATENESS) + SLOWNESS * self.minimum
        found = []
        if self.seconds[-1] > allowed:
            found.append(f"{self.case.name}: {self.seconds[-1]:.1f} s late, {allowed:.1f} s would have been slow")
        if self.refused:
            found.append(f"{self.case.name}: {self.refused} calls were too many for Telegram's limits")
        if self.answered == 0:
            found.append(f"{self.case.name}: nobody was answered")
        return found


async def measure(case: Case, folder: Path) -> Lateness:
    """Let the secrets of a case come due, and tell how late each was gone."""
    url = f"sqlite+aiosqlite:///{folder / 'devices.db'}"
    async with Sandbox() as sandbox:
        bot = RunningBot(sandbox, url, folder, LOG_LEVEL="WARNING")
        # the bot needs a while to start, and the askers to be known to it
        due_at = datetime.now(UTC) + timedelta(seconds=-60 if case.is_overdue else 12 + case.count / 500)
        messages = await _seed(sandbox, url, case, due_at)
        sandbox.set_limits(enabled=True)
        try:
            await bot.start()
            began = sandbox.calls[0].at.real if case.is_overdue else due_at.timestamp()
            asking = asyncio.create_task(_ask(sandbox, began)) if case.is_flooded else None
            await _until_gone(sandbox, messages)
            gone = [
                _gone_at(sandbox, chat, message) - began - case.delay(number)
                for number, (chat, message) in enumerate(messages)
            ]
            answered = None if asking is None else await _stop_asking(sandbox, asking)
        finally:
            await bot.kill()
        refused = sum(call.status == 429 for call in sandbox.calls)
    return Lateness(case, sorted(max(0.0, late) for late in gone), await _delete_alone(case.count), refused, answered)


async def _seed(sandbox: Sandbox, url: str, case: Case, due_at: datetime) -> list[tuple[int, int]]:
    """Put secrets on screens, as a bot that was killed meanwhile left them."""
    database = Database(url)
    await migrations.upgrade(database)
    messages = []
    async with database.begin() as session:
        now = due_at - UNDERSTOOD
        session.add(Epoch(bot_id=sandbox.world.bot["id"], number=1, activated_at=now, alive_at=now))
        for number in range(case.count):
            chat = sandbox.add_person(FIRST_PERSON + number, "Anna", started=True)
            due = due_at + timedelta(seconds=case.delay(number))
            text = Content(f"The secret of VPS-1\n{create_secret().reveal()}")
            message = sandbox.world.post(chat, sandbox.world.bot["id"], text, protected=True, silent=True)
            messages.append((chat, message.id))
            await _add_rows(session, sandbox.world.bot["id"], chat, message.id, now, due)
    await database.dispose()
    return messages


async def _add_rows(
    session: AsyncSession, bot_id: int, chat: int, message: int, now: datetime, due_at: datetime
) -> None:
    client = Client(
        id=uuid.uuid4(), name="Anna", status="active", device_limit=None, token_generation=0, created_at=now
    )
    device = Device(
        id=uuid.uuid4(),
        client_id=client.id,
        device_name="VPS-1",
        folded_name="vps-1",
        secret_hash="-",
        secret_tag=bytes(16),
        fingerprint="00000000",
        secret_generation=create_generation(),
        live_at=now,
        revoked=False,
        created_at=now,
        updated_at=now,
    )
    session.add_all([client, device])
    await session.flush()
    session.add(
        ChatUser(
            telegram_id=chat, client_id=client.id, status="active", first_name="Anna", role="trader", created_at=now
        )
    )
    session.add(
        Handout(
            id=uuid.uuid4(),
            bot_id=bot_id,
            chat_id=chat,
            message_id=message,
            kind="registration",
            client_id=client.id,
            device_id=device.id,
            device_name="VPS-1",
            source=f"{chat}:{message}",
            state=HandoutState.SHOWN,
            epoch=1,
            pending_overlap=0,
            pending_fingerprint="00000000",
            created_at=now,
            expires_at=now + timedelta(hours=1),
            armed_at=now,
            shown_at=now,
            destroy_at=due_at,
            next_attempt_at=due_at,
            attempts=0,
        )
    )


async def _ask(sandbox: Sandbox, began: float) -> None:
    """Let people ask for help, so many a second, from two seconds before the secrets are due until cancelled."""
    for number in range(ASKERS):
        sandbox.add_person(FIRST_ASKER + number, "Boris")
    await asyncio.sleep(max(0.0, began - 2 - time.time()))
    number = 0
    while True:
        sandbox.say(FIRST_ASKER + number % ASKERS, "/help")
        number += 1
        await asyncio.sleep(1 / ASKED_PER_SECOND)


async def _stop_asking(sandbox: Sandbox, asking: asyncio.Task[None]) -> int:
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    askers = range(FIRST_ASKER, FIRST_ASKER + ASKERS)
    return sum(call.method == "sendMessage" and call.status == 200 and call.chat_id in askers for call in sandbox.calls)


async def _until_gone(sandbox: Sandbox, messages: list[tuple[int, int]]) -> None:
    async with asyncio.timeout(PATIENCE):
        for chat, message in messages:
            while _look(sandbox, chat, message) is None:  # noqa: ASYNC110 - it is another process that is waited for
                await asyncio.sleep(0.1)


def _gone_at(sandbox: Sandbox, chat: int, message: int) -> float:
    gone_at = _look(sandbox, chat, message)
    assert gone_at is not None
    return gone_at


def _look(sandbox: Sandbox, chat: int, message: int) -> float | None:
    """Return when the secret was no longer in the message, in real Unix seconds."""
    [look] = [look for look in sandbox.history(chat) if look.message_id == message and "dsk1_" in look.text]
    return look.real_until


async def _delete_alone(count: int) -> float:
    """Return how many seconds it takes to delete as many messages, doing nothing else."""
    async with Sandbox() as sandbox:
        people = [sandbox.add_person(FIRST_PERSON + number, "Anna", started=True) for number in range(count)]
        messages = [(chat, sandbox.world.post(chat, sandbox.world.bot["id"], Content("x")).id) for chat in people]
        places = asyncio.Semaphore(PARALLEL)
        async with aiohttp.ClientSession(f"{sandbox.url}/bot{sandbox.token}/") as http:

            async def delete(chat: int, message: int) -> None:
                async with places, http.post("deleteMessage", json={"chat_id": chat, "message_id": message}) as answer:
                    assert answer.status == 200

            began = time.perf_counter()
            await asyncio.gather(*(delete(chat, message) for chat, message in messages))
            return time.perf_counter() - began


def describe(one: Lateness) -> tuple[object, ...]:
    """Return the figures of a case: seconds, calls that were refused, and people who were answered meanwhile."""
    seconds = (one.median, one.quantile(0.99), one.seconds[-1], one.minimum)
    return (one.case.name, *(f"{value:.2f}" for value in seconds), one.refused, one.answered or "–")


def report(measured: list[Lateness], json_path: str | None = None) -> None:
    """Print the figures."""
    print_table(
        "Lateness of destructions, in seconds",
        ("case", "p50", "p99", "max", "minimum", "429s", "answered"),
        [describe(one) for one in measured],
    )
    write_json(
        json_path,
        {
            one.case.name: {
                "p50": one.median,
                "p99": one.quantile(0.99),
                "max": one.seconds[-1],
                "minimum": one.minimum,
                "refused": one.refused,
            }
            for one in measured
        },
    )


async def main(json_path: str | None = None, cases: tuple[Case, ...] = CASES) -> list[Lateness]:
    """Measure every case, print the figures, and return them."""
    measured = []
    for case in cases:
        with temporary_folder() as folder:
            measured.append(await measure(case, Path(folder)))
    report(measured, json_path)
    return measured


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How late secrets are destroyed under pressure.")
    parser.add_argument("--json", help="file to write the figures to")
    asyncio.run(main(parser.parse_args().json))
    sys.exit(0)
