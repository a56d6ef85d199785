"""An upload becomes rows in one transaction, once, whatever Slack repeats and people call their files."""

import pytest
from sqlalchemy import select

from models.incident import TimelineEvent
from models.messaging import OutboxMessage
from models.triage import ArtifactState, LogArtifact, RunState, TriageRun
from services.artifacts.store import StoredArtifact
from services.errors import NothingToTriage
from services.triage import intake
from tests.services.triage.uploads import WORKSPACE, all_of, artifacts, open_incident, upload


@pytest.mark.asyncio
async def test_the_files_of_one_message_start_one_run_with_its_job(database, jobs, incident):
    run = await upload(database, jobs, incident, "app.log", "db.log")
    assert {name: each.state for name, each in (await artifacts(database)).items()} == {
        "app.log": ArtifactState.RECEIVED,
        "db.log": ArtifactState.RECEIVED,
    }
    assert [(each.id, each.state, each.attempt) for each in await all_of(database, TriageRun)] == [
        (run.id, RunState.QUEUED, 0)
    ]
    assert await jobs.status(f"triage:{run.id}:1") == "ENQUEUED"
    assert {each.key.split(":")[0] for each in await all_of(database, OutboxMessage)} == {"card", "triage"}
    told = [each for each in await all_of(database, TimelineEvent) if each.kind == "logs_uploaded"]
    assert [each.payload for each in told] == [{"files": ["app.log", "db.log"]}]


@pytest.mark.asyncio
async def test_what_is_rolled_back_leaves_no_row_and_no_job(database, jobs, incident):
    async with database.write() as session:
        files = [intake.SlackFile("F1", "app.log")]
        run = await intake.receive_slack_upload(session, jobs, incident=incident, files=files, uploader="U1")
        await session.rollback()
    assert await all_of(database, LogArtifact) == []
    assert await all_of(database, TriageRun) == []
    assert await jobs.status(f"triage:{run.id}:1") is None


@pytest.mark.asyncio
async def test_the_same_file_twice_is_one(database, jobs, incident):
    assert await upload(database, jobs, incident, "app.log")
    assert await upload(database, jobs, incident, "app.log") is None
    assert len(await all_of(database, TriageRun)) == 1


@pytest.mark.asyncio
async def test_of_a_message_with_a_known_file_the_new_one_counts(database, jobs, incident):
    await upload(database, jobs, incident, "app.log")
    assert await upload(database, jobs, incident, "app.log", "db.log")
    assert [each.name for each in await all_of(database, LogArtifact)] == ["app.log", "db.log"]
    assert len(await all_of(database, TriageRun)) == 2


@pytest.mark.asyncio
async def test_the_same_file_shared_in_another_incident_is_read_there_too(database, jobs, incident):
    other = await open_incident(database, thread_ts="1700000000.000002")
    assert await upload(database, jobs, incident, "app.log")
    assert await upload(database, jobs, other, "app.log")


@pytest.mark.asyncio
async def test_an_upload_whose_bytes_are_here_is_not_fetched_again(database, jobs, incident):
    stored = StoredArtifact(key="uploads/x", bytes=7, sha256="f" * 64)
    async with database.write() as session:
        artifact, run = await intake.receive_stored_upload(
            session, jobs, incident=incident, name="/var/log/app.log", stored=stored, uploader="api"
        )
        await session.commit()
    assert (artifact.name, artifact.state, artifact.bytes, artifact.sha256, artifact.storage_key) == (
        "app.log", ArtifactState.FETCHED, 7, "f" * 64, "uploads/x",
    )  # fmt: skip
    assert await jobs.status(f"triage:{run.id}:1") == "ENQUEUED"


@pytest.mark.asyncio
async def test_an_incident_without_a_channel_gets_its_run_and_no_message(database, jobs):
    incident = await open_incident(database, channel=None, thread_ts=None)
    assert await upload(database, jobs, incident, "app.log")
    assert await all_of(database, OutboxMessage) == []


async def rerun(database, jobs, incident):
    async with database.write() as session:
        run = await intake.request_rerun(session, jobs, incident=incident, requested_by="U2")
        await session.commit()
        return run


async def set_states(database, **states):
    async with database.write() as session:
        for artifact in await session.scalars(select(LogArtifact)):
            artifact.state, artifact.reason = states[artifact.name.removesuffix(".log")], "because"
        await session.commit()


@pytest.mark.asyncio
async def test_a_rerun_fetches_what_was_rejected_and_leaves_what_is_here(database, jobs, incident):
    await upload(database, jobs, incident, "app.log", "db.log")
    await set_states(database, app=ArtifactState.REJECTED, db=ArtifactState.READY)
    run = await rerun(database, jobs, incident)
    assert run.requested_by == "U2"
    known = await artifacts(database)
    assert (known["app.log"].state, known["app.log"].reason) == (ArtifactState.RECEIVED, None)
    assert known["db.log"].state == ArtifactState.READY


@pytest.mark.asyncio
async def test_a_rerun_of_nothing_is_refused_by_name(database, jobs, incident):
    with pytest.raises(NothingToTriage, match="INC-1 has no log that could be read yet"):
        await rerun(database, jobs, incident)
    assert await all_of(database, TriageRun) == []


async def locate(database, jobs, file_id):
    async with database.write() as session:
        await intake.request_locating(session, jobs, workspace=WORKSPACE, slack_file_id=file_id)
        await session.commit()
    return await jobs.status(f"locate_upload:{WORKSPACE}:{file_id}")


@pytest.mark.asyncio
async def test_a_shared_file_nobody_knows_is_looked_up_after_a_while_and_once(database, jobs):
    assert await locate(database, jobs, "F1") == "DELAYED"
    assert await locate(database, jobs, "F1") == "DELAYED"


@pytest.mark.asyncio
async def test_a_shared_file_that_came_with_its_message_is_not_looked_up(database, jobs, incident):
    await upload(database, jobs, incident, "app.log")
    assert await locate(database, jobs, "APP.LOG") is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("app.log", "app.log"),
        ("../../etc/passwd", "passwd"),
        ("/var/log/app.log", "app.log"),
        ("C:\\logs\\app.log", "app.log"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("two\nlines\r.log", "twolines.log"),
        ("bell\x07 and \x1b[31mred.log", "bell and [31mred.log"),
        ("invoice\u202egol.exe", "invoicegol.exe"),
        ("", "unnamed"),
        ("   ", "unnamed"),
        ("/", "unnamed"),
        ("\u200b", "unnamed"),
        ("журнал приложения.log", "журнал приложения.log"),
        ("x" * 500 + ".log", "x" * 200),
    ],
)
def test_a_name_is_shown_without_its_folders_on_one_line(name, shown):
    assert intake.display_name(name) == shown
