"""An incident and its triage as the database would hand them over, made in memory."""

from datetime import UTC, datetime, timedelta

from models.incident import (
    Escalation,
    Incident,
    IncidentStatus,
    Milestone,
    MilestoneKind,
    Role,
    RoleAssignment,
    Severity,
)
from models.schemas.report import (
    Report,
    ReportConsidered,
    ReportEvidence,
    ReportFile,
    ReportFinding,
    ReportMissing,
    ReportNextStep,
    ReportOnset,
    ReportStats,
    ReportTemplate,
)
from models.triage import ArtifactState, LogArtifact, PictureState, RunState, TriagePicture, TriageRun
from services.triage.feedback import Tally
from services.triage.triage_service import READING, TriageView

NIGHT = datetime(2026, 3, 14, 2, 11, 5, tzinfo=UTC)
INCIDENT_ID = "01KNJ5M0ZGINCIDENT00000042"
RUN_ID = "01KNJ5M0ZGTRIAGERUN0000001"


def incident(**changes):
    facts = {
        "id": INCIDENT_ID,
        "workspace": "T0WORK",
        "number": 42,
        "title": "Checkout fails for everybody",
        "summary": "",
        "severity": Severity.SEV2,
        "status": IncidentStatus.TRIGGERED,
        "channel": "C0INCIDENTS",
        "thread_ts": "1773454265.000100",
        "created_at": NIGHT,
        "updated_at": NIGHT,
        "version": 1,
        "milestones": [Milestone(kind=MilestoneKind.DECLARED, occurred_at=NIGHT, actor="U0ANA")],
        "roles": [RoleAssignment(role=Role.REPORTER, user="U0ANA", assumed_at=NIGHT)],
        "escalations": [],
    }
    return Incident(**facts | changes)


def led(**changes):
    """Acknowledged, with a commander, and somebody called in."""
    first = incident()
    later = NIGHT + timedelta(minutes=4)
    taken = {
        "status": IncidentStatus.ACKNOWLEDGED,
        "summary": "Cards are declined since the 02:00 release; a < b & c",
        "milestones": [
            *first.milestones,
            Milestone(kind=MilestoneKind.ACKNOWLEDGED, occurred_at=later, actor="U0BEN"),
        ],
        "roles": [*first.roles, RoleAssignment(role=Role.COMMANDER, user="U0BEN", assumed_at=later)],
        "escalations": [Escalation(level=1, target="U0CAT", actor="U0BEN", note="", sent_at=later)],
    }
    return incident(**taken | changes)


def resolved():
    by_now = led()
    at = NIGHT + timedelta(minutes=50)
    end = Milestone(kind=MilestoneKind.RESOLVED, occurred_at=at, actor="U0CAT")
    return led(status=IncidentStatus.RESOLVED, milestones=[*by_now.milestones, end])


def file(**changes):
    facts = {
        "name": "checkout.log",
        "sha256": "0" * 64,
        "bytes": 1_482_113,
        "lines": 12_044,
        "format": "logback",
        "encoding": "utf-8",
        "compression": None,
        "first_timestamp": NIGHT - timedelta(hours=1),
        "last_timestamp": NIGHT + timedelta(minutes=9),
        "unread": None,
    }
    return ReportFile(**facts | changes)


def evidence(number=1, **changes):
    text = "2026-03-14 02:09:31,118 ERROR [pool-3] HikariPool-1 - Connection is not available, request timed out"
    facts = {"id": f"E{number}", "file": "checkout.log", "line": 9_120 + number, "text": text, "role": "direct"}
    return ReportEvidence(**facts | changes)


def finding(**changes):
    facts = {
        "rank": 1,
        "title": "HikariPool-<n> - Connection is not available, request timed out",
        "kind": "new_error",
        "verdict": "likely",
        "confidence": 0.74,
        "summary": "412 times from 02:09:31 on, never before; 3 requests/s fail & more wait.",
        "problem": None,
        "component": "checkout",
        "evidence": [evidence(1), evidence(2, text="Caused by: FATAL: sorry, too many clients already")],
        "next_steps": [ReportNextStep(text="Count the open connections: SELECT count(*)", evidence=["E2"])],
    }
    return ReportFinding(**facts | changes)


def template(**changes):
    facts = {
        "id": 7,
        "template": "HikariPool-<n> - Connection is not available, request timed out after <n>ms",
        "level": "error",
        "count": 4_120,
        "first_line": 9_121,
        "last_line": 12_040,
        "first_seen": NIGHT,
        "last_seen": NIGHT,
        "new": None,
    }
    return ReportTemplate(**facts | changes)


def report(**changes):
    slow = finding(rank=2, title="GET /cart took <n> ms", verdict="inconclusive", confidence=0.3, next_steps=[])
    facts = {
        "files": [file()],
        "onset": ReportOnset(at=NIGHT, file="checkout.log", line=9_121, why="the first line of a kind not seen before"),
        "findings": [finding(), slow],
        "timeline": [],
        "also_considered": [ReportConsidered(title="Deprecated header X-Old", why_not="as often before the onset")],
        "missing": [ReportMissing(what="the database's log from 02:00 to 02:15", why="it says who holds the clients")],
        "templates": [template(), template(id=8, level=None, template="cart <n> opened", count=1)],
        "series": [],
        "stats": ReportStats(
            seconds=0.42, cpu_seconds=0.4, bytes=1_482_113, lines=12_044, peak_rss_bytes=1, engine_version="0.1.0"
        ),
    }
    return Report(**facts | changes)


def undecided():
    """Two files, a cascade that is not sure, what else happened, and lines that only stand around it."""
    named = evidence(1, file="api.log", line=601, text="2026-03-14 02:11:05 ERROR checkout failed: db closed the door")
    root = evidence(2, file="db.log", line=596, text="2026-03-14 02:10:57 FATAL out of memory, postgres was killed")
    quiet = evidence(3, file="db.log", line=595, text="2026-03-14 02:10:55 INFO query done in 2 ms")
    open_one = {"verdict": "inconclusive", "next_steps": []}
    return report(
        files=[file(name="api.log"), file(name="db.log", sha256="1" * 64)],
        onset=ReportOnset(
            at=NIGHT - timedelta(seconds=8),
            file="db.log",
            line=596,
            why="the first line of a kind not seen before; the clock of db.log is about 3 s ahead of api.log (41 "
            "requests seen in both)",
        ),
        findings=[
            finding(
                title="db is what the others fail on",
                kind="cascade",
                confidence=0.48,
                summary="300 abnormal lines of api name it; it names nobody.",
                component="db",
                evidence=[root, named],
                **open_one,
            ),
            finding(
                rank=2,
                title="A line written every 2 s stopped at 2026-03-14 02:10:55 UTC",
                kind="silence",
                confidence=0.3,
                evidence=[quiet],
                **open_one,
            ),
            finding(rank=3, title="What stands around the first findings", kind="context", confidence=0.0, **open_one),
        ],
        missing=[
            ReportMissing(
                what="what the systems around db.log logged in the ten minutes before 02:10:57 UTC",
                why="no line here decides between the candidates",
            )
        ],
    )


def artifact(**changes):
    facts = {"name": "checkout.log", "uploaded_by": "U0ANA", "state": ArtifactState.READY, "reason": None}
    return LogArtifact(**facts | changes)


def refused(name="photo.png", reason="is a picture, not a log"):
    return artifact(name=name, reason=reason, state=ArtifactState.REJECTED)


def run(**changes):
    facts = {
        "id": RUN_ID,
        "state": RunState.SUCCEEDED,
        "error": None,
        "progress_bytes": 0,
        "progress_total_bytes": 0,
        "progress_lines": 0,
    }
    return TriageRun(**facts | changes)


def picture(**changes):
    facts = {
        "run_id": RUN_ID,
        "png_key": "pictures/1.png",
        "svg_key": "pictures/1.svg",
        "alt_text": "Chart of lines per minute. Errors: at most 3 before it began, at most 412 at 02:11:00.",
        "state": PictureState.READY,
        "slack_file_id": "F0RATES0001",
    }
    return TriagePicture(**facts | changes)


def triage(*, of=None, artifacts=None, tally=None, picture=None, **changes):
    """The view of a run; `of` is the report shown, of the run itself unless it is still reading."""
    seen = run(**changes)
    earlier = run(id="01KNJ5M0ZGTRIAGERUN0000000")
    reading = seen.state in READING
    return TriageView(
        incident=incident(),
        run=seen,
        report=of,
        report_run=(earlier if reading else seen) if of else None,
        artifacts=[artifact()] if artifacts is None else artifacts,
        tally=tally or Tally(),
        picture=picture,
    )
