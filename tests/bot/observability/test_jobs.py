"""Steps and runs as they are seen from outside the job."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
import structlog

from bot.observability.jobs import WatchedJobs, _Runs, _WatchedStep
from bot.observability.metrics import Metrics
from models.database import Database
from models.triage import RunState, TriageRun
from services.errors import PassingFault
from services.incidents import incident_service
from services.jobs.jobs import StepFailed
from tests.bot.observability.test_metrics import counted

pytestmark = pytest.mark.asyncio


class FileWasStrange(StepFailed):
    pass


async def once(name, action, *args, **options):
    """A step of an engine that tries once."""
    return await action(*args, **options)


async def kept(name, action, *args, **options):
    """A step that was done before, whose result was kept."""
    return "kept"


async def stubborn(name, action, *args, **options):
    """A step of an engine that tries three times."""
    for _ in range(2):
        try:
            return await action(*args)
        except OSError:
            pass
    return await action(*args)


async def raising(error):
    raise error


async def nothing():
    return "done"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(OSError("away"), "failed"), (PassingFault("Slack", "away"), "put_off"), (asyncio.CancelledError(), "cut_off")],
)
async def test_a_step_is_timed_by_what_came_of_it(error, outcome):
    metrics = Metrics()
    with pytest.raises(type(error)):
        await _WatchedStep(once, metrics)("fetch", raising, error)
    assert counted(metrics)["triage_step_seconds_count", outcome, "fetch"] == 1


async def test_attempts_after_the_first_are_retries():
    metrics, answers = Metrics(), [OSError("away"), OSError("away"), None]

    async def fetch():
        if error := answers.pop(0):
            raise error
        return "fetched"

    assert await _WatchedStep(stubborn, metrics)("fetch", fetch) == "fetched"
    seen = counted(metrics)
    assert seen["triage_step_retries_total", "fetch"] == 2
    assert seen["triage_step_seconds_count", "failed", "fetch"] == 2
    assert seen["triage_step_seconds_count", "done", "fetch"] == 1


async def test_a_result_that_was_kept_is_no_attempt():
    metrics = Metrics()
    assert await _WatchedStep(kept, metrics)("fetch", nothing) == "kept"
    assert not any(key[0].startswith("triage_step") for key in counted(metrics))


@pytest_asyncio.fixture
async def database(migrated_sqlite_url):
    database = Database(migrated_sqlite_url)
    yield database
    await database.close()


@pytest_asyncio.fixture
async def run_id(database):
    async with database.write() as session:
        incident = await incident_service.create_incident(
            session, title="checkout is failing", workspace="T1", reporter="U1", channel=""
        )
        run = TriageRun(incident_id=incident.id, requested_by="U1")
        session.add(run)
        await session.commit()
        return run.id


def ending(database, state, *, in_step=None, steps=1):
    """A job that runs steps, the last of which may fail, and leaves the run in a state."""

    async def job(step, run_id):
        for _ in range(steps):
            with contextlib.suppress(StepFailed):
                await step("analyse", raising if in_step else nothing, *([in_step] if in_step else []))
        async with database.write() as session:
            (await session.get_one(TriageRun, run_id)).state = state
            await session.commit()

    return job


@pytest.mark.parametrize(
    ("how", "reason"),
    [({"in_step": FileWasStrange("no")}, "file_was_strange"), ({}, "no_file"), ({"steps": 0}, "given_up")],
)
async def test_a_failed_run_is_counted_by_why_it_failed(database, run_id, how, reason):
    metrics = Metrics()
    runs = _Runs(database, metrics)
    await runs.watch(ending(database, RunState.FAILED, **how), _WatchedStep(once, metrics), run_id)
    seen = counted(metrics)
    assert seen["triage_runs_total", "failed"] == 1
    assert seen["triage_run_failures_total", reason] == 1


async def test_a_run_that_waits_has_not_ended_and_one_that_ended_is_not_counted_again(database, run_id):
    metrics = Metrics()
    for state in (RunState.QUEUED, RunState.SUCCEEDED, RunState.SUCCEEDED):
        await _Runs(database, metrics).watch(ending(database, state), _WatchedStep(once, metrics), run_id)
    assert {key: value for key, value in counted(metrics).items() if key[0] == "triage_runs_total"} == {
        ("triage_runs_total", "succeeded"): 1
    }


async def test_a_database_that_is_away_fails_no_job(run_id, tmp_path, caplog):
    elsewhere = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    done = []

    async def job(step, run_id):
        done.append(run_id)

    await _Runs(elsewhere, Metrics()).watch(job, _WatchedStep(once, Metrics()), run_id)
    await elsewhere.close()
    assert done == [run_id]
    assert "the run cannot be looked at" in caplog.text


async def test_what_is_logged_in_a_job_names_the_run_the_incident_and_the_step(database, run_id):
    bound = {}

    async def analyse():
        bound.update(structlog.contextvars.get_contextvars())

    async def job(step, run_id):
        await step("analyse", analyse)

    await WatchedJobs(database, Metrics(), concurrency=1).watched("triage", job)(once, run_id)
    async with database.read() as session:
        run = await session.get_one(TriageRun, run_id)
    assert bound == {"job": "triage", "run_id": run_id, "incident_id": run.incident_id, "step": "analyse"}
    assert structlog.contextvars.get_contextvars() == {}
