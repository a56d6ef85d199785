"""What every listener works with, and the two ways to handle a delivery once: work on it, or only write it down."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.observability.deliveries import note_outcome
from models.database import Database
from services import inbox
from services.errors import TriageError
from services.jobs.jobs import Jobs

REFUSED = "refused: "
DUPLICATE = "duplicate"
_NOTHING_DONE = (DUPLICATE, "ignored", "refused")


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
    """One delivery being handled, `looks` times already; `outcome` ends up on its inbox row."""

    session: AsyncSession
    workspace: str
    event_id: str
    outcome: str = inbox.WORKED_ON
    looks: int = 0


class RefusedBefore(TriageError):
    """The delivery came before and was refused; the message is the sentence that was given then."""


@asynccontextmanager
async def once(desk: Desk, body: dict[str, Any], kind: str) -> AsyncIterator[Delivery | None]:
    """The delivery with an open transaction that commits at the end, or None if it was handled before.

    Leave the context before acknowledging: what is acknowledged is committed. A refusal (TriageError) that leaves it is
    written down, with nothing else, and raised on.

    Raises:
        RefusedBefore: it was refused before.
    """
    event_id, workspace = delivery_id(body), desk.identity.team_id
    try:
        async with desk.database.write() as session:
            if not await inbox.record_delivery(session, event_id=event_id, kind=kind, workspace=workspace):
                note_outcome(DUPLICATE)
                await _refuse_again(session, event_id)
                yield None
                return
            delivery = Delivery(session, workspace, event_id)
            yield delivery
            _tell(delivery.outcome)
            await inbox.record_outcome(session, event_id=event_id, outcome=delivery.outcome)
            await session.commit()
    except TriageError as refusal:
        await note(desk, body, kind, f"{REFUSED}{refusal}")
        raise


async def note(desk: Desk, body: dict[str, Any], kind: str, outcome: str) -> bool:
    """Write down a delivery for which nothing else is written; False if that was done before."""
    async with desk.database.single() as connection:
        is_new = await inbox.record_delivery(
            connection, event_id=delivery_id(body), kind=kind, workspace=desk.identity.team_id, outcome=outcome
        )
    _tell(outcome if is_new else DUPLICATE)
    return is_new


async def outcome_of(desk: Desk, body: dict[str, Any]) -> str | None:
    """What became of this delivery when it came before."""
    async with desk.database.read() as session:
        return await inbox.get_outcome(session, delivery_id(body))


def delivery_id(body: dict[str, Any]) -> str:
    """Events carry an event id; commands and interactions a trigger id, as unique as that; else the content decides."""
    named = body.get("event_id") or body.get("trigger_id")
    return str(named or hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest())


def _tell(outcome: str) -> None:
    """What is counted is the outcome's first word, where it says that nothing was done."""
    word = outcome.partition(":")[0]
    if word in _NOTHING_DONE:
        note_outcome(word)


async def _refuse_again(session: AsyncSession, event_id: str) -> None:
    outcome = await inbox.get_outcome(session, event_id) or ""
    if outcome.startswith(REFUSED):
        raise RefusedBefore(outcome.removeprefix(REFUSED))
