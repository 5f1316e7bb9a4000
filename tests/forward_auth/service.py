"""The service behind nginx: it remembers what reached it, and hashes what it is sent as every such service must."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Received:
    """A request as it arrived."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for found, value in self.headers if found.lower() == name.lower()]


@dataclass
class Service:
    """A server on a thread of its own. `status` and `headers` are what it answers next."""

    port: int = 0
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)


@contextlib.contextmanager
def running_service(*, hashes: bool = True) -> Iterator[Service]:
    """Run a service that answers 400 to a body that is not the signed one, unless it does not care."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            service.received.append(Received(self.command, self.path, self.headers.items(), body))
            signed = self.headers.get("X-Content-SHA256")
            is_signed = not hashes or signed == hashlib.sha256(body).hexdigest()
            self.send_response(service.status if is_signed else 400)
            for name, value in service.headers.items():
                self.send_header(name, value)
            content = b"the service"
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - http.server's names

        def log_message(self, *_: Any) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
