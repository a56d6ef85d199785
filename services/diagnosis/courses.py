"""How a kind of line runs over time: there all along, or new since some moment.

What a service says all day is background, however bad it sounds; what it never said before the trouble began is
worth more; and among those, who spoke first is nearer to the cause than who followed.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.diagnosis.line_kinds import LineKinds
from services.logs.scan import FileScan

# Shorter logs show no course, only the failure itself.
_MIN_RANGE_SECONDS = 120
_MIN_COUNT = 3
BINS = 12
# Spread over this share of the time, with no bin that holds most of them: it is always there.
_BACKGROUND_SPAN = 0.5
_BACKGROUND_MAX_BIN = 0.5
# New: nothing of it in the first part of the time.
_QUIET_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Course:
    """first_second: epoch of the first such line. is_background, is_new: see above; never both. is_frequent: three
    or more.
    """

    first_second: int
    is_background: bool
    is_new: bool
    is_frequent: bool


@dataclass(slots=True)
class Spread:
    """When the lines of one kind were written: the earliest and the latest, and how many in each BINS-th part of
    the file's time. A line without a time has that of the last line that bears one.
    """

    first_second: int
    last_second: int
    bins: Sequence[int]


def has_courses(scan: FileScan) -> bool:
    """Whether the log bears times, and over long enough."""
    return _range_seconds(scan) is not None


def _range_seconds(scan: FileScan) -> tuple[int, int] | None:
    times = scan.time_range()
    if times is None:
        return None
    begin, end = int(times[0].timestamp()), int(times[1].timestamp())
    return (begin, end) if end - begin >= _MIN_RANGE_SECONDS else None


def courses_of(scan: FileScan, kinds: LineKinds) -> Mapping[int, Course]:
    """The course of each kind of line, by its number; empty where the log shows none."""
    times = _range_seconds(scan)
    if times is None:
        return {}
    return {kind: _course(spread, *times) for kind, spread in _spreads(scan, kinds, *times).items()}


def _spreads(scan: FileScan, kinds: LineKinds, begin: int, end: int) -> Mapping[int, Spread]:
    if not isinstance(scan.shape_of_line, array) and not isinstance(scan.second_of_line, array):
        from services.diagnosis.packed_spreads import packed_spreads  # noqa: PLC0415  # small files do without numpy

        return packed_spreads(scan.shape_of_line, scan.second_of_line, kinds, (begin, end))
    found: list[list[int]] = [[] for _ in kinds.counts]
    now = begin
    for shape, second in zip(scan.shape_of_line, scan.second_of_line, strict=True):
        if begin <= second <= end:
            now = second
        found[kinds.of_shape[shape]].append(now)
    return {kind: _spread(seconds, begin, end) for kind, seconds in enumerate(found) if seconds}


def _spread(seconds: Sequence[int], begin: int, end: int) -> Spread:
    bins = [0] * BINS
    for second in seconds:
        bins[min(BINS - 1, (second - begin) * BINS // (end - begin))] += 1
    return Spread(min(seconds), max(seconds), bins)


def _course(spread: Spread, begin: int, end: int) -> Course:
    count, length = sum(spread.bins), end - begin
    is_many = count >= _MIN_COUNT
    is_wide = spread.last_second - spread.first_second > _BACKGROUND_SPAN * length
    is_background = is_many and is_wide and max(spread.bins) <= _BACKGROUND_MAX_BIN * count
    starts_late = spread.first_second - begin > _QUIET_SHARE * length
    return Course(
        spread.first_second,
        is_background=is_background,
        is_new=starts_late and not is_background,
        is_frequent=is_many,
    )
