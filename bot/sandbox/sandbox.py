"""The sandbox as an object: a pretend Telegram that a test holds in its hands and a bot reaches over HTTP.

    async with Sandbox() as sandbox:
        anna = sandbox.add_person(123456789, "Anna")
        bot = Bot(sandbox.token, base_url=f"{sandbox.url}/bot")
        sandbox.say(anna, "/start")
        ...
        answer = await sandbox.wait_for(anna, "Welcome")

The control interface (`control`) offers the same acts over HTTP.
"""

import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.chats import Json
from bot.sandbox.control import control_routes
from bot.sandbox.page import guard, page_routes, protect
from bot.sandbox.people import People, Pressed
from bot.sandbox.profile import commands_for
from bot.sandbox.refusals import NotPossible
from bot.sandbox.screen import Bubble, Sighting, history, look_back, screen
from bot.sandbox.server import BotApi
from bot.sandbox.world import Call, Timings, World

LOOPBACK = ("127.0.0.1", "::1", "localhost")
BIGGEST_BODY = 60 * 2**20  # bytes; a document may have 50 MB
_BOT_ID = 7_000_000_001
_Launcher = Callable[[str], Awaitable[Json]]


class Sandbox(People):
    """A pretend Telegram for one bot, with the acts of its people.

    Without `token` it makes one up; `port` 0 is any free one. `speed` makes its clock run faster than the real one.
    `first_number` is where message and update ids begin: one that grows from start to start keeps a bot with a long
    memory from mistaking new messages for old ones. ValueError for a `host` that is not this machine.
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "sandbox_bot",
        speed: float = 1.0,
        first_number: int = 1,
    ) -> None:
        if host not in LOOPBACK or not _leads_here(host):
            raise ValueError("The sandbox listens on this machine only: 127.0.0.1, ::1 or localhost.")
        self.token = token or f"{_BOT_ID}:{secrets.token_hex(16)}xyz"
        bot_id = int(self.token.split(":")[0])
        super().__init__(World(bot_id=bot_id, username=username, speed=speed, first_number=first_number))
        self.launcher: _Launcher | None = None
        self.session = secrets.token_hex(8)  # tells a page that reconnects whether it is still the same sandbox
        self._host, self._port = host, port
        self._api = BotApi(self.world, self.token)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. OSError when the port is taken."""
        app = web.Application(middlewares=[guard], client_max_size=BIGGEST_BODY)
        app.on_response_prepare.append(protect)
        app.add_routes([*control_routes(self), *page_routes()])
        app.router.add_route("*", "/{path:.*}", self._api.handle)
        # a bot that hangs up must not keep its long poll, nor the sandbox from stopping
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection and stop delivering."""
        await self._api.methods.webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """Return the address for TELEGRAM_API_URL, which is also that of the page."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    @property
    def timings(self) -> Timings:
        """Return how long the server takes over things; they can be changed at any time."""
        return self.world.timings

    @property
    def calls(self) -> list[Call]:
        """Return every Bot API call so far, oldest first."""
        return self.world.calls

    async def press(
        self, person: int, button: str | tuple[int, int] | None = None, *, wait: float = 5.0, **options: Any
    ) -> Pressed:
        """Tap as `tap` does, and wait up to `wait` real seconds for the bot's answer."""
        pressed, query = self.tap(person, button, **options)
        if query is None:
            return pressed
        if wait > 0:
            await self.world.journal.until(lambda: query.answered, wait)
        if query.answered is None:
            return Pressed(query.id)
        seconds = query.answered.real - query.asked.real
        return Pressed(query.id, True, query.answer["text"], query.answer["show_alert"], seconds)  # noqa: FBT003

    # What can be seen

    def screen(self, person: int, *, chat: int | None = None) -> list[Bubble]:
        """Return what a person sees now, oldest first."""
        return screen(self.world, person, person if chat is None else chat)

    def history(self, person: int, *, chat: int | None = None) -> list[Sighting]:
        """Return everything a person ever could see, and from when to when."""
        return history(self.world, person, person if chat is None else chat)

    def commands(self, person: int, *, chat: int | None = None) -> list[Json]:
        """Return the command menu that a person's app shows in a chat."""
        speaker = self._person(person)
        return commands_for(self._api.methods.profile, speaker.to_json(), self._chat(speaker, chat))

    def document(self, message_id: int, chat: int) -> bytes:
        """Return the bytes of a document, deleted ones too. NotPossible when the message has none."""
        message = self.world.chats.find_ever(chat, message_id)
        if message is None or message.content.kind != "document":
            raise NotPossible(f"Message {message_id} of chat {chat} is no document.")
        return message.content.data

    async def wait_for(
        self,
        person: int,
        contains: str,
        *,
        chat: int | None = None,
        after: int = 0,
        from_bot: bool = True,
        timeout: float = 5.0,  # noqa: ASYNC109 - part of the control interface
    ) -> Bubble:
        """Return the newest message with this text or button once there is one, looking only behind id `after`.

        TimeoutError after `timeout` real seconds, with what was on the screen instead.
        """

        def look() -> Bubble | None:
            seen = look_back(self.world, person, where, after)
            return next((b for b in seen if (b.from_bot or not from_bot) and _shows(b, contains)), None)

        where = person if chat is None else chat
        found = await self.world.journal.until(look, timeout, chat=where)
        if found is None:
            raise TimeoutError(f"{contains!r} did not appear; {self._told(person, chat)}")
        return found

    async def wait_gone(
        self,
        person: int,
        contains: str,
        *,
        chat: int | None = None,
        timeout: float = 5.0,  # noqa: ASYNC109 - part of the control interface
    ) -> None:
        """Return once no message of the bot shows this text or button. TimeoutError otherwise."""

        def look() -> bool | None:
            bubbles = self.screen(person, chat=chat)
            return None if any(b.from_bot and _shows(b, contains) for b in bubbles) else True

        if await self.world.journal.until(look, timeout, chat=person if chat is None else chat) is None:
            raise TimeoutError(f"{contains!r} is still there; {self._told(person, chat)}")

    def _told(self, person: int, chat: int | None) -> str:
        return f"the screen shows {[(bubble.text, bubble.labels) for bubble in self.screen(person, chat=chat)]}"

    async def wait_for_call(
        self,
        method: str | None = None,
        *,
        after: int = 0,
        chat: int | None = None,
        timeout: float = 5.0,  # noqa: ASYNC109 - part of the control interface
    ) -> Call:
        """Return the first finished call behind number `after`, of a method and a chat if given. TimeoutError."""

        def look() -> Call | None:
            fitting = (
                call
                for call in self.calls[after:]
                if call.answered_at is not None
                and chat in {None, call.chat_id}
                and (method is None or call.method.lower() == method.lower())
            )
            return next(fitting, None)

        found = await self.world.journal.until(look, timeout)
        if found is None:
            raise TimeoutError(f"No call of {method or 'any method'} came behind {after}.")
        return found

    # What can go wrong

    def add_fault(self, method: str, fault: str, **options: Any) -> int:
        """Order a fault (see `faults`) and return its number."""
        number = self.world.faults.add(method, fault, **options)
        self.world.journal.record("faults")
        return number

    def remove_faults(self, number: int | None = None) -> None:
        """Take back one order, or all."""
        self.world.faults.remove(number)
        self.world.journal.record("faults")

    def set_limits(self, **values: Any) -> Json:
        """Change the flood limits (see `limits`) and return them."""
        limits = self.world.limits.set(**values)
        self.world.journal.record("limits")
        return limits

    def advance(self, seconds: float) -> float:
        """Move the virtual clock ahead and return the time it shows then. NotPossible for negative `seconds`."""
        try:
            self.world.clock.advance(seconds)
        except ValueError as error:
            raise NotPossible(str(error)) from None
        self.world.journal.record("clock")
        return self.world.clock.now()

    def redeliver(self, update_id: int, *, fresh: bool = False) -> int:
        """Deliver an update once more, with its own id or a fresh one; return that id."""
        try:
            return self.world.updates.redeliver(update_id, fresh=fresh)
        except KeyError:
            raise NotPossible(f"There never was an update {update_id}.") from None

    def inject(self, kind: str, payload: Json, *, update_id: int | None = None) -> int:
        """Deliver any update at all, and return its id."""
        return self.world.updates.inject(kind, payload, update_id)

    def status(self) -> Json:
        """Return how things stand, with the numbers of the last event and the last call."""
        return {
            "session": self.session,
            "bot": self.world.bot,
            "now": self.world.clock.now(),
            "speed": self.world.clock.speed,
            "event": self.world.journal.last,
            "call": len(self.calls),
            "pending_updates": len(self.world.updates.waiting()),
            "webhook": self._api.methods.webhook.get_webhook_info(),
            "limits": self.world.limits.to_json(),
            "faults": self.world.faults.to_json(),
            "has_launcher": self.launcher is not None,
        }


def _leads_here(host: str) -> bool:
    """Tell whether a name means this machine and no other: a hosts file may say anything of localhost."""
    return all(ipaddress.ip_address(info[4][0]).is_loopback for info in socket.getaddrinfo(host, None))


def _shows(bubble: Bubble, words: str) -> bool:
    return words in bubble.text or any(words in label for row in bubble.labels for label in row)
