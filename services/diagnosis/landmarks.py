"""The landmarks of a build log: where steps begin and end, where failures are listed, who reports whom."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.diagnosis.words import COLD, HOT, word_classes
from services.logs.levels import Level
from services.logs.scan import FileScan, Shape
from services.logs.skeletons import VARIABLE

_END = re.compile(
    r"exited with (?:<\*>|[1-9])|##\[error\]|marked build as failure|Finished: FAILURE|Your build has been stopped"
    r"|[Pp]rocess exited with (?:code |status )?(?:<\*>|[1-9])|exit(?:ed with)? (?:code|status) (?:<\*>|[1-9])"
    r"|make(?:\[<\*>\])?: \*\*\*|npm ERR!|ERROR: Job failed|BUILD FAILED"
)
_EXIT = re.compile(r"exited with (?:<\*>|[1-9])|##\[error\]Process|marked build as failure|ERROR: Job failed")
# 124: timed out. 137, 139, 143: ended by SIGKILL, SIGSEGV, SIGTERM.
_KILLED = re.compile(
    r"exited with (?:(?:exit )?code |status )?(?:124|137|139|143)\b|No output has been received|exceeded the "
    r"maximum (?:time|log)"
)
_SECTION = re.compile(
    r"(?i)^\W*(?:failures|failed (?:tests|examples|scenarios)|summary of failures|test failures?|errors|"
    r"there (?:was|were) (?:<\*>|\d+) (?:failure|error)s?|=+ (?:failures|errors) =+|(?:<\*>|\d+) (?:failing|"
    r"tests? failed))\W*$"
)
_SECTION_END = re.compile(
    r"^=+ .*(?:summary|failed|passed).*=+$|^(?:Tests?|Results?|Finished|Randomized|test result)\b.*(?:\d|<\*>)|"
    r"exited with (?:\d|<\*>)"
    r"|^Ran <\*> tests|##\[error\]"
)
_LOOK = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\S*[/\\.:#@]\S*|\([^)]*\)|\w+::\S+")
_LOOK_CHARS = 60
# About a second's work. Build logs are shorter; in a longer file a kind of line matters, not each line.
MAX_LINES_LOOKED_AT = 200_000
_LINES_ABOVE = 4
_LINES_BELOW = 13
_SECTION_LINE_CHARS = 160


@dataclass(frozen=True, slots=True)
class ShapeReading:
    """What one shape means to the ranking. `look`: a coarser likeness than the skeleton."""

    classes: frozenset[str]
    look: str
    is_blank: bool
    is_hot: bool
    is_dull: bool
    is_ruler: bool
    ends_step: bool
    is_exit: bool
    is_kill: bool
    opens_section: bool
    closes_section: bool


def read_shape(shape: Shape) -> ShapeReading:
    """Judge a shape once, for all its lines."""
    text = shape.skeleton
    classes = word_classes(text) | _level_class(shape.level)
    return ShapeReading(
        classes=classes,
        look=_LOOK.sub("*", text.strip()[:400])[:_LOOK_CHARS],
        is_blank=not text.strip(),
        is_hot=bool(classes & (HOT | {"level_error"})) and not classes & COLD,
        is_dull="test_failure" not in classes and not _is_wordy(text),
        is_ruler=len(text.strip(" -=_*#~")) < 2,
        ends_step=_END.search(text) is not None,
        is_exit=_EXIT.search(text) is not None,
        is_kill=_KILLED.search(text) is not None,
        opens_section=len(text) < _SECTION_LINE_CHARS and _SECTION.search(text) is not None,
        closes_section=_SECTION_END.search(text) is not None,
    )


def _level_class(level: Level | None) -> frozenset[str]:
    if level is None:
        return frozenset()
    if level >= Level.ERROR:
        return frozenset({"level_error"})
    return frozenset({"warning"}) if level == Level.WARNING else frozenset({"level_info"})


def _is_wordy(text: str) -> bool:
    """At least four letters, and they are a third of what is not space."""
    shown = text[:200].replace(VARIABLE, "#").replace(" ", "")
    letters = sum(map(str.isalpha, shown))
    return letters >= 4 and letters * 3 >= len(shown)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Of one file. All places are indexes into `lines`, the lines looked at (numbered from 0, in order).

    readings: by shape. step_start, first_exit: the failing step, as far as marks tell. last_end: the last end
    marker, or the number of lines. has_ends: whether there was any.
    """

    lines: Sequence[int]
    readings: Sequence[ShapeReading]
    of_line: Sequence[ShapeReading]
    last_end: int
    first_exit: int
    step_start: int
    has_ends: bool
    first_wrapper: int
    first_section: int


def find_landmarks(scan: FileScan) -> Landmarks:
    """Read every shape once and find the file's landmarks."""
    readings = [read_shape(shape) for shape in scan.shapes]
    lines = _lines_to_look_at(scan, readings)
    of_line = [readings[scan.shape_of_line[line]] for line in lines]
    count = len(of_line)
    ends = [line for line, reading in enumerate(of_line) if reading.ends_step]
    last_end = ends[-1] if ends else count
    first_exit = next((line for line in ends if of_line[line].is_exit), last_end)
    openers = {index for index, shape in enumerate(scan.shapes) if shape.opens_step}
    steps = [place for place, line in enumerate(lines) if scan.shape_of_line[line] in openers] if openers else []
    step_start = max((line for line in steps if line < first_exit), default=0)
    return Landmarks(
        lines=lines,
        readings=readings,
        of_line=of_line,
        last_end=last_end,
        first_exit=first_exit,
        step_start=step_start,
        has_ends=bool(ends),
        first_wrapper=_first(of_line, step_start, "wrapper"),
        first_section=next((line for line in range(step_start, count) if of_line[line].opens_section), -1),
    )


def _lines_to_look_at(scan: FileScan, readings: Sequence[ShapeReading]) -> Sequence[int]:
    """All lines; of a very long file the first and last of each shape, and what surrounds the hot ones."""
    if scan.line_count <= MAX_LINES_LOOKED_AT:
        return range(scan.line_count)
    lines: set[int] = set()
    for shape, reading in zip(scan.shapes, readings, strict=True):
        lines |= {shape.first_line, shape.last_line}
        if reading.is_hot:
            lines.update(range(shape.first_line - _LINES_ABOVE, shape.first_line + _LINES_BELOW))
    return sorted(line for line in lines if 0 <= line < scan.line_count)


def _first(of_line: Sequence[ShapeReading], start: int, name: str) -> int:
    return next((line for line in range(start, len(of_line)) if name in of_line[line].classes), len(of_line))
