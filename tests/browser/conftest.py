"""A real browser, a stage without a bot, and the whole demo with one.

Playwright's synchronous interface keeps an event loop running in this thread for as long as it lives, and no
asynchronous test could run beside it: it lives as long as a module of these tests, all of which are synchronous.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.demo import Demo
from tests.browser.phones import ANNA, OLGA, Phone
from tests.browser.pictures import shrink
from tests.browser.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE = 15_000  # milliseconds
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
BIGGEST_PICTURE = 60_000  # bytes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", action="store_true", help="take the pictures in docs/images anew")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium of this machine; nothing is ever downloaded."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


class Windows:
    """Opens pages, and knows what they complained about."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(self, url: str, *, width: int = 1360, height: int = 900, hint: bool = False, **options: Any) -> Page:
        """Open the page; without `hint` as somebody sees it who has been here before."""
        context = self._browser.new_context(viewport={"width": width, "height": height}, **options)
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        if not hint:
            context.add_init_script("localStorage.setItem('hint', 'read')")
        page = context.new_page()
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        page.goto(url)
        page.locator(".messages[aria-busy=false]").first.wait_for(state="attached")
        return page

    def forgive(self, words: str) -> None:
        """Forget complaints with these words; there must be one."""
        kept = [complaint for complaint in self.complaints if words not in complaint]
        assert kept != self.complaints
        self.complaints = kept

    def close(self) -> None:
        """Close everything."""
        while self._contexts:
            self._contexts.pop().close()

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)


@pytest.fixture
def windows(browser: Browser) -> Iterator[Windows]:
    """A way to open pages. The test fails if one of them has an error or a warning in its console."""
    opened = Windows(browser)
    yield opened
    opened.close()
    assert opened.complaints == []


@pytest.fixture
def stage(windows: Windows) -> Iterator[Stage]:
    """A sandbox without a bot: the test itself makes the bot's calls."""
    with Stage() as stage:
        stage.sandbox.add_person(ANNA, "Anna", username="anna_fx", language_code="en", started=True, about="trader")
        stage.sandbox.add_person(OLGA, "Olga", username="olga_admin", language_code="en", started=True, about="admin")
        yield stage
        windows.close()  # before the server goes, of which they would complain


@pytest.fixture(scope="module")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as its command starts it, with the real bot."""
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    """The demo with empty chats and a running bot."""
    running_demo.clear()
    return running_demo


@pytest.fixture
def phones(windows: Windows, demo: Demo) -> tuple[Phone, Phone]:
    """Anna's and Olga's chats, side by side on one page."""
    page = windows.open(demo.url)
    return Phone(page, ANNA), Phone(page, OLGA)


@pytest.fixture
def take_picture(request: pytest.FixtureRequest) -> Iterator[Callable[[Page, str], None]]:
    """A way to take a picture for the documentation, if --screenshots or SCREENSHOTS asks for pictures."""
    wanted = request.config.getoption("--screenshots", default=False) or bool(os.environ.get("SCREENSHOTS"))
    taken: dict[str, bytes] = {}

    def take(page: Page, name: str) -> None:
        if wanted:
            page.mouse.move(0, 0)
            # nobody else's time runs fast
            page.evaluate("document.getElementById('speed').hidden = true")
            taken[name] = page.screenshot(animations="disabled")

    yield take
    # only now: shrinking takes longer than a secret is shown
    for name, picture in taken.items():
        small = shrink(picture)
        assert len(small) < BIGGEST_PICTURE, f"{name} has {len(small)} bytes"
        PICTURES.mkdir(parents=True, exist_ok=True)
        (PICTURES / f"{name}.png").write_bytes(small)
