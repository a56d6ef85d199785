"""The triage job: fetch what is missing, analyse everything the incident has, conclude. Each step is durable."""

import logging
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from models.database import Database
from models.schemas.report import Report
from models.triage import ArtifactState, LogArtifact, RunState, TriagePicture, TriageRun
from services.artifacts.store import ArtifactStore
from services.errors import PassingFault, TriageError
from services.incidents import incident_service, threads
from services.jobs.jobs import JobFailed, Jobs, Step, StepFailed
from services.jobs.patience import until_the_database_answers
from services.notifications import outbox
from services.pictures.drawing import Picture
from services.triage import claims, concluding, intake
from services.triage.analysis_pool import AnalysisFailed, AnalysisPool, Analyzed
from services.triage.claims import Claim, ClaimLost
from services.triage.fetching import MAX_WAITS, UploadFetcher, artifacts_of, gave_up
from services.triage.file_source import FileSource
from services.triage.progress import ProgressWriter

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5  # counted here, over worker deaths too: a file that kills its reader ends as failed
MAX_CLAIMS = 50  # the same for whatever else kills a worker; waiting and deploys count too, and are fewer
TOO_OFTEN = f"Reading was cut off {MAX_ATTEMPTS} times; the file may be what stops the reader, so it is left alone now."
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 2.0, 60.0


@dataclass(frozen=True)
class TriagePipeline:
    database: Database
    store: ArtifactStore
    source: FileSource
    pool: AnalysisPool
    jobs: Jobs
    max_upload_bytes: int

    @cached_property
    def _fetcher(self) -> UploadFetcher:
        return UploadFetcher(self.database, self.store, self.source, self.max_upload_bytes)

    def register(self) -> None:
        self.jobs.register(claims.TRIAGE_JOB, self.run_triage)
        self.jobs.register(intake.LOCATE_JOB, self.locate_upload)

    async def run_triage(self, step: Step, argument: str) -> None:
        """The job itself, for a run and its turn. Whatever goes wrong ends in a sentence on the run's row and in the
        thread; what is away for now puts the run off.

        Being cut off is nothing that goes wrong: the job is taken up again elsewhere, or at the next start.
        """
        run_id, _, turn = argument.partition(":")
        claim = await until_the_database_answers(self.begin, run_id, int(turn or 1))
        if claim is None:
            return
        try:
            if claim.number > MAX_CLAIMS:
                raise StepFailed(TOO_OFTEN)  # noqa: TRY301  # ends like every other
            await step("fetch", self.fetch, claim)
            report_key = await step("analyse", self.analyse, claim)
            await step("conclude", self.conclude, claim, report_key, to_the_end=True)
        except ClaimLost as lost:
            log.info("%s", lost)
        except PassingFault as fault:
            await until_the_database_answers(self.put_off, claim, fault)
        except (StepFailed, TriageError) as error:
            await until_the_database_answers(self.fail, claim, str(error))
        except Exception as error:  # the job's boundary: the thread learns of it whatever it was
            log.exception("triage run %s failed", run_id)
            reason = f"The triage failed: {_first_line(error)}. Press Re-run to try again."
            await until_the_database_answers(self.fail, claim, reason)

    async def begin(self, run_id: str, turn: int) -> Claim | None:
        """Take the run up, if this job may. No step: a job that is taken up again after a crash has to do so too."""
        async with self.database.write() as session:
            claim = await claims.take(session, run_id=run_id, turn=turn)
            await session.commit()
        return claim

    async def fetch(self, claim: Claim) -> None:
        """Have every file of the incident in the artifact store; what cannot be had is rejected, with why."""
        await self._fetcher.fetch(claim)

    async def analyse(self, claim: Claim) -> str | None:
        """The report over every file of the incident, into the artifact store; its key, None where no file is here.

        Its picture goes there too, where there is one. A run that was cut off in its reading before is read while
        nothing else is: if it takes the process with it, it takes no other reading along.
        """
        async with self.database.read() as session:
            run = await session.get_one(TriageRun, claim.run_id)
            artifacts = await artifacts_of(session, claim.incident_id, ArtifactState.FETCHED, ArtifactState.READY)
        if not artifacts:
            return None
        async with (
            claims.while_held(self.database, claim),
            self.pool.turns.turn(claim.workspace, alone=run.attempt > 0),
        ):
            await self._begin_reading(claim)
            try:
                analyzed = await self._read(claim, artifacts)
            except AnalysisFailed:
                raise
            except BaseException:  # cut off, put off, a lost reader: not the file's doing
                await self.forgive(claim)
                raise
        if analyzed.picture is not None:
            await self._keep_picture(claim, analyzed.picture)
        key = f"reports/{claim.run_id}.json"
        await self.store.put_bytes(key, analyzed.report)
        return key

    async def _begin_reading(self, claim: Claim) -> None:
        """Count this attempt: should the process die in it, that is known afterwards."""
        async with self.database.write() as session:
            run = await claims.held(session, claim)
            if run.attempt >= MAX_ATTEMPTS:
                raise StepFailed(TOO_OFTEN)
            run.attempt += 1
            run.waits = 0
            await session.commit()

    async def forgive(self, claim: Claim) -> None:
        """Take back this attempt."""
        try:
            async with self.database.write() as session:
                run = await claims.held(session, claim)
                run.attempt = max(run.attempt - 1, 0)
                await session.commit()
        except ClaimLost:
            log.info("run %s is in other hands", claim.run_id)

    async def _read(self, claim: Claim, artifacts: list[LogArtifact]) -> Analyzed:
        async with AsyncExitStack() as paths:
            files: list[tuple[Path, str]] = []
            for artifact in artifacts:
                path = await paths.enter_async_context(self.store.local_path(artifact.storage_key or ""))
                files.append((path, artifact.name))
            progress = ProgressWriter(self.database, claim)
            try:
                return await self.pool.analyze(files, on_progress=progress)
            finally:
                await progress.finish()

    async def _keep_picture(self, claim: Claim, picture: Picture) -> None:
        png_key, svg_key = (f"pictures/{claim.run_id}.{kind}" for kind in ("png", "svg"))
        await self.store.put_bytes(png_key, picture.png)
        await self.store.put_bytes(svg_key, picture.svg.encode())
        async with self.database.write() as session:
            await claims.held(session, claim)
            kept = TriagePicture(run_id=claim.run_id, png_key=png_key, svg_key=svg_key, alt_text=picture.alt_text)
            await session.merge(kept)
            await session.commit()

    async def conclude(self, claim: Claim, report_key: str | None) -> None:
        """The report, its findings, the run's end and the messages about it, in one transaction."""
        body = await self.store.get_bytes(report_key) if report_key else None
        report = Report.from_json(body) if body else None
        async with self.database.write() as session:
            incident, run = await claims.held_with_incident(session, claim)
            await concluding.conclude(session, self.jobs, incident=incident, run=run, report=report)
            await session.commit()

    async def put_off(self, claim: Claim, fault: PassingFault) -> None:
        """Try again later; after too many times that is the end, with what was waited for."""
        try:
            async with self.database.write() as session:
                incident, run = await claims.held_with_incident(session, claim)
                if run.waits >= MAX_WAITS:
                    await claims.end(session, self.jobs, incident, run, RunState.FAILED, error=gave_up(fault))
                else:
                    wait_seconds = _wait_seconds(run.waits, fault.retry_after_seconds)
                    await claims.put_off(
                        session, self.jobs, incident, run, waiting_for=str(fault), delay_seconds=wait_seconds
                    )
                    log.info("run %s waits %.0f s: %s", run.id, wait_seconds, fault)
                await outbox.show_triage(session, incident=incident)
                await session.commit()
        except ClaimLost as lost:
            log.info("%s", lost)

    async def fail(self, claim: Claim, reason: str) -> None:
        try:
            async with self.database.write() as session:
                incident, run = await claims.held_with_incident(session, claim)
                await claims.end(session, self.jobs, incident, run, RunState.FAILED, error=reason)
                await outbox.show_triage(session, incident=incident)
                await session.commit()
        except ClaimLost as lost:
            log.info("%s", lost)

    async def locate_upload(self, step: Step, argument: str) -> None:
        """A file was shared and its message never came: look it up and take it in where it belongs to an incident.

        `argument`: workspace, file and how often it was put off.
        """
        workspace, slack_file_id, waits, *_ = [*argument.split(":"), "0"]
        try:
            await step("locate", self.locate, workspace, slack_file_id)
        except PassingFault as fault:
            log.info("file %s is looked up again later: %s", slack_file_id, fault)
            await until_the_database_answers(self._locate_again, workspace, slack_file_id, int(waits), fault)

    async def _locate_again(self, workspace: str, slack_file_id: str, waits: int, fault: PassingFault) -> None:
        if waits >= MAX_WAITS:
            log.warning("file %s is given up: %s", slack_file_id, fault)
            return
        async with self.database.write() as session:
            await intake.enqueue_locating(
                session,
                self.jobs,
                workspace=workspace,
                slack_file_id=slack_file_id,
                waits=waits + 1,
                delay_seconds=_wait_seconds(waits, fault.retry_after_seconds),
            )
            await session.commit()

    async def locate(self, workspace: str, slack_file_id: str) -> None:
        """Raises PassingFault where it is not known yet whether the file's thread is one of an incident."""
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
                elif await threads.is_one_unknown(session, workspace=workspace, channel=place.channel):
                    raise PassingFault("Slack", "the card of an incident in that channel is not posted yet")


def _wait_seconds(waits: int, retry_after_seconds: float) -> float:
    """Doubling, and never all at the same moment."""
    backoff: float = min(FIRST_WAIT_SECONDS * 2**waits, LONGEST_WAIT_SECONDS) * random.uniform(0.75, 1.25)  # noqa: S311  # jitter
    return max(backoff, retry_after_seconds * random.uniform(1.0, 1.1))  # noqa: S311  # the same


def _first_line(error: Exception) -> str:
    reason = str(error) if isinstance(error, JobFailed) else f"{type(error).__name__}: {error}"
    return reason.splitlines()[0][:300]
