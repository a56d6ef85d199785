"""Runs checks on databases: kill points in lanes side by side."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.faults.databases import Postgres, Sqlite
from tests.faults.lane import lane
from tests.faults.points import Point
from tests.faults.supervised import Nursery
from tests.faults.table import Result
from tests.faults.trials import run_trial

Kind = Sqlite | Postgres


async def run_points(
    bots: Nursery,
    kind: Kind,
    points: Sequence[Point],
    *,
    seeds: Sequence[int],
    lanes: int,
    folder: Path,
    settings: dict[str, str],
    say: Callable[[Result], None] = lambda _result: None,
) -> list[Result]:
    """A trial of each point for each seed, `lanes` at a time; `say` hears of each point when it is done."""
    results = {point.name: Result(point.name, kind.name) for point in points}
    waiting = [(point, seed) for point in points for seed in seeds]

    async def work(number: int, url: str) -> None:
        async with lane(bots, folder / f"{kind.name}-{number}", url, **settings) as mine:
            while waiting:
                point, seed = waiting.pop(0)
                result = results[point.name]
                result.trials.append(await run_trial(mine, point, seed=seed))
                if len(result.trials) == len(seeds):
                    say(result)

    urls = [await kind.create() for _ in range(min(lanes, len(waiting)))]  # Alembic works on one at a time
    async with asyncio.TaskGroup() as side_by_side:
        for number, url in enumerate(urls):
            side_by_side.create_task(work(number, url))
    return list(results.values())
