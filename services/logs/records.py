"""Physical lines that belong together: a message and its stack trace, an object of JSON printed over many lines.

The lines keep their numbers; a record only says from where to where it goes. Judged by the shapes' samples, so
finding a record reads nothing again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.logs.scan import FileScan, Shape

# A record beyond this is no record but a log without headers.
_MAX_LINES_EITHER_WAY = 300
# Where most lines that could bear a time do, one without belongs to the line above.
_STAMPED_SHARE = 0.5

_CONTINUES = re.compile(
    r"""^(?:
      \s+at\s | at\ [\w$.<>/]+\( | \s*\.\.\.\ \d+\ (?:more|common|frames)               # Java
    | \s*(?:Caused\ by|Suppressed|Wrapped\ by):
    | \s+File\ ".*",\ line\ \d+ | \s{4,}\S | Traceback\ \(most\ recent | \s+[~^]+\s*$     # Python
    | (?:During\ handling\ of|The\ above\ exception\ was)
    | goroutine\ \d+\ \[ | \t\S+\.go:\d+ | created\ by\ \S | \[signal\ SIG | [\w./*()-]+\(.*\)\s*$(?<=\))       # Go
    | \s*--->\ | \s*---\ End\ of                                                             # .NET
    | \s+from\ \S+:\d+ | \S+\.rb:\d+:in\                                                     # Ruby
    | Stack\ trace:$ | \#\d+\ | \s+thrown\ in\                                               # PHP
    | stack\ backtrace:$ | \s+\d+:\s | note:\ run\ with\                                     # Rust
    | (?:DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION):\ \ \S                                 # Postgres
    | \s+"[^"]{1,200}"\s*: | \s*[}\])]+,?\s*$ | \s+\S+,?$ | \s*\[cause\]:                    # JSON, Node
    )""",
    re.VERBOSE,
)
_JOURNAL = re.compile(r"^_{0,2}[A-Z][A-Z0-9_]{1,60}=")
_EXCEPTION = re.compile(r"^[A-Za-z_][\w$.:\\]*(?:Error|Exception|Failure|Fault|Interrupt|Exit|Warning|Timeout)\b")
_BRIDGE = re.compile(r"^(?:During handling|The above exception|goroutine \d|stack backtrace:|Traceback \()")


@dataclass(frozen=True, slots=True)
class Record:
    """The physical lines from `first` to `last`, both of it (numbered from 0)."""

    first: int
    last: int


def record_at(scan: FileScan, line: int) -> Record:
    """The record that a line is part of; a line that belongs to no other is a record of its own."""
    joins = _joiner(scan)
    first = last = line
    while first > max(0, line - _MAX_LINES_EITHER_WAY) and joins(first):
        first -= 1
    while last + 1 < min(scan.line_count, line + _MAX_LINES_EITHER_WAY) and joins(last + 1):
        last += 1
    while last > line and not scan.shape(last).sample.strip():
        last -= 1
    return Record(first, last)


def _joiner(scan: FileScan) -> Callable[[int], bool]:
    """Whether a line continues the one above it, in this file."""
    is_stamped = is_stamped_log(scan)

    def joins(line: int) -> bool:
        shape, above = scan.shape(line), scan.shape(line - 1)
        if continues(shape):
            return is_stamped or not _opens_alone(shape, above)
        if shape.is_stamped or (not is_stamped and shape.style != "plain"):
            return False
        if not shape.sample.strip():
            return line + 1 < scan.line_count and _BRIDGE.match(scan.shape(line + 1).message) is not None
        return is_stamped or _goes_on(shape, above)

    return joins


def _opens_alone(shape: Shape, above: Shape) -> bool:
    """Python's first line of a trace, where the line above it logs nothing and leads over from no other trace."""
    is_first = shape.sample.startswith("Traceback (")
    return is_first and bool(above.sample.strip()) and above.style == "plain" and not _BRIDGE.match(above.sample)


def _goes_on(shape: Shape, above: Shape) -> bool:
    """The exception's line behind its frames (Python), and the next field of an exported journal's entry."""
    if _EXCEPTION.match(shape.sample):
        return continues(above) and not above.sample.lstrip().startswith(("}", "]"))
    return _JOURNAL.match(shape.sample) is not None and _JOURNAL.match(above.sample) is not None


def continues(shape: Shape) -> bool:
    """Whether lines of this shape never stand alone: frames, causes, the inside of an object."""
    text = shape.message if shape.is_stamped else shape.sample
    return bool(text.strip()) and _CONTINUES.match(text) is not None


def is_stamped_log(scan: FileScan) -> bool:
    """Whether most lines that could bear a time do; where a few do, the times tell nothing of the log's course."""
    heads = [shape for shape in scan.shapes if shape.sample.strip() and not continues(shape)]
    stamped = sum(shape.count for shape in heads if shape.is_stamped)
    return stamped > _STAMPED_SHARE * sum(shape.count for shape in heads)
