"""Checks `reply_markup` as the Bot API server does, and keeps of it what a client shows.

Follows get_reply_markup of the server's Client.cpp. A button with several actions is not refused there: the first
in the order of `_ACTIONS` counts, the others are dropped.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.arguments import NO_JSON
from bot.sandbox.entities import check_link
from bot.sandbox.refusals import bad_request

Button = dict[str, Any]
Kind = Literal["inline", "reply", "remove", "force"]

LONGEST_DATA = 64  # bytes
LONGEST_COPY_TEXT = 256  # characters
MOST_BUTTONS = 100
_STYLES = frozenset({"primary", "success", "danger"})
_ACTIONS = (
    "url",
    "callback_data",
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
    "web_app",
    "copy_text",
)
_FIELDS = {"keyboard": list, "inline_keyboard": list, "remove_keyboard": bool, "force_reply": bool}
_TYPE_NAMES = {list: "Array", bool: "Boolean", str: "String", dict: "Object"}


@dataclass(frozen=True)
class Markup:
    """A reply markup. Only inline keyboards have rows here; the others merely forbid editing."""

    kind: Kind
    rows: list[list[Button]] = field(default_factory=list)


def parse_markup(raw: str | None, *, only_inline: bool = False) -> Markup | None:
    """Return the markup in the JSON `raw`, None for none or an empty one. Refusal (400) for what Telegram refuses."""
    if not raw:
        return None
    try:
        value = json.loads(raw)
    except NO_JSON:
        raise bad_request("Can't parse reply keyboard markup JSON object") from None
    if not isinstance(value, dict):
        raise bad_request("Object expected as reply markup")
    markup = _markup_in(value)
    if markup is not None and only_inline and markup.kind != "inline":
        raise bad_request("Inline keyboard expected")
    return markup


def _markup_in(value: dict[str, Any]) -> Markup | None:
    for name, kind in _FIELDS.items():
        if name in value and not isinstance(value[name], kind):
            raise bad_request(f'Field "{name}" must be of type {_TYPE_NAMES[kind]}')
    if value.get("keyboard"):
        _check_reply_rows(value["keyboard"])
        return Markup("reply")
    if rows := _inline_rows(value.get("inline_keyboard", [])):
        return Markup("inline", rows)
    if value.get("remove_keyboard"):
        return Markup("remove")
    return Markup("force") if value.get("force_reply") else None


def _check_reply_rows(rows: list[Any]) -> None:
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "keyboard" must be an Array of Arrays')
    for button in (button for row in rows for button in row):
        text = button.get("text") if isinstance(button, dict) else button
        if not isinstance(text, str):
            raise bad_request("Can't parse keyboard button: KeyboardButton must be a String or an Object")
        if not text:
            raise bad_request("Keyboard button text must be non-empty")


def _inline_rows(rows: list[Any]) -> list[list[Button]]:
    if not all(isinstance(row, list) for row in rows):
        raise bad_request('Field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    parsed = [[_parse_button(button) for button in row] for row in rows]
    for button in (button for row in parsed for button in row):
        _check_button(button)
    if sum(map(len, parsed)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return [row for row in parsed if row]


def _parse_button(button: object) -> Button:
    """Return the button's text, style and its one action."""
    if not isinstance(button, dict):
        raise _unparsable("InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise _unparsable('Can\'t find field "text"')
    style = str(button.get("style") or "").lower()
    if style not in {"", "default", *_STYLES}:
        raise _unparsable("invalid button style specified")
    parsed: Button = {"text": _string(button, "text")}
    if style in _STYLES:
        parsed["style"] = style
    for action in _ACTIONS:
        # an empty address or empty data is as good as none
        if bool(_string(button, action)) if action in {"url", "callback_data"} else action in button:
            return {**parsed, action: _copied_text(button) if action == "copy_text" else button[action]}
    raise _unparsable("Text buttons are unallowed in the inline keyboard")


def _string(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _unparsable(f'Field "{name}" must be of type String')
    return str(value)


def _copied_text(button: Button) -> dict[str, str]:
    copied = button["copy_text"]
    if not isinstance(copied, dict):
        raise _unparsable('Field "copy_text" must be of type Object')
    if "text" not in copied:
        raise _unparsable('Can\'t find field "text"')
    return {"text": _string(copied, "text")}


def _unparsable(reason: str) -> Exception:
    return bad_request(f"Can't parse inline keyboard button: {reason}")


def _check_button(button: Button) -> None:
    """Refuse what TDLib and Telegram's servers refuse of a button that could be parsed."""
    if not button["text"].strip():
        raise bad_request("Inline keyboard button text must be non-empty")
    if len(str(button.get("callback_data", "")).encode()) > LONGEST_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= LONGEST_COPY_TEXT:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if "url" in button and check_link(str(button["url"])) is None:
        raise bad_request(f"Inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
