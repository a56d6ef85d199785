from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.logs.limits import ReadLimits
from services.logs.shaping import Shaper
from tests.services.logs import json_lines

TODAY = date(2026, 11, 22)
PYTHON_ALONE = 1 << 40
HEADS = [
    "2026-11-22 07:{a:02d}:{b:02d},123 INFO [main] ",
    "2026-11-22T07:{a:02d}:{b:02d}.{c:06d}+02:00 ERROR ",
    "10.0.{a}.{b} - - [22/Nov/2026:07:{a:02d}:{b:02d} +0000] ",
    "Nov  {d} 07:{a:02d}:{b:02d} host app[{c}]: ",
    "[Sun Nov 22 07:{a:02d}:{b:02d} 2026] [error] ",
    '{{"ts":17000{a:02d}0{b:02d}.{c},"level":{d}0,"msg":"',
    "0811{a:02d} 2036{b:02d} 148 INFO dfs: ",
    "\x1b[32m07:{a:02d}:{b:02d}\x1b[0m ",
    "x" * 9000,
    "",
]
TAILS = [
    "request {c} served",
    '"GET /a/{c} HTTP/1.1" 50{d} 7',
    "cannot open /x{a}",
    "error at 0x{c:x}",
    "größer {c}é{d}",
    "\\nE030{d} \\u00e9{a}",
    'done"}}',
    "",
    "abc" * 2000 + "{c}",
    "exited with {a}",
]
LINES = st.builds(
    lambda head, tail, a, b, c, d: (head + tail).format(a=a, b=b, c=c, d=d),
    st.sampled_from(HEADS),
    st.sampled_from(TAILS) | st.text(alphabet="ab -fail0", max_size=12),
    st.integers(0, 59),
    st.integers(0, 59),
    st.integers(0, 999_999),
    st.integers(1, 9),
).map(lambda line: line.encode().replace(b"\n", b" "))
BINARY = st.binary(max_size=30).map(lambda line: line.replace(b"\n", b" "))
JSON = json_lines.LINES.map(lambda line: line.encode())
BLOCKS = st.lists(st.lists(LINES | BINARY | JSON, min_size=1, max_size=12).map(b"\n".join), min_size=1, max_size=5)


def shaped(blocks, *, bulk_begins_bytes, threads=2, limits=None):
    with Shaper(limits or ReadLimits(), TODAY, threads=threads, bulk_begins_bytes=bulk_begins_bytes) as shaper:
        for block in blocks:
            shaper.add(block)
        shaper.finish()
        return shaper.shapes(), list(shaper.shape_of_line), list(shaper.second_of_line), shaper.not_utf8


@settings(max_examples=150, deadline=None)
@given(BLOCKS, st.integers(0, 400), st.integers(1, 8))
def test_the_compiled_loops_and_python_read_the_same(blocks, bulk_begins_bytes, max_shapes):
    for limits in (ReadLimits(), ReadLimits(max_shapes=max_shapes)):
        by_python = shaped(blocks, bulk_begins_bytes=PYTHON_ALONE, limits=limits)
        assert shaped(blocks, bulk_begins_bytes=0, limits=limits) == by_python
        assert shaped(blocks, bulk_begins_bytes=bulk_begins_bytes, limits=limits) == by_python


@settings(max_examples=30, deadline=None)
@given(BLOCKS)
def test_any_number_of_threads_reads_the_same(blocks):
    one, *others = (shaped(blocks, bulk_begins_bytes=0, threads=threads) for threads in (1, 2, 4))
    assert others == [one, one]


@pytest.mark.parametrize("bulk_begins_bytes", [0, PYTHON_ALONE])
def test_every_layout_of_time_is_read(bulk_begins_bytes):
    lines = [
        b"2026-11-22 07:00:01,123 INFO a",
        b"2026-11-22T09:00:02.5+02:00 INFO a",
        b"10.1.1.1 - - [22/Nov/2026:07:00:03 +0000] b",
        b"110.11.12.13 - - [22/Nov/2026:08:00:04 +0100] b",
        b"Nov 22 07:00:05 host app: c",
        b"[Sun Nov 22 07:00:06 2026] [error] d",
        b'{"ts":1795330807.25,"msg":"e"}',
        b"261122 070008 148 INFO f",
        b"no time",
    ]
    _, _, seconds, _ = shaped([b"\n".join(lines * 2)], bulk_begins_bytes=bulk_begins_bytes)
    begin = seconds[0] - 1
    assert [second - begin if second else None for second in seconds] == [*range(1, 9), None] * 2
    assert begin == 1_795_330_800


@pytest.mark.parametrize("bulk_begins_bytes", [0, PYTHON_ALONE])
def test_lines_of_too_many_kinds_share_one_and_failures_keep_their_own(bulk_begins_bytes):
    words = ["".join(chr(97 + (number >> shift) % 16) for shift in (0, 4, 8)) for number in range(1000)]
    block = "\n".join([*words, "disk failure on sda", *words]).encode()
    shapes, shape_of_line, _, _ = shaped([block], bulk_begins_bytes=bulk_begins_bytes, limits=ReadLimits(max_shapes=50))
    assert len(shapes) == 52
    assert (shapes[50].skeleton, shapes[50].count) == ("<*>", 2 * 950)
    assert shapes[shape_of_line[1000]].skeleton == "disk failure on sda"


@pytest.mark.parametrize("bulk_begins_bytes", [0, PYTHON_ALONE])
def test_the_zone_and_the_year_behind_a_clock_are_part_of_a_time(bulk_begins_bytes):
    lines = [
        b"2026-11-22T09:00:02.5+02:00 a",
        b"2026-11-22T09:00:02.5+05:00 a",
        b"[Sun Nov 22 09:00:02 2026] b",
        b"[Sun Nov 22 09:00:02 2025] b",
    ]
    _, _, seconds, _ = shaped([b"\n".join(lines)], bulk_begins_bytes=bulk_begins_bytes)
    assert (seconds[0] - seconds[1], seconds[2] - seconds[3]) == (3 * 3600, 365 * 86_400)


@pytest.mark.parametrize("bulk_begins_bytes", [0, PYTHON_ALONE])
def test_a_time_that_32_bits_cannot_hold_is_none(bulk_begins_bytes):
    lines = [
        b"2099-12-31 23:59:59,999 a",
        b"2106-02-07 06:28:16 a",
        b"2106-02-07T06:28:15Z a",
        b"9999-12-31 23:59:59 a",
        b"1969-12-31 23:59:59 a",
    ]
    _, _, seconds, _ = shaped([b"\n".join(lines)], bulk_begins_bytes=bulk_begins_bytes)
    assert seconds == [4_102_444_799, 0, 0, 0, 0]
