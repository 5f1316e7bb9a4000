"""A database that fails for a while, as a real one does: at the driver, below everything that is tested."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from storage.shortcut import GateClosed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from storage.database import Database
    from storage.shortcut import Shortcut


class Outage:
    """How often a statement was refused, and how often it still will be."""

    def __init__(self, times: float) -> None:
        self.left = times
        self.refused = 0


class Overheard:
    """A shortcut whose statements are seen before they are carried out."""

    def __init__(self, shortcut: Shortcut, hear: Callable[[str, object], None]) -> None:
        self._shortcut = shortcut
        self._hear = hear

    async def fetch_row(self, statement: str, *arguments: object) -> Sequence[Any] | None:
        self._hear(statement, arguments)
        return await self._shortcut.fetch_row(statement, *arguments)

    async def fetch_all(self, statement: str, arguments: Sequence[object]) -> list[Sequence[Any]]:
        self._hear(statement, arguments)
        return await self._shortcut.fetch_all(statement, arguments)

    async def close(self) -> None:
        await self._shortcut.close()


@contextlib.contextmanager
def overheard(
    database: Database, by_engine: Callable[[str, object], None], by_shortcut: Callable[[str, object], None]
) -> Iterator[None]:
    """Call a function with each statement and its values before the engine, or the shortcut, carries it out."""

    def hear(_connection: Any, _cursor: Any, statement: str, values: object, *_more: Any) -> None:
        by_engine(statement, values)

    shortcut = database.shortcut
    database.__dict__["shortcut"] = Overheard(shortcut, by_shortcut)
    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", hear)
        database.__dict__["shortcut"] = shortcut


@contextlib.contextmanager
def records_away(
    database: Database, statement: str = "", *, times: float = float("inf"), error: Exception | None = None
) -> Iterator[Outage]:
    """Refuse statements that contain the words, at most so many times: "database is locked", or another error."""
    outage = Outage(times)

    def refuse(text: str, told: Exception) -> None:
        if statement in text and outage.left > 0:
            outage.left -= 1
            outage.refused += 1
            raise error or told

    locked = sqlite3.OperationalError("database is locked")
    with overheard(
        database,
        lambda text, _values: refuse(text, OperationalError(text, {}, locked)),
        lambda text, _values: refuse(text, GateClosed(str(locked))),
    ):
        yield outage
