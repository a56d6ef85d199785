"""What the catalogue knows: a problem, and how its lines are told."""

from dataclasses import dataclass
from enum import IntEnum

from services.problems.terms import Term


class Severity(IntEnum):
    """How bad a problem is; the numbers are those of the CRE format."""

    CRITICAL = 0
    HIGH = 1
    MEDIUM = 2
    LOW = 3
    INFO = 4


@dataclass(frozen=True, slots=True)
class LineRule:
    """Any one line that one of `any_of` matches and none of `unless`."""

    any_of: tuple[Term, ...]
    unless: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A term of a rule over several lines; `count` lines have to match it."""

    term: Term
    count: int = 1


@dataclass(frozen=True, slots=True)
class Negation:
    """A term whose match cancels a hit.

    It cancels between the hit's line `anchor` (from 0), moved by `slide_seconds`, and the time of the whole hit
    (unless `is_absolute`) and `window_seconds` later.
    """

    term: Term
    anchor: int = 0
    slide_seconds: float = 0.0
    window_seconds: float = 0.0
    is_absolute: bool = False


@dataclass(frozen=True, slots=True)
class LinesRule:
    """Several lines of one file, in the order of `steps` or in any, at most `window_seconds` apart."""

    steps: tuple[Step, ...]
    in_order: bool
    window_seconds: float
    negations: tuple[Negation, ...] = ()


Rule = LineRule | LinesRule


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a rule is written; lines are counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """A known problem.

    area: what it befalls (linux, postgres, ...). checks: what to look at, read-only first. examples: logs that show
    it. near_misses: logs that look like it and are something else.
    """

    id: str
    title: str
    area: str
    severity: Severity
    rule: Rule
    meaning: str
    impact: str
    checks: tuple[str, ...]
    fix: tuple[str, ...]
    origin: Origin
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()


def terms_of(rule: Rule) -> tuple[Term, ...]:
    """Every term of a rule, those that cancel it too."""
    if isinstance(rule, LineRule):
        return (*rule.any_of, *rule.unless)
    return (*(step.term for step in rule.steps), *(negation.term for negation in rule.negations))
