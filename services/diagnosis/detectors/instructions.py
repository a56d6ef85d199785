"""Lines that address the reader of the log instead of recording what happened: reported, never followed."""

from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef, NextStep, Role

_MAX_FINDINGS = 2
_PLACE = 10


def instructions(view: View) -> list[Candidate]:
    """The first lines of the shapes that try to instruct."""
    refs = [
        LineRef(file, shape.first_line)
        for file, ranking in enumerate(view.rankings)
        if ranking
        for shape, reading in zip(ranking.scan.shapes, ranking.landmarks.readings, strict=True)
        if "instruction" in reading.classes
    ]
    return [_candidate(ref) for ref in refs[:_MAX_FINDINGS]]


def _candidate(ref: LineRef) -> Candidate:
    step = "Find out who can write to this log: text of this kind is put there to mislead its readers."
    return Candidate(
        ref=ref,
        kind="instruction",
        points=0.0,
        word=0.0,
        classes=frozenset({"instruction"}),
        role=Role.CONTEXT,
        next_steps=(NextStep(step, (ref,)),),
        title="A line tries to instruct the reader of the log",
        summary="It was treated as text and moved nothing in this report.",
        place=_PLACE,
    )
