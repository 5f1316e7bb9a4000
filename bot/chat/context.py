"""What a handler gets besides the update: the services, who is asking, how to answer. No session, no I/O of its own."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError
from telegram.ext import Application, CallbackContext, ExtBot

from bot.chat.bot_api import RegistryBot
from bot.chat.words import Words, load_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.chat.destroyer import Destroyer
    from bot.services.access import AccessService
    from bot.services.administration import AdministrationService
    from bot.services.admins import AdminService
    from bot.services.audit_trail import AuditTrail
    from bot.services.catalogue import Catalogue
    from bot.services.clients import ClientService, Person, Profile
    from bot.services.clock import Clock
    from bot.services.copies import CopyService
    from bot.services.devices import DeviceService
    from bot.services.directory import Directory
    from bot.services.figures import FigureService
    from bot.services.groups import GroupService
    from bot.services.handouts import HandoutService
    from bot.services.invites import InviteService
    from bot.services.newcomers import NewcomerService
    from bot.services.pasted import PastedSecrets
    from bot.services.questions import QuestionService

ANSWER_WITHIN = 0.7
"""Seconds after which a tap is answered with nothing, so that no button stays pressed for a second."""


@dataclass(frozen=True)
class Services:
    """All that handlers call."""

    devices: DeviceService
    catalogue: Catalogue
    clients: ClientService
    access: AccessService
    administration: AdministrationService
    directory: Directory
    audit: AuditTrail
    figures: FigureService
    handouts: HandoutService
    questions: QuestionService
    groups: GroupService
    pasted: PastedSecrets
    copies: CopyService
    destroyer: Destroyer
    clock: Clock
    contact: str
    address: str
    """Where devices reach the HTTP door."""
    admins: AdminService
    invites: InviteService
    newcomers: NewcomerService
    wake: Callable[[], None]
    """Call it after a use case that may owe notices or destructions: they are looked for at once."""


class Tap:
    """A tap on a button that waits for its answer. It gets one, within a second."""

    def __init__(self, bot: ExtBot[Any], query_id: str) -> None:
        self._bot = bot
        self._query_id = query_id
        self._sent: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(ANSWER_WITHIN, self.answer)

    def answer(self, text: str | None = None, *, alert: bool = False) -> bool:
        """Answer, unless that was done; tell whether this was the answer. Nobody waits for it to arrive."""
        self._timer.cancel()
        if self._sent is not None:
            return False
        self._sent = asyncio.get_running_loop().create_task(self._send(text, alert=alert))
        return True

    async def finish(self) -> None:
        """Answer with nothing if nobody has, and wait until the answer is out."""
        self.answer()
        if self._sent is not None:
            await self._sent

    async def _send(self, text: str | None, *, alert: bool) -> None:
        # an answer that cannot be given any more is no loss: the query is too old, or was answered before a restart
        with contextlib.suppress(TelegramError):
            await self._bot.answer_callback_query(self._query_id, text, show_alert=alert or None)


@dataclass
class Processing:
    """One update on its way through the handlers."""

    source: str
    services: Services = field(repr=False)
    tap: Tap | None = None
    error: Exception | None = None
    profile: Profile | None = field(default=None, repr=False)
    person: Person | None = field(default=None, repr=False)
    limit: asyncio.Timeout | None = field(default=None, repr=False)
    """What ends a handler that takes too long."""
    task: asyncio.Task[Any] | None = field(default_factory=asyncio.current_task, repr=False)
    """Whose time that is: what a handler leaves behind has its own."""
    was_deleted: bool | None = None
    """Whether a message with a secret in it could be deleted; None for every other update."""


PROCESSING: ContextVar[Processing] = ContextVar("processing")


@contextlib.contextmanager
def standing_in_line() -> Iterator[None]:
    """Let a handler's time stand still while it waits for its turn at Telegram's rate limit."""
    processing = PROCESSING.get(None)
    limit = None
    if processing is not None and processing.task is asyncio.current_task():
        limit = processing.limit
    until = None if limit is None else limit.when()
    if limit is None or until is None:
        yield
        return
    now = asyncio.get_running_loop().time
    began = now()
    limit.reschedule(None)
    try:
        yield
    finally:
        limit.reschedule(until + now() - began)


class Context(CallbackContext[RegistryBot, Any, Any, Any]):
    """The typed context of every handler."""

    @property
    def services(self) -> Services:
        """Return what handlers call."""
        return PROCESSING.get().services

    @property
    def source(self) -> str:
        """Return the name of the update, by which a use case knows that it happened already."""
        return PROCESSING.get().source

    @property
    def person(self) -> Person:
        """Return who is asking, as the database knows them. Only behind `admit`, which comes first."""
        person = PROCESSING.get().person
        if person is None:
            raise RuntimeError("a handler ran for somebody who was not admitted")
        return person

    @property
    def profile(self) -> Profile:
        """Return what Telegram says of who is asking, let in or not."""
        profile = PROCESSING.get().profile
        if profile is None:
            raise RuntimeError("a handler ran for nobody's update")
        return profile

    @property
    def asker(self) -> Person | Profile:
        """Return whom to answer: the person or, of somebody who was not let in, what Telegram says of them."""
        return PROCESSING.get().person or self.profile

    @property
    def words(self) -> Words:
        """Return the words in the asker's language."""
        return load_words(self.asker.language)

    @property
    def now(self) -> datetime:
        """Return the time."""
        return self.services.clock.now()

    def answer(self, text: str | None = None, *, alert: bool = False) -> None:
        """Answer the tap, once; nothing happens when the update is no tap or has been answered."""
        tap = PROCESSING.get().tap
        if tap is not None:
            tap.answer(text, alert=alert)


Handler = Application[Any, Context, Any, Any, Any, Any]
