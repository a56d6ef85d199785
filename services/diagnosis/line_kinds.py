"""Which lines of a file are of one kind: told alike and, in the log of services, by the same service.

That one service says all day what another never said before makes it no background of the other's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.logs.scan import FileScan
from services.logs.service_names import service_of


@dataclass(frozen=True, slots=True)
class LineKinds:
    """of_shape: the number of each shape's kind. counts, first_lines (from 0): by these numbers."""

    of_shape: Sequence[int]
    counts: Sequence[int]
    first_lines: Sequence[int]


def line_kinds(scan: FileScan, *, is_by_service: bool) -> LineKinds:
    """The kinds in the order of their first shapes: one a template, or one a template and service."""
    numbers: dict[tuple[int, str | None], int] = {}
    of_shape, counts, first_lines = list[int](), list[int](), list[int]()
    for shape, template in zip(scan.shapes, scan.template_of_shape, strict=True):
        service = service_of(shape.component) if is_by_service else None
        number = numbers.setdefault((template, service), len(counts))
        if number == len(counts):
            counts.append(0)
            first_lines.append(shape.first_line)
        of_shape.append(number)
        counts[number] += shape.count
        first_lines[number] = min(first_lines[number], shape.first_line)
    return LineKinds(of_shape, counts, first_lines)
