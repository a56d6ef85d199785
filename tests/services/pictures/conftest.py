from datetime import UTC, datetime, timedelta

import pytest

from services.diagnosis.diagnose import diagnose
from services.logs.reading import scan_upload

BEGIN = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)


def stamped(offset_seconds, message):
    return f"{BEGIN + timedelta(seconds=offset_seconds):%Y-%m-%dT%H:%M:%SZ} {message}"


@pytest.fixture
def scanned(tmp_path):
    """Scans of logs given as lists of lines."""

    def scan(*logs):
        scans = []
        for number, lines in enumerate(logs):
            path = tmp_path / f"{number}.log"
            path.write_text("\n".join(lines) + "\n")
            scans += scan_upload(path, path.name)
        return scans

    return scan


@pytest.fixture
def diagnosed(scanned):
    """The scans of logs given as lists of lines, and their diagnosis."""

    def both(*logs):
        scans = scanned(*logs)
        return scans, diagnose(scans)

    return both


def outage(*, seconds=1_200, fails_from=600):
    """Ten requests a second; errors from a moment on, and a latency that climbs to it."""
    lines = []
    for second in range(seconds):
        failing = second >= fails_from
        latency = 20 if second < fails_from - 100 else 20 + (second - fails_from + 100)
        lines += [stamped(second, f"INFO checkout: GET /cart 200 response_time_ms={latency}")] * 3
        if failing:
            lines.append(stamped(second, "ERROR checkout: connection pool exhausted, 20 of 20 in use"))
    return lines
