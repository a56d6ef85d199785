"""The axis of time: a log's range in equal windows, few enough to be told apart in a thumbnail."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.logs.records import is_stamped_log
from services.logs.scan import FileScan

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# Lengths that people count in.
_LENGTHS = (
    *(1, 2, 5, 10, 15, 30),
    *(minutes * _MINUTE for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * _HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * _DAY for days in (1, 2, 7, 30, 365)),
)
# 720 points wide: a bar of eight, half of that in a thumbnail.
_MOST_WINDOWS = 84
# Fewer show no course.
_FEWEST_WINDOWS = 6


@dataclass(frozen=True, slots=True)
class Windows:
    """`count` windows of `seconds` each, the first from `begin` (epoch seconds) on."""

    begin: int
    seconds: int
    count: int

    @property
    def end(self) -> int:
        return self.begin + self.count * self.seconds

    def index_of(self, second: int) -> int | None:
        """Which window a moment lies in, if any."""
        index = (second - self.begin) // self.seconds
        return index if 0 <= index < self.count else None

    @property
    def spans_days(self) -> bool:
        return self.begin // _DAY != (self.end - 1) // _DAY

    @property
    def length_words(self) -> str:
        """`minute`, `30 s`, `2 h`: what a rate is counted by."""
        for unit, name, one in (
            (_DAY, "d", "day"),
            (_HOUR, "h", "hour"),
            (_MINUTE, "min", "minute"),
            (1, "s", "second"),
        ):
            if self.seconds % unit == 0:
                return one if self.seconds == unit else f"{self.seconds // unit} {name}"
        raise AssertionError


def windows_over(scans: Sequence[FileScan], *, around: int | None) -> Windows | None:
    """Windows over the files that share time with the one at the index `around`, else with the longest.

    None where no or few lines bear a time, or all bear much the same.
    """
    ranges = {file: span for file, scan in enumerate(scans) if (span := _range_of(scan)) is not None}
    if not ranges:
        return None
    chosen = around if around in ranges else max(ranges, key=lambda file: scans[file].line_count)
    first, last = ranges[chosen]
    together = [span for span in ranges.values() if span[0] <= last and span[1] >= first]
    return _windows(min(span[0] for span in together), max(span[1] for span in together))


def _range_of(scan: FileScan) -> tuple[int, int] | None:
    times = scan.time_range() if is_stamped_log(scan) else None
    return (int(times[0].timestamp()), int(times[1].timestamp())) if times else None


def _windows(first: int, last: int) -> Windows | None:
    seconds = next((length for length in _LENGTHS if (last - first) / length < _MOST_WINDOWS - 1), _LENGTHS[-1])
    begin = first - first % seconds
    count = (last - begin) // seconds + 1
    return Windows(begin, seconds, count) if count >= _FEWEST_WINDOWS else None
