"""The report: one contract for Slack, the API, the web page and the terminal.

Plain dataclasses, so that what makes and writes a report is loaded quickly; a report that is read back is checked by
pydantic, which is loaded then.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class _Part:
    __slots__: ClassVar[tuple[str, ...]] = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile(_Part):
    """One log file. `bytes` and `sha256` are of the uploaded file; of a member of an archive, its own.

    `unread`: what was not read and why, or None.
    """

    name: str
    sha256: str
    bytes: int
    lines: int
    format: str | None
    encoding: str | None
    compression: str | None
    first_timestamp: datetime | None
    last_timestamp: datetime | None
    unread: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOnset(_Part):
    """Where it began; `line` counts from 1."""

    at: datetime | None
    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEvidence(_Part):
    """A cited line, verbatim but for control characters, secrets and its length; `line` counts from 1."""

    id: str
    file: str
    line: int
    text: str
    role: Literal["direct", "correlated", "context"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportNextStep(_Part):
    text: str
    evidence: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFinding(_Part):
    rank: int
    title: str
    kind: str
    verdict: Literal["confirmed", "likely", "inconclusive"]
    confidence: float
    summary: str
    problem: str | None
    component: str | None
    evidence: list[ReportEvidence]
    next_steps: list[ReportNextStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTimelineEntry(_Part):
    at: datetime | None
    text: str
    evidence: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConsidered(_Part):
    title: str
    why_not: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportMissing(_Part):
    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportTemplate(_Part):
    """Lines count from 1; `new`: not in the baseline (None without one)."""

    id: int
    template: str
    level: str | None
    count: int
    first_line: int
    last_line: int
    first_seen: datetime | None
    last_seen: datetime | None
    new: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSeries(_Part):
    field: str
    component: str | None
    before: float
    after: float
    change_at: datetime | None
    evidence: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStats(_Part):
    seconds: float
    cpu_seconds: float
    bytes: int
    lines: int
    peak_rss_bytes: int
    engine_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(_Part):
    """What one triage says. All of it but `stats` depends on the files alone."""

    schema_version: Literal[1] = 1
    files: list[ReportFile]
    onset: ReportOnset | None
    findings: list[ReportFinding]
    timeline: list[ReportTimelineEntry]
    also_considered: list[ReportConsidered]
    missing: list[ReportMissing]
    templates: list[ReportTemplate]
    series: list[ReportSeries]
    stats: ReportStats

    def to_json(self, *, indent: int | None = None) -> str:
        """As JSON; without `indent` in one line."""
        separators = (",", ":") if indent is None else (",", ": ")
        return json.dumps(self, default=_plain, ensure_ascii=False, indent=indent, separators=separators)

    def to_body(self) -> dict[str, Any]:
        """As what JSON is made of, for a database to keep."""
        body: dict[str, Any] = json.loads(self.to_json())
        return body

    @staticmethod
    def from_json(text: str | bytes) -> "Report":
        """Read back what `to_json` wrote. Raises pydantic's ValidationError for anything else."""
        return _reader().validate_json(text)

    @staticmethod
    def from_body(body: object) -> "Report":
        """Read back what `to_body` gave. Raises pydantic's ValidationError for anything else."""
        return _reader().validate_python(body)


def _plain(part: object) -> object:
    if isinstance(part, _Part):
        return {name: getattr(part, name) for name in part.__slots__}
    if isinstance(part, datetime):
        return part.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(part).__name__} has no place in a report")


@cache
def _reader() -> "TypeAdapter[Report]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - a third of the start of a short run, which reads no report back

    return TypeAdapter(Report)
