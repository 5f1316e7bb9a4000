"""What can be wrong, as states of the world. Each error carries the data a door needs to explain it.

    RegistryError(ValueError)
    ├── ClientNotFound
    ├── ClientSuspended
    ├── NotLetIn
    │   ├── InvitationNeeded
    │   ├── StillWaiting(asked_at, is_new)
    │   └── AccessRefused
    ├── NewcomerNotFound
    ├── AlreadyDecided(newcomer)
    ├── InviteRefused(fault)
    ├── InviteClosed(invite)
    ├── LastOfClient
    ├── NotAnAdmin
    ├── PersonNotFound
    ├── AlreadyAdmin
    ├── AdminIsFixed
    ├── ClientStatusUnchanged(client)
    ├── AmbiguousClient(clients)
    ├── OwnClient
    ├── NameMismatch(client)
    ├── InvalidLimit(most)
    ├── DeviceNotFound
    ├── AmbiguousDevice(devices)
    ├── DeviceRevoked(device)
    ├── InvalidDeviceName(reason, length)
    ├── DeviceNameTaken(name)
    ├── DeviceLimitReached(limit)
    ├── NotTheOwner
    ├── InvalidCredentials
    ├── InvalidToken
    ├── RequestRefused(reason)
    ├── TooManyAttempts(resets_in)
    ├── Overloaded(retry_in)
    ├── HandoutChanged(handout)
    ├── HandoutExpired(handout)
    ├── HandoutMisplaced(handout)
    ├── AnotherSecretVisible
    ├── TooManyPicked(limit)
    ├── BatchNotFound
    └── CopyNotFound

No class holds a status code or a sentence for a person: the doors translate.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from storage.models import ChatUser, Client, Device, Handout, Invite


class RegistryError(ValueError):
    """The root of the tree: what was asked for cannot be done, and nothing was changed."""


class ClientNotFound(RegistryError):
    """No client has this id."""


class ClientSuspended(RegistryError):
    """The client is paused by an admin: its people and devices can do nothing until it is resumed."""


class NotLetIn(RegistryError):
    """This person is none of the bot's people, and may not become one just by writing."""


class InvitationNeeded(NotLetIn):
    """Only who has an invite gets in."""


class StillWaiting(NotLetIn):
    """An admin has been asked and has not answered; `is_new` when it happened just now."""

    def __init__(self, asked_at: datetime, *, is_new: bool) -> None:
        super().__init__("an admin has to let this person in")
        self.asked_at = asked_at
        self.is_new = is_new


class AccessRefused(NotLetIn):
    """An admin refused to let this person in."""


class NewcomerNotFound(RegistryError):
    """Nobody with this id asks for access, or ever did."""


class AlreadyDecided(RegistryError):
    """Another admin was faster; `newcomer` tells who, when and how."""

    def __init__(self, newcomer: ChatUser) -> None:
        super().__init__(f"the request of {newcomer.telegram_id} was decided")
        self.newcomer = newcomer


class InviteFault(StrEnum):
    """Why a link lets nobody in, or not this person."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    VOID = "void"  # whoever made it could not make it any more
    PAUSED = "paused"  # whoever made it is suspended
    OWN = "own"
    ALREADY_IN = "already_in"
    SAME_CLIENT = "same_client"
    HAS_DEVICES = "has_devices"
    SHARES_DEVICES = "shares_devices"  # with others, who keep them when this person leaves
    ALREADY_ADMIN = "already_admin"
    NOT_ACCEPTED = "not_accepted"  # an admin refused this person, and the maker is none


class InviteRefused(RegistryError):
    """The link does nothing for whoever opened it, and nothing was changed."""

    def __init__(self, fault: InviteFault) -> None:
        super().__init__(f"invite refused: {fault}")
        self.fault = fault


class InviteClosed(RegistryError):
    """The invite was used, taken back, or has expired; `invite` is None when it is not the asker's."""

    def __init__(self, invite: Invite | None) -> None:
        super().__init__("the invite is not open")
        self.invite = invite


class LastOfClient(RegistryError):
    """Nobody else is one of the client's people: who leaves would leave its devices to nobody."""


class NotAnAdmin(RegistryError):
    """Only admins do this, or it can be done to admins only."""


class PersonNotFound(RegistryError):
    """Nobody with this Telegram id has been let in."""


class AlreadyAdmin(RegistryError):
    """The person is an admin already."""


class AdminIsFixed(RegistryError):
    """The person is an admin by the settings, which nobody changes in chat."""


class ClientStatusUnchanged(RegistryError):
    """The client is suspended, or active, already."""

    def __init__(self, client: Client) -> None:
        super().__init__(f"client {client.id} is {client.status} already")
        self.client = client


class AmbiguousClient(RegistryError):
    """More than one client fits what an admin typed."""

    def __init__(self, clients: Sequence[Client]) -> None:
        super().__init__(f"{len(clients)} clients fit")
        self.clients = clients


class OwnClient(RegistryError):
    """An admin was about to suspend or forget the client that they are in themselves."""


class NameMismatch(RegistryError):
    """What was typed to confirm is not what the client is confirmed by."""

    def __init__(self, client: Client) -> None:
        super().__init__(f"this is not the name of client {client.id}")
        self.client = client


class InvalidLimit(RegistryError):
    """No client can have this device limit; `most` is the highest."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a device limit is a number from 0 to {most}")
        self.most = most


class DeviceNotFound(RegistryError):
    """No device has this id; a reserved one counts as none."""


class AmbiguousDevice(RegistryError):
    """More than one device fits the beginning of an id or fingerprint."""

    def __init__(self, devices: Sequence[Device]) -> None:
        super().__init__(f"{len(devices)} devices fit")
        self.devices = devices


class DeviceRevoked(RegistryError):
    """The device was revoked, for ever."""

    def __init__(self, device: Device) -> None:
        super().__init__(f"device {device.id} is revoked")
        self.device = device


class NameFault(StrEnum):
    """Why a name will not do."""

    BLANK = "blank"
    TOO_LONG = "too_long"
    CONTROL = "control"
    SECRET = "secret"  # noqa: S105 - a kind of fault


class InvalidDeviceName(RegistryError):
    """The name cannot be a device's; `reason` says why, `length` is in code points after normalisation."""

    def __init__(self, reason: NameFault, length: int) -> None:
        super().__init__(f"invalid device name: {reason}")
        self.reason = reason
        self.length = length


class DeviceNameTaken(RegistryError):
    """Another device of this client, not revoked, has the name."""

    def __init__(self, name: str) -> None:
        super().__init__("the client has a device of this name")
        self.name = name


class DeviceLimitReached(RegistryError):
    """The client has as many devices as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"limit of {limit} devices reached")
        self.limit = limit


class NotTheOwner(RegistryError):
    """The device is another client's."""


class InvalidCredentials(RegistryError):
    """The secret is not this device's, or there is no such device: nobody is told which."""


class InvalidToken(RegistryError):
    """The API token is none of ours, expired, was voided, or was never shown."""


class RequestRefused(RegistryError):
    """A signed request was not let in; `reason` is one of `sessions.Refusal`."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"signed request refused: {reason}")
        self.reason = reason


class TooManyAttempts(RegistryError):
    """Too many wrong secrets came from one address."""

    def __init__(self, resets_in: timedelta) -> None:
        super().__init__(f"too many attempts; try again in {resets_in.total_seconds():.0f} s")
        self.resets_in = resets_in


class Overloaded(RegistryError):
    """More secrets wait to be hashed than can be soon."""

    def __init__(self, retry_in: timedelta) -> None:
        super().__init__(f"overloaded; try again in {retry_in.total_seconds():.0f} s")
        self.retry_in = retry_in


class HandoutError(RegistryError):
    """A tap on a card that cannot do what its button says; `handout` is how things are now."""

    def __init__(self, handout: Handout) -> None:
        super().__init__(f"handout {handout.id} is {handout.state}")
        self.handout = handout


class HandoutChanged(HandoutError):
    """The card was used, cancelled or replaced already."""


class HandoutExpired(HandoutError):
    """The card was not used within its hour."""


class HandoutMisplaced(HandoutError):
    """The tap came from another message than the card that counts: an old copy of it."""


class AnotherSecretVisible(RegistryError):
    """This chat shows another secret at the moment, and it shows one at a time."""


class TooManyPicked(RegistryError):
    """More devices were picked than one step may change."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} devices")
        self.limit = limit


class BatchNotFound(RegistryError):
    """Nobody asked to do this with several devices, or it was asked too long ago."""


class CopyNotFound(RegistryError):
    """These records are no copy of this name: the question belongs to others."""
