"""Expressions made blind to numbers, and durations."""

import pytest

from services.problems.durations import seconds_of
from services.problems.patterns import asks_certain_numbers, compile_pattern, literal, without_numbers


@pytest.mark.parametrize(
    ("pattern", "loose"),
    [
        (r"signal 11\b", r"signal \S*\S*\b"),
        (r"took [5-9]\d{3} ms", r"took \S*\S* ms"),
        (r"code=(?:2[0-9]|30)", r"code=(?:\S*\S*|\S*\S*)"),
        (r"connection refused", r"connection refused"),
        (r"user [a-z0-9_]+ left", r"user [a-z0-9_]+ left"),
        (r"(?P<name2>x{2,3})", r"(?P<name2>x{2,3})"),
        (r"ORA-00942", r"ORA-00942"),
        (r"exit code 137", r"exit code 137"),
        (r"\x{41}\x41\pN", r"\x{41}\x41\pN"),
        (r"[^\]\d]end", r"\S*end"),
        (r"\S+ \w{3} [ab] .*", r"\S+ \w{3} [ab] .*"),
    ],
)
def test_what_asks_for_certain_digits_takes_any_word(pattern, loose):
    assert without_numbers(pattern) == loose
    compile_pattern(loose)


def test_a_text_with_signs_is_still_that_text():
    assert compile_pattern(literal("a.c (x) [1]*")).search("see a.c (x) [1]* there")
    assert not compile_pattern(literal("a.c")).search("abc")


@pytest.mark.parametrize(("pattern", "reason"), [("(", "missing"), (r"(?<!a)b", r"\(\?<"), (r"(\w)\1", "escape"), ("a" * 5_000, "longer"), ("((a{1000}){1000}){1000}", "repe|large")])  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern, reason):
    with pytest.raises(ValueError, match=reason):
        compile_pattern(pattern)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("1m30s", 90), ("500ms", 0.5), ("1.5h", 5_400), ("-5s", -5), ("0", 0)])  # fmt: skip
def test_durations_are_read(text, seconds):
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "10", "10d", "five minutes", "s"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="is no duration"):
        seconds_of(text)


@pytest.mark.parametrize(("pattern", "answer"), [(r"\(\d+: ", False), (r"[0-9]*x", False), (r"\d{3}", True), (r"signal 11", True), ("gone", False), (r"[5-9]\d+", True), (r"\d\d+", True)])  # fmt: skip
def test_an_expression_that_takes_any_number_asks_for_none(pattern, answer):
    assert asks_certain_numbers(pattern) is answer
