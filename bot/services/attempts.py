"""How often an address may present a wrong secret. Right ones are not counted: a stranger's guesses lock nobody out."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.services.errors import TooManyAttempts

if TYPE_CHECKING:
    from bot.services.clock import Clock

BURST = 20.0
PER_SECOND = 1 / 3
REMEMBERED = 50_000
IPV6_PREFIX = 64
"""Bits of an IPv6 address that one customer of a provider cannot change."""


class Attempts:
    """A token bucket for each address, of bounded number: the one heard of longest ago is forgotten first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def count(self, address: str | None) -> None:
        """Count a wrong secret. Raises `TooManyAttempts` when the address has used up its tries."""
        if address is None:
            return
        key, now = _network(address), self._clock.monotonic()
        tokens, at = self._buckets.pop(key, (BURST, now))
        tokens = min(BURST, tokens + (now - at) * PER_SECOND)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyAttempts(timedelta(seconds=(1 - tokens) / PER_SECOND))


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)
