"""Two bots and three HTTP doors on one PostgreSQL are one registry, whichever of them is killed."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import func, select

from bot.services.hashing import create_secret
from storage.models import Notice
from tests.conftest import POSTGRESQL
from tests.journeys import evidence
from tests.journeys.conftest import fresh_database
from tests.journeys.fleet import Fleet, running_fleet
from tests.reliability import flows, invariants
from tests.reliability.flows import Scene
from tests.signing import Signer, milliseconds

if TYPE_CHECKING:
    import uuid
    from pathlib import Path

    from bot.sandbox import Call
    from tests.journeys.people import Trader

pytestmark = pytest.mark.asyncio(loop_scope="package")

SEED = 20261128
AT_ONCE = 4
LASTS = 40.0
"""Seconds for which people come and processes die."""
BETWEEN_KILLS = 1.5
TRIES = 8
REPLAYED_EVERY, GUESSED_EVERY = 6, 15
TARGET = "/api/v1/me"


@dataclass
class Ledger:
    """What was accepted, and what should not have been."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


@dataclass
class Device:
    """A terminal with a secret, which asks every door in turn. From `revoked_at` on nobody may let it in."""

    fleet: Fleet
    ledger: Ledger
    http: httpx.AsyncClient
    dice: random.Random
    id: uuid.UUID
    secret: str
    revoked_at: float = float("inf")

    async def post(self, secret: str) -> tuple[int, str | None, dict[str, str]]:
        """Present a secret to some door; the status is 0 when that was killed meanwhile."""
        try:
            url = f"http://{self.dice.choice(self.fleet.hosts)}/api/v1/sessions"
            answer = await self.http.post(url, json={"device_id": str(self.id), "secret": secret})
        except (httpx.TransportError, IndexError):
            return 0, None, {}
        return answer.status_code, answer.json().get("code"), answer.json()

    async def get(self, host: str, headers: dict[str, str]) -> tuple[int, str | None]:
        """Send a signed request to a door."""
        try:
            answer = await self.http.get(f"http://{host}{TARGET}", headers=headers)
        except httpx.TransportError:
            return 0, None
        return answer.status_code, answer.json().get("code")

    async def log_in(self) -> Signer:
        """Present the secret until a door lets the device in."""
        async with asyncio.timeout(30):
            while True:
                status, code, answer = await self.post(self.secret)
                if status == 201:
                    self.ledger.counts["logins"] += 1
                    return Signer(answer["session"], answer["signing_key"], "devices.test")
                if status not in {0, 503}:
                    self.ledger.violations.append(f"a right secret was refused: {status} {code}")
                await asyncio.sleep(0.05)

    async def work(self, signer: Signer) -> None:
        """Sign requests until some time after the device was revoked."""
        number = 0
        while time.monotonic() < self.revoked_at + 1.0:
            number += 1
            headers = {"Host": "devices.test"} | signer.sign("GET", TARGET, timestamp=milliseconds())
            began = time.monotonic()
            times = TRIES if number % REPLAYED_EVERY == 0 else 1
            hosts = (self.fleet.hosts * TRIES)[:times]
            self.dice.shuffle(hosts)
            answers = await asyncio.gather(*(self.get(host, headers) for host in hosts))
            self.judge(began, answers)
            if number % GUESSED_EVERY == 0:
                await self.guess(signer)
            await asyncio.sleep(0.02)

    def judge(self, began: float, answers: list[tuple[int, str | None]]) -> None:
        """Note one request, which was sent once or many times."""
        accepted = sum(status == 200 for status, _ in answers)
        self.ledger.counts["accepted"] += accepted
        self.ledger.counts["raced"] += len(answers) > 1
        if accepted > 1:
            self.ledger.violations.append("a nonce was accepted twice")
        if began > self.revoked_at:
            self.ledger.counts["after a revocation"] += len(answers)
            if accepted:
                self.ledger.violations.append("a revoked device was let in")
        elif self.revoked_at == float("inf"):
            codes = {code for status, code in answers if status not in {0, 200, 503}}
            # a door that was killed may have spent the nonce before it answered
            if codes - {"nonce_used", "device_revoked"} or (len(answers) == 1 and codes - {"device_revoked"}):
                self.ledger.violations.append(f"a right request was refused: {codes}")

    async def guess(self, signer: Signer) -> None:
        """Present what is not the secret, and sign with what is not the key."""
        for wrong in (create_secret().reveal(), self.secret[:-1] + ("0" if self.secret[-1] != "0" else "1")):
            if (await self.post(wrong))[0] == 201:
                self.ledger.violations.append("a wrong secret was let in")
        forged = Signer(signer.session, "0" * 64, signer.host)
        headers = {"Host": signer.host} | forged.sign("GET", TARGET, timestamp=milliseconds())
        for host in self.fleet.hosts:
            if (await self.get(host, headers))[0] == 200:
                self.ledger.violations.append("a wrong signature was let in")
        self.ledger.counts["guesses"] += 1

    async def is_shut_out(self) -> None:
        """Present the secret of a revoked device."""
        status, code, _ = await self.post(self.secret)
        if status not in {0, 429, 503} and code != "device_revoked":
            self.ledger.violations.append(f"a revoked device got {status} {code}")


def calls_to(fleet: Fleet, anna: Trader) -> list[Call]:
    """Return what the bots called in somebody's chat."""
    return [call for call in fleet.stage.sandbox.calls if call.chat_id == anna.id]


async def revoke(anna: Trader) -> None:
    """Revoke the one device, and read that it is revoked; whichever bot it is that tells so."""
    message = await anna.ask("/devices", "Your devices")
    for button, expected in (("VPS-1", "Device ID"), ("Revoke", "for good."), ("Yes, revoke", "is revoked since")):
        await anna.tap(button, message)
        message = await anna.becomes(message, expected)


async def live(fleet: Fleet, ledger: Ledger, http: httpx.AsyncClient, dice: random.Random) -> tuple[Trader, float]:
    """Let somebody register a device that works, and revoke it; return who it was, and the last kill they saw."""
    began = time.time()
    anna = fleet.stage.newcomer(f"Anna {dice.randrange(10**6)}")
    scene = Scene(fleet.stage, anna)
    await anna.ask("/start", "Welcome")
    await flows.take_card(scene)
    scene.tap("Show secret")
    await flows.shown_or_told(scene)
    await flows.save(scene)
    # whoever saved a secret too late to read it has it from what was shown before
    secret = scene.secret or next(reversed(invariants.sent(calls_to(fleet, anna))))
    [registered] = await fleet.stage.owned(anna)
    device = Device(fleet, ledger, http, dice, registered.id, secret)
    signer = await device.log_in()
    async with asyncio.TaskGroup() as group:
        group.create_task(device.work(signer))
        await asyncio.sleep(dice.uniform(0.2, 2.0))
        await revoke(anna)
        device.revoked_at = time.monotonic()
    await device.is_shut_out()
    ledger.counts["lives"] += 1
    return anna, max([0.0, *[at for at in fleet.revivals if at > began]])


async def come_and_go(fleet: Fleet, ledger: Ledger, until: float, dice: random.Random) -> list[tuple[Trader, float]]:
    """Let people come one after the other."""
    people = []
    async with httpx.AsyncClient(trust_env=False, timeout=10, limits=httpx.Limits(keepalive_expiry=1)) as http:
        while time.monotonic() < until:
            people.append(await live(fleet, ledger, http, dice))
    return people


async def kill_in_turn(fleet: Fleet, until: float, dice: random.Random) -> None:
    """Kill the active bot, a door and the standby, over and over."""
    while True:
        for kill in (fleet.kill_active(), fleet.kill_door(dice), fleet.kill_standby(), fleet.kill_door(dice)):
            await asyncio.sleep(BETWEEN_KILLS)
            await kill
        if time.monotonic() > until:
            return


async def test_whichever_process_is_killed_nobody_gets_in_wrongly_and_every_promise_is_kept(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    ledger, dice = Ledger(), random.Random(SEED)  # noqa: S311 - dice
    with fresh_database(POSTGRESQL, tmp_path, request) as url:
        async with running_fleet(url, tmp_path) as fleet:
            stage, until = fleet.stage, time.monotonic() + LASTS
            await stage.olga.ask("/start", "Welcome")
            killing = asyncio.create_task(kill_in_turn(fleet, until - 10, dice))
            coming = [come_and_go(fleet, ledger, until, random.Random(SEED + n)) for n in range(AT_ONCE)]  # noqa: S311 - dice
            everybody = [person for people in await asyncio.gather(*coming) for person in people]
            await killing
            await stage.until_quiet()
            for anna, revived_at in everybody:
                await invariants.check_person(stage, anna, revived_at=revived_at)
            for anna, _ in everybody[:2]:
                await invariants.check_repetition(stage, anna)
            evidence.check_places(stage.sandbox)
            async with stage.database.read() as session:
                assert await session.scalar(select(func.count()).where(Notice.claim_token.is_not(None))) == 0
            for member in fleet.members:
                await evidence.check_rest(stage.sandbox, stage.database, member.log)
                assert "Traceback" not in member.log
    assert not ledger.violations, "\n".join(ledger.violations)
    assert fleet.kills >= 4
    assert min(ledger.counts[what] for what in ("lives", "accepted", "raced", "after a revocation", "guesses")) >= 5
