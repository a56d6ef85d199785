"""The triage job: fetch what is missing, analyse everything the incident has, conclude. Each step is durable."""

import asyncio
import hashlib
import logging
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import utc_now
from models.database import Database
from models.incident import Incident
from models.schemas.report import Report
from models.triage import ArtifactState, Finding, LogArtifact, RunState, TriagePicture, TriageReport, TriageRun
from services.artifacts.store import ArtifactStore
from services.errors import FileTooLarge, FileUnavailable
from services.incidents import incident_service
from services.jobs.jobs import JobFailed, Jobs, Step, StepFailed
from services.notifications import outbox
from services.pictures.drawing import Picture
from services.triage import intake
from services.triage.analysis_pool import AnalysisPool, ProgressCounts
from services.triage.announcement import announce_end
from services.triage.file_source import FileSource

log = logging.getLogger(__name__)

PROGRESS_WRITE_SECONDS = 2.0  # chat.update allows fifty a minute; a bar that moves every two seconds is alive enough
MAX_ATTEMPTS = 5  # counted here, over worker deaths too: a file that kills its reader ends as failed
TOO_OFTEN = f"Reading was cut off {MAX_ATTEMPTS} times; the file may be what stops the reader, so it is left alone now."


@dataclass(frozen=True, slots=True)
class TriagePipeline:
    database: Database
    store: ArtifactStore
    source: FileSource
    pool: AnalysisPool
    jobs: Jobs
    max_upload_bytes: int

    def register(self) -> None:
        self.jobs.register(intake.TRIAGE_JOB, self.run_triage)
        self.jobs.register(intake.LOCATE_JOB, self.locate_upload)

    async def run_triage(self, step: Step, run_id: str) -> None:
        """The job itself. Whatever goes wrong ends in a sentence on the run's row and in the thread.

        Being cut off is nothing that goes wrong: the job is taken up again at the next start.
        """
        try:
            if not await self.may_try(run_id):
                await self.fail(run_id, TOO_OFTEN)
                return
            if not await step("begin", self.begin, run_id):
                return
            await step("fetch", self.fetch, run_id)
            report_key = await step("analyse", self.analyse, run_id)
            await step("conclude", self.conclude, run_id, report_key)
        except asyncio.CancelledError:
            await self.forgive(run_id)
            raise
        except StepFailed as error:
            await self.fail(run_id, str(error))
        except Exception as error:  # the job's boundary: the thread learns of it whatever it was
            log.exception("triage run %s failed", run_id)
            await self.fail(run_id, f"The triage failed: {_first_line(error)}. Press Re-run to try again.")

    async def may_try(self, run_id: str) -> bool:
        """Count this attempt. Not a step: a job that is taken up again after a crash counts as one more."""
        async with self.database.write() as session:
            run = await session.get_one(TriageRun, run_id)
            run.attempt += 1
            await session.commit()
        return run.attempt <= MAX_ATTEMPTS

    async def forgive(self, run_id: str) -> None:
        """Take back this attempt: that the process was asked to stop is not the file's doing."""
        async with self.database.write() as session:
            run = await session.get_one(TriageRun, run_id)
            run.attempt = max(run.attempt - 1, 0)
            await session.commit()

    async def begin(self, run_id: str) -> bool:
        """Whether there is anything to do: a newer run covers the same files and more."""
        async with self.database.write() as session:
            run = await session.get_one(TriageRun, run_id)
            newer = select(TriageRun.id).where(
                TriageRun.incident_id == run.incident_id, TriageRun.id > run.id, TriageRun.state == RunState.QUEUED
            )
            superseded = (await session.execute(newer.limit(1))).scalar_one_or_none() is not None
            run.state = RunState.SUPERSEDED if superseded else RunState.RUNNING
            run.started_at = utc_now()
            await session.commit()
        return not superseded

    async def fetch(self, run_id: str) -> None:
        """Stream every file that is not here yet to the artifact store; what cannot be had is rejected, with why."""
        async with self.database.read() as session:
            run = await session.get_one(TriageRun, run_id)
            missing = await _artifacts(session, run.incident_id, ArtifactState.RECEIVED)
        for artifact in missing:
            await self._fetch_one(artifact)

    async def _fetch_one(self, artifact: LogArtifact) -> None:
        key = f"uploads/{artifact.incident_id}/{artifact.id}"
        try:
            async with self.source.open(artifact.slack_file_id or "") as chunks:
                stored = await self.store.put(key, chunks, name=artifact.name, max_bytes=self.max_upload_bytes)
        except (FileUnavailable, FileTooLarge) as refusal:
            await self._set_artifact(artifact.id, state=ArtifactState.REJECTED, reason=str(refusal))
        else:
            await self._set_artifact(
                artifact.id,
                state=ArtifactState.FETCHED,
                bytes=stored.bytes,
                sha256=stored.sha256,
                storage_key=stored.key,
            )

    async def _set_artifact(self, artifact_id: str, **values: object) -> None:
        async with self.database.write() as session:
            await session.execute(update(LogArtifact).where(LogArtifact.id == artifact_id).values(**values))
            await session.commit()

    async def analyse(self, run_id: str) -> str | None:
        """The report over every file of the incident, into the artifact store; its key, None where no file is here.

        Its picture goes there too, where there is one.
        """
        async with self.database.read() as session:
            run = await session.get_one(TriageRun, run_id)
            artifacts = await _artifacts(session, run.incident_id, ArtifactState.FETCHED, ArtifactState.READY)
        if not artifacts:
            return None
        async with AsyncExitStack() as paths:
            files: list[tuple[Path, str]] = []
            for artifact in artifacts:
                path = await paths.enter_async_context(self.store.local_path(artifact.storage_key or ""))
                files.append((path, artifact.name))
            progress = _ProgressWriter(self.database, run_id)
            try:
                analyzed = await self.pool.analyze(files, on_progress=progress)
            finally:
                await progress.finish()
        if analyzed.picture is not None:
            await self._keep_picture(run_id, analyzed.picture)
        key = f"reports/{run_id}.json"
        await self.store.put_bytes(key, analyzed.report)
        return key

    async def _keep_picture(self, run_id: str, picture: Picture) -> None:
        png_key, svg_key = (f"pictures/{run_id}.{kind}" for kind in ("png", "svg"))
        await self.store.put_bytes(png_key, picture.png)
        await self.store.put_bytes(svg_key, picture.svg.encode())
        async with self.database.write() as session:
            await session.merge(
                TriagePicture(run_id=run_id, png_key=png_key, svg_key=svg_key, alt_text=picture.alt_text)
            )
            await session.commit()

    async def conclude(self, run_id: str, report_key: str | None) -> None:
        """The report, its findings, the run's end and the messages about it, in one transaction."""
        body = await self.store.get_bytes(report_key) if report_key else None
        report = Report.from_json(body) if body else None
        async with self.database.write() as session:
            run = await session.get_one(TriageRun, run_id)
            if run.finished_at is not None:  # the process died between this commit and the note that the step is done
                return
            incident = await session.get_one(Incident, run.incident_id)
            rejected = await _artifacts(session, incident.id, ArtifactState.REJECTED)
            run.finished_at = utc_now()
            if report is None:
                run.state = RunState.FAILED
                run.error = " ".join(f"{artifact.name}: {artifact.reason}" for artifact in rejected) or None
            else:
                await self._keep(session, run, report)
                unread = any(file.unread for file in report.files)
                run.state = RunState.PARTIAL if rejected or unread else RunState.SUCCEEDED
            await announce_end(session, incident=incident, run=run, report=report)
            await session.commit()

    async def _keep(self, session: AsyncSession, run: TriageRun, report: Report) -> None:
        artifacts = await _artifacts(session, run.incident_id, ArtifactState.FETCHED, ArtifactState.READY)
        lines_of = {file.sha256: file.lines for file in report.files}
        for artifact in artifacts:
            artifact.state = ArtifactState.READY
            artifact.lines = lines_of.get(artifact.sha256 or "")
        run.engine_version = report.stats.engine_version
        run.input_digest = _digest(artifacts)
        await session.merge(TriageReport(run_id=run.id, body=report.to_body()))
        for finding in report.findings:
            session.add(
                Finding(
                    run_id=run.id,
                    rank=finding.rank,
                    title=finding.title,
                    kind=finding.kind,
                    verdict=finding.verdict,
                    confidence=finding.confidence,
                    evidence=[_kept_evidence(asdict(e)) for e in finding.evidence],
                )
            )

    async def fail(self, run_id: str, reason: str) -> None:
        async with self.database.write() as session:
            run = await session.get_one(TriageRun, run_id)
            incident = await session.get_one(Incident, run.incident_id)
            run.state, run.error, run.finished_at = RunState.FAILED, reason, utc_now()
            await outbox.show_triage(session, incident=incident)
            await session.commit()

    async def locate_upload(self, step: Step, argument: str) -> None:
        """A file was shared and its message never came: look it up and take it in where it belongs to an incident."""
        await step("locate", self.locate, argument)

    async def locate(self, argument: str) -> None:
        workspace, _, slack_file_id = argument.partition(":")
        for place in await self.source.places(slack_file_id):
            if place.thread_ts is None:
                continue
            async with self.database.write() as session:
                incident = await incident_service.get_incident_by_thread(
                    session, workspace, place.channel, place.thread_ts
                )
                if incident is not None:
                    file = intake.SlackFile(id=slack_file_id, name=place.name)
                    await intake.receive_slack_upload(
                        session, self.jobs, incident=incident, files=[file], uploader=place.uploader
                    )
                    await session.commit()


class _ProgressWriter:
    """Writes a run's progress to its row now and then, and has the living message follow."""

    def __init__(self, database: Database, run_id: str) -> None:
        self._database = database
        self._run_id = run_id
        self._written_at = asyncio.get_running_loop().time()
        self._writing: asyncio.Task[None] | None = None

    def __call__(self, counts: ProgressCounts) -> None:
        now = asyncio.get_running_loop().time()
        idle = self._writing is None or self._writing.done()
        if idle and now - self._written_at >= PROGRESS_WRITE_SECONDS:
            self._written_at = now
            self._writing = asyncio.create_task(self._write(counts))

    async def _write(self, counts: ProgressCounts) -> None:
        async with self._database.write() as session:
            run = await session.get_one(TriageRun, self._run_id)
            run.progress_bytes = counts.bytes_read
            run.progress_total_bytes = counts.bytes_total
            run.progress_lines = counts.lines
            incident = await session.get_one(Incident, run.incident_id)
            await outbox.show_triage(session, incident=incident)
            await session.commit()

    async def finish(self) -> None:
        if self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)


async def _artifacts(session: AsyncSession, incident_id: str, *states: ArtifactState) -> list[LogArtifact]:
    rows = await session.scalars(
        select(LogArtifact)
        .where(LogArtifact.incident_id == incident_id, LogArtifact.state.in_(states))
        .order_by(LogArtifact.id)
    )
    return list(rows)


def _kept_evidence(evidence: dict[str, object]) -> dict[str, object]:
    quote = str(evidence["text"])
    return {**evidence, "quote_sha256": hashlib.sha256(quote.encode()).hexdigest()}


def _digest(artifacts: list[LogArtifact]) -> str:
    return hashlib.sha256("\n".join(sorted(a.sha256 or "" for a in artifacts)).encode()).hexdigest()


def _first_line(error: Exception) -> str:
    reason = str(error) if isinstance(error, JobFailed) else f"{type(error).__name__}: {error}"
    return reason.splitlines()[0][:300]
