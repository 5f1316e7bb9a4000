"""An admin reads that the bot was started from a backup, and lets devices in."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.chat.buttons import Verb, encode
from bot.chat.notices import draw
from storage.models import CopyMark
from tests import rows
from tests.chat.speech import ANNA, OLGA
from tests.conftest import ADMIN_ID, SQLITE

if TYPE_CHECKING:
    from tests.chat.conftest import Door
    from tests.fakes import FakeClock


@pytest.fixture
def backend() -> str:
    return SQLITE


@pytest.fixture
async def mark(door: Door, clock: FakeClock) -> CopyMark:
    """The mark of a copy that was made two days ago."""
    mark = CopyMark(id=uuid.uuid4(), taken_at=clock.now() - timedelta(days=2))
    async with door.database.begin() as session:
        session.add(mark)
    return mark


async def test_an_admin_reads_what_may_be_missing(door: Door, mark: CopyMark) -> None:
    await door.enter(OLGA)
    await door.services.copies.announce([ADMIN_ID], epoch=1)
    [notice] = await rows.list_notices(door.database, "copy_started")
    view = await draw(door.services, notice)
    assert view is not None
    assert "I was started from a backup" in view.text
    assert "revoked" in view.text
    assert "21 Nov" in view.text
    assert view.keyboard is not None
    [[button]] = view.keyboard.inline_keyboard
    assert button.callback_data == encode(Verb.CONFIRM_COPY, mark.id)


async def test_an_admin_lets_devices_in_once(door: Door, mark: CopyMark) -> None:
    await door.enter(OLGA)
    data = encode(Verb.CONFIRM_COPY, mark.id)
    for _ in range(2):
        calls = await door.tap(data, person=OLGA)
        [edit] = [call for call in calls if call.method == "editMessageText"]
        assert "Olga" in edit.text
        assert "let devices connect again" in edit.text
    assert await door.services.copies.lets_devices_in()
    assert len(await rows.list_audit(door.database, "copy_confirmed")) == 1


async def test_nobody_else_does(door: Door, mark: CopyMark) -> None:
    calls = await door.tap(encode(Verb.CONFIRM_COPY, mark.id), person=ANNA)
    assert "You can no longer do that." in str([call.parameters for call in calls])
    assert not await door.services.copies.lets_devices_in()


async def test_an_old_question_about_another_backup_does_nothing(door: Door, mark: CopyMark) -> None:
    await door.tap(encode(Verb.CONFIRM_COPY, uuid.uuid4()), person=OLGA)
    assert not await door.services.copies.lets_devices_in()


async def test_a_notice_that_comes_late_asks_nothing(door: Door, mark: CopyMark) -> None:
    await door.services.copies.announce([ADMIN_ID], epoch=1)
    await door.services.copies.confirm(mark.id, actor=f"chat:{ADMIN_ID}")
    [notice] = await rows.list_notices(door.database, "copy_started")
    view = await draw(door.services, notice)
    assert view is not None
    assert view.keyboard is None
