"""One trial: a person does something, the bot is killed at a point of it, and the incident is held to its account."""

import asyncio
import random
import time
from dataclasses import dataclass, field

from sandbox.messages import Message
from tests.faults.accounts import Account
from tests.faults.lane import Lane
from tests.faults.points import Cause, Point

LONGEST_WAIT_SECONDS = 1.5  # about what an upload takes to its last message
FIRST, SECOND = "app.log", "later.log"


@dataclass
class Trial:
    """What came of it. `recovery_seconds`: from the bot's death until nothing more could come; None if that never was."""

    account: Account = field(default_factory=Account)
    recovery_seconds: float | None = None


async def run_trial(lane: Lane, point: Point, *, seed: int) -> Trial:
    title, trial = f"{point.name} {seed}", Trial()
    try:
        files = await _provoke(lane, point, title, random.Random(seed))
        await lane.settled(title, files=len(files))
        trial.account = await lane.accounts.of(title, files=files, may_fail=not point.kills_bot)
        trial.recovery_seconds = max(time.time() - lane.bot.died_at, 0.0) if point.kills_bot else 0.0
    except TimeoutError:
        trial.account = await lane.accounts.of(title, files=[])
        trial.account.lost.append("it never came to an end")
    if point.moment is not None and not lane.orders.was_taken:
        trial.account.lost.append("the point was never reached")
    lane.orders.withdraw()
    return trial


async def _provoke(lane: Lane, point: Point, title: str, chance: random.Random) -> list[str]:
    """Come to the point and be killed there; the names of the files that were uploaded."""
    if point.cause == Cause.COMMAND:
        _order(lane, point)
        card = await lane.open_incident(title)
        await _struck(lane, point)
        return await _upload(lane, card, FIRST, point)
    card = await lane.open_incident(title)
    files = []
    if point.cause == Cause.SECOND_UPLOAD:
        files = await _upload(lane, card, FIRST, point)
        await lane.settled(title, files=1)
    _order(lane, point)
    if point.cause == Cause.PRESS:
        await lane.place.press(_as_pressed(card), "incident_acknowledge")
        await _struck(lane, point)
        return await _upload(lane, card, FIRST, point)
    files += await _upload(lane, card, SECOND if files else FIRST, point)
    if point.moment is None:
        await asyncio.sleep(chance.uniform(0, LONGEST_WAIT_SECONDS))
        deaths = lane.bot.deaths
        lane.bot.kill()
        await lane.until(lambda: lane.bot.deaths > deaths)
    else:
        await _struck(lane, point)
    return files


def _order(lane: Lane, point: Point) -> None:
    if point.moment is not None:
        lane.orders.give(point.moment)


async def _struck(lane: Lane, point: Point) -> None:
    """The blow has fallen, and the bot is back."""
    await lane.until(lambda: lane.orders.was_taken)
    if point.kills_bot:
        await lane.until(lambda: lane.bot.died_at > lane.orders.taken_at)
        await lane.bot.up.wait()


async def _upload(lane: Lane, card: Message, name: str, point: Point) -> list[str]:
    await lane.upload(card, name, log_of(name, point.upload_bytes))
    return [name]


def _as_pressed(card: Message) -> dict[str, object]:
    return {"ts": card.ts, "blocks": card.body["blocks"]}


def log_of(name: str, size_bytes: int) -> bytes:
    """A service that works for a quarter of an hour and then fails; another way in the second file of an incident."""
    lines = max(size_bytes // 62, 100)
    seconds = [900 * number // lines for number in range(lines)]
    fine = b"".join(
        b"2026-03-01 10:%02d:%02d INFO web: GET /cart 200 in 7 ms, %06d\n" % (s // 60, s % 60, s) for s in seconds
    )
    said = (
        b"pool: connection pool exhausted, 20 of 20 in use"
        if name == FIRST
        else b"disk: no space left on /var/lib/shop"
    )
    return fine + b"".join(b"2026-03-01 10:15:%02d ERROR %s\n" % (second, said) for second in range(30))
