"""What people do that a bot can die in: one row each.

`prepare` leads up to the moment, `act` is what is done then, `settle` waits for what the person must come to see of it
however often the bot dies, and `go_on` is what they do next. What must be true after it is in `invariants`; what is
true of one flow only, `check` says.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import func, select

from bot.services.handouts import CARD_LIFE
from storage.models import AuditEvent, ChatUser, HandoutState
from tests.journeys.people import Trader, plain, read_id, read_secret
from tests.reliability.stage import PATIENCE
from tests.rows import set_device

if TYPE_CHECKING:
    import uuid
    from collections.abc import Awaitable, Callable

    from bot.sandbox import Bubble
    from tests.reliability.stage import Stage

LINK = re.compile(r"start=(inv_[A-Za-z0-9_-]+)")
RESTARTED, UNCONFIRMED = "I was restarted while showing you", "Telegram did not confirm that you could see"
LONG = timedelta(minutes=5)


@dataclass
class Scene:
    """One run of a flow: who is in it, and what was prepared."""

    stage: Stage
    anna: Trader
    card: Bubble | None = None
    device_id: uuid.UUID | None = None
    secret: str = ""
    ended: bool = field(default=False)
    """Whether the bot is to be started by `act` itself."""

    @property
    def newest(self) -> Bubble:
        """Return the message that it is about."""
        assert self.card is not None
        return self.card

    def tap(self, button: str, card: Bubble | None = None) -> None:
        """Tap, and do not wait: nobody may be there to answer."""
        self.anna.sandbox.tap(self.anna.id, button, message_id=(card or self.newest).message_id)


Move = "Callable[[Scene], Awaitable[None]]"


async def nothing(_: Scene) -> None:
    """Leave it at that."""


@dataclass(frozen=True)
class Flow:
    """One row of the table."""

    name: str
    prepare: Callable[[Scene], Awaitable[None]]
    act: Callable[[Scene], Awaitable[None]]
    settle: Callable[[Scene], Awaitable[None]]
    go_on: Callable[[Scene], Awaitable[None]] = nothing
    check: Callable[[Scene], Awaitable[None]] = nothing


def typing(text: str) -> Callable[[Scene], Awaitable[None]]:
    """Return the act of sending a text."""

    async def act(scene: Scene) -> None:
        scene.anna.say(text)

    return act


def tapping(button: str) -> Callable[[Scene], Awaitable[None]]:
    """Return the act of tapping a button of the message that it is about."""

    async def act(scene: Scene) -> None:
        scene.tap(button)

    return act


def seeing(*words: str) -> Callable[[Scene], Awaitable[None]]:
    """Return the wait until one of the words is to be seen."""

    async def settle(scene: Scene) -> None:
        scene.card = await see_any(scene.anna, *words)

    return settle


async def see_any(anna: Trader, *words: str, timeout: float = 20.0) -> Bubble:  # noqa: ASYNC109 - as in Sandbox
    """Return the newest message of the bot that has one of the words."""

    def look() -> Bubble | None:
        return next(
            (
                bubble
                for bubble in reversed(anna.sandbox.screen(anna.id))
                if bubble.from_bot and any(word in plain(bubble.text) for word in words)
            ),
            None,
        )

    found = await anna.sandbox.world.journal.until(look, timeout)
    assert found is not None, f"none of {words} came; the screen shows {anna.screen()}"
    return found


def has_ended(anna: Trader, *words: str) -> bool:
    """Tell whether the words ever stood in a message of the bot's."""
    return any(word in plain(look.text) for look in anna.sandbox.history(anna.id) if look.from_bot for word in words)


# Registration


async def ask_for_name(scene: Scene) -> None:
    scene.card = await scene.anna.ask("/register", "What shall I call it?")


async def take_card(scene: Scene) -> None:
    scene.card = await scene.anna.take_card("VPS-1")


async def answer_and_reveal(scene: Scene) -> None:
    scene.card = await scene.anna.ask("VPS-1", "is almost ready")
    await reveal(scene)


async def reveal(scene: Scene) -> None:
    """Show the secret of the newest card and save it."""
    card = await see_any(scene.anna, "is almost ready", "is waiting.")
    scene.tap("Show secret", card)
    await shown_or_told(scene)
    await save(scene)


async def shown_or_told(scene: Scene) -> None:
    """Wait until the secret is there for good, or its reader was told that it never will work."""
    anna = scene.anna
    async with asyncio.timeout(PATIENCE):
        while True:
            handout = (await scene.stage.handouts(anna))[-1]
            if handout.state == HandoutState.SHOWN:
                scene.card = anna.find(handout.message_id or 0)
                return
            if handout.state == HandoutState.DESTROYED:
                scene.card = await see_any(anna, RESTARTED, UNCONFIRMED)
                return
            await asyncio.sleep(0.02)


async def save(scene: Scene) -> None:
    """Save what is shown; take another card, as often as it takes, when it was thrown away."""
    handout = (await scene.stage.handouts(scene.anna))[-1]
    if handout.state == HandoutState.DESTROYED and handout.shown_at is None:
        scene.card = await see_any(scene.anna, RESTARTED, UNCONFIRMED)
        again = "Try again"
        scene.tap(again)
        scene.card = await scene.anna.sees("Show secret", after=scene.newest.message_id)
        scene.tap("Show secret")
        await scene.anna.sees("I saved it")
        await scene.stage.until_state(scene.anna, HandoutState.SHOWN)
    scene.card = await scene.anna.sees("I saved it")
    if secret := _secret_in(scene.card):
        scene.secret = secret
    scene.tap("I saved it")
    await receipt(scene)


def _secret_in(bubble: Bubble) -> str | None:
    return read_secret(bubble) if "secret of" in bubble.text else None


async def receipt(scene: Scene) -> None:
    """Wait for the receipt: the secret is gone then."""
    scene.card = await see_any(scene.anna, "is registered", "has a new secret", "You have a new API token")
    await scene.anna.misses("I saved it")


async def open_secret(scene: Scene) -> None:
    await take_card(scene)
    scene.tap("Show secret")
    await scene.stage.until_state(scene.anna, HandoutState.SHOWN)
    scene.card = await scene.anna.sees("I saved it")
    scene.device_id, scene.secret = (await scene.stage.handouts(scene.anna))[-1].device_id, read_secret(scene.card)
    await scene.stage.leave_time(scene.anna, LONG)


async def let_time_run_out(scene: Scene) -> None:
    await scene.stage.pass_time(scene.anna, HandoutState.SHOWN, time=LONG)


async def removed(scene: Scene) -> None:
    await receipt(scene)
    assert scene.anna.times_shown("is registered") <= 2


async def one_device(scene: Scene) -> None:
    assert [device.device_name for device in await scene.stage.owned(scene.anna)] == ["VPS-1"]
    assert await count_audit(scene, "device_registered") == 1


async def count_audit(scene: Scene, action: str) -> int:
    person = await scene.stage.devices_of(scene.anna)
    async with scene.stage.database.read() as session:
        query = select(func.count()).where(AuditEvent.client_id == person, AuditEvent.action == action)
        return await session.scalar(query) or 0


# A new secret


async def own_device(scene: Scene) -> None:
    """Have a device, made behind the bot's back."""
    client_id = await scene.stage.devices_of(scene.anna)
    device, scene.secret = await scene.stage.devices.create_device(client_id, "D-1")
    scene.device_id = device.id


async def open_device(scene: Scene) -> None:
    await own_device(scene)
    scene.card = await scene.anna.open_card("D-1")


async def take_new_card(scene: Scene) -> None:
    await open_device(scene)
    scene.card = await scene.anna.follow("New secret", "is waiting", scene.newest)


async def take_overlapping_card(scene: Scene) -> None:
    """Have a card for the new secret of a device that was used, so that its old secret goes on for a while."""
    await own_device(scene)
    assert scene.device_id is not None
    await set_device(scene.stage.database, scene.device_id, last_seen=datetime.now(UTC))
    card = await scene.anna.open_card("D-1")
    scene.card = await scene.anna.follow("New secret", "How long shall the old one keep working", card)
    scene.card = await scene.anna.follow("24 hours", "is waiting", scene.newest)


async def one_overlap(scene: Scene) -> None:
    await one_rotation(scene)
    [device] = await scene.stage.owned(scene.anna)
    assert device.previous_valid_until is not None


async def one_rotation(scene: Scene) -> None:
    assert await count_audit(scene, "secret_rotated") == 1


# Everything else


async def ask_to_revoke(scene: Scene) -> None:
    """Have the new secret of a device on the screen, and be asked whether to revoke it."""
    await take_new_card(scene)
    scene.tap("Show secret")
    await scene.stage.until_state(scene.anna, HandoutState.SHOWN)
    await scene.stage.leave_time(scene.anna, LONG)
    scene.card = await scene.anna.follow("Revoke", "for good.", await scene.anna.open_card("D-1"))


async def one_revocation(scene: Scene) -> None:
    assert [device.revoked for device in await scene.stage.owned(scene.anna)] == [True]
    assert await count_audit(scene, "device_revoked") == 1


async def select_two(scene: Scene) -> None:
    """Have two devices, both selected in the list."""
    client_id = await scene.stage.devices_of(scene.anna)
    for name in ("D-1", "D-2"):
        await scene.stage.devices.create_device(client_id, name)
    scene.card = await scene.anna.ask("/devices", "Your devices")
    await scene.anna.follow("Select several", "0 selected", scene.newest)
    await scene.anna.follow("D-1", "1 selected", scene.newest)
    await scene.anna.follow("D-2", "2 selected", scene.newest)


async def ask_to_revoke_several(scene: Scene) -> None:
    """Have two devices selected, and be asked whether to revoke them."""
    await select_two(scene)
    scene.card = await scene.anna.follow("Revoke (2)", "Revoke 2 devices?", scene.newest)


async def ask_to_regroup_several(scene: Scene) -> None:
    """Have two devices selected, and be asked whether to put them into a group."""
    await select_two(scene)
    await scene.anna.follow("Group (2)", "Which group shall these 2 devices be in?", scene.newest)
    scene.card = await scene.anna.ask("Europe", "Put 2 devices into the group")


async def one_group(scene: Scene) -> None:
    assert {device.group_name for device in await scene.stage.owned(scene.anna)} == {"Europe"}


async def two_revocations(scene: Scene) -> None:
    assert [device.revoked for device in await scene.stage.owned(scene.anna)] == [True, True]
    assert await count_audit(scene, "device_revoked") == 2


async def ask_for_invite(scene: Scene) -> None:
    scene.card = await scene.anna.ask("/invite", "What shall the invite give?")


async def let_somebody_join(scene: Scene) -> None:
    """Have the invite used that is on the screen: one that nobody knows to have been shown was made anew."""
    scene.card = await scene.anna.sees("Here is the invite.")
    ben = scene.stage.newcomer("Ben")
    await ben.ask(f"/start {_invitation(scene.newest)}", "You share the devices of whoever invited you")


async def have_invite(scene: Scene) -> None:
    """Be somebody who got a link from somebody else."""
    maker = await scene.stage.trader("Maker")
    question = await maker.ask("/invite", "What shall the invite give?")
    await maker.follow("Join my client", "Here is the invite.", question)
    # until then a bot that dies here makes another one when it is back
    await scene.stage.until_quiet(maker.id)
    scene.secret = _invitation(await maker.sees("Here is the invite."))


async def use_invite(scene: Scene) -> None:
    scene.anna.say(f"/start {scene.secret}")


async def joined_once(scene: Scene) -> None:
    assert await count_audit(scene, "invite_used") == 1


def _invitation(bubble: Bubble) -> str:
    """Return what the link in a message carries."""
    found = LINK.search(bubble.text)
    assert found, bubble.text
    return found[1]


async def revoke_as_admin(scene: Scene) -> None:
    scene.stage.olga.say(f"/revoke {scene.device_id} lost")


async def told_of_revocation(scene: Scene) -> None:
    scene.card = await see_any(scene.anna, "An admin revoked your device")
    await scene.stage.olga.fence()
    assert scene.anna.times_shown("An admin revoked your device") <= 2


async def ask_for_new_name(scene: Scene) -> None:
    await open_device(scene)
    scene.card = await scene.anna.follow("Rename", "Send me the new name for", scene.newest)


async def one_renaming(scene: Scene) -> None:
    assert [device.device_name for device in await scene.stage.owned(scene.anna)] == ["Frankfurt"]


async def let_card_expire(scene: Scene) -> None:
    await scene.stage.pass_time(scene.anna, HandoutState.OFFERED, time=CARD_LIFE)


async def ask_again(scene: Scene) -> None:
    """Begin once more."""
    await take_card(scene)


async def take_token_card(scene: Scene) -> None:
    scene.card = await scene.anna.ask("/token", "Show")


async def log_in(scene: Scene) -> None:
    """Let the device log in, until it is let in; every other answer is the network's fault, or the dead bot's."""
    address = f"http://127.0.0.1:{scene.stage.port}"
    login = {"device_id": str(scene.device_id), "secret": scene.secret}
    async with httpx.AsyncClient(base_url=address, trust_env=False) as http, asyncio.timeout(PATIENCE):
        while True:
            try:
                if (await http.post("/api/v1/sessions", json=login)).status_code == 201:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def told_of_login(scene: Scene) -> None:
    await log_in(scene)
    await see_any(scene.anna, "connected for the first time")
    assert scene.anna.times_shown("connected for the first time") <= 2


async def one_person(scene: Scene) -> None:
    async with scene.stage.database.read() as session:
        assert await session.scalar(select(func.count()).where(ChatUser.telegram_id == scene.anna.id)) == 1


async def die_while_showing(scene: Scene) -> None:
    """Let the bot die when the secret is on the screen and it does not know."""
    await take_card(scene)
    scene.anna.sandbox.add_fault("editMessageText", "apply_and_hang", chat=scene.anna.id)
    scene.tap("Show secret")
    await scene.anna.sees("I saved it")
    await scene.stage.bot.kill()
    scene.ended = True


async def start_bot(scene: Scene) -> None:
    await scene.stage.revive()


async def thrown_away(scene: Scene) -> None:
    scene.card = await see_any(scene.anna, RESTARTED)
    await scene.anna.misses("I saved it")


FLOWS = (
    Flow("start", nothing, typing("/start"), seeing("Here you register your trading terminals"), ask_again, one_person),
    Flow(
        "registration: asking",
        nothing,
        typing("/register"),
        seeing("What shall I call it?"),
        answer_and_reveal,
        one_device,
    ),
    Flow("registration: naming", ask_for_name, typing("VPS-1"), seeing("is almost ready"), reveal, one_device),
    Flow("reveal", take_card, tapping("Show secret"), shown_or_told, save, one_device),
    Flow("destruction: saved", open_secret, tapping("I saved it"), removed, nothing, one_device),
    Flow("destruction: time is up", open_secret, let_time_run_out, removed, nothing, one_device),
    Flow("recovery", die_while_showing, start_bot, thrown_away, save, one_device),
    Flow("rotation: asking", open_device, tapping("New secret"), seeing("is waiting"), reveal, one_rotation),
    Flow("rotation: reveal", take_new_card, tapping("Show secret"), shown_or_told, save, one_rotation),
    Flow("rotation: with overlap", take_overlapping_card, tapping("Show secret"), shown_or_told, save, one_overlap),
    Flow(
        "revoke",
        ask_to_revoke,
        tapping("Yes, revoke"),
        seeing("is revoked since", "was already revoked"),
        ask_again,
        one_revocation,
    ),
    Flow("revoke by an admin", own_device, revoke_as_admin, told_of_revocation, ask_again, one_revocation),
    Flow(
        "revoke several",
        ask_to_revoke_several,
        tapping("Yes, revoke"),
        seeing("devices are revoked since"),
        ask_again,
        two_revocations,
    ),
    Flow(
        "regroup several",
        ask_to_regroup_several,
        tapping("Yes, change it"),
        seeing("2 devices are now in the group"),
        ask_again,
        one_group,
    ),
    Flow("invite: making", ask_for_invite, tapping("Join my client"), seeing("Here is the invite."), let_somebody_join),
    Flow("invite: using", have_invite, use_invite, seeing("You share the devices"), ask_again, joined_once),
    Flow("rename", ask_for_new_name, typing("Frankfurt"), seeing("is now called"), nothing, one_renaming),
    Flow("cancel", take_card, tapping("Cancel"), seeing("Cancelled. Nothing was registered."), ask_again),
    Flow("expiry", take_card, let_card_expire, seeing("has expired"), ask_again),
    Flow("token", take_token_card, tapping("Show secret"), shown_or_told, save),
    Flow("notice", own_device, log_in, told_of_login),
)
__all__ = ["FLOWS", "Flow", "Scene", "read_id"]
