"""What the thread is told when a run has ended: rows of the outbox, in the transaction that ends it."""

from sqlalchemy.ext.asyncio import AsyncSession

from models.incident import Incident, TimelineEvent
from models.messaging import MessageKind
from models.schemas.report import Report
from models.triage import TriagePicture, TriageRun
from services.notifications import outbox
from services.triage import triage_service
from services.triage.changes import change_between


async def announce_end(session: AsyncSession, *, incident: Incident, run: TriageRun, report: Report | None) -> None:
    """The living message shows it, and the timeline has it; what changed, the report and its picture go out once."""
    await outbox.show_triage(session, incident=incident)
    session.add(
        TimelineEvent(
            incident_id=incident.id,
            kind="triage_finished",
            actor="triage",
            source="triage",
            payload={"run": run.id, "state": run.state, "findings": len(report.findings) if report else 0},
        )
    )
    if report is not None:
        await _say_what_changed(session, incident, run, report)
        await _send(session, MessageKind.REPORT_FILE, incident, run)
        if await session.get(TriagePicture, run.id) is not None:
            await _send(session, MessageKind.PICTURE, incident, run)


async def _say_what_changed(session: AsyncSession, incident: Incident, run: TriageRun, report: Report) -> None:
    former_run = await triage_service.get_reported_run_before(session, run)
    former = await triage_service.get_report(session, former_run.id) if former_run else None
    if former_run is not None and former is not None and change_between(former, report) is not None:
        await _send(session, MessageKind.CHANGE, incident, run, former_run_id=former_run.id)


async def _send(session: AsyncSession, kind: MessageKind, incident: Incident, run: TriageRun, **payload: str) -> None:
    if incident.channel:
        key = f"{_KEYS[kind]}:{run.id}"
        await outbox.send(
            session, kind=kind, key=key, channel=incident.channel, incident=incident, run_id=run.id, **payload
        )


_KEYS = {MessageKind.REPORT_FILE: "report", MessageKind.PICTURE: "picture", MessageKind.CHANGE: "change"}
