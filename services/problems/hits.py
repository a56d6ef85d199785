"""Lines that belong together: the windows, orders, counts and negations of rules over several lines.

Source of the semantics: the matchers of the CRE project (prequel-dev/prequel-logmatch, pkg/match).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from services.problems.problem import LinesRule, Negation
from services.problems.terms import Term

# Beyond it nobody counts, and a frequent pair of lines would be counted for long.
MAX_HITS = 1_000
# Where lines bear no time a window cannot be held against them; so many lines are what a busy minute writes.
UNTIMED_WINDOW_LINES = 1_000


@dataclass(frozen=True, slots=True)
class Spot:
    """A line that a term matches. second: epoch seconds, None where neither it nor the lines before it bear a time."""

    line: int
    second: float | None


Hit = tuple[Spot, ...]
Spots = Mapping[Term, Sequence[Spot]]
"""The spots of each term, in the order of the file."""


def find_hits(rule: LinesRule, spots: Spots) -> list[Hit]:
    """The first hits of a rule, MAX_HITS at most; no line serves two of them in the same place."""
    found = _sequences(rule, spots) if rule.in_order else _sets(rule, spots)
    return list(islice(found, MAX_HITS))


def _sequences(rule: LinesRule, spots: Spots) -> Iterator[Hit]:
    """From each first line the nearest next ones: no other choice ends sooner."""
    chain = [spots[step.term] for step in rule.steps for _ in range(step.count)]
    lines = [[spot.line for spot in of_step] for of_step in chain]
    after = -1
    while True:
        hit: list[Spot] = []
        last = after
        for of_step, numbers in zip(chain, lines, strict=True):
            place = bisect_right(numbers, last)
            if place == len(numbers):
                return
            hit.append(of_step[place])
            last = numbers[place]
        is_hit = _is_within(hit[0], hit[-1], rule.window_seconds) and not _is_cancelled(rule, hit, spots)
        after = hit[-1].line if is_hit else hit[0].line
        if is_hit:
            yield tuple(hit)


def _sets(rule: LinesRule, spots: Spots) -> Iterator[Hit]:
    """The narrowest range around each earliest line: the step that begins first moves on until all fit."""
    places = [0] * len(rule.steps)
    while True:
        groups = [spots[step.term][at : at + step.count] for step, at in zip(rule.steps, places, strict=True)]
        if any(len(group) < step.count for group, step in zip(groups, rule.steps, strict=True)):
            return
        hit = sorted({spot.line: spot for group in groups for spot in group}.values(), key=lambda spot: spot.line)
        if _is_within(hit[0], hit[-1], rule.window_seconds) and not _is_cancelled(rule, hit, spots):
            yield tuple(hit)
            places = [at + step.count for step, at in zip(rule.steps, places, strict=True)]
        else:
            earliest = min(range(len(groups)), key=lambda step: groups[step][0].line)
            places[earliest] += 1


def _is_within(first: Spot, last: Spot, window_seconds: float) -> bool:
    if first.second is None or last.second is None:
        return last.line - first.line <= UNTIMED_WINDOW_LINES
    return abs(last.second - first.second) <= window_seconds


def _is_cancelled(rule: LinesRule, hit: Sequence[Spot], spots: Spots) -> bool:
    return any(_cancels(negation, hit, spots[negation.term]) for negation in rule.negations)


def _cancels(negation: Negation, hit: Sequence[Spot], negative: Sequence[Spot]) -> bool:
    anchor = hit[min(negation.anchor, len(hit) - 1)]
    first, last = hit[0].second, hit[-1].second
    if anchor.second is None or first is None or last is None:
        return _has_between(negative, hit[0].line, hit[-1].line, lambda spot: spot.line)
    start = anchor.second + negation.slide_seconds
    width = negation.window_seconds + (0.0 if negation.is_absolute else last - first)
    timed = [spot for spot in negative if spot.second is not None]
    return _has_between(timed, start, start + max(0.0, width), lambda spot: spot.second or 0.0)


def _has_between(spots: Sequence[Spot], start: float, end: float, place_of: Callable[[Spot], float]) -> bool:
    """Whether a spot lies in the range, both ends included. Logs are nearly in order of time, not quite."""
    return any(start <= place_of(spot) <= end for spot in spots)
