"""A small registry over HTTP that checks signatures by the contract's words, sharing no code with the connectors."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SESSION_MS = 12 * 3600 * 1000
OLDEST_MS, NEWEST_MS = 30_000, 5_000
SESSIONS = "/api/v1/sessions"
PATTERNS = {
    "X-Device-Session": r"[!-~]+",
    "X-Timestamp": r"[0-9]{13}",
    "X-Nonce": r"[A-Za-z0-9_-]{16,64}",
    "X-Content-SHA256": r"[0-9a-f]{64}",
    "X-Signature": r"[0-9a-f]{64}",
}


class Answer(NamedTuple):
    """What is sent back; status 0 closes the connection without a word."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = {}


class Received(NamedTuple):
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


LOST = Answer(0)


class Registry:
    """The server. Its time stands still until the test moves it; `plan` decides over answers to come."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.secrets: dict[str, str] = {}
        self.refusal: str | None = None
        self.sessions: dict[str, tuple[str, int]] = {}
        self.nonces: set[str] = set()
        self.received: list[Received] = []
        self.accepted: list[Received] = []
        self.served_from: Registry = self
        self._planned: dict[bool, deque[Answer]] = {True: deque(), False: deque()}
        self._lost: deque[bool] = deque()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.registry = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def plan_session(self, *answers: Answer) -> None:
        """Give these answers to the next who ask for a session."""
        self._planned[True].extend(answers)

    def plan(self, *answers: Answer) -> None:
        """Give these answers to the next other requests."""
        self._planned[False].extend(answers)

    def lose_answer(self) -> None:
        """Carry the next signed request out, and close the connection instead of answering."""
        self._lost.append(True)

    def end_sessions(self) -> None:
        """Forget all sessions, as when the secret was replaced."""
        self.sessions.clear()

    def asked_for_sessions(self) -> int:
        """Return how often a session was asked for."""
        return sum(request.target == SESSIONS for request in self.received)

    def signed_requests(self) -> list[Received]:
        """Return what else came, refused or not."""
        return [request for request in self.received if request.target != SESSIONS]

    def problem(self, status: int, code: str, **headers: str) -> Answer:
        """Return a problem as the contract has it."""
        fields: dict[str, Any] = {"type": "about:blank", "title": "No", "status": status, "code": code}
        if status == 401:
            fields["server_time"] = self.now_ms
            headers = {"X-Server-Time": str(self.now_ms), **headers}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Answer(status, fields, {"Content-Type": "application/problem+json", **named})

    def respond(self, request: Received) -> Answer:
        """Return the answer to a request."""
        with self._lock:
            self.received.append(request)
            planned = self._planned[request.target == SESSIONS]
            if planned:
                return planned.popleft()
            if request.target == SESSIONS:
                return self._open(json.loads(request.body))
            answer = self._check(request)
            return LOST if answer.status == 200 and self._lost and self._lost.popleft() else answer

    def _open(self, fields: Mapping[str, str]) -> Answer:
        if self.secrets.get(fields["device_id"]) != fields["secret"]:
            return self.problem(401, "invalid_credentials")
        if self.refusal:
            return self.problem(403, self.refusal)
        session = f"s.{len(self.received)}.{fields['device_id']}"
        key = hashlib.sha256(session.encode()).hexdigest()
        expires_at = self.now_ms + SESSION_MS
        self.sessions[session] = key, expires_at
        return Answer(
            201, {"session": session, "signing_key": key, "expires_at": expires_at, "server_time": self.now_ms}
        )

    def _check(self, request: Received) -> Answer:
        headers = request.headers
        for name, pattern in PATTERNS.items():
            if not re.fullmatch(pattern, headers.get(name, "")):
                return self.problem(401, "bad_signature")
        key, expires_at = self.served_from.sessions.get(headers["X-Device-Session"], ("", 0))
        if not key:
            return self.problem(401, "session_ended")
        parts = ("v1", request.method, headers["Host"].lower(), request.target, headers["X-Timestamp"])
        signed = "\n".join((*parts, headers["X-Nonce"], headers["X-Content-SHA256"]))
        if hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest() != headers["X-Signature"]:
            return self.problem(401, "bad_signature")
        code = self._find_fault(request, expires_at)
        if code:
            return self.problem(401, code)
        self.nonces.add(headers["X-Nonce"])
        self.accepted.append(request)
        return Answer(200, {"device_name": "VPS-1 Zażółć"})

    def _find_fault(self, request: Received, expires_at: int) -> str | None:
        age = self.now_ms - int(request.headers["X-Timestamp"])
        faults = {
            "session_expired": self.now_ms >= expires_at,
            self.refusal or "": bool(self.refusal),
            "timestamp_too_old": age > OLDEST_MS,
            "timestamp_too_new": age < -NEWEST_MS,
            "nonce_used": request.headers["X-Nonce"] in self.nonces,
            "body_mismatch": hashlib.sha256(request.body).hexdigest() != request.headers["X-Content-SHA256"],
        }
        return next((code for code, is_so in faults.items() if is_so), None)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a full queue would cost a second's wait
    registry: Registry


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def handle_one_request(self) -> None:
        """Answer one request. Not http.server's own way: that one merges slashes, and knows not every method."""
        self.raw_requestline = self.rfile.readline()
        if not self.parse_request():
            return
        method, target, _ = self.raw_requestline.decode("ascii").split(" ")
        names = [name.lower() for name in self.headers]
        assert len(names) == len(set(names)), "a header came twice"
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        answer = self.server.registry.respond(Received(method, target, dict(self.headers.items()), body))
        self.close_connection = True
        if answer.status == 0:
            return
        content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {"Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
