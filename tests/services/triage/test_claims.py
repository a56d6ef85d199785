"""One run of an incident at a time, one job of a run, one worker of a job; who was replaced writes nothing more."""

import asyncio
import time
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import update

from models.base import _Ulids
from models.triage import ArtifactState, RunState, TriageReport, TriageRun
from services.errors import PassingFault
from services.triage import claims, triage_service
from services.triage.claims import ClaimLost
from tests.services.triage.uploads import all_of, artifacts
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 3


async def step(_name, action, *args, **_options):
    return await action(*args)


async def end(case, claim, state=RunState.SUCCEEDED):
    async with case.database.write() as session:
        incident, run = await claims.held_with_incident(session, claim)
        await claims.end(session, case.jobs, incident, run, state)
        await session.commit()


async def queued(case, run, turn):
    return await case.jobs.status(f"triage:{run.id}:{turn}")


async def test_while_one_run_is_under_way_the_next_stays_in_the_queue_and_then_has_a_job(case):
    older = await case.upload("app.log")
    claim = await case.pipeline.begin(older.id, 1)
    newer = await case.upload("db.log")
    assert await case.pipeline.begin(newer.id, 1) is None
    assert (await case.now(newer)).state == RunState.QUEUED
    await end(case, claim)
    assert await queued(case, newer, 2) == "ENQUEUED"
    assert await case.pipeline.begin(newer.id, 1) is None  # its first job, should it come again
    assert (await case.pipeline.begin(newer.id, 2)).number == 1


async def test_which_run_is_the_newer_one_is_no_matter_of_clocks(case, monkeypatch):
    """A machine whose clock is behind takes in an upload after another one has read what was there before."""
    done = await case.upload("app.log")
    await end(case, await case.pipeline.begin(done.id, 1))
    monkeypatch.setattr("models.base._ulids", _Ulids())
    monkeypatch.setattr("models.base.time", SimpleNamespace(time_ns=lambda: 0))
    later = await case.upload("db.log")
    assert later.id < done.id
    assert await case.pipeline.begin(later.id, 1) is not None
    async with case.database.read() as session:
        assert (await triage_service.get_triage(session, case.incident.id)).run.id == later.id


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING, RunState.SUCCEEDED, RunState.PARTIAL])
async def test_a_newer_run_covers_an_older_one(case, state):
    older, newer = await case.upload("app.log"), await case.upload("db.log")
    async with case.database.write() as session:
        await session.execute(update(TriageRun).where(TriageRun.id == newer.id).values(state=state))
        await session.commit()
    assert await case.pipeline.begin(older.id, 1) is None
    seen = await case.now(older)
    assert seen.state == RunState.SUPERSEDED
    assert seen.finished_at


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELED])
async def test_a_newer_run_that_came_to_nothing_covers_nothing(case, state):
    older, newer = await case.upload("app.log"), await case.upload("db.log")
    async with case.database.write() as session:
        await session.execute(update(TriageRun).where(TriageRun.id == newer.id).values(state=state))
        await session.commit()
    assert await case.pipeline.begin(older.id, 1) is not None


async def test_a_run_that_is_put_off_lets_the_next_one_go_first_and_gives_way_to_it(case):
    case.shelf.files["APP.LOG"] = PassingFault("Slack", "it answered 503")
    older = await case.upload("app.log")
    claim = await case.pipeline.begin(older.id, 1)
    newer = await case.upload("db.log")
    assert await case.pipeline.begin(newer.id, 1) is None
    await case.pipeline.put_off(claim, case.shelf.files["APP.LOG"])
    assert await queued(case, newer, 2) == "ENQUEUED"
    assert await case.pipeline.begin(newer.id, 2) is not None
    assert await case.pipeline.begin(older.id, 2) is None
    assert (await case.now(older)).state == RunState.SUPERSEDED


async def test_of_several_runs_that_wait_for_one_none_stays_in_the_queue(case):
    first = await case.upload("app.log")
    claim = await case.pipeline.begin(first.id, 1)
    waiting = []
    for number in range(3):
        waiting.append(await case.upload(f"{number}.log"))
        assert await case.pipeline.begin(waiting[-1].id, 1) is None  # the first is still under way
    older, middle, newest = waiting
    await end(case, claim)
    await end(case, await case.pipeline.begin(newest.id, 2))
    assert await case.pipeline.begin(middle.id, 2) is None
    assert [(await case.now(run)).state for run in (older, middle)] == [RunState.SUPERSEDED] * 2


async def test_runs_of_one_incident_never_run_side_by_side_however_their_jobs_come(case):
    """Eight jobs at once, on both databases: one of them runs."""
    runs = [await case.upload(f"{number}.log") for number in range(4)]
    taken = await asyncio.gather(*(case.pipeline.begin(run.id, 1) for run in runs * 2))
    states = [(await case.now(run)).state for run in runs]
    assert states == [RunState.SUPERSEDED] * 3 + [RunState.RUNNING]
    assert {claim.run_id for claim in taken if claim} == {runs[-1].id}


async def test_a_worker_that_was_paused_and_replaced_writes_nothing_more(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    paused = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(paused)
    key = await case.pipeline.analyse(paused)
    other = await case.pipeline.begin(run.id, 1)  # the same job, taken over
    assert other.number == paused.number + 1
    with pytest.raises(ClaimLost):
        await case.pipeline.conclude(paused, key)
    await case.pipeline.fail(paused, "I was paused")
    await case.pipeline.put_off(paused, PassingFault("Slack", "it answered 503"))
    await case.pipeline.forgive(paused)
    seen = await case.now(run)
    assert (seen.state, seen.error, seen.attempt, seen.turn) == (RunState.RUNNING, None, 1, 1)
    await case.pipeline.conclude(other, key)
    assert (await case.now(run)).state == RunState.SUCCEEDED
    assert len(await all_of(case.database, TriageReport)) == 1


async def test_a_download_that_ends_after_its_worker_was_replaced_settles_nothing(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    paused = await case.pipeline.begin(run.id, 1)
    await case.pipeline.begin(run.id, 1)
    with pytest.raises(ClaimLost):
        await case.pipeline.fetch(paused)
    assert (await artifacts(case.database))["app.log"].state == ArtifactState.RECEIVED


async def test_two_workers_that_conclude_at_the_same_moment_conclude_once(case):
    """On Postgres both transactions are open at once: the second waits for the first, and finds that it is over."""
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(claim)
    key = await case.pipeline.analyse(claim)
    ends = await asyncio.gather(*(case.pipeline.conclude(claim, key) for _ in range(3)), return_exceptions=True)
    assert sorted(map(repr, map(type, ends))) == sorted([repr(type(None)), repr(ClaimLost), repr(ClaimLost)])


async def test_what_reads_in_vain_is_ended_soon_after_the_run_was_taken_over(case, monkeypatch):
    monkeypatch.setattr(claims, "LOOK_SECONDS", 0.05)
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    ended = []

    async def read(_files, *, on_progress):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(time.monotonic())

    monkeypatch.setattr(case.pipeline.pool, "analyze", read)
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(claim)
    reading = asyncio.create_task(case.pipeline.analyse(claim))

    async def is_reading():
        return (await case.now(run)).attempt

    await eventually(is_reading)
    await case.pipeline.begin(run.id, 1)
    with pytest.raises(ClaimLost):
        await asyncio.wait_for(reading, 30)
    assert ended
    assert case.pipeline.pool.turns._held.total() == 0
    assert (await case.now(run)).attempt == 1  # not the paused one's to take back


async def test_a_stop_of_the_process_is_no_loss_of_the_claim(case, monkeypatch):
    monkeypatch.setattr(case.pipeline.pool, "analyze", AsyncMock(side_effect=asyncio.CancelledError))
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    with pytest.raises(asyncio.CancelledError):
        await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.RUNNING
