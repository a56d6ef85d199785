"""Jobs as they are seen from outside: what is logged in them says whose they are, and their steps are timed."""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.observability.metrics import Metrics
from bot.observability.tracing import describe_span
from models.database import Database
from models.triage import RunState, TriageRun
from services.errors import PassingFault
from services.jobs.dbos_jobs import DbosJobs
from services.jobs.jobs import Job, Step
from services.triage.claims import TRIAGE_JOB

T = TypeVar("T")

log = logging.getLogger(__name__)

UNDER_WAY = (RunState.QUEUED, RunState.RUNNING)
# Why a run failed where no step of it did: it was tried too often, or no file of it could be had.
GIVEN_UP, NO_FILE = "given_up", "no_file"


class WatchedJobs(DbosJobs):
    """The jobs, watched as they are registered."""

    def __init__(self, database: Database, metrics: Metrics, *, concurrency: int) -> None:
        super().__init__(database, concurrency=concurrency)
        self._runs = _Runs(database, metrics)
        self._metrics = metrics

    def register(self, kind: str, job: Job) -> None:
        super().register(kind, self.watched(kind, job))

    def watched(self, kind: str, job: Job) -> Job:
        """The job, with its kind and its run bound to everything that is logged in it."""

        async def run(step: Step, argument: str) -> None:
            steps = _WatchedStep(step, self._metrics)
            describe_span(f"job {kind}", {"triage.job": argument})
            with structlog.contextvars.bound_contextvars(job=kind):
                if kind == TRIAGE_JOB:
                    await self._runs.watch(job, steps, argument)
                else:
                    await job(steps, argument)

        return run


class _WatchedStep:
    """A step whose result was kept is not run again, and not counted.

    Attributes:
        attempts: at all steps, in this process.
        failure: the last one that came out of a step, as a word.
    """

    def __init__(self, step: Step, metrics: Metrics) -> None:
        self._step = step
        self._metrics = metrics
        self.attempts = 0
        self.failure: str | None = None

    async def __call__(self, name: str, action: Callable[..., Coroutine[Any, Any, T]], *args: Any, **options: Any) -> T:
        tried = False

        async def attempt(*args: Any) -> T:
            nonlocal tried
            if tried:
                self._metrics.step_retries.labels(name).inc()
            tried = True
            self.attempts += 1
            with structlog.contextvars.bound_contextvars(step=name):
                return await self._timed(name, action(*args))

        try:
            return await self._step(name, attempt, *args, **options)
        except Exception as error:
            self.failure = _word_for(error)
            raise

    async def _timed(self, name: str, running: Coroutine[Any, Any, T]) -> T:
        began, outcome = time.perf_counter(), "failed"
        try:
            result = await running
            outcome = "done"
        except PassingFault:
            outcome = "put_off"
            raise
        except asyncio.CancelledError:
            outcome = "cut_off"
            raise
        finally:
            self._metrics.step_seconds.labels(name, outcome).observe(time.perf_counter() - began)
        return result


class _Runs:
    """Triage runs: named by their incident in what is logged, counted and logged when they end."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def watch(self, job: Job, steps: _WatchedStep, argument: str) -> None:
        run_id = argument.partition(":")[0]
        run = await self._look(run_id)
        with structlog.contextvars.bound_contextvars(run_id=run_id, incident_id=run.incident_id if run else None):
            await job(steps, argument)
            if run is None or run.state in UNDER_WAY:
                self._note_end(await self._look(run_id), steps)

    async def _look(self, run_id: str) -> TriageRun | None:
        """The run as it stands. A database that is away for a moment must not fail a job for our sake."""
        try:
            async with self._database.read() as session:
                return await session.scalar(select(TriageRun).where(TriageRun.id == run_id))
        except (SQLAlchemyError, OSError) as error:
            log.warning("the run cannot be looked at: %s", type(error).__name__)
            return None

    def _note_end(self, run: TriageRun | None, steps: _WatchedStep) -> None:
        if run is None or run.state in UNDER_WAY:
            return
        self._metrics.runs.labels(run.state).inc()
        if run.state == RunState.FAILED:
            reason = steps.failure or (NO_FILE if steps.attempts else GIVEN_UP)
            self._metrics.run_failures.labels(reason).inc()
        log.info("the triage run ended: %s", run.error or run.state, extra={"state": run.state})


def _word_for(error: Exception) -> str:
    """AnalysisFailed -> analysis_failed."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()
