"""Ranking the lines of a file: the ones that show the cause first.

Every line gets the points of its words, its place and its look (see weights); the lines are then chosen so that
they show different things.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.diagnosis import weights
from services.diagnosis.landmarks import Landmarks, ShapeReading, find_landmarks
from services.diagnosis.line_kinds import LineKinds, line_kinds
from services.diagnosis.service_logs import is_service_log
from services.diagnosis.traits import first_hot, place_points, shape_points
from services.logs.scan import FileScan

_MIN_STEPS = 2
_AGAIN_LINES = 20
_AGAIN_POINTS = 5.0
# How many lines that are not blank are looked at around one, and how far away they may be.
_ABOVE, _BELOW, _NEAR_LINES = 20, 25, 30


@dataclass(frozen=True, slots=True)
class Ranking:
    """The scored lines of one file: (line from 0, points), best first, and what they were scored by.

    is_service: the log of something that runs on, judged by its kinds of line and when they came, not by places.
    points: by the places of `landmarks.lines`. first_hot, exit_line: of the failing step, where there are such lines.
    """

    scan: FileScan
    landmarks: Landmarks
    kinds: LineKinds
    is_service: bool
    points: Sequence[float]
    scored: Sequence[tuple[int, float]]
    first_hot: int | None
    exit_line: int | None

    def heads(self, count: int) -> list[tuple[int, float]]:
        """The best lines, one a kind: ten different things tell more than ten copies of one."""
        used: set[int] = set()
        chosen: list[tuple[int, float]] = []
        for line, points in self.scored:
            kind = self.kind(line)
            if kind not in used:
                used.add(kind)
                chosen.append((line, points))
                if len(chosen) == count:
                    break
        return chosen

    def again(self, line: int, points: float) -> int | None:
        """The best line of the same kind that stands elsewhere: what is told twice is often explained once."""
        kind = self.kind(line)
        for other, less in self.scored:
            if points - less > _AGAIN_POINTS:
                break
            if abs(other - line) > _AGAIN_LINES and self.kind(other) == kind:
                return other
        return None

    def kind(self, line: int) -> int:
        """The number of the kind of a line that was looked at."""
        return self.kinds.of_shape[self.landmarks.shape_of(line)]

    def around(self, line: int) -> list[tuple[float, int]]:
        """(what it tells together with this line, line) for the lines that stand near, the most telling first."""
        lines, home = self.landmarks.lines, bisect_left(self.landmarks.lines, line)
        told = []
        for place in range(max(0, home - _ABOVE), min(len(lines), home + _BELOW)):
            away = lines[place] - line
            if away and abs(away) <= _NEAR_LINES and not self.landmarks.of_line[place].is_blank:
                points = weights.OWN_POINTS * self.points[place] + (1 - weights.OWN_POINTS) * self.points[home]
                told.append((points + weights.LINE_AWAY * (away if away > 0 else -2 * away), lines[place]))
        return sorted(told, key=lambda item: (-item[0], item[1]))

    def reading(self, line: int) -> ShapeReading:
        """What the shape of a line means."""
        return self.landmarks.readings[self.scan.shape_of_line[line]]

    def best_word(self, line: int) -> float:
        """The weight of the strongest word class of a line."""
        words = _words(is_service=self.is_service)
        return max((words.get(name, 0.0) for name in self.reading(line).classes), default=0.0)


def _words(*, is_service: bool) -> Mapping[str, float]:
    return weights.SERVICE_WORDS if is_service else weights.WORDS


def word_points(reading: ShapeReading, words: Mapping[str, float] = weights.WORDS) -> float:
    """The points of a shape's words: the best class, a share of the others, all that speaks against it."""
    values = sorted((words.get(name, 0.0) for name in reading.classes), reverse=True)
    good = [value for value in values if value > 0]
    points = good[0] + weights.OVERLAP * sum(good[1:]) if good else 0.0
    if reading.classes & {"wrapper", "summary"}:
        points = min(points, weights.WRAPPER_WORDS_CAP)
    return points + sum(value for value in values if value < 0)


def rank(scan: FileScan, *, known_skeletons: Collection[str] | None = None) -> Ranking:
    """Score every line that is not blank. `known_skeletons`: those of a good run, to compare with."""
    marks = find_landmarks(scan)
    is_service = is_service_log(scan, is_marked=marks.has_ends or _has_steps(scan))
    if is_service:
        marks = replace(marks, has_ends=False)
    words = _words(is_service=is_service)
    by_shape = [
        word_points(reading, words) + shape_points(shape, reading, known_skeletons, weights.TRAITS)
        for shape, reading in zip(scan.shapes, marks.readings, strict=True)
    ]
    places = place_points(marks, weights.TRAITS, is_service=is_service)
    points = [place + by_shape[shape] for place, shape in zip(places, marks.shapes, strict=True)]
    has_exit = marks.has_ends and marks.first_exit < len(marks.lines)
    hot = first_hot(marks)
    return Ranking(
        scan,
        marks,
        line_kinds(scan, is_by_service=is_service),
        is_service,
        points,
        _best_first(marks, points),
        first_hot=None if hot is None else marks.lines[hot],
        exit_line=marks.lines[marks.first_exit] if has_exit else None,
    )


def _has_steps(scan: FileScan) -> bool:
    """Whether a build system marked where steps begin; one such line may be another program's."""
    return sum(shape.count for shape in scan.shapes if shape.opens_step) >= _MIN_STEPS


def _best_first(marks: Landmarks, points: Sequence[float]) -> list[tuple[int, float]]:
    scored = [
        (line, value)
        for line, value, reading in zip(marks.lines, points, marks.of_line, strict=True)
        if not reading.is_blank
    ]
    scored.sort(key=lambda item: (-item[1], item[0]))
    return scored
