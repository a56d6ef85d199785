"""How a kind of line runs over time: there all along, or new since some moment.

What a service says all day is background, however bad it sounds; what it never said before the trouble began is
worth more; and among those, who spoke first is nearer to the cause than who followed.
"""

from array import array
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

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
    """When the lines of one template were written: the earliest and the latest, and how many in each BINS-th part of
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


def courses_of(scan: FileScan, templates: Collection[int]) -> Mapping[int, Course]:
    """The courses of these templates (indexes into `scan.templates`); empty where the log shows none."""
    times = _range_seconds(scan)
    if times is None:
        return {}
    begin, end = times
    order = sorted(templates)
    place_of = {template: place for place, template in enumerate(order)}
    place_of_shape = [place_of.get(template, -1) for template in scan.template_of_shape]
    spreads = _spreads(scan, place_of_shape, len(order), begin, end)
    return {order[place]: _course(spread, begin, end) for place, spread in spreads.items()}


def _spreads(scan: FileScan, place_of_shape: Sequence[int], places: int, begin: int, end: int) -> Mapping[int, Spread]:
    if not isinstance(scan.shape_of_line, array) and not isinstance(scan.second_of_line, array):
        from services.diagnosis.packed_spreads import packed_spreads  # noqa: PLC0415  # small files do without numpy

        return packed_spreads(scan.shape_of_line, scan.second_of_line, place_of_shape, places, (begin, end))
    found: list[list[int]] = [[] for _ in range(places)]
    now = begin
    for shape, second in zip(scan.shape_of_line, scan.second_of_line, strict=True):
        if begin <= second <= end:
            now = second
        if (place := place_of_shape[shape]) >= 0:
            found[place].append(now)
    return {place: _spread(seconds, begin, end) for place, seconds in enumerate(found) if seconds}


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
