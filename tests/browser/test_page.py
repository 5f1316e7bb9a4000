"""The page by itself, played against a sandbox whose bot is the test."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox import Sandbox
from tests.browser.phones import ANNA, OLGA, Phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Windows
    from tests.browser.stage import Stage

sync_api = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install axe-playwright-python")
expect = sync_api.expect

SECRET = "dsk1_" + "x" * 59
TRAP = '<img src=x onerror="window.caught=1"><script>window.caught=1</script>\'"&amp;</b>'
PHONE: dict[str, Any] = {"width": 360, "height": 740}


def tap(text: str, data: str = "x", **more: str) -> dict[str, Any]:
    return {"text": text, "callback_data": data, **more}


@pytest.fixture
def page(windows: Windows, stage: Stage) -> Page:
    return windows.open(stage.url)


@pytest.fixture
def anna(page: Page) -> Phone:
    return Phone(page, ANNA)


@pytest.fixture
def olga(page: Page) -> Phone:
    return Phone(page, OLGA)


# Text from people


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_markup_in_names_and_messages_stays_text_wherever_it_appears(windows: Windows, stage: Stage) -> None:
    stage.do(stage.sandbox.add_person, ANNA, TRAP, username="anna", about=TRAP)
    stage.sandbox.world.bot["first_name"] = TRAP
    stage.call("setMyCommands", commands=[{"command": "trap", "description": TRAP}])
    page = windows.open(stage.url)
    anna = Phone(page, ANNA)
    said = stage.do(stage.sandbox.say, ANNA, TRAP).message_id
    words = escape(TRAP)
    rows = [tap(TRAP), {"text": TRAP, "copy_text": {"text": TRAP}}, {"text": TRAP, "url": "https://t.me/x?a=<script>"}]
    stage.send(
        ANNA,
        f'{words} <b>{words}</b> <code>{words}</code> <tg-spoiler>{words}</tg-spoiler> <a href="https://x.y/">{words}</a>',
        *[[row] for row in rows],
        reply_parameters={"message_id": said},
    )
    stage.do(stage.sandbox.say, ANNA, TRAP, kind="document")
    expect(anna.chat.locator("h2")).to_contain_text(TRAP)
    expect(anna.chat.get_by_role("log")).to_have_attribute("aria-label", re.compile("<script>"))
    expect(anna.chat.locator(".replied")).to_contain_text("<script>")
    expect(anna.chat.locator(".key").first).to_have_text(TRAP)
    anna.chat.locator(".key").first.click()
    stage.call("answerCallbackQuery", callback_query_id=stage.next_tap()["id"], text=TRAP, show_alert=True)
    expect(page.get_by_role("dialog")).to_contain_text(TRAP)
    page.keyboard.press("Enter")
    anna.chat.locator(".key").last.click()
    expect(page.get_by_role("dialog")).to_contain_text("<script>")
    page.keyboard.press("Escape")
    anna.text.press_sequentially("/")
    expect(anna.chat.get_by_role("option")).to_contain_text(TRAP)
    expect(page.locator(".people")).to_contain_text(TRAP)
    expect(page.locator(".calls")).to_contain_text("<script>")
    page.locator(".calls summary").first.click()
    stage.do(stage.sandbox.block, ANNA)
    anna.button("Unblock the bot").wait_for()
    assert page.locator("img, script:not([src]), [onerror]").count() == 0
    assert page.evaluate("window.caught") is None


def test_markup_in_a_notice_stays_text(windows: Windows, stage: Stage) -> None:
    stage.do(stage.sandbox.add_person, OLGA, TRAP)
    page = windows.open(stage.url, **PHONE)
    expect(page.get_by_role("tab").last).to_contain_text("<script>")
    stage.send(OLGA, escape(TRAP))
    expect(page.locator(".notice")).to_contain_text("<script>")
    assert page.locator("img, script:not([src])").count() == 0


def test_the_browser_itself_refuses_to_make_markup_of_text(page: Page, windows: Windows) -> None:
    refused = page.evaluate("() => { try { document.body.innerHTML = '<i>x</i>' } catch (e) { return e.name } }")
    assert refused == "TypeError"
    windows.forgive("requires 'TrustedHTML'")


# Messages


def watch_farewells(page: Page) -> None:
    page.evaluate(
        """() => {
            window.farewells = 0
            const count = (changes) => { farewells += changes.filter(({target}) => target.matches('.leaving')).length }
            new MutationObserver(count).observe(document.body, {attributeFilter: ['class'], subtree: true})
        }"""
    )


def test_messages_show_their_signs_and_change_in_place(stage: Stage, anna: Phone) -> None:
    sent = stage.send(ANNA, "first", disable_notification=True, protect_content=True)
    message = anna.message("first")
    expect(message.get_by_role("img", name="Sent without sound")).to_be_visible()
    expect(message.get_by_role("img", name="Protected")).to_be_visible()
    expect(anna.chat.locator(".day")).to_have_text("Today")
    same = message.element_handle()
    stage.call("editMessageText", chat_id=ANNA, message_id=sent, text="second")
    expect(anna.message("second")).to_contain_text("edited")
    assert same.inner_text().startswith("second")
    watch_farewells(anna.page)
    stage.call("deleteMessage", chat_id=ANNA, message_id=sent)
    expect(anna.chat.locator(".message")).to_have_count(0)
    assert anna.page.evaluate("window.farewells") == 1


def test_code_copies_by_tap_but_not_out_of_a_protected_message(stage: Stage, page: Page, anna: Phone) -> None:
    stage.send(ANNA, "plain <code>one</code>")
    stage.send(ANNA, "kept <code>two</code>", [{"text": "Copy", "copy_text": {"text": "three"}}], protect_content=True)
    anna.message("plain").locator("code").click()
    expect(anna.toast).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "one"
    kept = anna.message("kept")
    kept.locator("code").click()
    expect(anna.toast).to_contain_text("cannot be copied")
    assert page.evaluate("navigator.clipboard.readText()") == "one"
    assert kept.evaluate("node => { getSelection().selectAllChildren(node); return getSelection().toString() }") == ""
    anna.button("Copy").click()
    expect(anna.toast).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "three"


def test_copying_works_where_the_clipboard_is_closed_to_pages(stage: Stage, page: Page, anna: Phone) -> None:
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    stage.send(ANNA, "x", [{"text": "Copy", "copy_text": {"text": "by selection"}}])
    anna.button("Copy").click()
    expect(anna.toast).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "by selection"


def test_a_spoiler_opens_by_keyboard_and_is_no_word_until_then(stage: Stage, anna: Phone) -> None:
    stage.send(ANNA, f"psst <tg-spoiler>{SECRET}</tg-spoiler>")
    spoiler = anna.chat.locator(".spoiler")
    expect(spoiler).to_have_accessible_name("Hidden text, press to show")
    assert SECRET not in anna.message("psst").aria_snapshot()
    spoiler.press("Enter")
    expect(spoiler).to_have_class(re.compile("open"))
    assert SECRET in anna.message("psst").aria_snapshot()


def test_times_count_by_the_clock_of_the_sandbox(stage: Stage, anna: Phone) -> None:
    now = stage.sandbox.status()["now"]
    stage.send(ANNA, f'Gone <tg-time unix="{int(now) + 60}" format="r">within 60 seconds</tg-time>.')
    shown = anna.message("Gone").locator("time")
    expect(shown).to_have_text(re.compile(r"in (5\d seconds|1 minute)"))
    expect(shown).to_have_text(re.compile(r"in 5[0-8] seconds"))
    stage.do(stage.sandbox.advance, 7200)
    expect(shown).to_have_text("1 hour ago")


def test_a_reader_of_old_messages_is_not_carried_away(stage: Stage, anna: Phone) -> None:
    for number in range(40):
        stage.send(ANNA, f"message {number}")
    log = anna.chat.get_by_role("log")
    expect(anna.message("message 39")).to_be_in_viewport()
    log.evaluate("node => { node.scrollTop = 100 }")
    stage.send(ANNA, "one more")
    jump = anna.button("1 new. Go to the newest message")
    expect(jump).to_be_visible()
    assert log.evaluate("node => node.scrollTop") == 100
    jump.click()
    expect(anna.message("one more")).to_be_in_viewport()
    stage.send(ANNA, "and another")
    expect(anna.message("and another")).to_be_in_viewport()


# Buttons and what the bot answers


def test_a_button_stays_pressed_until_the_bot_has_answered(stage: Stage, page: Page, anna: Phone) -> None:
    stage.send(ANNA, "choose", [tap("Go", style="primary"), tap("Stop", style="danger"), tap("Save", style="success")])
    go = anna.button("Go")
    for words, style in (("Go", "primary"), ("Stop", "danger"), ("Save", "success")):
        expect(anna.button(words)).to_have_class(f"key {style}")
    go.click()
    expect(go).to_have_attribute("aria-busy", "true")
    go.click()
    query = stage.next_tap()
    stage.call("answerCallbackQuery", callback_query_id=query["id"], text="Gone")
    expect(anna.toast).to_have_text("Gone")
    expect(go).not_to_have_attribute("aria-busy", "true")
    assert stage.sandbox.status()["pending_updates"] == 0
    go.click()
    stage.call("answerCallbackQuery", callback_query_id=stage.next_tap()["id"], text="Look!", show_alert=True)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Look!")
    expect(dialog.get_by_role("button", name="OK")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(go).to_be_focused()


def test_a_link_is_shown_and_one_to_the_bot_opens_its_chat_here(stage: Stage, page: Page, anna: Phone) -> None:
    link = "https://t.me/sandbox_bot?start=group"
    stage.send(ANNA, "private, please", [{"text": "Open private chat", "url": link}])
    anna.button("Open private chat").click()
    expect(page.get_by_role("dialog")).to_contain_text(link)
    page.keyboard.press("Enter")
    expect(anna.message("/start group")).to_be_visible()
    stage.send(ANNA, "elsewhere: https://example.com/?start=x")
    anna.message("elsewhere").locator(".link").click()
    expect(page.get_by_role("dialog").get_by_role("button")).to_have_text(["Copy link", "Close"])
    page.keyboard.press("Escape")
    assert len(page.context.pages) == 1


@pytest.mark.parametrize(
    ("link", "sent"),
    [
        ("https://t.me/Sandbox_bot?start=inv-1_x", "/start inv-1_x"),
        ("t.me/sandbox_bot?start=abc", "/start abc"),
        (
            '<a href="tg://resolve?domain=sandbox_bot&amp;start=a%20b">x</a>',
            "/start",
        ),  # no payload to pass on
    ],
)
def test_an_invitation_is_opened_by_whom_it_was_made_for(windows: Windows, stage: Stage, link: str, sent: str) -> None:
    page = windows.open(stage.url, **PHONE)
    anna, olga = Phone(page, ANNA), Phone(page, OLGA)
    page.get_by_role("tab", name="Olga").click()
    stage.send(OLGA, f"Send this link: {link}")
    olga.message("Send this link").locator(".link").click()
    dialog = page.get_by_role("dialog", name="A link to @sandbox_bot")
    expect(dialog.get_by_role("button")).to_have_text(["Open as Olga", "Open as Anna", "Copy link", "Close"])
    dialog.get_by_role("button", name="Open as Anna").click()
    expect(anna.chat.locator(".message .words")).to_have_text(sent)
    expect(anna.chat).to_be_visible()


def test_a_document_is_saved_as_it_was_sent_unless_it_is_protected(stage: Stage, page: Page, anna: Phone) -> None:
    name = "D<b>é.csv"
    stage.upload(ANNA, "free", name, b"id,name\n" * 200)
    stage.upload(ANNA, "kept", name, b"id,name\n" * 200, protect_content="true")
    saved = anna.message("free").get_by_role("link", name=name)
    expect(saved).to_contain_text("1.6 kB")
    with page.expect_download() as download:
        saved.click()
    assert download.value.suggested_filename.endswith(".csv")
    assert download.value.path().read_bytes() == b"id,name\n" * 200
    expect(anna.message("kept")).to_contain_text(name)
    expect(anna.message("kept").get_by_role("link")).to_have_count(0)


def test_typing_is_seen_until_the_message_comes(stage: Stage, anna: Phone) -> None:
    stage.call("sendChatAction", chat_id=ANNA, action="typing")
    status = anna.chat.locator(".chat-status")
    expect(status).to_contain_text("is typing")
    stage.send(ANNA, "there")
    expect(status).to_have_text("with @sandbox_bot")
    stage.call("sendChatAction", chat_id=ANNA, action="upload_document")
    expect(status).to_contain_text("is sending a document")


# What a person does


def test_the_command_menu_is_that_of_the_person(stage: Stage, anna: Phone, olga: Phone) -> None:
    stage.send(ANNA, "hi")
    stage.send(OLGA, "hi")
    common = [{"command": "register", "description": "Add a device"}, {"command": "help", "description": "What I do"}]
    stage.call("setMyCommands", commands=common, scope={"type": "all_private_chats"})
    more = [*common, {"command": "revoke", "description": "Switch a device off"}]
    stage.call("setMyCommands", commands=more, scope={"type": "chat", "chat_id": OLGA})
    for phone, count in ((anna, 2), (olga, 3)):
        phone.chat.get_by_role("button", name="Commands").click()
        expect(phone.chat.get_by_role("option")).to_have_count(count)
        phone.text.press("Escape")
        expect(phone.chat.get_by_role("option")).to_have_count(0)
    olga.text.press_sequentially("/re")
    expect(olga.chat.get_by_role("option")).to_have_count(2)
    olga.text.press("ArrowDown")
    expect(olga.chat.get_by_role("option", selected=True)).to_contain_text("/revoke")
    olga.text.press("Tab")
    expect(olga.text).to_have_value("/revoke ")
    olga.text.fill("/h")
    olga.chat.get_by_role("option").click()
    expect(olga.message("/help")).to_be_visible()


def test_people_reply_attach_edit_and_delete(stage: Stage, page: Page, anna: Phone) -> None:
    sent = stage.send(ANNA, f"question <tg-spoiler>{SECRET}</tg-spoiler>")
    anna.message("question").click(button="right", position={"x": 20, "y": 12})
    page.get_by_role("menuitem", name="Reply").click()
    expect(anna.chat.locator(".about-reply")).to_contain_text("question ▒▒▒▒▒▒▒▒")
    expect(anna.chat.locator(".about-reply")).not_to_contain_text("dsk1")
    anna.say("answer")
    expect(anna.message("answer").locator(".replied")).to_contain_text("question ▒▒▒▒▒▒▒▒")
    anna.chat.get_by_role("button", name="Attach").click()
    page.get_by_role("menuitem", name="Sticker").click()
    expect(anna.chat.get_by_role("img", name="Sticker")).to_be_visible()
    anna.text.fill("two\nlines")
    anna.chat.get_by_role("button", name="Attach").click()
    page.keyboard.press("Enter")
    expect(anna.message("two lines").get_by_role("img", name="A photo")).to_be_visible()
    anna.message("answer").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Edit").press("Enter")
    anna.say("better answer")
    expect(anna.message("better answer")).to_contain_text("edited")
    for words, chosen in (("better answer", "Delete for both"), ("question", "Delete only here")):
        anna.message(words).focus()
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_role("button", name=chosen).click()
        expect(anna.chat.locator(".message", has_text=words)).to_have_count(0)
    stage.call("editMessageText", chat_id=ANNA, message_id=sent, text="still there for the bot")


def test_a_newcomer_can_be_added_and_begins_with_start(stage: Stage, page: Page) -> None:
    name = TRAP[:60]
    page.get_by_role("button", name="Add a person").click()
    expect(page.get_by_label("First name of a newcomer")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    expect(page.locator(".chat")).to_have_count(3)
    newcomer = Phone(page, int(str(page.locator(".chat").last.get_attribute("id")).removeprefix("chat-")))
    expect(newcomer.chat.locator("h2")).to_contain_text(name)
    expect(page.get_by_label("First name of a newcomer")).to_have_value("")
    newcomer.start()
    said = stage.call("getUpdates")[-1]["message"]
    assert (said["from"]["first_name"], said["text"]) == (name, "/start")
    newcomer.say("hello")
    expect(newcomer.message("hello")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 1360
    assert serious_faults(page) == []


def test_the_language_of_an_app_is_told_to_the_bot_and_its_times_are_written_in_it(
    stage: Stage, page: Page, anna: Phone
) -> None:
    stage.send(ANNA, f'Gone <tg-time unix="{int(stage.sandbox.status()["now"]) + 59}" format="r">soon</tg-time>.')
    expect(anna.message("Gone").locator("time")).to_contain_text("seconds")
    choice = page.get_by_label("Language of Anna")
    expect(choice).to_have_value("en")
    choice.select_option("Deutsch")
    expect(anna.message("Gone").locator("time")).to_contain_text("Sekunden")
    anna.say("hallo")
    anna.message("hallo").wait_for()
    sender = stage.call("getUpdates")[-1]["message"]["from"]
    assert (sender["language_code"], sender["username"]) == ("de", "anna_fx")
    choice.focus()
    stage.do(stage.sandbox.block, OLGA)
    page.get_by_role("button", name="Olga unblocks the bot").wait_for()
    expect(choice).to_be_focused()  # though the list was drawn anew


def test_what_cannot_be_done_is_told_in_a_toast(stage: Stage, anna: Phone, windows: Windows) -> None:
    stage.send(ANNA, "x", [tap("Go")])
    anna.button("Go").wait_for()
    stage.do(stage.sandbox.deactivate, ANNA)
    anna.button("Go").click()
    expect(anna.toast).to_contain_text("is deleted")
    windows.forgive("400 (Bad Request)")


# Narrow screens


def test_a_phone_shows_one_chat_and_tells_of_the_other_without_its_secrets(windows: Windows, stage: Stage) -> None:
    page = windows.open(stage.url, **PHONE)
    anna, olga = Phone(page, ANNA), Phone(page, OLGA)
    expect(anna.chat).to_be_visible()
    expect(olga.chat).to_be_hidden()
    stage.send(OLGA, f"psst <tg-spoiler>{SECRET}</tg-spoiler>", disable_notification=True)
    expect(page.get_by_role("tab", name="Olga")).to_contain_text("1")
    assert page.locator(".notice").count() == 0
    stage.send(OLGA, f"psst <tg-spoiler>{SECRET}</tg-spoiler>")
    expect(page.locator(".notice")).to_contain_text("psst ▒▒▒▒▒▒▒▒")
    expect(page.locator(".notice")).not_to_contain_text("dsk1")
    page.locator(".notice").click()
    expect(olga.chat).to_be_visible()
    stage.send(ANNA, "hello")
    expect(page.locator(".notice")).to_contain_text("hello")
    page.get_by_role("tab", name="Anna").press("Enter")
    expect(page.locator(".notice")).to_have_count(0)
    page.get_by_role("tab", name="Olga").press("Enter")
    page.get_by_role("tab", name="Olga").press("ArrowLeft")
    expect(anna.chat).to_be_visible()
    expect(page.get_by_role("tab", name="Anna")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("button", name="What Telegram does").click()
    expect(page.get_by_role("button", name="Close the panel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()


# Accessibility


FADED_IN = """() => Promise.allSettled(
    document.getAnimations()
        .filter(({effect}) => effect.getTiming().iterations !== Infinity)
        .map(({finished}) => finished)
).then(() => null)"""


def serious_faults(page: Page) -> list[str]:
    # what still fades in has less contrast than it is going to have
    page.evaluate(FADED_IN)
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in found.response["violations"]
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]


def test_axe_finds_no_serious_fault(windows: Windows, stage: Stage) -> None:
    page = windows.open(stage.url, hint=True, reduced_motion="reduce")
    anna = Phone(page, ANNA)
    assert serious_faults(page) == []
    said = stage.do(stage.sandbox.say, ANNA, "/start see https://example.com").message_id
    for kind in ("sticker", "photo", "voice", "document"):
        stage.do(stage.sandbox.say, ANNA, "what?", kind=kind)
    styles = [tap("Plain"), tap("Show", style="primary"), tap("Save", style="success"), tap("Stop", style="danger")]
    stage.send(
        ANNA,
        '<b>A</b> <code>b</code> <tg-spoiler>c</tg-spoiler> <tg-time unix="9999999999" format="r">d</tg-time> /help',
        styles,
        [{"text": "Copy", "copy_text": {"text": "e"}}, {"text": "Open", "url": "https://t.me/sandbox_bot?start=1"}],
        protect_content=True,
        disable_notification=True,
        reply_parameters={"message_id": said},
    )
    anna.button("Copy").click()
    page.locator(".calls summary").first.click()
    page.get_by_role("button", name="Answer 429").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert serious_faults(page) == []
    anna.chat.locator(".spoiler").click()
    stage.call("setMyCommands", commands=[{"command": "help", "description": "What I do"}])
    anna.text.press_sequentially("/")
    expect(anna.chat.get_by_role("option")).to_be_visible()
    assert serious_faults(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_role("tablist")).to_be_visible()
    assert serious_faults(page) == []
    page.get_by_role("button", name="Close the panel").click()
    page.get_by_role("button", name="Got it").click()
    anna.message("see").focus()
    page.keyboard.press("Enter")
    assert serious_faults(page) == []
    page.get_by_role("menuitem", name="Delete").click()
    assert serious_faults(page) == []
    watch_farewells(page)
    page.get_by_role("button", name="Delete for both").click()
    expect(anna.chat.locator(".message")).to_have_count(5)
    assert page.evaluate("window.farewells") == 0  # this visitor asked for less motion


# The stream and the panel


def test_the_page_connects_again_and_catches_up(stage: Stage, windows: Windows, page: Page, anna: Phone) -> None:
    stage.send(ANNA, "before")
    anna.message("before").wait_for()
    stage.wait(stage.sandbox.stop())
    expect(page.locator("#connection")).to_contain_text("Connection lost")
    stage.wait(stage.sandbox.start())
    stage.send(ANNA, "meanwhile")
    expect(anna.message("meanwhile")).to_be_visible()
    expect(page.locator("#connection")).to_be_empty()
    stage.send(ANNA, "live again")
    expect(anna.message("live again")).to_be_visible()
    windows.forgive("net::ERR_")


def test_the_page_starts_over_with_another_sandbox(stage: Stage, windows: Windows, page: Page, anna: Phone) -> None:
    stage.send(ANNA, "of the first life")
    anna.message("of the first life").wait_for()
    stage.wait(stage.sandbox.stop())
    other = Sandbox(token=stage.sandbox.token, port=int(stage.url.rpartition(":")[2]))
    other.add_person(ANNA, "Anna", started=True)
    stage.sandbox = other
    stage.wait(other.start())
    stage.send(ANNA, "of the second life")
    expect(anna.message("of the second life")).to_be_visible()
    expect(page.locator(".chat")).to_have_count(1)  # nobody else exists there
    expect(anna.chat.locator(".message")).to_have_count(1)
    expect(page.locator(".calls li")).to_have_count(1)
    windows.forgive("net::ERR_")


def test_the_panel_tells_every_call_and_no_secret(stage: Stage, page: Page, anna: Phone) -> None:
    panel = page.locator("#panel")
    stage.send(ANNA, f"<tg-spoiler>{SECRET}</tg-spoiler>", [{"text": "Copy", "copy_text": {"text": SECRET}}])
    anna.button("Copy").wait_for()
    stage.do(stage.sandbox.say, ANNA, SECRET)
    stage.call("getUpdates")
    calls = panel.locator(".calls li")
    expect(calls).to_have_count(2)
    for summary in panel.locator("summary").all():
        summary.click()
    expect(panel.locator("pre")).to_have_count(4)
    expect(panel).to_contain_text("dsk1_…")
    assert SECRET not in panel.inner_text()
    answers = json.dumps(page.evaluate("fetch('/control/trace').then(answer => answer.json())"))
    assert SECRET not in answers
    assert stage.sandbox.token not in answers


def test_the_panel_breaks_things_and_mends_them(stage: Stage, page: Page) -> None:
    panel = page.locator("#panel")
    panel.get_by_label("Which call").select_option("sendMessage")
    panel.get_by_role("button", name="Answer 429").click()
    panel.get_by_role("button", name="Drop the answer").click()
    expect(panel.locator(".faults li")).to_have_count(2)
    panel.get_by_role("button", name="Take back").last.click()
    expect(panel.locator(".faults")).to_have_text(re.compile("429: the next of sendMessage"))
    with pytest.raises(AssertionError, match="retry after 3"):
        stage.send(ANNA, "x")
    expect(panel.locator(".faults li")).to_have_count(0)
    expect(panel.locator(".calls .badge")).to_have_text("429")
    panel.get_by_role("button", name="Lose the call").click()
    panel.get_by_role("button", name="Clear all faults").click()
    expect(panel.locator(".faults li")).to_have_count(0)
    panel.get_by_role("switch", name="Rate limits").check()
    expect(panel.get_by_role("switch")).to_be_checked()
    assert stage.sandbox.status()["limits"]["enabled"] is True
    panel.get_by_role("button", name="Anna blocks the bot").click()
    panel.get_by_role("button", name="Anna unblocks the bot").click()
    expect(panel.get_by_role("button", name="Anna blocks the bot")).to_be_visible()
    expect(panel.locator(".process")).to_have_text("This sandbox did not start a bot.")
