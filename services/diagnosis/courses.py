"""How a kind of line runs over time: there all along, or new since some moment.

What a service says all day is background, however bad it sounds; what it never said before the trouble began is
worth more; and among those, who spoke first is nearer to the cause than who followed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.logs.scan import FileScan

# Shorter logs show no course, only the failure itself.
_MIN_RANGE_SECONDS = 120
_MIN_COUNT = 3
_BINS = 12
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


def courses_of(scan: FileScan, templates: Collection[int]) -> Mapping[int, Course]:
    """The courses of these templates (indexes into `scan.templates`); empty where the log shows none."""
    times = scan.time_range()
    if times is None:
        return {}
    begin, end = int(times[0].timestamp()), int(times[1].timestamp())
    if end - begin < _MIN_RANGE_SECONDS:
        return {}
    seconds = _seconds_of(scan, templates, begin, end)
    return {template: _course(found, begin, end) for template, found in seconds.items() if found}


def _seconds_of(scan: FileScan, templates: Collection[int], begin: int, end: int) -> dict[int, list[int]]:
    """The times of the lines of each template; a line without a time has that of the last line that bears one."""
    wanted = {shape: template for shape, template in enumerate(scan.template_of_shape) if template in templates}
    found: dict[int, list[int]] = {template: [] for template in templates}
    now = begin
    for shape, second in zip(scan.shape_of_line, scan.second_of_line, strict=True):
        if begin <= second <= end:
            now = second
        if shape in wanted:
            found[wanted[shape]].append(now)
    return found


def _course(seconds: Sequence[int], begin: int, end: int) -> Course:
    first, last, length = min(seconds), max(seconds), end - begin
    bins = [0] * _BINS
    for second in seconds:
        bins[min(_BINS - 1, (second - begin) * _BINS // length)] += 1
    is_many = len(seconds) >= _MIN_COUNT
    is_spread = last - first > _BACKGROUND_SPAN * length and max(bins) <= _BACKGROUND_MAX_BIN * len(seconds)
    starts_late = first - begin > _QUIET_SHARE * length
    return Course(
        first,
        is_background=is_many and is_spread,
        is_new=starts_late and not (is_many and is_spread),
        is_frequent=is_many,
    )
