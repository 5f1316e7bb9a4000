"""Times and durations. Telegram's apps show a time in their own zone and language; older ones show the fallback."""

from __future__ import annotations

from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from bot.chat.views.markup import Html, say

if TYPE_CHECKING:
    from datetime import datetime

    from bot.chat.words import Words

Format = Literal["r", "t", "T", "D", "wDt"]
"""Relative; hours and minutes; with seconds; the day; week day, day and time.

https://core.telegram.org/bots/api#date-time-entity-formatting
"""

MINUTE, HOUR = 60, 3600
LONGEST_IN_SECONDS, LONGEST_IN_MINUTES = 2 * MINUTE, 2 * HOUR


def moment(words: Words, at: datetime, style: Format) -> Html:
    """Return a moment; never put it inside bold, italic or a spoiler, which Telegram would cut there."""
    at = at.astimezone(UTC).replace(microsecond=0)
    return _tag(at, style, _written(words, at, style))


def countdown(words: Words, at: datetime, span: timedelta) -> Html:
    """Return a moment that is at most `span` away: "in 42 seconds" where it counts, else "within 60 seconds"."""
    return _tag(at, "r", say(words, "time-within", span=duration(words, span)))


def in_one_hour(words: Words, at: datetime) -> Html:
    """Return a moment that is an hour away, or a little less."""
    return _tag(at, "r", say(words, "time-in-one-hour"))


def duration(words: Words, span: timedelta) -> str:
    """Return a length of time in the largest unit that still says enough."""
    seconds = max(1, round(span.total_seconds()))
    if seconds % HOUR == 0 or seconds >= LONGEST_IN_MINUTES:
        return words("duration-hours", count=round(seconds / HOUR))
    if (seconds > MINUTE and seconds % MINUTE == 0) or seconds >= LONGEST_IN_SECONDS:
        return words("duration-minutes", count=round(seconds / MINUTE))
    return words("duration-seconds", count=seconds)


@lru_cache(10_000)
def _written(words: Words, at: datetime, style: Format) -> Html:
    """Return a moment in words. To write it takes longer than all the rest of its line."""
    return say(
        words,
        f"time-{style}",
        day=str(at.day),
        month=at.month,
        year=str(at.year),
        weekday=at.isoweekday(),
        minutes=f"{at:%H:%M}",
        seconds=f"{at:%H:%M:%S}",
    )


def _tag(at: datetime, style: Format, fallback: Html) -> Html:
    return Html(f'<tg-time unix="{int(at.timestamp())}" format="{style}">{fallback}</tg-time>')
