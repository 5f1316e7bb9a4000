"""Every byte that is left is searched for secrets."""

from __future__ import annotations

import pytest

from tests.reliability.canary import run_canaries
from tests.reliability.stage import POSTGRESQL, SQLITE


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
async def test_no_byte_that_is_left_is_part_of_a_secret(kind: str) -> None:
    finding = await run_canaries(kind)
    assert finding.hits == []
    assert finding.canaries > 20
