"""How many lines, and how many of trouble, each window of time holds."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from services.diagnosis.landmarks import read_shape
from services.logs.fields import FieldSeries
from services.logs.levels import Level
from services.logs.scan import FileScan, Shape
from services.pictures.windows import Windows


@dataclass(frozen=True, slots=True)
class Rates:
    """Lines of each window: all of them, and those that report trouble."""

    lines: tuple[int, ...]
    errors: tuple[int, ...]


def rates_of(scans: Sequence[FileScan], windows: Windows) -> Rates:
    """A line without a time counts where the last line before it that bears one does."""
    lines, errors = [0] * windows.count, [0] * windows.count
    for scan in scans:
        is_error = [_is_error(shape) for shape in scan.shapes]
        _count(scan, is_error, windows, lines, errors)
    return Rates(tuple(lines), tuple(errors))


def _is_error(shape: Shape) -> bool:
    """What calls itself an error; where lines bear no level, what reads like one."""
    return shape.level >= Level.ERROR if shape.level is not None else read_shape(shape).is_hot


def _count(scan: FileScan, is_error: Sequence[bool], windows: Windows, lines: list[int], errors: list[int]) -> None:
    if not isinstance(scan.second_of_line, array):
        from services.pictures import packed_rates  # noqa: PLC0415  # it loads numpy, which small files do without

        packed_rates.count(scan, is_error, windows, lines, errors)
        return
    window = None
    for shape, second in zip(scan.shape_of_line, scan.second_of_line, strict=True):
        if second:
            window = windows.index_of(second)
        if window is not None:
            lines[window] += 1
            errors[window] += is_error[shape]


def medians_of(scan: FileScan, series: FieldSeries, windows: Windows) -> tuple[float | None, ...]:
    """The middle value of a field in each window; None where it was not told."""
    values: list[list[float]] = [[] for _ in range(windows.count)]
    window = None
    for line, value in zip(series.lines, series.values, strict=True):
        if second := scan.second_of_line[line]:
            window = windows.index_of(second)
        if window is not None:
            values[window].append(value)
    return tuple(median(told) if told else None for told in values)
