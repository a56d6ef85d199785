"""YAML as rules are written in: mappings, lists and texts that know their lines, and nothing else.

Read from the parser's events: nesting is bounded, and an alias cannot blow a small file up.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import yaml

from services.problems.durations import seconds_of

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 30
_BOOLEANS = {"true": True, "false": False}


class RuleError(Exception):
    """What is wrong with a rule, and in which line (from 1)."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar. Lines are counted from 1."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    nodes: list["Node"] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """A mapping; its readers raise RuleError."""

    line: int
    fields: dict[str, "Node"] = field(default_factory=dict)
    line_of_key: dict[str, int] = field(default_factory=dict)
    twice: Text | None = None

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Nothing but these keys, and each once: a misspelt one would silently be no rule at all."""
        if self.twice:
            raise RuleError(self.twice.line, f"the key {self.twice.text!r} is there twice")
        for key in self.fields:
            if key not in known:
                raise RuleError(self.line_of(key), f"unknown key {key!r}; known are {', '.join(sorted(known))}")

    def text(self, key: str) -> str:
        """A text that must be there."""
        found = self.text_or_none(key)
        if not found:
            raise RuleError(self.line, f"{key!r} is missing")
        return found

    def text_or_none(self, key: str) -> str | None:
        node = self.fields.get(key)
        if node is not None and not isinstance(node, Text):
            raise RuleError(node.line, f"{key!r} should be a text")
        return node.text.strip() if node else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or a single one; empty if it is not there."""
        node = self.fields.get(key)
        if isinstance(node, Text):
            return (node.text,)
        return tuple(_text_of(key, item) for item in self.items(key))

    def items(self, key: str) -> list["Node"]:
        """The items of a list; none if it is not there."""
        node = self.fields.get(key)
        if node is None:
            return []
        if not isinstance(node, Items):
            raise RuleError(node.line, f"{key!r} should be a list")
        return node.nodes

    def entry(self, key: str) -> "Entry":
        """A mapping that must be there."""
        return as_entry(self.fields.get(key) or Text(self.line, ""), key)

    def count(self, key: str, default: int) -> int:
        """A whole number from 0."""
        node = self.fields.get(key)
        if node is None:
            return default
        if not isinstance(node, Text) or not node.text.isdecimal():
            raise RuleError(node.line, f"{key!r} should be a whole number")
        return int(node.text)

    def flag(self, key: str) -> bool:
        """True or false; false if it is not there."""
        text = self.text_or_none(key) or "false"
        if text.lower() not in _BOOLEANS:
            raise RuleError(self.line_of(key), f"{key!r} should be true or false")
        return _BOOLEANS[text.lower()]

    def seconds(self, key: str) -> float | None:
        """A duration."""
        text = self.text_or_none(key)
        if text is None:
            return None
        try:
            return seconds_of(text)
        except ValueError as error:
            raise RuleError(self.line_of(key), f"{key!r}: {error}") from None

    def line_of(self, key: str) -> int:
        """The line of a field, or of the mapping without it."""
        return self.line_of_key.get(key, self.line)


Node = Text | Items | Entry


def as_entry(node: Node, name: str) -> Entry:
    """The node, which must be a mapping."""
    if not isinstance(node, Entry):
        missing = isinstance(node, Text) and not node.text
        raise RuleError(node.line, f"{name!r} is missing" if missing else f"{name!r} should have keys and values")
    return node


def read_entry(text: str) -> Entry:
    """The mapping that a YAML document is.

    Raises:
        RuleError: it is no YAML, no mapping, nested deeper than rules are, or uses aliases.
    """
    root = Items(1)
    open_nodes: list[Node] = [root]
    keys: list[Text | None] = [None]
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            _take(event, open_nodes, keys)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(filter(None, (error.context, error.problem)))
        raise RuleError(mark.line + 1 if mark else 1, f"is not valid YAML: {reason}") from None
    except yaml.YAMLError as error:
        raise RuleError(1, f"is not valid YAML: {' '.join(str(error).split())}") from None
    if len(root.nodes) > 1:
        raise RuleError(root.nodes[1].line, "a second document; write one file for each")
    return as_entry(root.nodes[0] if root.nodes else Text(1, ""), "rules")


def _take(event: yaml.Event, open_nodes: list[Node], keys: list[Text | None]) -> None:
    """Take one event: `open_nodes` are the lists and mappings around it, `keys` the key read last in each."""
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, yaml.AliasEvent):
        raise RuleError(line, "aliases are not supported: write it out")
    if isinstance(event, yaml.ScalarEvent):
        is_null = event.implicit[0] and event.value in {"", "~", "null"}
        _put(Text(line, "" if is_null else event.value), open_nodes[-1], keys)
    elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
        if len(open_nodes) > _MAX_DEPTH:
            raise RuleError(line, f"is nested deeper than {_MAX_DEPTH} levels")
        node = Entry(line) if isinstance(event, yaml.MappingStartEvent) else Items(line)
        _put(node, open_nodes[-1], keys)
        open_nodes.append(node)
        keys.append(None)
    elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
        open_nodes.pop()
        keys.pop()


def _put(node: Node, parent: Node, keys: list[Text | None]) -> None:
    if isinstance(parent, Items):
        parent.nodes.append(node)
    elif isinstance(parent, Entry):
        key = keys[-1]
        if key is None:
            if not isinstance(node, Text):
                raise RuleError(node.line, "a key should be a text")
            keys[-1] = node
            return
        if key.text in parent.fields:
            parent.twice = key
        parent.fields[key.text] = node
        parent.line_of_key[key.text] = key.line
        keys[-1] = None


def _text_of(key: str, node: Node) -> str:
    if not isinstance(node, Text) or not node.text:
        raise RuleError(node.line, f"{key!r} should be a list of texts")
    return node.text
