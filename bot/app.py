"""The composition root: the only file that joins the parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from telegram.ext import ApplicationBuilder, ContextTypes

from bot.chat import add_handlers
from bot.chat.bot_api import RegistryBot, build_bot
from bot.chat.context import Context, Handler, Services
from bot.chat.destroyer import Destroyer
from bot.chat.notifier import Notifier
from bot.chat.pacing import Pacer
from bot.chat.persistence import QuestionPersistence
from bot.chat.receiver import Receiver
from bot.services.access import AccessService
from bot.services.administration import AdministrationService
from bot.services.admins import Admins, AdminService
from bot.services.audit_trail import AuditTrail
from bot.services.catalogue import Catalogue
from bot.services.clients import Access, ClientService
from bot.services.clock import Clock
from bot.services.copies import CopyService
from bot.services.devices import DeviceService
from bot.services.directory import Directory
from bot.services.figures import FigureService
from bot.services.groups import GroupService
from bot.services.handouts import ActiveBot, HandoutService, find_known_time
from bot.services.hashing import Hasher, Tagger
from bot.services.inbox import InboxService
from bot.services.invites import InviteService
from bot.services.keys import WEBHOOK, Keyring
from bot.services.moves import find_arrival
from bot.services.newcomers import NewcomerService
from bot.services.notices import NoticeService
from bot.services.pasted import PastedSecrets
from bot.services.questions import QuestionService
from bot.services.retention import RetentionService
from bot.services.sessions import SessionService
from bot.services.sightings import Sightings
from bot.settings import Settings, load_server_keys
from bot.web import WebParts, create_app
from bot.web.addresses import Addresses
from storage import schema
from storage.gate import Gate, create_gate

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.types import ASGIApp

    from bot.web.webhook import AcceptUpdates
    from storage.database import Database


@dataclass
class Core:
    """The rules, with what they stand on; both doors stand on them."""

    database: Database
    clock: Clock
    hasher: Hasher
    gate: Gate
    sightings: Sightings
    devices: DeviceService
    clients: ClientService
    admins: AdminService
    invites: InviteService
    newcomers: NewcomerService
    catalogue: Catalogue
    access: AccessService
    pasted: PastedSecrets
    sessions: SessionService
    copies: CopyService
    webhook_token: str

    async def close(self) -> None:
        """Let go of threads and connections."""
        self.hasher.close()
        await self.gate.close()


@dataclass
class Program:
    """The Telegram door, at work."""

    application: Handler
    bot: RegistryBot
    receiver: Receiver
    destroyer: Destroyer
    notifier: Notifier
    handouts: HandoutService
    inbox: InboxService
    retention: RetentionService


async def assemble_core(
    settings: Settings, database: Database, *, clock: Clock | None = None, hasher: Hasher | None = None
) -> Core:
    """Join the rules, on another clock and hasher where they are given. Raises `SettingsError` without a server key."""
    clock = clock or Clock(settings.clock_speed, settings.clock_origin)
    hasher = hasher or Hasher()
    keyring = Keyring(load_server_keys(settings))
    tagger, admins = Tagger(keyring), Admins(settings.admin_ids)
    devices = DeviceService(database, hasher, tagger, clock, device_limit=settings.device_limit)
    gate, sightings = create_gate(database), Sightings(database)
    return Core(
        database=database,
        clock=clock,
        hasher=hasher,
        gate=gate,
        sightings=sightings,
        devices=devices,
        clients=ClientService(database, clock, admins=admins, access=Access(settings.access)),
        admins=AdminService(database, clock, admins),
        invites=InviteService(database, clock, admins, ttl=settings.invite_ttl),
        newcomers=NewcomerService(database, clock, admins),
        catalogue=Catalogue(database, clock, device_limit=settings.device_limit),
        access=AccessService(database, keyring, clock),
        pasted=PastedSecrets(database, tagger, clock, admins),
        sessions=SessionService(
            devices,
            gate,
            sightings,
            keyring,
            clock,
            ttl=settings.session_ttl,
            forgotten_until=await _find_forgotten(database, clock),
        ),
        copies=CopyService(database, clock),
        webhook_token=keyring.derive(WEBHOOK)[0].hex(),
    )


async def _find_forgotten(database: Database, clock: Clock) -> datetime | None:
    """Return until when nonces were spent that nobody remembers, None when there is no such time.

    Those in PostgreSQL survive a start, those in this process do not; what was moved here left its own behind.
    """
    if database.path is None:
        return await find_arrival(database)
    return max(await find_known_time(database) or clock.now(), clock.now())


def assemble_chat(settings: Settings, core: Core, active: ActiveBot) -> Program:
    """Join the Telegram door to the rules."""
    pacer = Pacer(core.clock, settings.calls_per_second)
    bot = build_bot(
        settings.bot_token.get_secret_value(),
        settings.telegram_api_url,
        rate_limiter=pacer,
        trust_env=not settings.is_loopback,
    )
    handouts = HandoutService(
        core.database,
        core.devices,
        core.clock,
        active,
        access=core.access,
        admins=core.admins.who,
        secret_ttl=settings.secret_ttl,
    )
    questions = QuestionService(core.database, core.clock)
    inbox = InboxService(core.database, core.clock)

    def wake() -> None:
        destroyer.wake()
        notifier.wake()

    destroyer = Destroyer(
        bot,
        handouts,
        core.clients,
        pacer,
        core.clock,
        on_change=lambda: notifier.wake(),  # noqa: PLW0108 - made below
    )
    services = Services(
        devices=core.devices,
        catalogue=core.catalogue,
        clients=core.clients,
        access=core.access,
        administration=AdministrationService(core.database, core.clock),
        directory=Directory(core.database, core.clock, device_limit=settings.device_limit),
        audit=AuditTrail(core.database),
        figures=FigureService(core.database, core.clock),
        handouts=handouts,
        questions=questions,
        groups=GroupService(core.database, core.clock),
        pasted=core.pasted,
        copies=core.copies,
        destroyer=destroyer,
        clock=core.clock,
        contact=settings.contact,
        address=settings.address,
        admins=core.admins,
        invites=core.invites,
        newcomers=core.newcomers,
        wake=wake,
    )
    notifier = Notifier(bot, NoticeService(core.database, core.clock), services)
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
    retention = RetentionService(core.database, core.clock, settings.retention)
    return Program(application, bot, receiver, destroyer, notifier, handouts, inbox, retention)


class WebDoor:
    """The HTTP door. It is open before, and stays open after, this process is the active bot."""

    def __init__(self, settings: Settings, core: Core, *, has_bot: bool) -> None:
        self.program: Program | None = None
        self._core = core
        self._has_bot = has_bot
        self.app: ASGIApp = create_app(
            WebParts(
                devices=core.devices,
                catalogue=core.catalogue,
                access=core.access,
                sessions=core.sessions,
                addresses=Addresses(settings.trusted_proxies),
                checks=self.check,
                lets_devices_in=core.copies.lets_devices_in,
                accept_updates=self._accept_updates,
                webhook_token=core.webhook_token,
                auth_proxy=settings.auth_proxy,
            )
        )

    async def check(self) -> dict[str, str | None]:
        """Return what is wrong with each part, None for nothing."""
        faults = {"database": await self._check_database()}
        if self._has_bot:
            faults["bot"] = self._check_bot()
        if faults["database"] is None and not await self._core.copies.lets_devices_in():
            faults["records"] = "they are a copy; no device is let in until an admin has confirmed that in chat"
        return faults

    def _check_bot(self) -> str | None:
        if self.program is None:
            return "standing by"
        receiver = self.program.receiver
        return receiver.trouble or (None if receiver.is_healthy else "no poll has succeeded for a while")

    def _accept_updates(self) -> AcceptUpdates | None:
        return None if self.program is None else self.program.receiver.take_in

    async def _check_database(self) -> str | None:
        try:
            revision = await schema.read_revision(self._core.database)
        except (DBAPIError, OSError) as error:
            return f"unavailable: {type(error).__name__}"
        return None if revision == schema.HEAD else "the tables are not up to date; run: python -m bot migrate"
