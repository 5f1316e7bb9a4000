"""Who is calling: the address behind the proxies that are trusted, and only behind those."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
KNOWN_PEERS = 10_000


class Addresses:
    """Tells the callers' addresses apart from those of trusted proxies."""

    def __init__(self, trusted_proxies: Iterable[str]) -> None:
        self._trusted: Collection[Network] = [ipaddress.ip_network(proxy, strict=False) for proxy in trusted_proxies]
        # few peers make most of the requests, and to read an address takes longer than to check a signature
        self._is_trusted = lru_cache(KNOWN_PEERS)(self._look_up)

    def is_trusted(self, scope: Scope) -> bool:
        """Tell whether the connection comes from a trusted proxy, or from this machine where that is trusted."""
        return self._is_trusted(_peer(scope))

    def find_client(self, scope: Scope) -> str | None:
        """Return the address of the caller: the last one in X-Forwarded-For that is no trusted proxy's."""
        address = _peer(scope)
        if not self._is_trusted(address):
            return address
        values = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        if not values:
            return address
        forwarded = b",".join(values).decode("latin-1")
        for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            if not self._is_address(hop):
                return address
            address = hop
            if not self._is_trusted(hop):
                return hop
        return address

    def _look_up(self, address: str | None) -> bool:
        try:
            parsed = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        return any((mapped or parsed) in network for network in self._trusted)

    @staticmethod
    def _is_address(text: str) -> bool:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return False
        return True


def _peer(scope: Scope) -> str | None:
    client = scope.get("client")
    return None if client is None else str(client[0])
