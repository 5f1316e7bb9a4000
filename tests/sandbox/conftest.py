"""A sandbox with two people in it, and the client library's own Bot to drive it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox import Sandbox, Timings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANNA = 123456789
BORIS = 200
GROUP = -500


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A sandbox whose server is quick; Anna has started the bot, Boris never has."""
    async with Sandbox() as sandbox:
        sandbox.world.timings = Timings(
            conflict=0.1, repeated_poll=0.0, hasty_poll=0.0, set_webhook=0.0, webhook_retry=0.01
        )
        sandbox.add_person(ANNA, "Anna", username="anna_fx", language_code="en", started=True)
        sandbox.add_person(BORIS, "Boris")
        yield sandbox


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    """The client library's Bot, connected."""
    # reading the certificates of the world for nothing takes longer than most tests
    requests = [HTTPXRequest(httpx_kwargs={"verify": False}) for _ in range(2)]
    async with Bot(
        sandbox.token, base_url=f"{sandbox.url}/bot", request=requests[0], get_updates_request=requests[1]
    ) as bot:
        yield bot


@pytest.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[aiohttp.ClientSession]:
    """A plain client for what the library cannot send; addresses are relative to the sandbox."""
    async with aiohttp.ClientSession(sandbox.url) as session:
        yield session


@pytest.fixture
def path(sandbox: Sandbox) -> str:
    """Where methods are."""
    return f"/bot{sandbox.token}"
