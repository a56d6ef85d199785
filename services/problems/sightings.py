"""Where a file says what the terms of rules ask for: on its shapes first, on its lines only where they differ."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from services.logs.columns import lines_of
from services.logs.display import strip_unseen
from services.logs.headers import parse_line
from services.logs.limits import ReadLimits
from services.logs.lines import decode
from services.logs.reading import read_blocks
from services.logs.scan import FileScan, Shape
from services.problems.rule_index import RuleIndex

# Lines of one file that are looked at one by one, for all rules together: some seconds' worth at the very worst.
_MAX_LINES_READ = 50_000
# A kept line that reaches it was cut, and may be cut in the middle of its JSON.
_WHOLE_CHARS = 2_000
_ANY_DAY = date(2000, 1, 1)


@dataclass(slots=True)
class Sighting:
    """Of one term in one file. shapes: all lines of them match. open_shapes: some may. lines: of these, those known."""

    shapes: set[int] = field(default_factory=set)
    open_shapes: set[int] = field(default_factory=set)
    lines: list[int] = field(default_factory=list)

    @property
    def is_certain(self) -> bool:
        return bool(self.shapes or self.lines)


Sightings = dict[int, Sighting]
"""By the number of the term; a term without any is not there."""


def look_at_shapes(scan: FileScan, index: RuleIndex) -> Sightings:
    """What one line of each shape tells."""
    sightings: Sightings = {}
    for number, shape in enumerate(scan.shapes):
        texts = _forms(shape)
        candidates = {term for text in texts for term in index.candidates(text)}
        if index.queries and "{" in shape.sample:
            candidates.update(index.queries)
        for term in candidates:
            _note(sightings, term, number, shape, matches=index.matchers[term].matches(texts), index=index)
    return sightings


def _note(sightings: Sightings, term: int, number: int, shape: Shape, *, matches: bool, index: RuleIndex) -> None:
    is_open = index.matchers[term].by_number and (shape.count > 1 or len(shape.sample) >= _WHOLE_CHARS)
    if not (matches or is_open):
        return
    sighting = sightings.setdefault(term, Sighting())
    if not is_open:
        sighting.shapes.add(number)
        return
    sighting.open_shapes.add(number)
    if matches:
        sighting.lines.append(shape.first_line)


def look_at_lines(
    scan: FileScan, index: RuleIndex, sightings: Sightings, terms: Collection[int], limits: ReadLimits | None
) -> None:
    """Read the file once more, for those of the terms that only its lines decide; fills in their `lines`."""
    terms_of_shape: dict[int, list[int]] = {}
    for term in terms:
        sightings[term].lines.clear()
        for shape in sightings[term].open_shapes:
            terms_of_shape.setdefault(shape, []).append(term)
    left = _MAX_LINES_READ
    for line, raw, live in _lines_to_read(scan, index, terms_of_shape, limits):
        shape = scan.shape_of_line[line]
        asked = [term for term in terms_of_shape[shape] if term in live]
        if not asked:
            continue
        texts = _line_forms(raw, scan.shapes[shape])
        for term in asked:
            if index.matchers[term].matches(texts):
                sightings[term].lines.append(line)
        left -= 1
        if not left:
            return


def _lines_to_read(
    scan: FileScan, index: RuleIndex, terms_of_shape: Mapping[int, Sequence[int]], limits: ReadLimits | None
) -> Iterator[tuple[int, bytes, Collection[int]]]:
    """(line, its bytes, the terms that its block of lines may match) of the lines that may decide a term."""
    terms = {term for asked in terms_of_shape.values() for term in asked}
    wanted = lines_of(scan.shape_of_line, terms_of_shape.keys())
    line, first = next(wanted, None), 0
    for block in read_blocks(scan, limits=limits):
        end = first + block.count(b"\n") + 1
        live = {term for term in terms if index.matchers[term].may_be_in(block)}
        lines = block.split(b"\n") if live else []
        while line is not None and line < end:
            if live:
                yield line, lines[line - first], live
            line = next(wanted, None)
        if line is None:
            return
        first = end


def _forms(shape: Shape) -> tuple[str, ...]:
    """The kept line, and its message where JSON writes that otherwise than people do."""
    return (shape.sample, shape.message) if _is_rewritten(shape.style, shape.message, shape.sample) else (shape.sample,)


def _line_forms(raw: bytes, shape: Shape) -> tuple[str, ...]:
    text = strip_unseen(decode(raw))
    if shape.style != "json":
        return (text,)
    message = parse_line(text, today=_ANY_DAY).message
    return (text, message) if _is_rewritten(shape.style, message, text) else (text,)


def _is_rewritten(style: str, message: str, line: str) -> bool:
    return style == "json" and message not in line


def lines_sighted(scan: FileScan, sighting: Sighting | None, most: int) -> list[int]:
    """The lines of a sighting in order, the first so many of them."""
    if sighting is None:
        return []
    whole = lines_of(scan.shape_of_line, sighting.shapes) if sighting.shapes else iter(())
    return sorted({*islice(whole, most), *sighting.lines})[:most]
