"""What a button sends back: a verb, an opaque id and a little more, in at most 64 bytes.

A tap proves nothing: whoever handles it looks up again who tapped and what they may do. Nothing a person wrote and
no secret is ever in it.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from bot.services.catalogue import Shelf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.devices import Key

Member = TypeVar("Member", bound=StrEnum)

MAX_BYTES = 64
"""https://core.telegram.org/bots/api#inlinekeyboardbutton"""
MAX_VERB = 4
MAX_EXTRA = MAX_BYTES - MAX_VERB - len(uuid.UUID(int=0).hex) - len("::")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Verb(StrEnum):
    """What a tap asks for. What `id` and `extra` mean stands behind each."""

    MENU = "m"
    HELP = "h"
    REGISTER = "r"
    USE_PROPOSAL = "u"  # id: the device to be renamed, if any; extra: Asked
    CANCEL_QUESTION = "q"  # id: the device to be renamed, if any; extra: Asked
    LIST = "l"  # id and extra: Place
    SEARCH = "s"
    DEVICE = "d"  # id: device
    RENAME = "n"  # id: device
    ROTATE = "o"  # id: device; asks how long the old secret shall work
    ROTATE_NOW = "on"  # id: device; extra: seconds that the old secret shall work
    NEW_SECRET = "ns"  # id: device; from a receipt or notice, which stays  # noqa: S105
    REVOKE = "k"  # id: device; asks
    REVOKE_NOW = "kn"  # id: device; extra: unix seconds at which it was asked
    SHOW_SECRET = "cs"  # id: handout  # noqa: S105
    SAVED = "cv"  # id: handout
    CANCEL_CARD = "cc"  # id: handout
    TRY_AGAIN = "ct"  # id: handout
    TOKEN = "tk"  # noqa: S105
    SIGN_OUT = "so"
    LANGUAGE = "lg"
    LANGUAGE_CHOSEN = "lc"  # extra: the language's code; none: as the person's app
    SET_UP = "su"  # id: device
    SEND_FILE = "sf"  # extra: the file's place among the connectors
    ADMIN_PICK = "ap"  # id: device; one of several that a short id fits
    ADMIN_REASON = "ar"  # id: device; extra: Reason
    ADMIN_REVOKE = "ak"  # id: device; extra: Reason
    ADMIN_CANCEL = "ac"
    REPLACE = "nx"  # id: device; its secret is known to others: a new one, and the old one stops at once
    GROUP = "g"  # id: device; asks
    CHOOSE_GROUP = "gc"  # id: group, none for no group
    TURN_GROUPS = "gt"  # id: the group next to the page; extra: Turn
    SELECT = "x"  # begins to pick several devices
    PICKS = "xl"  # id and extra: Place
    PICK = "xp"  # id: device; extra: its place on the page
    UNPICK = "xu"  # id: device; extra: its place on the page
    PICK_GROUPS = "xg"  # id and extra as in TURN_GROUPS
    PICK_GROUP = "xw"  # id: group
    REVOKE_PICKED = "xk"
    REGROUP_PICKED = "xr"
    CARRY_OUT = "xy"  # id: what was asked about several devices
    CONFIRM_COPY = "yc"  # id: copy mark

    INVITE = "inv"  # asks what it shall give
    MAKE_INVITE = "inm"  # extra: InviteKind
    WITHDRAW_INVITE = "inw"  # id: invite
    WITHDRAW_INVITES = "ina"
    ASK_LEAVE = "lva"
    LEAVE = "lvn"
    ADMINS = "adl"
    HOW_TO_NAME = "adh"
    NAME_ADMIN = "adn"  # extra: Telegram id
    ASK_REMOVE_ADMIN = "adx"  # extra: Telegram id
    REMOVE_ADMIN = "ady"  # extra: Telegram id
    NOTICES = "swl"
    SWITCH_NOTICE = "sws"  # extra: place among the kinds, then the Choice
    NEWCOMERS = "nwl"
    NEWCOMER = "nwo"  # extra: Telegram id
    APPROVE = "nwa"  # extra: Telegram id
    REFUSE = "nwr"  # extra: Telegram id
    APPROVE_AFTER_ALL = "nwx"  # extra: Telegram id

    ADMIN_ASK = "aa"  # id: device; asks why
    ADMIN = "am"
    CLIENTS = "cl"  # id and extra: ClientPlace
    CLIENT = "ci"  # id: client
    CLIENT_SEARCH = "cf"
    CLIENT_DEVICES = "cd"  # id: client, or the device next to the page; extra: DevicePlace
    CLIENT_DEVICE = "ce"  # id: device
    CLIENT_ASK = "ca"  # id: client; extra: Act; asks why
    CLIENT_WHY = "cw"  # id: client; extra: Act, then Reason
    CLIENT_ACT = "co"  # id: client; extra: Act, then Reason
    CLIENT_LIMIT = "cm"  # id: client; asks
    SET_LIMIT = "cn"  # id: client; extra: the number, none for everybody's
    FORGET = "cx"  # id: client; asks
    CLIENT_CANCEL = "cq"  # id: the client that was asked about, none for a search
    AUDIT = "au"  # id and extra: AuditPlace
    STATS = "st"


ABOUT_ONE = frozenset(
    {
        Verb.DEVICE,
        Verb.RENAME,
        Verb.ROTATE,
        Verb.ROTATE_NOW,
        Verb.NEW_SECRET,
        Verb.REVOKE,
        Verb.REVOKE_NOW,
        Verb.SHOW_SECRET,
        Verb.SAVED,
        Verb.CANCEL_CARD,
        Verb.TRY_AGAIN,
        Verb.SET_UP,
        Verb.ADMIN_PICK,
        Verb.ADMIN_REASON,
        Verb.ADMIN_REVOKE,
        Verb.WITHDRAW_INVITE,
        Verb.REPLACE,
        Verb.GROUP,
        Verb.PICK,
        Verb.UNPICK,
        Verb.PICK_GROUP,
        Verb.CARRY_OUT,
        Verb.ADMIN_ASK,
        Verb.CLIENT,
        Verb.CLIENT_DEVICES,
        Verb.CLIENT_DEVICE,
        Verb.CLIENT_ASK,
        Verb.CLIENT_WHY,
        Verb.CLIENT_ACT,
        Verb.CLIENT_LIMIT,
        Verb.SET_LIMIT,
        Verb.FORGET,
        Verb.CONFIRM_COPY,
    }
)
"""The verbs that mean nothing without an id."""


LEAFING = frozenset({Verb.MENU, Verb.LIST, Verb.DEVICE, Verb.TURN_GROUPS, Verb.PICKS, Verb.PICK_GROUPS})
"""The verbs that only show something else in the same message: of several that wait, the last one is enough."""


class Asked(StrEnum):
    """Which question a button belongs to, so that it leads back even when the question is gone."""

    REGISTER = "r"
    RENAME = "n"
    SEARCH = "s"
    GROUP = "g"
    REGROUP = "x"


class Turn(StrEnum):
    """On which side of its group the wanted page of groups is."""

    NEXT = "n"
    PREVIOUS = "p"


class Reason(StrEnum):
    """Why an admin revokes. What was typed is kept with the question."""

    LOST = "l"
    LEAKED = "k"
    UNNEEDED = "n"
    NONE = "0"
    TYPED = "t"


class Listing(StrEnum):
    """Which devices a list shows, and what a tap on one of them is for."""

    ACTIVE = "a"
    REVOKED = "v"
    SEARCH = "s"
    RENAME = "n"
    ROTATE = "o"
    REVOKE = "k"


SHELVES: Mapping[Listing, Shelf] = {
    Listing.ACTIVE: Shelf.ACTIVE,
    Listing.REVOKED: Shelf.REVOKED,
    Listing.SEARCH: Shelf.FOUND,
    Listing.RENAME: Shelf.ACTIVE,
    Listing.ROTATE: Shelf.ACTIVE,
    Listing.REVOKE: Shelf.ACTIVE,
}
"""Where the devices of each list stand."""

PICKS: Mapping[Listing, Verb] = {
    Listing.RENAME: Verb.RENAME,
    Listing.ROTATE: Verb.ROTATE,
    Listing.REVOKE: Verb.REVOKE,
}
"""The lists that ask *Which device?*, and what each does with the answer."""


@dataclass(frozen=True)
class Tap:
    """What a button said."""

    verb: Verb
    id: uuid.UUID | None = None
    extra: str = ""


@dataclass(frozen=True)
class Place:
    """A place in a list: its beginning, or the page next to a device on one side or the other."""

    listing: Listing
    older_than: Key | None = None
    newer_than: Key | None = None


# a tap is foreign input: only what `encode` can have made is understood
_ID = "[0-9a-f]{32}"
_EXTRA = f"[0-9A-Za-z_-]{{0,{MAX_EXTRA}}}"
_TAP = re.compile(rf"([a-z]{{1,{MAX_VERB}}}):({_ID})?:({_EXTRA})")
_PLACE = re.compile(r"([a-z])(?:([np])([0-9a-z]{1,12}))?")


def encode(verb: Verb, id: uuid.UUID | None = None, extra: str = "") -> str:  # noqa: A002 - as it is called in `Tap`
    """Return the callback data. Raises `ValueError` for an `extra` that does not fit."""
    data = f"{verb}:{id.hex if id else ''}:{extra}"
    if not _TAP.fullmatch(data):
        raise ValueError(f"a button cannot carry {data!r}")
    return data


def decode(data: str | None) -> Tap | None:
    """Return what a button said, or None for anything that no button of ours says."""
    match = _TAP.fullmatch(data or "")
    verb = match and find_member(Verb, match[1])
    if match is None or verb is None:
        return None
    return Tap(verb, uuid.UUID(match[2]) if match[2] else None, match[3])


def find_member(kind: type[Member], value: str) -> Member | None:
    """Return the member of an enumeration that has this value, or None: a tap is never trusted to name one."""
    try:
        return kind(value)
    except ValueError:
        return None


def pattern(*verbs: Verb) -> re.Pattern[str]:
    """Return what fits the callback data of these verbs and nothing that `encode` cannot have made of them."""
    heads = "|".join(f"{verb}:{_ID}" if verb in ABOUT_ONE else f"{verb}:(?:{_ID})?" for verb in verbs)
    return re.compile(rf"(?:{heads}):{_EXTRA}\Z")


def encode_place(place: Place, verb: Verb = Verb.LIST) -> str:
    """Return the callback data that opens a page of a list."""
    key, direction = (place.older_than, "n") if place.older_than else (place.newer_than, "p")
    if key is None:
        return encode(verb, extra=place.listing)
    created_at, device_id = key
    microseconds = (created_at - EPOCH) // timedelta(microseconds=1)
    return encode(verb, device_id, f"{place.listing}{direction}{base36(microseconds)}")


def decode_place(tap: Tap) -> Place | None:
    """Return the place in a list a tap asks for, or None when it asks for none."""
    match = _PLACE.fullmatch(tap.extra)
    listing = match and find_member(Listing, match[1])
    if tap.verb not in {Verb.LIST, Verb.PICKS} or match is None or listing is None or bool(match[2]) != bool(tap.id):
        return None
    if tap.id is None:
        return Place(listing)
    try:
        key = (EPOCH + timedelta(microseconds=int(match[3], 36)), tap.id)
    except OverflowError:
        return None
    return Place(listing, older_than=key) if match[2] == "n" else Place(listing, newer_than=key)


def base36(number: int) -> str:
    """Return the number in the fewest characters that a button bears; `int(…, 36)` reads it."""
    digits = ""
    while True:
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
        if number <= 0:
            return digits
