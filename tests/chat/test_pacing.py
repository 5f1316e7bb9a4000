"""When calls may go out: what destroys never waits for what can wait, and one chat's trouble is its own."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from telegram.error import RetryAfter

from bot.chat import pacing
from bot.chat.bot_api import retry_seconds
from bot.chat.pacing import (
    BURST,
    CALLS_PER_SECOND,
    FORGET_AFTER,
    KEPT_FOR_DESTROYING,
    LATER,
    LONGEST_WAIT,
    LONGEST_WAY,
    URGENT,
    USUAL_WAY,
    WAITED,
    Pacer,
    Rank,
)
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Callable

CHAT, OTHER = 101, 202
KEPT, MOST = CALLS_PER_SECOND * KEPT_FOR_DESTROYING, CALLS_PER_SECOND * BURST
"""Calls that only what destroys may make, and calls that anything else may make at one moment."""


class ManySleepers(FakeClock):
    """A clock that many wait for at once: `pass_by` lets time go on for all of them."""

    async def sleep(self, seconds: float) -> None:
        """Wait until so much time was let pass."""
        until = self.monotonic() + seconds
        while self.monotonic() < until:  # noqa: ASYNC110 - time goes on in steps
            await asyncio.sleep(0)

    async def pass_by(self, seconds: float) -> None:
        """Let time pass, a hundredth of a second after the other."""
        for _ in range(round(100 * seconds)):
            self.advance(timedelta(seconds=0.01))
            for _ in range(3):
                await asyncio.sleep(0)


class Server:
    """Takes calls, and remembers when they came."""

    def __init__(self, clock: FakeClock, calls_per_second: float = CALLS_PER_SECOND) -> None:
        self.clock = clock
        self.pacer = Pacer(clock, calls_per_second)
        self.times: list[float] = []
        self.refusals: list[int] = []
        self.on_the_way = 0
        self.seconds = 0.0
        self._network = asyncio.Event()
        self._network.set()

    async def call(self, method: str = "sendMessage", *, chat: int = CHAT, how: str | None = None) -> None:
        """Make a call, paced."""
        await self.pacer.process_request(self._serve, (), {}, method, {"chat_id": chat}, how)

    async def edit(self, *, chat: int = CHAT) -> None:
        """Make a call that destroys."""
        await self.call("editMessageText", chat=chat, how=URGENT)

    def tell_to_wait(self, seconds: int) -> None:
        """Refuse the next call."""
        self.refusals.append(seconds)

    def hold_back(self) -> None:
        """Let no call through."""
        self._network.clear()

    def let_through(self) -> int:
        """Let everything through that was held back, and return how many calls that were."""
        self._network.set()
        return self.on_the_way

    async def _serve(self) -> Any:
        self.on_the_way += 1
        await self._network.wait()
        if self.seconds:
            await self.clock.sleep(self.seconds)
        self.on_the_way -= 1
        if self.refusals:
            raise RetryAfter(self.refusals.pop(0))
        self.times.append(self.clock.monotonic())


@pytest.fixture
def server(clock: FakeClock) -> Server:
    return Server(clock)


async def use_up_what_anybody_may(server: Server) -> None:
    began = server.clock.monotonic()
    for _ in range(int(MOST)):
        await server.call()
    assert server.clock.monotonic() == began


async def test_a_third_of_the_budget_is_free_for_what_destroys(server: Server) -> None:
    await use_up_what_anybody_may(server)
    for chat in range(int(KEPT)):
        assert server.pacer.urgent_delay(chat) == 0
        await server.edit(chat=chat)
    assert server.times[-1] == 0
    assert server.pacer.urgent_delay(CHAT) > 0
    await server.call()
    assert server.times[-1] == pytest.approx((KEPT + 1) / CALLS_PER_SECOND, abs=0.01)


async def test_what_destroys_overtakes_what_waits(clock: FakeClock) -> None:
    order: list[str] = []
    gate = asyncio.Event()

    class Waiting(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await gate.wait()
            self.advance(timedelta(seconds=seconds))

    server = Server(Waiting())
    await use_up_what_anybody_may(server)

    async def ordinary() -> None:
        await server.call()
        order.append("ordinary")

    waiting = [asyncio.create_task(ordinary()) for _ in range(5)]
    await asyncio.sleep(0)
    await server.edit()
    order.append("urgent")
    gate.set()
    await asyncio.gather(*waiting)
    assert order[0] == "urgent"
    assert len(order) == 6


async def test_calls_that_are_still_being_prepared_are_counted_by_those_that_come_after_them(server: Server) -> None:
    bucket = int(KEPT + MOST)
    with ExitStack() as prepared:
        for _ in range(bucket):
            assert server.pacer.urgent_delay(CHAT) == 0.0
            prepared.enter_context(server.pacer.announced())
        assert server.pacer.urgent_delay(CHAT) == pytest.approx(1 / CALLS_PER_SECOND)
    assert server.pacer.urgent_delay(CHAT) == 0.0


async def test_ordinary_calls_go_out_at_the_rate_that_telegram_allows(server: Server) -> None:
    for _ in range(120):
        await server.call()
    assert server.times[-1] == pytest.approx((120 - MOST) / CALLS_PER_SECOND, abs=0.1)
    for start in range(len(server.times)):
        within = [at for at in server.times[start:] if at < server.times[start] + 1]
        assert len(within) <= CALLS_PER_SECOND + MOST


@pytest.mark.parametrize("rate", [3, 1000])
async def test_a_bot_that_may_make_more_or_fewer_calls_does(clock: FakeClock, rate: int) -> None:
    server = Server(clock, rate)
    for _ in range(4 * rate):
        await server.call()
    assert server.times[-1] == pytest.approx(4 - BURST, abs=1.1 / rate)
    assert server.pacer.urgent_delay(CHAT) == pytest.approx(0, abs=0.001)


async def test_a_rested_bot_has_saved_no_more_than_one_second(server: Server, clock: FakeClock) -> None:
    clock.advance(timedelta(hours=1))
    await use_up_what_anybody_may(server)
    before = clock.monotonic()
    await server.call()
    assert clock.monotonic() > before


@pytest.mark.parametrize(("how", "most"), [(None, MOST), (URGENT, KEPT + MOST)])
async def test_calls_that_a_network_held_back_are_never_too_many_at_one_moment(how: str | None, most: float) -> None:
    clock = ManySleepers()
    server = Server(clock)
    server.hold_back()
    calls = [asyncio.create_task(server.call(chat=chat, how=how)) for chat in range(60)]
    await clock.pass_by(LONGEST_WAY - 0.5)
    assert most <= server.let_through() <= most + CALLS_PER_SECOND * USUAL_WAY
    held_back = clock.monotonic()
    await clock.pass_by(5)
    await asyncio.gather(*calls)
    for passed in (0.1, 0.5, 1.0):
        arrived = sum(held_back <= at <= held_back + passed for at in server.times)
        assert arrived <= CALLS_PER_SECOND * (1 + passed), "Telegram bears a second's calls after a rest, and the rate"


async def test_calls_that_are_never_answered_stop_nobody() -> None:
    clock = ManySleepers()
    server = Server(clock)
    server.hold_back()
    calls = [asyncio.create_task(server.call(chat=chat)) for chat in range(60)]
    await clock.pass_by(LONGEST_WAY - 0.1)
    held_back = server.on_the_way
    await clock.pass_by(0.6)
    assert server.let_through() >= held_back + MOST
    await clock.pass_by(5)
    await asyncio.gather(*calls)


async def test_a_telegram_that_is_far_away_is_called_as_often() -> None:
    clock = ManySleepers()
    server = Server(clock)
    server.seconds = 0.5
    calls = [asyncio.create_task(server.call(chat=chat)) for chat in range(120)]
    await clock.pass_by((120 - MOST) / CALLS_PER_SECOND + 2 * server.seconds)
    assert len(server.times) == 120
    await asyncio.gather(*calls)


async def test_secrets_and_answers_take_turns_and_what_nobody_waits_for_goes_last(server: Server) -> None:
    await use_up_what_anybody_may(server)
    order: list[str] = []

    async def wait(name: str, how: str | None) -> None:
        if how == "show":
            await server.pacer.wait_for_turn(CHAT, Rank.SHOWING)
        else:
            await server.call(how=how)
        order.append(name)

    waiting = [("receipt", LATER), *((f"secret {n}", "show") for n in range(3)), ("answer 0", None), ("answer 1", None)]
    await asyncio.gather(*(wait(name, how) for name, how in waiting))
    assert order == ["secret 0", "answer 0", "secret 1", "answer 1", "secret 2", "receipt"]


async def test_who_gave_up_waiting_costs_nobody_a_turn(server: Server) -> None:
    await use_up_what_anybody_may(server)
    given_up, patient = asyncio.create_task(server.call()), asyncio.create_task(server.call())
    await asyncio.sleep(0)
    given_up.cancel()
    await patient
    assert server.times[-1] == pytest.approx(1 / CALLS_PER_SECOND, abs=0.01)


@pytest.mark.parametrize(
    "method",
    ["deleteMessage", "answerCallbackQuery", "getUpdates", "setMyCommands", "deleteMyCommands", "getMe"],
)
async def test_what_telegram_does_not_count_never_waits(server: Server, method: str) -> None:
    await use_up_what_anybody_may(server)
    server.tell_to_wait(60)
    with pytest.raises(RetryAfter):
        await server.edit()
    for _ in range(500):
        await server.call(method)
    assert server.times[-1] == 0


async def test_a_refused_deletion_holds_up_nothing(server: Server) -> None:
    server.tell_to_wait(60)
    with pytest.raises(RetryAfter):
        await server.call("deleteMessage")
    await server.call()
    assert server.times == [0]


async def test_a_chat_that_must_wait_holds_up_no_other(server: Server) -> None:
    server.tell_to_wait(60)
    with pytest.raises(RetryAfter):
        await server.call(chat=CHAT)
    assert server.pacer.urgent_delay(CHAT) == 60
    assert server.pacer.urgent_delay(OTHER) == 0
    await server.call(chat=OTHER)
    assert server.times == [0]


async def test_a_chat_that_must_wait_is_called_when_it_may_be(server: Server) -> None:
    server.tell_to_wait(5)
    with pytest.raises(RetryAfter):
        await server.call()
    await server.call()
    assert server.times == [5]


async def test_a_call_that_would_wait_too_long_is_refused_at_once(server: Server) -> None:
    server.tell_to_wait(60)
    with pytest.raises(RetryAfter):
        await server.call()
    with pytest.raises(RetryAfter) as refusal:
        await server.call()
    assert server.clock.monotonic() == 0
    assert retry_seconds(refusal.value) >= 60


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    assert LONGEST_WAIT == 60
    monkeypatch.setattr(pacing, "LONGEST_WAIT", 0.05)

    class Standing(FakeClock):
        async def sleep(self, seconds: float) -> None:  # noqa: ARG002
            await asyncio.sleep(60)

    server = Server(Standing())
    await use_up_what_anybody_may(server)
    with pytest.raises(RetryAfter):
        await server.call()


async def test_who_waited_for_a_turn_does_not_wait_again(server: Server) -> None:
    await server.pacer.wait_for_turn(CHAT, Rank.SHOWING)
    server.pacer._tokens = 0
    await server.call("editMessageText", how=WAITED)
    assert server.times == [0]


async def test_chats_that_need_not_wait_any_more_are_forgotten(server: Server, clock: FakeClock) -> None:
    for chat in range(FORGET_AFTER + 1):
        server.pacer._hold(chat, 1)
    clock.advance(timedelta(seconds=2))
    server.pacer._hold(CHAT, 1)
    assert len(server.pacer._held_until) == 1


def error_of(seconds: float) -> RetryAfter:
    return RetryAfter(timedelta(seconds=seconds))


@pytest.mark.parametrize(("make", "seconds"), [(lambda: RetryAfter(7), 7), (lambda: error_of(1.5), 1.5)])
def test_how_long_telegram_asks_to_wait_is_read_without_a_warning(
    make: Callable[[], RetryAfter], seconds: float
) -> None:
    # warnings are errors here
    assert retry_seconds(make()) == seconds
