"""The files that a device's author takes away, under /connectors/."""

from __future__ import annotations

from fastapi import APIRouter, Response

from bot.connectors import CONNECTOR_FILES, read_connector
from bot.web.problems import Problem


def connector_routes() -> APIRouter:
    """Return the routes: a list of the files, and each of them."""
    router = APIRouter(prefix="/connectors", include_in_schema=False)

    @router.get("/")
    async def list_connectors() -> dict[str, list[dict[str, str]]]:
        """Tell which files there are."""
        return {"files": [{"name": file.name, "purpose": file.purpose} for file in CONNECTOR_FILES]}

    @router.get("/{name}")
    async def read_file(name: str) -> Response:
        """Hand out a file."""
        found = next((file for file in CONNECTOR_FILES if file.name == name), None)
        if found is None:
            raise Problem(404, "not_found")
        disposition = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return Response(read_connector(name), media_type=found.media_type, headers=disposition)

    return router
