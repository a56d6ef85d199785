"""The axis of time: lengths people count in, over the files that belong together."""

import pytest

from services.pictures.windows import Windows, windows_over
from tests.services.pictures.conftest import BEGIN, stamped

START = int(BEGIN.timestamp())


def spread(first, last, count=50):
    return [stamped(first + (last - first) * n // (count - 1), f"INFO app: beat {n}") for n in range(count)]


@pytest.mark.parametrize(
    ("span_seconds", "length"),
    [
        (6, 1),
        (80, 1),
        (90, 2),
        (600, 10),
        (3_600, 60),
        (7_200, 120),
        (86_400, 1_800),
        (7 * 86_400, 3 * 3_600),
        (400 * 86_400, 7 * 86_400),
    ],
)
def test_a_range_of_any_length_becomes_a_few_dozen_windows(scanned, span_seconds, length):
    windows = windows_over(scanned(spread(0, span_seconds)), around=0)
    assert windows.seconds == length
    assert windows.begin % length == 0
    assert 6 <= windows.count <= 84
    assert windows.begin <= START
    assert START + span_seconds < windows.end


@pytest.mark.parametrize("lines", [spread(0, 0), spread(0, 4), ["no time in this line"] * 50, [""]])
def test_without_times_or_at_a_single_moment_there_are_none(scanned, lines):
    assert windows_over(scanned(lines), around=None) is None


def test_where_few_lines_bear_a_time_there_are_none(scanned):
    """A build log that quotes the dates of what it downloads."""
    quoted = [stamped(n * 864_000, "INFO app: beat") for n in range(9)]
    assert windows_over(scanned([*["compiling something"] * 50, *quoted]), around=0) is None
    assert windows_over(scanned([*["  at some.Frame(Frame.java:1)"] * 50, *quoted]), around=0) is not None


def test_files_that_share_time_are_seen_together(scanned):
    windows = windows_over(scanned(spread(0, 600), spread(500, 1_500)), around=0)
    assert (windows.begin, windows.end) == (START, START + 1_530)


def test_a_file_of_another_day_is_left_out(scanned):
    scans = scanned(spread(0, 600), spread(864_000, 864_900))
    assert windows_over(scans, around=0).end <= START + 660
    assert windows_over(scans, around=1).begin >= START + 863_000


def test_without_an_onset_the_longest_file_is_meant(scanned):
    windows = windows_over(scanned(spread(0, 600), spread(864_000, 864_900, count=90)), around=None)
    assert windows.begin >= START + 863_000


def test_a_moment_outside_lies_in_no_window():
    windows = Windows(begin=100, seconds=10, count=3)
    assert [windows.index_of(second) for second in (99, 100, 109, 110, 129, 130)] == [None, 0, 0, 1, 2, None]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "second"), (30, "30 s"), (60, "minute"), (900, "15 min"), (3_600, "hour"), (7_200, "2 h"), (86_400, "day")],
)
def test_lengths_are_said_as_people_say_them(seconds, words):
    assert Windows(begin=0, seconds=seconds, count=9).length_words == words


def test_whether_it_spans_days():
    assert not Windows(begin=0, seconds=3_600, count=24).spans_days
    assert Windows(begin=3_600, seconds=3_600, count=24).spans_days
