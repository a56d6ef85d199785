"""What a detector sees and what it hands back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from services.diagnosis.clock_skew import Clocks
from services.diagnosis.findings import KnownProblem, LineRef, NextStep, Role, SeriesChange
from services.diagnosis.ranking import Ranking
from services.logs.scan import FileScan


@dataclass(frozen=True, slots=True)
class View:
    """All files of one diagnosis: their scans, their ranked lines (None: no lines), the numbers that moved.

    known: the known problem that the lines of a template show, by file and template. clocks: of the files, as far
    as requests show how they differ.
    """

    scans: Sequence[FileScan]
    rankings: Sequence[Ranking | None]
    series: Sequence[SeriesChange]
    known: Mapping[tuple[int, int], KnownProblem] = field(default_factory=dict)
    clocks: Clocks = field(default_factory=Clocks)

    def problem_of(self, ref: LineRef) -> KnownProblem | None:
        """The known problem that a line shows."""
        scan = self.scans[ref.file]
        return self.known.get((ref.file, scan.template_of_shape[scan.shape_of_line[ref.line]])) if self.known else None

    def order(self, ref: LineRef) -> tuple[float, LineRef]:
        """To sort lines by: their time by one clock for all files, then their place."""
        moment = self.scans[ref.file].moment_of(ref.line)
        return (moment.timestamp() - self.clocks.ahead_seconds(ref.file) if moment else 0.0, ref)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may become a finding. Evidence opens with `ref`; `context` are lines that explain it.

    points: of the ranking, comparable between candidates of one kind. word: of its strongest word class.
    title, summary: None to take them from the line itself. place: the rank it asks for (from 0), None for its
    points' own. is_new: of a kind that was not there before the trouble. began: the epoch second of the first such
    line, in a service's log, by one clock for all files. component: None to take the line's. strength: of the
    signal it was made of, else 0. other_files: how many tell the same.
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
    count: int = 0
    is_known: bool = False
    other_files: int = 0


Detector = Callable[[View], list[Candidate]]
