"""The one open question of a chat: which message asks it, and what its answer needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from storage import conversations
from storage.models import Conversation

if TYPE_CHECKING:
    from bot.services.clock import Clock
    from storage.database import Database

NAME = "question"
"""Name of the conversation that all questions belong to: that is why there is at most one."""
TERM, GROUP = "term", "group"
"""Questions that are not for the name of a device: for what to search, and for a group."""


@dataclass(frozen=True)
class Question:
    """What is asked in a chat: `state` names the question, `details` are JSON values that its answer needs."""

    chat_id: int
    state: str
    message_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


class QuestionService:
    """Keeps open questions, so that a restart loses none."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def find_open(self, chat_id: int) -> Question | None:
        """Return the question that is open in the chat, or None."""
        async with self._database.read() as session:
            row = await conversations.find(session, NAME, chat_id)
        return None if row is None else Question(row.chat_id, row.state, row.message_id, row.details)

    async def list_open(self) -> list[Question]:
        """Return the open questions of all chats."""
        async with self._database.read() as session:
            rows = await conversations.list_named(session, NAME)
        return [Question(row.chat_id, row.state, row.message_id, row.details) for row in rows]

    async def ask(self, question: Question) -> None:
        """Keep the question in place of the chat's earlier one."""
        async with self._database.begin() as session:
            await conversations.save(
                session,
                Conversation(
                    name=NAME,
                    chat_id=question.chat_id,
                    state=question.state,
                    message_id=question.message_id,
                    details=question.details,
                    updated_at=self._clock.now(),
                ),
            )

    async def remember(self, chat_id: int, name: str, details: dict[str, Any]) -> None:
        """Keep something for a later tap that a button has no room for, such as what was searched for last."""
        async with self._database.begin() as session:
            row = Conversation(name=name, chat_id=chat_id, state=name, details=details, updated_at=self._clock.now())
            await conversations.save(session, row)

    async def recall(self, chat_id: int, name: str) -> dict[str, Any]:
        """Return what was kept last under the name; empty when nothing was."""
        async with self._database.read() as session:
            row = await conversations.find(session, name, chat_id)
        return {} if row is None else row.details

    async def close(self, chat_id: int) -> None:
        """Forget the chat's question."""
        async with self._database.begin() as session:
            await conversations.remove(session, NAME, chat_id)
