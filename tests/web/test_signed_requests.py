"""Signed requests: let in once, exactly as signed, now; otherwise refused, for a reason that only the signer learns."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.services.sessions import FORMAT, Refusal, SignedRequest, sign
from storage import gate
from storage.models import Move, MoveRole
from tests import rows
from tests.conftest import POSTGRESQL, SQLITE
from tests.fakes import FakeClock
from tests.rows import set_device, suspend
from tests.signing import Signer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from bot.services.clients import Person
    from storage.database import Database
    from tests.web.conftest import Site, Terminal

ME = "/api/v1/me"
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)


def one_body(answers: list[httpx.Response]) -> None:
    """Check that all answers are the one that tells nothing."""
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["code"] for answer in answers} == {"bad_signature"}
    assert len({(answer.content, str(sorted(answer.headers.raw))) for answer in answers}) == 1


async def test_a_device_learns_about_itself(site: Site, anna: Person, terminal: Terminal) -> None:
    answer = await terminal.ask()
    row = await rows.read_device(site.core.database, terminal.id)
    assert row is not None
    assert answer.json() == {
        "id": str(terminal.id),
        "client_id": str(anna.client_id),
        "device_name": "VPS-1",
        "group_name": None,
        "fingerprint": row.fingerprint,
        "server_time": site.now,
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_anybody_may_ask_for_the_time(site: Site) -> None:
    assert (await site.http.get("/api/v1/time")).json() == {"server_time": site.now}


def test_the_signature_is_the_one_that_anybody_can_compute_from_the_description() -> None:
    """One complete vector, with nothing of ours in it but `sign` itself."""
    signing_key = hmac.new(bytes(range(32)), b"A" * 64, hashlib.sha256).hexdigest()
    digest = hashlib.sha256(b'{"volume":0.10}').hexdigest()
    target = "/api/v1/orders?symbol=EUR%2FUSD&side=buy"
    nonce = "b7Yx3kQ9mV2nR8wZ"
    covered = f"v1\nPOST\ndevices.example.com:8443\n{target}\n1795448587000\n{nonce}\n{digest}"
    request = SignedRequest(
        "POST", "Devices.Example.com:8443", target, "A" * 64, "1795448587000", nonce, digest, "", None
    )
    by_hand = _hmac_by_hand(signing_key.encode(), covered.encode("ascii"))
    assert sign(signing_key, request) == by_hand.hex()
    assert signing_key == "08cb6bcbd046534aa8779f0745ddf718041237b1cb2780ca1b6386ea19a84899"
    assert by_hand.hex() == "1a1d201fec31d020fc4030bfd2901d924e77f573eccbe39a4aeb096b1d820665"


def _hmac_by_hand(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 as RFC 2104 writes it."""
    key = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


# before the signature proved right: one answer


async def test_whatever_is_changed_after_signing_is_refused_with_one_and_the_same_answer(
    site: Site, terminal: Terminal
) -> None:
    signed = terminal.sign()
    other = await site.terminal(*await site.device(await site.enter(202, "Bob")))
    session = base64.urlsafe_b64decode(terminal.opened["session"])
    flipped = base64.urlsafe_b64encode(bytes([session[0] ^ 1]) + session[1:]).decode()
    later = base64.urlsafe_b64encode(session[:28] + (site.now + 10**9).to_bytes(8) + session[36:]).decode()
    changes = [
        {"X-Timestamp": str(site.now + 1)},
        {"X-Nonce": "another-nonce-0123"},
        {"X-Content-SHA256": hashlib.sha256(b"x").hexdigest()},
        {"X-Signature": "0" * 64},
        {"X-Signature": signed["X-Signature"][:-1] + ("0" if signed["X-Signature"][-1] != "0" else "1")},
        {"X-Device-Session": other.opened["session"]},
        {"X-Device-Session": flipped},
        {"X-Device-Session": later},
        {"X-Device-Session": "A" * 64},
        {"Host": "devices.example"},
        {"Host": "devices.test:80"},
    ]
    answers = [await site.http.get(ME, headers={**signed, **change}) for change in changes]
    answers += [await site.http.get(f"{ME}{query}", headers=signed) for query in ("?a=1", "?%20", "?x-nonce=1")]
    answers.append(await site.http.get(ME, headers=terminal.sign("POST")))
    answers.append(await site.http.get(ME))
    one_body(answers)
    assert (await site.http.get(ME, headers=signed)).status_code == 200


async def test_each_header_is_there_exactly_once_and_in_its_form(site: Site, terminal: Terminal) -> None:
    signed = terminal.sign()
    answers = []
    for name, value in signed.items():
        rest = [(key, text) for key, text in signed.items() if key != name]
        odd = ["", value.upper() if value.upper() != value else value + "A", value + " x", value[:-1], value + "0"]
        answers.append(await site.http.get(ME, headers=rest))
        answers.append(await site.http.get(ME, headers=[*rest, (name, value), (name, value)]))
        answers += [await site.http.get(ME, headers=[*rest, (name, text)]) for text in odd]
        for raw in (value.encode() + b"\n", value.encode() + b"\xb2", b"\xb2" + value.encode()[1:], b"\0" * 64):
            bare = [(key.encode(), text.encode()) for key, text in rest]
            answers.append(await site.http.get(ME, headers=[*bare, (name.encode(), raw)]))
    answers.append(
        await site.http.get(ME, headers=[*signed.items(), ("Host", "devices.test"), ("Host", "devices.test")])
    )
    one_body(answers)
    assert (await site.http.get(ME, headers=signed)).status_code == 200


async def test_a_nonce_has_a_form_even_when_it_was_signed(site: Site, terminal: Terminal) -> None:
    odd = [
        "short-nonce-012",
        "x" * 65,
        "nonce with spaces 0",
        "nonce.with.dots.01",
        "nonce-with-plus-+",
        "n\u00b2nce" * 4,
    ]
    answers = []
    for nonce in odd:
        headers = [(name.encode(), value.encode()) for name, value in terminal.sign(nonce=nonce).items()]
        answers.append(await site.http.get(ME, headers=headers))
    one_body(answers)
    for nonce in ("sixteen-chars_01", "x" * 64):
        assert (await site.http.get(ME, headers=terminal.sign(nonce=nonce))).status_code == 200


async def test_header_names_are_read_in_any_case_and_a_host_in_lower_case(site: Site, terminal: Terminal) -> None:
    headers = {name.lower(): value for name, value in terminal.sign().items()}
    assert (await site.http.get(ME, headers={**headers, "HOST": "DEVICES.test"})).status_code == 200


async def test_a_key_of_another_installation_signs_nothing_here(site: Site, terminal: Terminal) -> None:
    forged = hmac.digest(bytes(32), terminal.opened["session"].encode(), "sha256").hex()
    signer = Signer(terminal.opened["session"], forged, terminal.signer.host)
    one_body([await site.http.get(ME, headers=signer.sign("GET", ME, timestamp=site.now))])


async def test_a_forged_request_spends_no_nonce(site: Site, terminal: Terminal) -> None:
    signed = terminal.sign()
    for _ in range(3):
        await site.http.get(ME, headers={**signed, "X-Signature": "0" * 64})
    assert (await site.http.get(ME, headers=signed)).status_code == 200


# after it: a code for each reason


async def test_every_refusal_tells_its_code_and_the_time(
    site: Site, anna: Person, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, httpx.Response] = {}

    def note(answer: httpx.Response) -> None:
        told[answer.json()["code"]] = answer

    signed = terminal.sign()
    note(await site.http.get(ME))
    note(await terminal.ask(headers=terminal.sign(timestamp=site.now - 30_001)))
    note(await terminal.ask(headers=terminal.sign(timestamp=site.now + 5_001)))
    note(await site.http.request("GET", ME, headers=terminal.sign(body=b"one"), content=b"two"))
    await terminal.ask(headers=signed)
    note(await terminal.ask(headers=signed))
    with monkeypatch.context() as patch:
        patch.setattr(gate, "NONCES_PER_DEVICE", 1)
        await terminal.ask()
        note(await terminal.ask())
    await suspend(site.core.database, anna.client_id)
    note(await terminal.ask())
    await suspend(site.core.database, anna.client_id, "active")
    await site.core.devices.rotate_secret(terminal.id)
    note(await terminal.ask())
    await site.core.devices.revoke_device(terminal.id)
    note(await terminal.ask())
    site.clock.advance(timedelta(hours=14))
    note(await terminal.ask())
    assert set(told) == {str(reason) for reason in Refusal}
    for code, answer in told.items():
        if code == Refusal.TOO_MANY_REQUESTS:
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
            continue
        assert answer.status_code == 401
        assert answer.headers["x-server-time"] == str(answer.json()["server_time"])
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_signed_body_is_the_one_that_arrives(site: Site, terminal: Terminal) -> None:
    async def send(signed: bytes, sent: bytes) -> str:
        answer = await site.http.request("GET", ME, headers=terminal.sign(body=signed), content=sent)
        return "ok" if answer.status_code == 200 else str(answer.json()["code"])

    assert await send(b"", b"") == "ok"
    assert await send(b'{"volume":0.10}', b'{"volume":0.10}') == "ok"
    assert await send(b'{"volume":0.10}', b'{"volume":0.1}') == "body_mismatch"
    assert await send(b"x", b"") == "body_mismatch"
    assert await send(b"", b"x") == "body_mismatch"


async def test_the_window_is_thirty_seconds_back_and_five_ahead(site: Site, terminal: Terminal) -> None:
    site.clock.advance(timedelta(minutes=1))
    told = []
    for offset in (-30_001, -30_000, 0, 5_000, 5_001):
        answer = await terminal.ask(headers=terminal.sign(timestamp=site.now + offset))
        told.append(answer.json().get("code", "ok"))
    assert told == ["timestamp_too_old", "ok", "ok", "ok", "timestamp_too_new"]


async def test_a_request_is_good_once_for_as_long_as_its_timestamp_is_good(site: Site, terminal: Terminal) -> None:
    signed = terminal.sign(timestamp=site.now + 5_000)
    assert (await terminal.ask(headers=signed)).status_code == 200
    for _ in range(7):
        assert (await terminal.ask(headers=signed)).json()["code"] == "nonce_used"
        site.clock.advance(5 * SECOND)
        await site.core.gate.clean(site.now)
    assert (await terminal.ask(headers=signed)).json()["code"] == "nonce_used"
    site.clock.advance(MILLISECOND)
    assert (await terminal.ask(headers=signed)).json()["code"] == "timestamp_too_old"


async def test_a_nonce_is_a_devices_own(site: Site, anna: Person, terminal: Terminal) -> None:
    other = await site.terminal(*await site.device(anna, "VPS-2"))
    nonce = "the-same-nonce-01"
    assert (await terminal.ask(headers=terminal.sign(nonce=nonce))).status_code == 200
    assert (await other.ask(headers=other.sign(nonce=nonce))).status_code == 200
    renewed = await site.terminal(await site.core.devices.get_device(terminal.id), terminal.secret)
    assert (await renewed.ask(headers=renewed.sign(nonce=nonce))).json()["code"] == "nonce_used"


async def test_of_eight_who_send_one_request_at_once_one_gets_in(
    build_site: Callable[..., Awaitable[Site]], backend: str, site: Site, terminal: Terminal
) -> None:
    # on SQLite there is one process, on PostgreSQL as many as one likes
    sites = [site] if backend == SQLITE else [site, await build_site(), await build_site()]
    for _ in range(3):
        signed = terminal.sign()
        answers = await asyncio.gather(*(terminal.ask(sites[n % len(sites)], signed) for n in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
        assert {answer.json()["code"] for answer in answers if answer.status_code == 401} == {"nonce_used"}


async def test_nonces_are_remembered_up_to_a_number_and_then_the_device_must_wait(
    site: Site, anna: Person, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "NONCES_PER_DEVICE", 5)
    other = await site.terminal(*await site.device(anna, "VPS-2"))
    signed = [terminal.sign() for _ in range(6)]
    answers = [await terminal.ask(headers=headers) for headers in signed]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert await other.is_let_in()
    site.clock.advance(36 * SECOND)
    assert await terminal.is_let_in()


async def test_replays_do_not_fill_the_memory(site: Site, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "NONCES_PER_DEVICE", 3)
    signed = terminal.sign()
    for _ in range(6):
        await terminal.ask(headers=signed)
    assert await terminal.is_let_in()


async def test_a_start_is_no_replay(
    build_site: Callable[..., Awaitable[Site]], backend: str, site: Site, terminal: Terminal
) -> None:
    signed = terminal.sign(timestamp=site.now + 5_000)
    assert (await terminal.ask(headers=signed)).status_code == 200
    restarted = await build_site()
    answer = await terminal.ask(restarted, signed)
    if backend == SQLITE:
        assert answer.json()["code"] == "timestamp_too_old"
        assert await terminal.refusal(restarted) == "timestamp_too_old"
        started_at = site.now
        edge = await terminal.ask(restarted, terminal.sign(timestamp=started_at + 5_000))
        assert edge.json()["code"] == "timestamp_too_old"
        site.clock.advance(MILLISECOND)
        assert (await terminal.ask(restarted, terminal.sign(timestamp=started_at + 5_001))).status_code == 200
        site.clock.advance(5 * SECOND)
        assert await terminal.is_let_in(restarted)
    else:
        assert answer.json()["code"] == "nonce_used"
        assert await terminal.is_let_in(restarted)


@pytest.mark.parametrize("backend", [POSTGRESQL])
async def test_a_move_is_no_replay(
    build_site: Callable[..., Awaitable[Site]], site: Site, terminal: Terminal, database: Database
) -> None:
    async with database.begin() as session:
        facts = {"place": "devices.db", "began_at": site.clock.now(), "ended_at": site.clock.now()}
        session.add(Move(id=uuid.uuid4(), role=MoveRole.TARGET, **facts))
    ended_at = site.now
    moved = await build_site()
    # the file's own bot may have let this in until the move ended
    edge = await terminal.ask(moved, terminal.sign(timestamp=ended_at + 5_000))
    assert edge.json()["code"] == "timestamp_too_old"
    site.clock.advance(MILLISECOND)
    assert (await terminal.ask(moved, terminal.sign(timestamp=ended_at + 5_001))).status_code == 200
    site.clock.advance(5 * SECOND)
    assert await terminal.is_let_in(moved)
    assert await terminal.is_let_in(await build_site()), "a later start is none"


@pytest.mark.parametrize("backend", [SQLITE])  # PostgreSQL remembers across a start
async def test_a_clock_that_stepped_back_before_a_start_makes_no_replay(
    build_site: Callable[..., Awaitable[Site]], site: Site, terminal: Terminal
) -> None:
    signed = terminal.sign()
    assert (await terminal.ask(headers=signed)).status_code == 200
    await site.handouts.note_alive()
    stepped_back = FakeClock(site.clock.now() - 10 * SECOND)
    restarted = await build_site(clock=stepped_back)
    stepped_back.advance(10 * SECOND)
    assert (await terminal.ask(restarted, signed)).json()["code"] == "timestamp_too_old"
    stepped_back.advance(5 * SECOND + MILLISECOND)
    late = terminal.sign(timestamp=restarted.now)
    assert (await terminal.ask(restarted, late)).status_code == 200


# when devices were seen


async def test_a_device_that_signs_is_seen_once_a_minute(site: Site, terminal: Terminal) -> None:
    async def last_seen() -> tuple[object, str | None]:
        await site.core.sightings.flush()
        row = await rows.read_device(site.core.database, terminal.id)
        assert row is not None
        return row.last_seen, row.last_ip

    site.clock.advance(timedelta(minutes=2))
    await site.browser("198.51.100.7").get(ME, headers=terminal.sign())
    first = site.clock.now()
    assert await last_seen() == (first, "198.51.100.7")
    site.clock.advance(59 * SECOND)
    assert await terminal.is_let_in()
    assert await last_seen() == (first, "198.51.100.7")
    site.clock.advance(SECOND)
    assert await terminal.is_let_in()
    assert await last_seen() == (site.clock.now(), "127.0.0.1")


async def test_a_refused_request_is_no_sighting(site: Site, terminal: Terminal) -> None:
    row = await rows.read_device(site.core.database, terminal.id)
    site.clock.advance(timedelta(minutes=2))
    signed = terminal.sign()
    await site.http.get(ME, headers={**signed, "X-Signature": "0" * 64})
    await site.core.sightings.flush()
    after = await rows.read_device(site.core.database, terminal.id)
    assert row is not None
    assert after is not None
    assert after.last_seen == row.last_seen


async def test_sightings_wait_while_they_cannot_be_written(
    site: Site, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.clock.advance(timedelta(minutes=2))
    assert await terminal.is_let_in()
    seen_at = site.clock.now()
    with monkeypatch.context() as patch:
        patch.setattr(site.core.sightings, "_database", None)
        with pytest.raises(AttributeError):
            await site.core.sightings.flush()
    await site.core.sightings.flush()
    row = await rows.read_device(site.core.database, terminal.id)
    assert row is not None
    assert row.last_seen == seen_at


async def test_an_older_sighting_does_not_take_back_a_newer_login(site: Site, terminal: Terminal) -> None:
    site.clock.advance(timedelta(minutes=2))
    assert await terminal.is_let_in()
    later = site.clock.advance(timedelta(minutes=2))
    await set_device(site.core.database, terminal.id, last_seen=later)
    await site.core.sightings.flush()
    row = await rows.read_device(site.core.database, terminal.id)
    assert row is not None
    assert row.last_seen == later


async def test_a_session_of_a_device_that_is_not_there_ends(site: Site, terminal: Terminal) -> None:
    await set_device(site.core.database, terminal.id, live_at=None)
    assert await terminal.refusal() == "session_ended"


async def test_nothing_positive_is_remembered(site: Site, terminal: Terminal) -> None:
    assert await terminal.is_let_in()
    await set_device(site.core.database, terminal.id, device_name="renamed behind its back")
    assert (await terminal.ask()).json()["device_name"] == "renamed behind its back"


@pytest.mark.parametrize("place", range(5))
def test_the_forms_are_ascii_and_matched_whole(place: int) -> None:
    forms = ["S-_4" * 16, "1795491787000", "n-_4" * 8, "0f" * 32, "e9" * 32]

    def fits(value: str) -> bool:
        return FORMAT.fullmatch("\n".join([*forms[:place], value, *forms[place + 1 :]])) is not None

    good = forms[place]
    assert fits(good)
    for bad in ("", good[:12], good + good * 3, f"{good}\n", f"\n{good}", f"{good[:-1]}\u0661", f"{good[:-1]} "):
        assert not fits(bad)
