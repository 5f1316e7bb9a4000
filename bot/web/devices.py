"""The REST API for a client's devices: what the trader's own tools do with a token."""

# annotations are not postponed here: FastAPI could not look up the ones that a function defines
import base64
import binascii
import struct
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from bot.services.access import AccessService, Caller
from bot.services.catalogue import Catalogue
from bot.services.devices import DeviceService
from bot.services.hashing import contains_secret
from bot.services.revocations import REASON_LENGTH
from bot.web.problems import Problem
from bot.web.schemas import EXAMPLE_ID, WITH_BODY, DeviceOut, DevicePage, DeviceWithSecret, describe
from storage.devices import Key

DAY = 86400
CURSOR = struct.Struct(">q16s")
"""A key as an opaque text: microseconds since 1970, and an id."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALWAYS = (("invalid_request", 400), ("invalid_token", 401), ("client_suspended", 403))
ONE = (("not_the_owner", 403), ("device_not_found", 404))
NAMED = (("invalid_device_name", 400), ("name_taken", 409))
HASHED = (("overloaded", 503),)
REVOKED = ("already_revoked", 409)

bearer = HTTPBearer(auto_error=False, description="The key that /token in the chat hands out, good for 15 minutes.")
DeviceId = Annotated[uuid.UUID, Path(examples=[EXAMPLE_ID])]


def find_caller(request: Request) -> Caller:
    """Return whom the request's token speaks for; the route has checked it."""
    caller: Caller = request.state.caller
    return caller


Authorised = Annotated[Caller, Depends(find_caller)]


class Named(BaseModel):
    """A device's name: 1 to 100 characters, unique among the client's devices that are not revoked."""

    model_config = ConfigDict(extra="forbid")

    device_name: str = Field(max_length=1000, examples=["VPS-1"])


class Revocation(BaseModel):
    """Why a device is revoked."""

    model_config = ConfigDict(extra="forbid")

    reason: str | None = Field(default=None, max_length=REASON_LENGTH, examples=["laptop stolen"])


class Rotation(BaseModel):
    """How many seconds the old secret goes on working; in any case it stops when the new one is first used."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: int = Field(default=DAY, ge=0, le=DAY, strict=True, examples=[3600])


def device_routes(devices: DeviceService, catalogue: Catalogue, access: AccessService) -> APIRouter:
    """Return the routes under /api/v1/devices."""
    router = APIRouter(
        prefix="/api/v1/devices",
        tags=["devices"],
        route_class=_authorised_route(access),
        dependencies=[Depends(bearer)],
    )

    @router.post(
        "",
        status_code=201,
        responses=describe(*ALWAYS, *WITH_BODY, *NAMED, ("limit_reached", 409), *HASHED),
    )
    async def create_device(body: Annotated[Named, Body()], caller: Authorised, response: Response) -> DeviceWithSecret:
        """Register a device, live at once. Its secret is in this answer and never again."""
        response.headers["Cache-Control"] = "no-store"
        device, secret = await devices.create_device(caller.client_id, body.device_name, actor=caller.actor)
        return DeviceWithSecret.of_new(device, secret)

    @router.get("", responses=describe(*ALWAYS))
    async def list_devices(
        caller: Authorised,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str | None, Query(max_length=64, description="`next` of the page before")] = None,
    ) -> DevicePage:
        """List all devices, active and revoked, newest first."""
        found, key = await catalogue.list_after(caller.client_id, limit, _read_cursor(after))
        return DevicePage(devices=[DeviceOut.of(device) for device in found], next=_write_cursor(key))

    @router.get("/{device_id}", responses=describe(*ALWAYS, *ONE))
    async def get_device(device_id: DeviceId, caller: Authorised) -> DeviceOut:
        """Tell about one device."""
        return DeviceOut.of(await devices.get_device(device_id, owner=caller.client_id))

    @router.patch("/{device_id}", responses=describe(*ALWAYS, *ONE, *WITH_BODY, *NAMED, REVOKED))
    async def rename_device(device_id: DeviceId, body: Annotated[Named, Body()], caller: Authorised) -> DeviceOut:
        """Rename a device. Its terminal needs no change."""
        return DeviceOut.of(
            await devices.update_device_name(device_id, body.device_name, owner=caller.client_id, actor=caller.actor)
        )

    @router.post(
        "/{device_id}/revoke", responses=describe(*ALWAYS, ("contains_secret", 400), *ONE, *WITH_BODY, REVOKED)
    )
    async def revoke_device(
        device_id: DeviceId, caller: Authorised, body: Annotated[Revocation | None, Body()] = None
    ) -> DeviceOut:
        """Switch a device off for good: every request that begins after the answer is refused."""
        reason = None if body is None else body.reason
        if reason is not None and contains_secret(reason):
            raise Problem(400, "contains_secret")
        return DeviceOut.of(
            await devices.revoke_device(device_id, actor=caller.actor, reason=reason, owner=caller.client_id)
        )

    @router.post("/{device_id}/rotate", responses=describe(*ALWAYS, *ONE, *WITH_BODY, REVOKED, *HASHED))
    async def rotate_secret(
        device_id: DeviceId,
        caller: Authorised,
        response: Response,
        body: Annotated[Rotation | None, Body()] = None,
    ) -> DeviceWithSecret:
        """Give a device a new secret. It is in this answer and never again."""
        response.headers["Cache-Control"] = "no-store"
        overlap = timedelta(seconds=DAY if body is None else body.overlap_seconds)
        device, secret = await devices.rotate_secret(device_id, overlap, owner=caller.client_id, actor=caller.actor)
        return DeviceWithSecret.of_new(device, secret)

    return router


def _authorised_route(access: AccessService) -> type[APIRoute]:
    class AuthorisedRoute(APIRoute):
        """Looks at nothing of a request, not even whether its body can be read, before it knows who is calling."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def authorise(request: Request) -> Response:
                credentials = await bearer(request)
                if credentials is None:
                    raise Problem(401, "invalid_token")
                request.state.caller = await access.check(credentials.credentials)
                return await handle(request)

            return authorise

    return AuthorisedRoute


def _write_cursor(key: Key | None) -> str | None:
    if key is None:
        return None
    created_at, device_id = key
    packed = CURSOR.pack((created_at - EPOCH) // timedelta(microseconds=1), device_id.bytes)
    return base64.urlsafe_b64encode(packed).decode()


def _read_cursor(text: str | None) -> Key | None:
    if text is None:
        return None
    try:
        microseconds, device_id = CURSOR.unpack(base64.urlsafe_b64decode(text))
        return EPOCH + timedelta(microseconds=microseconds), uuid.UUID(bytes=device_id)
    except (binascii.Error, struct.error, ValueError, OverflowError):
        raise Problem(400, "invalid_request", detail="`after` is not a `next` of an earlier page") from None
