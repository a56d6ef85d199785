"""What is known about an incident's triage: the run in progress, the last report, the files that could not be read."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.incident import Incident
from models.schemas.report import Report
from models.triage import READING, ArtifactState, LogArtifact, TriagePicture, TriageReport, TriageRun
from services.incidents import incident_service
from services.triage.feedback import Tally, tally_of


@dataclass(frozen=True, slots=True)
class TriageView:
    """Everything the living message shows.

    Attributes:
        run: the newest run.
        report: of the newest run that has one; older than `run` while that one is still reading.
        report_run: the run `report` belongs to.
        artifacts: every file of the incident, oldest first.
        tally: what people say of the report's first finding.
        picture: the report's, where there is one.
    """

    incident: Incident
    run: TriageRun
    report: Report | None
    report_run: TriageRun | None
    artifacts: list[LogArtifact]
    tally: Tally
    picture: TriagePicture | None = None

    @property
    def is_reading(self) -> bool:
        return self.run.state in READING


@dataclass(frozen=True, slots=True)
class RunPage:
    items: list[TriageRun]
    total: int
    page: int
    per_page: int


async def get_triage(session: AsyncSession, incident_id: str) -> TriageView | None:
    """The incident's triage as it stands; None before the first upload."""
    incident = await incident_service.get_incident(session, incident_id)
    newest = select(TriageRun).where(TriageRun.incident_id == incident_id).order_by(TriageRun.number.desc()).limit(1)
    run = (await session.execute(newest)).scalar_one_or_none()
    if incident is None or run is None:
        return None
    reported = await session.execute(
        select(TriageRun, TriageReport)
        .join(TriageReport, TriageReport.run_id == TriageRun.id)
        .where(TriageRun.incident_id == incident_id)
        .order_by(TriageRun.number.desc())
        .limit(1)
    )
    row = reported.one_or_none()
    return TriageView(
        incident=incident,
        run=run,
        report=Report.from_body(row[1].body) if row else None,
        report_run=row[0] if row else None,
        artifacts=await list_artifacts(session, incident_id),
        tally=await tally_of(session, row[0].id) if row else Tally(),
        picture=await get_picture(session, row[0].id) if row else None,
    )


async def list_artifacts(session: AsyncSession, incident_id: str) -> list[LogArtifact]:
    rows = await session.scalars(
        select(LogArtifact).where(LogArtifact.incident_id == incident_id).order_by(LogArtifact.id)
    )
    return list(rows)


async def get_run(session: AsyncSession, run_id: str) -> TriageRun | None:
    return (await session.execute(select(TriageRun).where(TriageRun.id == run_id))).scalar_one_or_none()


async def get_report(session: AsyncSession, run_id: str) -> Report | None:
    body = await session.scalar(select(TriageReport.body).where(TriageReport.run_id == run_id))
    return Report.from_body(body) if body is not None else None


async def get_reported_run_before(session: AsyncSession, run: TriageRun) -> TriageRun | None:
    """The incident's newest run before this one that has a report."""
    reported = select(TriageRun).join(TriageReport, TriageReport.run_id == TriageRun.id)
    before = reported.where(TriageRun.incident_id == run.incident_id, TriageRun.number < run.number)
    return (await session.execute(before.order_by(TriageRun.number.desc()).limit(1))).scalar_one_or_none()


async def get_picture(session: AsyncSession, run_id: str) -> TriagePicture | None:
    return await session.get(TriagePicture, run_id)


async def list_runs(
    session: AsyncSession, incident_id: str, *, page: int, per_page: int, status: str | None = None
) -> RunPage:
    """The incident's runs, the newest first."""
    wanted = select(TriageRun).where(TriageRun.incident_id == incident_id)
    if status is not None:
        wanted = wanted.where(TriageRun.state == status)
    total = await session.scalar(select(func.count()).select_from(wanted.subquery()))
    rows = await session.scalars(wanted.order_by(TriageRun.number.desc()).limit(per_page).offset((page - 1) * per_page))
    return RunPage(items=list(rows), total=total or 0, page=page, per_page=per_page)


def rejected(view: TriageView) -> list[LogArtifact]:
    return [artifact for artifact in view.artifacts if artifact.state == ArtifactState.REJECTED]
