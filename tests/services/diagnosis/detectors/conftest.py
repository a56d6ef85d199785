import random
from datetime import UTC, datetime

import pytest

from services.diagnosis.detectors.base import View
from services.diagnosis.ranking import rank
from services.diagnosis.scene import scene_of

BEGIN = int(datetime(2026, 11, 22, 7, tzinfo=UTC).timestamp())


@pytest.fixture
def begin():
    """The epoch second at which the logs of `told` begin."""
    return BEGIN


@pytest.fixture
def told():
    """Events (seconds after the begin, rest of the line) in, lines out, in the order of time."""

    def lines(*events):
        return [
            f"{datetime.fromtimestamp(BEGIN + second, UTC):%Y-%m-%d %H:%M:%S} {text}"
            for second, text in sorted(events, key=lambda event: event[0])
        ]

    return lines


@pytest.fixture
def requests():
    """Ordinary events of a service over so many seconds, irregular as traffic is."""

    def events(seconds, text="INFO served a request", every=3.0, begin=0, seed=1):
        draw, second = random.Random(f"{seed} {text}"), begin + 0.5
        while second < seconds:
            yield int(second), text
            second += draw.expovariate(1 / every)

    return events


@pytest.fixture
def scene(scanned):
    """Files (lines by name) in, scene out."""

    def make(files, *, baseline=None, series=()):
        scans = [scanned(lines, name) for name, lines in files.items()]
        good = scanned(baseline, "good-run.log") if baseline else None
        return scene_of(View(scans, [rank(scan) for scan in scans], series), baseline=good)

    return make
