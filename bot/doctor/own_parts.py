"""What is ours, and works without Slack: the database, the artifact store, the catalogue, the process that reads."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

import migrations
from bot.app import analysis_pool, open_database
from bot.doctor.patient import Patient
from bot.doctor.verdict import Skipped, Wrong
from bot.preconditions import held_alone
from bot.settings import SettingsError
from models.base import utc_now
from models.database import Database
from models.messaging import InboundEvent
from models.schemas.report import Report
from services.artifacts.store import ArtifactStore
from services.errors import StoreRefused, StoreUnavailable
from services.inbox import record_delivery
from services.problems.catalogue import cached_catalogue
from services.triage.analysis_pool import AnalysisFailed, ReaderLost

CONNECTIONS_OF_A_PROCESS = 30  # our pool and its overflow, and the durable engine's
TINY_LOG = "".join(f"2026-01-01 00:00:{second:02} INFO web: served\n" for second in range(60)) + (
    "2026-01-01 00:01:00 ERROR web: database connection refused\n"
)


async def database(patient: Patient) -> str:
    """Reachable, at the newest schema, to be written; who else uses it."""
    try:
        async with _opened(patient.settings.database_url) as opened:
            if _is_still_to_be_made(opened):
                return f"there is no {opened.url.database} yet: `triage serve` makes it at its first start"
            if not await migrations.is_current(opened):
                return _at_an_older_schema(opened)
            found = await (_sqlite if opened.is_sqlite else _postgres)(opened)
    except (OSError, DBAPIError, SettingsError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise Wrong(reason, "start the database, or correct DATABASE_URL: user, password, host, name") from None
    patient.database_is_usable = True
    return found


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    opened = open_database(url)
    try:
        yield opened
    finally:
        await opened.close()


def _is_still_to_be_made(opened: Database) -> bool:
    return opened.is_sqlite and not Path(opened.url.database or "").exists()


def _at_an_older_schema(opened: Database) -> str:
    if opened.is_sqlite:
        return f"SQLite, {opened.url.database}, at an older schema: `triage serve` brings it to the newest at its start"
    raise Wrong("it is not at the newest schema", "run `triage migrate`")


async def _sqlite(opened: Database) -> str:
    try:
        with held_alone(opened):
            await _write(opened)
        used = "no process uses it now"
    except SettingsError:
        used = "a running bot uses it now"
    return f"SQLite, {opened.url.database}; {used}"


async def _postgres(opened: Database) -> str:
    await _write(opened)
    async with opened.read() as session:
        version = await _one(session, "SHOW server_version")
        most = int(await _one(session, "SHOW max_connections"))
        used = int(await _one(session, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"))
    found = f"Postgres {version}, {used} of {most} connections are used"
    if most - used < CONNECTIONS_OF_A_PROCESS:
        raise Wrong(found, f"raise max_connections: a web or worker process takes up to {CONNECTIONS_OF_A_PROCESS}")
    return found


async def _write(opened: Database) -> None:
    """A row of the inbox, taken back at once."""
    try:
        async with opened.write() as session:
            await record_delivery(session, event_id=uuid4().hex, kind="doctor", workspace="doctor")
            await session.rollback()
    except DBAPIError as error:
        raise Wrong(
            f"nothing can be written: {str(error.orig).partition(chr(10))[0]}",
            "give the file, or the database's tables, to the user of DATABASE_URL (a standby cannot be written)",
        ) from None


async def _one(session: AsyncSession, statement: str) -> str:
    return str((await session.execute(text(statement))).scalar_one())


async def deliveries(patient: Patient) -> str:
    """The last thing that came in from Slack: the one proof that the signing secret and the events are right."""
    if not patient.database_is_usable:
        raise Skipped("it needs the database")
    async with _opened(patient.settings.database_url) as opened, opened.read() as session:
        newest: datetime | None = await session.scalar(select(func.max(InboundEvent.received_at)))
    if newest is None:
        raise Skipped(
            "nothing ever came in from Slack: mention the app in a channel; if it stays silent, compare the request "
            "URL under Event Subscriptions (HTTP), or switch Socket Mode on"
        )
    return f"the last one came {(utc_now() - newest).total_seconds() / 60:.0f} min ago"


async def artifacts(patient: Patient) -> str:
    """A few bytes in, out and deleted; room for an upload where it would be kept or copied to."""
    url = patient.settings.artifacts_url
    try:
        store = ArtifactStore(url)
        await store.probe()
    except (StoreRefused, StoreUnavailable) as error:
        fix = f"check {patient.settings.name_of_artifacts_setting}, and for an object store its credentials and region"
        raise Wrong(f"{url} cannot be used: {error.reason}", fix) from None
    free, place = store.free_bytes(), url
    if free is None:  # each analysis reads a copy
        place = tempfile.gettempdir()
        free = shutil.disk_usage(place).free
    most = patient.settings.max_upload_bytes
    if free < most:
        raise Wrong(
            f"{place} has {free / 1e6:.0f} MB left, and an upload may have {most / 1e6:.0f}",
            "make room there, or lower TRIAGE_MAX_UPLOAD_BYTES",
        )
    found = f"{url} takes, gives back and deletes; {free / 1e9:.1f} GB are free in {place.removeprefix('file://')}"
    is_one_machine = patient.settings.database_url.startswith("sqlite") or not url.startswith("file:")
    return found if is_one_machine else f"{found}; processes on other machines need an object store to see it"


async def known_problems(patient: Patient) -> str:
    catalogue = await asyncio.to_thread(cached_catalogue, patient.settings.problems_dir)
    if catalogue.refused:
        raise Wrong(
            f"{len(catalogue.refused)} rules of TRIAGE_PROBLEMS_DIR are left out: {catalogue.refused[0]}",
            "put the rule right; `triage problems list` says all that are left out",
        )
    return f"{len(catalogue.problems)} are known"


async def analysis(patient: Patient) -> str:
    """A tiny log through the process that reads logs."""
    pool = analysis_pool(patient.settings)
    started = asyncio.get_running_loop().time()
    try:
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write(TINY_LOG)
            log.flush()
            analyzed = await pool.analyze([(Path(log.name), "doctor.log")], on_progress=lambda _counts: None)
    except (AnalysisFailed, ReaderLost, OSError) as error:
        raise Wrong(
            f"a tiny log could not be read: {error or type(error).__name__}",
            "look at the memory and the disk of this machine",
        ) from None
    finally:
        await pool.close()
    report = Report.from_json(analyzed.report)
    if not report.findings:
        raise Wrong("a tiny log was read, and its one error not found", "reinstall the program: its parts do not fit")
    return f"a log of {report.files[0].lines} lines read in {asyncio.get_running_loop().time() - started:.1f} s"
