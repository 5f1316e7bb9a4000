"""The contract of the HTTP door, literally: its routes, what answers hold, and what errors look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.services.errors import RegistryError
from bot.web.problems import PROBLEMS
from tests.conftest import SQLITE
from tests.rows import suspend

if TYPE_CHECKING:
    import httpx

    from bot.services.clients import Person
    from tests.web.conftest import Site, Terminal

DEVICE = {
    "id",
    "device_name",
    "group_name",
    "fingerprint",
    "revoked",
    "revoked_at",
    "revoke_reason",
    "last_seen",
    "created_at",
    "updated_at",
}
ANSWERS = {
    ("POST", "/api/v1/devices"): (201, DEVICE | {"secret"}),
    ("GET", "/api/v1/devices"): (200, {"devices", "next"}),
    ("GET", "/api/v1/devices/{device_id}"): (200, DEVICE),
    ("PATCH", "/api/v1/devices/{device_id}"): (200, DEVICE),
    ("POST", "/api/v1/devices/{device_id}/revoke"): (200, DEVICE),
    ("POST", "/api/v1/devices/{device_id}/rotate"): (200, DEVICE | {"secret"}),
    ("POST", "/api/v1/sessions"): (201, {"session", "signing_key", "expires_at", "server_time"}),
    ("GET", "/api/v1/me"): (200, {"id", "client_id", "device_name", "group_name", "fingerprint", "server_time"}),
    ("GET", "/api/v1/time"): (200, {"server_time"}),
}
UNDOCUMENTED = {
    ("GET", "/healthz"): 200,
    ("HEAD", "/healthz"): 200,
    ("GET", "/readyz"): 200,
    ("HEAD", "/readyz"): 200,
    ("GET", "/metrics"): 200,
    ("GET", "/openapi.json"): 200,
    ("GET", "/docs"): 200,
    ("POST", "/telegram/webhook"): 403,
    ("GET", "/auth"): 404,
}
NOW = 1795448597000
ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "invalid_request": (400, {"errors": [{"at": "body.device_name", "fault": "Field required"}]}),
    "invalid_device_name": (400, {"reason": "blank"}),
    "contains_secret": (400, {}),
    "invalid_token": (401, {"server_time": NOW}),
    "invalid_credentials": (401, {"server_time": NOW}),
    "bad_signature": (401, {"server_time": NOW}),
    "client_suspended": (403, {}),
    "not_the_owner": (403, {}),
    "device_not_found": (404, {}),
    "not_found": (404, {}),
    "method_not_allowed": (405, {}),
    "name_taken": (409, {}),
    "limit_reached": (409, {"limit": 4}),
    "already_revoked": (409, {}),
    "request_too_large": (413, {}),
    "too_many_attempts": (429, {}),
    "overloaded": (503, {}),
}
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: ("Request Entity Too Large", "Content Too Large"),  # before and after Python 3.13
    429: "Too Many Requests",
    503: "Service Unavailable",
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
UNKNOWN = "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"


@pytest.fixture
def backend() -> str:
    return SQLITE


async def test_the_documented_routes_are_these_and_answer_with_these_fields(
    site: Site, anna: Person, api: httpx.AsyncClient, terminal: Terminal
) -> None:
    document = (await site.http.get("/openapi.json")).json()
    routes = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert routes == set(ANSWERS)
    created = (await api.post("/api/v1/devices", json={"device_name": "A"})).json()
    secret = created["secret"]
    sent: dict[tuple[str, str], dict[str, Any]] = {
        ("POST", "/api/v1/devices"): {"json": {"device_name": "B"}},
        ("PATCH", "/api/v1/devices/{device_id}"): {"json": {"device_name": "C"}},
        ("POST", "/api/v1/sessions"): {"json": {"device_id": created["id"], "secret": secret}},
        ("GET", "/api/v1/me"): {"headers": terminal.sign()},
    }
    order = sorted(ANSWERS, key=lambda route: ("revoke" in route[1], "rotate" in route[1]))
    for method, path in order:
        status, fields = ANSWERS[method, path]
        answer = await api.request(method, path.format(device_id=created["id"]), **sent.get((method, path), {}))
        assert (answer.status_code, set(answer.json())) == (status, fields), path
        assert answer.headers["content-type"] == "application/json"
        assert ("secret" in fields or "signing_key" in fields) <= (answer.headers.get("cache-control") == "no-store")
        for device in [*answer.json().get("devices", ()), *([answer.json()] if fields >= DEVICE else ())]:
            assert set(device) - {"secret"} == DEVICE
            for moment in ("revoked_at", "last_seen", "created_at", "updated_at"):
                assert device[moment] is None or TIME.fullmatch(device[moment])
    device = (await api.get(f"/api/v1/devices/{created['id']}")).json()
    assert device == {
        "id": created["id"],
        "device_name": "C",
        "group_name": None,
        "fingerprint": device["fingerprint"],
        "revoked": True,
        "revoked_at": "2026-11-23T15:43:17Z",
        "revoke_reason": None,
        "last_seen": "2026-11-23T15:43:17Z",
        "created_at": "2026-11-23T15:43:17Z",
        "updated_at": "2026-11-23T15:43:17Z",
    }


@pytest.mark.parametrize(("method", "path"), UNDOCUMENTED)
async def test_beside_the_documented_routes_there_are_those_of_the_operator(site: Site, method: str, path: str) -> None:
    answer = await site.http.request(method, path)
    assert answer.status_code == UNDOCUMENTED[method, path]


async def test_every_error_is_a_problem_with_a_stable_code(
    site: Site, anna: Person, bob: Person, api: httpx.AsyncClient
) -> None:
    mine, secret = await site.device(anna)
    theirs, _ = await site.device(bob)
    revoked, _ = await site.device(anna, "old")
    await site.core.devices.revoke_device(revoked.id)
    devices = "/api/v1/devices"
    answers = {
        "invalid_request": await api.post(devices, json={}),
        "invalid_device_name": await api.post(devices, json={"device_name": " "}),
        "contains_secret": await api.post(f"{devices}/{mine.id}/revoke", json={"reason": f"lost {secret}"}),
        "invalid_token": await site.http.get(devices),
        "invalid_credentials": await site.log_in(mine.id, secret[:-1]),
        "bad_signature": await site.http.get("/api/v1/me"),
        "not_the_owner": await api.get(f"{devices}/{theirs.id}"),
        "device_not_found": await api.get(f"{devices}/{UNKNOWN}"),
        "not_found": await api.get("/api/v1/nothing"),
        "method_not_allowed": await api.put(devices),
        "name_taken": await api.post(devices, json={"device_name": "VPS-1"}),
        "already_revoked": await api.post(f"{devices}/{revoked.id}/rotate"),
        "request_too_large": await api.post(devices, content=b" " * 65537),
    }
    for number in range(3):
        await site.device(anna, f"D-{number}")
    answers["limit_reached"] = await api.post(devices, json={"device_name": "one more"})
    for _ in range(20):
        answers["too_many_attempts"] = await site.log_in(mine.id, secret[:-1])
    site.core.hasher.creation.waiting = 66
    answers["overloaded"] = await api.post(f"{devices}/{mine.id}/rotate")
    site.core.hasher.creation.waiting = 0
    await suspend(site.core.database, anna.client_id)
    answers["client_suspended"] = await api.get(devices)
    assert set(answers) == set(ERRORS)
    for code, answer in answers.items():
        status, members = ERRORS[code]
        body = answer.json()
        assert body.pop("title") in TITLES[status]
        assert body == {"type": "about:blank", "status": status, "code": code, **members}
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert (answer.headers.get("x-server-time") == str(NOW)) == (status == 401)
        assert ("retry-after" in answer.headers) == (status in {429, 503})


def test_every_error_that_a_service_of_this_door_raises_has_an_answer() -> None:
    chat_only = {
        *("AmbiguousDevice", "HandoutError", "AnotherSecretVisible", "TooManyPicked", "BatchNotFound", "CopyNotFound"),
        *("ClientStatusUnchanged", "AmbiguousClient", "OwnClient", "NameMismatch", "InvalidLimit"),
        *("NotLetIn", "NewcomerNotFound", "AlreadyDecided", "InviteRefused", "InviteClosed", "LastOfClient"),
        *("NotAnAdmin", "PersonNotFound", "AlreadyAdmin", "AdminIsFixed"),
    }
    special = {"RequestRefused"}  # its reason is the code
    known = {kind.__name__ for kind in PROBLEMS} | special | chat_only
    assert {kind.__name__ for kind in RegistryError.__subclasses__()} == known
