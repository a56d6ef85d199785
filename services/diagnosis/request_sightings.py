"""The first lines that name each request: of a bounded part of the files, read once more from the uploads."""

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from services.diagnosis.clock_skew import Sighting, Sightings
from services.logs.limits import ReadLimits
from services.logs.reading import read_lines
from services.logs.request_marks import trace_id_in
from services.logs.scan import FileScan

# The work of some tenths of a second, whatever the uploads hold.
_MAX_FILES = 12
_MAX_SHAPES = 300
_MAX_LINES, _WINDOW_LINES = 4_000, 20_000


def sightings_of(scans: Sequence[FileScan], limits: ReadLimits) -> Mapping[int, Sightings]:
    """By the number of the file; of those that name requests, at most a dozen, and only where there are several.

    Looked at are the first lines that name any, and those from where all these files have begun.
    """
    shapes = {file: _naming_shapes(scan) for file, scan in enumerate(scans) if scan.seconds}
    naming = sorted((file for file in shapes if shapes[file]), key=lambda file: -_count(scans[file], shapes[file]))
    chosen = sorted(naming[:_MAX_FILES])
    if len(chosen) < 2:
        return {}
    begin = max(seconds[0] for file in chosen if (seconds := scans[file].seconds))
    return {file: _sightings(scans[file], shapes[file], begin, limits) for file in chosen}


def _naming_shapes(scan: FileScan) -> set[int]:
    """The shapes whose lines name a request, as their first line does; of the commonest."""
    common = heapq.nlargest(_MAX_SHAPES, range(len(scan.shapes)), key=lambda number: scan.shapes[number].count)
    return {number for number in common if trace_id_in(scan.shapes[number].sample)}


def _count(scan: FileScan, shapes: set[int]) -> int:
    return sum(scan.shapes[number].count for number in shapes)


def _sightings(scan: FileScan, shapes: set[int], begin: int, limits: ReadLimits) -> Sightings:
    seen: dict[str, Sighting] = {}
    texts = read_lines(scan, set(_lines(scan, shapes, begin)), limits=limits)
    for line in sorted(texts):
        request, second = trace_id_in(texts[line]), _second(scan, line)
        if request and second:
            seen.setdefault(request, Sighting(line, second))
    return seen


def _lines(scan: FileScan, shapes: set[int], begin: int) -> Iterator[int]:
    """The first lines of these shapes, and the first of them from a second on."""
    yield from islice(_lines_from(scan, shapes, 0), _MAX_LINES)
    # Packed, there is no way to the middle but from the begin.
    if scan.source.waypoints:
        yield from islice(_lines_from(scan, shapes, _first_line_at(scan, begin)), _MAX_LINES)


def _lines_from(scan: FileScan, shapes: set[int], first: int) -> Iterator[int]:
    window = range(first, min(first + _WINDOW_LINES, scan.line_count))
    return (line for line in window if scan.shape_of_line[line] in shapes)


def _first_line_at(scan: FileScan, second: int) -> int:
    """Found by halves, for times mostly rise."""
    return bisect_left(range(scan.line_count), second, key=lambda line: _second(scan, line))


def _second(scan: FileScan, line: int) -> int:
    moment = scan.moment_of(line)
    return int(moment.timestamp()) if moment else 0
