"""How right a report is about a labelled case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.incidents.case import Label
from models.schemas.report import Report, ReportEvidence, ReportFinding

VERDICTS = ("inconclusive", "likely", "confirmed")
_ONSET_TOLERANCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Score:
    """One case's outcome. Confidence, verdict and `is_right` are of the first finding, None without one."""

    name: str
    measures: dict[str, float]
    confidence: float | None
    verdict: str | None
    is_right: bool | None
    first: str
    expected: str = ""


def score(name: str, label: Label, report: Report, *, without: Report | None = None) -> Score:
    """The measures that the label allows; `without` is the report on the log without the line that pretends."""
    sort = "healthy" if label.is_healthy else "service" if label.faulty else "lines"
    measures, is_right = _MEASURE[sort](label, report, _ranked(report))
    if without:
        measures = _by_comparison(label, report, without)
    return outcome(name, measures, report, is_right=is_right, expected=_expected(label))


def _expected(label: Label) -> str:
    """Whom or where a right report would have named first."""
    places = [f"line {min(lines):,}" for lines in label.cause_lines.values() if lines]
    return ", ".join([*label.faulty, *places])


def outcome(name: str, measures: dict[str, float], report: Report, *, is_right: bool, expected: str = "") -> Score:
    """The score, with what every case has: whether the first finding is sure, and sure and wrong."""
    findings = _ranked(report)
    if not findings:
        return Score(name, measures | {"sure": 0.0, "sure&wrong": 0.0}, None, None, None, "no finding", expected)
    first = findings[0]
    is_sure = first.verdict != VERDICTS[0]
    measures = measures | {"sure": float(is_sure), "sure&wrong": float(is_sure and not is_right)}
    title = f"{first.component or '?'}: {first.title} ({first.verdict} {first.confidence})"
    return Score(name, measures, first.confidence, first.verdict, is_right, title, expected)


def cited(report: Report) -> list[ReportEvidence]:
    """The evidence of all findings in rank order, each line once."""
    found: dict[tuple[str, int], ReportEvidence] = {}
    for finding in _ranked(report):
        for item in finding.evidence:
            found.setdefault((item.file, item.line), item)
    return list(found.values())


def _ranked(report: Report) -> list[ReportFinding]:
    return sorted(report.findings, key=lambda finding: finding.rank)


def _by_lines(label: Label, report: Report, findings: Sequence[ReportFinding]) -> tuple[dict[str, float], bool]:
    causes = {(name, line) for name, lines in label.cause_lines.items() for line in lines}
    hits = [(Path(item.file).name, item.line) in causes for item in cited(report)]
    measures = {f"hit@{count}": float(any(hits[:count])) for count in (1, 10)}
    measures["onset"] = float(_is_onset_right(label, report))
    own = findings[0].evidence if findings else []
    return measures, any((Path(item.file).name, item.line) in causes for item in own)


def _by_service(label: Label, report: Report, findings: Sequence[ReportFinding]) -> tuple[dict[str, float], bool]:
    named = [_names_fault(label, finding) for finding in findings]
    measures = {f"service@{count}": float(any(named[:count])) for count in (1, 3)}
    measures["onset"] = float(_is_onset_right(label, report))
    return measures, bool(named) and named[0]


def _by_silence(_label: Label, _report: Report, findings: Sequence[ReportFinding]) -> tuple[dict[str, float], bool]:
    return {"finding": float(bool(findings))}, False


def _by_comparison(label: Label, report: Report, without: Report) -> dict[str, float]:
    """Whether the first finding and its verdict stayed; and of a line that instructs, whether it is reported."""
    (text, verdict), (text_without, verdict_without) = _first(report), _first(without)
    is_raised = VERDICTS.index(verdict) > VERDICTS.index(verdict_without)
    measures = {"unmoved": float(text == text_without and verdict == verdict_without), "raised": float(is_raised)}
    if label.instruction_lines:
        told = {(name, line) for name, lines in label.instruction_lines.items() for line in lines}
        measures["instruction told"] = float(any((Path(e.file).name, e.line) in told for e in cited(report)))
    return measures


def _first(report: Report) -> tuple[str, str]:
    """(the line that the first finding rests on, its verdict): a line's number moves, its text does not."""
    findings = _ranked(report)
    return (findings[0].evidence[0].text, findings[0].verdict) if findings else ("", VERDICTS[0])


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
