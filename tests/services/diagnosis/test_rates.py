from array import array
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.diagnosis.rates import BINS, clock_of, rates_of
from services.logs.columns import packed

BEGIN = 1_795_330_800
LINES = st.tuples(st.integers(0, 2), st.sampled_from([0, 0, *range(BEGIN, BEGIN + 1000, 90), BEGIN - 10**8]))


def test_lines_are_counted_where_they_were_written(scanned):
    lines = [f"2026-11-22 07:{minute:02d}:00 INFO minute {minute}" for minute in range(60)]
    scan = scanned([*lines, "2026-11-22 07:59:30 ERROR the end", "without a time"])
    rates = rates_of(scan, clock_of(scan), scan.template_of_shape, len(scan.templates))
    last = next(number for number, found in enumerate(scan.templates) if found.text == "the end")
    assert rates.clock.is_timed
    assert sum(rates.total) == 62
    assert rates.counts[last] == [0] * (BINS - 1) + [1]
    assert rates.first_line(last, BINS - 1) == 60
    assert rates.first_line(last, 3) is None
    assert rates.first_line_since(last, 3) == 60


def test_without_times_lines_are_the_clock(scanned):
    scan = scanned(["INFO one"] * 59 + ["INFO two"])
    rates = rates_of(scan, clock_of(scan), scan.template_of_shape, len(scan.templates))
    assert not rates.clock.is_timed
    assert list(rates.total) == [1] * BINS


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(LINES, min_size=2, max_size=20),
    st.sampled_from([1, 2, 5000]),
    st.sampled_from([[0, 1, 2], [-1, 0, 0], [1, -1, 0], [-1, -1, -1]]),
)
def test_a_large_file_is_counted_as_a_small_one(scanned, lines, times, kinds):
    scan = scanned(["INFO one", "INFO two", "INFO three"])
    shapes, seconds = (array("I", column) for column in zip(*lines * times, strict=True))
    small = replace(scan, shape_of_line=shapes, second_of_line=seconds)
    large = replace(scan, shape_of_line=packed(shapes), second_of_line=packed(seconds, is_rising=True))
    assert rates_of(large, clock_of(large), kinds, 3) == rates_of(small, clock_of(small), kinds, 3)
