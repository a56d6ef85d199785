"""What becomes of a message after an attempt. Each outcome is written only by the sender that still has the message."""

import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import announce
from models.incident import Incident
from models.messaging import MessageKind, OutboxMessage, OutboxState
from models.shared_clock import database_time
from services.errors import DeliveryError, TransientDeliveryError
from services.notifications import outbox
from services.notifications.claims import MAX_WAIT_SECONDS
from services.notifications.notifier import Envelope

log = logging.getLogger(__name__)

FIRST_BACKOFF_SECONDS = 1.0
# What waits goes out within a minute of Slack's return; only the first of each thread asks meanwhile.
MAX_BACKOFF_SECONDS = 60.0
JITTER = 0.2  # so that threads which failed together do not come back together
# A report is worth having after a night without Slack; an answer to a press of a button is not, minutes later.
GIVE_UP_AFTER: Mapping[MessageKind, timedelta] = MappingProxyType({MessageKind.EPHEMERAL: timedelta(minutes=10)})
GIVE_UP_AFTER_OTHERWISE = timedelta(days=1)
# Time alone decides nothing: a clock that was set, or a laptop that slept over night, is no reason.
FEWEST_ATTEMPTS = 10
# A thread that is gone is begun anew; one that Slack never finds must not fill the channel with cards.
MOST_NEW_THREADS = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was claimed, and by whom."""

    envelope: Envelope
    revision: int
    sender: str


async def settle(session: AsyncSession, attempt: Attempt, ts: str | None) -> None:
    """It is shown, as of the attempt's revision."""
    envelope = attempt.envelope
    if envelope.kind == MessageKind.CARD:
        # Before the message's row: whoever changes an incident locks the two in this order.
        await _move_thread(session, envelope, ts, Incident.thread_ts.is_(None))
    row = await _ours(session, attempt)
    row.message_ts = ts or row.message_ts
    row.delivered_revision = attempt.revision
    row.state = OutboxState.DELIVERED
    if row.revision != attempt.revision:
        row.state, row.wanted_at = OutboxState.PENDING, row.claimed_at or row.wanted_at
    row.attempts, row.last_error, row.retry_at, row.sender = 0, None, None, None
    row.in_doubt_since = row.failing_since = None


async def postpone(session: AsyncSession, attempt: Attempt, error: TransientDeliveryError) -> None:
    """Another try later, or none where it has failed for too long."""
    row = await _ours(session, attempt)
    if error.in_doubt:
        row.in_doubt_since = row.in_doubt_since or row.claimed_at
    row.failing_since = row.failing_since or row.claimed_at
    assert row.claimed_at is not None
    assert row.failing_since is not None
    failing_for = row.claimed_at - row.failing_since
    if failing_for > GIVE_UP_AFTER.get(row.kind, GIVE_UP_AFTER_OTHERWISE) and row.attempts >= FEWEST_ATTEMPTS:
        _kill(row, f"given up after {row.attempts} attempts in {failing_for}: {error}")
        return
    _put_back(row, str(error))
    row.retry_at = _later(session, error.retry_after_seconds or _backoff_seconds(row.attempts))


async def put_back(
    session: AsyncSession, attempt: Attempt, reason: str, *, retry_after_seconds: float | None = None
) -> None:
    """To be tried again as if nothing had been tried: it is not the message's doing."""
    row = await _ours(session, attempt)
    _put_back(row, reason)
    row.attempts -= 1
    row.retry_at = _later(session, retry_after_seconds) if retry_after_seconds else None


async def bury(session: AsyncSession, attempt: Attempt, error: DeliveryError) -> None:
    """Not to be tried again unless what it shows changes; a reporter learns that the card is missing."""
    row = await _ours(session, attempt)
    _kill(row, str(error))
    if row.kind == MessageKind.CARD and row.message_ts is None and row.incident_id:
        await outbox.tell_reporter(session, incident_id=row.incident_id, refusal=error)


async def begin_thread_anew(session: AsyncSession, attempt: Attempt, error: DeliveryError) -> None:
    """The incident's card is posted once more, as the root of a new thread in which the message then goes out."""
    envelope = attempt.envelope
    if envelope.incident_id is None or envelope.attempts >= MOST_NEW_THREADS:
        await bury(session, attempt, error)
        return
    await _move_thread(session, envelope, None)
    _put_back(await _ours(session, attempt), str(error))
    await session.flush()  # the card may be this very row
    card = update(OutboxMessage).where(
        OutboxMessage.incident_id == envelope.incident_id,
        OutboxMessage.kind == MessageKind.CARD,
        OutboxMessage.state != OutboxState.SENDING,  # that attempt finds the thread, or its end, by itself
    )
    await session.execute(
        card.values(message_ts=None, state=OutboxState.PENDING, retry_at=None, wanted_at=database_time(session)),
        execution_options={"synchronize_session": False},
    )
    announce(session, outbox.TOPIC)


async def take_back(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    """From a sender that is gone. The message may have arrived, so whoever sends it next looks for it first."""
    abandoned = update(OutboxMessage).where(OutboxMessage.state == OutboxState.SENDING, *which)
    await session.execute(
        abandoned.values(
            state=OutboxState.PENDING,
            sender=None,
            retry_at=None,
            in_doubt_since=func.coalesce(OutboxMessage.in_doubt_since, OutboxMessage.claimed_at),
        ),
        execution_options={"synchronize_session": False},
    )
    announce(session, outbox.TOPIC)


class NotOurs(Exception):
    """Another process took the message over meanwhile; what it finds counts."""


async def _ours(session: AsyncSession, attempt: Attempt) -> OutboxMessage:
    query = select(OutboxMessage).where(
        OutboxMessage.id == attempt.envelope.id,
        OutboxMessage.sender == attempt.sender,
        OutboxMessage.state == OutboxState.SENDING,
    )
    row = await session.scalar(query.with_for_update())
    if row is None:
        raise NotOurs
    return row


async def _move_thread(
    session: AsyncSession, envelope: Envelope, ts: str | None, *only_where: ColumnElement[bool]
) -> None:
    threaded = update(Incident).where(Incident.id == envelope.incident_id, *only_where).values(thread_ts=ts)
    await session.execute(threaded, execution_options={"synchronize_session": False})


def _put_back(row: OutboxMessage, reason: str) -> None:
    row.state, row.last_error, row.sender, row.retry_at = OutboxState.PENDING, reason, None, None


def _kill(row: OutboxMessage, reason: str) -> None:
    log.error("message %s will not be delivered: %s", row.key, reason)
    row.state, row.last_error, row.sender = OutboxState.DEAD, reason, None


def _backoff_seconds(attempts: int) -> float:
    doubled = FIRST_BACKOFF_SECONDS * 2.0 ** min(attempts - 1, 10)
    return min(doubled, MAX_BACKOFF_SECONDS) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret


def _later(session: AsyncSession, seconds: float) -> ColumnElement[datetime]:
    return database_time(session, plus_seconds=min(seconds, MAX_WAIT_SECONDS))
