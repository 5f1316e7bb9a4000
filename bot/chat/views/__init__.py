"""What the bot says: pure functions, record in, message out. All escaping is here, and only here.

`registration`, `handouts`, `tokens`, `devices`, `groups`, `rotation`, `revocation`, `pasted`, `setup`, `languages`,
`admin`, `admins`, `newcomers`, `invites`, `general` and, for admins only, `clients`, `administration`, `audit`, `stats`
and `copies` say what the handlers of the same subject ask them to. `toasts` are the answers to taps, `commands` is the
menu of commands; `markup`, `times`, `keyboards`, `showings` and `reasons` are what all are made of.
"""

from bot.chat.views import (
    admin,
    administration,
    admins,
    audit,
    clients,
    commands,
    copies,
    devices,
    general,
    groups,
    handouts,
    invites,
    languages,
    newcomers,
    pasted,
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
    "admins",
    "audit",
    "clients",
    "commands",
    "copies",
    "devices",
    "general",
    "groups",
    "handouts",
    "invites",
    "languages",
    "newcomers",
    "pasted",
    "reasons",
    "registration",
    "revocation",
    "rotation",
    "setup",
    "stats",
    "toasts",
    "tokens",
]
