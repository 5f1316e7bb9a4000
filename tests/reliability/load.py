"""The bot is killed at random moments while several people are in the middle of something."""

from __future__ import annotations

import asyncio
import random
import traceback
from typing import TYPE_CHECKING

from tests.reliability import crash
from tests.reliability.flows import FLOWS
from tests.reliability.stage import open_stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.reliability.flows import Flow, Scene
    from tests.reliability.lives import Nursery
    from tests.reliability.stage import Stage

AT_ONCE = 5
LATEST = 0.8
"""Seconds after they all began at which the bot is dead at the latest: everything is over soon after that."""
TOGETHER = [flow for flow in FLOWS if flow.name != "recovery"]  # that one kills the bot itself


async def run_load(
    kind: str, kills: int, seed: int, *, nursery: Nursery | None = None, say: Callable[[str], None] = lambda _: None
) -> crash.Outcome:
    """Kill the bot so many times, at moments that the seed decides, and return what came of it."""
    outcome, dice = crash.Outcome(), random.Random(seed)  # noqa: S311 - dice
    async with open_stage(kind, nursery=nursery) as stage:
        for number in range(kills):
            flows = dice.choices(TOGETHER, k=AT_ONCE)
            moment = dice.uniform(0.0, LATEST)
            told = f"{kind}, seed {seed}, kill {number + 1} after {moment:.2f} s of {[flow.name for flow in flows]}"
            try:
                await _die_amid(stage, flows, moment)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
                outcome.violations.append(f"{told}: {''.join(traceback.format_exception(error))}")
                if not stage.bot.is_running:
                    await stage.revive()
            outcome.kills += 1
            say(f"{told}{f' {len(outcome.violations)} violations' if outcome.violations else ''}")
    return outcome


async def _die_amid(stage: Stage, flows: list[Flow], moment: float) -> None:
    before = len(stage.sandbox.calls)
    scenes = [await crash.prepare(stage, flow) for flow in flows]
    acting = [asyncio.ensure_future(flow.act(scene)) for flow, scene in zip(flows, scenes, strict=True)]
    await asyncio.sleep(moment)
    await stage.bot.kill()
    await stage.revive()
    await asyncio.gather(*acting)
    await asyncio.gather(*map(_end, flows, scenes))
    for flow, scene in zip(flows, scenes, strict=True):
        await crash.look_at(stage, flow, scene, since=before, revived_at=stage.mortal.revived_at)


async def _end(flow: Flow, scene: Scene) -> None:
    await flow.settle(scene)
    await scene.stage.until_quiet(scene.anna.id)
    await flow.go_on(scene)
