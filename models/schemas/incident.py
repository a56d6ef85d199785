"""Incidents as the API speaks of them."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from models.incident import IncidentStatus, MilestoneKind, Severity


class IncidentCreate(BaseModel):
    title: str = Field(examples=["Checkout fails for everybody"])
    severity: Severity = Severity.UNSET
    summary: str = Field("", max_length=10_000)
    channel: str | None = Field(
        None,
        pattern="^[A-Z0-9]{2,32}$",
        description="Slack channel id for the card; TRIAGE_INCIDENT_CHANNEL without it",
    )
    reporter: str = Field("api", max_length=64)


class MilestoneOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    kind: MilestoneKind
    occurred_at: datetime
    actor: str


class IncidentOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    ref: str
    title: str
    summary: str
    severity: Severity
    status: IncidentStatus
    channel: str | None
    thread_ts: str | None
    created_at: datetime
    updated_at: datetime
    version: int
    milestones: list[MilestoneOut]


class IncidentList(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    items: list[IncidentOut]
    total: int
    page: int
    per_page: int
