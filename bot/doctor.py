"""`python -m bot doctor`: looks at everything the bot needs, changes nothing, and says in a line each what to do."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from telegram.error import InvalidToken, TelegramError

from bot.chat.bot_api import build_bot
from bot.logs import mask
from bot.services.clock import Clock
from bot.services.moves import explain_refusal
from bot.settings import TELEGRAM, Settings, SettingsError, find_key_file, load_server_keys, load_settings
from bot.web.webhook import PATH as WEBHOOK_PATH
from storage import schema
from storage.database import Database, plain_cause

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from telegram import WebhookInfo

CLOCK_TOLERANCE = timedelta(seconds=5)
"""As far ahead as a signed request's time may be: from there on a wrong clock is felt."""
LONG_TTL = timedelta(hours=1)
RECENT = timedelta(hours=1)
"""How long ago a failed delivery of Telegram's still is news."""


class Verdict(StrEnum):
    """How things stand. A warning lets the bot work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """What was found about a subject; where something is wrong, `words` say what to do."""

    verdict: Verdict
    subject: str
    words: str

    def __str__(self) -> str:
        """Return the line that a person reads. What others' errors say in it is masked like a log line."""
        return f"{self.verdict:<4}  {self.subject:<10}  {mask(self.words)}"


async def examine(clock: Clock | None = None) -> list[Finding]:
    """Look at everything, on another clock where one is given."""
    try:
        settings = load_settings()
    except SettingsError as error:
        return [_fail("settings", sentence) for sentence in str(error).splitlines()]
    return [
        _check_settings(settings),
        *await _check_telegram(settings, clock or Clock()),
        *await _check_database(settings),
        _check_ttl(settings),
    ]


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 1 when something must be mended before the bot can work, else 0."""
    return int(any(finding.verdict is Verdict.FAIL for finding in findings))


def _check_settings(settings: Settings) -> Finding:
    key_file = None if settings.server_key is not None else find_key_file(settings)
    if key_file is not None and not key_file.exists():
        # reading the keys would make one
        if not key_file.with_suffix("").exists():  # the database's own file
            return _ok("settings", "complete; the first start makes a server key")
        return _warn(
            "settings",
            f"SERVER_KEY: {key_file} is not there, and with a new key no device can log in any more; "
            "if there are devices, restore it from a backup before you start the bot.",
        )
    try:
        load_server_keys(settings)
    except SettingsError as error:
        return _fail("settings", str(error))
    return _ok("settings", "complete")


async def _check_telegram(settings: Settings, clock: Clock) -> list[Finding]:
    offsets: list[timedelta] = []

    def note_time(headers: Mapping[str, str]) -> None:
        if (offset := _offset(headers, clock)) is not None:
            offsets.append(offset)

    bot = build_bot(
        settings.bot_token.get_secret_value(),
        settings.telegram_api_url,
        trust_env=not settings.is_loopback,
        on_response=note_time,
    )
    try:
        await bot.initialize()
        info = await bot.get_webhook_info()
    except TelegramError as error:
        findings = [_explain(error)]
    else:
        check_webhook = _check_no_webhook if settings.public_url is None else _check_webhook
        findings = [_ok("token", f"@{bot.username}"), check_webhook(settings, info, clock)]
    finally:
        await bot.shutdown()
    return [*findings, *_check_clock(offsets)]


def _explain(error: TelegramError) -> Finding:
    if isinstance(error, InvalidToken):
        advice = "set it to the one that @BotFather shows, and check TELEGRAM_API_URL"
        return _fail("token", f"Telegram does not know BOT_TOKEN; {advice}")
    return _fail("token", f"Telegram cannot be asked: {error.message}; check the network and TELEGRAM_API_URL")


def _check_no_webhook(settings: Settings, info: WebhookInfo, clock: Clock) -> Finding:  # noqa: ARG001 - as its twin
    if info.url:
        advice = "`python -m bot run` removes it; to be called instead, set PUBLIC_URL"
        return _fail("webhook", f"PUBLIC_URL is not set, but a webhook at {_host(info.url)} is; {advice}")
    return _ok("webhook", f"none, as it should be without PUBLIC_URL; updates waiting: {info.pending_update_count}")


def _check_webhook(settings: Settings, info: WebhookInfo, clock: Clock) -> Finding:
    url, waiting = settings.public_url or "", f"updates waiting: {info.pending_update_count}"
    if settings.telegram_api_url == TELEGRAM and not url.startswith("https://"):
        return _fail("webhook", "PUBLIC_URL: Telegram calls https addresses only; set one")
    if not info.url:
        return _fail("webhook", f"none is set; `python -m bot run` sets it; {waiting}")
    if info.url != url + WEBHOOK_PATH:
        advice = "does another program use this token? `python -m bot run` sets the right one"
        return _fail("webhook", f"it leads to {_host(info.url)}, not to PUBLIC_URL; {advice}")
    if info.last_error_date is not None and clock.now() - info.last_error_date < RECENT:
        failure = f"at {info.last_error_date:%H:%M} UTC Telegram could not deliver: {info.last_error_message}"
        return _warn("webhook", f"{failure}; {waiting}; check that PUBLIC_URL leads to HOST and PORT")
    return _ok("webhook", f"leads to PUBLIC_URL; {waiting}")


def _host(url: str) -> str:
    """Return all that is told of a foreign webhook: others put their token into its path."""
    return urlsplit(url).hostname or "an unknown place"


def _offset(headers: Mapping[str, str], clock: Clock) -> timedelta | None:
    """Return how far this machine's clock is ahead of the server's, which tells whole seconds."""
    try:
        told = parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        return None
    return clock.now() - told.astimezone(UTC) - timedelta(seconds=0.5)


def _check_clock(offsets: Sequence[timedelta]) -> list[Finding]:
    if not offsets:
        return []
    offset = min(offsets, key=abs)
    if abs(offset) > CLOCK_TOLERANCE:
        side = "ahead of" if offset > timedelta(0) else "behind"
        seconds = round(abs(offset).total_seconds())
        return [_warn("clock", f"{seconds} s {side} Telegram's; let NTP set it, or devices are refused")]
    return [_ok("clock", "agrees with Telegram's")]


async def _check_database(settings: Settings) -> list[Finding]:
    database = Database(settings.database_url.get_secret_value())
    try:
        if database.path is not None and not database.path.exists():
            # opening would make it
            return [_check_place(database)]
        revision = await schema.read_revision(database)
        if revision is not None:
            await schema.check_writable(database)
        refusal = await explain_refusal(database) if revision == schema.HEAD else None
    except (DBAPIError, OSError) as error:
        return [_fail("database", f"DATABASE_URL: it cannot be used: {plain_cause(error)}")]
    finally:
        await database.dispose()
    if refusal is not None:
        return [_fail("database", f"DATABASE_URL: {refusal}")]
    return [_ok("database", "can be read and written"), _check_revision(database, revision)]


def _check_place(database: Database) -> Finding:
    folder = database.path.parent if database.path is not None else None
    if folder is None or not os.access(folder, os.W_OK | os.X_OK):
        return _fail("database", f"DATABASE_URL: {folder} is no folder that this user may write to; make it")
    return _ok("database", f"{database.path} is not there yet; the first start makes it")


def _check_revision(database: Database, revision: str | None) -> Finding:
    if revision == schema.HEAD:
        return _ok("migrations", f"the tables are up to date ({revision})")
    if revision is not None and revision > schema.HEAD:
        return _fail("migrations", f"the tables are a later release's ({revision}); run that release")
    if database.path is not None:
        return _ok("migrations", f"the next start brings the tables up to date ({revision or 'none'} → {schema.HEAD})")
    return _fail("migrations", "the tables are not up to date; run: python -m bot migrate")


def _check_ttl(settings: Settings) -> Finding:
    seconds = round(settings.secret_ttl.total_seconds())
    if settings.secret_ttl > LONG_TTL:
        return _warn("ttl", f"SECRET_TTL: a secret stays on the screen for {seconds} s; set it to a minute or a few")
    return _ok("ttl", f"a secret stays on the screen for {seconds} s")


def _ok(subject: str, words: str) -> Finding:
    return Finding(Verdict.OK, subject, words)


def _warn(subject: str, words: str) -> Finding:
    return Finding(Verdict.WARN, subject, words)


def _fail(subject: str, words: str) -> Finding:
    return Finding(Verdict.FAIL, subject, words)
