"""Three days of load, an action every two hours: nothing grows. `python -m tests.reliability.endurance` does it all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.reliability.endurance import measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.thorough
async def test_after_days_of_load_no_table_is_larger_and_no_task_is_left_behind(tmp_path: Path) -> None:
    found = await measure(tmp_path, timedelta(hours=2))
    assert found.actions >= 10
    assert found.faults == []
