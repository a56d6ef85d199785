"""How clocks differ, by what the requests show; nothing where they show nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.diagnosis.clock_skew import Sighting, clocks_of, told
from services.diagnosis.findings import LineRef

NAMES = ["api.log", "db.log", "web.log"]


def seen(*seconds, ahead=0, first=0):
    """A request a line, its second by a clock that is so far ahead."""
    return {f"request-{first + n}": Sighting(n, 1_700_000_000 + second + ahead) for n, second in enumerate(seconds)}


EVERY_SECOND = range(20)


def ahead_of(*files):
    """Seconds ahead of the first file, by the clocks that these sightings show."""
    clocks = clocks_of(dict(enumerate(files)))
    return [clocks.ahead_seconds(file) - clocks.ahead_seconds(0) for file in range(len(files))]


def test_a_clock_that_is_ahead_is_told_with_how_that_was_seen():
    clocks = clocks_of({0: seen(*EVERY_SECOND, ahead=3), 1: seen(*EVERY_SECOND)})
    assert [told(skew, NAMES) for skew in clocks.skews] == [
        "the clock of api.log is about 3 s ahead of db.log (20 requests seen in both)"
    ]
    assert clocks.skews[0].refs == (LineRef(0, 0), LineRef(1, 0))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (7_200, "2 h (a time zone, it seems)"),
        (19_802, "5.5 h (a time zone, it seems)"),
        (90, "about 90 s"),
        (4_000, "about 4,000 s"),
    ],
)
def test_a_time_zone_is_told_in_hours(seconds, words):
    (skew,) = clocks_of({0: seen(*EVERY_SECOND), 1: seen(*EVERY_SECOND, ahead=seconds)}).skews
    assert f"the clock of db.log is {words} ahead of api.log" in told(skew, NAMES)


@given(st.integers(-90_000, 90_000), st.lists(st.integers(0, 1), min_size=8, max_size=60))
def test_a_file_that_is_shifted_is_found_to_be(shift, travels):
    """By as much as it was shifted, whatever moment a request takes from one to the other."""
    caller = seen(*range(0, 3 * len(travels), 3))
    callee = seen(*(3 * n + travel for n, travel in enumerate(travels)), ahead=shift)
    found = ahead_of(caller, callee)[1]
    if abs(shift) > 2:
        assert abs(found - shift) <= 1
    else:
        assert abs(found) <= 3


def test_files_that_share_requests_through_a_third_are_compared_by_it():
    api, web = seen(*EVERY_SECOND), seen(*EVERY_SECOND, ahead=70, first=100)
    between = {**seen(*EVERY_SECOND, ahead=-30), **seen(*EVERY_SECOND, ahead=-30, first=100)}
    assert ahead_of(api, between, web) == [0, -30, 70]


def test_files_without_a_common_request_are_taken_to_agree():
    assert ahead_of(seen(*EVERY_SECOND), seen(*EVERY_SECOND, first=50), seen(*EVERY_SECOND, ahead=9)) == [0, 0, 9]


@pytest.mark.parametrize(
    "other",
    [
        seen(*EVERY_SECOND, ahead=1),
        seen(*range(7), ahead=60),
        seen(*(n * n for n in EVERY_SECOND)),
        seen(*EVERY_SECOND[:10], *(n + 30 for n in EVERY_SECOND[10:])),
        {},
    ],
    ids=["a moment", "too few", "a growing queue", "timeouts from the middle on", "no request"],
)
def test_what_is_no_clock_is_not_told(other):
    clocks = clocks_of({0: seen(*EVERY_SECOND), 1: other})
    assert clocks.skews == ()
    assert clocks.ahead_seconds(1) == 0
