"""Databases, services and people that tests ask for by name.

`database_url` is a fresh, migrated database of its own for each test, once as a SQLite file and once in PostgreSQL: a
test that asks for it, or for anything made of it, runs on both.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import settings

from bot.services.access import AccessService
from bot.services.administration import AdministrationService
from bot.services.admins import Admins, AdminService
from bot.services.audit_trail import AuditTrail
from bot.services.catalogue import Catalogue
from bot.services.clients import ClientService, Person, Profile
from bot.services.devices import DeviceService
from bot.services.directory import Directory
from bot.services.handouts import HandoutService, take_over
from bot.services.hashing import Tagger
from bot.services.inbox import InboxService
from bot.services.invites import InviteService
from bot.services.keys import Keyring
from bot.services.newcomers import NewcomerService
from bot.services.notices import NoticeService
from storage import migrations
from storage.database import Database
from tests.fakes import CountingHasher, FakeClock
from tests.servers import Postgres, bring_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

    from sqlalchemy.ext.asyncio import AsyncEngine

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
BOT_ID = 7_000_000_001
ADMIN_ID = 9
SERVER_KEY = b"the server key that tests run on"
DEVICE_LIMIT = 4
SECRET_TTL = timedelta(seconds=60)
INVITE_TTL = timedelta(hours=24)

THOROUGH = (
    "tests/browser",
    "tests/chat/test_access.py",
    "tests/chat/test_administration.py",
    "tests/chat/test_authorisation.py",
    "tests/chat/test_failing_writes.py",
    "tests/chat/test_language_choice.py",
    "tests/chat/test_languages.py",
    "tests/chat/test_matrix.py",
    "tests/chat/test_odd_words.py",
    "tests/chat/test_routing.py",
    "tests/connectors",
    "tests/flood",
    "tests/forward_auth",
    "tests/journeys/test_access.py",
    "tests/journeys/test_answers.py",
    "tests/journeys/test_backup.py",
    "tests/journeys/test_bad_input.py",
    "tests/journeys/test_balancer.py",
    "tests/journeys/test_blocking.py",
    "tests/journeys/test_buttons.py",
    "tests/journeys/test_clients.py",
    "tests/journeys/test_copy.py",
    "tests/journeys/test_devices.py",
    "tests/journeys/test_exit_codes.py",
    "tests/journeys/test_full_disk.py",
    "tests/journeys/test_languages.py",
    "tests/journeys/test_many_processes.py",
    "tests/journeys/test_pasted_secrets.py",
    "tests/journeys/test_pressure.py",
    "tests/journeys/test_redelivery.py",
    "tests/journeys/test_registration.py",
    "tests/journeys/test_removal.py",
    "tests/journeys/test_showing.py",
    "tests/journeys/test_stopping.py",
    "tests/journeys/test_troubles.py",
    "tests/reliability/test_canary.py",
    "tests/reliability/test_hostile.py",
    "tests/reliability/test_kills.py",
    "tests/reliability/test_untimely.py",
    "tests/sandbox/test_play.py",
    "tests/services/test_administration.py",
    "tests/services/test_concurrency.py",
    "tests/services/test_directory.py",
    "tests/services/test_handout_machine.py",
    "tests/services/test_moves.py",
    "tests/services/test_retention.py",
    "tests/services/test_rotations.py",
    "tests/test_doctor.py",
    "tests/web",
)
"""What the default run leaves out, so that it stays within two minutes; `.ci/run` runs it too."""
ALWAYS_ON_BOTH = (
    "tests/storage",
    "tests/services/test_claims.py",
    "tests/services/test_copies.py",
    "tests/services/test_devices.py",
)
"""What the default run has on PostgreSQL too; the rest of what runs on both does so among the longer tests."""

# or PTB warns, at every 429, that it will tell the waiting time as a timedelta one day
os.environ["PTB_TIMEDELTA"] = "true"

Result = TypeVar("Result")

# a slow machine is no fault of the code, and what fails shall fail for everybody
settings.register_profile("tests", deadline=None, derandomize=True, database=None)
settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of whole folders as thorough, and most of those that are on SQLite too."""
    for item in items:
        path = item.path.relative_to(item.config.rootpath).as_posix()
        is_again = f"[{POSTGRESQL}" in item.name and not path.startswith(ALWAYS_ON_BOTH)
        if is_again or path.startswith(THOROUGH):
            item.add_marker(pytest.mark.thorough)


def run_apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a loop and thread of its own: no fixture disturbs the loop of a test."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that was migrated once; tests get copies."""
    path = tmp_path_factory.mktemp("template") / "devices.db"

    async def migrate() -> None:
        database = Database(sqlite_url(path))
        await migrations.upgrade(database)
        await database.dispose()

    run_apart(migrate())
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL server: the one of TEST_POSTGRES_URL, else one that the tests bring."""
    given = os.environ.get("TEST_POSTGRES_URL")
    with contextlib.nullcontext(given) if given else bring_server() as url:
        server = Postgres(url, is_ours=not given)
        run_apart(server.prepare())
        yield server
        run_apart(server.clean_up())


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two databases the test runs on."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with the tables in it."""
    if backend == SQLITE:
        path = tmp_path / "devices.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield sqlite_url(path)
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = run_apart(postgres.take_migrated())
        yield url
        run_apart(postgres.give_back(url))


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh database with nothing in it."""
    if backend == SQLITE:
        yield sqlite_url(tmp_path / "empty.db")
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = run_apart(postgres.create_empty())
        yield url
        run_apart(postgres.drop(url))


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def open_database() -> AsyncIterator[Callable[[str], Database]]:
    """A way to open a database, as often as it takes; all are closed at the end."""
    opened: list[Database] = []

    def open_one(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        await database.dispose()


@pytest.fixture(scope="session")
def engines() -> dict[str, AsyncEngine]:
    """Engines by URL: PostgreSQL's databases come again, and an engine remembers the SQL it has compiled."""
    return {}


@pytest.fixture
async def database(database_url: str, engines: dict[str, AsyncEngine]) -> AsyncIterator[Database]:
    """The fresh database, open."""
    database = Database(database_url)
    database.engine = engines.setdefault(database_url, database.engine)
    yield database
    await database.dispose()


@pytest.fixture
def clock() -> FakeClock:
    """The time, which stands still until the test lets it go on."""
    return FakeClock()


@pytest.fixture
def hasher() -> Iterator[CountingHasher]:
    """A cheap hasher that counts."""
    hasher = CountingHasher()
    yield hasher
    hasher.close()


@pytest.fixture
def tagger() -> Tagger:
    """Tags under the tests' server key."""
    return Tagger(Keyring([SERVER_KEY]))


@pytest.fixture
def devices(database: Database, hasher: CountingHasher, tagger: Tagger, clock: FakeClock) -> DeviceService:
    """The device service, with room for four devices a client."""
    return DeviceService(database, hasher, tagger, clock, device_limit=DEVICE_LIMIT)


@pytest.fixture
def clients(database: Database, clock: FakeClock) -> ClientService:
    """The client service, with one admin."""
    return ClientService(database, clock, admins=Admins([ADMIN_ID]))


@pytest.fixture
def admins(database: Database, clock: FakeClock) -> AdminService:
    """Who the admins are: one by the settings, and those named in chat."""
    return AdminService(database, clock, Admins([ADMIN_ID]))


@pytest.fixture
def invites(database: Database, clock: FakeClock) -> InviteService:
    """The invites."""
    return InviteService(database, clock, Admins([ADMIN_ID]), ttl=INVITE_TTL)


@pytest.fixture
def newcomers(database: Database, clock: FakeClock) -> NewcomerService:
    """Those who wait to be let in."""
    return NewcomerService(database, clock, Admins([ADMIN_ID]))


@pytest.fixture
def inbox(database: Database, clock: FakeClock) -> InboxService:
    """The inbox."""
    return InboxService(database, clock)


@pytest.fixture
def notices(database: Database, clock: FakeClock) -> NoticeService:
    """What is owed to people."""
    return NoticeService(database, clock)


@pytest.fixture
def catalogue(database: Database, clock: FakeClock) -> Catalogue:
    """The lists."""
    return Catalogue(database, clock, device_limit=DEVICE_LIMIT)


@pytest.fixture
def administration(database: Database, clock: FakeClock) -> AdministrationService:
    """What admins do with clients."""
    return AdministrationService(database, clock)


@pytest.fixture
def directory(database: Database, clock: FakeClock) -> Directory:
    """Clients as admins see them."""
    return Directory(database, clock, device_limit=DEVICE_LIMIT)


@pytest.fixture
def trail(database: Database) -> AuditTrail:
    """The audit as admins read it."""
    return AuditTrail(database)


async def start_bot(
    database: Database, devices: DeviceService, clock: FakeClock, bot_id: int = BOT_ID
) -> HandoutService:
    """Return the handouts as a process has them that becomes the active bot now."""
    bot = await take_over(database, clock, bot_id)
    access = AccessService(database, Keyring([SERVER_KEY]), clock)
    return HandoutService(
        database, devices, clock, bot, access=access, admins=Admins([ADMIN_ID]), secret_ttl=SECRET_TTL
    )


@pytest.fixture
async def handouts(database: Database, devices: DeviceService, clock: FakeClock) -> HandoutService:
    """The handouts of the active bot."""
    return await start_bot(database, devices, clock)


@pytest.fixture
async def anna(clients: ClientService) -> Person:
    """A trader."""
    return await clients.enter(Profile(101, "Anna"))


@pytest.fixture
async def bob(clients: ClientService) -> Person:
    """Another trader, of another client."""
    return await clients.enter(Profile(202, "Bob"))


@pytest.fixture
async def olga(clients: ClientService) -> Person:
    """An admin by the settings."""
    return await clients.enter(Profile(ADMIN_ID, "Olga"))
