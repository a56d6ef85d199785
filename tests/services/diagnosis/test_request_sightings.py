"""The requests of real files, as far as they are looked at; and a diagnosis that goes by one clock."""

from datetime import UTC, datetime, timedelta

import pytest

from services.diagnosis import request_sightings
from services.diagnosis.diagnose import diagnose
from services.diagnosis.request_sightings import sightings_of
from services.logs.limits import ReadLimits

BEGIN = datetime(2026, 11, 22, 7, tzinfo=UTC)


def served(count, *, ahead=0, every=2, name="api", first=0):
    """A request every other second, by a clock that is so many seconds ahead."""
    return [
        f"{BEGIN + timedelta(seconds=every * n + ahead):%Y-%m-%d %H:%M:%S} INFO {name}: served request_id=r-{n:08d}"
        for n in range(first, first + count)
    ]


def failed(second, text):
    return f"{BEGIN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S} ERROR {text}"


def test_each_request_is_seen_in_the_first_line_that_names_it(scanned):
    api, db = scanned(served(20), "api.log"), scanned(served(20, ahead=3)[5:] * 2, "db.log")
    seen = sightings_of([api, db], ReadLimits())
    assert seen[0]["r-00000007"].line == 7
    assert (seen[1]["r-00000007"].line, seen[1]["r-00000007"].second) == (2, int(BEGIN.timestamp()) + 17)
    assert "r-00000004" not in seen[1]


def test_one_file_alone_or_without_requests_is_not_read(scanned, service_lines, monkeypatch):
    monkeypatch.setattr(request_sightings, "read_lines", None)
    assert sightings_of([scanned(served(20)), scanned(service_lines(20), "db.log")], ReadLimits()) == {}


def test_of_a_long_file_its_begin_and_where_the_others_begin_is_looked_at(scanned, monkeypatch):
    monkeypatch.setattr(request_sightings, "_MAX_LINES", 10)
    long, short = scanned(served(5_000), "api.log"), scanned(served(100, first=4_000), "db.log")
    seen = sightings_of([long, short], ReadLimits())
    assert sorted(seen[0]) == [f"r-{n:08d}" for n in (*range(10), *range(4_000, 4_010))]
    assert len(seen[0].keys() & seen[1].keys()) == 10


@pytest.fixture
def two_files(scanned):
    """The database fails 20 s before the API does, and logs by a clock that is so much ahead."""

    def make(ahead):
        api = [*served(300), failed(602, "api: checkout failed: connection reset by peer")]
        db = [*served(300, ahead=ahead, name="db"), failed(582 + ahead, "db: out of memory, process killed")]
        return [scanned(sorted(lines), name) for name, lines in (("api.log", api), ("db.log", db))]

    return make


@pytest.mark.parametrize("ahead", [0, 60, 7_200, -7_200])
def test_the_onset_is_the_earliest_by_one_clock(two_files, ahead):
    diagnosis = diagnose(two_files(ahead))
    assert diagnosis.onset.ref.file == 1
    stated = [entry.text for entry in diagnosis.timeline if "clock" in entry.text]
    assert len(stated) == (ahead != 0)
    assert ("the clock of " in diagnosis.onset.why) == (ahead != 0)
    if ahead > 0:
        assert stated[0].startswith("The clock of db.log is ")


def test_who_failed_first_is_decided_by_one_clock_and_shown_by_its_own_lines(scanned):
    """By the times of the lines the API failed first, a minute before the database that it names."""
    failing = [failed(600 + 2 * n, "api: checkout failed: db answered connection reset by peer") for n in range(100)]
    ending = [failed(590 + 60 + 5 * n, f"db: out of memory, attempt {n}") for n in range(20)]
    api, db = [*served(300), *failing], [*served(295, ahead=60, name="db"), *ending]
    first = diagnose([scanned(api, "api.log"), scanned(db, "db.log")]).findings[0]
    assert first.title == "db: out of memory, attempt 0"
    assert first.evidence[0].text.startswith("2026-11-22 07:10:50")
    assert "07:10:50 UTC" in first.summary
