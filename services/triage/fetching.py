"""The uploads of a run that are not here yet, from where they were dropped into the artifact store."""

from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database
from models.triage import ArtifactState, LogArtifact, TriageRun
from services.artifacts.store import ArtifactStore
from services.errors import FileTooLarge, FileUnavailable, PassingFault
from services.triage import claims
from services.triage.claims import Claim
from services.triage.file_source import FileSource
from services.triage.turns import Turns

DOWNLOADS_AT_ONCE = 4  # each may hold two parts of 8 MiB on their way to an object store
# With waits that double from two seconds to a minute: some sixteen minutes, which most outages do not last.
MAX_WAITS = 20


@dataclass(frozen=True, slots=True)
class UploadFetcher:
    database: Database
    store: ArtifactStore
    source: FileSource
    max_upload_bytes: int
    turns: Turns = field(default_factory=lambda: Turns(DOWNLOADS_AT_ONCE))

    async def fetch(self, claim: Claim) -> None:
        """Stream every file that is not here yet to the artifact store; what cannot be had is rejected, with why.

        Raises:
            PassingFault: some are still missing, and may be had later. Each was asked for.
        """
        async with self.database.read() as session:
            run = await session.get_one(TriageRun, claim.run_id)
            missing = await artifacts_of(session, claim.incident_id, ArtifactState.RECEIVED)
        async with claims.while_held(self.database, claim):
            faults = [
                fault
                for artifact in missing
                if (fault := await self._fetch_one(claim, artifact, is_last_try=run.waits >= MAX_WAITS)) is not None
            ]
        if faults:
            raise max(faults, key=lambda fault: fault.retry_after_seconds)

    async def _fetch_one(self, claim: Claim, artifact: LogArtifact, *, is_last_try: bool) -> PassingFault | None:
        try:
            await self._stream(claim, artifact)
        except (FileUnavailable, FileTooLarge) as refusal:
            await self._set_artifact(claim, artifact.id, state=ArtifactState.REJECTED, reason=str(refusal))
        except PassingFault as fault:
            if not is_last_try:
                return fault
            await self._set_artifact(claim, artifact.id, state=ArtifactState.REJECTED, reason=gave_up(fault))
        return None

    async def _stream(self, claim: Claim, artifact: LogArtifact) -> None:
        key = f"uploads/{artifact.incident_id}/{artifact.id}"
        async with (
            self.turns.turn(claim.workspace),
            self.source.open(artifact.slack_file_id or "") as chunks,
        ):
            stored = await self.store.put(key, chunks, name=artifact.name, max_bytes=self.max_upload_bytes)
        fetched = {"bytes": stored.bytes, "sha256": stored.sha256, "storage_key": stored.key}
        await self._set_artifact(claim, artifact.id, state=ArtifactState.FETCHED, **fetched)

    async def _set_artifact(self, claim: Claim, artifact_id: str, **values: object) -> None:
        async with self.database.write() as session:
            await claims.held(session, claim)
            await session.execute(update(LogArtifact).where(LogArtifact.id == artifact_id).values(**values))
            await session.commit()


def gave_up(fault: PassingFault) -> str:
    return f"{fault} ({MAX_WAITS + 1} attempts within a quarter of an hour). Press Re-run to try again."


async def artifacts_of(session: AsyncSession, incident_id: str, *states: ArtifactState) -> list[LogArtifact]:
    """The incident's files in one of these states, the oldest first."""
    rows = await session.scalars(
        select(LogArtifact)
        .where(LogArtifact.incident_id == incident_id, LogArtifact.state.in_(states))
        .order_by(LogArtifact.id)
    )
    return list(rows)
