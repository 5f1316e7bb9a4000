"""Log lines for people or for machines, with every secret and token in them masked."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

DEVICE_SECRET = re.compile(r"dsk1_[0-9A-Za-z]{6,}")
BOT_TOKEN = re.compile(r"[0-9]{5,}(?::|%3[Aa])[A-Za-z0-9_-]{20,}")  # in an address "bot" stands right before it
API_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
INVITE = re.compile(r"inv_[A-Za-z0-9_-]{20,}")
SHAPES = ((DEVICE_SECRET, "<secret>"), (API_TOKEN, "<token>"), (BOT_TOKEN, "<token>"), (INVITE, "<invite>"))
QUIET = {
    "telegram": logging.INFO,  # at DEBUG it logs every call with its text, and every update
    "httpx": logging.WARNING,  # at INFO it logs every address, and the bot's token is part of it
    "httpcore": logging.WARNING,
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "uvicorn": logging.WARNING,
    "asyncio": logging.WARNING,
}
"""The lowest level of others' loggers, whatever LOG_LEVEL says."""


REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The HTTP request that is being answered."""
UPDATE_ID: ContextVar[int | None] = ContextVar("update_id", default=None)
"""The update that is being handled, by Telegram's number."""


def begin_update(update_id: int) -> None:
    """Let what this task logs from now on belong to the update, and no longer to the request that brought it."""
    UPDATE_ID.set(update_id)
    REQUEST_ID.set(None)


def mask(text: str) -> str:
    """Return the text without device secrets, API tokens, bot tokens and what invites carry."""
    for shape, stand_in in SHAPES:
        text = shape.sub(stand_in, text)
    return text


class TextFormatter(logging.Formatter):
    """One line an event, the traceback below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s%(belongs_to)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, masked."""
        record.belongs_to = "".join(f" [{name.removesuffix('_id')} {number}]" for name, number in _find_ids().items())
        return mask(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object, masked."""
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            **_find_ids(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            event["traceback"] = self.formatException(record.exc_info)
        return mask(json.dumps(event, ensure_ascii=False))


def _find_ids() -> dict[str, str | int]:
    return {variable.name: number for variable in (REQUEST_ID, UPDATE_ID) if (number := variable.get()) is not None}


def configure(level: str, log_format: str) -> None:
    """Log to standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, lowest in QUIET.items():
        logging.getLogger(name).setLevel(max(lowest, logging.getLevelName(level)))
    sys.excepthook = _tell_end


def _tell_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log what ends the program: the interpreter itself would print it as it is, whatever it quotes."""
    logging.getLogger("bot").critical("the program ends", exc_info=(kind, error, trace))
