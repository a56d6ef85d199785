"""A stretch of time in which something is written far more often than otherwise.

The stretch is the one that the scan statistic for Poisson counts finds likeliest (Kulldorff, "A spatial scan
statistic", 1997), over bins in a row; for given ratios the best stretch is a maximum subarray, found in one pass.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

# How much more often, in the stretches that are tried.
_RATIOS = (2.0, 6.0, 30.0)
_ROUNDS = 2
# What is expected of bins that hold nothing: a line over all of them.
_PSEUDO_COUNT = 1.0
# Natural logarithm of how much likelier the stretch is than chance: beyond 1770 stretches and hundreds of templates.
_MIN_LIKELIHOOD = 14.0
# By so many standard deviations, and so much, the last third of a ramp is above its first.
_RAMP_BINS, _RAMP_DEVIATIONS, _RAMP_RATIO = 6, 3.0, 1.5


@dataclass(frozen=True, slots=True)
class Excess:
    """From bin `begin` up to bin `end` (not in it). before, after: lines a bin outside of it and in it.

    count: lines in it. strength: log2 of their ratio (what is not there at all counts as one line over the file),
    held within 0..6. climbs: whether they grow within it. lasts: whether it goes on to the end.
    """

    begin: int
    end: int
    before: float
    after: float
    count: int
    strength: float
    climbs: bool
    lasts: bool


def find_excess(counts: Sequence[int], others: Sequence[int]) -> Excess | None:
    """The likeliest stretch of excess, if it is no chance.

    Args:
        counts: lines of interest a bin.
        others: all other lines a bin; where there are more than usual more are expected, so that traffic which
            moves everything is no excess.
    """
    usual = max(1.0, median(others))
    weights = [max(1.0, count / usual) for count in others]
    stretch, rate = (0, 0), sum(counts) / sum(weights)
    for _ in range(_ROUNDS):
        stretch = _best_stretch(counts, [rate * weight for weight in weights])
        rate = _rate_outside(counts, weights, stretch)
    return _judged(counts, weights, stretch, rate)


def _best_stretch(counts: Sequence[int], expected: Sequence[float]) -> tuple[int, int]:
    best, stretch = 0.0, (0, 0)
    for ratio in _RATIOS:
        gain, cost = math.log(ratio), ratio - 1.0
        points, start = 0.0, 0
        for place, (count, wanted) in enumerate(zip(counts, expected, strict=True)):
            points += count * gain - wanted * cost
            if points <= 0.0:
                points, start = 0.0, place + 1
            elif points > best:
                best, stretch = points, (start, place + 1)
    return stretch


def _rate_outside(counts: Sequence[int], weights: Sequence[float], stretch: tuple[int, int]) -> float:
    begin, end = stretch
    outside = sum(counts) - sum(counts[begin:end])
    return (outside + _PSEUDO_COUNT) / max(1.0, sum(weights) - sum(weights[begin:end]))


def _judged(counts: Sequence[int], weights: Sequence[float], stretch: tuple[int, int], rate: float) -> Excess | None:
    begin, end = stretch
    inside, length = sum(counts[begin:end]), end - begin
    expected = rate * sum(weights[begin:end])
    if not length or length == len(counts) or inside <= expected:
        return None
    likelihood = inside * math.log(inside / expected) - (inside - expected)
    if likelihood / _clumping(counts, stretch, rate) < _MIN_LIKELIHOOD:
        return None
    return Excess(
        begin,
        end,
        before=(sum(counts) - inside) / max(1, len(counts) - length),
        after=inside / length,
        count=inside,
        strength=min(6.0, math.log2(inside / expected)),
        climbs=_climbs(counts[begin:end]),
        lasts=end >= len(counts) - 1,
    )


def _clumping(counts: Sequence[int], stretch: tuple[int, int], rate: float) -> float:
    """Variance over mean outside of the stretch: what comes in clumps anyhow makes clumps by chance."""
    outside = [*counts[: stretch[0]], *counts[stretch[1] :]]
    variance = sum((count - rate) ** 2 for count in outside) / max(1, len(outside))
    return max(1.0, variance / max(rate, 1.0 / len(counts)))


def _climbs(inside: Sequence[int]) -> bool:
    third = len(inside) // 3
    first, last = sum(inside[:third]), sum(inside[len(inside) - third :])
    is_sure = last - first > _RAMP_DEVIATIONS * math.sqrt(first + last)
    return len(inside) >= _RAMP_BINS and is_sure and last > _RAMP_RATIO * first
