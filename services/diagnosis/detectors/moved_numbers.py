"""Numbers that left their level, as findings of their own: often the failure is nowhere else."""

from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.findings import NextStep, Role, SeriesChange

_MAX_FINDINGS = 2
# Behind the two best lines: a number that moved seldom is the cause, but is wanted on the first screen.
_PLACE = 2
_OUTCOME_WORDS = {"rising": "rose", "falling": "fell", "recovered": "left its level and came back"}


def moved_numbers(view: View) -> list[Candidate]:
    """A candidate for each of the numbers that moved most."""
    telling = [change for change in view.series if change.strength >= weights.TELLING_DRIFT]
    return [_candidate(change) for change in telling[:_MAX_FINDINGS]]


def _candidate(change: SeriesChange) -> Candidate:
    when = f" at {change.change_at:%Y-%m-%d %H:%M:%S} UTC" if change.change_at else ""
    step = f"Look at what changed just before {change.field} moved: load, a deploy, a configuration."
    return Candidate(
        ref=change.change,
        kind="drift",
        points=change.strength,
        word=0.0,
        classes=frozenset(),
        role=Role.CORRELATED,
        next_steps=(NextStep(step, (change.change,)),),
        title=f"{change.field} {_OUTCOME_WORDS[change.outcome]}: from {change.before:g} to {change.after:g}",
        summary=f"It left its level of {change.before:g} in line {change.change.line + 1:,}{when}.",
        place=_PLACE,
    )
