"""The kinds of line of services that tell of trouble: by their words, by when they came and by what came with them.

A service speaks all day; what it says all day is background, however bad it sounds. What counts is what it never
said before, above all about the time when most of that came: there is the trouble, and who spoke first there is
nearer to its cause than who followed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.diagnosis import weights
from services.diagnosis.courses import Course, courses_of
from services.diagnosis.detectors.base import Candidate, View
from services.diagnosis.detectors.candidates import candidate_of
from services.diagnosis.findings import LineRef
from services.diagnosis.ranking import Ranking
from services.diagnosis.service_logs import is_headed

# Told at no level, or as information, or with an excuse: that is trouble only where it is new.
_EXCUSED = frozenset({"benign", "noise", "level_info", "summary", "script", "exit"})
# What a program's run-time prints, without the header of its log.
_LAST_WORDS = frozenset({"crash", "exception", "unhandled", "frame"})
_RECORD_LINES = 100
_NEVER = frozenset({"passed", "instruction", "frame"})
# A pool's or proxy's time-out is about so long; what led there may be some minutes older.
_AFTER_SECONDS, _BEFORE_SECONDS = 60, 180
# By less than that clocks differ, and buffers.
_LEAD_SECONDS = 5


@dataclass(frozen=True, slots=True)
class _Kind:
    """The head of one kind of line of one service's log.

    points, word: of its words and place, and of its strongest word class. count: its lines. is_stranger: of a
    component that had not spoken before. news: how much it is worth in this file that a kind is new. is_known: a known
    problem. is_forgeable: nothing but its words speaks for it.
    """

    ranking: Ranking
    ref: LineRef
    points: float
    word: float
    classes: frozenset[str]
    course: Course | None
    count: int
    is_stranger: bool
    news: float
    is_known: bool
    is_forgeable: bool

    @property
    def is_new(self) -> bool:
        return self.course is not None and self.course.is_new

    @property
    def is_excused(self) -> bool:
        return bool(self.classes & _EXCUSED) or self.word <= 0


def service_lines(view: View) -> list[Candidate]:
    """The candidates of all files that are no builds, unordered."""
    kinds = [
        kind
        for file, ranking in enumerate(view.rankings)
        if ranking and ranking.is_service
        for kind in _kinds(view, file, ranking)
    ]
    onset = _onset(kinds)
    weighed = [(kind, _points(kind, onset)) for kind in kinds if _is_trouble(kind, onset)]
    return [_candidate(kind, points) for kind, points in weighed if points >= weights.WORTH_TELLING]


def _kinds(view: View, file: int, ranking: Ranking) -> Iterator[_Kind]:
    """One for each kind of line but those of frames and of what went well."""
    scan, kinds = ranking.scan, ranking.kinds
    heads = [(line, points, ranking.kind(line)) for line, points in ranking.heads(len(kinds.counts))]
    ahead = view.clocks.ahead_seconds(file)
    courses = {
        kind: replace(course, first_second=course.first_second - ahead)
        for kind, course in courses_of(scan, kinds).items()
    }
    ordinary = [courses[kind].is_new for line, _, kind in heads if kind in courses and ranking.best_word(line) <= 0]
    news = 1 - sum(ordinary) / (1 + len(ordinary))
    known, has_headers = _components_before(ranking, courses), is_headed(scan)
    for line, points, kind in heads:
        classes = ranking.reading(line).classes
        if classes & _NEVER:
            continue
        component = scan.shape(line).component
        is_known = view.problem_of(LineRef(file, line)) is not None
        yield _Kind(
            ranking=ranking,
            ref=LineRef(file, line),
            points=points,
            word=ranking.best_word(line),
            classes=classes,
            course=courses.get(kind),
            count=kinds.counts[kind],
            is_stranger=component is not None and component not in known,
            news=news,
            is_known=is_known,
            is_forgeable=not is_known and _is_forgeable(ranking, line, has_headers=has_headers),
        )


def _is_forgeable(ranking: Ranking, line: int, *, has_headers: bool) -> bool:
    """Whether anybody may have written it: a line of another time than the log's, or one without a header among lines
    that have one, neither a program's last words nor behind a line of trouble.
    """
    scan, shape = ranking.scan, ranking.scan.shape(line)
    if shape.is_stamped:
        times, second = scan.seconds, scan.second_of_line[line]
        return bool(second and times and not times[0] <= second <= times[1])
    if ranking.reading(line).classes & _LAST_WORDS or not has_headers:
        return False
    head = next(
        (above for above in range(line, max(-1, line - _RECORD_LINES), -1) if scan.shape(above).is_stamped), line
    )
    return head != line and not ranking.reading(head).is_hot and ranking.best_word(head) <= 0


def _components_before(ranking: Ranking, courses: Mapping[int, Course]) -> set[str]:
    """The components that spoke in a kind of line which is not new."""
    return {
        shape.component
        for shape, kind in zip(ranking.scan.shapes, ranking.kinds.of_shape, strict=True)
        if shape.component and (course := courses.get(kind)) is not None and not course.is_new
    }


def _onset(kinds: Sequence[_Kind]) -> int | None:
    """The second at which the most new kinds of trouble appear together, counted by their words."""
    new = sorted(
        (kind.course.first_second, kind.word * (1 + kind.course.is_frequent))
        for kind in kinds
        if kind.course and kind.course.is_new and kind.word > 0 and not kind.is_forgeable
    )
    together, later, best = 0.0, new[-1][0] if new else 0, (0.0, 0)
    for second, worth in reversed(new):
        together = worth + together * math.exp((second - later) / _AFTER_SECONDS)
        later = second
        best = max(best, (together, -second))
    return -best[1] if new else None


def _nearness(kind: _Kind, onset: int | None) -> float:
    """1 at the onset, less the longer before or after it; more where it told of trouble already before."""
    if kind.course is None or onset is None:
        return 0.0
    seconds = kind.course.first_second - onset
    if seconds >= 0:
        return math.exp(-seconds / _AFTER_SECONDS)
    told_before = -_BEFORE_SECONDS <= seconds <= -_LEAD_SECONDS and _speaks_up(kind)
    return weights.TOLD_BEFORE if told_before else math.exp(seconds / _BEFORE_SECONDS)


def _speaks_up(kind: _Kind) -> bool:
    """Whether it is more than one ordinary line that comes now and then."""
    return kind.word > 0 or kind.is_stranger or (kind.course is not None and kind.course.is_frequent)


def _is_trouble(kind: _Kind, onset: int | None) -> bool:
    """What sounds so; and what is new and sounds like nothing, where others came with it or nobody spoke so before."""
    if kind.is_known or not kind.is_excused:
        return True
    return kind.is_new and (kind.word > 0 or kind.is_stranger or _nearness(kind, onset) > weights.NEAR_ONSET)


def _points(kind: _Kind, onset: int | None) -> float:
    points = kind.points + weights.KNOWN_PROBLEM * kind.is_known + weights.FORGEABLE * kind.is_forgeable
    if kind.course is None:
        return points
    if kind.course.is_background:
        is_all_there_is = kind.count >= weights.DOMINANT_SHARE * kind.ranking.scan.line_count
        return points + weights.BACKGROUND * (not is_all_there_is)
    if kind.course.is_new:
        points += weights.NEW_KIND * kind.news + weights.SPOKE_FIRST * _nearness(kind, onset)
        points += weights.STRANGER * kind.is_stranger
        # That trouble is told as information, or with an excuse, is this system's habit and speaks not against it.
        points -= sum(min(0.0, weights.SERVICE_WORDS.get(name, 0.0)) for name in kind.classes & _EXCUSED)
    return points


def _candidate(kind: _Kind, points: float) -> Candidate:
    return replace(
        candidate_of(kind.ranking, kind.ref, points),
        is_new=kind.is_new,
        began=kind.course.first_second if kind.course else None,
        count=kind.count,
        is_known=kind.is_known,
    )
