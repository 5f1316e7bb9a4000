"""A session for a secret: who gets one, what it says, and how long it lasts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from bot.services.hashing import create_secret
from tests import rows
from tests.rows import suspend
from tests.web.conftest import SERVER_KEY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from bot.services.clients import Person
    from tests.web.conftest import Site, Terminal

UNKNOWN = "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"
HOUR = timedelta(hours=1)


def seen(answer: httpx.Response) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """Return everything a caller sees of an answer."""
    return answer.status_code, answer.content, sorted(answer.headers.raw)


async def test_a_session_is_told_with_its_key_its_end_and_the_time(site: Site, terminal: Terminal) -> None:
    opened = terminal.opened
    assert opened["server_time"] == site.now
    assert len(opened["session"]) == 64
    assert len(opened["signing_key"]) == 64
    assert await terminal.is_let_in()


async def test_the_answer_with_the_key_is_kept_nowhere(site: Site, anna: Person) -> None:
    device, secret = await site.device(anna)
    assert (await site.log_in(device.id, secret)).headers["cache-control"] == "no-store"
    assert (await site.log_in(device.id, "x")).headers["cache-control"] == "no-store"


async def test_until_the_secret_proved_right_there_is_one_answer_to_everything(site: Site, anna: Person) -> None:
    active, secret = await site.device(anna, "active")
    revoked, old_secret = await site.device(anna, "revoked")
    await site.core.devices.revoke_device(revoked.id)
    handout = await site.handouts.offer_registration(anna, "reserved", source="card")
    await site.handouts.place(handout.id, 11)
    _, reserved_secret = await site.handouts.arm(anna, handout.id, 11)
    paused = await site.enter(303, "Cleo")
    suspended, _ = await site.device(paused)
    await suspend(site.core.database, paused.client_id)
    wrong = create_secret().reveal()
    presented: list[tuple[Any, str]] = [
        (active.id, wrong),
        (active.id, old_secret),
        (active.id, secret[:-1] + ("0" if secret[-1] != "0" else "1")),
        (active.id, ""),
        (active.id, "password"),
        (active.id, "x" * 5000),
        (active.id, secret + "\n"),
        (active.id, " " + secret),
        (active.id, secret.replace("dsk1", "dsk2")),
        (active.id, secret[:20] + "\u0661" + secret[21:]),
        (active.id, "\ud800"),
        (revoked.id, wrong),
        (suspended.id, wrong),
        (UNKNOWN, secret),
        (UNKNOWN, wrong),
        ("", secret),
        ("\u0000", secret),
        (f"{{{active.id}}}", secret),
        (active.id.hex, secret),
        (f"urn:uuid:{active.id}", secret),
        ("x" * 5000, secret),
        (handout.device_id, reserved_secret.reveal()),
    ]
    answers: list[httpx.Response] = []
    for device_id, text in presented:
        # from an address each: a flood from one is told apart
        http = site.browser(f"192.0.2.{len(answers)}")
        body = json.dumps({"device_id": str(device_id), "secret": text})
        answers.append(await http.post("/api/v1/sessions", content=body, headers={"Content-Type": "application/json"}))
    assert {answer.json()["code"] for answer in answers} == {"invalid_credentials"}
    assert len({str(seen(answer)) for answer in answers}) == 1
    assert answers[0].headers["x-server-time"] == str(site.now) == str(answers[0].json()["server_time"])


async def test_only_the_right_secret_is_told_that_its_device_is_revoked_or_its_client_suspended(
    site: Site, anna: Person, bob: Person
) -> None:
    revoked, secret = await site.device(anna)
    await site.core.devices.revoke_device(revoked.id)
    suspended, another = await site.device(bob)
    await suspend(site.core.database, bob.client_id)
    for device, right, code in ((revoked, secret, "device_revoked"), (suspended, another, "client_suspended")):
        answer = await site.log_in(device.id, right)
        assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_what_presents_nothing_is_an_invalid_request(site: Site) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"device_id": "x"}',
        b'{"device_id": 1, "secret": "x"}',
        b'{"device_id": "x", "secret": null}',
    ):
        answer = await site.http.post("/api/v1/sessions", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


async def test_a_secret_under_another_name_is_refused_and_not_repeated(site: Site, anna: Person) -> None:
    device, secret = await site.device(anna)
    body = {"device_id": str(device.id), "secret": secret, secret: secret}
    answer = await site.http.post("/api/v1/sessions", json=body)
    assert answer.status_code == 400
    assert secret not in answer.text


async def test_sessions_live_for_twelve_hours_give_or_take_a_tenth_and_not_all_alike(site: Site, anna: Person) -> None:
    device, secret = await site.device(anna)
    lives = {(await site.log_in(device.id, secret)).json()["expires_at"] - site.now for _ in range(12)}
    assert all(0.9 * 12 * HOUR <= timedelta(milliseconds=life) <= 1.1 * 12 * HOUR for life in lives)
    assert len(lives) > 6


async def test_a_session_ends_to_the_millisecond(site: Site, terminal: Terminal) -> None:
    left = timedelta(milliseconds=terminal.opened["expires_at"] - site.now)
    site.clock.advance(left - timedelta(milliseconds=1))
    assert await terminal.is_let_in()
    site.clock.advance(timedelta(milliseconds=1))
    assert await terminal.refusal() == "session_expired"


async def test_a_sessions_life_is_a_setting(
    build_site: Callable[..., Awaitable[Site]], anna: Person, site: Site
) -> None:
    other = await build_site(session_ttl=timedelta(minutes=10))
    opened = (await other.log_in(*_ids(await site.device(anna)))).json()
    assert 9 * 60_000 <= opened["expires_at"] - opened["server_time"] <= 11 * 60_000


def _ids(made: tuple[Any, str]) -> tuple[Any, str]:
    return made[0].id, made[1]


async def test_a_sessions_id_holds_no_part_of_a_key_or_secret(site: Site, terminal: Terminal) -> None:
    raw = base64.urlsafe_b64decode(terminal.opened["session"])
    assert terminal.id.bytes in raw
    row = await rows.read_device(site.core.database, terminal.id)
    assert row is not None
    for hidden in (
        terminal.opened["signing_key"].encode(),
        bytes.fromhex(terminal.opened["signing_key"]),
        terminal.secret.encode(),
        row.secret_tag,
        row.secret_hash.encode(),
        SERVER_KEY.encode(),
        hashlib.sha256(SERVER_KEY.encode()).digest(),
        hmac.digest(SERVER_KEY.encode(), b"session/1", "sha256"),
    ):
        for part in (hidden, hidden[:8]):
            assert part not in raw


async def test_two_sessions_of_one_device_are_two_and_both_work(site: Site, terminal: Terminal) -> None:
    other = (await site.log_in(terminal.id, terminal.secret)).json()
    assert other["session"] != terminal.opened["session"]
    assert other["signing_key"] != terminal.opened["signing_key"]
    assert await terminal.is_let_in()


async def test_a_retired_server_key_still_verifies_and_a_removed_one_does_not(
    build_site: Callable[..., Awaitable[Site]], site: Site, terminal: Terminal
) -> None:
    new_key = "another server key for the day the first one leaks"
    rotated = await build_site(server_key=SecretStr(f"{new_key},{SERVER_KEY}"))
    alone = await build_site(server_key=SecretStr(new_key))
    site.clock.advance(timedelta(seconds=10))
    assert await terminal.is_let_in(rotated)
    assert await terminal.refusal(alone) == "bad_signature"
    # at the next login the session, and the secret's tag, are made under the new key
    renewed = await rotated.terminal(*await _found(rotated, terminal))
    assert await renewed.is_let_in(alone)
    assert (await alone.log_in(terminal.id, terminal.secret)).status_code == 201


async def _found(site: Site, terminal: Terminal) -> tuple[Any, str]:
    return await site.core.devices.get_device(terminal.id), terminal.secret


async def test_a_session_can_be_used_in_every_process(
    build_site: Callable[..., Awaitable[Site]], site: Site, terminal: Terminal
) -> None:
    other = await build_site()
    site.clock.advance(timedelta(seconds=10))
    assert await terminal.is_let_in(other)
    assert await terminal.is_let_in(site)


async def test_a_login_is_noted_with_its_time_and_address(site: Site, anna: Person) -> None:
    device, secret = await site.device(anna)
    http = site.browser("198.51.100.7")
    await http.post("/api/v1/sessions", json={"device_id": str(device.id), "secret": secret})
    row = await rows.read_device(site.core.database, device.id)
    assert row is not None
    assert (row.last_seen, row.last_ip) == (site.clock.now(), "198.51.100.7")
