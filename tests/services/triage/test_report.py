import gzip
import json
from dataclasses import replace

import pytest

from models.schemas.report import Report
from services.triage.report import NamedFile, Progress, analyze_files

ORDINARY = [f"2026-11-22 07:01:{i % 60:02d},123 INFO [main] org.x.Service - request {i} served" for i in range(500)]
FAILURE = "2026-11-22 07:02:01,000 ERROR [main] org.x.Service - Connection refused to db.example:5432"


@pytest.fixture
def application_log(tmp_path):
    path = tmp_path / "app.log"
    path.write_text("\n".join([*ORDINARY, FAILURE, *ORDINARY[:5]]) + "\n")
    return NamedFile(path, "app.log")


def test_the_failing_line_is_cited_verbatim_with_its_number(application_log):
    report = analyze_files([application_log])
    evidence = report.findings[0].evidence[0]
    assert (evidence.file, evidence.line, evidence.text) == ("app.log", 501, FAILURE)
    assert report.onset is not None
    assert (report.onset.line, report.onset.at.isoformat()) == (501, "2026-11-22T07:02:01+00:00")


def test_the_report_has_exactly_the_keys_of_the_contract(application_log):
    printed = json.loads(analyze_files([application_log]).to_json())
    assert list(printed) == [
        "schema_version",
        "files",
        "onset",
        "findings",
        "timeline",
        "also_considered",
        "missing",
        "templates",
        "series",
        "stats",
    ]
    assert list(printed["files"][0]) == [
        "name",
        "sha256",
        "bytes",
        "lines",
        "format",
        "encoding",
        "compression",
        "first_timestamp",
        "last_timestamp",
        "unread",
    ]
    assert list(printed["findings"][0]) == [
        "rank",
        "title",
        "kind",
        "verdict",
        "confidence",
        "summary",
        "problem",
        "component",
        "evidence",
        "next_steps",
    ]
    assert list(printed["findings"][0]["evidence"][0]) == ["id", "file", "line", "text", "role"]


def test_the_same_bytes_give_the_same_report(application_log):
    first, second = analyze_files([application_log]), analyze_files([application_log])
    assert replace(first, stats=second.stats) == second


def test_packed_and_plain_say_the_same(application_log, tmp_path):
    packed = tmp_path / "app.log.gz"
    packed.write_bytes(gzip.compress(application_log.path.read_bytes()))
    plain, unpacked = analyze_files([application_log]), analyze_files([NamedFile(packed, "app.log")])
    assert unpacked.findings == plain.findings
    assert unpacked.files[0].compression == "gzip"
    assert unpacked.files[0].bytes == packed.stat().st_size


def test_a_healthy_log_has_no_findings_and_says_what_was_looked_at(tmp_path):
    path = tmp_path / "quiet.log"
    path.write_text("\n".join(ORDINARY) + "\n")
    report = analyze_files([NamedFile(path, "quiet.log")])
    assert report.findings == []
    assert report.onset is None
    assert "500 lines" in report.missing[0].why


def test_templates_new_against_the_baseline_are_marked(application_log, tmp_path):
    good = tmp_path / "good.log"
    good.write_text("\n".join(ORDINARY) + "\n")
    report = analyze_files([application_log], baseline=NamedFile(good, "good.log"))
    assert {template.template: template.new for template in report.templates} == {
        "request <*> served": False,
        "Connection refused to db.example:<*>": True,
    }


def test_a_baseline_that_is_no_log_is_said_and_marks_nothing(application_log, tmp_path):
    picture = tmp_path / "good.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    report = analyze_files([application_log], baseline=NamedFile(picture, "good.png"))
    assert {template.new for template in report.templates} == {None}
    assert "good.png (the baseline) was not read" in report.missing[-1].why


def test_evidence_ids_are_unique_and_everything_refers_to_them(application_log):
    report = analyze_files([application_log])
    ids = [evidence.id for finding in report.findings for evidence in finding.evidence]
    assert len(ids) == len(set(ids))
    assert set(_referred(report)) <= set(ids)


def _referred(report: Report):
    for entry in report.timeline:
        yield from entry.evidence
    for series in report.series:
        yield from series.evidence
    for finding in report.findings:
        for step in finding.next_steps:
            yield from step.evidence


def test_what_cannot_be_read_is_said_and_the_rest_is_analysed(application_log, tmp_path):
    picture = tmp_path / "screen.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(200)))
    report = analyze_files([NamedFile(picture, "screen.png"), application_log, NamedFile(tmp_path / "gone", "gone")])
    assert [file.name for file in report.files] == ["screen.png", "app.log", "gone"]
    assert "picture" in report.files[0].unread
    assert report.files[1].unread is None
    assert "does not exist" in report.files[2].unread
    assert report.findings[0].evidence[0].line == 501


def test_the_name_of_an_upload_is_shown_without_what_a_chat_would_obey(application_log):
    report = analyze_files([NamedFile(application_log.path, "a\u202egol.\x1b[31mred")])
    assert report.files[0].name == "agol.red"


def test_progress_ends_the_analysis_when_it_raises_and_counts_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("services.triage.report._PROGRESS_SECONDS", 0)
    path = tmp_path / "big.log"
    path.write_text("\n".join(ORDINARY * 40) + "\n")
    seen: list[Progress] = []
    analyze_files([NamedFile(path, "big.log")], on_progress=seen.append)
    size = path.stat().st_size
    assert all(0 < progress.bytes_read <= size == progress.bytes_total for progress in seen)
    assert seen[-1].lines == 20_000

    def cancel(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analyze_files([NamedFile(path, "big.log")], on_progress=cancel)
