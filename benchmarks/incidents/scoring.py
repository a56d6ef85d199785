"""How right a report is about a labelled case."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.incidents.case import Label
from models.schemas.report import Report, ReportEvidence, ReportFinding

_SURE = frozenset({"confirmed", "likely"})
_ONSET_TOLERANCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Score:
    """One case's outcome. `is_right` is of the first finding, None without one or where nothing can be right."""

    name: str
    measures: dict[str, float]
    confidence: float | None
    is_sure: bool
    is_right: bool | None
    first: str


def score(name: str, label: Label, report: Report) -> Score:
    """The measures that the label allows."""
    findings = sorted(report.findings, key=lambda finding: finding.rank)
    first = findings[0] if findings else None
    is_sure = first is not None and first.verdict in _SURE
    measures, is_right = _MEASURE[_sort(label)](label, report, findings)
    measures["sure"] = float(is_sure)
    measures["sure&wrong"] = float(is_sure and not is_right)
    title = f"{first.component or '?'}: {first.title} [{first.verdict} {first.confidence}]" if first else "no finding"
    return Score(name, measures, first.confidence if first else None, is_sure, is_right if first else None, title)


def _sort(label: Label) -> str:
    return "healthy" if label.is_healthy else "service" if label.faulty else "lines"


def cited(findings: list[ReportFinding]) -> list[ReportEvidence]:
    """The evidence of all findings in rank order, each line once."""
    found: dict[tuple[str, int], ReportEvidence] = {}
    for finding in findings:
        for item in finding.evidence:
            found.setdefault((item.file, item.line), item)
    return list(found.values())


def _by_lines(label: Label, report: Report, findings: list[ReportFinding]) -> tuple[dict[str, float], bool]:
    causes = {(name, line) for name, lines in label.cause_lines.items() for line in lines}
    hits = [(Path(item.file).name, item.line) in causes for item in cited(findings)]
    measures = {f"hit@{count}": float(any(hits[:count])) for count in (1, 10)}
    measures["onset"] = float(_is_onset_right(label, report))
    is_right = any((Path(item.file).name, item.line) in causes for item in findings[0].evidence) if findings else False
    return measures, is_right


def _by_service(label: Label, report: Report, findings: list[ReportFinding]) -> tuple[dict[str, float], bool]:
    named = [_names_fault(label, finding) for finding in findings]
    measures = {f"service@{count}": float(any(named[:count])) for count in (1, 3)}
    measures["onset"] = float(_is_onset_right(label, report))
    return measures, bool(named) and named[0]


def _by_silence(_label: Label, _report: Report, findings: list[ReportFinding]) -> tuple[dict[str, float], bool]:
    return {"finding": float(bool(findings))}, False


def _names_fault(label: Label, finding: ReportFinding) -> bool:
    """Whether a finding puts the fault where it is: by its component, by its file, or by whose line it cites first."""
    faulty = tuple(label.faulty)
    if finding.component and any(_is_of(finding.component, name) for name in faulty):
        return True
    first = finding.evidence[0]
    written_by = re.search(label.written_by_faulty, first.text) if label.written_by_faulty else None
    return Path(first.file).stem in faulty or bool(written_by)


def _is_of(component: str, service: str) -> bool:
    """Whether `cart`, `cart-1`, `com.acme.cart` or `cart.prod.svc` is the service cart."""
    words = re.escape(service).replace("\\-", "[-_]?")
    return re.search(rf"(?<![A-Za-z]){words}(?![A-Za-z])", component) is not None


def _is_onset_right(label: Label, report: Report) -> bool:
    at = report.onset.at if report.onset else None
    if at is None or label.onset is None:
        return False
    told = datetime.fromtimestamp(label.onset, UTC)
    # Some forms leave the year out, and a reader takes the last one that fits.
    return abs(at.replace(year=told.year) - told) <= _ONSET_TOLERANCE


_MEASURE = {"healthy": _by_silence, "service": _by_service, "lines": _by_lines}
