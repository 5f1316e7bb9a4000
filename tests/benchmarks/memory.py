"""How much memory a process has."""

from __future__ import annotations

import os
from pathlib import Path


def resident(process: int) -> int:
    """Return the bytes of a process that are in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
