"""What formatted text is made of: entities, and the links in them."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Entity:
    """A stretch of text with a meaning; `details` are the further fields of a MessageEntity."""

    type: str
    offset: int
    length: int
    details: dict[str, object] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """Return the first UTF-16 offset behind it."""
        return self.offset + self.length

    def to_json(self) -> dict[str, object]:
        """Return it as the Bot API sends it."""
        return {"offset": self.offset, "length": self.length, "type": self.type, **self.details}


def utf16_length(text: str) -> int:
    """Count the UTF-16 units of `text`."""
    return len(text) + sum(character > "\uffff" for character in text)


def check_link(url: str) -> str | None:
    """Return `url` the way Telegram keeps it, or None when it would not make a link of it."""
    candidate = url.strip()
    if "://" not in candidate:
        candidate = f"http://{candidate}"
    try:
        parts = urlsplit(candidate)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    if parts.scheme.lower() in {"tg", "ton", "tonsite"}:
        return candidate if usable else None
    if not usable or parts.scheme.lower() not in {"http", "https"} or "." not in (parts.hostname or ""):
        return None
    return candidate if parts.path or parts.query or parts.fragment else f"{candidate}/"
