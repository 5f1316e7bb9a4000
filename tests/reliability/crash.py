"""The bot is killed at every step that it makes, and started again."""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.reliability import invariants
from tests.reliability.flows import FLOWS, Flow, Scene
from tests.reliability.stage import open_stage
from tests.reliability.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reliability.lives import Nursery
    from tests.reliability.stage import Stage


ACT_TIME = 1.0
"""Seconds that what people do takes, at most, when nobody answers."""
ATTEMPTS = 3
"""What several tasks do at once comes in another order each time, and not every order has every step."""
Point = tuple[Flow, Step]
"""A flow, and the step at which the bot dies in it."""


@dataclass
class Outcome:
    """What came of a matrix: kills, steps that did not come again (order differs from run to run), violations."""

    points: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    missed: int = 0
    steps: int = 0
    late: int = 0
    violations: list[str] = field(default_factory=list)


async def run_matrix(
    kind: str,
    *,
    nursery: Nursery | None = None,
    webhook: bool = False,
    only: str = "",
    choose: Callable[[list[Point]], list[Point]] = lambda points: points,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Count the steps of every flow, kill the bot at each that is chosen, and return what came of it."""
    outcome = Outcome()
    flows = [flow for flow in FLOWS if only in flow.name]
    async with open_stage(kind, nursery=nursery, webhook=webhook) as stage:
        points = [(flow, step) for flow in flows for step in await count_steps(stage, flow)]
        outcome.steps = len(points)
        for flow, step in choose(points):
            began, bad = time.monotonic(), len(outcome.violations)
            await _try(outcome, stage, flow, step)
            told = f"{kind}{' webhook' if webhook else ''}: {flow.name}, {step}: {time.monotonic() - began:.1f} s"
            say("\n".join([told, *outcome.violations[bad:]]))
        log = stage.mortal.read_log()
    if "Traceback" in log:
        outcome.violations.append(f"{kind}: a traceback in the log:\n{log[log.index('Traceback') :][:4000]}")
    return outcome


async def _try(outcome: Outcome, stage: Stage, flow: Flow, step: Step) -> None:
    """Let the bot die at a step, and note what came of it; again when it was late, or did not come to that step."""
    for attempt in reversed(range(ATTEMPTS)):
        was_killed = True
        try:
            was_killed = await die_at(stage, flow, step)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
            if isinstance(error, invariants.TooLate) and attempt:
                outcome.late += 1
                continue
            told = "".join(traceback.format_exception(error))
            outcome.violations.append(f"{stage.database.engine.name}, {flow.name}, {step}:\n{told}")
        finally:
            outcome.kills += was_killed
            if not stage.bot.is_running:
                await stage.revive()
        if was_killed:
            break
    outcome.points[flow.name] += 1
    outcome.missed += not was_killed


async def count_steps(stage: Stage, flow: Flow) -> list[Step]:
    """Play a flow without any death, and return its steps."""
    scene = await prepare(stage, flow)
    stage.steps.begin()
    await flow.act(scene)
    await flow.settle(scene)
    await stage.until_quiet(scene.anna.id)
    possible = stage.steps.possible()
    stage.steps.end()
    await flow.go_on(scene)
    with contextlib.suppress(invariants.TooLate):
        await look_at(stage, flow, scene)
    return possible


async def die_at(stage: Stage, flow: Flow, step: Step) -> bool:
    """Play a flow, with the bot dying at a step, and check everything. Tell whether it came to that step."""
    before = len(stage.sandbox.calls)
    scene = await prepare(stage, flow)
    stage.steps.begin(step)
    was_reached = await _act_until_reached(stage, flow, scene)
    stage.steps.end()
    if stage.bot.is_running:
        await stage.bot.kill()
    stage.sandbox.remove_faults()
    await stage.revive()
    await flow.settle(scene)
    await stage.until_quiet(scene.anna.id)
    revived_at = stage.mortal.revived_at
    await invariants.check_person(stage, scene.anna, since=before, revived_at=revived_at)
    await flow.go_on(scene)
    await look_at(stage, flow, scene, since=before, revived_at=revived_at)
    return was_reached


async def prepare(stage: Stage, flow: Flow) -> Scene:
    """Bring somebody new to where a flow begins."""
    scene = Scene(stage, stage.newcomer())
    if flow.name != "start":
        await scene.anna.ask("/start", "Welcome")
    await flow.prepare(scene)
    if not scene.ended:
        await stage.until_quiet(scene.anna.id)
    return scene


async def _act_until_reached(stage: Stage, flow: Flow, scene: Scene) -> bool:
    """Let people act until the step is reached, or all is over; tell which."""
    acting = asyncio.ensure_future(flow.act(scene))
    settling = asyncio.create_task(_settle(acting, flow, scene))
    reaching = asyncio.create_task(stage.steps.reached.wait())
    await asyncio.wait([settling, reaching], return_when=asyncio.FIRST_COMPLETED)
    # what people do is done; only what waits for the dead is given up
    await asyncio.wait([acting], timeout=ACT_TIME)
    for task in (settling, acting, reaching):
        task.cancel()
    await asyncio.gather(settling, acting, reaching, return_exceptions=True)
    if stage.steps.reached.is_set():
        return True
    settling.result()
    return False


async def _settle(acting: asyncio.Future[None], flow: Flow, scene: Scene) -> None:
    await asyncio.shield(acting)
    await flow.settle(scene)
    await scene.stage.until_quiet(scene.anna.id)


async def look_at(stage: Stage, flow: Flow, scene: Scene, *, since: int = 0, revived_at: float = 0.0) -> None:
    """Check what must be true when a flow is over, and that nothing of it happens again."""
    await stage.until_quiet(scene.anna.id)
    await flow.check(scene)
    await invariants.check_person(stage, scene.anna, since=since, revived_at=revived_at)
    await invariants.check_repetition(stage, scene.anna)
