"""The whole report as Markdown, the file that goes along in the thread."""

from collections.abc import Iterator

from models.schemas.report import Report, ReportFinding


def report_markdown(report: Report, *, title: str) -> str:
    """Everything the report says; what came out of a log is never markup here."""
    return "\n".join(_lines(report, title)) + "\n"


def _lines(report: Report, title: str) -> Iterator[str]:
    yield f"# {_plain(title)}"
    yield ""
    yield "| file | bytes | lines | format | first | last |"
    yield "|---|---|---|---|---|---|"
    for file in report.files:
        cells = (file.name, file.bytes, file.lines, file.format, file.first_timestamp, file.last_timestamp)
        yield "| " + " | ".join("" if cell is None else _plain(str(cell)) for cell in cells) + " |"
    yield from (f"\nNot read: {_plain(file.name)}: {_plain(file.unread)}" for file in report.files if file.unread)
    if report.onset is not None:
        onset = report.onset
        yield f"\n**Began** {onset.at or ''} at {_plain(f'{onset.file}:{onset.line}: {onset.why}')}"
    if not report.findings:
        yield "\nNothing abnormal found in what was read."
    for finding in report.findings:
        yield from _finding(finding)
    yield from _listed("Timeline", (f"{moment.at or ''} {moment.text}" for moment in report.timeline))
    yield from _listed(
        "Numbers that moved", (f"{s.field}: {s.before} -> {s.after} from {s.change_at}" for s in report.series)
    )
    yield from _listed("Also considered", (f"{other.title}: {other.why_not}" for other in report.also_considered))
    yield from _listed("What would decide it", (f"{need.what}: {need.why}" for need in report.missing))
    kinds = (f"{t.count} x lines {t.first_line}-{t.last_line}: {t.template}" for t in report.templates)
    yield from _listed("Templates", kinds)


def _finding(finding: ReportFinding) -> Iterator[str]:
    yield f"\n## {finding.rank}. {_plain(finding.title)}"
    yield f"\n{finding.verdict}, confidence {finding.confidence:.2f}. {_plain(finding.summary)}"
    for evidence in finding.evidence:
        yield f"\n[{evidence.id}] {_plain(f'{evidence.file}:{evidence.line}')} ({evidence.role})\n"
        yield "    " + evidence.text
    yield ""
    yield from (f"- {_plain(step.text)} {' '.join(step.evidence)}" for step in finding.next_steps)


def _listed(heading: str, rows: Iterator[str]) -> Iterator[str]:
    listed = [f"- {_plain(row)}" for row in rows]
    if listed:
        yield f"\n## {heading}\n"
        yield from listed


def _plain(text: str) -> str:
    """On one line, and without effect where a character could begin HTML, a link, emphasis, code or a cell."""
    plain = " ".join(text.split()).replace("<", "&lt;")
    for char in "[*`|":
        plain = plain.replace(char, f"\\{char}")
    return plain
