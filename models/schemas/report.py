"""The report: one contract for Slack, the API, the web page and the terminal."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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


class ReportOnset(_Part):
    """Where it began; `line` counts from 1."""

    at: datetime | None
    file: str
    line: int
    why: str


class ReportEvidence(_Part):
    """A cited line, verbatim but for control characters, secrets and its length; `line` counts from 1."""

    id: str
    file: str
    line: int
    text: str
    role: Literal["direct", "correlated", "context"]


class ReportNextStep(_Part):
    text: str
    evidence: list[str]


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


class ReportTimelineEntry(_Part):
    at: datetime | None
    text: str
    evidence: list[str]


class ReportConsidered(_Part):
    title: str
    why_not: str


class ReportMissing(_Part):
    what: str
    why: str


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


class ReportSeries(_Part):
    field: str
    component: str | None
    before: float
    after: float
    change_at: datetime | None
    evidence: list[str]


class ReportStats(_Part):
    seconds: float
    cpu_seconds: float
    bytes: int
    lines: int
    peak_rss_bytes: int
    engine_version: str


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
