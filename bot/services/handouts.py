"""The life of one secret message.

    offering ─► offered ─► armed ─► shown ─► destroying ─► destroyed | failed
                   │          └──────────────────▲
                   └─► cancelled | expired

The message exists, and its destruction is on disk, before the secret is in it; what it hands out becomes live only
when it was confirmed as shown. Every step is one UPDATE that names the state it leaves and the epoch of the bot that
makes it, so that of several who try one wins, and a process that is no longer the active bot changes nothing.

`next_attempt_at` says when something is to be done about a handout, whatever its state: a card expires, an unconfirmed
secret is given up, a shown one is destroyed, a failed attempt is repeated.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from bot.services import metrics
from bot.services.endings import Outcome, end_open_handouts, start_destroying
from bot.services.errors import (
    AnotherSecretVisible,
    ClientNotFound,
    ClientSuspended,
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    HandoutChanged,
    HandoutExpired,
    HandoutMisplaced,
    NotTheOwner,
    RegistryError,
)
from bot.services.names import normalise_name
from bot.services.notices import NoticeKind, owe
from storage import audit, clients, devices, handouts
from storage.models import Handout, HandoutKind, HandoutState

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.access import AccessService
    from bot.services.admins import Admins
    from bot.services.clients import Person
    from bot.services.clock import Clock
    from bot.services.devices import DeviceService
    from bot.services.hashing import Secret
    from bot.services.rotations import PreparedSecret
    from storage.database import Database

CARD_LIFE = timedelta(hours=1)
"""How long a card waits for its tap: short enough to leave room for deleting the message within 48 hours of sending."""
CONFIRMATION_SHARE = 4
"""A quarter of the showing time is there to get the showing confirmed; whoever sees the secret has the rest."""
MISSING_TWICE = timedelta(seconds=5)
"""A message counts as gone when it was not found twice, this far apart."""
WARN_AFTER = timedelta(seconds=30)
"""Its owner is asked to delete a message that is still there so long after it should be gone."""
CLOCKS_APART = timedelta(seconds=1)
"""The clocks of two machines may differ by this much; more, and one was set back."""
BATCH = 200
MOST_AT_ONCE = 2000
"""Secrets whose destruction is begun in one transaction: the disk is waited for once."""
TOGETHER = 200
"""Messages that are noted as gone in one transaction, for the same reason."""

CARD_STATES = (HandoutState.OFFERING, HandoutState.OFFERED)
REFUSALS: tuple[tuple[type[RegistryError], Outcome], ...] = (
    (DeviceNameTaken, Outcome.NAME_TAKEN),
    (DeviceLimitReached, Outcome.LIMIT_REACHED),
    (ClientSuspended, Outcome.REVOKED),
    (ClientNotFound, Outcome.REVOKED),
    (DeviceNotFound, Outcome.REVOKED),
    (DeviceRevoked, Outcome.REVOKED),
)


@dataclass(frozen=True)
class ActiveBot:
    """Which bot this process is, and the number it got when it became the active one."""

    bot_id: int
    epoch: int


async def take_over(database: Database, clock: Clock, bot_id: int) -> ActiveBot:
    """Become the active bot: nobody with an older epoch changes a handout from now on.

    What was armed is destroyed, because nobody can say what was seen; and what was shown, when the clock was set back
    meanwhile, because nobody can say for how long. What is being destroyed does not wait for such a clock to catch up.
    Everything else goes on as it was.
    """
    now = clock.now()
    async with database.begin() as session:
        epoch = await handouts.advance_epoch(session, bot_id, now)
        left_over = await handouts.list_left_over(session, bot_id, epoch)
        was_set_back = await _find_latest(session, left_over) - now > CLOCKS_APART
        lost = {HandoutState.ARMED, HandoutState.SHOWN} if was_set_back else {HandoutState.ARMED}
        for handout in left_over:
            if handout.state in lost:
                await start_destroying(session, handout, now, Outcome.RESTARTED)
            elif handout.state == HandoutState.SHOWN and handout.destroy_at is not None and handout.destroy_at < now:
                handout.outcome = Outcome.RESTARTED
            elif handout.state == HandoutState.DESTROYING and was_set_back:
                handout.next_attempt_at = now
            handout.epoch = epoch
    return ActiveBot(bot_id, epoch)


async def _find_latest(session: AsyncSession, left_over: list[Handout]) -> datetime:
    """Return the latest time that is known to have been: it is noted now and then, and when a secret is shown."""
    last_alive = await handouts.find_last_alive(session)
    moments = [last_alive, *(moment for handout in left_over for moment in (handout.armed_at, handout.shown_at))]
    return max(moment for moment in moments if moment is not None)


async def find_known_time(database: Database) -> datetime | None:
    """Return the latest time at which a bot on this database is known to have run."""
    async with database.read() as session:
        return await handouts.find_last_alive(session)


class HandoutService:
    """Moves handouts from state to state. What is to be done on Telegram is done by its caller."""

    def __init__(
        self,
        database: Database,
        devices: DeviceService,
        clock: Clock,
        bot: ActiveBot,
        *,
        access: AccessService,
        admins: Admins,
        secret_ttl: timedelta,
    ) -> None:
        self._database = database
        self._devices = devices
        self._access = access
        self._admins = admins
        self._clock = clock
        self._bot = bot
        self._gone: list[uuid.UUID] = []
        self._noting = asyncio.Lock()
        self.secret_ttl = secret_ttl

    async def is_active(self) -> bool:
        """Tell whether this process still is the active bot: nobody took over since it became it."""
        return await handouts.read_epoch(self._database, self._bot.bot_id) == self._bot.epoch

    async def note_alive(self) -> None:
        """Note the time, so that a later start knows that it has been: see `SessionService`."""
        async with self._database.begin() as session:
            await handouts.note_alive(session, self._bot.bot_id, self._clock.now())

    async def get(self, handout_id: uuid.UUID) -> Handout | None:
        """Return the handout as it is now, or None."""
        async with self._database.read() as session:
            return await handouts.find(session, handout_id)

    async def find_latest_card(self, chat_id: int) -> Handout | None:
        """Return the newest card that waits for a tap in the chat, or None."""
        async with self._database.read() as session:
            return await handouts.find_latest_card(session, self._bot.bot_id, chat_id)

    async def find_visible(self, chat_id: int) -> Handout | None:
        """Return the handout whose secret is, or may be, on the screen in the chat, or None."""
        async with self._database.read() as session:
            return await handouts.find_visible(session, self._bot.bot_id, chat_id)

    async def offer_registration(self, asker: Person, device_name: str, *, source: str) -> Handout:
        """Choose a device id and write down that its card is about to be sent; nothing else exists yet.

        The same source gets the same handout again. Raises what `DeviceService.check_room` raises.
        """
        name = normalise_name(device_name)
        if (earlier := await self._find_by_source(source)) is not None:
            return earlier
        await self._devices.check_room(asker.client_id, name)
        handout = self._new_handout(asker, HandoutKind.REGISTRATION, uuid.uuid4(), name, source)
        async with self._database.begin() as session:
            await self._devices.lock_active_client(session, asker.client_id)
            if (earlier := await handouts.find_by_source(session, source)) is not None:
                # the update came twice at once
                return earlier
            session.add(handout)
        return handout

    async def offer_rotation(
        self, asker: Person, device_id: uuid.UUID, overlap: timedelta = timedelta(0), *, source: str
    ) -> Handout:
        """Write down that the card for a new secret is about to be sent. It takes the place of an earlier card.

        The same source gets the same handout again. Raises `DeviceNotFound`, `NotTheOwner`, `DeviceRevoked`,
        `ClientSuspended`, `AnotherSecretVisible`.
        """
        async with self._database.begin() as session:
            device = await devices.lock(session, device_id)
            if (earlier := await handouts.find_by_source(session, source)) is not None:
                return earlier
            if device is None or device.live_at is None:
                raise DeviceNotFound("no device has this id")
            if device.client_id != asker.client_id:
                raise NotTheOwner("the device is another client's")
            if device.revoked:
                raise DeviceRevoked(device)
            await self._devices.lock_active_client(session, device.client_id)
            await self._make_way(session, device_id)
            handout = self._new_handout(asker, HandoutKind.ROTATION, device_id, device.device_name, source)
            handout.base_generation = device.secret_generation
            handout.old_fingerprint = device.fingerprint
            handout.pending_overlap = int(overlap.total_seconds()) if device.last_seen is not None else 0
            session.add(handout)
        return handout

    async def offer_token(self, asker: Person, *, source: str) -> Handout:
        """Write down that the card for an API token is about to be sent. It takes the place of an unused earlier one.

        A token is about no device: its handout's own id, which is nobody's, stands in the device's place. The same
        source gets the same handout again. Raises `ClientNotFound`, `ClientSuspended`.
        """
        handout = self._new_handout(asker, HandoutKind.TOKEN, uuid.uuid4(), "", source)
        handout.device_id = handout.id
        async with self._database.begin() as session:
            await self._devices.lock_active_client(session, asker.client_id)
            if (earlier := await handouts.find_by_source(session, source)) is not None:
                return earlier
            await self._end_token_cards(session, asker)
            session.add(handout)
        return handout

    async def place(self, handout_id: uuid.UUID, message_id: int) -> Handout | None:
        """Note in which message the card is. None when the handout ended before its card arrived."""
        return await self._transition(
            handout_id, [HandoutState.OFFERING], state=HandoutState.OFFERED, message_id=message_id
        )

    async def cancel(self, asker: Person, handout_id: uuid.UUID, message_id: int | None = None) -> Handout:
        """End a card that was not used. `message_id` is that of the tapped card, None for a typed command.

        A card that was cancelled before is returned as it is. Raises `HandoutMisplaced`, `HandoutExpired`,
        `HandoutChanged`, `NotTheOwner`.
        """
        handout = await self._find_own(asker, handout_id)
        if message_id is not None and handout.message_id != message_id:
            raise HandoutMisplaced(handout)
        ended = await self._transition(
            handout_id,
            CARD_STATES,
            state=HandoutState.CANCELLED,
            outcome=Outcome.CANCELLED,
            next_attempt_at=None,
        )
        if ended is not None:
            return ended
        handout = await self._find_own(asker, handout_id)
        if handout.state == HandoutState.CANCELLED:
            return handout
        raise _changed(handout)

    async def give_up_sending(self, handout_id: uuid.UUID) -> None:
        """End a handout whose card cannot be sent."""
        await self._transition(
            handout_id,
            [HandoutState.OFFERING],
            state=HandoutState.CANCELLED,
            outcome=Outcome.CANNOT_SEND,
            next_attempt_at=None,
        )

    async def arm(self, asker: Person, handout_id: uuid.UUID, message_id: int) -> tuple[Handout, Secret]:
        """Claim the tap on *Show secret*: make the secret, put its destruction on disk, reserve what it is for.

        Returns the armed handout and the secret, which is nowhere else. Raises `NotTheOwner`, `HandoutMisplaced`,
        `HandoutExpired`, `HandoutChanged`, `AnotherSecretVisible` and `Overloaded`, which change nothing; and what
        `DeviceService.reserve_device` raises, which ends the handout.
        """
        offered = await self._find_own(asker, handout_id)
        self._check_card(offered, message_id)
        if await self.find_visible(asker.telegram_id) is not None:
            raise AnotherSecretVisible("one secret at a time")
        if offered.kind == HandoutKind.TOKEN:
            return await self._arm_token(asker, offered, message_id)
        return await self._arm_device(asker, handout_id, message_id)

    async def confirm_shown(self, handout_id: uuid.UUID) -> Handout | None:
        """Note that the secret was seen, and make live what it is for, in one transaction.

        Only if the device, the client and the asker still are what they were; otherwise the message is destroyed.
        Return the handout as it is afterwards; None when it was not armed any more.
        """
        async with self._database.begin() as session:
            confirmed = await self._confirm(session, handout_id)
        _count_shown(confirmed)
        return confirmed

    async def dismiss(
        self,
        asker: Person,
        handout_id: uuid.UUID,
        message_id: int | None,
        *,
        outcome: Outcome = Outcome.SAVED,
    ) -> Handout:
        """Begin to destroy a secret because its reader has it: that also confirms that it was shown.

        Raises `NotTheOwner`, `HandoutMisplaced`, `HandoutChanged`.
        """
        handout = await self._find_own(asker, handout_id)
        if message_id is not None and handout.message_id != message_id:
            raise HandoutMisplaced(handout)
        async with self._database.begin() as session:
            ended = confirmed = await self._confirm(session, handout_id)
            fresh = await handouts.find(session, handout_id) or handout
            if fresh.state == HandoutState.SHOWN:
                ended = await self._start_destroying(session, fresh, outcome)
        _count_shown(confirmed)
        if ended is None:
            raise HandoutChanged(fresh)
        return ended

    async def abandon(self, handout_id: uuid.UUID, outcome: Outcome = Outcome.UNCONFIRMED) -> Handout | None:
        """Throw away an armed secret: it will never work. None when it was confirmed, or is being destroyed."""
        async with self._database.begin() as session:
            handout = await handouts.lock(session, handout_id)
            if handout is None or handout.state != HandoutState.ARMED:
                return None
            return await self._start_destroying(session, handout, outcome)

    async def list_due(self, except_ids: Collection[uuid.UUID]) -> list[Handout]:
        """Return what something is to be done about now, the most urgent first, without what is under way."""
        async with self._database.read() as session:
            return await handouts.list_due(
                session,
                bot_id=self._bot.bot_id,
                epoch=self._bot.epoch,
                now=self._clock.now(),
                except_ids=except_ids,
                most=BATCH,
            )

    async def find_next_attempt(self, after: datetime) -> datetime | None:
        """Return when the first handout is due that is due later than that."""
        async with self._database.read() as session:
            return await handouts.find_next_attempt(
                session, bot_id=self._bot.bot_id, epoch=self._bot.epoch, after=after
            )

    async def advance(self, handout_id: uuid.UUID) -> Handout | None:
        """Do what time alone does to a handout, and return it as it is then: expired, given up, to be destroyed."""
        now = self._clock.now()
        async with self._database.begin(is_urgent=True) as session:
            handout = await handouts.lock(session, handout_id)
            if handout is None or handout.next_attempt_at is None or handout.next_attempt_at > now:
                return None
            if handout.state in CARD_STATES:
                return await self._expire(session, handout, now)
            if handout.state == HandoutState.ARMED:
                return await self._start_destroying(session, handout, Outcome.UNCONFIRMED)
            if handout.state == HandoutState.SHOWN:
                late = Outcome.RESTARTED if handout.outcome == Outcome.RESTARTED else Outcome.TIMER
                return await self._start_destroying(session, handout, late)
            return handout

    async def note_redacted(self, handout_id: uuid.UUID) -> None:
        """Note that the secret is no longer in the message."""
        await self._transition(handout_id, [HandoutState.DESTROYING], redacted_at=self._clock.now())

    async def note_missing(self, handout: Handout) -> bool:
        """Note that Telegram knows no such message; tell whether it said so before, long enough ago to believe it."""
        now = self._clock.now()
        if handout.missing_at is not None and now - handout.missing_at >= MISSING_TWICE:
            return True
        await self._transition(
            handout.id,
            [HandoutState.DESTROYING],
            missing_at=handout.missing_at or now,
            next_attempt_at=(handout.missing_at or now) + MISSING_TWICE,
        )
        return False

    async def postpone(self, handout: Handout, error: str, wait: timedelta) -> None:
        """Try again after `wait`. Half a minute too late, its reader is asked once to delete the message."""
        now = self._clock.now()
        async with self._database.begin() as session:
            changed = await handouts.transition(
                session,
                handout.id,
                leaving=[handout.state],
                epoch=self._bot.epoch,
                attempts=Handout.attempts + 1,
                next_attempt_at=now + wait,
                last_error=error[:200],
            )
            if changed is not None and _is_stuck(changed, now):
                changed.warned_at = now
                self._owe(session, changed, NoticeKind.HANDOUT_STUCK)

    async def close_card(self, handout_id: uuid.UUID) -> None:
        """Note that nothing is left to do about a card that ended without a secret."""
        await self._transition(handout_id, [HandoutState.CANCELLED, HandoutState.EXPIRED], next_attempt_at=None)

    async def begin_due(self) -> None:
        """Begin to destroy secrets whose time is up, many in one step."""
        async with self._database.begin(is_urgent=True) as session:
            await handouts.start_due(
                session,
                bot_id=self._bot.bot_id,
                epoch=self._bot.epoch,
                now=self._clock.now(),
                late=Outcome.RESTARTED,
                in_time=Outcome.TIMER,
                most=MOST_AT_ONCE,
            )

    async def mark_destroyed(self, handout_id: uuid.UUID, *, at: datetime | None = None) -> None:
        """Note that the message is gone, since `at` if that is not now; its receipt is owed from now on.

        Messages that go while others are being noted are noted together, some at a time.
        """
        if at is not None:
            await self._note_destroyed([handout_id], at)
            return
        self._gone.append(handout_id)
        async with self._noting:
            if handout_id not in self._gone:
                return
            self._gone.remove(handout_id)
            others, self._gone = self._gone[:TOGETHER], self._gone[TOGETHER:]
            try:
                await self._note_destroyed([handout_id, *others], self._clock.now())
            except BaseException:
                # each of them notes itself
                self._gone += others
                raise

    async def _note_destroyed(self, handout_ids: list[uuid.UUID], at: datetime) -> None:
        async with self._database.begin() as session:
            gone = await handouts.mark_destroyed(session, handout_ids, epoch=self._bot.epoch, now=at)
            for handout in gone:
                if handout.outcome != Outcome.REVOKED:
                    self._owe(session, handout, NoticeKind.HANDOUT_ENDED)
        for handout in gone:
            metrics.SECRETS_DESTROYED.inc()
            metrics.DESTRUCTION_LATENESS.observe(max(0.0, (at - (handout.destroy_at or at)).total_seconds()))

    async def mark_failed(self, handout_id: uuid.UUID, error: str) -> None:
        """Note that Telegram refuses for good to remove the message: the audit, its reader and the admins are told."""
        now = self._clock.now()
        async with self._database.begin() as session:
            failed = await handouts.transition(
                session,
                handout_id,
                leaving=[HandoutState.DESTROYING],
                epoch=self._bot.epoch,
                state=HandoutState.FAILED,
                next_attempt_at=None,
                last_error=error[:200],
            )
            if failed is None:
                return
            self._owe(session, failed, NoticeKind.HANDOUT_FAILED)
            kind, cause = NoticeKind.HANDOUT_FAILED_ADMIN, str(failed.id)
            await self._admins.owe(session, kind, cause, now, handout_id=cause)
            audit.append(
                session,
                at=now,
                actor="system",
                action="handout_failed",
                client_id=failed.client_id,
                device_id=failed.device_id,
                error=error[:200],
            )
        metrics.SECRETS_FAILED.inc()

    async def retry_chat(self, chat_id: int) -> None:
        """Try at once what waits in a chat whose person can be reached again."""
        async with self._database.begin() as session:
            await handouts.hasten(session, bot_id=self._bot.bot_id, chat_id=chat_id, now=self._clock.now())

    async def _find_by_source(self, source: str) -> Handout | None:
        async with self._database.read() as session:
            return await handouts.find_by_source(session, source)

    async def _find_own(self, asker: Person, handout_id: uuid.UUID) -> Handout:
        handout = await self.get(handout_id)
        if handout is None or handout.chat_id != asker.telegram_id or handout.bot_id != self._bot.bot_id:
            raise NotTheOwner("the card is somebody else's")
        return handout

    async def _make_way(self, session: AsyncSession, device_id: uuid.UUID) -> None:
        """Take away a card for the same device that was not used; one that shows a secret stands in the way."""
        for handout in await handouts.list_open(session, device_id=device_id):
            if handout.state not in CARD_STATES:
                raise AnotherSecretVisible("this device's secret is on a screen")
        await end_open_handouts(session, self._clock.now(), Outcome.SUPERSEDED, device_id=device_id)

    async def _end_token_cards(self, session: AsyncSession, asker: Person) -> None:
        """Take away the asker's cards for tokens that were not used."""
        for card in await handouts.list_open(session, client_id=asker.client_id):
            is_theirs = card.chat_id == asker.telegram_id and card.bot_id == self._bot.bot_id
            if card.kind == HandoutKind.TOKEN and is_theirs and card.state in CARD_STATES:
                await end_open_handouts(session, self._clock.now(), Outcome.SUPERSEDED, device_id=card.device_id)

    async def _start_destroying(self, session: AsyncSession, handout: Handout, outcome: Outcome) -> Handout | None:
        return await start_destroying(session, handout, self._clock.now(), outcome, epoch=self._bot.epoch)

    async def _transition(
        self, handout_id: uuid.UUID, leaving: Collection[HandoutState], **values: Any
    ) -> Handout | None:
        async with self._database.begin() as session:
            return await handouts.transition(session, handout_id, leaving=leaving, epoch=self._bot.epoch, **values)

    def _check_card(self, handout: Handout, message_id: int) -> None:
        if handout.state in CARD_STATES and handout.message_id != message_id:
            raise HandoutMisplaced(handout)
        if handout.state != HandoutState.OFFERED or handout.expires_at <= self._clock.now():
            raise _changed(handout, self._clock.now())

    async def _arm_device(self, asker: Person, handout_id: uuid.UUID, message_id: int) -> tuple[Handout, Secret]:
        prepared = await self._devices.prepare_secret()
        try:
            async with self._database.begin() as session:
                armed = await self._claim(session, handout_id, message_id, prepared.fingerprint)
                await self._reserve(session, armed, asker, prepared)
        except HandoutChanged:
            raise _changed(await self._find_own(asker, handout_id)) from None
        except tuple(error for error, _ in REFUSALS) as error:
            await self._refuse(handout_id, error)
            raise
        return armed, prepared.secret

    async def _arm_token(self, asker: Person, offered: Handout, message_id: int) -> tuple[Handout, Secret]:
        try:
            async with self._database.begin() as session:
                client = await self._devices.lock_active_client(session, asker.client_id)
                armed = await self._claim(session, offered.id, message_id, None)
                # inside: who signs out everywhere comes before this, or finds the token on the screen and ends it
                return armed, self._access.issue(client, offered.id)
        except HandoutChanged:
            raise _changed(await self._find_own(asker, offered.id)) from None
        except (ClientSuspended, ClientNotFound) as error:
            await self._refuse(offered.id, error)
            raise

    async def _claim(
        self, session: AsyncSession, handout_id: uuid.UUID, message_id: int, fingerprint: str | None
    ) -> Handout:
        """Take the card from offered to armed. One of several claimants wins; the others raise."""
        now = self._clock.now()
        await handouts.lock(session, handout_id)
        try:
            armed = await handouts.transition(
                session,
                handout_id,
                leaving=[HandoutState.OFFERED],
                epoch=self._bot.epoch,
                in_message=message_id,
                state=HandoutState.ARMED,
                armed_at=now,
                destroy_at=now + self.secret_ttl,
                next_attempt_at=now + self.secret_ttl / CONFIRMATION_SHARE,
                pending_fingerprint=fingerprint,
            )
        except IntegrityError:
            raise AnotherSecretVisible("one secret at a time") from None
        if armed is None:
            raise HandoutChanged(Handout(id=handout_id, state=None))
        return armed

    async def _reserve(self, session: AsyncSession, armed: Handout, asker: Person, prepared: PreparedSecret) -> None:
        if armed.kind == HandoutKind.REGISTRATION:
            await self._devices.reserve_device(session, asker.client_id, armed.device_id, armed.device_name, prepared)
            return
        await self._devices.reserve_secret(session, armed, asker.client_id)
        armed.pending_hash, armed.pending_tag = prepared.secret_hash, prepared.secret_tag

    async def _refuse(self, handout_id: uuid.UUID, error: RegistryError) -> None:
        outcome = next(outcome for kind, outcome in REFUSALS if isinstance(error, kind))
        await self._transition(
            handout_id, CARD_STATES, state=HandoutState.CANCELLED, outcome=outcome, next_attempt_at=None
        )

    async def _confirm(self, session: AsyncSession, handout_id: uuid.UUID) -> Handout | None:
        now = self._clock.now()
        await handouts.lock(session, handout_id)
        shown = await handouts.transition(
            session,
            handout_id,
            leaving=[HandoutState.ARMED],
            epoch=self._bot.epoch,
            state=HandoutState.SHOWN,
            shown_at=now,
        )
        if shown is None:
            return None
        shown.next_attempt_at = shown.destroy_at
        if await self._is_still_wanted(session, shown) and await self._devices.confirm_shown(session, shown):
            shown.pending_hash = shown.pending_tag = None
            return shown
        shown.shown_at = None
        await session.flush()
        return await self._start_destroying(session, shown, Outcome.SUPERSEDED)

    async def _is_still_wanted(self, session: AsyncSession, handout: Handout) -> bool:
        """Tell whether the asker still is one of the client's people."""
        asker = await clients.find_chat_user(session, handout.chat_id)
        return asker is not None and asker.client_id == handout.client_id

    async def _expire(self, session: AsyncSession, handout: Handout, now: datetime) -> Handout | None:
        return await handouts.transition(
            session,
            handout.id,
            leaving=CARD_STATES,
            epoch=self._bot.epoch,
            state=HandoutState.EXPIRED,
            outcome=Outcome.EXPIRED,
            next_attempt_at=None if handout.message_id is None else now,
        )

    def _owe(self, session: AsyncSession, handout: Handout, kind: NoticeKind) -> None:
        owe(session, handout.chat_id, kind, str(handout.id), self._clock.now(), handout_id=str(handout.id))

    def _new_handout(
        self, asker: Person, kind: HandoutKind, device_id: uuid.UUID, device_name: str, source: str
    ) -> Handout:
        now = self._clock.now()
        return Handout(
            id=uuid.uuid4(),
            bot_id=self._bot.bot_id,
            chat_id=asker.telegram_id,
            kind=kind,
            client_id=asker.client_id,
            device_id=device_id,
            device_name=device_name,
            source=source,
            state=HandoutState.OFFERING,
            epoch=self._bot.epoch,
            pending_overlap=0,
            created_at=now,
            expires_at=now + CARD_LIFE,
            next_attempt_at=now + CARD_LIFE,
            attempts=0,
        )


def _count_shown(handout: Handout | None) -> None:
    """Count a showing that was confirmed just now; one that came too late has no `shown_at`."""
    if handout is None or handout.shown_at is None:
        return
    metrics.SECRETS_SHOWN.inc()
    if handout.kind == HandoutKind.REGISTRATION:
        metrics.DEVICES_REGISTERED.inc()


def _is_stuck(handout: Handout, now: datetime) -> bool:
    """Tell whether the secret still is where it should long be gone from, and its reader does not know yet."""
    return (
        handout.state == HandoutState.DESTROYING
        and handout.warned_at is None
        and handout.redacted_at is None
        and handout.destroy_at is not None
        and now - handout.destroy_at >= WARN_AFTER
    )


def _changed(handout: Handout, now: datetime | None = None) -> HandoutChanged | HandoutExpired:
    has_expired = now is not None and handout.state in CARD_STATES and handout.expires_at <= now
    if has_expired or handout.state == HandoutState.EXPIRED:
        return HandoutExpired(handout)
    return HandoutChanged(handout)
