"""What runs beside the web and the jobs, in the bot as it is wired."""

from datetime import timedelta

import pytest

from models.base import utc_now
from models.database import Database
from models.incident import Incident, IncidentStatus
from models.triage import ArtifactState, LogArtifact
from tests.support.running_bot import api_client, eventually, settings_for

pytestmark = pytest.mark.asyncio


async def old_upload(url, folder):
    """An upload of an incident that was resolved two days ago; its id and its file."""
    database, past = Database(url), utc_now() - timedelta(days=2)
    async with database.write() as session:
        incident = Incident(
            workspace="local", number=1, title="old", status=IncidentStatus.RESOLVED, created_at=past, updated_at=past
        )
        session.add(incident)
        await session.flush()
        artifact = LogArtifact(
            incident_id=incident.id,
            name="app.log",
            uploaded_by="U1",
            state=ArtifactState.READY,
            storage_key="uploads/1",
            created_at=past,
        )
        session.add(artifact)
        await session.commit()
    await database.close()
    (folder / "uploads").mkdir(parents=True)
    (folder / "uploads" / "1").write_bytes(b"ERROR no connection\n")
    return folder / "uploads" / "1"


@pytest.mark.parametrize(("days", "stays"), [(1, False), (30, True)])
async def test_a_worker_removes_uploads_that_are_older_than_the_setting_says(
    tmp_path, migrated_sqlite_url, monkeypatch, days, stays
):
    monkeypatch.setattr("services.triage.retention.FIRST_ROUND_SECONDS", 0)
    settings = settings_for(tmp_path, migrated_sqlite_url, retention_days=days)
    file = await old_upload(migrated_sqlite_url, tmp_path / "state" / "artifacts")
    rounds = []
    monkeypatch.setattr("services.triage.retention.log.info", lambda *said: rounds.append(said))

    async def a_round_was_made():
        return rounds

    async with api_client(settings):
        await eventually(a_round_was_made)
    assert file.exists() == stays
