"""Time goes wrong, in every way there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reliability.stage import POSTGRESQL, SQLITE
from tests.reliability.untimely import TROUBLES, run_untimely

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.reliability.stage import Stage


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
async def test_a_promise_is_kept_when(trouble: Callable[[Stage], Awaitable[None]], kind: str) -> None:
    await run_untimely(kind, trouble)
