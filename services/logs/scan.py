"""What one pass over a log file learns: the contract between reading and diagnosing."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from services.logs.columns import Column
from services.logs.fields import FieldSeries
from services.logs.levels import Level
from services.logs.lines import Waypoint


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines of one service, and in some forms of one component, equal but for their numbers.

    skeleton: the message with `<*>` for what varies; message, sample: of the first such line, the latter whole
    (displayable, not redacted). first_line, last_line: from 0. is_red: printed in red. opens_step: bears a build
    system's mark that a step begins.
    """

    skeleton: str
    message: str
    sample: str
    level: Level | None
    component: str | None
    style: str
    is_stamped: bool
    is_red: bool
    opens_step: bool
    count: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of message, over all the shapes that differ in variable words only. Lines count from 0."""

    text: str
    level: Level | None
    count: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class LineSource:
    """Where a scanned file can be read again: a path, and the how-many-th member of it (from 0).

    waypoints: places to begin at, in order, where the path holds the text itself; else none.
    """

    path: Path
    ordinal: int
    splits_at_cr: bool
    waypoints: tuple[Waypoint, ...] = ()


@dataclass(frozen=True, slots=True)
class FileScan:
    """One log file, scanned. Lines are numbered from 0 here; people see them from 1.

    shape_of_line: index into `shapes` for every physical line. second_of_line: epoch seconds, 0 where the line
    bears no time. seconds: the first and the last believable time. template_of_shape: index into `templates`.
    key_lines: half-open ranges of lines inside a private key, never to be quoted. further_lines: in order, the first
    of those lines whose named fields (JSON, logfmt) say other words than their shape's kept line, besides the message;
    addressing_lines: those of them that address their reader (reader_addresses).
    unread: sentences on what was not read and why; a file that is no log has no lines and at least one such sentence.
    """

    name: str
    sha256: str
    size_bytes: int
    compression: str | None
    encoding: str | None
    format: str | None
    source: LineSource
    unread: tuple[str, ...]
    shapes: tuple[Shape, ...]
    shape_of_line: Column
    second_of_line: Column
    seconds: tuple[int, int] | None
    templates: tuple[Template, ...]
    template_of_shape: Sequence[int]
    fields: tuple[FieldSeries, ...]
    key_lines: tuple[tuple[int, int], ...]
    further_lines: tuple[int, ...] = ()
    addressing_lines: tuple[int, ...] = ()

    @property
    def line_count(self) -> int:
        """Physical lines, as `grep -c ''` counts them."""
        return len(self.shape_of_line)

    def moment_of(self, line: int) -> datetime | None:
        """The time of a line, or of the nearest line before it that bears one (a stack trace's frames bear none)."""
        first = line if self.seconds is None else max(-1, line - _LOOK_BACK_LINES)
        for earlier in range(line, first, -1):
            if second := self.second_of_line[earlier]:
                return datetime.fromtimestamp(second, UTC)
        return None

    def time_range(self) -> tuple[datetime, datetime] | None:
        """The first and the last believable time; a stamp over a year off the middle one is not believed."""
        if self.seconds is None:
            return None
        return datetime.fromtimestamp(self.seconds[0], UTC), datetime.fromtimestamp(self.seconds[1], UTC)

    def shape(self, line: int) -> Shape:
        """The shape of a line."""
        return self.shapes[self.shape_of_line[line]]


_LOOK_BACK_LINES = 400


def empty_scan(
    name: str, source: LineSource, *, sha256: str, size_bytes: int, compression: str | None, unread: tuple[str, ...]
) -> FileScan:
    """The scan of something that holds no log lines, with the sentences that say why."""
    nothing: array[int] = array("I")
    return FileScan(
        name=name,
        sha256=sha256,
        size_bytes=size_bytes,
        compression=compression,
        encoding=None,
        format=None,
        source=source,
        unread=unread,
        shapes=(),
        shape_of_line=nothing,
        second_of_line=nothing,
        seconds=None,
        templates=(),
        template_of_shape=(),
        fields=(),
        key_lines=(),
    )
