"""Terms: what one line has to say for a rule. A text in it, a regular expression, or a jq query of its JSON."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from services.problems import jq
from services.problems.json_lines import json_of
from services.problems.patterns import Pattern, compile_pattern, literal, without_numbers

# What means the ends of the whole text whatever the mode, and flags that would end one.
_ENDS = re.compile(r"\\[Az]|\(\?[a-zA-Z]*-[a-z]*m")

TermKind = Literal["value", "regex", "jq"]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a line may say; two are equal if they are written the same."""

    kind: TermKind
    text: str


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled term.

    candidate: a pattern that matches the kept line of every shape which may hold a line of this term; None for jq,
    which asks for fields that the kept line does not speak for. by_number: whether a line of such a shape matches
    depends on its numbers, or on such fields.
    """

    candidate: str | None
    by_number: bool
    _check: Callable[[str], bool]
    _in_block: Pattern | None

    def matches(self, texts: Sequence[str]) -> bool:
        """Whether a line matches, in any of its forms: as it stands, and its message."""
        return any(self._check(text) for text in texts)

    def may_be_in(self, block: bytes) -> bool:
        """Whether any line of a block, joined by LF, may match."""
        return self._in_block is None or self._in_block.search(block) is not None


@lru_cache(maxsize=10_000)
def matcher_of(term: Term) -> Matcher:
    """Compile a term.

    Raises:
        ValueError: it cannot be, with the reason.
    """
    if not term.text:
        raise ValueError("is empty")
    if term.kind == "jq":
        query = jq.parse(term.text)
        needed = "|".join(literal(text) for text in sorted(query.needed))
        return Matcher(None, by_number=True, _check=_answering(query), _in_block=_block_pattern(f"(?i:{needed})"))
    pattern = literal(term.text) if term.kind == "value" else term.text
    compiled, candidate = compile_pattern(pattern), without_numbers(pattern)
    if candidate == pattern:
        return Matcher(pattern, by_number=False, _check=_containing(compiled), _in_block=None)
    compile_pattern(candidate)
    return Matcher(candidate, by_number=True, _check=_containing(compiled), _in_block=_block_pattern(pattern))


def _block_pattern(pattern: str) -> Pattern | None:
    """The pattern for many lines at once; None where it asks for the text's own ends."""
    return None if _ENDS.search(pattern) else compile_pattern(f"(?m:{pattern})".encode())


def _containing(pattern: Pattern) -> Callable[[str], bool]:
    return lambda text: pattern.search(text) is not None


def _answering(query: jq.Query) -> Callable[[str], bool]:
    def check(line: str) -> bool:
        entry = json_of(line)
        return entry is not None and query.matches(entry)

    return check
