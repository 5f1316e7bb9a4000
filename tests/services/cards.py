"""Cards on their way: each step takes a handout as far as its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage.models import HandoutState

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable
    from datetime import timedelta

    from bot.services.clients import Person
    from bot.services.handouts import HandoutService
    from storage.models import Handout
    from tests.fakes import FakeClock

CARD = 11
"""The message that a card is in."""


async def offer(handouts: HandoutService, asker: Person, name: str = "VPS-1", *, message_id: int = CARD) -> Handout:
    """Send the card of a registration; its source is named after its message."""
    handout = await handouts.offer_registration(asker, name, source=f"{asker.telegram_id}:{message_id}")
    placed = await handouts.place(handout.id, message_id)
    assert placed is not None
    return placed


async def offer_new_secret(
    handouts: HandoutService,
    asker: Person,
    device_id: uuid.UUID,
    overlap: timedelta,
    *,
    message_id: int = CARD,
) -> Handout:
    """Send the card of a new secret."""
    source = f"{asker.telegram_id}:{message_id}"
    handout = await handouts.offer_rotation(asker, device_id, overlap, source=source)
    placed = await handouts.place(handout.id, message_id)
    assert placed is not None
    return placed


async def tap(handouts: HandoutService, asker: Person, card: Handout) -> tuple[Handout, str]:
    """Tap *Show secret*; return the armed handout and the plaintext."""
    assert card.message_id is not None
    armed, secret = await handouts.arm(asker, card.id, card.message_id)
    return armed, secret.reveal()


async def show(handouts: HandoutService, asker: Person, card: Handout) -> tuple[Handout, str]:
    """Tap, and confirm that it was shown."""
    armed, secret = await tap(handouts, asker, card)
    shown = await handouts.confirm_shown(armed.id)
    assert shown is not None
    assert shown.state == HandoutState.SHOWN
    return shown, secret


async def lead_to(
    state: HandoutState, handouts: HandoutService, asker: Person, clock: FakeClock, name: str = "VPS-1"
) -> Handout:
    """Return a registration's handout in the state, after a life that leads there."""
    card = await handouts.offer_registration(asker, name, source=f"{asker.telegram_id} to {state}")
    if state == HandoutState.OFFERING:
        return card
    await handouts.place(card.id, CARD)

    async def expire() -> None:
        clock.advance(card.expires_at - clock.now())
        await handouts.advance(card.id)

    async def dismiss() -> None:
        await handouts.arm(asker, card.id, CARD)
        await handouts.dismiss(asker, card.id, CARD)

    steps: dict[HandoutState, tuple[Callable[[], Awaitable[object]], ...]] = {
        HandoutState.OFFERED: (),
        HandoutState.CANCELLED: (lambda: handouts.cancel(asker, card.id, CARD),),
        HandoutState.EXPIRED: (expire,),
        HandoutState.ARMED: (lambda: handouts.arm(asker, card.id, CARD),),
        HandoutState.SHOWN: (
            lambda: handouts.arm(asker, card.id, CARD),
            lambda: handouts.confirm_shown(card.id),
        ),
        HandoutState.DESTROYING: (dismiss,),
        HandoutState.DESTROYED: (dismiss, lambda: handouts.mark_destroyed(card.id)),
        HandoutState.FAILED: (dismiss, lambda: handouts.mark_failed(card.id, "refused")),
    }
    for step in steps[state]:
        await step()
    found = await handouts.get(card.id)
    assert found is not None
    assert found.state == state
    return found
