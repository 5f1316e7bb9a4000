"""The processes of `compose.yaml` behind a real nginx, on the configuration that stands beside it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.services.clients import Profile
from bot.services.keys import WEBHOOK, Keyring
from bot.web.webhook import PATH as WEBHOOK_PATH
from bot.web.webhook import SECRET_HEADER
from tests.conftest import POSTGRESQL
from tests.forward_auth.nginx import NGINX, REGISTRY, find_port, running_on
from tests.journeys.conftest import fresh_database
from tests.journeys.fleet import Fleet, running_fleet
from tests.journeys.running import SERVER_KEY
from tests.signing import Signer, milliseconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.forward_auth.nginx import Answer, Nginx

pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="nginx is not installed; on Debian: apt-get install nginx"),
    pytest.mark.asyncio(loop_scope="package"),
]

CONFIGURATION = Path(__file__).parents[2] / "docs" / "compose-nginx.conf"
TARGET = "/api/v1/me"
DOORS, BOTS = ("10.89.7.21", "10.89.7.22", "10.89.7.23"), ("10.89.7.31", "10.89.7.32")
TOKEN = Keyring([SERVER_KEY.encode()]).derive(WEBHOOK)[0].hex()
RETRIES = 100


@asynccontextmanager
async def balanced(fleet: Fleet, folder: Path) -> AsyncIterator[Nginx]:
    """Run nginx before all of them."""
    port = find_port()
    hosts = zip((*DOORS, *BOTS), (one.host for one in (*fleet.doors, fleet.active, fleet.standby)), strict=True)
    changes = [(rf"server {address}:8080 ", f"server {host} ", 1) for address, host in hosts]
    listening = [(r"listen 8443 ssl;", f"listen 127.0.0.1:{port} ssl;", 1)]
    health = [(r"listen 127\.0\.0\.1:8081;", f"listen 127.0.0.1:{find_port()};", 1)]
    async with running_on(CONFIGURATION, folder, port, [*changes, *listening, *health]) as nginx:
        yield nginx


async def log_in(fleet: Fleet, nginx: Nginx) -> Signer:
    """Let a new device log in."""
    person = await fleet.stage.clients.enter(Profile(4711, "Anna"))
    device, secret = await fleet.stage.devices.create_device(person.client_id, "VPS-1")
    body = json.dumps({"device_id": str(device.id), "secret": secret}).encode()
    headers = [("Content-Type", "application/json")]
    answer = await nginx.ask(REGISTRY, "POST", "/api/v1/sessions", headers, body)
    assert answer.status == 201, answer.body
    opened = json.loads(answer.body)
    return Signer(opened["session"], opened["signing_key"], REGISTRY)


async def ask(nginx: Nginx, signer: Signer, target: str = TARGET) -> Answer:
    """Send a signed request."""
    return await nginx.ask(REGISTRY, "GET", target, signer.sign("GET", target, timestamp=milliseconds()).items())


async def bring(nginx: Nginx, update_id: int, sender: int) -> Answer:
    """Bring an update as Telegram does."""
    person = {"id": sender, "is_bot": False, "first_name": "Anna"}
    chat = {"id": sender, "type": "private", "first_name": "Anna"}
    entities = [{"type": "bot_command", "offset": 0, "length": 3}]
    message: dict[str, Any] = {"message_id": update_id, "date": 1, "from": person, "chat": chat, "text": "/id"}
    update = json.dumps({"update_id": update_id, "message": message | {"entities": entities}}).encode()
    headers = [("Content-Type", "application/json"), (SECRET_HEADER, TOKEN)]
    return await nginx.ask(REGISTRY, "POST", WEBHOOK_PATH, headers, update)


async def test_behind_a_balancer_nobody_notices_which_process_is_dead(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_database(POSTGRESQL, tmp_path, request) as url:
        async with running_fleet(url, tmp_path) as fleet, balanced(fleet, tmp_path) as nginx:
            signer = await log_in(fleet, nginx)
            for target in (TARGET, f"{TARGET}?a=%2F..&b=%zz"):
                assert (await ask(nginx, signer, target)).status == 200, "byte by byte as it was signed"
            once = signer.sign("GET", TARGET, timestamp=milliseconds()).items()
            tries = await asyncio.gather(*(nginx.ask(REGISTRY, "GET", TARGET, once) for _ in range(8)))
            assert sorted(answer.status for answer in tries) == [200, *[401] * 7]
            for hidden in ("/metrics", "/auth", "/readyz", "/"):
                assert (await nginx.ask(REGISTRY, "GET", hidden)).status == 404, hidden
            await fleet.doors[0].kill()
            assert {(await ask(nginx, signer)).status for _ in range(12)} == {200}

            anna = await fleet.stage.trader()
            for update_id in (9001, 9002, 9003):
                # whichever of the two it meets first
                assert (await bring(nginx, update_id, anna.id)).status == 200
            await anna.sees("Your Telegram ID")
            before = anna.times_shown("Your Telegram ID")
            await fleet.active.kill()
            for _ in range(RETRIES):
                if (await bring(nginx, 9004, anna.id)).status == 200:
                    break
                await asyncio.sleep(0.1)
            async with asyncio.timeout(15):
                while anna.times_shown("Your Telegram ID") == before:  # noqa: ASYNC110 - it is in another process
                    await asyncio.sleep(0.05)
