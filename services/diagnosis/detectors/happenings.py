"""What was seen in how lines run over time, files and components, as findings."""

from collections.abc import Sequence
from dataclasses import replace

from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef, NextStep, Role
from services.diagnosis.scene import Signal
from services.logs.scan import FileScan

_LEADS = frozenset({"cascade"})
# That a kind of line came oftener is what the findings of its lines say already.
_TOLD_ELSEWHERE = frozenset({"cascade", "step", "burst", "ramp", "new", "vanished"})
_MAX_ADDED = 2
# Clocks of two hosts differ by so much without anybody's notice.
_SKEW_SECONDS = 5
# Behind the two best lines: what happened to many lines at once explains them.
_PLACE = 2
_STEPS = {
    "cascade": "Look at {who} first: its own log, restarts, saturation and changes for the same minutes.",
    "change": "Find out what exactly was changed, and whether undoing it ends the trouble.",
    "silence": "Check whether what wrote these lines still runs, and what it waits for.",
    "crash loop": "Read the last lines before each end: the reason stands there, not at the start.",
    "retry storm": "Look at what is retried: the retries follow from it, and may keep it down.",
    "outage": "Compare with deploys, failovers and maintenance in that window.",
    "status": "Compare the failing route's upstream with one that still answers.",
    "death": "Look for what ended it: memory, a signal, an exit code, in the lines right before.",
    "concentration": "Compare that one with its peers: version, node, configuration, load.",
}


def leading_happening(view: View, signals: Sequence[Signal], lines: Sequence[Candidate]) -> list[Candidate]:
    """Where a failure that spread began, ahead of all lines; nothing where that is not seen, or where a line says
    more.
    """
    leads = [signal for signal in signals if signal.kind in _LEADS and signal.strength >= weights.LEADING_SIGNAL]
    if not leads or _told_before(view, leads[0], lines):
        return []
    best = lines[0] if lines else None
    if best and _is_its_own(view, best, leads[0]):
        return [replace(best, component=leads[0].component)]
    points = best.points + weights.LEADS_BY if best else 0.0
    return [_candidate(view, leads[0], points=points, place=None)]


def _is_its_own(view: View, line: Candidate, lead: Signal) -> bool:
    """Whether a telling line is the one with which the lead's own trouble began: its words tell more."""
    is_telling = lead.blames is None and line.word >= weights.LIKELY_WORD
    return (
        is_telling and line.began == _began(view, lead) and _place(view.scans, line.ref) == _place(view.scans, lead.ref)
    )


def _told_before(view: View, lead: Signal, lines: Sequence[Candidate]) -> bool:
    """Whether the best line shows a known problem that the lead itself had, or an outsider before it."""
    began = _began(view, lead)
    best = lines[0] if lines else None
    if best is None or best.began is None or began is None or view.problem_of(best.ref) is None:
        return False
    if _place(view.scans, best.ref) == _place(view.scans, lead.ref):
        return lead.blames is None and best.began <= began
    involved = {_place(view.scans, ref) for ref in lead.context}
    return best.is_new and best.began < began - _SKEW_SECONDS and _place(view.scans, best.ref) not in involved


def _place(scans: Sequence[FileScan], ref: LineRef) -> tuple[int, str | None]:
    return ref.file, scans[ref.file].shape(ref.line).component if len(scans) == 1 else None


def adding_happenings(view: View, signals: Sequence[Signal]) -> list[Candidate]:
    """The strongest of the other things that happened."""
    telling = [
        signal for signal in signals if signal.kind not in _TOLD_ELSEWHERE and signal.strength >= weights.TELLING_SIGNAL
    ]
    return [_candidate(view, signal, points=signal.strength, place=_PLACE) for signal in telling[:_MAX_ADDED]]


def _began(view: View, signal: Signal) -> int | None:
    """By one clock for all files."""
    return signal.second - view.clocks.ahead_seconds(signal.ref.file) if signal.second is not None else None


def _candidate(view: View, signal: Signal, *, points: float, place: int | None) -> Candidate:
    who = signal.blames or signal.component or "it"
    step = _STEPS.get(signal.kind)
    return Candidate(
        ref=signal.ref,
        kind=signal.kind,
        points=points,
        word=0.0,
        classes=frozenset(),
        role=Role.DIRECT if signal.kind in _LEADS else Role.CORRELATED,
        next_steps=(NextStep(step.format(who=who), (signal.ref,)),) if step else (),
        context=signal.context,
        title=signal.title,
        summary=signal.summary,
        place=place,
        is_new=True,
        began=_began(view, signal),
        component=signal.blames or signal.component,
        strength=signal.strength,
    )
