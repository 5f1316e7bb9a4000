"""What is counted for Prometheus, and that it moves by what happened: after the commit, once."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client import generate_latest

from bot.services import metrics
from bot.services.errors import DeviceNameTaken, DeviceRevoked, HandoutChanged, Overloaded
from bot.services.hashing import CREATION_THREADS, QUEUE_LENGTH, Hasher, create_secret
from bot.services.inbox import Received
from tests.conftest import ADMIN_ID, SECRET_TTL
from tests.fakes import CHEAP
from tests.services.cards import CARD, offer, offer_new_secret, show, tap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.services.clients import Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from bot.services.inbox import InboxService
    from bot.services.notices import NoticeService
    from tests.fakes import FakeClock

REGISTERED, REVOKED = "devices_registered_total", "devices_revoked_total"
SHOWN, DESTROYED, FAILED = "secrets_shown_total", "secrets_destroyed_total", "secrets_failed_total"
LATENESS, LATE = "secret_destruction_lateness_seconds_count", "secret_destruction_lateness_seconds_sum"
COUNTERS = (REGISTERED, REVOKED, SHOWN, DESTROYED, FAILED, LATENESS)


def read(name: str) -> float:
    return metrics.REGISTRY.get_sample_value(name) or 0.0


@contextlib.contextmanager
def moves(**expected: float) -> Iterator[None]:
    """Check that in the block these counters move by so much, and the others not at all."""
    before = {name: read(name) for name in COUNTERS}
    yield
    moved = {name: read(name) - was for name, was in before.items() if read(name) != was}
    assert moved == expected


def test_the_names_are_those_that_are_promised() -> None:
    exposed = generate_latest(metrics.REGISTRY).decode()
    for name in (REGISTERED, REVOKED, SHOWN, DESTROYED, FAILED, "telegram_errors_total", "argon2_queue"):
        assert f"\n{name} " in exposed, name
    metrics.TELEGRAM_UPDATES.labels(type="message")
    metrics.TELEGRAM_COMMANDS.labels(name="other")
    exposed = generate_latest(metrics.REGISTRY).decode()
    assert '\ntelegram_updates_total{type="message"} ' in exposed
    assert '\ntelegram_command_total{name="other"} ' in exposed


async def test_a_device_made_by_rest_counts_as_registered(devices: DeviceService, anna: Person) -> None:
    with moves(**{REGISTERED: 1}):
        await devices.create_device(anna.client_id, "VPS-1")
    with moves(), pytest.raises(DeviceNameTaken):
        await devices.create_device(anna.client_id, "VPS-1")


async def test_a_device_asked_for_in_chat_counts_when_its_secret_was_shown(
    handouts: HandoutService, anna: Person
) -> None:
    with moves():
        armed, _ = await tap(handouts, anna, await offer(handouts, anna))
    with moves(**{REGISTERED: 1, SHOWN: 1}):
        await handouts.confirm_shown(armed.id)
        await handouts.confirm_shown(armed.id)
        await handouts.dismiss(anna, armed.id, CARD)


async def test_i_saved_it_counts_as_the_confirmation_that_it_is(handouts: HandoutService, anna: Person) -> None:
    armed, _ = await tap(handouts, anna, await offer(handouts, anna))
    with moves(**{REGISTERED: 1, SHOWN: 1}):
        await handouts.dismiss(anna, armed.id, CARD)
        with pytest.raises(HandoutChanged):
            await handouts.dismiss(anna, armed.id, CARD)


async def test_a_new_secret_and_a_token_are_shown_but_register_no_device(
    handouts: HandoutService, devices: DeviceService, anna: Person
) -> None:
    device, _ = await devices.create_device(anna.client_id, "VPS-1")
    with moves(**{SHOWN: 2, DESTROYED: 1, LATENESS: 1}):
        card = await offer_new_secret(handouts, anna, device.id, timedelta(0))
        await show(handouts, anna, card)
        await handouts.dismiss(anna, card.id, CARD)
        await handouts.mark_destroyed(card.id)
        token = await handouts.offer_token(anna, source="token")
        placed = await handouts.place(token.id, CARD + 1)
        assert placed is not None
        await show(handouts, anna, placed)


async def test_what_was_never_shown_registers_nothing(
    handouts: HandoutService, devices: DeviceService, anna: Person
) -> None:
    with moves(**{DESTROYED: 1, LATENESS: 1}):
        armed, _ = await tap(handouts, anna, await offer(handouts, anna))
        await handouts.abandon(armed.id)
        await handouts.mark_destroyed(armed.id)
    device, _ = await devices.create_device(anna.client_id, "VPS-2")
    card = await offer_new_secret(handouts, anna, device.id, timedelta(0), message_id=CARD + 1)
    armed, _ = await tap(handouts, anna, card)
    with moves(**{REVOKED: 1}):
        await devices.revoke_device(device.id)
        await handouts.confirm_shown(armed.id)


async def test_a_revocation_counts_once(
    devices: DeviceService, inbox: InboxService, anna: Person, clock: FakeClock
) -> None:
    await inbox.receive([Received("7:1", 1, ADMIN_ID, {})])
    device, _ = await devices.create_device(anna.client_id, "VPS-1")
    with moves(**{REVOKED: 1}):
        await devices.revoke_device(device.id, source="7:1")
        await devices.revoke_device(device.id, source="7:1")
        with pytest.raises(DeviceRevoked):
            await devices.revoke_device(device.id)


async def test_lateness_is_the_time_from_when_it_should_be_gone_to_when_it_is(
    handouts: HandoutService, anna: Person, clock: FakeClock
) -> None:
    late = read(LATE)
    with moves(**{SHOWN: 1, REGISTERED: 1, DESTROYED: 1, LATENESS: 1}):
        card = await offer(handouts, anna)
        await show(handouts, anna, card)
        clock.advance(SECRET_TTL + timedelta(seconds=1.5))
        await handouts.advance(card.id)
        clock.advance(timedelta(seconds=1))
        await handouts.mark_destroyed(card.id)
        await handouts.mark_destroyed(card.id)
    assert read(LATE) - late == pytest.approx(2.5)


async def test_a_secret_that_telegram_refuses_to_remove_counts_as_failed(
    handouts: HandoutService, anna: Person
) -> None:
    card = await offer(handouts, anna)
    await show(handouts, anna, card)
    await handouts.dismiss(anna, card.id, CARD)
    with moves(**{FAILED: 1}):
        await handouts.mark_failed(card.id, "refused")
        await handouts.mark_failed(card.id, "refused")


async def test_the_argon2_queue_is_as_long_as_what_waits() -> None:
    hasher, secret = Hasher(**CHEAP), create_secret()
    before = read("argon2_queue")
    hashing = [asyncio.create_task(hasher.hash(secret)) for _ in range(CREATION_THREADS + QUEUE_LENGTH)]
    await asyncio.sleep(0)
    assert read("argon2_queue") - before == hasher.creation.waiting == len(hashing)
    with pytest.raises(Overloaded):
        await hasher.hash(secret)
    await asyncio.gather(*hashing)
    assert read("argon2_queue") == before
    hasher.close()


async def test_what_is_owed_can_be_counted(
    devices: DeviceService, notices: NoticeService, anna: Person, clock: FakeClock
) -> None:
    assert await notices.count() == 0
    for name in ("VPS-1", "VPS-2"):
        device, _ = await devices.create_device(anna.client_id, name)
        await devices.revoke_device(device.id, actor=f"chat:{ADMIN_ID}")
    assert await notices.count() == 2
    [first] = await notices.claim_due()
    await notices.postpone(first, "later")
    assert await notices.count() == 2
    [second] = await notices.claim_due()
    await notices.mark_sent(second)
    assert await notices.count() == 1
