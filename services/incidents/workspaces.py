"""A database holds the incidents of one Slack workspace, and of the REST API without Slack ("local")."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.database import insert_into
from models.incident import IncidentCounter

WITHOUT_SLACK = "local"


async def remember_workspace(session: AsyncSession, *, workspace: str) -> str:
    """The workspace that this database belongs to: the first one that was ever remembered."""
    other = await get_workspace_other_than(session, workspace=workspace)
    if other is not None:
        return other
    row = insert_into(session, IncidentCounter).values(workspace=workspace, last_number=0)
    await session.execute(row.on_conflict_do_nothing())
    return workspace


async def get_workspace_other_than(session: AsyncSession, *, workspace: str) -> str | None:
    """The other workspace whose incidents are here already, if any."""
    others = select(IncidentCounter.workspace).where(IncidentCounter.workspace.not_in([workspace, WITHOUT_SLACK]))
    return (await session.execute(others.limit(1))).scalar_one_or_none()
