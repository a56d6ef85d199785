"""Jobs are rows of the caller's transaction, run once, step by step, and outlive whatever process did them."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from models.base import utc_now
from models.database import Database
from models.messaging import WorkerHeartbeat
from services.jobs import dbos_jobs
from services.jobs.dbos_jobs import DbosJobs
from services.jobs.jobs import JobFailed, StepFailed
from tests.services.jobs.job_process import KIND, Diary
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

ROOT = Path(__file__).parents[3]
ENDED = ("SUCCESS", "ERROR")


@pytest.fixture
def diary(tmp_path):
    return Diary(tmp_path / "diary")


@asynccontextmanager
async def working(database, **kinds):
    jobs = DbosJobs(database, concurrency=4)
    for kind, job in kinds.items():
        jobs.register(kind, job)
    await jobs.start(work=True)
    try:
        yield jobs
    finally:
        await jobs.stop()


@pytest_asyncio.fixture
async def jobs(database, diary):
    async with working(database, diary=diary.job) as jobs:
        yield jobs


async def enqueue(database, jobs, job_id, *, kind=KIND, lane="lane", commit=True, **more):
    async with database.write() as session:
        await jobs.enqueue(session, kind=kind, job_id=job_id, argument=job_id, lane=lane, **more)
        await (session.commit() if commit else session.rollback())


async def ended(jobs, job_id, *, within_seconds=30):
    async def status():
        found = await jobs.status(job_id)
        return found if found in ENDED else None

    return await eventually(status, within_seconds=within_seconds)


def told(job_id):
    return [f"first {job_id}", f"second {job_id}, noted for {job_id}", f"done {job_id}"]


async def test_a_job_is_done_step_by_step_with_the_results_of_its_steps(database, jobs, diary):
    await enqueue(database, jobs, "one")
    assert await ended(jobs, "one") == "SUCCESS"
    assert diary.lines == told("one")


async def test_a_transaction_that_is_rolled_back_leaves_no_job(database, jobs, diary):
    await enqueue(database, jobs, "undone", commit=False)
    await enqueue(database, jobs, "done")
    await ended(jobs, "done")
    assert await jobs.status("undone") is None
    assert diary.lines == told("done")


async def test_a_second_job_with_the_same_id_is_none(database, jobs, diary):
    for _ in range(2):
        await enqueue(database, jobs, "once")
    await ended(jobs, "once")
    await enqueue(database, jobs, "once")
    await enqueue(database, jobs, "last")
    await ended(jobs, "last")
    assert diary.lines == [*told("once"), *told("last")]


async def test_one_that_does_not_work_enqueues_for_one_that_does(database, diary):
    web = DbosJobs(database, concurrency=1)
    await web.start(work=False)
    await enqueue(database, web, "handed over")
    assert await web.status("handed over") == "ENQUEUED"
    await web.stop()
    async with working(database, diary=diary.job) as jobs:
        assert await ended(jobs, "handed over") == "SUCCESS"


async def test_before_it_is_started_nothing_can_be_enqueued(database):
    with pytest.raises(RuntimeError, match="start"):
        await enqueue(database, DbosJobs(database, concurrency=1), "early")


class Turnstile:
    """Jobs that stay until they are let go; who is inside, and who was."""

    def __init__(self):
        self.inside, self.entered, self.open = set(), [], asyncio.Event()

    async def job(self, _step, argument):
        self.inside.add(argument)
        self.entered.append(argument)
        await self.open.wait()
        self.inside.discard(argument)


async def test_jobs_of_one_lane_run_one_after_the_other_and_lanes_side_by_side(database):
    turnstile = Turnstile()
    async with working(database, turnstile=turnstile.job) as jobs:
        for job_id, lane in (("a1", "a"), ("a2", "a"), ("b1", "b")):
            await enqueue(database, jobs, job_id, kind="turnstile", lane=lane)
        await eventually(lambda: _true(turnstile.inside == {"a1", "b1"}))
        assert await jobs.status("a2") == "ENQUEUED"
        turnstile.open.set()
        assert await ended(jobs, "a2") == "SUCCESS"
    assert turnstile.entered.index("a1") < turnstile.entered.index("a2")


async def _true(value):
    return value


async def test_a_delayed_job_starts_after_its_delay(database, jobs, diary):
    began = time.monotonic()
    await enqueue(database, jobs, "later", lane="x", delay_seconds=1.5)
    await enqueue(database, jobs, "now", lane="y")
    await ended(jobs, "now")
    assert diary.lines == told("now")
    await ended(jobs, "later")
    assert time.monotonic() - began >= 1.5
    assert diary.lines == [*told("now"), *told("later")]


async def test_a_canceled_job_is_not_begun(database, jobs, diary):
    await enqueue(database, jobs, "unwanted", lane="x", delay_seconds=1)
    await jobs.cancel("unwanted")
    assert await jobs.status("unwanted") == "CANCELLED"
    await enqueue(database, jobs, "after", lane="x", delay_seconds=1.5)
    await ended(jobs, "after")
    assert diary.lines == told("after")


async def test_a_job_nobody_knows_has_no_status(jobs):
    assert await jobs.status("never heard of") is None


def failing(errors, seen):
    """A job whose one step raises what is in `errors`, one a call, and notes what the job is told."""

    async def attempt(_argument):
        if errors:
            raise errors.pop(0)
        return "at last"

    async def job(step, argument):
        try:
            seen.append(await step("attempt", attempt, argument))
        except Exception as error:
            seen.append(error)
            raise

    return job


async def test_a_passing_fault_is_tried_again(database):
    seen = []
    async with working(database, failing=failing([OSError("away"), OSError("still away")], seen)) as jobs:
        await enqueue(database, jobs, "patient", kind="failing")
        assert await ended(jobs, "patient") == "SUCCESS"
    assert seen == ["at last"]


async def test_a_fault_that_stays_is_named_by_its_last_failure(database, monkeypatch):
    monkeypatch.setattr(dbos_jobs, "STEP_ATTEMPTS", 2)
    seen = []
    async with working(database, failing=failing([OSError("away"), OSError("gone"), OSError("never")], seen)) as jobs:
        await enqueue(database, jobs, "hopeless", kind="failing")
        assert await ended(jobs, "hopeless") == "ERROR"
    assert isinstance(seen[0], JobFailed)
    assert str(seen[0]) == "OSError: gone"


async def test_a_step_that_says_so_is_not_tried_again(database):
    seen = []
    errors = [StepFailed("the file is what stops the reader"), OSError("a second attempt")]
    async with working(database, failing=failing(errors, seen)) as jobs:
        await enqueue(database, jobs, "final", kind="failing")
        assert await ended(jobs, "final") == "ERROR"
    assert [type(error) for error in seen] == [StepFailed]
    assert len(errors) == 1


async def test_a_resumed_job_meets_the_failure_of_its_step_again(database):
    seen, begun = [], asyncio.Event()

    async def refuse(_argument):
        raise StepFailed("the file is what stops the reader")

    async def job(step, argument):
        try:
            await step("refuse", refuse, argument)
        except StepFailed as error:
            seen.append(str(error))
        if len(seen) == 1:
            begun.set()
            await asyncio.Event().wait()

    async with working(database, refusing=job) as jobs:
        await enqueue(database, jobs, "twice", kind="refusing")
        await asyncio.wait_for(begun.wait(), 30)
    async with working(database, refusing=job) as jobs:
        assert await ended(jobs, "twice") == "SUCCESS"
    assert seen == ["the file is what stops the reader"] * 2


async def test_a_step_returns_json_and_nothing_else(database):
    seen = []

    async def fetch(_argument):
        return Path("/somewhere")

    async def job(step, argument):
        try:
            await step("fetch", fetch, argument)
        except TypeError as error:
            seen.append(str(error))

    async with working(database, plain=job) as jobs:
        await enqueue(database, jobs, "plain", kind="plain")
        await ended(jobs, "plain")
    assert len(seen) == 1
    assert "is not JSON: a step returns plain values or keys" in seen[0]


async def test_what_the_engine_keeps_can_be_read(database, jobs):
    await enqueue(database, jobs, "readable")
    await ended(jobs, "readable")
    table = "operation_outputs" if database.is_sqlite else "dbos.operation_outputs"
    async with database.read() as session:
        kept = await session.scalars(text(f"SELECT output FROM {table} ORDER BY function_id"))
        assert list(kept) == ['{"note": "noted for readable"}', "null"]


# What happens when the process ends


async def test_stopping_cuts_a_job_off_and_starting_takes_it_up_after_its_last_step(database, diary):
    hang = diary.path.with_suffix(".hang")
    hang.touch()
    async with working(database, diary=diary.job) as jobs:
        await enqueue(database, jobs, "long")
        await eventually(lambda: _true(len(diary.lines) == 2))
    web = DbosJobs(database, concurrency=1)
    await web.start(work=False)
    assert await web.status("long") == "PENDING"
    await web.stop()
    hang.unlink()
    async with working(database, diary=diary.job) as jobs:
        assert await ended(jobs, "long") == "SUCCESS"
    assert diary.lines == [told("long")[0], told("long")[1], *told("long")[1:]]


@pytest_asyncio.fixture
async def orphan(database, diary):
    """A process whose worker waits in the second step of the job `orphan`; a test ends it, one way or another."""
    hang = diary.path.with_suffix(".hang")
    hang.touch()
    web = DbosJobs(database, concurrency=1)
    await web.start(work=False)
    await enqueue(database, web, "orphan")
    await web.stop()
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.services.jobs.job_process", url, str(diary.path)]
    process = await asyncio.to_thread(subprocess.Popen, command, cwd=ROOT)
    await eventually(lambda: _true(len(diary.lines) == 2), within_seconds=60)
    hang.unlink()
    yield process
    process.kill()
    process.wait()


async def end(process, number):
    process.send_signal(number)
    await asyncio.to_thread(process.wait, 30)


# How the process ends, and after how long without a heartbeat it is taken for dead: twice the beat of one that is
# killed, and longer than the test waits for one that says itself that it stops.
ENDINGS = {"killed": (signal.SIGKILL, 6.0), "asked to stop": (signal.SIGTERM, 15.0)}


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_process_that_ends_repeats_no_step_that_was_done(database, orphan, diary, monkeypatch, ending):
    """On Postgres a worker that lives takes over; on SQLite the next process that starts."""
    number, dead_after_seconds = ENDINGS[ending]
    monkeypatch.setattr(dbos_jobs, "HEARTBEAT_SECONDS", 0.3)
    monkeypatch.setattr(dbos_jobs, "DEAD_AFTER_SECONDS", dead_after_seconds)
    if database.is_sqlite:
        await end(orphan, number)
    async with working(database, diary=diary.job) as jobs:
        if not database.is_sqlite:
            assert await jobs.status("orphan") == "PENDING"
            await end(orphan, number)
        assert await ended(jobs, "orphan", within_seconds=11) == "SUCCESS"
    assert diary.lines == [told("orphan")[0], told("orphan")[1], *told("orphan")[1:]]


async def test_a_worker_that_lives_keeps_its_jobs(migrated_postgres_url, diary, monkeypatch):
    """However long a job takes, another worker leaves it alone while the first one's heart beats."""
    monkeypatch.setattr(dbos_jobs, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(dbos_jobs, "DEAD_AFTER_SECONDS", 6.0)
    database = Database(migrated_postgres_url)
    async with database.write() as session:
        for worker_id, seconds_ago in (("alive", 1), ("dead", 60)):
            beaten_at = utc_now() - timedelta(seconds=seconds_ago)
            session.add(WorkerHeartbeat(worker_id=worker_id, beaten_at=beaten_at))
        await session.commit()

    async def beating():
        async with database.read() as session:
            return set(await session.scalars(select(WorkerHeartbeat.worker_id)))

    async with working(database, diary=diary.job):

        async def buried():
            return "dead" not in await beating()

        await eventually(buried)
        assert "alive" in await beating()
    await database.close()


async def test_a_job_that_is_cut_off_has_ended_when_stop_returns(database):
    """It may still use what it stands on: the database is closed later."""
    begun, told_off = asyncio.Event(), []

    async def job(_step, argument):
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            async with database.read() as session:
                told_off.append(await session.scalar(text("SELECT 'still here'")))
            raise

    async with working(database, endless=job) as jobs:
        await enqueue(database, jobs, "endless", kind="endless")
        await asyncio.wait_for(begun.wait(), 30)
    assert told_off == ["still here"]
