"""What answers look like, for the OpenAPI document: devices, and every error by its code."""

from __future__ import annotations

import uuid  # noqa: TC003 - pydantic reads the annotations
from collections import defaultdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

if TYPE_CHECKING:
    from storage.models import Device

Headers = dict[str, tuple[str, dict[str, Any]]]
"""Headers by name: what they mean, and their schema."""
EXAMPLE_ID = "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"
EXAMPLE_TIME = "2026-11-23T15:43:07Z"
WITH_BODY = (("request_too_large", 413), ("request_too_slow", 408))
"""What can be wrong with any body."""
FAILURES = (("database_unavailable", 503), ("restored_copy", 503), ("internal_error", 500))
"""What can go wrong with any request."""
RETRY_AFTER: Headers = {"Retry-After": ("Seconds to wait", {"type": "integer", "minimum": 1})}
HEADERS: dict[int, Headers] = {
    401: {"X-Server-Time": ("The server's time in Unix milliseconds", {"type": "integer"})},
    429: RETRY_AFTER,
    503: RETRY_AFTER,
}


def format_time(at: datetime) -> str:
    """Return a time as RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Time = Annotated[datetime, PlainSerializer(format_time, return_type=str), Field(examples=[EXAMPLE_TIME])]


class DeviceOut(BaseModel):
    """A device, without anything secret."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID = Field(examples=[EXAMPLE_ID])
    device_name: str = Field(examples=["VPS-1"])
    group_name: str | None = Field(examples=["Frankfurt"])
    fingerprint: str = Field(examples=["3f9a12c4"])
    revoked: bool
    revoked_at: Time | None
    revoke_reason: str | None = Field(examples=["laptop stolen"])
    last_seen: Time | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, device: Device) -> DeviceOut:
        """Return what is told of a device."""
        return cls.model_validate(device)


class DeviceWithSecret(DeviceOut):
    """A device with its new secret, which nobody can show again."""

    secret: str = Field(examples=["dsk1_…"], repr=False)

    @classmethod
    def of_new(cls, device: Device, secret: str) -> DeviceWithSecret:
        """Return a device and the secret it just got."""
        return cls(**DeviceOut.of(device).model_dump(mode="python"), secret=secret)


class DevicePage(BaseModel):
    """Devices, newest first; `next` is what to pass as `after` to go on, or null."""

    devices: list[DeviceOut]
    next: str | None = Field(examples=["AAZd3ZDeQCt7D0KqXB5LfpwKLyLwyb4REQ=="])


class ProblemOut(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Conflict"])
    status: int = Field(examples=[409])
    code: str = Field(examples=["name_taken"])


def describe(*problems: tuple[str, int]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses for errors given as code and status, and for those that any request can meet."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code, status in (*problems, *FAILURES):
        by_status[status].append(code)
    return {status: _describe(status, codes) for status, codes in by_status.items()}


def _describe(status: int, codes: list[str]) -> dict[str, Any]:
    examples = {
        code: {"value": {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}}
        for code in codes
    }
    content = {"schema": {"$ref": "#/components/schemas/ProblemOut"}, "examples": examples}
    described: dict[str, Any] = {
        "description": " or ".join(codes),
        "content": {"application/problem+json": content},
    }
    if status in HEADERS:
        described["headers"] = {
            name: {"description": meaning, "required": True, "schema": schema}
            for name, (meaning, schema) in HEADERS[status].items()
        }
    return described
