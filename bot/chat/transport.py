"""How requests reach the Bot API: aiohttp under python-telegram-bot, several times faster under load than its own pool.

An answer to an edit echoes the text of the message. That text may be a secret, so no answer's body is ever put into an
exception or a log line, not even when it is not JSON, and what a message says goes no further than this file.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from pydantic_core import to_json
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest
from yarl import URL

if TYPE_CHECKING:
    from telegram.request import RequestData

CONNECT_WITHIN, ANSWER_WITHIN, CONNECTION_WITHIN = 5.0, 5.0, 1.0
"""Seconds until there is a connection to the server, its answer, and one of the connections that are kept."""
KEEP_IDLE = 30.0
"""Seconds that a connection is kept without use."""
SUCCESS = range(200, 300)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
READ_OF_A_MESSAGE = ("message_id", "date", "chat")
"""All that this program reads of a message of its own (https://core.telegram.org/bots/api#message)."""
OnResponse = Callable[[Mapping[str, str]], None]


@final
class _Answer(bytes):
    """An answer's bytes, with what they were found to say."""

    said: dict[str, Any]

    def __repr__(self) -> str:
        """Tell how long it is: it may echo a secret."""
        return f"<{len(self)} bytes>"


class BotApiRequest(BaseRequest):
    """Requests on up to so many connections; `on_response` is shown the headers of every answer."""

    def __init__(self, connections: int, *, trust_env: bool, on_response: OnResponse | None = None) -> None:
        self._connections = connections
        self._trust_env = trust_env
        self._on_response = on_response
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Return within how many seconds an answer must come when nobody says otherwise."""
        return ANSWER_WITHIN

    async def initialize(self) -> None:
        """Open no connection yet: the first request does."""

    async def shutdown(self) -> None:
        """Close all connections; the next request opens one again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(  # noqa: PLR0917 - PTB's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the time for an answer includes it
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make the request. Raises `TimedOut`, and `NetworkError` also for an answer that is not the Bot API's."""
        connect = _seconds(connect_timeout, CONNECT_WITHIN)
        timeout = aiohttp.ClientTimeout(
            connect=_seconds(pool_timeout, CONNECTION_WITHIN) + connect,
            sock_connect=connect,
            sock_read=_seconds(read_timeout, ANSWER_WITHIN),
        )
        try:
            async with self._open(url).request(method, url, timeout=timeout, **_body(request_data)) as response:
                payload = await response.read()
                code, headers = response.status, response.headers
        except TimeoutError as error:
            raise TimedOut(f"no answer in time ({type(error).__name__})") from None
        except (aiohttp.ClientError, OSError) as error:
            # what led to it may hold the request: its address with the token, and its text, which may be a secret
            raise NetworkError(_explain(error)) from None
        if self._on_response is not None:
            self._on_response(headers)
        return code, _read(code, payload)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the JSON object that the server answered with. Raises `NetworkError`, which does not quote it."""
        return payload.said if isinstance(payload, _Answer) else _parse(payload)

    def _open(self, url: str) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_IDLE, ssl=_authorities())
            # aiohttp itself would look for a proxy, and for passwords in a file, in a thread and before each request
            proxy = _find_proxy(url) if self._trust_env else None
            self._session = aiohttp.ClientSession(connector=connector, proxy=proxy, cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def _find_proxy(url: str) -> str | None:
    """Return the proxy that the environment has for an address: HTTPS_PROXY and the like, unless NO_PROXY names it."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)


def _body(data: RequestData | None) -> dict[str, Any]:
    """Return what aiohttp is told to send."""
    if data is None:
        return {}
    parameters = _parameters(data)
    if not data.contains_files:
        return {"data": encode_form(parameters), "headers": FORM, "allow_redirects": False}
    form = aiohttp.FormData()
    for name, value in parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return {"data": form, "allow_redirects": False}


def _parameters(data: RequestData) -> dict[str, str]:
    """Return the same as `data.json_parameters`, which encodes everything twice."""
    return {
        name: value if isinstance(value, str) else to_json(value).decode() for name, value in data.parameters.items()
    }


def encode_form(parameters: Mapping[str, str]) -> bytes:
    """Return a form's bytes (https://url.spec.whatwg.org/#application/x-www-form-urlencoded)."""
    # a query is written like a form, and yarl, which is compiled, writes it six times as fast as urllib
    return URL.build(path="/", query=parameters).raw_query_string.encode()


def _read(code: int, payload: bytes) -> _Answer:
    try:
        said = _parse(payload)
    except NetworkError as error:
        raise NetworkError(f"HTTP {code}: {error.message}") from None
    if code in SUCCESS and "result" not in said:
        raise NetworkError(f"HTTP {code}: the answer has no result")
    result = said.get("result")
    if isinstance(result, dict) and "message_id" in result:
        said["result"] = {key: result[key] for key in READ_OF_A_MESSAGE if key in result}
    answer = _Answer(payload)
    answer.said = said
    return answer


def _parse(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or ("result" not in answer and answer.get("ok") is not False):
        raise NetworkError("the answer is not the Bot API's")
    return answer


def _seconds(asked: object, usual: float) -> float:
    """Return a timeout; for one that nobody set PTB has a marker of its own."""
    return asked if isinstance(asked, int | float) else usual


def _explain(error: Exception) -> str:
    """Return what went wrong, without the address that was asked: the token is part of it."""
    name = type(error).__name__
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{name}: {error.host} port {error.port}: {error.os_error.strerror or type(error.os_error).__name__}"
    return name


@cache
def _authorities() -> ssl.SSLContext:
    """Return whom to trust: certifi's authorities, because a fresh machine may know none, and the machine's own."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
