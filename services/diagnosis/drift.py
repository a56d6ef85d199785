"""Numbers that leave their level: latency that climbs, a hit rate that falls, memory that rises for an hour.

A field's samples are cut into windows of equal count; a window is beyond the level when its median is, by six
robust deviations and by half of the level, away from the median of the first quarter. Two windows in a row
make a change. It finds what lasts; a spike shorter than a window it does not see.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from services.logs.fields import FieldSeries

_WINDOWS = 40
_MIN_SAMPLES = 8 * _WINDOWS
_DEVIATIONS = 6
# A median absolute deviation times this is a standard deviation, for a normal distribution.
_MAD_TO_SIGMA = 1.4826
_SHARE_OF_LEVEL = 0.5
_TOLD_BY_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Drift:
    """One field that moved. `line` (from 0): the first sample beyond; strength: log2 of one plus the relative
    change.
    """

    field: str
    line: int
    before: float
    after: float
    outcome: str
    strength: float


def find_drifts(fields: Sequence[FieldSeries], *, line_count: int) -> list[Drift]:
    """The fields that moved, the strongest first. One told only in the trouble itself has no level to leave."""
    drifts = [
        drift for series in fields if series.lines[0] <= line_count * _TOLD_BY_SHARE and (drift := _drift(series))
    ]
    return sorted(drifts, key=lambda drift: (-drift.strength, drift.line, drift.field))


def _drift(series: FieldSeries) -> Drift | None:
    values = series.values
    if len(values) < _MIN_SAMPLES:
        return None
    size = len(values) // _WINDOWS
    medians = [median(values[start : start + size]) for start in range(0, size * _WINDOWS, size)]
    quarter = values[: size * (_WINDOWS // 4)]
    level = median(quarter)
    spread = _MAD_TO_SIGMA * median(abs(value - level) for value in quarter)
    bound = max(_DEVIATIONS * spread, _SHARE_OF_LEVEL * abs(level), 1e-9)
    first = _first_beyond(medians, level, bound)
    if first is None:
        return None
    peak = max(medians[first:], key=lambda value: abs(value - level))
    start = first * size
    index = next((i for i in range(start, len(values)) if abs(values[i] - level) > bound), start)
    outcome = "recovered" if abs(medians[-1] - level) <= bound else "rising" if peak > level else "falling"
    strength = math.log2(1 + abs(peak - level) / (abs(level) or 1.0))
    return Drift(series.name, series.lines[index], level, peak, outcome, strength)


def _first_beyond(medians: Sequence[float], level: float, bound: float) -> int | None:
    beyond = [abs(value - level) > bound for value in medians]
    for index in range(len(beyond) // 4, len(beyond)):
        if beyond[index] and beyond[min(index + 1, len(beyond) - 1)]:
            return index
    return None
