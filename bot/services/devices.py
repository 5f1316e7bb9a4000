"""The device service: create, list, get, rename, rotate, revoke, authenticate.

`create_device` and `rotate_secret` act at once and serve REST. A secret that is asked for in chat is reserved first and
becomes live when it was shown: `handouts.py` calls `reserve_device` or `reserve_secret`, and then `confirm_shown`, each
as part of its own transaction; `storage.devices.drop_reserved` undoes what was never shown.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from bot.services import hashing, metrics, rotations
from bot.services.attempts import Attempts
from bot.services.clients import ACTIVE
from bot.services.endings import Outcome, end_open_handouts
from bot.services.errors import (
    AmbiguousDevice,
    ClientNotFound,
    ClientSuspended,
    DeviceLimitReached,
    DeviceNameTaken,
    DeviceNotFound,
    DeviceRevoked,
    InvalidCredentials,
    NotTheOwner,
)
from bot.services.names import count_up, normalise_name
from bot.services.notices import NoticeKind, owe_people
from bot.services.revocations import clean_reason, revoke
from bot.services.rotations import PreparedSecret, is_in_overlap, pending_secret
from storage import audit, clients, devices, inbox
from storage.models import Device, HandoutKind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.clock import Clock
    from bot.services.hashing import Hasher, Tagger
    from bot.services.rotations import KeptSecret
    from storage.database import Database
    from storage.models import Client, Handout

SEEN_STEP = timedelta(minutes=1)
"""`last_seen` moves at most this often, so that a busy terminal costs no write a request."""
SHORT_ID = 8
"""How many first digits of an id, or of a fingerprint, name a device in chat."""


class DeviceService:
    """The rules for devices. Records it returns are detached and never hold a secret."""

    def __init__(
        self,
        database: Database,
        hasher: Hasher,
        tagger: Tagger,
        clock: Clock,
        *,
        device_limit: int = 10,
        attempts: Attempts | None = None,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._tagger = tagger
        self._clock = clock
        self._device_limit = device_limit
        self._attempts = attempts or Attempts(clock)

    async def create_device(
        self, client_id: uuid.UUID | str, device_name: str, *, actor: str = "system"
    ) -> tuple[Device, str]:
        """Register a device, live at once, and return it with its secret: the only time that leaves.

        Raises `InvalidDeviceName`, `ClientNotFound`, `ClientSuspended`, `DeviceLimitReached`, `DeviceNameTaken`,
        `Overloaded`.
        """
        name = normalise_name(device_name)
        owner = _parse_id(client_id)
        if owner is None:
            raise ClientNotFound("this is no client id")
        await self.check_room(owner, name)
        prepared = await self.prepare_secret()
        async with self._database.begin() as session:
            device = await self.reserve_device(session, owner, uuid.uuid4(), name, prepared)
            device.live_at = device.created_at
            self._audit(session, device, actor, "device_registered", fingerprint=device.fingerprint)
        metrics.DEVICES_REGISTERED.inc()
        return device, prepared.secret.reveal()

    async def list_devices(self, client_id: uuid.UUID | str) -> list[Device]:
        """Return all of the client's devices, active and revoked, newest first; none for an unknown client."""
        owner = _parse_id(client_id)
        if owner is None:
            return []
        async with self._database.read() as session:
            return await devices.list_all(session, owner)

    async def get_device(self, device_id: uuid.UUID | str, *, owner: uuid.UUID | None = None) -> Device:
        """Return the device. Raises `DeviceNotFound`, and `NotTheOwner` when it is not the named owner's."""
        parsed = _parse_id(device_id)
        async with self._database.read() as session:
            device = None if parsed is None else await devices.find_live(session, parsed)
        return _owned(device, owner)

    async def update_device_name(
        self,
        device_id: uuid.UUID | str,
        new_name: str,
        *,
        owner: uuid.UUID | None = None,
        actor: str = "system",
        source: str | None = None,
    ) -> Device:
        """Rename the device. Its present name is accepted and changes nothing.

        Raises `InvalidDeviceName`, `DeviceNotFound`, `NotTheOwner`, `DeviceRevoked`, `DeviceNameTaken`.
        """
        name = normalise_name(new_name)
        try:
            async with self._database.begin() as session:
                device = await self._lock_owned(session, device_id, owner)
                if await self._is_news(session, source):
                    await self._rename(session, _unrevoked(device), name, actor)
        except IntegrityError:
            raise DeviceNameTaken(name) from None
        return device

    async def revoke_device(
        self,
        device_id: uuid.UUID | str,
        *,
        actor: str | None = None,
        reason: str | None = None,
        owner: uuid.UUID | None = None,
        source: str | None = None,
    ) -> Device:
        """Switch the device off for good: no login, no overlap, no secret of it on any screen.

        Somebody who is not of the owning client is an admin: the owner's people are told. Text in `reason` past 200
        characters is cut, and a reason that holds a secret is left out. Raises `DeviceNotFound`, `NotTheOwner`, and
        `DeviceRevoked` when it was revoked before.
        """
        actor = actor or "system"
        async with self._database.begin() as session:
            device = await self._lock_owned(session, device_id, owner)
            is_news = await self._is_news(session, source)
            if is_news:
                await revoke(session, _unrevoked(device), actor, clean_reason(reason), self._clock.now())
        if is_news:
            metrics.DEVICES_REVOKED.inc()
        return device

    async def rotate_secret(
        self,
        device_id: uuid.UUID | str,
        overlap: timedelta = timedelta(0),
        *,
        owner: uuid.UUID | None = None,
        actor: str = "system",
    ) -> tuple[Device, str]:
        """Give the device a new secret, live at once, and return it; the old one works for `overlap` more.

        Nobody knows whether the answer arrives. Asked again within an overlap, the secret that the device connects with
        goes on, and the one in the middle, which may be lost and was never used, makes way: a lost answer locks nobody
        out, however often it is asked again.

        Raises `DeviceNotFound`, `NotTheOwner`, `DeviceRevoked`, `ClientSuspended`, `Overloaded`.
        """
        _unrevoked(await self.get_device(device_id, owner=owner))
        prepared = await self.prepare_secret()
        async with self._database.begin() as session:
            device = _unrevoked(await self._lock_owned(session, device_id, owner))
            await self.lock_active_client(session, device.client_id)
            await end_open_handouts(session, self._clock.now(), Outcome.SUPERSEDED, device_id=device.id)
            await self.replace_secret(session, device, prepared, overlap, actor, keeps_oldest=True)
        return device, prepared.secret.reveal()

    async def authenticate_device(
        self, device_id: uuid.UUID | str, secret: str, *, address: str | None = None
    ) -> Device:
        """Return the device whose secret this is, and note when and from where it was seen.

        Raises `InvalidCredentials` for anything wrong with id or secret; only when the secret proved right
        `DeviceRevoked` or `ClientSuspended`; `TooManyAttempts` in place of `InvalidCredentials` when the address has
        presented many wrong secrets; `Overloaded` when too many right ones wait to be verified.
        """
        try:
            return await self._authenticate(device_id, secret, address)
        except InvalidCredentials:
            self._attempts.count(address)
            raise

    async def find_device(self, text: str, *, owner: uuid.UUID | None = None) -> Device:
        """Return the device of an id, of the first 8 characters of one, or of a fingerprint.

        Raises `DeviceNotFound`, `AmbiguousDevice`; another client's device is not found when an owner is named.
        """
        text = text.strip().lower()
        parsed = _parse_id(text)
        async with self._database.read() as session:
            if parsed is not None:
                found = [device] if (device := await devices.find_live(session, parsed)) else []
            elif len(text) == SHORT_ID and set(text) <= set("0123456789abcdef"):
                found = await devices.find_by_prefix(session, text, client_id=owner, most=SHORT_ID)
            else:
                found = []
        found = [device for device in found if owner is None or device.client_id == owner]
        if len(found) > 1:
            raise AmbiguousDevice(found)
        if not found:
            raise DeviceNotFound("no device fits")
        return found[0]

    async def is_waiting(self, device_id: uuid.UUID, generation: int, telegram_id: int) -> bool:
        """Tell whether a device still waits for its new secret, and the person is to be told; see `rotations`."""
        async with self._database.read() as session:
            return await rotations.is_waiting(session, device_id, generation, telegram_id)

    async def check_room(self, client_id: uuid.UUID, device_name: str | None) -> None:
        """Tell, as a courtesy, what would refuse a new device now; the constraint decides when it is made.

        Raises `ClientNotFound`, `ClientSuspended`, `DeviceLimitReached`, `DeviceNameTaken`.
        """
        async with self._database.read() as session:
            client = _active(await clients.find_client(session, client_id))
            await self._check_limit(session, client)
            if device_name is not None and await devices.find_holder(session, client_id, device_name):
                raise DeviceNameTaken(device_name)

    async def propose_name(self, client_id: uuid.UUID, taken: str) -> tuple[str, Device | None]:
        """Return a name like the taken one that is free, and the live device that has the taken one, if any."""
        async with self._database.read() as session:
            holder = await devices.find_holder(session, client_id, taken)
            for candidate in count_up(taken):
                if await devices.find_holder(session, client_id, candidate) is None:
                    break
        return candidate, holder if holder is not None and holder.live_at is not None else None

    async def prepare_secret(self) -> PreparedSecret:
        """Make a secret and hash it. Raises `Overloaded`."""
        secret = hashing.create_secret()
        plaintext = secret.reveal()
        return PreparedSecret(
            secret=secret,
            secret_hash=await self._hasher.hash(secret),
            secret_tag=self._tagger.tag(plaintext),
            fingerprint=hashing.fingerprint(plaintext),
        )

    async def reserve_device(
        self,
        session: AsyncSession,
        client_id: uuid.UUID,
        device_id: uuid.UUID,
        name: str,
        prepared: PreparedSecret,
    ) -> Device:
        """Add the device to the transaction: it holds its name and its place, and can do nothing until it is live.

        Raises `ClientNotFound`, `ClientSuspended`, `DeviceLimitReached`, `DeviceNameTaken`.
        """
        client = await self.lock_active_client(session, client_id)
        await self._check_limit(session, client)
        device = _new_device(client_id, device_id, name, prepared, self._clock.now())
        session.add(device)
        try:
            await session.flush()
        except IntegrityError:
            raise DeviceNameTaken(name) from None
        return device

    async def lock_active_client(self, session: AsyncSession, client_id: uuid.UUID) -> Client:
        """Return the client and hold its row. Raises `ClientNotFound`, `ClientSuspended`."""
        return _active(await clients.lock_client(session, client_id))

    async def replace_secret(
        self,
        session: AsyncSession,
        device: Device,
        kept: KeptSecret,
        overlap: timedelta,
        actor: str,
        *,
        keeps_oldest: bool = False,
    ) -> None:
        """Make the secret the device's, and its present one the previous for as long as `overlap`.

        With `keeps_oldest`, within an overlap, the previous one stays the previous.
        """
        now = self._clock.now()
        rotations.replace(device, kept, overlap, now, keeps_oldest=keeps_oldest)
        self._audit(session, device, actor, "secret_rotated", fingerprint=device.fingerprint)
        await rotations.owe_reminders(session, device, now)

    async def reserve_secret(self, session: AsyncSession, handout: Handout, client_id: uuid.UUID) -> None:
        """Check, in a handout's transaction, that a new secret can take the place of the one it was offered for.

        Raises `DeviceNotFound`, `NotTheOwner`, `DeviceRevoked`, `ClientSuspended`.
        """
        device = _unrevoked(await self._lock_owned(session, handout.device_id, client_id))
        await self.lock_active_client(session, client_id)
        if device.secret_generation != handout.base_generation:
            raise DeviceNotFound("the secret was replaced since the card was sent")

    async def confirm_shown(self, session: AsyncSession, handout: Handout) -> bool:
        """Make live, in a handout's transaction, what its secret is for.

        Tell whether it could be: not when the device was revoked or re-keyed meanwhile, nor when the client is paused.
        """
        client = await clients.lock_client(session, handout.client_id)
        if client is None or client.status != ACTIVE:
            return False
        if handout.kind == HandoutKind.TOKEN:
            return True
        device = await devices.lock(session, handout.device_id)
        if device is None or device.revoked:
            return False
        actor = f"chat:{handout.chat_id}"
        if handout.kind == HandoutKind.REGISTRATION:
            device.live_at = device.updated_at = self._clock.now()
            self._audit(session, device, actor, "device_registered", fingerprint=device.fingerprint)
            return True
        kept = pending_secret(handout)
        if kept is None or device.secret_generation != handout.base_generation:
            return False
        # of two secrets in use the older one stops: that is what its card said
        await self.replace_secret(session, device, kept, timedelta(seconds=handout.pending_overlap), actor)
        return True

    async def _is_news(self, session: AsyncSession, source: str | None) -> bool:
        return source is None or await inbox.claim_effect(session, source, self._clock.now())

    async def _lock_owned(self, session: AsyncSession, device_id: uuid.UUID | str, owner: uuid.UUID | None) -> Device:
        parsed = _parse_id(device_id)
        device = None if parsed is None else await devices.lock(session, parsed)
        return _owned(device if device is None or device.live_at else None, owner)

    async def _rename(self, session: AsyncSession, device: Device, name: str, actor: str) -> None:
        if device.device_name == name:
            return
        device.device_name, device.folded_name = name, name.casefold()
        device.updated_at = self._clock.now()
        await session.flush()
        self._audit(session, device, actor, "device_renamed")

    async def _check_limit(self, session: AsyncSession, client: Client) -> None:
        limit = self._device_limit if client.device_limit is None else client.device_limit
        if await devices.count_held(session, client.id) >= limit:
            raise DeviceLimitReached(limit)

    async def _authenticate(self, device_id: uuid.UUID | str, secret: str, address: str | None) -> Device:
        parsed = _parse_id(device_id)
        if parsed is None or not hashing.is_well_formed(secret):
            raise InvalidCredentials("no device has this id and secret")
        kept = await devices.find_login(self._database, parsed)
        secret_hash = self._matching_hash(kept, secret, self._clock.now())
        if secret_hash is None:
            raise InvalidCredentials("no device has this id and secret")
        presented = hashing.Secret(secret)
        if not await self._hasher.verify(secret_hash, presented):
            raise InvalidCredentials("no device has this id and secret")
        if self._hasher.is_outdated(secret_hash):
            renewed = await self._hasher.hash(presented)
        else:
            renewed = secret_hash
            device = await self._see_again(parsed, secret, secret_hash, address)
            if device is not None:
                return device
        async with self._database.begin() as session:
            return await self._log_in(session, parsed, secret, renewed, address)

    def _matching_hash(self, kept: Device | devices.Login | None, secret: str, now: datetime) -> str | None:
        """Return the hash that the secret's tag points to; the same work is done for a device that is unknown."""
        nobody = bytes(hashing.TAG_BYTES)
        is_current = self._tagger.matches(secret, kept.secret_tag if kept is not None else nobody)
        is_previous = self._tagger.matches(secret, (kept.previous_tag if kept is not None else None) or nobody)
        if kept is None:
            return None
        if is_current:
            return kept.secret_hash
        return kept.previous_hash if is_previous and is_in_overlap(kept, now) else None

    async def _see_again(
        self, device_id: uuid.UUID, secret: str, secret_hash: str, address: str | None
    ) -> Device | None:
        """Return the device, and note that it was seen, when a login tells nothing else; None when it may."""
        found = await devices.find_as_kept(self._database, device_id)
        if found is None:
            return None
        device, client_status = found
        may_enter = not device.revoked and client_status == ACTIVE
        is_same = device.secret_hash == secret_hash and device.secret_tag == self._tagger.tag(secret)
        is_known = device.last_seen is not None and device.secret_seen_at is not None
        if not (may_enter and is_same and is_known and device.previous_valid_until is None):
            return None
        now = self._clock.now()
        if _note_seen(device, now, address):
            await self._database.write(devices.SEEN, [{"device_id": device.id, "at": now, "address": address}])
        return device

    async def _log_in(
        self, session: AsyncSession, device_id: uuid.UUID, secret: str, secret_hash: str, address: str | None
    ) -> Device:
        found = await devices.find_with_client(session, device_id)
        if found is None:
            raise InvalidCredentials("no device has this id and secret")
        device, client = found
        now = self._clock.now()
        if device.revoked:
            raise DeviceRevoked(device)
        if self._matching_hash(device, secret, now) is None:
            # it was replaced while it was verified
            raise InvalidCredentials("no device has this id and secret")
        _active(client)
        is_first, is_news = device.last_seen is None, False
        if self._tagger.matches(secret, device.secret_tag):
            device.secret_hash, device.secret_tag = secret_hash, self._tagger.tag(secret)
            is_news = rotations.note_use(device, now)
        # all that changes before the first question: PostgreSQL looks at the client of a row that is updated twice in a
        # transaction, and whoever holds the client may be waiting for the device
        _note_seen(device, now, address)
        if is_first:
            await owe_people(session, device, NoticeKind.FIRST_LOGIN, str(device.id), now, address=address)
        elif is_news:
            await rotations.owe_news(session, device, now, address)
        return device

    def _audit(self, session: AsyncSession, device: Device, actor: str, action: str, **details: str | None) -> None:
        audit.append(
            session,
            at=self._clock.now(),
            actor=actor,
            action=action,
            client_id=device.client_id,
            device_id=device.id,
            device_name=device.device_name,
            **details,
        )


def _parse_id(value: uuid.UUID | str) -> uuid.UUID | None:
    if isinstance(value, uuid.UUID):
        return value
    try:
        parsed = uuid.UUID(value)
    except ValueError:
        return None
    # UUID() also reads braces, prefixes and digits without hyphens; an id is written in one way
    return parsed if str(parsed) == value.lower() else None


def _owned(device: Device | None, owner: uuid.UUID | None) -> Device:
    if device is None:
        raise DeviceNotFound("no device has this id")
    if owner is not None and device.client_id != owner:
        raise NotTheOwner("the device is another client's")
    return device


def _unrevoked(device: Device) -> Device:
    if device.revoked:
        raise DeviceRevoked(device)
    return device


def _active(client: Client | None) -> Client:
    if client is None:
        raise ClientNotFound("no client has this id")
    if client.status != ACTIVE:
        raise ClientSuspended("the client is suspended")
    return client


def _new_device(
    client_id: uuid.UUID, device_id: uuid.UUID, name: str, prepared: PreparedSecret, now: datetime
) -> Device:
    return Device(
        id=device_id,
        client_id=client_id,
        device_name=name,
        folded_name=name.casefold(),
        secret_hash=prepared.secret_hash,
        secret_tag=prepared.secret_tag,
        fingerprint=prepared.fingerprint,
        secret_generation=hashing.create_generation(),
        revoked=False,
        created_at=now,
        updated_at=now,
    )


def _note_seen(device: Device, now: datetime, address: str | None) -> bool:
    """Set when and from where the device was last seen, unless that was only just; tell whether it was set."""
    is_due = device.last_seen is None or now - device.last_seen >= SEEN_STEP
    if is_due:
        device.last_seen, device.last_ip = now, address
    return is_due
