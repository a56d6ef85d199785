import pytest

from services.logs.reading import scan_upload
from services.logs.records import record_at
from tests.services.logs.sample_traces import TRACES

BEFORE = ["2026-11-22 07:00:00 INFO org.x.Api - up", "2026-11-22 07:00:01 INFO org.x.Api - serving"]
AFTER = ["2026-11-22 07:09:00 INFO org.x.Api - next", "2026-11-22 07:09:01 INFO org.x.Api - done"]


@pytest.fixture
def recorded(tmp_path):
    """Lines and one of them in; first and last line of its record out."""

    def find(lines, line):
        path = tmp_path / "app.log"
        path.write_text("".join(f"{text}\n" for text in lines))
        record = record_at(scan_upload(path, "app.log")[0], line)
        return record.first, record.last

    return find


@pytest.mark.parametrize("language", TRACES)
def test_a_trace_is_one_record_from_any_of_its_lines(recorded, language):
    trace = TRACES[language][0].split("\n")
    lines = [*BEFORE, "2026-11-22 07:01:00 ERROR org.x.Api - request failed", *trace, *AFTER]
    if trace[0].startswith("2026"):
        lines.pop(2)
    end = len(lines) - len(AFTER) - 1
    texts = [line for line in range(2, end + 1) if lines[line].strip()]
    assert {recorded(lines, line) for line in texts} == {(2, end)}
    assert recorded(lines, 1) == (1, 1)


@pytest.mark.parametrize("language", ["Java", "Python", ".NET"])
def test_a_trace_in_a_log_without_times_is_one_record(recorded, language):
    trace = [line for line in TRACES[language][0].split("\n") if not line.startswith("2026")]
    lines = ["compiling", "running the tests", *trace, "tests done", "cleaning up"]
    assert recorded(lines, 5) == (2, len(trace) + 1)
    assert recorded(lines, 0) == (0, 0)


def test_a_trace_whose_every_line_bears_the_containers_time(recorded):
    trace = ["java.io.IOException: closed", "\tat org.x.A.b(A.java:1)", "Caused by: java.net.BindException: in use"]
    lines = [f"2026-11-22T07:00:00.{number}Z stderr F {text}" for number, text in enumerate(["up", *trace, "next"])]
    assert recorded(lines, 3) == (1, 3)


def test_wrapped_json_is_one_record(recorded):
    wrapped = [
        "{",
        '  "level": "error",',
        '  "error": {',
        '    "code": 7',
        "  },",
        '  "ids": [',
        "    4,",
        "    5",
        "  ]",
        "}",
    ]
    lines = [*wrapped, *wrapped]
    assert {recorded(lines, line) for line in range(10)} == {(0, 9)}
    assert recorded(lines, 12) == (10, 19)


def test_an_exported_journals_entry_is_one_record(recorded):
    entry = ["__REALTIME_TIMESTAMP=1795330862000000", "PRIORITY=3", "MESSAGE=Failed to start", "_HOSTNAME=web1"]
    lines = [*entry, "", *entry]
    assert {recorded(lines, line) for line in range(4)} == {(0, 3)}
    assert recorded(lines, 6) == (5, 8)


def test_a_log_without_heads_costs_no_more_than_a_bounded_look(recorded):
    first, last = recorded(["    indented"] * 5_000, 2_500)
    assert last - first <= 600
