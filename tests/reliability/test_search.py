"""The search finds what it looks for, and the figures stay where they belong."""

from __future__ import annotations

import base64
import string
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.hashing import create_secret
from tests.reliability import figures
from tests.reliability.canary import search

if TYPE_CHECKING:
    from pathlib import Path

SECRET = create_secret().reveal()
BOT_TOKEN = "7000000001:AAhx-made-up-token_of-nobody-0123456789"
HALVES = (SECRET, SECRET[: len(SECRET) // 2], SECRET[len(SECRET) // 2 :])
around = st.binary(max_size=40)


@pytest.mark.parametrize("half", HALVES, ids=["whole", "first half", "second half"])
@given(before=around, behind=around)
def test_a_secret_is_found_however_it_is_written(half: str, before: bytes, behind: bytes) -> None:
    raw = half.encode()
    for written in (
        raw,
        half.encode("utf-16-le"),
        before.hex().encode() + raw.hex().encode(),
        raw.hex().upper().encode(),
        base64.b64encode(before + raw + behind),
        base64.urlsafe_b64encode(before + raw + behind),
        "".join(f"%{byte:02x}" for byte in raw).encode(),
    ):
        assert search([SECRET], {"file": before + written + behind})


def test_a_token_in_an_address_is_found() -> None:
    assert search([BOT_TOKEN], {"log": f"POST /bot{quote(BOT_TOKEN, safe='')}/getMe".encode()})


@given(st.text(string.printable).map(str.encode))
def test_nothing_is_found_where_nothing_is(held: bytes) -> None:
    assert search([SECRET, BOT_TOKEN], {"file": held}) == []


def test_a_run_rewrites_its_own_figures_and_no_others(tmp_path: Path) -> None:
    document = tmp_path / "figures.md"
    document.write_text("# Title\n<!-- a -->\nold\n<!-- /a -->\nwords\n<!-- b -->\nkept\n<!-- /b -->\n")
    figures.write("a", figures.table(("x", "y"), [(1, 2)]), document)
    text = document.read_text()
    assert "| x | y |\n| --- | --- |\n| 1 | 2 |" in text
    assert "old" not in text
    assert "words\n<!-- b -->\nkept\n<!-- /b -->" in text
