from array import array
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.diagnosis.courses import courses_of
from services.diagnosis.line_kinds import line_kinds
from services.logs.columns import believed_range, packed


@pytest.fixture
def course_of(scanned):
    """The course of the lines that say "boom", put into twenty minutes of ordinary lines at these seconds."""

    def course(seconds, total=1200):
        lines = []
        for second in range(total):
            stamp = f"2026-11-22 07:{second // 60:02d}:{second % 60:02d}"
            lines.append(f"{stamp} INFO org.x.Api - request {second} served")
            if second in seconds:
                lines.append(f"{stamp} ERROR org.x.Api - boom")
        scan = scanned(lines)
        template = next(number for number, found in enumerate(scan.templates) if found.text == "boom")
        return courses_of(scan, line_kinds(scan, is_by_service=False)).get(template)

    return course


def test_what_is_said_all_day_is_background(course_of):
    course = course_of(range(50, 1200, 100))
    assert course.is_background
    assert not course.is_new


def test_what_was_never_said_before_the_trouble_is_new(course_of):
    course = course_of(range(800, 900, 5))
    assert course.is_new
    assert course.is_frequent
    assert course.first_second % 3600 == 800


def test_what_began_with_the_log_and_stopped_is_neither(course_of):
    course = course_of([10, 20, 30, 40])
    assert not course.is_new
    assert not course.is_background


def test_one_line_is_new_but_not_frequent(course_of):
    course = course_of([700])
    assert course.is_new
    assert not course.is_frequent


def test_a_log_of_a_minute_shows_no_course(course_of):
    assert course_of([30, 31, 32], total=60) is None


BEGIN = 1_795_330_800
LINES = st.tuples(st.integers(0, 2), st.sampled_from([0, 0, *range(BEGIN, BEGIN + 1000, 90), BEGIN - 10**8]))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, min_size=2, max_size=20), st.sampled_from([1, 2, 5000]))
def test_a_large_file_shows_the_courses_that_a_small_one_does(scanned, lines, times):
    scan = scanned(["INFO one", "INFO two", "INFO three"])
    shapes, seconds = (array("I", column) for column in zip(*lines * times, strict=True))
    small = replace(scan, shape_of_line=shapes, second_of_line=seconds, seconds=believed_range(seconds))
    large = replace(small, shape_of_line=packed(shapes), second_of_line=packed(seconds, is_rising=True))
    kinds = line_kinds(scan, is_by_service=False)
    assert courses_of(large, kinds) == courses_of(small, kinds)
