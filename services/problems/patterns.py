"""Regular expressions of rules: RE2's, which match in linear time whatever the rule's author wrote."""

import re
from typing import Protocol

import re2

# RE2 refuses a pattern whose program would not fit; searching falls back to less memory, never to more time.
_MAX_PATTERN_BYTES = 1 << 20
MAX_PATTERN_CHARS = 4_000

# One item of a pattern. Copied: groups' heads, characters by number, and the codes and statuses of which lines of
# one shape never have two (services.logs.skeletons keeps them apart).
_ITEM = re.compile(
    r"""(?P<copied>\(\?P?<\w+>|\(\?[\w-]*[:)]|\\[pP](?:\{\w+\}|\w)|\\x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})
        | \\Q.*?(?:\\E|$)
        | (?<![A-Za-z0-9_\\])(?:ORA|SQLSTATE|TS|CS|MSB|LNK|SC|E|F|W|C|HTTP)\\?-?[0-9]{3,6}(?![\w*+?{])
        | (?:(?:code|status)(?:\\?[ ]|:\\?[ ]|=)|exited\\?[ ]with\\?[ ])[1-5][0-9][0-9](?![\w*+?{]))
      | (?P<number>(?:\\d|[0-9]|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])(?P<repeat>(?:[*+?]|\{\d+(?:,\d*)?\})*))
      | (?P<other>\\.|\{\d+(?:,\d*)?\}|.)""",
    re.VERBOSE | re.DOTALL,
)
_ANY_WORD = r"\S*"
_ANY_NUMBER = re.compile(r"(?:\\d|\[0-9\])[+*]\??")
_DIGIT = re.compile(r"[0-9]|\\d")


class Pattern(Protocol):
    """A compiled pattern."""

    def search(self, text: str | bytes) -> object | None:
        """What is found, or None."""


def options() -> re2.Options:
    """How every pattern is compiled."""
    chosen = re2.Options()
    chosen.max_mem = _MAX_PATTERN_BYTES
    chosen.log_errors = False
    return chosen


def compile_pattern(pattern: str | bytes) -> Pattern:
    """Compile a pattern, of text or of bytes.

    Raises:
        ValueError: it is no pattern of RE2, with the reason.
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"is longer than {MAX_PATTERN_CHARS:,} characters")
    try:
        compiled: Pattern = re2.compile(pattern, options())
    except re2.error as error:
        reason = error.args[0]
        raise ValueError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
    return compiled


def literal(text: str) -> str:
    """The pattern that matches a text as it stands."""
    return str(re2.escape(text))


def without_numbers(pattern: str) -> str:
    """The pattern with whatever asks for certain digits made to take any word; the same where nothing does.

    Lines that differ in their numbers only have one shape, of which one line is kept: this tells from that line
    whether another one might match.
    """
    return _ITEM.sub(_loosened, pattern)


def asks_certain_numbers(pattern: str) -> bool:
    """Whether some numbers match and others do not; digits that may be any, and as many as there are, ask for none."""
    return any(_loosened(item) is _ANY_WORD and not _ANY_NUMBER.fullmatch(item[0]) for item in _ITEM.finditer(pattern))


def _loosened(item: re.Match[str]) -> str:
    number = item["number"]
    if number is None or (number.startswith("[") and not _DIGIT.search(number.removesuffix(item["repeat"]))):
        return item[0]
    return item[0] if number.startswith("[") and _takes_any_digit(number) else _ANY_WORD


def _takes_any_digit(characters: str) -> bool:
    """Whether a class of characters takes letters as well as every digit, as names are made of."""
    return "a-z" in characters and ("0-9" in characters or r"\d" in characters)
