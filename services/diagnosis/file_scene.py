"""One file as the detectors of signals see it: its kinds of lines, and how often each came when."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.diagnosis import weights
from services.diagnosis.excess import Excess, find_excess
from services.diagnosis.findings import LineRef
from services.diagnosis.landmarks import ShapeReading
from services.diagnosis.ranking import Ranking
from services.diagnosis.rates import BINS, MAX_TEMPLATES, Rates, rates_of
from services.logs.levels import Level
from services.logs.scan import FileScan

_NOT_ABNORMAL = frozenset({"benign", "passed", "noise", "instruction"})
# A log of which fewer lines bear a time is no record of something that runs.
_STAMPED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Kind:
    """One template of one file. shape: the first of its shapes (index into `scan.shapes`).

    is_abnormal: says in its words or by its level that something is wrong; is_suspect: the same, but told at the
    level of information.
    """

    template: int
    shape: int
    count: int
    first_line: int
    last_line: int
    component: str | None
    classes: frozenset[str]
    is_abnormal: bool
    is_suspect: bool


@dataclass(frozen=True, slots=True)
class FileScene:
    """One file that holds lines. kinds: by template; where there are too many the abnormal and the frequent ones.

    is_service: the log of something that runs on; in a build nothing recurs, so nothing can stop or burst.
    """

    file: int
    scan: FileScan
    rates: Rates
    kinds: Sequence[Kind]
    is_service: bool

    def ref(self, line: int) -> LineRef:
        """The line (from 0) as findings name it."""
        return LineRef(self.file, line)

    def second_of(self, line: int) -> int | None:
        """The epoch second of a line, or of the last line before it that has one."""
        moment = self.scan.moment_of(line)
        return int(moment.timestamp()) if moment else None

    def counts(self, kind: Kind) -> Sequence[int]:
        """Lines of a kind by bin."""
        return self.rates.counts[kind.template]

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


def file_scene(file: int, ranking: Ranking) -> FileScene:
    """Take one file apart, in one pass over its lines."""
    scan = ranking.scan
    kinds = _kinds(scan, ranking.landmarks.readings)
    return FileScene(file, scan, rates_of(scan, [kind.template for kind in kinds]), kinds, _is_service(scan))


def _is_service(scan: FileScan) -> bool:
    stamped = sum(shape.count for shape in scan.shapes if shape.is_stamped)
    return stamped > _STAMPED_SHARE * scan.line_count and not any(shape.opens_step for shape in scan.shapes)


def _kinds(scan: FileScan, readings: Sequence[ShapeReading]) -> Sequence[Kind]:
    """The abnormal kinds first, then the frequent ones."""
    first_shape: dict[int, int] = {}
    for shape, template in enumerate(scan.template_of_shape):
        first_shape.setdefault(template, shape)
    kinds = [_kind(scan, readings[shape], template, shape) for template, shape in first_shape.items()]
    kinds.sort(key=lambda kind: (not kind.is_abnormal, not kind.is_suspect, -kind.count))
    return kinds[:MAX_TEMPLATES]


def _kind(scan: FileScan, reading: ShapeReading, template: int, shape: int) -> Kind:
    classes, level, whole = reading.classes, scan.shapes[shape].level, scan.templates[template]
    word = max((weights.SERVICE_WORDS.get(name, 0.0) for name in classes), default=0.0)
    tells = word >= weights.LIKELY_WORD and not classes & _NOT_ABNORMAL and not reading.is_blank
    is_info = level is not None and level <= Level.INFO
    return Kind(
        template,
        shape,
        whole.count,
        whole.first_line,
        whole.last_line,
        scan.shapes[shape].component,
        classes,
        is_abnormal=tells and not is_info,
        is_suspect=tells and is_info,
    )
