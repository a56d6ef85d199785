"""What every listener works with, and the one way to handle a delivery once: write it down, do the work, commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.database import Database
from services import inbox
from services.jobs.jobs import Jobs


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Who we are in the workspace, as auth.test says."""

    team_id: str
    user_id: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What a listener needs besides the payload."""

    database: Database
    jobs: Jobs
    identity: BotIdentity


@dataclass(slots=True)
class Delivery:
    """One delivery being handled; `outcome` ends up on its inbox row."""

    session: AsyncSession
    workspace: str
    outcome: str = "done"


@asynccontextmanager
async def once(desk: Desk, body: dict[str, Any], kind: str) -> AsyncIterator[Delivery | None]:
    """The delivery with an open transaction that commits at the end, or None if it was handled before.

    Leave the context before acknowledging: what is acknowledged is committed.
    """
    event_id = delivery_id(body)
    async with desk.database.write() as session:
        if not await inbox.record_delivery(session, event_id=event_id, kind=kind, workspace=desk.identity.team_id):
            yield None
            return
        delivery = Delivery(session, desk.identity.team_id)
        yield delivery
        await inbox.record_outcome(session, event_id=event_id, outcome=delivery.outcome)
        await session.commit()


def delivery_id(body: dict[str, Any]) -> str:
    """Events carry an event id; commands and interactions a trigger id, which is as unique."""
    return str(body.get("event_id") or body.get("trigger_id") or body["view"]["hash"])
