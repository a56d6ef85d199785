"""Slack's deliveries twice, or in the reverse of their order."""

import time

from sandbox.reply import Transport
from tests.faults.bench import Bench, Check
from tests.faults.transports import EverythingTwice, LastFirst
from tests.faults.trials import FIRST, SECOND, Trial, log_of


async def twice(bench: Bench) -> list[Trial]:
    return await _delivered(bench, EverythingTwice)


async def last_first(bench: Bench) -> list[Trial]:
    return await _delivered(bench, LastFirst)


async def _delivered(bench: Bench, transport: type[Transport]) -> list[Trial]:
    """An incident, its acknowledgement and two uploads, the second on the heels of the first."""
    async with bench.lane(delivered=transport) as lane:

        async def trial(seed: int) -> float:
            begun, card = time.time(), await lane.open_incident(_title(seed))
            await lane.place.press({"ts": card.ts, "blocks": card.body["blocks"]}, "incident_acknowledge")
            for name in (FIRST, SECOND):
                await lane.upload(card, name, log_of(name, 60_000))
            await lane.settled(_title(seed), files=2)
            return time.time() - begun

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=[FIRST, SECOND]))


def _title(seed: int) -> str:
    return f"delivered {seed}"


CHECKS = (
    Check("twice", "every delivery comes twice at the same moment", twice),
    Check("last-first", "deliveries come in the reverse of their order", last_first),
)
