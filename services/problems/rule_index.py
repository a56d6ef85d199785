"""All terms of a catalogue in one search: which of a thousand rules a line may be about.

RE2's filter looks for the literals without which a pattern cannot match, all of them at once, and tries only the
patterns that have theirs. See FilteredRE2 of the RE2 library.
"""

from collections.abc import Sequence

import re2

from services.problems.patterns import options
from services.problems.problem import Rule, terms_of
from services.problems.terms import Matcher, Term, matcher_of


class TermFilter:
    """The candidate patterns of some terms, searched for all at once."""

    def __init__(self, numbers: Sequence[int], matchers: Sequence[Matcher]) -> None:
        self._numbers = numbers
        self._filter = re2.Filter()
        for number in numbers:
            self._filter.Add(matchers[number].candidate, options())
        if numbers:
            self._filter.Compile()

    def candidates(self, text: str) -> list[int]:
        """The terms whose pattern matches the text."""
        found = self._filter.Match(text) if self._numbers else None
        return [self._numbers[place] for place in found] if found else []


class RuleIndex:
    """Rules by their terms, both numbered in order. Raises ValueError for a term that cannot be compiled."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        terms = dict.fromkeys(term for rule in rules for term in terms_of(rule))
        self.number_of: dict[Term, int] = {term: number for number, term in enumerate(terms)}
        self.matchers: list[Matcher] = [matcher_of(term) for term in terms]
        self.queries = [number for number, matcher in enumerate(self.matchers) if matcher.asks_json]
        patterns = [number for number, matcher in enumerate(self.matchers) if not matcher.asks_json]
        self._patterns = TermFilter(patterns, self.matchers)
        self._queries = TermFilter(self.queries, self.matchers)
        self._rules_of: list[list[int]] = [[] for _ in terms]
        for place, rule in enumerate(rules):
            for term in dict.fromkeys(terms_of(rule)):
                self._rules_of[self.number_of[term]].append(place)

    def candidates(self, text: str) -> list[int]:
        """The terms, queries apart, that lines of this text's shape may match."""
        return self._patterns.candidates(text)

    def queries_about(self, text: str) -> list[int]:
        """The queries that may be true of this line."""
        return self._queries.candidates(text)

    def rules_of(self, terms: Sequence[int]) -> list[int]:
        """The rules that any of the terms belongs to, in order."""
        return sorted({rule for term in terms for rule in self._rules_of[term]})
