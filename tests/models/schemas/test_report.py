import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from models.schemas.report import Report, ReportEvidence, ReportFinding, ReportOnset, ReportStats

STATS = ReportStats(seconds=0.5, cpu_seconds=0.25, bytes=10, lines=3, peak_rss_bytes=1, engine_version="test")
ONSET = ReportOnset(at=datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC), file="größe.log", line=3, why="first of its kind")
FINDING = ReportFinding(
    rank=1,
    title="no connection",
    kind="dependency",
    verdict="likely",
    confidence=0.5,
    summary="once",
    problem=None,
    component=None,
    evidence=[ReportEvidence(id="E1", file="größe.log", line=3, text='says "no"\t', role="direct")],
    next_steps=[],
)
EMPTY = Report(
    files=[], onset=None, findings=[], timeline=[], also_considered=[], missing=[], templates=[], series=[], stats=STATS
)
WHOLE = replace(EMPTY, onset=ONSET, findings=[FINDING])


@pytest.mark.parametrize("report", [EMPTY, WHOLE])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_report_is_read_back_as_it_was_written(report, indent):
    assert Report.from_json(report.to_json(indent=indent)) == report
    assert Report.from_json(report.to_json(indent=indent).encode()) == report
    assert Report.from_body(report.to_body()) == report


def test_how_it_is_written():
    written = WHOLE.to_json()
    assert written.startswith('{"schema_version":1,"files":[],"onset":{"at":"2026-03-01T12:00:05Z","file":"größe.log",')
    assert json.loads(written) == WHOLE.to_body()
    assert WHOLE.to_json(indent=2).startswith('{\n  "schema_version": 1,\n  "files": [],\n')


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"unheard_of": 1},
        {"onset": {"at": None, "file": "x", "line": "first", "why": ""}},
        {"onset": {"at": None, "file": "x", "line": 1, "why": "", "who": "ann"}},
        {"findings": None},
    ],
)
def test_what_is_no_report_is_refused(change):
    with pytest.raises(ValidationError):
        Report.from_body(EMPTY.to_body() | change)


def test_a_report_of_anything_else_is_not_written():
    with pytest.raises(TypeError, match="set has no place in a report"):
        replace(EMPTY, files={1}).to_json()
