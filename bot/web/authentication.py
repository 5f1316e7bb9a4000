"""The devices' side: a session for a secret, signed requests, and the same as a question that a proxy asks.

`POST /sessions` documents itself. The rest is plain ASGI: it is asked thousands of times a second.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.responses import JSONResponse

from bot.services import metrics
from bot.services.errors import DeviceRevoked, RegistryError, RequestRefused
from bot.services.sessions import Refusal, SignedRequest
from bot.web.bounds import read_body, target_of
from bot.web.problems import Problem, problem_of, render
from bot.web.schemas import EXAMPLE_ID, WITH_BODY, describe

if TYPE_CHECKING:
    import prometheus_client
    from starlette.types import Receive, Scope, Send

    from bot.services.sessions import SessionService
    from bot.web.addresses import Addresses
    from bot.web.bounds import Times
    from storage.gate import DeviceState

SIGNED_HEADERS = (b"x-device-session", b"x-timestamp", b"x-nonce", b"x-content-sha256", b"x-signature")
EMPTY_DIGEST = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Original:
    """Which headers of a proxy name the original request's method, host and target."""

    method: bytes
    host: bytes
    target: bytes


PROXIES = {
    "nginx": Original(b"x-original-method", b"x-original-host", b"x-original-uri"),
    "traefik": Original(b"x-forwarded-method", b"x-forwarded-host", b"x-forwarded-uri"),
    "caddy": Original(b"x-forwarded-method", b"x-forwarded-host", b"x-forwarded-uri"),
}


class Credentials(BaseModel):
    """What a device presents for a session. Any text will do: what is no secret is simply not the right one."""

    model_config = ConfigDict(extra="forbid")

    device_id: str = Field(examples=[EXAMPLE_ID])
    secret: str = Field(examples=["dsk1_…"], repr=False)


class Session(BaseModel):
    """A session; both times in Unix milliseconds."""

    session: str = Field(examples=["ZyQ1sXsPQqpcHkt-nQovLw_JvhERZbGKXk2w7pkAAAGiCQ5HAG1m0sCvT4rN8w2E"])
    signing_key: str = Field(
        description="Sign with its 64 ASCII characters, not with the 32 bytes they spell.",
        examples=["08cb6bcbd046534aa8779f0745ddf718041237b1cb2780ca1b6386ea19a84899"],
        repr=False,
    )
    expires_at: int = Field(examples=[1795491787000])
    server_time: int = Field(examples=[1795448587000])


def session_routes(sessions: SessionService, addresses: Addresses) -> APIRouter:
    """Return the route that exchanges a secret for a session."""
    router = APIRouter(prefix="/api/v1", tags=["devices' own"])

    @router.post(
        "/sessions",
        status_code=201,
        responses=describe(
            ("invalid_request", 400),
            ("invalid_credentials", 401),
            ("device_revoked", 403),
            ("client_suspended", 403),
            *WITH_BODY,
            ("too_many_attempts", 429),
            ("overloaded", 503),
        ),
    )
    async def open_session(
        credentials: Annotated[Credentials, Body()], request: Request, response: Response
    ) -> Session:
        """Exchange a device's secret for a session of about 12 hours."""
        response.headers["Cache-Control"] = "no-store"
        started = time.perf_counter()
        result = "error"
        try:
            opened = await sessions.open(
                credentials.device_id, credentials.secret, address=addresses.find_client(request.scope)
            )
            result = "ok"
        except DeviceRevoked:
            result = "device_revoked"
            raise Problem(403, "device_revoked") from None
        except RegistryError as error:
            result = problem_of(error).code
            raise
        finally:
            _count("login", result, started)
        return Session(**vars(opened))

    return router


class SignedRequests:
    """`/me` and `/auth` as ASGI: what a signed request is answered with."""

    def __init__(self, sessions: SessionService, addresses: Addresses, times: Times, proxy: str | None) -> None:
        self._sessions = sessions
        self._addresses = addresses
        self._times = times
        self._original = PROXIES.get(proxy or "")

    async def me(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`GET /api/v1/me`: tell a device about itself."""
        started = time.perf_counter()
        try:
            body = await read_body(scope, receive, self._times.body)
            request = _read_direct(scope, hashlib.sha256(body).hexdigest() if body else EMPTY_DIGEST)
            state = await self._sessions.verify(request, address=self._addresses.find_client(scope))
        except (RequestRefused, Problem) as error:
            await self._refuse("request", error, started)(scope, receive, send)
            return
        _count("request", "ok", started)
        await _send_json(send, _describe(state, self._sessions.now()))

    async def auth(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`GET /auth`: answer a proxy's question whether a request was signed by a device."""
        started = time.perf_counter()
        if self._original is None or not self._addresses.is_trusted(scope):
            await render(Problem(404, "not_found"), self._sessions.now())(scope, receive, send)
            return
        try:
            request = _read_forwarded(scope, self._original)
            state = await self._sessions.verify(request, address=self._addresses.find_client(scope))
        except RequestRefused as error:
            await self._refuse("forward_auth", error, started)(scope, receive, send)
            return
        _count("forward_auth", "ok", started)
        headers = {
            "X-Device-Id": str(state.device_id),
            "X-Client-Id": str(state.client_id),
            "X-Content-SHA256": request.content_digest,
        }
        await Response(status_code=204, headers=headers)(scope, receive, send)

    async def time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`GET /api/v1/time`: tell the server's time."""
        await JSONResponse({"server_time": self._sessions.now()}, headers={"Cache-Control": "no-store"})(
            scope, receive, send
        )

    def _refuse(self, kind: str, error: RequestRefused | Problem, started: float) -> JSONResponse:
        problem = error if isinstance(error, Problem) else problem_of(error)
        _count(kind, problem.code, started)
        return render(problem, self._sessions.now())


def _read_direct(scope: Scope, body_digest: str) -> SignedRequest:
    host, *signed = _single(scope, (b"host", *SIGNED_HEADERS))
    return _signed(scope["method"], host, target_of(scope), signed, body_digest)


def _read_forwarded(scope: Scope, original: Original) -> SignedRequest:
    method, host, target, *signed = _single(scope, (original.method, original.host, original.target, *SIGNED_HEADERS))
    return _signed(method, host, target, signed, None)


def _signed(method: str, host: str, target: str, signed: list[str], body_digest: str | None) -> SignedRequest:
    session, timestamp, nonce, content_digest, signature = signed
    return SignedRequest(method, host, target, session, timestamp, nonce, content_digest, signature, body_digest)


def _single(scope: Scope, names: tuple[bytes, ...]) -> list[str]:
    """Return the values of headers that each came exactly once. Raises `RequestRefused` otherwise."""
    headers = scope["headers"]
    found = dict(headers)
    if len(found) < len(headers):
        counts = Counter(name for name, _ in headers)
        if any(counts[name] > 1 for name in names):
            raise RequestRefused(Refusal.BAD_SIGNATURE)
    try:
        return [found[name].decode("latin-1") for name in names]
    except KeyError:
        raise RequestRefused(Refusal.BAD_SIGNATURE) from None


def _describe(state: DeviceState, server_time: int) -> dict[str, Any]:
    return {
        "id": state.device_id,
        "client_id": state.client_id,
        "device_name": state.device_name,
        "group_name": state.group_name,
        "fingerprint": state.fingerprint,
        "server_time": server_time,
    }


async def _send_json(send: Send, body: dict[str, Any]) -> None:
    content = to_json(body)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _count(kind: str, result: str, started: float) -> None:
    _counter(kind, result).inc()
    _timer(kind).observe(time.perf_counter() - started)


@cache
def _counter(kind: str, result: str) -> prometheus_client.Counter:
    return metrics.AUTHENTICATIONS.labels(kind, result)


@cache
def _timer(kind: str) -> prometheus_client.Histogram:
    return metrics.AUTHENTICATION_SECONDS.labels(kind)
