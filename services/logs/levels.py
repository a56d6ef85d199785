"""How serious a line calls itself."""

import re
from enum import IntEnum


class Level(IntEnum):
    """Ordered: a higher value is worse."""

    TRACE = 10
    DEBUG = 20
    INFO = 30
    WARNING = 40
    ERROR = 50
    FATAL = 60


_WORDS = {
    Level.TRACE: ("trace", "finest", "finer", "verbose"),
    Level.DEBUG: ("debug", "dbg", "fine", "debug1"),
    Level.INFO: ("info", "notice", "information", "informational", "log", "config", "note"),
    Level.WARNING: ("warn", "warning"),
    Level.ERROR: ("error", "err", "severe", "failure"),
    Level.FATAL: ("fatal", "critical", "crit", "alert", "emerg", "emergency", "panic"),
}
_LEVELS = {word: level for level, words in _WORDS.items() for word in words}
_LETTERS = {
    "T": Level.TRACE,
    "V": Level.TRACE,
    "D": Level.DEBUG,
    "I": Level.INFO,
    "W": Level.WARNING,
    "E": Level.ERROR,
    "F": Level.FATAL,
}
# bunyan and pino write numbers.
_NUMBERS = {"10": 10, "20": 20, "30": 30, "40": 40, "50": 50, "60": 60}
# RFC 5424: severity is the priority modulo eight.
_SEVERITIES = (
    Level.FATAL,
    Level.FATAL,
    Level.FATAL,
    Level.ERROR,
    Level.WARNING,
    Level.INFO,
    Level.INFO,
    Level.DEBUG,
)
_KEYED = re.compile(
    r'\b(?:level|lvl|severity|levelname|log_level|loglevel)"?\s?[=:]\s{0,12}"?([A-Za-z]+|\d\d)\b', re.IGNORECASE
)


def level_of_word(word: str) -> Level | None:
    """The level a word such as WARN, `critical` or bunyan's 50 names, or None."""
    if word in _NUMBERS:
        return Level(_NUMBERS[word])
    return _LEVELS.get(word.lower())


def level_of_letter(letter: str) -> Level | None:
    """The level of klog's and Android's one-letter form, or None."""
    return _LETTERS.get(letter)


def level_of_priority(priority: int) -> Level:
    """The level of a syslog `<priority>` number."""
    return _SEVERITIES[priority % 8]


def keyed_level(text: str) -> Level | None:
    """The level in `level=error`, `"severity": "ERROR"` and the like, or None."""
    lowered = text.lower()
    if "level" not in lowered and "lvl" not in lowered and "severity" not in lowered:
        return None
    found = _KEYED.search(text)
    return level_of_word(found[1]) if found else None
