"""Uploaded logs, the runs that read them, and what they found."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, UtcDateTime, new_id, utc_now


class ArtifactState(StrEnum):
    RECEIVED = "received"  # the upload is known, its bytes are not here yet
    FETCHED = "fetched"  # the bytes are in the artifact store
    READY = "ready"  # a report speaks of it
    REJECTED = "rejected"  # `reason` says why


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"  # a report, though not of every file
    FAILED = "failed"
    SUPERSEDED = "superseded"
    CANCELED = "canceled"  # `stopped_by` says by whom


READING = (RunState.QUEUED, RunState.RUNNING)
ENDED = tuple(state for state in RunState if state not in READING)


class LogArtifact(Base):
    __tablename__ = "log_artifact"
    __table_args__ = (UniqueConstraint("incident_id", "slack_file_id"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    slack_file_id: Mapped[str | None] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(String(255))
    uploaded_by: Mapped[str] = mapped_column(String(64))
    state: Mapped[ArtifactState] = mapped_column(default=ArtifactState.RECEIVED)
    reason: Mapped[str | None] = mapped_column(Text)
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    lines: Mapped[int | None] = mapped_column(BigInteger)
    storage_key: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class TriageRun(Base):
    """One reading of all files of an incident.

    Attributes:
        number: its place among the incident's runs, from 1, counted in the order of their commits: a run with a higher
            one sees every file that this one sees, whatever the clocks of the machines say.
        turn: the jobs it has had; only the newest may take it up.
        claim: how often a job took it up; only the last one may write.
        attempt: how often its reading was begun and not ended: a file that kills its reader ends as failed.
        waits: how often it was put off, for what `waiting_for` says; None where it does not wait.
    """

    __tablename__ = "triage_run"
    __table_args__ = (Index(None, "incident_id", "number"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(default=0)
    requested_by: Mapped[str] = mapped_column(String(64))
    state: Mapped[RunState] = mapped_column(default=RunState.QUEUED)
    turn: Mapped[int] = mapped_column(default=1)
    claim: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    waits: Mapped[int] = mapped_column(default=0)
    waiting_for: Mapped[str | None] = mapped_column(Text)
    stopped_by: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    input_digest: Mapped[str | None] = mapped_column(String(64))
    engine_version: Mapped[str | None] = mapped_column(String(32))
    progress_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    progress_total_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    progress_lines: Mapped[int] = mapped_column(BigInteger, default=0)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    findings: Mapped[list["Finding"]] = relationship(lazy="raise", order_by="Finding.rank")


class TriageReport(Base):
    """The whole report of a run, as the contract has it; apart from the run so that lists stay light."""

    __tablename__ = "triage_report"

    run_id: Mapped[str] = mapped_column(ForeignKey("triage_run.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class PictureState(StrEnum):
    DRAWN = "drawn"  # on its way to Slack
    READY = "ready"  # Slack can show it in a message
    REFUSED = "refused"  # Slack does not show it in a message: it goes into the thread as a file


class TriagePicture(Base):
    """The picture of a report: its bytes in the artifact store, and the file it is in Slack."""

    __tablename__ = "triage_picture"

    run_id: Mapped[str] = mapped_column(ForeignKey("triage_run.id", ondelete="CASCADE"), primary_key=True)
    png_key: Mapped[str] = mapped_column(String(255))
    svg_key: Mapped[str] = mapped_column(String(255))
    alt_text: Mapped[str] = mapped_column(Text)
    state: Mapped[PictureState] = mapped_column(default=PictureState.DRAWN)
    slack_file_id: Mapped[str | None] = mapped_column(String(32))


class Finding(Base):
    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("run_id", "rank"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_id)
    run_id: Mapped[str] = mapped_column(ForeignKey("triage_run.id", ondelete="CASCADE"))
    rank: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float]
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Opinion(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"


class FindingFeedback(Base):
    """What one person says of a finding; saying something else replaces it."""

    __tablename__ = "finding_feedback"

    finding_id: Mapped[str] = mapped_column(ForeignKey("finding.id", ondelete="CASCADE"), primary_key=True)
    user: Mapped[str] = mapped_column(String(64), primary_key=True)
    opinion: Mapped[Opinion]
    engine_version: Mapped[str] = mapped_column(String(32))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
