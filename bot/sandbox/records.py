"""The demo's database file: is nobody else at it, is it of the past, and how to begin with an empty one."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

LET_GO = 2.0  # seconds a bot that is just ending may still hold its lock
_NOTE = ".time"  # beside the database: how far a run that was fast has come, in Unix seconds
_PARTS = ("", "-wal", "-shm", "-journal", _NOTE)  # the file itself first: SQLite drops a log that has no database


class InUse(Exception):
    """A running bot holds the database."""


class LieAhead(Exception):
    """The records are of a time that has not come; `seconds` until it has, infinite when nobody knows."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def prepare(file: Path, *, fresh: bool, patience: float = LET_GO) -> None:
    """Check that no bot runs on `file`, and remove its records if `fresh`. InUse, after `patience` seconds; LieAhead.

    Beside it, two files stay. `.lock`: a bot may be waiting for it, and a second file of that name would be a second
    lock. `.key`: the server's key holds no records, and copies of the database are of no use without it.
    """
    with _locked(file.with_name(f"{file.name}.lock"), patience):
        if fresh:
            for part in _PARTS:
                file.with_name(file.name + part).unlink(missing_ok=True)
        elif (ahead := _noted(file) - time.time()) > 0:
            raise LieAhead(ahead)


def note_time(file: Path, until: float) -> None:
    """Note how far the records of `file` reach, in Unix seconds; infinitely far while a run that is fast goes on."""
    file.with_name(file.name + _NOTE).write_text(repr(until))


def _noted(file: Path) -> float:
    """Return what was noted of records that are still there, 0 when nothing was."""
    try:
        return float(file.with_name(file.name + _NOTE).read_text()) if file.exists() else 0.0
    except (FileNotFoundError, ValueError):
        return 0.0


@contextlib.contextmanager
def _locked(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock that the active bot holds while it runs."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise InUse(str(path))
            time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
