"""How much there is, and how much happened today."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb
from bot.chat.views.clients import back_to_admin
from bot.chat.views.keyboards import keyboard, tap
from bot.chat.views.markup import View, blocks, lines, say
from bot.chat.views.times import moment

if TYPE_CHECKING:
    from bot.chat.words import Words
    from bot.services.figures import Figures


def figures(words: Words, found: Figures) -> View:
    """Show the counts."""
    devices, handouts = found.devices, found.handouts
    now = lines(
        say(words, "stats-clients", count=found.clients, suspended=found.suspended),
        say(words, "stats-devices", count=devices.active, revoked=devices.revoked),
        say(words, "stats-seen", count=devices.seen),
        say(words, "stats-open", count=handouts.open),
    )
    today = lines(
        say(words, "stats-since", at=moment(words, found.since, "wDt")),
        say(words, "stats-shown", count=handouts.shown),
        say(words, "stats-destroyed", count=handouts.destroyed),
        say(words, "stats-failed", count=handouts.failed),
    )
    again = tap(words("button-count-again"), Verb.STATS)
    return View(blocks(say(words, "stats-heading"), now, today), keyboard([again, back_to_admin(words)]))
