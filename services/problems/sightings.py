"""Where a file says what the terms of rules ask for: on its shapes first, on its lines only where they differ."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.logs.columns import lines_of
from services.logs.display import strip_unseen
from services.logs.headers import parse_line
from services.logs.limits import ReadLimits
from services.logs.lines import decode
from services.logs.reading import read_blocks
from services.logs.scan import FileScan, Shape
from services.problems.json_lines import json_of
from services.problems.rule_index import RuleIndex
from services.problems.terms import Matcher

# Lines looked at one by one, for all rules together: a hundredth of the file costs less than a fifth of its scan.
_LINES_READ_SHARE = 100
_MIN_LINES_READ = 2_000
_RUN_LINES = 50
# From here on numpy counts line feeds four times as fast.
_LARGE_BLOCK_BYTES = 1 << 18
# A kept line that reaches it was cut: whether the whole of it matches only the file tells.
_WHOLE_CHARS = 2_000
_ANY_DAY = date(2000, 1, 1)


@dataclass(slots=True)
class Sighting:
    """Of one term in one file. shapes: all lines of them match. open_shapes: some may. lines: of these, those known."""

    shapes: set[int] = field(default_factory=set)
    open_shapes: set[int] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)

    @property
    def is_certain(self) -> bool:
        return bool(self.shapes or self.lines)


Sightings = dict[int, Sighting]
"""By the number of the term; a term without any is not there."""


def look_at_shapes(scan: FileScan, index: RuleIndex, limits: ReadLimits | None) -> Sightings:
    """What one line of each shape tells, and of lines with named fields, which a shape says little of, some more."""
    sightings: Sightings = {}
    with_fields: list[int] = []
    for number, shape in enumerate(scan.shapes):
        for term, matches in _terms_in(shape.sample, shape, index).items():
            _note(sightings, term, number, shape, matches=matches, matcher=index.matchers[term])
        if "{" in shape.sample:
            with_fields.append(number)
    if with_fields:
        _ask_kept_lines(scan, index, sightings, with_fields)
    _look_at_fields(scan, index, sightings, limits, is_json=bool(with_fields))
    return sightings


def _terms_in(line: str, shape: Shape, index: RuleIndex) -> dict[int, bool]:
    """The terms that lines like this one may match, and whether it does itself."""
    texts = _forms(line, shape)
    candidates = dict.fromkeys(term for text in texts for term in index.candidates(text))
    # Where no number decides, the candidate's pattern is the term's own, and has been found.
    return {term: not index.matchers[term].by_number or index.matchers[term].matches(texts) for term in candidates}


def _note(sightings: Sightings, term: int, number: int, shape: Shape, *, matches: bool, matcher: Matcher) -> None:
    is_open = matcher.by_number and (shape.count > 1 or len(shape.sample) >= _WHOLE_CHARS)
    if matches and not (is_open and matcher.certain_numbers):
        sightings.setdefault(term, Sighting()).shapes.add(number)
    elif matches or is_open:
        sighting = sightings.setdefault(term, Sighting())
        sighting.open_shapes.add(number)
        sighting.lines.update({shape.first_line} if matches else ())


def _ask_kept_lines(scan: FileScan, index: RuleIndex, sightings: Sightings, shapes: Sequence[int]) -> None:
    """Put the queries to the kept lines, of very many shapes to those of some."""
    for number in shapes[:: _step(len(shapes), _most_lines(scan) // 3)] if index.queries else ():
        for query in _queries_true_of(scan.shapes[number].sample, index):
            sightings.setdefault(query, Sighting()).lines.add(scan.shapes[number].first_line)


def _look_at_fields(
    scan: FileScan, index: RuleIndex, sightings: Sightings, limits: ReadLimits | None, *, is_json: bool
) -> None:
    """Look at lines for what they say in their fields: what a pattern finds there leaves the shape open for it."""
    further = scan.further_lines[:: _step(len(scan.further_lines), _most_lines(scan) // 3)]
    wanted = sorted({*further, *(_runs_of_lines(scan) if is_json else ())})
    for line, raw in _lines_at(scan, iter(wanted), limits):
        number, text = scan.shape_of_line[line], strip_unseen(decode(raw))
        for term, matches in _terms_in(text, scan.shapes[number], index).items():
            sighting = sightings.setdefault(term, Sighting())
            if number not in sighting.shapes:
                sighting.open_shapes.add(number)
                sighting.lines.update({line} if matches else ())
        for query in _queries_true_of(text, index):
            sightings.setdefault(query, Sighting()).lines.add(line)


def _runs_of_lines(scan: FileScan) -> Iterator[int]:
    """All lines of a small file; of a large one runs of lines in even steps, for lines side by side cost less."""
    most = _most_lines(scan)
    every = 1 if scan.line_count <= most else _step(scan.line_count, most // 3)
    for first in range(0, scan.line_count, every * _RUN_LINES):
        yield from range(first, min(first + _RUN_LINES, scan.line_count))


def _step(count: int, most: int) -> int:
    """Every how many-th of so many makes no more than `most`."""
    return max(1, -(-count // max(1, most)))


def _queries_true_of(text: str, index: RuleIndex) -> list[int]:
    asked = index.queries_about(text) if "{" in text else []
    entry = json_of(text) if asked else None
    return [query for query in asked if entry is not None and index.matchers[query].answers(entry)]


def look_at_lines(
    scan: FileScan, index: RuleIndex, sightings: Sightings, terms: Collection[int], limits: ReadLimits | None
) -> None:
    """Read the file once more, for those of the terms that only its lines decide; adds to their `lines`.

    Where that would be many lines, each shape's are looked at in even steps, as many of one shape as of another.
    """
    terms_of_shape: dict[int, list[int]] = {}
    for term in terms:
        for shape in sightings[term].open_shapes:
            terms_of_shape.setdefault(shape, []).append(term)
    for line, raw in _lines_at(scan, _share(scan, terms_of_shape.keys()), limits):
        number = scan.shape_of_line[line]
        forms = _forms(strip_unseen(decode(raw)), scan.shapes[number])
        for term in terms_of_shape[number]:
            if index.matchers[term].matches(forms):
                sightings[term].lines.add(line)


def _lines_at(scan: FileScan, wanted: Iterator[int], limits: ReadLimits | None) -> Iterator[tuple[int, bytes]]:
    """(line, its bytes) of these lines, which are in order; the file is read only if there are any."""
    line, first = next(wanted, None), 0
    for block in read_blocks(scan, limits=limits) if line is not None else ():
        end = first + _count_lines(block)
        lines = block.split(b"\n") if line is not None and line < end else []
        while line is not None and line < end:
            yield line, lines[line - first]
            line = next(wanted, None)
        if line is None:
            return
        first = end


def _count_lines(block: bytes) -> int:
    if len(block) < _LARGE_BLOCK_BYTES:
        return block.count(b"\n") + 1
    import numpy as np  # noqa: PLC0415  # small files do without, and begin sooner

    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n"))) + 1


def _most_lines(scan: FileScan) -> int:
    """How many lines of a file are looked at one by one."""
    return max(_MIN_LINES_READ, scan.line_count // _LINES_READ_SHARE)


def _share(scan: FileScan, shapes: Collection[int]) -> Iterator[int]:
    """The lines of these shapes, in order; of large shapes every so many-th, of very many shapes those of some."""
    most = _most_lines(scan)
    counts = {shape: scan.shapes[shape].count for shape in sorted(shapes)[:: _step(len(shapes), most)]}
    quota = _quota(counts, most)
    steps = {shape: -(-count // quota) for shape, count in counts.items()}
    passed = dict.fromkeys(counts, 0)
    for line, shape in _numbered(scan, counts):
        if shape in steps:
            if passed[shape] % steps[shape] == 0:
                yield line
            passed[shape] += 1


def _numbered(scan: FileScan, counts: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(line, shape) of these shapes' lines, in order; of all lines where these are many, which is cheaper then."""
    if sum(counts.values()) > scan.line_count // _LINES_READ_SHARE:
        return enumerate(scan.shape_of_line)
    return ((line, scan.shape_of_line[line]) for line in lines_of(scan.shape_of_line, counts.keys()))


def _quota(counts: Mapping[int, int], total: int) -> int:
    """The most lines of each shape, for all together to be about so many at most."""
    left, quota = total, total
    for place, count in enumerate(sorted(counts.values())):
        quota = left // (len(counts) - place)
        if count >= quota:
            break
        left -= count
        quota = total
    return max(1, quota)


def _forms(line: str, shape: Shape) -> tuple[str, ...]:
    """A line of a shape, and its message where JSON writes that otherwise than people do."""
    if shape.style != "json" or shape.message in shape.sample:
        return (line,)
    return (line, shape.message if line is shape.sample else parse_line(line, today=_ANY_DAY).message)
