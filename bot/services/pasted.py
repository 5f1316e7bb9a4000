"""Secrets that people sent to the bot: whose they are, and who must know that somebody else has them.

What is kept of such a message is the keyed tag of each secret in it, under every key that is known, and nothing else.
The tag decides for sure, where a fingerprint of 32 bits would now and then warn somebody for nothing. It lets nobody
in, because a login takes the secret itself; and its key is not in the database, which holds the same tags of all
devices already: a stolen inbox tells no more than a stolen table of devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.clients import Person
from bot.services.hashing import find_secrets
from bot.services.notices import NoticeKind, is_owed, owe
from storage import audit, clients, devices, inbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.services.admins import Admins
    from bot.services.clients import Profile
    from bot.services.clock import Clock
    from bot.services.hashing import Tagger
    from storage.database import Database
    from storage.models import Device

MOST = 64
"""Secrets that are looked up of one message. Telegram's longest one, of 4096 characters, has room for no more."""


@dataclass(frozen=True)
class Findings:
    """What a sender is told: which devices of their own, revoked ones too, and whether there were other secrets."""

    own: list[Device]
    has_others: bool


class PastedSecrets:
    """Knows secrets by their tags, and warns whom they concern."""

    def __init__(self, database: Database, tagger: Tagger, clock: Clock, admins: Admins) -> None:
        self._database = database
        self._tagger = tagger
        self._clock = clock
        self._admins = admins

    def identify(self, text: str) -> list[list[str]]:
        """Return what is kept of each secret in a text: its tags, as hex digits. It is known again, and not used."""
        return [[tag.hex() for tag in self._tagger.tags(secret)] for secret in find_secrets(text)[:MOST]]

    async def report(self, sender: Person | Profile, pasted: Sequence[Sequence[str]], *, source: str) -> Findings:
        """Find whose secrets were sent, and owe a warning to the owners of other devices, and to the admins.

        They are warned once a secret; of a revoked device nobody need be. The sender, who may be somebody that was not
        let in, is not told that it is anybody's.
        """
        now, client_id = self._clock.now(), sender.client_id if isinstance(sender, Person) else None
        secrets = [{bytes.fromhex(tag) for tag in tags} for tags in pasted]
        async with self._database.begin() as session:
            found = await devices.list_by_tags(session, set().union(*secrets), now)
            if await inbox.claim_effect(session, source, now):
                # in one order everywhere: of two who report at once, none waits for the other in a circle
                for device in sorted(found, key=lambda device: device.client_id):
                    await self._write_down(session, sender, device, is_own=device.client_id == client_id)
        own = [device for device in found if device.client_id == client_id]
        known = {tag for device in own for tag in (device.secret_tag, device.previous_tag)}
        return Findings(own, has_others=any(not tags & known for tags in secrets))

    async def _write_down(
        self, session: AsyncSession, sender: Person | Profile, device: Device, *, is_own: bool
    ) -> None:
        now = self._clock.now()
        audit.append(
            session,
            at=now,
            actor=f"chat:{sender.telegram_id}",
            action="secret_pasted",
            client_id=device.client_id,
            device_id=device.id,
            device_name=device.device_name,
        )
        if not is_own and not device.revoked:
            await self._warn(session, sender, device)

    async def _warn(self, session: AsyncSession, sender: Person | Profile, device: Device) -> None:
        """Warn the owner's people and the admins, each once a secret, however often it is sent."""
        # whoever else reports the same secret at this moment waits, and then finds the warnings
        await clients.lock_client(session, device.client_id)
        owners = [person.telegram_id for person in await clients.list_chat_users(session, device.client_id)]
        admins = await self._admins.list_ids(session)
        named = {"device_id": str(device.id), "device_name": device.device_name}
        by = {"sender": sender.telegram_id, "sender_name": sender.first_name}
        now, cause = self._clock.now(), f"{device.id}:{device.secret_generation}"
        for kind, told, details in (
            (NoticeKind.SECRET_LEAKED, owners, named),
            (NoticeKind.SECRET_LEAKED_ADMIN, admins, named | by),
        ):
            for telegram_id in told:
                if not await is_owed(session, telegram_id, kind, cause):
                    owe(session, telegram_id, kind, cause, now, **details)
