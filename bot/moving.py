"""`python -m bot copy FROM_URL TO_URL`: moves a SQLite installation to PostgreSQL, and tells how far it is."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from bot.services.clock import Clock
from bot.services.moves import Mover, MoveRefused, describe
from storage import schema
from storage.database import Database, DatabaseURLError, plain_cause
from storage.leadership import create_leadership

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import TextIO

    from bot.services.moves import Moved

NOBODY = 0
"""No bot's id: the lock under it is had by whoever moves records into a database."""
WIDTH = 24
REDRAW = 0.1
"""Seconds between two looks of the bar."""


class MoveFailed(Exception):
    """The move did not get to its end. The message tells a person why; the same command goes on with it."""


async def copy(source_url: str, target_url: str) -> str:
    """Move everything and return what to tell about it. Raises `MoveRefused` and `MoveFailed`."""
    progress = Progress(sys.stderr)
    async with _open("FROM_URL", source_url) as source, _open("TO_URL", target_url) as target:
        if source.path is None or target.path is not None:
            raise MoveRefused("copy moves a SQLite database to PostgreSQL: FROM_URL is sqlite…, TO_URL is postgresql….")
        if not source.path.is_file():
            raise MoveRefused(f"FROM_URL: there is no {source.path}.")
        await _check_access("FROM_URL", source)
        await _check_access("TO_URL", target)
        try:
            async with _held(source, target):
                moved = await Mover(source, target, Clock(), progress.report).move()
        except _troubles() as error:
            raise MoveFailed(f"{plain_cause(error)}; mend that and run the same again: it goes on.") from error
        finally:
            progress.close()
        return _tell(source, target, moved)


@contextlib.asynccontextmanager
async def _open(name: str, url: str) -> AsyncIterator[Database]:
    try:
        database = Database(url, name="device-registry copy")
    except ImportError:
        raise MoveRefused(f"{name}: PostgreSQL needs an extra; run: pip install '.[postgres]'") from None
    except ValueError as error:
        # what else is wrong with a URL is told with parts of it, and a part may be the password
        sentence = str(error) if isinstance(error, DatabaseURLError) else "this is no database URL"
        raise MoveRefused(f"{name}: {sentence}.") from None
    try:
        yield database
    finally:
        await database.dispose()


async def _check_access(name: str, database: Database) -> None:
    try:
        await schema.read_revision(database)
    except Exception as error:  # noqa: BLE001 - asyncpg lets what the server says to a newcomer through as it is
        raise MoveRefused(f"{name}: the database cannot be opened: {plain_cause(error)}.") from None


def _troubles() -> tuple[type[Exception], ...]:
    import asyncpg  # noqa: PLC0415 - an extra, without which no PostgreSQL was opened

    return (DBAPIError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


@contextlib.asynccontextmanager
async def _held(source: Database, target: Database) -> AsyncIterator[None]:
    """Keep both databases for this process: a bot that starts on the source meanwhile waits, and then is refused."""
    locks = {
        "FROM_URL: a bot is running on it; stop it, and try again.": create_leadership(source, NOBODY),
        "TO_URL: something is being copied there already.": create_leadership(target, NOBODY),
    }
    try:
        for refusal, lock in locks.items():
            if not await lock.try_acquire():
                raise MoveRefused(refusal)
        yield
    finally:
        for lock in locks.values():
            await lock.release()


def _tell(source: Database, target: Database, moved: Moved) -> str:
    assert source.path is not None  # noqa: S101 - it is the only kind that moves
    key = source.path.with_name(source.path.name + ".key")
    advice = f"what stands in {key}" if key.exists() else "what it was"
    counts = [f"  {name:<16} {count:>10,}" for name, count in moved.counts.items()]
    lines = [
        "The move ended before; there was nothing left to do." if moved.was_ended else "Everything has moved:",
        *([] if moved.was_ended else counts),
        f"The registry now is {describe(target)}. Set DATABASE_URL to it, and SERVER_KEY to {advice}:",
        "with another key no device can log in. No program starts on the SQLite file any more.",
    ]
    return "\n".join(lines)


class Progress:
    """A bar on a terminal, a line a table elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._drawn_at = 0.0
        self._is_open = False

    def report(self, table: str, done: int, total: int) -> None:
        """Tell how many rows of a table have moved."""
        is_last = done >= total
        if not self._is_terminal:
            if is_last:
                self._stream.write(f"{table}: {done:,} of {total:,}\n")
        elif is_last or time.monotonic() - self._drawn_at >= REDRAW:
            self._drawn_at = time.monotonic()
            self._is_open = not is_last
            self._stream.write(f"\r\x1b[2K{draw(table, done, total, _columns(self._stream))}" + "\n" * is_last)
        self._stream.flush()

    def close(self) -> None:
        """Leave a bar that did not get to its end on its line."""
        if self._is_open:
            self._stream.write("\n")


def draw(table: str, done: int, total: int, columns: int) -> str:
    """Return one line with the bar, cut to the width of the terminal."""
    filled = WIDTH if done >= total else WIDTH * done // total
    share = 100 if done >= total else 100 * done // total
    return f"{table:<16} {'█' * filled}{'░' * (WIDTH - filled)} {share:>3} %  {done:,} of {total:,}"[: columns - 1]


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
