"""Whatever has a secret in it does not say so when it is printed, logged, or part of a crash report."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pydantic
import pytest

import bot
import storage
from bot.chat import views
from bot.chat.bot_api import build_bot
from bot.chat.transport import _read
from bot.chat.views.keyboards import copy, keyboard
from bot.chat.words import load_words
from bot.services.hashing import create_secret
from bot.services.sessions import OpenedSession
from storage.models import Handout, HandoutKind

if TYPE_CHECKING:
    from collections.abc import Iterator

SENSITIVE = re.compile(r"(.*_)?(secret|signing_key|token|plaintext|server_key)")
BOT_TOKEN = "7000000001:AAhx-made-up-token-of-nobody-0123456789"


def our_classes() -> Iterator[type[Any]]:
    """Return every class of the program; the sandbox is none of it."""
    for package in (bot, storage):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(("bot.sandbox", "bot.connectors", "storage.migrations")):
                loaded = importlib.import_module(module.name)
                yield from (
                    found for _, found in inspect.getmembers(loaded, inspect.isclass) if found.__module__ == module.name
                )


def printed_fields(found: type[Any]) -> set[str]:
    """Return the fields of a class that its representation shows as they are."""
    if dataclasses.is_dataclass(found) and found.__repr__.__qualname__.endswith("__create_fn__.<locals>.__repr__"):
        return {field.name for field in dataclasses.fields(found) if field.repr and "Secret" not in str(field.type)}
    if issubclass(found, pydantic.BaseModel):
        return {
            name for name, field in found.model_fields.items() if field.repr and "Secret" not in str(field.annotation)
        }
    return set()


CLASSES = sorted(set(our_classes()), key=lambda found: (found.__module__, found.__qualname__))


@pytest.mark.parametrize("found", [one for one in CLASSES if printed_fields(one)], ids=lambda one: one.__qualname__)
def test_no_class_prints_a_field_that_is_named_like_a_secret(found: type[Any]) -> None:
    assert not {name for name in printed_fields(found) if SENSITIVE.fullmatch(name)}


def test_what_is_looked_at_is_most_of_the_program() -> None:
    assert len(CLASSES) > 100
    assert OpenedSession in CLASSES


def test_the_message_that_shows_a_secret_prints_none() -> None:
    secret = create_secret()
    handout = Handout(
        kind=HandoutKind.REGISTRATION, device_name="VPS-1", destroy_at=datetime.now(UTC), armed_at=datetime.now(UTC)
    )
    view = views.handouts.shown(load_words("en"), handout, secret)
    assert secret.reveal() in view.text
    for printed in (repr(view), str(view), f"{view}", repr([view])):
        assert secret.reveal()[10:30] not in printed
        assert "VPS-1" in printed


def test_an_opened_session_does_not_print_its_key() -> None:
    assert "5ca1ab1e" not in repr(OpenedSession("session", "5ca1ab1e" * 8, 1, 2))


def test_a_bot_does_not_print_its_token() -> None:
    client = build_bot(BOT_TOKEN, "https://api.telegram.org")
    assert BOT_TOKEN[12:] not in f"{client!r} {client} {[client]}"
    assert "7000000001" in repr(client)


def test_neither_a_keyboard_nor_an_answer_of_telegram_shows_a_secret() -> None:
    secret = create_secret().reveal()
    described = repr(keyboard([copy("Copy secret", secret)])) + repr(_read(200, f'{{"result": "{secret}"}}'.encode()))
    assert "Copy secret" in described
    assert secret[10:30] not in described
