"""What a newcomer does on the page, with the real bot behind it: from the first name to a secret that is gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.phones import ANNA, OLGA, SECRET, Phone, spoken

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Windows
    from tests.browser.demo import Demo

sync_api = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
expect = sync_api.expect

Phones = tuple[Phone, Phone]


def seconds_in(countdown: Locator) -> int:
    found = re.search(r"in (\d+) seconds?", countdown.inner_text())
    assert found is not None
    return int(found[1])


def assert_nowhere(page: Page, secret: str) -> None:
    assert secret not in page.content()


def test_a_secret_is_copied_counts_down_and_is_gone(
    windows: Windows, demo: Demo, take_picture: Callable[[Page, str], None]
) -> None:
    page = windows.open(demo.url, width=1000, height=680, hint=True)
    page.get_by_role("button", name="Got it").click()
    anna = Phone(page, ANNA)
    anna.start()
    anna.button("Register a device").click()
    anna.message("What shall I call it?").wait_for()
    anna.say("VPS Frankfurt")
    card = anna.message("VPS Frankfurt is almost ready")
    expect(card.get_by_role("img", name="Protected")).to_be_visible()
    take_picture(page, "card")
    anna.button("Show secret").click()
    expect(anna.message("The secret of VPS Frankfurt").locator(".spoiler")).to_be_visible()
    anna.chat.locator(".spoiler").click()
    take_picture(page, "secret")
    secret = anna.secret()
    countdown = anna.chat.locator("time.counts")
    first = seconds_in(countdown)
    anna.button("Copy secret").click()
    expect(anna.toast).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    expect(countdown).not_to_have_text(f"in {first} seconds")
    assert seconds_in(countdown) < first <= 10
    receipt = anna.message("VPS Frankfurt is registered")
    expect(receipt).to_contain_text(re.compile("removed after 1[0-2] seconds"))
    expect(anna.chat.locator(".message", has_text=SECRET)).to_have_count(0)
    expect(anna.chat.locator(".leaving")).to_have_count(0)
    assert_nowhere(page, secret)
    take_picture(page, "gone")


def test_a_saved_secret_goes_at_once_and_the_panel_never_knew_it(phones: Phones) -> None:
    anna, _ = phones
    anna.register("Quick")
    secret = anna.show_secret()
    anna.button("I saved it").click()
    expect(anna.message("Quick is registered")).to_contain_text(re.compile(r"removed after [1-9] seconds?"))
    expect(anna.chat.locator(".message", has_text=SECRET)).to_have_count(0)
    calls = anna.page.locator(".calls")
    expect(calls).to_contain_text("dsk1_…")
    for summary in calls.locator("summary", has_text="editMessageText").all():
        summary.click()
    assert_nowhere(anna.page, secret)


def test_an_admin_revokes_and_the_trader_reads_it(phones: Phones) -> None:
    anna, olga = phones
    anna.register("Stolen")
    anna.show_secret()
    anna.button("I saved it").click()
    receipt = anna.message("Stolen is registered")
    receipt.locator("code").first.click()
    expect(anna.toast).to_have_text("Copied")
    olga.start()
    olga.text.fill("/revoke ")
    olga.text.press("Control+v")
    olga.text.press_sequentially(" Laptop stolen")
    olga.text.press("Enter")
    expect(olga.message("is revoked")).to_contain_text("Stolen")
    expect(anna.message("An admin revoked your device Stolen")).to_contain_text("Laptop stolen")


def test_a_restart_during_the_conversation_loses_nothing(phones: Phones, demo: Demo) -> None:
    anna, _ = phones
    panel = anna.page.locator("#panel")
    anna.start()
    anna.say("/register")
    anna.message("What shall I call it?").wait_for()
    panel.get_by_role("button", name="Stop").click()
    expect(panel.locator(".process")).to_contain_text("Not running")
    expect(anna.chat.locator(".chat-status")).to_contain_text("not running")
    anna.say("Patient")
    panel.get_by_role("button", name="Start", exact=True).click()
    anna.message("Patient is almost ready").wait_for()
    panel.get_by_role("button", name="Drop the answer").click()
    anna.button("Cancel").click()
    expect(anna.message("Cancelled")).to_be_visible()
    # it asked again, because it could not know
    expect(panel.locator(".calls")).to_contain_text("message is not modified")
    expect(panel.locator(".faults li")).to_have_count(0)


def test_a_secret_disappears_though_the_bot_was_killed_while_it_was_shown(phones: Phones) -> None:
    anna, _ = phones
    panel = anna.page.locator("#panel")
    anna.register("Survivor")
    secret = anna.show_secret()
    expect(panel.locator(".calls")).to_contain_text(spoken("The secret of Survivor"))
    panel.get_by_role("button", name="Kill").click()
    expect(panel.locator(".process")).to_contain_text("Not running")
    assert anna.secret() == secret
    panel.get_by_role("button", name="Start", exact=True).click()
    expect(anna.chat.locator(".message", has_text=SECRET)).to_have_count(0)
    expect(anna.message(re.compile("Survivor\\S* is registered|I was restarted while showing"))).to_be_visible()
    assert_nowhere(anna.page, secret)


def test_a_phone_is_enough(windows: Windows, demo: Demo, take_picture: Callable[[Page, str], None]) -> None:
    page = windows.open(demo.url, width=360, height=740, color_scheme="dark", has_touch=True, is_mobile=True)
    anna, olga = Phone(page, ANNA), Phone(page, OLGA)
    anna.start()
    anna.say("/register Pocket")
    anna.message("Pocket is almost ready").wait_for()
    anna.button("Show secret").tap()
    anna.chat.locator(".spoiler").tap()
    expect(anna.message(SECRET)).to_be_in_viewport()
    take_picture(page, "phone")
    anna.button("I saved it").tap()
    anna.message("Pocket is registered").wait_for()
    device = anna.device_id()
    page.get_by_role("tab", name="Olga").tap()
    olga.start()
    olga.say(f"/revoke {device}")
    notice = page.locator(".notice", has_text="An admin revoked your device")
    notice.tap()
    expect(anna.message("An admin revoked your device Pocket")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_keyboard_is_enough(phones: Phones) -> None:
    anna, _ = phones
    keyboard = anna.page.keyboard
    for _ in range(12):
        keyboard.press("Tab")
        if anna.button("Start").evaluate("node => node === document.activeElement"):
            break
    keyboard.press("Enter")
    expect(anna.text).to_be_focused()
    keyboard.type("/reg")
    keyboard.press("Tab")
    keyboard.type("Typed")
    keyboard.press("Enter")
    anna.message("Typed is almost ready").wait_for()
    show = anna.button("Show secret")
    for _ in range(8):
        keyboard.press("Shift+Tab")
        if show.evaluate("node => node === document.activeElement"):
            break
    keyboard.press("Enter")
    shown = anna.message("The secret of Typed")
    expect(shown).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(anna.message(SECRET)).to_be_focused()
    saved = anna.button("I saved it")
    for _ in range(8):
        keyboard.press("Tab")
        if saved.evaluate("node => node === document.activeElement"):
            break
    keyboard.press("Enter")
    expect(anna.message("Typed is registered")).to_be_visible()
    expect(anna.chat.locator(".message", has_text=SECRET)).to_have_count(0)


def test_a_newcomer_who_is_added_meets_the_bot(phones: Phones) -> None:
    # the last one here: from now on the demo has three people
    page = phones[0].page
    page.get_by_label("First name of a newcomer").fill("Boris <b>")
    page.get_by_label("First name of a newcomer").press("Enter")
    chat = page.locator(".chat", has=page.get_by_role("heading", name="Boris <b>"))
    boris = Phone(page, int(str(chat.get_attribute("id")).removeprefix("chat-")))
    boris.start()
    expect(boris.message("Welcome, Boris <b>")).to_be_visible()
    boris.text.press_sequentially("/reg")
    expect(boris.chat.get_by_role("option")).to_contain_text("/register")
