"""A run that has not ended has a job, whatever became of the one before."""

import pytest
from sqlalchemy import text, update

from models.base import utc_now
from models.triage import RunState, TriageRun
from services.triage.strays import AGE, StrayRuns

pytestmark = pytest.mark.asyncio


@pytest.fixture
def strays(case):
    return StrayRuns(case.database, case.jobs)


async def age(case):
    async with case.database.write() as session:
        await session.execute(update(TriageRun).values(queued_at=utc_now() - AGE * 2))
        await session.commit()


async def becomes(case, status):
    """What the engine has of each job, all at once."""
    table = "workflow_status" if case.database.is_sqlite else "dbos.workflow_status"
    async with case.database.write() as session:
        await session.execute(text(f"UPDATE {table} SET status = :status"), {"status": status})
        await session.commit()


@pytest.mark.parametrize("status", ["ERROR", "SUCCESS", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])
@pytest.mark.parametrize("is_begun", [False, True])
async def test_a_run_whose_job_came_to_nothing_has_another(case, strays, status, is_begun):
    run = await case.upload("app.log")
    if is_begun:
        await case.pipeline.begin(run.id, 1)
    await becomes(case, status)
    assert await strays.take_in() == 0  # it may be on its way
    await age(case)
    assert await strays.take_in() == 1
    assert await case.jobs.status(f"triage:{run.id}:2") == "ENQUEUED"
    assert await strays.take_in() == 0
    assert await case.pipeline.begin(run.id, 2) is not None


@pytest.mark.parametrize("status", ["ENQUEUED", "DELAYED", "PENDING"])
async def test_one_that_has_a_job_is_left_alone(case, strays, status):
    await case.upload("app.log")
    await becomes(case, status)
    await age(case)
    assert await strays.take_in() == 0


async def test_one_that_ended_or_waits_for_another_of_its_incident_is_left_alone(case, strays):
    older = await case.upload("app.log")
    claim = await case.pipeline.begin(older.id, 1)
    newer = await case.upload("db.log")
    assert await case.pipeline.begin(newer.id, 1) is None
    async with case.database.write() as session:
        (await session.get_one(TriageRun, newer.id)).queued_at = utc_now() - AGE * 2
        await session.commit()
    await becomes(case, "SUCCESS")
    assert await strays.take_in() == 0
    await case.pipeline.fail(claim, "away")
    assert (await case.now(older)).state == RunState.FAILED
    assert await strays.take_in() == 0  # the end of the other gave it one
