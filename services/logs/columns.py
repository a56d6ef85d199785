"""One number a line: what is known of each line of a file by itself, and what is asked of all of them.

A small file's numbers lie in an array; those of a large one are packed, and what is asked of them is computed by
numpy, which small files never load.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from services.logs.packed_columns import PackedColumn

Column: TypeAlias = "array[int] | PackedColumn"

YEAR_SECONDS = 366 * 86_400


def packed(column: "array[int]", *, is_rising: bool = False) -> "PackedColumn":
    """The column in less memory. is_rising: whether a number is mostly near the last one but 0, as times are."""
    from services.logs.packed_columns import PackedColumn  # noqa: PLC0415  # it loads numpy

    return PackedColumn(column, is_rising=is_rising)


def numbers_at(column: Column, lines: Sequence[int]) -> "array[int]":
    """The numbers of these lines, which are in order."""
    if not isinstance(column, array):
        from services.logs import packed_columns  # noqa: PLC0415  # it loads numpy

        return packed_columns.numbers_at(column, lines)
    return array("I", map(column.__getitem__, lines))


def tally(shape_of_line: Column, shapes: int) -> tuple[list[int], list[int]]:
    """(lines, last line) of each of so many shapes."""
    if not isinstance(shape_of_line, array):
        from services.logs import packed_columns  # noqa: PLC0415  # it loads numpy

        return packed_columns.tally(shape_of_line, shapes)
    counts = Counter(shape_of_line)
    last_lines = dict(zip(shape_of_line, range(len(shape_of_line)), strict=True))
    return [counts[shape] for shape in range(shapes)], [last_lines[shape] for shape in range(shapes)]


def lines_of(shape_of_line: Column, shapes: Collection[int]) -> Iterator[int]:
    """The lines of any of these shapes, in order."""
    if not isinstance(shape_of_line, array):
        from services.logs import packed_columns  # noqa: PLC0415  # it loads numpy

        return packed_columns.lines_of(shape_of_line, shapes)
    return (line for line, shape in enumerate(shape_of_line) if shape in shapes)


def believed_range(second_of_line: Column) -> tuple[int, int] | None:
    """The first and the last time that is less than a year off the middle one, each second counted once."""
    if not isinstance(second_of_line, array):
        from services.logs import packed_columns  # noqa: PLC0415  # it loads numpy

        return packed_columns.believed_range(second_of_line)
    seconds = sorted(set(second_of_line) - {0})
    if not seconds:
        return None
    middle = seconds[len(seconds) // 2]
    believed = [second for second in seconds if abs(second - middle) < YEAR_SECONDS]
    return believed[0], believed[-1]
