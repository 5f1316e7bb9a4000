"""The page on which both sides can be played, and the guard that keeps other pages out.

The guard answers names of this machine only (a name that resolves to it may be DNS rebinding) and refuses whatever
another page sends. Only the page itself may be opened from elsewhere: its address is a link in terminals and editors
that are pages themselves, and it can neither be framed nor read by them.
"""

from collections.abc import Awaitable, Callable
from importlib import resources

from aiohttp import web

from bot.sandbox.refusals import NotPossible

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    # a browser that knows this refuses to make markup out of text, whatever the scripts try
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_CONTENT_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


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
    is_ours = origin in {None, f"http://{request.host}"} and fetched_by in {"none", "same-origin"}
    if not is_ours and not _is_visit(request):
        return _error(403, "The sandbox takes no requests from other pages.")
    try:
        return await handler(request)
    except NotPossible as impossible:
        return _error(400, str(impossible))


def _is_visit(request: web.Request) -> bool:
    """Tell whether somebody opens the page in a window, which sends no Origin and acts on nothing."""
    headers = request.headers
    shown_as = (headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest"))
    is_read = request.method == "GET" and "Origin" not in headers
    return is_read and request.path == "/" and shown_as == ("navigate", "document")


async def protect(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that keep a browser strict; a signal handler, so that streams carry them too."""
    if not request.path.startswith("/bot"):
        response.headers.update(_HEADERS)


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
    return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8")
