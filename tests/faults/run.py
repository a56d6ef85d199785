"""Runs checks on databases: kill points in lanes side by side."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.faults import clocks, deploys, outages, redelivery, workers
from tests.faults.bench import Bench, Check, hold_to_the_limit
from tests.faults.points import Point
from tests.faults.table import Result
from tests.faults.trials import run_trial

CHECKS: tuple[Check, ...] = (
    *workers.CHECKS,
    *redelivery.CHECKS,
    *clocks.CHECKS,
    *deploys.CHECKS,
    *outages.CHECKS,
)


async def run_check(bench: Bench, check: Check) -> Result:
    fewer = replace(bench, seeds=bench.seeds[: check.most_trials])
    trials = await check.run(fewer)
    hold_to_the_limit(trials, check.limit_seconds)
    return Result(check.name, bench.kind.name, trials)


async def run_points(
    bench: Bench, points: Sequence[Point], *, lanes: int, say: Callable[[Result], None] = lambda _result: None
) -> list[Result]:
    """A trial of each point for each seed, `lanes` at a time; `say` hears of each point when it is done."""
    results = {point.name: Result(point.name, bench.kind.name) for point in points}
    waiting = [(point, seed) for point in points for seed in bench.seeds]

    async def work() -> None:
        async with bench.lane() as mine:
            while waiting:
                point, seed = waiting.pop(0)
                result = results[point.name]
                result.trials.append(await run_trial(mine, point, seed=seed))
                if len(result.trials) == len(bench.seeds):
                    say(result)

    async with asyncio.TaskGroup() as side_by_side:
        for _ in range(min(lanes, len(waiting))):
            side_by_side.create_task(work())
    return list(results.values())
