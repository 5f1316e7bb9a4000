"""The life of a process, from start to stop: what runs, in which order it begins, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import os
import signal
import socket
import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from telegram.error import InvalidToken, TelegramError

from bot.app import Core, Program, WebDoor, assemble_chat, assemble_core
from bot.chat.menus import publish_menus
from bot.chat.webhook import keep_webhook
from bot.services.clock import Clock
from bot.services.copies import back_up as copy_database
from bot.services.handouts import ActiveBot, HandoutService, take_over
from bot.services.moves import enter
from bot.settings import Settings, SettingsError
from bot.web.server import Server, create_server
from bot.web.webhook import PATH as WEBHOOK_PATH
from storage import schema
from storage.backup import BackupRefused, check_target
from storage.database import Database, plain_cause
from storage.leadership import Leadership, create_leadership

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from pathlib import Path

    from bot.chat.context import Handler

log = logging.getLogger(__name__)

STANDBY_PAUSE = 0.5
LEADER_CHECK = 2.0
HOUSEKEEPING_PAUSE = 5.0
CLEANING_PAUSE = 600.0
FINISH_UPDATES, FINISH_WORK = 4.0, 2.0
"""Seconds that updates in hand, and destructions and notices that are due, get when the program is stopped."""
FINISH_ALL = 9.0
"""Seconds after which a program that was told to stop ends, whatever it waits for: all it needs is on disk."""
LOOK_PAUSE = 0.05
LOOKS = (2_000, 5, 20)
"""How many more objects there are before Python looks for garbage among them, and after how many looks it looks deeper.

Few: each look keeps everybody waiting. Many: what hundreds of updates under way hold is no garbage.
"""


def drive(work: Coroutine[Any, Any, None]) -> None:
    """Do the work to its end, in an event loop of its own."""
    with asyncio.Runner(loop_factory=_find_loop()) as runner:
        runner.run(work)


async def run(settings: Settings) -> None:
    """Be the bot, with both doors, until told to stop. Raises `SettingsError` when a setting keeps it from starting."""
    stop = _listen_for_signals()
    async with _open_database(settings) as database:
        await _prepare(database)
        leadership = create_leadership(database, settings.bot_id)
        try:
            if database.path is not None and not await _unless_stopped(_become_leader(leadership), stop):
                # nonces on SQLite are in one process only: a standby must not let anybody in
                return
            await _enter(settings, database)
            async with _open_web(settings, database, has_bot=True) as (core, door):
                if await _unless_stopped(_become_leader(leadership), stop):
                    await _serve_chat(settings, core, door, leadership, stop)
        finally:
            await leadership.release()


async def serve_api(settings: Settings) -> None:
    """Be the HTTP door alone until told to stop. Raises `SettingsError`, for SQLite too: that has one process."""
    stop = _listen_for_signals()
    async with _open_database(settings) as database:
        if database.path is not None:
            raise SettingsError("DATABASE_URL: api needs PostgreSQL; on SQLite, run serves HTTP itself.")
        await _prepare(database)
        await _enter(settings, database)
        async with _open_web(settings, database, has_bot=False):
            await stop.wait()


async def migrate(settings: Settings) -> None:
    """Bring the tables of the database to the shape that this program expects."""
    from storage import migrations  # noqa: PLC0415 - Alembic is large

    async with _open_database(settings) as database:
        await _check_access(database)
        await migrations.upgrade(database)


async def back_up(settings: Settings, target: Path) -> None:
    """Copy the records into a new file, while a bot may be running. Raises `BackupRefused`."""
    check_target(target)
    async with _open_database(settings) as database:
        if database.path is None:
            raise BackupRefused("DATABASE_URL: the records are in PostgreSQL; pg_dump makes a backup of them.")
        if not database.path.exists():
            raise BackupRefused(f"DATABASE_URL: there is no {database.path} to back up.")
        if await _check_access(database) != schema.HEAD:
            raise BackupRefused("DATABASE_URL: the tables are not up to date; run: python -m bot migrate")
    clock = Clock(settings.clock_speed, settings.clock_origin)
    await asyncio.to_thread(copy_database, database.path, target, clock.now())


def _find_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - Windows has none
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


@contextlib.asynccontextmanager
async def _open_database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url.get_secret_value())
    try:
        yield database
    finally:
        await database.dispose()


async def _prepare(database: Database) -> None:
    """Check that the tables have the right shape; on SQLite, give it to them. Raises `SettingsError`."""
    revision = await _check_access(database)
    if revision == schema.HEAD:
        return
    if database.path is None:
        raise SettingsError("DATABASE_URL: the tables are not up to date; run: python -m bot migrate")
    from storage import migrations  # noqa: PLC0415 - Alembic is large

    await migrations.upgrade(database)


async def _enter(settings: Settings, database: Database) -> None:
    """Begin to use the records. Raises `SettingsError` when they are elsewhere, or not yet all here."""
    refusal = await enter(database, Clock(settings.clock_speed, settings.clock_origin))
    if refusal is not None:
        raise SettingsError(f"DATABASE_URL: {refusal}")


@contextlib.asynccontextmanager
async def _open_web(settings: Settings, database: Database, *, has_bot: bool) -> AsyncIterator[tuple[Core, WebDoor]]:
    """Answer HTTP while the block runs. Raises `SettingsError` when the port is taken."""
    core = await assemble_core(settings, database)
    door = WebDoor(settings, core, has_bot=has_bot)
    _settle()
    server = create_server(door.app)
    listener = _listen(settings)
    serving = asyncio.create_task(server.serve([listener]), name="http")
    housekeeping = asyncio.create_task(_keep_house(core, door), name="housekeeping")
    log.info("answering HTTP at %s port %s", *listener.getsockname()[:2])
    try:
        yield core, door
    finally:
        await _close_web(server, serving, housekeeping)
        await _once("last sightings", core.sightings.flush)
        await core.close()
        listener.close()


def _settle() -> None:
    """Leave what was loaded alone, and look for garbage in the rest seldom: everybody waits meanwhile."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*LOOKS)


async def _close_web(server: Server, *tasks: asyncio.Task[None]) -> None:
    serving, housekeeping = tasks
    server.should_exit = True
    housekeeping.cancel()
    await asyncio.gather(serving, housekeeping, return_exceptions=True)


def _listen(settings: Settings) -> socket.socket:
    """Return a socket at HOST and PORT; a port that nobody asked for gives way to a free one if it is taken."""
    try:
        return _bind(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and "port" not in settings.model_fields_set:
            log.warning("port %s is taken: HTTP is answered at another one; set PORT to choose", settings.port)
            return _bind(settings.host, 0)
        raise SettingsError(
            f"HOST, PORT: cannot listen at {settings.host} port {settings.port}: {error.strerror}; choose another."
        ) from None


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named because asyncio switches Nagle's algorithm, and 40 ms an answer, off only where it is
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # bound is not enough: of two that may bind, the second fails only here
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


async def _serve_chat(
    settings: Settings, core: Core, door: WebDoor, leadership: Leadership, stop: asyncio.Event
) -> None:
    active = await take_over(core.database, core.clock, settings.bot_id)
    program = assemble_chat(settings, core, active)
    await _announce_copy(settings, core, active)
    try:
        if await _unless_stopped(_connect(program.application), stop):
            log.info("@%s is running", program.bot.username)
            await program.receiver.resume()
            await program.notifier.resume()
            door.program = program
            await _work(settings, core, door, program, leadership, stop=stop)
    finally:
        door.program = None
        with contextlib.suppress(TelegramError):
            await program.application.shutdown()
        await program.bot.hang_up()


async def _announce_copy(settings: Settings, core: Core, active: ActiveBot) -> None:
    mark = await core.copies.announce(settings.admin_ids, epoch=active.epoch)
    if mark is not None:
        whom = "an admin confirms it in chat" if settings.admin_ids else "you set ADMIN_IDS and confirm it in chat"
        log.warning("these records are a copy, made at %s: no device is let in until %s", mark.taken_at, whom)


async def _work(
    settings: Settings, core: Core, door: WebDoor, program: Program, leadership: Leadership, *, stop: asyncio.Event
) -> None:
    """Do everything at once until told to stop, or until a part fails or the lead is lost."""
    receiving = _start("receiving", _receive(settings, core, program))
    menus = _start("menus", publish_menus(program.bot, core.clients, core.admins))
    # by then the words of all languages are loaded
    menus.add_done_callback(lambda _: _settle())
    parts = [
        _start("destroyer", program.destroyer.run()),
        _start("notifier", program.notifier.run()),
        _start("leadership", _watch_leadership(leadership, program.handouts)),
        _start("cleaning", _clean(program, core.clock)),
    ]
    stopping = _start("stop", stop.wait())
    ended, _ = await asyncio.wait([receiving, stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    receiving.cancel()
    menus.cancel()
    # what Telegram would deliver now, it keeps
    door.program = None
    await _finish(program)
    for task in (stopping, *parts):
        task.cancel()
    await asyncio.gather(receiving, menus, stopping, *parts, return_exceptions=True)
    for task in ended - {stopping}:
        if (error := task.exception()) is not None:
            raise error


async def _finish(program: Program) -> None:
    """Finish what is in hand, within bounds: updates first, then the destructions and notices that are due."""
    await program.receiver.finish(FINISH_UPDATES)
    program.destroyer.wake()
    program.notifier.wake()
    with contextlib.suppress(TimeoutError, DBAPIError, OSError):
        async with asyncio.timeout(FINISH_WORK):
            # in this order: a destruction owes a receipt
            while not (await program.destroyer.is_idle() and await program.notifier.is_idle()):  # noqa: ASYNC110 - or each would need an event for what is due
                await asyncio.sleep(LOOK_PAUSE)
    await asyncio.gather(program.destroyer.finish(0), program.notifier.finish(0))


async def _receive(settings: Settings, core: Core, program: Program) -> None:
    """Poll; or, with a public address, have Telegram call, and see to it that it goes on doing so."""
    if settings.public_url is None:
        await program.receiver.poll()
        return
    url = settings.public_url + WEBHOOK_PATH
    await keep_webhook(program.bot, program.receiver, core.clock, url, core.webhook_token)


async def _connect(application: Handler) -> bool:
    """Ask Telegram who this bot is, until it answers. Raises `SettingsError` when it does not know the token."""
    pause = 0.5
    while True:
        try:
            await application.initialize()
        except InvalidToken:
            raise SettingsError(
                "BOT_TOKEN: Telegram does not know it; set it to the one that @BotFather shows, "
                "and check TELEGRAM_API_URL if that is set."
            ) from None
        except TelegramError as error:
            log.warning("Telegram does not answer yet: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 10.0)
        else:
            return True


async def _become_leader(leadership: Leadership) -> bool:
    """Wait until no other process is the active bot."""
    if not await leadership.try_acquire():
        log.info("another process is the active bot; this one stands by")
        while not await leadership.try_acquire():  # noqa: ASYNC110 - it is another process that lets go
            await asyncio.sleep(STANDBY_PAUSE)
    return True


async def _watch_leadership(leadership: Leadership, handouts: HandoutService) -> None:
    """Return when another process may have become the active bot."""
    while True:
        await asyncio.sleep(LEADER_CHECK)
        if not await leadership.is_held():
            log.error("the lock of the active bot was lost; stopping")
            return
        with contextlib.suppress(DBAPIError, OSError):
            if not await handouts.is_active():
                log.error("another process has become the active bot; stopping")
                return


async def _keep_house(core: Core, door: WebDoor) -> None:
    """Write sightings, note the time, forget spent nonces, every few seconds."""
    while True:
        await asyncio.sleep(HOUSEKEEPING_PAUSE)
        await _once("sightings", core.sightings.flush)
        await _once("spent nonces", lambda: core.gate.clean(core.sessions.now()))
        if door.program is not None:
            await _once("the time", door.program.handouts.note_alive)


async def _clean(program: Program, clock: Clock) -> None:
    """Forget what needs no longer be kept, now and then."""
    while True:
        await _once("old updates", program.inbox.clean)
        await _once("old records", program.retention.clean)
        await clock.sleep(CLEANING_PAUSE)


async def _once(what: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do a piece of housekeeping; that the database is away now is no reason to stop."""
    try:
        await work()
    except (DBAPIError, OSError) as error:
        log.warning("housekeeping (%s) waits for the database: %s", what, type(error).__name__)


async def _check_access(database: Database) -> str | None:
    try:
        if database.path is not None:
            # a file that cannot be opened is found without the driver, whose thread would outlive the event loop
            sqlite3.connect(database.path).close()
        return await schema.read_revision(database)
    except Exception as error:  # noqa: BLE001 - asyncpg lets what the server says to a newcomer through as it is
        raise SettingsError(f"DATABASE_URL: the database cannot be opened: {plain_cause(error)}.") from None


def _start(name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    return asyncio.create_task(work, name=name)


async def _unless_stopped(work: Coroutine[Any, Any, bool], stop: asyncio.Event) -> bool:
    """Do the work, unless the program is told to stop before it is done; tell whether it was done."""
    task, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done():
        return task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return False


def _listen_for_signals() -> asyncio.Event:
    """Return what is set by the first SIGTERM or SIGINT. The second one ends the process at once, and so does time."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        log.info("stopping")
        loop.call_later(FINISH_ALL, os._exit, 0)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop
