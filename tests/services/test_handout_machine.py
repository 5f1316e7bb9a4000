"""Whatever people, programs and time do to secrets, in whatever order: a secret works only if it was shown.

Hypothesis plays traders, an admin, the REST API and restarts against the services, and after each step looks at what
would open a device. What a device is for is predicted here in plain Python, and compared.
"""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from bot.services.admins import Admins
from bot.services.clients import ClientService, Person, Profile
from bot.services.devices import DeviceService
from bot.services.errors import RegistryError
from bot.services.hashing import Secret, Tagger
from bot.services.keys import Keyring
from storage.database import Database
from storage.models import Device, Handout
from tests.conftest import SERVER_KEY, start_bot
from tests.fakes import CountingHasher, FakeClock

if TYPE_CHECKING:
    import uuid
    from collections.abc import Coroutine

Result = TypeVar("Result")
numbers = itertools.count(1)
names = st.sampled_from(["VPS-1", "VPS-2", "VPS-3"])
picks = st.integers(0, 5)
waits = st.sampled_from([timedelta(seconds=1), timedelta(seconds=16), timedelta(seconds=61), timedelta(minutes=61)])
overlaps = st.sampled_from([timedelta(0), timedelta(minutes=2)])


@dataclass
class Known:
    """What is known of a device: which secrets open it."""

    current: str
    previous: str | None = None
    previous_until: datetime | None = None
    revoked: bool = False
    seen: bool = False


@dataclass
class Pending:
    """A secret that was asked for in chat and not shown yet."""

    device_id: uuid.UUID
    secret: str
    overlap: timedelta | None  # None: it is a registration
    handout_id: uuid.UUID = field(kw_only=True)


class LifeOfSecrets(RuleBasedStateMachine):
    """Two people of one client and what they and others do; every example has a bot and a client of its own."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = FakeClock()
        self.database = Database(self.url)
        self.hasher = CountingHasher()
        self.tagger = Tagger(Keyring([SERVER_KEY]))
        self.devices = DeviceService(self.database, self.hasher, self.tagger, self.clock, device_limit=3)
        self.clients = ClientService(self.database, self.clock, admins=Admins())
        self.bot_id = next(numbers)
        self.person: Person = self.run(self.clients.enter(Profile(10_000 + self.bot_id, "Anna")))
        self.cards: list[uuid.UUID] = []
        self.known: dict[uuid.UUID, Known] = {}
        self.pending: Pending | None = None
        self.issued: list[tuple[uuid.UUID, str]] = []
        self.take_over()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """Return what came of it, None when the registry refused."""
        try:
            return self.run(work)
        except RegistryError:
            return None

    def teardown(self) -> None:
        self.run(self.database.dispose())
        self.hasher.close()
        self.runner.close()

    def card(self, pick: int) -> uuid.UUID:
        return self.cards[-1 - pick % len(self.cards)]

    def device(self, pick: int) -> uuid.UUID:
        return list(self.known)[-1 - pick % len(self.known)]

    def adopt(self) -> None:
        """Predict what becomes live when the pending secret was shown."""
        assert self.pending is not None
        pending, self.pending = self.pending, None
        if pending.overlap is None:
            self.known[pending.device_id] = Known(pending.secret)
        else:
            self.replace(pending.device_id, pending.secret, pending.overlap)

    def replace(self, device_id: uuid.UUID, secret: str, overlap: timedelta) -> None:
        known = self.known[device_id]
        known.previous = known.current if overlap else None
        known.previous_until = self.clock.now() + overlap
        known.current = secret

    def is_pending(self, device_id: uuid.UUID) -> bool:
        return self.pending is not None and self.pending.device_id == device_id

    @rule(name=names, then=st.sampled_from(["wait", "tap"]))
    def ask_for_a_device(self, name: str, then: str) -> None:
        source = f"{self.bot_id}:{next(numbers)}"
        self.put_down(self.attempt(self.handouts.offer_registration(self.person, name, source=source)), then)

    @precondition(lambda self: self.known)
    @rule(pick=picks, overlap=overlaps, then=st.sampled_from(["wait", "tap"]))
    def ask_for_a_new_secret(self, pick: int, overlap: timedelta, then: str) -> None:
        source = f"{self.bot_id}:{next(numbers)}"
        device_id = self.device(pick)
        card = self.attempt(self.handouts.offer_rotation(self.person, device_id, overlap, source=source))
        self.put_down(card, then)

    def put_down(self, card: Handout | None, then: str) -> None:
        """Place the card, and tap it at once or leave it."""
        if card is not None:
            self.run(self.handouts.place(card.id, len(self.cards)))
            self.cards.append(card.id)
            if then == "tap":
                self.tap(card.id)

    def tap(self, card: uuid.UUID) -> None:
        armed = self.attempt(self.handouts.arm(self.person, card, self.cards.index(card)))
        if armed is not None:
            assert self.pending is None
            handout, secret = armed
            overlap = timedelta(seconds=handout.pending_overlap) if handout.kind == "rotation" else None
            self.pending = Pending(handout.device_id, secret.reveal(), overlap, handout_id=handout.id)
            self.issued.append((handout.device_id, secret.reveal()))

    def confirm(self, card: uuid.UUID) -> None:
        if self.run(self.handouts.confirm_shown(card)) is not None:
            self.adopt()

    def save(self, card: uuid.UUID) -> None:
        was_pending = self.pending is not None and self.pending.handout_id == card
        if self.attempt(self.handouts.dismiss(self.person, card, self.cards.index(card))) is not None and was_pending:
            self.adopt()

    def give_up(self, card: uuid.UUID) -> None:
        if self.run(self.handouts.abandon(card)) is not None:
            self.pending = None

    def cancel(self, card: uuid.UUID) -> None:
        self.attempt(self.handouts.cancel(self.person, card))

    @precondition(lambda self: self.cards)
    @rule(pick=picks, action=st.sampled_from(["tap", "confirm", "save", "give_up", "cancel"]))
    def do_something_with_a_card(self, pick: int, action: str) -> None:
        getattr(self, action)(self.card(pick))

    @precondition(lambda self: self.pending is not None)
    @rule(action=st.sampled_from(["confirm", "save", "give_up"]))
    def end_what_is_pending(self, action: str) -> None:
        assert self.pending is not None
        getattr(self, action)(self.pending.handout_id)

    @precondition(lambda self: self.known)
    @rule(pick=picks)
    def revoke(self, pick: int) -> None:
        device_id = self.device(pick)
        if self.attempt(self.devices.revoke_device(device_id)) is not None:
            self.known[device_id].revoked = True
            if self.is_pending(device_id):
                self.pending = None

    @precondition(lambda self: self.known)
    @rule(pick=picks, overlap=overlaps)
    def rotate_by_rest(self, pick: int, overlap: timedelta) -> None:
        device_id = self.device(pick)
        rotated = self.attempt(self.devices.rotate_secret(device_id, overlap))
        if rotated is not None:
            self.replace(device_id, rotated[1], overlap)
            self.issued.append((device_id, rotated[1]))
            if self.is_pending(device_id):
                self.pending = None

    @rule(name=names)
    def create_by_rest(self, name: str) -> None:
        created = self.attempt(self.devices.create_device(self.person.client_id, name))
        if created is not None:
            self.known[created[0].id] = Known(created[1])
            self.issued.append((created[0].id, created[1]))

    @precondition(lambda self: self.issued)
    @rule(pick=st.integers(0, 20))
    def log_in(self, pick: int) -> None:
        device_id, secret = self.issued[-1 - pick % len(self.issued)]
        expected = self.opens(device_id, secret)
        came_in = self.attempt(self.devices.authenticate_device(device_id, secret)) is not None
        assert came_in == expected
        if came_in and secret == self.known[device_id].current:
            self.known[device_id].previous = None

    @rule(wait=waits)
    def let_time_pass(self, wait: timedelta) -> None:
        self.clock.advance(wait)

    @rule()
    def do_what_is_due(self) -> None:
        for due in self.run(self.handouts.list_due([])):
            handout = self.run(self.handouts.advance(due.id))
            if handout is not None and handout.state == "destroying":
                if self.pending is not None and self.pending.handout_id == due.id:
                    self.pending = None
                self.run(self.handouts.mark_destroyed(due.id))

    @rule()
    def restart(self) -> None:
        self.take_over()
        self.pending = None

    def take_over(self) -> None:
        self.handouts = self.run(start_bot(self.database, self.devices, self.clock, self.bot_id))

    def opens(self, device_id: uuid.UUID, secret: str) -> bool:
        """Predict whether the secret opens the device."""
        known = self.known.get(device_id)
        if known is None or known.revoked:
            return False
        in_overlap = known.previous_until is not None and self.clock.now() < known.previous_until
        return secret == known.current or (secret == known.previous and in_overlap)

    @invariant()
    def only_what_was_shown_works(self) -> None:
        rows = self.run(self.read(Device, Device.client_id == self.person.client_id))
        found = {row.id: row for row in rows}
        for device_id, secret in self.issued:
            row = found.get(device_id)
            assert self.would_open(row, secret) == self.opens(device_id, secret)
        for device_id in self.known:
            working = [
                secret for known_id, secret in self.issued if known_id == device_id and self.opens(known_id, secret)
            ]
            assert len(working) <= 2
        reserved = {row.id for row in rows if row.live_at is None}
        expected = {self.pending.device_id} if self.pending is not None and self.pending.overlap is None else set()
        assert reserved == expected

    @invariant()
    def every_message_has_its_duty(self) -> None:
        open_devices = []
        visible = 0
        for row in self.run(self.read(Handout, Handout.bot_id == self.bot_id)):
            if row.state in {"offering", "offered", "armed", "shown"}:
                open_devices.append(row.device_id)
                assert row.device_id not in self.known or not self.known[row.device_id].revoked
            if row.state in {"armed", "shown"}:
                visible += 1
                assert row.destroy_at is not None
                assert row.next_attempt_at is not None
                assert row.next_attempt_at <= row.destroy_at
            if row.state == "destroying":
                assert row.next_attempt_at is not None
            if row.state != "armed":
                assert (row.pending_hash, row.pending_tag) == (None, None)
        assert len(open_devices) == len(set(open_devices))
        assert visible <= 1

    async def read(self, table: type[Result], where: Any) -> list[Result]:
        async with self.database.read() as session:
            return list(await session.scalars(select(table).where(where)))

    def would_open(self, row: Device | None, secret: str) -> bool:
        """Ask the service, without the trace that a login leaves."""
        if row is None or row.live_at is None or row.revoked:
            return False
        secret_hash = self.devices._matching_hash(row, secret, self.clock.now())
        return secret_hash is not None and self.hasher._verify(secret_hash, Secret(secret))


def test_a_secret_works_only_if_it_was_shown_whatever_happens(database_url: str) -> None:
    LifeOfSecrets.url = database_url
    run_state_machine_as_test(
        LifeOfSecrets,
        settings=settings(
            max_examples=14,
            stateful_step_count=25,
            # to shorten a story of 25 steps against real databases takes minutes; it can be read as it is
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow],
            print_blob=False,
        ),
    )
