"""Jobs on DBOS: its tables live in our database, so a job is enqueued in the transaction that gives its reason.

DBOS is one per process, and so is this. Every job is one workflow, `job(kind, argument)`; what a kind does is
registered.
"""

import asyncio
import functools
import logging
import time
import uuid
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from dbos import DBOS, DBOSClient
from dbos import EnqueueOptions as DbosEnqueueOptions
from dbos import error as dbos_errors
from opentelemetry import trace
from opentelemetry.context import get_current
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database
from services.errors import TriageError
from services.jobs import heartbeats
from services.jobs.heartbeats import Heartbeats
from services.jobs.jobs import Job, JobFailed, StepFailed, StepsChanged
from services.jobs.kept_results import JsonResults, reason_of
from services.jobs.patience import until_the_database_answers

log = logging.getLogger(__name__)

T = TypeVar("T")

APPLICATION = "triage"
QUEUE = "triage"
# Pinned: by default DBOS derives the version from the workflow's source, and a deploy would strand what is queued.
WORKFLOW_VERSION = "1"
POLL_SECONDS = 0.28  # a job begins within a third of a second, and an idle worker stays below fifty statements a second
STEP_ATTEMPTS = 4
MAX_RECOVERIES = 1_000  # never reached: the pipeline counts for itself, and says in the thread when it gives up
CUT_OFF_SECONDS = 5.0  # for what a job does when it is cut off; a platform kills after ten at the earliest
UNKNOWN_KIND_SECONDS = 10.0  # during a deploy a worker of the old code may get a job that only the new one knows
MAX_RESTARTS = 360  # with the wait above: an hour, longer than any deploy
LONGEST_DELAY_SECONDS = 3_600.0
FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


@dataclass(slots=True)
class _Work:
    """What this process can do and is doing; one per process, as DBOS is."""

    kinds: dict[str, Job] = field(default_factory=dict)
    under_way: dict[asyncio.Task[Any], str] = field(default_factory=dict)  # the job's id
    finishing: set[asyncio.Task[Any]] = field(default_factory=set)
    stopping: bool = False
    client: DBOSClient | None = None


_work = _Work()


@DBOS.workflow(name="job", max_recovery_attempts=MAX_RECOVERIES)
async def _job(kind: str, argument: str) -> None:
    """DBOS records no outcome for a workflow that was cut off by cancellation: it stays to be taken up again."""
    task, job_id = asyncio.current_task(), DBOS.workflow_id or ""
    if _work.stopping or task is None:
        raise asyncio.CancelledError
    _work.under_way[task] = job_id
    try:
        if kind in _work.kinds:
            await _work.kinds[kind](_step, argument)
        else:
            await _begin_anew(job_id, kind, argument, delay_seconds=UNKNOWN_KIND_SECONDS)
    except StepsChanged:
        await _begin_anew(job_id, kind, argument)
    finally:
        del _work.under_way[task]
        _work.finishing.discard(task)


async def _begin_anew(job_id: str, kind: str, argument: str, *, delay_seconds: float = 0) -> None:
    """Put the same job into the queue once more, without what was kept of its steps; this one ends."""
    client = _work.client
    first, _, restarts = job_id.partition("~")
    restart = int(restarts or 0) + 1
    if client is None or restart > MAX_RESTARTS:
        raise JobFailed(f"no worker knows what a job of the kind {kind} is")
    log.warning("job %s of the kind %s does not fit this code; it is begun anew", job_id, kind)
    row = await asyncio.to_thread(client._sys_db.get_workflow_status, job_id)  # noqa: SLF001  # DBOS has no public way
    lane = (row and row["queue_partition_key"]) or APPLICATION
    options = _enqueue_options(f"{first}~{restart}", lane, delay_seconds)
    await asyncio.to_thread(client.enqueue, options, kind, argument)


def _enqueue_options(job_id: str, lane: str, delay_seconds: float) -> DbosEnqueueOptions:
    options: DbosEnqueueOptions = {
        "queue_name": QUEUE,
        "workflow_name": "job",
        "workflow_id": job_id,
        "queue_partition_key": lane,
        "app_version": WORKFLOW_VERSION,
        "otel_context": get_current(),  # kept with the job, whose steps join the trace
    }
    if delay_seconds:
        options["delay_seconds"] = min(delay_seconds, LONGEST_DELAY_SECONDS)
    return options


async def _set_aside() -> None:
    """Cut off what is under way, while everything it stands on still works; what is about to finish may do so."""
    _work.stopping = True
    for task in _work.under_way:
        if task not in _work.finishing:
            task.cancel()
    if _work.under_way:
        _, late = await asyncio.wait(list(_work.under_way), timeout=CUT_OFF_SECONDS)
        for task in late:
            task.cancel()


async def _step(name: str, action: Callable[..., Coroutine[Any, Any, T]], *args: object, to_the_end: bool = False) -> T:
    options: Any = {
        "name": name,
        "retries_allowed": True,
        "max_attempts": STEP_ATTEMPTS,
        "interval_seconds": 0.5,
        "should_retry": lambda error: not isinstance(error, StepFailed | TriageError),
    }
    task = asyncio.current_task()
    if to_the_end and task is not None:
        _work.finishing.add(task)
    try:
        patient = functools.partial(until_the_database_answers, action)
        return await DBOS.run_step_async(options, patient, *args)
    except dbos_errors.DBOSMaxStepRetriesExceeded as error:
        raise JobFailed(reason_of(error)) from error
    except dbos_errors.DBOSUnexpectedStepError as error:
        raise StepsChanged(str(error)) from error


class DbosJobs:
    """The `Jobs` port on DBOS.

    On SQLite there is one process, so its worker keeps one name and takes its own jobs up again when it starts. On
    Postgres every worker has a name of its own; a heartbeat says that it lives, and the jobs of one that stopped go
    back to the queue.

    Args:
        concurrency: how many jobs are under way at once in a process. DBOS keeps the number with the queue: of workers
            that share a database, the one that was started last decides for all.
    """

    def __init__(self, database: Database, *, concurrency: int) -> None:
        self._database = database
        self._concurrency = concurrency
        self._worker_id = "local" if database.is_sqlite else f"worker-{uuid.uuid4().hex[:12]}"
        self._heart = None if database.is_sqlite else Heartbeats(database, self._worker_id)
        self._client: DBOSClient | None = None
        self._works = False
        self._looking_after: asyncio.Task[None] | None = None
        self._idle: set[str] = set()  # jobs of this worker's that it was not working on at the last look

    def register(self, kind: str, job: Job) -> None:
        _work.kinds[kind] = job

    async def enqueue(
        self, session: AsyncSession, *, kind: str, job_id: str, argument: str, lane: str, delay_seconds: float = 0
    ) -> None:
        options = _enqueue_options(job_id, lane, delay_seconds)
        await session.flush()
        client = self._started()
        await session.run_sync(lambda sync: client.enqueue_in_transaction(sync, options, kind, argument))

    async def status(self, job_id: str) -> str | None:
        status = await asyncio.to_thread(self._started()._sys_db.get_workflow_status, job_id)  # noqa: SLF001
        return str(status["status"]) if status else None

    async def forget_finished(self, before: datetime) -> int:
        client, forgotten = self._started(), 0
        while finished := await client.list_workflows_async(
            status=FINISHED, completed_before=before.isoformat(), limit=500, load_input=False, load_output=False
        ):
            await client.delete_workflows_async([job.workflow_id for job in finished])
            forgotten += len(finished)
        return forgotten

    async def start(self, *, work: bool) -> None:
        self._works = work
        self._client = await asyncio.to_thread(
            DBOSClient,
            system_database_url=self._database.sync_url,
            serializer=JsonResults(),
            application_name=APPLICATION,
        )
        if work:
            _work.stopping, _work.client = False, self._client
            if self._heart is not None:
                await self._heart.beat()  # before the first job: nobody takes over from a worker that was never seen
            DBOS(config=_config(self._database, self._worker_id))
            DBOS.launch()  # on this thread: DBOS runs its jobs on the loop it finds here
            await DBOS.register_queue_async(
                QUEUE,
                worker_concurrency=self._concurrency,
                partition_worker_concurrency=places_of_a_lane(self._concurrency),
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )
            self._looking_after = asyncio.create_task(self._look_after())

    async def stop(self) -> None:
        if self._looking_after is not None:
            self._looking_after.cancel()
            await asyncio.gather(self._looking_after, return_exceptions=True)
        if self._works:
            await _set_aside()
            await asyncio.to_thread(DBOS.destroy)
            # DBOS made its own pool of threads the loop's default and has just shut it down; the rest still stops.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            await self._hand_over()
            _work.client = None
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
            self._client = None

    def _started(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("jobs are enqueued after start()")
        return self._client

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(heartbeats.BEAT_SECONDS)
            try:
                await self._look()
            except Exception:  # a database that is away must not end the heartbeat for good
                log.exception("the heartbeat failed; trying again")

    async def _look(self) -> None:
        if self._heart is not None:
            await self._heart.beat()
        unfinished = await self._jobs_that_are("PENDING", "DELAYED")
        await self._shorten_delays([job for job in unfinished if job.status == "DELAYED"])
        pending = [job for job in unfinished if job.status == "PENDING"]
        await self._take_up_what_was_dropped([job for job in pending if job.executor_id == self._worker_id])
        if self._heart is not None:
            await self._take_over(self._heart, pending)

    async def _jobs_that_are(self, *states: str) -> Sequence[Any]:
        return await self._started().list_workflows_async(
            status=list(states), queue_name=QUEUE, load_input=False, load_output=False
        )

    async def _take_over(self, heart: Heartbeats, pending: Sequence[Any]) -> None:
        """Put the jobs of workers whose heart stopped back into the queue. Several may do so at the same time."""
        silent = heart.silent({job.executor_id for job in pending})
        orphans = [job for job in pending if job.executor_id in silent]
        for job in orphans:
            await self._put_back(job)
        if silent:
            log.warning("workers %s stopped; %d jobs were taken over", ", ".join(sorted(silent)), len(orphans))
            await heart.bury(silent)

    async def _take_up_what_was_dropped(self, mine: Sequence[Any]) -> None:
        """A claim whose answer was lost with the connection is a job that nobody works on."""
        under_way = set(_work.under_way.values())
        idle = {job.workflow_id: job for job in mine if job.workflow_id not in under_way}
        for job_id in self._idle & idle.keys():
            log.warning("job %s had been dropped; it is taken up again", job_id)
            await self._put_back(idle.pop(job_id))
        self._idle = set(idle)

    async def _shorten_delays(self, delayed: Sequence[Any]) -> None:
        """A wait longer than any that is asked for means that the clock was set back."""
        longest = (time.time() + LONGEST_DELAY_SECONDS) * 1000
        for job in delayed:
            if job.delay_until_epoch_ms > longest:
                await self._started().set_workflow_delay_async(job.workflow_id, delay_seconds=0)

    async def _put_back(self, job: Any) -> None:
        """Only while that worker holds it: whoever else has taken it meanwhile keeps it."""
        back = self._started()._sys_db.reenqueue_for_recovery  # noqa: SLF001  # resuming would also revive canceled jobs
        await asyncio.to_thread(back, job.workflow_id, [job.executor_id], QUEUE)

    async def _hand_over(self) -> None:
        """Leave nothing behind, so that nobody waits until this worker's silence is noticed."""
        try:
            for job in await self._jobs_that_are("PENDING"):
                if job.executor_id == self._worker_id:
                    await self._put_back(job)
            if self._heart is not None:
                await self._heart.stop()
        except (SQLAlchemyError, OSError) as error:  # then the silence says it
            log.warning("the jobs could not be handed over: %s", error)


def places_of_a_lane(concurrency: int) -> int:
    """How many of a worker's places one lane may take: a quarter, and at least one, is left for others."""
    return max(1, concurrency - max(1, concurrency // 4))


def migrate_jobs(sync_url: str) -> None:
    """Bring the tables of the durable engine up to date."""
    DBOS.migrate(sync_url)


def _config(database: Database, worker_id: str) -> Any:
    return {
        "name": APPLICATION,
        "system_database_url": database.sync_url,
        "application_version": WORKFLOW_VERSION,
        "executor_id": worker_id,
        "serializer": JsonResults(),
        "run_migrations": False,
        "log_level": "WARNING",
        "sys_db_pool_size": 5,
        "db_engine_kwargs": {
            "pool_pre_ping": False
        },  # DBOS repeats what a lost connection broke; a ping each time it polls
        "enable_otlp": not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider),
        "otel_attribute_format": "semconv",
    }
