"""What a line is worth by its place and its look: the traits of weights.TRAITS, each times its weight.

Weights are only multiplied and added up here, so that anything linear may stand in for them.
"""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeAlias

from services.diagnosis.landmarks import Landmarks, ShapeReading
from services.logs.scan import Shape

Traits: TypeAlias = Mapping[str, float]

_FAR = 10**6
_SECTION_LINES = 400
_SECTION_TOP_LINES = 6
_SHORT_CHARS = 30
_AFTER_HEAD_LINES = 12
_BURST_APART_LINES = 8
_EXPLAINED_LINES = 3
_NEAR_END_LINES, _MID_END_LINES, _NO_END_LINES = 15, 120, 1000
_BEFORE_WRAPPER_LINES = 10
_BEFORE_EXIT_LINES = 200
_HEADS = frozenset({"test_failure", "numbered", "cause"})


def shape_points(shape: Shape, reading: ShapeReading, known: Collection[str] | None, traits: Traits) -> float:
    """The points of what all lines of a shape share. known: the skeletons of a good run, to compare with."""
    points = traits["red"] * shape.is_red + traits["dull"] * reading.is_dull
    points += traits["short"] * (len(shape.message.strip()) <= _SHORT_CHARS)
    if known is not None:
        points += traits["known"] if shape.skeleton in known else traits["new"]
    return points


def place_points(marks: Landmarks, traits: Traits, *, is_service: bool) -> list[float]:
    """The points of where each of `marks.lines` stands; those of blank lines mean nothing."""
    points = [0.0] * len(marks.lines)
    for add in _OF_A_SERVICE if is_service else _OF_A_BUILD:
        add(points, marks, traits)
    return points


def first_hot(marks: Landmarks) -> int | None:
    """The place of the first hot line of the failing step."""
    return next((line for line in range(marks.step_start, len(marks.lines)) if marks.of_line[line].is_hot), None)


def _add_order(points: list[float], marks: Landmarks, traits: Traits) -> None:
    """Earlier hot lines of the failing step before later ones."""
    burst_head, previous_hot, early_hot = traits["burst_head"], traits["previous_hot"], traits["early_hot"]
    in_step, late = traits["in_step"], traits["late"] / max(1, len(points))
    hot_so_far, since_hot = 0, _FAR
    for line, reading in enumerate(marks.of_line):
        if reading.is_blank:
            continue
        is_in_step = line >= marks.step_start
        since_hot += 1
        if reading.is_hot:
            hot_so_far += is_in_step
            points[line] += burst_head * (since_hot > _BURST_APART_LINES)
            since_hot = 0
        elif since_hot <= _EXPLAINED_LINES:
            points[line] += previous_hot
        if is_in_step:
            points[line] += early_hot * (1 / (1 + hot_so_far / 5)) + in_step * (line <= marks.first_exit)
        points[line] += late * line
    first = first_hot(marks)
    if first is not None:
        points[first] += traits["first_hot"]


def _distances(marks: Landmarks, is_target: Callable[[ShapeReading], bool]) -> Iterator[tuple[int, int]]:
    """(line, lines to the next target at or below it), from the last line up."""
    below = _FAR
    for line in range(len(marks.of_line) - 1, -1, -1):
        below = 0 if is_target(marks.of_line[line]) else below + 1
        yield line, below


def _add_ends(points: list[float], marks: Landmarks, traits: Traits) -> None:
    near_end, mid_end, after_end = traits["near_end"], traits["mid_end"], traits["after_end"]
    for line, distance in _distances(marks, lambda reading: reading.ends_step):
        if not marks.has_ends:
            distance = len(points) - line  # noqa: PLW2901 - the end of the log is the end of what failed
        if distance < _NO_END_LINES:
            points[line] += near_end * math.exp(-distance / _NEAR_END_LINES)
            points[line] += mid_end * math.exp(-distance / _MID_END_LINES)
        if line > marks.last_end:
            points[line] += after_end


def _add_wrappers(points: list[float], marks: Landmarks, traits: Traits) -> None:
    before, past, below = traits["before_wrapper"], traits["past_wrapper"], _FAR
    for line in range(len(points) - 1, -1, -1):
        reading = marks.of_line[line]
        if "wrapper" in reading.classes:
            below = 0
        elif not reading.is_blank:
            below += 1
        if below < _NO_END_LINES:
            points[line] += before * math.exp(-below / _BEFORE_WRAPPER_LINES)
        if line > marks.first_wrapper:
            points[line] += past


def _add_sections(points: list[float], marks: Landmarks, traits: Traits) -> None:
    section, top, inside = traits["section"], traits["section_top"], -1
    for line, reading in enumerate(marks.of_line):
        if reading.is_blank:
            continue
        if reading.opens_section:
            inside = 0
        elif inside >= 0:
            inside = -1 if reading.closes_section or inside >= _SECTION_LINES else inside + 1
        if inside > 0:
            points[line] += section + top * (inside <= _SECTION_TOP_LINES)
        if line < marks.first_section and "test_failure" in reading.classes:
            points[line] += traits["before_section"]


def _add_neighbours(points: list[float], marks: Landmarks, traits: Traits) -> None:
    blank_above, after_head, next_hot = traits["blank_above"], traits["after_head"], traits["next_hot"]
    of_line, since_head, is_after_blank = marks.of_line, _FAR, False
    for line, reading in enumerate(of_line):
        if reading.is_blank:
            is_after_blank = True
            continue
        points[line] += blank_above * is_after_blank
        is_after_blank = False
        since_head += 1
        if not reading.classes.isdisjoint(_HEADS) and "wrapper" not in reading.classes:
            since_head = 0
        elif since_head < _AFTER_HEAD_LINES:
            points[line] += after_head
        if not reading.is_hot and (following := _following(of_line, line)) is not None and following.is_hot:
            points[line] += next_hot


def _following(of_line: Sequence[ShapeReading], line: int) -> ShapeReading | None:
    return next((later for later in of_line[line + 1 : line + 3] if not later.is_blank), None)


def _add_traces(points: list[float], marks: Landmarks, traits: Traits) -> None:
    next_frame = traits["next_frame"]
    for line, reading in enumerate(marks.of_line):
        following = _following(marks.of_line, line)
        if following and "frame" in following.classes and "frame" not in reading.classes and not reading.is_blank:
            points[line] += next_frame


def _add_paragraphs(points: list[float], marks: Landmarks, traits: Traits) -> None:
    start, paragraph = 0, traits["paragraph"]
    for line in range(len(points) + 1):
        if line == len(points) or marks.of_line[line].is_blank or marks.of_line[line].is_ruler:
            hot = sum(reading.is_hot for reading in marks.of_line[start:line])
            for member in range(start, line) if hot else ():
                points[member] += paragraph * (hot > marks.of_line[member].is_hot)
            start = line


def _add_likeness(points: list[float], marks: Landmarks, traits: Traits) -> None:
    like_first, like_later = traits["like_first"], traits["like_later"]
    seen: dict[str, int] = {}
    for line, reading in enumerate(marks.of_line):
        nth = seen[reading.look] = seen.get(reading.look, 0) + 1
        points[line] += like_first if nth == 1 else like_later * min(1.0, math.log2(nth) / 5)


def _add_exits(points: list[float], marks: Landmarks, traits: Traits) -> None:
    killed, past_exit = traits["killed"], traits["past_exit"]
    for line, reading in enumerate(marks.of_line):
        if reading.is_kill:
            points[line] += killed
        if line > marks.first_exit:
            points[line] += past_exit
    if marks.first_exit < len(points):
        before = marks.of_line[max(marks.step_start, marks.first_exit - _BEFORE_EXIT_LINES) : marks.first_exit]
        points[marks.first_exit] += traits["bare_exit"] * (not any(reading.is_hot for reading in before))


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
