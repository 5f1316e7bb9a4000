"""A backup holds no secret and knows that it is one; what is started from it lets nobody in until that is confirmed."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from bot.services.copies import CopyService, back_up
from bot.services.errors import CopyNotFound, InvalidToken
from bot.services.handouts import take_over
from storage.backup import BackupRefused
from storage.models import AuditEvent, CopyMark, Invite
from tests import rows
from tests.conftest import ADMIN_ID, BOT_ID, SQLITE, sqlite_url
from tests.services.cards import CARD, offer, show, tap
from tests.web.conftest import AFTER_START, build_site, site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from storage.database import Database
    from tests.fakes import FakeClock
    from tests.web.conftest import Site

__all__ = ["build_site", "site"]

only_sqlite = pytest.mark.parametrize("backend", [SQLITE])


@pytest.fixture
def copies(database: Database, clock: FakeClock) -> CopyService:
    return CopyService(database, clock)


async def mark(database: Database, clock: FakeClock, age: timedelta = timedelta(days=2)) -> CopyMark:
    """Make the records a copy."""
    mark = CopyMark(id=uuid.uuid4(), taken_at=clock.now() - age)
    async with database.begin() as session:
        session.add(mark)
    return mark


async def invite(database: Database, made_at: datetime, expires_at: datetime) -> uuid.UUID:
    """Make an invite that nobody has used."""
    made = Invite(
        id=uuid.uuid4(),
        token_hash=uuid.uuid4().bytes * 2,
        kind="client",
        made_by=ADMIN_ID,
        source=str(uuid.uuid4()),
        created_at=made_at,
        expires_at=expires_at,
    )
    async with database.begin() as session:
        session.add(made)
    return made.id


def names(folder: Path, part: str) -> list[str]:
    return [path.name for path in folder.iterdir() if part in path.name]


def source_of(database: Database) -> Path:
    assert database.path is not None
    return database.path


@only_sqlite
class TestBackup:
    async def test_it_holds_what_is_committed_and_no_more_and_is_for_this_user_only(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        await devices.create_device(anna.client_id, "VPS-1")
        target = tmp_path / "copy.db"
        async with database.begin() as session:
            await session.execute(text("UPDATE devices SET device_name = 'not committed'"))
            await asyncio.to_thread(back_up, source_of(database), target, clock.now())
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert names(tmp_path, "copy") == ["copy.db"]
        with sqlite3.connect(target) as copy:
            assert copy.execute("SELECT device_name FROM devices").fetchall() == [("VPS-1",)]
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        copy.close()

    async def test_only_the_copy_says_that_it_is_one(
        self, database: Database, clock: FakeClock, open_database: Callable[[str], Database], tmp_path: Path
    ) -> None:
        target = tmp_path / "copy.db"
        await asyncio.to_thread(back_up, source_of(database), target, clock.now())
        assert await rows.count(database, CopyMark) == 0
        assert await CopyService(database, clock).lets_devices_in()
        restored = CopyService(open_database(sqlite_url(target)), clock)
        found = await restored.find_unconfirmed()
        assert found is not None
        assert found.taken_at == clock.now()
        assert not await restored.lets_devices_in()

    async def test_a_copy_of_a_copy_that_nobody_confirmed_is_as_old_as_that_one(
        self, database: Database, clock: FakeClock, open_database: Callable[[str], Database], tmp_path: Path
    ) -> None:
        taken_at = clock.now()
        await asyncio.to_thread(back_up, source_of(database), tmp_path / "one.db", taken_at)
        later = clock.advance(timedelta(days=1))
        await asyncio.to_thread(back_up, tmp_path / "one.db", tmp_path / "two.db", later)
        second = CopyService(open_database(sqlite_url(tmp_path / "two.db")), clock)
        found = await second.find_unconfirmed()
        assert found is not None
        assert found.taken_at == taken_at
        await second.confirm(found.id, actor="chat:9")
        assert await second.lets_devices_in()

    async def test_nothing_is_overwritten_not_even_by_two_at_once(
        self, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        taken, link = tmp_path / "taken.db", tmp_path / "link.db"
        taken.write_text("mine")
        link.symlink_to(tmp_path / "nowhere.db")
        for target in (taken, link, source_of(database), tmp_path):
            with pytest.raises(BackupRefused):
                back_up(source_of(database), target, clock.now())
        assert taken.read_text() == "mine"
        target = tmp_path / "new.db"
        racing = [asyncio.to_thread(back_up, source_of(database), target, clock.now()) for _ in range(8)]
        refused = await asyncio.gather(*racing, return_exceptions=True)
        assert sum(error is None for error in refused) == 1
        assert all(error is None or isinstance(error, BackupRefused) for error in refused)
        assert not names(tmp_path, ".new.db")

    async def test_a_copy_that_cannot_be_written_leaves_nothing(
        self, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        with pytest.raises(BackupRefused, match="make it first"):
            back_up(source_of(database), tmp_path / "no" / "copy.db", clock.now())
        with pytest.raises(BackupRefused, match="could not be written"):
            back_up(tmp_path / "gone.db", tmp_path / "copy.db", clock.now())
        assert not names(tmp_path, "copy")

    async def test_it_can_be_taken_while_the_bot_writes(
        self, devices: DeviceService, anna: Person, database: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        device, _ = await devices.create_device(anna.client_id, "VPS-0")
        done = asyncio.Event()

        async def write() -> int:
            count = 0
            while not done.is_set():
                count += 1
                await devices.update_device_name(device.id, f"VPS-{count}")
            return count

        writing = asyncio.create_task(write())
        for number in range(5):
            await asyncio.to_thread(back_up, source_of(database), tmp_path / f"copy-{number}.db", clock.now())
        done.set()
        assert await writing > 5

    async def test_no_secret_is_in_it(
        self, devices: DeviceService, handouts: HandoutService, anna: Person, clock: FakeClock, tmp_path: Path
    ) -> None:
        _, first = await devices.create_device(anna.client_id, "by REST")
        _, second = await show(handouts, anna, await offer(handouts, anna, "in chat", message_id=1))
        target = tmp_path / "copy.db"
        await asyncio.to_thread(back_up, source_of(devices._database), target, clock.now())
        kept = target.read_bytes()
        assert b"in chat" in kept
        assert not [secret for secret in (first, second) if secret.encode() in kept]


class TestConfirming:
    async def test_records_that_are_no_copy_let_devices_in_and_tell_nobody(
        self, copies: CopyService, database: Database
    ) -> None:
        assert await copies.lets_devices_in()
        assert await copies.announce([ADMIN_ID], epoch=1) is None
        assert await rows.list_notices(database) == []

    async def test_every_start_tells_every_admin_once(
        self, copies: CopyService, database: Database, clock: FakeClock
    ) -> None:
        found = await mark(database, clock)
        for epoch in (1, 2):
            await copies.announce([9, 10], epoch=epoch)
        told = await rows.list_notices(database, "copy_started")
        assert sorted(notice.telegram_id for notice in told) == [9, 9, 10, 10]
        assert {notice.details["copy_id"] for notice in told} == {str(found.id)}

    async def test_invites_from_before_the_copy_are_good_no_more_and_new_ones_are(
        self, copies: CopyService, database: Database, clock: FakeClock
    ) -> None:
        old = await invite(database, clock.now() - timedelta(hours=2), clock.now() + timedelta(hours=22))
        await mark(database, clock, timedelta(hours=1))
        new = await invite(database, clock.now(), clock.now() + timedelta(hours=24))
        await copies.announce([ADMIN_ID], epoch=1)
        async with database.read() as session:
            assert (await session.get_one(Invite, old)).withdrawn_at == clock.now()
            assert (await session.get_one(Invite, new)).withdrawn_at is None

    async def test_of_many_who_confirm_at_once_one_does(
        self, copies: CopyService, database: Database, clock: FakeClock
    ) -> None:
        found = await mark(database, clock)
        assert not await copies.lets_devices_in()
        answers = await asyncio.gather(*(copies.confirm(found.id, actor=f"chat:{number}") for number in range(10)))
        winners = [told for told, is_news in answers if is_news]
        assert len(winners) == 1
        assert {told.confirmed_by for told, _ in answers} == {winners[0].confirmed_by}
        assert await copies.lets_devices_in()
        [event] = await rows.list_audit(database, "copy_confirmed")
        assert event.actor == winners[0].confirmed_by

    async def test_another_process_learns_of_it(
        self, copies: CopyService, database: Database, clock: FakeClock
    ) -> None:
        found = await mark(database, clock)
        other = CopyService(database, clock)
        assert not await other.lets_devices_in()
        await copies.confirm(found.id, actor="chat:9")
        assert await other.lets_devices_in()

    async def test_a_question_about_another_copy_changes_nothing(
        self, copies: CopyService, database: Database, clock: FakeClock
    ) -> None:
        await mark(database, clock)
        with pytest.raises(CopyNotFound):
            await copies.confirm(uuid.uuid4(), actor="chat:9")
        assert not await copies.lets_devices_in()
        assert await rows.count(database, AuditEvent) == 0

    async def test_no_generation_stays_and_none_becomes_another_s(
        self, copies: CopyService, devices: DeviceService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        for number in range(3):
            device, _ = await devices.create_device(anna.client_id, f"VPS-{number}")
        await devices.rotate_secret(device.id, timedelta(hours=1))

        async def generations() -> list[int]:
            found = await rows.list_devices(database, anna.client_id)
            both = [(one.secret_generation, one.previous_generation) for one in found]
            return [number for pair in both for number in pair if number is not None]

        before = await generations()
        await copies.confirm((await mark(database, clock)).id, actor="chat:9")
        after = await generations()
        assert len(after) == len(before) == 4
        assert len(set(before + after)) == 8
        assert all(0 <= number < 2**63 for number in after)


class TestDoor:
    async def test_until_it_is_confirmed_no_device_and_no_tool_is_let_in(
        self, build_site: Callable[..., Awaitable[Site]], clock: FakeClock
    ) -> None:
        site = await build_site(auth_proxy="nginx")
        clock.advance(AFTER_START)
        anna = await site.enter()
        device, secret = await site.device(anna)
        terminal, api = await site.terminal(device, secret), await site.api(anna)
        assert await terminal.is_let_in()
        found = await mark(site.core.database, clock)
        site = await build_site(auth_proxy="nginx")
        clock.advance(AFTER_START)
        answers = [
            await site.log_in(device.id, secret),
            await terminal.ask(site),
            await site.http.get("/auth", headers=terminal.sign()),
            await site.http.get("/api/v1/devices", headers=api.headers),
            await site.http.post("/api/v1/devices", headers=api.headers, json={"device_name": "B"}),
            await site.http.post(f"/api/v1/devices/{device.id}/rotate", headers=api.headers),
        ]
        for answer in answers:
            assert (answer.status_code, answer.json()["code"]) == (503, "restored_copy")
            assert int(answer.headers["retry-after"]) >= 1
        ready = await site.http.get("/readyz")
        assert ready.status_code == 503
        assert "copy" in ready.json()["faults"]["records"]
        assert (await site.http.get("/api/v1/time")).status_code == 200
        assert (await site.http.get("/healthz")).status_code == 200

        await site.core.copies.confirm(found.id, actor="chat:9")
        assert (await site.http.get("/readyz")).status_code == 200
        assert await terminal.refusal(site) == "session_ended"
        assert (await site.http.get("/api/v1/devices", headers=api.headers)).json()["code"] == "invalid_token"
        assert (await site.log_in(device.id, secret)).status_code == 201

    async def test_no_service_takes_an_old_session_or_token_for_a_good_one_afterwards(
        self, site: Site, clock: FakeClock
    ) -> None:
        anna = await site.enter()
        terminal = await site.terminal(*await site.device(anna))
        token = await site.token(anna)
        await site.core.copies.confirm((await mark(site.core.database, clock)).id, actor="chat:9")
        with pytest.raises(InvalidToken):
            await site.core.access.check(token)
        answer = await terminal.ask()
        assert answer.json()["code"] == "session_ended"


@only_sqlite
class TestRestoredHandouts:
    async def test_what_was_on_a_screen_is_destroyed_and_what_nobody_confirmed_never_works(
        self,
        handouts: HandoutService,
        anna: Person,
        bob: Person,
        database: Database,
        clock: FakeClock,
        open_database: Callable[[str], Database],
        tmp_path: Path,
    ) -> None:
        shown = await offer(handouts, anna, "VPS-1")
        await show(handouts, anna, shown)
        armed = await offer(handouts, bob, "VPS-2", message_id=CARD + 1)
        await tap(handouts, bob, armed)
        await asyncio.to_thread(back_up, source_of(database), tmp_path / "copy.db", clock.now())
        await handouts.confirm_shown(armed.id)
        clock.advance(timedelta(days=1))
        restored = open_database(sqlite_url(tmp_path / "copy.db"))
        await take_over(restored, clock, BOT_ID)
        assert (await rows.read_handout(restored, armed.id)).state == "destroying"
        assert await rows.read_device(restored, armed.device_id) is None
        left = await rows.read_handout(restored, shown.id)
        assert (left.state, left.outcome) == ("shown", "restarted")
        assert left.next_attempt_at is not None
        assert left.next_attempt_at < clock.now()
