"""The real bot, called by Telegram instead of calling it: from the webhook's setting to its removal."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.sandbox import Sandbox, Timings
from tests.conftest import SQLITE
from tests.journeys.people import Trader
from tests.journeys.running import RunningBot

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox import Call

ANNA = 1001
ADDRESS = "127.0.0.1"


@pytest.fixture
def backend() -> str:
    return SQLITE


def free_port() -> int:
    with socket.create_server((ADDRESS, 0)) as listener:
        return int(listener.getsockname()[1])


def calls(sandbox: Sandbox, method: str) -> list[Call]:
    return [call for call in sandbox.calls if call.method.lower() == method.lower()]


async def test_with_a_public_url_telegram_calls_and_without_one_the_bot_polls_again(
    database_url: str, tmp_path: Path
) -> None:
    port = free_port()
    public = f"http://{ADDRESS}:{port}"
    async with Sandbox() as sandbox:
        sandbox.world.timings = Timings(conflict=0.1)
        anna = Trader(sandbox, sandbox.add_person(ANNA, "Anna"), "Anna")
        hooked = RunningBot(sandbox, database_url, tmp_path, PUBLIC_URL=public, PORT=str(port))
        await hooked.start()
        await sandbox.wait_for_call("setWebhook", timeout=10)
        setting = calls(sandbox, "setWebhook")[0].parameters
        assert setting["url"] == f"{public}/telegram/webhook"
        assert len(str(setting["secret_token"])) == 64

        # updates come in, and none is fetched
        await anna.ask("/start", "Welcome")
        assert not calls(sandbox, "getUpdates")
        async with httpx.AsyncClient(base_url=public, trust_env=False) as http:
            assert (await http.get("/readyz")).json() == {"status": "ready"}
            assert (await http.post("/telegram/webhook", json={"update_id": 1})).status_code == 403

        # delivered again, an update has no second effect
        said = anna.say("/register VPS-1")
        await anna.sees("is almost ready", after=said.message_id)
        assert said.update_id is not None
        sandbox.redeliver(said.update_id)
        await anna.fence()
        assert sum("is almost ready" in str(call.parameters.get("text")) for call in calls(sandbox, "sendMessage")) == 1

        # what is said while the bot is dead waits, and none of it is lost
        await hooked.kill()
        said = anna.say("/id")
        await hooked.start(is_ready=False)
        await anna.sees("Your Telegram ID", after=said.message_id, timeout=30)
        code, _ = await hooked.stop()
        assert code == 0

        # and without a public address the bot fetches as before
        polling = RunningBot(sandbox, database_url, tmp_path)
        await polling.start(is_ready=False)
        await sandbox.wait_for_call("deleteWebhook", timeout=20)
        await anna.ask("/id", "Your Telegram ID")
        assert calls(sandbox, "getUpdates")
        code, _ = await polling.stop()
        assert code == 0
        log = hooked.log + polling.log
        assert str(setting["secret_token"]) not in log
        assert "Traceback" not in log
