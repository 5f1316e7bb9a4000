"""A SQLite installation moves to PostgreSQL: every row as it was, from one source, and of two databases one is open."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, inspect, select, text

from bot.services import moves as rules
from bot.services.copies import back_up
from bot.services.moves import CountsDiffer, Moved, Mover, MoveRefused, enter, explain_refusal, find_arrival
from storage import migrations, moves, schema
from storage.database import APPLICATION, Database
from storage.models import Base, Client, Device, Epoch, Move
from tests.conftest import BOT_ID, run_apart, sqlite_url
from tests.services.full_tables import fill, read_all

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.fakes import FakeClock
    from tests.servers import Postgres

COPIER = "the command"
ROWS = 12
SMALL_BATCH = 5
BEGAN = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Killed(BaseException):
    """The process is gone: nothing after it happens."""


@pytest.fixture
async def source(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite installation with rows in every table."""
    path = tmp_path / "devices.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(sqlite_url(path))
    await fill(database, ROWS)
    yield database
    await database.dispose()


@pytest.fixture
async def target(postgres: Postgres) -> AsyncIterator[Database]:
    """A PostgreSQL database with nothing in it, as the command opens it."""
    url = run_apart(postgres.create_empty())
    database = Database(url, name=COPIER)
    yield database
    await database.dispose()
    run_apart(postgres.drop(url))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every table move in several steps."""
    monkeypatch.setattr(rules, "BATCH", SMALL_BATCH)


@pytest.fixture
def mover(source: Database, target: Database, clock: FakeClock, small_batches: None) -> Mover:
    """The move."""
    return Mover(source, target, clock, lambda *_: None)


def killed_after(source: Database, target: Database, clock: FakeClock, reports: int) -> Mover:
    """Return a move that dies when it tells for so many times how far it is."""
    left = iter(range(reports))

    def die(*_: object) -> None:
        if next(left, None) is None:
            raise Killed

    return Mover(source, target, clock, die)


async def marks(database: Database) -> list[Move]:
    async with database.read() as session:
        return list(await session.scalars(select(Move).order_by(Move.began_at)))


async def use(database: Database, clock: FakeClock) -> None:
    """Go on with the records, as a bot does that is started on them."""
    assert await enter(database, clock) is None
    async with database.begin() as session:
        session.add(Client(id=uuid.uuid4(), name="Late", status="active", token_generation=0, created_at=clock.now()))


class TestEveryRow:
    @pytest.mark.parametrize("seed", [2, 3])
    async def test_each_arrives_as_it_was(self, target: Database, mover: Mover, source: Database, seed: int) -> None:
        await fill(source, 2 * SMALL_BATCH, seed)
        moved = await mover.move()
        expected = await read_all(source)
        assert await read_all(target) == expected
        assert moved == Moved({name: len(rows) for name, rows in expected.items()}, was_ended=False)
        assert all(expected.values()), "no table is left untested"

    async def test_the_source_has_no_table_that_the_program_does_not_know(self, source: Database) -> None:
        async with source.engine.connect() as connection:
            found = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))
        assert found == {*Base.metadata.tables, "alembic_version"}

    async def test_postgresql_counts_nothing_up_by_itself(self, target: Database) -> None:
        await migrations.upgrade(target)
        async with target.read() as session:
            assert (await session.scalars(text("SELECT sequence_name FROM information_schema.sequences"))).all() == []

    async def test_an_empty_installation_moves_too(
        self, sqlite_template: Path, tmp_path: Path, target: Database, clock: FakeClock
    ) -> None:
        shutil.copyfile(sqlite_template, tmp_path / "empty.db")
        empty = Database(sqlite_url(tmp_path / "empty.db"))
        moved = await Mover(empty, target, clock, lambda *_: None).move()
        assert set(moved.counts.values()) == {0}
        assert await explain_refusal(target) is None
        await empty.dispose()

    async def test_what_came_over_is_what_the_planner_knows_of(self, mover: Mover, target: Database) -> None:
        await mover.move()
        async with target.read() as session:
            query = "SELECT reltuples FROM pg_class WHERE relname = 'devices'"
            assert await session.scalar(text(query)) == ROWS

    @pytest.mark.usefixtures("small_batches")
    async def test_a_clients_devices_come_side_by_side(
        self, source: Database, target: Database, mover: Mover, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        came: list[uuid.UUID] = []
        original = moves.add_batch

        async def listen(session: AsyncSession, table: Table, rows: Sequence[Any]) -> None:
            came.extend(row["client_id"] for row in rows if table.name == "devices")
            await original(session, table, rows)

        monkeypatch.setattr(moves, "add_batch", listen)
        async with source.begin() as session:
            owners = (await session.scalars(select(Client.id).order_by(Client.id).limit(2))).all()
            for number, device in enumerate((await session.scalars(select(Device))).all()):
                device.client_id = owners[number % 2]
                # of some that were made at the same moment, none is left out where a batch ends
                device.created_at = BEGAN
        await mover.move()
        assert len(came) == ROWS
        assert [owner for owner, _ in itertools.groupby(came)] == list(owners)
        assert await read_all(target) == await read_all(source)


class TestKilled:
    @pytest.mark.usefixtures("small_batches")
    async def test_at_any_step_it_goes_on_and_nothing_comes_twice(
        self, source: Database, target: Database, clock: FakeClock
    ) -> None:
        deaths = 0
        while True:
            try:
                await killed_after(source, target, clock, deaths % 4).move()
            except Killed:
                deaths += 1
                assert await explain_refusal(target) is not None
                assert await explain_refusal(source) is None
            else:
                break
        assert deaths > len(moves.list_tables())
        assert await read_all(target) == await read_all(source)
        assert len(await marks(source)) == len(await marks(target)) == 1

    @pytest.mark.parametrize("lost", ["source mark", "target mark", "rows", "source end", "target end"])
    async def test_while_it_begins_or_ends_it_is_the_same(
        self,
        mover: Mover,
        source: Database,
        target: Database,
        lost: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        broken = {
            "source mark": (moves, "abandon", source),
            "target mark": (moves, "find_target_mark", target),
            "rows": (moves, "note_position", target),
            "source end": (moves, "end", source),
            "target end": (moves, "end", target),
        }
        module, name, where = broken[lost]
        if lost == "target mark":
            await migrations.upgrade(target)
        with monkeypatch.context() as patch:
            original = getattr(module, name)
            calls = 0

            async def die(session: Any, *arguments: Any) -> Any:
                nonlocal calls
                calls += 1
                is_there = session.get_bind().dialect.name == where.engine.dialect.name
                # the first look at the target's mark only looks
                if is_there and (lost != "target mark" or calls > 1):
                    raise Killed
                return await original(session, *arguments)

            patch.setattr(module, name, die)
            with pytest.raises(Killed):
                await mover.move()
        if lost == "target end":
            # closed there, not yet open here: nobody works with either
            assert await explain_refusal(source) is not None
            assert await explain_refusal(target) is not None
        await mover.move()
        assert await read_all(target) == await read_all(source)

    async def test_when_the_source_was_used_meanwhile_it_begins_anew(
        self, mover: Mover, source: Database, target: Database, clock: FakeClock
    ) -> None:
        with pytest.raises(Killed):
            await killed_after(source, target, clock, 9).move()
        async with source.begin() as session:
            # what was copied is there no more
            await session.execute(delete(Epoch))
        await use(source, clock)
        await mover.move()
        assert await read_all(target) == await read_all(source)
        assert [mark.abandoned_at is None for mark in await marks(source)] == [False, True]

    async def test_a_half_of_other_records_is_never_made_whole_with_these(
        self, mover: Mover, source: Database, target: Database, clock: FakeClock, sqlite_template: Path, tmp_path: Path
    ) -> None:
        shutil.copyfile(sqlite_template, tmp_path / "other.db")
        other = Database(sqlite_url(tmp_path / "other.db"))
        await fill(other, ROWS, seed=9)
        with pytest.raises(Killed):
            await killed_after(other, target, clock, 9).move()
        before = await read_all(target)
        with pytest.raises(MoveRefused, match="neither empty nor a part of these records"):
            await mover.move()
        assert await read_all(target) == before
        assert await marks(source) == []
        await other.dispose()

    async def test_another_target_may_be_chosen_after_all(
        self, mover: Mover, source: Database, target: Database, clock: FakeClock, postgres: Postgres
    ) -> None:
        url = run_apart(postgres.create_empty())
        first = Database(url, name=COPIER)
        with pytest.raises(Killed):
            await killed_after(source, first, clock, 9).move()
        await mover.move()
        assert await read_all(target) == await read_all(source)
        assert await explain_refusal(first) is not None
        with pytest.raises(MoveRefused, match="were moved to"):
            await Mover(source, first, clock, lambda *_: None).move()
        await first.dispose()
        run_apart(postgres.drop(url))


class TestOneOfTwo:
    async def test_after_the_move_the_source_is_closed_and_the_target_is_open(
        self, mover: Mover, source: Database, target: Database, clock: FakeClock
    ) -> None:
        await mover.move()
        refusal = await enter(source, clock)
        assert refusal is not None
        assert refusal.startswith("these records were moved to PostgreSQL, database registry_")
        assert await enter(target, clock) is None

    async def test_a_part_is_closed_and_the_source_stays_open(
        self, source: Database, target: Database, clock: FakeClock
    ) -> None:
        with pytest.raises(Killed):
            await killed_after(source, target, clock, 3).move()
        refusal = await enter(target, clock)
        assert refusal is not None
        assert str(source.path) in refusal
        assert await enter(source, clock) is None

    async def test_moved_again_nothing_happens(self, mover: Mover, target: Database, clock: FakeClock) -> None:
        first = await mover.move()
        await use(target, clock)
        again = await mover.move()
        assert again == Moved(first.counts, was_ended=True)

    async def test_what_was_moved_does_not_move_elsewhere(
        self, mover: Mover, source: Database, clock: FakeClock, postgres: Postgres
    ) -> None:
        await mover.move()
        url = run_apart(postgres.create_empty())
        elsewhere = Database(url, name=COPIER)
        with pytest.raises(MoveRefused, match=r"FROM_URL: these records were moved to .*; use those\."):
            await Mover(source, elsewhere, clock, lambda *_: None).move()
        await elsewhere.dispose()
        run_apart(postgres.drop(url))

    async def test_a_backup_of_what_was_moved_can_be_started_and_asks_first(
        self, mover: Mover, source: Database, clock: FakeClock, tmp_path: Path
    ) -> None:
        await mover.move()
        assert source.path is not None
        await asyncio.to_thread(back_up, source.path, tmp_path / "back.db", clock.now())
        back = Database(sqlite_url(tmp_path / "back.db"))
        assert await enter(back, clock) is None
        assert await marks(back) == []
        assert len((await read_all(back))["copy_marks"]) > 0
        await back.dispose()

    async def test_nonces_that_only_the_source_remembered_are_good_on_the_target_no_more(
        self, mover: Mover, source: Database, target: Database, clock: FakeClock
    ) -> None:
        async with source.begin() as session:
            await session.execute(delete(Epoch))
            ahead = clock.now() + timedelta(hours=1)
            session.add(Epoch(bot_id=BOT_ID, number=1, activated_at=ahead, alive_at=ahead))
        await mover.move()
        assert await find_arrival(target) == ahead, "its clock was set back since"
        assert await find_arrival(source) is None


class TestRefused:
    async def test_tables_of_another_release(self, mover: Mover, source: Database, target: Database) -> None:
        await migrations.downgrade(source, "0006")
        with pytest.raises(MoveRefused, match="FROM_URL: the tables are not this release's"):
            await mover.move()
        assert await schema.read_revision(target) is None
        await migrations.upgrade(source)
        await migrations.upgrade(target, "0006")
        with pytest.raises(MoveRefused, match="TO_URL: the tables are not this release's"):
            await mover.move()

    async def test_a_target_with_somebody_s_records(self, mover: Mover, target: Database, clock: FakeClock) -> None:
        await migrations.upgrade(target)
        await use(target, clock)
        before = await read_all(target)
        with pytest.raises(MoveRefused, match="neither empty nor a part"):
            await mover.move()
        assert await read_all(target) == before

    async def test_a_target_with_something_else_in_it(self, mover: Mover, target: Database) -> None:
        async with target.begin() as session:
            await session.execute(text("CREATE TABLE invoices (id integer)"))
        with pytest.raises(MoveRefused, match="it holds something else"):
            await mover.move()

    async def test_a_target_that_a_program_is_connected_to(
        self, mover: Mover, target: Database, open_database: Callable[[str], Database]
    ) -> None:
        await migrations.upgrade(target)
        program = open_database(target.url.render_as_string(hide_password=False))
        async with program.read() as session:
            assert await session.scalar(text("SHOW application_name")) == APPLICATION
        with pytest.raises(MoveRefused, match="a program is connected to it"):
            await mover.move()
        await program.dispose()
        await mover.move()

    async def test_a_program_that_came_between_the_look_and_the_mark_keeps_an_unmarked_database(
        self,
        mover: Mover,
        target: Database,
        open_database: Callable[[str], Database],
        monkeypatch: pytest.MonkeyPatch,
        clock: FakeClock,
    ) -> None:
        await migrations.upgrade(target)
        program = open_database(target.url.render_as_string(hide_password=False))
        original = moves.abandon

        async def start_meanwhile(*arguments: Any) -> None:
            await original(*arguments)
            await use(program, clock)

        with monkeypatch.context() as patch:
            patch.setattr(moves, "abandon", start_meanwhile)
            with pytest.raises(MoveRefused, match="a program is connected to it"):
                await mover.move()
        assert await enter(program, clock) is None
        assert len((await read_all(program))["clients"]) == 1
        await program.dispose()

    async def test_a_move_that_lost_a_row_does_not_end(
        self, mover: Mover, source: Database, target: Database, clock: FakeClock
    ) -> None:
        with pytest.raises(Killed):
            await killed_after(source, target, clock, 40).move()
        async with target.begin() as session:
            gone = select(moves.list_tables()[0].primary_key.columns[0]).limit(1)
            table = moves.list_tables()[0]
            await session.execute(delete(table).where(table.primary_key.columns[0].in_(gone)))
        with pytest.raises(CountsDiffer, match=rf"{moves.list_tables()[0].name}: {ROWS} there, {ROWS - 1} here"):
            await mover.move()
        assert await explain_refusal(target) is not None
        assert await explain_refusal(source) is None
