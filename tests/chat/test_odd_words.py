"""Whatever somebody types behind a command, or behind the link that leads to the bot, gets an answer and no apology."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chat.views.commands import KNOWN
from tests.chat.speech import ANNA, OLGA

if TYPE_CHECKING:
    from tests.chat.conftest import Door

PAYLOADS = st.text(max_size=64) | st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True) | st.just("dsk1_")
ARGUMENTS = st.text(max_size=120) | st.from_regex(r"[0-9a-f]{8}( .{0,40})?", fullmatch=True) | st.uuids().map(str)
APOLOGY = "That did not work"


@pytest.mark.parametrize("person", [ANNA, OLGA], ids=["trader", "admin"])
async def test_nothing_behind_a_command_breaks_it(door: Door, person: dict[str, object]) -> None:
    said: list[str] = []

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(st.just("start") | st.sampled_from(sorted(KNOWN)), PAYLOADS | ARGUMENTS)
    def collect(command: str, rest: str) -> None:
        said.append(f"/{command} {rest}")

    await asyncio.get_running_loop().run_in_executor(None, collect)
    for text in said:
        calls = await door.say(text, person=person)
        assert calls, text
        assert APOLOGY not in json.dumps([call.parameters for call in calls]), text
    assert await door.unhandled() == []
