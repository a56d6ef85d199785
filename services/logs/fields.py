"""Numbers that recur in a log under one name (latency, memory, queue depth), sampled evenly over the file."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.logs.lines import decode

_PAIR = re.compile(
    r'\b([A-Za-z_][\w.]{1,60}+)"?\s?[:=]\s?"?(-?\d{1,15}(?:\.\d{1,9})?)(?=[,\s}\]%"]|ms\b|s\b|us\b|[kKMG]i?B?\b|$)'
)
# Names of identities, places and moments: their numbers move without meaning.
_NOT_A_MEASURE = re.compile(
    r"(?i)(?:^|[_.])(?:id|ids|ts|time|timestamp|date|port|pid|tid|line|lineno|seq|sequence|offset|year|epoch|uid|gid|"
    r"status|code|version|level|thread|serial|hash|seed|user|index|number|num|no|key|row)$|(?:Id|ID|Port|Time)$"
)
_MAX_SAMPLES = 16_384
_MAX_FIELDS = 60
_SEARCHED_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class FieldSeries:
    """One named number: line numbers (from 0) and values, in the order of the file, `component` where lines "
    "name one.
    """

    name: str
    lines: "array[int]"
    values: "array[float]"


@dataclass(slots=True)
class FieldSampler:
    """Keeps every `stride`-th line; when there are too many, every second one of them. What is left is read.

    So a file of any length costs about the same, and the samples stay even over it.
    """

    stride: int = 1
    _next: int = 0
    _samples: list[tuple[int, bytes]] = field(default_factory=list)

    def sample(self, lines: Sequence[bytes], first_line: int) -> None:
        """Take from these lines, the first of which has the number `first_line` (from 0)."""
        end = first_line + len(lines)
        while self._next < end:
            line = lines[self._next - first_line]
            if b"=" in line or b":" in line:
                self._samples.append((self._next, line[:_SEARCHED_CHARS]))
            self._next += self.stride
            if self._next >= _MAX_SAMPLES * self.stride:
                self._thin()

    def _thin(self) -> None:
        self.stride *= 2
        self._samples = [sample for sample in self._samples if sample[0] % self.stride == 0]
        self._next = -(-self._next // self.stride) * self.stride

    def series(self) -> tuple[FieldSeries, ...]:
        """The fields seen most often first; names of identities and moments are left out."""
        lines: dict[str, array[int]] = {}
        values: dict[str, array[float]] = {}
        for line, text in self._samples:
            for name, value in dict(_PAIR.findall(decode(text))).items():
                if name in lines or not _NOT_A_MEASURE.search(name):
                    lines.setdefault(name, array("L")).append(line)
                    values.setdefault(name, array("d")).append(float(value))
        names = sorted(lines, key=lambda name: (-len(lines[name]), name))[:_MAX_FIELDS]
        return tuple(FieldSeries(name, lines[name], values[name]) for name in names)
