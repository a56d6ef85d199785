"""What only mattered while it was new is forgotten: rows of finished jobs, and of deliveries that were worked on."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete

from models.base import utc_now
from models.database import Database
from models.messaging import InboundEvent
from services.jobs.jobs import Jobs

log = logging.getLogger(__name__)

# Slack repeats a delivery within minutes, a deploy that goes wrong is looked into within days.
KEPT = timedelta(days=7)
FIRST_ROUND_SECONDS = 120.0  # not among everything else that a start does
ROUND_SECONDS = 6 * 3_600.0


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Of a process that works. Several may do it side by side: forgetting twice is no harm."""

    database: Database
    jobs: Jobs

    async def run(self) -> None:
        """Four rounds a day, until it is cancelled."""
        await asyncio.sleep(FIRST_ROUND_SECONDS)
        while True:
            try:
                await self.forget()
            except Exception:  # the loop's boundary: the next round is soon enough
                log.exception("old rows could not be removed")
            await asyncio.sleep(ROUND_SECONDS)

    async def forget(self) -> None:
        before = utc_now() - KEPT
        finished = await self.jobs.forget_finished(before)
        async with self.database.write() as session:
            await session.execute(delete(InboundEvent).where(InboundEvent.received_at < before))
            await session.commit()
        log.info("%d jobs that finished before %s are forgotten, and the deliveries before it", finished, before)
