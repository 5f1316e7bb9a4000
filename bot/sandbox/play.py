"""The demo: `python -m bot sandbox` runs the pretend Telegram, and the real bot as a child process against it.

Two people can be played on its page: Anna, a trader, and Olga, an admin. Nothing leaves this machine, and nothing
of the caller's own settings reaches the bot but for those that make no difference to where it connects.
"""

import asyncio
import contextlib
import math
import os
import shutil
import signal
import socket
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bot.sandbox import records
from bot.sandbox.chats import Json
from bot.sandbox.refusals import NotPossible
from bot.sandbox.sandbox import Sandbox

DEFAULT_PORT = 8081
DEFAULT_DATABASE = "sandbox.db"
THE_BOT = (sys.executable, "-m", "bot", "run")
ANNA, OLGA = 123456789, 987654321
FASTEST = 1000  # times real time; the bot accepts no more
PATIENCE = 0.9  # seconds the bot has to stop before it is killed
KERNEL_PATIENCE = 0.5  # seconds the kernel has to remove it then
_EPOCH = 1_700_000_000  # keeps ids small; they grow with the time, so that no start repeats those of the last
_BOT_PORT = 8080
_OWN_SETTINGS = frozenset(
    {
        "BOT_TOKEN",
        "TELEGRAM_API_URL",
        "DATABASE_URL",
        "ADMIN_IDS",
        "PUBLIC_URL",
        "SERVER_KEY",
        "AUTH_PROXY",
        "TRUSTED_PROXIES",
        "HOST",
        "PORT",
        "CLOCK_SPEED",
        "CLOCK_ORIGIN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
    }
)
# The kernel kills the bot when this process is gone, however it went. The request for that outlives exec; it is made
# in the child itself because code between fork and exec (preexec_fn) can deadlock.
_LEASH = """
import ctypes, os, signal, sys
parent, *command = sys.argv[1:]
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
if os.getppid() != int(parent):
    sys.exit(1)
os.execv(command[0], command)
"""


def play(
    *,
    port: int | None = None,
    database: str | None = None,
    fresh: bool = False,
    speed: float = 1.0,
    command: Sequence[str] = THE_BOT,
) -> int:
    """Run until interrupted and return the exit status.

    `port` None: 8081, or any free one. `database` is an SQLite file, sandbox.db here by default; `fresh` begins with
    an empty one. `speed` makes the clocks of sandbox and bot run faster. `command` starts the bot.
    """
    file = Path(database or DEFAULT_DATABASE).resolve()
    try:
        _check_speed(speed)
        listening_at = _port_of_the_page(port)
        _prepare(file, fresh=fresh)
    except _CannotStart as reason:
        _say(str(reason), error=True)
        return 1
    return asyncio.run(_Play(listening_at, file, speed, command).run())


class _CannotStart(Exception):
    """The message is a sentence that says why not, and what to do about it."""


def _check_speed(speed: float) -> None:
    if not 0 < speed <= FASTEST:
        raise _CannotStart(f"The speed must be above zero and at most {FASTEST}.")


def _port_of_the_page(wanted: int | None) -> int:
    try:
        return _choose_port(wanted)
    except OSError:
        raise _CannotStart(f"Port {wanted} is taken. Choose another one with --port, or leave --port out.") from None


def _prepare(file: Path, *, fresh: bool) -> None:
    """Make the database ready for a run."""
    if not file.parent.is_dir():
        raise _CannotStart(f"There is no folder {file.parent} for the database.")
    try:
        records.prepare(file, fresh=fresh)
    except records.InUse:
        raise _CannotStart(
            f"Another bot is running on {file}. Stop it, or choose another file with --database."
        ) from None
    except records.LieAhead as ahead:
        far = "" if math.isinf(ahead.seconds) else f" by {timedelta(seconds=math.ceil(ahead.seconds))}"
        raise _CannotStart(
            f"An earlier run was faster than time: the records in {file} lie ahead of it{far}.\n"
            "Begin with --fresh, which forgets them, or choose another file with --database."
        ) from None
    except OSError as error:
        raise _CannotStart(f"The database {file} cannot be used: {error.strerror}.") from None


def _choose_port(wanted: int | None, usual: int = DEFAULT_PORT) -> int:
    """Return `wanted`, or `usual`, or any free port when nobody asked for one. OSError when `wanted` is taken."""
    candidates = (usual, 0) if wanted is None else (wanted,)
    for candidate in candidates:
        with socket.socket() as probe:
            # as the server will: a port that only just became free is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"Port {wanted} is taken.")


def _say(sentence: str, *, error: bool = False) -> None:
    stream = sys.stderr if error else sys.stdout
    stream.write(f"{sentence}\n")
    stream.flush()


class _Play:
    """The sandbox, its people and the bot's process."""

    def __init__(self, port: int, file: Path, speed: float, command: Sequence[str]) -> None:
        self._port = port
        self._file = file
        self._speed = speed
        self._command = command
        self._sandbox = Sandbox(port=port, speed=speed, first_number=int(time.time()) - _EPOCH)
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._steering = asyncio.Lock()
        self._is_over = False
        # an empty folder: a .env in the caller's own would give the bot settings of another life
        self._folder = tempfile.mkdtemp(prefix="sandbox-")

    async def run(self) -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(name, stop.set)
        self._sandbox.add_person(ANNA, "Anna", username="anna_fx", language_code="en", about="trader")
        self._sandbox.add_person(OLGA, "Olga", username="olga_admin", language_code="en", started=True, about="admin")
        self._sandbox.launcher = self.steer
        try:
            try:
                await self._sandbox.start()
            except OSError:
                _say(f"Port {self._port} was taken a moment ago. Please start again.", error=True)
                return 1
            self._note_time(math.inf)
            await self._start_bot()
            _say(f"The sandbox is ready. Play Anna, a trader, and Olga, an admin, at {self._sandbox.url}/")
            _say(f"Everything the bot keeps is in {self._file}. Press Ctrl-C to stop.")
            if self._speed > 1:
                _say("Its time runs ahead, and so do the records of this run: begin the next one with --fresh.")
            await stop.wait()
        finally:
            self._is_over = True
            await self.steer("stop")
            self._note_time(self._sandbox.world.clock.now())
            await self._sandbox.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
        return 0

    def _note_time(self, until: float) -> None:
        """Note how far the records reach, if they can reach beyond the real time at all."""
        if self._speed > 1:
            with contextlib.suppress(OSError):
                records.note_time(self._file, until)

    async def steer(self, action: str) -> Json:
        """Start, stop or kill the bot, or just tell how it is. NotPossible for anything else."""
        if action not in {"start", "stop", "kill", "status"}:
            raise NotPossible("The bot can be told to start, stop or kill; status tells how it is.")
        async with self._steering if action != "status" else contextlib.nullcontext():
            if action == "start":
                await self._start_bot()
            elif action != "status":
                await self._stop_bot(kill=action == "kill")
        process = self._process
        return {
            "running": process is not None and process.returncode is None,
            "pid": process.pid if process else None,
            "exit_status": process.returncode if process else None,
        }

    async def _start_bot(self) -> None:
        if self._is_over or (self._process is not None and self._process.returncode is None):
            return
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _LEASH, str(os.getpid()), *self._command),
            env=self._environment(),
            cwd=self._folder,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches this process only, which then stops the bot in order
        )
        self._watch = asyncio.create_task(self._tell_end(self._process))
        self._record()

    async def _stop_bot(self, *, kill: bool = False) -> None:
        process, watch = self._process, self._watch
        if process is None or watch is None or process.returncode is not None:
            return
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        if not kill:
            with contextlib.suppress(TimeoutError, ProcessLookupError):
                process.terminate()
                await asyncio.wait_for(process.wait(), PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            # the whole session, so that nothing the bot started is left behind either
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            # one that the kernel holds in a write to a busy disk is gone after that, and nobody has to wait for it here
            await asyncio.wait_for(process.wait(), KERNEL_PATIENCE)
        self._record()

    async def _tell_end(self, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        self._record()
        _say(f"The bot has ended by itself, with status {status}. Start it again at {self._sandbox.url}/")

    def _record(self) -> None:
        running = self._process is not None and self._process.returncode is None
        self._sandbox.world.journal.record("bot", running=running)

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.upper() not in _OWN_SETTINGS}
        kept |= {
            "BOT_TOKEN": self._sandbox.token,
            "TELEGRAM_API_URL": self._sandbox.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{self._file}",
            "ADMIN_IDS": str(OLGA),
            "PORT": str(_choose_port(None, _BOT_PORT)),
        }
        if self._speed != 1:
            # a bot that is started later must not begin its own fast time then
            kept["CLOCK_SPEED"] = f"{self._speed:g}"
            kept["CLOCK_ORIGIN"] = repr(self._sandbox.world.clock.origin)
        root = Path(__file__).resolve().parents[2]
        if root not in {Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")}:
            # run from a checkout: the bot's folder is no longer the current one
            kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), kept.get("PYTHONPATH"))))
        return kept
