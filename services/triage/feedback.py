"""What people say of a run's first finding: right or wrong."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import utc_now
from models.incident import Incident
from models.triage import Finding, FindingFeedback, Opinion, TriageRun
from services.errors import RunNotFound
from services.notifications import outbox


class Given(StrEnum):
    """What became of an opinion."""

    NOTED = "noted"
    CHANGED = "changed"
    REPEATED = "repeated"  # the person said so before; nothing changed


@dataclass(frozen=True, slots=True)
class Tally:
    """How many people call a finding right, and how many wrong."""

    right: int = 0
    wrong: int = 0


async def give_feedback(session: AsyncSession, *, run_id: str, opinion: Opinion, user: str) -> Given | None:
    """Note what `user` says of the run's first finding, and have the thread show it; None where it found nothing.

    A person has one opinion of a finding, the last one given.

    Raises:
        RunNotFound: there is no such run.
    """
    run = await session.get(TriageRun, run_id)
    if run is None:
        raise RunNotFound(run_id)
    finding = await session.scalar(_first_finding(run_id).with_for_update())  # two presses at once go one by one
    if finding is None:
        return None
    given = await _note(session, finding, opinion, user, engine_version=run.engine_version or "unknown")
    if given != Given.REPEATED:
        await outbox.show_triage(session, incident=await session.get_one(Incident, run.incident_id))
    return given


async def _note(session: AsyncSession, finding: Finding, opinion: Opinion, user: str, *, engine_version: str) -> Given:
    before = await session.get(FindingFeedback, (finding.id, user))
    if before is None:
        session.add(FindingFeedback(finding_id=finding.id, user=user, opinion=opinion, engine_version=engine_version))
        await session.flush()
        return Given.NOTED
    if before.opinion == opinion:
        return Given.REPEATED
    before.opinion, before.given_at = opinion, utc_now()
    return Given.CHANGED


async def tally_of(session: AsyncSession, run_id: str) -> Tally:
    """What people say of the run's first finding."""
    rows = await session.execute(
        select(FindingFeedback.opinion, func.count())
        .where(FindingFeedback.finding_id.in_(_first_finding(run_id).with_only_columns(Finding.id)))
        .group_by(FindingFeedback.opinion)
    )
    counts = dict(list(rows))
    return Tally(right=counts.get(Opinion.RIGHT, 0), wrong=counts.get(Opinion.WRONG, 0))


def _first_finding(run_id: str) -> Select[Finding]:
    return select(Finding).where(Finding.run_id == run_id).order_by(Finding.rank).limit(1)
