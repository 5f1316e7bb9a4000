"""Sign requests as a registered device. One file, standard library only, Python 3.8 or later: copy it and import it.

    client = DeviceClient("https://devices.example.com", "4f9c0b6e-…", secret_file="device.secret")
    answer = client.request("POST", "/api/v1/orders", '{"volume":0.10}')

The device's secret travels once, over TLS, to open a session; from then on every request carries an HMAC-SHA256
(RFC 2104) under the session's key. The client opens and renews sessions by itself, keeps the difference between its
clock and the server's, and never sleeps: where it must wait, it raises an error that says how long and stays quiet
until then. It follows no redirect, uses no proxy and opens one connection a request. It may be shared by threads.

From a shell: `python device_auth.py selftest`, and
`python device_auth.py me --device-id 4f9c0b6e-… --secret-file device.secret https://devices.example.com`.

    DeviceAuthError                what all have: status, code, retry_in
    ├── InvalidSetting             the client cannot work with what it was given; also a ValueError
    │   ├── InvalidSecret          no secret by its form or checksum; found without asking the server
    │   └── InsecureAddress        plain http to another machine, or TLS that checks no certificate
    ├── Unreachable                no answer; a request may have been carried out all the same
    ├── UnexpectedAnswer           not what the contract says
    │   └── Redirected             somewhere else; not followed
    ├── TryLater                   429 or 503: not before retry_in
    ├── Refused                    401: see code; sent again at most once
    │   ├── InvalidCredentials     wrong device id or secret
    │   ├── DeviceRevoked          for good
    │   └── ClientSuspended        until an admin resumes
    └── SelfTestFailed             this Python computes something else than the vectors
"""

from __future__ import annotations

import argparse
import copy
import email.utils
import hashlib
import hmac
import http.client
import ipaddress
import json
import os
import re
import secrets
import ssl
import stat
import sys
import threading
import time
import urllib.parse
import warnings
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKSUM_DIGITS = 6
SECRET_FORMAT = re.compile(r"dsk1_[0-9A-Za-z]{59}", re.ASCII)
SIGNED_HEADERS = ("X-Device-Session", "X-Timestamp", "X-Nonce", "X-Content-SHA256", "X-Signature")

RENEW_BEFORE_MS = 5 * 60 * 1000
"""A session is renewed this long before it ends, or a tenth of its life before, whichever is less."""
LONGEST_WAIT = 3600.0
"""Seconds a server can make this client wait: a mistyped Retry-After must not silence a device for good."""
CLOCK_TOLERANCE_MS = 2000
MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_PROBLEM_BYTES = 64 * 1024
MAX_SECRET_FILE_BYTES = 4096
MAX_PAUSED_REQUESTS = 1000

SESSION_OVER = frozenset({"session_expired", "session_ended", "bad_signature"})
CLOCK_WRONG = frozenset({"timestamp_too_old", "timestamp_too_new"})
HARMLESS_TWICE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, section 9.2.2
REDIRECTS = frozenset({301, 302, 303, 307, 308})
DEFAULT_PORTS = {"http": 80, "https": 443}

_METHOD = re.compile(r"[A-Z]{1,20}")
_TARGET = re.compile(r"/[!\"$-~]*")  # visible ASCII but '#', which never travels
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")
_DEVICE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SESSION = re.compile(r"[!-~]{1,1024}")
_SIGNING_KEY = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[a-z_]{1,40}")  # too short and too narrow to bring a secret back in an error
_MILLISECONDS = re.compile(r"[0-9]{13}")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

Body = Union[bytes, str, None]  # noqa: UP007 - Python 3.8 has no other way to say it at run time


class DeviceAuthError(Exception):
    """Whatever goes wrong. No text of it ever holds a secret, a key, or a body that was sent or received."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.status: int | None = None
        self.code: str | None = None
        self.retry_in: float | None = None  # seconds, when it is known

    def __str__(self) -> str:
        parts = [str(self.args[0])]
        if self.code:
            parts.append(f"(code {self.code})")
        if self.retry_in is not None:
            parts.append(f"Nothing is sent for {self.retry_in:.0f} s.")
        return " ".join(parts)


class InvalidSetting(DeviceAuthError, ValueError):
    """What the client was given cannot work; the text says what to change."""


class InvalidSecret(InvalidSetting):
    """No secret by its form or checksum: cut off, mistyped, or another file."""


class InsecureAddress(InvalidSetting):
    """The secret would travel readable for others."""


class Unreachable(DeviceAuthError):
    """No answer came. The server may have carried the request out, so it is not sent again by itself."""


class UnexpectedAnswer(DeviceAuthError):
    """The server's answer is not what the contract says."""


class Redirected(UnexpectedAnswer):
    """The server points elsewhere. Neither the secret nor a signature follows."""


class TryLater(DeviceAuthError):
    """The server is busy or was asked too often; the same request is not sent again before `retry_in`."""


class Refused(DeviceAuthError):
    """The server refuses; `code` tells why."""


class InvalidCredentials(Refused):
    """Wrong device id or secret."""


class DeviceRevoked(Refused):
    """The device was revoked, which is for good: register a new one."""


class ClientSuspended(Refused):
    """The owner is suspended."""


class SelfTestFailed(DeviceAuthError):
    """This Python computes something else than the vectors say."""


class ExposedSecretFile(UserWarning):
    """Others on this machine can read the file with the secret."""


_REFUSALS: dict[str, tuple[type[Refused], str]] = {
    "invalid_credentials": (InvalidCredentials, "The server knows no such device with this secret."),
    "device_revoked": (DeviceRevoked, "The device was revoked. Register a new one."),
    "client_suspended": (ClientSuspended, "The owner of the device is suspended. Ask an admin."),
}


# --- What is computed: pure functions, checked by the vectors ---------------------------------------------------------


def checksum(text: str) -> str:
    """Return the CRC-32 (zlib's) of an ASCII text as 6 base-62 digits, most significant first."""
    number = zlib.crc32(text.encode("ascii"))
    digits = ""
    for _ in range(CHECKSUM_DIGITS):
        number, digit = divmod(number, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(text: str) -> bool:
    """Tell whether the text is a secret in form, checksum included. Says nothing about whether it is valid."""
    if not SECRET_FORMAT.fullmatch(text):
        return False
    return text[-CHECKSUM_DIGITS:] == checksum(text[:-CHECKSUM_DIGITS])


def fingerprint(secret: str) -> str:
    """Return the 8 hex digits the bot shows too: two secrets can be compared without showing them."""
    return hashlib.sha256(("fingerprint:" + secret).encode("ascii")).hexdigest()[:8]


def content_sha256(body: Body) -> str:
    """Return the lower-case hex SHA-256 of a body; without one, of nothing. A text is taken as UTF-8."""
    return hashlib.sha256(_as_bytes(body)).hexdigest()


def string_to_sign(method: str, host: str, target: str, *, timestamp: int, nonce: str, digest: str) -> str:
    """Return what is signed: host (with the port) and target as sent, Unix ms, nonce, hex digest of the body."""
    return "\n".join(("v1", method, host.lower(), target, str(timestamp), nonce, digest))


def sign(signing_key: str, text: str) -> str:
    """Return the lower-case hex HMAC-SHA256 (RFC 2104) under the ASCII bytes of the key."""
    return hmac.new(signing_key.encode("ascii"), text.encode("ascii"), hashlib.sha256).hexdigest()


def clock_offset(server_time: int, received_at: int) -> int:
    """Return the ms to add to the local clock.

    The answer counts as if it had come in no time: the estimate is then late by the way back, never early, and the
    server takes timestamps 30 s old but only 5 s ahead.
    """
    return server_time - received_at


# --- What is sent and what comes back ---------------------------------------------------------------------------------


class Response:
    """An answer: `status`, `headers` (names in any case), `body` in bytes."""

    def __init__(self, status: int, headers: http.client.HTTPMessage, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        """Return the body read as JSON. ValueError when it is none."""
        return json.loads(self.body.decode("utf-8"))

    @property
    def code(self) -> str | None:
        """The `code` of a problem (RFC 9457), None without one."""
        code = self._fields().get("code")
        return code if isinstance(code, str) and _CODE.fullmatch(code) else None

    @property
    def server_time(self) -> int | None:
        """The server's time in Unix ms: of `X-Server-Time`, else of the body's `server_time`, else None."""
        header = self.headers.get("X-Server-Time", "").strip()
        if _MILLISECONDS.fullmatch(header):
            return int(header)
        return _milliseconds(self._fields().get("server_time"))

    def __repr__(self) -> str:
        return f"<Response {self.status}, {len(self.body)} bytes>"

    def _fields(self) -> dict[str, Any]:
        """Return the JSON object in the body, or an empty one."""
        if len(self.body) > MAX_PROBLEM_BYTES:
            return {}
        try:
            fields = self.json()
        except (ValueError, RecursionError):
            return {}
        return fields if isinstance(fields, dict) else {}


class _Secret:
    """A text that no repr, log or traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "****"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied")


class _Session(NamedTuple):
    """A session in force. Times are the server's, in Unix ms."""

    session: str
    signing_key: _Secret
    renew_at: int
    expires_at: int
    secret_digest: bytes  # of the secret that opened it


class _Origin(NamedTuple):
    """Where requests go: an address without a path."""

    scheme: str
    host: str
    port: int
    authority: str  # the Host header, which is what is signed

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


class _Call(NamedTuple):
    """A request of the caller, checked."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]

    @property
    def key(self) -> tuple[str, str]:
        """What counts as the same request when the server said to wait."""
        return self.method, self.target.partition("?")[0]


class _Pause:
    """A wait that doubles from one failure to the next, in seconds of a monotonic clock."""

    def __init__(self, monotonic: Callable[[], float], first: float, longest: float) -> None:
        self._monotonic = monotonic
        self._first = first
        self._longest = longest
        self.reset()

    def reset(self) -> None:
        self._next = self._first
        self._until = 0.0

    def grow(self, at_least: float = 0.0) -> float:
        """Begin the next pause and return its length."""
        length = min(max(self._next, at_least), LONGEST_WAIT)
        self._next = min(self._next * 2, self._longest)
        self._until = self._monotonic() + length
        return length

    def left(self) -> float:
        """Return how much is left of it, zero or less when it is over."""
        return self._until - self._monotonic()


class _Hold(NamedTuple):
    """Why no session is asked for at the moment. A refusal concerns one secret: another one may be tried at once."""

    pause: _Pause
    error: DeviceAuthError
    secret_digest: bytes | None


class DeviceClient:
    """Sends signed requests as one device.

    `base_url` is the registry, where sessions are opened; `service_url` is where requests go when that is another
    host, which never gets the secret. The secret comes from `secret_file`, read anew for each session, so that a new
    one is taken up without a restart, or is given as `secret`. `timeout` is the seconds each wait on the network may
    take. `allow_http` lets the secret travel unencrypted to another machine. `tls` brings certificates of your own.
    `clock` (Unix seconds) and `monotonic` are for tests.

    Raises InvalidSetting or a child of it.
    """

    def __init__(
        self,
        base_url: str,
        device_id: str,
        *,
        secret: str | None = None,
        secret_file: str | os.PathLike[str] | None = None,
        service_url: str | None = None,
        timeout: float = 10.0,
        allow_http: bool = False,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        given = None if secret is None else _Secret(secret.strip())
        del secret  # a traceback that shows local variables shall not show this one
        if (given is None) == (secret_file is None):
            raise InvalidSetting("Give either the secret or the file it is in.")
        self.device_id = device_id.strip().lower()
        if not _DEVICE_ID.fullmatch(self.device_id):
            raise InvalidSetting("The device id is not a UUID. The bot shows it on the device's card.")
        self._registry = _parse_origin(base_url, allow_http=allow_http)
        self._service = _parse_origin(service_url, allow_http=allow_http) if service_url else self._registry
        self._tls = _check_tls(tls)
        self._timeout = timeout
        self._clock = clock
        self._monotonic = monotonic
        self._secret_file = None if secret_file is None else Path(secret_file)
        self._secret = None if given is None else _check_secret(given, "what was given")
        self._was_warned = False

        self._lock = threading.Lock()  # over the fields below; never held while waiting for the network
        self._session: _Session | None = None
        self._offset_ms = 0
        self._busy: dict[tuple[str, str], float] = {}

        self._opening = threading.Lock()  # held by the one thread that opens a session; over what is below
        self._outages = _Pause(monotonic, 1.0, 60.0)
        self._refusals = _Pause(monotonic, 5.0, LONGEST_WAIT)
        self._vain_renewals = _Pause(monotonic, 5.0, LONGEST_WAIT)
        self._hold: _Hold | None = None

        self._read_secret()  # a wrong file is told now, not at the first trade

    def __repr__(self) -> str:
        return f"DeviceClient({str(self._registry)!r}, {self.device_id!r}, secret=****)"

    @property
    def clock_offset_ms(self) -> int:
        """How many ms the server's clock is ahead of the local one; 0 before the first session."""
        with self._lock:
            return self._offset_ms

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the secret, for comparing with the bot's. InvalidSecret, InvalidSetting: the file's."""
        return fingerprint(self._read_secret().reveal())

    def request(self, method: str, path: str, body: Body = None, headers: Mapping[str, str] | None = None) -> Response:
        """Send a signed request and return the answer, whatever its status, but for those below.

        `path` is the raw request target: percent-encoded as needed, sent and signed as it is. A text body is sent as
        UTF-8. What the server refuses is sent again once, where that can help and cannot do anything twice.

        Raises ValueError for what cannot be sent, Refused (401), TryLater (429, 503), Redirected, UnexpectedAnswer,
        Unreachable, and InvalidSetting when the secret's file is gone bad.
        """
        call = _check_call(method, path, body, headers)
        self._wait_out(call)
        session = self._current_session()
        answer = self._send_signed(call, session)
        if answer.status == http.client.UNAUTHORIZED:
            if answer.code is None and answer.server_time is None:
                return answer  # the service's own: it is not about the signature
            session = self._mend(call, session, answer)
            answer = self._send_signed(call, session)
            if answer.status == http.client.UNAUTHORIZED:
                self._give_up(answer, session)
        self._vain_renewals.reset()
        return self._accept(call, answer)

    def signed_headers(self, method: str, path: str, body: Body = None) -> dict[str, str]:
        """Return the headers of one signed request, for an HTTP library of your own; good once and for seconds.

        They include `Host`, which must be sent as it is. Raises what `request` raises for a session.
        """
        call = _check_call(method, path, body, None)
        return self._sign(call, self._current_session())

    # --- sessions ---

    def _current_session(self) -> _Session:
        """Return a session that is in force, opening one when it must."""
        with self._lock:
            session, now = self._session, self._now_ms()
        if session is not None and now < session.renew_at:
            return session
        if session is not None and now < session.expires_at:
            return self._renew_early(session)
        return self._renew(session)

    def _renew_early(self, session: _Session) -> _Session:
        """Return a new session; while there is trouble, or another thread is at it, the old one will do."""
        if not self._opening.acquire(blocking=False):
            return session
        try:
            return self._open()
        except (TryLater, Unreachable, UnexpectedAnswer, InvalidSetting):
            return session
        finally:
            self._opening.release()

    def _renew(self, stale: _Session | None) -> _Session:
        """Return a session that is not the stale one: another thread's, or a new one."""
        with self._opening:
            with self._lock:
                session = self._session
            if session is not None and session is not stale:
                return session
            return self._open()

    def _open(self) -> _Session:
        """Open a session and keep it. Needs `_opening`. Waits out what went wrong before."""
        secret = self._read_secret()
        digest = hashlib.sha256(secret.reveal().encode("ascii")).digest()
        self._respect_hold(digest)
        try:
            session = self._ask_for_session(secret, digest)
        except Refused as error:
            self._stop(error, digest)
            raise
        except (TryLater, Unreachable, UnexpectedAnswer) as error:
            error.retry_in = self._outages.grow(error.retry_in or 0.0)
            self._hold = _Hold(self._outages, copy.copy(error), None)
            raise
        self._hold = None
        self._outages.reset()
        self._refusals.reset()
        return session

    def _respect_hold(self, digest: bytes) -> None:
        """Raise the last error again while its pause lasts. A server that said no is not asked in a loop."""
        hold = self._hold
        if hold is None:
            return
        if hold.secret_digest not in (None, digest):
            self._hold = None
            self._refusals.reset()
            return
        left = hold.pause.left()
        if left > 0:
            error = copy.copy(hold.error)
            error.retry_in = left
            raise error

    def _stop(self, error: Refused, digest: bytes) -> None:
        """Remember that this secret was refused, for a pause that grows each time."""
        error.retry_in = self._refusals.grow()
        self._hold = _Hold(self._refusals, copy.copy(error), digest)
        with self._lock:
            self._session = None

    def _ask_for_session(self, secret: _Secret, digest: bytes) -> _Session:
        answer = self._send(
            self._registry,
            "POST",
            "/api/v1/sessions",
            {"Host": self._registry.authority, "Content-Type": "application/json", "Accept": "application/json"},
            # json.dumps would leave the secret in a frame that a traceback shows; both texts need no escapes
            lambda: f'{{"device_id":"{self.device_id}","secret":"{secret.reveal()}"}}'.encode("ascii"),
        )
        if answer.status == http.client.CREATED:
            return self._keep_session(answer, digest)
        code = answer.code
        if answer.status in (http.client.UNAUTHORIZED, http.client.FORBIDDEN) and code in _REFUSALS:
            raise _refusal(answer.status, code)
        _raise_redirect(answer)
        self._raise_try_later(answer)
        raise _tell(UnexpectedAnswer(f"No session: the server answered {answer.status}."), answer)

    def _keep_session(self, answer: Response, digest: bytes) -> _Session:
        fields = answer._fields()
        expires_at, server_time = _milliseconds(fields.get("expires_at")), _milliseconds(fields.get("server_time"))
        name, key = fields.get("session"), fields.get("signing_key")
        if not (
            expires_at is not None
            and server_time is not None
            and expires_at > server_time
            and isinstance(name, str)
            and _SESSION.fullmatch(name)
            and isinstance(key, str)
            and _SIGNING_KEY.fullmatch(key)
        ):
            raise _tell(UnexpectedAnswer("The server's session is not of the form agreed on."), answer)
        renew_at = expires_at - min(RENEW_BEFORE_MS, (expires_at - server_time) // 10)
        session = _Session(name, _Secret(key), renew_at, expires_at, digest)
        with self._lock:
            self._offset_ms = clock_offset(server_time, self._local_ms())
            self._session = session
        return session

    # --- signed requests ---

    def _sign(self, call: _Call, session: _Session) -> dict[str, str]:
        with self._lock:
            timestamp = self._now_ms()
        nonce = secrets.token_urlsafe(24)
        digest = content_sha256(call.body)
        host = self._service.authority
        text = string_to_sign(call.method, host, call.target, timestamp=timestamp, nonce=nonce, digest=digest)
        signature = sign(session.signing_key.reveal(), text)
        values = (session.session, str(timestamp), nonce, digest, signature)
        return {"Host": host, **dict(zip(SIGNED_HEADERS, values))}  # noqa: B905 - Python 3.8 knows no strict

    def _send_signed(self, call: _Call, session: _Session) -> Response:
        headers = {**call.headers, **self._sign(call, session)}
        return self._send(self._service, call.method, call.target, headers, lambda: call.body)

    def _mend(self, call: _Call, session: _Session, answer: Response) -> _Session:
        """Mend what a 401 complains about and return the session to try once more with, or raise Refused."""
        code = answer.code
        if code in _REFUSALS or code == "body_mismatch":
            self._give_up(answer, session)
        if code in CLOCK_WRONG and self._set_clock(answer):
            return session
        if code in SESSION_OVER:
            return self._renew_refused(session, answer)
        if code is None:
            # a proxy kept the body for itself: the clock, if it is off, else the session
            is_clock = self._drift_ms(answer) > CLOCK_TOLERANCE_MS and self._set_clock(answer)
            session = session if is_clock else self._renew_refused(session, answer)
        # A used nonce means that a copy arrived before, though its answer was lost on the way, and it may have been
        # carried out. So it is not repeated where twice is worse than not at all: an order stays one order.
        if code not in ("nonce_used", None) or call.method not in HARMLESS_TWICE:
            self._give_up(answer, session)
        return session

    def _renew_refused(self, session: _Session, answer: Response) -> _Session:
        """Replace a session the server refused; not in a loop when a new one was refused just before."""
        if self._vain_renewals.left() > 0:
            self._give_up(answer, session)
        return self._renew(session)

    def _give_up(self, answer: Response, session: _Session) -> NoReturn:
        """Raise for a 401, and remember what would be in vain."""
        code = answer.code
        if code in _REFUSALS:
            error = _refusal(answer.status, code)
            with self._opening:
                self._stop(error, session.secret_digest)
            raise error
        if (code in SESSION_OVER or code is None) and self._vain_renewals.left() <= 0:
            self._vain_renewals.grow()
        raise _tell(Refused("The server refused the request."), answer)

    def _accept(self, call: _Call, answer: Response) -> Response:
        _raise_redirect(answer)
        if answer.status in (http.client.TOO_MANY_REQUESTS, http.client.SERVICE_UNAVAILABLE):
            until = self._monotonic() + self._retry_after(answer, default=1.0)
            with self._lock:
                self._forget_past_pauses()
                self._busy[call.key] = until
        self._raise_try_later(answer, default=1.0)
        return answer

    def _wait_out(self, call: _Call) -> None:
        """Raise TryLater while the server's Retry-After for this very request lasts; others are not held up."""
        with self._lock:
            left = self._busy.get(call.key, 0.0) - self._monotonic()
        if left > 0:
            error = TryLater("The server asked to wait before this request is sent again.")
            error.retry_in = left
            raise error

    def _forget_past_pauses(self) -> None:
        now = self._monotonic()
        self._busy = {key: until for key, until in self._busy.items() if until > now}
        if len(self._busy) >= MAX_PAUSED_REQUESTS:
            self._busy.clear()

    # --- waiting and time ---

    def _raise_try_later(self, answer: Response, default: float | None = None) -> None:
        if answer.status in (http.client.TOO_MANY_REQUESTS, http.client.SERVICE_UNAVAILABLE):
            error = _tell(TryLater("The server is busy or was asked too often."), answer)
            error.retry_in = self._retry_after(answer, default or 0.0)
            raise error

    def _retry_after(self, answer: Response, default: float) -> float:
        """Return the seconds of Retry-After (RFC 9110, section 10.2.3), at least the default, at most an hour."""
        text = answer.headers.get("Retry-After", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", text):
            seconds = float(text)
        else:
            try:
                with self._lock:
                    seconds = email.utils.parsedate_to_datetime(text).timestamp() - self._now_ms() / 1000
            except (TypeError, ValueError, OverflowError):
                seconds = default
        return min(max(seconds, default), LONGEST_WAIT)

    def _local_ms(self) -> int:
        return int(self._clock() * 1000)

    def _now_ms(self) -> int:
        """Return the server's time as far as it is known. Needs `_lock`."""
        return self._local_ms() + self._offset_ms

    def _drift_ms(self, answer: Response) -> int:
        with self._lock:
            return abs((answer.server_time or 0) - self._now_ms())

    def _set_clock(self, answer: Response) -> bool:
        """Take over the server's time. False when the answer tells none."""
        server_time = answer.server_time
        if server_time is None:
            return False
        with self._lock:
            self._offset_ms = clock_offset(server_time, self._local_ms())
        return True

    # --- the secret and the network ---

    def _read_secret(self) -> _Secret:
        if self._secret is not None:
            return self._secret
        assert self._secret_file is not None  # noqa: S101 - __init__ saw to it
        secret, is_exposed = _read_secret_file(self._secret_file)
        if is_exposed and not self._was_warned:
            self._was_warned = True
            warnings.warn(
                f"{self._secret_file}: others on this machine can read the secret. Run: chmod 600 {self._secret_file}",
                ExposedSecretFile,
                stacklevel=3,
            )
        return _check_secret(secret, str(self._secret_file))

    def _send(
        self, origin: _Origin, method: str, target: str, headers: Mapping[str, str], body: Callable[[], bytes]
    ) -> Response:
        """Send one request and return the answer. Raises Unreachable, UnexpectedAnswer.

        Both are raised after the except block: an error that still hung on http.client's would keep the frames in
        which the body, and so the secret, can be read.
        """
        connection = self._connect(origin)
        try:
            connection.request(method, target, body=body() or None, headers={**headers, "Connection": "close"})
            reply = connection.getresponse()
            content = reply.read(MAX_ANSWER_BYTES + 1)
            if len(content) <= MAX_ANSWER_BYTES:
                return Response(reply.status, reply.headers, content)
            failure: DeviceAuthError = UnexpectedAnswer("The server's answer is too long.")
        except (OSError, http.client.HTTPException) as error:
            failure = Unreachable(f"No answer from {origin}: {_describe(error)}.")
        finally:
            connection.close()
        raise failure

    def _connect(self, origin: _Origin) -> http.client.HTTPConnection:
        if origin.scheme == "https":
            return http.client.HTTPSConnection(origin.host, origin.port, timeout=self._timeout, context=self._tls)
        return http.client.HTTPConnection(origin.host, origin.port, timeout=self._timeout)


# --- Checks of what is given ------------------------------------------------------------------------------------------


def _parse_origin(url: str, *, allow_http: bool) -> _Origin:
    """Return the address in a URL. InvalidSetting unless it is scheme and host, with or without a port."""
    try:
        parts = urllib.parse.urlsplit(url.strip())
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    except ValueError:
        raise InvalidSetting("This is not a URL.") from None
    if scheme not in DEFAULT_PORTS:
        raise InvalidSetting("The URL must begin with https://.")
    if "@" in parts.netloc or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise InvalidSetting("The URL must be an address only, like https://devices.example.com.")
    address = _parse_address(host)
    if address is None and not _HOST_NAME.fullmatch(host):
        raise InvalidSetting("The URL has no host, or one outside ASCII: write it in its xn-- form.")
    is_loopback = host == "localhost" if address is None else address.is_loopback
    if scheme == "http" and not is_loopback and not allow_http:
        raise InsecureAddress("Over http:// everybody on the way can read the secret. Use https://.")
    is_ipv6 = address is not None and address.version == 6  # noqa: PLR2004 - that is its name
    authority = f"[{host}]" if is_ipv6 else host
    if port not in (None, DEFAULT_PORTS[scheme]):
        authority = f"{authority}:{port}"
    return _Origin(scheme, host, port or DEFAULT_PORTS[scheme], authority)


def _parse_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _check_tls(context: ssl.SSLContext | None) -> ssl.SSLContext:
    if context is None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    if context.verify_mode != ssl.CERT_REQUIRED or not context.check_hostname:
        raise InsecureAddress("TLS that checks neither certificate nor name shows the secret to anybody on the way.")
    return context


def _check_secret(secret: _Secret, source: str) -> _Secret:
    """Return the secret. InvalidSecret, in words that do not quote it, from a frame that does not hold it."""
    fault = _find_fault(secret.reveal())
    if fault:
        raise InvalidSecret(f"There is no secret in {source}: {fault}.")
    return secret


def _find_fault(text: str) -> str | None:
    if text.startswith("\0"):
        return "it is in UTF-16; save it as plain text (ANSI or UTF-8)"
    if not text:
        return "it is empty"
    if not SECRET_FORMAT.fullmatch(text):
        return f"it holds {len(text)} characters, not 64 that begin with dsk1_"
    return None if is_well_formed(text) else "the checksum is wrong, so a character was mistyped or lost"


def _read_secret_file(path: Path) -> tuple[_Secret, bool]:
    """Return the secret in a file, unchecked, and whether others can read it. InvalidSetting when it cannot be read."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            secret = _Secret(_decode(file.read(MAX_SECRET_FILE_BYTES)))
    except OSError as error:
        raise InvalidSetting(f"{path} cannot be read: {_describe(error)}.") from None
    return secret, os.name == "posix" and bool(mode & (stat.S_IRGRP | stat.S_IROTH))


def _decode(content: bytes) -> str:
    """Return the text in a file, with a NUL in front when it is in UTF-16, as Notepad's "Unicode" is."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "\0"
    return content.decode("utf-8-sig", errors="replace").strip()  # Notepad puts a mark before UTF-8, too


def _check_call(method: str, path: str, body: Body, headers: Mapping[str, str] | None) -> _Call:
    """Return the request. ValueError for what could not be sent as it is signed."""
    method = method.upper()
    if not _METHOD.fullmatch(method):
        raise ValueError("The method must be a word like GET or POST.")
    if not _TARGET.fullmatch(path):
        raise ValueError("The path must begin with / and be percent-encoded: no spaces, no '#', nothing beyond ASCII.")
    own = {name.lower() for name in SIGNED_HEADERS} | {"host", "connection", "content-length", "transfer-encoding"}
    checked = dict(headers or {})
    for name, value in checked.items():
        if not _HEADER_NAME.fullmatch(name) or "\r" in value or "\n" in value:
            raise ValueError("There is a header that is none.")
        if name.lower() in own:
            raise ValueError(f"The header {name} is the client's to set.")
    return _Call(method, path, _as_bytes(body), checked)


def _as_bytes(body: Body) -> bytes:
    if body is None:
        return b""
    return body.encode("utf-8") if isinstance(body, str) else bytes(body)


def _milliseconds(value: object) -> int | None:
    """Return a time in Unix ms, None unless it is an integer of 13 digits."""
    return value if type(value) is int and _MILLISECONDS.fullmatch(str(value)) else None


def _describe(error: Exception) -> str:
    """Tell what failed, not in the error's own words: http.client quotes what the server sent, maybe an echo."""
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__} ({reason})" if reason else type(error).__name__


def _refusal(status: int, code: str | None) -> Refused:
    kind, message = _REFUSALS[code or ""]
    error = kind(message)
    error.status, error.code = status, code
    return error


def _raise_redirect(answer: Response) -> None:
    if answer.status in REDIRECTS:
        # only the host of where it points: the rest is the server's text
        there = urllib.parse.urlsplit(answer.headers.get("Location", "")).netloc[:100] or "another path"
        raise _tell(Redirected(f"The server points to {there}. Use the final address."), answer)


def _tell(error: Any, answer: Response) -> Any:
    """Note status and code of the answer on the error."""
    error.status, error.code = answer.status, answer.code
    return error


# --- Self-test and command line ---------------------------------------------------------------------------------------

_RFC_4231 = (
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
)
_EXAMPLE_SECRET = "dsk1_" + ALPHABET[:53] + "0AHRzP"
_EXAMPLE = {
    "signing_key": "50312c44299e689617ec4df660ad7a760a5bbfa7e510634cad5820f64a59ecee",
    "method": "POST",
    "host": "devices.example.com",
    "target": "/api/v1/orders?symbol=EURUSD&side=buy",
    "timestamp": 1795448587000,
    "nonce": "Zm9yLW9uZS11c2Utb25seQ",
    "body": '{"volume":0.10}',
    "signature": "babfa437217e1b015f5b5406340787b74377cbd2602de8823c49a3531059645d",
}


def self_test() -> int:
    """Compute the vectors and return how many there were; a `vectors.json` beside this file is taken along.

    Raises SelfTestFailed, naming the one that does not hold. Source: RFC 4231, and the registry's own vectors.
    """
    checks = [
        ("RFC 4231", hmac.new(key, data, hashlib.sha256).hexdigest(), expected) for key, data, expected in _RFC_4231
    ]
    checks.append(("checksum", str(is_well_formed(_EXAMPLE_SECRET)), "True"))
    checks.append(("fingerprint", fingerprint(_EXAMPLE_SECRET), "0a8ca5ce"))
    checks.append(("signature", _signature_of(_EXAMPLE), str(_EXAMPLE["signature"])))
    beside = Path(__file__).with_name("vectors.json")
    if beside.is_file():
        checks += _checks_of(json.loads(beside.read_text(encoding="utf-8")))
    for name, found, expected in checks:
        if found != expected:
            raise SelfTestFailed(f"The vector «{name}» does not hold: this Python cannot be used.")
    return len(checks)


def _checks_of(vectors: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, what is found and what is expected for each vector of the file."""
    found = [
        (
            "RFC 4231, case {}".format(one["case"]),
            hmac.new(bytes.fromhex(one["key"]), bytes.fromhex(one["data"]), hashlib.sha256).hexdigest(),
            one["hmac_sha256"],
        )
        for one in vectors["hmac_sha256"]
    ]
    for one in vectors["secrets"]["valid"]:
        found.append(("valid secret", str(is_well_formed(one["secret"])), "True"))
        found.append(("fingerprint", fingerprint(one["secret"]), one["fingerprint"]))
    found += [(one["why"], str(is_well_formed(one["text"])), "False") for one in vectors["secrets"]["invalid"]]
    found += [(one["name"], _signature_of(one), one["signature"]) for one in vectors["signing"]]
    found += [
        (one["name"], str(one["later"] + clock_offset(one["server_time"], one["received_at"])), str(one["timestamp"]))
        for one in vectors["clock"]
    ]
    return found


def _signature_of(vector: Mapping[str, Any]) -> str:
    text = string_to_sign(
        vector["method"],
        vector["host"],
        vector["target"],
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        digest=content_sha256(vector["body"]),
    )
    return sign(vector["signing_key"], text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 fine, 1 failed, 2 wrong usage."""
    parser = argparse.ArgumentParser(description="Sign in to the device registry as a device.")
    parser.add_argument("command", choices=("me", "selftest"), help="ask who this device is, or compute the vectors")
    parser.add_argument("url", nargs="?", metavar="URL", help="the registry, like https://devices.example.com")
    parser.add_argument("--device-id", help="as the bot shows it")
    parser.add_argument("--secret-file", help="a file with the secret in it; a command line is no place for one")
    parser.add_argument("--allow-http", action="store_true", help="let the secret travel unencrypted")
    options = parser.parse_intermixed_args(arguments)  # the URL may follow the options
    if options.command == "me" and not (options.url and options.device_id and options.secret_file):
        parser.error("me needs --device-id, --secret-file and URL")
    try:
        if options.command == "selftest":
            _say(f"{self_test()} vectors hold")
            return 0
        client = DeviceClient(
            options.url, options.device_id, secret_file=options.secret_file, allow_http=options.allow_http
        )
        answer = client.request("GET", "/api/v1/me")
    except DeviceAuthError as error:
        _say(f"{type(error).__name__}: {error}", sys.stderr)
        return 1
    _say(answer.body.decode("utf-8", errors="replace"))
    return 0 if answer.status == http.client.OK else 1


def _say(text: str, stream: Any = None) -> None:
    print(text, file=stream or sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
