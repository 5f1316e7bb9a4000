"""A pretend Telegram: a Bot API server that refuses what Telegram refuses, and people to play with the bot.

It shares no code with the bot and none with its client library, whose mistakes it would repeat.
"""

from bot.sandbox.people import Pressed, Said
from bot.sandbox.refusals import NotPossible
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.screen import Bubble, Sighting
from bot.sandbox.world import Call, Timings

__all__ = ["Bubble", "Call", "NotPossible", "Pressed", "Said", "Sandbox", "Sighting", "Timings"]
