"""Secrets are issued in every way there is, everything goes wrong, and then every byte that is left is searched.

The bot runs with all loggers at DEBUG, those of others too, and at its commits it writes down, as often as a tenth of
the time allows, how each of its objects would describe itself. Looked for is either half of every secret, token and
key: as it is, in hexadecimal, in base64 however it lies across the groups of three bytes, percent-encoded, and in
UTF-16.
"""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import aiohttp
import httpx
from sqlalchemy import text

from bot.services.hashing import create_secret
from storage.models import HandoutState
from tests.journeys.people import SECRET
from tests.journeys.running import SERVER_KEY
from tests.reliability import probe
from tests.reliability.crash import prepare
from tests.reliability.flows import FLOWS, see_any
from tests.reliability.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.journeys.people import Trader
    from tests.reliability.lives import Nursery
    from tests.reliability.stage import Stage

API_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")
LEAST = 8
"""Characters of a half that are few enough to be sure of, and too many to be there by chance."""
SPOILT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("bad_json", {"applied": True}),
    ("bad_gateway", {"applied": True}),
    ("server_error", {"applied": True}),
    ("drop_after", {}),
    ("drop_before", {}),
    ("flood", {"retry_after": 1}),
    ("forbidden", {}),
    ("refuse", {"description": "Bad Request: message to edit not found"}),
    ("refuse", {"description": "Bad Request: can't parse entities"}),
    ("not_found", {}),
    ("unauthorized", {}),
)


@dataclass
class Finding:
    """What was looked for, where, and what was found."""

    canaries: int = 0
    files: int = 0
    size: int = 0
    hits: list[str] = field(default_factory=list)


def spellings(canary: str) -> Iterator[bytes]:
    """Return how either half of a canary might be written."""
    middle = len(canary) // 2
    for half in (canary[:middle], canary[middle:]):
        raw = half.encode()
        yield from {raw, half.encode("utf-16-le"), half.encode("utf-16-be")}
        yield from {raw.hex().encode(), raw.hex().upper().encode()}
        percent = "".join(f"%{byte:02X}" for byte in raw)
        yield from {percent.encode(), percent.lower().encode(), quote_some(half)}
        for shift in range(3):
            # the first and the last characters depend on what stands beside it
            encoded = base64.b64encode(b"\0" * shift + raw)
            inner = encoded[(0, 2, 3)[shift] : len(encoded.rstrip(b"=")) - 1]
            yield from {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}


def quote_some(half: str) -> bytes:
    """Return the half with what is no letter or digit percent-encoded."""
    return re.sub(r"[^0-9A-Za-z]", lambda found: f"%{ord(found[0]):02X}", half).encode()


def search(canaries: Iterable[str], contents: dict[str, bytes]) -> list[str]:
    """Return where something was found, without repeating it."""
    hits = []
    for number, canary in enumerate(sorted(canaries)):
        for spelling in set(spellings(canary)):
            hits += [
                f"{name}: canary {number} ({canary[:4]}…) as {_kind(spelling, canary)}: {_context(held, spelling)}"
                for name, held in contents.items()
                if spelling in held
            ]
    return hits


def _kind(spelling: bytes, canary: str) -> str:
    return "itself" if spelling.decode("latin-1") in unquote(canary) else "encoded"


def _context(held: bytes, spelling: bytes) -> str:
    at = held.index(spelling)
    return repr(held[max(0, at - 100) : at])


async def run_canaries(kind: str, *, nursery: Nursery | None = None) -> Finding:
    """Live through everything on a kind of database, and search what is left."""
    async with open_stage(kind, {probe.LOUD: "1", "LOG_LEVEL": "DEBUG"}, nursery=nursery) as stage:
        described = stage.folder / "described"
        stage.bot._environment |= {probe.DESCRIBE: str(described), "TMPDIR": str(stage.folder / "tmp")}
        await asyncio.to_thread((stage.folder / "tmp").mkdir)
        await stage.bot.kill()
        await stage.revive()
        canaries = await live_through_everything(stage)
        # as a crash leaves it, with the log of what was written last, and then as an orderly stop does
        await stage.bot.kill()
        left = await _read_all(stage)
        await stage.revive()
        await stage.bot.stop()
        left |= {f"{name} after the stop": held for name, held in (await _read_all(stage)).items()}
        canaries |= {call_secret for call in stage.sandbox.calls for call_secret in _secrets_of(call.parameters)}
    assert any(b"UPDATE handouts" in held for held in left.values()), "the loggers were not at DEBUG"
    return Finding(len(canaries), len(left), sum(map(len, left.values())), search(canaries, left))


def _secrets_of(parameters: Any) -> set[str]:
    told = str(parameters)
    return {*SECRET.findall(told), *API_TOKEN.findall(told)}


async def live_through_everything(stage: Stage) -> set[str]:
    """Play every flow, order every fault, misuse every door; return what must be nowhere, but for what Telegram saw."""
    for flow in FLOWS:
        scene = await prepare(stage, flow)
        await flow.act(scene)
        await flow.settle(scene)
        await flow.go_on(scene)
    canaries = {stage.sandbox.token, SERVER_KEY}
    for fault, options in SPOILT:
        await _show_in_vain(stage, fault, **options)
    canaries |= await _use_rest(stage)
    canaries |= await _paste(stage)
    await _misbehave(stage)
    return canaries | {
        str(call.parameters["secret_token"]) for call in stage.sandbox.calls if "secret_token" in call.parameters
    }


async def _show_in_vain(stage: Stage, fault: str, **options: Any) -> None:
    """Have the showing of a secret, its removal and its receipt meet a fault each."""
    anna = stage.newcomer()
    await anna.ask("/start", "Welcome")
    card = await anna.take_card("VPS-1")
    for method in ("editMessageText", "deleteMessage", "sendMessage", "answerCallbackQuery"):
        stage.sandbox.add_fault(method, fault, chat=None if method == "answerCallbackQuery" else anna.id, **options)
    stage.sandbox.tap(anna.id, "Show secret", message_id=card.message_id)
    await stage.until(anna, lambda handout: handout.state not in {HandoutState.OFFERED, HandoutState.ARMED})
    stage.sandbox.remove_faults()


async def _use_rest(stage: Stage) -> set[str]:
    """Take a token, and create, rotate, mistype and misuse with it."""
    anna = stage.newcomer()
    card = await anna.ask("/token", "Show secret")
    await anna.tap("Show secret", card)
    shown = await see_any(anna, "Your API token")
    (token,) = API_TOKEN.findall(str(shown.buttons)) or API_TOKEN.findall(shown.text)
    await anna.tap("I saved it", shown)
    headers = {"Authorization": f"Bearer {token}"}
    wrong = create_secret().reveal()
    found = {token, wrong}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{stage.port}", headers=headers, trust_env=False, timeout=60
    ) as http:
        made = (await http.post("/api/v1/devices", json={"device_name": "by REST"})).json()
        turned = (await http.post(f"/api/v1/devices/{made['id']}/rotate", json={"overlap_seconds": 60})).json()
        found |= {made["secret"], turned["secret"]}
        for secret in (wrong, turned["secret"], turned["secret"][:-1], made["secret"] + "x"):
            login = {"device_id": made["id"], "secret": secret}
            opened = await http.post("/api/v1/sessions", json=login)
            if opened.is_success:
                found |= {opened.json()["signing_key"], opened.json()["session"]}
        misuses: list[tuple[str, str, dict[str, Any]]] = [
            ("POST", "/api/v1/devices", {"json": {"device_name": turned["secret"]}}),
            ("POST", "/api/v1/devices", {"json": {"device_name": "x", turned["secret"]: 1}}),
            ("POST", "/api/v1/sessions", {"content": f'{{"secret": "{turned["secret"]}"'}),
            ("POST", "/api/v1/sessions", {"json": {"device_id": turned["secret"], "secret": 7}}),
            ("GET", f"/api/v1/devices/{turned['secret']}", {}),
            ("GET", f"/api/v1/devices?after={turned['secret']}", {}),
            ("POST", f"/api/v1/devices/{made['id']}/revoke", {"json": {"reason": turned["secret"]}}),
            ("GET", "/api/v1/me", {"headers": {"X-Device-Session": turned["secret"], "X-Signature": token}}),
            ("GET", "/api/v1/devices", {"headers": {"Authorization": f"Bearer {token[:-2]}"}}),
            ("GET", f"/{turned['secret']}", {"headers": {"User-Agent": turned["secret"]}}),
            ("POST", "/telegram/webhook", {"content": token, "headers": {"X-Telegram-Bot-Api-Secret-Token": wrong}}),
        ]
        for method, path, options in misuses:
            await http.request(method, path, **options)
    return found


async def _paste(stage: Stage) -> set[str]:
    """Have people write secrets where they must not: in texts, replies, captions, names and reasons."""
    anna, secret = stage.newcomer(), create_secret().reveal()
    opened = await anna.open_secret("VPS-1")
    anna.say("what is this?", reply_to=opened.card.message_id)
    stage.sandbox.pin(anna.id, opened.card.message_id)
    for words in (secret, f"/register {secret}", f"my {secret}!", f"/revoke {opened.id} {opened.secret}", f"/{secret}"):
        anna.say(words)
    anna.say(f"caption {secret}", kind="photo")
    stage.olga.say(f"/revoke {opened.id} it is {opened.secret}")
    await anna.fence()
    await stage.olga.fence()
    return {secret, opened.secret}


async def _misbehave(stage: Stage) -> None:
    """Let the bot be killed while it shows a secret, hang, be refused its token, and be answered nonsense."""
    anna = stage.newcomer()
    await _die_while_showing(stage, anna)
    for method, fault in (("getUpdates", "unauthorized"), ("getUpdates", "not_found"), ("*", "bad_gateway")):
        stage.sandbox.add_fault(method, fault)
        await anna.ask("/id", "Your Telegram ID")
    stage.sandbox.remove_faults()
    stage.sandbox.inject("message", {"nonsense": create_secret().reveal()})
    stage.sandbox.inject("callback_query", {"id": "1", "data": create_secret().reveal()})
    async with aiohttp.ClientSession() as session:
        # a second program polls with the same token
        address = f"{stage.sandbox.url}/bot{stage.sandbox.token}/getUpdates"
        async with session.post(address, json={"timeout": 1}) as answer:
            await answer.read()
    await anna.fence()


async def _die_while_showing(stage: Stage, anna: Trader) -> None:
    card = await anna.take_card("VPS-1")
    stage.sandbox.add_fault("editMessageText", "apply_and_hang", chat=anna.id)
    stage.sandbox.tap(anna.id, "Show secret", message_id=card.message_id)
    await anna.sees("The secret of")
    await stage.bot.kill()
    stage.sandbox.remove_faults()
    await stage.revive()
    await see_any(anna, "I was restarted while showing you")


async def _read_all(stage: Stage) -> dict[str, bytes]:
    """Return every file that the bot, or its database, may have written."""
    folders = [stage.folder]
    if stage.database.path is None:
        async with stage.database.engine.connect() as connection:
            await connection.execute(text("CHECKPOINT"))
            folders.append(Path(str(await connection.scalar(text("SHOW data_directory")))))
    paths = await asyncio.to_thread(_list_files, folders)
    return {name: await _read(path) for name, path in paths.items()}


def _list_files(folders: list[Path]) -> dict[str, Path]:
    return {str(path.relative_to(folder)): path for folder in folders for path in folder.rglob("*") if path.is_file()}


async def _read(path: Path) -> bytes:
    """Read a file in a process of its own: to close one of SQLite's here would end the locks that it has on them."""
    reading = await asyncio.create_subprocess_exec("cat", str(path), stdout=asyncio.subprocess.PIPE)
    held, _ = await reading.communicate()
    return held
