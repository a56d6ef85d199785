"""The `rule` of a problem: what both formats, ours and CRE's, say alike about sets and sequences of lines.

Source: the parser and the examples of the CRE project (prequel-dev/prequel-compiler, pkg/parser).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.problems.problem import LineRule, LinesRule, Negation, Rule, Step
from services.problems.terms import Term, TermKind, matcher_of
from services.problems.yaml_entries import Entry, Node, RuleError, Text, as_entry

Terms = Mapping[str, Node]
"""Terms that a file names once and its rules refer to."""

_KINDS: tuple[TermKind, ...] = ("value", "regex", "jq")
_BEYOND = ("sequence", "set", "promql", "script", "extract")
_NEGATE_OPTIONS = ("window", "slide", "anchor", "absolute")
_KUBERNETES_EVENTS = ("cre.prequel.k8s", "k8s")
_MAX_LINES = 64


def read_lines_rule(entry: Entry, name: str, named: Terms) -> Rule:
    """A `set` (key `match`) or a `sequence` (key `order`); a set of one line without more is a rule about a line.

    Raises:
        RuleError: it is malformed, or asks for what one log does not hold.
    """
    steps_key = "order" if name == "sequence" else "match"
    entry.refuse_unknown({"window", "event", "correlations", "origin", "negate", steps_key})
    terms = TermReader(named, asks_events=_source(entry) in _KUBERNETES_EVENTS)
    steps = tuple(_step(node, terms) for node in entry.items(steps_key))
    if not steps:
        raise RuleError(entry.line, f"{steps_key!r} is missing")
    lines = sum(step.count for step in steps)
    negations = tuple(_negation(node, terms, lines) for node in entry.items("negate"))
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


@dataclass(frozen=True, slots=True)
class TermReader:
    """Reads the terms of one rule.

    named: terms that the file names. asks_events: whether the rule is about Kubernetes' events, whose fields a term
    may name; of other logs the format takes a field's name and looks for the text in the whole line.
    """

    named: Terms
    asks_events: bool = False

    def read(self, node: Node, *, options: tuple[str, ...] = ()) -> tuple[Term, Entry | None]:
        """(the term, its mapping if it is written as one). Raises RuleError."""
        if isinstance(node, Text):
            return self._named(node) or _checked("value", node.text, node.line), None
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
        if kinds[0] != "value":
            return _checked(kinds[0], value.text, value.line), entry
        field = entry.text_or_none("field") if self.asks_events else None
        return self._named(value) or _field_term(field, value), entry

    def _named(self, text: Text) -> Term | None:
        node = self.named.get(text.text)
        return TermReader({}, self.asks_events).read(node)[0] if node is not None else None


def _field_term(field: str | None, value: Text) -> Term:
    """A text, or the field of an event that equals it."""
    if field is None:
        return _checked("value", value.text, value.line)
    quoted = value.text.replace("\\", "\\\\").replace('"', '\\"')
    return _checked("jq", f'select(.{field} == "{quoted}")', value.line)


def _checked(kind: TermKind, text: str, line: int) -> Term:
    term = Term(kind, text)
    try:
        matcher_of(term)
    except ValueError as error:
        raise RuleError(line, f"{kind!r} cannot be used: {error}") from None
    return term


def _step(node: Node, terms: TermReader) -> Step:
    term, entry = terms.read(node, options=("count",))
    return Step(term, max(1, entry.count("count", 1)) if entry else 1)


def _negation(node: Node, terms: TermReader, lines: int) -> Negation:
    term, entry = terms.read(node, options=("count", *_NEGATE_OPTIONS))
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


def _source(entry: Entry) -> str:
    """The collector's stream that a rule is about; but for Kubernetes' events every uploaded log is looked at."""
    if "event" not in entry.fields:
        return ""
    event = entry.entry("event")
    event.refuse_unknown({"source", "origin"})
    return event.text_or_none("source") or ""
