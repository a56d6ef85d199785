"""What the bot stands on goes away for a while: the database, the disk, and Slack on a bad day."""

import asyncio
import random
import time

from sandbox.faults import Faults
from sandbox.messages import Message
from tests.faults.bench import Bench, Check
from tests.faults.databases import Postgres
from tests.faults.lane import Lane
from tests.faults.postgres_server import running_server
from tests.faults.trials import Trial, log_of
from tests.faults.wrapping import DISK_IS_FULL

OUTAGE_SECONDS = 10.0
FULL_SECONDS = 3.0
UPLOADS, INCIDENTS = 200, 20
PATIENCE_SECONDS = 1_200.0  # behind a bad day every wait may be at its longest
ANSWERED = (
    "chat.postMessage", "chat.update", "files.info", "files.getUploadURLExternal", "files.completeUploadExternal",
    "conversations.replies", "conversations.history", "upload", "download",
)  # fmt: skip
# Each strikes one call in forty: with nine kinds about a fifth of all calls goes wrong.
BAD_DAY = (
    {"kind": "status", "status": 429, "retry_after_seconds": 1},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "error", "error": "internal_error"},
    {"kind": "timeout", "seconds": 1.0},
    {"kind": "reset"},
    {"kind": "slow", "seconds": 0.5},
    {"kind": "truncated"},
    {"kind": "lost"},
)
CHANCE = 0.025
NEVER_USED_UP = 1_000_000


async def database_away(bench: Bench) -> list[Trial]:
    """Postgres is stopped somewhere between an upload and its report, and comes back ten seconds later."""
    async with running_server(bench.folder) as server, bench.lane(kind=Postgres(server.url)) as lane:

        async def trial(seed: int) -> float:
            card = await lane.open_incident(_title(seed))
            await lane.upload(card, "app.log", log_of("app.log", 60_000))
            await asyncio.sleep(random.Random(seed).uniform(0, 0.8))
            lane.all_is_well.clear()
            await server.stop_at_once()
            await lane.upload(card, "later.log", log_of("later.log", 60_000))
            await asyncio.sleep(OUTAGE_SECONDS)
            await server.start()
            lane.all_is_well.set()
            back_at = time.time()
            await lane.settled(_title(seed), files=2)
            return time.time() - back_at

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=["app.log", "later.log"]))


async def disk_full(bench: Bench) -> list[Trial]:
    """Nothing can be written to the artifact store for a while."""
    async with bench.lane() as lane:

        async def trial(seed: int) -> float:
            card = await lane.open_incident(_title(seed))
            full = lane.folder / DISK_IS_FULL
            full.touch()
            await lane.upload(card, "app.log", log_of("app.log", 60_000))
            await asyncio.sleep(FULL_SECONDS)
            full.unlink()
            free_at = time.time()
            await lane.settled(_title(seed), files=1)
            return time.time() - free_at

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=["app.log"]))


async def bad_day(bench: Bench) -> list[Trial]:
    """Minutes in which a fifth of Slack's answers goes wrong, and 200 uploads; one trial for each incident."""
    async with bench.lane(rate_scale=5.0) as lane:
        lane.deadline_seconds = bench.minutes * 60 + PATIENCE_SECONDS
        _make_bad(lane.sandbox.faults, bench.seeds[0])
        cards = [await lane.open_incident(_title(number)) for number in range(INCIDENTS)]
        await _upload_over(lane, cards, bench.minutes * 60)
        lane.sandbox.faults.clear()
        over_at = time.time()

        async def trial(number: int) -> float:
            await lane.settled(_title(number), files=UPLOADS // INCIDENTS)
            return time.time() - over_at

        names = [f"part-{number}.log" for number in range(UPLOADS // INCIDENTS)]
        return await bench.trials(trial, lambda n: lane.accounts.of(_title(n), files=names), range(INCIDENTS))


def _make_bad(faults: Faults, seed: int) -> None:
    faults._random = random.Random(seed)
    for target in ANSWERED:
        for need in BAD_DAY:
            if need["kind"] != "error" or "." in target:
                faults.add(target, count=NEVER_USED_UP, probability=CHANCE, **need)
    faults.add("delivery", "duplicate", count=NEVER_USED_UP, probability=0.1)
    faults.add("delivery", "lost", count=NEVER_USED_UP, probability=0.1)


async def _upload_over(lane: Lane, cards: list[Message], seconds: float) -> None:
    """One upload after the other, each incident in its turn."""
    for number in range(UPLOADS):
        begun, name = time.monotonic(), f"part-{number // len(cards)}.log"
        await lane.upload(cards[number % len(cards)], name, log_of(name, 30_000))
        await asyncio.sleep(max(seconds / UPLOADS - (time.monotonic() - begun), 0))


def _title(number: int) -> str:
    return f"outage {number}."


CHECKS = (
    Check("database-away", "Postgres is stopped at once, for 10 s", database_away, ("postgres",), most_trials=5),
    Check("disk-full", "the artifact store's disk is full for 3 s", disk_full, most_trials=5),
    Check("bad-day", "minutes of 429, 500, hanging, cut off and slow answers, 200 uploads", bad_day, most_trials=1),
)
