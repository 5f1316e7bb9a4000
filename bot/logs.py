"""Log lines for people or for machines, with every secret and token in them masked."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

DEVICE_SECRET = re.compile(r"dsk1_[0-9A-Za-z]{6,}")
BOT_TOKEN = re.compile(r"\b\d{5,}:[A-Za-z0-9_-]{20,}")
QUIET = {
    "telegram": logging.INFO,  # at DEBUG it logs every call with its text, and every update
    "httpx": logging.WARNING,  # at INFO it logs every address, and the bot's token is part of it
    "httpcore": logging.WARNING,
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
}
"""The lowest level of others' loggers, whatever LOG_LEVEL says."""


def mask(text: str) -> str:
    """Return the text without device secrets and bot tokens."""
    return BOT_TOKEN.sub("<token>", DEVICE_SECRET.sub("<secret>", text))


class TextFormatter(logging.Formatter):
    """One line an event, the traceback below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, masked."""
        return mask(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, masked."""
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return mask(json.dumps(event, ensure_ascii=False))


def configure(level: str, log_format: str) -> None:
    """Log to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, lowest in QUIET.items():
        logging.getLogger(name).setLevel(max(lowest, logging.getLevelName(level)))
