"""Makes `bot/connectors/vectors.json` from nothing but the contract, hashlib, hmac and zlib.

It shares no line with the connectors, so that it does not repeat their mistakes. `python -m tests.connectors.generator`
prints the file; a test compares the two.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import string
import sys
import zlib
from typing import Any

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODY = "dsk1_" + DIGITS[:53]
NOW = 1795448587000


def generate() -> dict[str, Any]:
    """Return the content of the file."""
    return {
        "about": [
            "Test vectors for clients of the device registry. Whoever writes one checks it with these first.",
            "hmac_sha256: RFC 4231, section 4, without case 5 (truncated); key and data in hex.",
            "string_to_sign: 'v1', method, host in lower case with the port as sent, raw request target, timestamp,",
            "nonce and content_sha256, joined by single line feeds, none at the end. timestamp is in Unix ms.",
            "signature: HMAC-SHA256 of string_to_sign under the ASCII bytes of signing_key, in lower-case hex. The key",
            "is its 64 hex characters, not the 32 bytes they could stand for.",
            "body is the text that is sent as UTF-8; nothing is added to it, no terminating NUL either.",
            "clock: offset = server_time - the local clock on receipt; timestamp = the local clock later + offset.",
        ],
        "hmac_sha256": [rfc4231(*case) for case in RFC_4231],
        "secrets": {
            "alphabet": DIGITS,
            "valid": [secret(body) for body in ("dsk1_" + "0" * 53, BODY, "dsk1_" + "z" * 53)],
            "invalid": [{"text": text, "why": why} for text, why in malformed()],
        },
        "signing": [signing(**{**PLAIN, **changes}) for changes in SIGNED],
        "clock": [clock(*example) for example in CLOCKS],
    }


# The RFC's own words and results: what hmac computes is compared with them.
RFC_4231 = (
    (1, b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        2,
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (3, b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (4, bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        6,
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        7,
        b"\xaa" * 131,
        (
            b"This is a test using a larger than block-size key and a larger than block-size data. "
            b"The key needs to be hashed before being used by the HMAC algorithm."
        ),
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)

PLAIN = {
    "name": "one complete example: an order",
    "signing_key": hashlib.sha256(b"the signing key of the vectors").hexdigest(),
    "method": "POST",
    "host": "devices.example.com",
    "target": "/api/v1/orders?symbol=EURUSD&side=buy",
    "timestamp": NOW,
    "nonce": "Zm9yLW9uZS11c2Utb25seQ",
    "body": '{"volume":0.10}',
}
EMPTY: dict[str, Any] = {"method": "GET", "body": ""}
SIGNED: tuple[dict[str, Any], ...] = (
    {},
    {**EMPTY, "name": "no body: the hash of nothing", "target": "/api/v1/me"},
    {**EMPTY, "name": "port as sent", "host": "devices.example.com:8443", "target": "/api/v1/me"},
    {**EMPTY, "name": "host in capitals is signed in lower case", "host": "Devices.EXAMPLE.com:8080", "target": "/"},
    {**EMPTY, "name": "address with port", "host": "127.0.0.1:8080", "target": "/api/v1/me"},
    {**EMPTY, "name": "IPv6 address", "host": "[::1]:8080", "target": "/api/v1/me"},
    {
        **EMPTY,
        "name": "target is signed as sent: nothing decoded, sorted or merged",
        "target": "/a%2Fb//c/%e2%82%ac?z=1&a=%20+%2B&a=2&empty=&flag",
    },
    {**EMPTY, "name": "target that ends in a question mark", "target": "/api/v1/me?"},
    {"name": "body in UTF-8", "body": '{"comment":"Zażółć € 😀"}', "target": "/api/v1/orders"},
    {"name": "body with line feeds and a quote", "body": 'a\r\n"b"\n\n', "method": "PUT"},
    {**EMPTY, "name": "shortest nonce", "nonce": "0123456789abcdef", "method": "DELETE"},
    {**EMPTY, "name": "longest nonce", "nonce": "-_" * 32},
    {"name": "another key, another time", "signing_key": "0" * 64, "timestamp": 9999999999999},
)
CLOCKS = (
    ("right to the millisecond", NOW, NOW, NOW + 1),
    ("an hour fast", NOW, NOW + 3_600_000, NOW + 3_600_250),
    ("an hour slow", NOW, NOW - 3_600_000, NOW - 3_540_000),
    ("never set since 2000", NOW, 946_684_800_000, 946_684_860_123),
)


def rfc4231(number: int, key: bytes, data: bytes, expected: str) -> dict[str, Any]:
    """Return one test case of the RFC, checked."""
    found = hmac.new(key, data, hashlib.sha256).hexdigest()
    if found != expected:
        raise ValueError(f"case {number} of RFC 4231 does not hold")
    return {"case": number, "key": key.hex(), "data": data.hex(), "hmac_sha256": expected}


def secret(body: str) -> dict[str, str]:
    """Return a whole secret and its fingerprint."""
    number = zlib.crc32(body.encode("ascii"))
    whole = body + "".join(DIGITS[number // 62**place % 62] for place in range(5, -1, -1))
    return {"secret": whole, "fingerprint": hashlib.sha256(f"fingerprint:{whole}".encode()).hexdigest()[:8]}


def malformed() -> tuple[tuple[str, str], ...]:
    """Return texts that are no secrets, each with why."""
    good = secret(BODY)["secret"]
    return (
        ("", "nothing"),
        (good[:-1], "the last character is missing"),
        (good + "0", "one character too many"),
        (good[:10] + good[11] + good[10] + good[12:], "two characters changed places"),
        (good[:-1] + ("0" if good[-1] != "0" else "1"), "wrong checksum"),
        (good.lower(), "capitals were lost"),
        ("DSK1_" + good[5:], "prefix in capitals"),
        ("dsk2_" + good[5:], "another prefix"),
        (good[:20] + "-" + good[21:], "a character that is not in the alphabet"),
        (good[:20] + "é" + good[21:], "a letter outside ASCII"),
        (good[:32] + " " + good[32:], "a space in it"),
        (" " + good, "a space before it"),
        (good + "\n", "a line feed after it"),
    )


def signing(
    name: str, signing_key: str, method: str, host: str, target: str, timestamp: int, nonce: str, body: str
) -> dict[str, Any]:
    """Return a request with what is signed and the signature."""
    digest = hashlib.sha256(body.encode()).hexdigest()
    text = f"v1\n{method}\n{host.lower()}\n{target}\n{timestamp}\n{nonce}\n{digest}"
    return {
        "name": name,
        "signing_key": signing_key,
        "method": method,
        "host": host,
        "target": target,
        "timestamp": timestamp,
        "nonce": nonce,
        "body": body,
        "content_sha256": digest,
        "string_to_sign": text,
        "signature": hmac.new(signing_key.encode("ascii"), text.encode("ascii"), hashlib.sha256).hexdigest(),
    }


def clock(name: str, server_time: int, received_at: int, later: int) -> dict[str, Any]:
    """Return what a device makes of the server's time (all in ms): its offset, and a timestamp some time later."""
    offset = server_time - received_at
    return {
        "name": name,
        "server_time": server_time,
        "received_at": received_at,
        "offset": offset,
        "later": later,
        "timestamp": later + offset,
    }


def render() -> str:
    """Return the file as text."""
    return json.dumps(generate(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
