"""Scans in, diagnosis out: rank, detect, decide, quote."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from services.diagnosis import weights
from services.diagnosis.chronology import find_onset, timeline_of, told_with_clocks
from services.diagnosis.clock_skew import clocks_of
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.detectors.failure_lines import KEPT, KEPT_BEHIND_SURE
from services.diagnosis.detectors.happenings import adding_happenings, leading_happening
from services.diagnosis.detectors.registry import ADDING, LEADING
from services.diagnosis.detectors.surroundings import surroundings
from services.diagnosis.drift import find_drifts
from services.diagnosis.findings import (
    Considered,
    Diagnosis,
    Evidence,
    Finding,
    KnownProblem,
    LineRef,
    NextStep,
    Role,
    SeriesChange,
    Verdict,
)
from services.diagnosis.missing import missing_of
from services.diagnosis.preceding_change import PrecedingChange, preceding_change, with_change
from services.diagnosis.ranking import rank
from services.diagnosis.request_sightings import sightings_of
from services.diagnosis.scene import scene_of
from services.diagnosis.signals import signals_of
from services.diagnosis.verdict import lesser_verdict, stands_out, verdict_of
from services.logs.headers import parse_line
from services.logs.limits import ReadLimits
from services.logs.quoting import quote_lines
from services.logs.request_marks import request_marks
from services.logs.scan import FileScan

_TITLE_CHARS = 120
_MAX_SERIES = 5
_MAX_CONSIDERED = 5
# To take a line apart whose time does not matter.
_ANY_DAY = date(2000, 1, 1)


def diagnose(
    scans: Sequence[FileScan],
    *,
    baseline: FileScan | None = None,
    known_problems: Sequence[KnownProblem] = (),
    limits: ReadLimits | None = None,
) -> Diagnosis:
    """Rank the lines of all files together, and say what they show and how sure that is.

    `known_problems`: those that the files show, the gravest first.

    Reads the cited lines once more from the uploads, to quote them, and of several files some lines that name
    requests; else it does nothing but compute.
    """
    known = frozenset(shape.skeleton for shape in baseline.shapes) if baseline else None
    rankings = [rank(scan, known_skeletons=known) if scan.line_count else None for scan in scans]
    clocks = clocks_of(sightings_of(scans, limits or ReadLimits()))
    view = View(scans, rankings, _series(scans), _by_template(scans, known_problems), clocks)
    scene = scene_of(view, baseline=baseline)
    signals = signals_of(scene)
    lines = LEADING(view)
    first = leading_happening(view, signals, lines)
    leading = [*first, *(line for line in lines if not first or line.ref != first[0].ref)]
    is_faint = not stands_out(leading, signals, view.series)
    is_sure = bool(leading) and verdict_of(leading)[0] is not Verdict.INCONCLUSIVE
    kept = KEPT_BEHIND_SURE if is_sure else KEPT
    onset = find_onset(view, leading[:kept])
    change = preceding_change(view, scene, onset) if leading else None
    if change:
        leading[0] = with_change(leading[0], change)
    others = [signal for signal in signals if not change or signal.ref != change.ref]
    chosen = _ordered(
        leading[:kept],
        [*adding_happenings(view, others), *(candidate for detect in ADDING for candidate in detect(view))],
    )
    chosen += surroundings(view, leading[:kept], chosen)
    quotes = _quote(scans, chosen, limits or ReadLimits())
    findings = [
        _finding(view, candidate, quotes, _verdict(candidate, leading, is_faint=is_faint)) for candidate in chosen
    ]
    if change:
        findings[0] = _after_change(view, findings[0], change, quotes)
    return Diagnosis(
        findings=tuple(findings),
        onset=told_with_clocks(view, onset),
        timeline=timeline_of(view, onset, change),
        also_considered=_considered(scans, leading[kept : kept + _MAX_CONSIDERED]),
        missing=missing_of(scans, signals, findings, onset, is_faint=is_faint),
        series=tuple(view.series),
    )


def _by_template(scans: Sequence[FileScan], problems: Sequence[KnownProblem]) -> Mapping[tuple[int, int], KnownProblem]:
    found: dict[tuple[int, int], KnownProblem] = {}
    for problem in problems:
        for ref in problem.refs:
            scan = scans[ref.file]
            found.setdefault((ref.file, scan.template_of_shape[scan.shape_of_line[ref.line]]), problem)
    return found


def _ordered(leading: Sequence[Candidate], adding: Sequence[Candidate]) -> list[Candidate]:
    chosen = list(leading)
    for candidate in sorted(adding, key=lambda candidate: -(candidate.place or 0)):
        chosen.insert(candidate.place or 0, candidate)
    return chosen


def _verdict(candidate: Candidate, leading: Sequence[Candidate], *, is_faint: bool) -> tuple[Verdict, float]:
    first = leading[0] if leading else candidate
    verdict, confidence = verdict_of(leading) if candidate is first and leading else lesser_verdict(candidate, first)
    return (Verdict.INCONCLUSIVE, min(confidence, weights.FAINT_CONFIDENCE)) if is_faint else (verdict, confidence)


def _series(scans: Sequence[FileScan]) -> tuple[SeriesChange, ...]:
    changes = [
        SeriesChange(
            field=drift.field,
            component=scan.shape(drift.line).component,
            before=drift.before,
            after=drift.after,
            change_at=scan.moment_of(drift.line),
            change=LineRef(file, drift.line),
            outcome=drift.outcome,
            strength=drift.strength,
        )
        for file, scan in enumerate(scans)
        for drift in find_drifts(scan.fields, line_count=scan.line_count)
    ]
    changes.sort(key=lambda change: -change.strength)
    return tuple(changes[:_MAX_SERIES])


def _quote(scans: Sequence[FileScan], chosen: Sequence[Candidate], limits: ReadLimits) -> Mapping[LineRef, str]:
    refs = {ref for candidate in chosen for ref in (candidate.ref, *candidate.context)}
    quotes: dict[LineRef, str] = {}
    for file, scan in enumerate(scans):
        wanted = {ref.line for ref in refs if ref.file == file}
        if wanted:
            found = quote_lines(scan, wanted, limits=limits)
            quotes.update((LineRef(file, line), text) for line, text in found.items())
    return quotes


def _finding(
    view: View, candidate: Candidate, quotes: Mapping[LineRef, str], verdict: tuple[Verdict, float]
) -> Finding:
    text = quotes.get(candidate.ref, "")
    scan = view.scans[candidate.ref.file]
    evidence = [Evidence(candidate.ref, text, candidate.role)]
    evidence += [Evidence(ref, quotes[ref], Role.CONTEXT) for ref in candidate.context if ref in quotes]
    problem = None if candidate.title else view.problem_of(candidate.ref)
    steps = tuple(NextStep(step, (candidate.ref,)) for step in problem.steps) if problem else candidate.next_steps
    return Finding(
        title=candidate.title or (problem and problem.title) or _title(text, scan, candidate.ref.line),
        kind=candidate.kind,
        verdict=verdict[0],
        confidence=verdict[1],
        summary=(candidate.summary or _summary(view, candidate.ref, text, problem)) + _elsewhere(candidate),
        problem=problem.id if problem else None,
        component=candidate.component or scan.shape(candidate.ref.line).component,
        evidence=tuple(evidence),
        next_steps=steps,
    )


def _after_change(view: View, finding: Finding, change: PrecedingChange, quotes: Mapping[LineRef, str]) -> Finding:
    """The finding, its summary with the change behind it; or called a change if that is what its line tells of."""
    if change.ref == finding.evidence[0].ref:
        return replace(finding, summary=f"{finding.summary} {change.what[:1].upper()}{change.what[1:]}.")
    message = _title(quotes.get(change.ref, ""), view.scans[change.ref.file], change.ref.line)
    return replace(finding, summary=f"{finding.summary} Just before it, {change.what}: {message}")


def _title(text: str, scan: FileScan, line: int) -> str:
    """The message of a quoted line, without its header."""
    moment = scan.moment_of(line)
    message = parse_line(text, today=moment.date()).message if moment else text
    return _shortened(message) or text.strip()


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TITLE_CHARS else f"{text[: _TITLE_CHARS - 1]}…"


def _summary(view: View, ref: LineRef, text: str, problem: KnownProblem | None) -> str:
    scan, component = view.scans[ref.file], view.scans[ref.file].shape(ref.line).component
    moment, (count, first_line) = scan.moment_of(ref.line), _how_often(view, ref)
    when = f" at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
    often = "once" if count == 1 else f"{count:,} times, first in line {first_line + 1:,}"
    who = f" by {component}" if component else ""
    meaning = f"{problem.meaning} " if problem else ""
    return f"{meaning}Logged{who}{_where(text, moment)} {often} in {scan.name}{when}{_about(text)}."


def _how_often(view: View, ref: LineRef) -> tuple[int, int]:
    """How many lines of its kind there are, and the first of them."""
    ranking = view.rankings[ref.file]
    if ranking is None:
        return 1, ref.line
    kind = ranking.kinds.of_shape[ranking.scan.shape_of_line[ref.line]]
    return ranking.kinds.counts[kind], ranking.kinds.first_lines[kind]


def _elsewhere(candidate: Candidate) -> str:
    count = candidate.other_files
    return f" The same in {count:,} other file{'' if count == 1 else 's'}." if count else ""


def _where(text: str, moment: datetime | None) -> str:
    """The pod or host and the thread that the quoted line names, as far as it does."""
    parsed = parse_line(text, today=moment.date() if moment else _ANY_DAY)
    place = parsed.pod or parsed.host
    return (f" on {place}" if place else "") + (f" in thread {parsed.thread}" if parsed.thread else "")


def _about(text: str) -> str:
    """The request that the quoted line is about."""
    marks = request_marks(text)
    told = [
        f"trace {marks.trace_id}" if marks.trace_id else "",
        f"HTTP status {marks.status}" if marks.status else "",
        f"{marks.latency_ms:,.10g} ms" if marks.latency_ms is not None else "",
    ]
    return f" ({', '.join(filter(None, told))})" if any(told) else ""


def _considered(scans: Sequence[FileScan], candidates: Sequence[Candidate]) -> tuple[Considered, ...]:
    return tuple(
        Considered(
            title=_shortened(scans[candidate.ref.file].shape(candidate.ref.line).skeleton),
            why_not=f"line {candidate.ref.line + 1:,} of {scans[candidate.ref.file].name} tells less than those cited",
        )
        for candidate in candidates
    )
