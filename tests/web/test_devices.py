"""The REST API for a client's devices, on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.access import TOKEN_LIFE
from tests import rows
from tests.conftest import POSTGRESQL
from tests.rows import suspend

if TYPE_CHECKING:
    import httpx

    from bot.services.clients import Person
    from storage.database import Database
    from tests.web.conftest import JSON, Site

DEVICES = "/api/v1/devices"
UNKNOWN = uuid.uuid4()
ROUTES = [
    ("POST", DEVICES),
    ("GET", DEVICES),
    ("GET", f"{DEVICES}/{UNKNOWN}"),
    ("PATCH", f"{DEVICES}/{UNKNOWN}"),
    ("POST", f"{DEVICES}/{UNKNOWN}/revoke"),
    ("POST", f"{DEVICES}/{UNKNOWN}/rotate"),
]


async def create(api: httpx.AsyncClient, name: str = "VPS-2") -> JSON:
    answer = await api.post(DEVICES, json={"device_name": name})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_device_registered_here_is_live_at_once_and_its_secret_opens_a_session(
    site: Site, api: httpx.AsyncClient
) -> None:
    created = await create(api)
    assert (await site.log_in(created["id"], created["secret"])).status_code == 201


async def test_a_secret_is_in_no_answer_but_the_one_that_makes_it(api: httpx.AsyncClient) -> None:
    created = await create(api)
    path = f"{DEVICES}/{created['id']}"
    answers = [
        await api.get(DEVICES),
        await api.get(path),
        await api.patch(path, json={"device_name": "other"}),
        await api.post(f"{path}/revoke"),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert "dsk1_" not in answer.text
        assert "hash" not in answer.text
        assert "argon2" not in answer.text


async def test_a_device_is_told_as_it_was_registered(site: Site, anna: Person, api: httpx.AsyncClient) -> None:
    created = await create(api, "  Ku\u0308che 🖥  ")
    created.pop("secret")
    assert created["device_name"] == "K\u00fcche 🖥"
    assert (await api.get(f"{DEVICES}/{created['id']}")).json() == created
    event = (await rows.list_audit(site.core.database, "device_registered"))[-1]
    assert (event.actor, str(event.device_id)) == (anna.actor, created["id"])


async def test_renaming_keeps_the_secret(site: Site, api: httpx.AsyncClient) -> None:
    created = await create(api)
    renamed = await api.patch(f"{DEVICES}/{created['id']}", json={"device_name": "Laptop"})
    assert renamed.json()["device_name"] == "Laptop"
    assert (await site.log_in(created["id"], created["secret"])).status_code == 201


async def test_revoking_is_for_good_and_says_why(site: Site, anna: Person, api: httpx.AsyncClient) -> None:
    created = await create(api)
    path = f"{DEVICES}/{created['id']}"
    revoked = await api.post(f"{path}/revoke", json={"reason": "laptop \u0000stolen\n on\ttour"})
    assert revoked.json()["revoke_reason"] == "laptop stolen on tour"
    for answer in (
        await api.post(f"{path}/revoke"),
        await api.post(f"{path}/rotate"),
        await api.patch(path, json={"device_name": "again"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "already_revoked")
    row = await rows.read_device(site.core.database, uuid.UUID(created["id"]))
    assert row is not None
    assert row.revoked_by == anna.actor


@pytest.mark.parametrize("body", [None, b"", b"null", b"{}"])
async def test_a_body_with_nothing_in_it_may_be_left_out(api: httpx.AsyncClient, body: bytes | None) -> None:
    created = await create(api)
    headers = {"Content-Type": "application/json"}
    path = f"{DEVICES}/{created['id']}"
    assert (await api.post(f"{path}/rotate", content=body, headers=headers)).status_code == 200
    assert (await api.post(f"{path}/revoke", content=body, headers=headers)).status_code == 200


# what is refused


async def test_a_token_dies_with_its_quarter_of_an_hour(site: Site, api: httpx.AsyncClient) -> None:
    site.clock.advance(TOKEN_LIFE - timedelta(seconds=1))
    assert (await api.get(DEVICES)).status_code == 200
    site.clock.advance(timedelta(seconds=1))
    assert (await api.get(DEVICES)).status_code == 401


async def test_signing_out_everywhere_voids_every_token_at_the_next_request(
    site: Site, anna: Person, api: httpx.AsyncClient
) -> None:
    other = await site.api(anna)
    await site.core.access.sign_out_everywhere(anna)
    for tools in (api, other):
        assert (await tools.get(DEVICES)).json()["code"] == "invalid_token"
    assert (await (await site.api(anna)).get(DEVICES)).status_code == 200


async def test_a_token_that_was_never_shown_opens_nothing(site: Site, anna: Person) -> None:
    handout = await site.handouts.offer_token(anna, source="unseen")
    await site.handouts.place(handout.id, 11)
    _, token = await site.handouts.arm(anna, handout.id, 11)
    headers = {"Authorization": f"Bearer {token.reveal()}"}
    assert (await site.http.get(DEVICES, headers=headers)).status_code == 401
    await site.handouts.confirm_shown(handout.id)
    assert (await site.http.get(DEVICES, headers=headers)).status_code == 200


async def test_a_suspended_client_is_told_so_and_nothing_else(site: Site, anna: Person, api: httpx.AsyncClient) -> None:
    await suspend(site.core.database, anna.client_id)
    for method, path in ROUTES:
        answer = await api.request(method, path, json={"device_name": "VPS-1"} if method != "GET" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "client_suspended")
    await suspend(site.core.database, anna.client_id, "active")
    assert (await api.get(DEVICES)).json()["devices"] == []


async def test_a_deleted_clients_token_is_no_token(site: Site, anna: Person, api: httpx.AsyncClient) -> None:
    await site.core.clients.delete_client(anna.client_id, actor="system")
    assert (await api.get(DEVICES)).json()["code"] == "invalid_token"


async def test_another_clients_device_cannot_be_touched_or_seen(
    site: Site, bob: Person, api: httpx.AsyncClient
) -> None:
    theirs, secret = await site.device(bob)
    before = await rows.read_device(site.core.database, theirs.id)
    path = f"{DEVICES}/{theirs.id}"
    answers = [
        await api.get(path),
        await api.patch(path, json={"device_name": "mine"}),
        await api.post(f"{path}/revoke"),
        await api.post(f"{path}/rotate"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "not_the_owner")] * 4
    after = await rows.read_device(site.core.database, theirs.id)
    assert before is not None
    assert after is not None
    assert (after.device_name, after.revoked, after.secret_hash) == ("VPS-1", False, before.secret_hash)
    assert (await api.get(DEVICES)).json()["devices"] == []
    assert (await site.log_in(theirs.id, secret)).status_code == 201


async def test_a_reserved_device_is_nobodys(site: Site, anna: Person, api: httpx.AsyncClient) -> None:
    handout = await site.handouts.offer_registration(anna, "VPS-1", source="card")
    await site.handouts.place(handout.id, 11)
    await site.handouts.arm(anna, handout.id, 11)
    path = f"{DEVICES}/{handout.device_id}"
    for answer in (await api.get(path), await api.post(f"{path}/rotate"), await api.post(f"{path}/revoke")):
        assert (answer.status_code, answer.json()["code"]) == (404, "device_not_found")
    assert (await api.get(DEVICES)).json()["devices"] == []


async def test_a_taken_name_and_a_full_limit_are_conflicts_and_a_revoked_device_frees_both(
    api: httpx.AsyncClient,
) -> None:
    first = await create(api, "VPS-1")
    taken = await api.post(DEVICES, json={"device_name": "VPS-1"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    for number in range(2, 5):
        await create(api, f"VPS-{number}")
    full = await api.post(DEVICES, json={"device_name": "VPS-5"})
    assert (full.status_code, full.json()["code"], full.json()["limit"]) == (409, "limit_reached", 4)
    renamed = await api.patch(f"{DEVICES}/{first['id']}", json={"device_name": "VPS-2"})
    assert renamed.json()["code"] == "name_taken"
    await api.post(f"{DEVICES}/{first['id']}/revoke")
    await create(api, "VPS-1")


async def test_of_many_who_register_one_name_at_once_one_wins_and_the_others_get_an_answer(
    api: httpx.AsyncClient,
) -> None:
    answers = await asyncio.gather(*(api.post(DEVICES, json={"device_name": "VPS-1"}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len((await api.get(DEVICES)).json()["devices"]) == 1


async def test_of_many_who_register_at_once_no_more_than_the_limit_get_in(api: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(api.post(DEVICES, json={"device_name": f"D-{n}"}) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 4


async def test_who_must_wait_for_a_hash_is_told_how_long(site: Site, api: httpx.AsyncClient) -> None:
    created = await create(api)
    site.core.hasher.creation.waiting = site.core.hasher.logins.waiting = 66
    for answer in (
        await api.post(DEVICES, json={"device_name": "VPS-3"}),
        await api.post(f"{DEVICES}/{created['id']}/rotate"),
        await site.log_in(created["id"], created["secret"]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
        assert int(answer.headers["retry-after"]) >= 1
    site.core.hasher.creation.waiting = site.core.hasher.logins.waiting = 0
    assert (await site.log_in(created["id"], created["secret"])).status_code == 201


# the list


async def turn_pages(api: httpx.AsyncClient, limit: int) -> list[JSON]:
    """Return all devices, page by page."""
    found: list[JSON] = []
    after: str | None = None
    while True:
        answer = await api.get(DEVICES, params={"limit": limit} | ({"after": after} if after else {}))
        page = answer.json()
        assert len(page["devices"]) <= limit
        found += page["devices"]
        after = page["next"]
        if after is None:
            return found
        assert len(page["devices"]) == limit


async def add_devices(site: Site, person: Person, number: int, *, at_once: int = 1) -> list[str]:
    """Register devices, revoking each but the last; return their ids, newest first."""
    made = []
    for index in range(number):
        device, _ = await site.device(person, f"D-{index}")
        if index < number - 1:
            await site.core.devices.revoke_device(device.id)
        made.append(str(device.id))
        if index % at_once == 0:
            site.clock.advance(timedelta(microseconds=1))
    return made[::-1]


async def test_the_list_has_all_devices_revoked_ones_too_newest_first_on_pages_of_any_size(
    site: Site, anna: Person, api: httpx.AsyncClient
) -> None:
    ids = await add_devices(site, anna, 7)
    for limit in (1, 2, 3, 6, 7, 8, 200):
        assert [device["id"] for device in await turn_pages(api, limit)] == ids
    assert [device["revoked"] for device in await turn_pages(api, 50)] == [False] + [True] * 6


async def test_devices_of_one_moment_are_all_listed(site: Site, anna: Person, api: httpx.AsyncClient) -> None:
    ids = await add_devices(site, anna, 7, at_once=4)
    assert sorted(device["id"] for device in await turn_pages(api, 2)) == sorted(ids)


async def test_a_page_has_fifty_devices_when_nobody_says_otherwise(
    site: Site, anna: Person, api: httpx.AsyncClient
) -> None:
    template, _ = await site.device(anna)
    async with site.core.database.begin() as session:
        columns = {column.key: getattr(template, column.key) for column in template.__table__.columns}
        for number in range(60):
            name = {"id": uuid.uuid4(), "device_name": f"copy {number}", "folded_name": f"copy {number}"}
            session.add(type(template)(**(columns | name)))
    first = (await api.get(DEVICES)).json()
    assert len(first["devices"]) == 50
    rest = (await api.get(DEVICES, params={"after": first["next"]})).json()
    assert (len(rest["devices"]), rest["next"]) == (11, None)


async def test_the_list_is_complete_while_devices_are_added_and_revoked(
    site: Site, anna: Person, api: httpx.AsyncClient
) -> None:
    ids = await add_devices(site, anna, 5)
    page = (await api.get(DEVICES, params={"limit": 2})).json()
    seen = [device["id"] for device in page["devices"]]
    site.clock.advance(timedelta(seconds=1))
    await site.device(anna, "new")
    await site.core.devices.revoke_device(ids[0])
    while page["next"]:
        page = (await api.get(DEVICES, params={"limit": 2, "after": page["next"]})).json()
        seen += [device["id"] for device in page["devices"]]
    assert seen == ids


async def test_anothers_cursor_leads_to_nothing_of_theirs(
    site: Site, anna: Person, bob: Person, api: httpx.AsyncClient
) -> None:
    await add_devices(site, bob, 3)
    theirs = (await (await site.api(bob)).get(DEVICES, params={"limit": 1})).json()["next"]
    assert (await api.get(DEVICES, params={"after": theirs})).json()["devices"] == []


# rotating


async def rotate(api: httpx.AsyncClient, device_id: str, **body: int) -> JSON:
    answer = await api.post(f"{DEVICES}/{device_id}/rotate", json=body)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def test_an_omitted_overlap_is_a_day(site: Site, api: httpx.AsyncClient) -> None:
    created = await create(api)
    await rotate(api, created["id"])
    site.clock.advance(timedelta(days=1) - timedelta(seconds=1))
    assert (await site.log_in(created["id"], created["secret"])).status_code == 201
    site.clock.advance(timedelta(seconds=1))
    assert (await site.log_in(created["id"], created["secret"])).status_code == 401


async def test_the_old_secret_works_until_the_new_one_is_used(site: Site, api: httpx.AsyncClient) -> None:
    created = await create(api)
    rotated = await rotate(api, created["id"], overlap_seconds=60)
    assert rotated["fingerprint"] != created["fingerprint"]
    assert (await site.log_in(created["id"], created["secret"])).status_code == 201
    assert (await site.log_in(created["id"], rotated["secret"])).status_code == 201
    assert (await site.log_in(created["id"], created["secret"])).status_code == 401


async def test_without_an_overlap_the_old_secret_ends_at_once(site: Site, api: httpx.AsyncClient) -> None:
    created = await create(api)
    rotated = await rotate(api, created["id"], overlap_seconds=0)
    assert (await site.log_in(created["id"], created["secret"])).status_code == 401
    assert (await site.log_in(created["id"], rotated["secret"])).status_code == 201


async def test_a_creation_whose_answer_was_lost_is_mended_by_rotating(site: Site, api: httpx.AsyncClient) -> None:
    await create(api, "VPS-1")
    retried = await api.post(DEVICES, json={"device_name": "VPS-1"})
    assert retried.json()["code"] == "name_taken"
    (lost,) = (await api.get(DEVICES)).json()["devices"]
    rotated = await rotate(api, lost["id"])
    assert (await site.log_in(lost["id"], rotated["secret"])).status_code == 201


async def test_a_rotation_whose_answer_was_lost_locks_nobody_out(site: Site, api: httpx.AsyncClient) -> None:
    created = await create(api)
    await rotate(api, created["id"])
    site.clock.advance(timedelta(hours=23))
    assert (await site.log_in(created["id"], created["secret"])).status_code == 201


async def test_a_rotation_ends_a_card_of_the_chat_for_the_same_device(
    site: Site, anna: Person, api: httpx.AsyncClient
) -> None:
    created = await create(api)
    card = await site.handouts.offer_rotation(anna, uuid.UUID(created["id"]), source="card")
    await rotate(api, created["id"])
    ended = await site.handouts.get(card.id)
    assert ended is not None
    assert ended.state == "cancelled"


@pytest.mark.parametrize("backend", [POSTGRESQL])  # a file is not away
async def test_when_the_database_is_away_the_answer_says_when_to_come_back(
    site: Site, api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await api.get(DEVICES)).status_code == 200
    await site.core.database.dispose()
    broken: Database = site.core.database
    monkeypatch.setattr(broken, "engine", type(broken)(broken.url.set(port=9, host="127.0.0.1", query={})).engine)
    answer = await api.get(DEVICES)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    ready = await site.http.get("/readyz")
    assert (ready.status_code, list(ready.json()["faults"])) == (503, ["database"])
