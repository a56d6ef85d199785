"""Ranking the lines of a file: the ones that show the cause first.

Every line gets the points of its words and of its place (see weights); the lines are then chosen so that
they show different things.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.diagnosis import weights
from services.diagnosis.courses import has_courses
from services.diagnosis.landmarks import Landmarks, ShapeReading, find_landmarks
from services.logs.scan import FileScan, Shape

_FAR = 10**6
_SECTION_LINES = 400
_SHORT_CHARS = 30
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
    is_service: bool
    points: Sequence[float]
    scored: Sequence[tuple[int, float]]
    first_hot: int | None
    exit_line: int | None

    def heads(self, count: int) -> list[tuple[int, float]]:
        """The best lines, one a template: ten different things tell more than ten copies of one."""
        used: set[int] = set()
        chosen: list[tuple[int, float]] = []
        for line, points in self.scored:
            template = self._template(line)
            if template not in used:
                used.add(template)
                chosen.append((line, points))
                if len(chosen) == count:
                    break
        return chosen

    def again(self, line: int, points: float) -> int | None:
        """The best line of the same template that stands elsewhere: what is told twice is often explained once."""
        template = self._template(line)
        for other, less in self.scored:
            if points - less > _AGAIN_POINTS:
                break
            if abs(other - line) > _AGAIN_LINES and self._template(other) == template:
                return other
        return None

    def _template(self, line: int) -> int:
        return self.scan.template_of_shape[self.landmarks.shape_of(line)]

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
    is_service = not marks.has_ends and has_courses(scan)
    words = _words(is_service=is_service)
    by_shape = [
        _shape_points(shape, reading, words, known_skeletons)
        for shape, reading in zip(scan.shapes, marks.readings, strict=True)
    ]
    points = [by_shape[shape] for shape in marks.shapes]
    for add in _OF_A_SERVICE if is_service else _OF_A_BUILD:
        add(points, marks)
    scored = [
        (line, value)
        for line, value, reading in zip(marks.lines, points, marks.of_line, strict=True)
        if not reading.is_blank
    ]
    scored.sort(key=lambda item: (-item[1], item[0]))
    has_exit = marks.has_ends and marks.first_exit < len(marks.lines)
    first_hot = _first_hot(marks)
    return Ranking(
        scan,
        marks,
        is_service,
        points,
        scored,
        first_hot=None if first_hot is None else marks.lines[first_hot],
        exit_line=marks.lines[marks.first_exit] if has_exit else None,
    )


def _first_hot(marks: Landmarks) -> int | None:
    """The first hot line of the failing step."""
    return next((line for line in range(marks.step_start, len(marks.lines)) if marks.of_line[line].is_hot), None)


def _shape_points(
    shape: Shape, reading: ShapeReading, words: Mapping[str, float], known: Collection[str] | None
) -> float:
    points = word_points(reading, words) + weights.RED * shape.is_red + weights.DULL * reading.is_dull
    points += weights.SHORT * (len(shape.message.strip()) <= _SHORT_CHARS)
    if known is not None:
        points += weights.KNOWN if shape.skeleton in known else weights.NEW
    return points


def _add_order(points: list[float], marks: Landmarks) -> None:
    """Earlier hot lines of the failing step before later ones."""
    hot_so_far, since_hot, first_hot = 0, 99, _first_hot(marks)
    count = len(points)
    for line, reading in enumerate(marks.of_line):
        if reading.is_blank:
            continue
        in_step = line >= marks.step_start
        since_hot += 1
        if reading.is_hot:
            hot_so_far += in_step
            points[line] += weights.BURST_HEAD * (since_hot > 8) + weights.FIRST_HOT * (line == first_hot)
            since_hot = 0
        elif 0 < since_hot <= 3:
            points[line] += weights.PREVIOUS_HOT
        if in_step:
            points[line] += weights.EARLY_HOT / (1 + hot_so_far / 5)
            points[line] += weights.IN_STEP * (line <= marks.first_exit)
        points[line] += weights.LATE * line / count


def _distances(marks: Landmarks, is_target: Callable[[ShapeReading], bool]) -> Iterator[tuple[int, int]]:
    """(line, lines to the next target at or below it), from the last line up."""
    below = _FAR
    for line in range(len(marks.of_line) - 1, -1, -1):
        below = 0 if is_target(marks.of_line[line]) else below + 1
        yield line, below


def _add_ends(points: list[float], marks: Landmarks) -> None:
    for line, distance in _distances(marks, lambda reading: reading.ends_step):
        if not marks.has_ends:
            distance = len(points) - line  # noqa: PLW2901 - the end of the log is the end of what failed
        if distance < 1000:
            points[line] += weights.NEAR_END * math.exp(-distance / 15) + weights.MID_END * math.exp(-distance / 120)
        if line > marks.last_end:
            points[line] += weights.AFTER_END


def _add_wrappers(points: list[float], marks: Landmarks) -> None:
    below = 999
    for line in range(len(points) - 1, -1, -1):
        reading = marks.of_line[line]
        if "wrapper" in reading.classes:
            below = 0
        elif not reading.is_blank:
            below += 1
        points[line] += weights.BEFORE_WRAPPER * math.exp(-below / 10)
        if line > marks.first_wrapper:
            points[line] += weights.PAST_WRAPPER


def _add_sections(points: list[float], marks: Landmarks) -> None:
    inside = -1
    for line, reading in enumerate(marks.of_line):
        if reading.is_blank:
            continue
        if reading.opens_section:
            inside = 0
        elif inside >= 0:
            inside = -1 if reading.closes_section or inside >= _SECTION_LINES else inside + 1
        if inside > 0:
            points[line] += weights.SECTION + weights.SECTION_TOP * (inside <= 6)
        if line < marks.first_section and "test_failure" in reading.classes:
            points[line] += weights.BEFORE_SECTION


def _add_neighbours(points: list[float], marks: Landmarks) -> None:
    of_line, since_head, after_blank = marks.of_line, _FAR, False
    for line, reading in enumerate(of_line):
        if reading.is_blank:
            after_blank = True
            continue
        points[line] += weights.BLANK_ABOVE * after_blank
        after_blank = False
        since_head += 1
        if reading.classes & {"test_failure", "numbered", "cause"} and "wrapper" not in reading.classes:
            since_head = 0
        elif since_head < 12:
            points[line] += weights.AFTER_HEAD
        following = _following(of_line, line)
        points[line] += weights.NEXT_HOT * (following is not None and following.is_hot and not reading.is_hot)


def _following(of_line: Sequence[ShapeReading], line: int) -> ShapeReading | None:
    return next((later for later in of_line[line + 1 : line + 3] if not later.is_blank), None)


def _add_traces(points: list[float], marks: Landmarks) -> None:
    for line, reading in enumerate(marks.of_line):
        following = _following(marks.of_line, line)
        if following and "frame" in following.classes and "frame" not in reading.classes and not reading.is_blank:
            points[line] += weights.NEXT_FRAME


def _add_paragraphs(points: list[float], marks: Landmarks) -> None:
    start = 0
    for line in range(len(points) + 1):
        if line == len(points) or marks.of_line[line].is_blank or marks.of_line[line].is_ruler:
            hot = sum(reading.is_hot for reading in marks.of_line[start:line])
            for member in range(start, line) if hot else ():
                points[member] += weights.PARAGRAPH * (hot > marks.of_line[member].is_hot)
            start = line


def _add_likeness(points: list[float], marks: Landmarks) -> None:
    seen: dict[str, int] = {}
    for line, reading in enumerate(marks.of_line):
        nth = seen[reading.look] = seen.get(reading.look, 0) + 1
        points[line] += weights.LIKE_FIRST if nth == 1 else weights.LIKE_LATER * min(1.0, math.log2(nth) / 5)


def _add_exits(points: list[float], marks: Landmarks) -> None:
    for line, reading in enumerate(marks.of_line):
        points[line] += weights.KILLED * reading.is_kill
        points[line] += weights.PAST_EXIT * (line > marks.first_exit)
    if marks.first_exit < len(points):
        before = marks.of_line[max(marks.step_start, marks.first_exit - 200) : marks.first_exit]
        points[marks.first_exit] += weights.BARE_EXIT * (not any(reading.is_hot for reading in before))


# What is added, in turn, by where a line stands.
_OF_A_SERVICE = (_add_traces, _add_likeness)
_OF_A_BUILD = (
    _add_order,
    _add_ends,
    _add_wrappers,
    _add_sections,
    _add_traces,
    _add_neighbours,
    _add_paragraphs,
    _add_likeness,
    _add_exits,
)
