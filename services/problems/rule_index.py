"""All terms of a catalogue in one search: which of a thousand rules a line may be about.

RE2's filter looks for the literals without which a pattern cannot match, all of them at once, and tries only the
patterns that have theirs. See FilteredRE2 of the RE2 library.
"""

from collections.abc import Sequence

import re2

from services.problems.patterns import options
from services.problems.problem import Rule, terms_of
from services.problems.terms import Matcher, Term, matcher_of


class RuleIndex:
    """Rules by their terms, both numbered in order. Raises ValueError for a term that cannot be compiled."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        terms = dict.fromkeys(term for rule in rules for term in terms_of(rule))
        self.number_of: dict[Term, int] = {term: number for number, term in enumerate(terms)}
        self.matchers: list[Matcher] = [matcher_of(term) for term in terms]
        self.queries = [number for number, matcher in enumerate(self.matchers) if matcher.candidate is None]
        self._rules_of: list[list[int]] = [[] for _ in terms]
        for place, rule in enumerate(rules):
            for term in dict.fromkeys(terms_of(rule)):
                self._rules_of[self.number_of[term]].append(place)
        self._filtered = [number for number, matcher in enumerate(self.matchers) if matcher.candidate is not None]
        self._filter = self._compiled_filter()

    def candidates(self, text: str) -> list[int]:
        """The terms, queries apart, that lines of this text's shape may match."""
        found = self._filter.Match(text) if self._filter else None
        return [self._filtered[place] for place in found] if found else []

    def rules_of(self, terms: Sequence[int]) -> list[int]:
        """The rules that any of the terms belongs to, in order."""
        return sorted({rule for term in terms for rule in self._rules_of[term]})

    def _compiled_filter(self) -> re2.Filter | None:
        if not self._filtered:
            return None
        compiled = re2.Filter()
        for number in self._filtered:
            compiled.Add(self.matchers[number].candidate, options())
        compiled.Compile()
        return compiled
