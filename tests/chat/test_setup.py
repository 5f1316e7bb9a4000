"""Setting a terminal up: the steps, and the files as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.chat.buttons import Verb, encode
from bot.connectors import CONNECTOR_FILES
from tests.chat.offline import methods
from tests.chat.speech import ANNA, BOB

if TYPE_CHECKING:
    from tests.chat.conftest import Door


async def test_the_steps_name_the_address_for_metatrader_s_list_and_the_device(door: Door) -> None:
    anna = await door.enter(ANNA)
    device, _ = await door.services.devices.create_device(anna.client_id, "VPS-1")
    calls = await door.tap(encode(Verb.SET_UP, device.id))
    edit = next(call for call in calls if call.method == "editMessageText")
    assert door.services.address in edit.parameters["text"]
    assert str(device.id) in edit.parameters["text"]
    assert "Allow WebRequest for listed URL" in edit.parameters["text"]


async def test_every_file_is_sent_as_a_document_when_it_is_tapped(door: Door) -> None:
    anna = await door.enter(ANNA)
    device, _ = await door.services.devices.create_device(anna.client_id, "VPS-1")
    await door.tap(encode(Verb.SET_UP, device.id))
    for number, _file in enumerate(CONNECTOR_FILES):
        calls = await door.tap(encode(Verb.SEND_FILE, extra=str(number)))
        assert sorted(methods(calls)) == ["answerCallbackQuery", "sendDocument"]


async def test_nobody_is_shown_the_steps_for_another_s_device(door: Door) -> None:
    anna = await door.enter(ANNA)
    device, _ = await door.services.devices.create_device(anna.client_id, "VPS-1")
    calls = await door.tap(encode(Verb.SET_UP, device.id), person=BOB)
    assert not any(str(device.id) in str(call.parameters) for call in calls)


async def test_a_file_that_there_is_not_sends_nothing(door: Door) -> None:
    await door.enter(ANNA)
    for extra in ("3", "-1", "x", ""):
        calls = await door.tap(encode(Verb.SEND_FILE, extra=extra))
        assert "sendDocument" not in methods(calls)
