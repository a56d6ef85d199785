"""What to upload next: by name where somebody is blamed who has no log here, else by window; and what was not read."""

import pytest

from services.diagnosis.diagnose import diagnose
from services.logs.reading import scan_upload


def stamped(second, text):
    return f"2026-11-22 07:{second // 60:02d}:{second % 60:02d} {text}"


@pytest.fixture
def blaming(scanned, service_lines):
    """A log whose errors name the database's host."""

    def make(name):
        down = [stamped(1200 + 5 * n, "ERROR dial tcp orders-db.internal:5432: i/o timeout") for n in range(200)]
        return scanned([*service_lines(1200), *down], f"{name}.log")

    return make


def test_who_is_blamed_and_not_here_is_asked_for_by_name(blaming):
    diagnosis = diagnose([blaming("gateway"), blaming("cart")])
    assert diagnosis.findings[0].title == "orders-db.internal is what the others fail on"
    assert diagnosis.missing[0].what == "the log of orders-db.internal in the ten minutes before 07:20:00 UTC"


def test_who_is_blamed_and_here_is_not_asked_for_again(blaming, scanned, service_lines):
    own = scanned(service_lines(2400), "orders-db.internal.log")
    diagnosis = diagnose([blaming("gateway"), blaming("cart"), own])
    assert not any("the log of orders-db" in missing.what for missing in diagnosis.missing)


def test_where_nothing_is_sure_the_window_before_the_onset_is_asked_for(diagnosed, service_lines):
    log = [
        *service_lines(300),
        stamped(300, "WARN org.x.A - queue is long"),
        stamped(301, "WARN org.x.B - slow answer"),
    ]
    diagnosis = diagnosed([*log, *service_lines(60, start=302)])
    assert diagnosis.findings[0].verdict == "inconclusive"
    assert diagnosis.missing[0].what == "what the systems around app.log logged in the ten minutes before 07:05:00 UTC"


def test_of_a_healthy_log_is_said_what_was_looked_at(diagnosed, service_lines):
    (missing,) = diagnosed(service_lines(500)).missing
    assert missing.why == "nothing abnormal found: 500 lines of 1 kind hold no error, crash or failed step"


def test_what_was_not_read_comes_last(scanned, tmp_path, service_lines):
    picture = tmp_path / "screen.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    diagnosis = diagnose([*scan_upload(picture, "screen.png"), scanned(service_lines(50))])
    assert [missing.what for missing in diagnosis.missing][1:] == ["screen.png"]


def test_a_sure_finding_asks_for_nothing(diagnosed, service_lines):
    down = [stamped(300 + n, "FATAL org.x.Db - out of memory, killed") for n in range(3)]
    diagnosis = diagnosed([*service_lines(300), *down])
    assert (diagnosis.findings[0].verdict, diagnosis.missing) != ("inconclusive", ())
    assert diagnosis.missing == ()
