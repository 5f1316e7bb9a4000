"""How often an address may present a wrong secret, and who an address is."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.services import attempts
from bot.services.attempts import Attempts
from bot.services.errors import TooManyAttempts
from bot.services.hashing import create_secret
from bot.web.addresses import Addresses
from tests.conftest import SQLITE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.services.clients import Person
    from tests.fakes import FakeClock
    from tests.web.conftest import Site

SESSIONS = "/api/v1/sessions"


@pytest.fixture
def backend() -> str:
    return SQLITE


async def guess(site: Site, address: str, times: int = 1, headers: dict[str, str] | None = None) -> list[Any]:
    """Present wrong secrets from an address; return the status of each answer, or its Retry-After for 429."""
    http = site.browser(address)
    told: list[Any] = []
    for _ in range(times):
        body = {"device_id": "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111", "secret": create_secret().reveal()}
        answer = await http.post(SESSIONS, json=body, headers=headers)
        told.append(int(answer.headers["retry-after"]) if answer.status_code == 429 else answer.status_code)
    return told


async def test_twenty_wrong_secrets_are_for_free_and_then_one_every_three_seconds(site: Site) -> None:
    assert await guess(site, "192.0.2.1", 21) == [401] * 20 + [3]
    site.clock.advance(timedelta(seconds=2))
    assert await guess(site, "192.0.2.1") == [1]
    site.clock.advance(timedelta(seconds=1))
    assert await guess(site, "192.0.2.1", 2) == [401, 3]
    assert await guess(site, "192.0.2.2") == [401]
    site.clock.advance(timedelta(seconds=60))
    assert await guess(site, "192.0.2.1", 21) == [401] * 20 + [3]


async def test_waiting_as_long_as_told_is_enough(site: Site) -> None:
    await guess(site, "192.0.2.1", 20)
    for _ in range(5):
        (wait,) = await guess(site, "192.0.2.1")
        site.clock.advance(timedelta(seconds=wait))
        assert await guess(site, "192.0.2.1") == [401]


async def test_a_right_secret_is_never_delayed_by_a_strangers_guesses_from_the_same_address(
    site: Site, anna: Person
) -> None:
    device, secret = await site.device(anna)
    assert (await guess(site, "192.0.2.1", 60))[-1] != 401
    http = site.browser("192.0.2.1")
    for _ in range(3):
        answer = await http.post(SESSIONS, json={"device_id": str(device.id), "secret": secret})
        assert answer.status_code == 201


async def test_right_secrets_are_not_counted(site: Site, anna: Person) -> None:
    device, secret = await site.device(anna)
    http = site.browser("192.0.2.1")
    for _ in range(30):
        await http.post(SESSIONS, json={"device_id": str(device.id), "secret": secret})
    assert await guess(site, "192.0.2.1") == [401]


async def test_an_answer_past_the_limit_tells_nothing_about_the_device(site: Site, anna: Person) -> None:
    device, secret = await site.device(anna)
    await guess(site, "192.0.2.1", 20)
    http = site.browser("192.0.2.1")
    wrong = create_secret().reveal()
    answers = [
        await http.post(SESSIONS, json={"device_id": device_id, "secret": text})
        for device_id, text in ((str(device.id), wrong), ("x", wrong), (str(device.id), "x"), ("x", secret))
    ]
    assert {answer.status_code for answer in answers} == {429}
    assert len({(answer.content, str(sorted(answer.headers.raw))) for answer in answers}) == 1


async def test_wrong_secrets_cost_no_argon2(site: Site, anna: Person) -> None:
    hashed = site.core.hasher.verified  # type: ignore[attr-defined]  # the one that counts
    await guess(site, "192.0.2.1", 20)
    assert site.core.hasher.verified == hashed  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("192.0.2.1", "192.0.2.2", 401),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 3),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 401),
        ("192.0.2.1", "::ffff:192.0.2.1", 3),
        ("192.0.2.1", "::ffff:c000:201", 3),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", 401),
        ("fe80::1%eth0", "fe80::2%eth0", 3),
        ("no address", "another", 401),
    ],
)
async def test_an_address_is_what_one_customer_of_a_provider_has(site: Site, one: str, other: str, told: int) -> None:
    await guess(site, one, 20)
    assert await guess(site, other) == [told]


async def test_a_caller_without_an_address_is_not_counted(clock: FakeClock) -> None:
    counter = Attempts(clock)
    for _ in range(100):
        counter.count(None)


def test_as_many_addresses_are_remembered_as_fit(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "REMEMBERED", 100)
    counter = Attempts(clock)
    for number in range(1000):
        counter.count(f"10.0.{number // 256}.{number % 256}")
    assert len(counter._buckets) == 100
    # the one heard of last is remembered longest, so that a busy guesser does not flush itself out
    for _ in range(30):
        try:
            counter.count("192.0.2.1")
        except TooManyAttempts:
            for number in range(99):
                counter.count(f"10.1.0.{number}")
            with pytest.raises(TooManyAttempts):
                counter.count("192.0.2.1")
            return
    pytest.fail("nobody was slowed down")


# behind proxies


def scope(peer: str | None, *forwarded: str) -> Any:
    return {
        "client": None if peer is None else (peer, 1),
        "headers": [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded],
    }


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["10.1.2.3, 10.1.2.4"], "10.1.2.3"),
        ("127.0.0.1", ["203.0.113.9, what?"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9,,"], "203.0.113.9"),
        ("127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("127.0.0.1", ["203.0.113.9:5000"], "127.0.0.1"),
        ("127.0.0.1", ["\u00b2"], "127.0.0.1"),
        ("::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("::1", ["203.0.113.9"], "::1"),
        (None, ["203.0.113.9"], None),
        ("", ["203.0.113.9"], ""),
    ],
)
def test_the_caller_is_the_last_address_that_is_no_trusted_proxys(
    peer: str | None, forwarded: list[str], caller: str | None
) -> None:
    assert Addresses(["127.0.0.1", "10.0.0.0/8"]).find_client(scope(peer, *forwarded)) == caller


async def test_a_client_that_names_another_address_is_slowed_down_under_its_own(
    build_site: Callable[..., Awaitable[Site]],
) -> None:
    site = await build_site(trusted_proxies=("10.0.0.1",))
    for _ in range(20):
        await guess(site, "192.0.2.1", headers={"X-Forwarded-For": f"203.0.113.{random.randrange(256)}"})  # noqa: S311
    assert await guess(site, "192.0.2.1") == [3]
    behind = {"X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    assert await guess(site, "10.0.0.1", 21, behind) == [401] * 20 + [3]
    assert await guess(site, "10.0.0.1", headers={"X-Forwarded-For": "203.0.113.8"}) == [401]
