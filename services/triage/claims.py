"""Who may work on a run: one run of an incident at a time, one job of a run, and one worker of a job.

A worker takes a run up with a claim, a number. Whatever it writes it writes while it holds the claim: a worker that was
paused and finds itself replaced, or whose run was stopped, writes nothing more.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import utc_now
from models.database import Database
from models.incident import Incident
from models.triage import ENDED, RunState, TriageRun
from services.jobs.jobs import Jobs, StepFailed
from services.jobs.patience import until_the_database_answers

TRIAGE_JOB = "triage"
LOOK_SECONDS = 1.0  # how long a run that was stopped may go on reading
COVERING = (RunState.QUEUED, RunState.RUNNING, RunState.SUCCEEDED, RunState.PARTIAL)


class ClaimLost(StepFailed):
    """The run was stopped, or another worker has it: nothing more is to be done here."""


@dataclass(frozen=True, slots=True)
class Claim:
    run_id: str
    incident_id: str
    workspace: str
    number: int


def job_id(run: TriageRun) -> str:
    """Of the run's turn."""
    return f"{TRIAGE_JOB}:{run.id}:{run.turn}"


async def enqueue(
    session: AsyncSession, jobs: Jobs, run: TriageRun, *, workspace: str, delay_seconds: float = 0
) -> None:
    """The job of the run's turn."""
    await jobs.enqueue(
        session,
        kind=TRIAGE_JOB,
        job_id=job_id(run),
        argument=f"{run.id}:{run.turn}",
        lane=workspace,
        delay_seconds=delay_seconds,
    )


async def enqueue_again(
    session: AsyncSession, jobs: Jobs, run: TriageRun, *, workspace: str, delay_seconds: float = 0
) -> None:
    """Another job in place of the one it has, which finds itself replaced if it still comes."""
    run.turn += 1
    await session.flush()
    await enqueue(session, jobs, run, workspace=workspace, delay_seconds=delay_seconds)


async def give_another_job(session: AsyncSession, jobs: Jobs, *, run_id: str, turn: int) -> bool:
    """In place of the job of that turn, which came to nothing. False where the run has ended, or has another already.

    A run that only waits for another one of its incident to end is left to that.
    """
    incident_id = await session.scalar(select(TriageRun.incident_id).where(TriageRun.id == run_id))
    incident, run = await _locked(session, incident_id or "", run_id)
    if run.turn != turn or run.state in ENDED:
        return False
    if run.state == RunState.QUEUED and await _has_other(session, run, TriageRun.state == RunState.RUNNING):
        return False
    await enqueue_again(session, jobs, run, workspace=incident.workspace)
    return True


async def take(session: AsyncSession, *, run_id: str, turn: int) -> Claim | None:
    """Take the run up; None where this job has nothing (more) to do.

    A run gives way to a newer one, which covers its files and more. While another run of the incident is under way it
    stays in the queue, and has a job again as soon as that one ends.
    """
    incident_id = await session.scalar(select(TriageRun.incident_id).where(TriageRun.id == run_id))
    incident, run = await _locked(session, incident_id or "", run_id)
    if run.turn != turn or run.state in ENDED:
        return None
    if run.state == RunState.QUEUED:
        if await _has_other(session, run, TriageRun.number > run.number, TriageRun.state.in_(COVERING)):
            await _give_way(session, run)
            return None
        if await _has_other(session, run, TriageRun.state == RunState.RUNNING):
            return None
        run.state, run.started_at = RunState.RUNNING, run.started_at or utc_now()
    run.claim += 1
    return Claim(run.id, incident.id, incident.workspace, run.claim)


async def _give_way(session: AsyncSession, run: TriageRun) -> None:
    """And with it the older ones that wait: the newer run covers them too, and nobody else would tell them."""
    covered = update(TriageRun).where(
        TriageRun.incident_id == run.incident_id, TriageRun.number <= run.number, TriageRun.state == RunState.QUEUED
    )
    await session.execute(covered.values(state=RunState.SUPERSEDED, finished_at=utc_now()))


async def _has_other(session: AsyncSession, run: TriageRun, *conditions: object) -> bool:
    others = select(TriageRun.id).where(TriageRun.incident_id == run.incident_id, TriageRun.id != run.id)
    return (await session.scalar(others.where(*conditions).limit(1))) is not None  # type: ignore[arg-type]  # conditions


async def _locked(session: AsyncSession, incident_id: str, run_id: str) -> tuple[Incident, TriageRun]:
    """Both, in this order everywhere, so that no two transactions wait for each other."""
    incident = await session.get_one(Incident, incident_id, with_for_update={"of": Incident}, populate_existing=True)
    return incident, await session.get_one(TriageRun, run_id, with_for_update=True, populate_existing=True)


async def held(session: AsyncSession, claim: Claim) -> TriageRun:
    """The run, locked until the transaction ends.

    Raises:
        ClaimLost: it is not this claim's any more.
    """
    run = await session.get_one(TriageRun, claim.run_id, with_for_update=True, populate_existing=True)
    if run.claim != claim.number or run.state != RunState.RUNNING:
        raise ClaimLost(f"run {claim.run_id} is in other hands, or was stopped")
    return run


async def held_with_incident(session: AsyncSession, claim: Claim) -> tuple[Incident, TriageRun]:
    """As `held`, where the incident is written too."""
    incident, _ = await _locked(session, claim.incident_id, claim.run_id)
    return incident, await held(session, claim)


async def end(
    session: AsyncSession, jobs: Jobs, incident: Incident, run: TriageRun, state: RunState, *, error: str | None = None
) -> None:
    """The run's end; the incident's next run gets its job. Both rows are locked."""
    run.state, run.error, run.finished_at, run.waiting_for = state, error, utc_now(), None
    await _let_another_run(session, jobs, incident, run)


async def put_off(
    session: AsyncSession, jobs: Jobs, incident: Incident, run: TriageRun, *, waiting_for: str, delay_seconds: float
) -> None:
    """Back into the queue, for the incident's other runs and everybody else to go first. Both rows are locked."""
    run.state, run.waits, run.waiting_for = RunState.QUEUED, run.waits + 1, waiting_for
    await enqueue_again(session, jobs, run, workspace=incident.workspace, delay_seconds=delay_seconds)
    await _let_another_run(session, jobs, incident, run)


async def _let_another_run(session: AsyncSession, jobs: Jobs, incident: Incident, run: TriageRun) -> None:
    await session.flush()
    waiting = select(TriageRun).where(
        TriageRun.incident_id == incident.id,
        TriageRun.id != run.id,
        TriageRun.state == RunState.QUEUED,
        TriageRun.waiting_for.is_(None),
    )
    following = await session.scalar(waiting.order_by(TriageRun.number.desc()).limit(1).with_for_update())
    if following is not None:
        await enqueue_again(session, jobs, following, workspace=incident.workspace)


@asynccontextmanager
async def while_held(database: Database, claim: Claim) -> AsyncIterator[None]:
    """Ends what runs inside soon after the claim was lost.

    Raises:
        ClaimLost
    """
    try:
        async with asyncio.timeout(None) as limit:
            watching = asyncio.create_task(_watch(database, claim, limit))
            try:
                yield
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
    except TimeoutError:
        if limit.expired():
            raise ClaimLost(f"run {claim.run_id} was stopped, or taken over, in the middle of its work") from None
        raise


async def _watch(database: Database, claim: Claim, limit: asyncio.Timeout) -> None:
    mine = select(TriageRun.id).where(
        TriageRun.id == claim.run_id, TriageRun.claim == claim.number, TriageRun.state == RunState.RUNNING
    )

    async def is_mine() -> bool:
        async with database.read() as session:
            return (await session.scalar(mine)) is not None

    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not await until_the_database_answers(is_mine):
            break
    limit.reschedule(asyncio.get_running_loop().time())
