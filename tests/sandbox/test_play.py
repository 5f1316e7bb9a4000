"""The demo command: a bot of its own beside the sandbox, and nothing left behind however it ends."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox import records
from bot.sandbox.play import ANNA, OLGA, THE_BOT, play

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).resolve().parents[2]
ENDS_WITHIN = 2.0
SLACK = 1.5
"""Seconds that a machine with much to do may add."""
# stands in for the bot: tells what it was given, then waits; "obstinate" does not listen to SIGTERM
STAND_IN = """
import json, os, signal, sys, time
if "obstinate" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
told = {"pid": os.getpid(), "cwd": os.getcwd(), "env": dict(os.environ)}
with open(sys.argv[1] + ".new", "w") as file:
    json.dump(told, file)
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(0 if "brief" in sys.argv else 60)
"""


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def until(holds: Any, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Demo:
    """A running demo, and what its bot told."""

    def __init__(self, process: asyncio.subprocess.Process, bot: dict[str, Any], url: str) -> None:
        self.process = process
        self.bot = bot
        self.url = url


@asynccontextmanager
async def demo(folder: Path, *manner: str, env: dict[str, str] | None = None, **options: Any) -> AsyncIterator[Demo]:
    told = folder / "told.json"
    command = [sys.executable, "-c", STAND_IN, str(told), *manner]
    port = free_port()
    options = {"port": port, "command": command} | options
    start = f"import sys; from bot.sandbox.play import play; sys.exit(play(**{options!r}))"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", start),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | (env or {}),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await until(told.exists)
        yield Demo(process, json.loads(told.read_text()), f"http://127.0.0.1:{port}")
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_bot_gets_settings_of_its_own_and_none_of_the_callers(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PUBLIC_URL=https://example.com\n")
    alien = {
        "BOT_TOKEN": "1:real",
        "PUBLIC_URL": "https://x",
        "server_key": "k",
        "https_proxy": "http://p",
        "CONTACT": "me",
        "CLOCK_ORIGIN": "1",
    }
    began = time.time()
    async with demo(tmp_path, env=alien, speed=60.0) as running:
        env = running.bot["env"]
        assert began - 1 < float(env["CLOCK_ORIGIN"]) < time.time()
        assert env["BOT_TOKEN"] != "1:real"
        assert env["TELEGRAM_API_URL"] == running.url
        assert env["DATABASE_URL"] == f"sqlite+aiosqlite:///{tmp_path}/sandbox.db"
        assert (env["ADMIN_IDS"], env["CLOCK_SPEED"], env["CONTACT"]) == (str(OLGA), "60", "me")
        assert {"PUBLIC_URL", "server_key", "https_proxy"}.isdisjoint(env)
        assert Path(running.bot["cwd"]) != tmp_path
        assert os.listdir(running.bot["cwd"]) == []  # noqa: PTH208 - names are compared


async def test_the_page_and_the_people_are_there(tmp_path: Path) -> None:
    async with demo(tmp_path) as running, aiohttp.ClientSession(running.url) as http:
        async with http.get("/") as response:
            assert response.status == 200
        async with http.get("/control/people") as response:
            people = (await response.json())["people"]
        assert [(person["first_name"], person["username"]) for person in people] == [
            ("Anna", "anna_fx"),
            ("Olga", "olga_admin"),
        ]
        async with http.get("/control/status") as response:
            assert (await response.json())["process"]["running"] is True
        assert running.process.stdout is not None
        assert f"{running.url}/" in (await running.process.stdout.readline()).decode()


@pytest.mark.parametrize(
    ("name", "manner"),
    [(signal.SIGINT, ""), (signal.SIGTERM, ""), (signal.SIGHUP, ""), (signal.SIGINT, "obstinate")],
)
async def test_a_signal_ends_everything_within_two_seconds(tmp_path: Path, name: signal.Signals, manner: str) -> None:
    async with demo(tmp_path, manner) as running:
        began = time.monotonic()
        running.process.send_signal(name)
        assert await running.process.wait() == 0
        assert time.monotonic() - began < ENDS_WITHIN + SLACK
        assert not is_alive(running.bot["pid"])
        assert not os.path.exists(running.bot["cwd"])  # noqa: ASYNC240, PTH110 - takes no time


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
async def test_the_bot_dies_with_a_sandbox_that_is_killed(tmp_path: Path) -> None:
    async with demo(tmp_path, "obstinate") as running:
        running.process.kill()
        await running.process.wait()
        await until(lambda: not is_alive(running.bot["pid"]), 10)
    os.rmdir(running.bot["cwd"])  # noqa: PTH106 - takes no time


async def test_open_pages_do_not_keep_it_from_stopping(tmp_path: Path) -> None:
    async with demo(tmp_path) as running, aiohttp.ClientSession(running.url) as http:
        async with http.get("/control/events") as stream:
            await stream.content.readline()
            began = time.monotonic()
            running.process.send_signal(signal.SIGINT)
            assert await running.process.wait() == 0
            assert time.monotonic() - began < ENDS_WITHIN + SLACK
        assert not is_alive(running.bot["pid"])


async def test_a_start_that_comes_while_it_stops_leaves_no_bot_behind(tmp_path: Path) -> None:
    async with demo(tmp_path, "obstinate") as running, aiohttp.ClientSession(running.url) as http:
        running.process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.2)
        with contextlib.suppress(aiohttp.ClientError):
            await http.post("/control/bot", json={"action": "start"})
        assert await running.process.wait() == 0
        assert bots_of(running.url) == []


def bots_of(url: str) -> list[Path]:
    def is_one(environment: Path) -> bool:
        try:
            return f"TELEGRAM_API_URL={url}".encode() in environment.read_bytes()
        except OSError:
            return False

    return list(filter(is_one, Path("/proc").glob("[0-9]*/environ")))


async def test_the_bot_can_be_stopped_killed_and_started_again(tmp_path: Path) -> None:
    async def steer(http: aiohttp.ClientSession, action: str) -> Any:
        async with http.post("/control/bot", json={"action": action}) as response:
            return response.status, await response.json()

    async with demo(tmp_path) as running, aiohttp.ClientSession(running.url) as http:
        _, stopped = await steer(http, "stop")
        assert stopped == {"running": False, "pid": running.bot["pid"], "exit_status": -signal.SIGTERM}
        _, started = await steer(http, "start")
        assert (await steer(http, "start"))[1] == started
        assert started["running"] is True
        _, killed = await steer(http, "kill")
        assert killed == {"running": False, "pid": started["pid"], "exit_status": -signal.SIGKILL}
        assert (await steer(http, "fly"))[0] == 400


async def test_a_bot_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    async with demo(tmp_path, "brief") as running:
        assert running.process.stdout is not None
        lines = [(await running.process.stdout.readline()).decode() for _ in range(3)]
        assert "The bot has ended by itself, with status 0" in "".join(lines)
        assert running.process.returncode is None


async def test_a_fresh_start_forgets_the_database_and_nothing_else(tmp_path: Path) -> None:
    gone = ["my.db", "my.db-wal", "my.db-shm", "my.db-journal", "my.db.time"]
    kept = ["my.db.key", "my.db.lock", "my.db.backup", "other.db"]
    for name in (*gone, *kept):
        (tmp_path / name).write_text("x")
    async with demo(tmp_path, database="my.db", fresh=True):
        assert {name for name in (*gone, *kept) if (tmp_path / name).exists()} == set(kept)


def test_a_database_that_a_bot_is_using_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my.db"
    file.write_text("records")
    with (tmp_path / "my.db.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(records.InUse):
            records.prepare(file, fresh=True, patience=0)
        assert play(database=str(file), fresh=True) == 1
    assert f"Another bot is running on {file}." in capsys.readouterr().err
    assert file.read_text() == "records"
    records.prepare(file, fresh=True, patience=0)
    assert not file.exists()


async def test_records_of_a_time_that_has_not_come_are_refused_until_it_has(tmp_path: Path) -> None:
    file = tmp_path / "my.db"
    file.write_text("records")
    async with demo(tmp_path, database="my.db", speed=60.0) as running:
        with pytest.raises(records.LieAhead) as unknown:  # it may be killed, and nobody would know how far it got
            records.prepare(file, fresh=False, patience=0)
        assert unknown.value.seconds == float("inf")
        await asyncio.sleep(0.5)
        running.process.send_signal(signal.SIGINT)
        assert await running.process.wait() == 0
    with pytest.raises(records.LieAhead) as known:
        records.prepare(file, fresh=False, patience=0)
    assert 20 < known.value.seconds < 600
    records.note_time(file, time.time() - 1)
    records.prepare(file, fresh=False, patience=0)


def test_a_refusal_to_run_on_records_of_the_future_says_how_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "my.db"
    file.write_text("records")
    records.note_time(file, time.time() + 3599.5)
    assert play(database=str(file)) == 1
    told = capsys.readouterr().err
    assert f"the records in {file} lie ahead of it by 1:00:00." in told
    assert "Begin with --fresh" in told
    file.unlink()
    records.prepare(file, fresh=False, patience=0)  # a note without records is about nothing


async def test_a_run_at_the_usual_speed_leaves_no_note(tmp_path: Path) -> None:
    async with demo(tmp_path, database="my.db") as running:
        running.process.send_signal(signal.SIGINT)
        assert await running.process.wait() == 0
    assert not (tmp_path / "my.db.time").exists()


async def test_clocks_agree_after_the_bot_was_killed_half_way(tmp_path: Path) -> None:
    # the real bot: a secret that is shown for 60 seconds goes after 6 real ones, though another process removes it
    async with real_demo(tmp_path, "--speed", "10") as (http, _):
        await act(http, "say", person=ANNA, text="/register VPS-1")
        assert (await see(http, ANNA, "almost ready"))["found"]
        await act(http, "press", person=ANNA, button="Show secret")
        assert (await see(http, ANNA, "dsk1_"))["found"]
        shown = time.monotonic()
        await asyncio.sleep(1)
        await act(http, "bot", action="kill")
        await act(http, "bot", action="start")
        assert (await see(http, ANNA, "dsk1_", gone="1"))["found"]
        assert time.monotonic() - shown < 20
        async with http.get("/control/history", params={"person": ANNA}) as response:
            looks = (await response.json())["sightings"]
    secret = next(look for look in looks if "dsk1_" in look["text"])
    assert secret["real_until"] - secret["real_from"] == pytest.approx(6, abs=2.5)


async def test_nothing_of_the_real_demo_outlives_ctrl_c(tmp_path: Path) -> None:
    # an interpreter that takes as long to be taken apart as on a machine with a lot to do
    (tmp_path / "sitecustomize.py").write_text("import atexit, time; atexit.register(time.sleep, 20)")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    async with real_demo(tmp_path, env={"PYTHONPATH": path}) as (http, process):
        async with http.get("/control/status") as response:
            bot = (await response.json())["process"]["pid"]
        await act(http, "say", person=ANNA, text="/start")
        assert (await see(http, ANNA, "Welcome"))["found"]
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), 15) == 0
        assert time.monotonic() - began < ENDS_WITHIN + SLACK
        assert not is_alive(bot)
        assert bots_of(str(http._base_url).rstrip("/")) == []


async def act(http: aiohttp.ClientSession, what: str, **body: Any) -> None:
    async with http.post(f"/control/{what}", json=body) as response:
        assert response.status == 200, await response.text()


async def see(http: aiohttp.ClientSession, person: int, words: str, **query: str) -> Any:
    asked = {"person": str(person), "contains": words, "timeout": "20", **query}
    async with http.get("/control/screen", params=asked) as response:
        return await response.json()


@asynccontextmanager
async def real_demo(
    folder: Path, *options: str, env: dict[str, str] | None = None
) -> AsyncIterator[tuple[aiohttp.ClientSession, asyncio.subprocess.Process]]:
    """The demo as its command starts it, once the page is there."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(*THE_BOT[:-1], "sandbox", "--port", str(port), "--database", "demo.db", *options),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING"} | (env or {}),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert b"is ready" in await process.stdout.readline()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:
            yield http, process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.communicate()


def test_what_the_demo_cannot_do_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert play(port=port) == 1
        assert f"Port {port} is taken." in capsys.readouterr().err
    for speed in (0, 1001, float("nan")):
        assert play(speed=speed) == 1
        assert "The speed must be above zero and at most 1000." in capsys.readouterr().err
    assert play(database="/nowhere/at/all/x.db") == 1
    assert "There is no folder /nowhere/at/all" in capsys.readouterr().err
