"""The command menu that Telegram's apps show behind "/"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telegram import BotCommand

if TYPE_CHECKING:
    from bot.chat.words import Words

COMMANDS = {
    "register": "command-register",
    "devices": "command-devices",
    "rename": "command-rename",
    "rotate": "command-rotate",
    "revoke": "command-revoke",
    "token": "command-token",
    "invite": "command-invite",
    "language": "command-language",
    "help": "command-help",
    "id": "command-id",
    "cancel": "command-cancel",
}
ADMIN_COMMANDS = {
    "revoke": "command-revoke-any",
    "admin": "command-admin",
    "clients": "command-clients",
    "client": "command-client",
    "suspend": "command-suspend",
    "resume": "command-resume",
    "invite": "command-invite-any",
    "admins": "command-admins",
    "notices": "command-notices",
    "audit": "command-audit",
    "stats": "command-stats",
}
"""What an admin reads in place of a trader's description, and commands that only admins have."""
KNOWN = frozenset({"start", *COMMANDS, *ADMIN_COMMANDS})
"""Every command that has an answer of its own; Telegram's apps send /start themselves."""


def command_menu(words: Words, *, is_admin: bool = False) -> list[BotCommand]:
    """Return the commands a person sees, in the order in which they are needed."""
    keys = COMMANDS | ADMIN_COMMANDS if is_admin else COMMANDS
    return [BotCommand(command, words(key)) for command, key in keys.items()]
