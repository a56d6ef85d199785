"""Deliveries are written down before they are acknowledged, and each is worked on once."""

from functools import cache

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from models.base import utc_now
from models.database import insert_for
from models.messaging import InboundEvent

# Statements on the table and not on the entity, built once: every delivery runs them, and the ORM has nothing to add.
_TABLE: Table = InboundEvent.metadata.tables[InboundEvent.__tablename__]
_OUTCOME = update(_TABLE).where(_TABLE.c.id == bindparam("event_id")).values(outcome=bindparam("what_became_of_it"))
WORKED_ON = "done"


async def record_delivery(
    session: AsyncSession | AsyncConnection, *, event_id: str, kind: str, workspace: str, outcome: str = WORKED_ON
) -> bool:
    """Write the delivery down; False when it was seen before (a retry, or a duplicate), so there is nothing to do.

    While another transaction writes the same delivery down, this waits for how that one ends.
    """
    dialect = session.dialect if isinstance(session, AsyncConnection) else session.get_bind().dialect
    row = {"id": event_id, "kind": kind[:64], "workspace": workspace, "outcome": outcome, "received_at": utc_now()}
    inserted = await session.execute(_insert(dialect.name), row)
    return inserted.one_or_none() is not None


async def record_outcome(session: AsyncSession, *, event_id: str, outcome: str) -> None:
    """Say on the delivery's row what became of it, where that is more than `WORKED_ON`."""
    if outcome != WORKED_ON:
        await session.execute(_OUTCOME, {"event_id": event_id, "what_became_of_it": outcome})


async def get_outcome(session: AsyncSession, event_id: str) -> str | None:
    """What became of a delivery, None for one that was never written down."""
    return await session.scalar(select(InboundEvent.outcome).where(InboundEvent.id == event_id))


@cache
def _insert(dialect: str) -> ReturningInsert[tuple[str]]:
    return insert_for(dialect, _TABLE).on_conflict_do_nothing().returning(_TABLE.c.id)
