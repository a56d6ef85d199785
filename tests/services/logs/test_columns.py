import tracemalloc
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.logs import columns
from services.logs.packed_columns import CHUNK_LINES, PackedColumn

DAY = 1_795_330_800
YEAR = columns.YEAR_SECONDS
SECONDS = st.sampled_from([0, 1, DAY, DAY + 1, DAY + 100, DAY - YEAR, DAY - YEAR - 70, DAY + YEAR + 70, 2**32 - 1])
# Drawn short and repeated, for a column to have several chunks.
REPEATED = st.sampled_from([1, 3, CHUNK_LINES // 4, CHUNK_LINES])


def column_of(numbers):
    return array("I", numbers)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), max_size=9), REPEATED, st.booleans(), st.integers(1, 3 * CHUNK_LINES))
def test_a_packed_column_holds_what_was_put_in(numbers, times, is_rising, piece_lines):
    whole = column_of(numbers * times)
    packed = PackedColumn(whole[:piece_lines], is_rising=is_rising)
    for first in range(piece_lines, len(whole), piece_lines):
        packed.extend(whole[first : first + piece_lines])
    assert len(packed) == len(whole)
    assert list(packed) == whole.tolist()
    places = range(0, len(whole), max(1, len(whole) // 50))
    assert [packed[line] for line in places] == [whole[line] for line in places]
    assert columns.numbers_at(packed, places) == columns.numbers_at(whole, places) == whole[places.start :: places.step]
    assert [first + len(chunk) for first, chunk in packed.chunks()][-1] == len(whole)


def test_lines_far_apart_are_looked_up_in_a_few_unpacked_chunks():
    whole = column_of(range(20 * CHUNK_LINES + 5))
    packed = columns.packed(whole)
    for line in [*range(0, len(whole), 9999), *range(len(whole) - 1, 0, -7777)]:
        assert packed[line] == line
    assert len(packed._unpacked) < 10


def test_times_that_go_on_take_less_than_half_a_byte_a_line():
    times = column_of((DAY + line // 3) * (line * line % 7 > 1) for line in range(20 * CHUNK_LINES))
    tracemalloc.start()
    packed = columns.packed(times, is_rising=True)
    held_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(packed) == times.tolist()
    assert held_bytes < len(times) / 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=9), REPEATED, st.sets(st.integers(0, 6)))
def test_shapes_are_counted_and_found_alike_in_both_kinds_of_column(numbers, times, wanted):
    places = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
    whole = column_of([places[number] for number in numbers] * times)
    packed = columns.packed(whole)
    assert columns.tally(packed, len(places)) == columns.tally(whole, len(places))
    assert list(columns.lines_of(packed, wanted)) == list(columns.lines_of(whole, wanted))


@settings(max_examples=60, deadline=None)
@given(st.lists(SECONDS, max_size=9), REPEATED)
def test_times_are_believed_alike_in_both_kinds_of_column(seconds, times):
    whole = column_of(seconds * times)
    assert columns.believed_range(columns.packed(whole, is_rising=True)) == columns.believed_range(whole)


@pytest.mark.parametrize(
    ("seconds", "believed"),
    [
        ([], None),
        ([0, 0], None),
        ([DAY - 2 * YEAR, DAY, DAY + 64, DAY + 128, DAY + 2 * YEAR], (DAY, DAY + 128)),
        ([1, 1, 1, DAY, DAY + 64], (DAY, DAY + 64)),
    ],
)
def test_times_a_year_off_the_middle_one_are_not_believed(seconds, believed):
    assert columns.believed_range(column_of(seconds)) == believed
