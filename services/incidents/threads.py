"""Which of a channel's threads belong to incidents, as far as it is known."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import utc_now
from models.incident import Incident

CARD_AGE = timedelta(days=1)  # a card that could not be posted for that long is given up


async def get_incident_of(session: AsyncSession, *, workspace: str, channel: str, thread_ts: str) -> Incident | None:
    """The incident of a thread by itself, without its milestones, roles and escalations."""
    wanted = select(Incident).where(
        Incident.workspace == workspace, Incident.channel == channel, Incident.thread_ts == thread_ts
    )
    return (await session.execute(wanted)).scalar_one_or_none()


async def is_one_unknown(session: AsyncSession, *, workspace: str, channel: str) -> bool:
    """Whether the channel may hold a card, and so a thread, that is not known yet."""
    unknown = select(Incident.id).where(
        Incident.workspace == workspace,
        Incident.channel == channel,
        Incident.thread_ts.is_(None),
        Incident.created_at > utc_now() - CARD_AGE,
    )
    return (await session.execute(unknown.limit(1))).scalar_one_or_none() is not None
