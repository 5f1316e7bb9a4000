"""The two connectors behind one face, so that what both must do is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest

from bot.connectors.device_auth import DeviceAuthError, DeviceClient
from tests.connectors.generator import NOW, generate
from tests.connectors.registry import Registry
from tests.connectors.terminal import Terminal, build, find_compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEVICE_ID = "4f9c0b6e-6b0e-4c39-9d2e-0a4d3a8f7c11"
SECRET, OTHER_SECRET, THIRD_SECRET = (one["secret"] for one in generate()["secrets"]["valid"])


class Seen(NamedTuple):
    """What the device's program got to see: a status to act on, or what went wrong."""

    status: int | None
    code: str | None
    retry_in: float | None
    text: str


class Device(Protocol):
    """A connector with a clock of its own."""

    name: str

    def request(self, method: str = "GET", target: str = "/api/v1/me", body: str = "") -> Seen:
        """Send a signed request."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass on this machine."""

    def shift_clock(self, seconds: float) -> None:
        """Make the machine's clock wrong by so much."""


class PythonDevice:
    """device_auth.py."""

    name = "python"

    def __init__(
        self,
        url: str,
        secret_file: Path,
        clock_ms: int,
        service_url: str | None = None,
        device_id: str = DEVICE_ID,
    ) -> None:
        self.clock = clock_ms / 1000
        self.elapsed = 1000.0
        self.client = DeviceClient(
            url,
            device_id,
            secret_file=secret_file,
            service_url=service_url,
            clock=lambda: self.clock,
            monotonic=lambda: self.elapsed,
        )

    def request(self, method: str = "GET", target: str = "/api/v1/me", body: str = "") -> Seen:
        """Send a signed request."""
        try:
            answer = self.client.request(method, target, body or None)
        except DeviceAuthError as error:
            return Seen(None, error.code, error.retry_in, str(error))
        return Seen(answer.status, answer.code, None, "")

    def pass_time(self, seconds: float) -> None:
        """Let time pass on this machine."""
        self.clock += seconds
        self.elapsed += seconds

    def shift_clock(self, seconds: float) -> None:
        """Make the machine's clock wrong by so much."""
        self.clock += seconds


class Mql5Device:
    """DeviceAuth.mqh, compiled."""

    name = "mql5"

    def __init__(
        self,
        terminal: Terminal,
        url: str,
        secret_file: Path,
        clock_ms: int,
        service_url: str | None = None,
        device_id: str = DEVICE_ID,
    ) -> None:
        self.terminal = terminal
        terminal.do("folders", str(secret_file.parent), str(secret_file.parent / "common"))
        terminal.do("set_clock", clock_ms)
        terminal.do("allow", url)
        if service_url:
            terminal.do("allow", service_url)
        ready, text = terminal.do("init", url, device_id, secret_file.name, "false", service_url or "")
        assert ready == "true", text

    def request(self, method: str = "GET", target: str = "/api/v1/me", body: str = "") -> Seen:
        """Send a signed request."""
        outcome = self.terminal.request(method, target, body)
        status = None if outcome.result == -1 else outcome.result
        return Seen(status, outcome.code or None, outcome.retry_in or None, outcome.text)

    def pass_time(self, seconds: float) -> None:
        """Let time pass on this machine."""
        self.terminal.do("pass", round(seconds * 1000))

    def shift_clock(self, seconds: float) -> None:
        """Make the machine's clock wrong by so much."""
        self.terminal.do("shift_ticks", round(seconds * 1000))


@pytest.fixture(scope="session")
def terminal_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DeviceAuth.mqh as a program."""
    if find_compiler() is None:
        pytest.skip("g++ is not installed, so DeviceAuth.mqh cannot be compiled")
    return build(tmp_path_factory.mktemp("mql5"))


@pytest.fixture
def open_terminal(terminal_program: Path) -> Iterator[Callable[[], Terminal]]:
    """A way to start terminals. At the end none may have complained or ever have said a secret."""
    opened: list[Terminal] = []

    def open_one() -> Terminal:
        opened.append(Terminal(terminal_program))
        return opened[-1]

    yield open_one
    for terminal in opened:
        assert terminal.close() == ""


@pytest.fixture
def terminal(open_terminal: Callable[[], Terminal]) -> Terminal:
    """A terminal with nothing set up."""
    return open_terminal()


@pytest.fixture
def start_registry() -> Iterator[Callable[[], Registry]]:
    """A way to start registries."""
    started: list[Registry] = []

    def start() -> Registry:
        started.append(Registry(NOW))
        started[-1].secrets[DEVICE_ID] = SECRET
        return started[-1]

    yield start
    for registry in started:
        registry.close()


@pytest.fixture
def registry(start_registry: Callable[[], Registry]) -> Registry:
    """A registry that knows the device."""
    return start_registry()


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """The file with the device's secret, for its owner only."""
    path = tmp_path / "device.secret"
    path.touch(mode=0o600)
    path.write_text(SECRET + "\n", encoding="ascii")
    return path


class MakeDevice(Protocol):
    """A way to make a device."""

    def __call__(self, clock_off: float = 0, service_url: str | None = None) -> Device:
        """Make one whose clock is wrong by so many seconds."""


@pytest.fixture(params=["python", "mql5"])
def make_device(request: pytest.FixtureRequest, registry: Registry, secret_file: Path) -> MakeDevice:
    """A way to make a device of either kind."""

    def make(clock_off: float = 0, service_url: str | None = None) -> Device:
        clock_ms = registry.now_ms + round(clock_off * 1000)
        if request.param == "python":
            return PythonDevice(registry.url, secret_file, clock_ms, service_url)
        terminal: Terminal = request.getfixturevalue("open_terminal")()
        return Mql5Device(terminal, registry.url, secret_file, clock_ms, service_url)

    return make


@pytest.fixture
def device(make_device: MakeDevice) -> Device:
    """A device whose clock is right."""
    return make_device()


@pytest.fixture
def pass_time(device: Device, registry: Registry) -> Callable[[float], None]:
    """A way to let time pass for both."""

    def let_pass(seconds: float) -> None:
        registry.now_ms += round(seconds * 1000)
        device.pass_time(seconds)

    return let_pass
