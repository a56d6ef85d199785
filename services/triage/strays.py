"""Runs that nobody works on: whatever became of their jobs, a run that has not ended gets another one."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from models.base import utc_now
from models.database import Database
from models.triage import READING, TriageRun
from services.jobs.jobs import Jobs
from services.triage import claims

log = logging.getLogger(__name__)

ROUND_SECONDS = 60.0
AGE = timedelta(minutes=2)  # a younger one is on its way; what has a job is left alone at any age
GOING_ON = ("ENQUEUED", "DELAYED", "PENDING")
BATCH = 100


@dataclass(frozen=True, slots=True)
class StrayRuns:
    """Of a process that works. Several may look side by side: each gives a run at most one more job."""

    database: Database
    jobs: Jobs

    async def run(self) -> None:
        """A round a minute, until it is cancelled."""
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.take_in()
            except Exception:  # the loop's boundary: a database that is away is back in the next round
                log.exception("runs without a job could not be looked for")

    async def take_in(self) -> int:
        """How many runs had no job any more."""
        unfinished = select(TriageRun).where(TriageRun.state.in_(READING), TriageRun.queued_at < utc_now() - AGE)
        async with self.database.read() as session:
            runs = list(await session.scalars(unfinished.order_by(TriageRun.id).limit(BATCH)))
        return sum([await self._take_in(run) for run in runs])

    async def _take_in(self, seen: TriageRun) -> bool:
        if await self.jobs.status(claims.job_id(seen)) in GOING_ON:
            return False
        async with self.database.write() as session:
            given = await claims.give_another_job(session, self.jobs, run_id=seen.id, turn=seen.turn)
            await session.commit()
        if given:
            log.warning("run %s had no job any more, and has one again", seen.id)
        return given
