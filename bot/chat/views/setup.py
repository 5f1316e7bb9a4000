"""How a device's secret gets into its terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.keyboards import keyboard, open_device, tap
from bot.chat.views.markup import View, blocks, isolated, lines, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.chat.words import Words
    from storage.models import Device


def steps(words: Words, device: Device, address: str, files: Sequence[str]) -> View:
    """Show the steps for MetaTrader 5 and for Python; `address` is the registry's, `files` are sent when tapped."""
    text = blocks(
        say(words, "setup-title", name=isolated(device.device_name)),
        lines(
            say(words, "setup-allow"),
            say(words, "setup-address", address=address),
            say(words, "setup-include"),
            say(words, "setup-secret"),
        ),
        say(words, "setup-python", address=address),
        say(words, "device-id", id=str(device.id)),
    )
    rows = [
        [tap(words("button-file", name=name), Verb.SEND_FILE, extra=str(number))] for number, name in enumerate(files)
    ]
    return View(text, keyboard(*rows, [open_device(words, device.id)]))
