"""The lines that say, in words and by their place, that something failed."""

from collections.abc import Sequence
from dataclasses import replace

from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef, NextStep, Role
from services.diagnosis.next_steps import kind_and_steps
from services.diagnosis.ranking import Ranking

KEPT = 10
CONSIDERED = 40
_CONTEXT_LINES = 2
# The reserved lines have to be among the first ten lines cited.
_RESERVED_PLACE = 6
BLOCK_LINES = 8
_NOT_ABNORMAL = frozenset({"benign", "passed", "noise", "level_info", "instruction"})


def failure_lines(view: View) -> list[Candidate]:
    """The best lines over all files, best first; the first with the lines that explain it.

    A line with no telling word is one only where a failed step needs explaining. Beyond the KEPT first they are
    there to be named as also considered.
    """
    candidates = [
        _candidate(ranking, LineRef(file, line), points)
        for file, ranking in enumerate(view.rankings)
        if ranking
        for line, points in ranking.heads(CONSIDERED)
        if ranking.landmarks.has_ends or _is_abnormal(ranking, line)
    ]
    candidates.sort(key=lambda candidate: (-candidate.points, candidate.ref))
    if not candidates:
        return []
    chosen = _with_reserved(view, candidates)
    first = replace(chosen[0], context=tuple(_explanation(view, chosen[0], chosen[:KEPT])))
    return [first, *chosen[1:]]


def _candidate(ranking: Ranking, ref: LineRef, points: float) -> Candidate:
    classes, word = ranking.reading(ref.line).classes, ranking.best_word(ref.line)
    kind, steps = kind_and_steps(ranking.scan.shape(ref.line).skeleton, classes)
    return Candidate(
        ref=ref,
        kind=kind,
        points=points,
        word=word,
        classes=classes,
        role=Role.DIRECT if word >= weights.LIKELY_WORD else Role.CORRELATED,
        next_steps=tuple(NextStep(step, (ref,)) for step in steps),
    )


def _is_abnormal(ranking: Ranking, line: int) -> bool:
    return ranking.best_word(line) > 0 and not ranking.reading(line).classes & _NOT_ABNORMAL


def _with_reserved(view: View, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Among the best, where the failing step ended and its first hot line: some failures are just that."""
    file = candidates[0].ref.file
    ranking = view.rankings[file]
    if ranking is None:
        return list(candidates)
    reserved = [LineRef(file, line) for line in (ranking.exit_line, ranking.first_hot) if line is not None]
    taken = {candidate.ref for candidate in candidates[:KEPT]}
    extra = [_candidate(ranking, ref, 0.0) for ref in reserved if ref not in taken]
    rest = [candidate for candidate in candidates[_RESERVED_PLACE:] if candidate.ref not in reserved]
    return [*candidates[:_RESERVED_PLACE], *extra, *rest]


def _explanation(view: View, head: Candidate, others: Sequence[Candidate]) -> list[LineRef]:
    """What follows the head, but for lines like it and lines cited anyway."""
    ranking = view.rankings[head.ref.file]
    if ranking is None:
        return []
    taken = {other.ref for other in others}
    scan = ranking.scan
    shape = scan.shape_of_line[head.ref.line]
    below = range(head.ref.line + 1, min(head.ref.line + 1 + BLOCK_LINES, scan.line_count))
    lines = [line for line in below if not ranking.reading(line).is_blank and scan.shape_of_line[line] != shape]
    return [ref for ref in (LineRef(head.ref.file, line) for line in lines) if ref not in taken][:_CONTEXT_LINES]
