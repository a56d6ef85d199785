"""The change made just before it began, as a part of the first finding: what people ask for first."""

from dataclasses import dataclass, replace

from services.diagnosis import weights
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.detectors.change_events import change_named, changes_before
from services.diagnosis.findings import LineRef, Onset
from services.diagnosis.scene import Scene, at
from services.logs.quoting import displayable

_NAME_CHARS = 60


@dataclass(frozen=True, slots=True)
class PrecedingChange:
    """A line that tells of a change. what: "change: migration at 2026-03-12 14:06:02 UTC, postgres.log:3325"."""

    ref: LineRef
    what: str


def preceding_change(view: View, scene: Scene, onset: Onset | None) -> PrecedingChange | None:
    """The likeliest culprit among the changes told in the ten minutes before the onset, if any is likely enough."""
    second = int(view.order(onset.ref)[0]) if onset and onset.at else None
    changes = changes_before(scene, second) if second else []
    if not changes or changes[0].strength < weights.NAMED_CHANGE:
        return None
    ref, scan = changes[0].ref, view.scans[changes[0].ref.file]
    place = f"{displayable(scan.name, _NAME_CHARS)}:{ref.line + 1}"
    return PrecedingChange(
        ref, f"change: {change_named(scan.shape(ref.line).skeleton)}{at(changes[0].second)}, {place}"
    )


def with_change(first: Candidate, change: PrecedingChange) -> Candidate:
    """The first finding with the change's line among those that explain it."""
    return first if change.ref in (first.ref, *first.context) else replace(first, context=(*first.context, change.ref))
