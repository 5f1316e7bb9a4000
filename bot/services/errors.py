"""What can be wrong, as states of the world. Each error carries the data a door needs to explain it.

    RegistryError(ValueError)
    ├── ClientNotFound
    ├── ClientSuspended
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
    └── AnotherSecretVisible

No class holds a status code or a sentence for a person: the doors translate.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from storage.models import Client, Device, Handout


class RegistryError(ValueError):
    """The root of the tree: what was asked for cannot be done, and nothing was changed."""


class ClientNotFound(RegistryError):
    """No client has this id."""


class ClientSuspended(RegistryError):
    """The client is paused by an admin: its people and devices can do nothing until it is resumed."""


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
