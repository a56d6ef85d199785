"""The outbox as its keeper sees it: how much waits and for how long, what was given up, and sending that again."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import announce
from models.incident import Incident
from models.messaging import OutboxMessage, OutboxState
from models.shared_clock import database_time
from services.notifications import outbox
from services.notifications.claims import UNDELIVERED, has_a_place


@dataclass(frozen=True, slots=True)
class Backlog:
    """`oldest_seconds`: for how long Slack has not shown what it should, 0 where nothing waits.

    What waits for a card that Slack refused is not counted in that.
    """

    oldest_seconds: float
    by_state: Mapping[OutboxState, int]


async def measure(session: AsyncSession) -> Backlog:
    """How much waits, and for how long."""
    counts = await session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    by_state = dict.fromkeys(OutboxState, 0) | {OutboxState(state): count for state, count in counts}
    oldest = (
        select(func.min(OutboxMessage.wanted_at), database_time(session))
        .outerjoin(Incident, Incident.id == OutboxMessage.incident_id)
        .where(OutboxMessage.state.in_(UNDELIVERED), has_a_place())
    )
    wanted_at, now = (await session.execute(oldest)).one()
    return Backlog(max(0.0, (now - wanted_at).total_seconds()) if wanted_at else 0.0, by_state)


async def list_messages(session: AsyncSession, *, state: OutboxState | None, limit: int) -> list[OutboxMessage]:
    """The newest messages, of one state or of all."""
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit)
    if state is not None:
        query = query.where(OutboxMessage.state == state)
    return list(await session.scalars(query))


async def get_message(session: AsyncSession, name: str) -> OutboxMessage | None:
    """By its id or its key."""
    return await session.scalar(select(OutboxMessage).where(_named(name)))


async def resend_message(session: AsyncSession, message: OutboxMessage) -> bool:
    """Have it tried at once, with as many attempts as a new one. False where it is delivered or being sent."""
    return await _resend(session, OutboxMessage.id == message.id, or_(_is_dead(), _is_pending())) == 1


async def resend_dead(session: AsyncSession) -> int:
    """Have everything tried again that was given up; how many messages that is."""
    return await _resend(session, _is_dead())


async def _resend(session: AsyncSession, *which: ColumnElement[bool]) -> int:
    """Doubt is kept: what may have arrived is looked for first."""
    again = update(OutboxMessage).where(*which).returning(OutboxMessage.id)
    resent = await session.scalars(
        again.values(
            state=OutboxState.PENDING, attempts=0, retry_at=None, failing_since=None, wanted_at=database_time(session)
        ),
        execution_options={"synchronize_session": False},
    )
    announce(session, outbox.TOPIC)
    return len(resent.all())


def _named(name: str) -> ColumnElement[bool]:
    by_key = OutboxMessage.key == name
    return or_(OutboxMessage.id == int(name), by_key) if name.isdecimal() else by_key


def _is_dead() -> ColumnElement[bool]:
    return OutboxMessage.state == OutboxState.DEAD


def _is_pending() -> ColumnElement[bool]:
    return OutboxMessage.state == OutboxState.PENDING
