"""Deliveries are written down before they are acknowledged, and each is worked on once."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import insert_into
from models.messaging import InboundEvent


async def record_delivery(session: AsyncSession, *, event_id: str, kind: str, workspace: str) -> bool:
    """Write the delivery down; False when it was seen before (a retry, or a duplicate), so there is nothing to do."""
    row = insert_into(session, InboundEvent).values(id=event_id, kind=kind, workspace=workspace)
    inserted = await session.execute(row.on_conflict_do_nothing().returning(InboundEvent.id))
    return inserted.scalar_one_or_none() is not None


async def record_outcome(session: AsyncSession, *, event_id: str, outcome: str) -> None:
    """Say on the delivery's row what became of it."""
    await session.execute(update(InboundEvent).where(InboundEvent.id == event_id).values(outcome=outcome))
