"""The lines that say, in words and by their place, that something failed."""

from collections.abc import Sequence
from dataclasses import replace

from services.diagnosis.detectors.alike import one_of_alike
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.detectors.candidates import candidate_of
from services.diagnosis.detectors.service_lines import service_lines
from services.diagnosis.findings import LineRef, Verdict
from services.diagnosis.ranking import Ranking
from services.diagnosis.verdict import BLOCK_LINES, verdict_of
from services.logs.records import record_at
from services.logs.scan import FileScan
from services.logs.traces import find_trace

# Other leads matter less where the first is sure, and its own lines more.
KEPT, KEPT_BEHIND_SURE = 10, 4
CONSIDERED = 40
_CONTEXT_LINES = 2
# The reserved lines have to be among the first ten lines cited.
_RESERVED_PLACE = 6
_SURE_CONTEXT_LINES = 7
_SURE_NEAR_LINES = 15
# How many of the best may be told twice, and how many of those are cited twice.
_TWICE_AMONG, _MAX_TWICE = 3, 2
_SAME_PROBLEM_LINES = 2
_NOT_ABNORMAL = frozenset({"benign", "passed", "noise", "level_info", "instruction"})


def failure_lines(view: View) -> list[Candidate]:
    """The best lines over all files, best first; the first with the lines that explain it.

    A line with no telling word is one only where a failed step needs explaining. Beyond the KEPT first they are
    there to be named as also considered.
    """
    candidates = [*_build_lines(view), *service_lines(view)]
    candidates.sort(key=lambda candidate: (-candidate.points, candidate.ref))
    if not candidates:
        return []
    return _explained(view, _with_reserved(view, _one_each(view, one_of_alike(view, candidates))))


def _one_each(view: View, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates, those that show one known problem as one with a few of the others' lines."""
    first_of: dict[str, int] = {}
    kept: list[Candidate] = []
    for candidate in candidates:
        problem = view.problem_of(candidate.ref)
        place = first_of.setdefault(problem.id, len(kept)) if problem else len(kept)
        if place == len(kept):
            kept.append(candidate)
        elif len(kept[place].context) < _SAME_PROBLEM_LINES:
            kept[place] = replace(kept[place], context=(*kept[place].context, candidate.ref))
    return kept


def _explained(view: View, chosen: Sequence[Candidate]) -> list[Candidate]:
    """The candidates with their context; one that has become another's context is none of its own."""
    is_sure = verdict_of(chosen)[0] is not Verdict.INCONCLUSIVE
    told = _explanation(view, chosen, is_sure=is_sure)
    kept = [chosen[0], *(other for other in chosen[1:] if other.ref not in told)]
    again = _again(view, kept)
    contexts = {kept[0].ref: tuple(told)}
    return [
        replace(
            each,
            context=_each_once(
                (*_elsewhere(each), *contexts.get(each.ref, ()), *again.get(each.ref, ()), *each.context)
            ),
        )
        for each in kept
    ]


def _elsewhere(candidate: Candidate) -> tuple[LineRef, ...]:
    """That other files tell the same tells more than what stands around it in one of them."""
    return candidate.context if candidate.other_files else ()


def _build_lines(view: View) -> list[Candidate]:
    """The heads of the files that ran once: a failed step needs explaining, even by lines that tell of nothing bad."""
    return [
        candidate_of(ranking, LineRef(file, line), points)
        for file, ranking in enumerate(view.rankings)
        if ranking and not ranking.is_service
        for line, points in ranking.heads(CONSIDERED)
        if ranking.landmarks.has_ends or _is_abnormal(ranking, line)
    ]


def _is_abnormal(ranking: Ranking, line: int) -> bool:
    return ranking.best_word(line) > 0 and not ranking.reading(line).classes & _NOT_ABNORMAL


def _with_reserved(view: View, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Among the best of a build, where the failing step ended and its first hot line: some failures are just that."""
    file = candidates[0].ref.file
    ranking = view.rankings[file]
    if ranking is None or ranking.is_service:
        return list(candidates)
    reserved = [LineRef(file, line) for line in (ranking.exit_line, ranking.first_hot) if line is not None]
    taken = {candidate.ref for candidate in candidates[:KEPT]}
    extra = [candidate_of(ranking, ref, 0.0) for ref in reserved if ref not in taken]
    rest = [candidate for candidate in candidates[_RESERVED_PLACE:] if candidate.ref not in reserved]
    return [*candidates[:_RESERVED_PLACE], *extra, *rest]


def _explanation(view: View, chosen: Sequence[Candidate], *, is_sure: bool) -> list[LineRef]:
    """What explains the first: the telling lines of its stack trace and, where it is sure, of its surroundings.

    Where it is not, other leads are worth more than that: in a build all places, else all but the next lines.
    """
    ref = chosen[0].ref
    ranking = view.rankings[ref.file]
    if ranking is None or (ranking.landmarks.has_ends and not is_sure):
        return []
    traced = _trace_lines(ranking.scan, ref.line)
    if is_sure:
        near = [line for _, line in ranking.around(ref.line) if abs(line - ref.line) <= _SURE_NEAR_LINES]
        most, cited = _SURE_CONTEXT_LINES, set[int]()
    else:
        near, most = _lines_below(ranking, ref.line), max(len(traced), _CONTEXT_LINES)
        cited = {other.ref.line for other in chosen[:KEPT] if other.ref.file == ref.file}
    if ranking.is_service:
        near = _telling(ranking, ref.line, near)
    lines = [line for line in dict.fromkeys((*traced, *near)) if line != ref.line and line not in cited]
    return [LineRef(ref.file, line) for line in lines[:most]]


def _telling(ranking: Ranking, line: int, near: Sequence[int]) -> list[int]:
    """Of the lines near one in a service's log those that go on with it, then those that tell of trouble themselves:
    between them stands what others do.
    """
    record = record_at(ranking.scan, line)
    own = [other for other in near if record.first <= other <= record.last]
    return [*own, *(other for other in near if other not in own and _is_abnormal(ranking, other))]


def _each_once(refs: Sequence[LineRef]) -> tuple[LineRef, ...]:
    return tuple(dict.fromkeys(refs))


def _again(view: View, chosen: Sequence[Candidate]) -> dict[LineRef, list[LineRef]]:
    """Where a build tells the best once more: in its summary, or when the step is tried again."""
    places: dict[LineRef, list[LineRef]] = {}
    for candidate in chosen[:_TWICE_AMONG]:
        ranking = view.rankings[candidate.ref.file]
        if ranking and ranking.landmarks.has_ends and len(places) < _MAX_TWICE:
            line = ranking.again(candidate.ref.line, candidate.points)
            if line is not None:
                places[candidate.ref] = [LineRef(candidate.ref.file, line)]
    return places


def _trace_lines(scan: FileScan, line: int) -> list[int]:
    """Of the stack trace a line is part of: its head, the exception it all came from, the first own frame."""
    record = record_at(scan, line)
    trace = find_trace([scan.shape(number).sample for number in range(record.first, record.last + 1)])
    if trace is None:
        return []
    places = (trace.head, trace.root, trace.own_frame)
    return list(dict.fromkeys(record.first + place for place in places if place is not None))


def _lines_below(ranking: Ranking, line: int) -> list[int]:
    """The lines right below that are neither blank nor like it."""
    scan = ranking.scan
    shape = scan.shape_of_line[line]
    below = range(line + 1, min(line + 1 + BLOCK_LINES, scan.line_count))
    return [line for line in below if not ranking.reading(line).is_blank and scan.shape_of_line[line] != shape]
