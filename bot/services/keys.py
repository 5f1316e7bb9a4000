"""The keys of this installation: all derived from SERVER_KEY, one per purpose, none in the database.

`SERVER_KEY` may list several keys: the first makes, all verify. That is how one is retired without locking anybody out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_BYTES = 32
LOGIN = "login/1"
"""Purpose of the key that tags device secrets."""
SESSION = "session/1"
"""Purpose of the key from which the signing keys of device sessions are made."""
WEBHOOK = "webhook/1"
"""Purpose of the token by which Telegram's webhook calls are known."""
JWT = "jwt/1"
"""Purpose of the key that signs API tokens."""


class Keyring:
    """The server's keys, newest first. Its representation shows none of them."""

    def __init__(self, server_keys: Sequence[bytes]) -> None:
        if not server_keys:
            raise ValueError("a keyring needs a key")
        self._server_keys = tuple(server_keys)

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """Return the 32-byte keys for a purpose, the one that makes first (HKDF-SHA256, RFC 5869, no salt)."""
        return tuple(
            HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
            for key in self._server_keys
        )
