"""Entries in our own format: `problems:`, each with what it means, what to check and how to put it right."""

import re

from services.problems.problem import LineRule, Origin, Problem, Rule, Severity
from services.problems.rule_format import TermReader, read_lines_rule
from services.problems.yaml_entries import Entry, Node, RuleError, as_entry

FILE_KEYS = frozenset({"area", "problems"})

_KEYS = frozenset(
    {"id", "title", "area", "severity", "match", "meaning", "impact", "checks", "fix", "examples", "near_misses"}
)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def read_own_entry(node: Node, area: str | None, file_name: str) -> Problem:
    """One of the `problems`; `area` is that of the file, for entries that name none.

    Raises:
        RuleError: the entry is malformed, or something is missing.
    """
    entry = as_entry(node, "problem")
    entry.refuse_unknown(_KEYS)
    identifier = entry.text("id")
    if not _ID.fullmatch(identifier):
        raise RuleError(entry.line_of("id"), f"{identifier!r} is no id: small letters, digits and hyphens make one")
    return Problem(
        id=identifier,
        title=entry.text("title"),
        area=entry.text_or_none("area") or area or entry.text("area"),
        severity=_severity(entry),
        rule=_rule(entry.entry("match")),
        meaning=entry.text("meaning"),
        impact=entry.text("impact"),
        checks=_some(entry, "checks"),
        fix=_some(entry, "fix"),
        origin=Origin(file_name, entry.line),
        examples=entry.texts("examples"),
        near_misses=entry.texts("near_misses"),
    )


def _rule(match: Entry) -> Rule:
    match.refuse_unknown({"any", "unless", "set", "sequence"})
    kinds = match.fields.keys() - {"unless"}
    if len(kinds) != 1 or ("unless" in match.fields and "any" not in kinds):
        raise RuleError(match.line, "'match' has one of 'any' (which may have an 'unless'), 'set' and 'sequence'")
    name = next(iter(kinds))
    if name != "any":
        return read_lines_rule(match.entry(name), name, {})
    terms = TermReader({})
    any_of = tuple(terms.read(node)[0] for node in match.items("any"))
    if not any_of:
        raise RuleError(match.line_of("any"), "'any' is empty")
    return LineRule(any_of, tuple(terms.read(node)[0] for node in match.items("unless")))


def _severity(entry: Entry) -> Severity:
    word = entry.text("severity")
    try:
        return Severity[word.upper()]
    except KeyError:
        words = ", ".join(severity.name.lower() for severity in Severity)
        raise RuleError(entry.line_of("severity"), f"{word!r} is no severity; there are {words}") from None


def _some(entry: Entry, key: str) -> tuple[str, ...]:
    texts = tuple(" ".join(text.split()) for text in entry.texts(key))
    if not texts:
        raise RuleError(entry.line, f"{key!r} is missing")
    return texts
