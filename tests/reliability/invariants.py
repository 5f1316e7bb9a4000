"""The nine invariants, looked for in what people could see, in what was called, and in what is kept.

Each function is about one person, so that it costs as little as that person did. Secrets at rest are looked for at the
end of all (`canary`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from bot.services.hashing import Tagger
from bot.services.keys import Keyring
from storage.models import AuditEvent, Device, Handout, HandoutState, InboxUpdate, Notice
from tests.journeys.evidence import LATENESS
from tests.journeys.people import FENCE, SECRET, plain
from tests.journeys.running import SERVER_KEY

if TYPE_CHECKING:
    from bot.sandbox import Call, Sighting
    from bot.sandbox.updates import Update
    from tests.journeys.people import Trader
    from tests.reliability.stage import Stage

GONE_WITHIN = 5.0
"""Seconds after its start within which a bot has removed what is overdue."""
TAGGER = Tagger(Keyring([SERVER_KEY.encode()]))
VOLATILE = {"last_seen", "last_ip", "updated_at", "secret_tag"}


class TooLate(AssertionError):
    """Something came later than promised. On a machine that is busy with other things it may do so once."""


async def check_person(stage: Stage, anna: Trader, *, since: int = 0, revived_at: float = 0.0) -> None:
    """Check everything about one person. Nothing may be under way for them."""
    calls = [call for call in stage.sandbox.calls[since:] if call.chat_id == anna.id]
    devices, handouts = await _rows(stage, anna), await stage.handouts(anna)
    secrets = sent(calls)
    check_places(stage, anna, secrets)
    check_times(stage, anna, handouts, revived_at)
    check_devices(devices, handouts, secrets)
    await check_updates(stage, anna)


def sent(calls: list[Call]) -> dict[str, list[Call]]:
    """Return every secret that the calls carried, in the order in which they did."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        for secret in set(SECRET.findall(json.dumps(call.parameters))):
            found.setdefault(secret, []).append(call)
    return found


def check_places(stage: Stage, anna: Trader, secrets: dict[str, list[Call]]) -> None:
    """Check that each secret was in one message of the asker's private chat, put there by an edit, and nowhere else."""
    for secret, calls in secrets.items():
        assert {call.method for call in calls} == {"editMessageText"}
        assert len({call.parameters["message_id"] for call in calls}) == 1
        assert all(json.dumps(call.parameters).count(secret) == 2 for call in calls)
    texts = [plain(look.text) + json.dumps(look.buttons) for look in looks(stage, anna)]
    assert set(SECRET.findall(" ".join(texts))) <= set(secrets)
    answers = [query.answer for query in stage.sandbox.world.queries.values() if query.person_id == anna.id]
    assert not SECRET.search(json.dumps(answers))


def looks(stage: Stage, anna: Trader) -> list[Sighting]:
    """Return each look that a message of the bot had in a person's chat."""
    return [look for look in stage.sandbox.history(anna.id) if look.from_bot]


def check_times(stage: Stage, anna: Trader, handouts: list[Handout], revived_at: float) -> None:
    """Check that no secret was to be seen too late, nor, if the bot was dead when it was due, too long after that."""
    due = {handout.message_id: handout.destroy_at for handout in handouts}
    for look in looks(stage, anna):
        if SECRET.search(look.text):
            destroy_at = due[look.message_id]
            assert destroy_at is not None, "a secret was shown whose destruction is not on disk"
            until = stage.sandbox.world.clock.real() if look.real_until is None else look.real_until
            latest = max(destroy_at.timestamp() + LATENESS, revived_at + GONE_WITHIN)
            if until > latest:
                raise TooLate(f"a secret was to be seen {until - latest:.2f} s too long")


def check_devices(devices: list[Device], handouts: list[Handout], secrets: dict[str, list[Call]]) -> None:
    """Check that a secret opens its device if it was the last one shown, and only if it was shown."""
    placed = {handout.message_id: handout for handout in handouts}
    rows = {device.id: device for device in devices}
    newest: dict[Any, str] = {}
    for secret, calls in secrets.items():
        handout = placed[int(calls[0].parameters["message_id"])]
        device = rows.get(handout.device_id)
        if handout.shown_at is None:
            assert device is None or not opens(device, secret), "a secret works that was not shown"
        else:
            newest[handout.device_id] = secret
    for device_id, secret in newest.items():
        device = rows[device_id]
        assert device.live_at is not None
        assert device.revoked or opens(device, secret), "a secret does not work though it was shown"
    for device in devices:
        working = [secret for secret in secrets if opens(device, secret)]
        assert len(working) <= (2 if device.previous_valid_until is not None else 1)
        armed = [one for one in handouts if one.device_id == device.id and one.state == HandoutState.ARMED]
        assert device.live_at is not None or armed, "a device stayed half registered"


def opens(device: Device, secret: str) -> bool:
    """Tell whether a secret is the device's, or its earlier one; without leaving a trace, as a login would."""
    tags = [device.secret_tag, device.previous_tag]
    return any(tag is not None and TAGGER.matches(secret, tag) for tag in tags)


async def check_updates(stage: Stage, anna: Trader) -> None:
    """Check that every update of a person was received and handled, and every tap answered."""
    await check_handled(stage, anna)
    unanswered = [
        query for query in stage.sandbox.world.queries.values() if query.person_id == anna.id and not query.answered
    ]
    assert not unanswered, f"{len(unanswered)} taps were not answered"


async def check_handled(stage: Stage, anna: Trader) -> None:
    """Check that every update of a person was received and handled."""
    sources = _sources(stage, anna)
    async with stage.database.read() as session:
        query = select(InboxUpdate.source).where(InboxUpdate.source.in_(sources), InboxUpdate.handled_at.is_not(None))
        handled = set(await session.scalars(query))
    assert sources == handled, f"not handled: {sources - handled}"


def _sources(stage: Stage, anna: Trader) -> set[str]:
    """Return by which names the records should know what a person sent."""
    bot_id = stage.sandbox.world.bot["id"]
    first: dict[str, Update] = {}
    for update in stage.sandbox.world.updates._all.values():
        sender = update.payload.get("from") or {}
        if sender.get("id") == anna.id and update.kind == "message":
            first.setdefault(f"{bot_id}:{anna.id}:{update.payload['message_id']}", update)
        elif sender.get("id") == anna.id and update.kind == "callback_query":
            first.setdefault(f"{bot_id}:cq:{update.payload['id']}", update)
    # Telegram forgets what nobody fetched; and what comes again was handled, which the records may have forgotten
    now = stage.sandbox.world.clock.now()
    return {source for source, update in first.items() if update.expires_at >= now and not update.again}


async def check_repetition(stage: Stage, anna: Trader) -> None:
    """Check that everything a person sent, delivered again in the other order, has no effect."""
    before, calls = await snapshot(stage, anna), _count_calls(stage, anna)
    updates = [
        number
        for number, update in stage.sandbox.world.updates._all.items()
        if (update.payload.get("from") or {}).get("id") == anna.id
    ]
    for number in reversed(updates):
        stage.sandbox.redeliver(number)
        stage.sandbox.redeliver(number, fresh=True)
    await anna.fence()
    await stage.until_quiet(anna.id)
    assert await snapshot(stage, anna) == before, "a repeated update had an effect"
    assert _count_calls(stage, anna) == calls, "a repeated update was answered again"


def _count_calls(stage: Stage, anna: Trader) -> int:
    return sum(
        call.chat_id == anna.id and FENCE not in str(call.parameters.get("text")) for call in stage.sandbox.calls
    )


async def snapshot(stage: Stage, anna: Trader) -> list[dict[str, Any]]:
    """Return all that is kept about a person, as plain values."""
    client_id = await stage.devices_of(anna)
    kept: list[dict[str, Any]] = []
    async with stage.database.read() as session:
        for query in (
            select(Device).where(Device.client_id == client_id).order_by(Device.id),
            select(Handout).where(Handout.chat_id == anna.id).order_by(Handout.id),
            select(Notice).where(Notice.telegram_id == anna.id).order_by(Notice.id),
        ):
            for row in await session.scalars(query):
                columns = row.__table__.columns.keys()
                kept.append({name: getattr(row, name) for name in columns if name not in VOLATILE})
        events = await session.scalar(select(func.count()).where(AuditEvent.client_id == client_id))
    return [*kept, {"audit": events}]


async def _rows(stage: Stage, anna: Trader) -> list[Device]:
    client_id = await stage.devices_of(anna)
    async with stage.database.read() as session:
        return list(await session.scalars(select(Device).where(Device.client_id == client_id)))
