"""An upload becomes rows: artifacts, a triage run and its job, and the message that says so, in one transaction."""

import logging
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.incident import Incident, TimelineEvent
from models.triage import ArtifactState, LogArtifact, RunState, TriageRun
from services.artifacts.store import StoredArtifact
from services.errors import NothingToTriage
from services.jobs.jobs import Jobs
from services.notifications import outbox
from services.triage import claims

LOCATE_JOB = "locate_upload"
LOCATE_AFTER_SECONDS = 10.0  # Slack sends both events of an upload within a second or two
MAX_NAME_CHARS = 200


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file of an upload, as far as the event tells."""

    id: str
    name: str


async def receive_slack_upload(
    session: AsyncSession, jobs: Jobs, *, incident: Incident, files: list[SlackFile], uploader: str
) -> TriageRun | None:
    """Start one triage for the files of one message; None where all of them are known already."""
    known = await session.scalars(
        select(LogArtifact.slack_file_id).where(
            LogArtifact.incident_id == incident.id, LogArtifact.slack_file_id.in_([file.id for file in files])
        )
    )
    seen = set(known)
    fresh = [file for file in files if file.id not in seen]
    if not fresh:
        return None
    for file in fresh:
        session.add(
            LogArtifact(
                incident_id=incident.id, slack_file_id=file.id, name=display_name(file.name), uploaded_by=uploader
            )
        )
    _tell(session, incident, uploader, [file.name for file in fresh])
    return await request_triage(session, jobs, incident=incident, requested_by=uploader)


async def receive_stored_upload(
    session: AsyncSession, jobs: Jobs, *, incident: Incident, name: str, stored: StoredArtifact, uploader: str
) -> tuple[LogArtifact, TriageRun]:
    """Start a triage for a file whose bytes are in the artifact store already."""
    artifact = LogArtifact(
        incident_id=incident.id,
        name=display_name(name),
        uploaded_by=uploader,
        state=ArtifactState.FETCHED,
        bytes=stored.bytes,
        sha256=stored.sha256,
        storage_key=stored.key,
    )
    session.add(artifact)
    _tell(session, incident, uploader, [name])
    return artifact, await request_triage(session, jobs, incident=incident, requested_by=uploader)


async def request_rerun(session: AsyncSession, jobs: Jobs, *, incident: Incident, requested_by: str) -> TriageRun:
    """Read everything again, and try once more to fetch what could not be had: a scope may have been added since.

    Raises:
        NothingToTriage: the incident has no file that could be read.
    """
    unfetched = update(LogArtifact).where(
        LogArtifact.incident_id == incident.id,
        LogArtifact.state == ArtifactState.REJECTED,
        LogArtifact.slack_file_id.is_not(None),
    )
    await session.execute(unfetched.values(state=ArtifactState.RECEIVED, reason=None))
    held = select(LogArtifact.id).where(
        LogArtifact.incident_id == incident.id, LogArtifact.state != ArtifactState.REJECTED
    )
    if (await session.execute(held.limit(1))).scalar_one_or_none() is None:
        raise NothingToTriage(incident.ref)
    return await request_triage(session, jobs, incident=incident, requested_by=requested_by)


async def request_triage(session: AsyncSession, jobs: Jobs, *, incident: Incident, requested_by: str) -> TriageRun:
    """A run over all of the incident's files, its job, and the living message that shows it."""
    run = TriageRun(
        incident_id=incident.id,
        number=await next_number(session, incident.id),
        requested_by=requested_by,
        state=RunState.QUEUED,
    )
    session.add(run)
    await session.flush()
    await claims.enqueue(session, jobs, run, workspace=incident.workspace)
    await outbox.show_triage(session, incident=incident)
    log.info("a triage is requested", extra={"run_id": run.id, "incident_id": incident.id})
    return run


async def next_number(session: AsyncSession, incident_id: str) -> int:
    """Counted in the incident's row, which stays locked until the commit: nobody gets the next one before."""
    counted = update(Incident).where(Incident.id == incident_id).values(run_count=Incident.run_count + 1)
    numbered = counted.returning(Incident.run_count).execution_options(synchronize_session=False)
    return (await session.execute(numbered)).scalar_one()


async def request_locating(session: AsyncSession, jobs: Jobs, *, workspace: str, slack_file_id: str) -> None:
    """Look a shared file up after a while, should the message that carries it never come."""
    known = select(LogArtifact.id).where(LogArtifact.slack_file_id == slack_file_id).limit(1)
    if (await session.execute(known)).scalar_one_or_none() is None:
        await enqueue_locating(
            session, jobs, workspace=workspace, slack_file_id=slack_file_id, delay_seconds=LOCATE_AFTER_SECONDS
        )


async def enqueue_locating(
    session: AsyncSession, jobs: Jobs, *, workspace: str, slack_file_id: str, waits: int = 0, delay_seconds: float
) -> None:
    named = ":".join([workspace, slack_file_id, *([str(waits)] if waits else [])])
    await jobs.enqueue(
        session,
        kind=LOCATE_JOB,
        job_id=f"{LOCATE_JOB}:{named}",
        argument=named,
        lane=workspace,
        delay_seconds=delay_seconds,
    )


def display_name(name: str) -> str:
    """The file's own name for showing: no folders, one line; never used as a path."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    printable = "".join(char for char in base if char.isprintable()).strip()
    return printable[:MAX_NAME_CHARS] or "unnamed"


def _tell(session: AsyncSession, incident: Incident, uploader: str, names: list[str]) -> None:
    session.add(
        TimelineEvent(
            incident_id=incident.id,
            kind="logs_uploaded",
            actor=uploader,
            source="upload",
            payload={"files": [display_name(name) for name in names]},
        )
    )
