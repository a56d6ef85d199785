"""The machine's clock jumps by an hour in the middle of a triage, and back before the next."""

import time
from functools import partial

from tests.faults.bench import Bench, Check
from tests.faults.trials import FIRST, Trial, log_of
from tests.faults.wrapping import CLOCK, CLOCK_MAY_JUMP

HOUR_SECONDS = 3600.0


async def jump(bench: Bench, seconds: float) -> list[Trial]:
    """Right after Slack's events are in; what is verified by its time (a signature) is another matter."""
    async with bench.lane(**{CLOCK_MAY_JUMP: "1"}) as lane:
        lane.trusts_clocks = False
        offset = lane.folder / CLOCK

        async def trial(seed: int) -> float:
            card = await lane.open_incident(_title(seed))
            await lane.upload(card, FIRST, log_of(FIRST, 20_000_000))
            await lane.until(lambda: not lane.sandbox.deliveries.pending)
            offset.write_text(str(seconds))
            jumped_at = time.time()
            await lane.settled(_title(seed), files=1)
            took = time.time() - jumped_at
            offset.write_text("0")
            return took

        return await bench.trials(trial, lambda seed: lane.accounts.of(_title(seed), files=[FIRST]))


def _title(seed: int) -> str:
    return f"clock {seed}"


CHECKS = (
    Check("clock-forward", "the clock jumps an hour ahead", partial(jump, seconds=HOUR_SECONDS), limit_seconds=30.0),
    Check("clock-back", "the clock jumps an hour back", partial(jump, seconds=-HOUR_SECONDS), limit_seconds=30.0),
)
