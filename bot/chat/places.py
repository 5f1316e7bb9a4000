"""Where a button of an admin's lists leads: a page of clients, of a client's devices, of the audit.

A page is named by what stands at its edge, whose key is looked up at the tap; so an id is all that a button carries.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from enum import StrEnum

from bot.chat.buttons import Reason, Tap, Verb, base36, encode, find_member
from bot.services.audit_trail import Scope
from bot.services.catalogue import Shelf
from bot.services.directory import LARGEST_ID, Edge
from storage.directory import Field


class ClientListing(StrEnum):
    """Which clients a list shows, and what a tap on one of them is for."""

    ALL = "a"
    FOUND = "f"
    TO_SUSPEND = "s"
    TO_RESUME = "r"


class Act(StrEnum):
    """What an admin does with a whole client, and its people read the reason of."""

    SUSPEND = "s"
    RESUME = "r"
    REVOKE_ALL = "k"


@dataclass(frozen=True)
class ClientPlace:
    """A page of clients: the first of a listing, or the one next to an edge."""

    listing: ClientListing
    edge: Edge | None = None


@dataclass(frozen=True)
class DevicePlace:
    """A page of a client's devices: the first of a shelf (`id` is the client), or the one next to a device."""

    id: uuid.UUID
    shelf: Shelf = Shelf.ACTIVE
    before: bool | None = None


@dataclass(frozen=True)
class AuditPlace:
    """A page of the audit: the newest of a scope (`id` is what it is about), or the one next to an event."""

    scope: Scope = Scope.ALL
    id: uuid.UUID | None = None
    newer: bool | None = None


SHELVES = {"a": Shelf.ACTIVE, "v": Shelf.REVOKED}
PEOPLE = frozenset({Field.FIRST_NAME, Field.USERNAME, Field.TELEGRAM_ID})
BEFORE, BEHIND = "p", "n"
SIDES = {BEFORE: True, BEHIND: False, "": None}
_CLIENTS = re.compile(r"([a-z])(?:([pn])([a-z])([0-9a-z]{1,13})?)?")
_DEVICES = re.compile(r"([av])([pn]?)")
_AUDIT = re.compile(r"([acd])([pn]?)")


def encode_clients(place: ClientPlace) -> str:
    """Return the callback data that opens a page of clients."""
    edge = place.edge
    if edge is None:
        return encode(Verb.CLIENTS, extra=place.listing)
    side = BEFORE if edge.before else BEHIND
    if isinstance(edge.row, uuid.UUID):
        return encode(Verb.CLIENTS, edge.row, f"{place.listing}{side}{edge.field}")
    return encode(Verb.CLIENTS, extra=f"{place.listing}{side}{edge.field}{base36(edge.row)}")


def decode_clients(tap: Tap) -> ClientPlace | None:
    """Return the page of clients that a tap asks for, or None when it asks for none."""
    match = _CLIENTS.fullmatch(tap.extra)
    listing = match and find_member(ClientListing, match[1])
    if tap.verb is not Verb.CLIENTS or match is None or listing is None:
        return None
    if match[2] is None:
        return None if tap.id is not None else ClientPlace(listing)
    field, number = find_member(Field, match[3]), None if match[4] is None else int(match[4], 36)
    row = tap.id if number is None else number
    if field is None or row is None or (tap.id is not None and number is not None):
        return None
    # people are named by a number, clients and devices by an id
    if isinstance(row, int) != (field in PEOPLE) or (number is not None and number > LARGEST_ID):
        return None
    return ClientPlace(listing, Edge(field, row, before=match[2] == BEFORE))


def encode_devices(place: DevicePlace) -> str:
    """Return the callback data that opens a page of a client's devices."""
    shelf = next(letter for letter, shelf in SHELVES.items() if shelf is place.shelf)
    side = next(letter for letter, before in SIDES.items() if before is place.before)
    return encode(Verb.CLIENT_DEVICES, place.id, f"{shelf}{side}")


def decode_devices(tap: Tap) -> DevicePlace | None:
    """Return the page of a client's devices that a tap asks for, or None when it asks for none."""
    match = _DEVICES.fullmatch(tap.extra)
    if match is None or tap.id is None or tap.verb is not Verb.CLIENT_DEVICES:
        return None
    return DevicePlace(tap.id, SHELVES[match[1]], SIDES[match[2]])


def encode_audit(place: AuditPlace) -> str:
    """Return the callback data that opens a page of the audit."""
    side = next(letter for letter, newer in SIDES.items() if newer is place.newer)
    return encode(Verb.AUDIT, place.id, f"{place.scope}{side}")


def decode_audit(tap: Tap) -> AuditPlace | None:
    """Return the page of the audit that a tap asks for, or None when it asks for none."""
    match = _AUDIT.fullmatch(tap.extra)
    if match is None or tap.verb is not Verb.AUDIT:
        return None
    place = AuditPlace(Scope(match[1]), tap.id, SIDES[match[2]])
    needs_id = place.newer is not None or place.scope is not Scope.ALL
    return place if needs_id == (place.id is not None) else None


def decode_act(tap: Tap) -> tuple[Act, Reason] | None:
    """Return what an admin chose to do, and why; no reason where none was chosen. None for anything else."""
    act, reason = find_member(Act, tap.extra[:1]), find_member(Reason, tap.extra[1:] or Reason.NONE)
    return None if act is None or reason is None else (act, reason)
