"""Incidents and what is told about them: milestones, roles, escalations, the timeline."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, UtcDateTime, new_id, utc_now


class IncidentStatus(StrEnum):
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELED = "canceled"


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"
    UNSET = "unset"


class MilestoneKind(StrEnum):
    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Role(StrEnum):
    REPORTER = "reporter"
    COMMANDER = "commander"


class IncidentCounter(Base):
    """The last number given out in a workspace: INC-42 follows INC-41, also under concurrency."""

    __tablename__ = "incident_counter"

    workspace: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_number: Mapped[int]


class Incident(Base):
    __tablename__ = "incident"
    __table_args__ = (
        UniqueConstraint("workspace", "number"),
        UniqueConstraint("workspace", "channel", "thread_ts"),
        Index(None, "workspace", "status"),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    workspace: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    severity: Mapped[Severity] = mapped_column(default=Severity.UNSET)
    status: Mapped[IncidentStatus] = mapped_column(default=IncidentStatus.TRIGGERED)
    channel: Mapped[str | None] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now, onupdate=utc_now)
    version: Mapped[int] = mapped_column(default=1)
    run_count: Mapped[int] = mapped_column(default=0)  # of its triage runs, each of which has its number

    milestones: Mapped[list["Milestone"]] = relationship(lazy="raise", order_by="Milestone.occurred_at")
    roles: Mapped[list["RoleAssignment"]] = relationship(lazy="raise", order_by="RoleAssignment.assumed_at")
    escalations: Mapped[list["Escalation"]] = relationship(lazy="raise", order_by="Escalation.sent_at")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads this mapping once

    @property
    def ref(self) -> str:
        """The name people say: INC-42."""
        return f"INC-{self.number}"


class Milestone(Base):
    """When the incident reached a point; stored, and the only source of the time-to-… figures."""

    __tablename__ = "milestone"

    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[MilestoneKind] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))


class RoleAssignment(Base):
    __tablename__ = "role_assignment"
    __table_args__ = (Index(None, "incident_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    role: Mapped[Role]
    user: Mapped[str] = mapped_column(String(64))
    assumed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    renounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Escalation(Base):
    """Somebody was called in: an action, not a state of the incident."""

    __tablename__ = "escalation"
    __table_args__ = (Index(None, "incident_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    level: Mapped[int]
    target: Mapped[str] = mapped_column(String(64))
    actor: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class TimelineEvent(Base):
    """Append-only: what happened, when it happened and when it was written down."""

    __tablename__ = "timeline_event"
    __table_args__ = (Index(None, "incident_id", "occurred_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
