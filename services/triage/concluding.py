"""The end of a run that was read: its report, its findings, and the messages about it, in one transaction."""

import hashlib
from dataclasses import asdict

from sqlalchemy.ext.asyncio import AsyncSession

from models.incident import Incident
from models.schemas.report import Report
from models.triage import ArtifactState, Finding, LogArtifact, RunState, TriageReport, TriageRun
from services.jobs.jobs import Jobs
from services.triage import claims
from services.triage.announcement import announce_end
from services.triage.fetching import artifacts_of


async def conclude(
    session: AsyncSession, jobs: Jobs, *, incident: Incident, run: TriageRun, report: Report | None
) -> None:
    """Without a report, for want of a file, the run has failed. Both rows are locked."""
    rejected = await artifacts_of(session, incident.id, ArtifactState.REJECTED)
    if report is None:
        whys = " ".join(f"{artifact.name}: {artifact.reason}" for artifact in rejected)
        await claims.end(session, jobs, incident, run, RunState.FAILED, error=whys or None)
    else:
        await _keep(session, run, report)
        unread = any(file.unread for file in report.files)
        state = RunState.PARTIAL if rejected or unread else RunState.SUCCEEDED
        await claims.end(session, jobs, incident, run, state)
    await announce_end(session, incident=incident, run=run, report=report)


async def _keep(session: AsyncSession, run: TriageRun, report: Report) -> None:
    artifacts = await artifacts_of(session, run.incident_id, ArtifactState.FETCHED, ArtifactState.READY)
    lines_of = {file.sha256: file.lines for file in report.files}
    for artifact in artifacts:
        artifact.state = ArtifactState.READY
        artifact.lines = lines_of.get(artifact.sha256 or "")
    run.engine_version = report.stats.engine_version
    run.input_digest = _digest(artifacts)
    await session.merge(TriageReport(run_id=run.id, body=report.to_body()))
    for finding in report.findings:
        session.add(
            Finding(
                run_id=run.id,
                rank=finding.rank,
                title=finding.title,
                kind=finding.kind,
                verdict=finding.verdict,
                confidence=finding.confidence,
                evidence=[_kept_evidence(asdict(e)) for e in finding.evidence],
            )
        )


def _kept_evidence(evidence: dict[str, object]) -> dict[str, object]:
    quote = str(evidence["text"])
    return {**evidence, "quote_sha256": hashlib.sha256(quote.encode()).hexdigest()}


def _digest(artifacts: list[LogArtifact]) -> str:
    return hashlib.sha256("\n".join(sorted(a.sha256 or "" for a in artifacts)).encode()).hexdigest()
