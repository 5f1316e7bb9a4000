"""A device as its author would write it: opens no session, but signs with one. It shares no code with the program."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass

EMPTY = hashlib.sha256(b"").hexdigest()


def milliseconds() -> int:
    """Return the time as signed requests tell it."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Signer:
    """What a device holds during a session: its id and the key that signs. `host` is as the Host header will say it."""

    session: str
    signing_key: str
    host: str

    def sign(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """Return the five headers of a signed request."""
        sent_at = str(milliseconds() if timestamp is None else timestamp)
        nonce = nonce or secrets.token_urlsafe(16)
        digest = hashlib.sha256(body).hexdigest() if body else EMPTY
        covered = "\n".join(("v1", method, self.host.lower(), target, sent_at, nonce, digest))
        return {
            "X-Device-Session": self.session,
            "X-Timestamp": sent_at,
            "X-Nonce": nonce,
            "X-Content-SHA256": digest,
            "X-Signature": hmac.digest(self.signing_key.encode(), covered.encode(), "sha256").hex(),
        }

    def request(self, method: str, target: str, *, timestamp: int | None = None) -> bytes:
        """Return a whole signed request without a body, ready for the wire."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self.host}", *_lines(self, method, target, timestamp)]
        return "\r\n".join([*lines, "", ""]).encode()


def _lines(signer: Signer, method: str, target: str, timestamp: int | None) -> list[str]:
    return [f"{name}: {value}" for name, value in signer.sign(method, target, timestamp=timestamp).items()]
