"""create_app(settings): the only place where parts are wired together."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import httpx
from fastapi import Depends, FastAPI
from sqlalchemy.exc import ArgumentError, DBAPIError
from starlette.types import ASGIApp

import migrations
from bot import errors
from bot.api.deps import require_caller
from bot.api.routers import health, incidents, logs
from bot.api.routers import metrics as metrics_router
from bot.api.routers.slack import slack_router
from bot.observability.checks import add_checks_of_storage, messages_are_sent, socket_is_open
from bot.observability.deliveries import AnswerTimes
from bot.observability.jobs import WatchedJobs
from bot.observability.messages import WatchedNotifier
from bot.observability.metrics import Metrics, counting_errors
from bot.observability.readiness import Readiness
from bot.observability.slack_calls import count_calls, count_downloads
from bot.observability.state import StateGauges
from bot.observability.tracing import tracing
from bot.parts import Parts
from bot.preconditions import held_alone, open_store, require_incident_channel, require_same_workspace
from bot.settings import Settings, SettingsError
from bot.slack import socket_mode
from bot.slack.admission import Admission
from bot.slack.app import build_bolt_app
from bot.slack.client import identify, make_client, open_session
from bot.slack.delivery import Desk
from bot.slack.file_source import SlackFileSource
from bot.slack.listeners import messages
from bot.slack.notifier import SlackNotifier
from models.database import Database
from services.errors import FileUnavailable
from services.jobs.dbos_jobs import migrate_jobs
from services.logs.limits import ReadLimits
from services.notifications.dispatcher import OutboxDispatcher
from services.problems.catalogue import cached_catalogue
from services.triage.analysis_pool import AnalysisPool
from services.triage.file_source import FileSource, UploadPlace
from services.triage.housekeeping import Housekeeping
from services.triage.pipeline import TriagePipeline
from services.triage.retention import Retention
from services.triage.strays import StrayRuns

log = logging.getLogger(__name__)


class _Application(FastAPI):
    def __init__(self, settings: Settings, metrics: Metrics, **options: Any) -> None:
        self._settings = settings
        self._metrics = metrics
        super().__init__(**options)

    def build_middleware_stack(self) -> ASGIApp:
        app = errors.SizeRefusal(super().build_middleware_stack(), self._settings)
        return AnswerTimes(Admission(app), self._metrics)


def create_app(settings: Settings, *, web: bool = True, work: bool = True) -> FastAPI:
    """The bot as an ASGI app; everything starts and stops with its lifespan.

    Args:
        settings: what the environment says.
        web: take Slack's deliveries and serve the API.
        work: run jobs and deliver messages in this process.
    """
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(counting_errors(metrics))
            await stack.enter_async_context(tracing(settings.otlp_endpoint))
            app.state.parts = await _start(app, settings, stack, metrics, web=web, work=work)
            yield

    app = _Application(
        settings, metrics, title="SRE triage agent", version="0.1.0", lifespan=lifespan,
        max_body_size=settings.max_request_bytes, telemetry={"tracing": False, "metrics": False, "logs": False},
    )  # fmt: skip
    app.include_router(health.router)
    if web:
        app.include_router(metrics_router.router, dependencies=[Depends(require_caller)])
        app.include_router(incidents.router)
        app.include_router(logs.router, max_body_size=settings.max_upload_bytes + logs.FORM_OVERHEAD_BYTES)
    errors.register(app, settings)
    return app


def open_database(url: str) -> Database:
    """Raises SettingsError where the address is none, or its folder cannot be made."""
    try:
        return Database(url)
    except OSError as error:
        raise SettingsError(
            f"The folder of the database cannot be made: {error}. Name one that can be written in TRIAGE_DATA_DIR, or "
            "in DATABASE_URL where that is set."
        ) from None
    except (ValueError, ArgumentError) as error:
        raise SettingsError(f"DATABASE_URL is no address of a database: {_first_line(error)}") from None


async def migrate(database: Database) -> None:
    """Bring our tables and the durable engine's up to date.

    Raises:
        SettingsError: the database cannot be used.
    """
    with _naming_the_database():
        await migrations.upgrade(database)
        await asyncio.to_thread(migrate_jobs, database.sync_url)


@contextmanager
def _naming_the_database() -> Iterator[None]:
    try:
        yield
    except (OSError, DBAPIError) as error:
        raise SettingsError(f"The database of DATABASE_URL cannot be used: {_first_line(error)}") from None


def _first_line(error: Exception) -> str:
    """What it says, without the driver's class."""
    return re.sub(r"^\(\S+\) ", "", str(error).partition("\n")[0])


async def _start(
    app: FastAPI, settings: Settings, stack: AsyncExitStack, metrics: Metrics, *, web: bool, work: bool
) -> Parts:
    database = open_database(settings.database_url)
    stack.enter_context(held_alone(database))
    stack.push_async_callback(database.close)
    await _require_schema(database)
    store = await open_store(settings)
    readiness = Readiness()
    add_checks_of_storage(readiness, database, store)
    jobs = WatchedJobs(database, metrics, concurrency=settings.concurrent_triages)
    source: FileSource = NoFileSource()
    workspace, dispatcher, pool = "local", None, None
    if settings.slack_bot_token:
        session = await stack.enter_async_context(open_session())
        count_calls(session, metrics)
        client = make_client(settings, session)
        identity = await identify(client)
        workspace = identity.team_id
        await require_same_workspace(database, workspace)
        await require_incident_channel(client, settings.incident_channel)
        http = await stack.enter_async_context(httpx.AsyncClient(follow_redirects=False))
        count_downloads(http, metrics)
        source = SlackFileSource(
            client, http, file_hosts=settings.slack_file_hosts, max_bytes=settings.max_upload_bytes
        )
        if work:
            messages.register_jobs(Desk(database, jobs, identity))
            dispatcher = OutboxDispatcher(database, WatchedNotifier(SlackNotifier(database, client, store), metrics))
    if work:
        pool = analysis_pool(settings)
        metrics.analysis_processes.set(settings.analysis_processes)
        await _start_worker(settings, stack, TriagePipeline(
            database=database, store=store, source=source, jobs=jobs, max_upload_bytes=settings.max_upload_bytes,
            pool=pool,
        ))  # fmt: skip
    await jobs.start(work=work)
    stack.push_async_callback(jobs.stop)
    if work:
        _run_beside(stack, Housekeeping(database, jobs))
        _run_beside(stack, StrayRuns(database, jobs))
    if work and settings.retention_days:
        _run_beside(stack, Retention(database, store, settings.retention_days))
    if dispatcher is not None:
        readiness.add("delivery", messages_are_sent(dispatcher, _run_beside(stack, dispatcher)))
    if web and settings.slack_bot_token:
        bolt = build_bolt_app(client, Desk(database, jobs, identity), metrics)
        if settings.uses_socket_mode:
            sockets = await stack.enter_async_context(socket_mode.connected(bolt, settings))
            readiness.add("socket", socket_is_open(sockets))
        else:
            app.include_router(slack_router(bolt, settings))
    gauges = StateGauges(metrics, database, readiness, pool)
    return Parts(settings, database, store, jobs, workspace, dispatcher, metrics, readiness, gauges)


async def _require_schema(database: Database) -> None:
    """SQLite belongs to this process, so it is migrated; a shared database is migrated on purpose."""
    if database.is_sqlite:
        await migrate(database)
    else:
        await require_newest_schema(database)


async def require_newest_schema(database: Database) -> None:
    """Raises SettingsError where the database cannot be used, or is not at the newest schema."""
    with _naming_the_database():
        is_current = await migrations.is_current(database)
    if not is_current:
        raise SettingsError("The database of DATABASE_URL is not at the newest schema: run `triage migrate` first.")


async def _start_worker(settings: Settings, stack: AsyncExitStack, pipeline: TriagePipeline) -> None:
    stack.push_async_callback(pipeline.pool.close)
    await pipeline.pool.warm()
    for rule in (await asyncio.to_thread(cached_catalogue, settings.problems_dir)).refused:
        log.warning("a known problem's rule is left out: %s", rule)
    pipeline.register()
    log.info("analysing in %d process(es)", settings.analysis_processes)


def analysis_pool(settings: Settings) -> AnalysisPool:
    limits = ReadLimits(
        max_decompressed_bytes=settings.max_decompressed_bytes,
        max_ratio=settings.max_compression_ratio,
        max_members=settings.max_archive_members,
    )
    return AnalysisPool(
        processes=settings.analysis_processes,
        timeout_seconds=settings.analysis_timeout_seconds,
        limits=limits,
        problems_dir=settings.problems_dir,
    )


def _run_beside(
    stack: AsyncExitStack, loop: OutboxDispatcher | Retention | Housekeeping | StrayRuns
) -> asyncio.Task[None]:
    task = asyncio.create_task(loop.run())

    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop)
    return task


class NoFileSource:
    """Without Slack there are only files whose bytes came with the request."""

    @asynccontextmanager
    async def open(self, slack_file_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        if slack_file_id:
            raise FileUnavailable(f"File {slack_file_id} is in Slack, and SLACK_BOT_TOKEN is not set.")
        yield _no_bytes()

    async def places(self, slack_file_id: str) -> list[UploadPlace]:  # noqa: ARG002  # the port's signature
        return []


async def _no_bytes() -> AsyncIterator[bytes]:
    for _ in range(0):
        yield b""
