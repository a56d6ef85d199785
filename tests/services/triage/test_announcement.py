"""What the thread is told of a later run: one line, once, in the transaction that ends the run."""

import pytest

from models.messaging import MessageKind, OutboxMessage
from services.errors import FileUnavailable
from services.triage import intake
from services.triage.claims import ClaimLost
from tests.services.triage.uploads import all_of

pytestmark = pytest.mark.asyncio

APP = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 3
DB = b"2026-03-01 10:00:00 INFO ready\n" * 30


async def step(_name, action, *args, **_options):
    return await action(*args)


async def changes_said(case):
    return [each for each in await all_of(case.database, OutboxMessage) if each.kind == MessageKind.CHANGE]


async def first_run(case):
    case.shelf.files |= {"APP.LOG": APP, "DB.LOG": DB, "WEB.LOG": DB}
    run = await case.upload("app.log")
    await case.pipeline.run_triage(step, run.id)
    return run


async def rerun(case):
    async with case.database.write() as session:
        run = await intake.request_rerun(session, case.jobs, incident=case.incident, requested_by="U1")
        await session.commit()
    await case.pipeline.run_triage(step, run.id)


async def test_the_first_run_changes_nothing(case):
    await first_run(case)
    assert await changes_said(case) == []


async def test_a_later_upload_is_said_to_have_changed_something_or_nothing(case):
    first = await first_run(case)
    later = await case.upload("db.log")
    await case.pipeline.run_triage(step, later.id)
    (message,) = await changes_said(case)
    assert (message.key, message.payload) == (f"change:{later.id}", {"run_id": later.id, "former_run_id": first.id})
    order = [each.kind for each in await all_of(case.database, OutboxMessage)]
    assert order.index(MessageKind.TRIAGE) < order.index(MessageKind.CHANGE) < len(order) - 1


async def test_several_uploads_that_one_run_reads_are_one_line(case):
    first = await first_run(case)
    one, other = await case.upload("db.log"), await case.upload("web.log")
    for run in (one, other):
        await case.pipeline.run_triage(step, run.id)
    (message,) = await changes_said(case)
    assert message.payload == {"run_id": other.id, "former_run_id": first.id}


async def test_concluding_twice_says_it_once(case):
    await first_run(case)
    later = await case.upload("db.log")
    claim = await case.pipeline.begin(later.id, 1)
    await case.pipeline.fetch(claim)
    key = await case.pipeline.analyse(claim)
    await case.pipeline.conclude(claim, key)
    with pytest.raises(ClaimLost):
        await case.pipeline.conclude(claim, key)
    assert len(await changes_said(case)) == 1


async def test_reading_the_same_again_says_nothing(case):
    await first_run(case)
    await rerun(case)
    assert await changes_said(case) == []


async def test_a_run_without_a_report_is_nothing_to_compare_with(case):
    case.shelf.files |= {"GONE.LOG": FileUnavailable("It was deleted."), "APP.LOG": APP}
    await case.pipeline.run_triage(step, (await case.upload("gone.log")).id)
    await case.pipeline.run_triage(step, (await case.upload("app.log")).id)
    assert await changes_said(case) == []
