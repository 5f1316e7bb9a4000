"""API tokens: who calls the REST API, and for which client.

A token is a JWT (RFC 7519) of 15 minutes, handed out in chat like a secret, good only once it was shown there. Every
use reads what may have ended it: the client's status and generation, and whether its holder still is one of its people.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import jwt

from bot.services.clients import ACTIVE
from bot.services.endings import end_visible_tokens
from bot.services.errors import ClientNotFound, ClientSuspended, InvalidToken
from bot.services.hashing import Secret
from bot.services.keys import JWT
from storage import audit, clients, handouts, inbox

if TYPE_CHECKING:
    from bot.services.clients import Person
    from bot.services.clock import Clock
    from bot.services.keys import Keyring
    from storage.database import Database
    from storage.models import Client

TOKEN_LIFE = timedelta(minutes=15)
ALGORITHM = "HS256"
CLAIMS = ["sub", "gen", "exp", "jti"]
FORMAT = re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{43}", re.ASCII)
"""Two JSON objects and an HMAC-SHA256 in base64url: any JWT that is signed as ours are."""


@dataclass(frozen=True)
class Caller:
    """Whom a token speaks for."""

    client_id: uuid.UUID
    telegram_id: int

    @property
    def actor(self) -> str:
        """Return how the audit names the caller: the person to whom the token was shown."""
        return f"chat:{self.telegram_id}"


class AccessService:
    """Issues and checks API tokens."""

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._keys = {_key_id(key): key for key in keyring.derive(JWT)}

    def issue(self, client: Client, handout_id: uuid.UUID) -> Secret:
        """Return a token for the client, as its row is now; it is good once its handout was shown."""
        key_id, key = next(iter(self._keys.items()))
        claims = {
            "sub": str(client.id),
            "gen": client.token_generation,
            "exp": int((self._clock.now() + TOKEN_LIFE).timestamp()),
            "jti": _pack(handout_id),
        }
        return Secret(jwt.encode(claims, key, ALGORITHM, headers={"kid": key_id, "typ": None}))

    async def check(self, token: str) -> Caller:
        """Return whom the token speaks for. Raises `InvalidToken`, and `ClientSuspended` for an otherwise good one."""
        claims = self._read(token)
        client_id, handout_id = uuid.UUID(claims["sub"]), _unpack(claims["jti"])
        async with self._database.read() as session:
            client = await clients.find_client(session, client_id)
            handout = await handouts.find(session, handout_id)
            holder = None if handout is None else await clients.find_chat_user(session, handout.chat_id)
        if client is None or client.token_generation != claims["gen"]:
            raise InvalidToken("the token was voided")
        if handout is None or handout.shown_at is None or handout.client_id != client_id:
            raise InvalidToken("the token was never shown")
        if holder is None or holder.client_id != client_id:
            raise InvalidToken("the token's holder has left the client")
        if holder.joined_at is not None and handout.shown_at < holder.joined_at:
            raise InvalidToken("the token's holder left the client and came back")
        if client.status != ACTIVE:
            raise ClientSuspended("the client is suspended")
        return Caller(client_id, holder.telegram_id)

    async def sign_out_everywhere(self, person: Person, *, source: str | None = None) -> datetime:
        """Void every token of the person's client, those on a screen too, and return since when.

        The same source voids once: what was issued since then stays good. Raises `ClientNotFound`.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            client = await clients.lock_client(session, person.client_id)
            if client is None:
                raise ClientNotFound("no client has this id")
            if source is not None and not await inbox.claim_effect(session, source, now):
                return await inbox.find_effect(session, source) or now
            client.token_generation += 1
            await end_visible_tokens(session, now, client.id)
            audit.append(session, at=now, actor=person.actor, action="tokens_voided", client_id=client.id)
        return now

    def _read(self, token: str) -> dict[str, Any]:
        try:
            key = self._keys[jwt.get_unverified_header(token)["kid"]]
            # the clock is ours, so that a sandbox's fast one counts: expiry is checked below
            options: Any = {"require": CLAIMS, "verify_exp": False}
            claims: dict[str, Any] = jwt.decode(token, key, [ALGORITHM], options=options)
            expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
            uuid.UUID(claims["sub"]), _unpack(claims["jti"])
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise InvalidToken("this is no token of ours") from None
        if self._clock.now() >= expires_at:
            raise InvalidToken("the token has expired")
        return claims


def contains_token(text: str) -> bool:
    """Tell whether a free text has something in it that looks like an API token, good or not.

    Apart from `hashing.contains_secret`, by which names and reasons are refused for ever: a token is twice as long as a
    name may be, and dead in a quarter of an hour. It must not be kept where texts are kept as they came.
    """
    return FORMAT.search(text) is not None


def _key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def _pack(value: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")


def _unpack(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))
