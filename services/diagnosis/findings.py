"""What a diagnosis says, as plain values. Lines count from 0; `file` is an index into the scans diagnosed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """How sure a finding is. Computed, never worded; a wrong LIKELY costs more than an honest INCONCLUSIVE."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    INCONCLUSIVE = "inconclusive"


class Role(StrEnum):
    """What a cited line does for its finding."""

    DIRECT = "direct"
    CORRELATED = "correlated"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True, order=True)
class LineRef:
    """One line of one of the files."""

    file: int
    line: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A cited line, quoted: displayable, redacted, cut to size."""

    ref: LineRef
    text: str
    role: Role


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do, and the cited lines that suggest it."""

    text: str
    refs: tuple[LineRef, ...] = ()


@dataclass(frozen=True, slots=True)
class KnownProblem:
    """A problem of a catalogue that the files show, and the lines that show it. Steps: read-only ones first."""

    id: str
    title: str
    meaning: str
    steps: tuple[str, ...]
    refs: tuple[LineRef, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that went wrong, as far as the lines show. Evidence is in the order of its telling power.

    problem: the id of the known problem that it is.
    """

    title: str
    kind: str
    verdict: Verdict
    confidence: float
    summary: str
    problem: str | None
    component: str | None
    evidence: tuple[Evidence, ...]
    next_steps: tuple[NextStep, ...]


@dataclass(frozen=True, slots=True)
class Onset:
    """Where it began."""

    ref: LineRef
    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One moment worth knowing."""

    at: datetime | None
    text: str
    refs: tuple[LineRef, ...]


@dataclass(frozen=True, slots=True)
class Considered:
    """A candidate that was not made a finding."""

    title: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What would decide it."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """A number that left its level. `change`: the first line beyond it; `outcome`: rising, falling or recovered.

    strength: log2 of one plus the relative change.
    """

    field: str
    component: str | None
    before: float
    after: float
    change_at: datetime | None
    change: LineRef
    outcome: str
    strength: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The whole answer over all files."""

    findings: tuple[Finding, ...]
    onset: Onset | None
    timeline: tuple[TimelineEntry, ...]
    also_considered: tuple[Considered, ...]
    missing: tuple[Missing, ...]
    series: tuple[SeriesChange, ...]
