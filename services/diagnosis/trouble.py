"""When a file, or one of the components in it, was in trouble: far more abnormal lines than otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.diagnosis.excess import Excess
from services.diagnosis.file_scene import FileScene, Kind
from services.diagnosis.rates import BINS

_ENDS_A_PROCESS = frozenset({"crash", "unhandled", "fatal"})
# What ends a process and is new was not there in the first part of the time.
_QUIET_BINS = BINS // 10
# So many lines are no accident.
_MIN_LINES = 4
# As much as a kind that became four times as frequent.
_SUDDEN_END_STRENGTH = 2.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """line (from 0), second (epoch): the first line of a kind that is in excess; kinds: those, by their first lines."""

    excess: Excess
    line: int
    second: int | None
    kinds: tuple[Kind, ...]


def trouble_among(scene: FileScene, kinds: Sequence[Kind]) -> Trouble | None:
    """The excess of the abnormal ones of these kinds; where there is none, of those and the ones that only sound
    abnormal; else what ended a process.
    """
    if not scene.is_service:
        return None
    abnormal = [kind for kind in kinds if kind.is_abnormal]
    suspect = [kind for kind in kinds if kind.is_suspect]
    return _excess_of(scene, abnormal) or _excess_of(scene, [*abnormal, *suspect]) or _sudden_end(scene, abnormal)


def _excess_of(scene: FileScene, kinds: Sequence[Kind]) -> Trouble | None:
    excess = scene.excess_of(kinds)
    if excess is None or excess.count < _MIN_LINES:
        return None
    firsts = [
        (line, kind)
        for kind in kinds
        if _is_in_excess(scene.counts(kind), excess)
        and (line := scene.rates.first_line_since(kind.number, excess.begin)) is not None
    ]
    firsts.sort(key=lambda item: item[0])
    if not firsts:
        return None
    line = firsts[0][0]
    return Trouble(excess, line, scene.second_of(line), tuple(kind for _, kind in firsts))


def _is_in_excess(counts: Sequence[int], excess: Excess) -> bool:
    """Whether a kind is at least twice as frequent in the stretch as outside of it."""
    inside, length = sum(counts[excess.begin : excess.end]), excess.end - excess.begin
    outside = (sum(counts) - inside) / max(1, BINS - length)
    return inside > 2 * outside * length


def _sudden_end(scene: FileScene, kinds: Sequence[Kind]) -> Trouble | None:
    """What ends a process says so once: no excess, but trouble where it was never said in the first part."""
    ends = [kind for kind in kinds if kind.classes & _ENDS_A_PROCESS and not any(scene.counts(kind)[:_QUIET_BINS])]
    if not ends:
        return None
    kind = min(ends, key=lambda kind: kind.first_line)
    counts = scene.counts(kind)
    begin, count = next(place for place, count in enumerate(counts) if count), sum(counts)
    excess = Excess(
        begin, begin + 1, 0.0, float(count), count, _SUDDEN_END_STRENGTH, climbs=False, lasts=begin >= BINS - 2
    )
    return Trouble(excess, kind.first_line, scene.second_of(kind.first_line), (kind,))
