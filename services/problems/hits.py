"""Lines that belong together: the windows, orders, counts and negations of rules over several lines.

Source of the semantics: the matchers of the CRE project (prequel-dev/prequel-logmatch, pkg/match).
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from services.problems.problem import LinesRule, Negation
from services.problems.spots import UNTIMED_WINDOW_LINES, Spot, SpotColumn
from services.problems.terms import Term

# Beyond it nobody counts, and a frequent pair of lines would be counted for long.
MAX_HITS = 20
# Beginnings that are tried for one rule; only hits that are cancelled one after the other need so many.
_MAX_TRIES = 20_000

Hit = tuple[Spot, ...]
Spots = Mapping[Term, SpotColumn]


def find_hits(rule: LinesRule, spots: Spots) -> list[Hit]:
    """The first hits of a rule, in the order of the file, MAX_HITS at most; no line serves two of them."""
    found = _sequences(rule, spots) if rule.in_order else _sets(rule, spots)
    return list(islice((hit for hit in islice(found, _MAX_TRIES) if hit), MAX_HITS))


def _sequences(rule: LinesRule, spots: Spots) -> Iterator[Hit | None]:
    """From each first line the nearest next ones, for no other choice ends sooner; None for what is no hit."""
    first, *rest = [spots[step.term] for step in rule.steps for _ in range(step.count)]
    start = 0
    while start < len(first):
        hit = [first.spot(start)]
        for column in rest:
            place = column.place_after(hit[-1].line)
            if place == len(column):
                return
            hit.append(column.spot(place))
        if not _is_within(hit[0], hit[-1], rule.window_seconds):
            start = max(start + 1, first.place_within(hit[-1], rule.window_seconds))
            yield None
        elif _is_cancelled(rule, hit, spots):
            start += 1
            yield None
        else:
            start = first.place_after(hit[-1].line)
            yield tuple(hit)


def _sets(rule: LinesRule, spots: Spots) -> Iterator[Hit | None]:
    """The next lines of every step; the step that begins first moves on until all are near each other."""
    columns, counts = [spots[step.term] for step in rule.steps], [step.count for step in rule.steps]
    places = [0] * len(columns)
    while all(at + count <= len(column) for at, count, column in zip(places, counts, columns, strict=True)):
        spots_of_step = [
            [column.spot(at + further) for further in range(count)]
            for at, count, column in zip(places, counts, columns, strict=True)
        ]
        hit = sorted({spot for group in spots_of_step for spot in group}, key=lambda spot: spot.line)
        near = _is_within(hit[0], hit[-1], rule.window_seconds)
        if near and not _is_cancelled(rule, hit, spots):
            places = [at + count for at, count in zip(places, counts, strict=True)]
            yield tuple(hit)
            continue
        earliest = min(range(len(columns)), key=lambda step: spots_of_step[step][0].line)
        next_place = 0 if near else columns[earliest].place_within(hit[-1], rule.window_seconds)
        places[earliest] = max(places[earliest] + 1, next_place)
        yield None


def _is_within(first: Spot, last: Spot, window_seconds: float) -> bool:
    if not (first.second and last.second):
        return last.line - first.line <= UNTIMED_WINDOW_LINES
    return abs(last.second - first.second) <= window_seconds


def _is_cancelled(rule: LinesRule, hit: Sequence[Spot], spots: Spots) -> bool:
    return any(_cancels(negation, hit, spots[negation.term]) for negation in rule.negations)


def _cancels(negation: Negation, hit: Sequence[Spot], column: SpotColumn) -> bool:
    anchor = hit[min(negation.anchor, len(hit) - 1)]
    if not (hit[0].second and anchor.second):
        return column.has_line_between(hit[0].line, hit[-1].line)
    start = anchor.second + negation.slide_seconds
    width = negation.window_seconds + (0 if negation.is_absolute else hit[-1].second - hit[0].second)
    return column.has_second_between(start, start + max(0.0, width))
