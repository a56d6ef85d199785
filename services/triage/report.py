"""From files to the report: read, diagnose, and write down in the words of the contract."""

import heapq
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.schemas.report import (
    Report,
    ReportConsidered,
    ReportEvidence,
    ReportFile,
    ReportFinding,
    ReportMissing,
    ReportNextStep,
    ReportOnset,
    ReportSeries,
    ReportStats,
    ReportTemplate,
    ReportTimelineEntry,
)
from services.diagnosis.diagnose import diagnose
from services.diagnosis.findings import Diagnosis, Finding, LineRef
from services.logs.levels import Level
from services.logs.limits import ReadLimits
from services.logs.quoting import displayable
from services.logs.reading import scan_upload
from services.logs.scan import FileScan, Template
from services.triage.known_problems import known_problems

ENGINE_VERSION = "0.1.0"
# The commonest and all the worst ones; a list for a person ends somewhere.
MAX_TEMPLATES = 1_000
_NAME_CHARS = 300
_TEMPLATE_CHARS = 400
_PROGRESS_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file on this machine, and the name people know it by (for display only, it may hold anything)."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading is: bytes of the uploads as they are stored, and lines met so far."""

    bytes_read: int
    bytes_total: int
    lines: int


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Analysis:
    """The report, and what it was written from."""

    scans: Sequence[FileScan]
    diagnosis: Diagnosis
    report: Report


def analyze_files(
    files: Sequence[NamedFile],
    *,
    limits: ReadLimits | None = None,
    baseline: NamedFile | None = None,
    problems_dir: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """The report of `analyze`."""
    return analyze(files, limits=limits, baseline=baseline, problems_dir=problems_dir, on_progress=on_progress).report


def analyze(
    files: Sequence[NamedFile],
    *,
    limits: ReadLimits | None = None,
    baseline: NamedFile | None = None,
    problems_dir: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Analysis:
    """Read and diagnose all files together; synchronous, for a worker process.

    `problems_dir`: a folder of rules for known problems beside our own.
    Never raises for what a file holds: what cannot be read is said in its `unread`. `on_progress` is called at
    most a few times a second, in this thread; what it raises ends the analysis. The report depends on the
    files alone, but for `stats` and the year of time stamps that bear none.
    """
    limits = limits or ReadLimits()
    started, cpu_started = time.perf_counter(), time.process_time()
    reporter = _ProgressReporter(on_progress, sum(_size(file.path) for file in files))
    scans = [scan for file in files for scan in _scan(file, limits, reporter)]
    compared = _scan(baseline, limits, _ProgressReporter(None, 0)) if baseline else []
    good = next((scan for scan in compared if scan.line_count), None)
    diagnosis = diagnose(
        scans, baseline=good, known_problems=known_problems(scans, problems_dir, limits), limits=limits
    )
    known = {template.text for scan in compared for template in scan.templates} if good else None
    report = _written(
        scans,
        diagnosis,
        known,
        [f"{scan.name} (the baseline) was not read: {scan.unread[0]}" for scan in compared if scan.unread],
        ReportStats(
            seconds=round(time.perf_counter() - started, 3),
            cpu_seconds=round(time.process_time() - cpu_started, 3),
            bytes=sum(_size(file.path) for file in files),
            lines=sum(scan.line_count for scan in scans),
            peak_rss_bytes=_peak_rss_bytes(),
            engine_version=ENGINE_VERSION,
        ),
    )
    return Analysis(scans, diagnosis, report)


@dataclass(slots=True)
class _ProgressReporter:
    """Passes progress on, at most a few times a second."""

    on_progress: OnProgress | None
    bytes_total: int
    _bytes_before: int = 0
    _lines_before: int = 0
    _lines: int = 0
    _last: float = float("-inf")

    def on_bytes(self, bytes_read: int, lines: int) -> None:
        self._lines_before += self._lines if lines < self._lines else 0
        self._lines = lines
        now = time.monotonic()
        if self.on_progress and now - self._last >= _PROGRESS_SECONDS:
            self._last = now
            done = min(self.bytes_total, self._bytes_before + bytes_read)
            self.on_progress(Progress(done, self.bytes_total, self._lines_before + lines))

    def file_done(self, size: int) -> None:
        self._bytes_before += size
        self._lines_before += self._lines
        self._lines = 0


def _scan(file: NamedFile, limits: ReadLimits, reporter: _ProgressReporter) -> list[FileScan]:
    scans = scan_upload(file.path, displayable(file.name, _NAME_CHARS), limits=limits, on_bytes=reporter.on_bytes)
    reporter.file_done(_size(file.path))
    return scans


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _peak_rss_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # Linux counts in kilobytes


def _written(
    scans: Sequence[FileScan],
    diagnosis: Diagnosis,
    known: set[str] | None,
    baseline_notes: Sequence[str],
    stats: ReportStats,
) -> Report:
    names = [displayable(scan.name, _NAME_CHARS) for scan in scans]
    ids = _evidence_ids(diagnosis.findings)
    onset = diagnosis.onset
    return Report(
        files=[_file(scan, name) for scan, name in zip(scans, names, strict=True)],
        onset=ReportOnset(at=onset.at, file=names[onset.ref.file], line=onset.ref.line + 1, why=onset.why)
        if onset
        else None,
        findings=[_finding(rank, found, names, ids) for rank, found in enumerate(diagnosis.findings, start=1)],
        timeline=[
            ReportTimelineEntry(at=entry.at, text=entry.text, evidence=_known_ids(entry.refs, ids))
            for entry in diagnosis.timeline
        ],
        also_considered=[
            ReportConsidered(title=displayable(item.title, _TEMPLATE_CHARS), why_not=item.why_not)
            for item in diagnosis.also_considered
        ],
        missing=[
            *(ReportMissing(what=item.what, why=item.why) for item in diagnosis.missing),
            *(ReportMissing(what="the log of a good run", why=note) for note in baseline_notes),
        ],
        templates=_templates(scans, known),
        series=[
            ReportSeries(
                field=change.field,
                component=change.component,
                before=change.before,
                after=change.after,
                change_at=change.change_at,
                evidence=_known_ids((change.change,), ids),
            )
            for change in diagnosis.series
        ],
        stats=stats,
    )


def _file(scan: FileScan, name: str) -> ReportFile:
    times = scan.time_range()
    return ReportFile(
        name=name,
        sha256=scan.sha256,
        bytes=scan.size_bytes,
        lines=scan.line_count,
        format=scan.format,
        encoding=scan.encoding,
        compression=scan.compression,
        first_timestamp=times[0] if times else None,
        last_timestamp=times[1] if times else None,
        unread="; ".join(scan.unread) or None,
    )


def _evidence_ids(findings: Sequence[Finding]) -> dict[LineRef, str]:
    ids: dict[LineRef, str] = {}
    for finding in findings:
        for evidence in finding.evidence:
            ids.setdefault(evidence.ref, f"E{len(ids) + 1}")
    return ids


def _known_ids(refs: Sequence[LineRef], ids: Mapping[LineRef, str]) -> list[str]:
    return [ids[ref] for ref in refs if ref in ids]


def _finding(rank: int, finding: Finding, names: Sequence[str], ids: Mapping[LineRef, str]) -> ReportFinding:
    return ReportFinding(
        rank=rank,
        title=displayable(finding.title, _TEMPLATE_CHARS),
        kind=finding.kind,
        verdict=finding.verdict.value,
        confidence=finding.confidence,
        summary=displayable(finding.summary, _TEMPLATE_CHARS),
        problem=finding.problem,
        component=displayable(finding.component, _NAME_CHARS) if finding.component else None,
        evidence=[
            ReportEvidence(
                id=ids[evidence.ref],
                file=names[evidence.ref.file],
                line=evidence.ref.line + 1,
                text=evidence.text,
                role=evidence.role.value,
            )
            for evidence in finding.evidence
        ],
        next_steps=[ReportNextStep(text=step.text, evidence=_known_ids(step.refs, ids)) for step in finding.next_steps],
    )


def _templates(scans: Sequence[FileScan], known: set[str] | None) -> list[ReportTemplate]:
    """Templates of all files together, by text; at most MAX_TEMPLATES, the worst levels and the commonest."""
    rows: dict[str, list[tuple[FileScan, Template]]] = {}
    for scan in scans:
        for template in scan.templates:
            rows.setdefault(template.text, []).append((scan, template))
    ranks = [(-_worst(uses), -_count(uses), number) for number, uses in enumerate(rows.values())]
    kept = {number for _, _, number in heapq.nsmallest(MAX_TEMPLATES, ranks)}
    shown = [(number, *row) for number, row in enumerate(rows.items()) if number in kept]
    shown.sort(key=lambda row: (-_count(row[2]), row[0]))
    return [_template(number, text, uses, known) for number, text, uses in shown]


def _worst(uses: Sequence[tuple[FileScan, Template]]) -> int:
    """Levels below a warning are all alike here."""
    level = max((template.level or Level.TRACE for _, template in uses), default=Level.TRACE)
    return level if level >= Level.WARNING else 0


def _count(uses: Sequence[tuple[FileScan, Template]]) -> int:
    return sum(template.count for _, template in uses)


def _template(
    number: int, text: str, uses: Sequence[tuple[FileScan, Template]], known: set[str] | None
) -> ReportTemplate:
    first_scan, first = uses[0]
    last_scan, last = uses[-1]
    level = max((template.level for _, template in uses if template.level is not None), default=None)
    return ReportTemplate(
        id=number,
        template=displayable(text, _TEMPLATE_CHARS),
        level=level.name.lower() if level is not None else None,
        count=_count(uses),
        first_line=first.first_line + 1,
        last_line=last.last_line + 1,
        first_seen=first_scan.moment_of(first.first_line),
        last_seen=last_scan.moment_of(last.last_line),
        new=text not in known if known is not None else None,
    )
