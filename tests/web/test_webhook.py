"""Telegram's webhook: only Telegram gets in, and an update is answered once it is in the inbox."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.services.inbox import InboxService, Received
from bot.web import webhook
from bot.web.webhook import MAX_UPDATE, PATH
from storage.models import InboxUpdate
from tests.web.conftest import serving
from tests.web.wire import connect

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from storage.database import Database
    from tests.web.conftest import Site

HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = {"update_id": 7, "message": {"message_id": 1, "text": "/start"}}


class FakeReceiver:
    """Takes updates in as the bot's receiver does: into the inbox, and on from there when they are new."""

    trouble = None
    is_healthy = True

    def __init__(self, inbox: InboxService) -> None:
        self._inbox = inbox
        self.handled: list[int] = []
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def take_in(self, batch: list[dict[str, Any]]) -> None:
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        kept = [Received(f"1:{update['update_id']}", update["update_id"], 101, update) for update in batch]
        for received in await self._inbox.receive(kept):
            self.handled.append(received.position)


class FakeProgram:
    def __init__(self, receiver: FakeReceiver) -> None:
        self.receiver = receiver


@pytest.fixture
def receiver(site: Site) -> FakeReceiver:
    receiver = FakeReceiver(InboxService(site.core.database, site.clock))
    site.door.program = FakeProgram(receiver)  # type: ignore[assignment]  # all that the door asks of it
    return receiver


async def deliver(site: Site, update: object = None, **more: Any) -> httpx.Response:
    """Deliver an update as Telegram does."""
    headers = {HEADER: site.core.webhook_token, "Content-Type": "application/json"}
    content = json.dumps(UPDATE if update is None else update).encode()
    return await site.http.post(PATH, **({"content": content, "headers": headers} | more))


async def count_kept(database: Database) -> int:
    async with database.read() as session:
        return len((await session.scalars(select(InboxUpdate))).all())


async def test_an_update_is_answered_with_nothing_once_it_is_kept(site: Site, receiver: FakeReceiver) -> None:
    receiver.gate.clear()
    delivering = asyncio.create_task(deliver(site))
    await asyncio.sleep(0.05)
    assert not delivering.done()
    receiver.gate.set()
    answer = await delivering
    assert (answer.status_code, answer.content) == (200, b"")
    assert await count_kept(site.core.database) == 1


async def test_an_update_that_comes_twice_has_one_effect(site: Site, receiver: FakeReceiver) -> None:
    for _ in range(3):
        assert (await deliver(site)).status_code == 200
    assert receiver.handled == [7]
    answers = await asyncio.gather(*(deliver(site, {**UPDATE, "update_id": 8}) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {200}
    assert receiver.handled == [7, 8]
    assert await count_kept(site.core.database) == 2


async def test_who_does_not_know_the_token_is_nobody(site: Site, receiver: FakeReceiver) -> None:
    token = site.core.webhook_token
    for given in ("", token[:-1], token + "0", token.upper(), " ", "ü", "x" * 5000, token.encode()[:32] * 2):
        answer = await deliver(site, headers={HEADER: given if isinstance(given, bytes) else given.encode("latin-1")})
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_secret_token")
        assert token not in answer.text
    assert (await deliver(site, headers={})).status_code == 403
    assert (await deliver(site, headers={"Authorization": token})).status_code == 403
    assert await count_kept(site.core.database) == 0


def test_tokens_are_compared_in_constant_time() -> None:
    source = inspect.getsource(webhook.webhook_routes)
    assert "compare_digest(presented" in source
    assert "== secret_token" not in source


async def test_a_body_that_is_no_update_is_refused(site: Site, receiver: FakeReceiver) -> None:
    headers = {HEADER: site.core.webhook_token}
    for body, code in (
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff\xfe\x00", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b'{"update_id": ' + b"9" * 5000 + b"}", "not_json"),
        (b"null", "not_an_update"),
        (b"[]", "not_an_update"),
        (b"7", "not_an_update"),
        (b"{}", "not_an_update"),
        (b'{"update_id": "7"}', "not_an_update"),
        (b'{"update_id": 7.0}', "not_an_update"),
        (b'{"update_id": true}', "not_an_update"),
    ):
        answer = await deliver(site, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, code), body[:40]
    assert await count_kept(site.core.database) == 0


async def test_an_update_may_be_as_large_as_telegram_makes_them_and_not_larger(
    site: Site, receiver: FakeReceiver
) -> None:
    longest = {"text": "\u042f" * 4096, "reply_to_message": {"text": "\u042f" * 4096}, "entities": ["x" * 60] * 200}
    assert (await deliver(site, {**UPDATE, "message": longest})).status_code == 200
    headers = {HEADER: site.core.webhook_token}
    answer = await deliver(site, content=b" " * (MAX_UPDATE + 1), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "request_too_large")


async def test_a_stranger_cannot_make_the_program_take_a_body_in(site: Site, receiver: FakeReceiver) -> None:
    async with serving(site.door.app) as port, connect(port) as wire:
        head = b"POST /telegram/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"
        assert (await wire.ask(head)).status == 403


async def test_while_the_database_is_away_telegram_is_asked_to_come_again(site: Site, receiver: FakeReceiver) -> None:
    for failure in (ConnectionRefusedError(), TimeoutError()):
        receiver.failure = failure
        answer = await deliver(site)
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    receiver.failure = None
    assert (await deliver(site)).status_code == 200
    assert receiver.handled == [7]


async def test_while_another_process_is_the_active_bot_telegram_is_asked_to_come_again(site: Site) -> None:
    answer = await deliver(site)
    assert (answer.status_code, answer.json()["code"]) == (503, "standing_by")
    assert int(answer.headers["retry-after"]) >= 1
    assert (await deliver(site, headers={})).status_code == 403


async def test_an_update_with_characters_that_no_text_has_stops_nothing(site: Site, receiver: FakeReceiver) -> None:
    for number, text in enumerate((b"\\u0000", b"\\ud800", b"\\udc00\\ud800")):
        body = b'{"update_id": %d, "message": {"text": "%s"}}' % (number, text)
        answer = await deliver(site, content=body, headers={HEADER: site.core.webhook_token})
        assert answer.status_code == 200, (text, answer.text)


async def test_every_installation_has_a_token_of_its_own(build_site: Callable[..., Any], site: Site) -> None:
    other = await build_site(server_key=SecretStr("a server key of another installation"))
    assert other.core.webhook_token != site.core.webhook_token
    assert len(site.core.webhook_token) == 64
