"""Uploads do not stay for ever: what is known of them stays, their bytes go some time after the incident has ended."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update

from models.base import utc_now
from models.database import Database
from models.incident import Incident, IncidentStatus
from models.triage import ArtifactState, LogArtifact, RunState, TriageRun
from services.artifacts.store import ArtifactStore
from services.errors import PassingFault

log = logging.getLogger(__name__)

ENDED = (IncidentStatus.RESOLVED, IncidentStatus.CLOSED, IncidentStatus.CANCELED)
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)
FIRST_ROUND_SECONDS = 60.0  # not among everything else that a start does
ROUND_SECONDS = 86_400.0
BATCH = 100  # files between two looks at the database


@dataclass(frozen=True, slots=True)
class Retention:
    """Removes the bytes of uploads whose incident ended, and was left alone, more than `days` ago. 0: never."""

    database: Database
    store: ArtifactStore
    days: int

    async def run(self) -> None:
        """A round a day, until it is cancelled. Several workers may do it side by side: removing twice is no harm."""
        await asyncio.sleep(FIRST_ROUND_SECONDS)
        while self.days:
            try:
                removed = await self.remove_old_uploads(utc_now())
                log.info("removed %d uploads of incidents that ended over %d days ago", removed, self.days)
            except PassingFault as fault:
                log.warning("old uploads are not removed today: %s", fault)
            except Exception:  # the loop's boundary: tomorrow is another day
                log.exception("old uploads could not be removed")
            await asyncio.sleep(ROUND_SECONDS)

    async def remove_old_uploads(self, now: datetime) -> int:
        """How many were removed."""
        before, removed = now - timedelta(days=self.days), 0
        while artifacts := await self._old_uploads(before):
            for artifact in artifacts:
                await self._remove(artifact)
            removed += len(artifacts)
        return removed

    async def _old_uploads(self, before: datetime) -> Sequence[LogArtifact]:
        is_read = exists().where(TriageRun.incident_id == Incident.id, TriageRun.state.in_(UNDER_WAY))
        old = (
            select(LogArtifact)
            .join(Incident, Incident.id == LogArtifact.incident_id)
            .where(Incident.status.in_(ENDED), Incident.updated_at < before, LogArtifact.created_at < before)
            .where(LogArtifact.state.in_([ArtifactState.FETCHED, ArtifactState.READY]), ~is_read)
            .limit(BATCH)
        )
        async with self.database.read() as session:
            return (await session.scalars(old)).all()

    async def _remove(self, artifact: LogArtifact) -> None:
        """The bytes first: if the process dies in between, the row still says that there is something to remove."""
        if artifact.storage_key:
            await self.store.delete(artifact.storage_key)
        gone = update(LogArtifact).where(
            LogArtifact.id == artifact.id, LogArtifact.state.in_([ArtifactState.FETCHED, ArtifactState.READY])
        )
        async with self.database.write() as session:
            await session.execute(
                gone.values(state=ArtifactState.REJECTED, reason=_reason(artifact, self.days), storage_key=None)
            )
            await session.commit()


def _reason(artifact: LogArtifact, days: int) -> str:
    again = "press Re-run to fetch it again" if artifact.slack_file_id else "upload it again to have it read"
    return f"It was removed {days} days after the incident ended (TRIAGE_RETENTION_DAYS); {again}."
