"""Three days of load, an action every two hours: nothing grows. `python -m tests.reliability.endurance` does it all."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.thorough
async def test_after_days_of_load_no_table_is_larger_and_no_task_is_left_behind(tmp_path: Path) -> None:
    # in a process of its own: what the tests before it left in this one's memory is not the program's
    report = tmp_path / "endurance.json"
    command = (sys.executable, "-m", "tests.reliability.endurance", "--every", "120", "--json", str(report))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()
    found = json.loads(report.read_text())
    assert found["actions"] >= 10
    assert found["faults"] == []
