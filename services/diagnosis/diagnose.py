"""Scans in, diagnosis out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.diagnosis import weights
from services.diagnosis.chronology import find_onset, timeline_of
from services.diagnosis.drift import find_drifts
from services.diagnosis.findings import (
    Considered,
    Diagnosis,
    Evidence,
    Finding,
    LineRef,
    Missing,
    NextStep,
    Role,
    SeriesChange,
    Verdict,
)
from services.diagnosis.next_steps import kind_and_steps
from services.diagnosis.ranking import Ranking, rank
from services.logs.headers import parse_line
from services.logs.limits import ReadLimits
from services.logs.quoting import quote_lines
from services.logs.scan import FileScan

_MAX_FINDINGS = 10
_CONTEXT_LINES = 2
# The reserved lines have to be among the first ten lines cited.
_RESERVED_PLACE = 6
_BLOCK_LINES = 8
_TITLE_CHARS = 120
_MAX_SERIES = 5
_MAX_CONSIDERED = 5
_MAX_DRIFT_FINDINGS = 2
# Behind the two best lines: a number that moved seldom is the cause, but is wanted on the first screen.
_DRIFT_PLACE = 2


@dataclass(frozen=True, slots=True)
class _Head:
    """A candidate: the best line of some place in one of the files."""

    ref: LineRef
    points: float
    word: float
    classes: frozenset[str]


def diagnose(
    scans: Sequence[FileScan], *, baseline: FileScan | None = None, limits: ReadLimits | None = None
) -> Diagnosis:
    """Rank the lines of all files together, and say what they show and how sure that is."""
    limits = limits or ReadLimits()
    known = frozenset(shape.skeleton for shape in baseline.shapes) if baseline else None
    rankings = [rank(scan, known_skeletons=known) if scan.line_count else None for scan in scans]
    heads = _heads(rankings)
    chosen = _chosen(rankings, heads)
    groups = [
        (head, _context(rankings[head.ref.file], head, chosen) if nth < 1 else []) for nth, head in enumerate(chosen)
    ]
    series = _series(scans)
    onset = find_onset(scans, rankings, [head.ref for head in chosen], series)
    moved = [change for change in series if change.strength >= weights.TELLING_DRIFT][:_MAX_DRIFT_FINDINGS]
    refs = {ref for head, context in groups for ref in (head.ref, *context)} | {change.change for change in moved}
    quotes = _quote(scans, refs, limits)
    verdict, confidence = _verdict(heads)
    findings = [
        _finding(scans, head, context, quotes, (verdict, confidence) if nth == 0 else _lesser(head, heads))
        for nth, (head, context) in enumerate(groups)
    ]
    findings[_DRIFT_PLACE:_DRIFT_PLACE] = [_drift_finding(change, quotes) for change in moved]
    return Diagnosis(
        findings=tuple(findings),
        onset=onset,
        timeline=timeline_of(scans, rankings, onset, series),
        also_considered=_considered(scans, heads[_MAX_FINDINGS:]),
        missing=_missing(scans, findings[0].verdict if findings else None),
        series=series,
    )


def _heads(rankings: Sequence[Ranking | None]) -> list[_Head]:
    """The best lines over all files. A line with no telling word is one only where a failed step needs explaining."""
    heads = [
        _head(ranking, LineRef(file, line), points)
        for file, ranking in enumerate(rankings)
        if ranking
        for line, points in ranking.heads(4 * _MAX_FINDINGS)
        if ranking.landmarks.has_ends or _is_abnormal(ranking, line)
    ]
    return sorted(heads, key=lambda head: (-head.points, head.ref))


def _chosen(rankings: Sequence[Ranking | None], heads: Sequence[_Head]) -> list[_Head]:
    """The best, and among them where the failing step ended and its first hot line: some failures are just that."""
    chosen = list(heads[:_MAX_FINDINGS])
    if not chosen:
        return []
    file = chosen[0].ref.file
    ranking = rankings[file]
    if ranking is None:
        return chosen
    kept = [LineRef(file, line) for line in (ranking.exit_line, ranking.first_hot) if line is not None]
    kept = [ref for ref in kept if all(head.ref != ref for head in chosen)]
    reserved = [_head(ranking, ref, 0.0) for ref in kept]
    return [*chosen[:_RESERVED_PLACE], *reserved, *chosen[_RESERVED_PLACE:]][:_MAX_FINDINGS]


def _head(ranking: Ranking, ref: LineRef, points: float) -> _Head:
    return _Head(ref, points, ranking.best_word(ref.line), ranking.reading(ref.line).classes)


def _is_abnormal(ranking: Ranking, line: int) -> bool:
    reading = ranking.reading(line)
    return ranking.best_word(line) > 0 and not reading.classes & {"benign", "passed", "noise", "level_info"}


def _context(ranking: Ranking | None, head: _Head, chosen: Sequence[_Head]) -> list[LineRef]:
    """The lines that explain the head: what follows it."""
    if ranking is None:
        return []
    taken = {other.ref for other in chosen}
    after = range(head.ref.line + 1, min(head.ref.line + 1 + _BLOCK_LINES, ranking.scan.line_count))
    mine = ranking.scan.shape_of_line[head.ref.line]
    refs = [
        LineRef(head.ref.file, line)
        for line in after
        if not ranking.reading(line).is_blank and ranking.scan.shape_of_line[line] != mine
    ]
    return [ref for ref in refs if ref not in taken][:_CONTEXT_LINES]


def _quote(scans: Sequence[FileScan], refs: set[LineRef], limits: ReadLimits) -> Mapping[LineRef, str]:
    quotes: dict[LineRef, str] = {}
    for file, scan in enumerate(scans):
        wanted = {ref.line for ref in refs if ref.file == file}
        if wanted:
            found = quote_lines(scan, wanted, limits=limits)
            quotes.update((LineRef(file, line), text) for line, text in found.items())
    return quotes


def _verdict(heads: Sequence[_Head]) -> tuple[Verdict, float]:
    """LIKELY only where the first is strong in itself and clearly ahead of the next different place."""
    if not heads:
        return Verdict.INCONCLUSIVE, 0.0
    first = heads[0]
    rival = next((head.points for head in heads[1:] if not _same_place(first, head)), 0.0)
    margin = first.points - rival
    is_report = bool(first.classes & {"wrapper", "summary"})
    likely = (
        not is_report
        and first.word >= weights.LIKELY_WORD
        and first.points >= weights.LIKELY_SCORE
        and margin >= weights.LIKELY_MARGIN
    )
    confidence = 1 / (1 + 2.0 ** (2 - margin))
    if not likely:
        return Verdict.INCONCLUSIVE, round(min(confidence, 0.49), 2)
    direct = first.word >= weights.CONFIRMED_WORD and margin >= weights.CONFIRMED_MARGIN
    return (Verdict.CONFIRMED if direct else Verdict.LIKELY), round(max(0.5, confidence), 2)


def _lesser(head: _Head, heads: Sequence[_Head]) -> tuple[Verdict, float]:
    share = max(0.0, head.points) / max(heads[0].points, 1.0)
    return Verdict.INCONCLUSIVE, round(min(0.45, 0.45 * share), 2)


def _same_place(first: _Head, other: _Head) -> bool:
    return first.ref.file == other.ref.file and abs(first.ref.line - other.ref.line) <= _BLOCK_LINES


def _finding(
    scans: Sequence[FileScan],
    head: _Head,
    context: Sequence[LineRef],
    quotes: Mapping[LineRef, str],
    verdict: tuple[Verdict, float],
) -> Finding:
    text = quotes.get(head.ref, "")
    scan = scans[head.ref.file]
    shape = scan.shape(head.ref.line)
    kind, steps = kind_and_steps(shape.skeleton, head.classes)
    role = Role.DIRECT if head.word >= weights.LIKELY_WORD else Role.CORRELATED
    evidence = [Evidence(head.ref, text, role)]
    evidence += [Evidence(ref, quotes[ref], Role.CONTEXT) for ref in context if ref in quotes]
    return Finding(
        title=_title(text, scan, head.ref.line),
        kind=kind,
        verdict=verdict[0],
        confidence=verdict[1],
        summary=_summary(scan, head),
        component=shape.component,
        evidence=tuple(evidence),
        next_steps=tuple(NextStep(step, (head.ref,)) for step in steps),
    )


def _drift_finding(change: SeriesChange, quotes: Mapping[LineRef, str]) -> Finding:
    when = f" at {change.change_at:%Y-%m-%d %H:%M:%S} UTC" if change.change_at else ""
    return Finding(
        title=f"{change.field} {_OUTCOME_WORDS[change.outcome]}: from {change.before:g} to {change.after:g}",
        kind="drift",
        verdict=Verdict.INCONCLUSIVE,
        confidence=0.4,
        summary=f"It left its level of {change.before:g} in line {change.change.line + 1:,}{when}.",
        component=change.component,
        evidence=(Evidence(change.change, quotes.get(change.change, ""), Role.CORRELATED),),
        next_steps=(
            NextStep(
                f"Look at what changed just before {change.field} moved: load, a deploy, a configuration.",
                (change.change,),
            ),
        ),
    )


_OUTCOME_WORDS = {"rising": "rose", "falling": "fell", "recovered": "left its level and came back"}


def _title(text: str, scan: FileScan, line: int) -> str:
    moment = scan.moment_of(line)
    message = parse_line(text, today=moment.date()).message if moment else text
    message = " ".join(message.split()) or text.strip()
    return message if len(message) <= _TITLE_CHARS else f"{message[: _TITLE_CHARS - 1]}…"


def _summary(scan: FileScan, head: _Head) -> str:
    shape = scan.shape(head.ref.line)
    template = scan.templates[scan.template_of_shape[scan.shape_of_line[head.ref.line]]]
    moment = scan.moment_of(head.ref.line)
    when = f" at {moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
    often = "once" if template.count == 1 else f"{template.count:,} times, first in line {template.first_line + 1:,}"
    who = f" by {shape.component}" if shape.component else ""
    return f"Logged{who} {often} in {scan.name}{when}."


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
        for drift in find_drifts(scan.fields)
    ]
    return tuple(changes[:_MAX_SERIES])


def _considered(scans: Sequence[FileScan], heads: Sequence[_Head]) -> tuple[Considered, ...]:
    return tuple(
        Considered(
            title=_shortened(scans[head.ref.file].shape(head.ref.line).skeleton),
            why_not=f"line {head.ref.line + 1:,} of {scans[head.ref.file].name} tells less than the lines cited",
        )
        for head in heads[:_MAX_CONSIDERED]
    )


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TITLE_CHARS else f"{text[: _TITLE_CHARS - 1]}…"


def _missing(scans: Sequence[FileScan], verdict: Verdict | None) -> tuple[Missing, ...]:
    missing = [Missing(what=scan.name, why=f"not read whole: {scan.unread[0]}") for scan in scans if scan.unread]
    lines = sum(scan.line_count for scan in scans)
    if verdict is None and lines:
        kinds = sum(len(scan.templates) for scan in scans)
        looked = f"nothing abnormal found: {lines:,} lines of {kinds:,} kinds hold no error, crash or failed step"
        missing.append(Missing("the log of the component that people saw failing, for that time", looked))
    elif verdict is Verdict.INCONCLUSIVE:
        missing.append(
            Missing(
                "the log of the component named in the first finding, from ten minutes before",
                "no line here decides between the candidates",
            )
        )
    return tuple(missing)
