"""Every setting, read from the environment and from a `.env` file in the working directory.

A setting that is missing, weak or out of range stops the program with a sentence that says what to set.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import secrets
import tempfile
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from storage.database import DatabaseURLError, parse_url, sqlite_path

if TYPE_CHECKING:
    from pathlib import Path

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
MIN_KEY_LENGTH = 32
MIN_DISTINCT = 8
"""Different characters that a key needs: random ones of 32 hexadecimal digits always have them."""
TOKEN_FORMAT = re.compile(r"[0-9]{1,16}:[A-Za-z0-9_-]+")
LARGEST_ID = 2**52
"""Telegram's ids have fewer bits (https://core.telegram.org/bots/api#user)."""
TELEGRAM = "https://api.telegram.org"


class SettingsError(Exception):
    """A setting will not do. The message tells a person which, and what to set."""


def parse_duration(text: str) -> timedelta:
    """Read `90`, `90s`, `10m`, `12h` or `30d`. Raises `ValueError`."""
    match = re.fullmatch(r"([0-9]{1,9})([smhd]?)", text.strip().lower())
    if match is None:
        raise ValueError("write a duration as seconds or like 90s, 10m, 12h, 30d")
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


class Settings(BaseSettings):
    """What the operator decides. Field names are the names of the environment variables."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    bot_token: SecretStr
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    contact: str = Field(default="", max_length=100)
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///devices.db")
    secret_ttl: timedelta = timedelta(seconds=60)
    access: Literal["open", "invite", "approval"] = "open"
    invite_ttl: timedelta = timedelta(hours=24)
    device_limit: int = Field(default=10, ge=1, le=1_000_000)
    public_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    auth_proxy: Literal["nginx", "traefik", "caddy"] | None = None
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    session_ttl: timedelta = timedelta(hours=12)
    retention: timedelta = timedelta(days=90)
    server_key: SecretStr | None = None
    telegram_api_url: str = TELEGRAM
    calls_per_second: int = Field(default=30, ge=3, le=100_000)
    clock_speed: float = Field(default=1.0, gt=0, le=1000)
    clock_origin: float | None = None
    log_level: str = "INFO"
    log_format: str = "text"

    @field_validator("bot_token")
    @classmethod
    def _check_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value()
        if not TOKEN_FORMAT.fullmatch(token) or not _is_id(token.partition(":")[0]):
            raise ValueError("set it to the token that @BotFather gave you, like 123456789:AA…")
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(_is_id(part) for part in parts):
            raise ValueError("set it to Telegram user ids, which are numbers, separated by commas; /id tells yours")
        return tuple(int(part) for part in parts)

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, value: SecretStr) -> SecretStr:
        try:
            parse_url(value.get_secret_value())
        except DatabaseURLError as error:
            raise ValueError(str(error)) from None
        except ValueError:
            # it quotes what stands where a port should, which may be the end of a password
            raise ValueError("this is no database URL; a password's special characters are written like %40") from None
        return value

    @field_validator("public_url", "auth_proxy", "server_key", mode="before")
    @classmethod
    def _drop_empty(cls, value: Any) -> Any:
        # a variable that is set to nothing is not set
        return None if value == "" else value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError(
                "set it to the address under which Telegram reaches this program, like https://bot.example.com"
            )
        return None if value is None else value.rstrip("/")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_proxies(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        proxies = tuple(part.strip() for part in value.split(",") if part.strip())
        try:
            for proxy in proxies:
                ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            raise ValueError(
                "set it to addresses or networks, separated by commas, like 127.0.0.1,10.0.0.0/8"
            ) from None
        return proxies

    @field_validator("secret_ttl", "session_ttl", "invite_ttl", "retention", mode="before")
    @classmethod
    def _read_duration(cls, value: Any) -> Any:
        return parse_duration(value) if isinstance(value, str) else value

    @field_validator("secret_ttl")
    @classmethod
    def _check_ttl(cls, value: timedelta) -> timedelta:
        if not timedelta(seconds=10) <= value <= timedelta(days=1):
            raise ValueError("set it to 10 … 86400 seconds")
        return value

    @field_validator("session_ttl")
    @classmethod
    def _check_session_ttl(cls, value: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= value <= timedelta(days=30):
            raise ValueError("set it to 1m … 30d")
        return value

    @field_validator("invite_ttl")
    @classmethod
    def _check_invite_ttl(cls, value: timedelta) -> timedelta:
        if not timedelta(minutes=1) <= value <= timedelta(days=30):
            raise ValueError("set it to 1m … 30d")
        return value

    @field_validator("retention")
    @classmethod
    def _check_retention(cls, value: timedelta) -> timedelta:
        if not timedelta(days=1) <= value <= timedelta(days=36500):
            raise ValueError("set it to 1d … 36500d")
        return value

    @field_validator("server_key")
    @classmethod
    def _check_keys(cls, value: SecretStr | None) -> SecretStr | None:
        keys = _split_keys(value)
        if value is not None and (not keys or any(_is_weak(key) for key in keys)):
            raise ValueError(
                f"set it to at least {MIN_KEY_LENGTH} random characters, for example from: openssl rand -hex 32"
            )
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _check_api_url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value) or _host(value) is None:
            raise ValueError("set it to an address such as https://api.telegram.org, without /bot at the end")
        return value.rstrip("/").removesuffix("/bot")

    @field_validator("log_level")
    @classmethod
    def _check_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("set it to DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("log_format")
    @classmethod
    def _check_format(cls, value: str) -> str:
        if value not in {"text", "json"}:
            raise ValueError("set it to text or json")
        return value

    @property
    def address(self) -> str:
        """Return where the HTTP door is reached: PUBLIC_URL, or this machine's own address while that is unset."""
        return self.public_url or f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def bot_id(self) -> int:
        """Return the bot's Telegram id: the digits before the colon of its token."""
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @property
    def is_loopback(self) -> bool:
        """Tell whether the Bot API server is on this machine."""
        return _host(self.telegram_api_url) in {"localhost", "127.0.0.1", "::1"}


def load_settings() -> Settings:
    """Read the settings. Raises `SettingsError` with a sentence a fault; values are never repeated in it."""
    try:
        settings = Settings()  # type: ignore[call-arg]  # the environment has the rest
    except OSError as error:
        raise SettingsError(f".env: it cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(".env: it is no UTF-8 text; write it anew.") from None
    except ValidationError as error:
        raise SettingsError(
            "\n".join(_explain(fault["loc"], fault["type"], fault["msg"]) for fault in error.errors())
        ) from None
    if settings.clock_speed != 1.0 and not settings.is_loopback:
        raise SettingsError("CLOCK_SPEED: only the sandbox's clock may run fast; unset it.")
    return settings


def load_server_keys(settings: Settings) -> list[bytes]:
    """Return the server's keys, the one that makes first; on SQLite one is made beside the database when none is set.

    Raises `SettingsError` when none is set and the database is not a file of ours.
    """
    keys = _split_keys(settings.server_key)
    if keys:
        return [key.encode() for key in keys]
    path = find_key_file(settings)
    if path is None:
        raise SettingsError("SERVER_KEY: with PostgreSQL set it, for example to the output of: openssl rand -hex 32")
    return [_keep_key(path)]


def find_key_file(settings: Settings) -> Path | None:
    """Return the file beside a SQLite database that keeps the server's key where none is set, None with PostgreSQL."""
    path = sqlite_path(parse_url(settings.database_url.get_secret_value()))
    return None if path is None else path.with_name(path.name + ".key")


def _keep_key(path: Path) -> bytes:
    """Read the key in a file, making it first where there is none. Of processes that make one at once, one wins."""
    try:
        if not path.exists():
            _write_key(path)
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        cause = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"SERVER_KEY: cannot keep it in {path}: {cause}; mend that, or set SERVER_KEY.") from None
    if len(key) < MIN_KEY_LENGTH:
        raise SettingsError(f"SERVER_KEY: {path} holds no whole key; restore it from a backup or set SERVER_KEY.")
    return key.encode()


def _write_key(path: Path) -> None:
    # whole before it has its name: a crash leaves no half of a key, and a link never replaces another's
    with tempfile.NamedTemporaryFile("w", encoding="ascii", dir=path.parent, prefix=f".{path.name}.") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,16}", text) is not None and 0 < int(text) < LARGEST_ID


def _is_weak(key: str) -> bool:
    return len(key) < MIN_KEY_LENGTH or len(set(key)) < MIN_DISTINCT


def _host(url: str) -> str | None:
    """Return the host of an address, None when there is none or the address is malformed."""
    try:
        parts = urlsplit(url)
        is_possible = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts.hostname if is_possible else None


def _split_keys(value: SecretStr | None) -> list[str]:
    text = "" if value is None else value.get_secret_value()
    return [key.strip() for key in text.split(",") if key.strip()]


def _explain(location: tuple[int | str, ...], kind: str, message: str) -> str:
    name = str(location[0]).upper()
    if kind == "missing":
        advice = "set it to the token that @BotFather gave you" if name == "BOT_TOKEN" else "set it"
        return f"{name}: it is missing; {advice}."
    return f"{name}: {message.removeprefix('Value error, ')}."
