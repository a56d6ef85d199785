"""A line of a ranking as a candidate for a finding."""

from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate
from services.diagnosis.findings import LineRef, NextStep, Role
from services.diagnosis.next_steps import kind_and_steps
from services.diagnosis.ranking import Ranking


def candidate_of(ranking: Ranking, ref: LineRef, points: float) -> Candidate:
    """The candidate, with its kind, its words' weight and what to do next."""
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
