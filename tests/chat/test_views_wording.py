"""The words of the script, as people read them: ⟦format: fallback⟧ is a time, […] a button, / a new row."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.chat.buttons import Listing, Reason, Verb, decode
from bot.chat.views import (
    View,
    admin,
    devices,
    general,
    handouts,
    pasted,
    reasons,
    registration,
    revocation,
    rotation,
    toasts,
    tokens,
)
from bot.chat.words import Words, load_words
from bot.services.catalogue import Shelf
from bot.services.endings import Outcome
from bot.services.errors import InvalidDeviceName, NameFault
from bot.services.hashing import Secret
from bot.services.pasted import Findings
from storage.devices import Counts
from storage.models import ChatUser, HandoutState
from tests.chat.test_views import make_device, make_handout, make_page, of_token, rotated, shown_handout

if TYPE_CHECKING:
    from storage.models import Device

ID = "7b0f42aa-5c1e-4b7e-9d0a-2f6f0c9be111"
NOW = datetime(2026, 11, 24, 14, 5, 9, tzinfo=UTC)
TTL = timedelta(seconds=60)
SEEN = datetime(2026, 11, 24, 14, 2, tzinfo=UTC)
ANNA = ChatUser(telegram_id=2, first_name="Anna K.", username="anna_fx")
CONTACT = "@desk_support"


@pytest.fixture
def words() -> Words:
    return load_words("en")


def script(view: View) -> str:
    """Return a message the way the script writes it."""
    text = re.sub(r'<tg-time unix="\d+" format="(\w+)">([^<]*)</tg-time>', r"⟦\1: \2⟧", view.text)
    rows = view.keyboard.inline_keyboard if view.keyboard else ()
    buttons = " / ".join(" ".join(f"[{button.text}]" for button in row) for row in rows)
    return re.sub("[\u2068\u2069]", "", text) + (f"\n{buttons}" if buttons else "")


def device(**values: object) -> Device:
    return make_device(**({"last_seen": SEEN} | values))


def revoked_device(**values: object) -> Device:
    return device(**({"revoked": True, "revoked_at": NOW} | values))


# --- start --------------------------------------------------------------------------------------------------------


def test_a_newcomer_is_welcomed(words: Words) -> None:
    assert script(general.welcome(words, "Anna")) == (
        "<b>Welcome, Anna.</b>\n"
        "Here you register your trading terminals. Each gets a secret of its own, which you see once.\n"
        "[➕ Register a device] / [❓ Help]"
    )


def test_who_was_here_before_sees_the_menu(words: Words) -> None:
    assert script(general.menu(words, Counts(active=3, seen=2, never=1, revoked=0))) == (
        "<b>3 devices</b> · 2 seen today · 1 never connected\n"
        "[📟 My devices] [➕ Register a device] / [🔑 API token] [🌐 Language] / [❓ Help]"
    )
    assert script(general.menu(words, Counts(active=1, seen=0, never=0, revoked=0))).startswith(
        "<b>1 device</b> · none seen today\n"
    )


def test_who_has_no_devices_is_told_what_they_are(words: Words) -> None:
    assert script(general.menu(words, Counts(active=0, seen=0, never=0, revoked=3))) == (
        "Here you register your trading terminals. Each gets a secret of its own, which you see once.\n"
        "[➕ Register a device] / [❓ Help]"
    )


def test_the_suspended_read_one_thing_only(words: Words) -> None:
    assert script(general.suspended(words, CONTACT)) == (
        "Your access is paused by an admin. Your devices cannot connect until it is resumed. "
        "Questions? Write to @desk_support."
    )
    assert script(general.suspended(words)).endswith("until it is resumed.")


# --- registration -------------------------------------------------------------------------------------------------


def test_a_registration_reads_like_the_script(words: Words) -> None:
    expires_at = datetime(2026, 11, 24, 15, 2, tzinfo=UTC)
    secret = Secret("dsk1_" + "x" * 59)
    shown_at = datetime(2026, 11, 24, 14, 2, 10, tzinfo=UTC)
    armed = make_handout(
        state=HandoutState.ARMED, armed_at=shown_at, destroy_at=shown_at + TTL, pending_fingerprint="3f9a12c4"
    )
    done = shown_handout(shown_at=shown_at, destroyed_at=shown_at + timedelta(seconds=23))

    assert script(registration.ask_name(words)) == (
        "What shall I call it? Send me a name, for example <b>VPS Frankfurt</b>.\nYou can change it later.\n[Cancel]"
    )
    assert script(handouts.card(words, make_handout(expires_at=expires_at), TTL)) == (
        "<b>VPS-1</b> is almost ready.\n\n"
        "1. Open this chat on the computer your terminal runs on.\n"
        "2. Copy the device ID and paste it into the terminal's settings.\n"
        "3. Tap <b>Show secret</b>. You see it once, for 60 seconds.\n\n"
        f"Device ID: <code>{ID}</code>\n"
        "This card is good until ⟦t: 15:02 UTC⟧.\n"
        "[📋 Copy device ID] / [🔑 Show secret] / [Cancel]"
    )
    assert script(handouts.shown(words, armed, secret)) == (
        "🔑 The secret of <b>VPS-1</b>\n\n"
        f"<tg-spoiler>dsk1_{'x' * 59}</tg-spoiler>\n\n"
        "Copy it, paste it into your terminal, then tap <b>I saved it</b>.\n"
        "This message disappears ⟦r: within 60 seconds⟧. Nobody can show you this secret again.\n"
        "[📋 Copy secret] / [✅ I saved it]"
    )
    assert script(handouts.removed(words)) == "🔒 The secret was here. It has been removed."
    assert script(handouts.ended(words, done)) == (
        "✅ <b>VPS-1</b> is registered.\n\n"
        f"Device ID: <code>{ID}</code>\n"
        "Fingerprint: <code>3f9a12c4</code>\n"
        "The secret was shown at ⟦T: 14:02:10 UTC⟧ and removed after 23 seconds.\n\n"
        "I will tell you when it first connects. Did not save the secret? Tap <b>New secret</b>.\n"
        "[🛠 Set up] [🔄 New secret] / [📟 My devices]"
    )
    assert script(handouts.first_login(words, done.device_id, "VPS-1", "203.0.113.7")) == (
        "🟢 <b>VPS-1</b> connected for the first time, from <code>203.0.113.7</code>. All set.\n[📟 Open device]"
    )


def test_the_secret_counts_down_to_its_removal(words: Words) -> None:
    armed = shown_handout(state=HandoutState.ARMED)
    assert armed.destroy_at
    assert f'unix="{int(armed.destroy_at.timestamp())}" format="r"' in handouts.shown(words, armed, Secret("x")).text


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (NameFault.BLANK, "A name needs at least one visible character. Send me a name."),
        (NameFault.TOO_LONG, "That name has 137 characters; 100 is the most. Send me a shorter one."),
        (NameFault.CONTROL, "A name fits on one line and has no control characters. Send me another one."),
        (NameFault.SECRET, "That contains a device secret, which must never be a name. Send me another one."),
    ],
)
def test_a_refused_name_is_told_why(words: Words, fault: NameFault, said: str) -> None:
    assert script(registration.name_refused(words, InvalidDeviceName(fault, 137))) == f"{said}\n[Cancel]"


def test_what_else_can_happen_to_a_name(words: Words) -> None:
    assert script(registration.name_not_text(words)) == "Please send the name as text.\n[Cancel]"
    assert script(registration.name_taken(words, "VPS-1", "VPS-2", existing=device())) == (
        "You already have a device called <b>VPS-1</b>. Send me another name, or take this one:\n"
        "[Use “VPS-2”] / [📟 Open “VPS-1”] / [Cancel]"
    )
    assert script(registration.limit_reached(words, 10, 10, CONTACT)) == (
        "You have 10 of 10 devices. Revoke one you no longer use to make room. Questions? Write to @desk_support.\n"
        "[📟 My devices]"
    )
    assert script(registration.cancelled(words)) == "Cancelled. Nothing was registered.\n[➕ Register a device]"
    assert script(registration.stopped(words)) == (
        "Stopped: you asked for something else. Nothing was registered.\n[➕ Register a device]"
    )
    assert script(registration.nothing_to_cancel(words)) == "There is nothing to cancel."


def test_what_can_happen_to_a_card(words: Words) -> None:
    card = make_handout()
    assert script(handouts.name_taken(words, card)) == (
        "The name <b>VPS-1</b> was taken meanwhile. Nothing was registered.\n[➕ Register a device]"
    )
    assert script(handouts.limit_reached(words, 10)) == (
        "You reached your limit of 10 devices meanwhile. Nothing was registered.\n[➕ Register a device]"
    )
    assert script(handouts.cancelled(words, card)) == "Cancelled. Nothing was registered.\n[➕ Register a device]"
    assert script(handouts.expired(words, card)) == (
        "⌛ This card for <b>VPS-1</b> has expired. Nothing was registered.\n[🔁 Try again]"
    )


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.CANCELLED, "Cancelled. Nothing was registered."),
        (Outcome.EXPIRED, "⌛ This card for <b>VPS-1</b> has expired. Nothing was registered."),
        (Outcome.NAME_TAKEN, "The name <b>VPS-1</b> was taken meanwhile. Nothing was registered."),
        (Outcome.LIMIT_REACHED, "You reached your limit of devices meanwhile. Nothing was registered."),
        (Outcome.SUPERSEDED, "This card for <b>VPS-1</b> is no longer good: a newer one took its place."),
        (Outcome.REVOKED, "This card for <b>VPS-1</b> is no longer good. Nothing was registered."),
    ],
)
def test_a_closed_card_tells_why(words: Words, outcome: Outcome, said: str) -> None:
    card = make_handout(state=HandoutState.CANCELLED, outcome=outcome)
    assert script(handouts.closed_card(words, card)).partition("\n")[0] == said


def test_a_card_that_was_used_says_no_more_than_that_the_secret_is_gone(words: Words) -> None:
    assert script(handouts.closed_card(words, shown_handout())) == "🔒 The secret was here. It has been removed."


def test_an_unconfirmed_secret_never_works(words: Words) -> None:
    rest = "It will never work, even if you copied it. Nothing was registered.\n[🔁 Try again]"
    assert script(handouts.ended(words, shown_handout(shown_at=None, outcome=Outcome.UNCONFIRMED))) == (
        "⚠️ Telegram did not confirm that you could see the secret of <b>VPS-1</b>, so I threw it away. " + rest
    )
    assert script(handouts.ended(words, shown_handout(shown_at=None, outcome=Outcome.RESTARTED))) == (
        "⚠️ I was restarted while showing you the secret of <b>VPS-1</b>, so I threw it away. " + rest
    )


def test_a_secret_that_stays_is_for_its_reader_to_delete(words: Words) -> None:
    trying = shown_handout(state=HandoutState.DESTROYING)
    assert script(handouts.stuck(words, trying)) == (
        "⚠️ I could not remove the message with the secret of <b>VPS-1</b>. Please delete it yourself. "
        "I keep trying.\n[🔄 New secret]"
    )
    failed = shown_handout(state=HandoutState.FAILED)
    assert script(handouts.stuck(words, failed)).endswith("Please delete it yourself.\n[🔄 New secret]")


def test_a_secret_stopped_by_command_leaves_a_way_to_revoke(words: Words) -> None:
    receipt = script(handouts.ended(words, shown_handout(outcome=Outcome.STOPPED)))
    assert receipt.startswith("✅ <b>VPS-1</b> stays registered; I removed its secret from the screen.\n\n")
    assert receipt.endswith("[🚫 Revoke] [🔄 New secret] / [📟 My devices]")


def test_a_restart_is_owned_up_to(words: Words) -> None:
    shown_at = datetime(2026, 11, 24, 14, 2, 10, tzinfo=UTC)
    late = shown_handout(
        outcome=Outcome.RESTARTED,
        armed_at=shown_at,
        shown_at=shown_at,
        destroy_at=shown_at + TTL,
        destroyed_at=shown_at + timedelta(seconds=245),
    )
    assert (
        "The secret was shown at ⟦T: 14:02:10 UTC⟧ and removed after 4 minutes instead of 60 seconds, because I was "
        "restarted. If somebody else could see your screen, tap <b>New secret</b>.\n"
    ) in script(handouts.ended(words, late))


def test_a_secret_counts_as_removed_once_it_was_overwritten(words: Words) -> None:
    slow = shown_handout(redacted_at=NOW, shown_at=NOW - timedelta(seconds=5), destroyed_at=NOW + timedelta(hours=1))
    assert "removed after 5 seconds" in script(handouts.ended(words, slow))


# --- API tokens ---------------------------------------------------------------------------------------------------


def test_a_token_reads_like_the_script(words: Words) -> None:
    expires_at = datetime(2026, 11, 24, 15, 2, tzinfo=UTC)
    shown_at = datetime(2026, 11, 24, 14, 2, 10, tzinfo=UTC)
    armed = shown_handout(**of_token(state=HandoutState.ARMED, armed_at=shown_at, destroy_at=shown_at + TTL))
    assert script(handouts.card(words, make_handout(**of_token(expires_at=expires_at)), TTL)) == (
        "An <b>API token</b> for your own tools is waiting.\n\n"
        "You see it once, for 60 seconds. It works for 15 minutes, for all of your devices.\n"
        "Whoever has it can do with your devices what you can.\n\n"
        "This card is good until ⟦t: 15:02 UTC⟧.\n"
        "[🔑 Show secret] / [Cancel]"
    )
    assert script(handouts.shown(words, armed, Secret("eyJ.eyJ.x"))) == (
        "🔑 Your <b>API token</b>\n\n"
        "<tg-spoiler>eyJ.eyJ.x</tg-spoiler>\n\n"
        "Copy it, paste it into your tool, then tap <b>I saved it</b>.\n"
        "This message disappears ⟦r: within 60 seconds⟧. Nobody can show you this token again.\n"
        "[📋 Copy token] / [✅ I saved it]"
    )
    seen = of_token(armed_at=shown_at, shown_at=shown_at, destroyed_at=shown_at + timedelta(seconds=23))
    facts = "It was shown at ⟦T: 14:02:10 UTC⟧ and removed after 23 seconds.\nIt works until ⟦t: 14:17 UTC⟧."
    buttons = "\n[🚪 Sign out everywhere] [🔑 API token]"
    assert script(handouts.ended(words, shown_handout(**seen))) == (
        f"✅ You have a new <b>API token</b>.\n\n{facts}{buttons}"
    )
    assert script(handouts.ended(words, shown_handout(**seen, outcome=Outcome.STOPPED))) == (
        f"✅ You keep your new <b>API token</b>; I removed it from the screen.\n\n{facts}{buttons}"
    )
    assert script(tokens.signed_out(words, NOW)) == (
        "🚪 All API tokens are void since ⟦T: 14:05:09 UTC⟧. Take a new one when you need it.\n[🔑 API token]"
    )


def test_a_token_that_was_on_the_screen_for_longer_than_it_lives_is_said_to_have_expired(words: Words) -> None:
    shown_at = NOW - timedelta(minutes=15)
    late = shown_handout(**of_token(armed_at=shown_at, shown_at=shown_at, destroyed_at=NOW))
    assert "removed after 15 minutes.\nIt has expired since.\n" in script(handouts.ended(words, late))


def test_a_token_that_a_restart_left_on_the_screen_is_owned_up_to(words: Words) -> None:
    late = shown_handout(
        **of_token(
            outcome=Outcome.RESTARTED,
            armed_at=NOW,
            shown_at=NOW,
            destroy_at=NOW + TTL,
            destroyed_at=NOW + timedelta(seconds=245),
        )
    )
    assert (
        "removed after 4 minutes instead of 60 seconds, because I was restarted. "
        "If somebody else could see your screen, tap <b>Sign out everywhere</b>.\n"
    ) in script(handouts.ended(words, late))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.CANCELLED, "Cancelled. No token was made.\n[🔑 API token]"),
        (Outcome.EXPIRED, "⌛ This card for an API token has expired. No token was made.\n[🔁 Try again]"),
        (Outcome.REVOKED, "This card for an API token is no longer good. No token was made."),
        (
            Outcome.SUPERSEDED,
            "This card for an API token is no longer good: a newer one took its place.\n[🔑 API token]",
        ),
    ],
)
def test_a_closed_card_of_a_token_tells_why(words: Words, outcome: Outcome, said: str) -> None:
    card = make_handout(**of_token(state=HandoutState.CANCELLED, outcome=outcome))
    assert script(handouts.closed_card(words, card)) == said


@pytest.mark.parametrize(
    ("outcome", "cause", "end"),
    [
        (
            Outcome.UNCONFIRMED,
            "Telegram did not confirm that you could see your API token",
            " Your other tokens still work.",
        ),
        (Outcome.RESTARTED, "I was restarted while showing you your API token", " Your other tokens still work."),
        (Outcome.SUPERSEDED, "Something changed while I was showing you your API token", ""),
    ],
)
def test_an_unconfirmed_token_never_works(words: Words, outcome: Outcome, cause: str, end: str) -> None:
    assert script(handouts.ended(words, shown_handout(**of_token(shown_at=None, outcome=outcome)))) == (
        f"⚠️ {cause}, so I threw it away. It will never work, even if you copied it.{end}\n[🔁 Try again]"
    )


def test_a_token_that_stays_is_for_its_reader_to_delete(words: Words) -> None:
    trying = shown_handout(**of_token(state=HandoutState.DESTROYING))
    lead = "⚠️ I could not remove the message with your API token. Please delete it yourself."
    assert script(handouts.stuck(words, trying)) == f"{lead} I keep trying.\n[🚪 Sign out everywhere]"
    failed = shown_handout(**of_token(state=HandoutState.FAILED))
    assert script(handouts.stuck(words, failed)) == f"{lead}\n[🚪 Sign out everywhere]"
    assert script(admin.secret_stuck(words, failed)) == (
        "⚠️ I could not remove the message with an API token from the chat of <code>123456789</code>. "
        "Its owner has been asked to delete it."
    )


def test_a_pasted_token_is_answered_with_a_way_to_void_it(words: Words) -> None:
    assert script(tokens.pasted(words, deleted=True)) == (
        "🗑 I deleted your message: it contained an API token. Whoever saw it can do with your devices what you can, "
        "until it expires. In doubt, sign out everywhere.\n[🚪 Sign out everywhere]"
    )
    assert script(tokens.pasted(words, deleted=False, awaits_name=True)) == (
        "⚠️ Your message contains an API token, and I could not delete it. Please delete it yourself now. "
        "In doubt, sign out everywhere.\nI am still waiting for the name.\n[🚪 Sign out everywhere]"
    )


# --- devices ------------------------------------------------------------------------------------------------------


def test_the_list_reads_like_the_script(words: Words) -> None:
    laptop = device(device_name="Laptop", last_seen=datetime(2026, 11, 3, 9, 10, tzinfo=UTC))
    gold = device(device_name="Gold <b> & Co", last_seen=None)
    page = make_page([device(), laptop, gold])
    assert script(devices.device_list(words, page, NOW)) == (
        "<b>Your devices</b> · 9 of 10\n\n"
        "🟢 <b>VPS-1</b> · seen ⟦r: 24 Nov, 14:02 UTC⟧\n"
        "🟡 <b>Laptop</b> · seen ⟦r: 3 Nov, 09:10 UTC⟧\n"
        "⚪ <b>Gold &lt;b&gt; &amp; Co</b> · never connected\n"
        "[VPS-1] [Laptop] / [Gold <b> & Co] / [◀️ Previous] [▶️ Next] / [🔎 Search] [⛔ Revoked (2)]"
        " / [☑️ Select several] / [➕ Register a device] [Back]"
    )


def test_an_empty_list_says_so(words: Words) -> None:
    nothing = Counts(active=0, seen=0, never=0, revoked=0)
    assert script(devices.device_list(words, make_page([], counts=nothing), NOW)) == (
        "You have no devices yet.\n[➕ Register a device] [Back]"
    )


def test_revoked_devices_are_listed_apart(words: Words) -> None:
    page = make_page([revoked_device(device_name="Old VPS")], Shelf.REVOKED, has_previous=False, has_next=False)
    assert script(devices.device_list(words, page, NOW)) == (
        "<b>Revoked devices</b> · 2\n\n⛔ <b>Old VPS</b> · revoked ⟦r: 24 Nov, 14:05 UTC⟧\n"
        "[Old VPS] / [🔎 Search] [Active (9)] / [➕ Register a device] [Back]"
    )


def test_a_search_tells_what_it_found(words: Words) -> None:
    assert script(devices.ask_term(words)) == "Send me part of a name, or a fingerprint.\n[Cancel]"
    found = make_page([device(), device()], Shelf.FOUND, "gold", has_previous=False, has_next=False)
    assert script(devices.device_list(words, found, NOW)).startswith("<b>2 found</b> for <b>gold</b>\n\n🟢 ")
    assert script(devices.device_list(words, make_page([], Shelf.FOUND, "gold"), NOW)) == (
        "Nothing found for <b>gold</b>.\n[🔎 Search] [📟 My devices]"
    )


@pytest.mark.parametrize(
    ("listing", "verb"),
    [(Listing.RENAME, Verb.RENAME), (Listing.ROTATE, Verb.ROTATE), (Listing.REVOKE, Verb.REVOKE)],
)
def test_a_command_without_a_device_asks_which(words: Words, listing: Listing, verb: Verb) -> None:
    view = devices.pick_list(words, make_page([device(), device(device_name="Laptop")]), listing)
    assert script(view) == "Which device?\n[VPS-1] [Laptop] / [◀️ Previous] [▶️ Next] / [Cancel]"
    assert view.keyboard
    tap = decode(str(view.keyboard.inline_keyboard[0][0].callback_data))
    assert tap
    assert tap.verb is verb


def test_a_device_s_card_reads_like_the_script(words: Words) -> None:
    shown = device(created_at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC))
    facts = (
        f"Device ID: <code>{ID}</code>\nFingerprint: <code>3f9a12c4</code>\nGroup: none\n"
        "Registered ⟦D: 24 November 2026⟧\n"
    )
    buttons = "[✏️ Rename] [🔄 New secret] / [🗂 Group] [🚫 Revoke] / [🛠 Set up] [Back]"
    card = f"🟢 <b>VPS-1</b>\n\n{facts}Seen ⟦r: 24 Nov, 14:02 UTC⟧ from <code>203.0.113.7</code>\n{buttons}"
    assert script(devices.device_card(words, shown, NOW)) == card
    assert script(devices.renamed(words, shown, "Frankfurt", NOW)) == (
        f"✏️ <b>Frankfurt</b> is now called <b>VPS-1</b>. Your terminal needs no change.\n\n{card}"
    )
    shown.last_seen = None
    assert script(devices.device_card(words, shown, NOW)) == (
        f"⚪ <b>VPS-1</b>\n\n{facts}Never connected. <b>Set up</b> shows the steps.\n{buttons}"
    )


def test_a_card_tells_of_an_overlap(words: Words) -> None:
    until = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
    shown = device(fingerprint="91c0aa7e", previous_fingerprint="3f9a12c4", previous_valid_until=until)
    assert (
        "\nThe old secret <code>3f9a12c4</code> works until ⟦wDt: Wed 25 November, 14:05 UTC⟧, "
        "or until the new one connects.\n"
    ) in script(devices.device_card(words, shown, NOW))


def test_a_revoked_device_has_no_buttons_but_back(words: Words) -> None:
    gone = revoked_device(revoke_reason="Laptop stolen")
    lead = f"⛔ <b>VPS-1</b>\n\nDevice ID: <code>{ID}</code>\nRevoked ⟦r: 24 Nov, 14:05 UTC⟧ by "
    assert script(devices.device_card(words, gone, NOW)) == f"{lead}you.\n[Back]"
    assert script(devices.device_card(words, gone, NOW, by_admin=True)) == (
        f"{lead}an admin: <i>Laptop stolen</i>\n[Back]"
    )


def test_renaming_reads_like_the_script(words: Words) -> None:
    assert script(devices.ask_new_name(words, device())) == "Send me the new name for <b>VPS-1</b>.\n[Cancel]"
    assert script(devices.same_name(words, device())).startswith("It is already called <b>VPS-1</b>.\n")
    assert script(devices.revoked_meanwhile(words, revoked_device())).startswith(
        "<b>VPS-1</b> was revoked meanwhile and keeps its name.\n"
    )
    assert script(devices.rename_cancelled(words, device().id)).startswith("Cancelled. The name stays.\n")
    assert script(registration.name_taken(words, "VPS-1", "VPS-2", renaming=device().id)).endswith(
        "[Use “VPS-2”] / [Cancel]"
    )


# --- a new secret -------------------------------------------------------------------------------------------------


def test_the_question_for_an_overlap_reads_like_the_script(words: Words) -> None:
    view = rotation.ask_overlap(words, device())
    assert script(view) == (
        "<b>A new secret for VPS-1</b>\n"
        "How long shall the old one keep working after you have seen the new one?\n"
        "In any case it stops as soon as the new one connects.\n"
        "[Stop at once] / [1 hour] [24 hours] / [Back]"
    )
    assert view.keyboard
    taps = [decode(str(button.callback_data)) for row in view.keyboard.inline_keyboard for button in row]
    assert [tap.extra for tap in taps if tap and tap.verb is Verb.ROTATE_NOW] == ["0", "3600", "86400"]


def test_a_rotation_reads_like_the_script(words: Words) -> None:
    shown_at = datetime(2026, 11, 24, 14, 5, 20, tzinfo=UTC)
    card = make_handout(**rotated(pending_overlap=86400))
    lead = "A new secret for <b>VPS-1</b> is waiting.\n\nYou see it once, for 60 seconds. "
    later = "The old one then works for 24 hours more, or until the new one connects."
    end = "\nCancel, and nothing changes.\n[🔑 Show secret] / [Cancel]"
    assert script(handouts.card(words, card, TTL)) == lead + later + end
    assert script(handouts.card(words, card, TTL, in_overlap=True)) == (
        f"{lead}{later} The older of the two secrets in use stops as soon as you see this one.{end}"
    )
    assert script(handouts.card(words, make_handout(**rotated()), TTL)) == (
        f"{lead}The old one then stops working at once.{end}"
    )
    assert script(handouts.card(words, make_handout(**rotated()), TTL, in_overlap=True)) == (
        f"{lead}Both secrets in use then stop working at once.{end}"
    )
    armed = shown_handout(**rotated(), state=HandoutState.ARMED)
    assert script(handouts.shown(words, armed, Secret("x"))).startswith("🔑 The new secret of <b>VPS-1</b>\n\n")

    seen = {"shown_at": shown_at, "destroyed_at": shown_at + timedelta(seconds=41)}
    receipt = (
        "🔄 <b>VPS-1</b> has a new secret.\n\n"
        "New fingerprint: <code>91c0aa7e</code> · old: <code>3f9a12c4</code>\n"
        "It was shown at ⟦T: 14:05:20 UTC⟧ and removed after 41 seconds.\n"
    )
    buttons = "\n[📟 Open device] [🔄 New secret]"
    assert script(handouts.ended(words, shown_handout(**rotated(pending_overlap=86400), **seen))) == (
        f"{receipt}The old secret works until ⟦wDt: Wed 25 November, 14:05 UTC⟧, or until the new one connects."
        f"{buttons}"
    )
    assert script(handouts.ended(words, shown_handout(**rotated(), **seen))) == (
        f"{receipt}The old secret has stopped working.{buttons}"
    )


def test_a_rotation_that_came_to_nothing_leaves_the_old_secret_working(words: Words) -> None:
    card = make_handout(**rotated())
    unseen = shown_handout(**rotated(), shown_at=None, outcome=Outcome.UNCONFIRMED)
    for view in (handouts.cancelled(words, card), handouts.expired(words, card), handouts.ended(words, unseen)):
        assert "The old secret keeps working." in script(view)
        assert "Nothing was registered" not in script(view)


# --- revoke -------------------------------------------------------------------------------------------------------


def test_revoking_reads_like_the_script(words: Words) -> None:
    view = revocation.ask_revoke(words, device(), NOW)
    assert script(view) == (
        "<b>Revoke VPS-1?</b>\n"
        "It stops working at once, and for good. It was last seen ⟦r: 24 Nov, 14:02 UTC⟧.\n"
        "Its name becomes free again.\n"
        "[🚫 Yes, revoke] / [Back]"
    )
    assert view.keyboard
    tap = decode(str(view.keyboard.inline_keyboard[0][0].callback_data))
    assert tap
    assert (tap.verb, tap.extra) == (Verb.REVOKE_NOW, str(int(NOW.timestamp())))
    assert script(revocation.revoked(words, revoked_device())) == (
        "⛔ <b>VPS-1</b> is revoked since ⟦T: 14:05:09 UTC⟧. Every request after that moment is refused.\n"
        "[📟 My devices] [➕ Register a device]"
    )
    assert script(revocation.already_revoked(words, revoked_device(), by_admin=True)).startswith(
        "⛔ <b>VPS-1</b> was already revoked ⟦r: 24 Nov, 14:05 UTC⟧, by an admin.\n"
    )
    assert script(revocation.unknown_device(words, "7b0f42aa")).startswith(
        "You have no device with the ID <code>7b0f42aa</code>."
    )


def test_an_admin_s_revoking_reads_like_the_script(words: Words) -> None:
    lead = (
        "<b>Revoke this device?</b>\n"
        "Device: <code>VPS-1</code> (<code>7b0f42aa</code>)\n"
        "Owner: <code>Anna K.</code> @anna_fx\n"
        "Seen ⟦r: 24 Nov, 14:02 UTC⟧ from <code>203.0.113.7</code>\n"
    )
    assert script(admin.ask_revoke(words, device(), ANNA, Reason.TYPED, "Laptop stolen")) == (
        f"{lead}The owner will read: <i>Laptop stolen</i>\n[🚫 Yes, revoke] / [Cancel]"
    )
    assert script(admin.ask_revoke(words, device(), ANNA, Reason.LEAKED)) == (
        f"{lead}The owner will read: <i>Secret leaked</i>\n[🚫 Yes, revoke] / [Cancel]"
    )
    assert script(admin.ask_revoke(words, device(), ANNA, Reason.NONE)) == f"{lead}[🚫 Yes, revoke] / [Cancel]"
    assert script(admin.ask_reason(words, device(), ANNA)) == (
        f"{lead}Why? The owner will read it.\n"
        "[Lost or stolen] [Secret leaked] / [No longer needed] [No reason] / [Cancel]"
    )
    assert script(admin.revoked(words, revoked_device(), ANNA)) == (
        "⛔ <code>VPS-1</code> (<code>7b0f42aa</code>) of <code>Anna K.</code> is revoked since "
        "⟦T: 14:05:09 UTC⟧. I am telling the owner.\n[👤 Open client]"
    )


def test_every_choice_of_a_reason_has_its_words(words: Words) -> None:
    assert {reason: reasons.kept_reason(reason) for reason in Reason} == {
        Reason.LOST: "Lost or stolen",
        Reason.LEAKED: "Secret leaked",
        Reason.UNNEEDED: "No longer needed",
        Reason.NONE: None,
        Reason.TYPED: None,
    }


def test_a_long_reason_is_cut_visibly(words: Words) -> None:
    text = admin.ask_revoke(words, device(), ANNA, Reason.TYPED, "x" * 300).text
    assert f"<i>{'x' * 199}…</i>" in text


def test_an_owner_reads_who_revoked_and_why(words: Words) -> None:
    end = "\n[➕ Register a device] [📟 My devices]"
    next_step = "It can no longer connect. If you still need it, register it again: it gets a new secret."
    first = "⛔ An admin revoked your device <b>VPS-1</b> at ⟦T: 14:05:09 UTC⟧.\n"
    assert script(admin.owner_told(words, "VPS-1", NOW, "Laptop stolen", CONTACT)) == (
        f"{first}Reason: <i>Laptop stolen</i>\n\n{next_step} Questions? Write to @desk_support.{end}"
    )
    assert script(admin.owner_told(words, "VPS-1", NOW, None)) == f"{first}\n{next_step}{end}"


def test_what_else_an_admin_may_read(words: Words) -> None:
    assert script(admin.owner_unreachable(words, "VPS-1")) == (
        "The owner of <code>VPS-1</code> could not be told: they have blocked me."
    )
    assert script(admin.several_match(words, "7b0f42aa", [(device(), "Anna K."), (device(), "Ben")])) == (
        "2 devices begin with <code>7b0f42aa</code>. Which one?\n[VPS-1 · Anna K.] / [VPS-1 · Ben] / [Cancel]"
    )
    assert script(admin.unknown_device(words, "7b0f42ab")) == "I know no device with the ID <code>7b0f42ab</code>."
    assert script(admin.already_revoked(words, revoked_device(), "Olga")) == (
        "⛔ <code>VPS-1</code> was revoked ⟦r: 24 Nov, 14:05 UTC⟧ by <code>Olga</code>."
    )


# --- help and the rest --------------------------------------------------------------------------------------------


def test_help_reads_like_the_script(words: Words) -> None:
    assert script(general.help_page(words, TTL, CONTACT)) == (
        "<b>What I do</b>\n"
        "I register your trading terminals. Each gets a secret of its own, which you see once, for 60 seconds.\n\n"
        "/register – add a device\n"
        "/devices – see and manage your devices\n"
        "/rename – change a name\n"
        "/rotate – get a new secret\n"
        "/revoke – switch a device off for good\n"
        "/token – a 15-minute key for your own tools\n"
        "/invite – let somebody share your devices\n"
        "/language – choose the language\n"
        "/id – your Telegram ID\n"
        "/cancel – stop what we are doing\n\n"
        "<b>Good to know</b>\n"
        "• Lost a secret? Take a new one. Nobody can look up the old one.\n"
        "• I never ask for a secret. Send me one by mistake, and I delete it.\n"
        "• Chats with bots are not end-to-end encrypted, and altered apps can keep deleted messages. "
        "In doubt, take a new secret. Questions? Write to @desk_support.\n"
        "[➕ Register a device] [📟 My devices]"
    )


def test_admins_see_their_command_before_what_is_good_to_know(words: Words) -> None:
    text = script(general.help_page(words, TTL, is_admin=True))
    command = text.index("/revoke &lt;device id&gt; [reason]")
    assert text.index("/cancel") < command < text.index("Good to know")


def test_small_answers_read_like_the_script(words: Words) -> None:
    assert script(general.own_id(words, 123456789)) == "Your Telegram ID: <code>123456789</code>"
    assert script(general.unknown_command(words)) == "I do not know that command. /help shows all."
    assert script(general.not_understood(words, Counts(active=3, seen=2, never=1, revoked=0))) == (
        "I did not understand that. You can:\n\n<b>3 devices</b> · 2 seen today · 1 never connected\n"
        "[📟 My devices] [➕ Register a device] / [🔑 API token] [🌐 Language] / [❓ Help]"
    )
    assert script(general.slow_down(words)) == "You are faster than I am. Please slow down and send that again."


def test_a_group_gets_a_link_to_the_private_chat(words: Words) -> None:
    view = general.group(words, "registry_bot")
    assert script(view) == ("I only talk in private, so that nobody else sees your secrets.\n[💬 Open private chat]")
    assert view.keyboard
    assert view.keyboard.inline_keyboard[0][0].url == "https://t.me/registry_bot?start=group"


def test_a_pasted_secret_is_answered_like_the_script(words: Words) -> None:
    nobodys, own = Findings([], has_others=True), Findings([device()], has_others=False)
    assert script(pasted.deleted(words, nobodys)) == (
        "🗑 I deleted your message: it contained a device secret. Please never send one in a chat, not even to me.\n"
        "[📟 My devices]"
    )
    assert script(pasted.deleted(words, own)) == (
        "🗑 I deleted your message: it contained the secret of <b>VPS-1</b>.\n"
        "Whoever saw it can pretend to be your device. Please take a new one.\n"
        "[🔄 New secret] / [🚫 Revoke]"
    )
    failed = "⚠️ Your message contains a device secret, and I could not delete it. Please delete it yourself now.\n"
    assert script(pasted.not_deleted(words, nobodys, "name")) == (
        f"{failed}I am still waiting for the name.\n[📟 My devices]"
    )
    assert script(pasted.not_deleted(words, own)) == f"{failed}[🔄 New secret] / [🚫 Revoke]"
    assert script(pasted.leaked(words, device().id, "VPS-1")) == (
        "⚠️ Somebody sent me the secret of your device <b>VPS-1</b>, so they know it. Please take a new one now.\n"
        "[🔄 New secret] [🚫 Revoke]"
    )


def test_a_revoked_device_whose_secret_was_pasted_is_offered_no_new_one(words: Words) -> None:
    assert script(pasted.deleted(words, Findings([revoked_device()], has_others=False))) == (
        "🗑 I deleted your message: it contained the secret of <b>VPS-1</b>.\n"
        "That device is revoked, so the secret works nowhere.\n[📟 My devices]"
    )


def test_several_pasted_secrets_are_told_in_one_answer(words: Words) -> None:
    several = [device(), device(id=uuid.UUID(int=7), device_name="Laptop"), revoked_device(device_name="Old VPS")]
    assert script(pasted.deleted(words, Findings(several, has_others=True), "group")) == (
        "🗑 I deleted your message: it contained secrets of your devices.\n"
        "• <b>VPS-1</b>\n• <b>Laptop</b>\n• <b>Old VPS</b>, which is revoked\n"
        "Whoever saw them can pretend to be your devices. Please take new ones. "
        "It contained another device secret too.\n"
        "I am still waiting for the name of the group.\n"
        "[🔄 New secret · VPS-1] [🚫 Revoke · VPS-1] / [🔄 New secret · Laptop] [🚫 Revoke · Laptop] / [📟 My devices]"
    )


def test_what_becomes_of_a_new_secret_reads_like_the_script(words: Words) -> None:
    until = datetime(2026, 11, 25, 14, 5, tzinfo=UTC)
    assert script(rotation.secret_used(words, "VPS-1", "203.0.113.7")) == (
        "✅ <b>VPS-1</b> connected with its new secret, from <code>203.0.113.7</code>. The old one has stopped working."
    )
    assert script(rotation.overlap_ends_soon(words, device().id, "VPS-1", until)) == (
        "⏳ <b>VPS-1</b> still uses its old secret, which stops ⟦r: in one hour⟧. "
        "Put the new one into your terminal, or take another one.\n[🔄 New secret]"
    )
    assert script(rotation.overlap_ended(words, device().id, "VPS-1")) == (
        "⚠️ The old secret of <b>VPS-1</b> has stopped working, and the new one has not connected yet.\n"
        "[🔄 New secret] [📟 Open device]"
    )


def test_toasts_read_like_the_script(words: Words) -> None:
    said = [
        (toasts.already_removed(words), "Already removed."),
        (toasts.changed(words), "That has changed meanwhile. Here is how it looks now."),
        (toasts.device_gone(words), "That device is no longer here."),
        (toasts.not_allowed(words), "You can no longer do that."),
        (
            toasts.records_away(words),
            "I cannot reach my records right now. Nothing was changed. Please try again in a minute.",
        ),
        (
            toasts.apology(words, "4F2A91"),
            "That did not work. If it happens again, tell the admin this number: 4F2A91.",
        ),
        (toasts.old_copy(words), "An old copy. Please use the newest card."),
        (toasts.busy(words, 3), "Busy for a moment. Please tap again in 3 seconds."),
        (toasts.busy(words, 0), "Busy for a moment. Please tap again in 1 second."),
        (toasts.another_secret(words), "Another secret is still on your screen. Tap I saved it there first."),
        (toasts.check_again(words), "Please check again first."),
    ]
    for toast, text in said:
        assert toast.text == text
