"""The two ways the sandbox says no: to the bot in Telegram's words, to the control interface in its own."""


class Refusal(Exception):
    """An unsuccessful answer of the Bot API: HTTP status, description, and for 429 the seconds to wait."""

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


class NotPossible(ValueError):
    """What a person was asked to do cannot be done; the message is a sentence for a developer."""


def bad_request(message: str) -> Refusal:
    """Return the 400 Telegram makes of `message` (Client.cpp, fail_query_with_error).

    Its first letter becomes small, unless the second character is a capital or an underscore: so that
    BUTTON_DATA_INVALID stays what it is.
    """
    keeps_case = len(message) > 1 and (message[1] == "_" or "A" <= message[1] <= "Z")
    return Refusal(400, "Bad Request: " + (message if keeps_case else message[:1].lower() + message[1:]))


def forbidden(message: str) -> Refusal:
    """Return a 403."""
    return Refusal(403, f"Forbidden: {message}")


def conflict(message: str) -> Refusal:
    """Return a 409."""
    return Refusal(409, f"Conflict: {message}")


def too_many_requests(seconds: int) -> Refusal:
    """Return a 429 that asks to wait `seconds`."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
