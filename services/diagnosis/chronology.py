"""When it began, and the moments worth knowing."""

from collections.abc import Sequence
from dataclasses import replace

from services.diagnosis import weights
from services.diagnosis.clock_skew import told
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef, Onset, SeriesChange, TimelineEntry
from services.diagnosis.preceding_change import PrecedingChange
from services.diagnosis.ranking import Ranking
from services.logs.quoting import displayable

_MAX_SKEWS = 5
_NAME_CHARS = 100


def find_onset(view: View, leading: Sequence[Candidate]) -> Onset | None:
    """The first line of a new kind of trouble, else the first abnormal line; or the number that moved before it."""
    if not leading:
        return _from_series(view.series[0]) if view.series else None
    new = [candidate.ref for candidate in leading if candidate.is_new and _belongs(candidate, leading[0])]
    refs = new or _hot_lines(view.rankings, [candidate.ref for candidate in leading])
    first = min(refs, key=view.order)
    earlier = [change for change in view.series if view.order(change.change) < view.order(first)]
    if earlier:
        return _from_series(min(earlier, key=lambda change: view.order(change.change)))
    why = "the first line of a kind not seen before" if new else "the first abnormal line"
    return Onset(first, view.scans[first.file].moment_of(first.line), why)


def _belongs(candidate: Candidate, first: Candidate) -> bool:
    """Whether a new kind is of the same trouble as the first: it sounds like one, and came at about the time."""
    if candidate is first or candidate.began is None or first.began is None:
        return True
    return candidate.word > 0.5 and abs(candidate.began - first.began) <= weights.FOLLOWS_SECONDS


def _from_series(change: SeriesChange) -> Onset:
    why = f"{change.field} left its level of {change.before:g}"
    return Onset(change.change, change.change_at, why)


def _hot_lines(rankings: Sequence[Ranking | None], cited: Sequence[LineRef]) -> list[LineRef]:
    hot = [
        LineRef(file, ranking.first_hot)
        for file, ranking in enumerate(rankings)
        if ranking and ranking.first_hot is not None and any(ref.file == file for ref in cited)
    ]
    return hot or [cited[0]]


def timeline_of(view: View, onset: Onset | None, change: PrecedingChange | None = None) -> tuple[TimelineEntry, ...]:
    """Onset, the change before it, changes of numbers, last abnormal line of each file, in the order of time; and whose
    clocks differ.

    The times are those of the lines; the order is by one clock.
    """
    entries = [TimelineEntry(onset.at, f"Onset: {onset.why}", (onset.ref,))] if onset else []
    if change:
        moment = view.scans[change.ref.file].moment_of(change.ref.line)
        entries.append(TimelineEntry(moment, f"{change.what[:1].upper()}{change.what[1:]}", (change.ref,)))
    entries += [
        TimelineEntry(
            moved.change_at,
            f"{moved.field} {moved.outcome}: from {moved.before:g} to {moved.after:g}",
            (moved.change,),
        )
        for moved in view.series
    ]
    entries += [
        entry for file, ranking in enumerate(view.rankings) if ranking and onset for entry in _last_hot(file, ranking)
    ]
    return (*_clocks(view), *sorted(entries, key=lambda entry: view.order(entry.refs[0])))


def told_with_clocks(view: View, onset: Onset | None) -> Onset | None:
    """Where clocks differ the onset says so: who compares two lines has to know it."""
    sentences = _clock_sentences(view)
    return replace(onset, why=f"{onset.why}; {sentences[0][0]}") if onset and sentences else onset


def _clocks(view: View) -> list[TimelineEntry]:
    """Of no moment: they come before all that are."""
    return [TimelineEntry(None, f"{text[:1].upper()}{text[1:]}", refs) for text, refs in _clock_sentences(view)]


def _clock_sentences(view: View) -> list[tuple[str, tuple[LineRef, ...]]]:
    names = [displayable(scan.name, _NAME_CHARS) for scan in view.scans]
    return [(told(skew, names), skew.refs) for skew in view.clocks.skews[:_MAX_SKEWS]]


def _last_hot(file: int, ranking: Ranking) -> list[TimelineEntry]:
    scan = ranking.scan
    pairs = zip(scan.shapes, ranking.landmarks.readings, strict=True)
    hot = [shape for shape, reading in pairs if reading.is_hot]
    if not hot:
        return []
    count = sum(shape.count for shape in hot)
    last = LineRef(file, max(shape.last_line for shape in hot))
    text = f"The last of {count:,} abnormal lines of {scan.name} (line {last.line + 1:,})"
    return [TimelineEntry(scan.moment_of(last.line), text, (last,))]
