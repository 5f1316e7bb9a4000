"""API tokens: good only once shown, for a quarter of an hour, while nothing that they rest on has changed."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import json
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, update

from bot.services.access import TOKEN_LIFE, AccessService, Caller, contains_token
from bot.services.endings import Outcome
from bot.services.errors import ClientNotFound, ClientSuspended, HandoutChanged, InvalidToken
from bot.services.hashing import contains_secret, create_secret
from bot.services.inbox import Received
from bot.services.keys import JWT, Keyring
from bot.services.names import MAX_LENGTH
from storage.database import Database
from storage.models import ChatUser, Client, Handout, HandoutState
from tests import rows
from tests.conftest import BOT_ID, SERVER_KEY, start_bot
from tests.fakes import FakeClock
from tests.services.cards import CARD, offer, show, tap

if TYPE_CHECKING:
    from bot.services.clients import ClientService, Person
    from bot.services.devices import DeviceService
    from bot.services.handouts import HandoutService
    from bot.services.inbox import InboxService
    from bot.services.notices import NoticeService

KEY = Keyring([SERVER_KEY]).derive(JWT)[0]
OTHER_KEY = b"the server key of somebody else!"
LONGEST_COPY = 256
"""Characters that a copy button carries (https://core.telegram.org/bots/api#copytextbutton)."""
SECOND = timedelta(seconds=1)


@pytest.fixture
def access(database: Database, clock: FakeClock) -> AccessService:
    return AccessService(database, Keyring([SERVER_KEY]), clock)


async def offer_token(handouts: HandoutService, asker: Person, message_id: int = CARD) -> Handout:
    card = await handouts.offer_token(asker, source=f"{asker.telegram_id}:{message_id}")
    placed = await handouts.place(card.id, message_id)
    assert placed is not None
    return placed


async def take_token(handouts: HandoutService, asker: Person, message_id: int = CARD) -> str:
    """Take a token as people do, up to the removal of its message."""
    card = await offer_token(handouts, asker, message_id)
    _, token = await show(handouts, asker, card)
    await handouts.dismiss(asker, card.id, message_id)
    await handouts.mark_destroyed(card.id)
    return token


async def read_client(database: Database, client_id: uuid.UUID) -> Client:
    async with database.read() as session:
        return await session.get_one(Client, client_id)


async def move(database: Database, person: Person, client_id: uuid.UUID | None) -> None:
    """Let a person belong to another client, or to none."""
    async with database.begin() as session:
        who = ChatUser.telegram_id == person.telegram_id
        await session.execute(update(ChatUser).where(who).values(client_id=client_id))


def as_one_of(member: Person, other: Person) -> Person:
    """Return the other person as one of the member's client."""
    return dataclasses.replace(other, client_id=member.client_id)


async def receive(inbox: InboxService, *sources: str) -> None:
    await inbox.receive([Received(source, position, 101, {}) for position, source in enumerate(sources)])


def encode(part: bytes | dict[str, Any]) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def forge(
    token: str, header: dict[str, Any], claims: dict[str, Any], *, key: bytes = KEY, digest: str = "sha256"
) -> str:
    """Return the token with other fields, signed with the key; a field that shall be None is left out."""
    parts = [decode(part) | changes for part, changes in zip(token.split("."), (header, claims), strict=False)]
    signed = ".".join(encode({name: value for name, value in part.items() if value is not None}) for part in parts)
    return f"{signed}.{encode(hmac.digest(key, signed.encode(), digest))}"


def sample() -> str:
    client = Client(id=uuid.UUID(int=1), token_generation=0)
    # nothing is read or written
    access = AccessService(Database("sqlite:///nowhere.db"), Keyring([SERVER_KEY]), FakeClock())
    return access.issue(client, uuid.UUID(int=2)).reveal()


SAMPLE = sample()


async def is_refused(access: AccessService, token: str) -> bool:
    try:
        await access.check(token)
    except InvalidToken:
        return True
    return False


class TestLife:
    async def test_a_token_that_was_shown_speaks_for_the_client_of_whom_it_was_shown_to(
        self, access: AccessService, handouts: HandoutService, anna: Person
    ) -> None:
        _, token = await show(handouts, anna, await offer_token(handouts, anna))
        caller = await access.check(token)
        assert caller == Caller(anna.client_id, anna.telegram_id)
        assert caller.actor == anna.actor

    async def test_a_token_goes_on_working_when_its_message_is_gone(
        self, access: AccessService, handouts: HandoutService, anna: Person
    ) -> None:
        assert (await access.check(await take_token(handouts, anna))).client_id == anna.client_id

    async def test_a_token_is_worth_nothing_until_its_showing_is_confirmed(
        self, access: AccessService, handouts: HandoutService, anna: Person
    ) -> None:
        armed, token = await tap(handouts, anna, await offer_token(handouts, anna))
        assert await is_refused(access, token)
        await handouts.confirm_shown(armed.id)
        assert not await is_refused(access, token)

    async def test_i_saved_it_confirms_that_a_token_was_seen(
        self, access: AccessService, handouts: HandoutService, anna: Person
    ) -> None:
        armed, token = await tap(handouts, anna, await offer_token(handouts, anna))
        await handouts.dismiss(anna, armed.id, CARD)
        assert not await is_refused(access, token)

    async def test_a_token_that_was_thrown_away_never_works(
        self, access: AccessService, handouts: HandoutService, anna: Person
    ) -> None:
        armed, token = await tap(handouts, anna, await offer_token(handouts, anna))
        await handouts.abandon(armed.id)
        assert await handouts.confirm_shown(armed.id) is None
        assert await is_refused(access, token)
        await handouts.mark_destroyed(armed.id)
        assert await is_refused(access, token)

    async def test_a_token_that_a_restart_interrupted_never_works(
        self,
        access: AccessService,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        armed, token = await tap(handouts, anna, await offer_token(handouts, anna))
        active = await start_bot(database, devices, clock)
        assert await active.confirm_shown(armed.id) is None
        assert await is_refused(access, token)
        assert (await rows.read_handout(database, armed.id)).outcome == Outcome.RESTARTED

    async def test_a_token_works_for_a_quarter_of_an_hour_from_the_tap(
        self, access: AccessService, handouts: HandoutService, anna: Person, clock: FakeClock
    ) -> None:
        assert timedelta(minutes=15) == TOKEN_LIFE
        token = await take_token(handouts, anna)
        clock.advance(TOKEN_LIFE - SECOND)
        assert not await is_refused(access, token)
        clock.advance(SECOND)
        assert await is_refused(access, token)

    async def test_a_token_fits_a_copy_button_as_long_as_anybody_will_run_this(self, database: Database) -> None:
        far = FakeClock()
        far.advance(timedelta(days=365 * 300))
        access = AccessService(database, Keyring([SERVER_KEY]), far)
        client = Client(id=uuid.UUID(int=2**128 - 1), token_generation=10**12)
        token = access.issue(client, uuid.UUID(int=2**128 - 1)).reveal()
        assert len(token) <= LONGEST_COPY
        assert token.isascii()

    async def test_a_token_says_no_more_than_it_must(self, database: Database, clock: FakeClock) -> None:
        access = AccessService(database, Keyring([SERVER_KEY]), clock)
        token = access.issue(Client(id=uuid.uuid4(), token_generation=0), uuid.uuid4()).reveal()
        header, claims = (decode(part) for part in token.split(".")[:2])
        assert header.keys() == {"alg", "kid"}
        assert claims.keys() == {"sub", "gen", "exp", "jti"}


class TestForgeries:
    @pytest.fixture
    async def token(self, handouts: HandoutService, anna: Person) -> str:
        return await take_token(handouts, anna)

    async def test_what_the_tests_sign_by_hand_is_what_the_program_signs(
        self, access: AccessService, token: str
    ) -> None:
        assert not await is_refused(access, forge(token, {}, {}))

    @pytest.mark.parametrize(
        ("header", "digest"),
        [
            ({"alg": "none"}, "sha256"),
            ({"alg": "None"}, "sha256"),
            ({"alg": "HS384"}, "sha384"),
            ({"alg": "HS512"}, "sha512"),
            ({"alg": "RS256"}, "sha256"),
            ({"alg": "ES256"}, "sha256"),
            ({"alg": "hs256"}, "sha256"),
            ({"alg": None}, "sha256"),
            ({"alg": ["HS256"]}, "sha256"),
            ({"kid": "00000000"}, "sha256"),
            ({"kid": None}, "sha256"),
            ({"kid": 7}, "sha256"),
            ({"kid": ["x"]}, "sha256"),
            ({"kid": {}}, "sha256"),
            ({"crit": ["exp"]}, "sha256"),
        ],
    )
    async def test_only_one_algorithm_and_known_keys_count(
        self, access: AccessService, token: str, header: dict[str, Any], digest: str
    ) -> None:
        assert await is_refused(access, forge(token, header, {}, digest=digest))

    @pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256"])
    async def test_a_token_without_a_signature_is_refused(
        self, access: AccessService, token: str, algorithm: str
    ) -> None:
        unsigned = forge(token, {"alg": algorithm}, {}).rpartition(".")[0]
        for forged in (unsigned, f"{unsigned}.", f"{unsigned}.AA"):
            assert await is_refused(access, forged)

    async def test_a_key_in_the_token_itself_is_not_believed(self, access: AccessService, token: str) -> None:
        own = {"kty": "oct", "k": encode(OTHER_KEY)}
        header = {"jwk": own, "jku": "https://evil.example/keys", "x5u": "https://evil.example/keys"}
        assert await is_refused(access, forge(token, header, {}, key=OTHER_KEY))

    async def test_every_changed_character_is_noticed(self, access: AccessService, token: str) -> None:
        for place in range(0, len(token), 7):
            changed = "A" if token[place] != "A" else "B"
            assert await is_refused(access, token[:place] + changed + token[place + 1 :]), place

    async def test_whom_it_speaks_for_cannot_be_changed(self, access: AccessService, token: str, bob: Person) -> None:
        header, _, signature = token.split(".")
        claims = decode(token.split(".")[1]) | {"sub": str(bob.client_id)}
        assert await is_refused(access, f"{header}.{encode(claims)}.{signature}")

    @pytest.mark.parametrize(
        "claims",
        [
            {"sub": None},
            {"gen": None},
            {"exp": None},
            {"jti": None},
            {"sub": 7},
            {"sub": "nobody"},
            {"sub": [str(uuid.UUID(int=1))]},
            {"gen": "0"},
            {"gen": -1},
            {"exp": "never"},
            {"exp": 10**30},
            {"exp": -1},
            {"exp": [1]},
            {"jti": ""},
            {"jti": 7},
            {"jti": "short"},
            {"jti": "é" * 22},
            {"jti": encode(bytes(17))},
            {"jti": encode(uuid.UUID(int=7).bytes)},
        ],
        ids=str,
    )
    async def test_every_claim_is_needed_and_must_be_what_it_should(
        self, access: AccessService, token: str, claims: dict[str, Any]
    ) -> None:
        assert await is_refused(access, forge(token, {}, claims))

    @pytest.mark.parametrize(
        "token", ["", ".", "..", "...", "eyJ", "a.b.c", "é.é.é", "\ud800", "\0", "eyJ9.eyJ9." + "x" * 100_000]
    )
    async def test_what_is_no_token_at_all_is_refused(self, access: AccessService, token: str) -> None:
        assert await is_refused(access, token)

    async def test_a_device_s_secret_is_no_token(self, access: AccessService) -> None:
        assert await is_refused(access, create_secret().reveal())


class TestKeys:
    async def test_a_token_of_another_installation_is_refused(
        self, access: AccessService, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card, token = await show(handouts, anna, await offer_token(handouts, anna))
        other = AccessService(database, Keyring([OTHER_KEY]), clock)
        assert await is_refused(other, token)
        foreign = other.issue(await read_client(database, anna.client_id), card.id).reveal()
        assert not await is_refused(other, foreign)
        assert await is_refused(access, foreign)
        # not even under our key's name
        kid = decode(token.split(".")[0])["kid"]
        assert await is_refused(access, forge(foreign, {"kid": kid}, {}, key=Keyring([OTHER_KEY]).derive(JWT)[0]))

    async def test_a_retired_key_verifies_and_the_new_one_makes(
        self, access: AccessService, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        card, token = await show(handouts, anna, await offer_token(handouts, anna))
        both = AccessService(database, Keyring([OTHER_KEY, SERVER_KEY]), clock)
        assert (await both.check(token)).client_id == anna.client_id
        newer = both.issue(await read_client(database, anna.client_id), card.id).reveal()
        assert not await is_refused(both, newer)
        assert await is_refused(access, newer)

    def test_no_key_serves_two_purposes(self) -> None:
        keyring = Keyring([SERVER_KEY])
        made = {keyring.derive(purpose)[0] for purpose in ("jwt/1", "session/1", "login/1", "webhook/1")}
        assert len(made) == 4
        assert hashlib.sha256(KEY).hexdigest() != hashlib.sha256(SERVER_KEY).hexdigest()


class TestWhatEndsIt:
    async def test_suspension_ends_it_at_once_and_for_as_long_as_it_lasts(
        self, access: AccessService, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        token = await take_token(handouts, anna)
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await access.check(token)
        await rows.suspend(database, anna.client_id, "active")
        assert not await is_refused(access, token)

    async def test_suspension_is_told_only_for_a_token_that_would_be_good(
        self, access: AccessService, handouts: HandoutService, anna: Person, database: Database, clock: FakeClock
    ) -> None:
        armed, unseen = await tap(handouts, anna, await offer_token(handouts, anna))
        await handouts.abandon(armed.id)
        token = await take_token(handouts, anna, CARD + 1)
        await rows.suspend(database, anna.client_id)
        assert await is_refused(access, unseen)
        assert await is_refused(access, forge(token, {}, {"gen": 1}))
        clock.advance(TOKEN_LIFE)
        assert await is_refused(access, token)

    async def test_a_token_ends_when_its_holder_leaves_the_client(
        self, access: AccessService, handouts: HandoutService, anna: Person, bob: Person, database: Database
    ) -> None:
        token = await take_token(handouts, anna)
        for elsewhere in (bob.client_id, None):
            await move(database, anna, elsewhere)
            assert await is_refused(access, token)
        await move(database, anna, anna.client_id)
        assert not await is_refused(access, token)
        async with database.begin() as session:
            await session.execute(delete(ChatUser).where(ChatUser.telegram_id == anna.telegram_id))
        assert await is_refused(access, token)

    async def test_a_token_ends_with_its_client(
        self, access: AccessService, handouts: HandoutService, clients: ClientService, anna: Person
    ) -> None:
        token = await take_token(handouts, anna)
        await clients.delete_client(anna.client_id, actor="system")
        assert await is_refused(access, token)

    async def test_a_token_made_for_one_client_s_handout_speaks_for_no_other(
        self, access: AccessService, handouts: HandoutService, anna: Person, bob: Person, database: Database
    ) -> None:
        card, _ = await show(handouts, bob, await offer_token(handouts, bob))
        token = access.issue(await read_client(database, anna.client_id), card.id).reveal()
        assert await is_refused(access, token)

    async def test_whom_an_admin_paused_or_forgot_between_tap_and_showing_gets_nothing(
        self,
        access: AccessService,
        handouts: HandoutService,
        clients: ClientService,
        anna: Person,
        bob: Person,
        database: Database,
    ) -> None:
        paused, token = await tap(handouts, anna, await offer_token(handouts, anna))
        await rows.suspend(database, anna.client_id)
        ended = await handouts.confirm_shown(paused.id)
        assert ended is not None
        assert (ended.state, ended.shown_at) == (HandoutState.DESTROYING, None)
        await rows.suspend(database, anna.client_id, "active")
        assert await is_refused(access, token)
        forgotten, token = await tap(handouts, bob, await offer_token(handouts, bob))
        await clients.delete_client(bob.client_id, actor="system")
        assert (await rows.read_handout(database, forgotten.id)).state == HandoutState.DESTROYING
        assert await is_refused(access, token)


class TestSigningOut:
    async def test_signing_out_voids_every_token_of_the_client_at_once_and_no_later_one(
        self,
        access: AccessService,
        handouts: HandoutService,
        anna: Person,
        bob: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        tokens = [await take_token(handouts, anna, message_id) for message_id in (11, 12)]
        others = await take_token(handouts, bob)
        assert await access.sign_out_everywhere(anna) == clock.now()
        assert [await is_refused(access, token) for token in tokens] == [True, True]
        assert not await is_refused(access, others)
        assert not await is_refused(access, await take_token(handouts, anna, 13))
        (event,) = await rows.list_audit(database, "tokens_voided")
        assert (event.actor, event.client_id) == (anna.actor, anna.client_id)

    async def test_it_reaches_the_tokens_of_everybody_who_chats_for_the_client(
        self, access: AccessService, handouts: HandoutService, anna: Person, bob: Person, database: Database
    ) -> None:
        await move(database, bob, anna.client_id)
        colleague = Caller(anna.client_id, bob.telegram_id)
        card = await handouts.offer_token(as_one_of(anna, bob), source="bob")
        await handouts.place(card.id, CARD)
        _, token = await show(handouts, as_one_of(anna, bob), await rows.read_handout(database, card.id))
        assert await access.check(token) == colleague
        await access.sign_out_everywhere(anna)
        assert await is_refused(access, token)

    async def test_the_same_tap_twice_voids_once(
        self, access: AccessService, handouts: HandoutService, inbox: InboxService, anna: Person, clock: FakeClock
    ) -> None:
        await receive(inbox, "7:cq:1", "7:cq:2")
        first = await access.sign_out_everywhere(anna, source="7:cq:1")
        clock.advance(timedelta(minutes=1))
        token = await take_token(handouts, anna)
        assert await access.sign_out_everywhere(anna, source="7:cq:1") == first
        assert not await is_refused(access, token)
        assert await access.sign_out_everywhere(anna, source="7:cq:2") == clock.now()
        assert await is_refused(access, token)

    async def test_many_taps_at_once_each_count_once(
        self, access: AccessService, inbox: InboxService, anna: Person, database: Database
    ) -> None:
        sources = [f"7:cq:{number}" for number in range(4)]
        await receive(inbox, *sources)
        await asyncio.gather(*(access.sign_out_everywhere(anna, source=source) for source in sources * 3))
        assert (await read_client(database, anna.client_id)).token_generation == len(sources)

    async def test_a_token_on_a_screen_goes_away_and_owes_no_receipt(
        self,
        access: AccessService,
        handouts: HandoutService,
        notices: NoticeService,
        anna: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        card, token = await show(handouts, anna, await offer_token(handouts, anna))
        await access.sign_out_everywhere(anna)
        row = await rows.read_handout(database, card.id)
        assert (row.state, row.next_attempt_at) == (HandoutState.DESTROYING, clock.now())
        await handouts.mark_destroyed(card.id)
        assert await notices.claim_due() == []
        assert await is_refused(access, token)

    async def test_it_leaves_cards_and_devices_secrets_alone(
        self, access: AccessService, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        waiting = await offer_token(handouts, anna, 12)
        shown, _ = await show(handouts, anna, await offer(handouts, anna, "VPS-1"))
        await access.sign_out_everywhere(anna)
        states = [(await rows.read_handout(database, card.id)).state for card in (waiting, shown)]
        assert states == [HandoutState.OFFERED, HandoutState.SHOWN]

    async def test_whoever_is_forgotten_cannot_sign_out(
        self, access: AccessService, clients: ClientService, anna: Person
    ) -> None:
        await clients.delete_client(anna.client_id, actor="system")
        with pytest.raises(ClientNotFound):
            await access.sign_out_everywhere(anna)

    async def test_a_token_that_is_made_meanwhile_is_good_or_goes_away(
        self, access: AccessService, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        for message_id in range(20, 28):
            card = await offer_token(handouts, anna, message_id)
            (_, token), _ = await asyncio.gather(tap(handouts, anna, card), access.sign_out_everywhere(anna))
            await handouts.confirm_shown(card.id)
            row = await rows.read_handout(database, card.id)
            assert (row.state == HandoutState.SHOWN) != await is_refused(access, token)
            if row.state == HandoutState.SHOWN:
                await handouts.dismiss(anna, card.id, message_id)
            await handouts.mark_destroyed(card.id)


class TestCards:
    async def test_a_card_for_a_token_is_about_no_device(self, handouts: HandoutService, anna: Person) -> None:
        card = await offer_token(handouts, anna)
        assert (card.device_id, card.device_name, card.pending_fingerprint) == (card.id, "", None)

    async def test_a_newer_card_takes_the_place_of_one_that_was_not_used(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        placed = await offer_token(handouts, anna, 11)
        newer = await offer_token(handouts, anna, 12)
        old = await rows.read_handout(database, placed.id)
        assert (old.state, old.outcome) == (HandoutState.CANCELLED, Outcome.SUPERSEDED)
        # its message is to be deleted
        assert [due.id for due in await handouts.list_due([])] == [placed.id]
        with pytest.raises(HandoutChanged):
            await handouts.arm(anna, placed.id, 11)
        await handouts.arm(anna, newer.id, 12)

    async def test_a_card_that_never_arrived_leaves_nothing_to_delete(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        lost = await handouts.offer_token(anna, source="7:1")
        await offer_token(handouts, anna)
        assert (await rows.read_handout(database, lost.id)).state == HandoutState.CANCELLED
        assert await handouts.list_due([]) == []
        assert await handouts.place(lost.id, 10) is None

    async def test_a_newer_card_leaves_other_people_bots_devices_and_visible_tokens_alone(
        self,
        handouts: HandoutService,
        devices: DeviceService,
        anna: Person,
        bob: Person,
        database: Database,
        clock: FakeClock,
    ) -> None:
        await move(database, bob, anna.client_id)
        registration = await offer(handouts, anna, "VPS-1", message_id=10)
        colleague = await offer_token(handouts, as_one_of(anna, bob))
        visible, _ = await show(handouts, anna, await offer_token(handouts, anna, 12))
        other_bot = await start_bot(database, devices, clock, BOT_ID + 1)
        elsewhere = await other_bot.offer_token(anna, source="other bot")
        await offer_token(handouts, anna, 13)
        left = (registration, colleague, visible, elsewhere)
        assert [(await rows.read_handout(database, card.id)).state for card in left] == [
            HandoutState.OFFERED,
            HandoutState.OFFERED,
            HandoutState.SHOWN,
            HandoutState.OFFERING,
        ]

    async def test_the_same_update_twice_at_once_leads_to_one_card(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        cards = await asyncio.gather(*(handouts.offer_token(anna, source="7:1") for _ in range(8)))
        assert len({card.id for card in cards}) == 1
        assert await rows.count(database, Handout) == 1

    async def test_whoever_is_suspended_is_offered_nothing(
        self, handouts: HandoutService, anna: Person, database: Database
    ) -> None:
        card = await offer_token(handouts, anna)
        await rows.suspend(database, anna.client_id)
        with pytest.raises(ClientSuspended):
            await handouts.offer_token(anna, source="7:2")
        with pytest.raises(ClientSuspended):
            await handouts.arm(anna, card.id, CARD)
        assert (await rows.read_handout(database, card.id)).state == HandoutState.CANCELLED

    async def test_of_many_taps_at_once_one_gets_the_token(self, handouts: HandoutService, anna: Person) -> None:
        card = await offer_token(handouts, anna)
        taps = await asyncio.gather(*(handouts.arm(anna, card.id, CARD) for _ in range(8)), return_exceptions=True)
        assert sum(not isinstance(outcome, BaseException) for outcome in taps) == 1

    async def test_nothing_of_a_token_is_kept(self, handouts: HandoutService, anna: Person, database: Database) -> None:
        card, token = await show(handouts, anna, await offer_token(handouts, anna))
        kept = repr(vars(await rows.read_handout(database, card.id)))
        assert not [part for part in token.split(".") if part in kept]


class TestRecognising:
    @given(before=st.text(max_size=50), after=st.text(max_size=50))
    def test_a_token_is_found_in_whatever_stands_around_it(self, before: str, after: str) -> None:
        assert contains_token(before + SAMPLE + after)

    @pytest.mark.parametrize(
        "text", ["", "eyJ", SAMPLE.rpartition(".")[0], "VPS-1", "https://eyJ.example/a.b.c", f"dsk1_{'0' * 59}"]
    )
    def test_what_is_none_is_not_taken_for_one(self, text: str) -> None:
        assert not contains_token(text)

    def test_a_token_is_no_device_secret_and_too_long_for_a_name(self) -> None:
        assert not contains_secret(SAMPLE)
        assert len(SAMPLE) > MAX_LENGTH
