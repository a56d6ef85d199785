"""The inbox (what Slack delivered), the outbox (what Slack should show), and the workers' heartbeats."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcDateTime, utc_now
from models.traces import current_traceparent


class InboundEvent(Base):
    """One delivery, unique by its event or trigger id; `outcome` says what became of it."""

    __tablename__ = "inbound_event"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    workspace: Mapped[str] = mapped_column(String(32))
    outcome: Mapped[str] = mapped_column(Text, default="received")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)


class OutboxState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # the intent was committed; after a crash the message is looked for before it is posted again
    DELIVERED = "delivered"
    DEAD = "dead"  # `last_error` says why it is not tried again


class MessageKind(StrEnum):
    CARD = "card"
    TRIAGE = "triage"
    CHANGE = "change"  # what a later report says that the former did not
    REPORT_FILE = "report_file"
    PICTURE = "picture"  # the upload that the triage message shows
    PICTURE_FILE = "picture_file"
    REPLY = "reply"
    EPHEMERAL = "ephemeral"


class OutboxMessage(Base):
    """A message that Slack should show.

    Living messages (the card, the triage) are one row each: `revision` counts what should be shown and
    `delivered_revision` what is; the text is drawn from the database when it is sent, so changes collapse into one.
    The database gives the ids, so they are an order that no machine's clock can change.

    Attributes:
        thread: what keeps an order: the incident's id, or channel and ts of a thread without one.
        wanted_at: since when Slack should show what it does not show yet.
        retry_at: not before then; None for at once.
        sender, beat: which process sends it, and a count that grows while that process lives.
        claimed_at: when the latest attempt began.
        in_doubt_since: the first attempt of which nobody knows whether Slack took it.
        failing_since: the first of the attempts that failed in a row, those that were only told to wait left out.
        slack_file_ids: the uploads of the latest attempt, for messages that are files.
        traceparent: the trace that gave the latest reason for it, as the W3C names it in the header of that name.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (UniqueConstraint("key"), Index(None, "state", "thread", "id"))

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[MessageKind]
    incident_id: Mapped[str | None] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    thread_ts: Mapped[str | None] = mapped_column(String(32))
    thread: Mapped[str] = mapped_column(String(72))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    message_ts: Mapped[str | None] = mapped_column(String(32))
    revision: Mapped[int] = mapped_column(default=1)
    delivered_revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[OutboxState] = mapped_column(default=OutboxState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    wanted_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sender: Mapped[str | None] = mapped_column(String(26))
    beat: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    in_doubt_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    slack_file_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    traceparent: Mapped[str | None] = mapped_column(String(64), default=current_traceparent)


class WorkerHeartbeat(Base):
    """A worker whose `beat` stands still is dead, and its jobs are handed over; `beaten_at` is for people to read."""

    __tablename__ = "worker_heartbeat"

    worker_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    beat: Mapped[int] = mapped_column(default=0)
    beaten_at: Mapped[datetime] = mapped_column(UtcDateTime)
