"""Uploads and triage runs as the API speaks of them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from models.triage import ArtifactState, RunState


class ArtifactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    state: ArtifactState
    reason: str | None
    bytes: int | None
    sha256: str | None
    lines: int | None
    uploaded_by: str
    created_at: datetime


class RunOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    incident_id: str
    state: RunState
    attempt: int
    error: str | None
    waiting_for: str | None
    stopped_by: str | None
    engine_version: str | None
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class RunList(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    items: list[RunOut]
    total: int
    page: int
    per_page: int


class UploadOut(BaseModel):
    """What an upload started: the report will be at /incidents/{incident_id}/triage/{run.id}."""

    artifact: ArtifactOut
    run: RunOut
