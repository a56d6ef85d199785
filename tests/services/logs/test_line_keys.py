import json
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.logs import structured
from services.logs.kernel_loops import MESSAGE_NAMES, OTHER_NAMES
from services.logs.limits import ReadLimits
from services.logs.line_keys import line_keys
from services.logs.shape_book import ShapeBook
from tests.services.logs import json_lines

PARTS = st.sampled_from(
    [
        "0",
        "1",
        "42",
        "007",
        "0x1f",
        "deadbeef01",
        "a1",
        "é",
        "é1",
        " ",
        "code ",
        "status=",
        '" ',
        "503",
        "200",
        "E0308",
        "ORA-",
        "00942",
        "ms",
        ".",
        "-",
        ":",
        "x",
        "_",
        "\\n",
        "\\u00e9",
        "\x1b[31m",
        "\x1b[32m",
        '{"level":',
        '"msg":"',
        '"',
        ",",
        "}",
        "30",
        "50",
        "level=",
        "<134>",
        "<11>",
        "HTTP/1.1 ",
        "HTTP ",
        "errno=",
        "SQLSTATE[",
        "42P01",
        "1700000000",
        ">",
    ]
)


def key_of(line):
    return line_keys([line.encode()])


def kind_of(line):
    book = ShapeBook(ReadLimits(), date(2026, 11, 22))
    book.learn(line.encode(), 0)
    draft = book.drafts[0]
    return draft.skeleton, draft.level, draft.is_red, draft.opens_step


@settings(max_examples=500, deadline=None)
@given(st.lists(PARTS, max_size=8), st.lists(PARTS, max_size=8))
def test_lines_with_one_key_are_of_one_kind(left, right):
    """The cheap key of a line is at least as fine as what taking it apart tells: else lines would get another's kind."""
    one, other = "".join(left), "".join(right)
    if key_of(one) == key_of(other):
        assert kind_of(one) == kind_of(other)


@settings(max_examples=500, deadline=None)
@given(st.lists(PARTS, max_size=10), st.data())
@example(['{"level":', "30", ",", '"msg":"', "x", '"', "}"], None)
def test_other_numbers_in_a_line_change_its_kind_only_with_its_key(parts, data):
    """Here nearly all pairs have one key, which of two random lines few have."""
    swaps = {"1": "42", "30": "50", "503": "200", "0": "1", "a1": "deadbeef01", "<134>": "<11>", "00942": "007"}
    swaps |= {other: one for one, other in swaps.items()}
    flips = [data is None or data.draw(st.booleans()) for _ in parts]
    one = "".join(parts)
    other = "".join(swaps.get(part, part) if flip else part for part, flip in zip(parts, flips, strict=True))
    if key_of(one) == key_of(other):
        assert kind_of(one) == kind_of(other)


@settings(max_examples=500, deadline=None)
@given(json_lines.LINES, json_lines.TEXTS, json_lines.TEXTS)
def test_texts_of_json_change_a_lines_kind_only_with_its_key(line, text, instead):
    other = line.replace(json.dumps(text), json.dumps(instead))
    if key_of(line) == key_of(other):
        assert kind_of(line) == kind_of(other)


@settings(max_examples=1000, deadline=None)
@given(st.lists(PARTS, max_size=10).map("".join))
def test_words_are_folded_alike_in_lines_with_and_without_a_backslash(line):
    """Lines without one are folded by patterns that find the few words to look at closely."""
    plain, other = key_of(f"x {line}"), key_of(f"x {line} \\")
    assert [key + b" \\" for key in plain] == other or "\x1b" in line


def test_texts_that_nobody_reads_are_no_part_of_a_key():
    line = '{"pod":"%s","msg":"up","at":[1,{"b":"}"}],"n":null,"trace":"%s"}'
    assert key_of(line % ("web-a", "é")) == key_of(line % ("db-b", "x\\ny"))
    assert key_of('{"pod":"a","msg":"up","message":" "}') != key_of('{"pod":"b","msg":"up","message":" "}')
    assert key_of('{"pod":"a","msg":""}') != key_of('{"pod":"b","msg":""}')
    assert key_of('{"pod":"a","msg":"up"') != key_of('{"pod":"b","msg":"up"')


def test_all_names_that_are_read_are_known_to_the_loops():
    read = [
        *structured._MESSAGE_KEYS,
        *structured._ERROR_KEYS,
    ]
    assert set(read) == {name.decode() for name in MESSAGE_NAMES}
    others = {*structured._LEVEL_KEYS, *structured._COMPONENT_KEYS}
    assert others < {name.decode() for name in OTHER_NAMES}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"level":30,"msg":"x"}', '{"level":50,"msg":"x"}'),
        ("<134>app: x", "<131>app: x"),
        ("\x1b[32m\x1b[31m<134>app: x", "\x1b[32m\x1b[31m<131>app: x"),
        ("web-1  | <134>app: x", "web-1  | <131>app: x"),
        ('"GET / HTTP/1.1" 200 1', '"GET / HTTP/1.1" 503 1'),
        ("ORA-00942", "ORA-01017"),
        ("\x1b[32mpassed", "\x1b[32mfailed"),
        ("\x1b[31mtest", "\x1b[32mtest"),
        ("exited with 0", "exited with 1"),
    ],
)
def test_what_a_diagnosis_needs_has_keys_of_its_own(one, other):
    assert key_of(one) != key_of(other)


def test_values_have_one_key():
    assert key_of("user 17 from 10.0.0.1 took 12ms, id a1b2") == key_of("user 4 from 1.22.3.4 took 9s, id x9")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1700000000 up", "17000000000 up"),
        ("ORA-\x1b[31m300", "ORA-\x1b[31m301"),
        ("ORA-\x00300", "ORA-301"),
        ("level=            30", "level=            50"),
        ('{"msg":"x","status":1234}', '{"msg":"x","status":12}'),
        ("level=ORA-00942", "level=ORA-01017"),
        ("<134>1 up", "<134>2 up"),
        ("[ORA-00942]", "[ORA-01017]"),
        ("SQLSTATE[23505]", "SQLSTATE[42P01]"),
        ("[Errno 111] x", "[Errno 13] x"),
        ("upstream said HTTP 503", "upstream said HTTP 404"),
    ],
)
def test_lines_of_two_kinds_have_two_keys(one, other):
    assert key_of(one) != key_of(other)


def test_terminal_sequences_that_are_no_colours_leave_a_line_its_own_key():
    assert key_of("\x1b]0;title\x07job 1") != key_of("\x1b]0;title\x07job 2")
    assert key_of("\x1b[1mjob 1") == key_of("\x1b[1mjob 2")


def test_a_priority_that_is_cut_off_at_the_end_is_none():
    assert line_keys([b"<13"]) == line_keys([b"<14"])
