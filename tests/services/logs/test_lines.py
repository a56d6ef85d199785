import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.logs.lines import LineFeedAfterAllError, LineReader, as_utf8, decode


def read(content, *, piece=7, cap=1 << 16, **options):
    pieces = iter([content[start : start + piece] for start in range(0, len(content), piece)])
    reader = LineReader(cap, **options)
    return [line for block in reader.blocks(pieces) for line in block.split(b"\n")], reader


def reference(content):
    """Lines as grep -n counts them; CRs end lines only where there is no LF."""
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    lines = content.split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    return [line.removesuffix(b"\r") for line in lines]


@given(st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r", b"\r\n", b"", b"\x00"]), max_size=40), st.integers(1, 9))
def test_lines_are_those_of_a_simple_reference(parts, piece):
    content = b"".join(parts)
    assert len(read(content, piece=piece)[0]) == len(reference(content))


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"10 %\r20 %\rdone\nnext\n", [b"10 %\r20 %\rdone", b"next"]),
        (b"old\rmac\r", [b"old", b"mac"]),
        (b"\n\n", [b"", b""]),
        (b"", []),
    ],
)
def test_what_ends_a_line(content, lines):
    assert read(content)[0] == lines


def test_a_line_beyond_the_cap_is_one_line_and_keeps_its_head():
    content = b"first\n" + b"x" * 3_000_000 + b"\nlast\n"
    lines, reader = read(content, piece=200_000, cap=1000)
    assert [len(line) for line in lines] == [5, 1000, 4]
    assert reader.long_lines == [2]


def test_a_line_feed_after_a_megabyte_of_carriage_returns_asks_for_another_reading():
    content = b"progress\r" * 200_000 + b"\nlog\n"
    with pytest.raises(LineFeedAfterAllError):
        read(content, piece=100_000)
    assert read(content, piece=100_000, split_at_cr=False)[0][-1] == b"log"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_reading_can_begin_again_at_a_waypoint(ending):
    parts = [b"%d" % number + b"x" * (number % 3000) for number in range(6000)]
    parts[3000] = b"y" * 3_000_000
    content = ending.join(parts)
    lines, reader = read(content, piece=200_000, cap=1000)
    assert len(reader.waypoints) == 5
    for waypoint in reader.waypoints:
        assert read(content[waypoint.offset_bytes :], piece=200_000, cap=1000)[0] == lines[waypoint.line :]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
def test_text_becomes_utf8_without_a_mark(codec):
    content = "2026 größer\nzweite Zeile 日本\n".encode(codec)
    _, pieces = as_utf8(iter([content[:5], content[5:6], content[6:]]), content[:4096])
    assert b"".join(pieces).decode() == "2026 größer\nzweite Zeile 日本\n"


def test_bytes_that_are_not_utf8_are_latin_1():
    assert decode("größer".encode("latin-1")) == decode("größer".encode()) == "größer"
