"""What the bot says: pure functions, record in, message out. All escaping is here, and only here.

`registration`, `handouts`, `tokens`, `devices`, `rotation`, `revocation`, `setup`, `languages`, `admin` and `general`
say what the handlers of the same subject ask them to; `clients`, `administration`, `audit` and `stats` are for admins
only; `toasts` are the answers to taps, `commands` is the menu of commands; `markup`, `times`, `keyboards`, `showings`
and `reasons` are what all are made of.
"""

from bot.chat.views import (
    admin,
    administration,
    audit,
    clients,
    commands,
    devices,
    general,
    handouts,
    languages,
    reasons,
    registration,
    revocation,
    rotation,
    setup,
    stats,
    toasts,
    tokens,
)
from bot.chat.views.markup import View
from bot.chat.views.toasts import Toast

__all__ = [
    "Toast",
    "View",
    "admin",
    "administration",
    "audit",
    "clients",
    "commands",
    "devices",
    "general",
    "handouts",
    "languages",
    "reasons",
    "registration",
    "revocation",
    "rotation",
    "setup",
    "stats",
    "toasts",
    "tokens",
]
