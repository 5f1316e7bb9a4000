"""A million inputs for everything that reads what a stranger may send, made by atheris, which follows their branches.

    python -m tests.reliability.fuzz PARSER INPUTS SEED FOLDER

feeds one of `parsers`, beginning with what is in the folder, and ends with code 0 if it stood that. Atheris is in the
extra `fuzz`; without it there is only what Hypothesis makes up, in the tests.
"""

from __future__ import annotations

import asyncio
import base64
import importlib.util
import re
import sys
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

from tests.journeys.running import ROOT

LONGEST = 512
"""Bytes of an input."""
DONE = re.compile(rb"Done (\d+) runs")
WORDS = {
    "buttons": "what a button says",
    "deep_links": "links that open a chat",
    "names": "names of devices",
    "secrets": "secrets, and lines of a log",
    "updates": "bodies of the webhook",
    "messages": "fields of updates",
    "cursors": "places in a list, by REST",
    "tokens": "API tokens",
    "signed_requests": "headers of signed requests, direct and behind a proxy",
    "addresses": "X-Forwarded-For",
    "wire": "HTTP itself: the bytes of a connection",
}


SEEDS: dict[str, tuple[bytes, ...]] = {
    "buttons": (
        b"m::",
        f"d:{uuid.UUID(int=7).hex}:".encode(),
        f"l:{uuid.UUID(int=7).hex}:an1a2b3c".encode(),
        b"co::ll",
    ),
    "deep_links": (b"inv_" + b"a" * 32, b"@bot inv_" + b"-" * 32),
    "names": (b"VPS-1", "Ünïcode 🚀".encode(), b"\xe2\x80\xae"),
    "secrets": (b"dsk1_" + b"0" * 59, b"7000000001:AA" + b"x" * 33),
    "updates": (b'{"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}',),
    "messages": (b'1\n2\n{"id": 1, "type": "private"}\n{"id": 1}\n"/start"\n"x"\n[{"offset": 0}]\n"m::"',),
    "cursors": (base64.urlsafe_b64encode(bytes(24)),),
    "tokens": (b"eyJhbGciOiJIUzI1NiJ9.e30.x",),
    "signed_requests": (
        b"devices.test\nGET\nx\n/me\n"
        + b"A" * 64
        + b"\n1795448587000\n"
        + b"n" * 16
        + b"\n"
        + b"0" * 64
        + b"\n"
        + b"0" * 64,
    ),
    "addresses": (b"1.2.3.4, ::1", b"::ffff:127.0.0.1"),
    "wire": (
        b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
}
"""What each begins with: the program itself must not be loaded yet, or its branches could not be followed."""


@dataclass(frozen=True)
class Fed:
    """How many inputs a parser was given, and what broke it."""

    parser: str
    inputs: int
    fault: str | None


def is_there() -> bool:
    """Tell whether atheris is installed."""
    return importlib.util.find_spec("atheris") is not None


async def feed_all(inputs: int, seed: int) -> list[Fed]:
    """Give all parsers so many inputs together, two parsers at a time."""
    each, places = -(-inputs // len(WORDS)), asyncio.Semaphore(2)

    async def one(parser: str) -> Fed:
        async with places:
            return await _feed(parser, each, seed)

    return await asyncio.gather(*map(one, WORDS))


async def _feed(parser: str, inputs: int, seed: int) -> Fed:
    with tempfile.TemporaryDirectory() as folder:
        for number, begin in enumerate(SEEDS[parser]):
            await asyncio.to_thread(Path(folder, str(number)).write_bytes, begin)
        command = (sys.executable, "-m", "tests.reliability.fuzz", parser, str(inputs), str(seed), folder)
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        told, _ = await process.communicate()
    done = DONE.search(told)
    fault = None if process.returncode == 0 and done else told.decode(errors="replace")[-4000:]
    return Fed(parser, int(done[1]) if done else 0, fault)


def main() -> None:
    """Feed one parser, in this process, until it breaks or has had enough; does not return."""
    import atheris  # noqa: PLC0415 - it need not be installed

    parser, inputs, seed, folder = sys.argv[1:]
    with atheris.instrument_imports(include=["bot", "storage"]):
        from tests.reliability import parsers  # noqa: PLC0415 - it has to be loaded in here
    [feed] = [one for one in parsers.PARSERS if one.__name__ == parser]
    options = [f"-runs={inputs}", f"-seed={seed}", f"-max_len={LONGEST}", f"-artifact_prefix={folder}/"]
    atheris.Setup([sys.argv[0], *options, folder], feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
