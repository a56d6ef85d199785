"""What a detector sees and what it hands back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.diagnosis.findings import LineRef, NextStep, Role, SeriesChange
from services.diagnosis.ranking import Ranking
from services.logs.scan import FileScan


@dataclass(frozen=True, slots=True)
class View:
    """All files of one diagnosis: their scans, their ranked lines (None: no lines), the numbers that moved."""

    scans: Sequence[FileScan]
    rankings: Sequence[Ranking | None]
    series: Sequence[SeriesChange]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may become a finding. Evidence opens with `ref`; `context` are lines that explain it.

    points: of the ranking, comparable between candidates of one kind. word: of its strongest word class.
    title, summary: None to take them from the line itself. place: the rank it asks for (from 0), None for its
    points' own. is_new: of a kind that was not there before the trouble. began: the epoch second of the first such
    line, in a service's log. component: None to take the line's. strength: of the signal it was made of, else 0.
    """

    ref: LineRef
    kind: str
    points: float
    word: float
    classes: frozenset[str]
    role: Role
    next_steps: tuple[NextStep, ...]
    context: tuple[LineRef, ...] = ()
    title: str | None = None
    summary: str | None = None
    place: int | None = None
    is_new: bool = False
    began: int | None = None
    component: str | None = None
    strength: float = 0.0


Detector = Callable[[View], list[Candidate]]
