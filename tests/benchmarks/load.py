"""The load generator: a process of its own that sends ready-made requests, as fast as answers come or at a set pace.

It writes bytes to plain sockets and looks at little more than status and length of an answer, so that the server, not
the generator, is what a benchmark measures: `busy` tells which share of its core it used.
"""

from __future__ import annotations

import asyncio
import json
import select
import socket
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
CONNECTIONS = 32
ANSWER_WITHIN = 30.0
LARGEST_READ = 64 * 1024
MUST_TELL_WHEN = {429, 503}
"""Statuses that are worth nothing to a device without Retry-After."""


@dataclass
class Outcome:
    """What came of a load."""

    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    """Seconds from when a request was due, not from when it could be sent, to its answer."""
    silent: int = 0
    """Answers that ask to come again and do not say when."""
    seconds: float = 0.0
    busy: float = 0.0

    @property
    def rate(self) -> float:
        """Return answers a second."""
        return self.statuses.total() / self.seconds

    def quantile(self, share: float) -> float:
        """Return the latency that this share of the requests did not exceed."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def send_apart(
    port: int, requests: Sequence[bytes], *, rate: float | None = None, connections: int = CONNECTIONS
) -> Outcome:
    """Send from a fresh process; see `send`."""
    job = {"port": port, "rate": rate, "connections": connections}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.load"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    given = json.dumps(job | {"requests": [request.decode("ascii") for request in requests]})
    told, _ = await process.communicate(given.encode())
    if process.returncode != 0:
        raise SystemExit("the load generator failed")
    outcome = json.loads(told)
    statuses = Counter({int(status): count for status, count in outcome.pop("statuses").items()})
    return Outcome(statuses=statuses, **outcome)


def send(port: int, requests: Sequence[bytes], rate: float | None, connections: int) -> Outcome:
    """Send every request, `rate` a second, or each as soon as one of the connections is free."""
    generator = _Generator(port, connections)
    began, cpu = time.perf_counter(), time.process_time()
    generator.run(requests, 0.0 if rate is None else 1 / rate)
    generator.outcome.seconds = time.perf_counter() - began
    generator.outcome.busy = (time.process_time() - cpu) / generator.outcome.seconds
    return generator.outcome


@dataclass
class _Connection:
    socket: socket.socket
    due: float = 0.0
    received: bytearray = field(default_factory=bytearray)


class _Generator:
    def __init__(self, port: int, connections: int) -> None:
        self.outcome = Outcome()
        self._port = port
        self._poll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._idle: deque[_Connection] = deque()
        for _ in range(connections):
            self._connect()

    def run(self, requests: Sequence[bytes], interval: float) -> None:
        began = time.perf_counter()
        sent = 0
        while sent < len(requests) or len(self._idle) < len(self._connections):
            now = time.perf_counter()
            while sent < len(requests) and self._idle and began + sent * interval <= now:
                self._send(requests[sent], began + sent * interval)
                sent += 1
            is_pacing = sent < len(requests) and self._idle
            self._receive(max(0.0, began + sent * interval - now) if is_pacing else ANSWER_WITHIN)
        for connection in self._connections.values():
            connection.socket.close()
        self._poll.close()

    def _connect(self) -> None:
        opened = socket.create_connection(("127.0.0.1", self._port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll.register(opened, select.EPOLLIN)
        self._connections[opened.fileno()] = connection = _Connection(opened)
        self._idle.append(connection)

    def _send(self, request: bytes, due: float) -> None:
        connection = self._idle.popleft()
        connection.due = due
        connection.socket.sendall(request)

    def _receive(self, patience: float) -> None:
        events = self._poll.poll(patience)
        if not events and patience == ANSWER_WITHIN:
            raise TimeoutError("the server does not answer")
        for number, _ in events:
            connection = self._connections[number]
            chunk = connection.socket.recv(LARGEST_READ)
            if not chunk:
                self._replace(connection)
                continue
            connection.received += chunk
            self._read_answer(connection)

    def _replace(self, connection: _Connection) -> None:
        """Open another connection for one that the server closed while nothing was asked on it."""
        if connection not in self._idle:
            raise ConnectionError("the server closed a connection instead of answering")
        self._idle.remove(connection)
        self._poll.unregister(connection.socket)
        del self._connections[connection.socket.fileno()]
        connection.socket.close()
        self._connect()

    def _read_answer(self, connection: _Connection) -> None:
        """Take the answer off once the whole of it is there."""
        received = connection.received
        end = received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(received[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(received) < end + 4 + length:
            return
        status = int(head[9:12])
        self.outcome.statuses[status] += 1
        self.outcome.silent += status in MUST_TELL_WHEN and b"\r\nretry-after:" not in head
        self.outcome.latencies.append(time.perf_counter() - connection.due)
        del received[: end + 4 + length]
        self._idle.append(connection)


def _main() -> None:
    job = json.load(sys.stdin)
    requests = [request.encode("ascii") for request in job.pop("requests")]
    json.dump(vars(send(requests=requests, **job)), sys.stdout)


if __name__ == "__main__":
    _main()
