"""The control interface: people act, screens are read and faults are ordered, as JSON over HTTP.

Every body and every answer is a JSON object, but for the list of events. `person` and `chat` are ids; `chat` is a
group's, the private chat when left out. What cannot be done is 400 `{"error": a sentence}`.

| request | body or query → answer |
|---|---|
| `POST /control/people` | first_name, id?, username?, language_code?, started?, about? → person |
| `GET /control/people` | → people, groups |
| `POST /control/groups` | id, title, members, bot_is_admin? → group |
| `POST /control/say` | person, text? or caption?, kind?, document?, reply_to?, quote?, chat? → message_id, update_id |
| `POST /control/edit` | person, message_id, text, chat? → message_id, update_id |
| `POST /control/pin` | person, message_id, chat? → message_id, update_id |
| `POST /control/forward` | person, message_id, chat?, to? → message_id, update_id |
| `POST /control/press` | person, button or data, message_id?, chat?, force?, wait? (seconds) → a Pressed |
| `POST /control/block`, `unblock`, `deactivate`, `clear` | person; block also refuses_edits? |
| `POST /control/delete_message` | person, message_id, for_everyone?, chat? |
| `GET /control/screen` | person, chat?, contains?, gone?, after?, timeout? → messages, found |
| `GET /control/document` | person, message_id, chat? → the bytes of a document on the person's screen |
| `GET /control/history` | person, chat? → sightings |
| `GET /control/commands` | person, chat? → commands, as the person's app shows them behind "/" |
| `GET /control/calls` | since?, method?, wait? (seconds) → calls |
| `GET /control/trace` | since? → calls behind the last one told, last; in the order of answers, secrets masked |
| `GET, POST, DELETE /control/faults` | method, fault, times?, chat?, … → faults; DELETE takes id? |
| `GET, POST /control/limits` | enabled?, per_chat?, … → limits |
| `POST /control/clock` | advance (seconds) → now |
| `POST /control/redeliver` | update_id, fresh? → update_id |
| `POST /control/updates` | kind, payload, update_id? → update_id |
| `POST /control/bot` | action: start, stop, kill or status → running, … (only where the sandbox started the bot) |
| `GET /control/status` | → how things stand |
| `GET /control/events` | since? → server-sent events; `Last-Event-ID` continues, `reset` says that some are lost |

What acts mean, and what `kind` and `button` can be, stands in `people`; a document's bytes travel in base64, a button's
place as [row, column].
A person without an id is somebody new. `page.guard` keeps other names and other pages out.
"""

import asyncio
import base64
import contextlib
import json
import secrets
from collections.abc import Awaitable, Callable, Container
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.chats import Json
from bot.sandbox.journal import Event
from bot.sandbox.masking import trace_json
from bot.sandbox.page import Handler
from bot.sandbox.refusals import NotPossible

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox

LONGEST_WAIT = 60.0  # seconds
KEEP_ALIVE = 15.0  # seconds between signs of life on the list of events
RECONNECT_AFTER = 500  # milliseconds a page waits before it connects again
_IDS = 1_000_000_000  # people of the page who are added later have an id from here to twice this
MOST_TRACED = 300  # calls a page is told of at once: the newest


def control_routes(sandbox: "Sandbox") -> list[web.RouteDef]:
    """Return every route of the control interface."""
    control = _Control(sandbox)
    posts: dict[str, Callable[[Json], Json | Awaitable[Json]]] = {
        "people": control.add_person,
        "groups": control.add_group,
        "say": control.say,
        "edit": lambda body: asdict(sandbox.edit(**body)),
        "pin": lambda body: asdict(sandbox.pin(**body)),
        "forward": lambda body: asdict(sandbox.forward(**body)),
        "press": control.press,
        "block": _doing(sandbox.block),
        "unblock": _doing(sandbox.unblock),
        "deactivate": _doing(sandbox.deactivate),
        "clear": _doing(sandbox.clear),
        "delete_message": _doing(sandbox.delete_message),
        "faults": lambda body: {"id": sandbox.add_fault(**body)} | control.faults(),
        "limits": lambda body: sandbox.set_limits(**body),
        "clock": lambda body: {"now": sandbox.advance(body["advance"])},
        "redeliver": lambda body: {"update_id": sandbox.redeliver(**body)},
        "updates": lambda body: {"update_id": sandbox.inject(**body)},
        "bot": control.steer_bot,
    }
    gets: dict[str, Callable[[web.Request], Awaitable[Json]]] = {
        "people": control.list_people,
        "screen": control.screen,
        "history": control.history,
        "commands": control.commands,
        "calls": control.calls,
        "trace": control.trace,
        "faults": control.list_faults,
        "limits": control.limits,
        "status": control.status,
    }
    return [
        *(web.post(f"/control/{name}", _taking_json(act)) for name, act in posts.items()),
        *(web.get(f"/control/{name}", _giving_json(read)) for name, read in gets.items()),
        web.delete("/control/faults", _giving_json(control.remove_faults)),
        web.get("/control/document", control.document),
        web.get("/control/events", control.events),
    ]


def _doing(act: Callable[..., None]) -> Callable[[Json], Json]:
    def do(body: Json) -> Json:
        act(**body)
        return {"done": True}

    return do


def _taking_json(act: Callable[[Json], Json | Awaitable[Json]]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            raise NotPossible("The body must be JSON.") from None
        if not isinstance(body, dict):
            raise NotPossible("The body must be a JSON object.")
        try:
            answer = act(body)
            if isinstance(answer, Awaitable):
                answer = await answer
        except NotPossible:
            raise
        except KeyError as missing:
            raise NotPossible(f"{missing.args[0]} is missing.") from None
        except (AttributeError, TypeError, ValueError) as mismatch:
            # Python's own words name the argument that is missing, unknown or of the wrong kind
            raise NotPossible(str(mismatch)) from None
        return web.json_response(answer)

    return handle


def _giving_json(read: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        return web.json_response(await read(request))

    return handle


class _Control:
    """The acts and readings whose JSON differs from the arguments of Sandbox."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox

    def add_person(self, body: Json) -> Json:
        people = self._sandbox.world.chats.people
        body.setdefault("id", _free_id(people))
        return asdict(people[self._sandbox.add_person(**body)])

    def add_group(self, body: Json) -> Json:
        return self._sandbox.world.chats.groups[self._sandbox.add_group(**body)].to_json()

    def say(self, body: Json) -> Json:
        if "caption" in body:
            body["text"] = body.pop("caption")
        if "document" in body:
            body["document"] = _decoded(body["document"])
        return asdict(self._sandbox.say(**body))

    async def press(self, body: Json) -> Json:
        if isinstance(body.get("button"), list):
            body["button"] = tuple(body["button"])
        body["wait"] = min(float(body.get("wait", 0)), LONGEST_WAIT)
        return asdict(await self._sandbox.press(**body))

    async def steer_bot(self, body: Json) -> Json:
        if self._sandbox.launcher is None:
            raise NotPossible("This sandbox did not start a bot.")
        # goes on when the page that asked for it goes away: half a stop would leave a bot that nobody watches
        return await asyncio.shield(self._sandbox.launcher(body["action"]))

    def faults(self) -> Json:
        return {"faults": self._sandbox.world.faults.to_json()}

    async def list_faults(self, _: web.Request) -> Json:
        return self.faults()

    async def remove_faults(self, request: web.Request) -> Json:
        self._sandbox.remove_faults(_number(request, "id"))
        return self.faults()

    async def limits(self, _: web.Request) -> Json:
        return self._sandbox.world.limits.to_json()

    async def status(self, _: web.Request) -> Json:
        status = self._sandbox.status()
        launcher = self._sandbox.launcher
        return status | {"process": await launcher("status") if launcher else None}

    async def list_people(self, _: web.Request) -> Json:
        chats = self._sandbox.world.chats
        groups = [group.to_json() | {"members": sorted(group.members)} for group in chats.groups.values()]
        return {"people": [asdict(person) for person in chats.people.values()], "groups": groups}

    async def screen(self, request: web.Request) -> Json:
        person, chat = _required(request, "person"), _number(request, "chat")
        found: bool | None = None
        if words := request.query.get("contains"):
            try:
                timeout = min(float(request.query.get("timeout", 0)), LONGEST_WAIT)
                if request.query.get("gone") in {"1", "true"}:
                    await self._sandbox.wait_gone(person, words, chat=chat, timeout=timeout)
                else:
                    after = _number(request, "after") or 0
                    await self._sandbox.wait_for(person, words, chat=chat, after=after, timeout=timeout)
                found = True
            except TimeoutError:
                found = False
        bubbles = self._sandbox.screen(person, chat=chat)
        return {"messages": [bubble.to_json() for bubble in bubbles], "found": found}

    async def document(self, request: web.Request) -> web.Response:
        """Hand out a document, to be saved: whatever it says it is, a browser must not show it as a page."""
        person, message_id, chat = (
            _required(request, "person"),
            _required(request, "message_id"),
            _number(request, "chat"),
        )
        seen = {bubble.message_id: bubble for bubble in self._sandbox.screen(person, chat=chat)}
        if message_id not in seen:
            raise NotPossible(f"There is no message {message_id} on this screen.")
        content = self._sandbox.document(message_id, person if chat is None else chat)
        name = quote(seen[message_id].file_name or "document", safe="")
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        return web.Response(body=content, content_type="application/octet-stream", headers=headers)

    async def history(self, request: web.Request) -> Json:
        sightings = self._sandbox.history(_required(request, "person"), chat=_number(request, "chat"))
        return {"sightings": [sighting.to_json() for sighting in sightings]}

    async def calls(self, request: web.Request) -> Json:
        since, method = _number(request, "since") or 0, request.query.get("method")
        wait = min(float(request.query.get("wait", 0)), LONGEST_WAIT)
        if wait > 0:
            try:
                await self._sandbox.wait_for_call(method, after=since, timeout=wait)
            except TimeoutError:
                return {"calls": []}
        calls = self._sandbox.calls[since:]
        fitting = [call for call in calls if method is None or call.method.lower() == method.lower()]
        return {"calls": [call.to_json() for call in fitting]}

    async def commands(self, request: web.Request) -> Json:
        return {"commands": self._sandbox.commands(_required(request, "person"), chat=_number(request, "chat"))}

    async def trace(self, request: web.Request) -> Json:
        """Tell of the calls that were answered since, but for polls that brought nothing."""
        finished = self._sandbox.world.finished
        told = [call for call in finished[max(0, _number(request, "since") or 0) :] if not call.is_idle]
        return {"calls": [trace_json(call) for call in told[-MOST_TRACED:]], "last": len(finished)}

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream events until the page goes away."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await self._tell_events(request, response)
        return response

    async def _tell_events(self, request: web.Request, response: web.StreamResponse) -> None:
        journal = self._sandbox.world.journal
        asked = request.headers.get("Last-Event-ID") or request.query.get("since", "")
        seen = int(asked) if asked.isdecimal() else journal.last
        await response.write(f"retry: {RECONNECT_AFTER}\n\n".encode())
        if journal.has_forgotten(seen):
            seen = journal.last
            await response.write(_event(seen, "reset", {}))

        def news() -> list[Event] | None:
            return journal.since(seen) or None

        while True:
            events = await journal.until(news, KEEP_ALIVE)
            for event in events or ():
                await response.write(_event(event.number, event.kind, event.details))
                seen = event.number
            if not events:
                await response.write(b": still here\n\n")


def _free_id(people: Container[int]) -> int:
    """Return an id nobody has. It is drawn: a bot remembers people of earlier runs, and a newcomer is none of them."""
    while (number := secrets.randbelow(_IDS) + _IDS) in people:
        pass
    return number


def _event(number: int, kind: str, details: Json) -> bytes:
    data: dict[str, Any] = {"kind": kind, **details}
    return f"id: {number}\ndata: {json.dumps(data)}\n\n".encode()


def _number(request: web.Request, name: str) -> int | None:
    value = request.query.get(name)
    if value is None:
        return None
    if not value.lstrip("-").isdecimal():
        raise NotPossible(f"{name} must be a number.")
    return int(value)


def _required(request: web.Request, name: str) -> int:
    number = _number(request, name)
    if number is None:
        raise NotPossible(f"{name} is missing.")
    return number


def _decoded(document: str) -> bytes:
    try:
        return base64.b64decode(document, validate=True)
    except ValueError:
        raise NotPossible("A document is given in base64.") from None
