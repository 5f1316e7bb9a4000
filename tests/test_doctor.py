"""`python -m bot doctor`: a line for everything the bot needs, with what to do where something is wrong."""

from __future__ import annotations

import asyncio
import sys
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy import text

from bot import doctor
from bot.doctor import Finding, Verdict, examine, exit_code
from bot.sandbox import Sandbox
from bot.settings import Settings
from bot.web.webhook import PATH
from storage import schema
from storage.database import Database
from storage.models import Move, MoveRole
from tests.conftest import SERVER_KEY
from tests.fakes import FakeClock
from tests.journeys.running import ROOT, environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

KEY = SERVER_KEY.decode()
PUBLIC_URL = "http://127.0.0.1:9"
OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


@dataclass
class Patient:
    """What the doctor looks at."""

    sandbox: Sandbox
    monkeypatch: pytest.MonkeyPatch
    findings: dict[str, Finding] = field(default_factory=dict)

    def set(self, **settings: str | None) -> None:
        for name, value in settings.items():
            if value is None:
                self.monkeypatch.delenv(name, raising=False)
            else:
                self.monkeypatch.setenv(name, value)

    async def find(self, subject: str, **settings: str | None) -> tuple[Verdict, str]:
        """Return what is found about a subject, with these settings."""
        self.set(**settings)
        found = await examine()
        self.findings = {finding.subject: finding for finding in found}
        assert len(self.findings) == len(found), "a line each"
        finding = self.findings[subject]
        return finding.verdict, str(finding)

    async def call(self, method: str, **arguments: Any) -> None:
        """Call the Bot API as somebody else who has the token."""
        url = f"{self.sandbox.url}/bot{self.sandbox.token}/{method}"
        async with aiohttp.ClientSession() as session, session.post(url, json=arguments) as response:
            assert response.status == 200, await response.text()


@pytest.fixture
async def patient(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Patient]:
    """A bot that wants for nothing."""
    monkeypatch.chdir(tmp_path)
    async with Sandbox() as sandbox:
        patient = Patient(sandbox, monkeypatch)
        patient.set(**{name.upper(): None for name in Settings.model_fields})
        patient.set(BOT_TOKEN=sandbox.token, TELEGRAM_API_URL=sandbox.url, DATABASE_URL=database_url, SERVER_KEY=KEY)
        yield patient


@pytest.fixture
def backend() -> str:
    """Where it makes a difference, a test asks for both databases itself."""
    return "sqlite"


both = pytest.mark.parametrize("backend", ["sqlite", "postgresql"])


@both
async def test_a_bot_that_wants_for_nothing_is_told_so_in_a_line_each(patient: Patient) -> None:
    await patient.find("token")
    assert list(patient.findings) == ["settings", "token", "webhook", "clock", "database", "migrations", "ttl"]
    assert {finding.verdict for finding in patient.findings.values()} == {OK}
    assert not any("\n" in str(finding) for finding in patient.findings.values())
    assert exit_code(list(patient.findings.values())) == 0
    assert str(patient.findings["token"]) == "ok    token       @sandbox_bot"


def test_a_warning_lets_the_bot_work_and_a_failure_does_not() -> None:
    assert exit_code([Finding(OK, "a", ""), Finding(WARN, "b", "")]) == 0
    assert exit_code([Finding(OK, "a", ""), Finding(FAIL, "b", "")]) == 1


async def test_the_doctor_changes_nothing(patient: Patient, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    before = len(patient.sandbox.calls)
    await patient.find("token", DATABASE_URL=f"sqlite:///{empty}/devices.db", SERVER_KEY=None)
    assert list(empty.iterdir()) == []
    assert {call.method for call in patient.sandbox.calls[before:]} == {"getMe", "getWebhookInfo"}


# --- settings -----------------------------------------------------------------------------------------------------


async def test_every_bad_setting_has_its_line_and_nothing_else_is_tried(patient: Patient) -> None:
    patient.set(BOT_TOKEN="secret-rubbish", SECRET_TTL="soon")
    found = await examine()
    assert [(finding.verdict, finding.subject) for finding in found] == [(FAIL, "settings")] * 2
    assert "BOT_TOKEN: set it to the token that @BotFather gave you" in found[0].words
    assert found[1].words.startswith("SECRET_TTL: ")
    assert not any("rubbish" in str(finding) for finding in found)
    assert patient.sandbox.calls == []


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_postgresql_needs_a_key_of_its_own(patient: Patient) -> None:
    verdict, line = await patient.find("settings", SERVER_KEY=None)
    assert verdict is FAIL
    assert "openssl rand -hex 32" in line


async def test_a_key_that_is_missing_beside_a_database_is_pointed_out(patient: Patient) -> None:
    verdict, line = await patient.find("settings", SERVER_KEY=None)
    assert verdict is WARN
    assert "restore it from a backup" in line


async def test_a_broken_key_file_is_pointed_out(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "devices.db.key").write_text("short")
    verdict, line = await patient.find("settings", SERVER_KEY=None)
    assert verdict is FAIL
    assert "holds no whole key" in line
    (tmp_path / "devices.db.key").write_text("k" * 64)
    assert (await patient.find("settings"))[0] is OK


async def test_a_first_start_is_in_order(patient: Patient, tmp_path: Path) -> None:
    fresh = {"DATABASE_URL": f"sqlite:///{tmp_path}/fresh.db", "SERVER_KEY": None}
    assert (await patient.find("settings", **fresh))[0] is OK
    assert "the first start makes it" in patient.findings["database"].words
    assert exit_code(list(patient.findings.values())) == 0


# --- Telegram -----------------------------------------------------------------------------------------------------


async def test_an_unknown_token_is_told_and_not_shown(patient: Patient) -> None:
    token = f"{patient.sandbox.token.partition(':')[0]}:{'A' * 35}"
    verdict, line = await patient.find("token", BOT_TOKEN=token)
    assert verdict is FAIL
    assert "set it to the one that @BotFather shows" in line
    assert not any("AAAA" in str(finding) for finding in patient.findings.values())
    assert "webhook" not in patient.findings
    assert patient.findings["clock"].verdict is OK, "it told the time all the same"
    assert patient.findings["database"].verdict is OK


async def test_a_server_that_does_not_answer_is_told(patient: Patient) -> None:
    verdict, line = await patient.find("token", TELEGRAM_API_URL="http://127.0.0.1:9")
    assert verdict is FAIL
    assert "check the network and TELEGRAM_API_URL" in line
    assert patient.sandbox.token.partition(":")[2] not in line
    assert "clock" not in patient.findings


async def test_a_server_that_is_no_bot_api_is_told(patient: Patient) -> None:
    patient.sandbox.world.faults.add("getMe", "bad_gateway")
    verdict, line = await patient.find("token")
    assert verdict is FAIL
    assert "HTTP 502" in line


async def test_a_webhook_in_the_way_of_polling_is_told_without_its_path(patient: Patient) -> None:
    await patient.call("setWebhook", url="http://127.0.0.1:9/123456:somebody-elses-token-in-a-path")
    verdict, line = await patient.find("webhook")
    assert verdict is FAIL
    assert "PUBLIC_URL is not set, but a webhook at 127.0.0.1 is" in line
    assert "somebody-elses" not in line


async def test_updates_that_wait_are_counted(patient: Patient) -> None:
    anna = patient.sandbox.add_person(1001, "Anna")
    for _ in range(3):
        patient.sandbox.say(anna, "/start")
    assert (await patient.find("webhook"))[1].endswith("updates waiting: 3")


async def test_a_webhook_that_is_not_set_yet_is_told(patient: Patient) -> None:
    verdict, line = await patient.find("webhook", PUBLIC_URL=PUBLIC_URL)
    assert verdict is FAIL
    assert "`python -m bot run` sets it" in line


async def test_a_webhook_that_leads_elsewhere_is_told(patient: Patient) -> None:
    await patient.call("setWebhook", url="http://127.0.0.2:9/hook")
    verdict, line = await patient.find("webhook", PUBLIC_URL=PUBLIC_URL)
    assert verdict is FAIL
    assert "it leads to 127.0.0.2, not to PUBLIC_URL" in line


async def test_a_webhook_that_leads_here_is_in_order_also_with_a_slash_too_many(patient: Patient) -> None:
    await patient.call("setWebhook", url=PUBLIC_URL + PATH)
    assert (await patient.find("webhook", PUBLIC_URL=f"{PUBLIC_URL}/"))[0] is OK


async def test_a_delivery_that_failed_lately_is_told(patient: Patient) -> None:
    await patient.call("setWebhook", url=PUBLIC_URL + PATH)
    anna = patient.sandbox.add_person(1001, "Anna")
    patient.sandbox.say(anna, "/start")
    journal = patient.sandbox.world.journal
    await journal.until(lambda: [seen for seen in journal.since(0) if seen.kind == "webhook_error"] or None, 5)
    verdict, line = await patient.find("webhook", PUBLIC_URL=PUBLIC_URL)
    assert verdict is WARN
    assert "Telegram could not deliver: Connection refused; updates waiting: 1; check that PUBLIC_URL" in line


async def test_telegram_itself_calls_https_only(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "TELEGRAM", patient.sandbox.url)
    verdict, line = await patient.find("webhook", PUBLIC_URL=PUBLIC_URL)
    assert verdict is FAIL
    assert "https addresses only" in line


# --- the clock ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, None),
        (4, None),
        (-4, None),
        (8, "s ahead of Telegram's"),
        (-8, "s behind Telegram's"),
        (3600, "s ahead of Telegram's"),
    ],
)
async def test_a_clock_that_is_wrong_is_told(patient: Patient, seconds: int, said: str | None) -> None:
    (clock,) = [
        finding
        for finding in await examine(FakeClock(datetime.now(UTC) + timedelta(seconds=seconds)))
        if finding.subject == "clock"
    ]
    assert clock.verdict is (OK if said is None else WARN)
    assert said is None or said in clock.words


async def test_a_server_without_a_clock_leaves_it_unjudged(patient: Patient) -> None:
    answers = {"getMe": {"id": 7, "is_bot": True, "first_name": "x", "username": "x_bot"}}
    answers["getWebhookInfo"] = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}

    async def answer(request: web.Request) -> web.Response:
        result = answers[request.path.rpartition("/")[2]]
        return web.json_response({"ok": True, "result": result}, headers={"Date": "yesterday"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await patient.find("token", TELEGRAM_API_URL=f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()
    assert "clock" not in patient.findings
    assert patient.findings["webhook"].verdict is OK


# --- the database -------------------------------------------------------------------------------------------------


async def test_a_file_that_is_no_database_is_told(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database" * 100)
    verdict, line = await patient.find("database", DATABASE_URL=f"sqlite:///{tmp_path}/notes.db")
    assert verdict is FAIL
    assert "file is not a database" in line
    assert "migrations" not in patient.findings


async def test_a_folder_that_is_not_there_is_told(patient: Patient, tmp_path: Path) -> None:
    verdict, line = await patient.find("database", DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/devices.db")
    assert verdict is FAIL
    assert "is no folder that this user may write to" in line


async def test_a_server_that_is_not_there_is_told_without_the_password(patient: Patient) -> None:
    verdict, _ = await patient.find("database", DATABASE_URL="postgresql://bot:hunter2-hunter2@127.0.0.1:9/devices")
    assert verdict is FAIL
    assert not any("hunter2" in str(finding) for finding in patient.findings.values())


@pytest.mark.parametrize("backend", ["postgresql"])
async def test_a_database_that_only_lets_read_is_told(patient: Patient, database_url: str) -> None:
    database = Database(database_url)
    name = database.url.database
    async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    try:
        verdict, line = await patient.find("database")
    finally:
        async with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
        await database.dispose()
    assert verdict is FAIL
    assert "read-only" in line


@both
async def test_tables_that_are_not_there_are_told_where_nobody_makes_them(
    patient: Patient, backend: str, empty_database_url: str
) -> None:
    if backend == "sqlite":
        database = Database(empty_database_url)
        await schema.read_revision(database)
        await database.dispose()
    verdict, line = await patient.find("migrations", DATABASE_URL=empty_database_url)
    assert patient.findings["database"].verdict is OK
    if backend == "sqlite":
        assert (verdict, "the next start brings the tables up to date" in line) == (OK, True)
    else:
        assert (verdict, "run: python -m bot migrate" in line) == (FAIL, True)


async def test_records_that_were_moved_are_told(patient: Patient, database_url: str) -> None:
    database, now = Database(database_url), datetime.now(UTC)
    async with database.begin() as session:
        session.add(Move(id=uuid.uuid4(), role=MoveRole.SOURCE, place="elsewhere", began_at=now, ended_at=now))
    await database.dispose()
    verdict, words = await patient.find("database")
    assert verdict is FAIL
    assert "these records were moved to elsewhere" in words


@both
@pytest.mark.parametrize("revision", ["0000", "9999"])
async def test_tables_of_another_release_are_told(
    patient: Patient, backend: str, database_url: str, revision: str
) -> None:
    database = Database(database_url)

    async def stamp(number: str) -> None:
        async with database.begin() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})

    await stamp(revision)
    verdict, line = await patient.find("migrations")
    await stamp(schema.HEAD)
    await database.dispose()
    assert verdict is (FAIL if revision > schema.HEAD or backend == "postgresql" else OK)
    assert ("a later release's (9999)" in line) == (revision > schema.HEAD)


# --- the showing time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ttl", "verdict"), [("10", OK), ("60s", OK), ("1h", OK), ("3601", WARN), ("24h", WARN)])
async def test_a_secret_that_stays_for_long_is_told(patient: Patient, ttl: str, verdict: Verdict) -> None:
    found, line = await patient.find("ttl", SECRET_TTL=ttl)
    assert found is verdict
    assert ("SECRET_TTL" in line) == (verdict is WARN)


# --- the command line ---------------------------------------------------------------------------------------------


async def run_command(folder: Path, **settings: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "doctor"),
        cwd=folder,
        env=environment(**settings) | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_command_prints_the_lines_and_no_secret_and_its_exit_code_is_the_verdict(
    patient: Patient, database_url: str, tmp_path: Path
) -> None:
    settings = {
        "BOT_TOKEN": patient.sandbox.token,
        "TELEGRAM_API_URL": patient.sandbox.url,
        "DATABASE_URL": database_url,
        "SERVER_KEY": KEY,
    }
    code, said = await run_command(tmp_path, **settings)
    assert code == 0
    assert [line[:4].strip() for line in said.splitlines()] == ["ok"] * 7
    assert KEY not in said
    assert patient.sandbox.token.partition(":")[2] not in said
    code, said = await run_command(tmp_path, **settings | {"TELEGRAM_API_URL": "http://127.0.0.1:9"})
    assert code == 1
    assert "\nfail  token " in said
    assert patient.sandbox.token.partition(":")[2] not in said
    code, said = await run_command(tmp_path, **settings | {"BOT_TOKEN": ""})
    assert code == 1
    assert said.startswith("fail  settings    BOT_TOKEN: ")
