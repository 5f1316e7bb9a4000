"""The control interface and the page over HTTP, and whom they answer."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import socket
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import BadRequest, TelegramError

from bot.sandbox import Sandbox

from .conftest import ANNA, BORIS, GROUP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    from telegram import Bot

BUTTON = {"inline_keyboard": [[{"text": "Go", "callback_data": "x"}, {"text": "C", "copy_text": {"text": "y"}}]]}


class Remote:
    """The control interface as a client of it sees it."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def post(self, act: str, **body: Any) -> Any:
        async with self._http.post(f"/control/{act}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def get(self, what: str, **query: Any) -> Any:
        async with self._http.get(f"/control/{what}", params=query) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def refused(self, act: str, **body: Any) -> str:
        async with self._http.post(f"/control/{act}", json=body) as response:
            assert response.status == 400
            return str((await response.json())["error"])


@pytest.fixture
async def remote(http: aiohttp.ClientSession) -> Remote:
    return Remote(http)


async def test_a_whole_conversation_goes_over_http(bot: Bot, remote: Remote) -> None:
    await remote.post("people", id=7, first_name="Carla", username="carla")
    said = await remote.post("say", person=7, text="/start")
    update = (await bot.get_updates())[0]
    assert said == {"message_id": 1, "update_id": update.update_id}
    sent = await bot.send_message(7, "<b>Hi</b>", parse_mode="HTML", reply_markup=BUTTON)  # type: ignore[arg-type]
    seen = await remote.get("screen", person=7, contains="Hi")
    assert seen["found"] is True
    message = seen["messages"][1]
    assert (message["message_id"], message["html"], message["from_bot"]) == (sent.message_id, "<b>Hi</b>", True)
    assert message["buttons"] == [[{"text": "Go", "callback_data": "x"}, {"text": "C", "copy_text": "y"}]]
    press = asyncio.create_task(remote.post("press", person=7, button="Go", wait=5))
    update = (await bot.get_updates(offset=update.update_id + 1, timeout=5))[0]
    assert update.callback_query is not None
    await update.callback_query.answer("There")
    pressed = await press
    assert (pressed["answered"], pressed["text"], pressed["show_alert"]) == (True, "There", False)
    assert (await remote.post("press", person=7, button=[0, 1]))["copied"] == "y"


async def test_people_do_everything_over_http_that_they_do_in_process(
    bot: Bot, sandbox: Sandbox, remote: Remote
) -> None:
    said = (await remote.post("say", person=ANNA, text="a"))["message_id"]
    await remote.post("edit", person=ANNA, message_id=said, text="b")
    await remote.post("pin", person=ANNA, message_id=said)
    await remote.post("forward", person=ANNA, message_id=said)
    await remote.post("say", person=ANNA, kind="document", caption="c", document=base64.b64encode(b"x").decode())
    await remote.post("groups", id=GROUP, title="Desk", members=[ANNA])
    await remote.post("say", person=ANNA, text="/id", chat=GROUP)
    await remote.post("delete_message", person=ANNA, message_id=said)
    kinds = [update.to_dict().keys() - {"update_id"} for update in await bot.get_updates()]
    assert kinds == [
        *({"message"}, {"edited_message"}, {"message"}, {"message"}, {"message"}),
        *({"my_chat_member"}, {"message"}),
    ]
    assert [message["text"] for message in (await remote.get("screen", person=ANNA))["messages"]] == ["", "b", "c"]
    assert (await remote.get("people"))["groups"][0]["members"] == [ANNA]
    sightings = (await remote.get("history", person=ANNA))["sightings"]
    assert [(s["text"], s["ended_by"]) for s in sightings[:2]] == [("a", "edited"), ("b", "deleted")]
    await remote.post("clear", person=ANNA)
    assert sandbox.screen(ANNA) == []
    await remote.post("block", person=ANNA)
    await remote.post("unblock", person=ANNA)
    await remote.post("deactivate", person=ANNA)


async def test_clock_faults_limits_and_updates_are_steered_over_http(
    bot: Bot, sandbox: Sandbox, remote: Remote, http: aiohttp.ClientSession
) -> None:
    before = (await remote.get("status"))["now"]
    assert (await remote.post("clock", advance=1000))["now"] - before >= 1000
    first = (await remote.post("faults", method="sendMessage", fault="flood", retry_after=3))["id"]
    await remote.post("faults", method="*", fault="hang")
    assert [fault["fault"] for fault in (await remote.get("faults"))["faults"]] == ["flood", "hang"]
    async with http.delete("/control/faults", params={"id": first}) as response:
        assert [fault["fault"] for fault in (await response.json())["faults"]] == ["hang"]
    await http.delete("/control/faults")
    assert sandbox.world.faults.to_json() == []
    assert (await remote.post("limits", enabled=True))["enabled"] is True
    assert (await remote.get("limits"))["per_chat"] == 1.0
    number = (await remote.post("updates", kind="message", payload={"odd": True}, update_id=77))["update_id"]
    assert (await remote.post("redeliver", update_id=number, fresh=True))["update_id"] == 78


async def test_calls_and_screens_can_be_waited_for(bot: Bot, remote: Remote) -> None:
    since = (await remote.get("status"))["call"]
    waiting = asyncio.create_task(remote.get("calls", since=since, method="sendMessage", wait=5))
    screen = asyncio.create_task(remote.get("screen", person=ANNA, contains="hello", timeout=5))
    await asyncio.sleep(0.05)
    await bot.send_message(ANNA, "hello")
    (call,) = (await waiting)["calls"]
    assert (call["number"], call["status"], call["answer"]["text"]) == (since + 1, 200, "hello")
    assert (await screen)["found"] is True
    assert (await remote.get("screen", person=ANNA, contains="hello", gone=1))["found"] is False
    assert (await remote.get("calls", since=since + 1, wait=0.01))["calls"] == []


@pytest.mark.parametrize(
    ("act", "body", "error"),
    [
        ("say", {"person": 5, "text": "x"}, "There is no person 5; known are"),
        ("say", {"person": ANNA, "text": " "}, "There is nothing to send."),
        ("say", {"person": ANNA, "kind": "song"}, "not song"),
        ("say", {"person": ANNA, "kind": "document", "document": "?"}, "in base64"),
        ("say", {"text": "x"}, "person"),
        ("say", {"person": ANNA, "text": 5}, ""),
        ("say", {"person": ANNA, "colour": "red"}, "colour"),
        ("say", {"person": ANNA, "text": "x", "reply_to": 9}, "sees no message 9"),
        ("people", {"id": 0, "first_name": "x"}, "above zero"),
        ("groups", {"id": 5, "title": "x", "members": [ANNA]}, "below zero"),
        ("faults", {"method": "*", "fault": "x"}, "There is no fault x"),
        ("clock", {}, "advance is missing"),
        ("clock", {"advance": -1}, "only be advanced"),
        ("redeliver", {"update_id": 5}, "never was an update 5"),
        ("bot", {"action": "stop"}, "did not start a bot"),
        ("press", {"person": ANNA, "button": "x", "wait": "long"}, ""),
    ],
)
async def test_what_cannot_be_done_is_told_in_a_sentence(
    remote: Remote, act: str, body: dict[str, Any], error: str
) -> None:
    assert error in await remote.refused(act, **body)


async def test_bodies_and_queries_must_make_sense(http: aiohttp.ClientSession) -> None:
    for body in (b"{", b"[]"):
        async with http.post("/control/say", data=body) as response:
            assert response.status == 400
    for query in ("screen", "screen?person=x"):
        async with http.get(f"/control/{query}") as response:
            assert (response.status, "person" in (await response.json())["error"]) == (400, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "example.com"},
        {"Host": "127.0.0.1.example.com:80"},
        {"Host": "localhost.example.com"},
    ],
)
@pytest.mark.parametrize("path", ["/control/status", "/control/people", "/"])
async def test_other_pages_and_other_names_are_refused(
    http: aiohttp.ClientSession, headers: dict[str, str], path: str
) -> None:
    async with http.get(path, headers=headers) as response:
        assert response.status == 403
        assert "sandbox" in (await response.json())["error"]
    async with http.post("/control/say", json={"person": ANNA, "text": "x"}, headers=headers) as response:
        assert response.status == 403


async def test_its_own_page_may_ask(http: aiohttp.ClientSession, sandbox: Sandbox) -> None:
    headers = {"Origin": sandbox.url, "Sec-Fetch-Site": "same-origin"}
    async with http.post("/control/say", json={"person": ANNA, "text": "x"}, headers=headers) as response:
        assert response.status == 200
    port = sandbox.url.rpartition(":")[2]
    async with http.get("/", headers={"Host": f"localhost:{port}"}) as response:
        assert response.status == 200


async def test_the_page_loads_nothing_from_elsewhere(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as response:
        page = await response.text()
        assert (response.status, response.content_type) == (200, "text/html")
    assert not re.search(r"<style|style=|<script>|\son\w+=", page)
    wanted, seen = re.findall(r'(?:src|href)="([^"]*)"', page), set()
    while wanted:
        name = wanted.pop()
        assert name.startswith("/static/")
        seen.add(name)
        async with http.get(name) as response:
            text = re.sub(r"(?m)^ *//.*$|xmlns=\S*", "", await response.text())
            assert response.status == 200
        assert not re.search(r"https?:/|[a-z]+HTML|document\.write|@import|url\(|eval\(", text)
        imported = {f"/static/{module}" for module in re.findall(r'from "\./([^"]*)"', text)}
        wanted += imported - seen
    folder = Path(str(resources.files("bot.sandbox"))) / "static"
    assert seen == {f"/static/{file.name}" for file in folder.iterdir()} - {"/static/index.html"}


@pytest.mark.parametrize("path", ["/", "/static/page.js", "/control/status", "/control/nothing", "/control/events"])
async def test_every_answer_to_a_page_keeps_the_browser_strict(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as response:
        policy = response.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"} < set(policy)
        assert {"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"} < set(policy)
        assert "unsafe" not in " ".join(policy)
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("name", ["nothing.js", "..%2fcontrol.py", "%2e%2e%2fcontrol.py", "page"])
async def test_only_files_of_the_page_are_served(http: aiohttp.ClientSession, name: str) -> None:
    async with http.get(f"/static/{name}") as response:
        assert response.status == 404


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    number = 0
    async for line in response.content:
        name, _, value = line.decode().strip().partition(": ")
        if name == "id":
            number = int(value)
        elif name == "data":
            yield number, json.loads(value)


async def test_events_tell_every_change_and_go_on_where_they_ended(
    bot: Bot, sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with http.get("/control/events") as response:
        sent = await bot.send_message(ANNA, "a")
        await sent.edit_text("b")
        await sent.delete()
        told = events(response)
        seen = [await anext(told) for _ in range(6)]
    kinds = [event["kind"] for _, event in seen]
    assert kinds == ["message", "call", "edited", "call", "deleted", "call"]
    assert seen[0][1] == {"kind": "message", "chat_id": ANNA, "message_id": sent.message_id}
    async with http.get("/control/events", headers={"Last-Event-ID": str(seen[3][0])}) as response:
        assert await anext(events(response)) == seen[4]
    async with http.get("/control/events?since=100000") as response:
        assert (await anext(events(response)))[1] == {"kind": "reset"}


async def test_events_that_were_forgotten_ask_for_a_fresh_look(sandbox: Sandbox) -> None:
    for _ in range(20_001):
        sandbox.world.journal.record("call")
    assert sandbox.world.journal.has_forgotten(0)
    assert not sandbox.world.journal.has_forgotten(sandbox.world.journal.last)


async def test_only_loopback_is_listened_on(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in {str(other) for other in others} - {"127.0.0.1"}:
        if address.startswith("127."):
            continue
        with pytest.raises(OSError, match=r".*"):
            await asyncio.wait_for(asyncio.open_connection(address, port), 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.com"])  # noqa: S104 - refused, not used
def test_another_address_than_loopback_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        Sandbox(host=host)


def test_a_localhost_that_leads_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: answer)
    with pytest.raises(ValueError, match="this machine only"):
        Sandbox(host="localhost")


async def test_commands_are_those_of_the_narrowest_scope(bot: Bot, sandbox: Sandbox, remote: Remote) -> None:
    sandbox.add_group(GROUP, "Desk", [ANNA])

    async def seen(person: int, **query: int) -> list[str]:
        told = await remote.get("commands", person=person, **query)
        return [command["command"] for command in told["commands"]]

    assert await seen(ANNA) == []
    await bot.set_my_commands([("everywhere", "x")])
    await bot.set_my_commands([("english", "x")], language_code="en")
    assert (await seen(ANNA), await seen(BORIS)) == (["english"], ["everywhere"])
    await bot.set_my_commands([("private", "x")], scope={"type": "all_private_chats"})  # type: ignore[arg-type]
    await bot.set_my_commands([("hers", "x")], scope={"type": "chat", "chat_id": ANNA})  # type: ignore[arg-type]
    assert (await seen(ANNA), await seen(BORIS)) == (["hers"], ["private"])
    await bot.set_my_commands([("falado", "x")], scope={"type": "all_private_chats"}, language_code="pt")  # type: ignore[arg-type]
    sandbox.add_person(BORIS, "Boris", language_code="pt-br")
    assert await seen(BORIS) == ["falado"]
    assert await seen(ANNA, chat=GROUP) == ["english"]
    await bot.set_my_commands([("groups", "x")], scope={"type": "all_group_chats"})  # type: ignore[arg-type]
    assert await seen(ANNA, chat=GROUP) == ["groups"]


SECRET = "dsk1_" + "Ab0" * 19 + "zz"
INVITE = "q7Kp2vXw9sTn4bLc8yRd"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


async def test_the_trace_masks_what_nobody_may_learn_from_it(bot: Bot, sandbox: Sandbox, remote: Remote) -> None:
    markup = {"inline_keyboard": [[{"text": "Copy", "copy_text": {"text": SECRET}}]]}
    await bot.send_message(ANNA, f"<tg-spoiler>{SECRET}</tg-spoiler>", parse_mode="HTML", reply_markup=markup)  # type: ignore[arg-type]
    await bot.send_message(ANNA, f"{TOKEN} {sandbox.token} /start")
    sandbox.say(ANNA, f"is it {SECRET}?")
    await bot.send_message(ANNA, f"invite: https://t.me/sandbox_bot?start={INVITE}")
    sandbox.say(ANNA, f"/start {INVITE}")
    sandbox.say(ANNA, "/start group")
    await bot.get_updates()
    sandbox.add_fault("sendMessage", "bad_json", applied=True)
    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(ANNA, SECRET)
    await bot.set_webhook("http://127.0.0.1:1/", secret_token="open-sesame")
    trace = await remote.get("trace")
    told = json.dumps(trace)
    assert "/start group" in told
    for hidden in (
        INVITE[-12:],
        SECRET[:12],
        TOKEN[:24],
        TOKEN[-12:],
        sandbox.token,
        sandbox.token.partition(":")[2],
        "open-sesame",
    ):
        assert hidden not in told
    first, second = [call for call in trace["calls"] if call["method"] == "sendMessage"][:2]
    assert first["parameters"]["text"] == "<tg-spoiler>dsk1_…</tg-spoiler>"
    assert second["answer"]["text"] == f"eyJ… {sandbox.world.bot['id']}:… /start"
    assert (await remote.get("trace", since=trace["last"]))["calls"] == []


async def test_the_trace_is_in_the_order_of_answers_and_skips_idle_polls(
    bot: Bot, sandbox: Sandbox, remote: Remote
) -> None:
    await bot.get_updates()
    poll, begun = asyncio.create_task(bot.get_updates(timeout=5)), len(sandbox.calls)
    while len(sandbox.calls) == begun:  # noqa: ASYNC110 - a call that has begun is no event
        await asyncio.sleep(0.01)
    await bot.send_message(ANNA, "x")
    sandbox.say(ANNA, "y")
    await poll
    calls = (await remote.get("trace"))["calls"]
    assert [call["method"] for call in calls if call["method"] != "getMe"] == ["sendMessage", "getUpdates"]
    assert calls[-1]["number"] < calls[-2]["number"]
    assert calls[-1]["seconds"] > 0


async def test_a_fault_can_wait_for_one_of_several_methods(bot: Bot, remote: Remote) -> None:
    await remote.post("faults", method="sendMessage,editMessageText", fault="refuse", description="Bad Request: no")
    await bot.get_me()
    with pytest.raises(BadRequest):
        await bot.send_message(ANNA, "x")
    await bot.send_message(ANNA, "x")


async def test_pages_learn_what_others_change(sandbox: Sandbox, remote: Remote) -> None:
    before = sandbox.world.journal.last
    await remote.post("faults", method="*", fault="flood")
    await remote.post("limits", enabled=True)
    await remote.post("clock", advance=1)
    assert [event.kind for event in sandbox.world.journal.since(before)] == ["faults", "limits", "clock"]


async def test_a_person_who_never_started_is_told_apart(remote: Remote) -> None:
    people = {person["id"]: person for person in (await remote.get("people"))["people"]}
    assert (people[ANNA]["started"], people[BORIS]["started"]) == (True, False)


async def test_a_person_without_an_id_is_somebody_new(remote: Remote) -> None:
    first, second = [await remote.post("people", first_name="Carla") for _ in range(2)]
    assert len({ANNA, BORIS, first["id"], second["id"]}) == 4
    renamed = await remote.post("people", id=first["id"], first_name="Clara")
    assert (renamed["id"], renamed["first_name"]) == (first["id"], "Clara")


async def test_a_document_goes_to_who_sees_it_and_only_to_be_saved(
    http: aiohttp.ClientSession, bot: Bot, sandbox: Sandbox
) -> None:
    sent = await bot.send_document(ANNA, b"<script>", filename='a;\r\n"é.html')
    query = {"person": str(ANNA), "message_id": str(sent.message_id)}
    async with http.get("/control/document", params=query) as response:
        assert await response.read() == b"<script>"
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''a%3B")
    for wrong in ({"person": str(BORIS)}, {"message_id": "1000"}):
        async with http.get("/control/document", params=query | wrong) as response:
            assert response.status == 400
    await bot.delete_message(ANNA, sent.message_id)
    async with http.get("/control/document", params=query) as response:
        assert response.status == 400


async def test_the_page_can_be_opened_from_a_link_elsewhere_and_nothing_else_can(http: aiohttp.ClientSession) -> None:
    visit = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with http.get("/", headers=visit) as response:
        assert response.status == 200
    for path in ("/control/status", "/control/events", "/static/page.js"):
        async with http.get(path, headers=visit) as response:
            assert response.status == 403
    for more in ({"Sec-Fetch-Dest": "iframe"}, {"Origin": "https://example.com"}, {"Host": "example.com"}):
        async with http.get("/", headers=visit | more) as response:
            assert response.status == 403
    async with http.post("/control/clear", headers=visit, json={"person": ANNA}) as response:
        assert response.status == 403
