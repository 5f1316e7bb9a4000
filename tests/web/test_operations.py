"""For those who run the program: health, readiness, metrics, and what the log says about a request."""

from __future__ import annotations

import contextvars
import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from bot import logs
from storage.shortcut import SqliteShortcut
from tests.conftest import SQLITE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.web.conftest import Site, Terminal


@pytest.fixture
def backend() -> str:
    return SQLITE


class FakeReceiver:
    def __init__(self, trouble: str | None = None, *, is_healthy: bool = True) -> None:
        self.trouble = trouble
        self.is_healthy = is_healthy


class FakeProgram:
    def __init__(self, receiver: FakeReceiver) -> None:
        self.receiver = receiver


async def test_the_process_is_healthy_as_long_as_it_answers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.core, "database", None)
    answer = await site.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_the_program_is_ready_when_every_part_is(
    build_site: Callable[..., Awaitable[Site]],
) -> None:
    site = await build_site(has_bot=True)

    async def ask(receiver: FakeReceiver | None) -> tuple[int, Any]:
        site.door.program = None if receiver is None else FakeProgram(receiver)  # type: ignore[assignment]
        answer = await site.http.get("/readyz")
        return answer.status_code, answer.json()

    assert await ask(FakeReceiver()) == (200, {"status": "ready"})
    assert await ask(None) == (503, {"status": "not ready", "faults": {"bot": "standing by"}})
    trouble = "Telegram does not accept BOT_TOKEN; was it revoked?"
    assert await ask(FakeReceiver(trouble)) == (503, {"status": "not ready", "faults": {"bot": trouble}})
    status, told = await ask(FakeReceiver(is_healthy=False))
    assert (status, told["faults"]) == (503, {"bot": "no poll has succeeded for a while"})


async def test_the_door_alone_needs_no_bot_to_be_ready(site: Site) -> None:
    assert (await site.http.get("/readyz")).status_code == 200


async def test_a_database_that_is_too_old_is_told(site: Site) -> None:
    async with site.core.database.begin() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    answer = await site.http.get("/readyz")
    assert answer.status_code == 503
    assert "python -m bot migrate" in answer.json()["faults"]["database"]


async def test_metrics_are_for_trusted_addresses(site: Site, terminal: Terminal) -> None:
    await terminal.ask()
    answer = await site.http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    for line in (
        r'device_authentications_total\{kind="request",result="ok"\} \d',
        r'device_authentications_total\{kind="login",result="ok"\} \d',
        r'device_authentication_seconds_count\{kind="login"\} \d',
        r"devices_registered_total \d",
    ):
        assert re.search(line, answer.text), line
    for headers in ({}, {"X-Forwarded-For": "127.0.0.1"}):
        refused = await site.browser("198.51.100.7").get("/metrics", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_a_trusted_address")


async def test_a_failure_that_nobody_expected_is_told_with_the_number_under_which_it_is_logged(
    site: Site, terminal: Terminal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a detail for the log only")

    monkeypatch.setattr(site.core.gate, "enter", fail)
    monkeypatch.setattr(site.core.devices, "authenticate_device", fail)
    for answer in (await terminal.ask(), await site.log_in(terminal.id, terminal.secret)):
        body = answer.json()
        assert (answer.status_code, body["code"]) == (500, "internal_error")
        assert "detail" not in answer.text
        lines = [record for record in caplog.records if body["incident"] in record.getMessage()]
        assert len(lines) == 1
        assert lines[0].exc_info is not None
    assert len(caplog.records) == 2


async def test_a_gate_that_cannot_read_is_a_database_that_is_away(site: Site, terminal: Terminal) -> None:
    shortcut = site.core.database.shortcut
    assert isinstance(shortcut, SqliteShortcut)
    assert shortcut._connection is not None
    shortcut._connection.close()
    answer = await terminal.ask()
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1


@pytest.fixture
def journal(monkeypatch: pytest.MonkeyPatch) -> Callable[[logging.Formatter], io.StringIO]:
    def write(formatter: logging.Formatter) -> io.StringIO:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(formatter)
        logger = logging.getLogger("tests.journal")
        monkeypatch.setattr(logger, "handlers", [handler])
        monkeypatch.setattr(logger, "propagate", False)
        return stream

    return write


async def test_every_line_about_a_request_has_its_id_and_no_id_comes_from_outside(
    site: Site, journal: Callable[[logging.Formatter], io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = journal(logs.JsonFormatter())
    line = logging.getLogger("tests.journal")
    now = site.core.sessions.now

    def log_too() -> int:
        line.warning("the time was asked")
        return now()

    monkeypatch.setattr(site.core.sessions, "now", log_too)
    for _ in range(3):
        await site.http.get("/api/v1/time", headers={"X-Request-Id": "mine", "X-Correlation-Id": "mine"})
    line.warning("outside")
    events = [json.loads(row) for row in stream.getvalue().splitlines()]
    ids = [event.get("request_id") for event in events]
    assert len(set(ids[:3])) == 3
    assert all(re.fullmatch("[0-9a-f]{8}", number) for number in ids[:3])
    assert ids[3] is None
    assert "mine" not in stream.getvalue()


def test_a_line_about_an_update_has_telegrams_number_in_both_formats(
    journal: Callable[[logging.Formatter], io.StringIO],
) -> None:
    def work() -> None:
        logs.REQUEST_ID.set("0a1b2c3d")
        logging.getLogger("tests.journal").warning("before")
        logs.begin_update(4711)
        logging.getLogger("tests.journal").warning("after")

    stream = journal(logs.JsonFormatter())
    contextvars.copy_context().run(work)
    before, after = (json.loads(row) for row in stream.getvalue().splitlines())
    assert (before["request_id"], "update_id" in before) == ("0a1b2c3d", False)
    assert (after["update_id"], "request_id" in after) == (4711, False)
    stream = journal(logs.TextFormatter())
    contextvars.copy_context().run(work)
    first, second = stream.getvalue().splitlines()
    assert first.endswith("tests.journal [request 0a1b2c3d]: before")
    assert second.endswith("tests.journal [update 4711]: after")
