"""For those who run the program: is the process alive, is it ready, what does it count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.services import metrics
from bot.web.problems import Problem

if TYPE_CHECKING:
    from bot.web.addresses import Addresses

Checks = Callable[[], Awaitable[dict[str, str | None]]]
"""Each part of the program by name, with what is wrong with it, None for nothing."""


def operations_routes(checks: Checks, addresses: Addresses) -> APIRouter:
    """Return /healthz, /readyz and /metrics."""
    router = APIRouter(include_in_schema=False)

    # what watches a program often asks with HEAD
    @router.api_route("/healthz", methods=["GET", "HEAD"])
    async def tell_health() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "ok"}

    @router.api_route("/readyz", methods=["GET", "HEAD"])
    async def tell_readiness() -> JSONResponse:
        """Tell whether every part works: 200, or 503 with what is wrong."""
        faults = {name: fault for name, fault in (await checks()).items() if fault is not None}
        if faults:
            return JSONResponse({"status": "not ready", "faults": faults}, 503)
        return JSONResponse({"status": "ready"})

    @router.get("/metrics")
    async def show_metrics(request: Request) -> Response:
        """Show what was counted, to trusted addresses only."""
        if not addresses.is_trusted(request.scope):
            raise Problem(403, "not_a_trusted_address")
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
