"""Terms: what one line has to say for a rule. A text in it, a regular expression, or a jq query of its JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from services.problems import jq
from services.problems.patterns import Pattern, asks_certain_numbers, compile_pattern, literal, without_numbers

TermKind = Literal["value", "regex", "jq"]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing a line may say; two are equal if they are written the same."""

    kind: TermKind
    text: str


@dataclass(frozen=True, slots=True)
class Matcher:
    """A compiled term: a pattern, or a query of a line's JSON.

    candidate: a pattern that matches the kept line of every shape which may hold a line of this term; of a query,
    any line that it may be true of. by_number: whether a line of such a shape matches depends on its numbers.
    certain_numbers: whether one line of a shape may match for its numbers, and another not.
    """

    candidate: str
    by_number: bool
    certain_numbers: bool
    _pattern: Pattern | None
    _query: jq.Query | None = None

    @property
    def asks_json(self) -> bool:
        return self._query is not None

    def matches(self, texts: Sequence[str]) -> bool:
        """Whether a line matches the pattern, in any of its forms: as it stands, and its message."""
        return self._pattern is not None and any(self._pattern.search(text) for text in texts)

    def answers(self, entry: Any) -> bool:
        """Whether the query is true of the JSON of a line."""
        return self._query is not None and self._query.matches(entry)


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
        needed = "|".join(sorted(query.needed)) or literal("{")
        return Matcher(f"(?i:{needed})", by_number=True, certain_numbers=True, _pattern=None, _query=query)
    pattern = literal(term.text) if term.kind == "value" else term.text
    compiled, candidate = compile_pattern(pattern), without_numbers(pattern)
    if candidate != pattern:
        compile_pattern(candidate)
    return Matcher(candidate, candidate != pattern, asks_certain_numbers(pattern), compiled)
