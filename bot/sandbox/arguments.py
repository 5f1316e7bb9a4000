"""The arguments of a Bot API call, read as leniently and refused as strictly as the server does it.

Every argument arrives as text, whatever it was sent as; numbers that are none count as 0, structured arguments are
JSON inside the text. Arguments a method does not know are ignored.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.refusals import bad_request

NO_JSON = (ValueError, RecursionError)  # what reading JSON raises, the second when it is nested too deeply
_TRUE = frozenset({"true", "yes", "1"})
_PLAIN_TEXT = frozenset({"text", "caption", "url", "secret_token", "callback_query_id", "description"})


@dataclass(frozen=True)
class File:
    """An uploaded file."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@dataclass
class Arguments:
    """The arguments of one call, and the files that came with it."""

    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return an argument as it came, "" when it is missing."""
        return self.values.get(name, "")

    def integer(self, name: str, default: int = 0) -> int:
        """Return a number; 0 for what is none, `default` when it is missing."""
        value = self.text(name)
        if not value:
            return default
        found = re.match(r"-?\d{1,18}", value)
        return int(found[0]) if found else 0

    def clamped(self, name: str, default: int, least: int, most: int) -> int:
        """Return a number, moved into its bounds."""
        return min(max(self.integer(name, default), least), most)

    def boolean(self, name: str) -> bool:
        """Return whether it is true, yes or 1."""
        return self.text(name).strip().lower() in _TRUE

    def structure(self, name: str, called: str) -> Any:
        """Return what the JSON in an argument says, None when it is missing. Refusal (400) when it is no JSON."""
        if not self.text(name):
            return None
        try:
            return json.loads(self.text(name))
        except NO_JSON:
            raise bad_request(f"Can't parse {called} JSON object") from None

    def to_json(self) -> dict[str, Any]:
        """Return everything readably: numbers and structures as such, files as their names."""
        told: dict[str, Any] = {name: _readable(name, value) for name, value in self.values.items()}
        return told | {name: f"file {file.name}, {len(file.data)} bytes" for name, file in self.files.items()}


def from_json(body: bytes) -> dict[str, str]:
    """Return the arguments in a JSON body: text stays, everything else becomes JSON again, null too.

    Where there is no object there are no arguments: the server only notes that in its log (HttpReader.cpp, ReadArgs).
    """
    try:
        fields = json.loads(body)
    except NO_JSON:
        return {}
    if isinstance(fields, str):
        return {"content": fields}
    if not isinstance(fields, dict):
        return {}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in fields.items()}


def _readable(name: str, value: str) -> Any:
    if name in _PLAIN_TEXT or not re.match(r"[\[{]|-?\d+\Z|(true|false)\Z", value):
        return value
    try:
        return json.loads(value)
    except NO_JSON:
        return value
