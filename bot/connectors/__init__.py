"""What a device's author takes away: a Python client, an MQL5 include and the vectors both are tested with.

Everything here stands on its own and imports nothing else of the program: the files leave it. They are package data,
so that an installed wheel hands out the very files that were tested.
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple


class ConnectorFile(NamedTuple):
    """A file to hand out: its name, what a web server calls its content, and one line on what it is for."""

    name: str
    media_type: str
    purpose: str


CONNECTOR_FILES = (
    ConnectorFile("DeviceAuth.mqh", "text/plain; charset=utf-8", "MetaTrader 5 include"),
    ConnectorFile("device_auth.py", "text/x-python; charset=utf-8", "Python client, one file"),
    ConnectorFile("vectors.json", "application/json", "test vectors for a client of your own"),
)
"""Everything that is handed out, in the order to show it. Nothing else in this package is."""


def read_connector(name: str) -> bytes:
    """Return the content of a file to hand out. KeyError for any other name, so a name from a URL may be passed."""
    if name not in {file.name for file in CONNECTOR_FILES}:
        raise KeyError(name)
    return files(__name__).joinpath(name).read_bytes()
