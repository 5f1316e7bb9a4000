"""The composition root: the only file that joins the parts, and the life of the process from start to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ApplicationBuilder, ContextTypes

from bot.chat import add_handlers
from bot.chat.bot_api import RegistryBot, build_bot
from bot.chat.context import Context, Handler, Services
from bot.chat.destroyer import Destroyer
from bot.chat.menus import publish_menus
from bot.chat.notifier import Notifier
from bot.chat.pacing import Pacer
from bot.chat.persistence import QuestionPersistence
from bot.chat.receiver import Receiver
from bot.services.catalogue import Catalogue
from bot.services.clients import ClientService
from bot.services.clock import Clock
from bot.services.devices import DeviceService
from bot.services.handouts import ActiveBot, HandoutService, take_over
from bot.services.hashing import Hasher, Tagger
from bot.services.inbox import InboxService
from bot.services.keys import Keyring
from bot.services.notices import NoticeService
from bot.services.questions import QuestionService
from bot.settings import Settings, SettingsError, load_server_keys
from storage import schema
from storage.database import Database
from storage.leadership import Leadership, create_leadership

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

log = logging.getLogger(__name__)

STANDBY_PAUSE = 0.5
LEADER_CHECK = 2.0
CLEANING_PAUSE = 600.0
FINISH_UPDATES, FINISH_WORK = 4.0, 2.0
"""Seconds that updates in hand, and destructions and notices under way, get when the program is stopped."""


@dataclass
class Program:
    """The parts of a running bot."""

    application: Handler
    bot: RegistryBot
    receiver: Receiver
    destroyer: Destroyer
    notifier: Notifier
    handouts: HandoutService
    inbox: InboxService
    clock: Clock


async def run(settings: Settings) -> None:
    """Be the bot until told to stop. Raises `SettingsError` when a setting keeps it from starting."""
    stop = _listen_for_signals()
    async with open_database(settings) as database:
        await prepare(database)
        leadership = create_leadership(database, settings.bot_id)
        try:
            if await _unless_stopped(_become_leader(leadership), stop):
                await _serve(settings, database, leadership, stop)
        finally:
            await leadership.release()


async def migrate(settings: Settings) -> None:
    """Bring the tables of the database to the shape that this program expects."""
    from storage import migrations  # noqa: PLC0415 - Alembic is large

    async with open_database(settings) as database:
        await _check_access(database)
        await migrations.upgrade(database)


@contextlib.asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """Open the database of the settings and close it afterwards."""
    database = Database(settings.database_url.get_secret_value())
    try:
        yield database
    finally:
        await database.dispose()


async def prepare(database: Database) -> None:
    """Check that the tables have the right shape; on SQLite, give it to them. Raises `SettingsError`."""
    revision = await _check_access(database)
    if revision == schema.HEAD:
        return
    if database.path is None:
        raise SettingsError("DATABASE_URL: the tables are not up to date; run: python -m bot migrate")
    from storage import migrations  # noqa: PLC0415 - Alembic is large

    await migrations.upgrade(database)


def assemble(settings: Settings, database: Database, active: ActiveBot, clock: Clock, hasher: Hasher) -> Program:
    """Join the parts."""
    pacer = Pacer(clock)
    bot = build_bot(
        settings.bot_token.get_secret_value(),
        settings.telegram_api_url,
        rate_limiter=pacer,
        trust_env=not settings.is_loopback,
    )
    tagger = Tagger(Keyring(load_server_keys(settings)))
    devices = DeviceService(database, hasher, tagger, clock, device_limit=settings.device_limit)
    clients = ClientService(database, clock, admin_ids=settings.admin_ids)
    handouts = HandoutService(database, devices, clock, active, secret_ttl=settings.secret_ttl)
    questions = QuestionService(database, clock)
    inbox = InboxService(database, clock)

    def wake() -> None:
        destroyer.wake()
        notifier.wake()

    destroyer = Destroyer(
        bot,
        handouts,
        clients,
        pacer,
        clock,
        admin_ids=settings.admin_ids,
        on_change=lambda: notifier.wake(),  # noqa: PLW0108 - made below
    )
    services = Services(
        devices=devices,
        catalogue=Catalogue(database, clock, device_limit=settings.device_limit),
        clients=clients,
        handouts=handouts,
        questions=questions,
        destroyer=destroyer,
        clock=clock,
        contact=settings.contact,
        admin_ids=settings.admin_ids,
        wake=wake,
    )
    notifier = Notifier(bot, NoticeService(database, clock), services)
    persistence = QuestionPersistence(questions)
    application: Handler = (
        ApplicationBuilder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .persistence(persistence)
        .context_types(ContextTypes(context=Context))
        .build()
    )
    add_handlers(application)
    receiver = Receiver(application, bot, services, inbox, persistence)
    return Program(application, bot, receiver, destroyer, notifier, handouts, inbox, clock)


async def _serve(settings: Settings, database: Database, leadership: Leadership, stop: asyncio.Event) -> None:
    clock, hasher = Clock(settings.clock_speed), Hasher()
    active = await take_over(database, clock, settings.bot_id)
    program = assemble(settings, database, active, clock, hasher)
    try:
        if await _unless_stopped(_connect(program.application), stop):
            log.info("@%s is running", program.bot.username)
            await _work(program, leadership, settings, stop)
    finally:
        with contextlib.suppress(TelegramError):
            await program.application.shutdown()
        hasher.close()


async def _work(program: Program, leadership: Leadership, settings: Settings, stop: asyncio.Event) -> None:
    """Do everything at once until told to stop, or until a part fails or the lead is lost."""
    await program.receiver.resume()
    polling = asyncio.create_task(program.receiver.poll(), name="polling")
    parts = [
        asyncio.create_task(program.destroyer.run(), name="destroyer"),
        asyncio.create_task(program.notifier.run(), name="notifier"),
        asyncio.create_task(_watch_leadership(leadership, program.handouts), name="leadership"),
        asyncio.create_task(_clean(program), name="cleaning"),
    ]
    menus = asyncio.create_task(publish_menus(program.bot, settings.admin_ids), name="menus")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    ended, _ = await asyncio.wait([polling, stopping, *parts], return_when=asyncio.FIRST_COMPLETED)
    polling.cancel()
    menus.cancel()
    await program.receiver.finish(FINISH_UPDATES)
    program.destroyer.wake()
    program.notifier.wake()
    # one turn, so that what the last updates caused is begun before it is waited for
    await asyncio.sleep(0.05)
    await asyncio.gather(program.destroyer.finish(FINISH_WORK), program.notifier.finish(FINISH_WORK))
    for task in (stopping, *parts):
        task.cancel()
    await asyncio.gather(polling, menus, stopping, *parts, return_exceptions=True)
    for task in ended - {stopping}:
        if (error := task.exception()) is not None:
            raise error


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
        with contextlib.suppress(DBAPIError):
            if not await handouts.is_active():
                log.error("another process has become the active bot; stopping")
                return


async def _clean(program: Program) -> None:
    """Forget what needs no longer be kept, now and then."""
    while True:
        try:
            await program.inbox.clean()
        except DBAPIError as error:
            log.warning("old updates could not be removed: %s", type(error).__name__)
        await program.clock.sleep(CLEANING_PAUSE)


async def _check_access(database: Database) -> str | None:
    try:
        return await schema.read_revision(database)
    except (DBAPIError, OSError) as error:
        raise SettingsError(f"DATABASE_URL: the database cannot be opened: {_plain_cause(error)}.") from None


def _plain_cause(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(cause).partition("\n")[0].rstrip(".")


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
    """Return what is set by the first SIGTERM or SIGINT; the second one ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        log.info("stopping")
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    return stop
