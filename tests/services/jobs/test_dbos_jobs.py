"""Jobs are rows of the caller's transaction, run once, step by step, and outlive whatever process did them."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from models.base import utc_now
from models.database import Database
from models.messaging import WorkerHeartbeat
from services.errors import PassingFault
from services.jobs import dbos_jobs, heartbeats
from services.jobs.dbos_jobs import DbosJobs, places_of_a_lane
from services.jobs.jobs import JobFailed, StepFailed, StepsChanged
from tests.services.jobs.job_process import KIND, Diary
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

ROOT = Path(__file__).parents[3]
ENDED = ("SUCCESS", "ERROR")


@pytest.fixture
def diary(tmp_path):
    return Diary(tmp_path / "diary")


@asynccontextmanager
async def working(database, *, concurrency=4, **kinds):
    jobs = DbosJobs(database, concurrency=concurrency)
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


async def test_one_lane_leaves_places_for_the_others(database):
    """However many jobs of one workspace wait, another's begins at once."""
    turnstile = Turnstile()
    async with working(database, turnstile=turnstile.job) as jobs:
        flood = [f"a{number:02}" for number in range(12)]
        for job_id in flood:
            await enqueue(database, jobs, job_id, kind="turnstile", lane="a")
        await eventually(lambda: _true(len(turnstile.inside) == places_of_a_lane(4)))
        await enqueue(database, jobs, "b1", kind="turnstile", lane="b")
        await eventually(lambda: _true("b1" in turnstile.inside))
        assert turnstile.entered == ["a00", "a01", "a02", "b1"]
        turnstile.open.set()
        assert await ended(jobs, flood[-1]) == "SUCCESS"
    assert set(turnstile.entered) == {*flood, "b1"}


@pytest.mark.parametrize(("places", "of_a_lane"), [(1, 1), (2, 1), (4, 3), (16, 12)])
async def test_a_quarter_of_the_places_is_for_others(places, of_a_lane):
    assert places_of_a_lane(places) == of_a_lane


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


async def test_what_is_away_is_left_to_the_job_which_knows_how_long_to_wait(database):
    seen = []
    errors = [PassingFault("Slack", "it answered 429", 30), OSError("a second attempt")]
    async with working(database, failing=failing(errors, seen)) as jobs:
        await enqueue(database, jobs, "put off", kind="failing")
        assert await ended(jobs, "put off") == "ERROR"
    assert (seen[0].what, seen[0].reason, seen[0].retry_after_seconds) == ("Slack", "it answered 429", 30)
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
    assert await web.status("long") == "ENQUEUED"
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


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "asked to stop"])
async def test_a_process_that_ends_repeats_no_step_that_was_done(database, orphan, diary, monkeypatch, number):
    """On Postgres a worker that lives takes over; on SQLite the next process that starts."""
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.5)  # of this worker; the other one beats every two seconds
    monkeypatch.setattr(heartbeats, "SILENT_LOOKS", 12 if number == signal.SIGKILL else 1_000)
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
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.1)
    database = Database(migrated_postgres_url)
    alive = heartbeats.Heartbeats(database, "alive")

    async def beating():
        async with database.read() as session:
            return set(await session.scalars(select(WorkerHeartbeat.worker_id)))

    async with database.write() as session:
        session.add(WorkerHeartbeat(worker_id="dead", beat=7, beaten_at=utc_now()))
        await session.commit()

    async with working(database, diary=diary.job):

        async def buried():
            await alive.beat()
            return "dead" not in await beating()

        await eventually(buried)
        assert "alive" in await beating()
    assert await beating() == {"alive"}  # the one that stopped has said so
    await database.close()


async def test_two_workers_that_take_over_at_the_same_time_take_a_job_once(migrated_postgres_url, diary, monkeypatch):
    """Each of them may die in the middle of it, too: what it has put back is back, what it has not another one finds."""
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 60)
    database = Database(migrated_postgres_url)
    async with working(database, diary=diary.job) as jobs:
        for number in range(4):
            await enqueue(database, jobs, f"job{number}", delay_seconds=600)
        async with database.write() as session:
            await session.execute(
                text("UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'dead', owner_xid = 'x'")
            )
            await session.commit()
        orphans = await jobs._jobs_that_are("PENDING")
        assert len(orphans) == 4
        await jobs._put_back(orphans[0])
        await asyncio.gather(*(jobs._put_back(orphan) for orphan in orphans * 2))
        for number in range(4):
            assert await ended(jobs, f"job{number}") == "SUCCESS"
        for orphan in orphans:  # a latecomer, when they are done
            await jobs._put_back(orphan)
            assert await jobs.status(orphan.workflow_id) == "SUCCESS"
    assert sorted(diary.lines) == sorted(line for number in range(4) for line in told(f"job{number}"))
    await database.close()


async def test_a_job_whose_claim_was_lost_with_the_connection_is_taken_up_again(database, diary, monkeypatch):
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.2)
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    async with working(database, diary=diary.job) as jobs:
        await enqueue(database, jobs, "dropped", delay_seconds=600)
        async with database.write() as session:
            mine = {"worker": jobs._worker_id}
            await session.execute(text(f"UPDATE {table} SET status = 'PENDING', executor_id = :worker"), mine)
            await session.commit()
        assert await ended(jobs, "dropped") == "SUCCESS"
    assert diary.lines == told("dropped")


async def test_a_clock_that_is_set_back_makes_no_job_wait_for_hours(database, diary, monkeypatch):
    monkeypatch.setattr(heartbeats, "BEAT_SECONDS", 0.2)
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    async with working(database, diary=diary.job) as jobs:
        await enqueue(database, jobs, "late", delay_seconds=30)
        async with database.write() as session:
            await session.execute(text(f"UPDATE {table} SET delay_until_epoch_ms = delay_until_epoch_ms + 7200000"))
            await session.commit()
        assert await ended(jobs, "late") == "SUCCESS"


async def test_a_step_that_is_about_to_finish_may_do_so_when_the_process_stops(database):
    begun, let_go = asyncio.Event(), asyncio.Event()
    written = []

    async def conclude(_argument):
        begun.set()
        await asyncio.wait_for(let_go.wait(), 30)
        written.append("the end")

    async def job(step, argument):
        await step("conclude", conclude, argument, to_the_end=True)

    async with working(database, concluding=job) as jobs:
        await enqueue(database, jobs, "last", kind="concluding")
        await asyncio.wait_for(begun.wait(), 30)
        asyncio.get_running_loop().call_later(0.3, let_go.set)
    assert written == ["the end"]
    web = DbosJobs(database, concurrency=1)
    await web.start(work=False)
    assert await web.status("last") == "SUCCESS"
    await web.stop()


async def test_one_that_never_finishes_does_not_keep_the_process(database, monkeypatch):
    monkeypatch.setattr(dbos_jobs, "CUT_OFF_SECONDS", 0.3)
    begun = asyncio.Event()

    async def hang(_argument):
        begun.set()
        await asyncio.Event().wait()

    async def job(step, argument):
        await step("hang", hang, argument, to_the_end=True)

    async with working(database, hanging=job) as jobs:
        await enqueue(database, jobs, "endless", kind="hanging")
        await asyncio.wait_for(begun.wait(), 30)
    web = DbosJobs(database, concurrency=1)
    await web.start(work=False)
    assert await web.status("endless") == "ENQUEUED"  # handed back: whoever comes next has it at once
    await web.stop()


# What happens when the code changes


async def cut_off_in(database, job, event, job_id):
    """Begin a job of the kind `changing` under one version of the code, and stop in the middle of it."""
    async with working(database, changing=job) as jobs:
        await enqueue(database, jobs, job_id, kind="changing")
        await asyncio.wait_for(event.wait(), 30)


@pytest.mark.parametrize(
    "newer", [["prepare", "fetch", "read"], ["load", "read"], ["read"], ["fetch", "check", "read"]]
)
async def test_a_job_begun_under_other_steps_is_done_under_the_new_ones(database, newer):
    done, begun = [], asyncio.Event()

    async def act(name, argument):
        done.append(name)
        return f"{name} of {argument}"

    async def older_job(step, argument):
        await step("fetch", act, "fetch", argument)
        begun.set()
        await asyncio.Event().wait()

    async def newer_job(step, argument):
        for name in newer:
            assert await step(name, act, name, argument) == f"{name} of {argument}"
        done.append("end")

    await cut_off_in(database, older_job, begun, "carried over")
    async with working(database, changing=newer_job):
        await eventually(lambda: _true("end" in done))
    repeated = newer if newer[0] != "fetch" else newer[1:]
    assert done == ["fetch", *repeated, "end"]


async def test_a_kind_that_only_newer_code_knows_waits_for_it(database, diary, monkeypatch):
    monkeypatch.setattr(dbos_jobs, "UNKNOWN_KIND_SECONDS", 0.2)
    monkeypatch.setattr(dbos_jobs._work, "kinds", {})
    async with working(database) as older:
        await enqueue(database, older, "of tomorrow", kind="tomorrow")
        assert await ended(older, "of tomorrow~1") == "SUCCESS"
    async with working(database, tomorrow=diary.job):
        await eventually(lambda: _true(diary.lines == told("of tomorrow")))


async def test_a_kind_that_nobody_ever_knows_ends_in_the_end(database, monkeypatch):
    monkeypatch.setattr(dbos_jobs, "UNKNOWN_KIND_SECONDS", 0.01)
    monkeypatch.setattr(dbos_jobs, "MAX_RESTARTS", 2)
    async with working(database) as jobs:
        await enqueue(database, jobs, "nonsense", kind="nonsense")
        assert await ended(jobs, "nonsense~2") == "ERROR"


async def test_no_job_swallows_that_its_steps_are_others():
    assert not issubclass(StepsChanged, Exception)


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
