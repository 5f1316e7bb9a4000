"""The figures of docs/scaling.md: every row, what limits what, and the arithmetic of how much some machines carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.chat.pacing import CALLS_PER_SECOND
from bot.services.hashing import LOGIN_THREADS
from tests.benchmarks import sessions, signed_requests, writes
from tests.benchmarks.comparison import HEAD
from tests.journeys.running import ROOT
from tests.reliability import figures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.benchmarks.comparison import Row

DOCUMENT = ROOT / "docs" / "scaling.md"
TELEGRAM = int(CALLS_PER_SECOND)
"""Sends and edits a second that Telegram bears."""
REGISTRATION = 4
"""Of them, what a registration costs: card, secret, redaction, receipt."""
COST_ON_SQLITE = signed_requests.cost_on(signed_requests.SQLITE)
COST_ON_POSTGRESQL = signed_requests.cost_on(signed_requests.POSTGRESQL)
NEEDED = (COST_ON_SQLITE, COST_ON_POSTGRESQL, writes.NAME, sessions.NAME)
HEADROOM = 0.5
"""Which share of what there is gets planned with."""
POLL_EVERY, DEVICES_OF_A_TRADER = 10, 3
CALLS_IN_BUSIEST_HOUR = 2
"""Sends and edits that a trader causes in the busiest hour, on average over all traders."""
CORES, LARGE_CORES = 4, 32
"""Of a machine, and of the machine that PostgreSQL gets when there are thirty."""


@dataclass(frozen=True)
class Measured:
    """What a core does in a second."""

    signed_on_sqlite: float
    signed_on_postgresql: float
    borne: float
    """Signed requests that a core of PostgreSQL bears; the rest is what a core of ours does."""
    logins: float

    @classmethod
    def read(cls, rows: Sequence[Row]) -> Measured:
        """Take from the rows what the arithmetic needs."""
        found = _figures(rows)
        return cls(
            signed_on_sqlite=1e6 / found[COST_ON_SQLITE],
            signed_on_postgresql=1e6 / found[COST_ON_POSTGRESQL],
            borne=found[writes.NAME],
            logins=found[sessions.NAME] / LOGIN_THREADS,
        )


@dataclass(frozen=True)
class Fleet:
    """Some machines: the cores that answer devices, and those that PostgreSQL has, none where there is SQLite."""

    name: str
    answering: int
    postgresql: int = 0

    def requests(self, measured: Measured) -> tuple[float, str]:
        """Return how many signed requests a second may be planned with, and how that comes about."""
        if not self.postgresql:
            return HEADROOM * measured.signed_on_sqlite, f"{HEADROOM} × {measured.signed_on_sqlite:,.0f}"
        answered = self.answering * measured.signed_on_postgresql
        together = self.postgresql * measured.borne
        told = (
            f"{HEADROOM} × the lesser of {self.answering} × {measured.signed_on_postgresql:,.0f} = {answered:,.0f} "
            f"and {self.postgresql} × {measured.borne:,.0f} = {together:,.0f}"
        )
        return HEADROOM * min(answered, together), told


FLEETS = (
    Fleet("one machine, SQLite", 1),
    Fleet("three machines", 2 * CORES - 1, CORES),
    Fleet("thirty machines", 29 * CORES - 1, LARGE_CORES),
)
"""One core is left to the bot; its standby does nothing."""


def find_missing(rows: Sequence[Row]) -> list[str]:
    """Return the names of the rows that the arithmetic needs and does not find."""
    found = _figures(rows)
    return [name for name in NEEDED if name not in found]


def write(rows: Sequence[Row], document: Path = DOCUMENT) -> None:
    """Rewrite the figures in the document."""
    measured = Measured.read(rows)
    figures.write("limits", limits(measured), document)
    figures.write("carries", carries(measured), document)
    figures.write("rows", figures.table(HEAD, (row.cells() for row in rows)), document)


def _figures(rows: Sequence[Row]) -> dict[str, float]:
    return {row.name: row.measured for row in rows if row.measured is not None}


def limits(measured: Measured) -> str:
    """Return the table of what limits what."""
    hour = 3600 * TELEGRAM
    return figures.table(
        ("what", "limited by", "a second", "more of it"),
        [
            ("answers in chat", "Telegram", TELEGRAM, "another bot, on a database of its own"),
            (
                "registrations in chat",
                f"Telegram: {REGISTRATION} calls each",
                f"{TELEGRAM / REGISTRATION:.1f}, {hour // REGISTRATION:,} an hour",
                "REST, which Telegram does not limit",
            ),
            ("logins of devices", "argon2", f"{measured.logins:,.0f} a core", "more cores"),
            (
                "signed requests, SQLite",
                "the one process",
                f"{measured.signed_on_sqlite:,.0f}",
                "PostgreSQL",
            ),
            (
                "signed requests, PostgreSQL",
                "`api` processes",
                f"{measured.signed_on_postgresql:,.0f} a core",
                "more cores, on any machine",
            ),
            (
                "… of all processes together",
                "PostgreSQL's statements, here for ten requests each",
                f"{measured.borne:,.0f} a core",
                "a larger machine for PostgreSQL",
            ),
        ],
    )


def carries(measured: Measured) -> str:
    """Return the table of how many polls, devices and traders some machines carry, and the arithmetic."""
    rows = []
    for fleet in FLEETS:
        polls, told = fleet.requests(measured)
        devices = polls * POLL_EVERY
        rows.append((fleet.name, told, _round(polls), _round(devices), _round(devices / DEVICES_OF_A_TRADER)))
    chatting = HEADROOM * TELEGRAM * 3600 / CALLS_IN_BUSIEST_HOUR
    told = (
        f"In chat, one bot carries {HEADROOM} × {TELEGRAM} × 3,600 ÷ {CALLS_IN_BUSIEST_HOUR} = {chatting:,.0f} "
        f"traders, however many machines there are. To log every device in anew, after a new SERVER_KEY, one machine "
        f"with {LOGIN_THREADS} hashing threads takes {_relogin(measured):.0f} minutes."
    )
    head = ("", "signed requests a second", "polls a second", "devices", "traders")
    return f"{figures.table(head, rows)}\n\n{told}"


def _relogin(measured: Measured) -> float:
    devices = FLEETS[0].requests(measured)[0] * POLL_EVERY
    return devices / (LOGIN_THREADS * measured.logins) / 60


def _round(figure: float) -> str:
    """Return two digits that count: the arithmetic is worth no more."""
    return f"{float(f'{figure:.1e}'):,.0f}"
