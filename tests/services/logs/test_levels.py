import pytest

from services.logs.levels import Level, keyed_level, level_of_letter, level_of_priority, level_of_word


@pytest.mark.parametrize(
    ("word", "level"),
    [("WARN", Level.WARNING), ("critical", Level.FATAL), ("50", Level.ERROR), ("Notice", Level.INFO), ("hello", None)],
)
def test_words(word, level):
    assert level_of_word(word) == level


def test_letters_priorities_and_keys():
    assert level_of_letter("E") is Level.ERROR
    assert level_of_letter("x") is None
    assert level_of_priority(11) is Level.ERROR  # user facility, severity 3
    assert level_of_priority(14) is Level.INFO
    assert keyed_level('{"a":1,"level":"fatal"}') is Level.FATAL
    assert keyed_level("severity=warning x") is Level.WARNING
    assert keyed_level("sea level = high") is None


def test_levels_are_ordered():
    assert Level.FATAL > Level.ERROR > Level.WARNING > Level.INFO
