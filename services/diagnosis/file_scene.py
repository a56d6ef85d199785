"""One file as the detectors of signals see it: its kinds of lines, and how often each came when."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.diagnosis import weights
from services.diagnosis.excess import Excess, find_excess
from services.diagnosis.findings import LineRef
from services.diagnosis.landmarks import ShapeReading
from services.diagnosis.line_sources import components_of, level_of
from services.diagnosis.ranking import Ranking
from services.diagnosis.rates import BINS, Clock, Rates, clock_of, no_rates, rates_of
from services.diagnosis.requests_told import Request, requests_told
from services.logs.levels import Level
from services.logs.scan import FileScan, Shape

_NOT_ABNORMAL = frozenset({"benign", "passed", "noise", "instruction"})
# A log of which fewer lines bear a time is no record of something that runs.
_STAMPED_SHARE = 0.5
_SERVER_ERROR = 500
# The rates of so many take a tenth of a second and some megabytes.
_MAX_KINDS = 2048


@dataclass(frozen=True, slots=True)
class Kind:
    """The shapes of one template, of one component, that sound alike. number: of its rates; shapes: indexes into
    `scan.shapes`, the first met first; lines count from 0.

    is_abnormal: says in its words or by its level that something is wrong; is_suspect: the same, but told at the
    level of information, or a warning whatever it says, or an HTTP status of 500 and above.
    classes: of the first shape; request: what all of them tell of.
    """

    number: int
    template: int
    shapes: tuple[int, ...]
    count: int
    first_line: int
    last_line: int
    component: str | None
    classes: frozenset[str]
    is_abnormal: bool
    is_suspect: bool
    request: Request | None


@dataclass(frozen=True, slots=True)
class FileScene:
    """One file that holds lines. kinds: where there are too many, the abnormal and the frequent ones.

    is_service: the log of something that runs on; in a build nothing recurs, so nothing can stop or burst.
    ahead_seconds: of its clock before the one clock of all files.
    """

    file: int
    scan: FileScan
    rates: Rates
    kinds: Sequence[Kind]
    is_service: bool
    ahead_seconds: int = 0

    def ref(self, line: int) -> LineRef:
        """The line (from 0) as findings name it."""
        return LineRef(self.file, line)

    def second_of(self, line: int) -> int | None:
        """The epoch second of a line, or of the last line before it that has one."""
        moment = self.scan.moment_of(line)
        return int(moment.timestamp()) if moment else None

    def counts(self, kind: Kind) -> Sequence[int]:
        """Lines of a kind by bin."""
        return self.rates.counts[kind.number]

    def counts_of(self, kinds: Sequence[Kind]) -> Sequence[int]:
        """Lines of several kinds together by bin."""
        return [sum(column) for column in zip(*map(self.counts, kinds), strict=True)] if kinds else [0] * BINS

    def excess_of(self, kinds: Sequence[Kind]) -> Excess | None:
        """The stretch in which these kinds together are far more frequent than otherwise."""
        counts = self.counts_of(kinds)
        return find_excess(counts, [total - count for total, count in zip(self.rates.total, counts, strict=True)])

    def text(self, kind: Kind) -> str:
        """The template's text."""
        return self.scan.templates[kind.template].text


def file_scene(file: int, ranking: Ranking, *, ahead_seconds: int = 0) -> FileScene:
    """Take one file apart, in one pass over its lines."""
    scan, clock = ranking.scan, clock_of(ranking.scan)
    kinds, is_service = _kinds(scan, ranking.landmarks.readings), _is_service(scan, clock)
    # Of a build only the kinds are asked for.
    rates = (
        rates_of(scan, clock, _kind_of_shape(scan, kinds), len(kinds)) if is_service else no_rates(clock, len(kinds))
    )
    return FileScene(file, scan, rates, kinds, is_service, ahead_seconds)


def _kind_of_shape(scan: FileScan, kinds: Sequence[Kind]) -> Sequence[int]:
    """The number of each shape's kind, -1 for those of none."""
    numbers = [-1] * len(scan.shapes)
    for kind in kinds:
        for shape in kind.shapes:
            numbers[shape] = kind.number
    return numbers


def _is_service(scan: FileScan, clock: Clock) -> bool:
    if any(shape.opens_step for shape in scan.shapes):
        return False
    stamped = sum(shape.count for shape in scan.shapes if shape.is_stamped)
    return clock.is_timed or stamped > _STAMPED_SHARE * scan.line_count


_Sort = tuple[int, str | None, bool, bool, Request | None]
"""Template, component, whether abnormal, whether suspect, request."""


def _kinds(scan: FileScan, readings: Sequence[ShapeReading]) -> Sequence[Kind]:
    """The abnormal kinds first, then the frequent ones."""
    shapes_of: dict[_Sort, list[int]] = {}
    components, requests = components_of(scan), requests_told(scan.shapes)
    columns = zip(scan.shapes, readings, scan.template_of_shape, components, requests, strict=True)
    for number, (shape, reading, template, component, request) in enumerate(columns):
        sort = (template, component, *_abnormality(shape, reading), request)
        shapes_of.setdefault(sort, []).append(number)
    count = {sort: sum(scan.shapes[shape].count for shape in shapes) for sort, shapes in shapes_of.items()}
    order = sorted(shapes_of, key=lambda sort: (not sort[2], not sort[3], -count[sort]))
    return [
        _kind(scan, readings, number, sort, tuple(shapes_of[sort])) for number, sort in enumerate(order[:_MAX_KINDS])
    ]


def _abnormality(shape: Shape, reading: ShapeReading) -> tuple[bool, bool]:
    """(abnormal, suspect)."""
    if reading.classes & _NOT_ABNORMAL or reading.is_blank:
        return False, False
    level = level_of(shape)
    word = max((weights.SERVICE_WORDS.get(name, 0.0) for name in reading.classes), default=0.0)
    tells = word >= weights.LIKELY_WORD or (level is not None and level >= Level.ERROR)
    is_info = level is not None and level <= Level.INFO
    return tells and not is_info, tells if is_info else not tells and level == Level.WARNING


def _kind(scan: FileScan, readings: Sequence[ShapeReading], number: int, sort: _Sort, shapes: tuple[int, ...]) -> Kind:
    template, component, is_abnormal, is_suspect, request = sort
    members = [scan.shapes[shape] for shape in shapes]
    return Kind(
        number,
        template,
        shapes,
        sum(member.count for member in members),
        min(member.first_line for member in members),
        max(member.last_line for member in members),
        component,
        readings[shapes[0]].classes,
        is_abnormal=is_abnormal,
        is_suspect=is_suspect or (not is_abnormal and request is not None and request.status >= _SERVER_ERROR),
        request=request,
    )
