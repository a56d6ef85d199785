"""The whole report as Markdown, the file that goes along in the thread."""

from collections.abc import Iterator

from models.schemas.report import Report, ReportFinding


def report_markdown(report: Report, *, title: str) -> str:
    """Everything the report says; log lines stand in code blocks that they cannot close."""
    return "\n".join(_lines(report, title)) + "\n"


def _lines(report: Report, title: str) -> Iterator[str]:
    yield f"# {title}"
    yield ""
    yield "| file | bytes | lines | format | first | last |"
    yield "|---|---|---|---|---|---|"
    for file in report.files:
        cells = (file.name, file.bytes, file.lines, file.format, file.first_timestamp, file.last_timestamp)
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield from (f"\nNot read: {file.name}: {file.unread}" for file in report.files if file.unread)
    if report.onset is not None:
        yield f"\n**Began** {report.onset.at or ''} at {report.onset.file}:{report.onset.line}: {report.onset.why}"
    if not report.findings:
        yield "\nNothing abnormal found in what was read."
    for finding in report.findings:
        yield from _finding(finding)
    yield from _listed("Timeline", [f"{moment.at or ''} {moment.text}" for moment in report.timeline])
    yield from _listed("Numbers that moved", [
        f"{s.field}: {s.before} -> {s.after} from {s.change_at}" for s in report.series
    ])  # fmt: skip
    yield from _listed("Also considered", [f"{other.title}: {other.why_not}" for other in report.also_considered])
    yield from _listed("What would decide it", [f"{need.what}: {need.why}" for need in report.missing])
    yield from _listed("Templates", [
        f"{t.count} x lines {t.first_line}-{t.last_line}: {t.template}" for t in report.templates
    ])  # fmt: skip


def _finding(finding: ReportFinding) -> Iterator[str]:
    yield f"\n## {finding.rank}. {finding.title}"
    yield f"\n{finding.verdict}, confidence {finding.confidence:.2f}. {finding.summary}"
    for evidence in finding.evidence:
        yield f"\n[{evidence.id}] {evidence.file}:{evidence.line} ({evidence.role})\n"
        yield "    " + evidence.text
    yield ""
    yield from (f"- {step.text} {' '.join(step.evidence)}" for step in finding.next_steps)


def _listed(heading: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield f"\n## {heading}\n"
        yield from (f"- {row}" for row in rows)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|")
