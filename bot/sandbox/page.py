"""The plain page on which both sides can be played, and the guard that keeps other pages out.

The guard answers names of this machine only (a name that resolves to it may be DNS rebinding) and refuses whatever
another page sends.
"""

from collections.abc import Awaitable, Callable
from importlib import resources

from aiohttp import web

from bot.sandbox.refusals import NotPossible

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_CONTENT_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css"}


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what other pages and other names send, and turn NotPossible into an answer."""
    name, _, port = request.host.lower().rpartition(":")
    if (name if port.isdecimal() else request.host.lower()) not in _LOOPBACK_NAMES:
        return _error(403, "The sandbox answers on 127.0.0.1, localhost and [::1] only.")
    if request.path.startswith("/bot"):
        return await handler(request)
    origin = request.headers.get("Origin")
    fetched_by = request.headers.get("Sec-Fetch-Site", "none")
    if origin not in {None, f"http://{request.host}"} or fetched_by not in {"none", "same-origin"}:
        return _error(403, "The sandbox takes no requests from other pages.")
    try:
        return await handler(request)
    except NotPossible as impossible:
        return _error(400, str(impossible))


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


def page_routes() -> list[web.RouteDef]:
    """Return the routes of the page, which loads nothing from anywhere else."""
    return [web.get("/", _serve), web.get("/static/{name}", _serve)]


async def _serve(request: web.Request) -> web.Response:
    name = request.match_info.get("name", "index.html")
    file = resources.files("bot.sandbox") / "static" / name
    kind = _CONTENT_TYPES.get(name.rpartition(".")[2])
    if kind is None or not file.is_file():
        return _error(404, f"There is no {name}.")
    return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8", headers=_PAGE_HEADERS)
