"""A triage that people stop: the run ends, whoever works on it lets go within a second, and the thread says by whom."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.incident import Incident, TimelineEvent
from models.triage import READING, RunState, TriageRun
from services.errors import NothingToStop
from services.jobs.jobs import Jobs
from services.notifications import outbox
from services.triage import claims


async def stop_triage(
    session: AsyncSession, jobs: Jobs, *, incident: Incident, stopped_by: str, run_id: str | None = None
) -> list[TriageRun]:
    """Stop what is read, or waits to be read, for the incident; with `run_id` that run alone. The newest comes first.

    Raises:
        NothingToStop: it has ended already.
    """
    await session.get_one(Incident, incident.id, with_for_update={"of": Incident})  # before the runs, as everywhere
    unfinished = select(TriageRun).where(TriageRun.incident_id == incident.id, TriageRun.state.in_(READING))
    if run_id is not None:
        unfinished = unfinished.where(TriageRun.id == run_id)
    runs = list(await session.scalars(unfinished.order_by(TriageRun.number.desc()).with_for_update()))
    if not runs:
        raise NothingToStop(incident.ref)
    for run in runs:
        run.state, run.stopped_by = RunState.CANCELED, stopped_by
    for run in runs:
        await claims.end(session, jobs, incident, run, RunState.CANCELED)
        session.add(_told(incident, run, stopped_by))
    await outbox.show_triage(session, incident=incident)
    return runs


def _told(incident: Incident, run: TriageRun, stopped_by: str) -> TimelineEvent:
    return TimelineEvent(
        incident_id=incident.id, kind="triage_stopped", actor=stopped_by, source="triage", payload={"run": run.id}
    )
