"""Who may come in by which door: a rule for every command and every button, which the authorisation matrix holds.

A door without a rule here fails the matrix, so that nobody adds a handler without saying who may reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from bot.chat.buttons import Verb


class Rule(Enum):
    """Who may come in. Whoever is not let in, or is suspended, comes in nowhere."""

    ANYBODY = auto()
    """Whoever was let in: it is about nothing but what is theirs."""
    OWNER = auto()
    """It names a device: all chat users of its client."""
    OWNER_OR_ADMIN = auto()
    """It names a device: all chat users of its client, and admins."""
    ASKER = auto()
    """It names a card, a secret or a question: the one person in whose chat it is."""
    MAKER = auto()
    """It names an invite: the one person who made it."""
    ADMIN = auto()
    """Admins."""
    FIXED_ADMIN = auto()
    """Admins whom the settings name."""


@dataclass(frozen=True)
class Way:
    """One way to come in by a door: the rule, which id the button has, and what it or the command says besides.

    `about` and the words in braces name what `tests.chat.world` has.
    """

    rule: Rule
    about: str = ""
    says: str = ""


Ways = tuple[Way, ...]


def anybody(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.ANYBODY, about, says),)


def owner(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.OWNER, about, says),)


def either(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.OWNER_OR_ADMIN, about, says),)


def asker(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.ASKER, about, says),)


def maker(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.MAKER, about, says),)


def admin(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.ADMIN, about, says),)


def fixed_admin(about: str = "", says: str = "") -> Ways:
    return (Way(Rule.FIXED_ADMIN, about, says),)


COMMANDS: dict[str, Ways] = {
    "start": anybody() + anybody(says="group"),
    "help": anybody(),
    "id": anybody(),
    "language": anybody(),
    "register": anybody() + anybody(says="Desk"),
    "devices": anybody(),
    "rename": anybody() + owner(says="{device_id}") + owner(says="{short_id}") + owner(says="{fingerprint}"),
    "rotate": anybody() + owner(says="{device_id}") + owner(says="{short_id}") + owner(says="{fingerprint}"),
    "revoke": anybody() + either(says="{device_id} lost") + either(says="{short_id}") + either(says="{fingerprint}"),
    "token": anybody(),
    "invite": anybody(),
    "cancel": anybody(),
    "admin": admin(),
    "admins": admin() + admin(says="{bob}") + admin(says="{me}"),
    "notices": admin(),
    "clients": admin() + admin(says="{anna}"),
    "client": admin() + admin(says="{client_id}") + admin(says="{anna}"),
    "suspend": admin() + admin(says="{client_id} late"),
    "resume": admin() + admin(says="{client_id} paid"),
    "audit": admin() + admin(says="{client_id}"),
    "stats": admin(),
}

BUTTONS: dict[Verb, Ways] = {
    Verb.MENU: anybody(),
    Verb.HELP: anybody(),
    Verb.REGISTER: anybody(),
    Verb.USE_PROPOSAL: anybody(says="r") + owner("device", "n"),
    Verb.CANCEL_QUESTION: anybody(says="r") + anybody(says="s") + anybody(says="x") + owner("device", "n"),
    Verb.LIST: anybody(says="a") + anybody(says="k") + anybody("device", "an1") + anybody("device", "vp1"),
    Verb.SEARCH: anybody(),
    Verb.DEVICE: owner("device"),
    Verb.RENAME: owner("device"),
    Verb.ROTATE: owner("device"),
    Verb.ROTATE_NOW: owner("device", "0"),
    Verb.NEW_SECRET: owner("device"),
    Verb.REPLACE: owner("device"),
    Verb.REVOKE: owner("device"),
    Verb.REVOKE_NOW: owner("device", "{now}"),
    Verb.SET_UP: owner("device"),
    Verb.SEND_FILE: anybody(says="0"),
    Verb.SHOW_SECRET: asker("card") + asker("token"),
    Verb.SAVED: asker("secret"),
    Verb.CANCEL_CARD: asker("card") + asker("token"),
    Verb.TRY_AGAIN: asker("ended"),
    Verb.TOKEN: anybody(),
    Verb.SIGN_OUT: anybody(),
    Verb.LANGUAGE: anybody(),
    Verb.LANGUAGE_CHOSEN: anybody(),
    Verb.GROUP: owner("device"),
    Verb.CHOOSE_GROUP: anybody() + anybody("group"),
    Verb.TURN_GROUPS: anybody("group", "n"),
    Verb.SELECT: anybody(),
    Verb.PICKS: anybody(says="a") + anybody("device", "an1"),
    Verb.PICK: owner("device", "0"),
    Verb.UNPICK: owner("device", "0"),
    Verb.PICK_GROUPS: anybody("group", "n"),
    Verb.PICK_GROUP: anybody("group"),
    Verb.REVOKE_PICKED: anybody(),
    Verb.REGROUP_PICKED: anybody(),
    Verb.CARRY_OUT: asker("batch"),
    Verb.INVITE: anybody(),
    Verb.MAKE_INVITE: anybody(says="join") + admin(says="client") + admin(says="admin"),
    Verb.WITHDRAW_INVITE: maker("invite"),
    Verb.WITHDRAW_INVITES: anybody(),
    Verb.ASK_LEAVE: anybody(),
    Verb.LEAVE: anybody(),
    Verb.ADMINS: admin(),
    Verb.HOW_TO_NAME: admin(),
    Verb.NAME_ADMIN: admin(says="{bob}") + admin(says="{me}"),
    Verb.ASK_REMOVE_ADMIN: admin(says="{nora}") + admin(says="{me}"),
    Verb.REMOVE_ADMIN: admin(says="{nora}") + admin(says="{me}") + admin(says="{olga}"),
    Verb.NOTICES: admin(),
    Verb.SWITCH_NOTICE: admin(says="0-off"),
    Verb.NEWCOMERS: admin(),
    Verb.NEWCOMER: admin(says="{eve}"),
    Verb.APPROVE: admin(says="{eve}") + admin(says="{me}"),
    Verb.REFUSE: admin(says="{eve}"),
    Verb.APPROVE_AFTER_ALL: admin(says="{rita}") + admin(says="{me}"),
    Verb.ADMIN_PICK: admin("device"),
    Verb.ADMIN_REASON: admin("device", "l"),
    Verb.ADMIN_REVOKE: admin("device", "l") + admin("device", "t"),
    Verb.ADMIN_CANCEL: admin(),
    Verb.ADMIN_ASK: admin("device"),
    Verb.ADMIN: admin(),
    Verb.CLIENTS: admin(says="a") + admin(says="f"),
    Verb.CLIENT: admin("client"),
    Verb.CLIENT_SEARCH: admin(),
    Verb.CLIENT_DEVICES: admin("client") + admin("device", "an"),
    Verb.CLIENT_DEVICE: admin("device"),
    Verb.CLIENT_ASK: admin("client", "s") + admin("client", "k"),
    Verb.CLIENT_WHY: admin("client", "sl"),
    Verb.CLIENT_ACT: admin("client", "s0") + admin("client", "k0") + admin("suspended", "r0") + admin("client", "st"),
    Verb.CLIENT_LIMIT: admin("client"),
    Verb.SET_LIMIT: admin("client", "9") + admin("client"),
    Verb.FORGET: admin("client"),
    Verb.CLIENT_CANCEL: admin() + admin("client"),
    Verb.AUDIT: admin() + admin("client", "c"),
    Verb.STATS: admin(),
    Verb.CONFIRM_COPY: fixed_admin("unknown"),
}

ADMIN_VERBS = tuple(verb for verb, ways in BUTTONS.items() if all(way.rule is Rule.ADMIN for way in ways))
"""What only admins may tap, whatever the button says besides."""
