"""The people of the journeys: they type, tap and wait, and remember what the bot called on their account."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox import Bubble, Call, Pressed, Said, Sandbox

SECRET = re.compile(r"dsk1_[0-9A-Za-z]{59}")
DEVICE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
PATIENCE = 30.0
"""Seconds to wait for what should come at once: a busy machine is no fault of the bot."""
ANSWERED_WITHIN = 1.0
"""Seconds within which every tap is answered."""
FENCE = "Your Telegram ID"
SENDS, EDITS = {"sendmessage"}, {"editmessagetext", "editmessagereplymarkup"}


@dataclass(frozen=True)
class Registered:
    """A device and what its owner saw of it."""

    id: uuid.UUID
    secret: str
    card: Bubble


@dataclass(frozen=True)
class Costs:
    """How many calls of each kind the bot made in one person's chat."""

    sends: int
    edits: int
    tap_answers: int
    deletions: int


def plain(text: str) -> str:
    """Return the text without the direction isolates around names."""
    return text.replace("\u2068", "").replace("\u2069", "")


class Trader:
    """Somebody in their private chat with the bot."""

    def __init__(self, sandbox: Sandbox, id: int, name: str) -> None:  # noqa: A002 - as in Telegram
        self.sandbox = sandbox
        self.id = id
        self.name = name
        self._counted_from = 0

    def say(self, text: str = "", **how: Any) -> Said:
        """Send something to the bot."""
        return self.sandbox.say(self.id, text, **how)

    async def ask(self, text: str, expected: str, **how: Any) -> Bubble:
        """Send something and return the bot's answer below it."""
        return await self.sees(expected, after=self.say(text, **how).message_id)

    async def sees(self, words: str, *, after: int = 0, timeout: float = PATIENCE) -> Bubble:  # noqa: ASYNC109 - as in Sandbox
        """Wait until the bot shows the words; return the newest message that does."""
        return await self.sandbox.wait_for(self.id, words, after=after, timeout=timeout)

    async def misses(self, words: str, *, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109 - as in Sandbox
        """Wait until nothing from the bot shows the words."""
        await self.sandbox.wait_gone(self.id, words, timeout=timeout)

    async def tap(self, button: str, message: Bubble | None = None, **how: Any) -> Pressed:
        """Tap a button, of a message or of the newest one that has it, and return the bot's answer to the tap."""
        target = {} if message is None else {"message_id": message.message_id}
        pressed = await self.sandbox.press(self.id, button, wait=PATIENCE, **target, **how)
        assert pressed.answered, f"nothing came of {button!r}"
        return pressed

    async def becomes(self, message: Bubble, words: str) -> Bubble:
        """Wait until one message, however it looked before, shows the words."""
        found = await self.sandbox.world.journal.until(
            lambda: self._showing(message.message_id, words), PATIENCE, chat=self.id
        )
        assert found is not None, f"{words!r} is not what became of it: {self.looks(message.message_id)}"
        return found

    async def follow(self, button: str, expected: str, message: Bubble | None = None) -> Bubble:
        """Tap a button and return the message that then shows the words."""
        await self.tap(button, message)
        return await self.sees(expected)

    async def forge(self, data: str, message_id: int, *, chat: int | None = None) -> Pressed:
        """Send a tap that no app would: any data, on any message."""
        pressed = await self.sandbox.press(
            self.id, data=data, message_id=message_id, chat=chat, force=True, wait=PATIENCE
        )
        assert pressed.answered, f"nothing came of {data!r}"
        return pressed

    def screen(self) -> list[str]:
        """Return what the bot shows now, oldest first."""
        return [plain(bubble.text) for bubble in self.sandbox.screen(self.id) if bubble.from_bot]

    def find(self, message_id: int) -> Bubble | None:
        """Return a message that is on the screen now."""
        return next((bubble for bubble in self.sandbox.screen(self.id) if bubble.message_id == message_id), None)

    def looks(self, message_id: int) -> list[str]:
        """Return everything that a message of the bot ever said."""
        past = self.sandbox.history(self.id)
        return [plain(look.text) for look in past if look.from_bot and look.message_id == message_id]

    def times_shown(self, words: str) -> int:
        """Return how many messages of the bot ever said the words."""
        past = self.sandbox.history(self.id)
        return len({look.message_id for look in past if look.from_bot and words in plain(look.text)})

    async def take_card(self, name: str) -> Bubble:
        """Ask for a new device and return its card."""
        return await self.ask(f"/register {name}", "is almost ready")

    async def show_secret(self, card: Bubble) -> str:
        """Tap *Show secret* and return the secret that is read then."""
        await self.tap("Show secret", card)
        bubble = await self.sees("The secret of" if "almost ready" in card.text else "The new secret of")
        assert bubble.message_id == card.message_id
        return read_secret(bubble)

    async def open_secret(self, name: str) -> Registered:
        """Ask for a new device and have its secret on the screen."""
        card = await self.take_card(name)
        return Registered(read_id(card), await self.show_secret(card), card)

    async def register(self, name: str) -> Registered:
        """Ask for a new device, see its secret, save it, and read the receipt."""
        registered = await self.open_secret(name)
        await self.tap("I saved it", registered.card)
        await self.sees(f"\u2068{name}\u2069 is registered", after=registered.card.message_id)
        return registered

    async def open_card(self, name: str) -> Bubble:
        """Show the card of a device."""
        devices = await self.ask("/devices", "Your devices")
        return await self.follow(name, "Device ID", devices)

    async def fence(self) -> None:
        """Wait until everything the person sent before was dealt with: their updates are handled in order."""
        await self.ask("/id", FENCE)

    def start_counting(self) -> None:
        """Count calls from here."""
        self._counted_from = len(self.sandbox.calls)

    async def count(self) -> Costs:
        """Return what the bot called since counting was started."""
        await self.fence()
        calls = [call for call in self.sandbox.calls[self._counted_from :] if self._is_mine(call)]
        methods = [call.method.lower() for call in calls]
        return Costs(
            sends=sum(method in SENDS for method in methods),
            edits=sum(method in EDITS for method in methods),
            tap_answers=methods.count("answercallbackquery"),
            deletions=methods.count("deletemessage"),
        )

    def _showing(self, message_id: int, words: str) -> Bubble | None:
        bubble = self.find(message_id)
        return bubble if bubble is not None and words in plain(bubble.text) else None

    def _is_mine(self, call: Call) -> bool:
        if FENCE in str(call.parameters.get("text")):
            return False
        query = self.sandbox.world.queries.get(str(call.parameters.get("callback_query_id")))
        return call.chat_id == self.id if query is None else query.person_id == self.id


def read_secret(bubble: Bubble) -> str:
    """Return the secret in a message."""
    found = SECRET.search(bubble.text)
    assert found, bubble.text
    return found[0]


def read_id(bubble: Bubble) -> uuid.UUID:
    """Return the device id in a message."""
    found = DEVICE_ID.search(bubble.text)
    assert found, bubble.text
    return uuid.UUID(found[0])


def button_of(bubble: Bubble, label: str) -> str:
    """Return what the button says to the bot whose label ends with the words."""
    buttons = [button for row in bubble.buttons for button in row]
    [data] = [button["callback_data"] for button in buttons if button["text"].endswith(label)]
    return str(data)


def buttons_of(bubble: Bubble) -> list[str]:
    """Return what all buttons of a message say to the bot."""
    buttons = [button for row in bubble.buttons for button in row]
    return [button["callback_data"] for button in buttons if "callback_data" in button]
