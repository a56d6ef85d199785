"""What Prometheus is shown of the state of things, read when it asks and not in between."""

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.observability.metrics import Metrics
from bot.observability.readiness import Readiness
from models.database import Database
from models.messaging import OutboxState
from models.shared_clock import database_time
from models.triage import RunState, TriageRun
from services.notifications import backlog
from services.triage.analysis_pool import AnalysisPool

KEEP_SECONDS = 5.0  # several scrapers, or one in a hurry, cost the database no more than this


@dataclass(frozen=True, slots=True)
class _Queue:
    queued: float
    running: float
    age_seconds: float


UNKNOWN = math.nan  # of a database that is away; an old figure would look like a present one


class StateGauges:
    """The gauges of one app."""

    def __init__(
        self, metrics: Metrics, database: Database, readiness: Readiness, pool: AnalysisPool | None = None
    ) -> None:
        self._metrics = metrics
        self._database = database
        self._readiness = readiness
        self._pool = pool
        self._read_at = -math.inf
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Bring the gauges up to date, if they are older than KEEP_SECONDS."""
        async with self._reading:
            if time.monotonic() - self._read_at >= KEEP_SECONDS:
                await self._read()
                self._read_at = time.monotonic()

    async def _read(self) -> None:
        for name, standing in (await self._readiness.standings()).items():
            self._metrics.check_failing.labels(name).set(not standing.ready)
        if self._pool is not None:
            self._metrics.analysis_processes_busy.set(self._pool.busy)
        try:
            async with self._database.glance() as session:
                self._show_queue(await _queue(session))
                waiting = await backlog.measure(session)
                self._show_outbox(waiting.oldest_seconds, waiting.by_state)
        except (SQLAlchemyError, OSError, TimeoutError):
            self._show_queue(_Queue(UNKNOWN, UNKNOWN, UNKNOWN))
            self._show_outbox(UNKNOWN, {})

    def _show_queue(self, queue: _Queue) -> None:
        self._metrics.queued_runs.set(queue.queued)
        self._metrics.running_runs.set(queue.running)
        self._metrics.queue_age_seconds.set(queue.age_seconds)

    def _show_outbox(self, lag_seconds: float, by_state: Mapping[OutboxState, int]) -> None:
        self._metrics.outbox_lag_seconds.set(lag_seconds)
        for state in (OutboxState.PENDING, OutboxState.SENDING, OutboxState.DEAD):
            self._metrics.outbox_messages.labels(state).set(by_state.get(state, UNKNOWN))


async def _queue(session: AsyncSession) -> _Queue:
    query = (
        select(TriageRun.state, func.count(), func.min(TriageRun.queued_at), database_time(session))
        .where(TriageRun.state.in_((RunState.QUEUED, RunState.RUNNING)))
        .group_by(TriageRun.state)
    )
    rows = {state: (count, _seconds(oldest, now)) for state, count, oldest, now in await session.execute(query)}
    queued, age = rows.get(RunState.QUEUED, (0, 0.0))
    return _Queue(queued, rows.get(RunState.RUNNING, (0, 0.0))[0], age)


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
