"""What may be known about secrets after a journey: where each stood, for how long, and that it is nowhere else."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from bot.chat.bot_api import ALLOWED_UPDATES
from storage.models import Base, Handout
from tests.journeys.people import SECRET

if TYPE_CHECKING:
    from bot.sandbox import Call, Sandbox, Sighting
    from storage.database import Database

LATENESS = 2.0
"""Seconds a secret may outstay its time while Telegram answers."""


def sent_secrets(sandbox: Sandbox) -> dict[str, list[Call]]:
    """Return every secret that the bot ever sent, with the calls that carried it."""
    found: dict[str, list[Call]] = {}
    for call in sandbox.calls:
        for secret in set(SECRET.findall(json.dumps(call.parameters))):
            found.setdefault(secret, []).append(call)
    return found


def sightings(sandbox: Sandbox, secret: str = "") -> list[Sighting]:
    """Return each look of a bot's message, in any chat, with the secret in it, or with any secret."""
    people, groups = sandbox.world.chats.people, sandbox.world.chats.groups
    looks = [look for person in people for look in sandbox.history(person)]
    looks += [look for group in groups for look in sandbox.history(next(iter(people)), chat=group)]
    return [look for look in looks if look.from_bot and secret in _content(look) and SECRET.search(_content(look))]


def check_places(sandbox: Sandbox) -> None:
    """Check that each secret was in one message, in its spoiler and its copy button, in the chat of who asked."""
    for secret, calls in sent_secrets(sandbox).items():
        assert {call.method for call in calls} == {"editMessageText"}
        assert len({(call.chat_id, call.parameters["message_id"]) for call in calls}) == 1
        for call in calls:
            assert json.dumps(call.parameters).count(secret) == 2
            assert f"<tg-spoiler>{secret}</tg-spoiler>" in call.parameters["text"]
            buttons = [button for row in call.parameters["reply_markup"]["inline_keyboard"] for button in row]
            assert [button["copy_text"] for button in buttons if "copy_text" in button] == [{"text": secret}]
            assert call.chat_id in sandbox.world.chats.people
        for look in sightings(sandbox, secret):
            message = sandbox.world.chats.find_ever(look.chat_id, look.message_id)
            assert message is not None
            assert message.protected
            assert message.silent
            assert (look.chat_id, look.message_id) == (calls[0].chat_id, int(calls[0].parameters["message_id"]))
    for query in sandbox.world.queries.values():
        assert not SECRET.search(json.dumps(query.answer))


async def check_times(sandbox: Sandbox, database: Database, *people: int) -> None:
    """Check that no secret (of these people, if named) was to be seen later than it should be gone."""
    async with database.read() as session:
        rows = await session.scalars(select(Handout).where(Handout.destroy_at.is_not(None)))
        gone_at = {(row.chat_id, row.message_id): row.destroy_at.timestamp() for row in rows if row.destroy_at}
    for look in sightings(sandbox):
        if people and look.chat_id not in people:
            continue
        until = sandbox.world.clock.real() if look.real_until is None else look.real_until
        assert until <= gone_at[look.chat_id, look.message_id] + LATENESS


async def check_rest(sandbox: Sandbox, database: Database, log: str) -> None:
    """Check that neither the log nor the database has a secret, or the bot's token, in it."""
    secrets = [*sent_secrets(sandbox), sandbox.token.partition(":")[2]]
    assert not [secret for secret in secrets if secret in log]
    kept = await _read_all(database)
    assert not [secret for secret in secrets if secret.encode() in kept]
    assert b"<tg-spoiler>" not in kept


async def _read_all(database: Database) -> bytes:
    """Return every byte of SQLite's files, free pages and the log too; of PostgreSQL, every row of every table."""
    if database.path is not None:
        # in a process of its own: to close any of these files here would end the locks that SQLite has on them
        files = sorted(database.path.parent.glob(f"{database.path.name}*"))
        reading = await asyncio.create_subprocess_exec("cat", *files, stdout=asyncio.subprocess.PIPE)
        kept, _ = await reading.communicate()
        assert reading.returncode == 0
        return kept
    rows = b""
    async with database.read() as session:
        for table in Base.metadata.sorted_tables:
            found = await session.scalars(text(f"SELECT t::text FROM {table.name} t"))  # noqa: S608 - our own names
            rows += "\n".join(found).encode()
    return rows


def check_polling(sandbox: Sandbox) -> None:
    """Check that the bot asks for nothing but what it handles."""
    polls = [call for call in sandbox.calls if call.method == "getUpdates"]
    wanted = [call.parameters["allowed_updates"] for call in polls if "allowed_updates" in call.parameters]
    assert wanted
    assert all(kinds == list(ALLOWED_UPDATES) for kinds in wanted)


def _content(look: Sighting) -> str:
    return look.text + json.dumps(look.buttons)
