"""Somebody stops a triage: it ends, whoever works on it lets go, and it can be begun again."""

import asyncio

import pytest

from models.incident import TimelineEvent
from models.messaging import MessageKind, OutboxMessage
from models.triage import RunState
from services.errors import NothingToStop, PassingFault
from services.triage import claims, intake
from services.triage.claims import ClaimLost
from services.triage.stopping import stop_triage
from tests.services.triage.uploads import all_of
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 3


async def step(_name, action, *args, **_options):
    return await action(*args)


async def stop(case, *, run_id=None):
    async with case.database.write() as session:
        runs = await stop_triage(session, case.jobs, incident=case.incident, stopped_by="U9", run_id=run_id)
        await session.commit()
        return runs


async def revision(case):
    return next(m.revision for m in await all_of(case.database, OutboxMessage) if m.kind == MessageKind.TRIAGE)


async def test_a_run_that_waits_is_never_begun(case):
    run = await case.upload("app.log")
    before = await revision(case)
    await stop(case)
    seen = await case.now(run)
    assert (seen.state, seen.stopped_by, seen.error) == (RunState.CANCELED, "U9", None)
    assert seen.finished_at
    assert await revision(case) > before
    await case.pipeline.run_triage(step, f"{run.id}:1")
    assert case.shelf.asked == []
    told = [(e.actor, e.payload) for e in await all_of(case.database, TimelineEvent) if e.kind == "triage_stopped"]
    assert told == [("U9", {"run": run.id})]


async def test_one_that_is_put_off_is_not_tried_again(case):
    case.shelf.files["APP.LOG"] = PassingFault("Slack", "it answered 503")
    run = await case.upload("app.log")
    await case.pipeline.run_triage(step, f"{run.id}:1")
    await stop(case)
    await case.pipeline.run_triage(step, f"{run.id}:2")
    seen = await case.now(run)
    assert (seen.state, seen.waiting_for) == (RunState.CANCELED, None)
    assert case.shelf.asked == ["APP.LOG"]


async def test_the_process_that_reads_is_ended_and_the_next_run_reads(case, monkeypatch):
    """The real reader, in the middle of a file that takes it much longer than this test waits."""
    monkeypatch.setattr(claims, "LOOK_SECONDS", 0.1)
    lines = b"".join(b"2026-03-01 10:51:07 ERROR worker %d: job %x failed\n" % (n, n * 7919) for n in range(15_000))
    case.shelf.files["APP.LOG"] = lines
    began = asyncio.Event()
    analyze = case.pipeline.pool.analyze

    async def analyze_much(files, *, on_progress):
        began.set()
        return await analyze(files * 400, on_progress=on_progress)

    run = await case.upload("app.log")
    with monkeypatch.context() as patched:
        patched.setattr(case.pipeline.pool, "analyze", analyze_much)
        reading = asyncio.create_task(case.pipeline.run_triage(step, f"{run.id}:1"))
        await asyncio.wait_for(began.wait(), 30)
        await stop(case)
        await asyncio.wait_for(reading, 10)
    assert not case.pipeline.pool._jobs
    assert (await case.now(run)).state == RunState.CANCELED
    case.shelf.files["APP.LOG"] = LOG
    async with case.database.write() as session:
        again = await intake.request_rerun(session, case.jobs, incident=case.incident, requested_by="U1")
        await session.commit()
    await asyncio.wait_for(case.pipeline.run_triage(step, f"{again.id}:1"), 30)
    assert (await case.now(again)).state == RunState.SUCCEEDED


async def test_what_was_read_to_its_end_meanwhile_concludes_nothing(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(claim)
    key = await case.pipeline.analyse(claim)
    await stop(case)
    with pytest.raises(ClaimLost):
        await case.pipeline.conclude(claim, key)
    assert (await case.now(run)).state == RunState.CANCELED


async def test_everything_of_the_incident_is_stopped(case):
    older = await case.upload("app.log")
    await case.pipeline.begin(older.id, 1)
    newer = await case.upload("db.log")
    assert [run.id for run in await stop(case)] == [newer.id, older.id]
    for run in (older, newer):
        assert (await case.now(run)).state == RunState.CANCELED
        assert await case.pipeline.begin(run.id, 1) is None


async def test_one_run_alone_can_be_stopped_and_the_other_goes_on(case):
    older = await case.upload("app.log")
    await case.pipeline.begin(older.id, 1)
    newer = await case.upload("db.log")
    assert await case.pipeline.begin(newer.id, 1) is None
    await stop(case, run_id=older.id)
    assert await case.pipeline.begin(newer.id, 2) is not None


async def test_there_may_be_nothing_to_stop(case):
    with pytest.raises(NothingToStop, match="Nothing of INC-1 is being read"):
        await stop(case)
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    await case.pipeline.run_triage(step, run.id)
    with pytest.raises(NothingToStop):
        await stop(case, run_id=run.id)
    assert (await case.now(run)).state == RunState.SUCCEEDED


async def test_a_press_and_the_end_at_the_same_moment_are_one_end(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(claim)
    key = await case.pipeline.analyse(claim)
    ends = await asyncio.gather(case.pipeline.conclude(claim, key), stop(case), return_exceptions=True)
    refused = [end for end in ends if isinstance(end, Exception)]
    assert [type(end) for end in refused] in ([ClaimLost], [NothingToStop])

    async def ended():
        return (await case.now(run)).finished_at

    await eventually(ended)
