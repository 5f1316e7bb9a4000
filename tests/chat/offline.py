"""A Bot API server that is only an object: it answers the bot's calls from a script and touches no network.

What the script does not mention is answered as Telegram would when all goes well. A method that this file does not
know is answered with an error and fails the test at its end, wherever the bot swallowed the error.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram.error import TimedOut
from telegram.request import BaseRequest

from tests.conftest import BOT_ID

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from telegram.request import RequestData

TOKEN = f"{BOT_ID}:AAoffline-token-that-is-nobodys-0123456789"
BOT_NAME = "registry_test_bot"
COUNTED = {"sendMessage", "editMessageText", "editMessageReplyMarkup"}
FIRST_MESSAGE, FIRST_INCOMING = 1000, 5_000_000
"""Where the numbers of the bot's messages begin, and those of other people's."""

JSON = dict[str, Any]


@dataclass
class Call:
    """One call of the bot: `parameters` as they went over the wire, where every value is text."""

    method: str
    parameters: dict[str, str]
    was_cancelled: bool = False

    @property
    def chat(self) -> int:
        return int(self.parameters["chat_id"])

    @property
    def message_id(self) -> int:
        return int(self.parameters["message_id"])

    @property
    def text(self) -> str:
        return self.parameters.get("text", "")

    @property
    def keyboard(self) -> list[list[JSON]] | None:
        markup = self.parameters.get("reply_markup")
        return None if markup is None else json.loads(markup)["inline_keyboard"]

    @property
    def buttons(self) -> list[JSON]:
        return [button for row in self.keyboard or [] for button in row]


@dataclass
class Refusal:
    """An answer that is none: an HTTP status with a body, or silence."""

    status: int
    body: JSON = field(default_factory=dict)

    def encode(self) -> tuple[int, bytes]:
        return self.status, json.dumps(self.body).encode()


def refused(status: int, description: str, **parameters: Any) -> Refusal:
    body = {"ok": False, "error_code": status, "description": description}
    return Refusal(status, body | ({"parameters": parameters} if parameters else {}))


def bad_request(description: str) -> Refusal:
    return refused(400, f"Bad Request: {description}")


def blocked() -> Refusal:
    return refused(403, "Forbidden: bot was blocked by the user")


def too_many(seconds: int) -> Refusal:
    return refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def server_error() -> Refusal:
    return refused(500, "Internal Server Error: restart")


def conflict(description: str = "terminated by other getUpdates request") -> Refusal:
    return refused(409, f"Conflict: {description}")


def unauthorized() -> Refusal:
    return refused(401, "Unauthorized")


GONE = bad_request("message to edit not found")
NOT_THERE = bad_request("message to delete not found")
UNCHANGED = bad_request("message is not modified: specified new message content and reply markup are exactly the same")
TOO_OLD = bad_request("message can't be deleted for everyone")
UNEDITABLE = bad_request("message can't be edited")


class Silence(Exception):
    """No answer comes: the call was or was not `applied`, and nobody is told."""

    def __init__(self, *, applied: bool = False) -> None:
        super().__init__("no answer")
        self.applied = applied


class Slow:
    """An answer that takes its time: `seconds`, or until `gate` opens; then it is what `then` says."""

    def __init__(self, seconds: float = 0.0, *, gate: asyncio.Event | None = None, then: Step = None) -> None:
        self.seconds = seconds
        self.gate = gate
        self.then = then

    async def wait(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(self.seconds)


Step = Refusal | Silence | Slow | None
"""What the script says about one call; None: all goes well."""


class OfflineTelegram(BaseRequest):
    """Keeps what was asked of it, and the messages as people would see them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.unexpected: list[str] = []
        self.messages: dict[tuple[int, int], JSON] = {}
        """What stands in each chat now, by chat and message id."""
        self.sent: list[JSON] = []
        self.webhook: JSON = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        """What getWebhookInfo answers."""
        self.before_call: Callable[[Call], Awaitable[None]] | None = None
        """Happens when a call arrives, before anything else."""
        self._batches: deque[object] = deque()
        self._more = asyncio.Event()
        self._script: dict[str, deque[Step]] = defaultdict(deque)
        self._always: dict[str, Step] = {}
        self._numbers = itertools.count(FIRST_MESSAGE)

    # ── the script ────────────────────────────────────────────────────────────────────────────────────────────────

    def script(self, method: str, *steps: Step) -> None:
        """Let the next calls of the method go as the steps say, one each."""
        self._script[method].extend(steps)

    def always(self, method: str, step: Step) -> None:
        """Let every call of the method that the script says nothing about go like this."""
        self._always[method] = step

    def deliver(self, *updates: Any) -> None:
        """Hand these out as the next batch of updates."""
        self.answer_poll({"ok": True, "result": list(updates)})

    def answer_poll(self, answer: object) -> None:
        """Answer the next getUpdates with a body, a `Refusal` or by raising an exception."""
        self._batches.append(answer)
        self._more.set()

    # ── what happened ─────────────────────────────────────────────────────────────────────────────────────────────

    def made(self, *methods: str) -> list[Call]:
        """Return the calls of these methods, in order."""
        return [call for call in self.calls if call.method in methods]

    def counted(self) -> list[Call]:
        """Return the calls that count against Telegram's limit."""
        return [call for call in self.calls if call.method in COUNTED]

    def forget(self) -> None:
        """Forget the calls so far; the messages stay."""
        self.calls.clear()

    def screen(self, chat: int) -> list[JSON]:
        """Return the messages of the bot that stand in a chat, oldest first."""
        return [message for (where, _), message in sorted(self.messages.items()) if where == chat]

    def texts(self, chat: int) -> list[str]:
        """Return what stands in a chat."""
        return [str(message["text"]) for message in self.screen(chat)]

    def shows(self, text: str) -> bool:
        """Tell whether the text stands in any message of any chat, or in any button."""
        return any(text in json.dumps(message, ensure_ascii=False) for message in self.messages.values())

    def find_button(self, chat: int, label: str) -> tuple[int, str]:
        """Return message id and data of the newest button in a chat whose label contains the words."""
        for message in reversed(self.screen(chat)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if label in button["text"] and "callback_data" in button:
                        return message["message_id"], button["callback_data"]
        raise AssertionError(f"no button {label!r} in {self.screen(chat)}")

    # ── what PTB asks for ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        pass

    async def shutdown(self) -> None:
        pass

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002
        request_data: RequestData | None = None,
        *_timeouts: Any,
        **_more: Any,
    ) -> tuple[int, bytes]:
        call = Call(url.rpartition("/")[2], dict(request_data.json_parameters) if request_data else {})
        self.calls.append(call)
        try:
            return await self._answer(call)
        except asyncio.CancelledError:
            call.was_cancelled = True
            raise

    async def _answer(self, call: Call) -> tuple[int, bytes]:
        if self.before_call is not None:
            await self.before_call(call)
        if call.method == "getUpdates":
            return await self._poll()
        steps = self._script[call.method]
        step = steps.popleft() if steps else self._always.get(call.method)
        if isinstance(step, Slow):
            await step.wait()
            step = step.then
        if isinstance(step, Refusal):
            return step.encode()
        if isinstance(step, Silence) and not step.applied:
            raise TimedOut
        result = self._apply(call)
        if isinstance(step, Silence):
            raise TimedOut
        return result

    async def _poll(self) -> tuple[int, bytes]:
        while not self._batches:
            self._more.clear()
            await self._more.wait()
        answer = self._batches.popleft()
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Refusal):
            return answer.encode()
        return 200, answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def _apply(self, call: Call) -> tuple[int, bytes]:  # noqa: PLR0911 - one line a method
        match call.method:
            case "getMe":
                return _ok({"id": BOT_ID, "is_bot": True, "first_name": "Registry", "username": BOT_NAME})
            case "sendMessage" | "sendDocument":
                return _ok(self._put(call, next(self._numbers)))
            case "editMessageText":
                return self._edit(call)
            case "editMessageReplyMarkup":
                return self._edit(call)
            case "deleteMessage":
                known = self.messages.pop((call.chat, call.message_id), None)
                if known is None and FIRST_MESSAGE <= call.message_id < FIRST_INCOMING:
                    return NOT_THERE.encode()
                return _ok(result=True)
            case "setWebhook":
                self.webhook["url"] = call.parameters["url"]
                return _ok(result=True)
            case "getWebhookInfo":
                return _ok(self.webhook)
            case "answerCallbackQuery" | "setMyCommands" | "deleteMyCommands" | "deleteWebhook":
                return _ok(result=True)
        self.unexpected.append(call.method)
        return refused(404, "Not Found: method not found").encode()

    def _edit(self, call: Call) -> tuple[int, bytes]:
        before = self.messages.get((call.chat, call.message_id))
        if before is None:
            return GONE.encode()
        after = self._put(call, call.message_id, before)
        return UNCHANGED.encode() if after == before else _ok(after)

    def _put(self, call: Call, message_id: int, before: JSON | None = None) -> JSON:
        message: JSON = {
            "message_id": message_id,
            "date": 1795448587,
            "chat": {"id": call.chat, "type": "private" if call.chat > 0 else "group"},
            "text": call.text if "text" in call.parameters else (before or {}).get("text", ""),
        }
        if call.keyboard:
            message["reply_markup"] = {"inline_keyboard": call.keyboard}
        self.messages[call.chat, message_id] = message
        if before is None:
            self.sent.append(message)
        return message


def _ok(result: object) -> tuple[int, bytes]:
    return 200, json.dumps({"ok": True, "result": result}).encode()


def methods(calls: Iterable[Call]) -> list[str]:
    """Return what was called, in order."""
    return [call.method for call in calls]
