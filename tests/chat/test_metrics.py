"""What the Telegram door counts: updates by type, commands by name, errors, who was turned away, what is owed."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from bot.chat.notifier import COUNT_EVERY
from bot.chat.receiver import PENDING_PER_PERSON
from bot.chat.views.commands import COMMANDS
from bot.services import metrics
from tests.chat.faults import records_away
from tests.chat.offline import bad_request
from tests.chat.speech import ANNA, BOB, group, membership, message
from tests.conftest import ADMIN_ID
from tests.fakes import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chat.conftest import Door

Sample = tuple[str, tuple[tuple[str, str], ...]]


def read() -> dict[Sample, float]:
    """Return every sample of the Telegram door's counters, by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for metric in metrics.REGISTRY.collect()
        for sample in metric.samples
        if sample.name.startswith("telegram_") and sample.name.endswith("_total")
    }


@contextlib.contextmanager
def moves(*expected: tuple[str, str, float]) -> Iterator[None]:
    """Check that in the block these move by so much, given as name, label and number, and nothing else does."""
    before = read()
    yield
    moved = {
        (name, "".join(value for _, value in labels)): value - before.get((name, labels), 0.0)
        for (name, labels), value in read().items()
        if value != before.get((name, labels), 0.0)
    }
    assert moved == {(name, label): number for name, label, number in expected}


UPDATES, COMMANDS_SEEN = "telegram_updates_total", "telegram_command_total"


async def test_updates_count_by_type_once_however_often_they_come(door: Door) -> None:
    said = message("hello")
    with moves((UPDATES, "message", 2), (UPDATES, "callback_query", 1), (UPDATES, "my_chat_member", 1)):
        await door.receive(said, message("hello again"))
        await door.receive(said)
        await door.tap("h::")
        await door.receive(membership("kicked"))


async def test_what_cannot_be_kept_does_not_count(door: Door) -> None:
    with moves():
        await door.receive({"update_id": 1}, {"update_id": 2, "poll": {}})
        with records_away(door.database, "INSERT INTO inbox"), contextlib.suppress(Exception):
            await door.receiver.accept([message("/help")])


@pytest.mark.parametrize("command", ["start", *COMMANDS])
async def test_commands_count_by_name(door: Door, command: str) -> None:
    with moves((UPDATES, "message", 1), (COMMANDS_SEEN, command, 1)):
        await door.say(f"/{command}")


async def test_a_command_counts_however_it_is_written(door: Door) -> None:
    with moves((UPDATES, "message", 3), (COMMANDS_SEEN, "help", 3)):
        await door.say("/HELP me")
        await door.say("/help@registry_test_bot")
        await door.say("/help\nplease", chat=group())


async def test_names_that_people_make_up_make_no_new_time_series(door: Door) -> None:
    with moves((UPDATES, "message", 4), (COMMANDS_SEEN, "other", 3)):
        for text in ("/dance", "/x1", "/other", "no /help here"):
            await door.say(text)


async def test_an_update_that_had_to_be_apologised_for_counts_as_an_error(door: Door) -> None:
    door.telegram.script("sendMessage", bad_request("something is odd"))
    with moves((UPDATES, "message", 2), (COMMANDS_SEEN, "id", 2), ("telegram_errors_total", "", 1)):
        await door.say("/id")
        await door.say("/id")


async def test_who_is_turned_away_counts(door: Door) -> None:
    await door.enter()
    flood = [membership("member") for _ in range(PENDING_PER_PERSON + 3)]
    with moves((UPDATES, "my_chat_member", len(flood)), ("telegram_updates_turned_away_total", "", 3)):
        await door.receive(*flood)


async def test_the_notifier_says_how_much_is_owed(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.chat.notifier.COUNT_EVERY", COUNT_EVERY / 1000)
    for person in (ANNA, BOB):
        owner = await door.enter(person)
        device, _ = await door.services.devices.create_device(owner.client_id, "VPS-1")
        await door.services.devices.revoke_device(device.id, actor=f"chat:{ADMIN_ID}")
    gate = asyncio.Event()

    async def hold(_call: object) -> None:
        await gate.wait()

    door.telegram.before_call = hold
    working = asyncio.create_task(door.program.notifier.run())
    await until(lambda: metrics.REGISTRY.get_sample_value("notices_owed") == 2)
    gate.set()
    await until(lambda: metrics.REGISTRY.get_sample_value("notices_owed") == 0)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
