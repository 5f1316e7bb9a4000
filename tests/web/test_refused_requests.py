"""What the REST API refuses before it asks a database anything of consequence: the same on both, so tried on one."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests import rows
from tests.conftest import SQLITE
from tests.web.test_devices import DEVICES, ROUTES, create

if TYPE_CHECKING:
    import httpx

    from tests.web.conftest import Site

SECRET = "dsk1_" + "A" * 59
"""In form a secret; that its checksum is wrong does not make it one that may be kept."""
TOKENS = [None, "", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer ü", f"Bearer {'x' * 4000}"]
NOT_A_NAME: list[tuple[Any, str]] = [
    (None, "invalid_request"),
    (7, "invalid_request"),
    (["VPS-1"], "invalid_request"),
    ("x" * 1001, "invalid_request"),
    ("", "invalid_device_name"),
    (" \u200b ", "invalid_device_name"),
    ("x" * 101, "invalid_device_name"),
    ("a\u0000b", "invalid_device_name"),
    ("a\nb", "invalid_device_name"),
    ("a\u202eb", "invalid_device_name"),
    (f"key {SECRET}", "invalid_device_name"),
]


MALFORMED: list[tuple[str, str, bytes]] = [
    ("POST", DEVICES, b""),
    ("POST", DEVICES, b"{"),
    ("POST", DEVICES, b"\xff\xfe"),
    ("POST", DEVICES, b"null"),
    ("POST", DEVICES, b"[]"),
    ("POST", DEVICES, b'"VPS-1"'),
    ("POST", DEVICES, b"[" * 30000),
    ("POST", DEVICES, b'{"device_name": "VPS-1", "group_name": "x"}'),
    ("POST", DEVICES, b'{"device_name": "VPS-1", "id": 1}'),
    ("POST", DEVICES, b'{"device_name": "\\ud800"}'),
    ("POST", f"{DEVICES}/{{id}}/revoke", b'{"reason": 1}'),
    ("POST", f"{DEVICES}/{{id}}/revoke", b'{"why": "x"}'),
    ("POST", f"{DEVICES}/{{id}}/revoke", b'{"reason": "' + b"x" * 201 + b'"}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": -1}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": 86401}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": "60"}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": true}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": 1.5}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": null}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap_seconds": 1e99}'),
    ("POST", f"{DEVICES}/{{id}}/rotate", b'{"overlap": 1}'),
    ("GET", f"{DEVICES}/VPS-1", b""),
    ("GET", f"{DEVICES}/%00", b""),
    ("GET", f"{DEVICES}/{SECRET}", b""),
    ("GET", f"{DEVICES}?limit=0", b""),
    ("GET", f"{DEVICES}?limit=201", b""),
    ("GET", f"{DEVICES}?limit=x", b""),
    ("GET", f"{DEVICES}?limit=5&limit=y", b""),
    ("GET", f"{DEVICES}?after=x", b""),
    ("GET", f"{DEVICES}?after=%C3%BC", b""),
    ("GET", f"{DEVICES}?after=f{'_' * 31}", b""),
    ("GET", f"{DEVICES}?after={'A' * 65}", b""),
    ("GET", f"{DEVICES}?after={SECRET}", b""),
]


ASTRAY: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", DEVICES, {"json": {"device_name": SECRET}}),
    ("POST", DEVICES, {"json": {"device_name": [SECRET]}}),
    ("POST", DEVICES, {"json": {SECRET: 1}}),
    ("POST", DEVICES, {"json": {"device_name": "x", "note": SECRET}}),
    ("POST", DEVICES, {"content": f"{{{SECRET}", "headers": {"Content-Type": "application/json"}}),
    ("PATCH", f"{DEVICES}/{{id}}", {"json": {"device_name": f"a {SECRET} b"}}),
    ("POST", f"{DEVICES}/{{id}}/revoke", {"json": {"reason": f"leaked: {SECRET}"}}),
    ("POST", f"{DEVICES}/{{id}}/revoke", {"json": {"reason": SECRET * 4}}),
    ("POST", f"{DEVICES}/{{id}}/revoke", {"json": {"reason": {"secret": SECRET}}}),
    ("POST", f"{DEVICES}/{{id}}/rotate", {"json": {"overlap_seconds": SECRET}}),
    ("POST", f"{DEVICES}/{{id}}/{SECRET}", {}),
    ("GET", f"{DEVICES}/{SECRET}", {}),
    ("GET", DEVICES, {"params": {"limit": SECRET}}),
    ("GET", DEVICES, {"params": {"after": SECRET}}),
    (SECRET, DEVICES, {}),
]


@pytest.fixture
def backend() -> str:
    return SQLITE


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=range(len(ROUTES)))
async def test_nobody_gets_in_without_a_token_whatever_else_they_send(site: Site, method: str, path: str) -> None:
    for authorization in TOKENS:
        headers = {} if authorization is None else {b"Authorization": authorization.encode("latin-1")}
        for body in (b"", b"\xff{"):
            more = {b"Content-Type": b"application/json"} if body else {}
            answer = await site.http.request(method, path, content=body, headers={**headers, **more})
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
            assert answer.json()["server_time"] == site.now
            assert answer.headers["x-server-time"] == str(site.now)
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_what_is_no_name_is_refused_when_registering_and_when_renaming(api: httpx.AsyncClient) -> None:
    created = await create(api)
    for name, code in NOT_A_NAME:
        for answer in (
            await api.post(DEVICES, json={"device_name": name}),
            await api.patch(f"{DEVICES}/{created['id']}", json={"device_name": name}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (400, code), name
    assert [device["device_name"] for device in (await api.get(DEVICES)).json()["devices"]] == ["VPS-2"]


async def test_what_cannot_be_read_is_refused_and_changes_nothing(api: httpx.AsyncClient) -> None:
    created = await create(api)
    headers = {"Content-Type": "application/json"}
    for method, path, body in MALFORMED:
        answer = await api.request(method, path.replace("{id}", created["id"]), content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), (path, body)
    created.pop("secret")
    assert (await api.get(DEVICES)).json()["devices"] == [created]


async def test_a_cursor_from_before_every_device_leads_to_an_empty_page(api: httpx.AsyncClient) -> None:
    await create(api)
    assert (await api.get(DEVICES, params={"after": "A" * 32})).json() == {"devices": [], "next": None}


async def test_a_body_is_json_only_when_it_says_so(api: httpx.AsyncClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/octet-stream", ""):
        answer = await api.post(DEVICES, content=b'{"device_name": "VPS-1"}', headers={"Content-Type": kind})
        assert answer.status_code == 400, kind
    answer = await api.post(DEVICES, content=b'{"device_name": "VPS-1"}', headers={"Content-Type": "application/json"})
    assert answer.status_code == 201


async def test_a_secret_in_the_wrong_place_is_refused_not_repeated_not_kept_and_not_logged(
    site: Site, api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    created = await create(api)
    caplog.set_level(logging.DEBUG)
    for method, path, sent in ASTRAY:
        answer = await api.request(method, path.replace("{id}", created["id"]), **sent)
        assert answer.status_code in {400, 404, 405}
        assert "AAAA" not in answer.text + str(answer.headers), (path, sent)
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert not [record for record in ours if "AAAA" in record.getMessage()]
    row = await rows.read_device(site.core.database, uuid.UUID(created["id"]))
    assert row is not None
    assert (row.device_name, row.revoked) == ("VPS-2", False)
    assert site.core.database.path is not None
    for file in site.core.database.path.parent.glob("devices.db*"):
        assert b"AAAAAAAA" not in file.read_bytes()
