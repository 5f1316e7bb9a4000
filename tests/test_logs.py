"""What must never be read in a log is masked there, however it got there."""

from __future__ import annotations

import json
import logging
import sys
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import QUIET, JsonFormatter, TextFormatter, configure, mask
from bot.services.access import AccessService
from bot.services.hashing import create_secret
from bot.services.keys import Keyring
from storage.database import Database
from storage.models import Client
from tests.conftest import SERVER_KEY
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = create_secret().reveal()
API_TOKEN = (
    # nothing is read or written
    AccessService(Database("sqlite:///nowhere.db"), Keyring([SERVER_KEY]), FakeClock())
    .issue(Client(id=uuid.UUID(int=1), token_generation=0), uuid.UUID(int=2))
    .reveal()
)
BOT_TOKEN = "7000000001:AAhx-made-up-token-of-nobody-0123456789"
INVITE = "inv_made-up-invite-of-nobody-0123456789"
PLAINTEXTS = {"device secret": SECRET, "API token": API_TOKEN, "bot token": BOT_TOKEN, "invite": INVITE}

plaintexts = pytest.mark.parametrize("plaintext", PLAINTEXTS.values(), ids=PLAINTEXTS.keys())


def record(message: str, *args: object, error: Exception | None = None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, error.__traceback__)
    return logging.LogRecord("bot", logging.ERROR, "bot.py", 1, message, args, info)


def fail(plaintext: str) -> None:
    raise ValueError(f"could not send {plaintext}")


@plaintexts
@given(before=st.text(" \n'\"=:/(", max_size=3), after=st.text(" \n'\"=:/)&?.", max_size=3))
def test_a_plaintext_is_masked_whatever_stands_around_it(plaintext: str, before: str, after: str) -> None:
    masked = mask(f"x{before} {plaintext}{after}")
    assert not [part for part in plaintext.split(".") if part[10:] in masked]


@plaintexts
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_messages_arguments_and_tracebacks_are_masked(formatter: logging.Formatter, plaintext: str) -> None:
    with pytest.raises(ValueError, match="could not send") as raised:
        fail(plaintext)
    line = formatter.format(record("update %s failed for %r", 7, [plaintext], error=raised.value))
    assert "update 7 failed" in line
    assert "Traceback" in line
    assert not [part for part in plaintext.split(".") if part in line]


@pytest.mark.parametrize("colon", [":", "%3A", "%3a"])
def test_a_bot_token_in_an_address_is_masked(colon: str) -> None:
    address = f"https://api.telegram.org/bot{BOT_TOKEN.replace(':', colon)}/getMe"
    assert mask(f"POST {address} failed") == "POST https://api.telegram.org/bot<token>/getMe failed"


def test_a_token_in_a_header_or_cut_short_is_masked_too() -> None:
    assert mask(f"Authorization: Bearer {API_TOKEN}") == "Authorization: Bearer <token>"
    assert mask(API_TOKEN.rpartition(".")[0]) == "<token>"
    assert mask(API_TOKEN[:-20]) == "<token>"


@pytest.mark.parametrize(
    "text", ["", "eyJ", "update 7000000001:101:42 failed", "at 15:43:07", "keyJar.get.it", "dsk1_"]
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


def test_a_json_line_is_one_object() -> None:
    event = json.loads(JsonFormatter().format(record("it is %s\nin two lines", SECRET)))
    assert event.keys() == {"at", "level", "logger", "message"}
    assert event["message"] == "it is <secret>\nin two lines"


@pytest.fixture
def undone_configuration(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Loggers and Python's hooks are afterwards what they were before."""
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    root, levels = logging.getLogger(), {name: logging.getLogger(name).level for name in ("", *QUIET)}
    handlers = list(root.handlers)
    root.handlers = []
    yield
    root.handlers = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@plaintexts
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_what_ends_the_program_is_told_masked(
    plaintext: str, log_format: str, undone_configuration: None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure("INFO", log_format)
    with pytest.raises(ValueError, match="could not send") as raised:
        fail(plaintext)
    sys.excepthook(raised.type, raised.value, raised.tb)
    told = capsys.readouterr().err
    assert "ValueError: could not send <" in told
    assert not [part for part in plaintext.split(".") if part in told]
