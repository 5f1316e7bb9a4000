"""Device sessions and signed requests.

An argon2id hash cannot verify a signature, so the long-lived secret is presented once, for a session. Nothing about a
session is stored: its id says whose it is and until when, and its signing key is an HMAC of that id. So any process can
verify a request, and what ends a session is read from the device's row by every request, after it began.

A signed request proves itself in this order: form, signature, expiry, time, body, then device and nonce in one step.
Until the signature proved right there is one answer to everything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from bot.services.clients import ACTIVE
from bot.services.errors import RequestRefused
from bot.services.hashing import fingerprint
from bot.services.keys import SESSION
from storage.gate import TooManyNonces

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.clock import Clock
    from bot.services.devices import DeviceService
    from bot.services.keys import Keyring
    from bot.services.sightings import Sightings
    from storage.gate import DeviceState, Gate

LAYOUT = struct.Struct(">4s16sQQ12s")
"""Key id, device, generation of its secret, expiry in Unix milliseconds, random bytes."""
SPREAD = 0.1
"""Lives differ by up to a tenth, so that devices that started together do not log in together for ever."""
OLDEST, NEWEST = timedelta(seconds=30), timedelta(seconds=5)
OLDEST_SPAN, NEWEST_SPAN = (int(age.total_seconds() * 1000) for age in (OLDEST, NEWEST))
"""The same in milliseconds."""
FORMAT = re.compile(r"[A-Za-z0-9_-]{64}\n[0-9]{13}\n[A-Za-z0-9_-]{16,64}\n[0-9a-f]{64}\n[0-9a-f]{64}")
"""Session, timestamp, nonce, digest of the content and signature, a line each."""


class Refusal(StrEnum):
    """Why a signed request was refused. All but the first are told only when the signature proved right."""

    BAD_SIGNATURE = "bad_signature"
    SESSION_EXPIRED = "session_expired"
    SESSION_ENDED = "session_ended"
    TIMESTAMP_TOO_OLD = "timestamp_too_old"
    TIMESTAMP_TOO_NEW = "timestamp_too_new"
    BODY_MISMATCH = "body_mismatch"
    NONCE_USED = "nonce_used"
    TOO_MANY_REQUESTS = "too_many_requests"
    DEVICE_REVOKED = "device_revoked"
    CLIENT_SUSPENDED = "client_suspended"


@dataclass(frozen=True)
class OpenedSession:
    """A session as its device gets it; times in Unix milliseconds."""

    session: str
    signing_key: str = field(repr=False)
    expires_at: int
    server_time: int


class SignedRequest(NamedTuple):
    """What a signature covers, as received, and the signature. `body_digest` is None where no body came along."""

    method: str
    host: str
    target: str
    session: str
    timestamp: str
    nonce: str
    content_digest: str
    signature: str
    body_digest: str | None


class SessionService:
    """Opens sessions and verifies signed requests."""

    def __init__(
        self,
        devices: DeviceService,
        gate: Gate,
        sightings: Sightings,
        keyring: Keyring,
        clock: Clock,
        *,
        ttl: timedelta = timedelta(hours=12),
        forgotten_until: datetime | None = None,
    ) -> None:
        """`forgotten_until` is the latest time at which nonces were spent that the gate does not remember."""
        self._devices = devices
        self._gate = gate
        self._sightings = sightings
        self._clock = clock
        self._ttl = ttl
        self._keys = {hashlib.sha256(key).digest()[:4]: key for key in keyring.derive(SESSION)}
        self._not_before = 0 if forgotten_until is None else _milliseconds(forgotten_until + NEWEST)

    async def open(self, device_id: str, secret: str, *, address: str | None = None) -> OpenedSession:
        """Exchange a device's secret for a session. Raises what `DeviceService.authenticate_device` raises."""
        device = await self._devices.authenticate_device(device_id, secret, address=address)
        is_current = device.fingerprint == fingerprint(secret)
        generation = device.secret_generation if is_current else device.previous_generation or 0
        now = self._clock.now()
        life = self._ttl * (1 + SPREAD * (secrets.randbelow(2001) / 1000 - 1))
        key_id, key = next(iter(self._keys.items()))
        expires_at = _milliseconds(now + life)
        packed = LAYOUT.pack(key_id, device.id.bytes, generation, expires_at, secrets.token_bytes(12))
        session = base64.urlsafe_b64encode(packed).decode()
        return OpenedSession(session, _signing_key(key, session), expires_at, _milliseconds(now))

    async def verify(self, request: SignedRequest, *, address: str | None = None) -> DeviceState:
        """Return the device that signed the request. Raises `RequestRefused`, whose reason is a `Refusal`."""
        device_id, generation, expires_at = self._check_signature(request)
        now = self.now()
        timestamp = int(request.timestamp)
        self._check_time(timestamp, expires_at, now)
        if request.body_digest is not None and request.body_digest != request.content_digest:
            raise RequestRefused(Refusal.BODY_MISMATCH)
        try:
            entry = await self._gate.enter(device_id, request.nonce, timestamp + OLDEST_SPAN, now)
        except TooManyNonces:
            raise RequestRefused(Refusal.TOO_MANY_REQUESTS) from None
        state = self._check_state(entry[0] if entry is not None else None, generation)
        if entry is None or not entry[1]:
            raise RequestRefused(Refusal.NONCE_USED)
        self._sightings.note(device_id, now, address)
        return state

    def now(self) -> int:
        """Return the server's time in Unix milliseconds."""
        return int(self._clock.timestamp() * 1000)

    def _check_signature(self, request: SignedRequest) -> tuple[uuid.UUID, int, int]:
        forms = (request.session, request.timestamp, request.nonce, request.content_digest, request.signature)
        if not FORMAT.fullmatch("\n".join(forms)):
            raise RequestRefused(Refusal.BAD_SIGNATURE)
        key_id, device_id, generation, expires_at, _ = LAYOUT.unpack(base64.urlsafe_b64decode(request.session))
        # an unknown key costs the same as a known one
        key = self._keys.get(key_id)
        expected = sign(_signing_key(key or bytes(32), request.session), request)
        if not hmac.compare_digest(expected, request.signature) or key is None:
            raise RequestRefused(Refusal.BAD_SIGNATURE)
        return uuid.UUID(bytes=device_id), generation, expires_at

    def _check_time(self, timestamp: int, expires_at: int, now: int) -> None:
        if now >= expires_at:
            raise RequestRefused(Refusal.SESSION_EXPIRED)
        if timestamp < now - OLDEST_SPAN or timestamp <= self._not_before:
            raise RequestRefused(Refusal.TIMESTAMP_TOO_OLD)
        if timestamp > now + NEWEST_SPAN:
            raise RequestRefused(Refusal.TIMESTAMP_TOO_NEW)

    def _check_state(self, state: DeviceState | None, generation: int) -> DeviceState:
        if state is None:
            raise RequestRefused(Refusal.SESSION_ENDED)
        if state.is_revoked:
            raise RequestRefused(Refusal.DEVICE_REVOKED)
        if state.client_status != ACTIVE:
            raise RequestRefused(Refusal.CLIENT_SUSPENDED)
        if generation != state.generation and not (
            generation == state.previous_generation
            and state.previous_valid_until is not None
            and self._clock.now() < state.previous_valid_until
        ):
            raise RequestRefused(Refusal.SESSION_ENDED)
        return state


def sign(signing_key: str, request: SignedRequest) -> str:
    """Return the signature of a request as lower-case hex: HMAC-SHA256 (RFC 2104) under the key's ASCII characters."""
    covered = "\n".join(
        (
            "v1",
            request.method,
            request.host.encode("latin-1").lower().decode("latin-1"),
            request.target,
            request.timestamp,
            request.nonce,
            request.content_digest,
        )
    )
    return hmac.digest(signing_key.encode(), covered.encode("latin-1"), "sha256").hex()


def _signing_key(key: bytes, session: str) -> str:
    return hmac.digest(key, session.encode(), "sha256").hex()


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
