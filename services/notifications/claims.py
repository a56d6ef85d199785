"""Which messages may go out now, and whose they are while they do.

A thread keeps the order of its rows' ids: what is new waits for everything before it that has not appeared yet. Edits
neither wait nor hold anything up. A dead message holds up nothing either, nor does an upload that nobody sees.
"""

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models.incident import Incident
from models.messaging import MessageKind, OutboxMessage, OutboxState
from models.shared_clock import database_time
from services.notifications.notifier import Envelope

UNDELIVERED = (OutboxState.PENDING, OutboxState.SENDING)
# No wait is longer. One that is was written before the clock went back, and is over.
MAX_WAIT_SECONDS = 300.0


async def list_due(session: AsyncSession, *, limit: int) -> list[int]:
    """The ids of messages that may go out now, the oldest first."""
    query = (
        select(OutboxMessage.id)
        .outerjoin(Incident, Incident.id == OutboxMessage.incident_id)
        .where(_is_due(session), has_a_place())
        .order_by(OutboxMessage.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def claim(session: AsyncSession, message_id: int, *, sender: str) -> tuple[Envelope, int] | None:
    """Note the intent to send, to be committed before the call; the message, and the revision that it will show.

    None where it is not due any more: somebody else was faster, or something before it is to be shown first.
    """
    claiming = (
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, _is_due(session))
        .values(
            state=OutboxState.SENDING,
            sender=sender,
            beat=0,
            claimed_at=database_time(session),
            attempts=OutboxMessage.attempts + 1,
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False)
    )
    row = await session.scalar(claiming)
    if row is None:
        return None
    envelope = await _envelope(session, row)
    if envelope.thread_ts is None and row.incident_id and row.kind != MessageKind.CARD:
        await session.rollback()  # the thread was lost a moment ago, and its new card comes first
        return None
    return envelope, row.revision


def has_a_place() -> ColumnElement[bool]:
    """What goes into an incident's thread waits for its card: the card's ts is the thread."""
    return or_(
        OutboxMessage.incident_id.is_(None),
        OutboxMessage.kind == MessageKind.CARD,
        OutboxMessage.thread_ts.is_not(None),
        Incident.thread_ts.is_not(None),
    )


def _is_due(session: AsyncSession) -> ColumnElement[bool]:
    waits_no_longer = or_(
        OutboxMessage.retry_at.is_(None),
        OutboxMessage.retry_at <= database_time(session),
        OutboxMessage.retry_at > database_time(session, plus_seconds=MAX_WAIT_SECONDS),
    )
    return and_(OutboxMessage.state == OutboxState.PENDING, waits_no_longer, _is_next_in_its_thread())


def _is_next_in_its_thread() -> ColumnElement[bool]:
    earlier = aliased(OutboxMessage)
    stands_before = exists().where(
        earlier.state.in_(UNDELIVERED),
        earlier.thread == OutboxMessage.thread,
        earlier.id < OutboxMessage.id,
        earlier.message_ts.is_(None),
        earlier.kind != MessageKind.PICTURE,
    )
    return or_(OutboxMessage.message_ts.is_not(None), not_(stands_before))


async def _envelope(session: AsyncSession, row: OutboxMessage) -> Envelope:
    thread_ts = row.thread_ts
    if thread_ts is None and row.incident_id is not None:
        thread_ts = await session.scalar(select(Incident.thread_ts).where(Incident.id == row.incident_id))
    return Envelope(
        id=row.id,
        key=row.key,
        kind=row.kind,
        incident_id=row.incident_id,
        channel=row.channel,
        thread_ts=thread_ts,
        payload=row.payload,
        message_ts=row.message_ts,
        in_doubt_since=row.in_doubt_since,
        attempts=row.attempts - 1,
        slack_file_ids=row.slack_file_ids,
        traceparent=row.traceparent,
    )
