"""How often each kind of line was written in each part of a file's time; counted once, read by many detectors."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from services.logs.scan import FileScan

# Fine enough to date a change within two minutes of two hours, coarse enough for counts that mean something.
BINS = 60
# In a shorter time, or without any, lines are the clock.
_MIN_RANGE_SECONDS = 120
# Later than any line.
NEVER = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Clock:
    """What the bins of a file divide: the seconds from `begin` to `end`, or its lines (from 0) where not timed."""

    begin: int
    end: int
    is_timed: bool

    @property
    def bin_length(self) -> float:
        """Seconds, or lines, a bin."""
        return (self.end - self.begin) / BINS

    def bin_of(self, reading: int) -> int:
        """The bin of a second, or line."""
        place = (reading - self.begin) * BINS // max(1, self.end - self.begin)
        return min(BINS - 1, max(0, place))

    def second_at(self, bin_index: int) -> int | None:
        """The epoch second a bin begins with."""
        return self.begin + round(bin_index * self.bin_length) if self.is_timed else None


@dataclass(frozen=True, slots=True)
class Rates:
    """Lines of each bin. total: of all kinds; counts, first_lines: by the kind's number; the latter hold the first line
    (from 0) of each bin.

    A line without a believable time belongs to the bin of the last line that bears one.
    """

    clock: Clock
    total: Sequence[int]
    counts: Sequence[Sequence[int]]
    first_lines: Sequence[Sequence[int]]

    def first_line(self, kind: int, bin_index: int) -> int | None:
        """The first line of a kind in a bin."""
        line = self.first_lines[kind][bin_index]
        return None if line == NEVER else line

    def first_line_since(self, kind: int, bin_index: int) -> int | None:
        """The first line of a kind in a bin or in one behind it."""
        lines = (line for line in self.first_lines[kind][bin_index:] if line != NEVER)
        return next(lines, None)


def rates_of(scan: FileScan, clock: Clock, kind_of_shape: Sequence[int], kinds: int) -> Rates:
    """The rates of so many kinds, in one pass. kind_of_shape: the kind's number, -1 where it is not asked for."""
    return Rates(clock, *_counted(scan, clock, kind_of_shape, kinds))


def no_rates(clock: Clock, kinds: int) -> Rates:
    """Rates of a file of which none are asked for."""
    return Rates(clock, [0] * BINS, [[0] * BINS] * kinds, [[NEVER] * BINS] * kinds)


def clock_of(scan: FileScan) -> Clock:
    """What the file's bins divide."""
    times = scan.time_range()
    if times is None or (times[1] - times[0]).total_seconds() < _MIN_RANGE_SECONDS:
        return Clock(0, scan.line_count, is_timed=False)
    return Clock(int(times[0].timestamp()), int(times[1].timestamp()), is_timed=True)


Rows = Sequence[Sequence[int]]


def _counted(
    scan: FileScan, clock: Clock, kind_of_shape: Sequence[int], kinds: int
) -> tuple[Sequence[int], Rows, Rows]:
    """(lines of each bin, the same of each kind, its first lines) by bin."""
    if not isinstance(scan.shape_of_line, array) and not isinstance(scan.second_of_line, array):
        from services.diagnosis.packed_counts import packed_counts  # noqa: PLC0415  # small files do without numpy

        return packed_counts(scan.shape_of_line, scan.second_of_line, kind_of_shape, kinds, clock)
    total, bin_index = [0] * BINS, 0
    counts = [[0] * BINS for _ in range(kinds)]
    first_lines = [[NEVER] * BINS for _ in range(kinds)]
    for line, (shape, second) in enumerate(zip(scan.shape_of_line, scan.second_of_line, strict=True)):
        reading = second if clock.is_timed else line
        if clock.begin <= reading <= clock.end:
            bin_index = clock.bin_of(reading)
        total[bin_index] += 1
        if (kind := kind_of_shape[shape]) >= 0:
            if not counts[kind][bin_index]:
                first_lines[kind][bin_index] = line
            counts[kind][bin_index] += 1
    return total, counts, first_lines
