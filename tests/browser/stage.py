"""A sandbox in a thread of its own, so that synchronous tests can play its people and its bot."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx

from bot.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

Result = TypeVar("Result")


class Stage:
    """A sandbox without a bot."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self.sandbox = Sandbox()

    def __enter__(self) -> Self:
        self._thread.start()
        self.wait(self.sandbox.start())
        self._http = httpx.Client(base_url=f"{self.sandbox.url}/bot{self.sandbox.token}/", trust_env=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self.wait(self.sandbox.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        """Return the address of the page."""
        return self.sandbox.url

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do it in the sandbox's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def do(self, act: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        """Call it in the sandbox's loop: only there may its state change."""

        async def work() -> Result:
            return act(*arguments, **options)

        return self.wait(work())

    def call(self, method: str, **arguments: Any) -> Any:
        """Make a call of the Bot API and return its result."""
        told = self._http.post(method, json=arguments).json()
        assert told["ok"], told
        return told["result"]

    def send(self, chat: int, text: str, *rows: list[dict[str, Any]], **more: Any) -> int:
        """Send a message in HTML, with rows of buttons, and return its id."""
        if rows:
            more["reply_markup"] = {"inline_keyboard": list(rows)}
        message = self.call("sendMessage", chat_id=chat, text=text, parse_mode="HTML", **more)
        return int(message["message_id"])

    def upload(self, chat: int, caption: str, name: str, content: bytes, **more: str) -> None:
        """Send a document."""
        sent = {"chat_id": str(chat), "caption": caption, **more}
        told = self._http.post("sendDocument", data=sent, files={"document": (name, content)}).json()
        assert told["ok"], told

    def next_tap(self) -> dict[str, Any]:
        """Return the next tap on a button; it is taken out of the queue."""
        while True:
            for update in self.call("getUpdates", timeout=5):
                self.call("getUpdates", offset=update["update_id"] + 1)
                if "callback_query" in update:
                    tap: dict[str, Any] = update["callback_query"]
                    return tap
