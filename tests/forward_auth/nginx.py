"""A real nginx on the configuration of `docs/nginx.conf`, and requests of a client that minds every byte."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import grp
import http.client
import os
import pwd
import re
import shutil
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

CONFIGURATION = Path(__file__).parents[2] / "docs" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
Change = tuple[str, str, int | None]
"""A pattern, what takes its place, and how often it is there; None for any number of times."""
REGISTRY, SERVICE = "registry.example.com", "service.example.com"
AROUND = """
daemon off;
worker_processes 1;
user {user} {group};
pid {folder}/pid;
error_log {folder}/error.log notice;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/devices.conf;
}}
"""


@dataclass(frozen=True)
class Answer:
    """What a client got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the one value of a header, None when it is not there."""
        values = [value for found, value in self.headers if found.lower() == name.lower()]
        assert len(values) <= 1
        return values[0] if values else None


@dataclass(frozen=True)
class Nginx:
    """An nginx that runs."""

    port: int
    trust: ssl.SSLContext

    async def ask(
        self,
        host: str,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        host_header: str | None = None,
    ) -> Answer:
        """Send a request exactly as it is given, with any header as often as it is given."""
        length = [("Content-Length", str(len(body)))] if body else []
        all_headers = [("Host", host_header or host), *length, *headers]
        return await asyncio.to_thread(self._ask, host, method, target, all_headers, body)

    def _ask(self, host: str, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        connection = _Connection(host, self.port, self.trust)
        with contextlib.closing(connection):
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())


class _Connection(http.client.HTTPSConnection):
    """A connection to this machine under the name of another."""

    def __init__(self, host: str, port: int, trust: ssl.SSLContext) -> None:
        super().__init__("127.0.0.1", port, timeout=10)
        self._name = host
        self._trust = trust

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self._name)


@contextlib.asynccontextmanager
async def running_nginx(folder: Path, *, registry: int, service: int) -> AsyncIterator[Nginx]:
    """Run nginx on the configuration of the documentation, its ports exchanged for ones of the test's."""
    port = find_port()
    changes = (
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;", 2),
        (r"server 127\.0\.0\.1:8080;", f"server 127.0.0.1:{registry};", 1),
        (r"server 127\.0\.0\.1:9000;", f"server 127.0.0.1:{service};", 1),
    )
    async with running_on(CONFIGURATION, folder, port, changes) as nginx:
        yield nginx


@contextlib.asynccontextmanager
async def running_on(configuration: Path, folder: Path, port: int, changes: Iterable[Change]) -> AsyncIterator[Nginx]:
    """Run nginx on a configuration, changed as asked, with certificates of the test's."""
    certificate = prepare(configuration, folder, changes)
    process = await asyncio.create_subprocess_exec(*command(folder), stderr=asyncio.subprocess.DEVNULL)
    try:
        await _wait_for(port)
        yield Nginx(port, ssl.create_default_context(cafile=str(certificate)))
    finally:
        process.terminate()
        await process.wait()


def prepare(configuration: Path, folder: Path, changes: Iterable[Change]) -> Path:
    """Write what nginx reads, and return the certificate that it shows."""
    (folder / "devices.conf").write_text(_adapt(configuration.read_text("utf-8"), folder, changes))
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, user=user, group=group))
    return _make_certificate(folder)


def command(folder: Path, *more: str) -> list[str]:
    """Return how nginx is called. What it has to say is in its log too."""
    assert NGINX is not None
    return [NGINX, *more, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]


def _adapt(configuration: str, folder: Path, changes: Iterable[Change]) -> str:
    certificates = (r"ssl_certificate /\S+;", f"ssl_certificate {folder}/both.pem;", None)
    keys = (r"ssl_certificate_key /\S+;", f"ssl_certificate_key {folder}/both.key;", None)
    for pattern, replacement, times in (*changes, certificates, keys):
        configuration, replaced = re.subn(pattern, replacement, configuration)
        assert replaced == (times or replaced) > 0, pattern
    return configuration


def _make_certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, SERVICE)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(REGISTRY), x509.DNSName(SERVICE)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "both.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    (folder / "both.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / "both.pem"


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _wait_for(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)
