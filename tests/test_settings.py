"""A setting that will not do stops the program with a sentence that names it, and never repeats what was set."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs, settings
from bot.__main__ import BAD_SETTINGS, main
from bot.settings import Settings, SettingsError, find_key_file, load_server_keys, load_settings, parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "7000000001:AAmade-up-token-of-nobody-0123456789"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be where no `.env` file is, with no setting in the environment but a token."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)


@pytest.fixture
def silent_logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a command leave pytest's own logging alone."""
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    mask = os.umask(0o077)
    yield
    os.umask(mask)


# ── what is understood ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_token_is_all_that_must_be_set() -> None:
    assert load_settings().bot_id == 7000000001


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("admin_ids", "", ()),
        ("admin_ids", "9", (9,)),
        ("admin_ids", " 9, 10 ,,11,", (9, 10, 11)),
        ("secret_ttl", "10", timedelta(seconds=10)),
        ("secret_ttl", "90s", timedelta(seconds=90)),
        ("secret_ttl", "10m", timedelta(minutes=10)),
        ("secret_ttl", "12H", timedelta(hours=12)),
        ("secret_ttl", "1d", timedelta(days=1)),
        ("secret_ttl", " 86400 ", timedelta(days=1)),
        ("device_limit", "1", 1),
        ("contact", "@desk_support", "@desk_support"),
        ("telegram_api_url", "http://127.0.0.1:8081", "http://127.0.0.1:8081"),
        ("telegram_api_url", "http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("telegram_api_url", "http://127.0.0.1:8081/bot", "http://127.0.0.1:8081"),
        ("telegram_api_url", "https://example.com/telegram/bot/", "https://example.com/telegram"),
        ("log_level", "debug", "DEBUG"),
        ("log_format", "json", "json"),
        ("port", "0", 0),
        ("session_ttl", "30d", timedelta(days=30)),
        ("access", "approval", "approval"),
        ("invite_ttl", "1m", timedelta(minutes=1)),
        ("public_url", "", None),
        ("server_key", "", None),
    ],
)
def test_a_good_value_is_understood(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object) -> None:
    monkeypatch.setenv(name.upper(), text)
    assert getattr(load_settings(), name) == value


def test_a_file_named_dot_env_is_read_and_the_environment_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DEVICE_LIMIT=3\nSECRET_TTL=20\nUNKNOWN=1\n", "utf-8")
    monkeypatch.setenv("SECRET_TTL", "30")
    assert load_settings().device_limit == 3
    assert load_settings().secret_ttl == timedelta(seconds=30)


@given(st.integers(0, 999_999_999), st.sampled_from(["", "s", "m", "h", "d", "S", "D"]))
def test_a_duration_is_a_number_and_a_unit(number: int, unit: str) -> None:
    seconds = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[unit.lower()]
    try:
        assert parse_duration(f"{number}{unit}") == timedelta(seconds=number * seconds)
    except OverflowError:
        pytest.fail("a duration that no calendar holds is a wrong value like any other")


@given(st.text(max_size=12))
def test_what_is_no_duration_is_refused_and_nothing_else_happens(text: str) -> None:
    fault = ""
    try:
        assert parse_duration(text) >= timedelta(0)
    except ValueError as error:
        fault = str(error)
    assert text not in fault or len(text) < 3 or text.isalpha()


@pytest.mark.parametrize(
    ("url", "is_loopback"),
    [
        ("http://127.0.0.1:8081", True),
        ("http://localhost", True),
        ("http://[::1]:8081", True),
        ("https://api.telegram.org", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://localhost:80@example.com", False),
        ("http://example.com/127.0.0.1", False),
    ],
)
def test_only_this_machine_is_this_machine(url: str, *, is_loopback: bool) -> None:
    made = Settings.model_construct(telegram_api_url=url)
    assert made.is_loopback is is_loopback


# ── what is not ───────────────────────────────────────────────────────────────────────────────────────────────────────

BAD: dict[str, list[str]] = {
    "BOT_TOKEN": [
        "",
        "secret-words",
        "7000000001",
        ":AAsecret",
        "7000000001:",
        f"{TOKEN} ",
        f"bot{TOKEN}",
        "७०००:AAsecret",
        f"{'9' * 19}:AAsecret",
        "7000000001:AA secret",
        "7000000001:AA/../secret",
    ],
    "ADMIN_IDS": ["anna_secret", "9;10", "9.5", "-9", "@olga", "٩", "0", "9, olga", "9" * 19, "9" * 40],
    "CONTACT": ["x" * 101],
    "DATABASE_URL": [
        "",
        "devices.db",
        "sqlite+aiosqlite://",
        "sqlite:///:memory:",
        "mysql://root:secretword@localhost/x",
        "postgresql+asyncpg://user:pass@word:secretword/x",
        "postgresql+asyncpg://user:secretword@host:port/x",
    ],
    "SECRET_TTL": ["", "9", "9s", "2d", "86401", "forever", "-60", "1.5m", "60 s", "999999999d", "1w"],
    "DEVICE_LIMIT": ["", "0", "-1", "many", "1.5", "1000001", "9" * 40],
    "SERVER_KEY": [
        "short-secret",
        " , ",
        f"{KEY},short-secret",
        "a" * 64,
        "changeme" * 8,
        "ab" * 40,
    ],
    "TELEGRAM_API_URL": [
        "",
        "api.telegram.org",
        "ftp://example.com",
        "https://",
        "https://exa mple.com",
        "https://example.com?x=1",
        "https://example.com:99999",
        "https://example.com:port",
        "http://[secretword",
        "https://:8081",
    ],
    "CALLS_PER_SECOND": ["", "0", "2", "many", "nan", "inf", "100001"],
    "CLOCK_SPEED": ["", "0", "-1", "fast", "nan", "inf", "1001"],
    "LOG_LEVEL": ["", "LOUD", "10"],
    "LOG_FORMAT": ["", "JSON lines", "xml"],
    "PUBLIC_URL": ["example.com", "ftp://example.com", "https://example.com?x", "https://user:secretword@example.com"],
    "PORT": ["", "-1", "65536", "http"],
    "SESSION_TTL": ["", "0", "59s", "31d", "soon"],
    "RETENTION": ["", "0", "23h", "36501d", "for ever"],
    "ACCESS": ["", "closed", "Open"],
    "INVITE_TTL": ["", "0", "59s", "31d", "soon"],
    "AUTH_PROXY": ["apache"],
    "TRUSTED_PROXIES": ["localhost", "10.0.0.0/33", "1.2.3"],
}
CASES = [(name, value) for name, values in BAD.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_bad_value_is_a_sentence_that_names_its_setting_and_does_not_repeat_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    sentence = str(refused.value)
    assert sentence.startswith(f"{name}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "secret" not in sentence.removeprefix(name)
    if len(value) > 20:
        assert value.strip() not in sentence
    assert refused.value.__cause__ is None


def test_every_setting_that_can_be_wrong_has_a_case() -> None:
    cannot_be_wrong = {"HOST", "CLOCK_ORIGIN"}
    assert {name.upper() for name in Settings.model_fields} - cannot_be_wrong == set(BAD)


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOT_TOKEN")
    monkeypatch.setenv("SECRET_TTL", "1")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    names = [line.partition(":")[0] for line in str(refused.value).splitlines()]
    assert names == ["BOT_TOKEN", "SECRET_TTL", "LOG_LEVEL"]


def test_only_the_sandbox_s_clock_may_run_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOCK_SPEED", "2")
    with pytest.raises(SettingsError, match=r"^CLOCK_SPEED: "):
        load_settings()
    monkeypatch.setenv("TELEGRAM_API_URL", "http://127.0.0.1:8081")
    assert load_settings().clock_speed == 2


def test_no_secret_setting_is_in_the_settings_representation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_KEY", KEY)
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:word@host/db")
    told = repr(load_settings()) + str(load_settings()) + str(load_settings().model_dump())
    assert TOKEN not in told
    assert KEY not in told
    assert "word@" not in told


def test_settings_are_not_changed_after_the_start() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().device_limit = 5


@pytest.mark.parametrize("content", [b"CONTACT=\xff\xfe", b"\x00\x01"])
def test_a_dot_env_file_that_is_no_text_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    if content[0] == 0:
        assert load_settings().contact == ""
        return
    with pytest.raises(SettingsError, match=r"^\.env: "):
        load_settings()


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_dot_env_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CONTACT=@x", "utf-8")
    (tmp_path / ".env").chmod(0)
    with pytest.raises(SettingsError, match=r"^\.env: "):
        load_settings()


# ── the command line ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("silent_logs")
@pytest.mark.parametrize("command", ["run", "migrate"])
@pytest.mark.parametrize(("name", "value"), [("BOT_TOKEN", "secret"), ("SECRET_TTL", "1"), ("DATABASE_URL", "x")])
def test_a_command_that_cannot_start_says_why_and_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main([command]) == BAD_SETTINGS == 2
    told = capsys.readouterr()
    assert told.err.startswith(f"{name}: ")
    assert "Traceback" not in told.err
    assert told.out == ""


def run_program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program as an operator does, in the working directory."""
    root = str(Path(settings.__file__).parents[1])
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": root, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("path", ["nowhere/devices.db", "folder", "text.txt"])
def test_a_database_that_cannot_be_opened_is_told_in_one_line_and_the_exit_code_is_2(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("this is no database, and it is longer than its header " * 50, "utf-8")
    ended = run_program("run", BOT_TOKEN=TOKEN, DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path / path}")
    assert ended.returncode == BAD_SETTINGS
    assert re.fullmatch(r"DATABASE_URL: the database cannot be opened: [^\n]+\.\n", ended.stderr)


def test_the_real_program_without_a_token_says_so_in_one_line() -> None:
    ended = run_program("run")
    assert ended.returncode == BAD_SETTINGS
    assert ended.stderr == "BOT_TOKEN: it is missing; set it to the token that @BotFather gave you.\n"
    assert ended.stdout == ""


# ── the server's key ──────────────────────────────────────────────────────────────────────────────────────────────────


def key_file(tmp_path: Path) -> Path:
    path = find_key_file(load_settings())
    assert path is not None
    assert path.parent == tmp_path
    return path


def test_a_key_is_made_once_beside_the_database_for_this_user_only(tmp_path: Path) -> None:
    (first,) = load_server_keys(load_settings())
    (second,) = load_server_keys(load_settings())
    assert first == second
    assert len(first) >= settings.MIN_KEY_LENGTH
    assert stat.S_IMODE(key_file(tmp_path).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [key_file(tmp_path).name], "nothing else is left behind"


def test_two_databases_get_two_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load_server_keys(load_settings())
    monkeypatch.setenv("DATABASE_URL", "sqlite:///other.db")
    assert load_server_keys(load_settings()) != first


def test_of_many_that_start_at_once_all_get_the_same_key(tmp_path: Path) -> None:
    given = load_settings()
    for _ in range(20):
        with ThreadPoolExecutor(8) as pool:
            keys = {tuple(keys) for keys in pool.map(lambda _: load_server_keys(given), range(8))}
        assert len(keys) == 1
        key_file(tmp_path).unlink()


def test_a_key_that_is_set_is_used_and_none_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SERVER_KEY", f"{KEY}, {KEY[::-1]}")
    assert load_server_keys(load_settings()) == [KEY.encode(), KEY[::-1].encode()]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40])
def test_a_key_file_that_holds_no_key_stops_the_program_rather_than_being_replaced(
    tmp_path: Path, content: bytes
) -> None:
    path = key_file(tmp_path)
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"^SERVER_KEY: ") as refused:
        load_server_keys(load_settings())
    assert str(path) in str(refused.value)
    assert path.read_bytes() == content


def test_a_folder_that_takes_no_key_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/devices.db")
    with pytest.raises(SettingsError, match=r"^(DATABASE_URL|SERVER_KEY): "):
        load_server_keys(load_settings())


def test_postgresql_needs_a_key_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user@host/db")
    with pytest.raises(SettingsError, match=r"^SERVER_KEY: "):
        load_server_keys(load_settings())
