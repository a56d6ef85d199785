"""The lines of terms with their times, as columns: what rules over several lines are decided on."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from services.logs.columns import Column
from services.problems.sightings import Sighting

if TYPE_CHECKING:
    from services.logs.packed_columns import PackedColumn

# Where lines bear no time a window cannot be held against them; so many lines are what a busy minute writes.
UNTIMED_WINDOW_LINES = 1_000

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Spot:
    """A line that a term matches. second: epoch seconds, 0 where neither it nor a line before it bears a time."""

    line: int
    second: int


def _numbers() -> "array[int]":
    return array("I")


@dataclass(frozen=True, slots=True)
class SpotColumn:
    """The spots of one term, in the order of the file, whose times rise but for small disorder."""

    lines: "array[int]" = field(default_factory=_numbers)
    seconds: "array[int]" = field(default_factory=_numbers)

    def __len__(self) -> int:
        return len(self.lines)

    def spot(self, place: int) -> Spot:
        return Spot(self.lines[place], self.seconds[place])

    def place_after(self, line: int) -> int:
        """The place of the first spot behind a line."""
        return bisect_right(self.lines, line)

    def place_within(self, end: Spot, window_seconds: float) -> int:
        """The place of the first spot that is no further before `end` than the window."""
        if not end.second:
            return bisect_left(self.lines, end.line - UNTIMED_WINDOW_LINES)
        return bisect_left(self.seconds, end.second - window_seconds)

    def has_second_between(self, start: float, end: float) -> bool:
        """Whether the time of a spot lies in the range, both ends included."""
        return bisect_left(self.seconds, max(1, start)) < bisect_right(self.seconds, end)

    def has_line_between(self, first: int, last: int) -> bool:
        return bisect_left(self.lines, first) < bisect_right(self.lines, last)


def spot_columns(
    shape_of_line: Column, second_of_line: Column, sightings: Mapping[Key, Sighting]
) -> dict[Key, SpotColumn]:
    """The column of each sighting, in one pass over the file's lines."""
    columns = {key: SpotColumn() for key in sightings}
    if isinstance(shape_of_line, array) or isinstance(second_of_line, array):
        _fill_from_arrays(columns, shape_of_line, second_of_line, sightings)
    else:
        _fill_from_packed(columns, shape_of_line, second_of_line, sightings)
    return columns


def _fill_from_arrays(
    columns: Mapping[Key, SpotColumn],
    shape_of_line: Iterable[int],
    second_of_line: Iterable[int],
    sightings: Mapping[Key, Sighting],
) -> None:
    keys_of_shape: dict[int, list[Key]] = {}
    for key, sighting in sightings.items():
        for shape in sighting.shapes:
            keys_of_shape.setdefault(shape, []).append(key)
    keys_of_line = _by_line(sightings)
    now = 0
    for line, (shape, second) in enumerate(zip(shape_of_line, second_of_line, strict=True)):
        now = second or now
        for key in (*keys_of_shape.get(shape, ()), *keys_of_line.get(line, ())):
            columns[key].lines.append(line)
            columns[key].seconds.append(now)


def _by_line(sightings: Mapping[Key, Sighting]) -> dict[int, list[Key]]:
    """The sightings of single lines, by line."""
    keys: dict[int, list[Key]] = {}
    for key, sighting in sightings.items():
        for line in sighting.lines:
            keys.setdefault(line, []).append(key)
    return keys


def _fill_from_packed(
    columns: Mapping[Key, SpotColumn],
    shape_of_line: "PackedColumn",
    second_of_line: "PackedColumn",
    sightings: Mapping[Key, Sighting],
) -> None:
    import numpy as np  # noqa: PLC0415  # small files do without, and begin sooner

    shapes = np.concatenate([numbers for _, numbers in shape_of_line.chunks()])
    seconds = np.concatenate([numbers for _, numbers in second_of_line.chunks()])
    stamped = np.where(seconds > 0, np.arange(len(seconds)), 0)
    seconds = seconds[np.maximum.accumulate(stamped)]
    for key, sighting in sightings.items():
        wanted = np.zeros(int(shapes.max()) + 1, np.bool_)
        wanted[list(sighting.shapes)] = True
        found = wanted[shapes]
        found[list(sighting.lines)] = True
        lines = np.flatnonzero(found)
        columns[key].lines.frombytes(lines.astype(np.uint32).tobytes())
        columns[key].seconds.frombytes(seconds[lines].tobytes())
