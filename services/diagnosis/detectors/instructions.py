"""Lines that address the reader of the log instead of recording what happened: reported, never followed."""

from collections.abc import Iterator

from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import LineRef, NextStep, Role
from services.diagnosis.ranking import Ranking
from services.logs.reader_addresses import addresses_reader
from services.logs.scan import Shape

_MAX_FINDINGS = 2
_PLACE = 10
_MIN_SPACES = 2


def instructions(view: View) -> list[Candidate]:
    """The first lines that try to instruct, of each file in order."""
    refs = [
        LineRef(file, line)
        for file, ranking in enumerate(view.rankings)
        if ranking
        for line in sorted({*_instructing(ranking), *ranking.scan.addressing_lines})
    ]
    return [_candidate(ref) for ref in refs[:_MAX_FINDINGS]]


def _instructing(ranking: Ranking) -> Iterator[int]:
    """The first lines of the shapes that do so in their message, or in another field of their kept line."""
    for shape, reading in zip(ranking.scan.shapes, ranking.landmarks.readings, strict=True):
        if "instruction" in reading.classes or (_holds_more_prose(shape) and addresses_reader(shape.sample)):
            yield shape.first_line


def _holds_more_prose(shape: Shape) -> bool:
    """Whether fields beside the message hold three words and more, by the spaces that part no fields: cheaply told."""
    line = shape.sample
    if shape.style == "json":
        between = line.count('": ') + line.count(', "')
    elif shape.style == "logfmt":
        between = line.count("=")
    else:
        return False
    return line.count(" ") - between - shape.message.count(" ") >= _MIN_SPACES


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
