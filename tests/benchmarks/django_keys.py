"""djangorestframework-api-key as its documentation shows it, on Django without anything that it does not need.

It is served by gunicorn, one process with a few threads that keep their connections, to clients and to the database.
https://florimondmanca.github.io/djangorestframework-api-key/guide/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url

from tests.benchmarks.neighbours import KEYS, ME

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

THREADS = 4


def build(url: str) -> tuple[Any, list[str]]:
    """Return the application, and keys to present."""
    import django  # noqa: PLC0415 - of the extra `bench`
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    settings.configure(
        SECRET_KEY="the key of a benchmark",
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=["rest_framework", "rest_framework_api_key"],
        MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # or no answer tells its length
        DATABASES={"default": _database(make_url(url)) | {"CONN_MAX_AGE": None}},
        USE_TZ=True,
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": [],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework_api_key.permissions.HasAPIKey"],
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "UNAUTHENTICATED_USER": None,
        },
    )
    django.setup()
    settings.ROOT_URLCONF = (_route(),)
    call_command("migrate", verbosity=0)
    return get_wsgi_application(), _create_keys()


def _database(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        # no writer keeps readers waiting
        options = {"init_command": "PRAGMA journal_mode = WAL"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.database, "OPTIONS": options}
    host = {"HOST": url.query.get("host") or url.host, "PORT": url.port or "", "PASSWORD": url.password or ""}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": url.database, "USER": url.username, **host}


def _create_keys() -> list[str]:
    from django.db import connection  # noqa: PLC0415 - of the extra `bench`
    from rest_framework_api_key.models import APIKey  # noqa: PLC0415

    keys = [APIKey.objects.create_key(name=f"VPS-{number}")[1] for number in range(KEYS)]
    connection.close()
    return keys


def serve(application: Any, port: int) -> None:
    """Answer until told to stop."""
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - of the extra `bench`

    class Server(BaseApplication):  # type: ignore[misc] # it ships no types
        def load_config(self) -> None:
            chosen = {"bind": f"127.0.0.1:{port}", "workers": 1, "worker_class": "gthread", "threads": THREADS}
            for name, value in {**chosen, "keepalive": 60, "loglevel": "error"}.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return application

    Server().run()


def _route() -> Any:
    from django.urls import path  # noqa: PLC0415 - of the extra `bench`
    from rest_framework.decorators import api_view  # noqa: PLC0415
    from rest_framework.response import Response  # noqa: PLC0415

    def me(request: Any) -> Any:
        return Response(ME)

    return path("api/v1/me", api_view()(me))
