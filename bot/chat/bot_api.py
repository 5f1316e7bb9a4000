"""The client of the Bot API: python-telegram-bot's, on a faster transport, and silent about what answers contain.

An answer to an edit echoes the text of the message. That text may be a secret, so no answer's body is ever put into an
exception or a log line, not even when it is not JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import httpx
import httpx_aiohttp
from telegram import LinkPreviewOptions
from telegram.error import NetworkError, RetryAfter
from telegram.ext import Defaults, ExtBot
from telegram.request import HTTPXRequest

if TYPE_CHECKING:
    import ssl

    from telegram.ext import BaseRateLimiter

ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
CONNECTIONS = 256
POLL_TIMEOUT = 30
"""Seconds a long poll stays open. Bot API servers allow up to 50."""
SUCCESS = range(200, 300)
OnResponse = Callable[[httpx.Response], Awaitable[None]]

# or PTB warns, at every 429, that it will tell the waiting time as a timedelta one day
os.environ["PTB_TIMEDELTA"] = "true"


class BotApiRequest(HTTPXRequest):
    """Requests over aiohttp, several times faster under load than httpx's own pool."""

    def __init__(self, connections: int, *, trust_env: bool, on_response: OnResponse | None = None) -> None:
        tls = _trusted_authorities()
        transport = httpx_aiohttp.AiohttpTransport(
            verify=tls,
            client=lambda: aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=30, ssl=tls), trust_env=trust_env
            ),
        )
        hooks = {"response": [on_response] if on_response else []}
        super().__init__(connections, httpx_kwargs={"transport": transport, "event_hooks": hooks})

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Make the request. Raises `NetworkError` for an answer that is not the Bot API's, such as a proxy's page."""
        try:
            code, payload = await super().do_request(*args, **kwargs)
        except NetworkError as error:
            # what led to it holds the request: its address with the token, and its text, which may be a secret
            error.__cause__ = error.__context__ = None
            raise
        try:
            answer = self.parse_json_payload(payload)
        except NetworkError as error:
            raise NetworkError(f"HTTP {code}: {error.message}") from None
        if code in SUCCESS and "result" not in answer:
            raise NetworkError(f"HTTP {code}: the answer has no result")
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the JSON object that the server answered with. Raises `NetworkError`, which does not quote it."""
        try:
            answer = json.loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or ("result" not in answer and answer.get("ok") is not False):
            raise NetworkError("the answer is not the Bot API's")
        return answer


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """Return whom to trust: certifi's authorities, because a fresh machine may know none, and the machine's own."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


class RegistryBot(ExtBot[None]):
    """PTB's bot, which also hands out updates as they came: one that PTB cannot read must not stop the others."""

    def __repr__(self) -> str:
        """Name the bot without its token."""
        return f"RegistryBot[{self.token.partition(':')[0]}]"

    async def fetch_updates(self, offset: int | None, timeout: int) -> list[dict[str, Any]]:  # noqa: ASYNC109
        """Wait up to `timeout` seconds for updates and return them raw (https://core.telegram.org/bots/api#getupdates)."""
        data = {"offset": offset, "timeout": timeout, "limit": 100, "allowed_updates": list(ALLOWED_UPDATES)}
        result = await self._post(
            "getUpdates", {key: value for key, value in data.items() if value is not None}, read_timeout=timeout + 10
        )
        return [update for update in cast("list[Any]", result) if isinstance(update, dict)]

    async def hang_up(self) -> None:
        """Close all connections, also those of a bot that never learnt who it is."""
        for request in self._request:
            await request.shutdown()


def build_bot(
    token: str,
    api_url: str,
    *,
    rate_limiter: BaseRateLimiter[Any] | None = None,
    trust_env: bool = True,
    on_response: OnResponse | None = None,
) -> RegistryBot:
    """Return a bot on the Bot API server at `api_url`; one connection is for getUpdates, the others for the rest.

    `on_response` sees the headers of every answer but those to getUpdates.
    """
    return RegistryBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=BotApiRequest(CONNECTIONS, trust_env=trust_env, on_response=on_response),
        get_updates_request=BotApiRequest(1, trust_env=trust_env),
        defaults=Defaults(parse_mode="HTML", link_preview_options=LinkPreviewOptions(is_disabled=True)),
        rate_limiter=rate_limiter,
    )


def retry_seconds(error: RetryAfter) -> float:
    """Return how many seconds Telegram asks to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
