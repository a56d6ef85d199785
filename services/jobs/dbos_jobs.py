"""Jobs on DBOS: its tables live in our database, so a job is enqueued in the transaction that gives its reason.

DBOS is one per process, and so is this. Every job is one workflow, `job(kind, argument)`; what a kind does is
registered.
"""

import asyncio
import json
import logging
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dbos import DBOS, DBOSClient, Serializer
from dbos import EnqueueOptions as DbosEnqueueOptions
from dbos import error as dbos_errors
from opentelemetry import trace
from opentelemetry.context import get_current
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import utc_now
from models.database import Database
from models.messaging import WorkerHeartbeat
from services.jobs.jobs import Job, JobFailed, StepFailed

log = logging.getLogger(__name__)

T = TypeVar("T")

APPLICATION = "triage"
QUEUE = "triage"
# Pinned: by default DBOS derives the version from the workflow's source, and a deploy would strand what is queued.
WORKFLOW_VERSION = "1"
POLL_SECONDS = 0.2
STEP_ATTEMPTS = 4
MAX_RECOVERIES = 50  # the pipeline counts its own attempts and says in the thread when it gives up
CUT_OFF_SECONDS = 5.0  # for what a job does when it is cut off; a platform kills after ten at the earliest
HEARTBEAT_SECONDS = 2.5
DEAD_AFTER_SECONDS = 10.0


class _JsonSerializer(Serializer):
    """Readable rows, and nothing in the database that runs code when it is read back."""

    def serialize(self, data: Any) -> str:
        return json.dumps(data, default=_plain)

    def deserialize(cls, serialized_data: str) -> Any:  # noqa: N805  # the base class names it so
        return json.loads(serialized_data, object_hook=_exception)

    def name(self) -> str:
        return "json"


def _plain(value: Any) -> Any:
    if isinstance(value, StepFailed):
        return {"__failed__": str(value)}
    if isinstance(value, BaseException):
        return {"__error__": _reason(value)}
    raise TypeError(f"{type(value).__name__} is not JSON: a step returns plain values or keys")


def _exception(value: dict[str, Any]) -> Any:
    if value.keys() == {"__failed__"}:
        return StepFailed(value["__failed__"])
    return JobFailed(value["__error__"]) if value.keys() == {"__error__"} else value


def _reason(error: BaseException) -> str:
    """What went wrong the last time, where something was tried several times."""
    if isinstance(error, dbos_errors.DBOSMaxStepRetriesExceeded) and error.errors:
        return _reason(error.errors[-1])
    return f"{type(error).__name__}: {error}"


@dataclass(slots=True)
class _Work:
    """What this process can do and is doing; one per process, as DBOS is."""

    kinds: dict[str, Job] = field(default_factory=dict)
    under_way: set[asyncio.Task[Any]] = field(default_factory=set)
    stopping: bool = False


_work = _Work()


@DBOS.workflow(name="job", max_recovery_attempts=MAX_RECOVERIES)
async def _job(kind: str, argument: str) -> None:
    """DBOS records no outcome for a workflow that was cut off by cancellation: it stays to be taken up again."""
    task = asyncio.current_task()
    if _work.stopping or task is None:
        raise asyncio.CancelledError
    _work.under_way.add(task)
    try:
        await _work.kinds[kind](_step, argument)
    finally:
        _work.under_way.discard(task)


async def _set_aside() -> None:
    """Cut off what is under way, while everything it stands on still works."""
    _work.stopping = True
    cut_off = list(_work.under_way)
    for task in cut_off:
        task.cancel()
    if cut_off:
        await asyncio.wait(cut_off, timeout=CUT_OFF_SECONDS)


async def _step(name: str, action: Callable[..., Coroutine[Any, Any, T]], *args: str | None) -> T:
    options: Any = {
        "name": name,
        "retries_allowed": True,
        "max_attempts": STEP_ATTEMPTS,
        "interval_seconds": 0.5,
        "should_retry": lambda error: not isinstance(error, StepFailed),
    }
    try:
        return await DBOS.run_step_async(options, action, *args)
    except dbos_errors.DBOSMaxStepRetriesExceeded as error:
        raise JobFailed(_reason(error)) from error


class DbosJobs:
    """The `Jobs` port on DBOS.

    On SQLite there is one process, so its worker keeps one name and takes its own jobs up again when it starts. On
    Postgres every worker has a name of its own; a heartbeat says that it lives, and the jobs of one that stopped go
    back to the queue.
    """

    def __init__(self, database: Database, *, concurrency: int) -> None:
        self._database = database
        self._concurrency = concurrency
        self._worker_id = "local" if database.is_sqlite else f"worker-{uuid.uuid4().hex[:12]}"
        self._client: DBOSClient | None = None
        self._works = False
        self._heart: asyncio.Task[None] | None = None

    def register(self, kind: str, job: Job) -> None:
        _work.kinds[kind] = job

    async def enqueue(
        self, session: AsyncSession, *, kind: str, job_id: str, argument: str, lane: str, delay_seconds: float = 0
    ) -> None:
        options: DbosEnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": "job",
            "workflow_id": job_id,
            "queue_partition_key": lane,
            "app_version": WORKFLOW_VERSION,
        }
        if delay_seconds:
            options["delay_seconds"] = delay_seconds
        options["otel_context"] = get_current()  # kept with the job, whose steps join the trace
        await session.flush()
        client = self._started()
        await session.run_sync(lambda sync: client.enqueue_in_transaction(sync, options, kind, argument))

    async def cancel(self, job_id: str) -> None:
        await self._started().cancel_workflow_async(job_id)

    async def status(self, job_id: str) -> str | None:
        status = await asyncio.to_thread(self._started()._sys_db.get_workflow_status, job_id)  # noqa: SLF001
        return str(status["status"]) if status else None

    async def start(self, *, work: bool) -> None:
        self._works = work
        if work:
            _work.stopping = False
            DBOS(config=_config(self._database, self._worker_id))
            DBOS.launch()  # on this thread: DBOS runs its jobs on the loop it finds here
            await DBOS.register_queue_async(
                QUEUE,
                worker_concurrency=self._concurrency,
                partition_concurrency=1,
                polling_interval_sec=POLL_SECONDS,
                on_conflict="always_update",
            )
            if not self._database.is_sqlite:
                await self._beat()
                self._heart = asyncio.create_task(self._keep_beating())
        self._client = await asyncio.to_thread(
            DBOSClient,
            system_database_url=self._database.sync_url,
            serializer=_JsonSerializer(),
            application_name=APPLICATION,
        )

    async def stop(self) -> None:
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        if self._works:
            await _set_aside()
            await asyncio.to_thread(DBOS.destroy)
            # DBOS made its own pool of threads the loop's default and has just shut it down; the rest still stops.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            await self._hand_over()
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
            self._client = None

    def _started(self) -> DBOSClient:
        if self._client is None:
            raise RuntimeError("jobs are enqueued after start()")
        return self._client

    async def _keep_beating(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._beat()
                await self._take_over()
            except Exception:  # a database that is away must not end the heartbeat for good
                log.exception("the heartbeat failed; trying again")

    async def _hand_over(self) -> None:
        """Say that this heart has stopped, so that nobody waits until its silence is noticed."""
        if self._heart is not None:
            try:
                await self._beat(utc_now() - timedelta(seconds=2 * DEAD_AFTER_SECONDS))
            except (SQLAlchemyError, OSError) as error:  # then the silence says it
                log.warning("the last heartbeat could not be written: %s", error)

    async def _beat(self, at: datetime | None = None) -> None:
        async with self._database.write() as session:
            beat = postgres_insert(WorkerHeartbeat).values(worker_id=self._worker_id, beaten_at=at or utc_now())
            await session.execute(
                beat.on_conflict_do_update(
                    index_elements=[WorkerHeartbeat.worker_id], set_={"beaten_at": beat.excluded.beaten_at}
                )
            )
            await session.commit()

    async def _take_over(self) -> None:
        """Put the jobs of workers whose heart stopped back into the queue."""
        async with self._database.write() as session:
            silent = select(WorkerHeartbeat.worker_id).where(
                WorkerHeartbeat.beaten_at < utc_now() - timedelta(seconds=DEAD_AFTER_SECONDS)
            )
            for worker_id in (await session.scalars(silent.with_for_update(skip_locked=True))).all():
                pending = await DBOS.list_workflows_async(
                    status="PENDING", executor_id=worker_id, load_input=False, load_output=False
                )
                for workflow in pending:
                    await DBOS.resume_workflow_async(workflow.workflow_id, queue_name=QUEUE)
                log.warning("worker %s stopped; %d of its jobs were taken over", worker_id, len(pending))
                await session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.worker_id == worker_id))
            await session.commit()


def migrate_jobs(sync_url: str) -> None:
    """Bring the tables of the durable engine up to date."""
    DBOS.migrate(sync_url)


def _config(database: Database, worker_id: str) -> Any:
    return {
        "name": APPLICATION,
        "system_database_url": database.sync_url,
        "application_version": WORKFLOW_VERSION,
        "executor_id": worker_id,
        "serializer": _JsonSerializer(),
        "run_migrations": False,
        "log_level": "WARNING",
        "sys_db_pool_size": 5,
        "enable_otlp": not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider),
        "otel_attribute_format": "semconv",
    }
