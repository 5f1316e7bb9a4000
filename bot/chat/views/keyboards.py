"""Rows of buttons. Their text is plain: nothing is escaped there, and people's names are shortened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, TelegramObject

from bot.chat.buttons import Listing, Verb, encode, encode_place
from bot.chat.views.markup import BUTTON_LENGTH, shorten
from bot.logs import mask

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from bot.chat.buttons import Asked, Place
    from bot.chat.words import Words


class Button(InlineKeyboardButton):
    """A button that is quickly made: PTB looks, whenever an attribute is set, whether it may be."""

    __slots__ = ()
    __setattr__ = object.__setattr__  # type: ignore[assignment]  # it is narrower only in name

    def __repr__(self) -> str:
        """Tell what is on it, without the secret that it may copy."""
        return mask(super().__repr__())


Row = list[InlineKeyboardButton]


class Keyboard(InlineKeyboardMarkup):
    """A keyboard that is quickly made and sent, also when there is nothing on it: PTB leaves out what is empty."""

    __slots__ = ()
    __setattr__ = object.__setattr__  # type: ignore[assignment]  # as above

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take rows that are rows: PTB's own looks at each."""
        TelegramObject.__init__(self)
        self.inline_keyboard: tuple[tuple[InlineKeyboardButton, ...], ...] = tuple(map(tuple, rows))
        self._id_attrs = (self.inline_keyboard,)

    def __repr__(self) -> str:
        """Tell what is on it, without the secret that a button may copy."""
        return mask(super().__repr__())

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - PTB's signature
        """Return the rows as the Bot API has them (https://core.telegram.org/bots/api#inlinekeyboardmarkup)."""
        return {"inline_keyboard": [[_sent(button, recursive) for button in row] for row in self.inline_keyboard]}


NO_BUTTONS = Keyboard([])
"""An explicitly empty keyboard: with it an edit takes the buttons away on every Bot API server."""


def keyboard(*rows: Row) -> Keyboard:
    """Return the rows, leaving out empty ones."""
    return Keyboard([row for row in rows if row])


def tap(
    label: str,
    verb: Verb,
    id: uuid.UUID | None = None,  # noqa: A002 - as it is called in `Tap`
    extra: str = "",
    *,
    style: str | None = None,
) -> InlineKeyboardButton:
    """Return a button that calls us back."""
    return Button(label, callback_data=encode(verb, id, extra), style=style)


def copy(label: str, text: str) -> InlineKeyboardButton:
    """Return a button that puts a text on the clipboard and tells us nothing."""
    return Button(label, copy_text=CopyTextButton(text))


def _sent(button: InlineKeyboardButton, recursive: bool) -> dict[str, Any]:  # noqa: FBT001 - PTB's signature
    if button.callback_data is None:
        return button.to_dict(recursive)
    plain = {"text": button.text, "callback_data": button.callback_data}
    return plain if button.style is None else plain | {"style": button.style}


def short(text: str) -> str:
    """Return what a person wrote, short enough for a button."""
    return shorten(text, BUTTON_LENGTH)


def in_rows(buttons: Sequence[InlineKeyboardButton], width: int = 2) -> list[Row]:
    """Return the buttons in rows of `width`."""
    return [list(buttons[start : start + width]) for start in range(0, len(buttons), width)]


def register(words: Words) -> InlineKeyboardButton:
    """Lead to the question for a new device's name."""
    return tap(words("button-register"), Verb.REGISTER)


def my_devices(words: Words) -> InlineKeyboardButton:
    """Lead to the list."""
    return tap(words("button-devices"), Verb.LIST, extra=Listing.ACTIVE)


def back_to_menu(words: Words) -> InlineKeyboardButton:
    """Lead to the menu."""
    return tap(words("button-back"), Verb.MENU)


def cancel_question(words: Words, asked: Asked, device_id: uuid.UUID | None = None) -> InlineKeyboardButton:
    """Take a question back; `device_id` is what it is about."""
    return tap(words("button-cancel"), Verb.CANCEL_QUESTION, device_id, asked)


def open_device(words: Words, device_id: uuid.UUID) -> InlineKeyboardButton:
    """Lead to the device's card."""
    return tap(words("button-open"), Verb.DEVICE, device_id)


def new_secret(words: Words, device_id: uuid.UUID) -> InlineKeyboardButton:
    """Lead to a new secret from a message that stays."""
    return tap(words("button-new-secret"), Verb.NEW_SECRET, device_id)


def api_token(words: Words) -> InlineKeyboardButton:
    """Lead to a card for an API token, from a message that stays."""
    return tap(words("button-token"), Verb.TOKEN)


def language(words: Words) -> InlineKeyboardButton:
    """Lead to the choice of a language."""
    return tap(words("button-language"), Verb.LANGUAGE)


def sign_out(words: Words) -> InlineKeyboardButton:
    """Void all API tokens."""
    return tap(words("button-sign-out"), Verb.SIGN_OUT)


def set_up(words: Words, device_id: uuid.UUID) -> InlineKeyboardButton:
    """Lead to the steps by which a secret gets into a terminal."""
    return tap(words("button-set-up"), Verb.SET_UP, device_id)


def revoke(words: Words, device_id: uuid.UUID) -> InlineKeyboardButton:
    """Ask whether to revoke."""
    return tap(words("button-revoke"), Verb.REVOKE, device_id)


def turn(label: str, place: Place, verb: Verb = Verb.LIST) -> InlineKeyboardButton:
    """Lead to a page of a list."""
    return leads(label, encode_place(place, verb))


def new_secret_at_once(words: Words, device_id: uuid.UUID) -> InlineKeyboardButton:
    """Lead to a new secret in place of one that others know: the old one stops when it is seen."""
    return tap(words("button-new-secret"), Verb.REPLACE, device_id)


def leads(label: str, data: str) -> InlineKeyboardButton:
    """Return a button that says what was encoded before."""
    return Button(label, callback_data=data)


def open_client(words: Words, client_id: uuid.UUID) -> InlineKeyboardButton:
    """Lead an admin to the client's card."""
    return tap(words("button-open-client"), Verb.CLIENT, client_id)
