"""Old uploads: their bytes go, what is known of them stays, and nothing else goes with them."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import update

from models.base import utc_now
from models.incident import Incident, IncidentStatus
from models.triage import ArtifactState, LogArtifact, RunState, TriageRun
from services.artifacts.store import ArtifactStore
from services.errors import ArtifactMissing, StoreUnavailable
from services.triage import intake
from services.triage.retention import BATCH, Retention
from tests.services.triage.uploads import all_of, artifacts
from tests.support.running_bot import eventually

pytestmark = pytest.mark.asyncio
DAYS = 90
LATER = timedelta(days=DAYS, hours=1)


@pytest.fixture
def retention(database, store):
    return Retention(database, store, DAYS)


async def change(database, entity, **values):
    async with database.write() as session:
        await session.execute(update(entity).values(**values))
        await session.commit()


@pytest_asyncio.fixture
async def kept(case, store):
    """An upload that was read, of an incident that is resolved."""
    await case.upload("app.log")
    artifact = (await artifacts(case.database))["app.log"]
    key = f"uploads/{artifact.incident_id}/{artifact.id}"
    await store.put_bytes(key, b"ERROR no connection\n")
    await change(case.database, LogArtifact, state=ArtifactState.FETCHED, storage_key=key, bytes=20)
    await change(case.database, TriageRun, state=RunState.SUCCEEDED)
    await change(case.database, Incident, status=IncidentStatus.RESOLVED)
    return key


async def test_the_bytes_go_and_the_row_says_so(case, kept, store, retention):
    assert await retention.remove_old_uploads(utc_now() + LATER) == 1
    with pytest.raises(ArtifactMissing):
        await store.get_bytes(kept)
    (artifact,) = await all_of(case.database, LogArtifact)
    assert (artifact.state, artifact.storage_key, artifact.bytes) == (ArtifactState.REJECTED, None, 20)
    assert artifact.reason == (
        "It was removed 90 days after the incident ended (TRIAGE_RETENTION_DAYS); press Re-run to fetch it again."
    )
    assert await retention.remove_old_uploads(utc_now() + LATER) == 0


async def test_a_rerun_asks_slack_for_what_was_removed(case, kept, retention):
    await retention.remove_old_uploads(utc_now() + LATER)
    async with case.database.write() as session:
        await intake.request_rerun(session, case.jobs, incident=case.incident, requested_by="U1")
        await session.commit()
    assert [artifact.state for artifact in await all_of(case.database, LogArtifact)] == [ArtifactState.RECEIVED]


@pytest.mark.parametrize(
    ("entity", "values"),
    [
        (Incident, {"status": IncidentStatus.ACKNOWLEDGED}),
        (Incident, {"updated_at": utc_now() + LATER - timedelta(days=1)}),
        (LogArtifact, {"created_at": utc_now() + LATER - timedelta(days=1)}),
        (TriageRun, {"state": RunState.QUEUED}),
        (TriageRun, {"state": RunState.RUNNING}),
    ],
)
async def test_what_is_open_new_or_being_read_stays(case, kept, retention, entity, values):
    await change(case.database, entity, **values)
    assert await retention.remove_old_uploads(utc_now() + LATER) == 0
    assert await retention.store.get_bytes(kept)


async def test_what_is_not_old_enough_stays(kept, store, retention):
    assert await retention.remove_old_uploads(utc_now() + timedelta(days=DAYS - 1)) == 0
    assert await store.get_bytes(kept)


async def test_more_than_a_batch_goes_and_what_was_gone_already_is_no_hindrance(case, kept, retention):
    await case.upload(*[f"{number}.log" for number in range(BATCH + 5)])
    await change(case.database, LogArtifact, state=ArtifactState.READY, storage_key="uploads/gone")
    await change(case.database, TriageRun, state=RunState.SUCCEEDED)
    assert await retention.remove_old_uploads(utc_now() + LATER) == BATCH + 6


async def test_rounds_go_on_after_one_that_failed(case, kept, retention, monkeypatch, caplog):
    monkeypatch.setattr("services.triage.retention.FIRST_ROUND_SECONDS", 0)
    monkeypatch.setattr("services.triage.retention.ROUND_SECONDS", 0.01)
    monkeypatch.setattr("services.triage.retention.utc_now", lambda: utc_now() + LATER)
    failing = iter([StoreUnavailable("it is away"), OSError("odd")])
    delete = ArtifactStore.delete

    async def unreliable(store, key):
        if (error := next(failing, None)) is not None:
            raise error
        await delete(store, key)

    monkeypatch.setattr(ArtifactStore, "delete", unreliable)
    rounds = asyncio.create_task(retention.run())
    try:
        await eventually(lambda: _is_removed(case.database))
    finally:
        rounds.cancel()
        await asyncio.gather(rounds, return_exceptions=True)
    assert "old uploads are not removed today" in caplog.text
    assert "old uploads could not be removed" in caplog.text


async def _is_removed(database):
    return [artifact.state for artifact in await all_of(database, LogArtifact)] == [ArtifactState.REJECTED]


async def test_zero_days_keep_everything(database, store, kept, monkeypatch):
    monkeypatch.setattr("services.triage.retention.FIRST_ROUND_SECONDS", 0)
    async with asyncio.timeout(5):
        await Retention(database, store, 0).run()
    assert await store.get_bytes(kept)
