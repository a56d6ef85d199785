import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.diagnosis.gated_patterns import PatternTable, Wording, either, gated
from services.diagnosis.landmarks import MARKS
from services.diagnosis.words import WORD_CLASSES

TABLE = PatternTable(
    {
        "always": gated("", r"^\d"),
        "shouted": gated("fail", r"FAIL"),
        "any_case": either(gated("warn", r"(?i)\bwarn"), gated("^care", r"(?i)take care")),
        "opening": gated("once", r"(?i)^once|twice"),
    }
)
EVERY_PATTERN = [
    (name, pattern)
    for table in (WORD_CLASSES, MARKS)
    for name, patterns in table.items()
    for pattern in patterns
    if pattern.stems
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", set()),
        ("1 of 2", {"always"}),
        ("it FAILED", {"shouted"}),
        ("it failed", set()),
        ("a WARNING", {"any_case"}),
        ("rewarned", set()),
        ("Take Care", {"any_case"}),
        ("Once and twice", {"opening"}),
        ("at once twice", set()),
    ],
)
def test_names_of_a_text(text, names):
    assert TABLE.names_in(Wording.of(text)) == names


def test_a_pattern_is_tried_only_behind_its_stems():
    table = PatternTable({"hidden": gated("stem", r"word"), "begun": gated("^be", r"."), "many": gated("x y", r".")})
    assert table.names_in(Wording.of("a word")) == set()
    assert table.names_in(Wording.of("a word of the stem")) == {"hidden"}
    assert table.names_in(Wording.of("to be")) == {"begun"}
    assert table.names_in(Wording.of("maybe")) == {"many"}


@pytest.mark.parametrize(
    ("name", "pattern"),
    EVERY_PATTERN,
    ids=[f"{name}-{pattern.source[:20]}" for name, pattern in EVERY_PATTERN],
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
@given(draw=st.data())
def test_no_stem_keeps_a_pattern_from_what_it_matches(name, pattern, draw):
    source = pattern.source.removeprefix("(?i)")
    text = draw.draw(st.from_regex(re.compile(source, re.ASCII), fullmatch=True))
    wording = Wording.of(text)
    assume(pattern.compiled()(wording.lowered if pattern.ignores_case else text))
    assert name in PatternTable({name: (pattern,)}).names_in(wording)


def test_patterns_that_ignore_case_are_written_in_small_letters():
    ignoring = [pattern for _, pattern in EVERY_PATTERN if pattern.ignores_case]
    assert ignoring
    for pattern in ignoring:
        assert re.sub(r"\\.", "", pattern.source).islower(), pattern.source


def test_stems_are_written_in_small_letters():
    assert all(stem == stem.lower() for _, pattern in EVERY_PATTERN for stem in pattern.stems)
