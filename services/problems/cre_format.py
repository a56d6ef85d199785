"""Rules in the format of the Common Reliability Enumerations: `rules:`, each with `cre`, `rule` and `metadata`.

Source: the parser of the CRE project (prequel-dev/prequel-compiler, pkg/parser/parse.go).
"""

import re

from services.problems.problem import Origin, Problem, Severity
from services.problems.rule_format import Terms, read_lines_rule
from services.problems.yaml_entries import Entry, Node, RuleError, Text, as_entry

FILE_KEYS = frozenset({"rules", "terms", "section", "version"})

_RULE_KEYS = frozenset({"cre", "rule", "metadata"})
_METADATA_KEYS = frozenset({"name", "id", "hash", "gen", "generation", "kind", "version"})
_CRE_KEYS = frozenset(
    {
        "id",
        "severity",
        "title",
        "category",
        "tags",
        "author",
        "description",
        "impact",
        "impactScore",
        "cause",
        "mitigation",
        "mitigationScore",
        "references",
        "reports",
        "applications",
        "version",
    }
)
_ID = re.compile(r"[A-Za-z0-9-]+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+", re.MULTILINE)
_ANY_AREA = "any"


def named_terms(file: Entry) -> Terms:
    """The terms that a file names once for its rules."""
    return file.entry("terms").fields if "terms" in file.fields else {}


def read_cre_rule(node: Node, terms: Terms, file_name: str) -> Problem:
    """One of the `rules`. A title and a severity that are missing are the id and medium.

    Raises:
        RuleError: the rule is malformed, or asks for what one log does not hold.
    """
    entry = as_entry(node, "rule")
    entry.refuse_unknown(_RULE_KEYS)
    cre, rule = entry.entry("cre"), entry.entry("rule")
    cre.refuse_unknown(_CRE_KEYS)
    if "metadata" in entry.fields:
        entry.entry("metadata").refuse_unknown(_METADATA_KEYS)
    identifier = cre.text("id")
    if not _ID.fullmatch(identifier):
        raise RuleError(cre.line_of("id"), f"{identifier!r} is no id: letters, digits and hyphens make one")
    return Problem(
        id=identifier,
        title=cre.text_or_none("title") or identifier,
        area=_area(cre),
        severity=_severity(cre),
        rule=read_lines_rule(*_set_or_sequence(rule), terms),
        meaning=_joined(cre.text_or_none("cause") or cre.text_or_none("description")),
        impact=_joined(cre.text_or_none("impact")),
        checks=(),
        fix=_steps(cre.text_or_none("mitigation")),
        origin=Origin(file_name, entry.line),
    )


def _set_or_sequence(rule: Entry) -> tuple[Entry, str]:
    rule.refuse_unknown({"set", "sequence"})
    if len(rule.fields) != 1:
        raise RuleError(rule.line, "a rule is either a 'set' or a 'sequence'")
    name = next(iter(rule.fields))
    return rule.entry(name), name


def _severity(cre: Entry) -> Severity:
    number = cre.count("severity", Severity.MEDIUM)
    if number > Severity.INFO:
        raise RuleError(cre.line_of("severity"), "'severity' should be 0 (critical) to 4 (info)")
    return Severity(number)


def _area(cre: Entry) -> str:
    """The application that the rule is about, else the rule's category."""
    applications = [as_entry(node, "application") for node in cre.items("applications")]
    names = (application.fields.get("name") for application in applications)
    name = next((node.text.strip() for node in names if isinstance(node, Text)), "")
    return (name or cre.text_or_none("category") or _ANY_AREA).lower()


def _joined(text: str | None) -> str:
    return " ".join((text or "").split())


def _steps(text: str | None) -> tuple[str, ...]:
    """The points of a list in Markdown, or the text as one step."""
    return tuple(filter(None, (_joined(part) for part in _BULLET.split(text or ""))))
