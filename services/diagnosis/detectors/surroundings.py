"""The lines that stand around the best ones of a build: where it broke, the neighbours often say what."""

from collections.abc import Sequence

from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef, Role

# What a person reads before they open the log themselves.
_CITED_LINES = 20
_AROUND = 3


def surroundings(view: View, leading: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[Candidate]:
    """A candidate of the most telling lines near the best three, as many as there is room for; in their order."""
    cited = {ref for candidate in chosen for ref in (candidate.ref, *candidate.context)}
    best: dict[LineRef, float] = {}
    for candidate in leading[:_AROUND]:
        ranking = view.rankings[candidate.ref.file]
        # In a service's log what stands next to a line comes from someone else.
        for points, line in ranking.around(candidate.ref.line) if ranking and ranking.landmarks.has_ends else ():
            ref = LineRef(candidate.ref.file, line)
            best[ref] = max(points, best.get(ref, points))
    room = max(0, _CITED_LINES - len(cited))
    refs = sorted(sorted((ref for ref in best if ref not in cited), key=lambda ref: (-best[ref], ref))[:room])
    return [_candidate(refs)] if refs else []


def _candidate(refs: Sequence[LineRef]) -> Candidate:
    return Candidate(
        ref=refs[0],
        kind="context",
        points=0.0,
        word=0.0,
        classes=frozenset(),
        role=Role.CONTEXT,
        next_steps=(),
        context=tuple(refs[1:]),
        title="What stands around the first findings",
        summary="Read these lines with them: they are cited for their place, not for their words.",
    )
