"""Incidents and uploads for the tests of the triage, and where an upload's bytes come from."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from models.database import Database
from models.incident import Incident
from models.triage import Finding, LogArtifact, RunState, TriageRun
from services.incidents import incident_service
from services.jobs.jobs import Jobs
from services.triage import intake
from services.triage.pipeline import TriagePipeline

WORKSPACE, CHANNEL, ROOT = "T1", "C1", "1700000000.000001"


@dataclass
class Shelf:
    """A `FileSource` of files by id: bytes, or the error that is raised for them. Who was asked for is remembered."""

    files: dict = field(default_factory=dict)
    shared: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    @asynccontextmanager
    async def open(self, slack_file_id):
        self.asked.append(slack_file_id)
        body = self.files[slack_file_id]
        if isinstance(body, Exception):
            raise body
        yield _in_chunks(body)

    async def places(self, slack_file_id):
        return self.shared.get(slack_file_id, [])


async def _in_chunks(body):
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


async def open_incident(database, *, channel=CHANNEL, thread_ts=ROOT):
    async with database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout fails", workspace=WORKSPACE, reporter="U1", channel=channel
        )
        incident.thread_ts = thread_ts
        await session.commit()
        return incident


async def upload(database, jobs, incident, *names, uploader="U1"):
    """One message with files whose ids are their names in capitals; the run it started."""
    files = [intake.SlackFile(id=name.upper(), name=name) for name in names]
    async with database.write() as session:
        run = await intake.receive_slack_upload(session, jobs, incident=incident, files=files, uploader=uploader)
        await session.commit()
        return run


async def all_of(database, model):
    """Every row of a table, the oldest first."""
    async with database.read() as session:
        rows = list(await session.scalars(select(model)))
    return sorted(rows, key=lambda row: getattr(row, "id", getattr(row, "run_id", "")))


async def add_findings(database, incident, *kinds, engine_version="0.1.0"):
    """A finished run with a finding of each kind, the first of them first."""
    async with database.write() as session:
        run = TriageRun(
            incident_id=incident.id,
            number=await intake.next_number(session, incident.id),
            requested_by="U1",
            state=RunState.SUCCEEDED,
            engine_version=engine_version,
        )
        session.add(run)
        await session.flush()
        for rank, kind in reversed(list(enumerate(kinds, start=1))):
            facts = {"title": kind, "kind": kind, "verdict": "likely", "confidence": 0.5, "evidence": []}
            session.add(Finding(run_id=run.id, rank=rank, **facts))
        await session.commit()
        return run


@dataclass(frozen=True)
class Case:
    """An incident, the pipeline that works on its uploads, and what that stands on."""

    database: Database
    pipeline: TriagePipeline
    jobs: Jobs
    shelf: Shelf
    incident: Incident

    async def upload(self, *names):
        return await upload(self.database, self.jobs, self.incident, *names)

    async def now(self, run):
        """The run as the database has it now."""
        async with self.database.read() as session:
            return await session.get_one(TriageRun, run.id)


async def artifacts(database):
    return {artifact.name: artifact for artifact in await all_of(database, LogArtifact)}
