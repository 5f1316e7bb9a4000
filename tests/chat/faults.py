"""A database that fails for a while, as a real one does: at the driver, below everything that is tested."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.database import Database


class Outage:
    """How often a statement was refused, and how often it still will be."""

    def __init__(self, times: float) -> None:
        self.left = times
        self.refused = 0


@contextlib.contextmanager
def records_away(
    database: Database, statement: str = "", *, times: float = float("inf"), error: Exception | None = None
) -> Iterator[Outage]:
    """Refuse statements that contain the words, at most so many times: "database is locked", or another error."""
    outage = Outage(times)

    def refuse(_connection: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if statement in text and outage.left > 0:
            outage.left -= 1
            outage.refused += 1
            raise error or OperationalError(text, {}, sqlite3.OperationalError("database is locked"))

    event.listen(database.engine.sync_engine, "before_cursor_execute", refuse)
    try:
        yield outage
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", refuse)
