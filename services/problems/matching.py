"""Scans in, known problems out: which entries of a catalogue the lines of one or many files show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.logs.limits import ReadLimits
from services.logs.scan import FileScan
from services.problems.catalogue import Catalogue
from services.problems.hits import find_hits
from services.problems.problem import LineRule, LinesRule, Problem, Rule, terms_of
from services.problems.rule_index import RuleIndex
from services.problems.sightings import Sighting, Sightings, look_at_lines, look_at_shapes
from services.problems.spots import SpotColumn, spot_columns
from services.problems.terms import Term

# As many lines as anybody reads of one problem.
_MAX_REFS = 20


@dataclass(frozen=True, slots=True, order=True)
class MatchedLine:
    """A line, from 0, of one of the scans matched."""

    file: int
    line: int


@dataclass(frozen=True, slots=True)
class ProblemMatch:
    """A known problem that the files show.

    refs: the lines that show it, in order, the first of them: one of each kind of line, or those of the first hit of
    each file. count: lines known to match, or hits of a rule over several lines; there may be more.
    """

    problem: Problem
    refs: tuple[MatchedLine, ...]
    count: int


def match_problems(
    scans: Sequence[FileScan], catalogue: Catalogue, *, limits: ReadLimits | None = None
) -> list[ProblemMatch]:
    """The problems of the catalogue that the files show, the gravest first, then in the order of their lines.

    Each file is looked at by itself. Distinct kinds of lines are looked at first; a file is read again only where
    the numbers in its lines, or its JSON fields, decide.
    """
    shown: dict[int, tuple[list[MatchedLine], int]] = {}
    for file, scan in enumerate(scans):
        for place, lines, count in _matches_of(scan, catalogue.index, limits):
            refs, before = shown.get(place, ([], 0))
            shown[place] = ([*refs, *(MatchedLine(file, line) for line in lines)], before + count)
    found = [
        ProblemMatch(catalogue.problems[place], tuple(refs[:_MAX_REFS]), count)
        for place, (refs, count) in shown.items()
    ]
    return sorted(found, key=lambda match: (match.problem.severity, match.refs))


def _matches_of(scan: FileScan, index: RuleIndex, limits: ReadLimits | None) -> list[tuple[int, list[int], int]]:
    """(rule, lines, count) of each rule that a file satisfies."""
    sightings = look_at_shapes(scan, index, limits)
    places = index.rules_of(list(sightings))
    undecided = {term for place in places for term in _undecided(index.rules[place], index, sightings)}
    if undecided:
        look_at_lines(scan, index, sightings, undecided, limits)
    spots = _spots(scan, index, sightings, [index.rules[place] for place in places])
    found = []
    for place in places:
        rule = index.rules[place]
        satisfied = (
            _lines_satisfying(rule, scan, index, sightings) if isinstance(rule, LineRule) else _first_hit(rule, spots)
        )
        if satisfied:
            found.append((place, *satisfied))
    return found


def _undecided(rule: Rule, index: RuleIndex, sightings: Sightings) -> list[int]:
    """The terms that only the lines decide, of a rule that may hold but is not known to."""
    numbers = [index.number_of[term] for term in terms_of(rule)]
    needed = numbers[: len(rule.any_of) if isinstance(rule, LineRule) else len(rule.steps)]
    seen = [sightings[number] for number in needed if number in sightings]
    if isinstance(rule, LineRule):
        decided, numbers = any(sighting.is_certain for sighting in seen), needed
    else:
        decided = len(seen) < len(needed)
    return [] if decided else [number for number in numbers if number in sightings and sightings[number].open_shapes]


def _spots(scan: FileScan, index: RuleIndex, sightings: Sightings, rules: Sequence[Rule]) -> dict[Term, SpotColumn]:
    """The lines of all terms of those rules over several lines of which every step was seen."""
    certain = {term for term, number in index.number_of.items() if number in sightings and sightings[number].is_certain}
    possible = [
        rule for rule in rules if isinstance(rule, LinesRule) and certain.issuperset(step.term for step in rule.steps)
    ]
    terms = {term for rule in possible for term in terms_of(rule)}
    none = Sighting()
    seen = {term: sightings.get(index.number_of[term], none) for term in terms}
    return spot_columns(scan.shape_of_line, scan.second_of_line, seen) if seen else {}


def _first_hit(rule: LinesRule, spots: Mapping[Term, SpotColumn]) -> tuple[list[int], int] | None:
    """(the lines of the first hit, how many hits there are)."""
    hits = find_hits(rule, spots) if all(step.term in spots for step in rule.steps) else []
    return ([spot.line for spot in hits[0]], len(hits)) if hits else None


def _lines_satisfying(
    rule: LineRule, scan: FileScan, index: RuleIndex, sightings: Sightings
) -> tuple[list[int], int] | None:
    """(the lines to show, how many lines there are)."""
    wanted = [sightings[number] for term in rule.any_of if (number := index.number_of[term]) in sightings]
    unwanted = [sightings[number] for term in rule.unless if (number := index.number_of[term]) in sightings]
    shapes = {shape for sighting in wanted for shape in sighting.shapes}
    shapes -= {shape for sighting in unwanted for shape in sighting.shapes}
    lines = {line for sighting in wanted for line in sighting.lines if scan.shape_of_line[line] not in shapes}
    lines -= {line for sighting in unwanted for line in sighting.lines}
    shown = {scan.shapes[shape].first_line for shape in shapes} | lines
    count = sum(scan.shapes[shape].count for shape in shapes) + len(lines)
    return (sorted(shown)[:_MAX_REFS], count) if shown else None
