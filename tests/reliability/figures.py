"""The figures of the runs, as they stand in docs/reliability.md: each run rewrites its own part, and no other."""

from __future__ import annotations

import platform
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.journeys.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

DOCUMENT = ROOT / "docs" / "reliability.md"


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def write(part: str, text: str, document: Path = DOCUMENT) -> None:
    """Put the text in place of what stands between the part's two marks."""
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    dated = f"{text}\n\nRun on {datetime.now(UTC):%d %B %Y}, Python {platform.python_version()}."
    old = document.read_text("utf-8")
    new = re.sub(f"{begin}.*?{end}", lambda _: f"{begin}\n{dated}\n{end}", old, flags=re.DOTALL)
    document.write_text(new, "utf-8")
