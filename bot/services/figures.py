"""How much there is and how much happened today, for admins. It changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import figures

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.clock import Clock
    from storage.database import Database
    from storage.figures import DeviceFigures, HandoutFigures

SEEN_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True)
class Figures:
    """The state of the registry; `since` is when the day began, in UTC."""

    clients: int
    suspended: int
    devices: DeviceFigures
    handouts: HandoutFigures
    since: datetime


class FigureService:
    """Counts."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self) -> Figures:
        """Count everything as it is at one moment."""
        now = self._clock.now()
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        async with self._database.read() as session:
            clients, suspended = await figures.count_clients(session)
            devices = await figures.count_devices(session, now - SEEN_JUST_NOW)
            handouts = await figures.count_handouts(session, midnight)
        return Figures(clients, suspended, devices, handouts, midnight)
