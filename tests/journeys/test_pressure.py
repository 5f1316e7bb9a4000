"""Many secrets are due at the same moment, with Telegram's limits on: all are gone nearly as fast as they can be.

`python -m tests.reliability.pressure` measures thousands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reliability.pressure import Case, measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "case",
    [Case("due", 100), Case("overdue", 100, is_overdue=True), Case("flooded", 100, is_flooded=True)],
    ids=lambda case: case.name,
)
async def test_many_secrets_that_are_due_at_once_are_gone_in_time(case: Case, tmp_path: Path) -> None:
    lateness = await measure(case, tmp_path)
    assert lateness.faults() == []
