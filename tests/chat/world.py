"""People of every kind, and what is theirs: what the authorisation matrix tries every door with.

The database can be read behind the bot's back, and put back to what it was when everything stood ready.
"""

from __future__ import annotations

import re
import sqlite3
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.chat.buttons import Verb, decode, encode
from bot.services.admins import Admins
from bot.services.clients import Access, ClientService, Profile
from storage.models import Base, HandoutState
from tests import rows
from tests.chat.speech import person
from tests.fakes import until_so

if TYPE_CHECKING:
    from tests.chat.conftest import Door

ANNA = person(771_001, "Annabeth", username="annabeth_fx")
BOB = person(772_002, "Bobadil")
CLEO = person(773_003, "Cleolinda")
OLGA = person(774_004, "Olgarine")
NORA = person(775_005, "Norabel")
PAUL = person(776_006, "Paulinus")
DORA = person(777_007, "Doralice")
EVE = person(778_008, "Everild")
RITA = person(779_009, "Ritabel")
ZOE = person(770_010, "Zoelle")
LET_IN = {"anna": ANNA, "bob": BOB, "cleo": CLEO, "olga": OLGA, "nora": NORA, "paul": PAUL, "dora": DORA}
EVERYBODY = LET_IN | {"eve": EVE, "rita": RITA, "zoe": ZOE}

KEPT_APART = {"inbox", "audit_events"}
"""Tables in which whoever does nothing may leave a trace."""
WHOSE = {
    "chat_users": "telegram_id",
    "clients": "id",
    "devices": "client_id",
    "handouts": "chat_id",
    "conversations": "chat_id",
    "picks": "chat_id",
    "batches": "chat_id",
    "invites": "made_by",
    "notices": "telegram_id",
    "notice_switches": "telegram_id",
}
"""Which column names the person, or the client, that a row belongs to. All other rows belong to nobody."""
SECRET = re.compile(r"dsk1_\w{59}")
LINK = re.compile(r"inv_[A-Za-z0-9_-]{32}")

JSON = dict[str, Any]
Rows = dict[str, list[JSON]]


@dataclass
class World:
    """What there is: ids by name for buttons, words by name for commands, and what belongs to whom."""

    door: Door
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    private: dict[int, set[str]] = field(default_factory=dict)
    """What only one person, and admins, may see."""
    shared: dict[uuid.UUID, set[str]] = field(default_factory=dict)
    """What only the people of one client, and admins, may see."""
    clients: dict[int, uuid.UUID] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    """In which message a card or a secret is."""
    menus: dict[int, int] = field(default_factory=dict)
    """A message of the bot's in each chat."""

    def __post_init__(self) -> None:
        self._connection = sqlite3.connect(str(self.door.database.engine.url.database), isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._saved = sqlite3.connect(":memory:")

    def save(self) -> None:
        """Keep everything as it is now."""
        self._connection.backup(self._saved)
        self.saved = self.now = self.read()
        self._screen = dict(self.door.telegram.messages)

    def restore(self) -> None:
        """Let everything be again as it was kept, if it is not."""
        if self.now != self.saved:
            self._saved.backup(self._connection)
        self.door.telegram.messages.clear()
        self.door.telegram.messages.update(self._screen)

    def close(self) -> None:
        self._connection.close()
        self._saved.close()

    def read(self) -> Rows:
        """Return all that a command or a tap could change."""
        names = [table.name for table in Base.metadata.sorted_tables if table.name not in KEPT_APART]
        return {
            name: [dict(row) for row in self._connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]  # noqa: S608
            for name in names
        }

    def of_others(self, everything: Rows, actor: JSON) -> Rows:
        """Return the rows that are not the actor's own, nor of a client that they are or were in."""
        now_in = [user["client_id"] for user in everything["chat_users"] if user["telegram_id"] == actor["id"]]
        own = {str(actor["id"]), self.clients[actor["id"]].hex, *now_in}
        return {
            name: [row for row in found if name not in WHOSE or str(row[WHOSE[name]]) not in own]
            for name, found in everything.items()
        }

    def secrets_from(self, actor: JSON) -> set[str]:
        """Return all words that somebody who is no admin must never see."""
        client_id = self.clients.get(actor["id"])
        private = [words for owner, words in self.private.items() if owner != actor["id"]]
        shared = [words for owner, words in self.shared.items() if owner != client_id]
        return set().union(*private, *shared)


async def build_world(door: Door) -> World:
    """Let there be one of everything."""
    world = World(door)
    await _let_in(world)
    await _give_anna_everything(world)
    await _give_others_something(world)
    await _keep_some_out(world)
    for somebody in LET_IN.values():
        world.menus[somebody["id"]] = door.telegram.screen(somebody["id"])[0]["message_id"]
    door.telegram.forget()
    world.save()
    return world


async def _let_in(world: World) -> None:
    door = world.door
    entrance = ClientService(door.database, door.services.clock, admins=Admins(), access=Access.OPEN)
    for somebody in LET_IN.values():
        entered = await entrance.enter(Profile(somebody["id"], somebody["first_name"], somebody.get("username"), "en"))
        world.clients[somebody["id"]] = entered.client_id
    for somebody in (NORA, PAUL):
        await rows.set_role(door.database, somebody["id"], "admin")
    await rows.move(door.database, CLEO["id"], world.clients[ANNA["id"]])
    world.clients[CLEO["id"]] = world.clients[ANNA["id"]]
    for somebody in LET_IN.values():
        await door.say("/start", person=somebody)
    await rows.set_role(door.database, PAUL["id"], "trader")
    for name, somebody in EVERYBODY.items():
        world.private[somebody["id"]] = {somebody["first_name"], str(somebody["id"])}
        world.words[name] = str(somebody["id"])


async def _give_anna_everything(world: World) -> None:
    door, telegram, client_id = world.door, world.door.telegram, world.clients[ANNA["id"]]
    device, secret = await door.services.devices.create_device(client_id, "Annas-VPS")
    await door.services.devices.authenticate_device(device.id, secret)
    anna = await door.enter(ANNA)
    await door.services.groups.set_group(anna, device.id, "Annas-Group")
    revoked, _ = await door.services.devices.create_device(client_id, "Annas-Revoked")
    await door.services.devices.revoke_device(revoked.id)
    world.ids |= {
        "device": device.id,
        "revoked": revoked.id,
        "client": client_id,
        "group": uuid.uuid5(client_id, "Annas-Group"),
    }
    world.words |= {
        "device_id": str(device.id),
        "short_id": str(device.id)[:8],
        "fingerprint": device.fingerprint,
        "client_id": str(client_id),
        "now": str(int(door.services.clock.now().timestamp())),
    }
    world.shared[client_id] = {"Annas-VPS", "Annas-Revoked", "Annas-Group", "Annas-Secret", device.fingerprint}
    world.shared[client_id] |= {str(device.id), device.id.hex, revoked.id.hex, str(client_id), client_id.hex}
    await _bring_cards(world)
    on = telegram.screen(ANNA["id"])[0]["message_id"]
    for data in (encode(Verb.PICK_GROUPS), encode(Verb.PICK, device.id, "0"), encode(Verb.REVOKE_PICKED)):
        await door.tap(data, person=ANNA, on=on)
    _, data = telegram.find_button(ANNA["id"], "Yes, revoke")
    world.ids["batch"] = _id_in(data)
    world.ids["invite"] = await _make_invite(world, ANNA, "join")


async def _bring_cards(world: World) -> None:
    """Give Anna a card that came to nothing, a secret on her screen, and two cards that wait."""
    door, telegram = world.door, world.door.telegram
    await door.say("/register Annas-Ended", person=ANNA)
    world.messages["ended"], data = telegram.find_button(ANNA["id"], "Cancel")
    world.ids["ended"] = _id_in(data)
    await door.tap(data, on=world.messages["ended"], person=ANNA)
    await door.say("/register Annas-Secret", person=ANNA)
    world.messages["secret"], data = telegram.find_button(ANNA["id"], "Show secret")
    world.ids["secret"] = _id_in(data)
    await door.tap(data, on=world.messages["secret"], person=ANNA)

    async def is_shown() -> bool:
        return (await rows.read_handout(door.database, world.ids["secret"])).state == HandoutState.SHOWN

    await until_so(is_shown)
    found = SECRET.search(telegram.messages[ANNA["id"], world.messages["secret"]]["text"])
    assert found is not None
    for name, command in (("card", "/register Annas-Card"), ("token", "/token")):
        await door.say(command, person=ANNA)
        world.messages[name], data = telegram.find_button(ANNA["id"], "Show secret")
        world.ids[name] = _id_in(data)
    world.private[ANNA["id"]] |= {found[0], "Annas-Card", "Annas-Ended"}
    world.private[ANNA["id"]] |= {world.ids[name].hex for name in ("ended", "secret", "card", "token")}


async def _give_others_something(world: World) -> None:
    for somebody in (BOB, OLGA, DORA):
        client_id, name = world.clients[somebody["id"]], f"{somebody['first_name']}s-VPS"
        device, _ = await world.door.services.devices.create_device(client_id, name)
        world.shared[client_id] = {name, str(device.id), device.id.hex, str(client_id), client_id.hex}
    for somebody in (BOB, OLGA):
        await _make_invite(world, somebody, "join")


async def _keep_some_out(world: World) -> None:
    door = world.door
    await rows.suspend(door.database, world.clients[DORA["id"]])
    world.ids["unknown"] = uuid.uuid4()
    world.ids["suspended"] = world.clients[DORA["id"]]
    for somebody in (EVE, RITA):
        await rows.add_newcomer(door.database, somebody["id"], somebody["first_name"], door.services.clock.now())
    await rows.set_status(door.database, RITA["id"], "refused")


async def _make_invite(world: World, maker: JSON, kind: str) -> uuid.UUID:
    """Let somebody make an invite; what its link carries is theirs alone."""
    telegram = world.door.telegram
    await world.door.say("/invite", person=maker)
    on = telegram.screen(maker["id"])[-1]["message_id"]
    await world.door.tap(encode(Verb.MAKE_INVITE, extra=kind), person=maker, on=on)
    found = LINK.search(telegram.messages[maker["id"], on]["text"])
    assert found is not None
    _, data = telegram.find_button(maker["id"], "Take it back")
    world.private[maker["id"]] |= {found[0], _id_in(data).hex}
    return _id_in(data)


def _id_in(data: str) -> uuid.UUID:
    tapped = decode(data)
    assert tapped is not None
    assert tapped.id is not None
    return tapped.id
