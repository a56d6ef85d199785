"""Workers that die or stand still while others run, and the only process that comes back."""

import asyncio
import random
import signal
import time
from collections.abc import Callable
from typing import Any

from tests.faults.accounts import Account
from tests.faults.bench import Bench, Check
from tests.faults.lane import ALONE, CREW, Lane
from tests.faults.moments import PAUSE, Moment
from tests.faults.supervised import SupervisedBot
from tests.faults.trials import FIRST, Trial, log_of

PAUSE_SECONDS = 15.0  # longer than it takes until a worker is given up
OBSERVED_SECONDS = 4.0  # in which a worker that runs on would write what it should not
IN_A_STEP = Moment("step:analyse", "before")
POISONED = "poison.log"
POISON = Moment("analysis", "before", about=POISONED)
STORM_SECONDS, STORM_UPLOADS, STORM_INCIDENTS = 40.0, 40, 5


async def take_over(bench: Bench) -> list[Trial]:
    """From the worker's death until another goes on with its job."""
    async with bench.lane(crew=CREW) as lane:

        async def trial(seed: int) -> float:
            for worker in lane.workers:
                worker.is_replaced = False
            await _upload(lane, _title(seed), IN_A_STEP)
            victim = await lane.until(lambda: _dead(lane))
            went_on = await lane.until(lambda: _work_after(lane, lambda line: line["pid"] != victim.pid))
            await lane.settled(_title(seed), files=1)
            await victim.start()
            return went_on["at"] - victim.died_at

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=[FIRST]))


async def resume(bench: Bench) -> list[Trial]:
    """From the moment the only process answers again until it goes on with the job."""
    async with bench.lane() as lane:

        async def trial(seed: int) -> float:
            died = lane.bot.pid
            await _upload(lane, _title(seed), Moment("step:analyse", "noted"))
            went_on = await lane.until(lambda: _work_after(lane, lambda line: line["pid"] != died))
            await lane.bot.up.wait()
            await lane.settled(_title(seed), files=1)
            return max(went_on["at"] - lane.bot.ready_at, 0.0)

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=[FIRST]))


async def stand_still(bench: Bench) -> list[Trial]:
    """A worker is stopped for a while in the middle of a step, and then runs on as if nothing had been."""
    async with bench.lane(crew=CREW) as lane:

        async def trial(seed: int) -> float:
            await _upload(lane, _title(seed), Moment("step:analyse", "before", number=PAUSE))
            await lane.until(lambda: lane.orders.was_taken)
            paused = next(line for line in reversed(lane.journal.lines()) if line["event"] == "struck")
            await asyncio.sleep(PAUSE_SECONDS)
            bench.nursery.signal(paused["pid"], signal.SIGCONT)
            await lane.settled(_title(seed), files=1)
            settled_at = time.time()
            await asyncio.sleep(OBSERVED_SECONDS)
            return settled_at - paused["at"]

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=[FIRST]))


async def poison(bench: Bench) -> list[Trial]:
    """A file that takes the whole bot with it whenever it is read ends as failed, and another's is read all the same."""
    async with bench.lane() as lane:

        async def trial(seed: int) -> float:
            begun = time.time()
            poisoned, healthy = [await lane.open_incident(title) for title in (_title(seed), f"beside {seed}.")]
            lane.orders.give(POISON)
            await lane.upload(poisoned, POISONED, log_of(FIRST, 60_000))
            await lane.upload(healthy, FIRST, log_of(FIRST, 60_000))
            while not await lane.accounts.settled(_title(seed), 1):
                if lane.orders.was_taken and lane.bot.up.is_set():
                    lane.orders.give(POISON)
                await asyncio.sleep(0.1)
                _give_up_after(begun, lane.deadline_seconds)
            lane.orders.withdraw()
            await lane.settled(f"beside {seed}.", files=1)
            return time.time() - begun

        async def account(seed: int) -> Account:
            whole = await lane.accounts.of(_title(seed), files=[POISONED], may_fail=True)
            beside = await lane.accounts.of(f"beside {seed}.", files=[FIRST])
            return Account(whole.lost + beside.lost, whole.doubled + beside.doubled, whole.repeated + beside.repeated)

        return await bench.trials(trial, account)


async def storm(bench: Bench) -> list[Trial]:
    """Uploads while one process after the other is killed at random; one trial for each incident."""
    crew = ALONE if bench.kind.name == "sqlite" else CREW
    async with bench.lane(crew=crew) as lane:
        chance = random.Random(bench.seeds[0])
        cards = [await lane.open_incident(_title(number)) for number in range(STORM_INCIDENTS)]
        killing = asyncio.create_task(_kill_at_random(lane, chance))
        for number in range(STORM_UPLOADS):
            card = cards[number % STORM_INCIDENTS]
            await lane.upload(card, f"part-{number // STORM_INCIDENTS}.log", log_of(FIRST, 60_000))
            await asyncio.sleep(STORM_SECONDS / STORM_UPLOADS)
        await killing
        over_at = time.time()

        async def trial(number: int) -> float:
            await lane.settled(_title(number), files=len(names))
            return time.time() - over_at

        names = [f"part-{number}.log" for number in range(STORM_UPLOADS // STORM_INCIDENTS)]
        return await bench.trials(trial, lambda n: lane.accounts.of(_title(n), files=names), range(STORM_INCIDENTS))


async def _kill_at_random(lane: Lane, chance: random.Random) -> None:
    """Slack's second retry, a minute later, finds it over."""
    lane.all_is_well.clear()
    over_at = time.monotonic() + STORM_SECONDS
    while time.monotonic() < over_at:
        victim = chance.choice(lane.bots)
        await victim.up.wait()
        await asyncio.sleep(chance.uniform(0.2, 4.0))
        victim.kill()
    lane.all_is_well.set()


def _give_up_after(begun: float, seconds: float) -> None:
    if time.time() - begun > seconds:
        raise TimeoutError


def _title(seed: int) -> str:
    return f"workers {seed}."


async def _upload(lane: Lane, title: str, moment: Moment) -> None:
    card = await lane.open_incident(title)
    lane.orders.give(moment)
    await lane.upload(card, FIRST, log_of(FIRST, 60_000))


def _dead(lane: Lane) -> SupervisedBot | None:
    return next((worker for worker in lane.workers if worker.died_at > lane.orders.taken_at), None)


def _work_after(lane: Lane, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The first line of work in the journal behind the last blow that fits."""
    lines = lane.journal.lines()
    blow = max((number for number, line in enumerate(lines) if line["event"] == "struck"), default=len(lines))
    work = (line for line in lines[blow:] if line["event"] == "began" and line["workflow"].startswith("triage:"))
    return next(filter(fits, work), None)


CHECKS = (
    Check("take-over", "a worker is killed while another runs", take_over, ("postgres",), limit_seconds=15.0),
    Check("resume", "the only process is killed: from ready to work", resume, ("sqlite",), limit_seconds=2.0),
    Check("stand-still", "a worker stands still for 15 s, then runs on", stand_still, ("postgres",), most_trials=5),
    Check("poison", "a file kills the bot whenever it is read", poison, most_trials=2),
    Check("storm", "processes are killed at random for 40 s, under 40 uploads", storm, most_trials=1),
)
