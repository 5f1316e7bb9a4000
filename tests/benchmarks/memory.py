"""How much memory a process has, and how much processor time it used."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

PARENT, USER, SYSTEM = 1, 11, 12
"""Places after the name, in proc_pid_stat(5)."""


def resident(process: int) -> int:
    """Return the bytes of a process that are in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def processor_time(process: int) -> float:
    """Return the seconds that all threads of a process used."""
    fields = _read(process)
    return (int(fields[USER]) + int(fields[SYSTEM])) / os.sysconf("SC_CLK_TCK")


def parent_of(process: int) -> int:
    """Return the process that started another."""
    return int(_read(process)[PARENT])


def family_time(parent: int) -> float:
    """Return the seconds that a process and those it started used, of those that live."""
    total = 0.0
    for folder in Path("/proc").glob("[0-9]*"):
        # another process may end while it is looked at
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            process = int(folder.name)
            if parent in {process, parent_of(process)}:
                total += processor_time(process)
    return total


def _read(process: int) -> list[str]:
    return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
