"""The triage job, step by step: whatever the files and the world do, the run ends in a state and a sentence."""

import asyncio
import hashlib
import logging
from dataclasses import replace
from datetime import UTC
from unittest.mock import AsyncMock

import pytest
from sqlalchemy import func, select, update

from models.incident import Incident, TimelineEvent
from models.messaging import MessageKind, OutboxMessage
from models.triage import ArtifactState, Finding, PictureState, RunState, TriagePicture, TriageReport, TriageRun
from services.errors import FileUnavailable, PassingFault, StoreRefused, StoreUnavailable
from services.jobs.jobs import JobFailed
from services.triage import pipeline as pipeline_module
from services.triage import progress as progress_module
from services.triage import triage_service
from services.triage.analysis_pool import AnalysisFailed, ProgressCounts
from services.triage.claims import ClaimLost
from services.triage.fetching import MAX_WAITS, gave_up
from services.triage.file_source import UploadPlace
from services.triage.pipeline import MAX_ATTEMPTS, MAX_CLAIMS, TOO_OFTEN, TriagePipeline
from services.triage.progress import ProgressWriter
from tests.services.triage.uploads import (
    CHANNEL,
    ROOT,
    WORKSPACE,
    all_of,
    artifacts,
    open_incident,
    upload,
)

pytestmark = pytest.mark.asyncio

LOG = b"2026-03-01 10:51:07 ERROR pool: connection pool exhausted, 20 of 20 in use\n" * 3


async def step(_name, action, *args, **_options):
    """The engine's part where nothing goes wrong: each step once."""
    return await action(*args)


async def revision(database, kind):
    return next(each.revision for each in await all_of(database, OutboxMessage) if each.kind == kind)


async def test_a_good_file_ends_in_a_report(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    before = await revision(case.database, MessageKind.TRIAGE)
    await case.pipeline.run_triage(step, run.id)

    run = await case.now(run)
    assert (run.state, run.error, run.attempt) == (RunState.SUCCEEDED, None, 1)
    assert run.queued_at <= run.started_at <= run.finished_at
    assert run.started_at.tzinfo is UTC
    assert run.engine_version
    artifact = (await artifacts(case.database))["app.log"]
    assert (artifact.state, artifact.lines, artifact.bytes) == (ArtifactState.READY, 3, len(LOG))
    assert artifact.sha256 == hashlib.sha256(LOG).hexdigest()
    async with case.database.read() as session:
        report = await triage_service.get_report(session, run.id)
    assert report.files[0].sha256 == artifact.sha256
    found = await all_of(case.database, Finding)
    assert [(each.rank, each.title) for each in found] == [(each.rank, each.title) for each in report.findings]
    evidence = found[0].evidence[0]
    assert evidence["quote_sha256"] == hashlib.sha256(evidence["text"].encode()).hexdigest()
    assert await revision(case.database, MessageKind.TRIAGE) > before
    sent = [each for each in await all_of(case.database, OutboxMessage) if each.kind == MessageKind.REPORT_FILE]
    assert [each.payload for each in sent] == [{"run_id": run.id}]
    told = [each.payload for each in await all_of(case.database, TimelineEvent) if each.kind == "triage_finished"]
    assert told == [{"run": run.id, "state": "succeeded", "findings": len(report.findings)}]


HOUR = b"".join(b"2026-03-01 10:%02d:00 INFO pool: fine\n" % minute for minute in range(51)) + LOG


async def test_its_picture_is_kept_and_sent_behind_the_reports_file(case, store):
    case.shelf.files["APP.LOG"] = HOUR
    run = await case.upload("app.log")
    await case.pipeline.run_triage(step, run.id)
    (picture,) = await all_of(case.database, TriagePicture)
    assert (picture.run_id, picture.state, picture.slack_file_id) == (run.id, PictureState.DRAWN, None)
    assert picture.alt_text.startswith("Chart of lines per minute")
    assert (await store.get_bytes(picture.png_key)).startswith(b"\x89PNG")
    assert (await store.get_bytes(picture.svg_key)).startswith(b"<svg")
    sent = [each for each in await all_of(case.database, OutboxMessage) if each.payload.get("run_id") == run.id]
    assert [each.kind for each in sent] == [MessageKind.REPORT_FILE, MessageKind.PICTURE]


async def test_drawing_again_after_a_crash_keeps_one_picture(case):
    case.shelf.files["APP.LOG"] = HOUR
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(claim)
    await case.pipeline.analyse(claim)  # the process died before the step was noted as done
    await case.pipeline.run_triage(step, run.id)
    assert len(await all_of(case.database, TriagePicture)) == 1
    kinds = [each.kind for each in await all_of(case.database, OutboxMessage)]
    assert kinds.count(MessageKind.PICTURE) == 1


async def test_where_there_is_nothing_to_draw_no_picture_is_sent(case):
    case.shelf.files["APP.LOG"] = LOG
    await case.pipeline.run_triage(step, (await case.upload("app.log")).id)
    assert await all_of(case.database, TriagePicture) == []
    assert MessageKind.PICTURE not in [each.kind for each in await all_of(case.database, OutboxMessage)]


async def test_the_run_covers_every_file_of_the_incident(case):
    case.shelf.files |= {"APP.LOG": LOG, "DB.LOG": b"2026-03-01 10:00:00 INFO ready\n"}
    await case.pipeline.run_triage(step, (await case.upload("app.log")).id)
    run = await case.upload("db.log")
    await case.pipeline.run_triage(step, run.id)
    async with case.database.read() as session:
        report = await triage_service.get_report(session, run.id)
    assert [file.name for file in report.files] == ["app.log", "db.log"]
    assert case.shelf.asked == ["APP.LOG", "DB.LOG"]


async def test_a_run_gives_way_to_a_newer_one_that_waits(case):
    case.shelf.files |= {"APP.LOG": LOG, "DB.LOG": LOG}
    older = await case.upload("app.log")
    newer = await case.upload("db.log")
    await case.pipeline.run_triage(step, older.id)
    assert (await case.now(older)).state == RunState.SUPERSEDED
    assert case.shelf.asked == []
    await case.pipeline.run_triage(step, newer.id)
    assert (await case.now(newer)).state == RunState.SUCCEEDED
    assert [each.run_id for each in await all_of(case.database, TriageReport)] == [newer.id]


async def test_a_run_of_another_incident_is_no_reason_to_give_way(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    await upload(case.database, case.jobs, await open_incident(case.database, thread_ts="1700000000.000002"), "app.log")
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.SUCCEEDED


async def test_what_cannot_be_had_is_rejected_with_why_and_the_rest_is_read(case):
    case.shelf.files |= {"GONE.LOG": FileUnavailable("It was deleted."), "APP.LOG": LOG}
    run = await case.upload("gone.log", "app.log")
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.PARTIAL
    known = await artifacts(case.database)
    assert (known["gone.log"].state, known["gone.log"].reason) == (ArtifactState.REJECTED, "It was deleted.")
    assert known["app.log"].state == ArtifactState.READY


async def test_a_file_that_is_read_in_part_makes_a_partial_run(case):
    case.shelf.files |= {"APP.LOG": LOG, "PICTURE.PNG": b"\x89PNG\r\n\x1a\n" + bytes(500)}
    run = await case.upload("app.log", "picture.png")
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.PARTIAL


async def test_where_no_file_can_be_had_the_run_fails_with_their_reasons(case):
    case.shelf.files |= {"A.LOG": FileUnavailable("It was deleted."), "B.LOG": FileUnavailable("A scope is missing.")}
    run = await case.upload("a.log", "b.log")
    await case.pipeline.run_triage(step, run.id)
    run = await case.now(run)
    assert (run.state, run.error) == (RunState.FAILED, "a.log: It was deleted. b.log: A scope is missing.")
    assert await all_of(case.database, TriageReport) == []


async def test_a_file_over_the_limit_is_rejected_and_nothing_of_it_is_kept(case, tmp_path):
    case.shelf.files["APP.LOG"] = LOG * 1000
    run = await case.upload("app.log")
    await replace(case.pipeline, max_upload_bytes=5_000).run_triage(step, run.id)
    artifact = (await artifacts(case.database))["app.log"]
    assert artifact.state == ArtifactState.REJECTED
    assert "TRIAGE_MAX_UPLOAD_BYTES" in artifact.reason
    assert [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()] == []


AWAY = PassingFault("Slack", "it answered 503")


async def test_what_is_away_puts_the_run_off_and_the_thread_says_so(case):
    case.shelf.files |= {"APP.LOG": AWAY, "DB.LOG": LOG}
    run = await case.upload("app.log", "db.log")
    before = await revision(case.database, MessageKind.TRIAGE)
    await case.pipeline.run_triage(step, run.id)
    seen = await case.now(run)
    assert (seen.state, seen.waiting_for, seen.waits) == (RunState.QUEUED, "Slack: it answered 503", 1)
    assert (seen.turn, seen.attempt, seen.error) == (2, 0, None)
    assert await case.jobs.status(f"triage:{run.id}:2") == "DELAYED"
    assert await revision(case.database, MessageKind.TRIAGE) > before
    known = await artifacts(case.database)
    assert (known["app.log"].state, known["db.log"].state) == (ArtifactState.RECEIVED, ArtifactState.FETCHED)

    case.shelf.files["APP.LOG"] = LOG
    await case.pipeline.run_triage(step, f"{run.id}:2")
    seen = await case.now(run)
    assert (seen.state, seen.waiting_for) == (RunState.SUCCEEDED, None)
    assert case.shelf.asked == ["APP.LOG", "DB.LOG", "APP.LOG"]


async def test_a_job_that_was_replaced_does_nothing(case):
    case.shelf.files["APP.LOG"] = AWAY
    run = await case.upload("app.log")
    await case.pipeline.run_triage(step, run.id)
    await case.pipeline.run_triage(step, f"{run.id}:1")
    assert case.shelf.asked == ["APP.LOG"]
    assert (await case.now(run)).turn == 2


async def waits_out(case, run):
    """Have the run tried until it does not wait any more; how often it was."""
    for turn in range(1, 100):
        await case.pipeline.run_triage(step, f"{run.id}:{turn}")
        if (await case.now(run)).waiting_for is None:
            return turn
    return None


async def test_what_stays_away_is_given_up_with_what_to_do_and_the_rest_is_read(case):
    case.shelf.files |= {"APP.LOG": AWAY, "DB.LOG": LOG}
    run = await case.upload("app.log", "db.log")
    assert await waits_out(case, run) == MAX_WAITS + 1
    assert (await case.now(run)).state == RunState.PARTIAL
    rejected = (await artifacts(case.database))["app.log"]
    assert rejected.state == ArtifactState.REJECTED
    assert rejected.reason == gave_up(AWAY)
    assert rejected.reason.startswith("Slack: it answered 503")
    assert rejected.reason.endswith("Press Re-run to try again.")


async def test_the_waits_double_to_a_minute_and_last_a_quarter_of_an_hour():
    waits = [pipeline_module._wait_seconds(number, 0) for number in range(MAX_WAITS)]
    assert 1.5 <= waits[0] <= 2.5
    assert all(45 <= each <= 75 for each in waits[5:])
    assert 600 < sum(waits) < 1_300
    assert 90 <= pipeline_module._wait_seconds(0, 90) <= 99


async def test_nothing_is_tried_before_slack_allows_it(case, monkeypatch):
    delays = []
    monkeypatch.setattr(
        case.jobs, "enqueue", AsyncMock(side_effect=lambda _s, **job: delays.append(job["delay_seconds"]))
    )
    case.shelf.files |= {"APP.LOG": AWAY, "DB.LOG": PassingFault("Slack", "rate limited", 120)}
    run = await case.upload("app.log", "db.log")
    await case.pipeline.run_triage(step, run.id)
    assert delays[0] == 0
    assert 120 <= delays[1] <= 132


async def test_a_full_disk_is_waited_for_then_said_and_nothing_half_is_kept(case, tmp_path, monkeypatch):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    full = StoreUnavailable("its disk is full")
    with monkeypatch.context() as patched:
        patched.setattr(case.pipeline.store, "put", AsyncMock(side_effect=full))
        assert await waits_out(case, run) == MAX_WAITS + 1
    run = await case.now(run)
    assert (run.state, run.error) == (RunState.FAILED, f"app.log: {gave_up(full)}")
    assert "its disk is full" in run.error
    assert [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()] == []


async def test_a_disk_that_is_full_for_the_report_is_waited_for_too(case, monkeypatch):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    with monkeypatch.context() as patched:
        patched.setattr(case.pipeline.store, "put_bytes", AsyncMock(side_effect=StoreUnavailable("its disk is full")))
        await case.pipeline.run_triage(step, run.id)
    seen = await case.now(run)
    assert (seen.state, seen.waits) == (RunState.QUEUED, 1)
    await case.pipeline.run_triage(step, f"{run.id}:2")
    assert (await case.now(run)).state == RunState.SUCCEEDED
    assert case.shelf.asked == ["APP.LOG"]


async def test_a_store_that_needs_a_hand_ends_the_run_at_once(case, monkeypatch):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    monkeypatch.setattr(case.pipeline.store, "put", AsyncMock(side_effect=StoreRefused("access denied")))
    await case.pipeline.run_triage(step, run.id)
    run = await case.now(run)
    assert (run.state, run.error) == (RunState.FAILED, str(StoreRefused("access denied")))


# A file that kills its reader


async def test_a_file_that_keeps_killing_its_reader_is_left_alone_in_the_end(case, monkeypatch):
    """A process that dies says nothing more: what counts is how often its reading was begun."""
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    monkeypatch.setattr(TriagePipeline, "forgive", AsyncMock())  # the dead forgive nothing
    with monkeypatch.context() as patched:
        patched.setattr(
            case.pipeline.pool, "analyze", AsyncMock(side_effect=KeyboardInterrupt)
        )  # as abrupt as a test can be
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(KeyboardInterrupt):
                await case.pipeline.run_triage(step, run.id)
    before = await revision(case.database, MessageKind.TRIAGE)
    await case.pipeline.run_triage(step, run.id)
    run = await case.now(run)
    assert (run.state, run.error) == (RunState.FAILED, TOO_OFTEN)
    assert await revision(case.database, MessageKind.TRIAGE) > before


async def test_who_dies_beside_it_before_it_is_read_is_not_to_blame(case):
    """Runs that wait for their turn go down with the worker as often as it takes, and are read all the same."""
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")

    async def die(name, action, *args, **_options):
        if name == "analyse":
            raise KeyboardInterrupt
        return await action(*args)

    for _ in range(MAX_ATTEMPTS + 1):
        with pytest.raises(KeyboardInterrupt):
            await case.pipeline.run_triage(die, run.id)
    assert (await case.now(run)).attempt == 0
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.SUCCEEDED


async def test_one_that_was_cut_off_before_is_read_alone(case, monkeypatch):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    asked, turn = [], case.pipeline.pool.turns.turn
    monkeypatch.setattr(
        case.pipeline.pool.turns, "turn", lambda lane, alone: asked.append(alone) or turn(lane, alone=alone)
    )
    async with case.database.write() as session:
        await session.execute(update(TriageRun).values(attempt=1))
        await session.commit()
    await case.pipeline.run_triage(step, run.id)
    assert asked == [True]
    assert (await case.now(run)).state == RunState.SUCCEEDED


async def test_a_worker_that_dies_of_whatever_else_does_not_die_for_ever(case):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    async with case.database.write() as session:
        await session.execute(update(TriageRun).values(claim=MAX_CLAIMS))
        await session.commit()
    await case.pipeline.run_triage(step, run.id)
    run = await case.now(run)
    assert (run.state, run.error) == (RunState.FAILED, TOO_OFTEN)


async def test_being_cut_off_is_no_attempt_and_no_failure(case, monkeypatch):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    begun = asyncio.Event()

    async def hang(_files, *, on_progress):
        begun.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(case.pipeline.pool, "analyze", hang)
        for _ in range(MAX_ATTEMPTS + 1):
            begun.clear()
            job = asyncio.create_task(case.pipeline.run_triage(step, run.id))
            await asyncio.wait_for(begun.wait(), 30)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
    seen = await case.now(run)
    assert (seen.state, seen.attempt, seen.error) == (RunState.RUNNING, 0, None)
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.SUCCEEDED


def failing(error):
    async def fail(name, action, *args, **_options):
        if name == "analyse":
            raise error
        return await action(*args)

    return fail


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (AnalysisFailed("Reading took too long."), "Reading took too long."),
        (JobFailed("OSError: away"), "The triage failed: OSError: away. Press Re-run to try again."),
        (ValueError("of ours\nin two lines"), "The triage failed: ValueError: of ours. Press Re-run to try again."),
    ],
)
async def test_what_goes_wrong_is_said_in_the_thread(case, error, sentence):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    before = await revision(case.database, MessageKind.TRIAGE)
    await case.pipeline.run_triage(failing(error), run.id)
    run = await case.now(run)
    assert (run.state, run.error) == (RunState.FAILED, sentence)
    assert run.finished_at
    assert await revision(case.database, MessageKind.TRIAGE) > before


async def test_a_fault_of_ours_is_logged_whole(case, caplog):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    with caplog.at_level(logging.ERROR):
        await case.pipeline.run_triage(failing(ValueError("of ours")), run.id)
    assert f"triage run {run.id} failed" in caplog.text
    assert "ValueError: of ours" in caplog.text


async def test_concluding_twice_concludes_once(case):
    """The process may die after the commit and before the engine has noted that the step is done."""
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.fetch(claim)
    key = await case.pipeline.analyse(claim)
    await case.pipeline.conclude(claim, key)
    first = await case.now(run)
    with pytest.raises(ClaimLost):
        await case.pipeline.conclude(claim, key)
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).finished_at == first.finished_at
    assert [each.rank for each in await all_of(case.database, Finding)] == [1]
    told = [each for each in await all_of(case.database, TimelineEvent) if each.kind == "triage_finished"]
    assert len(told) == 1


@pytest.mark.parametrize("doubled", ["fetch", "analyse"])
async def test_every_other_step_may_be_repeated_too(case, doubled):
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")

    async def twice(name, action, *args, **_options):
        if name == doubled:
            await action(*args)
        return await action(*args)

    await case.pipeline.run_triage(twice, run.id)
    assert (await case.now(run)).state == RunState.SUCCEEDED
    assert case.shelf.asked == ["APP.LOG"]


async def test_an_incident_without_a_channel_gets_its_report_and_no_message(case):
    case = replace(case, incident=await open_incident(case.database, channel=None, thread_ts=None))
    case.shelf.files["APP.LOG"] = LOG
    run = await case.upload("app.log")
    await case.pipeline.run_triage(step, run.id)
    assert (await case.now(run)).state == RunState.SUCCEEDED
    assert {each.kind for each in await all_of(case.database, OutboxMessage)} == {MessageKind.CARD}  # of the other one


async def test_progress_is_written_to_the_run_and_shown(case, monkeypatch):
    monkeypatch.setattr(progress_module, "WRITE_SECONDS", 0.0)
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    before = await revision(case.database, MessageKind.TRIAGE)
    progress = ProgressWriter(case.database, claim)
    progress(ProgressCounts(bytes_read=412, bytes_total=1000, lines=3))
    await progress.finish()
    seen = await case.now(run)
    assert (seen.progress_bytes, seen.progress_total_bytes, seen.progress_lines) == (412, 1000, 3)
    assert await revision(case.database, MessageKind.TRIAGE) == before + 1


async def test_progress_is_not_written_more_often_than_slack_takes_it(case):
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    before = await revision(case.database, MessageKind.TRIAGE)
    progress = ProgressWriter(case.database, claim)
    for lines in range(100):
        progress(ProgressCounts(bytes_read=lines, bytes_total=1000, lines=lines))
    await progress.finish()
    assert await revision(case.database, MessageKind.TRIAGE) == before


# A file whose message never came


async def runs(database):
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(TriageRun))


def shared(thread_ts, channel=CHANNEL):
    return [UploadPlace(channel, thread_ts, "app.log", "U7")]


async def test_a_located_file_is_taken_in_where_it_belongs_to_an_incident(case):
    case.shelf.shared["F1"] = shared(ROOT)
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1")
    artifact = (await artifacts(case.database))["app.log"]
    assert (artifact.incident_id, artifact.slack_file_id, artifact.uploaded_by) == (case.incident.id, "F1", "U7")
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1")
    assert await runs(case.database) == 1


@pytest.mark.parametrize(
    "places",
    [[], shared(None), shared("1700000000.999999"), shared(ROOT, "C2")],
    ids=["gone", "root", "thread", "channel"],
)
async def test_a_located_file_that_belongs_nowhere_is_left_alone(case, places):
    case.shelf.shared["F1"] = places
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1")
    assert await runs(case.database) == 0


async def test_while_slack_is_away_a_file_is_looked_up_again_later(case, monkeypatch):
    monkeypatch.setattr(case.shelf, "places", AsyncMock(side_effect=PassingFault("Slack", "it answered 503", 7)))
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1")
    assert await case.jobs.status(f"locate_upload:{WORKSPACE}:F1:1") == "DELAYED"
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1:1")
    assert await case.jobs.status(f"locate_upload:{WORKSPACE}:F1:2") == "DELAYED"
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1:{MAX_WAITS}")
    assert await case.jobs.status(f"locate_upload:{WORKSPACE}:F1:{MAX_WAITS + 1}") is None


async def test_a_thread_whose_card_is_not_known_yet_is_looked_at_again(case):
    await open_incident(case.database, channel="C3", thread_ts=None)
    case.shelf.shared["F1"] = shared("1700000000.000007", "C3")
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1")
    assert await case.jobs.status(f"locate_upload:{WORKSPACE}:F1:1") == "DELAYED"
    async with case.database.write() as session:
        await session.execute(update(Incident).where(Incident.channel == "C3").values(thread_ts="1700000000.000007"))
        await session.commit()
    await case.pipeline.locate_upload(step, f"{WORKSPACE}:F1:1")
    assert await runs(case.database) == 1


async def test_its_kinds_of_jobs_are_registered(case, monkeypatch):
    registered = {}
    monkeypatch.setattr(case.jobs, "register", registered.__setitem__)
    case.pipeline.register()
    assert registered == {"triage": case.pipeline.run_triage, "locate_upload": case.pipeline.locate_upload}


async def test_an_attempt_that_was_never_counted_is_not_taken_back(case):
    run = await case.upload("app.log")
    claim = await case.pipeline.begin(run.id, 1)
    await case.pipeline.forgive(claim)
    assert (await case.now(run)).attempt == 0
