"""What the living message and the API are told about an incident's triage."""

import pytest

from models.schemas.report import Report, ReportStats
from models.triage import ArtifactState, LogArtifact, RunState, TriageReport, TriageRun
from services.triage import intake, triage_service
from services.triage.triage_service import rejected
from tests.services.triage.uploads import open_incident

pytestmark = pytest.mark.asyncio


def report(lines):
    stats = ReportStats(seconds=1, cpu_seconds=1, bytes=10, lines=lines, peak_rss_bytes=1, engine_version="test")
    lists = ("files", "findings", "timeline", "also_considered", "missing", "templates", "series")
    return Report(onset=None, stats=stats, **{name: [] for name in lists})


async def add_run(database, incident, state, *, lines=None):
    async with database.write() as session:
        number = await intake.next_number(session, incident.id)
        run = TriageRun(incident_id=incident.id, number=number, requested_by="U1", state=state)
        session.add(run)
        await session.flush()
        if lines is not None:
            session.add(TriageReport(run_id=run.id, body=report(lines).to_body()))
        await session.commit()
        return run


async def view_of(database, incident):
    async with database.read() as session:
        return await triage_service.get_triage(session, incident.id)


async def test_before_the_first_upload_there_is_none(database, incident):
    assert await view_of(database, incident) is None
    async with database.read() as session:
        assert await triage_service.get_triage(session, "01NOTHING") is None


@pytest.mark.parametrize("state", RunState)
async def test_it_reads_while_the_newest_run_waits_or_runs(database, incident, state):
    await add_run(database, incident, RunState.RUNNING)
    await add_run(database, incident, state)
    assert (await view_of(database, incident)).is_reading is (state in ("queued", "running"))


async def test_the_last_report_is_shown_while_a_newer_run_reads(database, incident):
    await add_run(database, incident, RunState.SUCCEEDED, lines=1)
    reported = await add_run(database, incident, RunState.PARTIAL, lines=2)
    newest = await add_run(database, incident, RunState.RUNNING)
    view = await view_of(database, incident)
    assert (view.run.id, view.report_run.id, view.report.stats.lines) == (newest.id, reported.id, 2)


async def test_a_report_of_another_incident_is_not_shown(database, incident):
    other = await open_incident(database, thread_ts="1700000000.000002")
    await add_run(database, other, RunState.SUCCEEDED, lines=1)
    await add_run(database, incident, RunState.FAILED)
    view = await view_of(database, incident)
    assert (view.report, view.report_run) == (None, None)


async def test_files_are_listed_in_order_and_the_rejected_are_told_apart(database, incident):
    async with database.write() as session:
        for name, state in (("b.log", ArtifactState.READY), ("a.log", ArtifactState.REJECTED)):
            session.add(LogArtifact(incident_id=incident.id, name=name, uploaded_by="U1", state=state))
            await session.flush()
        await session.commit()
    await add_run(database, incident, RunState.PARTIAL)
    view = await view_of(database, incident)
    assert [each.name for each in view.artifacts] == ["b.log", "a.log"]
    assert [each.name for each in rejected(view)] == ["a.log"]


async def test_runs_are_listed_newest_first_in_pages_and_by_state(database, incident):
    runs = [await add_run(database, incident, RunState.SUCCEEDED) for _ in range(3)]
    failed = await add_run(database, incident, RunState.FAILED)
    await add_run(database, await open_incident(database, thread_ts="1700000000.000002"), RunState.FAILED)
    async with database.read() as session:
        second = await triage_service.list_runs(session, incident.id, page=2, per_page=2)
        of_state = await triage_service.list_runs(session, incident.id, page=1, per_page=20, status="failed")
    assert [run.id for run in second.items] == [runs[1].id, runs[0].id]
    assert second.total == 4
    assert [run.id for run in of_state.items] == [failed.id]


async def test_a_run_or_report_nobody_knows_is_none(database, incident):
    run = await add_run(database, incident, RunState.RUNNING)
    async with database.read() as session:
        assert await triage_service.get_run(session, "01NOTHING") is None
        assert await triage_service.get_report(session, run.id) is None
