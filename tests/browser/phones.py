"""A person's chat on the page, driven the way a person would."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ANNA, OLGA = 123456789, 987654321
SECRET = re.compile(r"dsk1_[0-9A-Za-z]{59}")
DEVICE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def spoken(words: str) -> re.Pattern[str]:
    """Return what finds these words also where a name among them stands in direction isolates."""
    return re.compile(r"[\u2068\u2069]*\s+[\u2068\u2069]*".join(map(re.escape, words.split())))


class Phone:
    """One chat of the page."""

    def __init__(self, page: Page, person: int) -> None:
        self.page = page
        self.chat = page.locator(f"#chat-{person}")
        self.text = self.chat.get_by_role("textbox")
        self.toast = self.chat.locator(".toast")

    def start(self) -> None:
        """Press the only button of an empty chat."""
        self.button("Start").click()
        self.message("/start").wait_for()

    def say(self, text: str) -> None:
        """Type and press Enter."""
        self.text.fill(text)
        self.text.press("Enter")

    def message(self, words: str | re.Pattern[str]) -> Locator:
        """Return the newest message with these words; Playwright waits for it where it is used."""
        wanted = spoken(words) if isinstance(words, str) else words
        return self.chat.locator(".message:not(.leaving)", has_text=wanted).last

    def button(self, words: str) -> Locator:
        """Return the newest button that ends with these words."""
        return self.chat.get_by_role("button", name=re.compile(rf"(^|\s){re.escape(words)}$")).last

    def register(self, name: str) -> None:
        """Register as far as the card."""
        self.start()
        self.say(f"/register {name}")
        self.message(f"{name} is almost ready").wait_for()

    def show_secret(self) -> str:
        """Tap the card's button, open the spoiler and return the secret."""
        self.button("Show secret").click()
        self.chat.locator(".spoiler").click()
        return self.secret()

    def secret(self) -> str:
        """Return the secret on the screen."""
        found = SECRET.search(self.message(SECRET).inner_text())
        assert found is not None
        return found[0]

    def device_id(self) -> str:
        """Return the device ID on the screen."""
        found = DEVICE_ID.search(self.message(DEVICE_ID).inner_text())
        assert found is not None
        return found[0]
