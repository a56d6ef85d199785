"""A deploy in the middle of fifty triages: the new code knows a step more than the old."""

import signal
import time

from tests.faults.bench import Bench, Check
from tests.faults.lane import ALONE, CREW, Lane
from tests.faults.trials import FIRST, Trial, log_of
from tests.faults.wrapping import NEXT_CODE

RUNNING = 50
FETCHED = 10  # so many have that step behind them when the code changes
SLOW_SECONDS = 2.0  # of each download, so that they are under way together
AT_ONCE = {"TRIAGE_CONCURRENT_TRIAGES": str(RUNNING)}


async def deploy(bench: Bench) -> list[Trial]:
    """One trial for each incident."""
    crew = ALONE if bench.kind.name == "sqlite" else CREW
    async with bench.lane(crew=crew, **AT_ONCE) as lane:
        lane.sandbox.faults.add("download", "slow", count=RUNNING, seconds=SLOW_SECONDS)
        cards = [await lane.open_incident(_title(number)) for number in range(RUNNING)]
        for card in cards:
            await lane.upload(card, FIRST, log_of(FIRST, 30_000))
        await lane.until(lambda: _begun(lane, "fetch") == RUNNING and _begun(lane, "analyse") >= FETCHED)
        await _replace_code(bench, lane)
        deployed_at = time.time()

        async def trial(number: int) -> float:
            await lane.settled(_title(number), files=1)
            return time.time() - deployed_at

        return await bench.trials(trial, lambda n: lane.accounts.of(_title(n), files=[FIRST]), range(RUNNING))


async def _replace_code(bench: Bench, lane: Lane) -> None:
    """One process after the other is asked to stop, as a platform does; its next start has the new code."""
    for bot in lane.bots:
        bot.settings = {**bot.settings, NEXT_CODE: "1"}
        deaths = bot.deaths
        bench.nursery.signal(bot.pid, signal.SIGTERM)
        await lane.until(lambda: bot.deaths > deaths)  # noqa: B023 - awaited before the next
        await bot.up.wait()


def _begun(lane: Lane, step: str) -> int:
    return len({line["workflow"] for line in lane.journal.lines() if line.get("step") == step})


def _title(number: int) -> str:
    return f"deploy {number}."


CHECKS = (Check("deploy", "other code is deployed during 50 running triages", deploy, most_trials=1),)
