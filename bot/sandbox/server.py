"""The Bot API over HTTP: `/bot<token>/<method>`, GET or POST, arguments in every way Telegram takes them.

Answers have Telegram's keys in Telegram's order, and error_code is also the HTTP status. Here the faults of `faults`
come true.
"""

import asyncio
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.sandbox.arguments import Arguments, File, from_json
from bot.sandbox.faults import Fault
from bot.sandbox.methods import Methods
from bot.sandbox.refusals import Refusal, bad_request, too_many_requests
from bot.sandbox.world import Call, World

_PATH = re.compile(r"/bot([^/]*)/(?:test/)?(.*)")
LONGEST_TOKEN = 80  # bytes
_INVALID_TOKEN = Refusal(401, "Unauthorized: invalid token specified")
_PAGES = {"bad_gateway": (502, "Bad Gateway"), "no_page": (404, "Not Found")}
_PAGE = (
    "<html>\r\n<head><title>{status} {phrase}</title></head>\r\n<body>\r\n"
    "<center><h1>{status} {phrase}</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)
_REFUSALS = {
    "server_error": Refusal(500, "Internal Server Error"),
    "not_found": Refusal(404, "Not Found"),
    "unauthorized": Refusal(401, "Unauthorized"),
    "forbidden": Refusal(403, "Forbidden: bot was blocked by the user"),
}


class BotApi:
    """Answers the bot. Every call with the right token is remembered in `world.calls`."""

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self.methods = Methods(world, self.call)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        found = _PATH.fullmatch(request.path)
        if found is None:
            return _refused(Refusal(404, "Not Found"))
        token, method = found.groups()
        try:
            self._check_token(token)
            arguments = await _read_arguments(request)
        except Refusal as refusal:
            return _refused(refusal)
        call = self._begin(method, arguments)
        text = arguments.text("text") or arguments.text("caption")
        fault = self._world.faults.take(method, call.chat_id, text)
        if fault is None:
            return await self._run(call, arguments)
        call.fault = fault.fault
        self._world.journal.record("faults")
        return await self._fail(request, call, arguments, fault)

    async def call(self, method: str, arguments: Arguments) -> None:
        """Carry out a call that came in the answer of a webhook; nobody learns what came of it."""
        await self._run(self._begin(method, arguments), arguments)

    def _check_token(self, token: str) -> None:
        """Refuse another token than the bot's, for the server's reasons in its order (ClientManager.cpp, send)."""
        if hmac.compare_digest(token.encode(), self._token.encode()):
            return
        if token.startswith("0") or len(token.encode()) > LONGEST_TOKEN or ":" not in token:
            raise _INVALID_TOKEN
        number = token.partition(":")[0]
        if not re.fullmatch(r"-?[0-9]{1,18}", number):
            raise Refusal(421, "Misdirected Request: unallowed token specified")
        raise Refusal(401, "Unauthorized") if 0 < int(number) < 2**54 else _INVALID_TOKEN

    def _begin(self, method: str, arguments: Arguments) -> Call:
        chat_id = arguments.integer("chat_id") if arguments.text("chat_id") else None
        number = len(self._world.calls) + 1
        call = Call(number, method, arguments.to_json(), chat_id, self._world.moment())
        self._world.calls.append(call)
        return call

    async def _run(self, call: Call, arguments: Arguments) -> web.Response:
        """Carry a call out and return the answer Telegram would give."""
        try:
            result, description = await self.methods.run(call.method, arguments)
        except Refusal as refusal:
            self._end(call, refusal.code, refusal.description)
            return _refused(refusal)
        call.applied = True
        self._end(call, 200, result)
        told = {"ok": True, "result": result}
        return _json(told if description is None else told | {"description": description})

    def _end(self, call: Call, status: int | None, answer: Any) -> None:
        """Note what the bot is told; None: nothing at all."""
        is_first = call.answered_at is None
        call.status, call.answer, call.answered_at = status, answer, self._world.moment()
        if is_first:
            self._world.finished.append(call)
        if call.is_idle:
            self._world.journal.ring()  # nothing happened: not worth an event
        else:
            self._world.journal.record("call", number=call.number, method=call.method, status=status)

    async def _fail(self, request: web.Request, call: Call, arguments: Arguments, fault: Fault) -> web.StreamResponse:
        if fault.fault == "slow_start":
            await asyncio.sleep(fault.seconds)
        usual = await self._run(call, arguments) if fault.applies() else None
        if fault.fault.startswith("slow") and usual is not None:
            await asyncio.sleep(fault.seconds if fault.fault == "slow" else 0)
            return usual
        if fault.fault in {"hang", "apply_and_hang", "drop_before", "drop_after"}:
            self._end(call, None, None)
            if fault.fault.endswith("hang"):
                await asyncio.sleep(fault.seconds)
            return _drop(request)
        spoilt = _spoilt(fault, usual)
        self._end(call, spoilt.status, spoilt.text)
        return spoilt


def _spoilt(fault: Fault, usual: web.Response | None) -> web.Response:
    """Return the answer a fault puts in place of the usual one."""
    if fault.fault in _PAGES:
        status, phrase = _PAGES[fault.fault]
        return web.Response(status=status, text=_PAGE.format(status=status, phrase=phrase), content_type="text/html")
    if fault.fault == "bad_json":
        whole = usual.text if usual is not None and usual.text else '{"ok":true,"result":{"message_id":'
        return web.Response(text=whole[: len(whole) // 2], content_type="application/json")
    if fault.fault == "flood":
        return _refused(too_many_requests(fault.retry_after))
    if fault.fault == "refuse":
        return _refused(Refusal(fault.code, fault.description or "Bad Request"))
    refusal = _REFUSALS[fault.fault]
    return _refused(Refusal(refusal.code, fault.description or refusal.description))


def _drop(request: web.Request) -> web.Response:
    """Close the connection under the request; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refused(refusal: Refusal) -> web.Response:
    told: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.code,
        "description": refusal.description,
    }
    if refusal.retry_after is None:
        return _json(told, status=refusal.code)
    told["parameters"] = {"retry_after": refusal.retry_after}
    return _json(told, status=refusal.code, headers={"Retry-After": str(refusal.retry_after)})


def _json(told: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    text = json.dumps(told, separators=(",", ":"))
    return web.Response(text=text, status=status, headers=headers, content_type="application/json")


async def _read_arguments(request: web.Request) -> Arguments:
    """Return the arguments of the address, overruled by those of the body."""
    arguments = Arguments(dict(request.query))
    if request.method != "POST" or not request.can_read_body:
        return arguments
    if request.content_type == "application/json":
        arguments.values |= from_json(await request.read())
        return arguments
    try:
        fields = await request.post()
    except ValueError:
        raise bad_request("Strings must be encoded in UTF-8") from None
    for name, value in fields.items():
        if isinstance(value, web.FileField):
            arguments.files[name] = File(value.filename, value.content_type, value.file.read())
        else:
            arguments.values[name] = str(value)
    return arguments
