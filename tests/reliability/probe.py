"""What is put around the program, from outside, in a process that is going to be killed.

Before and after each commit that writes, the process says so to whoever holds the other end of a socket, and stands
still until it is answered: that is where it can be killed. The machine's clock can be set, as far as this process
can see: a file says by how many seconds. And the process can be made to say more than any operator could ask it to.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import mmap
import os
import re
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import Pool

from bot import logs

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS, SHIFT, LOUD, DESCRIBE = "RELIABILITY_STEPS", "RELIABILITY_SHIFT", "RELIABILITY_LOUD", "RELIABILITY_DESCRIBE"
OURS = ("bot", "storage")
WRITES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) (\w+)")
SECONDS = struct.Struct("d")


def install() -> None:
    """Do what the environment asks for."""
    if path := os.environ.get(STEPS):
        _report_commits(path)
    if path := os.environ.get(SHIFT):
        _shift_clock(Path(path))
    if os.environ.get(LOUD):
        _let_everybody_speak()


def _report_commits(path: str) -> None:
    """Say before and after each commit what it writes, and wait to be let go on."""
    line = socket.socket(socket.AF_UNIX)
    line.connect(path)
    writes: dict[int, list[str]] = {}

    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if found := WRITES.match(statement):
            what = f"{found[1].split()[0].lower()} {found[2]}"
            told = writes.setdefault(id(connection.connection.dbapi_connection), [])
            if what not in told:
                told.append(what)

    described = os.environ.get(DESCRIBE)

    describe_at = 0.0

    def tell(moment: str, what: list[str]) -> None:
        nonlocal describe_at
        if described and (began := time.monotonic()) >= describe_at:
            _describe_everything(Path(described))
            # a tenth of the time at most, or the program would get to nothing else
            describe_at = began + 10 * (time.monotonic() - began)
        line.sendall(f"{moment} {', '.join(what)}\n".encode())
        if not line.recv(1):
            os._exit(1)  # whoever held the other end is gone

    def forget(connection: Any, *_: Any) -> None:
        writes.pop(id(connection), None)

    event.listen(Engine, "before_cursor_execute", note)
    # the pool's, not the engine's: a transaction that was cancelled has no connection any more that could be named
    event.listen(Pool, "reset", forget)
    event.listen(Pool, "invalidate", forget)
    commit: Callable[[Any, Any], None] = DefaultDialect.do_commit

    def do_commit(self: Any, connection: Any) -> None:
        what = writes.pop(id(connection.dbapi_connection), None)
        if what is None:
            commit(self, connection)
            return
        tell("before", what)
        commit(self, connection)
        tell("after", what)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _shift_clock(path: Path) -> None:
    with path.open("rb") as file:
        shared = mmap.mmap(file.fileno(), SECONDS.size, access=mmap.ACCESS_READ)
    real = time.time
    time.time = lambda: real() + SECONDS.unpack(shared)[0]


def _let_everybody_speak() -> None:
    """Let every logger say everything, as after the worst setting an operator could think of."""
    configure = logs.configure

    def configure_loudly(level: str, log_format: str) -> None:
        configure(level, log_format)
        for name in ("", *logs.QUIET, *logging.Logger.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.DEBUG)

    logs.configure = configure_loudly


def _describe_everything(path: Path) -> None:
    """Write what all objects of the program, and all exceptions, would be in a debugger or a crash report."""
    with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
        for thing in gc.get_objects():
            if isinstance(thing, str):
                continue  # a text is what it says
            if type(thing).__module__.startswith(OURS) or isinstance(thing, BaseException):
                with contextlib.suppress(Exception):  # what is half made, or gone, cannot be described
                    file.write(f"{type(thing).__qualname__} {thing!r} {thing!s}\n")
