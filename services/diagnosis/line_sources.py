"""Which service a kind of line is of, and how serious, where the lines of several services stand in one file.

Most lines name their component themselves. In an exported table a column does, and where a tool has joined the logs of
pods or containers the first word.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence

from services.logs.levels import Level, level_of_letter, level_of_word
from services.logs.scan import FileScan, Shape
from services.logs.service_names import service_of

# The most telling first; a part of the column's name is enough.
_COLUMNS = ("service", "component", "container", "app", "pod", "logger", "source", "host")
_MIN_COLUMNS = 3
_COLUMN_NAME = re.compile(r"@?[a-z_][\w .-]{0,40}")
# Where more lines name their component by themselves nothing has to be guessed.
_NAMED_SHARE = 0.3
# A first word is a name if there are some of them, each recurs, and nearly all lines have one.
_MIN_NAMES, _MAX_NAMES, _NAMES_SHARE, _MIN_RECURRING = 2, 60, 0.9, 3
# Behind a column or a name the level stands somewhere in front, in capitals, or as klog's letter before its date.
_LEVEL = re.compile(
    r"(?<![\w./-])(?:(?P<word>DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|CRITICAL|FATAL)(?![\w./-])"
    r"|(?P<letter>[IWEF])\d{4} \d\d:)"
)
_LEVEL_WITHIN_CHARS = 120
_WORD_ENDS = " \t|:]"


def components_of(scan: FileScan) -> Sequence[str | None]:
    """The component of each shape."""
    own = [shape.component for shape in scan.shapes]
    named = sum(shape.count for shape in scan.shapes if shape.component)
    if not scan.shapes:
        return own
    if of_column := _from_column(scan):
        return of_column
    return own if named > _NAMED_SHARE * scan.line_count else _from_first_words(scan) or own


def level_of(shape: Shape) -> Level | None:
    """What the lines call themselves, also behind what another tool has put in front of them."""
    if shape.level is not None:
        return shape.level
    found = _LEVEL.search(shape.sample, 0, _LEVEL_WITHIN_CHARS)
    if found is None:
        return None
    return level_of_word(found["word"]) if found["word"] else level_of_letter(found["letter"])


def _from_column(scan: FileScan) -> list[str | None] | None:
    """By the header that is a table's first line."""
    header = [name.strip().lower() for name in _cells(scan.shape(0).sample)]
    if len(header) < _MIN_COLUMNS or len(set(header)) < len(header) or not all(map(_COLUMN_NAME.fullmatch, header)):
        return None
    place = next((header.index(name) for part in _COLUMNS for name in header if part in name), None)
    if place is None:
        return None
    rows = [_cells(shape.sample) for shape in scan.shapes]
    return [row[place] or None if len(row) > place else None for row in rows]


def _cells(line: str) -> list[str]:
    return next(csv.reader([line]), []) if "," in line else line.split("\t")


def _from_first_words(scan: FileScan) -> list[str | None] | None:
    names = [_first_word(shape.sample) for shape in scan.shapes]
    lines: Counter[str] = Counter()
    for name, shape in zip(names, scan.shapes, strict=True):
        if name:
            lines[name] += shape.count
    recurring = {name for name, count in lines.items() if count >= _MIN_RECURRING}
    covered = sum(lines[name] for name in recurring)
    if not _MIN_NAMES <= len(recurring) <= _MAX_NAMES or covered < _NAMES_SHARE * scan.line_count:
        return None
    return [name if name in recurring else None for name in names]


def _first_word(text: str) -> str | None:
    """The name that opens a line, without what a deployment adds to it."""
    end = min((place for sign in _WORD_ENDS if (place := text.find(sign)) > 0), default=0)
    return service_of(text[:end].lstrip("["))
