"""How far a reading is, on the run's row and in the living message, which follows."""

import asyncio

from models.database import Database
from services.notifications import outbox
from services.triage import claims
from services.triage.analysis_pool import ProgressCounts
from services.triage.claims import Claim

WRITE_SECONDS = 2.0  # chat.update allows fifty a minute; a bar that moves every two seconds is alive enough


class ProgressWriter:
    """Writes a run's progress to its row now and then."""

    def __init__(self, database: Database, claim: Claim) -> None:
        self._database = database
        self._claim = claim
        self._written_at = asyncio.get_running_loop().time()
        self._writing: asyncio.Task[None] | None = None

    def __call__(self, counts: ProgressCounts) -> None:
        now = asyncio.get_running_loop().time()
        idle = self._writing is None or self._writing.done()
        if idle and now - self._written_at >= WRITE_SECONDS:
            self._written_at = now
            self._writing = asyncio.create_task(self._write(counts))

    async def _write(self, counts: ProgressCounts) -> None:
        async with self._database.write() as session:
            incident, run = await claims.held_with_incident(session, self._claim)
            run.progress_bytes = counts.bytes_read
            run.progress_total_bytes = counts.bytes_total
            run.progress_lines = counts.lines
            await outbox.show_triage(session, incident=incident)
            await session.commit()

    async def finish(self) -> None:
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
