"""The demo as a process of its own, started by its command."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import httpx

from tests.browser.phones import ANNA, OLGA

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
SPEED = 1.5  # enough to wait for less, and slow enough to see a secret that is shown for ten seconds
PATIENCE = 15.0


class Demo:
    """The sandbox's command with the real bot, which shows secrets for ten of its seconds."""

    def __init__(self, folder: Path, *, speed: float = SPEED) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder, self._speed = folder, speed
        self._http = httpx.Client(base_url=f"{self.url}/control/", trust_env=False)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self.stop()

    def start(self) -> None:
        """Run the command, and return once the bot is at work."""
        options = ("--port", str(self.port), "--database", "demo.db", "--speed", str(self._speed))
        self._process = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
            [sys.executable, "-m", "bot", "sandbox", *options],
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "SECRET_TTL": "10", "LOG_LEVEL": "WARNING"},
            stdout=subprocess.DEVNULL,
        )
        self._until_the_bot_polls()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.wait(5) == 0

    def clear(self) -> None:
        """Empty the chats, take faults back and let the bot run."""
        self.tell("bot", action="start")
        self._http.delete("faults").raise_for_status()
        for person in (ANNA, OLGA):
            self.tell("clear", person=person)
        self._until_the_bot_polls()

    def tell(self, act: str, **body: Any) -> Any:
        """Use the control interface."""
        return self._http.post(act, json=body).raise_for_status().json()

    def ask(self, what: str, **query: Any) -> Any:
        """Read from the control interface."""
        return self._http.get(what, params=query).raise_for_status().json()

    def _until_the_bot_polls(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.ask("status")["process"]["running"] and self._polls():
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the bot did not begin to ask for updates")

    def _polls(self) -> bool:
        return any(call["status"] is None for call in self.ask("calls", method="getUpdates")["calls"])
