"""The secret of a device: its format, its tag and fingerprint, and argon2id off the event loop.

A secret is 64 ASCII characters: ``dsk1_``, 53 random base-62 digits (315 bits) and 6 digits of CRC-32 over what
precedes. A scanner recognises it, a typo is caught without a database, and nothing about it needs a slow hash to
resist guessing; argon2id is for the day the database is stolen together with the tag's key.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import math
import os
import re
import secrets
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from bot.services import metrics
from bot.services.errors import Overloaded
from bot.services.keys import LOGIN, Keyring

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PREFIX = "dsk1_"
RANDOM_DIGITS = 53
CHECKSUM_DIGITS = 6
LENGTH = len(PREFIX) + RANDOM_DIGITS + CHECKSUM_DIGITS
FORMAT = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{RANDOM_DIGITS + CHECKSUM_DIGITS}}}")
TAG_BYTES = 16
GENERATION_BITS = 63  # a signed 64-bit column holds it on both databases

LOGIN_THREADS = 2
CREATION_THREADS = 1
"""Telegram lets a bot show 15 new secrets a second, a third of what one thread hashes: the other cores stay free for
those who wait for no hash."""
QUEUE_LENGTH = 64
HASHING_NICENESS = 10
TYPICAL_HASH = 0.03
"""Seconds an argon2 takes, give or take: what a person who must wait is told rests on it."""

Result = TypeVar("Result")


class Secret:
    """A plaintext on its way to its only reader. Printing, logging or formatting it shows a mask."""

    __slots__ = ("_plaintext",)

    def __init__(self, plaintext: str) -> None:
        self._plaintext = plaintext

    def reveal(self) -> str:
        """Return the plaintext."""
        return self._plaintext

    def __repr__(self) -> str:
        """Mask the plaintext."""
        return "Secret(****)"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled or copied."""
        raise TypeError("a secret is not copied")


def create_secret() -> Secret:
    """Return a new secret from the operating system's random numbers."""
    body = PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_DIGITS))
    return Secret(body + checksum(body))


def checksum(body: str) -> str:
    """Return the CRC-32 (zlib's) of the first 58 characters as 6 base-62 digits, most significant first."""
    number = zlib.crc32(body.encode("ascii"))
    digits = ""
    for _ in range(CHECKSUM_DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str) -> bool:
    """Tell whether the text is a secret in form, checksum included."""
    if not FORMAT.fullmatch(text):
        return False
    return text[-CHECKSUM_DIGITS:] == checksum(text[:-CHECKSUM_DIGITS])


def contains_secret(text: str) -> bool:
    """Tell whether a free text has something in it that looks like a secret, right checksum or not."""
    return FORMAT.search(text) is not None


def find_secrets(text: str) -> list[str]:
    """Return what looks like a secret in a free text, right checksum or not, each once and in order."""
    return list(dict.fromkeys(FORMAT.findall(text)))


def fingerprint(secret: str) -> str:
    """Return the 8 lower-case hex digits by which people compare secrets without showing them."""
    return hashlib.sha256(f"fingerprint:{secret}".encode()).hexdigest()[:8]


def create_generation() -> int:
    """Return a random number for a device's secret: a restored backup revives no session of a later one."""
    return secrets.randbits(GENERATION_BITS)


class Tagger:
    """Keyed tags of secrets: a wrong secret is turned away for the price of an HMAC."""

    def __init__(self, keyring: Keyring) -> None:
        self._keys = keyring.derive(LOGIN)

    def tag(self, secret: str) -> bytes:
        """Return the 16-byte tag under the key in force."""
        return _tag(self._keys[0], secret)

    def tags(self, secret: str) -> list[bytes]:
        """Return the tags under every key that is still known: one of them is the one that is kept, if any is."""
        return [_tag(key, secret) for key in self._keys]

    def matches(self, secret: str, tag: bytes) -> bool:
        """Tell whether the tag is the secret's, under any key that is still known, in constant time."""
        found = False
        for key in self._keys:
            found |= hmac.compare_digest(_tag(key, secret), tag)
        return found


def _give_way() -> None:
    """Let the event loop's thread go first where there are fewer cores than work. Linux counts niceness by thread."""
    if sys.platform == "linux":
        # relative, because a process that was started nicer may not become less so; and no reason not to hash
        with contextlib.suppress(OSError):
            os.nice(HASHING_NICENESS)


def _tag(key: bytes, secret: str) -> bytes:
    return hmac.digest(key, secret.encode(), "sha256")[:TAG_BYTES]


class Lane:
    """Threads that hash for one purpose, and a bounded queue before them."""

    def __init__(self, threads: int) -> None:
        self.waiting = 0
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_give_way)

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns. Raises `Overloaded` at once when the queue is full."""
        if self.waiting >= self._threads + QUEUE_LENGTH:
            raise Overloaded(timedelta(seconds=math.ceil(self.waiting * TYPICAL_HASH / self._threads)))
        self.waiting += 1
        metrics.ARGON2_QUEUE.inc()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self.waiting -= 1
            metrics.ARGON2_QUEUE.dec()

    def close(self) -> None:
        """Let the threads end; what waits in the queue is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Hasher:
    """argon2id at OWASP's minimum (19 MiB, t=2, p=1): logins and new secrets keep each other waiting for no thread.

    https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
    """

    def __init__(self, *, time_cost: int = 2, memory_kib: int = 19 * 1024) -> None:
        self._argon2 = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self.logins = Lane(LOGIN_THREADS)
        self.creation = Lane(CREATION_THREADS)

    async def hash(self, secret: Secret) -> str:
        """Return the hash. Raises `Overloaded` at once when the queue is full."""
        return await self.creation.run(lambda: self._argon2.hash(secret.reveal()))

    async def verify(self, secret_hash: str, secret: Secret) -> bool:
        """Tell whether the hash is the secret's. Raises `Overloaded` at once when the queue is full."""
        return await self.logins.run(lambda: self._verify(secret_hash, secret))

    def is_outdated(self, secret_hash: str) -> bool:
        """Tell whether the hash was made with other parameters than those in force."""
        return self._argon2.check_needs_rehash(secret_hash)

    def close(self) -> None:
        """Let the threads end; what waits in the queues is dropped."""
        self.logins.close()
        self.creation.close()

    def _verify(self, secret_hash: str, secret: Secret) -> bool:
        try:
            return self._argon2.verify(secret_hash, secret.reveal())
        except VerificationError:
            return False
