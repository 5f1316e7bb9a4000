"""The one open question of a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.questions import Question, QuestionService

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.database import Database
    from tests.fakes import FakeClock


async def test_a_chat_has_at_most_one_and_the_newest_counts(database: Database, clock: FakeClock) -> None:
    questions = QuestionService(database, clock)
    assert await questions.find_open(101) is None
    await questions.ask(Question(101, "name", 11))
    newest = Question(101, "new_name", 12, {"device": "7b0f42aa", "proposal": "VPS-2 🖥"})
    await questions.ask(newest)
    await questions.ask(Question(202, "name"))
    assert await questions.find_open(101) == newest
    assert {question.chat_id for question in await questions.list_open()} == {101, 202}


async def test_a_closed_one_is_forgotten_and_closing_twice_is_no_error(database: Database, clock: FakeClock) -> None:
    questions = QuestionService(database, clock)
    await questions.ask(Question(101, "name"))
    await questions.ask(Question(202, "name"))
    for _ in range(2):
        await questions.close(101)
    assert await questions.find_open(101) is None
    assert await questions.list_open() == [Question(202, "name")]


async def test_a_restart_loses_none(
    database: Database, database_url: str, open_database: Callable[[str], Database], clock: FakeClock
) -> None:
    question = Question(101, "name", 11, {"a": [1, None]})
    await QuestionService(database, clock).ask(question)
    await database.dispose()
    assert await QuestionService(open_database(database_url), clock).list_open() == [question]
