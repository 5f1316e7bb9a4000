"""What the program is measured beside, each as a process: `bare`, a FastAPI route, `keyshield` and `django`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI

from bot.web.server import create_server
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEYS = 20
ME = {
    "id": "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111",
    "client_id": "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be112",
    "device_name": "VPS-1",
    "group_name": None,
    "fingerprint": "3f9a12c4",
    "server_time": 1795448587000,
}


def build_bare() -> FastAPI:
    """Return an application that does nothing but answer what `GET /api/v1/me` answers."""
    app = FastAPI()

    @app.get("/api/v1/me")
    async def me() -> dict[str, Any]:
        return ME

    return app


async def build_keyshield(url: str) -> tuple[FastAPI, list[str]]:
    """Return keyshield as its documentation builds it, with its cache on and its delays off, and keys to present.

    It reaches its database as the program does, on SQLite with writers queueing: it notes each use of a key.
    """
    from aiocache import SimpleMemoryCache  # noqa: PLC0415 - of the extra `bench`
    from keyshield.api import create_depends_api_key  # noqa: PLC0415
    from keyshield.hasher.argon2 import Argon2ApiKeyHasher  # noqa: PLC0415
    from keyshield.repositories.sql import SqlAlchemyApiKeyRepository  # noqa: PLC0415
    from keyshield.services.cached import CachedApiKeyService  # noqa: PLC0415

    database = Database(url)
    hasher, cache = Argon2ApiKeyHasher(pepper="the pepper of a benchmark"), SimpleMemoryCache()

    async def open_service() -> AsyncIterator[Any]:
        async with database.begin() as session:
            repository = SqlAlchemyApiKeyRepository(session)
            yield CachedApiKeyService(repository, hasher, cache=cache, min_delay=0, max_delay=0)

    open_one = contextlib.asynccontextmanager(open_service)
    await SqlAlchemyApiKeyRepository(None).ensure_table(database.engine)
    async with open_one() as service:
        keys = [(await service.create(name=f"VPS-{number}"))[1] for number in range(KEYS)]
    app = FastAPI()
    verified: Any = Depends(create_depends_api_key(open_service))

    @app.get("/api/v1/me")
    async def me(key: Any = verified) -> dict[str, Any]:
        return {**ME, "id": key.id_, "device_name": key.name}

    return app, keys


async def _serve(name: str, port: int, url: str) -> None:
    app, keys = await build_keyshield(url) if name == "keyshield" else (build_bare(), [])
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", port))
        print(" ".join(keys), flush=True)  # noqa: T201 - the benchmark reads it
        await create_server(app).serve([listener])


def _serve_django(port: int, url: str) -> None:
    from tests.benchmarks import django_keys  # noqa: PLC0415 - it takes from here what is alike

    application, keys = django_keys.build(url)
    print(" ".join(keys), flush=True)  # noqa: T201 - as above
    django_keys.serve(application, port)


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=["bare", "keyshield", "django"])
    parser.add_argument("port", type=int)
    parser.add_argument("url", help="of the database")
    options = parser.parse_args()
    if options.name == "django":
        _serve_django(options.port, options.url)
    else:
        asyncio.run(_serve(options.name, options.port, options.url))


if __name__ == "__main__":
    _main()
