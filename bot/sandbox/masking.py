"""What the page tells of a Bot API call: everything but what nobody may learn from it.

The page shows secrets in the chat they were sent to. Beside it, in the list of calls, they are masked before they leave
this process: a list is scrolled back, photographed and pasted into bug reports.
"""

import re
from typing import Any

from bot.sandbox.chats import Json
from bot.sandbox.world import Call

_MASKS = (
    # any length, because a fault may have cut the answer in the middle of a secret
    (re.compile(r"dsk1_[0-9A-Za-z]+"), "dsk1_…"),
    (re.compile(r"\beyJ[\w-]+(?:\.[\w-]*){1,2}"), "eyJ…"),  # a JSON Web Token
    (re.compile(r"\b(\d{5,}):[\w-]{16,}"), r"\1:…"),  # a bot's token
    (re.compile(r"(\bstart=|/start )[\w-]{16,}"), r"\1…"),  # an invitation: words that are no secret are shorter
)
_NEVER_TOLD = frozenset({"secret_token", "certificate"})


def trace_json(call: Call) -> Json:
    """Return a call for the page; `seconds` are real ones from the question to the answer, None without an answer."""
    seconds = None if call.answered_at is None else call.answered_at.real - call.at.real
    return {
        "number": call.number,
        "method": mask(call.method),
        "parameters": mask(call.parameters),
        "chat_id": call.chat_id,
        "at": call.at.virtual,
        "seconds": seconds,
        "status": call.status,
        "answer": mask(call.answer),
        "applied": call.applied,
        "fault": call.fault,
    }


def mask(value: Any) -> Any:
    """Return a copy of a JSON value in which secrets, keys and tokens are masked."""
    if isinstance(value, str):
        for pattern, masked in _MASKS:
            value = pattern.sub(masked, value)
        return value
    if isinstance(value, list):
        return [mask(item) for item in value]
    if isinstance(value, dict):
        return {mask(name): "…" if name in _NEVER_TOLD else mask(item) for name, item in value.items()}
    return value
