"""Everything that reads what a stranger may send, each as a function of bytes: it fails if the reader breaks.

A reader may refuse what it is given in the one way that it has for that; anything else that it raises is a fault.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, cast

from bot.chat.buttons import MAX_BYTES, decode, decode_place, encode, encode_place
from bot.chat.places import decode_act, decode_audit, decode_clients, decode_devices
from bot.chat.reduction import INVITE, reduce_update
from bot.logs import mask
from bot.services.access import AccessService
from bot.services.clock import Clock
from bot.services.errors import InvalidDeviceName, InvalidToken, RequestRefused
from bot.services.hashing import contains_secret, is_well_formed
from bot.services.invites import FORMAT as INVITE_FORMAT
from bot.services.keys import Keyring
from bot.services.names import MAX_LENGTH, normalise_name
from bot.services.sessions import SessionService
from bot.web.addresses import Addresses
from bot.web.authentication import EMPTY_DIGEST, PROXIES, SIGNED_HEADERS, _read_direct, _read_forwarded
from bot.web.bounds import RAW_TARGET
from bot.web.devices import _read_cursor
from bot.web.problems import Problem
from bot.web.server import create_server
from bot.web.webhook import _parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

KEYRING = Keyring([b"k" * 32])
SEPARATOR = b"\n"
ANSWER = re.compile(rb"HTTP/1\.1 [24]\d\d ")


def read_text(data: bytes) -> str:
    """Return bytes as a text that may hold anything, lone surrogates too."""
    return data.decode("utf-8", "surrogatepass" if b"\xed" in data else "replace") if _is_text(data) else repr(data)


def _is_text(data: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        data.decode("utf-8", "surrogatepass")
        return True
    return False


def buttons(data: bytes) -> None:
    """Read what a button says; what is one of ours says the same again."""
    text = read_text(data)
    tap = decode(text)
    if tap is None:
        return
    assert encode(tap.verb, tap.id, tap.extra) == text
    assert len(text.encode()) <= MAX_BYTES
    place = decode_place(tap)
    if place is not None:
        assert decode_place(cast("Any", decode(encode_place(place, tap.verb)))) == place
    for read in (decode_clients, decode_devices, decode_audit, decode_act):
        read(tap)


def deep_links(data: bytes) -> None:
    """Read the text that a link makes an app send: what an invite carries is kept as its hash only."""
    text = f"/start {read_text(data)}"
    said = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "from": {"id": 1}, "text": text}
    received = reduce_update({"update_id": 1, "message": said}, 7)
    assert received is not None
    kept = received.body["message"]
    assert not INVITE_FORMAT.search(json.dumps(kept))
    if INVITE in kept:
        carried = text.split()[1]
        assert kept[INVITE] == hashlib.sha256(carried.encode()).hexdigest()


def names(data: bytes) -> None:
    """Read a name: what is accepted is visible, bounded, no secret, and stays as it is."""
    try:
        name = normalise_name(read_text(data))
    except InvalidDeviceName:
        return
    assert 1 <= len(name) <= MAX_LENGTH
    assert normalise_name(name) == name
    assert not contains_secret(name)
    assert name.isprintable() or not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]", name)
    name.encode()


def secrets(data: bytes) -> None:
    """Read a secret, and mask a line that may hold one."""
    text = read_text(data)
    if is_well_formed(text):
        assert contains_secret(text)
    assert not contains_secret(mask(text))


def updates(data: bytes) -> None:
    """Read the body of a webhook's call, and keep of it what handlers need."""
    try:
        update = _parse(data)
    except Problem:
        return
    received = reduce_update(update, 7)
    if received is not None:
        json.dumps(received.body)


def messages(data: bytes) -> None:
    """Read a message whose fields are anything that JSON has."""
    fields: list[Any] = []
    for part in data.split(SEPARATOR)[:8]:
        with contextlib.suppress(ValueError, RecursionError):
            fields.append(json.loads(part))
    odd = dict(zip(("message_id", "date", "chat", "from", "text", "caption", "entities", "data"), fields, strict=False))
    for kind in ("message", "callback_query", "my_chat_member"):
        received = reduce_update({"update_id": 1, kind: odd}, 7)
        if received is not None:
            json.dumps(received.body)


def cursors(data: bytes) -> None:
    """Read where a list goes on."""
    with contextlib.suppress(Problem):
        _read_cursor(read_text(data))


def tokens(data: bytes) -> None:
    """Read an API token: nobody can make one up."""
    access = AccessService(cast("Any", None), KEYRING, Clock())
    for token in (read_text(data), f"eyJ{base64.urlsafe_b64encode(data).decode()}.{read_text(data)}"):
        with contextlib.suppress(InvalidToken):
            access._read(token)
            raise AssertionError("a token that nobody issued")


def signed_requests(data: bytes) -> None:
    """Read the headers of a signed request, direct or behind a proxy: nobody can sign one without a key."""
    values = data.split(SEPARATOR)
    sessions = SessionService(cast("Any", None), cast("Any", None), cast("Any", None), KEYRING, Clock())
    original = PROXIES["nginx"]
    named = (b"host", original.method, original.host, original.target, *SIGNED_HEADERS)
    scope = _scope(list(zip(named, values, strict=False)))
    for read in (
        functools.partial(_read_direct, body_digest=EMPTY_DIGEST),
        functools.partial(_read_forwarded, original=original),
    ):
        with contextlib.suppress(RequestRefused):
            sessions._check_signature(read(scope))
            raise AssertionError("a signature that nobody made")


def addresses(data: bytes) -> None:
    """Read who is calling behind proxies."""
    scope = _scope([(b"x-forwarded-for", value) for value in data.split(SEPARATOR)])
    assert isinstance(Addresses(["127.0.0.1", "::1"]).find_client(scope), str)


def _scope(headers: list[tuple[bytes, bytes]]) -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "state": {RAW_TARGET: b"/api/v1/me"},
    }


class Wire(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self._is_closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return the addresses at both ends."""
        return {"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 8080)}.get(name, default)

    def write(self, data: Any) -> None:
        """Keep it."""
        assert not self._is_closing
        self.written += bytes(data)

    def write_eof(self) -> None:
        """End one half."""

    def is_closing(self) -> bool:
        """Tell whether it has ended."""
        return self._is_closing

    def close(self) -> None:
        """End."""
        self._is_closing = True

    abort = close

    def pause_reading(self) -> None:
        """Go on: nothing is read here."""

    resume_reading = pause_reading


async def _hear_all(scope: Scope, receive: Receive, send: Send) -> None:
    """Be an application that reads a request to its end."""
    del scope
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@functools.cache
def _server() -> tuple[asyncio.AbstractEventLoop, Any, Any]:
    loop, server = asyncio.new_event_loop(), create_server(_hear_all)
    server.config.load()
    return loop, server.config, server.server_state


def wire(data: bytes) -> None:
    """Read the bytes of a connection: what is answered is an answer."""
    loop, config, state = _server()

    async def feed() -> bytes:
        protocol, transport = config.http_protocol_class(config, state, {}), Wire()
        protocol.connection_made(transport)
        half = len(data) // 2
        for piece in (data[:half], data[half:]):
            if piece and not transport.is_closing():
                protocol.data_received(piece)
        for _ in range(4):
            await asyncio.sleep(0)
        protocol.connection_lost(None)
        await asyncio.gather(*state.tasks, return_exceptions=True)
        return transport.written

    told = loop.run_until_complete(feed())
    assert not told or ANSWER.match(told), told


PARSERS: tuple[Callable[[bytes], None], ...] = (
    buttons,
    deep_links,
    names,
    secrets,
    updates,
    messages,
    cursors,
    tokens,
    signed_requests,
    addresses,
    wire,
)
