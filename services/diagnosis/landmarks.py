"""The landmarks of a build log: where steps begin and end, where failures are listed, who reports whom."""

import re
import string
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.diagnosis.gated_patterns import PatternTable, Wording, either, gated
from services.diagnosis.words import COLD, HOT, word_classes
from services.logs.columns import numbers_at
from services.logs.levels import Level
from services.logs.scan import FileScan, Shape
from services.logs.skeletons import VARIABLE

# What is found by its stems, in the whole skeleton.
MARKS = {
    "ends_step": either(
        gated(
            "exit",
            r"exited with (?:<\*>|[1-9])|[Pp]rocess exited with (?:code |status )?(?:<\*>|[1-9])|"
            r"exit(?:ed with)? (?:code|status) (?:<\*>|[1-9])",
        ),
        gated(
            "##[error] failure stopped",
            r"##\[error\]|marked build as failure|Finished: FAILURE|Your build has been stopped",
        ),
        gated("make err! failed", r"make(?:\[<\*>\])?: \*\*\*|npm ERR!|ERROR: Job failed|BUILD FAILED"),
    ),
    "exit": gated(
        "exited ##[error] failure failed",
        r"exited with (?:<\*>|[1-9])|##\[error\]Process|marked build as failure|ERROR: Job failed",
    ),
    # 124: timed out. 137, 139, 143: ended by SIGKILL, SIGSEGV, SIGTERM.
    "kill": gated(
        "exited received exceeded",
        r"exited with (?:(?:exit )?code |status )?(?:124|137|139|143)\b|No output has been received|exceeded the "
        r"maximum (?:time|log)",
    ),
    "opens_section": gated(
        "fail err",
        r"(?i)^\W*(?:failures|failed (?:tests|examples|scenarios)|summary of failures|test failures?|errors|"
        r"there (?:was|were) (?:<\*>|\d+) (?:failure|error)s?|=+ (?:failures|errors) =+|(?:<\*>|\d+) (?:failing|"
        r"tests? failed))\W*$",
    ),
    "closes_section": either(
        gated("summary failed passed", r"^=+ .*(?:summary|failed|passed).*=+$"),
        gated(
            "^test ^result ^finished ^randomized",
            r"^(?:Tests?|Results?|Finished|Randomized|test result)\b.*(?:\d|<\*>)",
        ),
        gated("^ran", r"^Ran <\*> tests"),
        gated("exited ##[error]", r"exited with (?:\d|<\*>)|##\[error\]"),
    ),
}
_MARK_TABLE = PatternTable(MARKS)
# Quoted parts, words with a mark of places and addresses in them, what is in parentheses. A word that does not begin
# where the look behind says was seen before, from its beginning on.
_LOOK = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|(?<![^\s'\"`)])[^\s/\\.:#@]*+[/\\.:#@]\S*|\([^)]*\)")
_LOOK_CHARS = 60
_ADDRESSES_READERS = frozenset({"instruction"})
_QUOTED_VALUE = re.compile(
    r"\b(?!(?:msg|message|err|error|reason|cause|exception|detail)=)\w+=\"[^\"]*+(?:\"|\Z)", re.IGNORECASE
)
_LOOKED_AT_CHARS = 400
_ASCII_LETTERS = string.ascii_letters.encode()
# About a second's work. Build logs are shorter; in a longer file a kind of line matters, not each line.
MAX_LINES_LOOKED_AT = 200_000
_LINES_ABOVE = 4
_LINES_BELOW = 13
_SECTION_LINE_CHARS = 160


class ShapeReading(NamedTuple):
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


def _own_words(text: str) -> str:
    """The text without what quoted values hold: that a user's subject line says "fatal" is no failure."""
    return _QUOTED_VALUE.sub("", text) if '="' in text else text


def read_shape(shape: Shape) -> ShapeReading:
    """Judge a shape once, for all its lines."""
    text = _own_words(shape.skeleton)
    wording = Wording.of(text)
    words, marks = word_classes(wording), _MARK_TABLE.names_in(wording)
    if text is not shape.skeleton:
        words |= word_classes(Wording.of(shape.skeleton)) & _ADDRESSES_READERS
    level, shown = _level_class(shape.level), text.strip()
    return ShapeReading(
        classes=words | level if level else words,
        look=_LOOK.sub("*", shown[:_LOOKED_AT_CHARS])[:_LOOK_CHARS],
        is_blank=not shown,
        is_hot=not (words.isdisjoint(HOT) and level != _LEVEL_ERROR) and words.isdisjoint(COLD),
        is_dull="test_failure" not in words and not _is_wordy(text),
        is_ruler=len(text.strip(" -=_*#~")) < 2,
        ends_step="ends_step" in marks,
        is_exit="exit" in marks,
        is_kill="kill" in marks,
        opens_section=len(text) < _SECTION_LINE_CHARS and "opens_section" in marks,
        closes_section="closes_section" in marks,
    )


_NO_LEVEL: frozenset[str] = frozenset()
_LEVEL_ERROR, _LEVEL_WARNING, _LEVEL_INFO = (
    frozenset({"level_error"}),
    frozenset({"warning"}),
    frozenset({"level_info"}),
)


def _level_class(level: Level | None) -> frozenset[str]:
    if level is None:
        return _NO_LEVEL
    if level >= Level.ERROR:
        return _LEVEL_ERROR
    return _LEVEL_WARNING if level == Level.WARNING else _LEVEL_INFO


def _is_wordy(text: str) -> bool:
    """At least four letters, and they are a third of what is not space."""
    shown = text[:200].replace(VARIABLE, "#").replace(" ", "")
    letters = _letters_in(shown)
    return letters >= 4 and letters * 3 >= len(shown)


def _letters_in(text: str) -> int:
    if text.isascii():
        return len(text) - len(text.encode().translate(None, _ASCII_LETTERS))
    return sum(map(str.isalpha, text))


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Of one file. All places are indexes into `lines`, the lines looked at (numbered from 0, in order).

    shapes: of those lines. readings: by shape. step_start, first_exit: the failing step, as far as marks tell.
    last_end: the last end marker, or the number of lines. has_ends: whether there was any.
    """

    lines: Sequence[int]
    shapes: Sequence[int]
    readings: Sequence[ShapeReading]
    of_line: Sequence[ShapeReading]
    last_end: int
    first_exit: int
    step_start: int
    has_ends: bool
    first_wrapper: int
    first_section: int

    def shape_of(self, line: int) -> int:
        """The shape of a line that is looked at; cheaper than the scan's, which is packed where the file is large."""
        return self.shapes[bisect_left(self.lines, line)]


def find_landmarks(scan: FileScan) -> Landmarks:
    """Read every shape once and find the file's landmarks."""
    readings = [read_shape(shape) for shape in scan.shapes]
    lines = _lines_to_look_at(scan, readings)
    shapes = numbers_at(scan.shape_of_line, lines)
    of_line = [readings[shape] for shape in shapes]
    count = len(of_line)
    ends = [line for line, reading in enumerate(of_line) if reading.ends_step]
    last_end = ends[-1] if ends else count
    first_exit = next((line for line in ends if of_line[line].is_exit), last_end)
    openers = {index for index, shape in enumerate(scan.shapes) if shape.opens_step}
    steps = [place for place, shape in enumerate(shapes) if shape in openers] if openers else []
    step_start = max((line for line in steps if line < first_exit), default=0)
    return Landmarks(
        lines=lines,
        shapes=shapes,
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
    lines, count = set[int](), scan.line_count
    for shape, reading in zip(scan.shapes, readings, strict=True):
        lines |= {shape.first_line, shape.last_line}
        if reading.is_hot:
            lines.update(range(shape.first_line - _LINES_ABOVE, shape.first_line + _LINES_BELOW))
    return sorted(line for line in lines if 0 <= line < count)


def _first(of_line: Sequence[ShapeReading], start: int, name: str) -> int:
    return next((line for line in range(start, len(of_line)) if name in of_line[line].classes), len(of_line))
