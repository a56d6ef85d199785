"""The `rule` of a problem: what both formats, ours and CRE's, say alike about sets and sequences of lines.

Source: the parser and the examples of the CRE project (prequel-dev/prequel-compiler, pkg/parser).
"""

from collections.abc import Mapping

from services.problems.problem import LineRule, LinesRule, Negation, Rule, Step
from services.problems.terms import Term, TermKind, matcher_of
from services.problems.yaml_entries import Entry, Node, RuleError, Text, as_entry

Terms = Mapping[str, Node]
"""Terms that a file names once and its rules refer to."""

_KINDS: tuple[TermKind, ...] = ("value", "regex", "jq")
_BEYOND = ("sequence", "set", "promql", "script", "extract")
_NEGATE_OPTIONS = ("window", "slide", "anchor", "absolute")
_MAX_LINES = 64


def read_lines_rule(entry: Entry, name: str, named: Terms) -> Rule:
    """A `set` (key `match`) or a `sequence` (key `order`); a set of one line without more is a rule about a line.

    Raises:
        RuleError: it is malformed, or asks for what one log does not hold.
    """
    steps_key = "order" if name == "sequence" else "match"
    entry.refuse_unknown({"window", "event", "correlations", "origin", "negate", steps_key})
    _check_event(entry)
    steps = tuple(_step(node, named) for node in entry.items(steps_key))
    if not steps:
        raise RuleError(entry.line, f"{steps_key!r} is missing")
    lines = sum(step.count for step in steps)
    negations = tuple(_negation(node, named, lines) for node in entry.items("negate"))
    if lines > _MAX_LINES:
        raise RuleError(entry.line, f"asks for more than {_MAX_LINES} lines")
    window_seconds = entry.seconds("window")
    if lines == 1 and name == "sequence":
        raise RuleError(entry.line_of(steps_key), "a sequence needs two lines or more")
    if lines == 1 and not negations:
        return LineRule((steps[0].term,))
    if lines > 1 and not window_seconds:
        raise RuleError(entry.line, "'window' is missing: within which time the lines belong together")
    return LinesRule(steps, name == "sequence", window_seconds or 0.0, negations)


def read_term(node: Node, named: Terms, *, options: tuple[str, ...] = ()) -> tuple[Term, Entry | None]:
    """(the term, its mapping if it is written as one). Raises RuleError."""
    if isinstance(node, Text):
        return _named_term(node, named) if node.text in named else (_checked("value", node.text, node.line), None)
    entry = as_entry(node, "term")
    for key in _BEYOND:
        if key in entry.fields:
            raise RuleError(entry.line_of(key), f"{key!r} inside a rule is not supported: a rule is about one log")
    entry.refuse_unknown({*_KINDS, "field", *options})
    kinds = [kind for kind in _KINDS if kind in entry.fields]
    if len(kinds) != 1:
        raise RuleError(entry.line, "a term has one of value, regex and jq")
    value = entry.fields[kinds[0]]
    if not isinstance(value, Text):
        raise RuleError(value.line, f"{kinds[0]!r} should be a text")
    if kinds[0] == "value" and value.text in named:
        return _named_term(value, named)[0], entry
    if field := entry.text_or_none("field"):
        return _field_term(field, kinds[0], value), entry
    return _checked(kinds[0], value.text, value.line), entry


def _named_term(name: Text, named: Terms) -> tuple[Term, None]:
    return read_term(named[name.text], {})[0], None


def _field_term(field: str, kind: TermKind, value: Text) -> Term:
    """A field of an event that equals a value, as the format has it for Kubernetes' events."""
    if kind != "value":
        raise RuleError(value.line, "'field' goes with 'value'")
    quoted = value.text.replace("\\", "\\\\").replace('"', '\\"')
    return _checked("jq", f'select(.{field} == "{quoted}")', value.line)


def _checked(kind: TermKind, text: str, line: int) -> Term:
    term = Term(kind, text)
    try:
        matcher_of(term)
    except ValueError as error:
        raise RuleError(line, f"{kind!r} cannot be used: {error}") from None
    return term


def _step(node: Node, named: Terms) -> Step:
    term, entry = read_term(node, named, options=("count",))
    return Step(term, max(1, entry.count("count", 1)) if entry else 1)


def _negation(node: Node, named: Terms, lines: int) -> Negation:
    term, entry = read_term(node, named, options=("count", *_NEGATE_OPTIONS))
    if entry is None:
        return Negation(term)
    anchor = entry.count("anchor", 0)
    if anchor >= lines:
        raise RuleError(entry.line_of("anchor"), f"'anchor' should be one of the {lines} lines, counted from 0")
    return Negation(
        term,
        anchor,
        slide_seconds=entry.seconds("slide") or 0.0,
        window_seconds=entry.seconds("window") or 0.0,
        is_absolute=entry.flag("absolute"),
    )


def _check_event(entry: Entry) -> None:
    """The event's source names a collector's stream; here every uploaded log is looked at."""
    if "event" in entry.fields:
        entry.entry("event").refuse_unknown({"source", "origin"})
