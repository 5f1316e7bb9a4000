"""What ends a device's sessions, ends them at the very next request, in this process and in every other one."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from bot.services.access import AccessService
from bot.services.administration import AdministrationService
from bot.services.clients import ClientService
from bot.services.devices import DeviceService
from bot.services.groups import Action, GroupService
from bot.services.handouts import HandoutService
from bot.services.pasted import PastedSecrets
from storage import clients
from storage.models import Client, Device
from tests.conftest import ADMIN_ID
from tests.rows import suspend

if TYPE_CHECKING:
    from bot.services.clients import Person
    from storage.models import Handout
    from tests.web.conftest import Site, Terminal

HOUR = timedelta(hours=1)
Ending = Callable[["Site", "Person", "Terminal"], Awaitable[None]]


async def revoked_by_rest(site: Site, owner: Person, terminal: Terminal) -> None:
    answer = await (await site.api(owner)).post(f"/api/v1/devices/{terminal.id}/revoke")
    assert answer.status_code == 200


async def revoked_in_chat(site: Site, owner: Person, terminal: Terminal) -> None:
    await site.core.devices.revoke_device(terminal.id, owner=owner.client_id, actor=owner.actor)


async def revoked_by_an_admin(site: Site, owner: Person, terminal: Terminal) -> None:
    await site.core.devices.revoke_device(terminal.id, actor=f"chat:{ADMIN_ID}", reason="leaked")


async def revoked_with_others(site: Site, owner: Person, terminal: Terminal) -> None:
    groups = GroupService(site.core.database, site.clock)
    other, _ = await site.device(owner, "VPS-2")
    for device_id in (terminal.id, other.id):
        await groups.pick(owner, device_id)
    plan = await groups.plan(owner, Action.REVOKE)
    await groups.carry_out(owner, plan.id)


async def rotated_by_rest_at_once(site: Site, owner: Person, terminal: Terminal) -> None:
    api = await site.api(owner)
    answer = await api.post(f"/api/v1/devices/{terminal.id}/rotate", json={"overlap_seconds": 0})
    assert answer.status_code == 200


async def rotated_and_the_new_secret_used(site: Site, owner: Person, terminal: Terminal) -> None:
    answer = await (await site.api(owner)).post(f"/api/v1/devices/{terminal.id}/rotate")
    assert await terminal.is_let_in(site)
    assert (await site.log_in(terminal.id, answer.json()["secret"])).status_code == 201


async def rotated_and_the_overlap_over(site: Site, owner: Person, terminal: Terminal) -> None:
    api = await site.api(owner)
    await api.post(f"/api/v1/devices/{terminal.id}/rotate", json={"overlap_seconds": 60})
    site.clock.advance(timedelta(seconds=60) - timedelta(milliseconds=1))
    assert await terminal.is_let_in(site)
    site.clock.advance(timedelta(milliseconds=1))


async def new_secret_shown_in_chat(site: Site, owner: Person, terminal: Terminal) -> None:
    card = await _card(site, owner, terminal, timedelta(0))
    await site.handouts.arm(owner, card.id, 11)
    assert await terminal.is_let_in(site)
    await site.handouts.confirm_shown(card.id)
    await _tidy_up(site, owner, card)


async def new_secret_said_to_be_saved_in_chat(site: Site, owner: Person, terminal: Terminal) -> None:
    card = await _card(site, owner, terminal, timedelta(0))
    await site.handouts.arm(owner, card.id, 11)
    await _tidy_up(site, owner, card)


async def new_secret_shown_in_chat_and_used(site: Site, owner: Person, terminal: Terminal) -> None:
    card = await _card(site, owner, terminal, HOUR)
    _, secret = await site.handouts.arm(owner, card.id, 11)
    await site.handouts.confirm_shown(card.id)
    await _tidy_up(site, owner, card)
    assert await terminal.is_let_in(site)
    assert (await site.log_in(terminal.id, secret.reveal())).status_code == 201


async def client_suspended(site: Site, owner: Person, terminal: Terminal) -> None:
    await suspend(site.core.database, owner.client_id)


async def client_suspended_by_an_admin(site: Site, owner: Person, terminal: Terminal) -> None:
    await administration(site).suspend(owner.client_id, actor=f"chat:{ADMIN_ID}", reason="unpaid")


async def all_revoked_by_an_admin(site: Site, owner: Person, terminal: Terminal) -> None:
    assert len(await administration(site).revoke_all(owner.client_id, actor=f"chat:{ADMIN_ID}")) == 1


async def client_forgotten_by_an_admin(site: Site, owner: Person, terminal: Terminal) -> None:
    await administration(site).forget(owner.client_id, actor=f"chat:{ADMIN_ID}")


def administration(site: Site) -> AdministrationService:
    return AdministrationService(site.core.database, site.clock)


async def client_deleted(site: Site, owner: Person, terminal: Terminal) -> None:
    await site.core.clients.delete_client(owner.client_id, actor="system")


async def client_deleted_behind_every_service(site: Site, owner: Person, terminal: Terminal) -> None:
    async with site.core.database.begin() as session:
        await clients.delete_client(session, owner.client_id)


async def client_deleted_through_its_record(site: Site, owner: Person, terminal: Terminal) -> None:
    async with site.core.database.begin() as session:
        await session.delete(await session.get_one(Client, owner.client_id))


async def device_deleted(site: Site, owner: Person, terminal: Terminal) -> None:
    async with site.core.database.begin() as session:
        await session.execute(delete(Device).where(Device.id == terminal.id))


async def _card(site: Site, owner: Person, terminal: Terminal, overlap: timedelta) -> Handout:
    card = await site.handouts.offer_rotation(owner, terminal.id, overlap, source=f"card {terminal.id}")
    await site.handouts.place(card.id, 11)
    return card


async def _tidy_up(site: Site, owner: Person, card: Handout) -> None:
    """Let the secret be gone from the chat, where one is visible at a time."""
    await site.handouts.dismiss(owner, card.id, 11)
    await site.handouts.mark_destroyed(card.id)


CASES: dict[Ending, str] = {
    revoked_by_rest: "device_revoked",
    revoked_in_chat: "device_revoked",
    revoked_by_an_admin: "device_revoked",
    revoked_with_others: "device_revoked",
    rotated_by_rest_at_once: "session_ended",
    rotated_and_the_new_secret_used: "session_ended",
    rotated_and_the_overlap_over: "session_ended",
    new_secret_shown_in_chat: "session_ended",
    new_secret_said_to_be_saved_in_chat: "session_ended",
    new_secret_shown_in_chat_and_used: "session_ended",
    client_suspended: "client_suspended",
    client_suspended_by_an_admin: "client_suspended",
    all_revoked_by_an_admin: "device_revoked",
    client_forgotten_by_an_admin: "session_ended",
    client_deleted: "session_ended",
    client_deleted_behind_every_service: "session_ended",
    client_deleted_through_its_record: "session_ended",
    device_deleted: "session_ended",
}

READS, MAKES, MESSAGE = "only reads", "makes something new", "moves a message, not a device"
PICKS = "what is picked has not changed yet"
METHODS: dict[type, dict[str, tuple[Ending, ...] | str]] = {
    DeviceService: {
        "create_device": MAKES,
        "list_devices": READS,
        "get_device": READS,
        "update_device_name": "a name is no credential",
        "revoke_device": (revoked_by_rest, revoked_in_chat, revoked_by_an_admin),
        "rotate_secret": (rotated_by_rest_at_once, rotated_and_the_overlap_over),
        "authenticate_device": (rotated_and_the_new_secret_used, new_secret_shown_in_chat_and_used),
        "find_device": READS,
        "is_waiting": READS,
        "check_room": READS,
        "propose_name": READS,
        "prepare_secret": MAKES,
        "reserve_device": MAKES,
        "lock_active_client": READS,
        "replace_secret": (rotated_by_rest_at_once, new_secret_shown_in_chat),
        "reserve_secret": READS,
        "confirm_shown": (new_secret_shown_in_chat,),
    },
    HandoutService: {
        "is_active": READS,
        "note_alive": "notes the time",
        "get": READS,
        "find_latest_card": READS,
        "find_visible": READS,
        "offer_registration": MAKES,
        "offer_rotation": MAKES,
        "offer_token": MAKES,
        "place": MESSAGE,
        "cancel": MESSAGE,
        "give_up_sending": MESSAGE,
        "arm": "until it was shown, a new secret replaces nothing",
        "confirm_shown": (new_secret_shown_in_chat,),
        "dismiss": (new_secret_said_to_be_saved_in_chat,),
        "abandon": "the new secret is thrown away, the old one stays",
        "list_due": READS,
        "find_next_attempt": READS,
        "advance": MESSAGE,
        "begin_due": MESSAGE,
        "note_redacted": MESSAGE,
        "note_missing": MESSAGE,
        "postpone": MESSAGE,
        "close_card": MESSAGE,
        "mark_destroyed": MESSAGE,
        "mark_failed": MESSAGE,
        "retry_chat": MESSAGE,
    },
    ClientService: {
        "create_client": MAKES,
        "enter": MAKES,
        "delete_client": (client_deleted,),
        "note_reachable": "a device works while its owner's chat is blocked",
        "find_name": READS,
        "is_outsider": READS,
        "list_chat_users": READS,
        "find_language": READS,
        "choose_language": "in whatever language its owner reads, a device works",
    },
    GroupService: {
        "read_page": READS,
        "set_group": "a group is no credential",
        "clear_picks": PICKS,
        "pick": PICKS,
        "unpick": PICKS,
        "pick_group": PICKS,
        "count_picks": READS,
        "list_picks": READS,
        "plan": MAKES,
        "carry_out": (revoked_with_others,),
    },
    PastedSecrets: {
        "identify": READS,
        "report": "warns; whoever it concerns takes a new secret",
    },
    AdministrationService: {
        "suspend": (client_suspended_by_an_admin,),
        "resume": "lets what was suspended go on",
        "revoke_all": (all_revoked_by_an_admin,),
        "set_device_limit": "a limit only bars new devices",
        "forget": (client_forgotten_by_an_admin,),
    },
    AccessService: {
        "issue": MAKES,
        "check": READS,
        "sign_out_everywhere": "voids API tokens; devices have secrets of their own",
    },
}


@pytest.mark.parametrize("end", CASES, ids=lambda end: end.__name__)
async def test_a_session_ends_at_the_very_next_request_in_every_process(
    build_site: Callable[..., Awaitable[Site]], site: Site, end: Ending
) -> None:
    other = await build_site()
    site.clock.advance(timedelta(seconds=10))
    bystander = await site.terminal(*await site.device(await site.enter(2000, "Bystander")))
    for number, acting in enumerate((site, other)):
        owner = await site.enter(1000 + number, f"Owner {number}")
        terminal = await site.terminal(*await site.device(owner))
        assert await terminal.is_let_in(site)
        assert await terminal.is_let_in(other)
        await end(acting, owner, terminal)
        assert [await terminal.refusal(site), await terminal.refusal(other)] == [CASES[end]] * 2
    assert await bystander.is_let_in(site)
    assert await bystander.is_let_in(other)


def test_of_every_method_it_is_written_down_whether_it_ends_sessions() -> None:
    for service, methods in METHODS.items():
        public = {name for name, _ in inspect.getmembers(service, inspect.isfunction) if not name.startswith("_")}
        missing = public - set(methods)
        assert not missing, f"{service.__name__}: say whether {missing} end sessions, with a case if they do"
        assert set(methods) <= public, f"{service.__name__}: {set(methods) - public} are gone"
        for name, told in methods.items():
            assert told, name
            assert isinstance(told, str) or set(told) <= set(CASES), name


async def test_what_was_suspended_goes_on_with_its_sessions_when_it_is_resumed(
    site: Site, anna: Person, terminal: Terminal
) -> None:
    await suspend(site.core.database, anna.client_id)
    assert await terminal.refusal() == "client_suspended"
    await suspend(site.core.database, anna.client_id, "active")
    assert await terminal.is_let_in()


async def test_what_an_admin_suspended_goes_on_with_sessions_and_tokens_when_it_is_resumed_unless_it_was_revoked(
    site: Site, anna: Person, terminal: Terminal
) -> None:
    other = await site.terminal(*await site.device(anna, "VPS-2"))
    api = await site.api(anna)
    acts, actor = administration(site), f"chat:{ADMIN_ID}"
    await acts.suspend(anna.client_id, actor=actor)
    assert [await terminal.refusal(), await other.refusal()] == ["client_suspended"] * 2
    assert (await api.get("/api/v1/devices")).status_code == 403
    await site.core.devices.revoke_device(other.id, actor=actor)
    await acts.resume(anna.client_id, actor=actor)
    assert await terminal.is_let_in()
    assert await other.refusal() == "device_revoked"
    assert (await api.get("/api/v1/devices")).status_code == 200


async def test_a_session_of_the_old_secret_within_an_overlap_is_a_full_one(
    site: Site, anna: Person, terminal: Terminal
) -> None:
    await site.core.devices.rotate_secret(terminal.id, HOUR)
    late = await site.terminal(await site.core.devices.get_device(terminal.id), terminal.secret)
    assert await late.is_let_in()
    assert await terminal.is_let_in()
    site.clock.advance(HOUR)
    assert await late.refusal() == "session_ended"


async def test_a_second_rotation_by_rest_ends_no_session_of_the_secret_in_use(
    site: Site, anna: Person, terminal: Terminal
) -> None:
    await site.core.devices.rotate_secret(terminal.id, HOUR)
    await site.core.devices.rotate_secret(terminal.id, HOUR)
    assert await terminal.is_let_in()


async def test_a_second_rotation_in_chat_ends_the_sessions_of_the_older_secret_when_it_is_shown(
    site: Site, anna: Person, terminal: Terminal
) -> None:
    await site.core.devices.rotate_secret(terminal.id, HOUR)
    card = await _card(site, anna, terminal, HOUR)
    await site.handouts.arm(anna, card.id, 11)
    assert await terminal.is_let_in()
    await site.handouts.confirm_shown(card.id)
    assert await terminal.refusal() == "session_ended"


async def test_a_new_secret_that_was_never_shown_ends_nothing(site: Site, anna: Person, terminal: Terminal) -> None:
    card = await _card(site, anna, terminal, timedelta(0))
    await site.handouts.arm(anna, card.id, 11)
    await site.handouts.abandon(card.id)
    assert await terminal.is_let_in()
