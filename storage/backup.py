"""A copy of a SQLite database, taken while the bot runs on it, that says of itself that it is one.

SQLite's online backup (https://sqlite.org/backup.html) in one step: the copy is the database at one moment, and with
its write-ahead log nobody waits. The copy gets its name last, when it is whole, marked and on the disk.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BUSY_TIMEOUT = 30.0
"""Seconds to wait for a program that holds a lock on the database."""


class BackupRefused(Exception):
    """No copy was made. The message tells a person why, and what to do."""


def check_target(target: Path) -> None:
    """Raise `BackupRefused` when a copy cannot be made under this name."""
    if target.exists() or target.is_symlink():
        raise BackupRefused(f"{target} is there already, and a backup overwrites nothing; choose another name.")
    if not target.parent.is_dir():
        raise BackupRefused(f"{target.parent} is no folder; make it first.")


@contextlib.contextmanager
def copy_file(source: Path, target: Path) -> Iterator[Path]:
    """Copy the database into a nameless file that the block may change; then give it its name.

    Only this user can read it. Raises `BackupRefused`, and then nothing is left behind.
    """
    check_target(target)
    try:
        # mkstemp makes it with mode 0600, whatever the umask is
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(descriptor)
    except OSError as error:
        raise BackupRefused(f"{target} cannot be written: {error.strerror}.") from None
    nameless = Path(name)
    try:
        _copy(source, nameless)
        yield nameless
        _keep(nameless, target)
    except (OSError, sqlite3.Error) as error:
        cause = error.strerror if isinstance(error, OSError) else str(error)
        raise BackupRefused(f"{target} could not be written: {cause}.") from None
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            nameless.with_name(nameless.name + ending).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT)) as original,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        original.execute("PRAGMA query_only = ON")
        original.backup(copy)
        # one file, with no log beside it; who opens it as a database of the program switches the log on again
        copy.execute("PRAGMA journal_mode = DELETE")


def _keep(nameless: Path, target: Path) -> None:
    for path in (nameless, target.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    try:
        # unlike a renaming, a link never takes the place of a file
        os.link(nameless, target)
    except FileExistsError:
        raise BackupRefused(f"{target} was made meanwhile, and a backup overwrites nothing.") from None
